// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/requests/ask.h"

#include <math.h>
#include <stdlib.h>

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

// What limits say of it.
struct admission {
    double wait_s; // until its work begins; or REFUSED
    double over;   // share of it that reserved units cannot carry and that is paid for on demand
    uint32_t job;  // in a batch; 0: none
};

// Reserved units. False: what does not fit is rejected.
static bool take_units(struct surety_ask *ask, const struct attempt *a, double output, struct admission *out)
{
    struct surety_units_meter *units = &ask->units[a->provider];
    out->over =
        surety_units_take(units, a->at_us, ask->draws->demand, surety_draws_input(ask->draws, ask->request), output);
    return !units->rejects || out->over == 0;
}

// A place, or one in the batch; the wait for it.
static enum surety_err take_place(struct surety_ask *ask, const struct attempt *a, double output, struct admission *out)
{
    struct surety_places *places = &ask->limits[a->provider].places;
    struct surety_batch_server *batch = &ask->batches[a->provider];
    int64_t start_us;
    enum surety_err err = SURETY_OK;
    if (batch->most > 0)
        err = surety_batch_enter(batch, a->at_us, output, &start_us, &out->job);
    else
        start_us = surety_places_start(places, a->at_us);
    if (start_us == SURETY_LIMIT_FULL) {
        out->wait_s = REFUSED;
        return err;
    }
    if (batch->most == 0) {
        const double factor = surety_state_at(&ask->world->providers[a->provider], start_us)->state.factor;
        const double work_s = a->draw.first_s + surety_draws_rest(ask->draws, a->provider, ask->request, a->visit);
        err = surety_places_take(places, a->at_us, start_us, start_us + (int64_t)(work_s * factor * 1e6 + 0.5));
    }
    out->wait_s = 1e-6 * (double)(start_us - a->at_us);
    return err;
}

// What an attempt then does to the limits is done, whatever becomes of the request: nobody takes the work back from a
// provider.
static struct admission admit(struct surety_ask *ask, const struct attempt *a)
{
    struct surety_limit *limit = &ask->limits[a->provider];
    struct surety_draws *draws = ask->draws;
    struct admission out = {.wait_s = 0};
    const bool has_quota = !isinf(limit->tokens.rate), has_units = ask->units[a->provider].given;
    const double output = has_quota || has_units || ask->batches[a->provider].most > 0
                              ? surety_draws_output(draws, a->provider, ask->request, a->visit)
                              : 0;
    if (!surety_limit_grant(limit, a->at_us, has_quota ? output + surety_draws_input(draws, ask->request) : 0)) {
        out.wait_s = REFUSED;
        return out;
    }
    if (a->fails)
        return out;
    if (has_units && !take_units(ask, a, output, &out)) {
        out.wait_s = REFUSED;
        return out;
    }
    if (limit->places.c > 0) {
        const enum surety_err err = take_place(ask, a, output, &out);
        ask->err = err != SURETY_OK ? err : ask->err;
    }
    return out;
}

// As the log has it, or now.
static struct admission consult(struct surety_ask *ask, const struct attempt *a, const double *known)
{
    struct admission out;
    if (known != NULL) {
        out = (struct admission){.wait_s = known[0], .over = known[1], .job = (uint32_t)known[2]};
        ask->n_asked += 2;
    } else {
        out = admit(ask, a);
        surety_ask_answer(ask, out.wait_s);
        surety_ask_answer(ask, out.over);
        surety_ask_answer(ask, out.job);
    }
    if (out.job != 0)
        ask->own_jobs[ask->n_own_jobs++] = out.job;
    return out;
}

enum outcome { ANSWERS, ERRS, HANGS };

static enum outcome outcome_of(const struct surety_provider_state *state, double u)
{
    if (u < state->p_error)
        return ERRS;
    return u < state->p_error + (1 - state->p_error) * state->p_hang ? HANGS : ANSWERS;
}

// What a provider bills: what it answered, whether or not somebody still waited for it. Of what hangs nothing is ever heard.
static void reply(struct surety_ask *ask, uint32_t provider, const struct surety_visit *draw, uint32_t visit,
                  const struct surety_provider_state *state, enum outcome outcome, double at_s, double wait_s,
                  struct surety_reply *out)
{
    if (outcome != ANSWERS) {
        *out = (struct surety_reply){INFINITY, 0, outcome == ERRS ? at_s : INFINITY, false, 0};
        return;
    }
    ask->cost += ask->plan->demands[ask->draws->demand].cost_per_request[provider];
    *out = (struct surety_reply){at_s + wait_s + draw->first_s * state->factor,
                                 surety_draws_rest(ask->draws, provider, ask->request, visit) * state->factor, INFINITY,
                                 false, 0};
}

