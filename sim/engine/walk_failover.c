// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/walk_failover.h"

#include "models/failover.h"
#include "sim/base/ppb.h"
#include "sim/engine/walk_tree.h"

#include <stdlib.h>
#include <string.h>

// One route: a provider and where we stand in its effects' episodes.
struct surety_flat_route {
    struct surety_cursor *cursors;
    uint32_t n_cursors, provider;
    bool known; // brought up in this replication
    bool healthy;
    double f, f_normal;
    double f_single;          // while its only effect is on; n_cursors 1
    int64_t next_us;          // its next boundary
    int64_t healthy_since_us; // ahead of the active route; SURETY_NEVER: not healthy
};

bool surety_walk_failover_admits(const struct surety_plan_architecture *architecture)
{
    const struct surety_plan_node *root = &architecture->nodes[architecture->n_nodes - 1];
    if (root->type == NULL)
        return true;
    if (root->type->update != surety_failover_update || root->n_children + 1 != architecture->n_nodes)
        return false;
    for (uint32_t i = 0; i < root->n_children; i++) // a provider twice would have to move both its routes
        for (uint32_t k = 0; k < i; k++)
            if (architecture->nodes[i].provider == architecture->nodes[k].provider)
                return false;
    return true;
}

enum surety_err surety_walk_failover_init(struct surety_walk *walk)
{
    const struct surety_plan_architecture *a = walk->architecture;
    const uint32_t n = a->n_nodes > 1 ? a->n_nodes - 1 : 1;
    walk->flat = calloc(n, sizeof *walk->flat);
    if (walk->flat == NULL)
        return SURETY_E_MEMORY;
    walk->n_flat = n;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t p = a->nodes[a->n_nodes > 1 ? a->children[i] : 0].provider;
        walk->flat[i] = (struct surety_flat_route){
            .cursors = &walk->cursors[walk->first_cursor[p]],
            .n_cursors = walk->first_cursor[p + 1] - walk->first_cursor[p],
            .provider = p,
            .f_normal = walk->plan->providers[p].f_normal,
            .f_single = walk->plan->providers[p].n_effects == 1 ? surety_walk_share_failing(walk->plan, p, 1) : 0,
        };
    }
    return SURETY_OK;
}

static inline void find_next(struct surety_flat_route *route)
{
    int64_t next_us = SURETY_NEVER;
    for (uint32_t c = 0; c < route->n_cursors; c++)
        next_us = *route->cursors[c].next < next_us ? *route->cursors[c].next : next_us;
    route->next_us = next_us;
}

// Most providers have a single source of outages: where we stand in its boundaries says everything.
static inline void catch_up_single(struct surety_walk *walk, struct surety_flat_route *route, int64_t now_us,
                                   int64_t trip_ppb)
{
    struct surety_cursor *cursor = route->cursors;
    const int64_t *next = cursor->next;
    while (*next <= now_us)
        next++;
    cursor->next = next;
    const bool is_on = (next - cursor->first) % 2 != 0;
    walk->active[route->provider] = is_on;
    route->f = is_on ? route->f_single : route->f_normal;
    route->healthy = !surety_reaches(route->f, trip_ppb);
    route->next_us = *next;
}

static __attribute__((noinline)) void catch_up(struct surety_walk *walk, struct surety_flat_route *route,
                                               int64_t now_us, int64_t trip_ppb)
{
    uint64_t active = route->known ? walk->active[route->provider] : 0;
    for (uint32_t c = 0; c < route->n_cursors; c++) {
        struct surety_cursor *cursor = &route->cursors[c];
        if (!route->known)
            surety_walk_open(walk, cursor);
        for (; *cursor->next <= now_us; cursor->next++)
            active ^= cursor->bit;
    }
    walk->active[route->provider] = active;
    route->known = true;
    route->f = active == 0 ? route->f_normal : surety_walk_share_failing(walk->plan, route->provider, active);
    route->healthy = !surety_reaches(route->f, trip_ppb);
    find_next(route);
}

// Brings a route to now_us.
static inline void look(struct surety_walk *walk, struct surety_flat_route *route, int64_t now_us, int64_t trip_ppb)
{
    if (route->next_us > now_us) // an unknown route's next boundary is in the past
        return;
    if (route->known && route->n_cursors == 1)
        catch_up_single(walk, route, now_us, trip_ppb);
    else
        catch_up(walk, route, now_us, trip_ppb);
}

