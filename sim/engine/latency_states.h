// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_LATENCY_STATES_H
#define SURETY_ENGINE_LATENCY_STATES_H

#include "models/response.h"
#include "sim/scenario/plan.h"

#include <stdbool.h>
#include <stdint.h>

// Composed responses of the subtrees of one architecture, each composed when its state is first met and kept: a state
// is what is on at the providers that serve, what their load does to them, and which routes they are. Pure functions of the plan, so that it does not
// matter which worker composes what.

// Points of the table of a distribution function, spaced evenly in log time.
#define SURETY_LATENCY_POINTS 1024

struct surety_walk;

// A subtree in one state.
struct surety_latency_state {
    uint64_t key;
    double served; // share of the requests that are answered
    double *load;  // of each route: attempts per request; leaves: NULL
    struct surety_response response;
    // of the root, when the architecture reports latencies:
    double *good;  // of each target: share of all requests that is answered in time
    double *table; // of each channel and point: share of all requests that is answered by then;
                   // NULL when nobody asks
};

struct surety_latency_states {
    const struct surety_plan *plan;
    const struct surety_plan_architecture *architecture;
    bool reports;                        // the latencies of all routes are known
    size_t n_channels;                   // first token; with has_whole end to end of each workload
    double *times_s;                     // SURETY_LATENCY_POINTS
    struct surety_latency_state *states; // n, in the order in which they were met; room for more
    size_t n, room;
    uint32_t *slots; // open addressing: index + 1
    size_t n_slots;
    struct surety_arena arena; // what is kept
    // of each node as it was looked up last: nothing is hashed while nothing changes
    bool *stale;           // something at or below the node may have changed since
    uint32_t *last;        // its state; UINT32_MAX: none
    uint64_t *last_active; // leaves: what was on
    uint64_t *last_carry;  // leaves: what the load did
    double *shares;        // of each child, where the node's children are listed
    uint32_t *children;    // states of each child, likewise
    double *scratch;       // n_nodes
    bool out_of_memory;
};

enum surety_err surety_latency_states_init(struct surety_latency_states *states, const struct surety_plan *plan,
                                           const struct surety_plan_architecture *architecture);
void surety_latency_states_finish(struct surety_latency_states *states);

// Something changed at a node: it and what is above it are to be looked up again.
static inline void surety_latency_touch(struct surety_latency_states *states, uint32_t node)
{
    for (; node != UINT32_MAX; node = states->architecture->nodes[node].parent)
        states->stale[node] = true;
}

// The index of the state that the subtree of `node` is in. Cost: some 20 ns a node; milliseconds when it is new.
uint32_t surety_latency_state_of(struct surety_latency_states *states, const struct surety_walk *walk, uint32_t node);

#endif
