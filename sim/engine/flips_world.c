// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/flips_world.h"

#include "models/credit.h"
#include "models/registry.h"
#include "sim/base/sampler_table.h"
#include "sim/engine/books_money.h"
#include "sim/engine/timeline.h"
#include "sim/engine/walk_missed.h"
#include "sim/scenario/uncertain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// --- the scenario with another value ---------------------------------------------------------------------------

// The overrides that the scenario was read with, and one more. On the heap, with copies of the paths.
static struct surety_override *list_overrides(const struct surety_scenario *scenario, const char *path,
                                              const char *value)
{
    const size_t n = scenario->n_overrides;
    struct surety_override *list = calloc(n + 1, sizeof *list);
    bool all = list != NULL;
    for (size_t i = 0; all && i < n; i++) {
        const char *equals = strchr(scenario->overrides[i], '=');
        list[i].value = equals + 1;
        list[i].path = strndup(scenario->overrides[i], (size_t)(equals - scenario->overrides[i]));
        all = list[i].path != NULL;
    }
    if (all) {
        list[n] = (struct surety_override){strdup(path), value};
        all = list[n].path != NULL;
    }
    for (size_t i = 0; !all && list != NULL && i <= n; i++)
        free((char *)(uintptr_t)list[i].path);
    if (!all) {
        free(list);
        return NULL;
    }
    return list;
}

static enum surety_err read_changed(const struct surety_scenario *scenario, const char *path, const char *value,
                                    struct surety_scenario **changed, struct surety_plan **plan)
{
    struct surety_override *overrides = list_overrides(scenario, path, value);
    if (overrides == NULL)
        return SURETY_E_MEMORY;
    // "contracts.retail": the same contract again.
    const char *dot = strncmp(scenario->contract_path, "contracts.", 10) == 0 ? scenario->contract_path + 10 : NULL;
    struct surety_diags diags;
    surety_diags_init(&diags, scenario->file);
    enum surety_err err =
        surety_scenario_read_contract(surety_registry_get(), scenario->file, scenario->text, strlen(scenario->text),
                                      overrides, scenario->n_overrides + 1, dot, &diags, changed);
    if (err == SURETY_OK && (err = surety_plan_create_trusted(*changed, &diags, plan)) != SURETY_OK)
        surety_scenario_destroy(*changed);
    surety_diags_finish(&diags);
    for (size_t i = 0; i <= scenario->n_overrides; i++)
        free((char *)(uintptr_t)overrides[i].path);
    free(overrides);
    return err;
}

// --- a few terms of it -----------------------------------------------------------------------------------------

struct tally {
    uint64_t n; // terms so far
    uint64_t n_terms_met, n_windows_met, n_above;
    uint64_t n_were_met, n_again; // in `compare`; and met here too
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
    int64_t credits = 0;
    size_t n_missed = 0;
    for (size_t w = 0; w < plan->n_windows; w++) {
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
    const uint64_t term = t->n++;
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

// Terms from..to on one plan, into the tally.
static enum surety_err walk_terms(const struct surety_flip_question *q, const struct surety_plan *whole, uint64_t from,
                                  uint64_t to, struct tally *tally)
{
    const struct surety_kernel *kernel =
        q->options->kernel != NULL ? surety_kernel_by_name(q->options->kernel) : surety_kernel_best();
    struct surety_plan plan = *whole;
    struct surety_timeline timeline;
    struct surety_walk walk;
    plan.has_costs = plan.has_costs && q->money;
    plan.latency.pool = q->plan->latency.pool;
    enum surety_err err = surety_timeline_init(&timeline, &plan, kernel, q->options->seed);
    if (err != SURETY_OK)
        return err;
    err = surety_walk_init(&walk, &plan, &plan.architectures[q->architecture], q->options->seed,
                           !q->options->general_walk);
    if (err == SURETY_OK) {
        drop_other_meters(&walk);
        if (walk.latency != NULL)
            walk.latency->never_records = true;
        for (uint64_t replication = from; err == SURETY_OK && replication < to; replication++) {
            surety_timeline_begin(&timeline, replication);
            err = surety_walk_run(&walk, &timeline);
            if (err == SURETY_OK)
                enter(q, &plan, &walk, tally);
        }
        surety_walk_finish(&walk);
    }
    surety_timeline_finish(&timeline);
    return err;
}

// Terms that are walked of a group: groups differ more than terms.
#define TERMS_A_GROUP 16

// All terms, group by group, each on its own draw of the uncertain inputs, as the whole run has them.
static enum surety_err walk_groups(const struct surety_flip_question *q, const struct surety_scenario *scenario,
                                   const struct surety_plan *plan, struct tally *tally)
{
    struct surety_table_cache *tables = surety_table_cache_create();
    double *values = calloc(2 * scenario->uncertain->n, sizeof *values);
    enum surety_err err = tables != NULL && values != NULL ? SURETY_OK : SURETY_E_MEMORY;
    for (uint64_t group = 0; err == SURETY_OK && group * TERMS_A_GROUP < q->n_terms; group++) {
        const uint64_t from = group * SURETY_GROUP, left = q->n_terms - group * TERMS_A_GROUP;
        const uint64_t to = from + (left < TERMS_A_GROUP ? left : TERMS_A_GROUP);
        struct surety_plan_draw draw;
        err = surety_plan_draw(scenario, plan, q->options->seed, group, tables, values, &draw);
        if (err != SURETY_OK)
            break;
        err = walk_terms(q, draw.plan, from, to, tally);
        surety_plan_draw_finish(&draw);
    }
    surety_table_cache_destroy(tables);
    free(values);
    return err;
}

static enum surety_err run(const struct surety_flip_question *q, const struct surety_scenario *scenario,
                           const struct surety_plan *plan, struct surety_flip_sample *out)
{
    const struct surety_plan_tier *tier = &plan->tiers[q->tier];
    struct tally tally = {.limit_micro = tier->has_fee ? surety_money_priced_limit(plan, q->tier) : 0};
    if (q->credits)
        tally.cap_term_micro = surety_credit_cap_term(&plan->credits, tier->fee_micro, plan->n_windows);
    if (q->money && tier->has_fee) {
        tally.margins = calloc(q->n_terms * plan->n_windows, sizeof *tally.margins);
        if (tally.margins == NULL)
            return SURETY_E_MEMORY;
    }
    const enum surety_err err = scenario->uncertain != NULL ? walk_groups(q, scenario, plan, &tally)
                                                            : walk_terms(q, plan, 0, q->n_terms, &tally);
    if (err == SURETY_OK)
        conclude(q, plan, &tally, out);
    free(tally.margins);
    return err;
}

enum surety_err surety_flip_evaluate(const struct surety_flip_question *question, const struct surety_flip_input *input,
                                     double scale, struct surety_flip_sample *out)
{
    if (input == NULL)
        return run(question, question->scenario, question->plan, out);
    struct surety_scenario *changed;
    struct surety_plan *plan;
    char *value = surety_flip_input_value(input, scale);
    if (value == NULL)
        return SURETY_E_MEMORY;
    enum surety_err err = read_changed(question->scenario, input->path, value, &changed, &plan);
    free(value);
    if (err != SURETY_OK)
        return err;
    err = run(question, changed, plan, out);
    surety_plan_destroy(plan);
    surety_scenario_destroy(changed);
    return err;
}
