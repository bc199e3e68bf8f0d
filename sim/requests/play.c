// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/requests/play.h"

#include <math.h>
#include <stdlib.h>

#define NOBODY UINT32_MAX

enum surety_err surety_play_init(struct surety_play *play, const struct surety_plan *plan, size_t architecture,
                                 const struct surety_request_laws *laws, struct surety_requests_world *world,
                                 struct surety_arrivals *arrivals, struct surety_draws *draws,
                                 struct surety_diags *diags)
{
    *play = (struct surety_play){.arrivals = arrivals, .draws = draws, .n_workloads = plan->n_demands, .free = NOBODY};
    const enum surety_err err = surety_ask_init(&play->ask, plan, architecture, laws, world, diags);
    play->logs = calloc(play->ask.most_questions + 1, sizeof *play->logs);
    play->at = calloc(plan->n_demands, sizeof *play->at);
    return err == SURETY_OK && (play->logs == NULL || play->at == NULL) ? SURETY_E_MEMORY : err;
}

void surety_play_finish(struct surety_play *play)
{
    surety_ask_finish(&play->ask);
    free(play->waiting);
    free(play->logs);
    free(play->at);
}

// Jobs of its attempts: that of the answer is booked when it ends, of the others nobody wants to know.
static void book_jobs(struct surety_play *play, struct surety_tally *tally, const struct surety_reply *reply,
                      bool books)
{
    struct surety_ask *ask = &play->ask;
    for (size_t i = 0; i < ask->n_own_jobs; i++) {
        const uint32_t job = ask->own_jobs[i];
        const bool answers = books && tally->has_whole && job == reply->job && reply->first_s < INFINITY;
        surety_batch_book(&ask->jobs, job, answers ? &tally->whole : NULL, reply->first_s + reply->rest_s);
    }
}

static void book(struct surety_play *play, struct surety_tally *tally, uint64_t world, const struct surety_reply *reply)
{
    if (play->ask.n_own_jobs > 0)
        book_jobs(play, tally, reply, !play->only_storm && play->ask.arrival_us >= play->booked_from_us);
    struct surety_world_counts *counts = &tally->worlds[world];
    if (play->ask.arrival_us < play->booked_from_us)
        return;
    if (play->storm != NULL)
        surety_storm_add(play->storm, play->ask.arrival_us, reply->first_s == INFINITY, play->ask.n_attempts);
    if (play->only_storm)
        return;
    counts->n_attempts += play->ask.n_attempts;
    counts->n_refused += play->ask.n_refused;
    counts->cost += play->ask.cost;
    surety_tally_add(tally, counts, reply);
}

// --- requests that do not meet ---------------------------------------------------------------------------------

// A whole block at one provider whose state does not change meanwhile.
static void play_provider(struct surety_play *play, size_t workload, uint64_t world, uint32_t provider,
                          const struct surety_provider_state *state, struct surety_tally *tally)
{
    struct surety_world_counts *counts = &tally->worlds[world];
    const double p_fails = state->p_error + (1 - state->p_error) * state->p_hang, us = 1e6 * state->factor;
    const bool per_token = play->ask.laws->providers[provider].per_token;
    const double *u, *first_s, *rest_s = NULL;
    const size_t n = play->arrivals[workload].n;
    uint64_t n_failed = 0, n_lost = 0, sum_us = 0;
    surety_draws_block(&play->draws[workload], provider, &u, &first_s, per_token ? &rest_s : NULL);
    for (size_t i = 0; i < n; i++) {
        if (u[i] < p_fails) {
            n_failed++;
            n_lost += u[i] >= state->p_error;
            continue;
        }
        if (tally->has_first) {
            const int64_t first_us = (int64_t)(first_s[i] * us + 0.5);
            sum_us += (uint64_t)first_us;
            surety_histogram_add(&tally->first, first_us, 1);
        }
        if (tally->has_whole)
            surety_histogram_add(&tally->whole, (int64_t)(first_s[i] * us + (per_token ? rest_s[i] * us : 0) + 0.5), 1);
    }
    counts->n += n;
    counts->n_failed += n_failed;
    counts->n_lost += n_lost;
    counts->first_us += sum_us;
    counts->n_attempts += n;
    counts->cost += (double)(n - n_failed) * play->ask.plan->demands[workload].cost_per_request[provider];
}

static void play_block(struct surety_play *play, size_t workload, uint64_t world, struct surety_tally *tally)
{
    const struct surety_plan_architecture *a = play->ask.architecture;
    const struct surety_arrivals *arrivals = &play->arrivals[workload];
    if (a->n_nodes == 1 && play->storm == NULL) {
        const uint32_t provider = a->nodes[0].provider;
        const struct surety_state_piece *piece =
            surety_state_at(&play->ask.world->providers[provider], arrivals->at_us[0]);
        if (arrivals->at_us[arrivals->n - 1] < piece->until_us) {
            play_provider(play, workload, world, provider, &piece->state, tally);
            return;
        }
    }
    for (size_t i = 0; i < arrivals->n; i++) {
        struct surety_reply reply;
        surety_ask_play(&play->ask, &play->draws[workload], arrivals->first + (uint32_t)i, arrivals->at_us[i], &reply);
        book(play, tally, world, &reply);
    }
}

static void next_block(struct surety_play *play, size_t workload, uint64_t world)
{
    surety_arrivals_next(&play->arrivals[workload]);
    surety_draws_turn(&play->draws[workload], world);
}

// --- requests that do ------------------------------------------------------------------------------------------

