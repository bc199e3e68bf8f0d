// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/requests/cooldown.h"

#include "sim/base/episode.h"

#include <stdlib.h>

enum surety_passage surety_cooldown_pass(struct surety_cooldown *route, const struct surety_fallback_params *params,
                                         int64_t now_us)
{
    if (now_us < route->cools_until_us)
        return SURETY_SKIPS;
    if (!params->half_open || route->trial != SURETY_TRIAL_DUE)
        return SURETY_PASSES;
    route->trial = SURETY_TRIAL_OUT;
    return SURETY_TRIES;
}

static void cool(struct surety_cooldown *route, const struct surety_fallback_params *params, int64_t now_us)
{
    route->cools_until_us = now_us + surety_us_of(params->cooldown_s);
    route->n_failures = 0;
    route->trial = params->half_open ? SURETY_TRIAL_DUE : SURETY_TRIAL_NONE;
}

void surety_cooldown_note(struct surety_cooldown *route, const struct surety_fallback_params *params, int64_t now_us,
                          bool fails, bool is_trial)
{
    if (is_trial && route->trial == SURETY_TRIAL_OUT) {
        route->trial = SURETY_TRIAL_NONE;
        if (fails)
            cool(route, params, now_us);
        return;
    }
    if (!fails || now_us < route->cools_until_us || route->trial != SURETY_TRIAL_NONE)
        return;
    if (route->n_failures == 0 || now_us - route->first_failure_us > surety_us_of(params->per_s)) {
        route->n_failures = 0;
        route->first_failure_us = now_us;
    }
    if (++route->n_failures > params->allowed_fails)
        cool(route, params, now_us);
}

void surety_cooldown_lose_trial(struct surety_cooldown *route)
{
    if (route->trial == SURETY_TRIAL_OUT)
        route->trial = SURETY_TRIAL_DUE;
}

// --- events ----------------------------------------------------------------------------------------------------

static bool is_before(const struct surety_request_event *a, const struct surety_request_event *b)
{
    return a->at_us < b->at_us || (a->at_us == b->at_us && a->order < b->order);
}

enum surety_err surety_request_events_push(struct surety_request_events *events, struct surety_request_event event)
{
    if (events->n == events->room) {
        const size_t room = 2 * events->room + 64;
        struct surety_request_event *more = realloc(events->list, room * sizeof *more);
        if (more == NULL)
            return SURETY_E_MEMORY;
        events->list = more;
        events->room = room;
    }
    event.order = events->order++;
    size_t i = events->n++;
    for (; i > 0 && is_before(&event, &events->list[(i - 1) / 2]); i = (i - 1) / 2)
        events->list[i] = events->list[(i - 1) / 2];
    events->list[i] = event;
    return SURETY_OK;
}

struct surety_request_event surety_request_events_pop(struct surety_request_events *events)
{
    const struct surety_request_event first = events->list[0], last = events->list[--events->n];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < events->n; i = child) {
        if (child + 1 < events->n && is_before(&events->list[child + 1], &events->list[child]))
            child++;
        if (!is_before(&events->list[child], &last))
            break;
        events->list[i] = events->list[child];
    }
    events->list[i] = last;
    return first;
}
