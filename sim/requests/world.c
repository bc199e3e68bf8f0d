// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/requests/world.h"

#include "models/balance.h"
#include "models/combine.h"
#include "models/failover.h"
#include "models/spill.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool surety_requests_is_choice(const struct surety_node_type *type)
{
    static const char *const names[] = {"failover", "balance", "degrade"};
    for (size_t i = 0; type != NULL && i < sizeof names / sizeof *names; i++)
        if (strcmp(type->name, names[i]) == 0)
            return true;
    return false;
}

// --- what an episode does --------------------------------------------------------------------------------------

static struct surety_provider_state of_outage(const struct surety_outage *outage)
{
    const double failing = (double)outage->failing_ppb * 1e-9;
    const bool hangs = outage->fails == SURETY_FAILS_HANG;
    return (struct surety_provider_state){.p_error = hangs ? 0 : failing,
                                          .p_hang = hangs ? failing : 0,
                                          .factor = isnan(outage->latency_factor) ? 1 : outage->latency_factor};
}

// From the scenario's own rows, found by the path that the plan gives its sources: the event engine's idea of an effect
// is not asked.
static struct surety_provider_state of_source(const struct surety_scenario *scenario,
                                              const struct surety_plan_source *source, uint32_t provider)
{
    char path[512];
    const struct surety_provider *p = &scenario->providers[provider];
    if (source->kind == SURETY_SOURCE_MAINTENANCE)
        return (struct surety_provider_state){.p_error = (double)p->maintenance.failing_ppb * 1e-9, .factor = 1};
    for (size_t i = 0; source->kind == SURETY_SOURCE_OUTAGE && i < p->n_outages; i++) {
        snprintf(path, sizeof path, "providers.%s.outages.%s", p->name, p->outages[i].name);
        if (strcmp(path, source->path) == 0)
            return of_outage(&p->outages[i]);
    }
    for (size_t i = 0; source->kind == SURETY_SOURCE_RECORD && i < p->record.n_sources; i++) {
        snprintf(path, sizeof path, "providers.%s.record.%s", p->name, p->record.sources[i].name);
        if (strcmp(path, source->path) == 0)
            return (struct surety_provider_state){.p_error = (double)p->record.sources[i].failing_ppb * 1e-9,
                                                  .factor = 1};
    }
    for (size_t i = 0; i < scenario->n_common_causes; i++) {
        snprintf(path, sizeof path, "common_causes.%s", scenario->common_causes[i].outage.name);
        if (strcmp(path, source->path) == 0)
            return of_outage(&scenario->common_causes[i].outage);
    }
    return (struct surety_provider_state){.p_error = 1, .factor = 1}; // no such source: nothing would look right
}

// Attempts fail independently of each cause that is on; factors multiply.
static void add(struct surety_provider_state *state, const struct surety_provider_state *more)
{
    state->p_error = 1 - (1 - state->p_error) * (1 - more->p_error);
    state->p_hang = 1 - (1 - state->p_hang) * (1 - more->p_hang);
    state->factor *= more->factor;
}

// --- providers -------------------------------------------------------------------------------------------------

static bool append_state(struct surety_provider_world *world, struct surety_state_piece piece)
{
    if (world->n == world->room) {
        const size_t room = 2 * world->room + 16;
        struct surety_state_piece *more = realloc(world->list, room * sizeof *more);
        if (more == NULL)
            return false;
        world->list = more;
        world->room = room;
    }
    world->list[world->n++] = piece;
    return true;
}

static struct surety_provider_state state_of(struct surety_requests_world *w, uint32_t provider)
{
    const struct surety_plan_provider *p = &w->plan->providers[provider];
    struct surety_provider_state state = {.p_error = (double)w->scenario->providers[provider].request_errors_ppb * 1e-9,
                                          .factor = 1};
    for (uint32_t e = 0; e < p->n_effects; e++) {
        const uint32_t effect = p->first_effect + e;
        const int64_t *first = surety_timeline_boundaries(&w->timeline, effect); // there already: never NULL
        if ((w->cursors[effect] - first) % 2 == 1)
            add(&state, &w->effects[effect]);
    }
    return state;
}

