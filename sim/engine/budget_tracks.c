// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/budget_tracks.h"

#include "models/measurement.h"
#include "sim/base/ppb.h"
#include "sim/engine/walk_cost.h"
#include "sim/engine/walk_latency.h"
#include "sim/engine/walk_quality.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LESS (1 - 1e-6) // what does not count never makes an alert fire by itself

// --- logs ------------------------------------------------------------------------------------------------------

void surety_budget_log_add(struct surety_budget_log *log, int64_t at_us, const double *row)
{
    if (log->n > 0 && memcmp(log->row + (log->n - 1) * log->width, row, log->width * sizeof *row) == 0)
        return;
    if (log->n > 0 && log->at_us[log->n - 1] == at_us)
        log->n--;
    if (log->n == log->room) {
        const size_t room = 2 * log->room + 256;
        int64_t *at = realloc(log->at_us, room * sizeof *at);
        log->at_us = at != NULL ? at : log->at_us;
        double *rows = at != NULL ? realloc(log->row, room * log->width * sizeof *rows) : NULL;
        if (rows == NULL) {
            log->out_of_memory = true;
            return;
        }
        log->row = rows;
        log->room = room;
    }
    log->at_us[log->n] = at_us;
    memcpy(log->row + log->n++ * log->width, row, log->width * sizeof *row);
}

// --- life ------------------------------------------------------------------------------------------------------

// Of what comes that may be lost; of money all of it. 0: nothing may, and there is no budget.
static double share_of(enum surety_budget_track_kind kind, size_t target, const struct surety_plan *plan)
{
    switch (kind) {
    case SURETY_TRACK_LATE:
        return 1 - plan->latency.targets[target].share;
    case SURETY_TRACK_CELLS:
        return (double)(SURETY_PPB_ONE - plan->latency.targets[target].cells_met_ppb) / (double)SURETY_PPB_ONE;
    case SURETY_TRACK_RUNS:
    case SURETY_TRACK_ISSUES:
        return (double)(SURETY_PPB_ONE - plan->quality.targets[target].bar_ppb) / (double)SURETY_PPB_ONE;
    case SURETY_TRACK_DEAR:
        return 1 - plan->cost.targets[target].share;
    default:
        return 1;
    }
}

enum surety_err surety_budget_track_init(struct surety_budget_track *t, enum surety_budget_track_kind kind,
                                         size_t target, const struct surety_scenario *scenario,
                                         const struct surety_plan *plan, uint64_t n_terms)
{
    *t = (struct surety_budget_track){.kind = kind,
                                      .target = target,
                                      .plan = plan,
                                      .budgets = calloc(plan->n_windows, sizeof *t->budgets),
                                      .before = calloc(plan->n_windows + 1, sizeof *t->before),
                                      .whole = calloc(plan->n_windows, sizeof *t->whole),
                                      .extra = calloc(plan->n_windows, sizeof *t->extra)};
    const enum surety_err err =
        surety_budget_count_init(&t->count, scenario, plan, n_terms, share_of(kind, target, plan));
    return t->budgets != NULL && t->before != NULL && t->whole != NULL && t->extra != NULL ? err : SURETY_E_MEMORY;
}

void surety_budget_track_finish(struct surety_budget_track *t)
{
    surety_budget_count_finish(&t->count);
    free(t->list);
    free(t->seen);
    free(t->of);
    free(t->row);
    free(t->budgets);
    free(t->before);
    free(t->whole);
    free(t->extra);
}

// --- what comes ------------------------------------------------------------------------------------------------

// The workload of a target; UINT32_MAX: all.
static uint32_t demand_of(const struct surety_budget_track *t)
{
    return t->kind == SURETY_TRACK_LATE ? t->plan->latency.targets[t->target].demand
                                        : t->plan->cost.targets[t->target].demand;
}

// What a request of workload d weighs: of money what it normally costs. Where nothing costs normally all weigh the same.
static double weight_of(const struct surety_budget_track *t, size_t d)
{
    return t->kind == SURETY_TRACK_MONEY && !t->is_free ? t->walk->ledger.normal[d] : 1;
}

