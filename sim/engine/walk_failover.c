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
    route->f = is_on ? cursor->f_alone : route->f_normal;
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

// Cost per request of each workload while the provider answers and fails the share f; NULL when nothing has a price.
static inline const double *rates(struct surety_walk *walk, uint32_t provider, double f)
{
    if (walk->rates == NULL)
        return NULL;
    walk->rates[0] = (1 - f) * walk->plan->demands[0].cost_per_request[provider]; // nearly always all
    for (size_t d = 1; d < walk->plan->n_demands; d++)
        walk->rates[d] = (1 - f) * walk->plan->demands[d].cost_per_request[provider];
    return walk->rates;
}

// --- one outage in one go ----------------------------------------------------------------------------------------

// Nearly every outage comes alone. Those are told whole, without a look at every instant in between.
struct outage {
    struct surety_cursor *cursor;
    int64_t from_us, to_us;
    int64_t quiet_until_us; // the next boundary behind it, or inside: then it is not alone
};

// The next episode of a route at which none is on.
static inline void next_outage(const struct surety_flat_route *route, struct outage *outage)
{
    struct surety_cursor *first = route->cursors;
    int64_t other_us = SURETY_NEVER;
    for (uint32_t i = 1; i < route->n_cursors; i++) {
        struct surety_cursor *cursor = &route->cursors[i];
        const int64_t later_us = *cursor->next < *first->next ? *first->next : *cursor->next;
        first = *cursor->next < *first->next ? cursor : first;
        other_us = later_us < other_us ? later_us : other_us;
    }
    const int64_t *b = first->next;
    *outage = (struct outage){first, b[0], b[1], b[2] < other_us ? b[2] : other_us};
}

// Leaves an outage behind that was alone.
static inline void pass(struct surety_flat_route *route, const struct outage *outage)
{
    outage->cursor->next += 2;
    route->next_us = outage->quiet_until_us;
}

// Outages may be told whole when nobody wants to hear of the normal state, and whoever is down is so on the contract's
// account.
static bool may_ride_out(const struct surety_walk *walk)
{
    return !walk->report_normal && !walk->plan->has_treatments;
}

// The service works as ever but for [from, to), because of one effect: what two turns of the walk would tell the books.
// Phase and end of the detection as in struct surety_serving.
static inline void dip(struct surety_walk *walk, const struct surety_cursor *cursor, enum surety_phase phase,
                       int64_t from_us, int64_t detection_until_us, int64_t to_us)
{
    if (to_us <= from_us) // moved at once: nobody saw it
        return;
    const struct surety_meter *end = walk->meters + walk->n_meters;
    for (struct surety_meter *m = walk->meters; m < end; m++)
        m->type->stretch(m, from_us, to_us, cursor->f_alone, false);
    if (surety_reaches(cursor->f_alone, walk->plan->down_at_ppb))
        surety_blame_dip(&walk->blame, walk->plan->effects[cursor->effect].source, phase, from_us, detection_until_us,
                         to_us);
}

// --- one provider alone --------------------------------------------------------------------------------------------

static bool ride_out_alone(struct surety_walk *walk, struct surety_flat_route *route)
{
    struct outage o;
    if (walk->active[route->provider] != 0)
        return false;
    next_outage(route, &o);
    if (o.to_us >= o.quiet_until_us || o.to_us >= walk->plan->term_us)
        return false;
    dip(walk, o.cursor, SURETY_PHASE_ALL_ROUTES_DOWN, o.from_us, o.from_us, o.to_us);
    if (walk->rates != NULL) {
        surety_ledger_turn(&walk->ledger, o.from_us, rates(walk, route->provider, o.cursor->f_alone));
        surety_ledger_turn(&walk->ledger, o.to_us, rates(walk, route->provider, walk->f_normal));
    }
    pass(route, &o);
    return true;
}

static void alone(struct surety_walk *walk)
{
    struct surety_flat_route *route = walk->flat;
    const bool may = may_ride_out(walk);
    look(walk, route, 0, SURETY_PPB_ONE);
    walk->serving = (struct surety_serving){true, route->provider, SURETY_PHASE_ALL_ROUTES_DOWN, 0};
    surety_walk_begin(walk, route->f, rates(walk, route->provider, route->f));
    while (route->next_us < walk->plan->term_us) {
        if (may && ride_out_alone(walk, route))
            continue;
        const int64_t now_us = route->next_us;
        look(walk, route, now_us, SURETY_PPB_ONE);
        surety_walk_turn(walk, now_us, route->f, rates(walk, route->provider, route->f));
    }
}

// --- failover ------------------------------------------------------------------------------------------------------

#define N_READY 8

// The state machine of models/failover.h over flat routes.
struct controller {
    double *ready; // N_READY draws of the moves from index first_ready on; a block of them costs as much as one
    uint32_t first_ready, n_ready;
    const struct surety_failover_params *params;
    struct surety_walk *walk;
    struct surety_flat_route *routes;
    uint32_t n, active;
    enum surety_failover_phase phase;
    int64_t attempt_us, failed_us;
};

