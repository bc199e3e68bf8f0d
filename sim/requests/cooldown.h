// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_REQUESTS_COOLDOWN_H
#define SURETY_REQUESTS_COOLDOWN_H

#include "models/fallback.h"
#include "sim/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What a gateway remembers of each of its routes, and the events that change it:
//
//   counting --more than allowed_fails failures within `per` of the first--> cooling --cooldown over--> counting
//
// Half open, a cooldown is followed by a trial: the first attempt that comes decides alone. It fails: cooling again; it
// is answered: counting, from zero. Until that is known other requests pass, and their failures do not count. Failures
// that become known while a route cools do not count either. A failure is known when the gateway gives the attempt up.

enum surety_passage { SURETY_SKIPS, SURETY_PASSES, SURETY_TRIES }; // of a request at a route

enum surety_trial { SURETY_TRIAL_NONE, SURETY_TRIAL_DUE, SURETY_TRIAL_OUT };

struct surety_cooldown {
    int64_t cools_until_us, first_failure_us;
    int64_t n_failures;
    enum surety_trial trial;
};

// A request comes to the route. Does not change it but for a trial that begins.
enum surety_passage surety_cooldown_pass(struct surety_cooldown *route, const struct surety_fallback_params *params,
                                         int64_t now_us);

// An attempt at the route has failed, or the trial has been answered (fails false).
void surety_cooldown_note(struct surety_cooldown *route, const struct surety_fallback_params *params, int64_t now_us,
                          bool fails, bool is_trial);

// The trial will never be decided: the next request is one.
void surety_cooldown_lose_trial(struct surety_cooldown *route);

// --- events ----------------------------------------------------------------------------------------------------

// Something that happens later: an outcome becomes known, or a request goes on.
struct surety_request_event {
    int64_t at_us;
    uint64_t order;                              // of those at one instant: first come first served
    const struct surety_fallback_params *params; // NULL: request `index` goes on
    uint32_t index;                              // the route, or the request's place
    bool fails, is_trial;
};

// A binary heap, earliest first.
struct surety_request_events {
    struct surety_request_event *list;
    size_t n, room;
    uint64_t order;
};

// SURETY_E_MEMORY. `order` is set here.
enum surety_err surety_request_events_push(struct surety_request_events *events, struct surety_request_event event);

// The earliest; there must be one.
struct surety_request_event surety_request_events_pop(struct surety_request_events *events);

#endif
