// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/export.h"

#include "models/alerts.h"
#include "models/measurement.h"
#include "sim/base/binomial.h"
#include "sim/base/calendar.h"
#include "sim/base/ppb.h"

#include <math.h>
#include <string.h>

// OpenSLO v1 (github.com/OpenSLO/OpenSLO, specification of kinds Service, SLO, AlertPolicy, AlertCondition and
// AlertNotificationTarget). The objective is the internal SLO; what was signed stands in annotations. The queries read the
// same counters as `export prometheus`.

struct writer {
    const struct surety_export *e;
    FILE *out;
    char service[SURETY_SLUG_SIZE], tier[SURETY_SLUG_SIZE];
};

// A name of at most 63 characters from two slugs: 31 of each and a '-'.
static void join(char out[SURETY_SLUG_SIZE], const char *a, const char *b)
{
    char whole[2 * SURETY_SLUG_SIZE];
    snprintf(whole, sizeof whole, "%.31s-%.31s", a, b);
    surety_export_slug(out, whole);
}

// The shorthand knows nothing below a minute: rounded up.
static void put_duration(char out[24], double seconds)
{
    surety_export_duration(out, 60 * ceil(seconds / 60 - 1e-9));
}

static void put_head(const struct writer *w, const char *kind, const char *name)
{
    fprintf(w->out, "---\napiVersion: openslo/v1\nkind: %s\nmetadata:\n  name: %s\n", kind, name);
}

static void put_annotation(const struct writer *w, const char *key, const char *text)
{
    fprintf(w->out, "    sla.surety/%s: ", key);
    surety_export_quote(w->out, text);
    fputc('\n', w->out);
}

static void put_credits(const struct writer *w)
{
    const struct surety_credits *credits = &w->e->scenario->contract.credits;
    char text[1000];
    size_t n = 0;
    for (size_t i = 0; credits->given && i < credits->n_ladder && n + 80 < sizeof text; i++) {
        const struct surety_credit_band *band = &credits->ladder[i];
        const int64_t below = band->below_ppb == SURETY_BELOW_TARGET
                                  ? w->e->scenario->contract.tiers[w->e->tier].availability_ppb
                                  : band->below_ppb;
        n += (size_t)snprintf(text + n, sizeof text - n, "%sbelow %.9g %%: %.9g %% of the fee", i > 0 ? "; " : "",
                              (double)below * 1e-7, (double)band->credit_ppb * 1e-7);
    }
    put_annotation(w, "remedy", n > 0 ? text : "none agreed");
}

static void put_window(const struct writer *w)
{
    const struct surety_scenario *s = w->e->scenario;
    char length[24], day[11];
    surety_date_format(s->term.start, day);
    put_duration(length, s->contract.window_s);
    fprintf(w->out, "  timeWindow:\n    - duration: %s\n      isRolling: false\n      calendar:\n        startTime: ",
            s->contract.window_s > 0 ? length : "1M");
    fprintf(w->out, "\"%s 00:00:00\"\n        timeZone: ", day);
    surety_export_quote(w->out, s->term.timezone);
    fputc('\n', w->out);
}

static void put_source(const struct writer *w, const char *key, const char *query)
{
    fprintf(w->out,
            "        %s:\n          metricSource:\n            type: Prometheus\n            spec:\n              "
            "query: ",
            key);
    surety_export_quote(w->out, query);
    fputc('\n', w->out);
}

// A counter's ratio: bad / total, or good / total.
static void put_indicator(const struct writer *w, const char *name, const char *part_key, const char *part,
                          const char *total)
{
    fprintf(w->out,
            "  indicator:\n    metadata:\n      name: %s\n    spec:\n      ratioMetric:\n        counter: true\n",
            name);
    put_source(w, part_key, part);
    put_source(w, "total", total);
}

static void put_policies(const struct writer *w)
{
    const struct surety_contract *contract = &w->e->scenario->contract;
    fputs("  alertPolicies:\n", w->out);
    for (size_t i = 0; i < contract->n_alerts; i++) {
        char slug[SURETY_SLUG_SIZE], name[SURETY_SLUG_SIZE];
        surety_export_slug(slug, contract->alerts[i].name);
        join(name, w->service, slug);
        fprintf(w->out, "    - alertPolicyRef: %s\n", name);
    }
}

