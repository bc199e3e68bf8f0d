// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/latency_months.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ALWAYS 95.0

static size_t find(const struct surety_latency_months *m, size_t demand, size_t metric, double percentile)
{
    size_t s = 0;
    while (s < m->n_series && (m->series[s].demand != demand || m->series[s].metric != metric ||
                               fabs(m->series[s].percentile - percentile) > 1e-9))
        s++;
    return s;
}

static void add(struct surety_latency_months *m, size_t demand, size_t metric, double percentile)
{
    if (find(m, demand, metric, percentile) == m->n_series)
        m->series[m->n_series++] = (struct surety_month_series){demand, metric, percentile};
}

enum surety_err surety_latency_months_init(struct surety_latency_months *m, const struct surety_plan *plan,
                                           size_t n_metrics, size_t n_terms)
{
    const struct surety_plan_latency *l = &plan->latency;
    *m = (struct surety_latency_months){.n_windows = plan->n_windows};
    m->room = SURETY_MONTHS_VALUES / plan->n_windows < n_terms ? SURETY_MONTHS_VALUES / plan->n_windows : n_terms;
    m->series = calloc(plan->n_demands * n_metrics + l->n_targets, sizeof *m->series);
    if (m->series == NULL)
        return SURETY_E_MEMORY;
    for (size_t d = 0; d < plan->n_demands; d++)
        for (size_t k = 0; k < n_metrics; k++)
            add(m, d, k, ALWAYS);
    for (size_t i = 0; i < l->n_targets; i++)
        add(m, l->targets[i].demand, l->targets[i].whole && n_metrics > 1 ? 1 : 0, l->targets[i].percentile);
    m->values_s = calloc(m->n_series * m->n_windows * m->room + 1, sizeof *m->values_s);
    return m->values_s != NULL ? SURETY_OK : SURETY_E_MEMORY;
}

void surety_latency_months_finish(struct surety_latency_months *m)
{
    free(m->series);
    free(m->values_s);
    *m = (struct surety_latency_months){.n_windows = 0};
}

void surety_latency_months_merge(struct surety_latency_months *into, const struct surety_latency_months *from)
{
    if (into->n_terms > 0 || from->n_terms == 0)
        return;
    into->n_terms = from->n_terms;
    for (size_t row = 0; row < into->n_series * into->n_windows; row++)
        memcpy(into->values_s + row * into->room, from->values_s + row * from->room, into->n_terms * sizeof(double));
}

// --- the result ------------------------------------------------------------------------------------------------

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// Nearest rank.
static double quantile(const double *sorted, size_t n, double q)
{
    const size_t rank = (size_t)ceil(q * (double)n - 1e-9);
    return n > 0 ? sorted[rank > 0 ? rank - 1 : 0] : NAN;
}

static struct surety_latency_quantiles window_quantiles(const double *values_s, size_t n, double *scratch)
{
    size_t n_answered = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(values_s[i]))
            scratch[n_answered++] = values_s[i];
    qsort(scratch, n_answered, sizeof *scratch, by_value);
    return (struct surety_latency_quantiles){
        .p05 = quantile(scratch, n_answered, 0.05),
        .p25 = quantile(scratch, n_answered, 0.25),
        .p50 = quantile(scratch, n_answered, 0.50),
        .p75 = quantile(scratch, n_answered, 0.75),
        .p95 = quantile(scratch, n_answered, 0.95),
    };
}

static bool report_series(const struct surety_latency_months *m, size_t s, struct surety_arena *arena,
                          struct surety_latency_months_result *out)
{
    double *scratch = malloc((m->n_terms + 1) * sizeof *scratch);
    out->percentile = m->series[s].percentile;
    out->windows = surety_arena_calloc(arena, m->n_windows, sizeof *out->windows);
    for (size_t w = 0; scratch != NULL && out->windows != NULL && w < m->n_windows; w++)
        out->windows[w] = window_quantiles(m->values_s + (s * m->n_windows + w) * m->room, m->n_terms, scratch);
    const bool all = scratch != NULL && out->windows != NULL;
    free(scratch);
    return all;
}

bool surety_latency_months_report(const struct surety_latency_months *m, size_t demand, size_t metric,
                                  struct surety_arena *arena, struct surety_latency_metric *out)
{
    size_t n = 0;
    for (size_t s = 0; s < m->n_series; s++)
        n += m->series[s].demand == demand && m->series[s].metric == metric;
    if (m->n_terms == 0 || n == 0)
        return true;
    out->months = surety_arena_calloc(arena, n, sizeof *out->months);
    if (out->months == NULL)
        return false;
    for (double above = -1; out->n_months < n;) { // in the order of their percentiles
        size_t next = m->n_series;
        for (size_t s = 0; s < m->n_series; s++)
            if (m->series[s].demand == demand && m->series[s].metric == metric && m->series[s].percentile > above &&
                (next == m->n_series || m->series[s].percentile < m->series[next].percentile))
                next = s;
        above = m->series[next].percentile;
        if (!report_series(m, next, arena, &out->months[out->n_months++]))
            return false;
    }
    return true;
}
