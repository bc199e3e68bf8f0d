// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/export_rules.h"

#include "models/alerts.h"
#include "sim/base/ppb.h"

#include <string.h>

// Rules of Prometheus: what share of the service fails, over each window that an alert needs, and the alerts. They read
// counters that the service has to give: NAME_total, NAME_failed_total and histograms, labelled with the service.

static void add_window(struct surety_rule_windows *windows, double s)
{
    for (size_t i = 0; i < windows->n; i++)
        if (windows->s[i] == s)
            return;
    if (windows->n < SURETY_RULE_MOST_WINDOWS)
        windows->s[windows->n++] = s;
}

static double target_of(const struct surety_export *e)
{
    return (double)e->scenario->contract.tiers[e->tier].availability_ppb / (double)SURETY_PPB_ONE;
}

// The share of what came within `window` that failed; nothing came: 0.
static void put_ratio(FILE *out, const char *what, const char *service, const char *window)
{
    fprintf(out,
            "(sum(rate(%s_failed_total{service=\"%s\"}[%s])) / (sum(rate(%s_total{service=\"%s\"}[%s])) > 0)) or "
            "vector(0)",
            what, service, window, what, service, window);
}

void surety_rule_record(FILE *out, const char *name, const char *service)
{
    fprintf(out, "      - record: %s\n        labels: {service: \"%s\"}\n        expr: >-\n          ", name, service);
}

// What time is judged by, slice after slice: the share failing, or whether that is down.
static void put_slices(const struct surety_export *e, const char *service, FILE *out)
{
    const struct surety_contract *contract = &e->scenario->contract;
    const enum surety_export_unit unit = surety_export_unit_of(contract);
    char slice[24];
    if (unit != SURETY_EXPORT_CELLS && unit != SURETY_EXPORT_DOWN)
        return;
    surety_export_duration(slice, unit == SURETY_EXPORT_CELLS ? contract->cell_s : 60);
    surety_rule_record(out, "service:failing:slice", service);
    if (unit == SURETY_EXPORT_DOWN)
        fputc('(', out);
    put_ratio(out, "requests", service, slice);
    if (unit == SURETY_EXPORT_DOWN)
        fprintf(out, ") >= bool %.9g", (double)contract->down_at_ppb / (double)SURETY_PPB_ONE);
    fputc('\n', out);
}

static void put_error_ratio(const struct surety_export *e, const char *service, double window_s, FILE *out)
{
    const enum surety_export_unit unit = surety_export_unit_of(&e->scenario->contract);
    char window[24], name[64];
    surety_export_duration(window, window_s);
    snprintf(name, sizeof name, "service:error_ratio:%s", window);
    surety_rule_record(out, name, service);
    if (unit == SURETY_EXPORT_REQUESTS || unit == SURETY_EXPORT_TASKS)
        put_ratio(out, unit == SURETY_EXPORT_TASKS ? "tasks" : "requests", service, window);
    else
        fprintf(out, "avg_over_time(service:failing:slice{service=\"%s\"}[%s])", service, window);
    fputc('\n', out);
}

void surety_rule_alert(const struct surety_alert *alert, const char *service, const char *ratio, const char *title,
                       double budget, const char *of, FILE *out)
{
    char longer[24], shorter[24], text[300];
    surety_export_duration(longer, alert->long_s);
    surety_export_duration(shorter, alert->short_s);
    fprintf(out, "      - alert: %s\n        expr: >-\n          ", title);
    fprintf(out, "%s:%s{service=\"%s\"} >= %.9g * %.9g and %s:%s{service=\"%s\"} >= %.9g * %.9g\n", ratio, longer,
            service, alert->burn, budget, ratio, shorter, service, alert->burn, budget);
    snprintf(text, sizeof text, "%s of %s burns at least %.6g times as fast as it lasts, over %s and %s", of, service,
             alert->burn, longer, shorter);
    surety_rule_labels(service, surety_alert_severities[alert->severity], alert->name, text, out);
}

void surety_rule_labels(const char *service, const char *severity, const char *name, const char *summary, FILE *out)
{
    fprintf(out,
            "        labels: {service: \"%s\", severity: %s, alert: \"%s\"}\n        annotations:\n          summary: ",
            service, severity, name);
    surety_export_quote(out, summary);
    fputc('\n', out);
}

void surety_rule_name(char out[SURETY_SLUG_SIZE], const char *text)
{
    surety_export_slug(out, text);
    for (char *c = out; *c != '\0'; c++)
        if (*c == '-')
            *c = '_';
}

enum surety_err surety_export_prometheus(const struct surety_export *e, FILE *out)
{
    const struct surety_contract *contract = &e->scenario->contract;
    const struct surety_tier *tier = &contract->tiers[e->tier];
    const double window_s = (double)e->plan->term_us * 1e-6 / (double)e->plan->n_windows;
    const double days = window_s < 86400 ? window_s : 86400 * (double)(int64_t)(window_s / 86400);
    const char *measured[] = {"requests_total and requests_failed_total", "tasks_total and tasks_failed_total",
                              "requests_total and requests_failed_total", "requests_total and requests_failed_total"};
    struct surety_rule_windows windows = {.n = 0};
    char service[SURETY_SLUG_SIZE], window[24], title[120];
    surety_export_slug(service, e->scenario->name);
    for (size_t i = 0; i < contract->n_alerts; i++) {
        add_window(&windows, contract->alerts[i].short_s);
        add_window(&windows, contract->alerts[i].long_s);
    }
    const struct surety_rule_windows of_alerts = windows;
    add_window(&windows, days);
    surety_export_duration(window, days);
    fprintf(out,
            "# Tier %s: %.9g %% availability, error budget %.9g. Needed with the label service=\"%s\": counters\n"
            "# %s",
            tier->name, 100 * target_of(e), 1 - target_of(e), service, measured[surety_export_unit_of(contract)]);
    surety_rules_needs(e, out);
    fputs(".\n# Hours, exclusions and maintenance of the contract are not known to these rules.\ngroups:\n", out);
    fprintf(out, "  - name: \"%s-availability\"\n    interval: 30s\n    rules:\n", service);
    put_slices(e, service, out);
    for (size_t i = 0; i < windows.n; i++)
        put_error_ratio(e, service, windows.s[i], out);
    if (target_of(e) < 1) {
        surety_rule_record(out, "service:error_budget_left:ratio", service);
        fprintf(out, "1 - service:error_ratio:%s{service=\"%s\"} / %.9g\n", window, service, 1 - target_of(e));
        for (size_t i = 0; i < contract->n_alerts; i++) {
            snprintf(title, sizeof title, "ErrorBudgetBurn_%s", contract->alerts[i].name);
            for (char *c = title; *c != '\0'; c++)
                if (*c == '-')
                    *c = '_';
            surety_rule_alert(&contract->alerts[i], service, "service:error_ratio", title, 1 - target_of(e),
                              "the error budget", out);
        }
    }
    surety_rules_of_promises(e, service, &of_alerts, days, out);
    return SURETY_OK;
}