static void put_availability(const struct writer *w)
{
    const struct surety_contract *contract = &w->e->scenario->contract;
    const struct surety_tier *tier = &contract->tiers[w->e->tier];
    const struct surety_internal_slo *slo = w->e->slo;
    const enum surety_export_unit unit = surety_export_unit_of(contract);
    const double signed_for = (double)tier->availability_ppb / (double)SURETY_PPB_ONE;
    const bool has_slo = slo != NULL && slo->because == NULL && slo->availability < 1;
    const char *what = unit == SURETY_EXPORT_TASKS ? "tasks" : "requests";
    char name[SURETY_SLUG_SIZE], text[200], bad[160], total[160], slice[24];
    join(name, w->service, "availability");
    put_head(w, "SLO", name);
    fputs("  annotations:\n", w->out);
    put_annotation(w, "tier", tier->name);
    snprintf(text, sizeof text, "%.9g %%", 100 * signed_for);
    put_annotation(w, "availability", text);
    put_annotation(w, "measure", surety_meter_types[contract->measure]->name);
    surety_export_duration(slice, contract->window_s);
    put_annotation(w, "window", contract->window_s > 0 ? slice : "calendar month");
    put_credits(w);
    put_annotation(w, "objective-is",
                   has_slo ? "the internal SLO: the mean at which the tier is just signable"
                           : "what was signed: there is no internal SLO");
    if (w->e->architecture != NULL)
        put_annotation(w, "architecture", w->e->architecture);
    fprintf(w->out, "spec:\n  description: ");
    snprintf(text, sizeof text, "Availability of %.60s, run so that %.40s (%.9g %%) holds", w->e->scenario->name,
             tier->name, 100 * signed_for);
    surety_export_quote(w->out, text);
    fprintf(w->out, "\n  service: %s\n", w->service);
    snprintf(bad, sizeof bad, "sum(%s_failed_total{service=\"%s\"})", what, w->service);
    snprintf(total, sizeof total, "sum(%s_total{service=\"%s\"})", what, w->service);
    put_indicator(w, name, "bad", bad, total);
    put_window(w);
    fprintf(w->out, "  budgetingMethod: %s\n  objectives:\n    - displayName: ",
            unit == SURETY_EXPORT_DOWN    ? "Timeslices"
            : unit == SURETY_EXPORT_CELLS ? "RatioTimeslices"
                                          : "Occurrences");
    surety_export_quote(w->out, has_slo ? "internal SLO" : tier->name);
    fprintf(w->out, "\n      target: %.9g\n", fmin(has_slo ? slo->availability : signed_for, 0.999999999));
    put_duration(slice, surety_export_slice_s(contract));
    if (unit == SURETY_EXPORT_DOWN || unit == SURETY_EXPORT_CELLS)
        fprintf(w->out, "      timeSliceWindow: %s\n", slice);
    if (unit ==
        SURETY_EXPORT_DOWN) // a slice is good while less than down_at fails; with down_at 100 % when any succeeds
        fprintf(w->out, "      timeSliceTarget: %.9g\n",
                fmax(1e-9, 1 - (double)contract->down_at_ppb / (double)SURETY_PPB_ONE));
    put_policies(w);
}

// --- latency, quality, cost ------------------------------------------------------------------------------------

// What the internal SLO says of promise `index` of a dimension; NULL: nothing.
static const struct surety_internal_promise *internal_of(const struct writer *w, const char *dimension, size_t index)
{
    const struct surety_internal_slo *slo = w->e->slo;
    for (size_t i = 0; slo != NULL && i < slo->n_dimensions; i++)
        if (strcmp(slo->dimensions[i].name, dimension) == 0 && slo->dimensions[i].because == NULL)
            return &slo->dimensions[i].promises[index];
    return NULL;
}