// What weighs in a stretch of window w: requests of the target's workloads.
static double weight_between(const struct surety_budget_track *t, size_t w, int64_t a_us, int64_t b_us)
{
    const uint32_t demand = demand_of(t);
    double sum = 0;
    for (size_t d = 0; d < t->plan->n_demands; d++)
        if (demand == UINT32_MAX || demand == d)
            sum += surety_demand_of(t->plan, d, w, a_us, b_us) * weight_of(t, d);
    return sum;
}

static size_t window_of(const struct surety_plan *plan, int64_t t_us)
{
    size_t w = 0;
    while (w + 1 < plan->n_windows && plan->window_us[w + 1] <= t_us)
        w++;
    return w;
}

static int64_t to_us(const struct surety_plan *plan, double t_s)
{
    return t_s * 1e6 >= (double)plan->term_us ? plan->term_us : (int64_t)(t_s * 1e6 + 0.5);
}

// Requests since the term's start; of money the part of the windows' budgets that has come with what is usually spent.
// Before the start at the mean rate.
static double come(const void *context, double t_s)
{
    const struct surety_budget_track *t = context;
    const struct surety_plan *plan = t->plan;
    if (t_s <= 0)
        return t_s * t->before[plan->n_windows] / ((double)plan->term_us * 1e-6);
    const int64_t at_us = to_us(plan, t_s);
    const size_t w = window_of(plan, at_us);
    const double weight = weight_between(t, w, plan->window_us[w], at_us);
    if (t->kind != SURETY_TRACK_MONEY)
        return t->before[w] + weight;
    return t->before[w] + (t->whole[w] > 0 ? t->budgets[w] * (weight / t->whole[w]) : 0);
}

static void sum_up(struct surety_budget_track *t)
{
    const struct surety_plan *plan = t->plan;
    for (size_t w = 0; w < plan->n_windows; w++) {
        t->whole[w] = weight_between(t, w, plan->window_us[w], plan->window_us[w + 1]);
        t->before[w + 1] = t->before[w] + (t->kind == SURETY_TRACK_MONEY ? t->budgets[w] : t->whole[w]);
    }
}

// Money spent in a stretch, which lies in one window: by its rates, and of the window's fixed costs what is due.
static double spent(const void *context, const struct surety_burn_stretch *s, double a_s, double b_s)
{
    const struct surety_budget_track *t = context;
    const struct surety_plan *plan = t->plan;
    const uint32_t demand = demand_of(t);
    const double *rate = t->heard->rates.row + t->row[s - t->list] * t->heard->rates.width;
    const int64_t a_us = to_us(plan, a_s), b_us = to_us(plan, b_s);
    const size_t w = window_of(plan, to_us(plan, s->from_s));
    double sum = 0;
    for (size_t d = 0; d < plan->n_demands; d++)
        if (demand == UINT32_MAX || demand == d)
            sum += rate[d] * surety_demand_of(plan, d, w, a_us, b_us);
    return sum + (t->whole[w] > 0 ? t->extra[w] * (weight_between(t, w, a_us, b_us) / t->whole[w]) : 0);
}

// --- stretches -------------------------------------------------------------------------------------------------

// Appends [a, b) with the share `lost`, of those that count `of`; like the last one: makes it longer.
static void put(struct surety_budget_track *t, int64_t a_us, int64_t b_us, double lost, double of, size_t row)
{
    const double from_s = (double)a_us * 1e-6, to_s = (double)b_us * 1e-6;
    if (t->n > 0 && t->kind != SURETY_TRACK_MONEY && t->list[t->n - 1].to_s == from_s &&
        t->list[t->n - 1].lost == lost && t->of[t->n - 1] == of) {
        t->list[t->n - 1].to_s = to_s;
        return;
    }
    if (t->n == t->room) {
        const size_t room = 2 * t->room + 64;
        struct surety_burn_stretch *list = realloc(t->list, room * sizeof *list);
        t->list = list != NULL ? list : t->list;
        struct surety_burn_stretch *seen = realloc(t->seen, room * sizeof *seen);
        t->seen = seen != NULL ? seen : t->seen;
        double *ofs = realloc(t->of, room * sizeof *ofs);
        t->of = ofs != NULL ? ofs : t->of;
        size_t *rows = realloc(t->row, room * sizeof *rows);
        t->row = rows != NULL ? rows : t->row;
        if (list == NULL || seen == NULL || ofs == NULL || rows == NULL) {
            t->count.out_of_memory = true;
            return;
        }
        t->room = room;
    }
    t->of[t->n] = of;
    t->row[t->n] = row;
    t->list[t->n++] = (struct surety_burn_stretch){from_s, to_s, lost, 0};
}

