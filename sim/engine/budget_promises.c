// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/budget_promises.h"

#include "sim/engine/budget_tracks.h"
#include "sim/engine/walk_cost.h"
#include "sim/engine/walk_latency.h"
#include "sim/engine/walk_quality.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct surety_promise_budgets {
    const struct surety_scenario *scenario;
    const struct surety_plan *plan; // of the scenario as it is
    struct surety_budget_track *tracks;
    size_t n_tracks;
    struct surety_budget_heard heard;
    struct surety_walk_observer observer;
};

// --- which -----------------------------------------------------------------------------------------------------

static bool has_latency(const struct surety_plan *plan, const struct surety_result *result)
{
    return plan->latency.on && result->architectures[result->verdict.architecture].n_latency > 0;
}

static enum surety_err add(struct surety_promise_budgets *b, enum surety_budget_track_kind kind, size_t target,
                           uint64_t n_terms)
{
    struct surety_budget_track *t = &b->tracks[b->n_tracks++];
    const enum surety_err err = surety_budget_track_init(t, kind, target, b->scenario, b->plan, n_terms);
    if (err == SURETY_OK && !(t->count.share > 0)) // nothing may be lost: there is no budget
        surety_budget_track_finish(&b->tracks[--b->n_tracks]);
    return err;
}

static enum surety_err add_all(struct surety_promise_budgets *b, const struct surety_result *result, uint64_t n_terms)
{
    const struct surety_plan *plan = b->plan;
    const size_t tier = result->verdict.tier;
    enum surety_err err = SURETY_OK;
    for (size_t i = 0; err == SURETY_OK && has_latency(plan, result) && i < plan->latency.n_targets; i++)
        if (plan->latency.targets[i].tier == tier)
            err = add(b, plan->latency.targets[i].over_cells ? SURETY_TRACK_CELLS : SURETY_TRACK_LATE, i, n_terms);
    for (size_t i = 0; err == SURETY_OK && i < plan->quality.n_targets; i++)
        if (plan->quality.targets[i].tier == tier)
            err = add(b,
                      plan->quality.suites[plan->quality.targets[i].suite].issues ? SURETY_TRACK_ISSUES
                                                                                  : SURETY_TRACK_RUNS,
                      i, n_terms);
    for (size_t i = 0; err == SURETY_OK && plan->has_costs && i < plan->cost.n_targets; i++) {
        const struct surety_plan_cost_target *t = &plan->cost.targets[i];
        const bool dear = t->kind == SURETY_COST_PER_REQUEST;
        if (t->tier == tier && (!dear || t->demand != UINT32_MAX || plan->n_demands == 1)) // else no common demand
            err = add(b, dear ? SURETY_TRACK_DEAR : SURETY_TRACK_MONEY, i, n_terms);
    }
    return err;
}

static void instant(void *context, const struct surety_walk *walk, int64_t now_us)
{
    struct surety_budget_heard *h = context;
    if (walk->latency != NULL && walk->latency->reports) {
        const double state = walk->latency->now;
        surety_budget_log_add(&h->states, now_us, &state);
    }
    if (walk->quality != NULL)
        surety_budget_log_add(&h->quality, now_us, walk->quality->rate);
}

enum surety_err surety_promise_budgets_create(const struct surety_scenario *scenario, const struct surety_plan *plan,
                                              const struct surety_result *result, uint64_t n_terms,
                                              struct surety_promise_budgets **out)
{
    const size_t most = plan->latency.n_targets + plan->quality.n_targets + plan->cost.n_targets;
    struct surety_promise_budgets *b = calloc(1, sizeof *b);
    *out = NULL;
    if (b == NULL)
        return SURETY_E_MEMORY;
    b->scenario = scenario;
    b->plan = plan;
    b->tracks = calloc(most + 1, sizeof *b->tracks);
    b->heard.states.width = 1;
    b->heard.quality.width = plan->quality.n_checks;
    b->heard.answers.width = plan->n_providers * plan->n_demands;
    b->observer = (struct surety_walk_observer){instant, &b->heard};
    const enum surety_err err = b->tracks != NULL ? add_all(b, result, n_terms) : SURETY_E_MEMORY;
    if (err == SURETY_OK && b->n_tracks > 0)
        *out = b;
    else
        surety_promise_budgets_destroy(b);
    return err;
}

static void free_log(struct surety_budget_log *log)
{
    free(log->at_us);
    free(log->row);
}

void surety_promise_budgets_destroy(struct surety_promise_budgets *b)
{
    if (b == NULL)
        return;
    for (size_t i = 0; i < b->n_tracks; i++)
        surety_budget_track_finish(&b->tracks[i]);
    free_log(&b->heard.states);
    free_log(&b->heard.rates);
    free_log(&b->heard.answers);
    free_log(&b->heard.quality);
    free(b->heard.runs);
    free(b->tracks);
    free(b);
}

