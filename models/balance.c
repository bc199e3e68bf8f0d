// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/balance.h"

#include "models/spill.h"
#include "sim/base/ppb.h"

#include <string.h>

static bool is_set(uint32_t bits, size_t route)
{
    return bits >> route & 1;
}

bool surety_balance_settle(void *params, size_t n_children, int64_t down_at_ppb, const char **key, const char **problem)
{
    (void)n_children, (void)key, (void)problem;
    struct surety_balance_params *p = params;
    if (p->trip_ppb < 0)
        p->trip_ppb = down_at_ppb;
    return true;
}

size_t surety_balance_state_size(size_t n_children)
{
    (void)n_children;
    return sizeof(struct surety_balance_state);
}

static bool is_healthy(const struct surety_node_view *view, size_t route)
{
    const struct surety_balance_params *p = view->params;
    return surety_spill_healthy(view, route, p->trip_ppb);
}

void surety_balance_start(const struct surety_node_view *view)
{
    struct surety_balance_state *s = view->state;
    memset(s, 0, sizeof *s);
    for (size_t i = 0; i < view->n_children; i++)
        s->healthy |= (uint32_t)is_healthy(view, i) << i;
    for (size_t i = 0; i < view->n_children; i++)
        s->out |= (uint32_t)!is_set(s->healthy, i) << i;
}

size_t surety_balance_watch(const struct surety_node_view *view)
{
    return view->n_children;
}

// Follows a route's health and its clock. Returns when the clock is due; SURETY_NEVER: it does not run.
static int64_t follow(const struct surety_node_view *view, struct surety_balance_state *s, size_t route, int64_t now_us)
{
    const struct surety_balance_params *p = view->params;
    const uint32_t bit = UINT32_C(1) << route;
    const bool healthy = is_healthy(view, route);
    if (healthy != is_set(s->healthy, route)) {
        s->healthy ^= bit;
        s->since_us[route] = now_us;
    }
    const bool out = is_set(s->out, route);
    if (out != healthy) // in and healthy, or out and unhealthy: nothing to wait for
        return SURETY_NEVER;
    const int64_t wait_us = out ? p->failback_us : p->detect_us;
    if (wait_us == SURETY_NEVER)
        return SURETY_NEVER;
    if (s->since_us[route] + wait_us > now_us)
        return s->since_us[route] + wait_us;
    s->out ^= bit;
    return SURETY_NEVER;
}

double surety_balance_update(const struct surety_node_view *view, int64_t now_us, int64_t *timer_us)
{
    const struct surety_balance_params *p = view->params;
    struct surety_balance_state *s = view->state;
    const size_t n = view->n_children;
    int64_t next_us = SURETY_NEVER, pool_ppb = 0;
    for (size_t i = 0; i < n; i++) {
        const int64_t due_us = follow(view, s, i, now_us);
        next_us = due_us < next_us ? due_us : next_us;
    }
    for (size_t i = 0; i < n; i++)
        pool_ppb += is_set(s->out, i) ? 0 : p->share_ppb[i];
    const bool nobody_in = pool_ppb == 0;
    for (size_t i = 0; i < n && nobody_in; i++)
        pool_ppb += p->share_ppb[i];
    double failing_ppb = 0; // divided once: the whole pool failing gives exactly 1
    for (size_t i = 0; i < n; i++) {
        const int64_t share_ppb = nobody_in || !is_set(s->out, i) ? p->share_ppb[i] : 0;
        s->share[i] = (double)share_ppb / (double)pool_ppb;
        failing_ppb += (double)share_ppb * *view->child_f[i];
    }
    *timer_us = next_us;
    return view->child_spill != NULL ? surety_balance_failing(view) : failing_ppb / (double)pool_ppb;
}

double surety_balance_failing(const struct surety_node_view *view)
{
    const struct surety_balance_params *p = view->params;
    const struct surety_balance_state *s = view->state;
    double failing = 0;
    for (size_t i = 0; i < view->n_children; i++)
        if (s->share[i] > 0)
            failing += s->share[i] * surety_spill_failing(view, i, p->trip_ppb);
    return failing < 1 ? failing : 1;
}

uint64_t surety_balance_mode(const struct surety_node_view *view)
{
    const struct surety_balance_state *s = view->state;
    return (uint64_t)s->out << view->n_children | s->healthy;
}

unsigned surety_balance_mode_bits(size_t n_children)
{
    return 2 * (unsigned)n_children;
}

void surety_balance_route(const struct surety_node_view *view, double *load)
{
    const struct surety_balance_state *s = view->state;
    for (size_t i = 0; i < view->n_children; i++)
        load[i] = view->child_spill == NULL ? s->share[i] : 0;
    for (size_t i = 0; view->child_spill != NULL && i < view->n_children; i++)
        if (s->share[i] > 0)
            surety_spill_load(view, i, s->share[i], ((const struct surety_balance_params *)view->params)->trip_ppb,
                              load);
}

// The carrying route that adds most to the failures is asked; the causes lie with all that carry.
void surety_balance_explain(const struct surety_node_view *view, struct surety_explanation *explanation)
{
    const struct surety_balance_params *p = view->params;
    const struct surety_balance_state *s = view->state;
    struct surety_explanation e = {.phase = SURETY_PHASE_BELOW_TRIP, .all_children = true, .share = s->share};
    bool any_in = false;
    double most = -1;
    for (uint32_t i = 0; i < view->n_children; i++) {
        const double failing = s->share[i] * *view->child_f[i];
        if (s->share[i] > 0 && failing > most) {
            most = failing;
            e.child = i;
        }
        any_in = any_in || !is_set(s->out, i);
        if (!is_set(s->out, i) && !is_set(s->healthy, i) && s->since_us[i] + p->detect_us > e.detection_until_us)
            e.detection_until_us = s->since_us[i] + p->detect_us;
    }
    if (!any_in)
        e.phase = SURETY_PHASE_ALL_ROUTES_DOWN;
    else
        e.ask_child = e.detection_until_us == 0;
    *explanation = e;
}
