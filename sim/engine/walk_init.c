// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/load_scenes.h"
#include "sim/engine/walk.h"
#include "sim/engine/walk_cost.h"
#include "sim/engine/walk_failover.h"
#include "sim/engine/walk_latency.h"
#include "sim/engine/walk_prices.h"
#include "sim/engine/walk_load.h"
#include "sim/engine/walk_quality.h"
#include "sim/engine/walk_scenes.h"
#include "sim/engine/walk_tree.h"

#include <math.h>
#include <stdlib.h>

static enum surety_err allocate(struct surety_walk *walk)
{
    const size_t n = walk->architecture->n_nodes, n_providers = walk->plan->n_providers;
    walk->n_dirty_words = (n + 63) / 64;
    const struct {
        void *array; // address of the pointer to fill
        size_t n, size;
    } table[] = {
        {&walk->f, n, sizeof *walk->f},
        {&walk->timer_us, n, sizeof *walk->timer_us},
        {&walk->position, n, sizeof *walk->position},
        {&walk->first_below, n, sizeof *walk->first_below},
        {&walk->n_watched, n, sizeof *walk->n_watched},
        {&walk->keeps_time, n, sizeof *walk->keeps_time},
        {&walk->state_size, n, sizeof *walk->state_size},
        {&walk->views, n, sizeof *walk->views},
        {&walk->rngs, n, sizeof *walk->rngs},
        {&walk->dirty, walk->n_dirty_words, sizeof *walk->dirty},
        {&walk->child_f, n, sizeof *walk->child_f},
        {&walk->state, walk->architecture->state_size + 1, 1},
        {&walk->saved_state, walk->architecture->state_size + 1, 1},
        {&walk->controllers, n, sizeof *walk->controllers},
        {&walk->leaves, n, sizeof *walk->leaves},
        {&walk->first_leaf, n_providers + 1, sizeof *walk->first_leaf},
        {&walk->active, n_providers, sizeof *walk->active},
        {&walk->n_in_sight, n_providers, sizeof *walk->n_in_sight},
        {&walk->always_in_sight, n_providers, sizeof *walk->always_in_sight},
        {&walk->cursors, walk->plan->n_effects + 1, sizeof *walk->cursors},
        {&walk->first_cursor, n_providers + 1, sizeof *walk->first_cursor},
        {&walk->load, n, sizeof *walk->load},
        {&walk->due_us, walk->plan->n_effects + 1, sizeof *walk->due_us},
        {&walk->lazy, n, sizeof *walk->lazy},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if ((*(void **)table[i].array = calloc(table[i].n, table[i].size)) == NULL)
            return SURETY_E_MEMORY;
    return SURETY_OK;
}

void surety_walk_finish(struct surety_walk *walk)
{
    for (size_t i = 0; i < SURETY_MAX_METERS; i++)
        surety_meter_finish(&walk->meters[i]);
    surety_ledger_finish(&walk->ledger);
    surety_blame_finish(&walk->blame);
    surety_walk_latency_destroy(walk->latency);
    surety_walk_load_destroy(walk->carried);
    surety_walk_quality_destroy(walk->quality);
    surety_walk_cost_destroy(walk->cost);
    surety_scenes_destroy(walk->scenes);
    void *const arrays[] = {
        walk->f,
        walk->timer_us,
        walk->position,
        walk->first_below,
        walk->n_watched,
        walk->keeps_time,
        walk->state_size,
        walk->views,
        walk->rngs,
        walk->dirty,
        (void *)walk->child_f,
        walk->state,
        walk->saved_state,
        walk->controllers,
        walk->leaves,
        walk->first_leaf,
        walk->active,
        walk->n_in_sight,
        walk->always_in_sight,
        walk->cursors,
        walk->first_cursor,
        walk->due_us,
        walk->lazy,
        walk->flat,
        walk->rates,
        walk->attempts,
        walk->load,
        walk->reserves,
    };
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        free(arrays[i]);
}

static void link_nodes(struct surety_walk *walk, uint64_t seed)
{
    const struct surety_plan_architecture *a = walk->architecture;
    for (uint32_t i = 0; i < a->n_nodes; i++) {
        const struct surety_plan_node *node = &a->nodes[i];
        const bool has_state = node->type != NULL && node->type->state_size != NULL;
        walk->timer_us[i] = SURETY_NEVER;
        walk->rngs[i] = (struct surety_rng){.key = surety_philox_key(seed), .stream = node->stream};
        walk->first_below[i] = i;
        walk->keeps_time[i] = has_state;
        walk->n_watched[i] = node->n_children; // what a node without a controller watches
        walk->state_size[i] = has_state ? node->type->state_size(node->n_children) : 0;
        for (uint32_t k = 0; k < node->n_children; k++) {
            const uint32_t child = a->children[node->first_child + k];
            walk->child_f[node->first_child + k] = &walk->f[child];
            walk->position[child] = k;
            walk->keeps_time[i] = walk->keeps_time[i] || walk->keeps_time[child];
            if (walk->first_below[child] < walk->first_below[i])
                walk->first_below[i] = walk->first_below[child];
        }
        walk->views[i] = (struct surety_node_view){
            .params = node->params,
            .state = has_state ? walk->state + node->state_offset : NULL,
            .n_children = node->n_children,
            .child_f = &walk->child_f[node->first_child],
            .child_spill = walk->carried != NULL && walk->carried->passes_on
                               ? &walk->carried->child_spill[node->first_child]
                               : NULL,
            .rng = &walk->rngs[i],
        };
        if (has_state)
            walk->controllers[walk->n_controllers++] = i;
    }
}

// True when some controller can put the leaf out of sight. The nearest one decides: a subtree with a controller of its
// own stays in sight whole, those further up see such a subtree.
static bool can_be_hidden(const struct surety_walk *walk, uint32_t leaf)
{
    const struct surety_plan_node *nodes = walk->architecture->nodes;
    if (walk->carried != NULL) // load may come to it at any time
        return false;
    for (uint32_t i = leaf; nodes[i].parent != UINT32_MAX; i = nodes[i].parent)
        if (walk->state_size[nodes[i].parent] > 0)
            return !walk->keeps_time[i];
    return false;
}

static void link_providers(struct surety_walk *walk)
{
    const struct surety_plan *plan = walk->plan;
    uint32_t n_leaves = 0, n_cursors = 0;
    for (uint32_t p = 0; p < plan->n_providers; p++) {
        walk->first_leaf[p] = n_leaves;
        walk->first_cursor[p] = n_cursors;
        for (uint32_t i = 0; i < walk->architecture->n_nodes; i++)
            if (walk->architecture->nodes[i].type == NULL && walk->architecture->nodes[i].provider == p) {
                walk->leaves[n_leaves++] = i;
                walk->always_in_sight[p] = walk->always_in_sight[p] || !can_be_hidden(walk, i);
            }
        if (n_leaves == walk->first_leaf[p])
            continue;
        for (uint32_t e = 0; e < plan->providers[p].n_effects; e++)
            walk->cursors[n_cursors++] = (struct surety_cursor){
                .effect = plan->providers[p].first_effect + e,
                .provider = p,
                .bit = UINT64_C(1) << e,
                .f_alone = surety_walk_share_failing(plan, p, UINT64_C(1) << e),
            };
    }
    walk->first_leaf[plan->n_providers] = n_leaves;
    walk->first_cursor[plan->n_providers] = n_cursors;
    walk->n_cursors = n_cursors;
}

static enum surety_err init_meters(struct surety_walk *walk, uint64_t seed)
{
    const struct surety_plan *plan = walk->plan;
    const struct surety_philox_key key = surety_philox_key(seed);
    enum surety_err err = surety_meter_init(&walk->meters[0], surety_meter_types[SURETY_METER_TIME], plan, key,
                                            walk->f_normal, plan->minimum_outage_us);
    if (err != SURETY_OK)
        return err;
    walk->n_meters = 1;
    if (plan->measure != SURETY_METER_TIME) {
        err = surety_meter_init(&walk->meters[1], surety_meter_types[plan->measure], plan, key, walk->f_normal,
                                plan->measures.shortest_run_us);
        if (err != SURETY_OK)
            return err;
        walk->n_meters = 2;
        walk->contract_meter = 1;
    }
    walk->n_own_meters = walk->n_meters;
    walk->report_normal = walk->meters[0].normal_is_bad;
    return SURETY_OK;
}

enum surety_err surety_walk_add_measures(struct surety_walk *walk)
{
    const struct surety_plan *plan = walk->plan;
    bool tasks = false;
    for (size_t d = 0; d < plan->n_demands; d++)
        tasks = tasks || plan->demands[d].requests_per_task > 1;
    for (int m = SURETY_METER_REQUESTS; m < SURETY_N_METERS; m++) {
        if (m == plan->measure || (m == SURETY_METER_TASKS && !tasks))
            continue;
        const enum surety_err err = surety_meter_init(&walk->meters[walk->n_meters], surety_meter_types[m], plan,
                                                      walk->meters[0].key, walk->f_normal, 0);
        if (err != SURETY_OK)
            return err;
        walk->n_meters++;
    }
    return SURETY_OK;
}

// The costs: when everything works, which is how the tree stands now.
static enum surety_err init_ledger(struct surety_walk *walk)
{
    const size_t n = walk->architecture->n_nodes;
    if (!walk->plan->has_costs)
        return SURETY_OK;
    walk->rates = calloc(walk->plan->n_demands + walk->plan->n_reserved, sizeof *walk->rates);
    walk->attempts = calloc(n, sizeof *walk->attempts);
    if (walk->rates == NULL || walk->attempts == NULL)
        return SURETY_E_MEMORY;
    walk->reserves = calloc(walk->plan->n_reserved + 1, sizeof *walk->reserves);
    if (walk->reserves == NULL)
        return SURETY_E_MEMORY;
    for (size_t r = 0; r < walk->plan->n_reserved; r++) {
        const uint32_t provider = walk->plan->reserved[r].provider;
        walk->reserves[r] = walk->first_leaf[provider] < walk->first_leaf[provider + 1];
        walk->reserves_any = walk->reserves_any || walk->reserves[r];
    }
    const enum surety_err err = surety_ledger_init(&walk->ledger, walk->plan, walk->plan->n_demands,
                                                   surety_walk_rates(walk), walk->reserves_any ? walk->reserves : NULL);
    if (err == SURETY_OK)
        surety_walk_add_measuring(walk);
    return err;
}

enum surety_err surety_walk_init(struct surety_walk *walk, const struct surety_plan *plan,
                                 const struct surety_plan_architecture *architecture, uint64_t seed, bool flat)
{
    *walk = (struct surety_walk){.plan = plan, .architecture = architecture};
    enum surety_err err = allocate(walk);
    if (err == SURETY_OK)
        err = surety_walk_latency_create(plan, architecture, &walk->latency);
    if (err == SURETY_OK)
        err = surety_walk_load_create(plan, architecture, &walk->carried);
    if (err == SURETY_OK)
        err = surety_walk_quality_create(plan, architecture, &walk->quality);
    if (err == SURETY_OK)
        err = surety_walk_cost_create(plan, architecture, &walk->cost);
    if (err == SURETY_OK) {
        link_nodes(walk, seed);
        link_providers(walk);
        surety_walk_reset_leaves(walk);
        surety_walk_start_nodes(walk);
        walk->f_normal = walk->f[architecture->n_nodes - 1];
        err = init_meters(walk, seed);
    }
    if (err == SURETY_OK && walk->latency != NULL)
        err = surety_walk_latency_normal(walk);
    if (err == SURETY_OK && walk->quality != NULL)
        err = surety_walk_quality_normal(walk);
    if (err == SURETY_OK)
        err = init_ledger(walk);
    if (err == SURETY_OK && walk->cost != NULL)
        err = surety_walk_cost_normal(walk);
    walk->is_followed = walk->quality != NULL || walk->cost != NULL;
    walk->has_promises = plan->latency.n_targets + plan->quality.n_targets + plan->cost.n_targets > 0;
    if (err == SURETY_OK)
        err = surety_blame_init(&walk->blame, plan);
    if (err == SURETY_OK && flat && walk->latency == NULL && !walk->is_followed && walk->carried == NULL &&
        !walk->reserves_any && surety_walk_failover_admits(architecture))
        err = surety_walk_failover_init(walk);
    else if (err == SURETY_OK && flat && walk->carried == NULL && !walk->is_followed)
        err = surety_scenes_create(walk, &walk->scenes);
    else if (err == SURETY_OK && flat && walk->carried != NULL)
        err = surety_load_scenes_create(walk, &walk->carried->scenes);
    if (err != SURETY_OK)
        surety_walk_finish(walk);
    return err;
}
