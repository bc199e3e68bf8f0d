// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/budget.h"

#include "plots/human.h"
#include "plots/wording.h"

#include <math.h>
#include <string.h>

#define SENTENCE_SIZE 1000

static void put_internal_slo(const struct surety_result *result, FILE *out)
{
    const struct surety_focus focus = surety_wording_focus(result);
    const struct surety_internal_slo *slo = focus.architecture->internal_slo;
    char text[SENTENCE_SIZE], now[SURETY_HUMAN_SIZE], goal[SURETY_HUMAN_SIZE];
    if (slo == NULL)
        return;
    surety_human_percent(now, focus.architecture->availability.mean, 2);
    surety_human_percent(goal, slo->availability, 2);
    if (slo->because != NULL)
        snprintf(text, sizeof text, "There is no internal SLO for %s: %s.", slo->tier, slo->because);
    else if (slo->intensity >= 1)
        snprintf(text, sizeof text,
                 "Internal SLO: run %s at %s or better on average (now: %s). There %s is just signable, with failures "
                 "%.2f times as often as now.",
                 focus.architecture->name, goal, now, slo->tier, slo->intensity);
    else
        snprintf(
            text, sizeof text,
            "Internal SLO: %s is just signable on %s at %s on average (now: %s), with failures %.2f times as often "
            "as now.",
            slo->tier, focus.architecture->name, goal, now, slo->intensity);
    surety_human_wrapped(out, "", text);
}

void surety_budget_value(char out[SURETY_HUMAN_SIZE], const struct surety_internal_promise *p, double value)
{
    if (isnan(value))
        snprintf(out, SURETY_HUMAN_SIZE, "not known");
    else if (strcmp(p->unit, "s") == 0)
        surety_human_latency(out, value);
    else if (strcmp(p->unit, "1") == 0)
        surety_human_percent(out, value, 3);
    else
        snprintf(out, SURETY_HUMAN_SIZE, value >= 1000 ? "%.0f %.20s" : "%.3g %.20s", value, p->unit);
}

void surety_budget_signed(char out[SURETY_HUMAN_SIZE], const struct surety_internal_promise *p)
{
    if (strcmp(p->unit, "s") == 0)
        surety_human_latency(out, p->target);
    else if (strcmp(p->unit, "1") == 0)
        surety_human_target(out, p->target);
    else
        snprintf(out, SURETY_HUMAN_SIZE, "%.10g %.20s", p->target, p->unit);
}

static void put_dimension_text(const struct surety_internal_dimension *d, FILE *out)
{
    char text[SENTENCE_SIZE], at[SURETY_HUMAN_SIZE], now[SURETY_HUMAN_SIZE], target[SURETY_HUMAN_SIZE],
        within[SURETY_HUMAN_SIZE];
    if (d->because != NULL) {
        snprintf(text, sizeof text, "Of %s there is none: %s.", d->name, d->because);
        surety_human_wrapped(out, "  ", text);
        return;
    }
    for (size_t i = 0; i < d->n_promises; i++) {
        const struct surety_internal_promise *p = &d->promises[i];
        surety_budget_value(at, p, p->at);
        surety_budget_value(now, p, p->now);
        surety_budget_signed(target, p);
        size_t n = (size_t)snprintf(text, sizeof text, "Of %s: %s ", d->name, p->what);
        if (isnan(p->at) && isnan(p->now))
            n += (size_t)snprintf(text + n, sizeof text - n, "%.3g times as dear as now (signed: %s)", d->change,
                                  target);
        else
            n += (size_t)snprintf(text + n, sizeof text - n, "at %s or %s (now: %s, signed: %s)", at,
                                  p->more_is_worse ? "less" : "better", now, target);
        surety_human_percent(within, p->within_at, 3);
        if (isnan(p->within_at))
            snprintf(text + n, sizeof text - n, ".");
        else
            snprintf(text + n, sizeof text - n, ", with %s of the requests within the signed %s.", within, target);
        surety_human_wrapped(out, "  ", text);
    }
}

static void put_dimensions(const struct surety_result *result, FILE *out)
{
    const struct surety_internal_slo *slo = surety_wording_focus(result).architecture->internal_slo;
    if (slo == NULL || slo->n_dimensions == 0)
        return;
    surety_human_wrapped(out, "",
                         "Each dimension alone, the rest as it is, may be run to where the tier is just signable:");
    for (size_t i = 0; i < slo->n_dimensions; i++)
        put_dimension_text(&slo->dimensions[i], out);
}

// Days that are told: quarters of the longest window.
static size_t told_day(const struct surety_budget *b, size_t quarter)
{
    return (b->n_days * quarter + 3) / 4;
}

