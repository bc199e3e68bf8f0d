// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_GROUP_WORLD_H
#define SURETY_ENGINE_GROUP_WORLD_H

#include "sim/engine/walk.h"
#include "sim/scenario/scenario.h"

// One architecture's walk through single replications, each on the draw of its group where inputs are uncertain.

struct surety_group_world {
    const struct surety_scenario *scenario; // at the means
    const struct surety_plan *base;
    size_t architecture;
    uint64_t seed, group; // group: UINT64_MAX: nowhere yet
    bool flat;
    const struct surety_plan *plan; // of the replication
    struct surety_plan_draw draw;
    struct surety_table_cache *tables;
    double *values;
    struct surety_timeline timeline;
    struct surety_walk walk;
    bool has_timeline, has_walk;
};

// flat: see surety_walk_init. SURETY_E_MEMORY; then finish is to be called all the same.
enum surety_err surety_group_world_init(struct surety_group_world *world, const struct surety_scenario *scenario,
                                        const struct surety_plan *plan, size_t architecture, uint64_t seed, bool flat);
void surety_group_world_finish(struct surety_group_world *world);

// Goes to where `replication` is walked: world->plan, world->walk and world->timeline are its own, not yet begun.
enum surety_err surety_group_world_visit(struct surety_group_world *world, uint64_t replication);

#endif
