// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/walk.h"

#include "sim/base/ppb.h"
#include "sim/engine/load_scenes.h"
#include "sim/engine/walk_cost.h"
#include "sim/engine/walk_failover.h"
#include "sim/engine/walk_latency.h"
#include "sim/engine/walk_load.h"
#include "sim/engine/walk_quality.h"
#include "sim/engine/walk_scenes.h"
#include "sim/engine/walk_tree.h"

static void end_stretch(struct surety_walk *walk, int64_t now_us)
{
    if (now_us > walk->since_us && (walk->f_root != walk->f_normal || walk->is_excluded || walk->report_normal))
        for (size_t i = 0; i < walk->n_meters; i++)
            walk->meters[i].type->stretch(&walk->meters[i], walk->since_us, now_us, walk->f_root, walk->is_excluded);
    walk->since_us = now_us;
}

// The deepest treatment of an episode that is on at the serving route below `node`.
static enum surety_treatment treatment_below(const struct surety_walk *walk, uint32_t node)
{
    const struct surety_plan *plan = walk->plan;
    const struct surety_plan_node *n = &walk->architecture->nodes[node];
    enum surety_treatment deepest = SURETY_COUNTED;
    if (n->type == NULL) {
        const struct surety_plan_effect *effects = &plan->effects[plan->providers[n->provider].first_effect];
        for (uint64_t active = walk->active[n->provider]; active != 0; active &= active - 1) {
            const enum surety_treatment t = plan->sources[effects[__builtin_ctzll(active)].source].treatment;
            deepest = t > deepest ? t : deepest;
        }
        return deepest;
    }
    struct surety_explanation e;
    n->type->explain(&walk->views[node], &e);
    for (uint32_t k = 0; k < n->n_children; k++) {
        if (!e.all_children && k != e.child)
            continue;
        const enum surety_treatment t = treatment_below(walk, walk->architecture->children[n->first_child + k]);
        deepest = t > deepest ? t : deepest;
    }
    return deepest;
}

enum surety_treatment surety_walk_treat(const struct surety_walk *walk, double *f)
{
    if (!walk->plan->has_treatments || !surety_reaches(*f, walk->plan->down_at_ppb))
        return SURETY_COUNTED;
    const enum surety_treatment t = treatment_below(walk, walk->architecture->n_nodes - 1);
    if (t == SURETY_AS_UP)
        *f = walk->f_normal;
    return t;
}

void surety_walk_change(struct surety_walk *walk, int64_t now_us, double f, bool is_excluded)
{
    if (f == walk->f_root && is_excluded == walk->is_excluded)
        return;
    end_stretch(walk, now_us);
    walk->f_root = f;
    walk->is_excluded = is_excluded;
}

void surety_walk_begin(struct surety_walk *walk, double f, const double *rate)
{
    const enum surety_treatment treatment = surety_walk_treat(walk, &f);
    walk->f_root = f;
    walk->is_excluded = treatment == SURETY_EXCLUDED;
    walk->since_us = 0;
    surety_blame_start(&walk->blame);
    if (surety_reaches(f, walk->plan->down_at_ppb))
        surety_blame_turn(&walk->blame, walk, 0, true);
    walk->blame.counts = !walk->is_excluded;
    if (rate != NULL)
        surety_ledger_start(&walk->ledger, rate);
}

void surety_walk_turn_at(struct surety_walk *walk, int64_t now_us, double f, const double *rate)
{
    const bool is_excluded = surety_walk_treat(walk, &f) == SURETY_EXCLUDED;
    const bool is_down = surety_reaches(f, walk->plan->down_at_ppb);
    if (is_down || walk->blame.is_down)
        surety_blame_turn(&walk->blame, walk, now_us, is_down);
    walk->blame.counts = !is_excluded;
    if (rate != NULL)
        surety_ledger_turn(&walk->ledger, now_us, rate);
    surety_walk_change(walk, now_us, f, is_excluded);
}

// The next instant at which something happens.
static inline int64_t next_instant(const struct surety_walk *walk)
{
    int64_t next_us = walk->next_timer_us;
    if (walk->carried != NULL && walk->carried->next_us < next_us)
        next_us = walk->carried->next_us;
    for (size_t i = 0; i < walk->n_cursors; i++)
        next_us = walk->due_us[i] < next_us ? walk->due_us[i] : next_us;
    return next_us;
}

// Time went by up to now_us with the tree as it stands: runs of suites, models and prices that changed.
static void pass(struct surety_walk *walk, int64_t now_us)
{
    if (walk->quality != NULL)
        surety_walk_quality_pass(walk, now_us);
    if (walk->cost != NULL)
        surety_walk_cost_pass(walk, now_us);
}

