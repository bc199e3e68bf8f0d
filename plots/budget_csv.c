// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/budget.h"
#include "plots/csv.h"

#include <math.h>

static const struct surety_architecture_result *with_budget(const struct surety_result *result)
{
    for (size_t i = 0; i < result->n_architectures; i++)
        if (result->architectures[i].budget != NULL)
            return &result->architectures[i];
    return NULL;
}

bool surety_budget_has_rows(const struct surety_result *result)
{
    return with_budget(result) != NULL;
}

static void put_number(FILE *out, double value)
{
    fputc(',', out);
    if (isfinite(value))
        fprintf(out, "%.12g", value);
}

void surety_budget_csv(const struct surety_result *result, FILE *out)
{
    const struct surety_architecture_result *a = with_budget(result);
    fputs("architecture,tier,day,left_p05,left_p25,left_p50,left_p75,left_p95,p_gone\r\n", out);
    for (size_t d = 0; d <= a->budget->n_days; d++) {
        surety_csv_text(out, a->name);
        fputc(',', out);
        surety_csv_text(out, a->budget->tier);
        fprintf(out, ",%zu", d);
        for (size_t q = 0; q < SURETY_BUDGET_QUANTILES; q++)
            put_number(out, a->budget->left[d][q]);
        put_number(out, a->budget->p_gone[d]);
        fputs("\r\n", out);
    }
}

void surety_alerts_csv(const struct surety_result *result, FILE *out)
{
    const struct surety_architecture_result *architecture = with_budget(result);
    fputs("architecture,tier,alert,severity,long_s,short_s,burn,share_of_budget,fires_per_month,false_per_month,"
          "detect_p50_s,detect_p95_s,breaches_preceded,lead_p50_s\r\n",
          out);
    for (size_t i = 0; i < architecture->budget->n_alerts; i++) {
        const struct surety_budget_alert *a = &architecture->budget->alerts[i];
        const double numbers[] = {
            a->long_s,          a->short_s,      a->burn,         a->share_of_budget,   a->fires_per_month,
            a->false_per_month, a->detect_p50_s, a->detect_p95_s, a->breaches_preceded, a->lead_p50_s};
        surety_csv_text(out, architecture->name);
        fputc(',', out);
        surety_csv_text(out, architecture->budget->tier);
        fputc(',', out);
        surety_csv_text(out, a->name);
        fputc(',', out);
        surety_csv_text(out, a->severity);
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
            put_number(out, numbers[k]);
        fputs("\r\n", out);
    }
}
