// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/export_rules.h"

#include "sim/base/ppb.h"

#include <math.h>
#include <string.h>

// Of latency the budget is the share that may be late, of quality the cases that may fail, of cost the money. A suite runs
// seldom: what can be said at once is what its last run and the window so far say.

#define NAME_SIZE 200

struct promise {
    const struct surety_export *e;
    const char *service;
    const struct surety_rule_windows *windows; // of the alerts
    double window_s;                           // of the contract
    FILE *out;
};

void surety_rules_needs(const struct surety_export *e, FILE *out)
{
    const struct surety_tier *tier = &e->scenario->contract.tiers[e->tier];
    bool infinite = false, issues = false, cases = false;
    for (size_t i = 0; i < tier->n_latency; i++)
        infinite = infinite || tier->latency[i].failed_as == SURETY_FAILED_INFINITE;
    for (size_t i = 0; i < tier->n_quality; i++) {
        const bool is_issues = e->plan->quality.suites[tier->quality[i].suite].issues;
        issues = issues || is_issues;
        cases = cases || !is_issues;
    }
    if (tier->n_latency > 0)
        fprintf(out,
                ";\n# histograms first_token_seconds, end_to_end_seconds by workload, with a bucket at each target%s",
                infinite ? ",\n# and requests_total by workload" : "");
    if (cases)
        fputs(";\n# suite_cases_total and suite_cases_failed_total by suite (and scenario), counted up by each run as "
              "judged",
              out);
    if (issues)
        fputs(";\n# tasks_total and tasks_reported_total", out);
    if (tier->cost.given && (!isnan(tier->cost.per_task) || !isnan(tier->cost.per_month)))
        fputs(";\n# cost_total in the contract's currency and tasks_total, by workload", out);
    if (tier->cost.given && !isnan(tier->cost.per_request))
        fputs(";\n# histogram request_cost by workload, with a bucket at the limit", out);
    if (tier->cost.given && !isnan(tier->cost.over_forecast))
        fputs(". A cost over the forecast has no metric here", out);
}

static void open_group(const struct promise *p, const char *dimension, const char *name)
{
    fprintf(p->out, "  - name: \"%s-%s-%s\"\n    interval: 30s\n    rules:\n", p->service, dimension, name);
}

// One of the contract's alerts on each ratio that was recorded; not those that ask for more than all.
static void put_alerts(const struct promise *p, const char *ratio, const char *title, double budget, double most,
                       const char *of)
{
    const struct surety_contract *contract = &p->e->scenario->contract;
    for (size_t i = 0; i < contract->n_alerts; i++) {
        char whole[NAME_SIZE], name[SURETY_SLUG_SIZE];
        if (contract->alerts[i].burn * budget > most) {
            fprintf(p->out, "      # %s asks for more than there is: no alert\n", contract->alerts[i].name);
            continue;
        }
        surety_rule_name(name, contract->alerts[i].name);
        snprintf(whole, sizeof whole, "%.100s_%s", title, name);
        surety_rule_alert(&contract->alerts[i], p->service, ratio, whole, budget, of, p->out);
    }
}

// The share that is not in the bucket `le`, over each window of the alerts and that of the contract; then what is left of
// the budget, and alerts.
static void put_bucket(const struct promise *p, const char *dimension, const char *what, const char *metric,
                       const char *selector, const char *total, double le, double budget, const char *of)
{
    char ratio[NAME_SIZE], name[NAME_SIZE], title[NAME_SIZE], window[24];
    snprintf(ratio, sizeof ratio, "service:late_ratio_%.120s", what);
    for (size_t i = 0; i <= p->windows->n; i++) {
        surety_export_duration(window, i < p->windows->n ? p->windows->s[i] : p->window_s);
        bool again = false;
        for (size_t k = 0; i == p->windows->n && k < p->windows->n; k++)
            again = again || p->windows->s[k] == p->window_s;
        if (again)
            continue;
        snprintf(name, sizeof name, "%.160s:%s", ratio, window);
        surety_rule_record(p->out, name, p->service);
        fprintf(p->out, "(1 - sum(rate(%s_bucket{%s, le=\"%.9g\"}[%s])) / (sum(rate(%s{%s}[%s])) > 0)) or vector(0)\n",
                metric, selector, le, window, total, selector, window);
    }
    surety_export_duration(window, p->window_s);
    snprintf(name, sizeof name, "service:late_budget_left_%.120s:ratio", what);
    surety_rule_record(p->out, name, p->service);
    fprintf(p->out, "1 - %s:%s{service=\"%s\"} / %.9g\n", ratio, window, p->service, budget);
    snprintf(title, sizeof title, "%sBudgetBurn_%.120s", dimension, what);
    put_alerts(p, ratio, title, budget, 1, of);
}