// --- listening -------------------------------------------------------------------------------------------------

static void told_rates(void *context, int64_t from_us, const double *rate)
{
    struct surety_budget_heard *h = context;
    surety_budget_log_add(&h->rates, from_us, rate);
}

static void told_answers(void *context, int64_t from_us, const double *rate)
{
    struct surety_budget_heard *h = context;
    surety_budget_log_add(&h->answers, from_us, rate);
}

// A run is told with the rates of its instant: a model that changed since is seen here first, and dated by its change.
static void told_run(void *context, const struct surety_walk_quality *q, size_t check, int64_t at_us, int64_t passed)
{
    struct surety_budget_heard *h = context;
    int64_t since_us = at_us;
    if (q->next_event > 0) {
        const int64_t event_us = q->events[q->next_event - 1].at_us;
        if (h->quality.n == 0 || event_us > h->quality.at_us[h->quality.n - 1])
            since_us = event_us;
    }
    surety_budget_log_add(&h->quality, since_us, q->rate);
    if (h->n_runs == h->room_runs) {
        const size_t room = 2 * h->room_runs + 64;
        struct surety_budget_run *more = realloc(h->runs, room * sizeof *more);
        if (more == NULL) {
            h->out_of_memory = true;
            return;
        }
        h->runs = more;
        h->room_runs = room;
    }
    const int64_t cases = q->plan->quality.suites[q->plan->quality.checks[check].suite].n_cases;
    h->runs[h->n_runs++] = (struct surety_budget_run){at_us, check, cases, passed};
}

void surety_promise_budgets_listen(struct surety_promise_budgets *b, struct surety_walk *walk)
{
    struct surety_budget_heard *h = &b->heard;
    h->plan = walk->plan;
    h->states.n = h->rates.n = h->answers.n = h->quality.n = h->n_runs = 0;
    h->rates.width = walk->ledger.n_rates;
    walk->observer = &b->observer;
    walk->ledger.told = told_rates;
    walk->ledger.context = h;
    if (walk->cost != NULL && walk->cost->has_answers) {
        walk->cost->answers.told = told_answers;
        walk->cost->answers.context = h;
    }
    if (walk->quality != NULL) {
        walk->quality->told = told_run;
        walk->quality->context = h;
    }
}

enum surety_err surety_promise_budgets_enter(struct surety_promise_budgets *b, const struct surety_walk *walk)
{
    const struct surety_budget_heard *h = &b->heard;
    enum surety_err err = h->out_of_memory || h->states.out_of_memory || h->rates.out_of_memory ||
                                  h->answers.out_of_memory || h->quality.out_of_memory
                              ? SURETY_E_MEMORY
                              : SURETY_OK;
    for (size_t i = 0; err == SURETY_OK && i < b->n_tracks; i++)
        err = surety_budget_track_enter(&b->tracks[i], walk, h);
    return err;
}

// --- the answer ------------------------------------------------------------------------------------------------

static const char *unit_text(struct surety_arena *arena, double seconds)
{
    return seconds >= 86400  ? surety_arena_printf(arena, "%.3g d", seconds / 86400)
           : seconds >= 3600 ? surety_arena_printf(arena, "%.3g h", seconds / 3600)
                             : surety_arena_printf(arena, "%.3g min", seconds / 60);
}

// Alerts that ask for more than there is.
static const char *silent_alerts(struct surety_promise_budgets *b, const struct surety_budget_track *t,
                                 struct surety_arena *arena, const char *of)
{
    const struct surety_contract *contract = &b->scenario->contract;
    const char *names = "";
    double most = 0;
    for (size_t i = 0; names != NULL && i < contract->n_alerts; i++)
        if (contract->alerts[i].burn * t->count.share > 1) {
            most = fmax(most, contract->alerts[i].burn * t->count.share);
            names = surety_arena_printf(arena, "%s%s%s", names, *names != '\0' ? ", " : "", contract->alerts[i].name);
        }
    if (names == NULL || *names == '\0')
        return names;
    return surety_arena_printf(arena, "%s cannot fire: that asks for up to %.0f %% of the %s", names, 100 * most, of);
}

