// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_LATENCY_MONTHS_H
#define SURETY_ENGINE_LATENCY_MONTHS_H

#include "sim/engine/result.h"
#include "sim/scenario/plan.h"

#include <stdbool.h>
#include <stdint.h>

// The percentiles that each window of each recorded term read: how they lie over the terms, window by window. Terms are
// recorded by one worker, so the values need no order among workers.

// A metric of a workload at a percentile: p95 of all, and what tiers promise.
struct surety_month_series {
    size_t demand, metric; // 0: first token, 1: end to end
    double percentile;     // 95
};

struct surety_latency_months {
    size_t n_windows, n_terms; // terms so far
    size_t room;               // terms
    struct surety_month_series *series;
    size_t n_series;
    double *values_s; // [series][window][term]: INFINITY, beyond what was computed; NAN, nothing was answered
};

// What is recorded at most of each series: with more windows fewer terms are.
#define SURETY_MONTHS_VALUES ((size_t)1 << 20)

// n_terms: recorded at most. n_metrics: of a workload, 1 or 2. SURETY_E_MEMORY; to be given to `finish` in every case.
enum surety_err surety_latency_months_init(struct surety_latency_months *months, const struct surety_plan *plan,
                                           size_t n_metrics, size_t n_terms);
void surety_latency_months_finish(struct surety_latency_months *months);

// What a window of the term under way read. The term is over when all its windows have been put.
static inline void surety_latency_months_put(struct surety_latency_months *months, size_t series, size_t window,
                                             double value_s)
{
    if (months->n_terms < months->room)
        months->values_s[(series * months->n_windows + window) * months->room + months->n_terms] = value_s;
}

static inline void surety_latency_months_next(struct surety_latency_months *months)
{
    months->n_terms += months->n_terms < months->room;
}

// Takes over the terms of another worker where this one has none: one of all has any.
void surety_latency_months_merge(struct surety_latency_months *into, const struct surety_latency_months *from);

// Lists in `out` the metric's percentiles, rising, and of each the quantiles of every window. False when memory is out.
bool surety_latency_months_report(const struct surety_latency_months *months, size_t demand, size_t metric,
                                  struct surety_arena *arena, struct surety_latency_metric *out);

#endif
