// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/budget.h"
#include "plots/csv.h"

#include <math.h>

// The architecture that has budgets, which is the verdict's.
static const struct surety_architecture_result *with_budget(const struct surety_result *result)
{
    for (size_t i = 0; i < result->n_architectures; i++)
        if (result->architectures[i].budget != NULL || result->architectures[i].n_promise_budgets > 0)
            return &result->architectures[i];
    return NULL;
}

bool surety_budget_has_rows(const struct surety_result *result)
{
    return with_budget(result) != NULL;
}

// Budget k of the architecture: that of availability, then those of other promises; NULL: there is none.
static const struct surety_budget *budget_at(const struct surety_architecture_result *a, size_t k)
{
    return k == 0 ? a->budget : a->promise_budgets[k - 1];
}

static void put_number(FILE *out, double value)
{
    fputc(',', out);
    if (isfinite(value))
        fprintf(out, "%.12g", value);
}

// The first columns of every row: of what.
static void put_budget_name(FILE *out, const struct surety_architecture_result *a, const struct surety_budget *b)
{
    surety_csv_text(out, a->name);
    fputc(',', out);
    surety_csv_text(out, b->tier);
    fputc(',', out);
    surety_csv_text(out, b->dimension);
    fputc(',', out);
    surety_csv_text(out, b->promise);
}

void surety_budget_csv(const struct surety_result *result, FILE *out)
{
    const struct surety_architecture_result *a = with_budget(result);
    fputs("architecture,tier,dimension,promise,day,left_p05,left_p25,left_p50,left_p75,left_p95,p_gone\r\n", out);
    for (size_t k = 0; k <= a->n_promise_budgets; k++) {
        const struct surety_budget *b = budget_at(a, k);
        for (size_t d = 0; b != NULL && d <= b->n_days; d++) {
            put_budget_name(out, a, b);
            fprintf(out, ",%zu", d);
            for (size_t q = 0; q < SURETY_BUDGET_QUANTILES; q++)
                put_number(out, b->left[d][q]);
            put_number(out, b->p_gone[d]);
            fputs("\r\n", out);
        }
    }
}

static void put_alert(FILE *out, const struct surety_budget_alert *a)
{
    const double numbers[] = {
        a->long_s,          a->short_s,      a->burn,         a->share_of_budget,   a->fires_per_month,
        a->false_per_month, a->detect_p50_s, a->detect_p95_s, a->breaches_preceded, a->lead_p50_s};
    fputc(',', out);
    surety_csv_text(out, a->name);
    fputc(',', out);
    surety_csv_text(out, a->severity);
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
        put_number(out, numbers[k]);
    fputs("\r\n", out);
}

void surety_alerts_csv(const struct surety_result *result, FILE *out)
{
    const struct surety_architecture_result *a = with_budget(result);
    fputs("architecture,tier,dimension,promise,alert,severity,long_s,short_s,burn,share_of_budget,fires_per_month,"
          "false_per_month,detect_p50_s,detect_p95_s,breaches_preceded,lead_p50_s\r\n",
          out);
    for (size_t k = 0; k <= a->n_promise_budgets; k++) {
        const struct surety_budget *b = budget_at(a, k);
        for (size_t i = 0; b != NULL && i < b->n_alerts; i++) {
            put_budget_name(out, a, b);
            put_alert(out, &b->alerts[i]);
        }
    }
}