// The head of an SLO of a promise, up to its indicator.
static void put_promise(const struct writer *w, const char *name, const char *dimension, const char *text,
                        bool is_internal)
{
    put_head(w, "SLO", name);
    fputs("  annotations:\n", w->out);
    put_annotation(w, "tier", w->e->scenario->contract.tiers[w->e->tier].name);
    put_annotation(w, dimension, text);
    put_credits(w);
    put_annotation(w, "objective-is",
                   is_internal ? "the internal SLO: the mean at which the tier is just signable, all else as it is"
                               : "what was signed: there is no internal SLO");
    fprintf(w->out, "spec:\n  description: ");
    surety_export_quote(w->out, text);
    fprintf(w->out, "\n  service: %s\n", w->service);
}

static void put_objective(const struct writer *w, const char *method, bool is_internal, double target)
{
    fprintf(w->out, "  budgetingMethod: %s\n  objectives:\n    - displayName: \"%s\"\n      target: %.9g\n", method,
            is_internal ? "internal SLO" : "signed", fmax(0, fmin(target, 0.999999999)));
}

// Alerts that can fire on a budget of 1 - target.
static void put_policies_for(const struct writer *w, double target)
{
    const struct surety_contract *contract = &w->e->scenario->contract;
    bool any = false;
    for (size_t i = 0; i < contract->n_alerts; i++) {
        char slug[SURETY_SLUG_SIZE], name[SURETY_SLUG_SIZE];
        if (contract->alerts[i].burn * (1 - target) > 1)
            continue;
        surety_export_slug(slug, contract->alerts[i].name);
        join(name, w->service, slug);
        fprintf(w->out, "%s    - alertPolicyRef: %s\n", any ? "" : "  alertPolicies:\n", name);
        any = true;
    }
}

// Judged by requests: the share in time. In cells: the time in which the percentile holds.
static void put_latency(const struct writer *w, const struct surety_latency_target *target, size_t index)
{
    const struct surety_internal_promise *internal = internal_of(w, "latency", index);
    const char *metric = surety_export_latency(target);
    const bool cells = target->over == SURETY_OVER_INTERVALS;
    const bool has_slo = internal != NULL && !cells && internal->within_at > 0;
    const bool infinite = target->failed_as == SURETY_FAILED_INFINITE;
    char name[SURETY_SLUG_SIZE], slug[SURETY_SLUG_SIZE], part[120], text[200], good[240], total[200];
    snprintf(part, sizeof part, "%.40s-%s", target->name, metric);
    surety_export_slug(slug, part);
    join(name, w->service, slug);
    snprintf(text, sizeof text, "p%.6g of %s of %.40s within %.9g s", target->percentile, metric, target->name,
             target->target_s);
    put_promise(w, name, "latency", text, has_slo);
    snprintf(good, sizeof good, "sum(%s_seconds_bucket{service=\"%s\", workload=\"%s\", le=\"%.9g\"})", metric,
             w->service, target->name, target->target_s);
    snprintf(total, sizeof total, "sum(%s%s{service=\"%s\", workload=\"%s\"})", infinite ? "requests_total" : metric,
             infinite ? "" : "_seconds_count", w->service, target->name);
    put_indicator(w, name, "good", good, total);
    put_window(w);
    const double share = cells     ? (double)target->cells_met_ppb / (double)SURETY_PPB_ONE
                         : has_slo ? internal->within_at
                                   : target->percentile / 100;
    put_objective(w, cells ? "Timeslices" : "Occurrences", has_slo, share);
    if (cells)
        fprintf(w->out, "      timeSliceWindow: 5m\n      timeSliceTarget: %.9g\n", target->percentile / 100);
    put_policies_for(w, share);
}