// Cells of 5 minutes, each of which holds the percentile or does not: shares of the time.
static void put_cells(const struct promise *p, const char *what, const char *metric, const char *selector,
                      const char *total, const struct surety_latency_target *t)
{
    const double budget = (double)(SURETY_PPB_ONE - t->cells_met_ppb) / (double)SURETY_PPB_ONE;
    char ratio[NAME_SIZE], name[NAME_SIZE], title[NAME_SIZE], window[24];
    snprintf(ratio, sizeof ratio, "service:late_time_%.120s", what);
    snprintf(name, sizeof name, "%.160s:slice", ratio);
    surety_rule_record(p->out, name, p->service);
    fprintf(
        p->out,
        "((1 - sum(rate(%s_bucket{%s, le=\"%.9g\"}[5m])) / (sum(rate(%s{%s}[5m])) > 0)) or vector(0)) > bool %.9g\n",
        metric, selector, t->target_s, total, selector, 1 - t->percentile / 100);
    for (size_t i = 0; i < p->windows->n; i++) {
        surety_export_duration(window, p->windows->s[i]);
        snprintf(name, sizeof name, "%.160s:%s", ratio, window);
        surety_rule_record(p->out, name, p->service);
        fprintf(p->out, "avg_over_time(%s:slice{service=\"%s\"}[%s])\n", ratio, p->service, window);
    }
    snprintf(title, sizeof title, "LatencyBudgetBurn_%.120s", what);
    put_alerts(p, ratio, title, budget, 1, "the time that may be late");
}

static void put_latency(const struct promise *p, const struct surety_latency_target *t)
{
    const char *metric = surety_export_latency(t);
    char slug[SURETY_SLUG_SIZE], what[NAME_SIZE], selector[NAME_SIZE], seconds[80], total[80], of[120];
    surety_rule_name(slug, t->name);
    snprintf(what, sizeof what, "%s_%s", slug, metric);
    snprintf(selector, sizeof selector, "service=\"%s\", workload=\"%.80s\"", p->service, t->name);
    snprintf(seconds, sizeof seconds, "%s_seconds", metric);
    snprintf(total, sizeof total, "%s_seconds_count", metric);
    if (t->failed_as == SURETY_FAILED_INFINITE)
        snprintf(total, sizeof total, "requests_total");
    snprintf(of, sizeof of, "the share of %.40s that may be late", t->name);
    snprintf(slug, sizeof slug, "%.40s-%s", t->name, metric);
    open_group(p, "latency", slug);
    if (t->over == SURETY_OVER_INTERVALS)
        put_cells(p, what, seconds, selector, total, t);
    else
        put_bucket(p, "Latency", what, seconds, selector, total, t->target_s, 1 - t->percentile / 100, of);
}

// --- quality ---------------------------------------------------------------------------------------------------

// Of named scenarios the worst counts: each has to keep the promise.
static void put_failed(const struct promise *p, const char *what, const char *failed, const char *cases,
                       const char *selector, bool each, double window_s)
{
    char name[NAME_SIZE], window[24];
    surety_export_duration(window, window_s);
    snprintf(name, sizeof name, "service:failed_ratio_%.120s:%s", what, window);
    surety_rule_record(p->out, name, p->service);
    const char *sum = each ? "sum by (scenario) (" : "sum(";
    fprintf(p->out, "%s%sincrease(%s{%s}[%s])) / (%sincrease(%s{%s}[%s])) > 0)%s\n", each ? "max(" : "", sum, failed,
            selector, window, sum, cases, selector, window, each ? ")" : "");
}

static void put_quality_alert(const struct promise *p, const char *title, const char *what, double window_s,
                              double budget, const char *severity, const char *name, const char *summary)
{
    char window[24];
    surety_export_duration(window, window_s);
    fprintf(p->out,
            "      - alert: %s_%.120s\n        expr: >-\n          service:failed_ratio_%.120s:%s{service=\"%s\"} > "
            "%.9g\n",
            title, what, what, window, p->service, budget);
    surety_rule_labels(p->service, severity, name, summary, p->out);
}