static void put_head(const struct surety_result *result, const struct surety_budget *b, FILE *out)
{
    char text[SENTENCE_SIZE], share[SURETY_HUMAN_SIZE];
    surety_human_target(share, b->share);
    if (*b->promise == '\0')
        snprintf(text, sizeof text,
                 "Error budget of %s: %s, judged by the %s. Over a %s, on %s, in the first %llu terms:", b->tier, share,
                 b->how, surety_wording_window(result), surety_wording_focus(result).architecture->name,
                 (unsigned long long)b->n_terms);
    else if (b->share == 1) // money
        snprintf(text, sizeof text, "Budget of %s, %s: the %s.", b->dimension, b->promise, b->how);
    else
        snprintf(text, sizeof text, "Budget of %s, %s: %s, judged by the %s.", b->dimension, b->promise, share, b->how);
    surety_human_wrapped(out, "", text);
}

static void put_fan(const struct surety_result *result, const struct surety_budget *b, FILE *out)
{
    char median[SURETY_HUMAN_SIZE], low[SURETY_HUMAN_SIZE], gone[SURETY_HUMAN_SIZE];
    put_head(result, b, out);
    fprintf(out, "  %-12s  %13s  %19s  %10s\n", "by the end of", "left, median", "left in 95 % of all", "used up");
    for (size_t k = 1; k <= 4; k++) {
        const size_t d = told_day(b, k);
        if (k > 1 && d == told_day(b, k - 1))
            continue;
        snprintf(median, sizeof median, "%.0f %%", 100 * b->left[d][2]);
        if (b->left[d][0] < 0)
            snprintf(low, sizeof low, "nothing");
        else
            snprintf(low, sizeof low, "%.0f %%", 100 * b->left[d][0]);
        surety_human_percent(gone, b->p_gone[d], 2);
        fprintf(out, "  day %-9zu  %13s  %19s  %10s\n", d, b->left[d][2] < 0 ? "nothing" : median, low, gone);
    }
}

static void put_alert_rows(const struct surety_budget *b, FILE *out)
{
    char text[SURETY_HUMAN_SIZE], late[SURETY_HUMAN_SIZE], share[SURETY_HUMAN_SIZE], lead[SURETY_HUMAN_SIZE];
    fprintf(out, "  %-18s  %9s  %10s  %10s  %9s  %9s  %10s\n", "alert on its burn", "a month", "false, a m.",
            "after, p50", "p95", "breaches", "ahead, p50");
    for (size_t i = 0; i < b->n_alerts; i++) {
        const struct surety_budget_alert *a = &b->alerts[i];
        char name[40];
        if (isnan(a->burn))
            snprintf(name, sizeof name, "any of them");
        else
            snprintf(name, sizeof name, "%.11s %.4gx", a->name, a->burn);
        surety_human_duration(text, a->detect_p50_s);
        surety_human_duration(late, a->detect_p95_s);
        surety_human_duration(lead, a->lead_p50_s);
        surety_human_percent(share, a->breaches_preceded, 2);
        fprintf(out, "  %-18s  %9.3g  %11.3g  %10s  %9s  %9s  %10s\n", name, a->fires_per_month, a->false_per_month,
                text, late, share, lead);
    }
}

static void put_alerts(const struct surety_result *result, const struct surety_budget *b, FILE *out)
{
    const char *window = surety_wording_window(result);
    char line[SENTENCE_SIZE];
    put_alert_rows(b, out);
    snprintf(line, sizeof line,
             "false: in a %s that keeps its budget; after: from the beginning of the loss; breaches: share of the %ss "
             "that use up their budget in which it fired before; ahead: so long before.",
             window, window);
    surety_human_wrapped(out, "  ", line);
}

static bool any_fires(const struct surety_budget *b)
{
    return b->n_alerts > 0 && b->alerts[b->n_alerts - 1].fires_per_month > 0;
}

static void put_promise_budget(const struct surety_result *result, const struct surety_budget *b, FILE *out)
{
    char text[SENTENCE_SIZE];
    put_fan(result, b, out);
    if (any_fires(b))
        put_alert_rows(b, out);
    else if (b->n_alerts > 0)
        fprintf(out, "  No alert on its burn fired in these terms.\n");
    if (*b->note != '\0') {
        snprintf(text, sizeof text, "Alerts: %s.", b->note);
        surety_human_wrapped(out, "  ", text);
    }
}

void surety_budget_text(const struct surety_result *result, FILE *out)
{
    if (result->n_tiers > 0 && result->n_architectures > 0) {
        put_internal_slo(result, out);
        put_dimensions(result, out);
    }
    const struct surety_focus focus = surety_wording_focus(result);
    if (focus.architecture == NULL)
        return;
    if (focus.architecture->budget != NULL) {
        put_fan(result, focus.architecture->budget, out);
        put_alerts(result, focus.architecture->budget, out);
    }
    for (size_t i = 0; i < focus.architecture->n_promise_budgets; i++)
        put_promise_budget(result, focus.architecture->promise_budgets[i], out);
}

