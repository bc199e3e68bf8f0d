// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_WALK_LOAD_H
#define SURETY_ENGINE_WALK_LOAD_H

#include "sim/scenario/plan.h"

#include <stddef.h>
#include <stdint.h>

// The load on each route while a walk is under way: the level of the stretch (sim/scenario/plan_loads.h) and how many
// attempts reach each node per request of the architecture.

struct surety_walk;

struct surety_walk_load {
    const struct surety_plan_loads *loads;
    size_t epoch;     // of the stretch under way
    uint32_t level;   // loads->level[epoch]
    int64_t next_us;  // where the next epoch begins; SURETY_NEVER: no other
    double *attempts; // of each node: attempts per request of the root, as the tree stands
};

// NULL in *out when no provider of the plan has limits.
enum surety_err surety_walk_load_create(const struct surety_plan *plan,
                                        const struct surety_plan_architecture *architecture,
                                        struct surety_walk_load **out);
void surety_walk_load_destroy(struct surety_walk_load *load); // accepts NULL

// A new replication, the tree as it stands at the term's start.
void surety_walk_load_start(struct surety_walk *walk);

// True when an epoch begins at now_us: the level is its now.
bool surety_walk_load_turn(struct surety_walk *walk, int64_t now_us);

// The tree is settled at now_us: looks where the load goes.
void surety_walk_load_settle(struct surety_walk *walk, int64_t now_us);

// Requests a second of workload `demand` that reach node `node`, leaves among them, as the tree stands at this level.
static inline double surety_walk_load_of(const struct surety_walk_load *load, size_t n_demands, uint32_t node,
                                         size_t demand)
{
    return load->attempts[node] * load->loads->rate_per_s[load->level * n_demands + demand];
}

#endif