static enum surety_err open_provider(struct surety_requests_world *w, uint32_t provider)
{
    const struct surety_plan_provider *p = &w->plan->providers[provider];
    struct surety_provider_world *out = &w->providers[provider];
    out->n = out->at = 0;
    if (w->fixed != NULL)
        return append_state(out, (struct surety_state_piece){INT64_MIN, INT64_MAX, w->fixed[provider]})
                   ? SURETY_OK
                   : SURETY_E_MEMORY;
    for (uint32_t e = p->first_effect; e < p->first_effect + p->n_effects; e++) {
        w->cursors[e] = surety_timeline_boundaries(&w->timeline, e);
        if (w->cursors[e] == NULL)
            return SURETY_E_MEMORY;
        while (*w->cursors[e] <= w->start_us)
            w->cursors[e]++;
    }
    for (int64_t from_us = INT64_MIN; from_us != INT64_MAX;) {
        int64_t until_us = INT64_MAX;
        for (uint32_t e = p->first_effect; e < p->first_effect + p->n_effects; e++)
            until_us = *w->cursors[e] < until_us ? *w->cursors[e] : until_us;
        if (until_us >= w->plan->term_us)
            until_us = INT64_MAX;
        if (!append_state(out, (struct surety_state_piece){from_us, until_us, state_of(w, provider)}))
            return SURETY_E_MEMORY;
        for (uint32_t e = p->first_effect; e < p->first_effect + p->n_effects; e++)
            if (*w->cursors[e] == until_us)
                w->cursors[e]++;
        from_us = until_us;
    }
    return SURETY_OK;
}

const struct surety_state_piece *surety_state_find(struct surety_provider_world *world, int64_t at_us)
{
    while (world->at > 0 && at_us < world->list[world->at].from_us)
        world->at--;
    while (world->at + 1 < world->n && at_us >= world->list[world->at].until_us)
        world->at++;
    return &world->list[world->at];
}

// From which share of failing requests on a controller calls a route unhealthy.
static int64_t trip_of(const struct surety_plan_node *node)
{
    if (strcmp(node->type->name, "failover") == 0)
        return ((const struct surety_failover_params *)node->params)->trip_ppb;
    if (strcmp(node->type->name, "balance") == 0)
        return ((const struct surety_balance_params *)node->params)->trip_ppb;
    return ((const struct surety_degrade_params *)node->params)->trip_ppb;
}

// --- routes ----------------------------------------------------------------------------------------------------

static bool reserve_route(struct surety_route_world *world, size_t n_numbers)
{
    if (world->n == world->room) {
        const size_t room = 2 * world->room + 16;
        struct surety_route_piece *more = realloc(world->list, room * sizeof *more);
        if (more == NULL)
            return false;
        world->list = more;
        world->room = room;
    }
    if (world->n_shares + n_numbers > world->shares_room) {
        const size_t room = 2 * world->shares_room + 16 * n_numbers;
        double *more = realloc(world->shares, room * sizeof *more);
        if (more == NULL)
            return false;
        world->shares = more;
        world->shares_room = room;
    }
    return true;
}

// Where a controller sends requests, apart from what full routes pass on, and whom it takes for healthy.
static void look_at_choice(const struct surety_plan_node *node, struct surety_node_view view, double *share,
                           double *healthy)
{
    const int64_t trip_ppb = trip_of(node);
    for (size_t k = 0; view.child_spill != NULL && k < view.n_children; k++) // else nobody asks
        healthy[k] = surety_spill_healthy(&view, k, trip_ppb);
    if (strcmp(node->type->name, "degrade") != 0) // its health hangs on it
        view.child_spill = NULL;
    node->type->route(&view, share);
}

// An instant of the walk: how the controllers stand from then on.
static void look(void *context, const struct surety_walk *walk, int64_t now_us)
{
    struct surety_requests_world *w = context;
    struct surety_route_world *out = &w->routes[w->watched];
    const struct surety_plan_architecture *a = walk->architecture;
    const size_t n = 2 * (size_t)a->n_nodes; // more than there are children, twice
    if (w->err != SURETY_OK || !reserve_route(out, n)) {
        w->err = SURETY_E_MEMORY;
        return;
    }
    double *shares = &out->shares[out->n_shares];
    memset(shares, 0, n * sizeof *shares);
    for (uint32_t i = 0; i < a->n_nodes; i++)
        if (surety_requests_is_choice(a->nodes[i].type))
            look_at_choice(&a->nodes[i], walk->views[i], &shares[a->nodes[i].first_child],
                           &shares[a->n_nodes + a->nodes[i].first_child]);
    if (out->n > 0) {
        struct surety_route_piece *last = &out->list[out->n - 1];
        double *before = &out->shares[last->first_share];
        if (memcmp(before, shares, n * sizeof *shares) == 0)
            return;
        if (now_us <= w->start_us) {
            memcpy(before, shares, n * sizeof *shares);
            return;
        }
        last->until_us = now_us;
    }
    out->list[out->n] = (struct surety_route_piece){out->n > 0 ? now_us : INT64_MIN, INT64_MAX, out->n_shares};
    out->n++;
    out->n_shares += n;
}

