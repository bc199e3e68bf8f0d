// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/internal_levels.h"

#include "models/hours.h"
#include "sim/base/binomial.h"
#include "sim/base/fmath.h"
#include "sim/base/ppb.h"
#include "sim/engine/walk_cost.h"
#include "sim/engine/walk_latency.h"
#include "sim/engine/walk_quality.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N_TIMES 17      // at which the share of requests is read
#define TIMES_STEP 0.05 // of their logarithm

enum { LATENCY = 1, QUALITY, COST };

static bool has_latency(const struct surety_plan *plan, const struct surety_result *result)
{
    return plan->latency.on && result->architectures[result->verdict.architecture].n_latency > 0;
}

// --- the list --------------------------------------------------------------------------------------------------

bool surety_internal_has_others(const struct surety_plan *plan, const struct surety_result *result)
{
    const size_t tier = result->verdict.tier;
    bool any = false;
    for (size_t i = 0; has_latency(plan, result) && i < plan->latency.n_targets; i++)
        any = any || plan->latency.targets[i].tier == tier;
    for (size_t i = 0; i < plan->quality.n_targets; i++)
        any = any || plan->quality.targets[i].tier == tier;
    for (size_t i = 0; plan->has_costs && i < plan->cost.n_targets; i++)
        any = any || plan->cost.targets[i].tier == tier;
    return any;
}

static const char *const metric_names[] = {"first_token", "end_to_end", "per_step"};

static void add_latency(const struct surety_plan *plan, const struct surety_plan_target *t, struct surety_arena *arena,
                        struct surety_internal_promise *out)
{
    *out = (struct surety_internal_promise){.what = surety_arena_printf(arena, "p%.10g of %s of %s", t->percentile,
                                                                        metric_names[t->metric],
                                                                        plan->demands[t->demand].name),
                                            .unit = "s",
                                            .more_is_worse = true,
                                            .target = t->target_s};
}

static void add_quality(const struct surety_plan *plan, const struct surety_plan_quality_target *t,
                        struct surety_arena *arena, struct surety_internal_promise *out)
{
    const struct surety_plan_suite *suite = &plan->quality.suites[t->suite];
    const double rate = (double)t->rate_ppb / (double)SURETY_PPB_ONE;
    *out = (struct surety_internal_promise){.what = surety_arena_printf(arena, "%s", suite->name),
                                            .unit = "1",
                                            .more_is_worse = suite->issues,
                                            .target = suite->issues ? 1 - rate : rate};
}

static void add_cost(const struct surety_plan *plan, const struct surety_plan_cost_target *t, const char *currency,
                     struct surety_arena *arena, struct surety_internal_promise *out)
{
    static const char *const what[] = {"per task", "", "a month", "over the forecast"};
    const char *of = t->demand == UINT32_MAX ? "" : plan->demands[t->demand].name, *link = *of != '\0' ? " of " : "";
    *out = (struct surety_internal_promise){
        .what = t->kind == SURETY_COST_PER_REQUEST
                    ? surety_arena_printf(arena, "per request at p%.10g%s%s", t->percentile, link, of)
                    : surety_arena_printf(arena, "%s%s%s", what[t->kind], link, of),
        .unit = t->kind == SURETY_COST_OVER_FORECAST ? "1" : surety_arena_printf(arena, "%s", currency),
        .more_is_worse = true,
        .target = t->limit};
}

