// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/failover.h"

#include "models/spill.h"
#include "sim/base/ppb.h"

#include <math.h>
#include "sim/base/rng.h"

double surety_failover_attempts(const void *params, double outage_s)
{
    const struct surety_failover_params *p = params;
    if (p->retry_us == SURETY_NEVER)
        return 1;
    return fmin(p->p_success > 0 ? 1 / p->p_success : INFINITY,
                p->retry_us > 0 ? outage_s * 1e6 / (double)p->retry_us : INFINITY);
}

size_t surety_failover_state_size(size_t n_children)
{
    return sizeof(struct surety_failover_state) + n_children * sizeof(int64_t);
}

static bool healthy(const struct surety_node_view *view, uint32_t child)
{
    const struct surety_failover_params *p = view->params;
    return surety_spill_healthy(view, child, p->trip_ppb);
}

// The first healthy route of the order; n_children when there is none.
static uint32_t first_healthy(const struct surety_node_view *view)
{
    uint32_t i = 0;
    while (i < view->n_children && !healthy(view, i))
        i++;
    return i;
}

// The active route is healthy: nothing is pending.
static void serve(struct surety_failover_state *s)
{
    s->phase = SURETY_FAILOVER_SERVING;
    s->attempt_us = SURETY_NEVER;
    s->failed_us = SURETY_NEVER;
}

// Moves the traffic to the first healthy route: those ahead of it have no health to look back on.
static void serve_first_healthy(struct surety_failover_state *s, uint32_t child)
{
    for (uint32_t i = 0; i < child; i++)
        s->healthy_since_us[i] = SURETY_NEVER;
    s->active = child;
    serve(s);
}

// No route is healthy: traffic goes to the smallest f; ties: the first of the order.
static void follow(const struct surety_node_view *view, struct surety_failover_state *s)
{
    s->phase = SURETY_FAILOVER_FOLLOWING;
    s->attempt_us = SURETY_NEVER;
    s->active = 0;
    for (uint32_t i = 1; i < view->n_children; i++)
        if (surety_ppb(*view->child_f[i]) < surety_ppb(*view->child_f[s->active])) // equal to 1e-9 is a tie
            s->active = i;
}

void surety_failover_start(const struct surety_node_view *view)
{
    struct surety_failover_state *s = view->state;
    const uint32_t best = first_healthy(view);
    if (best < view->n_children) {
        serve_first_healthy(s, best);
    } else { // settled: no detection pending, traffic already on the least bad route
        follow(view, s);
        s->failed_us = 0;
    }
    s->n_looked_at = 0;
}

// Starts and stops the clocks of the routes ahead.
static void watch_ahead(const struct surety_node_view *view, struct surety_failover_state *s, int64_t now_us)
{
    for (uint32_t i = 0; i < s->active; i++) {
        if (!healthy(view, i))
            s->healthy_since_us[i] = SURETY_NEVER;
        else if (s->healthy_since_us[i] == SURETY_NEVER)
            s->healthy_since_us[i] = now_us;
    }
}

// Follows the recoveries and failures of this instant.
static void react(const struct surety_node_view *view, struct surety_failover_state *s, int64_t now_us)
{
    const struct surety_failover_params *p = view->params;
    if (s->phase == SURETY_FAILOVER_FOLLOWING) {
        const uint32_t best = first_healthy(view);
        if (best < view->n_children)
            serve_first_healthy(s, best);
        else
            follow(view, s);
        return;
    }
    watch_ahead(view, s, now_us);
    if (healthy(view, s->active)) {
        serve(s);
    } else if (s->phase == SURETY_FAILOVER_SERVING) {
        s->phase = SURETY_FAILOVER_PENDING;
        s->failed_us = now_us;
        s->attempt_us = now_us + p->detect_us + p->switch_us;
    }
}

// When the route ahead may take over; SURETY_NEVER: not as things stand.
static int64_t failback_at(const struct surety_failover_params *p, const struct surety_failover_state *s,
                           uint32_t child)
{
    if (p->failback_us == SURETY_NEVER || s->healthy_since_us[child] == SURETY_NEVER)
        return SURETY_NEVER;
    return s->healthy_since_us[child] + p->failback_us;
}

