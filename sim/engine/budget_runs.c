// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/ppb.h"
#include "sim/engine/budget_tracks.h"
#include "sim/engine/walk_quality.h"

#include <math.h>
#include <string.h>

// The budget of a promise of quality: of the cases of a window's runs so many may fail. It is spent run by run, in lumps,
// and an alert can only look when there was a run.

#define DAY_US (INT64_C(86400) * 1000000)

// The same comparison as the walk's judge: more failed than the window's cases allow.
static bool is_gone(const struct surety_plan_quality_target *t, int64_t failed, int64_t cases)
{
    return (__int128)(cases - failed) * SURETY_PPB_ONE < (__int128)t->bar_ppb * cases;
}

// What is left of a window's budget of one check when `failed` have failed.
static double left_of(const struct surety_budget_track *t, const struct surety_plan_quality_target *target,
                      int64_t failed, int64_t cases)
{
    const double left = cases > 0 ? 1 - (double)failed / (t->count.share * (double)cases) : 1;
    return is_gone(target, failed, cases) ? fmin(left, -2 * SURETY_BUDGET_CUT) : fmax(left, 0);
}

static bool concerns(const struct surety_plan_suite *suite, size_t check)
{
    return check >= suite->first_check && check < suite->first_check + suite->n_checks;
}

// One check over one window; the days' marks are lowered to it, and gone[w] is the earliest of all checks.
static void enter_check(struct surety_budget_track *t, const struct surety_budget_heard *h, size_t w, size_t check,
                        const struct surety_walk_quality *q, double *left)
{
    const struct surety_plan *plan = t->plan;
    const struct surety_plan_quality_target *target = &plan->quality.targets[t->target];
    const int64_t cases = q->cases[w * plan->quality.n_checks + check];
    const int64_t from_us = plan->window_us[w], to_us = plan->window_us[w + 1];
    int64_t failed = 0;
    size_t i = 0;
    while (i < h->n_runs && h->runs[i].at_us < from_us)
        i++;
    for (size_t d = 0; d <= t->count.n_days; d++) {
        const int64_t day_us = from_us + (int64_t)d * DAY_US, mark_us = day_us < to_us ? day_us : to_us;
        for (; i < h->n_runs && h->runs[i].at_us < mark_us; i++) {
            const struct surety_budget_run *run = &h->runs[i];
            if (run->check != check)
                continue;
            failed += run->cases - run->passed;
            if (is_gone(target, failed, cases))
                t->count.gone[w] = fmin(t->count.gone[w], (double)run->at_us * 1e-6);
        }
        left[d] = fmin(left[d], left_of(t, target, failed, cases));
    }
}

// Reports of users come all the time: a window's are spread evenly over it.
static void enter_issues(struct surety_budget_track *t, size_t w, size_t check, const struct surety_walk_quality *q,
                         double *left)
{
    const struct surety_plan *plan = t->plan;
    const struct surety_plan_quality_target *target = &plan->quality.targets[t->target];
    const size_t at = w * plan->quality.n_checks + check;
    const int64_t cases = q->cases[at], failed = cases - q->passed[at];
    const double whole_us = (double)(plan->window_us[w + 1] - plan->window_us[w]);
    const double used = cases > 0 ? (double)failed / (t->count.share * (double)cases) : 0;
    for (size_t d = 0; d <= t->count.n_days; d++) {
        const double part = fmin(1, (double)((int64_t)d * DAY_US) / whole_us);
        left[d] = part < 1 ? 1 - used * part : left_of(t, target, failed, cases);
    }
    if (is_gone(target, failed, cases))
        t->count.gone[w] = ((double)plan->window_us[w] + fmin(1 - 1e-9, 1 / used) * whole_us) * 1e-6;
}

static void enter_windows(struct surety_budget_track *t, const struct surety_walk_quality *q,
                          const struct surety_budget_heard *h)
{
    const struct surety_plan *plan = t->plan;
    const struct surety_plan_suite *suite = &plan->quality.suites[plan->quality.targets[t->target].suite];
    double left[SURETY_BUDGET_MOST_DAYS + 1];
    for (size_t w = 0; w < plan->n_windows; w++) {
        t->count.gone[w] = INFINITY;
        for (size_t d = 0; d <= t->count.n_days; d++)
            left[d] = 1;
        for (size_t c = suite->first_check; c < suite->first_check + suite->n_checks; c++) {
            if (suite->issues)
                enter_issues(t, w, c, q, left);
            else
                enter_check(t, h, w, c, q, left);
        }
        for (size_t d = 0; d <= t->count.n_days; d++)
            surety_budget_count_left(&t->count, d, left[d]);
        surety_budget_count_window(&t->count, w);
    }
}

