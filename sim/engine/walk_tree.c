// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/walk_tree.h"

#include "sim/engine/walk_cost.h"
#include "sim/engine/walk_latency.h"
#include "sim/engine/walk_load.h"

#include <string.h>

// The share failing at a node whose own routes are up to date.
double surety_walk_evaluate(struct surety_walk *walk, uint32_t i, int64_t now_us)
{
    const double f = walk->architecture->nodes[i].type->update(&walk->views[i], now_us, &walk->timer_us[i]);
    return walk->latency != NULL && walk->latency->overrides[i] ? surety_walk_latency_failing(walk, i) : f;
}

// What is composed of the node's latency is to be looked up again.
static inline void touch(struct surety_walk *walk, uint32_t node)
{
    if (walk->latency != NULL)
        surety_latency_touch(&walk->latency->states, node);
}

// f: what outages fail. What the provider refuses under its load stays until the load is looked at again.
static void set_leaves(struct surety_walk *walk, uint32_t provider, double f)
{
    if (walk->carried != NULL)
        f = surety_walk_load_failing(walk, provider, f);
    for (uint32_t i = walk->first_leaf[provider]; i < walk->first_leaf[provider + 1]; i++) {
        walk->f[walk->leaves[i]] = f;
        touch(walk, walk->leaves[i]);
    }
}

void surety_walk_reset_leaves(struct surety_walk *walk)
{
    for (uint32_t p = 0; p < walk->plan->n_providers; p++) {
        walk->active[p] = 0;
        set_leaves(walk, p, walk->plan->providers[p].f_normal);
    }
}

double surety_walk_share_failing(const struct surety_plan *plan, uint32_t provider, uint64_t active)
{
    const struct surety_plan_provider *p = &plan->providers[provider];
    double served = 1 - p->request_errors;
    for (; active != 0; active &= active - 1)
        served *= 1 - plan->effects[p->first_effect + (uint32_t)__builtin_ctzll(active)].failing;
    return 1 - served;
}

void surety_walk_open(struct surety_walk *walk, struct surety_cursor *cursor)
{
    static const int64_t nothing = SURETY_NEVER;
    cursor->first = walk->timeline != NULL ? surety_timeline_boundaries(walk->timeline, cursor->effect) : &nothing;
    if (cursor->first == NULL) {
        walk->err = SURETY_E_MEMORY;
        cursor->first = &nothing; // the walk ends soon; until then nothing happens here
    }
    cursor->next = cursor->first;
}

// Moves a cursor to now_us and sets its bit.
static void bring_up(struct surety_walk *walk, struct surety_cursor *cursor, int64_t now_us)
{
    if (cursor->first == NULL)
        surety_walk_open(walk, cursor);
    while (*cursor->next <= now_us)
        cursor->next++;
    const bool is_on = (cursor->next - cursor->first) % 2 == 1;
    walk->active[cursor->provider] = (walk->active[cursor->provider] & ~cursor->bit) | (is_on ? cursor->bit : 0);
}

// Brings all effects of a provider to now_us. True when it is not as it was taken to be.
static bool bring_up_provider(struct surety_walk *walk, uint32_t provider, int64_t now_us)
{
    const uint64_t was = walk->active[provider];
    for (uint32_t c = walk->first_cursor[provider]; c < walk->first_cursor[provider + 1]; c++)
        bring_up(walk, &walk->cursors[c], now_us);
    if (walk->active[provider] == was)
        return false;
    set_leaves(walk, provider, surety_walk_share_failing(walk->plan, provider, walk->active[provider]));
    return true;
}

// --- what is in sight ------------------------------------------------------------------------------------------

// Brings a leaf's provider into sight, if this is its first leaf there. True when it is not as it was taken to be.
static bool show_leaf(struct surety_walk *walk, uint32_t provider, int64_t now_us)
{
    if (walk->n_in_sight[provider]++ > 0)
        return false;
    const bool surprise = bring_up_provider(walk, provider, now_us);
    for (uint32_t c = walk->first_cursor[provider]; c < walk->first_cursor[provider + 1]; c++)
        walk->due_us[c] = *walk->cursors[c].next;
    walk->moved = true;
    return surprise;
}

static void hide_leaf(struct surety_walk *walk, uint32_t provider)
{
    if (--walk->n_in_sight[provider] > 0)
        return;
    for (uint32_t c = walk->first_cursor[provider]; c < walk->first_cursor[provider + 1]; c++)
        walk->due_us[c] = SURETY_NEVER;
    walk->moved = true;
}

// Brings a subtree without controllers into sight. True when its f is not what it was taken to be, or when it brought up
// a provider: that moves the provider's leaves in other subtrees too, which then no longer look surprising themselves.
static bool show(struct surety_walk *walk, uint32_t top, int64_t now_us)
{
    const double was = walk->f[top];
    bool surprise = false;
    for (uint32_t i = walk->first_below[top]; i <= top; i++) {
        const struct surety_plan_node *node = &walk->architecture->nodes[i];
        if (node->type != NULL)
            walk->f[i] = surety_walk_evaluate(walk, i, now_us);
        else
            surprise = show_leaf(walk, node->provider, now_us) || surprise;
    }
    return surprise || walk->f[top] != was;
}

