// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/check/bounds.h"

#include "models/combine.h"
#include "sim/base/ppb.h"

#include <math.h>
#include <string.h>

#define RAREST 1e-13

// --- the share failing at the root in one joint state ----------------------------------------------------------

struct state {
    const struct surety_plan *plan;
    const struct surety_plan_architecture *architecture;
    double *served; // of each provider: share of its requests that succeed
    double *f;      // of each node
    const double **child_f;
};

static double best_of(const struct surety_node_view *view)
{
    double best = 1;
    for (size_t i = 0; i < view->n_children; i++)
        best = fmin(best, *view->child_f[i]);
    return best;
}

static double failing_at_root(struct state *s)
{
    const struct surety_plan_architecture *a = s->architecture;
    for (uint32_t i = 0; i < a->n_nodes; i++) {
        const struct surety_plan_node *node = &a->nodes[i];
        if (node->type == NULL) {
            s->f[i] = 1 - s->served[node->provider];
            continue;
        }
        for (uint32_t k = 0; k < node->n_children; k++)
            s->child_f[k] = &s->f[a->children[node->first_child + k]];
        const struct surety_node_view view = {
            .params = node->params, .n_children = node->n_children, .child_f = s->child_f};
        int64_t timer_us = SURETY_NEVER;
        s->f[i] = node->type->state_size != NULL ? best_of(&view) : node->type->update(&view, 0, &timer_us);
    }
    return s->f[a->n_nodes - 1];
}

// --- all joint states ------------------------------------------------------------------------------------------

struct joint {
    struct state state;
    const uint32_t *sources; // that touch the architecture
    size_t n_sources;
    const bool *is_used; // providers
    double down, failing;
};

static void visit(struct joint *j, size_t i, double p);

// Source i is down: its effects from k on hit or miss.
static void visit_effects(struct joint *j, size_t i, size_t k, double p)
{
    const struct surety_plan_source *source = &j->state.plan->sources[j->sources[i]];
    if (p < RAREST)
        return;
    if (k == source->n_effects) {
        visit(j, i + 1, p);
        return;
    }
    const struct surety_plan_effect *effect = &j->state.plan->effects[source->effects[k]];
    if (!j->is_used[effect->provider]) {
        visit_effects(j, i, k + 1, p);
        return;
    }
    double *served = &j->state.served[effect->provider];
    const double before = *served;
    *served = before * (1 - effect->failing);
    visit_effects(j, i, k + 1, p * effect->p_hits);
    *served = before;
    if (effect->p_hits < 1)
        visit_effects(j, i, k + 1, p * (1 - effect->p_hits));
}

static void visit(struct joint *j, size_t i, double p)
{
    if (p < RAREST)
        return;
    if (i == j->n_sources) {
        const double f = failing_at_root(&j->state);
        j->failing += p * f;
        if (surety_reaches(f, j->state.plan->down_at_ppb))
            j->down += p;
        return;
    }
    const double p_up = j->state.plan->sources[j->sources[i]].p_up;
    visit(j, i + 1, p * p_up);
    visit_effects(j, i, 0, p * (1 - p_up));
}

static void all_work(struct state *s)
{
    for (size_t i = 0; i < s->plan->n_providers; i++)
        s->served[i] = 1 - s->plan->providers[i].request_errors;
}

// What is down when one thing fails and nothing else does.
static void find_single_points(struct state *s, const bool *is_used, struct surety_bound *out)
{
    const struct surety_plan *plan = s->plan;
    for (size_t p = 0; p < plan->n_providers; p++) {
        all_work(s);
        s->served[p] = 0;
        out->single_point[p] = is_used[p] && surety_reaches(failing_at_root(s), plan->down_at_ppb);
    }
    for (size_t i = 0; i < plan->n_sources && out->common == NULL; i++) {
        const struct surety_plan_source *source = &plan->sources[i];
        size_t n_hit = 0;
        if (source->kind != SURETY_SOURCE_COMMON_CAUSE)
            continue;
        all_work(s);
        for (size_t k = 0; k < source->n_effects; k++) {
            const struct surety_plan_effect *effect = &plan->effects[source->effects[k]];
            if (effect->p_hits <= 0)
                continue;
            s->served[effect->provider] *= 1 - effect->failing;
            n_hit += is_used[effect->provider];
        }
        if (n_hit > 1 && surety_reaches(failing_at_root(s), plan->down_at_ppb))
            out->common = source->name;
    }
    all_work(s);
}

