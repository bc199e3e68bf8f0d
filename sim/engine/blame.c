// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/blame.h"

#include "models/hours.h"
#include "sim/base/ppb.h"
#include "sim/engine/walk.h"
#include "sim/engine/walk_load.h"
#include "sim/engine/walk_tree.h"

#include <stdlib.h>
#include <string.h>

enum surety_err surety_blame_init(struct surety_blame *blame, const struct surety_plan *plan)
{
    const size_t n = plan->n_sources + 2 * plan->n_providers;
    *blame = (struct surety_blame){
        .plan = plan,
        .n_causes = n,
        .minimum_us = plan->minimum_outage_us,
        .causes = calloc(n, sizeof *blame->causes),
        .run_causes = calloc(n, sizeof *blame->run_causes),
        .present = calloc(n, sizeof *blame->present),
        .marked = calloc(n, sizeof *blame->marked),
    };
    if (blame->causes != NULL && blame->run_causes != NULL && blame->present != NULL && blame->marked != NULL &&
        surety_saturation_init(&blame->saturation, plan) == SURETY_OK)
        return SURETY_OK;
    surety_blame_finish(blame);
    return SURETY_E_MEMORY;
}

void surety_blame_finish(struct surety_blame *blame)
{
    free(blame->causes);
    free(blame->run_causes);
    free(blame->present);
    free(blame->marked);
    surety_saturation_finish(&blame->saturation);
    *blame = (struct surety_blame){0};
}

void surety_blame_merge(struct surety_blame *into, const struct surety_blame *from)
{
    for (size_t i = 0; i < into->n_causes; i++)
        into->causes[i] += from->causes[i];
    for (size_t i = 0; i < SURETY_N_PHASES; i++)
        into->phases_us[i] += from->phases_us[i];
    surety_saturation_merge(&into->saturation, &from->saturation);
}

void surety_blame_start(struct surety_blame *blame)
{
    blame->is_down = false;
    blame->run_from_us = -1;
}

// --- who is to blame -------------------------------------------------------------------------------------------

static void add_cause(struct surety_blame *blame, size_t cause)
{
    if (blame->marked[cause])
        return;
    blame->marked[cause] = true;
    blame->present[blame->n_present++] = (uint32_t)cause;
}

static void add_provider(struct surety_blame *blame, const struct surety_walk *walk, uint32_t provider)
{
    const struct surety_plan_provider *p = &walk->plan->providers[provider];
    for (uint64_t active = walk->active[provider]; active != 0; active &= active - 1)
        add_cause(blame, walk->plan->effects[p->first_effect + (uint32_t)__builtin_ctzll(active)].source);
    const struct surety_carry *carry = surety_walk_carry(walk, provider);
    if (carry == NULL)
        return;
    const double f = surety_walk_share_failing(walk->plan, provider, walk->active[provider]);
    if (surety_ppb((1 - f) * carry->p_refused) == 0)
        return;
    add_cause(blame, walk->plan->n_sources + walk->plan->n_providers + provider);
    blame->too_full = blame->too_full || !surety_reaches(f, walk->plan->down_at_ppb);
}

// Request errors of the leaves below a node that serve. They are to blame only where no episode is: they are always on.
static void add_request_errors(struct surety_blame *blame, const struct surety_walk *walk, uint32_t node)
{
    const struct surety_plan_architecture *a = walk->architecture;
    const struct surety_plan_node *n = &a->nodes[node];
    if (n->type == NULL) {
        if (walk->plan->providers[n->provider].request_errors > 0)
            add_cause(blame, walk->plan->n_sources + n->provider);
        return;
    }
    struct surety_explanation e;
    n->type->explain(&walk->views[node], &e);
    for (uint32_t k = 0; k < n->n_children; k++)
        if ((e.all_children || k == e.child) && (e.share == NULL || e.share[k] != 0))
            add_request_errors(blame, walk, a->children[n->first_child + k]);
}

