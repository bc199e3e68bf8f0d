// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/budget_count.h"

#include "models/alerts.h"
#include "sim/base/calendar.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DAY_S 86400.0
#define MONTH_S (365 * DAY_S / 12)

size_t surety_budget_days(const struct surety_plan *plan)
{
    int64_t longest_us = 0;
    for (size_t w = 0; w < plan->n_windows; w++) {
        const int64_t window_us = plan->window_us[w + 1] - plan->window_us[w];
        longest_us = window_us > longest_us ? window_us : longest_us;
    }
    const int64_t n_days = (longest_us + SURETY_US_PER_DAY - 1) / SURETY_US_PER_DAY;
    return n_days > SURETY_BUDGET_MOST_DAYS ? 0 : (size_t)n_days;
}

enum surety_err surety_budget_count_init(struct surety_budget_count *c, const struct surety_scenario *scenario,
                                         const struct surety_plan *plan, uint64_t n_terms, double share)
{
    const size_t n_alerts = scenario->contract.n_alerts + 1, n_days = surety_budget_days(plan);
    const size_t n_left = (size_t)n_terms * plan->n_windows, n_all = SURETY_BUDGET_MOST_FIRES * n_alerts;
    *c = (struct surety_budget_count){.scenario = scenario,
                                      .plan = plan,
                                      .share = share,
                                      .n_days = n_days,
                                      .n_left = n_left,
                                      .n_terms = n_terms,
                                      .n_alerts = n_alerts,
                                      .left = calloc((n_days + 1) * n_left, sizeof *c->left),
                                      .alerts = calloc(n_alerts, sizeof *c->alerts),
                                      .gone = calloc(plan->n_windows, sizeof *c->gone),
                                      .fired = calloc(SURETY_BUDGET_MOST_FIRES, sizeof *c->fired),
                                      .all = calloc(n_all, sizeof *c->all),
                                      .began = calloc(n_all, sizeof *c->began)};
    const bool all = c->left != NULL && c->alerts != NULL && c->gone != NULL && c->fired != NULL && c->all != NULL &&
                     c->began != NULL;
    return all ? SURETY_OK : SURETY_E_MEMORY;
}

void surety_budget_count_finish(struct surety_budget_count *c)
{
    for (size_t i = 0; c->alerts != NULL && i < c->n_alerts; i++) {
        free(c->alerts[i].detect.list);
        free(c->alerts[i].lead.list);
    }
    free(c->alerts);
    free(c->left);
    free(c->gone);
    free(c->fired);
    free(c->all);
    free(c->began);
    *c = (struct surety_budget_count){.plan = NULL};
}

static void add(struct surety_budget_count *c, struct surety_budget_numbers *numbers, double value)
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

// --- a term ----------------------------------------------------------------------------------------------------

void surety_budget_count_left(struct surety_budget_count *c, size_t day, double left)
{
    c->left[day * c->n_left + c->n_windows_seen] = left;
}

void surety_budget_count_window(struct surety_budget_count *c, size_t window)
{
    c->n_windows_seen++;
    c->n_gone += !isinf(c->gone[window]);
}

void surety_budget_count_fired(struct surety_budget_count *c, size_t i, const double *fired, const double *began,
                               size_t n)
{
    const struct surety_plan *plan = c->plan;
    struct surety_budget_alert_count *alert = &c->alerts[i];
    size_t k = 0;
    for (size_t w = 0; w < plan->n_windows; w++) {
        const double end_s = (double)plan->window_us[w + 1] * 1e-6;
        double last = INFINITY; // firing before the budget is used up
        for (; k < n && fired[k] < end_s; k++) {
            alert->n_fired++;
            alert->n_false += isinf(c->gone[w]) != 0;
            if (!isnan(began[k]))
                add(c, &alert->detect, fired[k] - began[k]);
            if (fired[k] < c->gone[w] && !isinf(c->gone[w])) // not with it, as the run that uses up the rest
                last = fired[k];
        }
        if (isinf(last))
            continue;
        alert->n_preceded++;
        add(c, &alert->lead, c->gone[w] - last);
    }
}

// The beginning of the loss under way at t, or of the last one before; what is lost all the time is none.
static double began_at(const struct surety_budget_count *c, const struct surety_burn *burn, double t_s)
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