static const char *note_of(struct surety_promise_budgets *b, const struct surety_budget_track *t,
                           struct surety_arena *arena)
{
    if (t->always_on)
        return "in some window the budget burns faster than evenly although everything works: alerts would be on "
               "throughout";
    if (t->kind == SURETY_TRACK_ISSUES)
        return "reports are counted by the window and taken to come evenly: no alert is judged on them";
    if (t->kind == SURETY_TRACK_MONEY)
        return "";
    if (t->kind != SURETY_TRACK_RUNS)
        return silent_alerts(b, t, arena,
                             t->kind == SURETY_TRACK_LATE    ? "requests to be late"
                             : t->kind == SURETY_TRACK_CELLS ? "time to be late"
                                                             : "answers to be dearer");
    const struct surety_plan_suite *suite = &b->plan->quality.suites[b->plan->quality.targets[t->target].suite];
    const double every_s = (double)suite->every_us * 1e-6;
    const char *every = unit_text(arena, every_s), *half = unit_text(arena, every_s / 2);
    const char *silent = silent_alerts(b, t, arena, "cases to fail");
    if (every == NULL || half == NULL || silent == NULL)
        return NULL;
    return surety_arena_printf(
        arena,
        "there is a signal only when the suite runs, every %s: a fall of the pass rate is seen %s "
        "later on average, if that run shows it%s%s",
        every, half, *silent != '\0' ? "; " : "", silent);
}

static const char *const dimensions[] = {"latency", "latency", "quality", "quality", "cost", "cost"};

static const char *promise_of(struct surety_promise_budgets *b, const struct surety_budget_track *t,
                              const struct surety_result *result, struct surety_arena *arena)
{
    static const char *const metric_names[] = {"first_token", "end_to_end", "per_step"};
    static const char *const what[] = {"per task", "per request", "a month", "over the forecast"};
    const struct surety_plan *plan = b->plan;
    if (t->kind <= SURETY_TRACK_CELLS) {
        const struct surety_plan_target *target = &plan->latency.targets[t->target];
        return surety_arena_printf(arena, "p%.10g of %s of %s within %.10g s", target->percentile,
                                   metric_names[target->metric], plan->demands[target->demand].name, target->target_s);
    }
    if (t->kind <= SURETY_TRACK_ISSUES)
        return surety_arena_printf(arena, "%s", plan->quality.suites[plan->quality.targets[t->target].suite].name);
    const struct surety_plan_cost_target *target = &plan->cost.targets[t->target];
    const char *of = target->demand == UINT32_MAX ? "" : plan->demands[target->demand].name;
    if (target->kind == SURETY_COST_OVER_FORECAST)
        return surety_arena_printf(arena, "%.10g %% %s", 100 * target->limit, what[target->kind]);
    return surety_arena_printf(arena, "%.10g %s %s%s%s", target->limit, result->currency, what[target->kind],
                               *of != '\0' ? " of " : "", of);
}

static const char *how_of(struct surety_promise_budgets *b, const struct surety_budget_track *t,
                          struct surety_arena *arena)
{
    static const char *const how[] = {"share of the requests that are late",
                                      "",
                                      "share of the cases of a window's runs that the judge fails",
                                      "share of the tasks that are reported",
                                      "money spent of what the ceiling allows",
                                      "share of the answers that cost more than the limit"};
    if (t->kind != SURETY_TRACK_CELLS)
        return how[t->kind];
    return surety_arena_printf(arena, "share of the time in which more than %.10g %% are late",
                               100 - b->plan->latency.targets[t->target].percentile);
}

enum surety_err surety_promise_budgets_report(struct surety_promise_budgets *b, struct surety_result *result,
                                              struct surety_architecture_result *architecture)
{
    struct surety_arena *arena = &result->arena;
    architecture->promise_budgets = surety_arena_calloc(arena, b->n_tracks, sizeof *architecture->promise_budgets);
    if (architecture->promise_budgets == NULL)
        return SURETY_E_MEMORY;
    for (size_t i = 0; i < b->n_tracks; i++) {
        struct surety_budget_track *t = &b->tracks[i];
        struct surety_budget *budget = surety_budget_count_report(&t->count, arena);
        if (budget == NULL)
            return SURETY_E_MEMORY;
        budget->tier = architecture->tiers[result->verdict.tier].name;
        if (t->kind == SURETY_TRACK_LATE) // as written, not as rounded for the walk
            budget->share = (100 - b->plan->latency.targets[t->target].percentile) / 100;
        budget->dimension = dimensions[t->kind];
        budget->promise = promise_of(b, t, result, arena);
        budget->how = how_of(b, t, arena);
        budget->note = note_of(b, t, arena);
        if (t->always_on || t->kind == SURETY_TRACK_ISSUES)
            budget->n_alerts = 0;
        if (budget->promise == NULL || budget->how == NULL || budget->note == NULL)
            return SURETY_E_MEMORY;
        architecture->promise_budgets[architecture->n_promise_budgets++] = budget;
    }
    return SURETY_OK;
}