// Cases as the judge passes them, of each named scenario by itself; of issues tasks that are not reported. Runs are too
// seldom for alerts on a burn rate.
static void put_quality(const struct writer *w, const struct surety_plan_quality_target *target, size_t index,
                        const char *scenario)
{
    const struct surety_plan_suite *suite = &w->e->plan->quality.suites[target->suite];
    const struct surety_internal_promise *internal = internal_of(w, "quality", index);
    const bool has_slo = internal != NULL && !isnan(internal->at);
    char name[SURETY_SLUG_SIZE], slug[SURETY_SLUG_SIZE], part[120], text[200], bad[240], total[240];
    snprintf(part, sizeof part, "quality-%.30s%s%.30s", suite->name, scenario != NULL ? "-" : "",
             scenario != NULL ? scenario : "");
    surety_export_slug(slug, part);
    join(name, w->service, slug);
    const double rate = (double)target->rate_ppb / (double)SURETY_PPB_ONE;
    snprintf(text, sizeof text,
             suite->issues ? "%.60s: at most %.9g %% of the tasks are reported" : "%.60s: at least %.9g %% pass",
             suite->name, 100 * (suite->issues ? 1 - rate : rate));
    put_promise(w, name, "quality", text, has_slo);
    if (suite->issues) {
        snprintf(bad, sizeof bad, "sum(tasks_reported_total{service=\"%s\"})", w->service);
        snprintf(total, sizeof total, "sum(tasks_total{service=\"%s\"})", w->service);
    } else {
        char selector[200];
        snprintf(selector, sizeof selector, "service=\"%s\", suite=\"%.40s\"%s%.40s%s", w->service, suite->name,
                 scenario != NULL ? ", scenario=\"" : "", scenario != NULL ? scenario : "",
                 scenario != NULL ? "\"" : "");
        snprintf(bad, sizeof bad, "sum(suite_cases_failed_total{%s})", selector);
        snprintf(total, sizeof total, "sum(suite_cases_total{%s})", selector);
    }
    put_indicator(w, name, "bad", bad, total);
    put_window(w);
    double share = (double)target->bar_ppb / (double)SURETY_PPB_ONE;
    if (has_slo)
        share = suite->issues ? 1 - internal->at : surety_judged(internal->at, suite->sensitivity, suite->specificity);
    put_objective(w, "Occurrences", has_slo, share);
}

// A mean over the window has no ratio of good to all: its value to date is compared once a day, and has to hold each time.
static void put_cost(const struct writer *w, const struct surety_plan_cost_target *target, size_t index)
{
    static const char *const slugs[] = {"cost-per-task", "cost-per-request", "cost-a-month", ""};
    const struct surety_internal_promise *internal = internal_of(w, "cost", index);
    const bool counts = target->kind == SURETY_COST_PER_REQUEST;
    const bool has_slo = internal != NULL && (counts ? internal->within_at > 0 : !isnan(internal->at));
    const char *currency = w->e->scenario->currency;
    char name[SURETY_SLUG_SIZE], text[200], query[512], total[300], workload[100] = "", days[24];
    if (target->kind == SURETY_COST_OVER_FORECAST) // no metric knows the forecast
        return;
    if (target->demand != UINT32_MAX)
        snprintf(workload, sizeof workload, ", workload=\"%.60s\"", w->e->plan->demands[target->demand].name);
    join(name, w->service, slugs[target->kind]);
    if (counts)
        snprintf(text, sizeof text, "p%.6g of the cost of a request within %.9g %.10s", target->percentile,
                 target->limit, currency);
    else
        snprintf(text, sizeof text, "at most %.9g %.10s %s", target->limit, currency,
                 target->kind == SURETY_COST_PER_TASK ? "per task" : "a month");
    put_promise(w, name, "cost", text, has_slo);
    if (counts) {
        snprintf(query, sizeof query, "sum(request_cost_bucket{service=\"%s\"%s, le=\"%.9g\"})", w->service, workload,
                 target->limit);
        snprintf(total, sizeof total, "sum(request_cost_count{service=\"%s\"%s})", w->service, workload);
        put_indicator(w, name, "good", query, total);
        put_window(w);
        put_objective(w, "Occurrences", has_slo, has_slo ? internal->within_at : target->percentile / 100);
        return;
    }
    surety_export_duration(days, 86400 * floor((double)w->e->plan->term_us / (double)w->e->plan->n_windows / 86400e6));
    if (target->kind == SURETY_COST_PER_TASK)
        snprintf(query, sizeof query,
                 "sum(increase(cost_total{service=\"%s\"%s}[%s])) / sum(increase(tasks_total{service=\"%s\"%s}[%s]))",
                 w->service, workload, days, w->service, workload, days);
    else
        snprintf(query, sizeof query, "sum(rate(cost_total{service=\"%s\"%s}[%s])) * 2628000", w->service, workload,
                 days);
    fprintf(w->out,
            "  indicator:\n    metadata:\n      name: %s\n    spec:\n      thresholdMetric:\n        metricSource:\n"
            "          type: Prometheus\n          spec:\n            query: ",
            name);
    surety_export_quote(w->out, query);
    fputc('\n', w->out);
    put_window(w);
    put_objective(w, "Timeslices", has_slo, 1);
    fprintf(w->out, "      op: lte\n      value: %.9g\n      timeSliceWindow: 1d\n      timeSliceTarget: 1\n",
            has_slo ? internal->at : target->limit);
}