// Collects the episodes below a node and finds the phase.
static enum surety_phase explain(struct surety_blame *blame, const struct surety_walk *walk, uint32_t node,
                                 bool want_phase)
{
    const struct surety_plan_architecture *a = walk->architecture;
    const struct surety_plan_node *n = &a->nodes[node];
    if (n->type == NULL) {
        add_provider(blame, walk, n->provider);
        return SURETY_PHASE_ALL_ROUTES_DOWN;
    }
    struct surety_explanation e;
    n->type->explain(&walk->views[node], &e);
    enum surety_phase phase = e.phase;
    for (uint32_t k = 0; k < n->n_children; k++) {
        if ((!e.all_children && k != e.child) || (e.share != NULL && e.share[k] == 0))
            continue;
        const uint32_t child = a->children[n->first_child + k];
        const enum surety_phase below = explain(blame, walk, child, want_phase && e.ask_child && k == e.child);
        // A child that only knows that nothing works adds nothing to what this node says.
        if (e.ask_child && k == e.child && below != SURETY_PHASE_ALL_ROUTES_DOWN)
            phase = below;
    }
    if (want_phase && e.detection_until_us > blame->detection_until_us)
        blame->detection_until_us = e.detection_until_us;
    return phase;
}

// Where there is nowhere to go, a planned or a common reason is the better name for it.
static inline enum surety_phase name_source(const struct surety_plan *plan, uint32_t source, enum surety_phase phase)
{
    static const enum surety_phase names[] = {
        [SURETY_SOURCE_OUTAGE] = SURETY_PHASE_ALL_ROUTES_DOWN,
        [SURETY_SOURCE_COMMON_CAUSE] = SURETY_PHASE_COMMON_CAUSE,
        [SURETY_SOURCE_MAINTENANCE] = SURETY_PHASE_MAINTENANCE,
        [SURETY_SOURCE_RECORD] = SURETY_PHASE_ALL_ROUTES_DOWN,
    };
    return phase == SURETY_PHASE_ALL_ROUTES_DOWN ? names[plan->sources[source].kind] : phase;
}

// The same of all causes of the stretch: a planned one is the best name.
static enum surety_phase name_reason(const struct surety_blame *blame, enum surety_phase phase)
{
    enum surety_phase best = phase;
    for (size_t i = 0; i < blame->n_present && best != SURETY_PHASE_MAINTENANCE; i++) {
        if (blame->present[i] >= blame->plan->n_sources)
            continue;
        const enum surety_phase name = name_source(blame->plan, blame->present[i], phase);
        best = name != SURETY_PHASE_ALL_ROUTES_DOWN ? name : best;
    }
    return best;
}

// --- books -----------------------------------------------------------------------------------------------------

static void add_phase(struct surety_blame *blame, enum surety_phase phase, int64_t a_us, int64_t b_us)
{
    uint64_t *phases_us = blame->minimum_us > 0 ? blame->run_phases_us : blame->phases_us;
    if (b_us > a_us)
        phases_us[phase] += (uint64_t)surety_hours_counted(blame->plan, a_us, b_us);
}

// length / n in parts. The division of 128 bits is slow, and for up to 16 causes the parts divide evenly.
static inline unsigned __int128 share_of(uint64_t length_us, size_t n)
{
    if (n <= 1)
        return (unsigned __int128)length_us * SURETY_BLAME_PARTS;
    if (n <= 16)
        return (unsigned __int128)length_us * (SURETY_BLAME_PARTS / (uint32_t)n);
    return (unsigned __int128)length_us * SURETY_BLAME_PARTS / n;
}

static void end_stretch(struct surety_blame *blame, int64_t now_us)
{
    const int64_t since_us = blame->since_us, length_us = surety_hours_counted(blame->plan, since_us, now_us);
    if (length_us <= 0 || !blame->counts)
        return;
    int64_t split_us = blame->detection_until_us;
    split_us = split_us < since_us ? since_us : split_us > now_us ? now_us : split_us;
    add_phase(blame, SURETY_PHASE_DETECTION, since_us, split_us);
    add_phase(blame, blame->phase, split_us, now_us);
    unsigned __int128 *causes = blame->minimum_us > 0 ? blame->run_causes : blame->causes;
    const unsigned __int128 part = share_of((uint64_t)length_us, blame->n_present);
    for (size_t i = 0; i < blame->n_present; i++)
        causes[blame->present[i]] += part;
}

// Takes the run into the books, if it is long enough.
static void end_run(struct surety_blame *blame, int64_t now_us)
{
    if (blame->minimum_us == 0)
        return;
    if (now_us - blame->run_from_us >= blame->minimum_us) {
        for (size_t i = 0; i < blame->n_causes; i++)
            blame->causes[i] += blame->run_causes[i];
        for (size_t i = 0; i < SURETY_N_PHASES; i++)
            blame->phases_us[i] += blame->run_phases_us[i];
    }
    memset(blame->run_causes, 0, blame->n_causes * sizeof *blame->run_causes);
    memset(blame->run_phases_us, 0, sizeof blame->run_phases_us);
}

