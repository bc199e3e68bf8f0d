// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_WALK_LATENCY_H
#define SURETY_ENGINE_WALK_LATENCY_H

#include "sim/engine/latency_states.h"
#include "sim/engine/walk.h"

#include <stdbool.h>
#include <stdint.h>

// The latency of one architecture in one world: between two boundaries the law is that of the architecture's state, and
// a window is judged by the integral of demand x share answered in time. Nothing is drawn but the customer's probes.

// Replications of which the weights of all states are kept, for percentiles of months: the first chunk.
#define SURETY_LATENCY_RECORDED 4096

// Cells of 5 minutes under way, of one target.
struct surety_latency_cells {
    double good, of; // requests in time, requests that count, so far in the cell
    int64_t n_bad;   // cells of the window that miss the percentile
};

struct surety_walk_latency {
    const struct surety_plan *plan;
    struct surety_latency_states states;
    bool *overrides;      // of each node: its f and load come from its response
    bool any_override;    // some
    bool reports;         // stretches are booked: the architecture's latencies are known
    uint32_t now, normal; // state of the root; of the stretch under way, when everything works
    int64_t since_us;
    size_t window; // of the last stretch
    // n_windows x n_targets
    double *good, *of;                  // of this replication after close: requests in time, requests that count
    double *good_normal, *of_normal;    // when everything works throughout
    struct surety_latency_cells *cells; // n_targets
    int64_t *n_bad_cells;               // n_windows x n_targets
    bool has_cells;
    bool *missed;        // n_windows x n_tiers: a promise of the tier was missed; after close
    bool *target_missed; // n_windows x n_targets
    // weights of states, in the first SURETY_LATENCY_RECORDED replications
    bool records;
    double *weight;   // n_windows x n_demands x room_weight: requests while in the state
    double *requests; // n_windows x n_demands: all
    double *others;   // n_windows x n_demands: while not in the normal state
    size_t room_weight;
    bool out_of_memory;
};

// Allocates when the plan knows of latencies, else *out is NULL. The walk's tree need not be started yet.
enum surety_err surety_walk_latency_create(const struct surety_plan *plan,
                                           const struct surety_plan_architecture *architecture,
                                           struct surety_walk_latency **out);
void surety_walk_latency_destroy(struct surety_walk_latency *latency); // accepts NULL

// The tree stands as it does when everything works: what each window reads then.
enum surety_err surety_walk_latency_normal(struct surety_walk *walk);

// Share failing at a node that overrides.
double surety_walk_latency_failing(struct surety_walk *walk, uint32_t node);

// Attempts per request at the routes of a node that overrides.
const double *surety_walk_latency_load(struct surety_walk *walk, uint32_t node);

// The state that the root of the settled tree is in.
uint32_t surety_walk_latency_state(struct surety_walk *walk);

// A replication begins in a state of the root; `state` holds from now_us on; the term is over.
void surety_walk_latency_start(struct surety_walk *walk, uint32_t state);
void surety_walk_latency_turn(struct surety_walk *walk, int64_t now_us, uint32_t state);
void surety_walk_latency_close(struct surety_walk *walk);

// A promise of latency of the tier was missed in the window.
static inline bool surety_walk_latency_missed(const struct surety_walk *walk, size_t tier, size_t window)
{
    const struct surety_walk_latency *l = walk->latency;
    return l != NULL && l->reports && l->missed[window * l->plan->n_tiers + tier];
}

#endif