static void hide(struct surety_walk *walk, uint32_t top)
{
    for (uint32_t i = walk->first_below[top]; i <= top; i++)
        if (walk->architecture->nodes[i].type == NULL)
            hide_leaf(walk, walk->architecture->nodes[i].provider);
}

// The controller i watches other children than before. True when one that it looked at while it was out of sight was
// not as it seemed.
static bool look(struct surety_walk *walk, uint32_t i, uint32_t n_watched, int64_t now_us)
{
    const struct surety_plan_node *node = &walk->architecture->nodes[i];
    const uint32_t *children = &walk->architecture->children[node->first_child];
    bool surprise = false;
    for (uint32_t k = walk->n_watched[i]; k < n_watched; k++)
        surprise = (!walk->keeps_time[children[k]] && show(walk, children[k], now_us)) || surprise;
    for (uint32_t k = n_watched; k < walk->n_watched[i]; k++)
        if (!walk->keeps_time[children[k]])
            hide(walk, children[k]);
    walk->n_watched[i] = n_watched;
    return surprise;
}

// Children that a controller watches. Where load moves, all of them: it may go anywhere.
static inline uint32_t watches(const struct surety_walk *walk, uint32_t i)
{
    const struct surety_plan_node *node = &walk->architecture->nodes[i];
    return walk->carried != NULL ? node->n_children : (uint32_t)node->type->watch(&walk->views[i]);
}

// --- evaluation ------------------------------------------------------------------------------------------------

// Evaluates a controller. What it decides depends only on the children it watches afterwards: when one of those comes
// into sight and is not as it seemed, the decision is taken back and made again.
static double update_controller(struct surety_walk *walk, uint32_t i, int64_t now_us)
{
    const struct surety_node_type *type = walk->architecture->nodes[i].type;
    const struct surety_node_view *view = &walk->views[i];
    const bool may_look = walk->timer_us[i] <= now_us;
    const size_t size = walk->state_size[i];
    const uint32_t index = view->rng->index;
    if (may_look)
        memcpy(walk->saved_state, view->state, size);
    for (;;) {
        const double f = type->update(view, now_us, &walk->timer_us[i]);
        const uint32_t n_watched = watches(walk, i);
        if (n_watched == walk->n_watched[i] || !look(walk, i, n_watched, now_us))
            return f;
        memcpy(view->state, walk->saved_state, size);
        view->rng->index = index;
    }
}

static void find_next_timer(struct surety_walk *walk)
{
    int64_t next_us = SURETY_NEVER;
    for (size_t i = 0; i < walk->n_controllers; i++)
        if (walk->timer_us[walk->controllers[i]] < next_us)
            next_us = walk->timer_us[walk->controllers[i]];
    walk->next_timer_us = next_us;
}

void surety_walk_start_nodes(struct surety_walk *walk)
{
    const struct surety_plan_architecture *a = walk->architecture;
    for (size_t c = 0; c < walk->n_cursors; c++)
        walk->due_us[c] = SURETY_NEVER;
    for (uint32_t p = 0; p < walk->plan->n_providers; p++) {
        walk->n_in_sight[p] = 0;
        if (walk->always_in_sight[p])
            show_leaf(walk, p, 0);
    }
    for (uint32_t i = 0; i < a->n_nodes; i++) {
        const struct surety_node_type *type = a->nodes[i].type;
        if (type == NULL)
            continue;
        if (type->start == NULL) {
            walk->f[i] = surety_walk_evaluate(walk, i, 0);
            continue;
        }
        walk->n_watched[i] = 0;
        do {
            walk->rngs[i].index = 0;
            type->start(&walk->views[i]);
            touch(walk, i);
            walk->f[i] = type->update(&walk->views[i], 0, &walk->timer_us[i]);
        } while (look(walk, i, watches(walk, i), 0));
    }
    find_next_timer(walk);
}

static inline void mark(struct surety_walk *walk, uint32_t node)
{
    walk->any_dirty = true;
    if (!walk->uses_scenes || !walk->lazy[node])
        walk->dirty[node / 64] |= UINT64_C(1) << node % 64;
}

void surety_walk_pass(struct surety_walk *walk, struct surety_cursor *cursor)
{
    const uint32_t p = cursor->provider;
    const uint64_t active = walk->active[p] ^= cursor->bit;
    double f = active == 0 ? walk->plan->providers[p].f_normal : surety_walk_share_failing(walk->plan, p, active);
    if (walk->carried != NULL)
        f = surety_walk_load_failing(walk, p, f);
    cursor->next++;
    walk->due_us[cursor - walk->cursors] = *cursor->next;
    for (uint32_t i = walk->first_leaf[p]; i < walk->first_leaf[p + 1]; i++) {
        const uint32_t leaf = walk->leaves[i], parent = walk->architecture->nodes[leaf].parent;
        walk->f[leaf] = f;
        touch(walk, leaf);
        if (parent == UINT32_MAX)
            walk->any_dirty = true;
        else if (walk->position[leaf] < walk->n_watched[parent])
            mark(walk, parent);
    }
}

