// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/budget.h"

#include "models/alerts.h"
#include "models/measurement.h"
#include "sim/base/calendar.h"
#include "sim/base/fmath.h"
#include "sim/base/ppb.h"
#include "sim/engine/budget_count.h"
#include "sim/engine/budget_promises.h"
#include "sim/engine/group_world.h"
#include "sim/engine/summary_capacity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N_TERMS 1024
#define MOST_OUTAGES 4e5 // drawn in all

// --- a meter that keeps the stretches --------------------------------------------------------------------------

struct stretches {
    struct surety_burn_stretch *list;
    size_t n, room;
    bool out_of_memory;
    bool by_down;     // judged by whether the service is down, not by the share failing
    double per_task;  // requests of a task; 1 elsewhere
    double minimum_s; // of an unbroken time down
};

static enum surety_err init(struct surety_meter *meter)
{
    meter->state = calloc(1, sizeof(struct stretches));
    return meter->state != NULL ? SURETY_OK : SURETY_E_MEMORY;
}

static void finish_state(struct surety_meter *meter)
{
    free(((struct stretches *)meter->state)->list);
}

static void start(struct surety_meter *meter)
{
    ((struct stretches *)meter->state)->n = 0;
}

// 1 - (1 - f)^n
static double task_fails(double f, double n)
{
    return n == 1 || f <= 0 || f >= 1 ? f : 1 - surety_exp(n * surety_log(1 - f));
}

static void stretch(struct surety_meter *meter, int64_t a_us, int64_t b_us, double f, bool is_excluded)
{
    struct stretches *s = meter->state;
    const double lost = is_excluded  ? 0
                        : s->by_down ? surety_reaches(f, meter->plan->down_at_ppb)
                                     : task_fails(f, s->per_task);
    if (lost <= 0)
        return;
    if (s->n > 0 && s->list[s->n - 1].to_s == (double)a_us * 1e-6 && s->list[s->n - 1].lost == lost) {
        s->list[s->n - 1].to_s = (double)b_us * 1e-6;
        return;
    }
    if (s->n == s->room) {
        const size_t room = s->room == 0 ? 64 : 2 * s->room;
        struct surety_burn_stretch *more = realloc(s->list, room * sizeof *more);
        if (more == NULL) {
            s->out_of_memory = true;
            return;
        }
        s->list = more;
        s->room = room;
    }
    s->list[s->n++] = (struct surety_burn_stretch){(double)a_us * 1e-6, (double)b_us * 1e-6, lost, 0};
}

static void finish(struct surety_meter *meter)
{
    struct stretches *s = meter->state;
    size_t kept = 0;
    for (size_t i = 0; i < s->n; i++)
        if (s->list[i].to_s - s->list[i].from_s >= s->minimum_s)
            s->list[kept++] = s->list[i];
    s->n = kept;
}

static const struct surety_meter_type recorder = {.name = "stretches",
                                                  .help = "keeps what is lost",
                                                  .init = init,
                                                  .finish_state = finish_state,
                                                  .start = start,
                                                  .stretch = stretch,
                                                  .finish = finish};

// --- what has come ---------------------------------------------------------------------------------------------

// Requests since the term's start; before it at the mean rate.
struct demand {
    const struct surety_plan *plan;
    double *before; // each window, n_windows + 1
};

static double come(const void *context, double t_s)
{
    const struct demand *d = context;
    const struct surety_plan *plan = d->plan;
    const double end_s = (double)plan->term_us * 1e-6;
    if (t_s <= 0)
        return t_s * d->before[plan->n_windows] / end_s;
    const int64_t t_us = t_s >= end_s ? plan->term_us : (int64_t)(t_s * 1e6);
    size_t w = 0;
    while (w + 1 < plan->n_windows && plan->window_us[w + 1] <= t_us)
        w++;
    return d->before[w] + surety_demand_between(plan, w, plan->window_us[w], t_us);
}

// --- the walk --------------------------------------------------------------------------------------------------

struct budgets {
    const struct surety_scenario *scenario;
    const struct surety_plan *plan;
    uint64_t n_terms;
    bool has_availability;
    struct surety_budget_count count; // with has_availability
    struct surety_burn burn;
    struct demand demand;
    struct surety_promise_budgets *others; // NULL: none
};

static enum surety_err add_recorder(const struct surety_scenario *scenario, struct surety_walk *walk)
{
    const struct surety_contract *contract = &scenario->contract;
    if (walk->meters[walk->n_meters - 1].type == &recorder)
        return SURETY_OK;
    struct surety_meter *meter = &walk->meters[walk->n_meters];
    const enum surety_err err = surety_meter_init(meter, &recorder, walk->plan, walk->meters[0].key, walk->f_normal, 0);
    if (err != SURETY_OK)
        return err;
    struct stretches *s = meter->state;
    const int measure = contract->measure;
    s->by_down = measure == SURETY_METER_TIME || measure == SURETY_METER_MINUTES || measure == SURETY_METER_PROBES;
    s->minimum_s = measure == SURETY_METER_TIME || measure == SURETY_METER_MINUTES ? contract->minimum_outage_s : 0;
    s->per_task = measure == SURETY_METER_TASKS ? scenario->workloads[0].requests_per_task : 1;
    walk->n_meters++;
    walk->report_normal = walk->f_normal > 0; // request errors burn too
    return SURETY_OK;
}

static enum surety_err enter_availability(struct budgets *b, const struct surety_walk *walk)
{
    struct stretches *s = walk->meters[walk->n_meters - 1].state;
    b->count.always = s->by_down ? 0 : task_fails(walk->f_normal, s->per_task) * (1 + 1e-9);
    b->burn.list = s->list;
    b->burn.n = s->n;
    surety_burn_prepare(&b->burn);
    surety_budget_count_enter(&b->count, &(struct surety_budget_spending){.burn = &b->burn});
    return s->out_of_memory || b->count.out_of_memory ? SURETY_E_MEMORY : SURETY_OK;
}

