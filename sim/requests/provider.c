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

// Seconds until the attempt's work begins, or REFUSED; its job in a batch. What it then does to the limits is done,
// whatever becomes of the request: nobody takes the work back from a provider.
static double admit(struct surety_ask *ask, const struct attempt *a, uint32_t *job)
{
    struct surety_limit *limit = &ask->limits[a->provider];
    struct surety_batch_server *batch = &ask->batches[a->provider];
    struct surety_draws *draws = ask->draws;
    const bool has_quota = !isinf(limit->tokens.rate), places = limit->places.c > 0 && !a->fails;
    int64_t start_us = a->at_us;
    enum surety_err err = SURETY_OK;
    double tokens = 0;
    if (has_quota || (places && batch->most > 0))
        tokens = surety_draws_output(draws, a->provider, ask->request, a->visit);
    if (!surety_limit_grant(limit, a->at_us, has_quota ? tokens + surety_draws_input(draws, ask->request) : 0))
        return REFUSED;
    if (places && batch->most > 0)
        err = surety_batch_enter(batch, a->at_us, tokens, &start_us, job);
    else if (places)
        start_us = surety_places_start(&limit->places, a->at_us);
    if (start_us == SURETY_LIMIT_FULL)
        return REFUSED;
    if (places && batch->most == 0) {
        const double factor = surety_state_at(&ask->world->providers[a->provider], start_us)->state.factor;
        const double work_s = a->draw.first_s + surety_draws_rest(draws, a->provider, ask->request, a->visit);
        err = surety_places_take(&limit->places, a->at_us, start_us, start_us + (int64_t)(work_s * factor * 1e6 + 0.5));
    }
    ask->err = err != SURETY_OK ? err : ask->err;
    return 1e-6 * (double)(start_us - a->at_us);
}

// What the limits say of an attempt, as the log has it or now: its wait or REFUSED, and its job.
static double consult(struct surety_ask *ask, const struct attempt *a, const double *known, uint32_t *job)
{
    const bool batch = ask->batches[a->provider].most > 0;
    double wait_s;
    if (known != NULL) {
        wait_s = *known;
        *job = batch ? (uint32_t)ask->log[ask->n_asked++] : 0;
    } else {
        wait_s = surety_ask_answer(ask, admit(ask, a, job));
        if (batch)
            surety_ask_answer(ask, *job);
    }
    if (*job != 0)
        ask->own_jobs[ask->n_own_jobs++] = *job;
    return wait_s;
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
    uint32_t job = 0;
    if (!surety_ask_question(ask, at_s, &known))
        return;
    a.visit = ask->n_visits[a.provider]++;
    a.draw = surety_draws_visit(ask->draws, a.provider, ask->request, a.visit);
    ask->n_attempts++;
    const struct surety_provider_state *state = &surety_state_at(world, a.at_us)->state;
    const enum outcome outcome = outcome_of(state, a.draw.u);
    a.fails = outcome != ANSWERS;
    const double wait_s = consult(ask, &a, known, &job);
    if (wait_s == REFUSED) {
        ask->n_refused++;
        *out = (struct surety_reply){INFINITY, 0, at_s, true, 0};
        return;
    }
    if (wait_s > 0) // the work is as slow as the provider is when it begins
        state = &surety_state_at(world, a.at_us + (int64_t)(wait_s * 1e6 + 0.5))->state;
    reply(ask, a.provider, &a.draw, a.visit, state, outcome, at_s, wait_s, out);
    out->job = job;
}

// --- limits ----------------------------------------------------------------------------------------------------

enum surety_err surety_ask_init_limits(struct surety_ask *ask)
{
    const struct surety_plan *plan = ask->plan;
    enum surety_err err = SURETY_OK;
    ask->limits = calloc(plan->n_providers, sizeof *ask->limits);
    ask->batches = calloc(plan->n_providers, sizeof *ask->batches);
    ask->own_jobs = calloc(ask->most_questions + 1, sizeof *ask->own_jobs);
    if (ask->limits == NULL || ask->batches == NULL || ask->own_jobs == NULL)
        return SURETY_E_MEMORY;
    for (size_t p = 0; err == SURETY_OK && p < plan->n_providers; p++) {
        const struct surety_plan_limits *l = &plan->loads.limits[p];
        if (l->given)
            err = surety_limit_init(&ask->limits[p], l, plan->n_demands);
        if (err == SURETY_OK && l->given && l->step_s > 0)
            err = surety_batch_init(&ask->batches[p], l, &ask->world->providers[p], &ask->jobs);
    }
    return err;
}

void surety_ask_begin_limits(struct surety_ask *ask, int64_t from_us)
{
    for (size_t p = 0; p < ask->plan->n_providers; p++) {
        surety_limit_begin(&ask->limits[p], from_us);
        surety_batch_begin(&ask->batches[p], from_us);
    }
}

void surety_ask_finish_limits(struct surety_ask *ask)
{
    for (size_t p = 0; ask->limits != NULL && p < ask->plan->n_providers; p++)
        surety_limit_finish(&ask->limits[p]);
    for (size_t p = 0; ask->batches != NULL && p < ask->plan->n_providers; p++)
        surety_batch_finish(&ask->batches[p]);
    free(ask->limits);
    free(ask->batches);
    free(ask->own_jobs);
    free(ask->jobs.list);
}
