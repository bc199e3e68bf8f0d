// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/latency_csv.h"

#include "plots/csv.h"

#include <math.h>

static void put_number(FILE *out, double value)
{
    putc(',', out);
    if (isfinite(value))
        fprintf(out, "%.12g", value);
}

bool surety_latency_has_rows(const struct surety_result *result)
{
    bool any = false;
    for (size_t a = 0; a < result->n_architectures; a++)
        any = any || result->architectures[a].n_latency > 0;
    return any;
}

static void put_names(FILE *out, const struct surety_architecture_result *a, size_t workload, const char *metric)
{
    surety_csv_text(out, a->name);
    putc(',', out);
    surety_csv_text(out, a->latency[workload].workload);
    fprintf(out, ",%s", metric);
}

typedef void put_metric(const struct surety_result *result, const struct surety_architecture_result *a, size_t workload,
                        const char *name, const struct surety_latency_metric *metric, FILE *out);

// Every metric that is known of every workload at every architecture.
static void put_all(const struct surety_result *result, put_metric *put, FILE *out)
{
    for (size_t a = 0; a < result->n_architectures; a++)
        for (size_t d = 0; d < result->architectures[a].n_latency; d++) {
            const struct surety_latency_result *l = &result->architectures[a].latency[d];
            if (l->first_token.given)
                put(result, &result->architectures[a], d, "first_token", &l->first_token, out);
            if (l->end_to_end.given)
                put(result, &result->architectures[a], d, "end_to_end", &l->end_to_end, out);
        }
}

static void put_percentiles(const struct surety_result *result, const struct surety_architecture_result *a, size_t d,
                            const char *name, const struct surety_latency_metric *metric, FILE *out)
{
    const double numbers[] = {metric->p50_s,       metric->p95_s,       metric->p99_s,
                              metric->month_p05_s, metric->month_p50_s, metric->month_p95_s};
    (void)result;
    put_names(out, a, d, name);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        put_number(out, numbers[i]);
    put_number(out, a->latency[d].share_failing);
    fputs("\r\n", out);
}

static void put_cdf(const struct surety_result *result, const struct surety_architecture_result *a, size_t d,
                    const char *name, const struct surety_latency_metric *metric, FILE *out)
{
    (void)result;
    for (size_t k = 0; k < metric->n_cdf; k++) {
        put_names(out, a, d, name);
        put_number(out, metric->cdf[k].x);
        put_number(out, metric->cdf[k].p);
        fputs("\r\n", out);
    }
}

static void put_months(const struct surety_result *result, const struct surety_architecture_result *a, size_t d,
                       const char *name, const struct surety_latency_metric *metric, FILE *out)
{
    for (size_t i = 0; i < metric->n_months; i++)
        for (size_t w = 0; w < result->n_windows; w++) {
            const struct surety_latency_quantiles *q = &metric->months[i].windows[w];
            const double numbers[] = {q->p05, q->p25, q->p50, q->p75, q->p95};
            put_names(out, a, d, name);
            fprintf(out, ",%g,", metric->months[i].percentile);
            surety_csv_text(out, result->window_labels[w]);
            for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
                put_number(out, numbers[k]);
            fputs("\r\n", out);
        }
}

void surety_latency_csv(const struct surety_result *result, FILE *out)
{
    fputs("architecture,workload,metric,p50_s,p95_s,p99_s,window_p95_p05_s,window_p95_p50_s,window_p95_p95_s,"
          "share_failing\r\n",
          out);
    put_all(result, put_percentiles, out);
}

void surety_latency_csv_cdf(const struct surety_result *result, FILE *out)
{
    fputs("architecture,workload,metric,within_s,share_of_answers\r\n", out);
    put_all(result, put_cdf, out);
}

void surety_latency_csv_months(const struct surety_result *result, FILE *out)
{
    fputs("architecture,workload,metric,percentile,window,p05_s,p25_s,p50_s,p75_s,p95_s\r\n", out);
    put_all(result, put_months, out);
}
