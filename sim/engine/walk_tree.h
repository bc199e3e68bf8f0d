// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_WALK_TREE_H
#define SURETY_ENGINE_WALK_TREE_H

#include "sim/engine/walk.h"

// What the walk does to the tree at one instant; used by walk*.c only.

// Share of a provider's requests that fail while the effects in the set are on: 1 - prod(1 - failing_i), request errors
// among them.
double surety_walk_share_failing(const struct surety_plan *plan, uint32_t provider, uint64_t active);

// Asks the timeline for a cursor's boundaries and stands before the first. A walk without a timeline sees no outage.
void surety_walk_open(struct surety_walk *walk, struct surety_cursor *cursor);

// Attempts that reach each node per request of the architecture as the tree stands, into attempts[n_nodes].
void surety_walk_attempts(struct surety_walk *walk, double *attempts);

// Cost per request of each workload as the tree stands, in walk->rates; NULL when nothing has a price.
const double *surety_walk_rates(struct surety_walk *walk);

// What the contract makes of the tree as it stands, with the share *f failing: it may count as up.
enum surety_treatment surety_walk_treat(const struct surety_walk *walk, double *f);

// The share failing is f from now_us on, as the contract counts it: hands what ends to the meters.
void surety_walk_change(struct surety_walk *walk, int64_t now_us, double f, bool is_excluded);

// The term starts with the share f failing at the root and `rate` as the costs.
void surety_walk_begin(struct surety_walk *walk, double f, const double *rate);

// The share failing at the root is f and the costs are `rate` from now_us on: hands what ends to meters and books. To
// be called at every settled instant, changed or not.
void surety_walk_turn_at(struct surety_walk *walk, int64_t now_us, double f, const double *rate);
static inline void surety_walk_turn(struct surety_walk *walk, int64_t now_us, double f, const double *rate)
{
    // A quiet instant, such as a return to the first route, concerns nobody.
    if (f != walk->f_root || walk->blame.is_down || rate != NULL || walk->plan->has_treatments)
        surety_walk_turn_at(walk, now_us, f, rate);
}

// The share failing at a node whose own routes are up to date; a controller takes a step.
double surety_walk_evaluate(struct surety_walk *walk, uint32_t i, int64_t now_us);

// Every leaf as if no outage were on.
void surety_walk_reset_leaves(struct surety_walk *walk);

// The whole tree at the term's start, controllers settled. Leaves are taken to be up until somebody watches them.
void surety_walk_start_nodes(struct surety_walk *walk);

// Passes the boundary of a cursor that is due.
void surety_walk_pass(struct surety_walk *walk, struct surety_cursor *cursor);

// Marks the controllers whose timer is due.
void surety_walk_ring(struct surety_walk *walk, int64_t now_us);

// Updates the marked nodes, children before parents.
void surety_walk_settle(struct surety_walk *walk, int64_t now_us);

// Updates the nodes that are evaluated only on demand.
void surety_walk_evaluate_lazy(struct surety_walk *walk, int64_t now_us);

#endif