void surety_walk_ring(struct surety_walk *walk, int64_t now_us)
{
    for (size_t i = 0; i < walk->n_controllers; i++)
        if (walk->timer_us[walk->controllers[i]] <= now_us)
            mark(walk, walk->controllers[i]);
}

void surety_walk_settle(struct surety_walk *walk, int64_t now_us)
{
    const struct surety_plan_node *nodes = walk->architecture->nodes;
    const uint32_t root = walk->architecture->n_nodes - 1;
    for (size_t word = 0; word < walk->n_dirty_words; word++)
        while (walk->dirty[word] != 0) {
            const uint32_t i = (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(walk->dirty[word]);
            walk->dirty[word] &= walk->dirty[word] - 1;
            double f;
            if (walk->state_size[i] == 0) {
                f = surety_walk_evaluate(walk, i, now_us);
            } else {
                f = update_controller(walk, i, now_us);
                touch(walk, i);
                if (walk->timer_us[i] <= now_us) { // wants to act at once
                    mark(walk, i);
                    continue;
                }
            }
            if (f == walk->f[i] && (walk->latency == NULL || !walk->latency->any_override))
                continue;
            walk->f[i] = f;
            if (i != root && walk->position[i] < walk->n_watched[nodes[i].parent])
                mark(walk, nodes[i].parent);
        }
    walk->any_dirty = false;
    if (walk->n_controllers > 0)
        find_next_timer(walk);
}

void surety_walk_evaluate_lazy(struct surety_walk *walk, int64_t now_us)
{
    const struct surety_plan_architecture *a = walk->architecture;
    for (uint32_t i = 0; i < a->n_nodes; i++) {
        if (!walk->lazy[i])
            continue;
        if (a->nodes[i].type != NULL) {
            walk->f[i] = surety_walk_evaluate(walk, i, now_us);
            continue;
        }
        walk->f[i] = surety_walk_share_failing(walk->plan, a->nodes[i].provider, walk->active[a->nodes[i].provider]);
        touch(walk, i);
    }
}

void surety_walk_attempts(struct surety_walk *walk, double *attempts)
{
    const struct surety_plan_architecture *a = walk->architecture;
    memset(attempts, 0, a->n_nodes * sizeof *attempts);
    attempts[a->n_nodes - 1] = 1;
    for (uint32_t i = a->n_nodes; i-- > 0;) { // parents before children
        const struct surety_plan_node *node = &a->nodes[i];
        if (attempts[i] == 0 || node->type == NULL)
            continue;
        const double *load = NULL;
        if (walk->latency != NULL && walk->latency->overrides[i])
            load = surety_walk_latency_load(walk, i);
        if (load == NULL) {
            node->type->route(&walk->views[i], walk->load);
            load = walk->load;
        }
        for (uint32_t k = 0; k < node->n_children; k++)
            attempts[a->children[node->first_child + k]] += attempts[i] * load[k];
    }
}

// Requests that come to the provider's reserved units, of `attempts` that reach it and `answered` of those. What the units
// reject is among them, and so it is the same at any load.
static double sent_to_units(const struct surety_walk *walk, uint32_t provider, double attempts, double answered)
{
    const struct surety_plan *plan = walk->plan;
    if (!plan->reserved[plan->providers[provider].reserved].rejects)
        return answered;
    const struct surety_carry *carry = surety_walk_carry(walk, provider);
    const uint64_t active = walk->active[provider];
    const double f =
        active == 0 ? plan->providers[provider].f_normal : surety_walk_share_failing(plan, provider, active);
    return attempts * (1 - f) * (1 - (carry != NULL ? carry->p_quota : 0));
}

const double *surety_walk_rates(struct surety_walk *walk)
{
    if (walk->rates == NULL)
        return NULL;
    const struct surety_plan_architecture *a = walk->architecture;
    const struct surety_plan *plan = walk->plan;
    memset(walk->rates, 0, (plan->n_demands + plan->n_reserved) * sizeof *walk->rates);
    surety_walk_attempts(walk, walk->attempts);
    struct surety_walk_cost *const cost = walk->cost;
    if (cost != NULL)
        memset(cost->answered, 0, plan->n_providers * sizeof *cost->answered);
    for (uint32_t i = a->n_nodes; i-- > 0;) {
        const struct surety_plan_node *node = &a->nodes[i];
        if (node->type != NULL || walk->attempts[i] == 0)
            continue;
        const double answered = walk->attempts[i] * (1 - walk->f[i]);
        const double billed = cost != NULL ? answered * cost->factor[node->provider] : answered;
        if (cost != NULL)
            cost->answered[node->provider] += answered;
        for (size_t d = 0; d < plan->n_demands; d++)
            walk->rates[d] += billed * plan->demands[d].cost_per_request[node->provider];
        if (plan->n_reserved > 0 && plan->providers[node->provider].reserved != SURETY_NOT_RESERVED)
            walk->rates[plan->n_demands + plan->providers[node->provider].reserved] +=
                sent_to_units(walk, node->provider, walk->attempts[i], answered);
    }
    return walk->rates;
}