// Without a walk traffic goes to the first route: in a fixed state nothing has switched yet.
static enum surety_err open_first_routes(struct surety_requests_world *w, uint32_t architecture)
{
    struct surety_route_world *out = &w->routes[architecture];
    const struct surety_plan_architecture *a = &w->plan->architectures[architecture];
    if (!reserve_route(out, 2 * (size_t)a->n_nodes))
        return SURETY_E_MEMORY;
    for (uint32_t i = 0; i < a->n_nodes; i++) {
        out->shares[i] = 0;
        out->shares[a->n_nodes + i] = 1;
    }
    for (uint32_t i = 0; i < a->n_nodes; i++)
        if (a->nodes[i].n_children > 0)
            out->shares[a->nodes[i].first_child] = 1;
    out->list[out->n++] = (struct surety_route_piece){INT64_MIN, INT64_MAX, 0};
    return SURETY_OK;
}

static enum surety_err open_routes(struct surety_requests_world *w, uint32_t architecture)
{
    struct surety_route_world *out = &w->routes[architecture];
    out->n = out->at = out->n_shares = 0;
    if (!w->has_walk[architecture] || w->fixed != NULL)
        return open_first_routes(w, architecture);
    const struct surety_walk_observer observer = {.instant = look, .context = w};
    w->watched = architecture;
    w->walks[architecture].observer = &observer;
    const enum surety_err err = surety_walk_run(&w->walks[architecture], &w->timeline);
    w->walks[architecture].observer = NULL;
    return err == SURETY_OK ? w->err : err;
}

const double *surety_shares_at(struct surety_route_world *world, int64_t at_us)
{
    while (world->at > 0 && at_us < world->list[world->at].from_us)
        world->at--;
    while (world->at + 1 < world->n && at_us >= world->list[world->at].until_us)
        world->at++;
    return &world->shares[world->list[world->at].first_share];
}

// --- all of it -------------------------------------------------------------------------------------------------

enum surety_err surety_requests_world_init(struct surety_requests_world *w, const struct surety_scenario *scenario,
                                           const struct surety_plan *plan, const struct surety_kernel *kernel,
                                           uint64_t seed, const struct surety_provider_state *fixed)
{
    *w = (struct surety_requests_world){.plan = plan,
                                        .scenario = scenario,
                                        .fixed = fixed,
                                        .effects = calloc(plan->n_effects + 1, sizeof *w->effects),
                                        .providers = calloc(plan->n_providers, sizeof *w->providers),
                                        .routes = calloc(plan->n_architectures, sizeof *w->routes),
                                        .walks = calloc(plan->n_architectures, sizeof *w->walks),
                                        .has_walk = calloc(plan->n_architectures, sizeof *w->has_walk),
                                        .cursors = calloc(plan->n_effects + 1, sizeof *w->cursors)};
    if (w->effects == NULL || w->providers == NULL || w->routes == NULL || w->walks == NULL || w->has_walk == NULL ||
        w->cursors == NULL)
        return SURETY_E_MEMORY;
    enum surety_err err = surety_timeline_init(&w->timeline, plan, kernel, seed);
    w->has_timeline = err == SURETY_OK;
    for (size_t e = 0; e < plan->n_effects; e++)
        w->effects[e] = of_source(scenario, &plan->sources[plan->effects[e].source], plan->effects[e].provider);
    for (size_t a = 0; err == SURETY_OK && a < plan->n_architectures; a++) {
        bool choice = false;
        for (uint32_t i = 0; i < plan->architectures[a].n_nodes; i++)
            choice = choice || surety_requests_is_choice(plan->architectures[a].nodes[i].type);
        if (choice)
            err = surety_walk_init(&w->walks[a], plan, &plan->architectures[a], seed, false);
        w->has_walk[a] = choice && err == SURETY_OK;
    }
    return err;
}

void surety_requests_world_finish(struct surety_requests_world *w)
{
    for (size_t a = 0; a < w->plan->n_architectures; a++) {
        if (w->has_walk != NULL && w->has_walk[a])
            surety_walk_finish(&w->walks[a]);
        if (w->routes != NULL) {
            free(w->routes[a].list);
            free(w->routes[a].shares);
        }
    }
    for (size_t p = 0; w->providers != NULL && p < w->plan->n_providers; p++)
        free(w->providers[p].list);
    if (w->has_timeline)
        surety_timeline_finish(&w->timeline);
    free(w->effects);
    free(w->providers);
    free(w->routes);
    free(w->walks);
    free(w->has_walk);
    free((void *)w->cursors);
}

enum surety_err surety_requests_world_open(struct surety_requests_world *w, uint64_t replication, int64_t start_us)
{
    enum surety_err err = SURETY_OK;
    w->start_us = start_us;
    w->err = SURETY_OK;
    surety_timeline_begin(&w->timeline, replication);
    for (uint32_t p = 0; err == SURETY_OK && p < w->plan->n_providers; p++)
        err = open_provider(w, p);
    for (uint32_t a = 0; err == SURETY_OK && a < w->plan->n_architectures; a++)
        err = open_routes(w, a);
    return err;
}