// Cost per request of each workload while the route answers; NULL when nothing has a price.
static inline const double *rates(struct surety_walk *walk, const struct surety_flat_route *route)
{
    if (walk->rates == NULL)
        return NULL;
    for (size_t d = 0; d < walk->plan->n_demands; d++)
        walk->rates[d] = (1 - route->f) * walk->plan->demands[d].cost_per_request[route->provider];
    return walk->rates;
}

static void alone(struct surety_walk *walk)
{
    struct surety_flat_route *route = walk->flat;
    look(walk, route, 0, SURETY_PPB_ONE);
    walk->serving = (struct surety_serving){true, route->provider, SURETY_PHASE_ALL_ROUTES_DOWN, 0};
    surety_walk_begin(walk, route->f, rates(walk, route));
    while (route->next_us < walk->plan->term_us) {
        const int64_t now_us = route->next_us;
        look(walk, route, now_us, SURETY_PPB_ONE);
        surety_walk_turn(walk, now_us, route->f, rates(walk, route));
    }
}

// The state machine of models/failover.h over flat routes.
struct controller {
    const struct surety_failover_params *params;
    struct surety_walk *walk;
    struct surety_flat_route *routes;
    uint32_t n, active;
    enum surety_failover_phase phase;
    int64_t attempt_us, failed_us;
};

static uint32_t first_healthy(struct controller *c, int64_t now_us)
{
    uint32_t i = 0;
    for (; i < c->n; i++) {
        look(c->walk, &c->routes[i], now_us, c->params->trip_ppb);
        if (c->routes[i].healthy)
            break;
    }
    return i;
}

static void serve(struct controller *c)
{
    c->phase = SURETY_FAILOVER_SERVING;
    c->attempt_us = SURETY_NEVER;
}

static void serve_first_healthy(struct controller *c, uint32_t route)
{
    for (uint32_t i = 0; i < route; i++)
        c->routes[i].healthy_since_us = SURETY_NEVER;
    c->active = route;
    serve(c);
}

static void follow(struct controller *c)
{
    c->phase = SURETY_FAILOVER_FOLLOWING;
    c->attempt_us = SURETY_NEVER;
    c->active = 0;
    for (uint32_t i = 1; i < c->n; i++)
        if (surety_ppb(c->routes[i].f) < surety_ppb(c->routes[c->active].f))
            c->active = i;
}

static void attempt(struct controller *c, int64_t now_us)
{
    const uint32_t best = first_healthy(c, now_us);
    if (best == c->n) {
        follow(c);
    } else if (c->params->p_success >= 1 ||
               surety_rng_uniform(c->walk->views[c->walk->controllers[0]].rng) < c->params->p_success) {
        serve_first_healthy(c, best);
    } else if (c->params->retry_us == SURETY_NEVER) {
        c->phase = SURETY_FAILOVER_STUCK;
        c->attempt_us = SURETY_NEVER;
    } else {
        c->attempt_us = now_us + c->params->retry_us;
    }
}

static inline int64_t failback_at(const struct controller *c, uint32_t route)
{
    const int64_t since_us = c->routes[route].healthy_since_us;
    return since_us == SURETY_NEVER || c->params->failback_us == SURETY_NEVER ? SURETY_NEVER
                                                                              : since_us + c->params->failback_us;
}

static inline int64_t next_instant(const struct controller *c)
{
    int64_t next_us = c->attempt_us;
    const uint32_t n_watched = c->phase == SURETY_FAILOVER_FOLLOWING ? c->n : c->active + 1;
    for (uint32_t i = 0; i < n_watched; i++)
        next_us = c->routes[i].next_us < next_us ? c->routes[i].next_us : next_us;
    if (c->phase != SURETY_FAILOVER_FOLLOWING)
        for (uint32_t i = 0; i < c->active; i++) {
            const int64_t at_us = failback_at(c, i);
            next_us = at_us < next_us ? at_us : next_us;
        }
    return next_us;
}

