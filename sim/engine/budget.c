// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/budget.h"

#include "models/alerts.h"
#include "models/measurement.h"
#include "sim/base/calendar.h"
#include "sim/base/fmath.h"
#include "sim/base/ppb.h"
#include "sim/engine/burn.h"
#include "sim/engine/group_world.h"
#include "sim/engine/summary_capacity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N_TERMS 1024
#define MOST_OUTAGES 4e5 // drawn in all
#define DAY_S 86400.0
#define MONTH_S (365 * DAY_S / 12)
#define MOST_DAYS 400
#define MOST_FIRES 4096 // of one alert in one term
#define CUT 1e-9        // of the budget: rounding of what is lost

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

// --- what is counted -------------------------------------------------------------------------------------------

struct numbers {
    double *list;
    size_t n, room;
};

struct alert_count {
    struct numbers detect, lead;
    uint64_t n_fired, n_false, n_preceded;
};

struct count {
    const struct surety_scenario *scenario;
    const struct surety_plan *plan;
    double share;  // 1 - target
    double always; // lost when everything works
    size_t n_days;
    double *left; // day x window of a term: n_left each, (n_days + 1) rows
    size_t n_left, n_windows_seen;
    uint64_t n_gone;
    struct alert_count *alerts; // of the contract, then any of them
    size_t n_alerts;
    double *fired, *all; // scratch: of one alert; of all
    bool out_of_memory;
};

static void add(struct count *c, struct numbers *numbers, double value)
{
    if (numbers->n == numbers->room) {
        const size_t room = numbers->room == 0 ? 256 : 2 * numbers->room;
        double *more = realloc(numbers->list, room * sizeof *more);
        if (more == NULL) {
            c->out_of_memory = true;
            return;
        }
        numbers->list = more;
        numbers->room = room;
    }
    numbers->list[numbers->n++] = value;
}

static int rising(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// Nearest rank; sorts.
static double quantile(double *list, size_t n, double share)
{
    if (n == 0)
        return NAN;
    qsort(list, n, sizeof *list, rising);
    const double rank = ceil(share * (double)n * (1 - 1e-12));
    return list[rank < 1 ? 0 : (size_t)rank - 1];
}

// The beginning of the loss under way at t, or of the last one before; what request errors lose all the time is none.
static double began(const struct count *c, const struct surety_burn *burn, double t_s)
{
    size_t low = 0, high = burn->n; // the first stretch after t
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (burn->list[middle].from_s <= t_s)
            low = middle + 1;
        else
            high = middle;
    }
    double from = t_s;
    bool under_way = false;
    for (size_t i = low; i-- > 0;) {
        if (burn->list[i].lost <= c->always)
            continue;
        if (under_way && burn->list[i].to_s < from)
            break;
        from = burn->list[i].from_s;
        under_way = true;
    }
    return from;
}

// One alert's instants in one term, rising, against the ends of the budget of its windows (INFINITY: kept).
static void judge(struct count *c, struct alert_count *alert, const struct surety_burn *burn, const double *fired,
                  size_t n, const double *gone)
{
    const struct surety_plan *plan = c->plan;
    size_t k = 0;
    for (size_t w = 0; w < plan->n_windows; w++) {
        const double end_s = (double)plan->window_us[w + 1] * 1e-6;
        double last = INFINITY; // firing before the budget is used up
        for (; k < n && fired[k] < end_s; k++) {
            alert->n_fired++;
            alert->n_false += isinf(gone[w]) != 0;
            add(c, &alert->detect, fired[k] - began(c, burn, fired[k]));
            if (fired[k] <= gone[w] && !isinf(gone[w]))
                last = fired[k];
        }
        if (isinf(last))
            continue;
        alert->n_preceded++;
        add(c, &alert->lead, gone[w] - last);
    }
}

