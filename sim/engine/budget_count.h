// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_BUDGET_COUNT_H
#define SURETY_ENGINE_BUDGET_COUNT_H

#include "sim/engine/burn.h"
#include "sim/engine/result.h"
#include "sim/scenario/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What becomes of one error budget over many terms: what is left of it at each day's end, and what alerts on its burn rate
// would say. Whoever knows what was lost tells it term by term.

#define SURETY_BUDGET_CUT 1e-9        // of the budget: rounding of what is lost
#define SURETY_BUDGET_MOST_DAYS 400   // of a window
#define SURETY_BUDGET_MOST_FIRES 4096 // of one alert in one term

struct surety_budget_numbers {
    double *list;
    size_t n, room;
};

struct surety_budget_alert_count {
    struct surety_budget_numbers detect, lead;
    uint64_t n_fired, n_false, n_preceded;
};

struct surety_budget_count {
    const struct surety_scenario *scenario;
    const struct surety_plan *plan;
    double share;  // of what comes that may be lost: an alert asks for its burn times as much
    double always; // lost share of what comes when everything works
    size_t n_days;
    double *left; // day x window of a term: n_left each, (n_days + 1) rows
    size_t n_left, n_windows_seen;
    uint64_t n_terms, n_gone;
    struct surety_budget_alert_count *alerts; // of the contract, then any of them
    size_t n_alerts;
    double *gone;        // of each window of the term: when its budget was used up; INFINITY: kept
    double *fired, *all; // scratch: of one alert; of all
    double *began;       // scratch: of each of them
    bool no_alerts;      // they are not asked for
    bool out_of_memory;
};

// What was lost in a term.
struct surety_budget_spending {
    const struct surety_burn *burn; // prepared
    const double *budgets;          // of each window, what may be lost; NULL: the count's share of what comes
    // What an alert sees, prepared: shares of what comes at least `threshold` make it fire. NULL: `burn`.
    const struct surety_burn *(*seen)(void *context, double threshold);
    void *context;
};

// Days of the longest window; 0: more than are told.
size_t surety_budget_days(const struct surety_plan *plan);

// Allocates for n_terms. SURETY_E_MEMORY; finish is to be called all the same.
enum surety_err surety_budget_count_init(struct surety_budget_count *count, const struct surety_scenario *scenario,
                                         const struct surety_plan *plan, uint64_t n_terms, double share);
void surety_budget_count_finish(struct surety_budget_count *count);

// Enters a term.
void surety_budget_count_enter(struct surety_budget_count *count, const struct surety_budget_spending *spending);

// The same in parts, for what is lost in lumps: what is left of a window's budget by the end of a day, once each; then that
// the window is over, with count->gone[window]; then the instants at which an alert fires, rising, and when what it
// fires on began (NAN: nothing did); `alert`: n_alerts - 1 is any of them.
void surety_budget_count_left(struct surety_budget_count *count, size_t day, double left);
void surety_budget_count_window(struct surety_budget_count *count, size_t window);
void surety_budget_count_fired(struct surety_budget_count *count, size_t alert, const double *fired,
                               const double *began, size_t n);

// What came out, in the arena; dimension, promise, tier, how and note are the caller's to set. NULL when memory is out.
struct surety_budget *surety_budget_count_report(struct surety_budget_count *count, struct surety_arena *arena);

#endif