// The stretch under way ends at now_us.
static inline void begin_stretch(struct surety_blame *blame, int64_t now_us, bool is_down)
{
    if (blame->is_down)
        end_stretch(blame, now_us);
    if (blame->is_down && !is_down)
        end_run(blame, now_us);
    if (!blame->is_down && is_down)
        blame->run_from_us = now_us;
    blame->is_down = is_down;
    blame->since_us = now_us;
}

void surety_blame_turn(struct surety_blame *blame, const struct surety_walk *walk, int64_t now_us, bool is_down)
{
    begin_stretch(blame, now_us, is_down);
    if (!is_down)
        return;
    blame->n_present = 0;
    blame->too_full = false;
    blame->detection_until_us = 0;
    enum surety_phase phase = walk->serving.phase;
    if (walk->serving.known) {
        add_provider(blame, walk, walk->serving.provider);
        blame->detection_until_us = walk->serving.detection_until_us;
    } else {
        phase = explain(blame, walk, walk->architecture->n_nodes - 1, true);
    }
    blame->phase = blame->too_full ? SURETY_PHASE_CAPACITY : name_reason(blame, phase);
    if (blame->too_full)
        blame->detection_until_us = 0;
    if (blame->n_present == 0)
        add_request_errors(blame, walk,
                           walk->serving.known ? walk->leaves[walk->first_leaf[walk->serving.provider]]
                                               : walk->architecture->n_nodes - 1);
    for (size_t i = 0; i < blame->n_present; i++)
        blame->marked[blame->present[i]] = false;
}

void surety_blame_turn_to(struct surety_blame *blame, int64_t now_us, const uint32_t *causes, size_t n_causes,
                          enum surety_phase phase, int64_t detection_until_us)
{
    begin_stretch(blame, now_us, causes != NULL);
    if (causes == NULL)
        return;
    for (size_t i = 0; i < n_causes; i++)
        blame->present[i] = causes[i];
    blame->n_present = n_causes;
    blame->phase = phase;
    blame->detection_until_us = detection_until_us;
}

// Down the way that `explain` asks for the phase.
size_t surety_blame_clocks(const struct surety_walk *walk, uint32_t *nodes)
{
    const struct surety_plan_architecture *a = walk->architecture;
    size_t n = 0;
    for (uint32_t i = a->n_nodes - 1; a->nodes[i].type != NULL;) {
        struct surety_explanation e;
        a->nodes[i].type->explain(&walk->views[i], &e);
        if (walk->state_size[i] > 0)
            nodes[n++] = i;
        if (!e.ask_child || (e.share != NULL && e.share[e.child] == 0))
            break;
        i = a->children[a->nodes[i].first_child + e.child];
    }
    return n;
}

int64_t surety_blame_detection_until(const struct surety_walk *walk, const uint32_t *nodes, size_t n)
{
    int64_t until_us = 0;
    for (size_t i = 0; i < n; i++) {
        struct surety_explanation e;
        walk->architecture->nodes[nodes[i]].type->explain(&walk->views[nodes[i]], &e);
        until_us = e.detection_until_us > until_us ? e.detection_until_us : until_us;
    }
    return until_us;
}

// A whole run with one cause needs none of the stretch's memory.
void surety_blame_dip(struct surety_blame *blame, uint32_t source, enum surety_phase phase, int64_t from_us,
                      int64_t detection_until_us, int64_t to_us)
{
    const struct surety_plan *plan = blame->plan;
    if (to_us - from_us < blame->minimum_us)
        return;
    const int64_t split_us = detection_until_us < to_us ? detection_until_us : to_us;
    blame->phases_us[SURETY_PHASE_DETECTION] += (uint64_t)surety_hours_counted(plan, from_us, split_us);
    blame->phases_us[name_source(plan, source, phase)] += (uint64_t)surety_hours_counted(plan, split_us, to_us);
    blame->causes[source] += (unsigned __int128)surety_hours_counted(plan, from_us, to_us) * SURETY_BLAME_PARTS;
}

void surety_blame_close(struct surety_blame *blame)
{
    if (!blame->is_down)
        return;
    end_stretch(blame, blame->plan->term_us);
    end_run(blame, blame->plan->term_us);
    blame->is_down = false;
}