// --- alerts ----------------------------------------------------------------------------------------------------

// At run `i`: at least `threshold` of the check's cases over the last `window_us` failed.
static bool burns(const struct surety_budget_heard *h, size_t i, int64_t window_us, double threshold)
{
    int64_t failed = 0, cases = 0;
    for (size_t k = i + 1; k-- > 0 && h->runs[k].at_us > h->runs[i].at_us - window_us;) {
        if (h->runs[k].check != h->runs[i].check)
            continue;
        failed += h->runs[k].cases - h->runs[k].passed;
        cases += h->runs[k].cases;
    }
    return (double)failed >= threshold * (double)cases * (1 - 1e-12);
}

// When the true rate of a check fell below the promise, as it stands at t; NAN: it is not below.
static double fell_at(const struct surety_budget_track *t, const struct surety_budget_heard *h, size_t check,
                      int64_t at_us)
{
    const struct surety_plan *plan = t->plan;
    const struct surety_plan_quality_target *target = &plan->quality.targets[t->target];
    double since = NAN;
    for (size_t k = 0; k < h->quality.n && h->quality.at_us[k] <= at_us; k++) {
        const bool low = surety_ppb(h->quality.row[k * h->quality.width + check]) < target->rate_ppb;
        since = !low ? NAN : isnan(since) ? (double)h->quality.at_us[k] * 1e-6 : since;
    }
    return since;
}

static void enter_alert(struct surety_budget_track *t, const struct surety_budget_heard *h, size_t alert_index,
                        size_t *n_all)
{
    struct surety_budget_count *c = &t->count;
    const struct surety_plan_suite *suite = &t->plan->quality.suites[t->plan->quality.targets[t->target].suite];
    const struct surety_alert *alert = &c->scenario->contract.alerts[alert_index];
    const double threshold = alert->burn * c->share;
    const int64_t long_us = (int64_t)(alert->long_s * 1e6), short_us = (int64_t)(alert->short_s * 1e6);
    size_t n = 0;
    double on_until = -INFINITY;
    for (size_t i = 0; i < h->n_runs && n < SURETY_BUDGET_MOST_FIRES; i++) {
        const double at_s = (double)h->runs[i].at_us * 1e-6;
        if (!concerns(suite, h->runs[i].check) || !burns(h, i, long_us, threshold) || !burns(h, i, short_us, threshold))
            continue;
        if (at_s > on_until) {
            c->fired[n] = at_s;
            c->began[n++] = fell_at(t, h, h->runs[i].check, h->runs[i].at_us);
        }
        on_until = at_s + alert->short_s;
    }
    surety_budget_count_fired(c, alert_index, c->fired, c->began, n);
    memcpy(c->all + *n_all, c->fired, n * sizeof *c->fired);
    *n_all += n;
}

// Any of them: each run that made one fire, once.
static void enter_any(struct surety_budget_track *t, const struct surety_budget_heard *h, size_t n_all)
{
    struct surety_budget_count *c = &t->count;
    const struct surety_plan_suite *suite = &t->plan->quality.suites[t->plan->quality.targets[t->target].suite];
    size_t n = 0;
    for (size_t i = 0; i < h->n_runs; i++) {
        const double at_s = (double)h->runs[i].at_us * 1e-6;
        bool fired = false;
        for (size_t k = 0; !fired && k < n_all; k++)
            fired = c->all[k] == at_s;
        if (!fired || !concerns(suite, h->runs[i].check) || (n > 0 && c->fired[n - 1] == at_s) ||
            n == SURETY_BUDGET_MOST_FIRES)
            continue;
        c->fired[n] = at_s;
        c->began[n++] = fell_at(t, h, h->runs[i].check, h->runs[i].at_us);
    }
    surety_budget_count_fired(c, c->n_alerts - 1, c->fired, c->began, n);
}

enum surety_err surety_budget_track_runs(struct surety_budget_track *t, const struct surety_walk *walk,
                                         const struct surety_budget_heard *heard)
{
    size_t n_all = 0;
    enter_windows(t, walk->quality, heard);
    for (size_t i = 0; t->kind == SURETY_TRACK_RUNS && i + 1 < t->count.n_alerts; i++)
        enter_alert(t, heard, i, &n_all);
    if (t->kind == SURETY_TRACK_RUNS)
        enter_any(t, heard, n_all);
    return t->count.out_of_memory ? SURETY_E_MEMORY : SURETY_OK;
}