static enum surety_err walk_terms(struct surety_group_world *world, struct budgets *b)
{
    enum surety_err err = SURETY_OK;
    for (uint64_t r = 0; err == SURETY_OK && r < b->n_terms; r++) {
        const uint64_t replication = b->scenario->uncertain != NULL ? r / 4 * SURETY_GROUP + r % 4 : r;
        err = surety_group_world_visit(world, replication);
        if (err == SURETY_OK && b->has_availability)
            err = add_recorder(b->scenario, &world->walk);
        if (err == SURETY_OK && b->others != NULL)
            surety_promise_budgets_listen(b->others, &world->walk);
        if (err != SURETY_OK)
            break;
        surety_timeline_begin(&world->timeline, replication);
        err = surety_walk_run(&world->walk, &world->timeline);
        if (err == SURETY_OK && b->has_availability)
            err = enter_availability(b, &world->walk);
        if (err == SURETY_OK && b->others != NULL)
            err = surety_promise_budgets_enter(b->others, &world->walk);
    }
    return err;
}

// --- the answer ------------------------------------------------------------------------------------------------

static const char *how_of(int measure)
{
    return measure == SURETY_METER_REQUESTS    ? "share of the requests that fail"
           : measure == SURETY_METER_TASKS     ? "share of the tasks that fail"
           : measure == SURETY_METER_INTERVALS ? "share failing, every instant weighing the same"
                                               : "share of the time that is down";
}

static enum surety_err report(struct budgets *b, struct surety_result *result, struct surety_budget **out)
{
    const struct surety_verdict *v = &result->verdict;
    struct surety_budget *budget = surety_budget_count_report(&b->count, &result->arena);
    if (budget == NULL)
        return SURETY_E_MEMORY;
    budget->tier = result->architectures[v->architecture].tiers[v->tier].name;
    budget->how = how_of(b->scenario->contract.measure);
    *out = budget;
    return SURETY_OK;
}

// Whether availability has a budget that can be told: a target below 100 %, and tasks of one length (those of several have
// no common share that fails).
static bool has_availability(const struct surety_scenario *scenario, const struct surety_plan *plan, size_t tier)
{
    for (size_t i = 1; plan->measure == SURETY_METER_TASKS && i < scenario->n_workloads; i++)
        if (scenario->workloads[i].requests_per_task != scenario->workloads[0].requests_per_task)
            return false;
    return plan->tiers[tier].availability_ppb != SURETY_PPB_ONE;
}

static enum surety_err prepare(struct budgets *b, struct surety_result *result)
{
    const struct surety_plan *plan = b->plan;
    const size_t tier = result->verdict.tier;
    const int measure = plan->measure;
    const bool by_demand = measure == SURETY_METER_REQUESTS || measure == SURETY_METER_TASKS;
    b->has_availability = has_availability(b->scenario, plan, tier);
    enum surety_err err = SURETY_OK;
    if (b->has_availability)
        err = surety_budget_count_init(&b->count, b->scenario, plan, b->n_terms,
                                       1 - (double)plan->tiers[tier].availability_ppb / (double)SURETY_PPB_ONE);
    b->demand = (struct demand){.plan = plan, .before = calloc(plan->n_windows + 1, sizeof *b->demand.before)};
    if (b->demand.before == NULL)
        return SURETY_E_MEMORY;
    for (size_t w = 0; w < plan->n_windows; w++)
        b->demand.before[w + 1] =
            b->demand.before[w] + surety_demand_between(plan, w, plan->window_us[w], plan->window_us[w + 1]);
    b->burn = (struct surety_burn){.come = by_demand ? come : NULL, .context = &b->demand};
    return err == SURETY_OK ? surety_promise_budgets_create(b->scenario, plan, result, b->n_terms, &b->others) : err;
}

enum surety_err surety_budget_find(const struct surety_scenario *scenario, const struct surety_plan *plan,
                                   const struct surety_run_options *options, struct surety_diags *diags,
                                   struct surety_result *result)
{
    const struct surety_verdict *v = &result->verdict;
    struct surety_architecture_result *architecture = &result->architectures[v->architecture];
    struct budgets b = {
        .scenario = scenario, .plan = plan, .n_terms = surety_search_terms(plan, result, N_TERMS, 64, MOST_OUTAGES)};
    struct surety_group_world world;
    if (plan->hours.n > 0 || surety_budget_days(plan) == 0 || scenario->contract.n_alerts == 0)
        return SURETY_OK;
    enum surety_err err = prepare(&b, result);
    if (err == SURETY_OK && (b.has_availability || b.others != NULL)) {
        err = surety_group_world_init(&world, scenario, plan, v->architecture, options->seed, !options->general_walk);
        if (err == SURETY_OK)
            err = walk_terms(&world, &b);
        surety_group_world_finish(&world);
        if (err == SURETY_OK && b.has_availability)
            err = report(&b, result, &architecture->budget);
        if (err == SURETY_OK && b.others != NULL)
            err = surety_promise_budgets_report(b.others, result, architecture);
    }
    if (b.has_availability)
        surety_budget_count_finish(&b.count);
    free(b.demand.before);
    surety_promise_budgets_destroy(b.others);
    if (err == SURETY_E_MEMORY)
        surety_diag_add(diags, SURETY_D_MEMORY, (struct surety_place){0, 0}, NULL, NULL, "out of memory");
    return err;
}