enum surety_err surety_internal_promises(const struct surety_plan *plan, const struct surety_result *result,
                                         size_t dimension, struct surety_arena *arena,
                                         struct surety_internal_dimension *out)
{
    const size_t tier = result->verdict.tier;
    const size_t most = plan->latency.n_targets + plan->quality.n_targets + plan->cost.n_targets;
    bool any_price = false;
    out->promises = surety_arena_calloc(arena, most, sizeof *out->promises);
    if (out->promises == NULL)
        return SURETY_E_MEMORY;
    for (size_t i = 0; dimension == LATENCY && has_latency(plan, result) && i < plan->latency.n_targets; i++)
        if (plan->latency.targets[i].tier == tier)
            add_latency(plan, &plan->latency.targets[i], arena, &out->promises[out->n_promises++]);
    for (size_t i = 0; dimension == QUALITY && i < plan->quality.n_targets; i++)
        if (plan->quality.targets[i].tier == tier)
            add_quality(plan, &plan->quality.targets[i], arena, &out->promises[out->n_promises++]);
    for (size_t i = 0; dimension == COST && plan->has_costs && i < plan->cost.n_targets; i++) {
        if (plan->cost.targets[i].tier != tier)
            continue;
        any_price = any_price || plan->cost.targets[i].kind != SURETY_COST_OVER_FORECAST;
        add_cost(plan, &plan->cost.targets[i], result->currency, arena, &out->promises[out->n_promises++]);
    }
    for (size_t i = 0; i < out->n_promises; i++) {
        struct surety_internal_promise *p = &out->promises[i];
        if (p->what == NULL || p->unit == NULL)
            return SURETY_E_MEMORY;
        p->now = p->at = p->within_now = p->within_at = NAN;
    }
    if (dimension == LATENCY && plan->loads.on)
        out->because = "with limits of providers a slower answer holds its place for longer: the load would be another";
    if (dimension == COST && !any_price)
        out->because = "a forecast moves with prices: what comes on top of it hangs on outages alone";
    return SURETY_OK;
}

// --- the reader ------------------------------------------------------------------------------------------------

// About where the promised percentile lies, from the law of all requests of the run.
static double guess(const struct surety_plan_target *t, const struct surety_result *result)
{
    const struct surety_latency_result *l = &result->architectures[result->verdict.architecture].latency[t->demand];
    const struct surety_latency_metric *m = t->whole && l->end_to_end.given ? &l->end_to_end : &l->first_token;
    const double share = t->failed_infinite && l->share_failing < 1 ? t->share / (1 - l->share_failing) : t->share;
    for (size_t k = 0; k < m->n_cdf; k++)
        if (m->cdf[k].p >= share)
            return m->cdf[k].x;
    return t->target_s;
}

enum surety_err surety_internal_reader_init(struct surety_internal_reader *r, size_t dimension,
                                            const struct surety_plan *plan, const struct surety_result *result,
                                            struct surety_level *level, bool there)
{
    const struct surety_plan_latency *l = &plan->latency;
    const size_t n_targets = dimension == LATENCY   ? l->n_targets
                             : dimension == QUALITY ? plan->quality.n_targets
                                                    : plan->cost.n_targets;
    *r = (struct surety_internal_reader){.plan = plan,
                                         .dimension = dimension,
                                         .tier = result->verdict.tier,
                                         .there = there,
                                         .prices = level->prices > 0 ? level->prices : 1,
                                         .n_targets = n_targets,
                                         .n = dimension == LATENCY   ? n_targets * (1 + N_TIMES)
                                              : dimension == QUALITY ? plan->quality.n_checks
                                                                     : n_targets};
    r->part = calloc(r->n + 1, sizeof *r->part);
    r->of = calloc(r->n + 1, sizeof *r->of);
    r->times_s = calloc(n_targets * N_TIMES + 1, sizeof *r->times_s);
    if (r->part == NULL || r->of == NULL || r->times_s == NULL)
        return SURETY_E_MEMORY;
    if (dimension != LATENCY)
        return SURETY_OK;
    const double factor = level->latency > 0 ? level->latency : 1;
    for (size_t i = 0; i < n_targets; i++) {
        const double middle_s = factor * guess(&l->targets[i], result);
        for (size_t k = 0; k < N_TIMES; k++)
            r->times_s[i * N_TIMES + k] = middle_s * surety_exp(TIMES_STEP * ((double)k - (N_TIMES - 1) / 2.0));
    }
    level->times_s = r->times_s;
    level->n_times = N_TIMES;
    return SURETY_OK;
}

void surety_internal_reader_finish(struct surety_internal_reader *r)
{
    free(r->part);
    free(r->of);
    free(r->times_s);
    *r = (struct surety_internal_reader){.plan = NULL};
}