static void put_promises(const struct writer *w)
{
    const struct surety_tier *tier = &w->e->scenario->contract.tiers[w->e->tier];
    const struct surety_plan *plan = w->e->plan;
    size_t n = 0;
    for (size_t i = 0; i < tier->n_latency; i++)
        put_latency(w, &tier->latency[i], i);
    for (size_t i = 0; i < plan->quality.n_targets; i++) {
        const struct surety_plan_quality_target *target = &plan->quality.targets[i];
        const struct surety_plan_suite *suite = &plan->quality.suites[target->suite];
        if (target->tier != w->e->tier)
            continue;
        for (size_t c = suite->first_check; c < suite->first_check + suite->n_checks; c++)
            put_quality(w, target, n, suite->n_checks > 1 ? plan->quality.checks[c].name : NULL);
        n++;
    }
    n = 0;
    for (size_t i = 0; i < plan->cost.n_targets; i++)
        if (plan->cost.targets[i].tier == w->e->tier)
            put_cost(w, &plan->cost.targets[i], n++);
}

// The format knows one window: the long one. The short one stands in an annotation.
static void put_alert(const struct writer *w, const struct surety_alert *alert)
{
    char slug[SURETY_SLUG_SIZE], name[SURETY_SLUG_SIZE], longer[24], shorter[24];
    surety_export_slug(slug, alert->name);
    join(name, w->service, slug);
    put_duration(longer, alert->long_s);
    put_duration(shorter, alert->short_s);
    put_head(w, "AlertPolicy", name);
    fputs("  annotations:\n", w->out);
    put_annotation(w, "short-window", shorter);
    fputs("spec:\n  alertWhenBreaching: true\n  alertWhenResolved: false\n  alertWhenNoData: false\n  conditions:\n",
          w->out);
    fprintf(w->out,
            "    - kind: AlertCondition\n      metadata:\n        name: %s\n      spec:\n        severity: %s\n"
            "        condition:\n          kind: burnrate\n          threshold: %.9g\n"
            "          lookbackWindow: %s\n          alertAfter: 0m\n",
            name, surety_alert_severities[alert->severity], alert->burn, longer);
    fputs("  notificationTargets:\n    - targetRef: on-call\n", w->out);
}

enum surety_err surety_export_openslo(const struct surety_export *e, FILE *out)
{
    const struct surety_contract *contract = &e->scenario->contract;
    struct writer w = {.e = e, .out = out};
    surety_export_slug(w.service, e->scenario->name);
    surety_export_slug(w.tier, contract->tiers[e->tier].name);
    put_head(&w, "Service", w.service);
    fputs("  displayName: ", out);
    surety_export_quote(out, e->scenario->name);
    fputs("\nspec:\n  description: ", out);
    surety_export_quote(out, e->scenario->name);
    fputc('\n', out);
    put_availability(&w);
    put_promises(&w);
    for (size_t i = 0; i < contract->n_alerts; i++)
        put_alert(&w, &contract->alerts[i]);
    put_head(&w, "AlertNotificationTarget", "on-call");
    fputs("spec:\n  description: \"Who answers for the service\"\n  target: \"on-call\"\n", out);
    return SURETY_OK;
}
