// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/requests/ask.h"

#include <math.h>

bool surety_ask_question(struct surety_ask *ask, double at_s, const double **answer)
{
    *answer = NULL;
    if (ask->n_asked < ask->n_log) {
        *answer = &ask->log[ask->n_asked++];
        return true;
    }
    const int64_t at_us = surety_ask_instant(ask, at_s);
    ask->stopped = at_us > ask->now_us;
    ask->stopped_us = at_us;
    return !ask->stopped;
}

double surety_ask_answer(struct surety_ask *ask, double answer)
{
    ask->log[ask->n_log++] = answer;
    ask->n_asked = ask->n_log;
    return answer;
}

// An attempt at hand.
struct attempt {
    uint32_t provider, visit;
    int64_t at_us;
    struct surety_visit draw;
    bool fails; // the provider's outages and errors see to it: it takes no place
};

#define REFUSED (-1.0)

// Seconds until the attempt's work begins, or REFUSED. What it then does to the limits is done, whatever becomes of the
// request: nobody takes the work back from a provider.
static double admit(struct surety_ask *ask, const struct attempt *a)
{
    struct surety_limit *limit = &ask->limits[a->provider];
    struct surety_draws *draws = ask->draws;
    const double tokens =
        isinf(limit->tokens.rate)
            ? 0
            : surety_draws_input(draws, ask->request) + surety_draws_output(draws, a->provider, ask->request, a->visit);
    if (!surety_limit_grant(limit, a->at_us, tokens))
        return REFUSED;
    if (a->fails || limit->places.c == 0)
        return 0;
    const int64_t start_us = surety_places_start(&limit->places, a->at_us);
    if (start_us == SURETY_LIMIT_FULL)
        return REFUSED;
    const double factor = surety_state_at(&ask->world->providers[a->provider], start_us)->state.factor;
    const double work_s = a->draw.first_s + surety_draws_rest(draws, a->provider, ask->request, a->visit);
    const enum surety_err err =
        surety_places_take(&limit->places, a->at_us, start_us, start_us + (int64_t)(work_s * factor * 1e6 + 0.5));
    ask->err = err != SURETY_OK ? err : ask->err;
    return 1e-6 * (double)(start_us - a->at_us);
}

// What a provider bills: what it answered, whether or not somebody still waited for it.
void surety_ask_provider(struct surety_ask *ask, uint32_t provider, double at_s, struct surety_reply *out)
{
    struct surety_provider_world *world = &ask->world->providers[provider];
    const bool limited = ask->limits != NULL && ask->limits[provider].given;
    struct attempt a = {.provider = provider, .at_us = surety_ask_instant(ask, at_s)};
    const double *known = NULL;
    double wait_s = 0;
    if (limited && !surety_ask_question(ask, at_s, &known))
        return;
    const struct surety_provider_state *state = &surety_state_at(world, a.at_us)->state;
    a.visit = ask->n_visits[provider]++;
    a.draw = surety_draws_visit(ask->draws, provider, ask->request, a.visit);
    ask->n_attempts++;
    const bool errs = a.draw.u < state->p_error;
    const bool hangs = !errs && a.draw.u < state->p_error + (1 - state->p_error) * state->p_hang;
    if (limited) {
        a.fails = errs || hangs;
        wait_s = known != NULL ? *known : surety_ask_answer(ask, admit(ask, &a));
        if (wait_s == REFUSED) {
            ask->n_refused++;
            *out = (struct surety_reply){INFINITY, 0, at_s, true};
            return;
        }
        if (wait_s > 0)
            state = &surety_state_at(world, a.at_us + (int64_t)(wait_s * 1e6 + 0.5))->state;
    }
    if (errs || hangs) { // nothing is ever heard of what hangs
        *out = (struct surety_reply){INFINITY, 0, errs ? at_s : INFINITY, false};
        return;
    }
    ask->cost += ask->plan->demands[ask->draws->demand].cost_per_request[provider];
    *out = (struct surety_reply){at_s + wait_s + a.draw.first_s * state->factor,
                                 surety_draws_rest(ask->draws, provider, ask->request, a.visit) * state->factor,
                                 INFINITY, false};
}