// A promise on a suite: the last run by itself, and all of a window's.
static void put_quality(const struct promise *p, const struct surety_quality_target *t, size_t index)
{
    const struct surety_plan_quality *q = &p->e->plan->quality;
    const struct surety_plan_suite *suite = &q->suites[t->suite];
    const double budget = (double)(SURETY_PPB_ONE - q->targets[index].bar_ppb) / (double)SURETY_PPB_ONE;
    const double run_s = suite->issues ? 86400 : fmax(60, 60 * ceil((double)suite->every_us / 60e6));
    char what[SURETY_SLUG_SIZE], selector[NAME_SIZE], summary[300], window[24];
    surety_rule_name(what, suite->name);
    if (suite->issues)
        snprintf(selector, sizeof selector, "service=\"%s\"", p->service);
    else
        snprintf(selector, sizeof selector, "service=\"%s\", suite=\"%.80s\"", p->service, suite->name);
    const char *failed = suite->issues ? "tasks_reported_total" : "suite_cases_failed_total";
    const char *cases = suite->issues ? "tasks_total" : "suite_cases_total";
    open_group(p, "quality", what);
    put_failed(p, what, failed, cases, selector, suite->n_checks > 1, run_s);
    if (run_s != p->window_s)
        put_failed(p, what, failed, cases, selector, suite->n_checks > 1, p->window_s);
    surety_export_duration(window, p->window_s);
    snprintf(summary, sizeof summary, "service:quality_budget_left_%.60s:ratio", what);
    surety_rule_record(p->out, summary, p->service);
    fprintf(p->out, "1 - service:failed_ratio_%s:%s{service=\"%s\"} / %.9g\n", what, window, p->service, budget);
    snprintf(summary, sizeof summary, "%s of %.60s of %s reads worse than promised",
             suite->issues ? "a day" : "the last run", suite->name, p->service);
    put_quality_alert(p, "QualityRunBelow", what, run_s, budget, "ticket", "run", summary);
    snprintf(summary, sizeof summary, "%.60s of %s reads worse than promised over %s", suite->name, p->service, window);
    put_quality_alert(p, "QualityBelow", what, p->window_s, budget, "page", "window", summary);
}

// --- cost ------------------------------------------------------------------------------------------------------

// Money over what the ceiling allows in the same time: 1 is at the ceiling.
static void put_money(const struct promise *p, const char *what, const char *selector, const char *allowed_by,
                      double allowed)
{
    char ratio[NAME_SIZE], name[NAME_SIZE], title[NAME_SIZE], window[24];
    snprintf(ratio, sizeof ratio, "service:cost_of_ceiling_%s", what);
    open_group(p, "cost", what);
    for (size_t i = 0; i <= p->windows->n; i++) {
        bool again = false;
        for (size_t k = 0; i == p->windows->n && k < p->windows->n; k++)
            again = again || p->windows->s[k] == p->window_s;
        if (again)
            continue;
        surety_export_duration(window, i < p->windows->n ? p->windows->s[i] : p->window_s);
        snprintf(name, sizeof name, "%.160s:%s", ratio, window);
        surety_rule_record(p->out, name, p->service);
        if (allowed_by != NULL)
            fprintf(p->out, "sum(rate(cost_total{%s}[%s])) / (sum(rate(%s{%s}[%s])) > 0) / %.9g\n", selector, window,
                    allowed_by, selector, window, allowed);
        else
            fprintf(p->out, "sum(rate(cost_total{%s}[%s])) / %.9g\n", selector, window, allowed);
    }
    snprintf(title, sizeof title, "CostBudgetBurn_%s", what);
    put_alerts(p, ratio, title, 1, INFINITY, "what the ceiling of cost allows");
}

static void put_cost(const struct promise *p, const struct surety_cost_promise *c)
{
    char selector[NAME_SIZE], workload[120] = "";
    if (!c->given)
        return;
    if (c->workload_name != NULL)
        snprintf(workload, sizeof workload, ", workload=\"%.80s\"", c->workload_name);
    snprintf(selector, sizeof selector, "service=\"%s\"%s", p->service, workload);
    if (!isnan(c->per_task))
        put_money(p, "per_task", selector, "tasks_total", c->per_task);
    if (!isnan(c->per_month))
        put_money(p, "per_month", selector, NULL, c->per_month / (365 * 86400.0 / 12));
    if (isnan(c->per_request))
        return;
    open_group(p, "cost", "per_request");
    put_bucket(p, "Cost", "per_request", "request_cost", selector, "request_cost_count", c->per_request,
               1 - c->percentile / 100, "the share of the answers that may be dearer");
}

void surety_rules_of_promises(const struct surety_export *e, const char *service,
                              const struct surety_rule_windows *windows, double window_s, FILE *out)
{
    const struct surety_tier *tier = &e->scenario->contract.tiers[e->tier];
    const struct promise p = {.e = e, .service = service, .windows = windows, .window_s = window_s, .out = out};
    for (size_t i = 0; i < tier->n_latency; i++)
        put_latency(&p, &tier->latency[i]);
    size_t k = 0;
    for (size_t i = 0; i < e->plan->quality.n_targets; i++)
        if (e->plan->quality.targets[i].tier == e->tier && k < tier->n_quality)
            put_quality(&p, &tier->quality[k++], i);
    put_cost(&p, &tier->cost);
}