static void put_days(struct surety_json *json, const struct surety_budget *b)
{
    static const char *const keys[SURETY_BUDGET_QUANTILES] = {"left_p05", "left_p25", "left_p50", "left_p75",
                                                              "left_p95"};
    surety_json_open_list(json, "days", false);
    for (size_t d = 0; d <= b->n_days; d++) {
        surety_json_open_map(json, NULL, true);
        surety_json_integer(json, "day", d);
        for (size_t q = 0; q < SURETY_BUDGET_QUANTILES; q++)
            surety_json_number(json, keys[q], b->left[d][q]);
        surety_json_number(json, "p_gone", b->p_gone[d]);
        surety_json_close(json);
    }
    surety_json_close(json);
}

static void put_budget(struct surety_json *json, const char *key, const struct surety_budget *b)
{
    surety_json_open_map(json, key, false);
    if (*b->promise != '\0') {
        surety_json_text(json, "dimension", b->dimension);
        surety_json_text(json, "promise", b->promise);
    }
    surety_json_text(json, "tier", b->tier);
    surety_json_number(json, "share", b->share);
    surety_json_text(json, "judged_by", b->how);
    surety_json_integer(json, "replications", b->n_terms);
    if (*b->note != '\0')
        surety_json_text(json, "note", b->note);
    put_days(json, b);
    surety_json_open_list(json, "alerts", false);
    for (size_t i = 0; i < b->n_alerts; i++) {
        const struct surety_budget_alert *a = &b->alerts[i];
        surety_json_open_map(json, NULL, false);
        surety_json_text(json, "name", a->name);
        if (!isnan(a->burn)) {
            surety_json_text(json, "severity", a->severity);
            surety_json_number(json, "long_s", a->long_s);
            surety_json_number(json, "short_s", a->short_s);
            surety_json_number(json, "burn", a->burn);
            surety_json_number(json, "share_of_budget", a->share_of_budget);
        }
        surety_json_number(json, "fires_per_month", a->fires_per_month);
        surety_json_number(json, "false_per_month", a->false_per_month);
        surety_json_number(json, "detect_p50_s", a->detect_p50_s);
        surety_json_number(json, "detect_p95_s", a->detect_p95_s);
        surety_json_number(json, "breaches_preceded", a->breaches_preceded);
        surety_json_number(json, "lead_p50_s", a->lead_p50_s);
        surety_json_close(json);
    }
    surety_json_close(json);
    surety_json_close(json);
}

static void put_dimension(struct surety_json *json, const struct surety_internal_dimension *d)
{
    surety_json_open_map(json, d->name, false);
    surety_json_number(json, strcmp(d->name, "quality") == 0 ? "lower_by" : "factor", d->change);
    surety_json_integer(json, "replications", d->n_terms);
    if (d->because != NULL)
        surety_json_text(json, "because", d->because);
    surety_json_open_list(json, "promises", false);
    for (size_t i = 0; i < d->n_promises; i++) {
        const struct surety_internal_promise *p = &d->promises[i];
        surety_json_open_map(json, NULL, true);
        surety_json_text(json, "promise", p->what);
        surety_json_text(json, "unit", p->unit);
        surety_json_number(json, "signed", p->target);
        surety_json_number(json, "now", p->now);
        surety_json_number(json, "run_at", p->at);
        if (!isnan(p->within_now)) {
            surety_json_number(json, "share_within_now", p->within_now);
            surety_json_number(json, "share_within_at", p->within_at);
        }
        surety_json_close(json);
    }
    surety_json_close(json);
    surety_json_close(json);
}

void surety_budget_json(struct surety_json *json, const struct surety_architecture_result *architecture)
{
    const struct surety_internal_slo *slo = architecture->internal_slo;
    if (architecture->budget != NULL)
        put_budget(json, "error_budget", architecture->budget);
    if (architecture->n_promise_budgets > 0) {
        surety_json_open_list(json, "promise_budgets", false);
        for (size_t i = 0; i < architecture->n_promise_budgets; i++)
            put_budget(json, NULL, architecture->promise_budgets[i]);
        surety_json_close(json);
    }
    if (slo == NULL)
        return;
    surety_json_open_map(json, "internal_slo", true);
    surety_json_text(json, "tier", slo->tier);
    surety_json_number(json, "availability", slo->availability);
    surety_json_number(json, "se", slo->se);
    surety_json_number(json, "intensity", slo->intensity);
    surety_json_integer(json, "replications", slo->n_terms);
    if (slo->because != NULL)
        surety_json_text(json, "because", slo->because);
    for (size_t i = 0; i < slo->n_dimensions; i++)
        put_dimension(json, &slo->dimensions[i]);
    surety_json_close(json);
}