static void attempt(const struct surety_node_view *view, struct surety_failover_state *s, int64_t now_us)
{
    const struct surety_failover_params *p = view->params;
    const uint32_t best = first_healthy(view);
    s->n_looked_at = best + 1;
    if (best == view->n_children) { // nothing to move to: no draw
        follow(view, s);
    } else if (p->p_success >= 1 || surety_rng_uniform(view->rng) < p->p_success) {
        serve_first_healthy(s, best);
    } else if (p->retry_us == SURETY_NEVER) {
        s->phase = SURETY_FAILOVER_STUCK;
        s->attempt_us = SURETY_NEVER;
    } else {
        s->attempt_us = now_us + p->retry_us;
    }
}

double surety_failover_update(const struct surety_node_view *view, int64_t now_us, int64_t *timer_us)
{
    const struct surety_failover_params *p = view->params;
    struct surety_failover_state *s = view->state;
    const bool due = s->attempt_us <= now_us; // one that this instant sets itself waits until the routes are known
    s->n_looked_at = 0;
    react(view, s, now_us);
    for (uint32_t i = 0; s->phase != SURETY_FAILOVER_FOLLOWING && i < s->active; i++)
        if (failback_at(p, s, i) <= now_us) {
            s->active = i; // ends the loop
            serve(s);
        }
    if (due && s->phase == SURETY_FAILOVER_PENDING)
        attempt(view, s, now_us);

    int64_t next_us = s->attempt_us;
    if (s->phase != SURETY_FAILOVER_FOLLOWING)
        for (uint32_t i = 0; i < s->active; i++) {
            const int64_t at_us = failback_at(p, s, i);
            if (at_us < next_us)
                next_us = at_us;
        }
    *timer_us = next_us;
    return surety_spill_failing(view, s->active, p->trip_ppb);
}

double surety_failover_failing(const struct surety_node_view *view)
{
    const struct surety_failover_params *p = view->params;
    return surety_spill_failing(view, ((const struct surety_failover_state *)view->state)->active, p->trip_ppb);
}

size_t surety_failover_watch(const struct surety_node_view *view)
{
    const struct surety_failover_state *s = view->state;
    if (s->phase == SURETY_FAILOVER_FOLLOWING)
        return view->n_children;
    return s->n_looked_at > s->active ? s->n_looked_at : s->active + 1;
}

#define PHASE_BITS 2

uint64_t surety_failover_mode(const struct surety_node_view *view)
{
    const struct surety_failover_state *s = view->state;
    return (uint64_t)s->active << PHASE_BITS | s->phase;
}

unsigned surety_failover_mode_bits(size_t n_children)
{
    unsigned bits = 0;
    while ((n_children - 1) >> bits != 0)
        bits++;
    return PHASE_BITS + bits;
}

void surety_failover_route(const struct surety_node_view *view, double *load)
{
    const struct surety_failover_state *s = view->state;
    for (uint32_t i = 0; i < view->n_children; i++)
        load[i] = view->child_spill == NULL && i == s->active;
    if (view->child_spill != NULL)
        surety_spill_load(view, s->active, 1, ((const struct surety_failover_params *)view->params)->trip_ppb, load);
}

void surety_failover_explain(const struct surety_node_view *view, struct surety_explanation *explanation)
{
    const struct surety_failover_params *p = view->params;
    const struct surety_failover_state *s = view->state;
    *explanation = (struct surety_explanation){.child = s->active};
    switch ((enum surety_failover_phase)s->phase) {
    case SURETY_FAILOVER_SERVING:
        explanation->phase = SURETY_PHASE_BELOW_TRIP;
        explanation->ask_child = true;
        break;
    case SURETY_FAILOVER_PENDING:
    case SURETY_FAILOVER_STUCK:
        explanation->phase = SURETY_PHASE_SWITCHING;
        explanation->detection_until_us = s->failed_us + p->detect_us;
        break;
    case SURETY_FAILOVER_FOLLOWING:
        explanation->phase = SURETY_PHASE_ALL_ROUTES_DOWN;
        explanation->all_children = true;
        break;
    }
}

bool surety_failover_settle(void *params, size_t n_children, int64_t down_at_ppb, const char **key,
                            const char **problem)
{
    (void)n_children;
    struct surety_failover_params *p = params;
    if (p->trip_ppb < 0)
        p->trip_ppb = down_at_ppb;
    if (p->retry_us < 0)
        p->retry_us = p->detect_us;
    if (p->retry_us > 0 || p->p_success >= 1)
        return true;
    *key = "retry_switch";
    *problem = "must be longer than 0s when `success` is below 100%: a failed switch would be tried for ever at one "
               "instant";
    return false;
}
