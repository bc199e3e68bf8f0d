// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/export.h"

#include "models/alerts.h"
#include "models/measurement.h"
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

static void put_latency(const struct writer *w, const struct surety_latency_target *target)
{
    const char *metric = surety_export_latency(target);
    char name[SURETY_SLUG_SIZE], slug[SURETY_SLUG_SIZE], part[120], text[200], good[240], total[200];
    snprintf(part, sizeof part, "%.40s-%s", target->name, metric);
    surety_export_slug(slug, part);
    join(name, w->service, slug);
    put_head(w, "SLO", name);
    fputs("  annotations:\n", w->out);
    put_annotation(w, "tier", w->e->scenario->contract.tiers[w->e->tier].name);
    snprintf(text, sizeof text, "p%.6g of %s of %.40s within %.9g s", target->percentile, metric, target->name,
             target->target_s);
    put_annotation(w, "latency", text);
    put_credits(w);
    put_annotation(w, "objective-is", "what was signed");
    fprintf(w->out, "spec:\n  description: ");
    surety_export_quote(w->out, text);
    fprintf(w->out, "\n  service: %s\n", w->service);
    snprintf(good, sizeof good, "sum(%s_seconds_bucket{service=\"%s\", workload=\"%s\", le=\"%.9g\"})", metric,
             w->service, target->name, target->target_s);
    snprintf(total, sizeof total, "sum(%s_seconds_count{service=\"%s\", workload=\"%s\"})", metric, w->service,
             target->name);
    put_indicator(w, name, "good", good, total);
    put_window(w);
    fputs("  budgetingMethod: Occurrences\n  objectives:\n    - displayName: \"signed\"\n", w->out);
    fprintf(w->out, "      target: %.9g\n", fmin(target->percentile / 100, 0.999999999));
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
    for (size_t i = 0; i < contract->tiers[e->tier].n_latency; i++)
        put_latency(&w, &contract->tiers[e->tier].latency[i]);
    for (size_t i = 0; i < contract->n_alerts; i++)
        put_alert(&w, &contract->alerts[i]);
    put_head(&w, "AlertNotificationTarget", "on-call");
    fputs("spec:\n  description: \"Who answers for the service\"\n  target: \"on-call\"\n", out);
    return SURETY_OK;
}