static void enter_cost(struct surety_internal_reader *r, const struct surety_walk *walk, size_t i, size_t w)
{
    double spent, allowed;
    const struct surety_plan_cost_target *t = &walk->plan->cost.targets[i];
    const double of = surety_walk_cost_spent(walk, t, w, &spent, &allowed);
    const bool counts = t->kind == SURETY_COST_PER_REQUEST; // else in units of the limit, as it was at the term's start
    r->part[i] += spent;
    r->of[i] += counts ? of : of / (t->kind == SURETY_COST_OVER_FORECAST ? 1 + t->limit : t->limit);
}

void surety_internal_reader_enter(void *context, const struct surety_walk *walk)
{
    struct surety_internal_reader *r = context;
    for (size_t w = 0; w < walk->plan->n_windows; w++) {
        const struct surety_walk_latency *l = walk->latency;
        for (size_t i = 0; r->dimension == LATENCY && l != NULL && i < r->n; i++) {
            r->part[i] += l->good[w * r->n + i];
            r->of[i] += l->of[w * r->n + i];
        }
        for (size_t c = 0; r->dimension == QUALITY && c < r->n; c++) {
            r->part[c] += walk->quality->right[w * r->n + c];
            r->of[c] += walk->quality->answered[w * r->n + c];
        }
        for (size_t i = 0; r->dimension == COST && i < r->n; i++)
            enter_cost(r, walk, i, w);
    }
}

// The percentile of target i: where the share reaches it, along straight lines over log time.
static double percentile_s(const struct surety_internal_reader *r, size_t i)
{
    const double *times_s = &r->times_s[i * N_TIMES], share = r->plan->latency.targets[i].share;
    for (size_t k = 0; k + 1 < N_TIMES; k++) {
        const size_t at = r->n_targets + i * N_TIMES + k;
        const double low = r->part[at] / r->of[at], high = r->part[at + 1] / r->of[at + 1];
        if (low <= share && share <= high)
            return times_s[k] * surety_exp(TIMES_STEP * (high > low ? (share - low) / (high - low) : 0));
    }
    return NAN;
}

// The mean pass rate; of a suite with named scenarios of the worst of them, of issues how many are reported.
static double pass_rate(const struct surety_internal_reader *r, const struct surety_plan_quality_target *t)
{
    const struct surety_plan_suite *suite = &r->plan->quality.suites[t->suite];
    double worst = INFINITY;
    for (size_t c = suite->first_check; c < suite->first_check + suite->n_checks; c++)
        worst = fmin(worst, r->part[c] / r->of[c]);
    return suite->issues ? 1 - surety_judged(worst, suite->sensitivity, suite->specificity) : worst;
}

void surety_internal_reader_report(const struct surety_internal_reader *r, struct surety_internal_dimension *out)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_targets; i++) {
        const struct surety_plan *plan = r->plan;
        const uint32_t tier = r->dimension == LATENCY   ? plan->latency.targets[i].tier
                              : r->dimension == QUALITY ? plan->quality.targets[i].tier
                                                        : plan->cost.targets[i].tier;
        double value = NAN, within = NAN;
        if (tier != r->tier)
            continue;
        if (r->dimension == LATENCY) {
            value = percentile_s(r, i);
            within = r->part[i] / r->of[i];
        } else if (r->dimension == QUALITY) {
            value = pass_rate(r, &plan->quality.targets[i]);
        } else if (plan->cost.targets[i].kind == SURETY_COST_PER_REQUEST) {
            within = 1 - r->part[i] / r->of[i];
        } else { // the ceilings were lowered in the place of prices that rise
            const bool over = plan->cost.targets[i].kind == SURETY_COST_OVER_FORECAST;
            value = r->part[i] / r->of[i] * (over ? 1 : r->prices) - (over ? 1 : 0);
        }
        struct surety_internal_promise *p = &out->promises[n++];
        *(r->there ? &p->at : &p->now) = value;
        *(r->there ? &p->within_at : &p->within_now) = within;
    }
}