static void enter_windows(struct surety_budget_count *c, const struct surety_budget_spending *s)
{
    const struct surety_plan *plan = c->plan;
    const struct surety_burn *burn = s->burn;
    for (size_t w = 0; w < plan->n_windows; w++) {
        const double from_s = (double)plan->window_us[w] * 1e-6, to_s = (double)plan->window_us[w + 1] * 1e-6;
        const double budget = s->budgets != NULL
                                  ? s->budgets[w]
                                  : c->share * (surety_burn_come(burn, to_s) - surety_burn_come(burn, from_s));
        const double before = surety_burn_lost(burn, from_s);
        for (size_t d = 0; d <= c->n_days; d++) {
            const double t = fmin(from_s + (double)d * DAY_S, to_s);
            const double used = budget > 0 ? (surety_burn_lost(burn, t) - before) / budget : 0;
            surety_budget_count_left(c, d, 1 - used);
        }
        c->gone[w] =
            budget > 0 ? surety_burn_reaches(burn, before + budget * (1 + SURETY_BUDGET_CUT), from_s, to_s) : INFINITY;
        surety_budget_count_window(c, w);
    }
}

static void find_beginnings(struct surety_budget_count *c, const struct surety_burn *burn, const double *fired,
                            size_t n)
{
    for (size_t k = 0; k < n; k++)
        c->began[k] = began_at(c, burn, fired[k]);
}

void surety_budget_count_enter(struct surety_budget_count *c, const struct surety_budget_spending *s)
{
    const struct surety_burn *burn = s->burn;
    size_t n_all = 0;
    const double end_s = (double)c->plan->term_us * 1e-6;
    enter_windows(c, s);
    if (c->no_alerts)
        return;
    for (size_t i = 0; i + 1 < c->n_alerts; i++) {
        const struct surety_alert *alert = &c->scenario->contract.alerts[i];
        const double threshold = alert->burn * c->share;
        const struct surety_burn *seen = s->seen != NULL ? s->seen(s->context, threshold) : burn;
        const size_t n = surety_burn_fires(seen, alert->long_s, alert->short_s, threshold, end_s, c->fired,
                                           SURETY_BUDGET_MOST_FIRES);
        find_beginnings(c, burn, c->fired, n);
        surety_budget_count_fired(c, i, c->fired, c->began, n);
        memcpy(c->all + n_all, c->fired, n * sizeof *c->fired);
        n_all += n;
    }
    // Any of them: the first in each loss.
    qsort(c->all, n_all, sizeof *c->all, rising);
    find_beginnings(c, burn, c->all, n_all);
    size_t kept = 0;
    for (size_t k = 0; k < n_all; k++)
        if (kept == 0 || c->began[k] > c->began[kept - 1]) {
            c->began[kept] = c->began[k];
            c->all[kept++] = c->all[k];
        }
    surety_budget_count_fired(c, c->n_alerts - 1, c->all, c->began, kept);
}

// --- the answer ------------------------------------------------------------------------------------------------

static bool report_alerts(struct surety_budget_count *c, struct surety_arena *arena, struct surety_budget *b)
{
    const double months = (double)c->n_terms * (double)c->plan->term_us * 1e-6 / MONTH_S;
    const double window_s = (double)c->plan->term_us * 1e-6 / (double)c->plan->n_windows;
    for (size_t i = 0; i < c->n_alerts; i++) {
        struct surety_budget_alert_count *from = &c->alerts[i];
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
    return true;
}

struct surety_budget *surety_budget_count_report(struct surety_budget_count *c, struct surety_arena *arena)
{
    static const double ranks[SURETY_BUDGET_QUANTILES] = {0.05, 0.25, 0.5, 0.75, 0.95};
    struct surety_budget *b = surety_arena_alloc(arena, sizeof *b);
    if (b == NULL)
        return NULL;
    *b = (struct surety_budget){.dimension = "availability",
                                .promise = "",
                                .note = "",
                                .share = c->share,
                                .n_days = c->n_days,
                                .left = surety_arena_calloc(arena, c->n_days + 1, sizeof *b->left),
                                .p_gone = surety_arena_calloc(arena, c->n_days + 1, sizeof *b->p_gone),
                                .alerts = surety_arena_calloc(arena, c->n_alerts, sizeof *b->alerts),
                                .n_alerts = c->n_alerts,
                                .n_terms = c->n_terms};
    if (b->left == NULL || b->p_gone == NULL || b->alerts == NULL)
        return NULL;
    for (size_t d = 0; d <= c->n_days; d++) {
        double *row = c->left + d * c->n_left;
        size_t n_gone = 0;
        for (size_t i = 0; i < c->n_left; i++)
            n_gone += row[i] < -SURETY_BUDGET_CUT;
        for (size_t q = 0; q < SURETY_BUDGET_QUANTILES; q++)
            b->left[d][q] = quantile(row, c->n_left, ranks[q]);
        b->p_gone[d] = (double)n_gone / (double)c->n_left;
    }
    return report_alerts(c, arena, b) ? b : NULL;
}