// What happens at one instant, in the order of surety_failover_update.
static inline void step(struct controller *c, int64_t now_us)
{
    const int64_t trip_ppb = c->params->trip_ppb;
    if (c->phase == SURETY_FAILOVER_FOLLOWING) {
        const uint32_t best = first_healthy(c, now_us);
        for (uint32_t i = best; i < c->n; i++)
            look(c->walk, &c->routes[i], now_us, trip_ppb);
        if (best < c->n)
            serve_first_healthy(c, best);
        else
            follow(c);
        return;
    }
    for (uint32_t i = 0; i < c->active; i++) {
        struct surety_flat_route *route = &c->routes[i];
        look(c->walk, route, now_us, trip_ppb);
        if (!route->healthy)
            route->healthy_since_us = SURETY_NEVER;
        else if (route->healthy_since_us == SURETY_NEVER)
            route->healthy_since_us = now_us;
    }
    look(c->walk, &c->routes[c->active], now_us, trip_ppb);
    if (c->routes[c->active].healthy) {
        serve(c);
    } else if (c->phase == SURETY_FAILOVER_SERVING) {
        c->phase = SURETY_FAILOVER_PENDING;
        c->failed_us = now_us;
        c->attempt_us = now_us + c->params->detect_us + c->params->switch_us;
    }
    for (uint32_t i = 0; i < c->active; i++)
        if (failback_at(c, i) <= now_us) {
            c->active = i; // ends the loop
            serve(c);
        }
    if (c->attempt_us <= now_us)
        attempt(c, now_us);
}

// Shows the controller's state where others look for it: in the tree, and as who serves.
static inline void show(const struct controller *c)
{
    struct surety_failover_state *s = c->walk->views[c->walk->controllers[0]].state;
    s->active = c->active;
    s->phase = c->phase;
    s->failed_us = c->failed_us;
    const bool serving = c->phase == SURETY_FAILOVER_SERVING;
    c->walk->serving = (struct surety_serving){
        .known = c->phase != SURETY_FAILOVER_FOLLOWING, // else all routes are to blame
        .provider = c->routes[c->active].provider,
        .phase = serving ? SURETY_PHASE_BELOW_TRIP : SURETY_PHASE_SWITCHING,
        .detection_until_us = serving ? 0 : c->failed_us + c->params->detect_us,
    };
}

// The first route serves and its single source begins an outage that trips the controller: the failure without the
// general step. False when it is not so.
static inline bool fail_first(struct controller *c, int64_t now_us)
{
    struct surety_walk *walk = c->walk;
    struct surety_flat_route *route = &c->routes[0];
    const int64_t delay_us = c->params->detect_us + c->params->switch_us;
    if (route->n_cursors != 1 || delay_us == 0 || !surety_reaches(route->f_single, c->params->trip_ppb))
        return false;
    struct surety_cursor *cursor = route->cursors;
    const int64_t repaired_us = *++cursor->next; // it was at the outage's beginning
    walk->active[route->provider] = 1;
    route->f = route->f_single;
    route->healthy = false;
    route->next_us = repaired_us;
    c->phase = SURETY_FAILOVER_PENDING;
    c->failed_us = now_us;
    c->attempt_us = now_us + delay_us;
    show(c);
    surety_walk_turn(walk, now_us, route->f, rates(walk, route));
    return true;
}

static void failover(struct surety_walk *walk)
{
    const struct surety_plan_architecture *a = walk->architecture;
    struct controller c = {
        .params = a->nodes[a->n_nodes - 1].params, .walk = walk, .routes = walk->flat, .n = walk->n_flat};
    const uint32_t best = first_healthy(&c, 0);
    if (best < c.n)
        serve_first_healthy(&c, best);
    else
        follow(&c);
    show(&c);
    surety_walk_begin(walk, c.routes[c.active].f, rates(walk, &c.routes[c.active]));
    for (;;) {
        // Nearly always the first route serves, and only its next boundary matters.
        const bool usual = c.active == 0 && c.phase == SURETY_FAILOVER_SERVING;
        const int64_t now_us = usual ? c.routes[0].next_us : next_instant(&c);
        if (now_us >= walk->plan->term_us)
            break;
        if (usual && fail_first(&c, now_us))
            continue;
        step(&c, now_us);
        // Only a service that is down is asked why, and only treatments ask who serves.
        if (c.routes[c.active].f != walk->f_normal || walk->report_normal || walk->plan->has_treatments)
            show(&c);
        surety_walk_turn(walk, now_us, c.routes[c.active].f, rates(walk, &c.routes[c.active]));
    }
}

void surety_walk_failover_run(struct surety_walk *walk)
{
    for (uint32_t i = 0; i < walk->n_flat; i++)
        walk->flat[i].known = false, walk->flat[i].next_us = INT64_MIN;
    if (walk->n_controllers == 0) {
        alone(walk);
    } else {
        walk->rngs[walk->controllers[0]].index = 0;
        failover(walk);
    }
}
