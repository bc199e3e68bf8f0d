// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/level.h"

#include "sim/scenario/plan_hash.h"

#include <string.h>

bool surety_level_is_set(const struct surety_level *level)
{
    return level->failures > 0 || level->latency > 0 || level->wrong != 0 || level->prices > 0 || level->n_times > 0;
}

// Up times are shorter by the factor, with the rhythm and the drift as they are; the odds of being up at the start change
// with E[U]. Maintenance is planned, and records are what they are.
static enum surety_err intensify(double factor, struct surety_arena *arena, struct surety_plan *plan)
{
    struct surety_plan_source *sources = surety_arena_calloc(arena, plan->n_sources + 1, sizeof *sources);
    if (sources == NULL)
        return SURETY_E_MEMORY;
    for (size_t i = 0; i < plan->n_sources; i++) {
        struct surety_plan_source *s = &sources[i];
        *s = plan->sources[i];
        if (s->kind != SURETY_SOURCE_OUTAGE && s->kind != SURETY_SOURCE_COMMON_CAUSE)
            continue;
        s->up_scale /= factor;
        s->mean_up_s /= factor;
        const double n = factor * (double)s->n_guess;
        s->n_guess = n < SURETY_MAX_DRAWS - 4 ? (size_t)n / 4 * 4 + 4 : SURETY_MAX_DRAWS;
        s->p_up = s->p_up / (s->p_up + factor * (1 - s->p_up));
    }
    plan->sources = sources;
    return SURETY_OK;
}

// The laws stay, states multiply what they draw.
static enum surety_err slow_down(const struct surety_level *level, struct surety_arena *arena, struct surety_plan *plan)
{
    struct surety_plan_latency *l = &plan->latency;
    const size_t n = l->n_targets, n_all = n * (1 + level->n_times);
    if (level->latency > 0) {
        l->scale = level->latency;
        l->content = surety_hash_double(l->content, level->latency);
    }
    if (level->n_times == 0)
        return SURETY_OK;
    struct surety_plan_target *targets = surety_arena_calloc(arena, n_all, sizeof *targets);
    if (targets == NULL)
        return SURETY_E_MEMORY;
    memcpy(targets, l->targets, n * sizeof *targets);
    for (size_t i = 0; i < n * level->n_times; i++) {
        targets[n + i] = l->targets[i / level->n_times];
        targets[n + i].target_s = level->times_s[i];
        targets[n + i].share = 0;
        targets[n + i].over_cells = false;
        targets[n + i].n_probes = 0;
        l->content = surety_hash_double(l->content, level->times_s[i]);
    }
    l->targets = targets;
    l->n_targets = n_all;
    return SURETY_OK;
}

static enum surety_err worsen(double by, struct surety_arena *arena, struct surety_plan *plan)
{
    const size_t n = plan->quality.n_checks;
    struct surety_plan_check *checks = surety_arena_calloc(arena, n + 1, sizeof *checks);
    for (size_t c = 0; checks != NULL && c < n; c++) {
        double *rate = surety_arena_calloc(arena, plan->n_providers, sizeof *rate);
        if (rate == NULL)
            return SURETY_E_MEMORY;
        for (size_t p = 0; p < plan->n_providers; p++) {
            const double was = plan->quality.checks[c].rate[p], is = was - by;
            rate[p] = was < 0 ? was : is < 0 ? 0 : is > 1 ? 1 : is; // negative: not known
        }
        checks[c] = plan->quality.checks[c];
        checks[c].rate = rate;
    }
    plan->quality.checks = checks;
    return checks != NULL ? SURETY_OK : SURETY_E_MEMORY;
}

// So many times as dear is to have ceilings that are so many times lower. What is promised over a forecast moves with it.
static enum surety_err raise_prices(double factor, const struct surety_scenario *scenario, struct surety_arena *arena,
                                    struct surety_plan *plan)
{
    const size_t n = plan->cost.n_targets, n_rows = plan->n_providers * plan->n_demands;
    struct surety_plan_cost_target *targets = surety_arena_calloc(arena, n + 1, sizeof *targets);
    for (size_t i = 0; targets != NULL && i < n; i++) {
        struct surety_plan_cost_target *t = &targets[i];
        *t = plan->cost.targets[i];
        if (t->kind == SURETY_COST_OVER_FORECAST)
            continue;
        t->limit /= factor;
        if (t->within == NULL)
            continue;
        t->within = surety_arena_calloc(arena, n_rows, sizeof *t->within);
        if (t->within == NULL)
            return SURETY_E_MEMORY;
        for (size_t k = 0; k < n_rows; k++)
            t->within[k] = surety_plan_cost_within(&scenario->workloads[k % plan->n_demands],
                                                   &scenario->providers[k / plan->n_demands].price, t->limit);
    }
    plan->cost.targets = targets;
    return targets != NULL ? SURETY_OK : SURETY_E_MEMORY;
}

enum surety_err surety_level_apply(const struct surety_level *level, const struct surety_scenario *scenario,
                                   struct surety_arena *arena, struct surety_plan *plan)
{
    enum surety_err err = SURETY_OK;
    if (level->failures > 0)
        err = intensify(level->failures, arena, plan);
    if (err == SURETY_OK && plan->latency.on && (level->latency > 0 || level->n_times > 0))
        err = slow_down(level, arena, plan);
    if (err == SURETY_OK && level->wrong != 0)
        err = worsen(level->wrong, arena, plan);
    if (err == SURETY_OK && level->prices > 0)
        err = raise_prices(level->prices, scenario, arena, plan);
    return err;
}
