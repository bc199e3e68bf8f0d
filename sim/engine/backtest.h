// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_BACKTEST_H
#define SURETY_ENGINE_BACKTEST_H

#include "sim/base/arena.h"
#include "sim/base/calendar.h"
#include "sim/base/diag.h"
#include "sim/base/err.h"
#include "sim/base/registry.h"
#include "sim/engine/scores.h"
#include "sim/fit/history.h"
#include "sim/scenario/scenario.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A backtest forecasts months that have passed already, each from nothing but the record before it, and scores what it
// said against what came: rolling origins. Two forecasters without a model are scored beside it.

enum surety_forecaster {
    SURETY_BY_MODEL,       // the scenario, its outages from the record before the origin
    SURETY_BY_CLIMATOLOGY, // the architecture's own past months; P(tier met) = (met + 1) / (months + 2)
    SURETY_BY_PUBLISHED,   // the product of the published availabilities, taken as certain
    SURETY_N_FORECASTERS
};
extern const char *const surety_forecaster_names[SURETY_N_FORECASTERS]; // "model", "climatology", "published"

struct surety_backtest_options {
    uint64_t seed, n_replications; // a forecast simulates so many terms of one month; month k with the seed + k
    unsigned n_threads;            // 0: one per processor
    size_t ahead;                  // >= 1: the n-th month after the origin is forecast, 1 the next one
    double min_history_s;          // an origin needs so much record of each provider that an architecture uses
    double published;              // availability that each provider publishes, in [0, 1]
    struct surety_belief_settings belief;
    // Called before each month; NULL: never.
    void (*progress)(void *context, uint64_t n_done, uint64_t n_total);
    void *progress_context;
};

// 16,384 terms, seed 1, the next month, 90 days, 99.9 %, the default belief.
void surety_backtest_options_default(struct surety_backtest_options *options);

// What is forecast. All is borrowed.
struct surety_backtest_input {
    const struct surety_registry *registry;
    const char *file, *text; // the scenario
    const struct surety_override *overrides;
    size_t n_overrides;
    struct surety_date first; // month 0: a first of a month
    const int64_t *months_us; // n_months + 1 boundaries, Unix time
    size_t n_months;
    const struct surety_history *histories; // of some or all providers
    size_t n_histories;
    const double *realised; // [architecture][month]: the availability that came; NAN where it was not watched
};

struct surety_backtest_forecast {
    size_t architecture, month; // month: also the cluster, for standard errors
    double realised;
    struct surety_forecast_interval intervals[SURETY_N_LEVELS]; // the model's
    struct surety_score scores[SURETY_N_FORECASTERS];
};

// Some forecasts together: those of one architecture, or all.
struct surety_backtest_group {
    const char *name;
    size_t n, first_month, last_month;
    struct surety_score means[SURETY_N_FORECASTERS];
    struct surety_score_gain gains[SURETY_N_FORECASTERS]; // of the model over each in mean CRPS; of itself 0
    struct surety_interval coverage[SURETY_N_LEVELS];     // of the model, at 95 %
};

struct surety_backtest_tier {
    const char *name;
    double target; // in [0, 1]
};

struct surety_backtest {
    struct surety_arena arena;
    const char *name, *file, *sha256; // of the scenario
    const char *measure;
    uint64_t seed, n_replications;
    size_t ahead;
    double min_history_s, published;
    struct surety_belief_settings belief;
    struct surety_date first; // month 0
    struct surety_backtest_tier *tiers;
    size_t n_tiers;
    struct surety_backtest_forecast *forecasts; // by architecture, then by month
    size_t n;
    struct surety_backtest_group *groups; // architectures with a forecast, the file's order
    size_t n_groups;
    struct surety_backtest_group all;
    struct surety_reliability bins[SURETY_N_FORECASTERS][SURETY_N_BINS];
    struct surety_brier_parts parts[SURETY_N_FORECASTERS];
};

// Runs it. SURETY_E_INPUT with diagnostics when the scenario is wrong, its window is no calendar month, it has more
// than SURETY_MOST_TARGETS tiers, or no month can be forecast.
enum surety_err surety_backtest_run(const struct surety_backtest_input *input,
                                    const struct surety_backtest_options *options, struct surety_diags *diags,
                                    struct surety_backtest **out);

void surety_backtest_destroy(struct surety_backtest *backtest); // accepts NULL

// The outages of history `index` as they are believed at `origin_us`: a flow map of YAML for the provider's `outages`.
// The other histories are its pool. NULL: memory is out.
const char *surety_backtest_outages(struct surety_arena *arena, const struct surety_history *histories,
                                    size_t n_histories, size_t index, int64_t origin_us,
                                    const struct surety_belief_settings *settings);

// What a spreadsheet of published availabilities gives: products along a chain, products of the failures of
// alternatives. Every provider publishes the same.
double surety_backtest_published(const struct surety_node *node, double published);

#endif