void surety_ask_free_provider(struct surety_ask *ask, uint32_t node, double at_s, struct surety_reply *out)
{
    const uint32_t provider = ask->architecture->nodes[node].provider;
    const struct surety_provider_state *state =
        &surety_state_at(&ask->world->providers[provider], surety_ask_instant(ask, at_s))->state;
    const uint32_t visit = ask->n_visits[provider]++;
    const struct surety_visit draw = surety_draws_visit(ask->draws, provider, ask->request, visit);
    ask->n_attempts++;
    reply(ask, provider, &draw, visit, state, outcome_of(state, draw.u), at_s, 0, out);
}

void surety_ask_limited_provider(struct surety_ask *ask, uint32_t node, double at_s, struct surety_reply *out)
{
    struct attempt a = {.provider = ask->architecture->nodes[node].provider, .at_us = surety_ask_instant(ask, at_s)};
    struct surety_provider_world *world = &ask->world->providers[a.provider];
    const double *known;
    if (!surety_ask_question(ask, at_s, &known))
        return;
    a.visit = ask->n_visits[a.provider]++;
    a.draw = surety_draws_visit(ask->draws, a.provider, ask->request, a.visit);
    ask->n_attempts++;
    const struct surety_provider_state *state = &surety_state_at(world, a.at_us)->state;
    const enum outcome outcome = outcome_of(state, a.draw.u);
    a.fails = outcome != ANSWERS;
    const struct admission admitted = consult(ask, &a, known);
    if (admitted.wait_s == REFUSED) {
        ask->n_refused++;
        *out = (struct surety_reply){INFINITY, 0, at_s, true, 0};
        return;
    }
    if (admitted.wait_s > 0) // the work is as slow as the provider is when it begins
        state = &surety_state_at(world, a.at_us + (int64_t)(admitted.wait_s * 1e6 + 0.5))->state;
    reply(ask, a.provider, &a.draw, a.visit, state, outcome, at_s, admitted.wait_s, out);
    if (admitted.over > 0 && outcome == ANSWERS)
        ask->cost += admitted.over *
                     ask->plan->reserved[ask->plan->providers[a.provider].reserved].token_cost[ask->draws->demand];
    out->job = admitted.job;
}

// --- limits ----------------------------------------------------------------------------------------------------

bool surety_ask_is_limited(const struct surety_plan *plan, uint32_t provider)
{
    return (plan->loads.on && plan->loads.limits[provider].given) ||
           (plan->n_reserved > 0 && plan->providers[provider].reserved != SURETY_NOT_RESERVED);
}

enum surety_err surety_ask_init_limits(struct surety_ask *ask)
{
    const struct surety_plan *plan = ask->plan;
    enum surety_err err = SURETY_OK;
    ask->limits = calloc(plan->n_providers, sizeof *ask->limits);
    ask->batches = calloc(plan->n_providers, sizeof *ask->batches);
    ask->own_jobs = calloc(ask->most_questions + 1, sizeof *ask->own_jobs);
    ask->units = calloc(plan->n_providers, sizeof *ask->units);
    if (ask->limits == NULL || ask->batches == NULL || ask->units == NULL || ask->own_jobs == NULL)
        return SURETY_E_MEMORY;
    for (uint32_t p = 0; err == SURETY_OK && p < plan->n_providers; p++) {
        const struct surety_plan_limits *l =
            plan->loads.on && plan->loads.limits[p].given ? &plan->loads.limits[p] : NULL;
        err = surety_limit_init(&ask->limits[p], l, plan->n_demands);
        if (err == SURETY_OK && l != NULL && l->step_s > 0)
            err = surety_batch_init(&ask->batches[p], l, &ask->world->providers[p], &ask->jobs);
        if (err == SURETY_OK)
            err = surety_units_init(&ask->units[p], ask->world->scenario, plan, p);
    }
    return err;
}

void surety_ask_begin_limits(struct surety_ask *ask, int64_t from_us)
{
    for (size_t p = 0; p < ask->plan->n_providers; p++) {
        surety_limit_begin(&ask->limits[p], from_us);
        surety_batch_begin(&ask->batches[p], from_us);
        surety_units_begin(&ask->units[p]);
    }
}

void surety_ask_finish_limits(struct surety_ask *ask)
{
    for (size_t p = 0; ask->limits != NULL && p < ask->plan->n_providers; p++)
        surety_limit_finish(&ask->limits[p]);
    for (size_t p = 0; ask->batches != NULL && p < ask->plan->n_providers; p++)
        surety_batch_finish(&ask->batches[p]);
    for (size_t p = 0; ask->units != NULL && p < ask->plan->n_providers; p++)
        surety_units_finish(&ask->units[p]);
    free(ask->units);
    free(ask->limits);
    free(ask->batches);
    free(ask->own_jobs);
    free(ask->jobs.list);
}