// The draw of the next move, as surety_rng_uniform has it; it is not taken yet.
static inline double next_draw(struct controller *c)
{
    const struct surety_walk *walk = c->walk;
    const struct surety_rng *rng = walk->views[walk->controllers[0]].rng;
    if (rng->index - c->first_ready >= c->n_ready) {
        double others[N_READY];
        walk->timeline->kernel->uniforms(rng->key, rng->stream, rng->replication, rng->index, N_READY, c->ready,
                                         others);
        c->first_ready = rng->index;
        c->n_ready = N_READY;
    }
    return c->ready[rng->index - c->first_ready];
}

static inline void take_draw(struct controller *c)
{
    c->walk->views[c->walk->controllers[0]].rng->index++;
}

static inline bool draw_success(struct controller *c)
{
    const double u = next_draw(c);
    take_draw(c);
    return u < c->params->p_success;
}

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
    } else if (c->params->p_success >= 1 || draw_success(c)) {
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

// The second route takes over at attempt_us and answers until back_us as the first would. False when it is not so; then
// nothing has been drawn.
static inline bool stand_in(struct controller *c, int64_t attempt_us, int64_t back_us)
{
    if (c->n < 2)
        return false;
    struct surety_flat_route *second = &c->routes[1];
    look(c->walk, second, attempt_us, c->params->trip_ppb);
    if (second->f != c->walk->f_normal || second->next_us <= back_us)
        return false;
    if (c->params->p_success >= 1)
        return true;
    if (next_draw(c) >= c->params->p_success)
        return false;
    take_draw(c);
    return true;
}

// The first route serves, which is the normal state when no episode is on there. Nothing else goes wrong there while
// its next episode lasts, and the second route stands in where that is asked for: from the failure to the return in
// one go. False when it is not so; step by step then.
static inline bool ride_out(struct controller *c)
{
    struct surety_walk *walk = c->walk;
    const struct surety_failover_params *p = c->params;
    struct surety_flat_route *first = &c->routes[0];
    struct outage o;
    if (walk->active[first->provider] != 0 || first->next_us >= walk->plan->term_us)
        return false;
    next_outage(first, &o);
    const bool trips = surety_reaches(o.cursor->f_alone, p->trip_ppb);
    const int64_t attempt_us = o.from_us + p->detect_us + p->switch_us;
    const bool moves = trips && o.to_us > attempt_us;
    if (moves && p->failback_us == SURETY_NEVER)
        return false;
    const int64_t back_us = moves ? o.to_us + p->failback_us : o.to_us;
    if (back_us >= o.quiet_until_us || back_us >= walk->plan->term_us || (moves && !stand_in(c, attempt_us, back_us)))
        return false;
    dip(walk, o.cursor, trips ? SURETY_PHASE_SWITCHING : SURETY_PHASE_BELOW_TRIP, o.from_us,
        trips ? o.from_us + p->detect_us : o.from_us, moves ? attempt_us : o.to_us);
    if (walk->rates != NULL) {
        surety_ledger_turn(&walk->ledger, o.from_us, rates(walk, first->provider, o.cursor->f_alone));
        if (moves)
            surety_ledger_turn(&walk->ledger, attempt_us, rates(walk, c->routes[1].provider, walk->f_normal));
        surety_ledger_turn(&walk->ledger, back_us, rates(walk, first->provider, walk->f_normal));
    }
    pass(first, &o);
    return true;
}

static inline const double *current_rates(const struct controller *c)
{
    return rates(c->walk, c->routes[c->active].provider, c->routes[c->active].f);
}

static void failover(struct surety_walk *walk)
{
    const struct surety_plan_architecture *a = walk->architecture;
    double ready[N_READY];
    struct controller c = {.ready = ready,
                           .params = a->nodes[a->n_nodes - 1].params,
                           .walk = walk,
                           .routes = walk->flat,
                           .n = walk->n_flat};
    const uint32_t best = first_healthy(&c, 0);
    if (best < c.n)
        serve_first_healthy(&c, best);
    else
        follow(&c);
    show(&c);
    surety_walk_begin(walk, c.routes[c.active].f, current_rates(&c));
    const bool may = may_ride_out(walk);
    for (;;) {
        while (may && c.active == 0 && c.phase == SURETY_FAILOVER_SERVING && ride_out(&c))
            continue;
        const int64_t now_us = next_instant(&c);
        if (now_us >= walk->plan->term_us)
            break;
        step(&c, now_us);
        // Only a service that is down is asked why, and only treatments ask who serves.
        if (c.routes[c.active].f != walk->f_normal || walk->report_normal || walk->plan->has_treatments)
            show(&c);
        surety_walk_turn(walk, now_us, c.routes[c.active].f, current_rates(&c));
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
