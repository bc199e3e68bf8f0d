// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/walk_load.h"

#include "sim/engine/walk.h"
#include "sim/engine/walk_tree.h"

#include <stdlib.h>

static void enter(struct surety_walk_load *load, size_t epoch)
{
    const struct surety_plan_loads *loads = load->loads;
    load->epoch = epoch;
    load->level = loads->level[epoch];
    load->next_us = epoch + 1 < loads->n_epochs ? loads->from_us[epoch + 1] : SURETY_NEVER;
}

enum surety_err surety_walk_load_create(const struct surety_plan *plan,
                                        const struct surety_plan_architecture *architecture,
                                        struct surety_walk_load **out)
{
    *out = NULL;
    if (!plan->loads.on)
        return SURETY_OK;
    struct surety_walk_load *load = calloc(1, sizeof *load);
    if (load == NULL)
        return SURETY_E_MEMORY;
    load->loads = &plan->loads;
    load->attempts = calloc(architecture->n_nodes, sizeof *load->attempts);
    if (load->attempts == NULL) {
        surety_walk_load_destroy(load);
        return SURETY_E_MEMORY;
    }
    enter(load, 0);
    *out = load;
    return SURETY_OK;
}

void surety_walk_load_destroy(struct surety_walk_load *load)
{
    if (load == NULL)
        return;
    free(load->attempts);
    free(load);
}

void surety_walk_load_start(struct surety_walk *walk)
{
    enter(walk->carried, 0);
    surety_walk_attempts(walk, walk->carried->attempts);
}

bool surety_walk_load_turn(struct surety_walk *walk, int64_t now_us)
{
    if (now_us < walk->carried->next_us)
        return false;
    enter(walk->carried, walk->carried->epoch + 1);
    return true;
}

void surety_walk_load_settle(struct surety_walk *walk, int64_t now_us)
{
    (void)now_us;
    surety_walk_attempts(walk, walk->carried->attempts);
}
