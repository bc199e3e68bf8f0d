// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_BOOKS_H
#define SURETY_ENGINE_BOOKS_H

#include "sim/base/err.h"
#include "sim/base/histogram.h"
#include "sim/engine/blame.h"
#include "sim/engine/books_latency.h"
#include "sim/engine/books_traffic.h"
#include "sim/engine/walk.h"

#include <stdint.h>

// What is kept of the replications of one architecture. Integers may be added in any order, so each worker has books
// of its own and they are added at the end; doubles are summed inside a chunk only, see enum surety_sum.

// Doubles of one chunk and one architecture, summed over its replications: the fixed ones, then four of each tier, then
// one of each workload, then those of each provider's reserved units. Unavailability, not availability: the small number keeps its digits.
enum surety_sum {
    SURETY_SUM_UNAVAILABILITY, // of a term, in [0, 1]
    SURETY_SUM_UNAVAILABILITY_SQUARED,
    SURETY_SUM_DOWNTIME_S, // mean of a term's windows
    SURETY_SUM_DOWNTIME_S_SQUARED,
    SURETY_SUM_COST, // mean of a term's windows, in currency
    SURETY_SUM_COST_SQUARED,
    SURETY_N_FIXED_SUMS
};
enum surety_tier_sum {
    SURETY_SUM_CREDITS, // of a term, in currency
    SURETY_SUM_CREDITS_SQUARED,
    SURETY_SUM_MARGIN, // mean of a term's windows, in currency
    SURETY_SUM_MARGIN_SQUARED,
    SURETY_N_TIER_SUMS
};

size_t surety_n_sums(const struct surety_plan *plan);
size_t surety_tier_sum(size_t tier, enum surety_tier_sum sum);
size_t surety_task_cost_sum(const struct surety_plan *plan, size_t demand);   // mean of a term's windows, per task
size_t surety_reserved_sums(const struct surety_plan *plan, size_t reserved); // the first, sim/engine/books_reserved.h

struct surety_joint_books;

struct surety_tier_books {
    uint64_t n_windows_met, n_terms_met;
    uint64_t sum_missed_squared; // of the number of windows missed in a term
    uint64_t *n_missed;          // n_windows + 1: terms by that number
    // With a fee, in millionths: credits of a term, and by how much a window's margin stays below the largest fee.
    struct surety_histogram credits, margin_shortfall;
    int64_t cap_term_micro, top_fee_micro;
    int64_t term_credits_micro; // of the last term entered; with a fee
};

struct surety_books {
    const struct surety_plan *plan;
    uint64_t n_terms;
    // Unavailability in 1e-12 by the contract's measure, downtime in microseconds.
    struct surety_histogram window_unavailability, term_unavailability, worst_window, p10_window, downtime_us;
    struct surety_histogram cost_micro;  // of a window; with prices
    struct surety_histogram *task_costs; // of each workload: a window's cost per task, in millionths
    double *tasks;                       // n_windows x n_demands
    int64_t *cost;                       // scratch: of each window, in millionths
    double *normal_share, *most_share;   // of each of plan->reserved: requests that come per request, normally; at most
    struct surety_blame blame;
    struct surety_traffic_books traffic;
    struct surety_latency_books *latency; // NULL: none are known
    struct surety_joint_books *joint;     // NULL: nothing of it
    bool *is_missed;                      // scratch: n_tiers x n_windows; with latency
    double *record;                       // credits of each term of tier record_tier go here; NULL: nowhere
    size_t record_tier;
    struct surety_tier_books *tiers;
    int64_t *budgets;        // n_tiers x n_windows: largest bad count that meets the target
    int64_t *free_of_credit; // n_tiers x n_windows: largest bad count that gives no credit
    int64_t *worst;          // scratch: the worst windows of the term, falling
    size_t n_worst;          // nearest rank of the 10 % window
};

// counted of each window by the contract's meter comes from `walk`, which the books outlive.
enum surety_err surety_books_init(struct surety_books *books, const struct surety_plan *plan,
                                  const struct surety_walk *walk);
void surety_books_finish(struct surety_books *books);

// Goes on with another plan of the same shape, on which `walk` stands, not walked yet: another draw of the
// uncertain inputs.
void surety_books_follow(struct surety_books *books, const struct surety_plan *plan, const struct surety_walk *walk);

// Enters the replication that `walk` has just walked. sums: surety_n_sums doubles of the chunk.
void surety_books_enter(struct surety_books *books, const struct surety_walk *walk, double *sums);

// into += from; both of the same plan.
void surety_books_merge(struct surety_books *into, const struct surety_books *from);

#endif