// The tree is another from now_us on, and the costs of a request are known.
static void turn(struct surety_walk *walk, int64_t now_us)
{
    if (walk->cost != NULL)
        surety_walk_cost_turn(walk, now_us);
    if (walk->quality != NULL)
        surety_walk_quality_turn(walk, now_us);
}

static inline const double *rates(struct surety_walk *walk)
{
    return walk->carried != NULL ? surety_walk_load_rates(walk) : surety_walk_rates(walk);
}

static inline uint32_t latency_state(struct surety_walk *walk)
{
    return walk->carried != NULL ? surety_walk_load_latency(walk) : surety_walk_latency_state(walk);
}

static void run_tree(struct surety_walk *walk)
{
    const double *f_root = &walk->f[walk->architecture->n_nodes - 1];
    for (size_t i = 0; i < walk->n_cursors; i++)
        walk->cursors[i].first = NULL;
    if (walk->carried != NULL)
        surety_walk_load_reset(walk);
    surety_walk_reset_leaves(walk);
    surety_walk_start_nodes(walk);
    if (walk->carried != NULL)
        surety_walk_load_start(walk);
    if (walk->cost != NULL)
        surety_walk_cost_begin(walk);
    surety_walk_begin(walk, *f_root, rates(walk));
    if (walk->cost != NULL)
        surety_walk_cost_start(walk);
    if (walk->latency != NULL)
        surety_walk_latency_start(walk, latency_state(walk));
    if (walk->quality != NULL)
        surety_walk_quality_start(walk);
    if (walk->observer != NULL)
        walk->observer->instant(walk->observer->context, walk, 0);
    if (walk->carried != NULL && walk->carried->scenes != NULL)
        surety_load_scenes_glide(walk);
    for (int64_t now_us; (now_us = next_instant(walk)) < walk->plan->term_us;) {
        if (walk->carried != NULL)
            surety_walk_load_book(walk, now_us);
        if (walk->is_followed)
            pass(walk, now_us);
        for (size_t i = 0; i < walk->n_cursors; i++)
            if (walk->due_us[i] == now_us)
                surety_walk_pass(walk, &walk->cursors[i]);
        if (walk->next_timer_us == now_us)
            surety_walk_ring(walk, now_us);
        const bool new_level = walk->carried != NULL && surety_walk_load_turn(walk, now_us);
        if (!walk->any_dirty && !new_level)
            continue;
        surety_walk_settle(walk, now_us);
        if (walk->carried != NULL)
            surety_walk_load_settle(walk, now_us);
        surety_walk_turn(walk, now_us, *f_root, rates(walk));
        if (walk->latency != NULL)
            surety_walk_latency_turn(walk, now_us, latency_state(walk));
        if (walk->is_followed)
            turn(walk, now_us);
        if (walk->observer != NULL)
            walk->observer->instant(walk->observer->context, walk, now_us);
        if (walk->carried != NULL && walk->carried->scenes != NULL)
            surety_load_scenes_glide(walk);
    }
}

enum surety_err surety_walk_run(struct surety_walk *walk, struct surety_timeline *timeline)
{
    walk->timeline = timeline;
    walk->err = SURETY_OK;
    walk->uses_scenes = walk->scenes != NULL && walk->observer == NULL;
    for (size_t m = 0; m < walk->n_meters; m++)
        surety_meter_start(&walk->meters[m], timeline->replication);
    for (size_t c = 0; c < walk->n_controllers; c++)
        walk->rngs[walk->controllers[c]].replication = timeline->replication;
    if (walk->flat != NULL)
        surety_walk_failover_run(walk);
    else if (walk->uses_scenes)
        surety_walk_scenes_run(walk);
    else
        run_tree(walk);
    end_stretch(walk, walk->plan->term_us);
    surety_blame_close(&walk->blame);
    if (walk->cost != NULL)
        surety_walk_cost_pass(walk, walk->plan->term_us);
    if (walk->rates != NULL && !surety_ledger_close(&walk->ledger))
        walk->err = SURETY_E_MEMORY;
    if (walk->cost != NULL)
        surety_walk_cost_close(walk);
    if (walk->latency != NULL)
        surety_walk_latency_close(walk);
    if (walk->quality != NULL)
        surety_walk_quality_close(walk);
    if (walk->carried != NULL)
        surety_walk_load_book(walk, walk->plan->term_us);
    if (walk->carried != NULL && walk->carried->out_of_memory)
        walk->err = SURETY_E_MEMORY;
    if (walk->latency != NULL && walk->latency->states.out_of_memory)
        walk->err = SURETY_E_MEMORY;
    for (size_t m = 0; m < walk->n_meters; m++)
        walk->meters[m].type->finish(&walk->meters[m]);
    return walk->err;
}