static void enter(struct count *c, const struct surety_burn *burn, double *gone)
{
    const struct surety_plan *plan = c->plan;
    for (size_t w = 0; w < plan->n_windows; w++) {
        const double from_s = (double)plan->window_us[w] * 1e-6, to_s = (double)plan->window_us[w + 1] * 1e-6;
        const double budget = c->share * (surety_burn_come(burn, to_s) - surety_burn_come(burn, from_s));
        const double before = surety_burn_lost(burn, from_s);
        for (size_t d = 0; d <= c->n_days; d++) {
            const double t = fmin(from_s + (double)d * DAY_S, to_s);
            const double used = budget > 0 ? (surety_burn_lost(burn, t) - before) / budget : 0;
            c->left[d * c->n_left + c->n_windows_seen] = 1 - used;
        }
        c->n_windows_seen++;
        gone[w] = surety_burn_reaches(burn, before + budget * (1 + CUT), from_s, to_s);
        c->n_gone += !isinf(gone[w]);
    }
    size_t n_all = 0;
    const double end_s = (double)plan->term_us * 1e-6;
    for (size_t i = 0; i + 1 < c->n_alerts; i++) {
        const struct surety_alert *alert = &c->scenario->contract.alerts[i];
        const size_t n =
            surety_burn_fires(burn, alert->long_s, alert->short_s, alert->burn * c->share, end_s, c->fired, MOST_FIRES);
        judge(c, &c->alerts[i], burn, c->fired, n, gone);
        memcpy(c->all + n_all, c->fired, n * sizeof *c->fired);
        n_all += n;
    }
    // Any of them: the first in each loss.
    qsort(c->all, n_all, sizeof *c->all, rising);
    size_t kept = 0;
    for (size_t k = 0; k < n_all; k++)
        if (kept == 0 || began(c, burn, c->all[k]) > began(c, burn, c->all[kept - 1]))
            c->all[kept++] = c->all[k];
    judge(c, &c->alerts[c->n_alerts - 1], burn, c->all, kept, gone);
}

// --- the walk --------------------------------------------------------------------------------------------------

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

