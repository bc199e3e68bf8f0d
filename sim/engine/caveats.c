// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/caveats.h"

#include "models/balance.h"
#include "models/combine.h"
#include "models/failover.h"
#include "sim/base/ppb.h"

#include <stddef.h>
#include <string.h>

#define STALE_DAYS 365 // a record that ends longer than this before the term starts

struct list {
    struct surety_result *result;
    size_t capacity;
    bool failed;
};

// Takes a sentence that lives in the result's arena; a sentence that is there already is not repeated.
static void add(struct list *list, const char *sentence)
{
    struct surety_result *r = list->result;
    if (sentence == NULL) {
        list->failed = true;
        return;
    }
    for (size_t i = 0; i < r->n_warnings; i++)
        if (strcmp(r->warnings[i], sentence) == 0)
            return;
    if (r->n_warnings == list->capacity) {
        const size_t capacity = list->capacity > 0 ? 2 * list->capacity : 16;
        const char **grown = surety_arena_calloc(&r->arena, capacity, sizeof *grown);
        if (grown == NULL) {
            list->failed = true;
            return;
        }
        for (size_t i = 0; i < r->n_warnings; i++)
            grown[i] = r->warnings[i];
        r->warnings = grown;
        list->capacity = capacity;
    }
    r->warnings[r->n_warnings++] = sentence;
}

static void add_diagnostics(struct list *list, const struct surety_diags *diags)
{
    for (size_t i = 0; i < diags->n; i++) {
        const struct surety_diag *d = &diags->list[i];
        if (surety_diag_kind(d->id)->severity == SURETY_WARNING)
            add(list, surety_arena_printf(&list->result->arena, "%s%s%s", d->path, d->path[0] != '\0' ? ": " : "",
                                          d->message));
    }
}

static void add_stale_data(struct list *list, const struct surety_scenario *scenario)
{
    for (size_t i = 0; i < scenario->n_providers; i++) {
        const struct surety_provider *p = &scenario->providers[i];
        if (!p->used || !p->source.has_until)
            continue;
        const int64_t age_days = surety_date_days(scenario->term.start) - surety_date_days(p->source.until);
        char until[11];
        surety_date_format(p->source.until, until);
        if (age_days > STALE_DAYS)
            add(list,
                surety_arena_printf(&list->result->arena,
                                    "providers.%s: its record ends on %s, %lld months before the term starts; the "
                                    "past drifts",
                                    p->name, until, (long long)(age_days * 12 / 365)));
    }
}

// A node that moves traffic away from a route when its share failing reaches `trip`.
struct tripped {
    double (*update)(const struct surety_node_view *view, int64_t now_us, int64_t *timer_us); // whose node it is
    size_t trip_offset;  // of the int64_t in its parameters
    uint32_t n_watched;  // leading children; UINT32_MAX: all
    const char *outcome; // what happens below it
};

static const struct tripped tripped[] = {
    {surety_failover_update, offsetof(struct surety_failover_params, trip_ppb), UINT32_MAX, "no failover happens"},
    {surety_balance_update, offsetof(struct surety_balance_params, trip_ppb), UINT32_MAX,
     "the route keeps its share of the traffic"},
    {surety_degrade_update, offsetof(struct surety_degrade_params, trip_ppb), 1, "nothing takes over"},
};

// The outages of one route that stay below `trip`.
static void add_quiet_outages(struct list *list, const struct surety_plan *plan,
                              const struct surety_plan_architecture *a, const struct surety_plan_node *leaf,
                              int64_t trip_ppb, const char *outcome)
{
    const struct surety_plan_provider *p = &plan->providers[leaf->provider];
    for (uint32_t e = p->first_effect; e < p->first_effect + p->n_effects; e++) {
        const double f = 1 - (1 - p->request_errors) * (1 - plan->effects[e].failing);
        if (!surety_reaches(f, trip_ppb))
            add(list, surety_arena_printf(&list->result->arena,
                                          "architectures.%s: %s fails %.6g %% of requests and never reaches `trip` "
                                          "(%.6g %%): %s while it lasts alone",
                                          a->name, plan->sources[plan->effects[e].source].path, 100 * f,
                                          1e-7 * (double)trip_ppb, outcome));
    }
}

// An outage that fails too few requests for the controller to notice leaves the traffic where it is.
static void add_below_trip(struct list *list, const struct surety_plan *plan, const struct surety_plan_architecture *a)
{
    for (uint32_t i = 0; i < a->n_nodes; i++) {
        const struct surety_plan_node *node = &a->nodes[i];
        for (size_t t = 0; node->type != NULL && t < sizeof tripped / sizeof *tripped; t++) {
            if (node->type->update != tripped[t].update)
                continue;
            int64_t trip_ppb;
            memcpy(&trip_ppb, (const char *)node->params + tripped[t].trip_offset, sizeof trip_ppb);
            for (uint32_t k = 0; k < node->n_children && k < tripped[t].n_watched; k++) {
                const struct surety_plan_node *leaf = &a->nodes[a->children[node->first_child + k]];
                if (leaf->type == NULL)
                    add_quiet_outages(list, plan, a, leaf, trip_ppb, tripped[t].outcome);
            }
        }
    }
}

