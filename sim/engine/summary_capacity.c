// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/summary_capacity.h"

#include "models/carry.h"
#include "sim/base/calendar.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MANY_TIMERS 2000 // a term: controllers flap
#define LEAST_AFTER_H (1 / 3600.0)

static int by_hours_falling(const void *a, const void *b)
{
    const struct surety_after_result *x = a, *y = b;
    return x->saturated_h != y->saturated_h ? (x->saturated_h < y->saturated_h ? 1 : -1)
                                            : strcmp(x->provider, y->provider);
}

// The 95th percentile of the wait of those that are answered.
static double wait_p95_s(const struct surety_carry *c)
{
    const double p = 1 - 0.05 / c->p_waits; // of those that wait
    if (!(p > 0))
        return 0;
    if (!isfinite(c->wait_s))
        return INFINITY;
    return c->wait_cv2 > 1e-6 ? gsl_cdf_gamma_Pinv(p, 1 / c->wait_cv2, c->wait_s * c->wait_cv2) : c->wait_s;
}

// At the mixture of workloads of the busiest hour.
static bool put_by_load(const struct surety_plan *plan, uint32_t provider, struct surety_arena *arena,
                        struct surety_capacity_result *out)
{
    static const double loads[] = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1, 1.1, 1.25, 1.5, 2};
    const size_t n = sizeof loads / sizeof *loads;
    const uint32_t level = plan->loads.peak_level;
    const double unit = surety_carry(plan, provider, 0, level, 1).load;
    out->by_load = surety_arena_calloc(arena, n, sizeof *out->by_load);
    if (out->by_load == NULL)
        return false;
    for (size_t i = 0; unit > 0 && i < n; i++) {
        const struct surety_carry c = surety_carry(plan, provider, 0, level, loads[i] / unit);
        out->by_load[out->n_by_load++] = (struct surety_load_result){loads[i], c.p_refused, wait_p95_s(&c)};
    }
    return true;
}

static bool put_provider(const struct surety_summary *summary, const struct surety_saturation *s, uint32_t p,
                         struct surety_capacity_result *out)
{
    const struct surety_plan *plan = summary->plan;
    struct surety_arena *arena = &summary->result->arena;
    const double total_h = (double)s->total_us / SURETY_US_PER_HOUR, months = total_h / (365 * 24 / 12.0);
    const size_t n = s->n_providers;
    *out = (struct surety_capacity_result){
        .provider = surety_arena_printf(arena, "%s", plan->providers[p].name),
        .load_mean = (double)s->load_us[p] / (double)s->total_us * 1e-6,
        .load_peak = (double)s->peak[p] * 1e-6,
        .saturated_h = (double)s->saturated_us[p] / SURETY_US_PER_HOUR / months,
        .saturated_normal_h = (double)s->alone_us[p] / SURETY_US_PER_HOUR / months,
        .share_refused = s->arrived[p] > 0 ? (double)s->refused[p] / (double)s->arrived[p] : 0,
        .after = surety_arena_calloc(arena, n, sizeof *out->after),
    };
    if (out->provider == NULL || out->after == NULL)
        return false;
    for (size_t q = 0; q < n; q++) {
        const double hours = (double)s->while_us[p * n + q] / SURETY_US_PER_HOUR / months;
        if (hours < LEAST_AFTER_H)
            continue;
        const char *name = surety_arena_printf(arena, "%s", plan->providers[q].name);
        if (name == NULL)
            return false;
        out->after[out->n_after++] = (struct surety_after_result){name, hours};
    }
    qsort(out->after, out->n_after, sizeof *out->after, by_hours_falling);
    for (size_t h = 0; h < SURETY_HOURS_A_WEEK; h++) {
        const double us = (double)s->hour_us[h], at = us > 0 ? 1e-6 / us : 0;
        out->hour_load[h] = (double)s->hour_load_us[p * SURETY_HOURS_A_WEEK + h] * at;
        out->hour_refused[h] = (double)s->hour_refused_us[p * SURETY_HOURS_A_WEEK + h] * at;
    }
    return put_by_load(plan, p, arena, out);
}

bool surety_summary_capacity(const struct surety_summary *summary, const struct surety_saturation *saturation,
                             size_t index, struct surety_architecture_result *out)
{
    const struct surety_plan *plan = summary->plan;
    const struct surety_plan_architecture *a = &plan->architectures[index];
    if (saturation->n_providers == 0 || saturation->total_us == 0)
        return true;
    out->capacity = surety_arena_calloc(&summary->result->arena, plan->n_providers, sizeof *out->capacity);
    if (out->capacity == NULL)
        return false;
    out->timers_per_term = (double)saturation->n_timers / (double)summary->result->n_replications;
    for (uint32_t p = 0; p < plan->n_providers; p++) {
        bool used = false;
        for (uint32_t i = 0; i < a->n_nodes; i++)
            used = used || (a->nodes[i].type == NULL && a->nodes[i].provider == p);
        if (used && plan->loads.limits[p].given &&
            !put_provider(summary, saturation, p, &out->capacity[out->n_capacity++]))
            return false;
    }
    return true;
}

uint64_t surety_search_terms(const struct surety_plan *plan, const struct surety_result *result, double wanted,
                             double least, double most_outages)
{
    double n_outages = 1, n_timers = 0;
    for (size_t i = 0; i < plan->n_sources; i++)
        if (plan->sources[i].kind != SURETY_SOURCE_MAINTENANCE)
            n_outages += (double)plan->term_us * 1e-6 / (plan->sources[i].mean_up_s + plan->sources[i].mean_down_s);
    for (size_t i = 0; i < result->n_architectures; i++)
        n_timers = fmax(n_timers, result->architectures[i].timers_per_term);
    if (n_timers > MANY_TIMERS) {
        n_outages += n_timers;
        least = fmin(least, 64);
    }
    const double n = fmax(least, fmin(wanted, most_outages / n_outages)), n_run = (double)result->n_replications;
    return (uint64_t)fmin(n, n_run);
}
