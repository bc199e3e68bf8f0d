// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/group_world.h"

#include "sim/base/sampler_table.h"
#include "sim/scenario/uncertain.h"

#include <stdlib.h>

#define NOWHERE UINT64_MAX

enum surety_err surety_group_world_init(struct surety_group_world *world, const struct surety_scenario *scenario,
                                        const struct surety_plan *plan, size_t architecture, uint64_t seed, bool flat)
{
    *world = (struct surety_group_world){
        .scenario = scenario, .base = plan, .architecture = architecture, .seed = seed, .group = NOWHERE, .flat = flat};
    if (scenario->uncertain == NULL)
        return SURETY_OK;
    world->tables = surety_table_cache_create();
    world->values = calloc(2 * scenario->uncertain->n, sizeof *world->values);
    return world->tables != NULL && world->values != NULL ? SURETY_OK : SURETY_E_MEMORY;
}

static void leave(struct surety_group_world *world)
{
    if (world->has_walk)
        surety_walk_finish(&world->walk);
    if (world->has_timeline)
        surety_timeline_finish(&world->timeline);
    world->has_walk = world->has_timeline = false;
    surety_plan_draw_finish(&world->draw);
    world->group = NOWHERE;
}

void surety_group_world_finish(struct surety_group_world *world)
{
    leave(world);
    surety_table_cache_destroy(world->tables);
    free(world->values);
}

enum surety_err surety_group_world_visit(struct surety_group_world *world, uint64_t replication)
{
    const bool uncertain = world->scenario->uncertain != NULL;
    const uint64_t group = uncertain ? replication / SURETY_GROUP : 0;
    enum surety_err err = SURETY_OK;
    if (group == world->group)
        return SURETY_OK;
    leave(world);
    if (uncertain)
        err = surety_plan_draw(world->scenario, world->base, world->seed, group, world->tables, world->values,
                               &world->draw);
    if (err != SURETY_OK)
        return err;
    world->plan = uncertain ? world->draw.plan : world->base;
    err = surety_timeline_init(&world->timeline, world->plan, surety_kernel_best(), world->seed);
    world->has_timeline = err == SURETY_OK;
    if (err == SURETY_OK)
        err = surety_walk_init(&world->walk, world->plan, &world->plan->architectures[world->architecture], world->seed,
                               world->flat);
    world->has_walk = err == SURETY_OK && world->has_timeline;
    if (err == SURETY_OK)
        world->group = group;
    return err;
}
