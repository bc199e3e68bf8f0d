// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/flips_world.h"

#include "models/credit.h"
#include "models/outage.h"
#include "sim/base/sampler_table.h"
#include "sim/engine/books_money.h"
#include "sim/engine/changed.h"
#include "sim/engine/timeline.h"
#include "sim/engine/walk_load.h"
#include "sim/engine/walk_missed.h"
#include "sim/scenario/uncertain.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_SHARES 8 // of the terms, each summed apart: the sums are the same with any number of threads

// --- a few terms of it -----------------------------------------------------------------------------------------

struct tally {
    uint64_t next; // term
    uint64_t n_terms_met, n_windows_met, n_above;
    uint64_t n_were_met, n_again; // in `compare`; and met here too
    double unavailability, unavailability_squared;
    double missed_squared, credits, credits_squared, cost;
    int64_t *margins; // of every window; NULL: not asked for
    size_t n_margins;
    int64_t cap_term_micro, limit_micro;
};

static int64_t micro(double money)
{
    return (int64_t)(money * SURETY_MICRO + 0.5);
}

static void enter(const struct surety_flip_question *q, const struct surety_plan *plan, const struct surety_walk *walk,
                  struct tally *t)
{
    const struct surety_plan_tier *tier = &plan->tiers[q->tier];
    const struct surety_reading *readings = walk->meters[walk->contract_meter].readings;
    int64_t credits = 0, bad = 0, counted = 0;
    size_t n_missed = 0;
    for (size_t w = 0; w < plan->n_windows; w++) {
        bad += readings[w].bad;
        counted += readings[w].counted;
        n_missed += surety_misses(tier->availability_ppb, readings[w]) || surety_walk_missed(walk, q->tier, w);
        const int64_t credit = q->credits ? surety_money_credit(plan, walk, q->tier, w, credits, t->cap_term_micro) : 0;
        credits += credit;
        double cost = 0;
        for (size_t d = 0; walk->rates != NULL && d < plan->n_demands; d++)
            cost += walk->ledger.cost[w * plan->n_demands + d];
        t->cost += cost;
        if (t->margins != NULL)
            t->margins[t->n_margins++] = tier->fee_micro[w] - micro(cost) - credit;
    }
    const double unavailability = counted > 0 ? (double)bad / (double)counted : 0;
    t->unavailability += unavailability;
    t->unavailability_squared += unavailability * unavailability;
    const uint64_t term = t->next++;
    const bool is_met = n_missed == 0, was_met = q->compare != NULL && q->compare[term] != 0;
    if (q->record != NULL)
        q->record[term] = is_met;
    t->n_terms_met += is_met;
    t->n_were_met += was_met;
    t->n_again += was_met && is_met;
    t->n_windows_met += plan->n_windows - n_missed;
    t->missed_squared += (double)(n_missed * n_missed);
    t->n_above += credits > t->limit_micro;
    const double money = (double)credits / SURETY_MICRO;
    t->credits += money;
    t->credits_squared += money * money;
}

// The contract's meter alone: nobody asks for the downtime beside it.
static void drop_other_meters(struct surety_walk *walk)
{
    const struct surety_meter first = walk->meters[0];
    walk->meters[0] = walk->meters[walk->contract_meter];
    walk->meters[walk->contract_meter] = first;
    walk->contract_meter = 0;
    walk->n_meters = walk->n_own_meters = 1;
    walk->report_normal = walk->meters[0].normal_is_bad;
}

