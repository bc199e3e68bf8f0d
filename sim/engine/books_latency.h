// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_BOOKS_LATENCY_H
#define SURETY_ENGINE_BOOKS_LATENCY_H

#include "sim/base/histogram.h"
#include "sim/engine/latency_months.h"
#include "sim/engine/walk.h"

#include <stdbool.h>
#include <stdint.h>

// What is kept of latencies: each tier's dimensions by themselves, which are integers over all terms, and the law of
// each metric with the months' 95th percentiles, over the first SURETY_LATENCY_RECORDED terms. Those are one chunk, so
// that one worker adds up its doubles.

// A promise by itself: of availability, of latency.
struct surety_dimension_books {
    uint64_t n_windows_met, n_terms_met, sum_missed_squared;
};

struct surety_tier_latency_books {
    struct surety_dimension_books availability, latency;
    uint64_t n_both_met; // windows
};

struct surety_latency_books {
    const struct surety_plan *plan;
    size_t n_metrics;      // of a workload: 1, with an end to end 2
    const double *times_s; // of the walk that the books were made for
    struct surety_tier_latency_books *tiers;
    uint64_t *n_targets_met; // windows in which each target is met
    uint64_t n_terms, n_recorded;
    double *table;                         // n_demands x n_metrics x SURETY_LATENCY_POINTS: requests answered by then
    double *answered, *all;                // n_demands: requests
    struct surety_histogram *month_p95_us; // n_demands x n_metrics
    struct surety_latency_months months;   // the same and the promised percentiles, window by window
    double *term_weight;                   // scratch: of each state
    size_t *order;                         // scratch: states
    size_t room_order;
};

struct surety_summary;
struct surety_books;
struct surety_architecture_result;

// NULL in *out where the walk reports no latencies. SURETY_E_MEMORY.
enum surety_err surety_latency_books_create(const struct surety_plan *plan, const struct surety_walk *walk,
                                            struct surety_latency_books **out);
void surety_latency_books_destroy(struct surety_latency_books *books); // accepts NULL

// Enters the replication that the walk has just walked. is_missed: n_tiers x n_windows, availability was missed.
void surety_latency_books_enter(struct surety_latency_books *books, const struct surety_walk *walk,
                                const bool *is_missed);

void surety_latency_books_merge(struct surety_latency_books *into, const struct surety_latency_books *from);

// Into the result, whose tiers are filled. False when memory is out.
bool surety_latency_books_report(struct surety_summary *summary, const struct surety_books *books,
                                 struct surety_architecture_result *out);

#endif