// A place for a request that stopped; NOBODY when memory is out.
static uint32_t take_place(struct surety_play *play)
{
    if (play->free == NOBODY) {
        const uint32_t n = 2 * play->n_waiting + 64;
        const size_t each = play->ask.most_questions;
        struct surety_waiting *waiting = realloc(play->waiting, n * sizeof *waiting);
        play->waiting = waiting != NULL ? waiting : play->waiting;
        double *logs = realloc(play->logs, (n + 1) * each * sizeof *logs);
        play->logs = logs != NULL ? logs : play->logs;
        if (waiting == NULL || logs == NULL)
            return NOBODY;
        for (uint32_t i = n; i-- > play->n_waiting;) {
            waiting[i].next_free = play->free;
            play->free = i;
        }
        play->n_waiting = n;
    }
    const uint32_t place = play->free;
    play->free = play->waiting[place].next_free;
    return place;
}

// Plays a request from its start, with its log in the first logs; books it, or has it wait at `place` (NOBODY: it has
// none yet).
static enum surety_err play_on(struct surety_play *play, struct surety_draws *draws, uint32_t request,
                               int64_t arrival_us, uint32_t place, uint64_t world, struct surety_tally *tallies)
{
    struct surety_ask *ask = &play->ask;
    struct surety_reply reply;
    ask->log = play->logs;
    surety_ask_play(ask, draws, request, arrival_us, &reply);
    if (!ask->stopped) {
        book(play, &tallies[draws->demand], world, &reply);
        if (place != NOBODY) {
            play->waiting[place].next_free = play->free;
            play->free = place;
        }
        return ask->err;
    }
    if (place == NOBODY && (place = take_place(play)) == NOBODY)
        return SURETY_E_MEMORY;
    play->waiting[place] = (struct surety_waiting){
        .draws = draws, .request = request, .arrival_us = arrival_us, .n_log = ask->n_log, .n_noted = ask->n_noted};
    for (size_t i = 0; i < ask->n_log; i++)
        play->logs[(place + 1) * ask->most_questions + i] = play->logs[i];
    const enum surety_err err = surety_request_events_push(
        &ask->events, (struct surety_request_event){.at_us = ask->stopped_us, .index = place});
    return err != SURETY_OK ? err : ask->err;
}

// Lets happen what happens up to an instant.
static enum surety_err advance(struct surety_play *play, int64_t until_us, uint64_t world, struct surety_tally *tallies)
{
    struct surety_ask *ask = &play->ask;
    while (ask->events.n > 0 && ask->events.list[0].at_us <= until_us) {
        const struct surety_request_event event = surety_request_events_pop(&ask->events);
        ask->now_us = event.at_us;
        if (event.params != NULL) {
            surety_cooldown_note(&ask->cooldowns[event.index], event.params, event.at_us, event.fails, event.is_trial);
            continue;
        }
        const struct surety_waiting *w = &play->waiting[event.index];
        ask->n_log = w->n_log;
        ask->n_noted = w->n_noted;
        for (size_t i = 0; i < w->n_log; i++)
            play->logs[i] = play->logs[(event.index + 1) * ask->most_questions + i];
        const enum surety_err err = play_on(play, w->draws, w->request, w->arrival_us, event.index, world, tallies);
        if (err != SURETY_OK)
            return err;
    }
    return SURETY_OK;
}

// The workload whose next request comes first; n_workloads: there are none left.
static size_t next_workload(const struct surety_play *play, const size_t *at)
{
    size_t first = play->n_workloads;
    for (size_t d = 0; d < play->n_workloads; d++)
        if (play->arrivals[d].n > 0 &&
            (first == play->n_workloads || play->arrivals[d].at_us[at[d]] < play->arrivals[first].at_us[at[first]]))
            first = d;
    return first;
}

static enum surety_err play_together(struct surety_play *play, uint64_t world, struct surety_tally *tallies)
{
    size_t *at = play->at;
    enum surety_err err = SURETY_OK;
    for (size_t d = 0; d < play->n_workloads; d++) {
        next_block(play, d, world);
        at[d] = 0;
    }
    for (size_t d; err == SURETY_OK && (d = next_workload(play, at)) < play->n_workloads;) {
        const int64_t now_us = play->arrivals[d].at_us[at[d]];
        const uint32_t request = play->arrivals[d].first + (uint32_t)at[d];
        err = advance(play, now_us, world, tallies);
        if (err != SURETY_OK)
            break;
        play->ask.now_us = now_us;
        play->ask.n_log = play->ask.n_noted = 0;
        err = play_on(play, &play->draws[d], request, now_us, NOBODY, world, tallies);
        if (++at[d] == play->arrivals[d].n) {
            next_block(play, d, world);
            at[d] = 0;
        }
    }
    if (err == SURETY_OK)
        err = advance(play, INT64_MAX, world, tallies);
    surety_ask_run_out(&play->ask);
    return err;
}

// --- a world ---------------------------------------------------------------------------------------------------

enum surety_err surety_play_world(struct surety_play *play, uint64_t world, int64_t from_us, int64_t start_us,
                                  int64_t end_us, struct surety_tally *tallies)
{
    enum surety_err err = SURETY_OK;
    play->booked_from_us = start_us;
    surety_ask_begin(&play->ask, from_us);
    for (size_t d = 0; err == SURETY_OK && d < play->n_workloads; d++)
        err = surety_arrivals_begin(&play->arrivals[d], world, from_us, end_us);
    if (err != SURETY_OK)
        return err;
    if (play->ask.remembers)
        return play_together(play, world, tallies);
    for (size_t d = 0; d < play->n_workloads; d++)
        for (next_block(play, d, world); play->arrivals[d].n > 0; next_block(play, d, world))
            play_block(play, d, world, &tallies[d]);
    return SURETY_OK;
}
