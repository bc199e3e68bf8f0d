// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_GROUPS_H
#define SURETY_ENGINE_GROUPS_H

#include "sim/base/err.h"
#include "sim/engine/books.h"
#include "sim/engine/books_joint.h"
#include "sim/scenario/plan.h"
#include "sim/scenario/scenario.h"

#include <stdatomic.h>
#include <stdint.h>

// What a run with uncertain inputs keeps of its groups: SURETY_GROUP replications share one draw of the inputs, so that
// groups and not replications are independent. Every group writes its own place: no order, no lock.

// What a group counts of a tier.
enum surety_groups_what {
    SURETY_GROUPS_ALL,       // terms and windows in which all is met
    SURETY_GROUPS_DIMENSION, // and the next ones, by enum surety_dimension: in which that one is
    SURETY_GROUPS_LEAVES = SURETY_GROUPS_DIMENSION + SURETY_N_DIMENSIONS, // terms in which the customer may leave
    SURETY_GROUPS_N
};

struct surety_groups {
    const struct surety_plan *plan; // at the means
    uint64_t n;                     // groups
    size_t n_inputs;                // twice the scenario's list, see surety_plan_draw; some may be no inputs
    uint32_t *met;                  // [group][architecture][tier][SURETY_GROUPS_N][2]: terms, windows
    double *values;                 // [group][input]
    double *spread;                 // [chunk][architecture][2 * n_sums]: of groups' sums s and sizes k, s^2 and s k
    atomic_uint_fast64_t n_refused; // draws that were impossible
};

enum surety_err surety_groups_init(struct surety_groups *groups, const struct surety_plan *plan, size_t n_inputs,
                                   uint64_t n_replications, uint64_t n_chunks);
void surety_groups_finish(struct surety_groups *groups);

// Terms and windows that tier `tier` of architecture `architecture` met in a group, of SURETY_GROUPS_ALL; those of `what`
// stand at 2 * what.
uint32_t *surety_groups_met(const struct surety_groups *groups, uint64_t group, size_t architecture, size_t tier);

// A chunk's place in `spread`.
double *surety_groups_spread(const struct surety_groups *groups, uint64_t chunk, size_t architecture);

// A share met, over n_replications in groups: its mean, the variance between groups by one-way analysis of variance,
// its share of the variance of one term, and the standard error of the mean over groups.
struct surety_groups_share {
    double p, se;
    double between; // variance of the groups' true shares, >= 0
    double within;  // variance of one term around its group's share
};

// Of whole terms, or (windows) of the share of a term's windows. sum_missed_squared: of the windows missed in a term.
struct surety_groups_share surety_groups_share(const struct surety_groups *groups, uint64_t n_replications,
                                               size_t architecture, size_t tier, unsigned what, bool windows,
                                               uint64_t sum_missed_squared);

// Replaces each sum of squares among an architecture's totals by the one that gives the standard error over groups where
// n independent replications are assumed. n_chunks: those that were run.
void surety_groups_widen(const struct surety_groups *groups, uint64_t n_replications, uint64_t n_chunks,
                         size_t architecture, double *totals);

// Spearman's rank correlation of an input with the share of windows met; NAN when either does not vary.
double surety_groups_correlation(const struct surety_groups *groups, uint64_t n_replications, size_t input,
                                 size_t architecture, size_t tier);

#endif