static bool hits(const struct surety_plan *plan, uint32_t provider, uint32_t source)
{
    const struct surety_plan_provider *p = &plan->providers[provider];
    for (uint32_t e = p->first_effect; e < p->first_effect + p->n_effects; e++)
        if (plan->effects[e].source == source)
            return true;
    return false;
}

static bool share_a_cause(const struct surety_plan *plan, uint32_t p, uint32_t q)
{
    for (uint32_t s = 0; s < plan->n_sources; s++)
        if (plan->sources[s].kind == SURETY_SOURCE_COMMON_CAUSE && hits(plan, p, s) && hits(plan, q, s))
            return true;
    return false;
}

// A record of the provider whose blocks are drawn together with others'; 0: none.
static int64_t shared_block_us(const struct surety_plan *plan, uint32_t provider)
{
    const struct surety_plan_provider *p = &plan->providers[provider];
    for (uint32_t e = p->first_effect; e < p->first_effect + p->n_effects; e++) {
        const struct surety_plan_source *s = &plan->sources[plan->effects[e].source];
        if (s->kind == SURETY_SOURCE_RECORD && (s->shared || s->circle_us == 0))
            return s->circle_us == 0 ? -1 : s->block_us;
    }
    return 0;
}

// Two different providers that can fail, and never for a common cause.
static bool has_independent_routes(const struct surety_plan *plan, const struct surety_plan_architecture *a)
{
    for (uint32_t i = 0; i < a->n_nodes; i++)
        for (uint32_t k = 0; k < i; k++) {
            if (a->nodes[i].type != NULL || a->nodes[k].type != NULL)
                continue;
            const uint32_t p = a->nodes[i].provider, q = a->nodes[k].provider;
            if (p != q && plan->providers[p].n_effects > 0 && plan->providers[q].n_effects > 0 &&
                !share_a_cause(plan, p, q) &&
                (shared_block_us(plan, p) == 0 || shared_block_us(plan, p) != shared_block_us(plan, q)))
                return true;
        }
    return false;
}

// The oldest record behind the verdict's architecture.
static void add_age(struct list *list, const struct surety_scenario *scenario, const struct surety_plan *plan)
{
    const struct surety_plan_architecture *a = &plan->architectures[list->result->verdict.architecture];
    const struct surety_provider *oldest = NULL;
    for (uint32_t i = 0; i < a->n_nodes; i++) {
        if (a->nodes[i].type != NULL)
            continue;
        const struct surety_provider *p = &scenario->providers[a->nodes[i].provider];
        if (p->source.has_until &&
            (oldest == NULL || surety_date_days(p->source.until) < surety_date_days(oldest->source.until)))
            oldest = p;
    }
    if (oldest == NULL)
        return;
    const int64_t days = surety_date_days(scenario->term.start) - surety_date_days(oldest->source.until);
    struct surety_arena *arena = &list->result->arena;
    char until[11];
    surety_date_format(oldest->source.until, until);
    const char *sentence =
        days > 0
            ? surety_arena_printf(arena, "It rests on records that end on %s, %lld months before the term starts (%s).",
                                  until, (long long)(days * 12 / 365), oldest->name)
            : surety_arena_printf(arena, "It rests on records that end on %s (%s).", until, oldest->name);
    list->result->verdict.data_age = sentence;
    list->failed = list->failed || sentence == NULL;
}

bool surety_caveats_collect(const struct surety_scenario *scenario, const struct surety_plan *plan,
                            const struct surety_diags *diags, struct surety_result *result)
{
    struct list list = {.result = result};
    struct surety_arena *arena = &result->arena;
    bool several = false;
    add_diagnostics(&list, diags);
    for (size_t i = 0; i < plan->n_architectures; i++) {
        add_below_trip(&list, plan, &plan->architectures[i]);
        several = several || has_independent_routes(plan, &plan->architectures[i]);
    }
    add_stale_data(&list, scenario);
    add_age(&list, scenario, plan);
    for (size_t i = 0; i < plan->n_sources; i++)
        if (plan->sources[i].kind == SURETY_SOURCE_RECORD)
            add(&list, surety_arena_printf(arena, "a record shows no longer outage and no other coincidence than those "
                                                  "that happened: what it never showed counts as impossible"));
    if (several)
        add(&list, surety_arena_printf(
                       arena, "different providers are taken to fail independently of each other, beyond "
                              "their weekly rhythms: a shared cause would make joint outages far more likely"));
    if (result->n_groups == 0)
        add(&list, surety_arena_printf(
                       arena, "no input is uncertain: all probabilities are conditional on inputs taken as exact"));
    if (result->n_groups == 1)
        add(&list, surety_arena_printf(
                       arena,
                       "all %llu terms rest on one draw of the uncertain inputs: the intervals are too narrow, for "
                       "they do not know how far another draw would move them; run more than %d terms",
                       (unsigned long long)result->n_replications, SURETY_GROUP));
    return !list.failed;
}