static enum surety_err walk_terms(struct surety_group_world *world, struct count *c, uint64_t n_terms,
                                  struct surety_burn *burn)
{
    double *gone = calloc(c->plan->n_windows, sizeof *gone);
    enum surety_err err = gone != NULL ? SURETY_OK : SURETY_E_MEMORY;
    for (uint64_t r = 0; err == SURETY_OK && r < n_terms; r++) {
        const uint64_t replication = c->scenario->uncertain != NULL ? r / 4 * SURETY_GROUP + r % 4 : r;
        err = surety_group_world_visit(world, replication);
        if (err == SURETY_OK)
            err = add_recorder(c->scenario, &world->walk);
        if (err != SURETY_OK)
            break;
        surety_timeline_begin(&world->timeline, replication);
        err = surety_walk_run(&world->walk, &world->timeline);
        if (err != SURETY_OK)
            break;
        struct stretches *s = world->walk.meters[world->walk.n_meters - 1].state;
        c->always = s->by_down ? 0 : task_fails(world->walk.f_normal, s->per_task) * (1 + 1e-9);
        burn->list = s->list;
        burn->n = s->n;
        surety_burn_prepare(burn);
        enter(c, burn, gone);
        if (s->out_of_memory || c->out_of_memory)
            err = SURETY_E_MEMORY;
    }
    free(gone);
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

static bool report(struct count *c, struct surety_result *result, const char *tier, uint64_t n_terms)
{
    static const double ranks[SURETY_BUDGET_QUANTILES] = {0.05, 0.25, 0.5, 0.75, 0.95};
    struct surety_arena *arena = &result->arena;
    struct surety_budget *b = surety_arena_alloc(arena, sizeof *b);
    if (b == NULL)
        return false;
    *b = (struct surety_budget){.tier = tier,
                                .how = how_of(c->scenario->contract.measure),
                                .share = c->share,
                                .n_days = c->n_days,
                                .left = surety_arena_calloc(arena, c->n_days + 1, sizeof *b->left),
                                .p_gone = surety_arena_calloc(arena, c->n_days + 1, sizeof *b->p_gone),
                                .alerts = surety_arena_calloc(arena, c->n_alerts, sizeof *b->alerts),
                                .n_alerts = c->n_alerts,
                                .n_terms = n_terms};
    if (b->left == NULL || b->p_gone == NULL || b->alerts == NULL)
        return false;
    for (size_t d = 0; d <= c->n_days; d++) {
        double *row = c->left + d * c->n_left;
        size_t n_gone = 0;
        for (size_t i = 0; i < c->n_left; i++)
            n_gone += row[i] < -CUT;
        for (size_t q = 0; q < SURETY_BUDGET_QUANTILES; q++)
            b->left[d][q] = quantile(row, c->n_left, ranks[q]);
        b->p_gone[d] = (double)n_gone / (double)c->n_left;
    }
    const double months = (double)n_terms * (double)c->plan->term_us * 1e-6 / MONTH_S;
    const double window_s = (double)c->plan->term_us * 1e-6 / (double)c->plan->n_windows;
    for (size_t i = 0; i < c->n_alerts; i++) {
        struct alert_count *from = &c->alerts[i];
        const bool any = i + 1 == c->n_alerts;
        const struct surety_alert *alert = any ? NULL : &c->scenario->contract.alerts[i];
        b->alerts[i] = (struct surety_budget_alert){
            .name = any ? "any" : surety_arena_printf(arena, "%s", alert->name),
            .severity = any ? "" : surety_alert_severities[alert->severity],
            .long_s = any ? NAN : alert->long_s,
            .short_s = any ? NAN : alert->short_s,
            .burn = any ? NAN : alert->burn,
            .share_of_budget = any ? NAN : alert->burn * alert->long_s / window_s,
            .fires_per_month = (double)from->n_fired / months,
            .false_per_month = (double)from->n_false / months,
            .detect_p50_s = quantile(from->detect.list, from->detect.n, 0.5),
            .detect_p95_s = quantile(from->detect.list, from->detect.n, 0.95),
            .breaches_preceded = c->n_gone > 0 ? (double)from->n_preceded / (double)c->n_gone : NAN,
            .lead_p50_s = quantile(from->lead.list, from->lead.n, 0.5)};
        if (b->alerts[i].name == NULL)
            return false;
    }
    result->architectures[result->verdict.architecture].budget = b;
    return true;
}

static bool alloc_all(struct count *c, struct demand *demand)
{
    const struct surety_plan *plan = c->plan;
    c->left = calloc((c->n_days + 1) * c->n_left, sizeof *c->left);
    c->alerts = calloc(c->n_alerts, sizeof *c->alerts);
    c->fired = calloc(MOST_FIRES, sizeof *c->fired);
    c->all = calloc(MOST_FIRES * c->n_alerts, sizeof *c->all);
    demand->before = calloc(plan->n_windows + 1, sizeof *demand->before);
    if (c->left == NULL || c->alerts == NULL || c->fired == NULL || c->all == NULL || demand->before == NULL)
        return false;
    for (size_t w = 0; w < plan->n_windows; w++)
        demand->before[w + 1] =
            demand->before[w] + surety_demand_between(plan, w, plan->window_us[w], plan->window_us[w + 1]);
    return true;
}

static void free_all(struct count *c, struct demand *demand)
{
    for (size_t i = 0; c->alerts != NULL && i < c->n_alerts; i++) {
        free(c->alerts[i].detect.list);
        free(c->alerts[i].lead.list);
    }
    free(c->alerts);
    free(c->left);
    free(c->fired);
    free(c->all);
    free(demand->before);
}

enum surety_err surety_budget_find(const struct surety_scenario *scenario, const struct surety_plan *plan,
                                   const struct surety_run_options *options, struct surety_diags *diags,
                                   struct surety_result *result)
{
    const struct surety_verdict *v = &result->verdict;
    const int64_t target_ppb = plan->tiers[v->tier].availability_ppb;
    int64_t longest_us = 0;
    for (size_t w = 0; w < plan->n_windows; w++)
        longest_us = plan->window_us[w + 1] - plan->window_us[w] > longest_us
                         ? plan->window_us[w + 1] - plan->window_us[w]
                         : longest_us;
    const int64_t n_days = (longest_us + SURETY_US_PER_DAY - 1) / SURETY_US_PER_DAY;
    if (target_ppb == SURETY_PPB_ONE || plan->hours.n > 0 || n_days > MOST_DAYS || scenario->contract.n_alerts == 0)
        return SURETY_OK;
    // Tasks of several lengths have no common share that fails.
    for (size_t i = 1; plan->measure == SURETY_METER_TASKS && i < scenario->n_workloads; i++)
        if (scenario->workloads[i].requests_per_task != scenario->workloads[0].requests_per_task)
            return SURETY_OK;
    const uint64_t n_terms = surety_search_terms(plan, result, N_TERMS, 64, MOST_OUTAGES);
    const int measure = plan->measure;
    const bool by_demand = measure == SURETY_METER_REQUESTS || measure == SURETY_METER_TASKS;
    struct demand demand = {.plan = plan};
    struct surety_burn burn = {.come = by_demand ? come : NULL, .context = &demand};
    struct count c = {.scenario = scenario,
                      .plan = plan,
                      .share = 1 - (double)target_ppb / (double)SURETY_PPB_ONE,
                      .n_days = (size_t)n_days,
                      .n_left = (size_t)n_terms * plan->n_windows,
                      .n_alerts = scenario->contract.n_alerts + 1};
    struct surety_group_world world;
    enum surety_err err = alloc_all(&c, &demand) ? SURETY_OK : SURETY_E_MEMORY;
    if (err == SURETY_OK) {
        err = surety_group_world_init(&world, scenario, plan, v->architecture, options->seed, !options->general_walk);
        if (err == SURETY_OK)
            err = walk_terms(&world, &c, n_terms, &burn);
        surety_group_world_finish(&world);
    }
    if (err == SURETY_OK && !report(&c, result, result->architectures[v->architecture].tiers[v->tier].name, n_terms))
        err = SURETY_E_MEMORY;
    free_all(&c, &demand);
    if (err == SURETY_E_MEMORY)
        surety_diag_add(diags, SURETY_D_MEMORY, (struct surety_place){0, 0}, NULL, NULL, "out of memory");
    return err;
}