static int64_t end_of(const struct surety_budget_log *log, size_t k, const struct surety_plan *plan)
{
    return k + 1 < log->n ? log->at_us[k + 1] : plan->term_us;
}

// Late and counted requests in a state of the latencies.
static void lateness(const struct surety_plan_target *target, const struct surety_latency_state *state, size_t i,
                     double *late, double *of)
{
    *of = target->failed_infinite ? 1 : state->served;
    *late = fmax(0, *of - state->good[i]);
}

static void stretch_latency(struct surety_budget_track *t)
{
    const struct surety_budget_log *log = &t->heard->states;
    const struct surety_walk_latency *l = t->walk->latency;
    const struct surety_plan_target *target = &t->plan->latency.targets[t->target];
    double late, of;
    for (size_t k = 0; k < log->n; k++) {
        lateness(target, &l->states.states[(size_t)log->row[k]], t->target, &late, &of);
        if (t->kind == SURETY_TRACK_CELLS) {
            late = late > (1 - target->share) * of * (1 + 1e-12);
            of = 1;
        }
        if (late > 0 || of < 1)
            put(t, log->at_us[k], end_of(log, k, t->plan), late, of, k);
    }
    lateness(target, &l->states.states[l->normal], t->target, &late, &of);
    if (t->kind == SURETY_TRACK_CELLS)
        late = late > (1 - target->share) * of * (1 + 1e-12);
    t->count.always = late * (1 + 1e-9);
    for (size_t w = 0; w < t->plan->n_windows; w++) {
        const double length_s = (double)(t->plan->window_us[w + 1] - t->plan->window_us[w]) * 1e-6;
        t->budgets[w] = t->count.share *
                        (t->kind == SURETY_TRACK_CELLS ? length_s : l->of[w * t->plan->latency.n_targets + t->target]);
    }
}

// Answers that cost more than the limit, of the target's workload.
static void dearness(const struct surety_budget_track *t, const double *row, double *dear, double *of)
{
    const struct surety_plan_cost_target *target = &t->plan->cost.targets[t->target];
    const size_t n = t->plan->n_demands;
    *dear = *of = 0;
    for (size_t p = 0; p < t->plan->n_providers; p++)
        for (size_t d = 0; d < n; d++)
            if (target->demand == UINT32_MAX || target->demand == d) { // all: there is one workload
                *of += row[p * n + d];
                *dear += row[p * n + d] * (1 - target->within[p * n + d]);
            }
}

static void stretch_dear(struct surety_budget_track *t)
{
    const struct surety_budget_log *log = &t->heard->answers;
    double dear, of;
    for (size_t k = 0; k < log->n; k++) {
        dearness(t, log->row + k * log->width, &dear, &of);
        put(t, log->at_us[k], end_of(log, k, t->plan), dear, of, k);
    }
    dearness(t, t->walk->cost->answers.normal, &dear, &of);
    t->count.always = dear * (1 + 1e-9);
    for (size_t w = 0; w < t->plan->n_windows; w++)
        surety_walk_cost_spent(t->walk, &t->plan->cost.targets[t->target], w, &dear, &t->budgets[w]);
}

