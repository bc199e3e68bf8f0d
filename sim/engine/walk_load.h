// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_WALK_LOAD_H
#define SURETY_ENGINE_WALK_LOAD_H

#include "models/carry.h"
#include "sim/engine/saturation.h"
#include "sim/scenario/plan.h"

#include <stddef.h>
#include <stdint.h>

// The load on each route while a walk is under way, and what it does there. The stretch has a level of load
// (sim/scenario/plan_loads.h); the tree says how many attempts reach each provider per request of the architecture; what
// a provider refuses moves load on to others. The steady state of all this together is found by iteration from an empty
// system, so that of several steady states it is the one with the least load.
//
// What a provider makes of a load is computed when it is first met and kept.

struct surety_walk;
struct surety_load_scenes;

struct surety_walk_load {
    const struct surety_plan_loads *loads;
    size_t epoch;        // of the stretch under way
    uint32_t level;      // loads->level[epoch]
    int64_t next_us;     // where the next epoch begins; SURETY_NEVER: no other
    double *attempts;    // of each node: attempts per request of the root, as the tree stands
    double *per_request; // of each provider: the same of all its leaves; at limited ones the largest while iterating
    uint32_t *now;       // of each provider: its state in `kept`; SURETY_NO_CARRY: nobody is refused
    double *spill;       // of each node: share of its requests that a full leaf would pass on
    const double **child_spill; // all views' pointers into it
    double *f_before;           // scratch, of each node
    bool passes_on;             // some provider has `overload: next`
    bool never_books;           // how full providers are is of no interest
    bool coarse;                // nodes ask for composed responses, which are dear: attempts are rounded to 1/512
    // states that were met
    struct surety_carry *kept;
    uint64_t *keys;
    size_t n, room;
    uint32_t *slots; // open addressing: index + 1
    size_t n_slots;
    // whole trees that were met
    struct surety_load_scenes *scenes; // NULL: not kept
    uint32_t scene;                    // the one the tree is in; SURETY_NO_SCENE: none
    int64_t since_us;                  // start of the stretch under way
    bool out_of_memory;
};

// NULL in *out when no provider of the architecture has limits.
enum surety_err surety_walk_load_create(const struct surety_plan *plan,
                                        const struct surety_plan_architecture *architecture,
                                        struct surety_walk_load **out);
void surety_walk_load_destroy(struct surety_walk_load *load); // accepts NULL

// Forgets the last replication: nobody is refused. Before the leaves are reset.
void surety_walk_load_reset(struct surety_walk *walk);

// A new replication, the tree as it stands at the term's start.
void surety_walk_load_start(struct surety_walk *walk);

// True when an epoch begins at now_us: the level is its now.
bool surety_walk_load_turn(struct surety_walk *walk, int64_t now_us);

// The tree is settled at now_us: finds where the load goes, lets the controllers see what it does there, and again until
// nothing moves.
void surety_walk_load_settle(struct surety_walk *walk, int64_t now_us);

// The stretch under way ends at now_us: to be called before anything changes.
void surety_walk_load_book(struct surety_walk *walk, int64_t now_us);

// All stretches are in the walk's books: to be called before they are read.
void surety_walk_load_close(struct surety_walk *walk);

// Whether the walk under way is one of those that are recorded.
bool surety_walk_load_books(const struct surety_walk *walk);

// The level is that of the epoch from now on; the tree is as it was.
void surety_walk_load_enter(struct surety_walk_load *load, size_t epoch);

// Of the settled tree: surety_walk_rates and the state of the root's latency, looked up where they are known.
const double *surety_walk_load_rates(struct surety_walk *walk);
uint32_t surety_walk_load_latency(struct surety_walk *walk);

// What the provider makes of its load at present; NULL: nothing.
const struct surety_carry *surety_walk_carry(const struct surety_walk *walk, uint32_t provider);
// Names what this does to the requests; 0: nothing.
uint64_t surety_walk_carry_key(const struct surety_walk *walk, uint32_t provider);

// Share failing at a leaf of the provider where outages fail the share f: 1 - (1 - f) (1 - refused).
double surety_walk_load_failing(const struct surety_walk *walk, uint32_t provider, double f);

// Requests a second of workload `demand` that reach node `node`, leaves among them, as the tree stands at this level.
static inline double surety_walk_load_of(const struct surety_walk_load *load, size_t n_demands, uint32_t node,
                                         size_t demand)
{
    return load->attempts[node] * load->loads->rate_per_s[load->level * n_demands + demand];
}

#endif