static int rising(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static double standard_error(double sum, double sum_squared, double n)
{
    const double variance = n > 1 ? (sum_squared - sum * (sum / n)) / (n - 1) : 0;
    return variance > 0 ? sqrt(variance / n) : 0;
}

static void conclude(const struct surety_flip_question *q, const struct surety_plan *plan, struct tally *t,
                     struct surety_flip_sample *out)
{
    const double n = (double)q->n_terms, n_windows = (double)plan->n_windows;
    double months = 0;
    for (size_t w = 0; w < plan->n_windows; w++)
        months += plan->months[w];
    const double missed = n * n_windows - (double)t->n_windows_met;
    const double n_met = (double)t->n_terms_met, n_were_met = (double)t->n_were_met, n_again = (double)t->n_again;
    *out = (struct surety_flip_sample){
        .n = n,
        .p_again = q->compare != NULL ? n_again / n_were_met : NAN,
        .p_now = q->compare != NULL ? (n_met - n_again) / (n - n_were_met) : NAN,
        .p_term = (double)t->n_terms_met / n,
        .p_month = (double)t->n_windows_met / (n * n_windows),
        .unavailability = t->unavailability / n,
        .unavailability_se = standard_error(t->unavailability, t->unavailability_squared, n),
        .se_missed = standard_error(missed, t->missed_squared, n),
        .credits_mean = q->credits ? t->credits / n : NAN,
        .credits_se = q->credits ? standard_error(t->credits, t->credits_squared, n) : NAN,
        .p_credits_above = q->credits ? (double)t->n_above / n : NAN,
        .margin_p05 = NAN,
        .cost_per_month = q->money ? t->cost / (n * months) : NAN,
    };
    if (t->margins == NULL || t->n_margins == 0)
        return;
    // Nearest rank from above, as the books have it: p95 of what a margin stays below the largest fee.
    qsort(t->margins, t->n_margins, sizeof *t->margins, rising);
    const size_t rank = (size_t)ceil(0.95 * (double)t->n_margins * (1 - 0x1p-51));
    out->margin_p05 = (double)t->margins[t->n_margins - rank] / SURETY_MICRO;
}

// Takes from what is kept the episodes of every source that is as it was. lent: n_effects.
static const int64_t *const *lend(const struct surety_flip_kept *kept, const bool *is_same, uint64_t term,
                                  const int64_t **lent)
{
    const size_t n = kept->plan->n_effects;
    for (size_t e = 0; e < n; e++)
        lent[e] = is_same[e] ? kept->boundaries[term * n + e] : NULL;
    return lent;
}

// Terms from..to on one plan, that of `scenario`, into the tally. before: the plan of these terms as it is.
static enum surety_err walk_terms(const struct surety_flip_question *q, const struct surety_scenario *scenario,
                                  const struct surety_plan *whole, const struct surety_plan *before, uint64_t from,
                                  uint64_t to, struct tally *tally)
{
    const struct surety_kernel *kernel =
        q->options->kernel != NULL ? surety_kernel_by_name(q->options->kernel) : surety_kernel_best();
    const size_t n_effects = whole->n_effects;
    struct surety_plan plan = *whole;
    struct surety_timeline timeline;
    struct surety_walk walk;
    struct surety_arena arena;
    surety_arena_init(&arena);
    plan.has_costs = plan.has_costs && (q->money || plan.cost.n_targets > 0); // a promise of cost needs the bill
    plan.latency.pool = q->plan->latency.pool;
    plan.latency.no_tables = true;
    const int64_t **lent = calloc(n_effects + 1, sizeof *lent);
    bool *is_same = calloc(n_effects + 1, sizeof *is_same);
    enum surety_err err = surety_level_apply(&q->level, scenario, &arena, &plan);
    if (err == SURETY_OK && (lent == NULL || is_same == NULL))
        err = SURETY_E_MEMORY;
    if (err != SURETY_OK || (err = surety_timeline_init(&timeline, &plan, kernel, q->options->seed)) != SURETY_OK)
        goto out;
    for (size_t i = 0; n_effects == before->n_effects && i < plan.n_sources; i++)
        for (size_t k = 0; surety_plan_same_source(&plan, before, i) && k < plan.sources[i].n_effects; k++)
            is_same[plan.sources[i].effects[k]] = true;
    err = surety_walk_init(&walk, &plan, &plan.architectures[q->architecture], q->options->seed,
                           !q->options->general_walk);
    if (err == SURETY_OK) {
        drop_other_meters(&walk);
        if (walk.carried != NULL)
            walk.carried->never_books = true;
        for (uint64_t term = from; err == SURETY_OK && term < to; term++) {
            surety_timeline_begin(&timeline, surety_flip_kept_replication(q->kept, term));
            timeline.lent = lend(q->kept, is_same, term, lent);
            err = surety_walk_run(&walk, &timeline);
            if (err == SURETY_OK)
                enter(q, &plan, &walk, tally);
            if (err == SURETY_OK && q->term != NULL)
                q->term(q->context, &walk);
        }
        surety_walk_finish(&walk);
    }
    surety_timeline_finish(&timeline);
out:
    free((void *)lent);
    free(is_same);
    surety_arena_finish(&arena);
    return err;
}

// --- groups ----------------------------------------------------------------------------------------------------

// A scenario with one input changed, for all groups.
struct change {
    const struct surety_flip_input *input; // NULL: none
    const struct surety_scenario *scenario;
    const struct surety_plan *plan; // at the means
    bool is_plain;                  // an outage or a node alone is changed, and nothing else of it is drawn
};

static bool draws_nodes(const struct surety_scenario *scenario)
{
    for (size_t i = 0; i < scenario->uncertain->n; i++) {
        const char *path = scenario->uncertain->inputs[i].path;
        if (path != NULL && strncmp(path, "architectures.", 14) == 0)
            return true;
    }
    return false;
}

// Whether a group's plan follows from its draw as the scenario is: then the scenario need not be read again.
static bool is_plain(const struct change *c)
{
    if (c->plan->latency.on)
        return false;
    if (c->input->place == SURETY_FLIP_AT_NODE)
        return !draws_nodes(c->scenario);
    return c->input->place != SURETY_FLIP_AT_PRICE;
}

// The outage of a draw with the changed key. False when it contradicts itself.
static bool change_outage(const struct change *c, const struct surety_scenario *drawn, struct surety_outage *out)
{
    const struct surety_flip_input *in = c->input;
    const bool is_cause = in->provider == SIZE_MAX;
    const struct surety_outage *to = is_cause ? &c->scenario->common_causes[in->outage].outage
                                              : &c->scenario->providers[in->provider].outages[in->outage];
    *out = is_cause ? drawn->common_causes[in->outage].outage : drawn->providers[in->provider].outages[in->outage];
    if (in->place == SURETY_FLIP_AT_DOWN)
        out->time_to_repair = to->time_to_repair;
    if (in->place == SURETY_FLIP_AT_UP)
        out->time_to_failure = to->time_to_failure;
    if (in->place == SURETY_FLIP_AT_INCIDENTS) {
        out->incidents_per_s = to->incidents_per_s;
        out->incidents_shape = to->incidents_shape;
        out->drift = to->drift;
        out->spread = to->spread;
        out->drifts_from = to->drifts_from;
    }
    return !(out->incidents_per_s > 0) || surety_outage_solve(out) == NULL;
}

static enum surety_err walk_group(const struct surety_flip_question *q, const struct change *c, uint64_t group,
                                  struct surety_table_cache *tables, double *values, struct tally *tally)
{
    const struct surety_plan_draw *draw = &q->kept->draws[group];
    const uint64_t from = group * q->kept->terms_a_group, seed = q->options->seed, id = q->kept->groups[group];
    const uint64_t to = from + q->kept->terms_a_group;
    if (c->input == NULL)
        return walk_terms(q, draw->scenario, draw->plan, draw->plan, from, to, tally);
    if (c->scenario->uncertain == NULL) // the changed input was the last uncertain one
        return walk_terms(q, c->scenario, c->plan, draw->plan, from, to, tally);
    const bool plain = c->is_plain && draw->n_refused == 0;
    if (plain && c->input->place == SURETY_FLIP_AT_NODE) {
        struct surety_plan plan = *draw->plan;
        plan.architectures = c->plan->architectures;
        return walk_terms(q, draw->scenario, &plan, draw->plan, from, to, tally);
    }
    struct surety_outage outage;
    struct surety_plan *plan;
    if (plain && change_outage(c, draw->scenario, &outage)) {
        enum surety_err err =
            surety_plan_draw_with(draw, seed, id, tables, c->input->provider, c->input->outage, &outage, &plan);
        if (err == SURETY_OK) {
            err = walk_terms(q, draw->scenario, plan, draw->plan, from, to, tally);
            surety_plan_destroy(plan);
        }
        if (err != SURETY_E_INPUT)
            return err;
    }
    struct surety_plan_draw drawn;
    enum surety_err err = surety_plan_draw(c->scenario, c->plan, seed, id, tables, values, &drawn);
    if (err != SURETY_OK)
        return err;
    err = walk_terms(q, drawn.scenario, drawn.plan, draw->plan, from, to, tally);
    surety_plan_draw_finish(&drawn);
    return err;
}

// Groups of a share, each on its own draw of the uncertain inputs, as the whole run has them.
static enum surety_err walk_groups(const struct surety_flip_question *q, const struct change *c, uint64_t from,
                                   uint64_t to, struct tally *tally)
{
    struct surety_table_cache *tables = surety_table_cache_create();
    const struct surety_uncertain *uncertain = c->scenario->uncertain;
    double *values = calloc(uncertain != NULL ? 2 * uncertain->n : 1, sizeof *values);
    enum surety_err err = tables != NULL && values != NULL ? SURETY_OK : SURETY_E_MEMORY;
    for (uint64_t group = from; err == SURETY_OK && group < to; group++)
        err = walk_group(q, c, group, tables, values, tally);
    surety_table_cache_destroy(tables);
    free(values);
    return err;
}

// --- shares of the terms ---------------------------------------------------------------------------------------

struct shares {
    const struct surety_flip_question *question;
    const struct change *change;
    struct tally tallies[N_SHARES];
    uint64_t first[N_SHARES + 1]; // terms; with draws whole groups
    atomic_size_t next;
    atomic_int err; // enum surety_err
};

static enum surety_err walk_share(struct shares *all, size_t i)
{
    const struct surety_flip_question *q = all->question;
    const uint64_t from = all->first[i], to = all->first[i + 1], k = q->kept->terms_a_group;
    if (from == to)
        return SURETY_OK;
    if (q->kept->draws != NULL)
        return walk_groups(q, all->change, from / k, to / k, &all->tallies[i]);
    return walk_terms(q, all->change->scenario, all->change->plan, q->plan, from, to, &all->tallies[i]);
}

static void *work(void *argument)
{
    struct shares *all = argument;
    for (size_t i; atomic_load(&all->err) == SURETY_OK && (i = atomic_fetch_add(&all->next, 1)) < N_SHARES;) {
        const enum surety_err err = walk_share(all, i);
        if (err != SURETY_OK)
            atomic_store(&all->err, (int)err);
    }
    return NULL;
}

static enum surety_err walk_all(struct shares *all)
{
    pthread_t threads[N_SHARES];
    const size_t n = all->question->n_threads < N_SHARES ? all->question->n_threads : N_SHARES;
    size_t n_started = 0;
    while (n_started + 1 < n && pthread_create(&threads[n_started], NULL, work, all) == 0)
        n_started++;
    work(all); // this thread is one of them
    for (size_t i = 0; i < n_started; i++)
        pthread_join(threads[i], NULL);
    return (enum surety_err)atomic_load(&all->err);
}

static void merge(struct tally *into, const struct tally *from)
{
    into->n_terms_met += from->n_terms_met;
    into->n_windows_met += from->n_windows_met;
    into->n_above += from->n_above;
    into->n_were_met += from->n_were_met;
    into->n_again += from->n_again;
    into->unavailability += from->unavailability;
    into->unavailability_squared += from->unavailability_squared;
    into->missed_squared += from->missed_squared;
    into->credits += from->credits;
    into->credits_squared += from->credits_squared;
    into->cost += from->cost;
    for (size_t i = 0; i < from->n_margins; i++) // to where it stands, or before
        into->margins[into->n_margins++] = from->margins[i];
}

static enum surety_err run(const struct surety_flip_question *q, struct change *c, struct surety_flip_sample *out)
{
    const struct surety_plan *plan = c->plan;
    const struct surety_plan_tier *tier = &plan->tiers[q->tier];
    const uint64_t unit = q->kept->draws != NULL ? q->kept->terms_a_group : 1, n_units = q->n_terms / unit;
    struct shares all = {.question = q, .change = c};
    struct tally sum = {0};
    if (q->money && tier->has_fee) {
        sum.margins = calloc(q->n_terms * plan->n_windows, sizeof *sum.margins);
        if (sum.margins == NULL)
            return SURETY_E_MEMORY;
    }
    for (size_t i = 0; i <= N_SHARES; i++)
        all.first[i] = i * n_units / N_SHARES * unit;
    for (size_t i = 0; i < N_SHARES; i++)
        all.tallies[i] = (struct tally){
            .next = all.first[i],
            .limit_micro = tier->has_fee ? surety_money_priced_limit(plan, q->tier) : 0,
            .cap_term_micro = q->credits ? surety_credit_cap_term(&plan->credits, tier->fee_micro, plan->n_windows) : 0,
            .margins = sum.margins != NULL ? sum.margins + all.first[i] * plan->n_windows : NULL,
        };
    c->is_plain = c->input != NULL && c->scenario->uncertain != NULL && is_plain(c);
    const enum surety_err err = walk_all(&all);
    for (size_t i = 0; i < N_SHARES; i++)
        merge(&sum, &all.tallies[i]);
    if (err == SURETY_OK)
        conclude(q, plan, &sum, out);
    free(sum.margins);
    return err;
}

enum surety_err surety_flip_evaluate(const struct surety_flip_question *question, const struct surety_flip_input *input,
                                     double scale, struct surety_flip_sample *out)
{
    struct change change = {.input = input, .scenario = question->scenario, .plan = question->plan};
    if (input == NULL)
        return run(question, &change, out);
    struct surety_scenario *changed;
    struct surety_plan *plan;
    char *value = surety_flip_input_value(input, scale);
    const size_t size = value != NULL ? strlen(input->path) + strlen(value) + 2 : 0;
    char *set = value != NULL ? malloc(size) : NULL;
    enum surety_err err = SURETY_E_MEMORY;
    if (set != NULL) {
        snprintf(set, size, "%s=%s", input->path, value);
        err = surety_changed_read(question->scenario, (const char *const[]){set}, 1, &changed, &plan);
    }
    free(set);
    free(value);
    if (err != SURETY_OK)
        return err;
    change.scenario = changed;
    change.plan = plan;
    err = run(question, &change, out);
    surety_plan_destroy(plan);
    surety_scenario_destroy(changed);
    return err;
}