// Money: cut at the ends of windows, whose budgets and fixed costs differ.
static void stretch_money(struct surety_budget_track *t)
{
    const struct surety_plan *plan = t->plan;
    const struct surety_budget_log *log = &t->heard->rates;
    const double *normal = t->walk->ledger.normal;
    const uint32_t demand = demand_of(t);
    double always = 0;
    t->is_free = true;
    for (size_t d = 0; d < plan->n_demands; d++)
        if ((demand == UINT32_MAX || demand == d) && normal[d] > 0)
            t->is_free = false;
    for (size_t w = 0; w < plan->n_windows; w++) {
        surety_walk_cost_spent(t->walk, &plan->cost.targets[t->target], w, &t->extra[w], &t->budgets[w]);
        t->whole[w] = weight_between(t, w, plan->window_us[w], plan->window_us[w + 1]);
    }
    for (size_t k = 0; k < log->n; k++) {
        const double *rate = log->row + k * log->width;
        double most = 0;
        for (size_t d = 0; d < plan->n_demands; d++)
            if ((demand == UINT32_MAX || demand == d) && rate[d] > 0)
                most = fmax(most, weight_of(t, d) > 0 ? rate[d] / weight_of(t, d) : INFINITY);
        const int64_t end_us = end_of(log, k, plan);
        for (int64_t a_us = log->at_us[k]; a_us < end_us;) {
            const size_t w = window_of(plan, a_us);
            const int64_t b_us = end_us < plan->window_us[w + 1] ? end_us : plan->window_us[w + 1];
            put(t, a_us, b_us, most, 1, k);
            for (size_t d = 0; d < plan->n_demands; d++) // what is left over by the rates are fixed costs
                if (demand == UINT32_MAX || demand == d)
                    t->extra[w] -= rate[d] * surety_demand_of(plan, d, w, a_us, b_us);
            a_us = b_us;
        }
    }
    for (size_t w = 0; w < plan->n_windows; w++) {
        const double least = 1e-9 * t->whole[w];
        t->extra[w] = t->extra[w] > least ? t->extra[w] : 0; // rounding
        always = fmax(always, ((t->is_free ? 0 : t->whole[w]) + t->extra[w]) / t->budgets[w]);
    }
    for (size_t k = 0; k < t->n; k++) {
        const size_t w = window_of(plan, to_us(plan, t->list[k].from_s));
        t->list[k].lost = (t->list[k].lost * t->whole[w] + t->extra[w]) / t->budgets[w];
    }
    t->count.always = always * (1 + 1e-9);
}

// --- a term ----------------------------------------------------------------------------------------------------

// An alert compares what is lost with what counts: lost - threshold x counted, which is lost + threshold x (1 - counted)
// against threshold x all.
static const struct surety_burn *seen(void *context, double threshold)
{
    struct surety_budget_track *t = context;
    for (size_t k = 0; k < t->n; k++) {
        t->seen[k] = t->list[k];
        t->seen[k].lost += threshold * (1 - t->of[k]) * LESS;
    }
    t->burn_seen = t->burn;
    t->burn_seen.list = t->seen;
    surety_burn_prepare(&t->burn_seen);
    return &t->burn_seen;
}

enum surety_err surety_budget_track_enter(struct surety_budget_track *t, const struct surety_walk *walk,
                                          const struct surety_budget_heard *heard)
{
    t->plan = walk->plan;
    t->walk = walk;
    t->heard = heard;
    t->n = 0;
    if (t->kind == SURETY_TRACK_RUNS || t->kind == SURETY_TRACK_ISSUES)
        return surety_budget_track_runs(t, walk, heard);
    if (t->kind == SURETY_TRACK_MONEY)
        stretch_money(t);
    else if (t->kind == SURETY_TRACK_DEAR)
        stretch_dear(t);
    else
        stretch_latency(t);
    if (t->kind != SURETY_TRACK_CELLS)
        sum_up(t);
    if (t->count.out_of_memory)
        return SURETY_E_MEMORY;
    t->burn = (struct surety_burn){.list = t->list,
                                   .n = t->n,
                                   .come = t->kind != SURETY_TRACK_CELLS ? come : NULL,
                                   .spent = t->kind == SURETY_TRACK_MONEY ? spent : NULL,
                                   .context = t};
    surety_burn_prepare(&t->burn);
    const bool counts = t->kind == SURETY_TRACK_LATE || t->kind == SURETY_TRACK_DEAR;
    t->always_on = t->count.no_alerts = t->always_on || t->count.always > t->count.share;
    surety_budget_count_enter(&t->count,
                              &(struct surety_budget_spending){
                                  .burn = &t->burn, .budgets = t->budgets, .seen = counts ? seen : NULL, .context = t});
    return t->count.out_of_memory ? SURETY_E_MEMORY : SURETY_OK;
}