static bool touches(const struct surety_plan *plan, const struct surety_plan_source *source, const bool *is_used)
{
    for (size_t k = 0; k < source->n_effects; k++)
        if (is_used[plan->effects[source->effects[k]].provider])
            return true;
    return false;
}

enum surety_err surety_bound_find(const struct surety_plan *plan, size_t architecture, struct surety_arena *arena,
                                  struct surety_bound *out)
{
    const struct surety_plan_architecture *a = &plan->architectures[architecture];
    bool *is_used = surety_arena_calloc(arena, plan->n_providers, sizeof *is_used);
    uint32_t *sources = surety_arena_calloc(arena, plan->n_sources, sizeof *sources);
    struct joint j = {.state = {.plan = plan,
                                .architecture = a,
                                .served = surety_arena_calloc(arena, plan->n_providers, sizeof(double)),
                                .f = surety_arena_calloc(arena, a->n_nodes, sizeof(double)),
                                .child_f = surety_arena_calloc(arena, a->n_nodes, sizeof(double *))},
                      .sources = sources,
                      .is_used = is_used};
    *out = (struct surety_bound){.architecture = surety_arena_printf(arena, "%s", a->name),
                                 .is_strict = true,
                                 .single_point = surety_arena_calloc(arena, plan->n_providers, sizeof(bool))};
    if (is_used == NULL || sources == NULL || j.state.served == NULL || j.state.f == NULL || j.state.child_f == NULL ||
        out->architecture == NULL || out->single_point == NULL)
        return SURETY_E_MEMORY;
    for (uint32_t i = 0; i < a->n_nodes; i++)
        if (a->nodes[i].type == NULL)
            is_used[a->nodes[i].provider] = true;
    for (uint32_t i = 0; i < plan->n_sources; i++) {
        const struct surety_plan_source *source = &plan->sources[i];
        if (source->kind == SURETY_SOURCE_MAINTENANCE || !touches(plan, source, is_used))
            continue;
        sources[j.n_sources++] = i;
        if (source->kind == SURETY_SOURCE_RECORD || source->own_repair || source->drift > 0)
            out->is_strict = false;
    }
    find_single_points(&j.state, is_used, out);
    if (out->common != NULL && (out->common = surety_arena_printf(arena, "%s", out->common)) == NULL)
        return SURETY_E_MEMORY;
    visit(&j, 0, 1);
    out->by_time = 1 - j.down;
    out->by_requests = 1 - j.failing;
    return SURETY_OK;
}

// --- latency ---------------------------------------------------------------------------------------------------

static bool quickens(const struct surety_provider *provider)
{
    for (size_t i = 0; i < provider->n_outages; i++)
        if (provider->outages[i].latency_factor < 1) // NAN: none
            return true;
    return false;
}

// How the shares of the routes combine, by the word of the node. Others: the best route.
enum race { ALL_OF_THEM, ANY_OF_THEM, ONE_OF_THEM, BEHIND_A_CACHE };

static enum race race_of(const char *name)
{
    static const struct {
        const char *name;
        enum race race;
    } rows[] = {{"series", ALL_OF_THEM},
                {"hedge", ANY_OF_THEM},
                {"parallel", ANY_OF_THEM},
                {"k_of_n", ANY_OF_THEM},
                {"cache", BEHIND_A_CACHE}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name, name) == 0)
            return rows[i].race;
    return ONE_OF_THEM;
}

static double in_time(const struct surety_scenario *scenario, const struct surety_node *node, double target_s)
{
    if (node->type == NULL) {
        const struct surety_provider *p = &scenario->providers[node->provider];
        return !p->latency.given || quickens(p) ? 1 : surety_law_cdf(&p->latency.first_token, target_s);
    }
    const enum race race = race_of(node->type->name);
    double least = 1, most = 0, late = 1;
    for (size_t i = 0; i < node->n_children; i++) {
        const double share = in_time(scenario, node->children[i], target_s);
        least = fmin(least, share);
        most = fmax(most, share);
        late *= 1 - share;
    }
    if (race == BEHIND_A_CACHE) {
        const double hit = ((const struct surety_cache_params *)node->params)->share_hit;
        return hit + (1 - hit) * most;
    }
    return race == ALL_OF_THEM ? least : race == ANY_OF_THEM ? 1 - late : most;
}

double surety_bound_in_time(const struct surety_scenario *scenario, size_t architecture, double target_s)
{
    return in_time(scenario, scenario->architectures[architecture].root, target_s);
}
