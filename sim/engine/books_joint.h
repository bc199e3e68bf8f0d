// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_BOOKS_JOINT_H
#define SURETY_ENGINE_BOOKS_JOINT_H

#include "sim/base/histogram.h"
#include "sim/engine/books_latency.h"
#include "sim/engine/walk.h"

#include <stdbool.h>
#include <stdint.h>

// What is kept of tiers that promise quality or cost: each dimension by itself and each pair, which of them fails first,
// and what the samples of quality read against what is true. Integers only, so that workers' books add up in any order.

enum surety_dimension {
    SURETY_DIMENSION_AVAILABILITY,
    SURETY_DIMENSION_LATENCY,
    SURETY_DIMENSION_QUALITY,
    SURETY_DIMENSION_COST,
    SURETY_N_DIMENSIONS
};
extern const char *const surety_dimension_names[SURETY_N_DIMENSIONS];

// Sums of money: exact, so that they may be added in any order.
struct surety_money_books {
    __int128 sum_micro, sum_squared_milli; // the squares of thousandths
};

struct surety_tier_joint_books {
    struct surety_dimension_books dimensions[SURETY_N_DIMENSIONS];
    uint64_t n_both_met[SURETY_N_DIMENSIONS][SURETY_N_DIMENSIONS]; // windows, first < second
    uint64_t
        n_first[SURETY_N_DIMENSIONS]; // in twelfths: terms whose first window missed misses it, shared by all that do
    // `terminate`: terms in which the customer may leave, the windows (from 1) in which he first may, the fees after them
    uint64_t n_left, sum_window_left;
    __int128 sum_fees_left;
    struct surety_money_books net;            // credits of a term less what providers give back
    struct surety_signed_histogram net_micro; // the same; with a fee and `recovers`
};

// A promise of quality, in windows.
struct surety_target_books {
    uint64_t n_read_met, n_true_met;
    uint64_t n_false; // true, and read as a miss
    uint64_t n_blind; // a miss, and read as met
};

// A suite's check, over all windows with answers.
struct surety_check_books {
    struct surety_histogram wrong_ppb; // 1 - true rate
    uint64_t n, sum_right_ppb;
    uint64_t n_cases, n_passed;
};

struct surety_joint_books {
    const struct surety_plan *plan;
    uint64_t n_terms;
    bool *is_known;                      // of each suite: on all routes; NULL: no suites
    uint64_t *n_costs_met;               // of each promise of cost: windows
    struct surety_money_books recovered; // of a term
    struct surety_money_books bill;      // of a window
    bool *late;                          // scratch: n_windows
    struct surety_tier_joint_books *tiers;
    struct surety_target_books *targets;
    struct surety_check_books *checks;
};

struct surety_summary;
struct surety_books;
struct surety_architecture_result;

// NULL in *out where nothing of this is promised or measured. SURETY_E_MEMORY.
enum surety_err surety_joint_books_create(const struct surety_plan *plan, const struct surety_walk *walk,
                                          struct surety_joint_books **out);
void surety_joint_books_destroy(struct surety_joint_books *books); // accepts NULL

// Enters the replication that the walk has just walked, the last of the books to do so.
void surety_joint_books_enter(struct surety_books *books, const struct surety_walk *walk);
void surety_joint_books_merge(struct surety_joint_books *into, const struct surety_joint_books *from);

// Into the result, whose tiers are filled, those of latency too. False when memory is out.
bool surety_joint_books_report(struct surety_summary *summary, const struct surety_books *books,
                               struct surety_architecture_result *out);

// The first window, from 0, at whose end `misses` of the last `within` windows are missed; n: none is.
size_t surety_first_leave(const bool *missed, size_t n, int64_t misses, int64_t within);

// The dimensions of the tier that the window misses, as bits; after a walk.
unsigned surety_missed_dimensions(const struct surety_walk *walk, size_t tier, size_t window);

// The dimensions that a tier promises, as bits.
unsigned surety_tier_dimensions(const struct surety_plan *plan, size_t tier);

#endif
