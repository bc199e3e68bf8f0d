// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/scenario/plan_cost.h"

#include "sim/base/fmath.h"
#include "sim/scenario/plan_builder.h"
#include "sim/scenario/plan_hash.h"

#include <math.h>

#define N_POINTS 1024 // of the law of output tokens

// P(k_in I + k_out O + rest <= x), I and O independent: the mean over O, by the midpoints of N_POINTS equal shares.
double surety_plan_cost_within(const struct surety_workload *workload, const struct surety_price *price, double limit)
{
    const double cached = workload->share_cached_input;
    const double k_in = (1 - cached) * price->input_per_token + cached * price->cached_input_per_token;
    const double left = limit - surety_plan_flat_cost(workload, price);
    const double k_out = price->output_per_token;
    const bool fixed = workload->output_tokens.kind == SURETY_LAW_FIXED || !(k_out > 0);
    double sum = 0;
    const int n = fixed ? 1 : N_POINTS;
    for (int i = 0; i < n; i++) {
        const double output = !(k_out > 0) ? 0
                              : fixed      ? surety_law_mean(&workload->output_tokens)
                                           : surety_law_quantile(&workload->output_tokens, (i + 0.5) / n);
        const double spare = left - k_out * output;
        sum += spare < 0 ? 0 : k_in > 0 ? surety_law_cdf(&workload->input_tokens, spare / k_in) : 1;
    }
    return surety_round40(sum / n);
}

static enum surety_err add_target(struct surety_plan_builder *b, uint32_t tier, enum surety_cost_promise_kind kind,
                                  const struct surety_cost_promise *from, double limit)
{
    struct surety_plan *plan = b->plan;
    const struct surety_scenario *scenario = b->scenario;
    if (isnan(limit))
        return SURETY_OK;
    struct surety_plan_cost_target *to = &plan->cost.targets[plan->cost.n_targets++];
    *to = (struct surety_plan_cost_target){.tier = tier,
                                           .demand = from->workload == SIZE_MAX ? UINT32_MAX : (uint32_t)from->workload,
                                           .kind = kind,
                                           .limit = limit,
                                           .percentile = from->percentile,
                                           .share = surety_round40(from->percentile / 100)};
    if (kind != SURETY_COST_PER_REQUEST)
        return SURETY_OK;
    plan->cost.has_answers = true;
    to->within = surety_arena_calloc(&plan->arena, plan->n_providers * plan->n_demands, sizeof *to->within);
    if (to->within == NULL)
        return surety_plan_out_of_memory(b);
    for (size_t p = 0; p < plan->n_providers; p++)
        for (size_t d = 0; d < plan->n_demands; d++)
            to->within[p * plan->n_demands + d] =
                surety_plan_cost_within(&scenario->workloads[d], &scenario->providers[p].price, limit);
    return SURETY_OK;
}

static enum surety_err plan_targets(struct surety_plan_builder *b)
{
    const struct surety_contract *contract = &b->scenario->contract;
    struct surety_plan *plan = b->plan;
    plan->cost.targets = surety_arena_calloc(&plan->arena, 4 * contract->n_tiers, sizeof *plan->cost.targets);
    if (plan->cost.targets == NULL)
        return surety_plan_out_of_memory(b);
    enum surety_err err = SURETY_OK;
    for (uint32_t t = 0; t < contract->n_tiers; t++) {
        const struct surety_cost_promise *from = &contract->tiers[t].cost;
        const double limits[] = {from->per_task, from->per_request, from->per_month, from->over_forecast};
        for (int kind = 0; from->given && err == SURETY_OK && kind < 4; kind++)
            err = add_target(b, t, (enum surety_cost_promise_kind)kind, from, limits[kind]);
    }
    return err;
}

static enum surety_err plan_changes(struct surety_plan_builder *b)
{
    const struct surety_scenario *scenario = b->scenario;
    struct surety_plan *plan = b->plan;
    size_t n = 0;
    for (size_t p = 0; p < scenario->n_providers; p++)
        n += scenario->providers[p].n_price_changes;
    plan->cost.changes = surety_arena_calloc(&plan->arena, n, sizeof *plan->cost.changes);
    if (plan->cost.changes == NULL)
        return surety_plan_out_of_memory(b);
    for (size_t p = 0; p < scenario->n_providers; p++)
        for (size_t i = 0; i < scenario->providers[p].n_price_changes; i++) {
            const struct surety_price_change *from = &scenario->providers[p].price_changes[i];
            const char *path =
                surety_arena_printf(&plan->arena, "providers.%s.price_changes[%zu]", scenario->providers[p].name, i);
            if (path == NULL)
                return surety_plan_out_of_memory(b);
            plan->cost.changes[plan->cost.n_changes++] = (struct surety_plan_price_change){
                .provider = (uint32_t)p,
                .stream = surety_plan_stream(plan, path, "changes"),
                .factor = surety_round40(from->factor),
                .at_us = from->has_date ? surety_plan_day_us(b, from->date) : SURETY_NEVER,
                .mean_gap_us = from->has_date ? 0 : surety_round40(1e6 / from->rate_per_s),
                .notice_us = (int64_t)(from->notice_s * 1e6 + 0.5)};
        }
    return SURETY_OK;
}

enum surety_err surety_plan_costs(struct surety_plan_builder *b)
{
    struct surety_plan *plan = b->plan;
    const double notice_s = b->scenario->contract.price_notice_s;
    plan->cost.notice_us = isnan(notice_s) ? SURETY_NEVER : (int64_t)(notice_s * 1e6 + 0.5);
    enum surety_err err = plan_targets(b);
    if (err == SURETY_OK)
        err = plan_changes(b);
    return err;
}

uint64_t surety_hash_cost(uint64_t hash, const struct surety_plan *plan)
{
    const struct surety_plan_cost *c = &plan->cost;
    for (size_t i = 0; i < c->n_targets; i++) {
        const struct surety_plan_cost_target *t = &c->targets[i];
        hash = surety_hash_u64(surety_hash_u64(hash, (uint64_t)t->tier << 32 | t->demand), (uint64_t)t->kind);
        hash = surety_hash_double(surety_hash_double(hash, surety_round40(t->limit)), t->share);
        for (size_t k = 0; t->within != NULL && k < plan->n_providers * plan->n_demands; k++)
            hash = surety_hash_double(hash, t->within[k]);
    }
    for (size_t i = 0; i < c->n_changes; i++) {
        const struct surety_plan_price_change *change = &c->changes[i];
        hash = surety_hash_u64(surety_hash_u64(hash, (uint64_t)change->provider << 32 | change->stream),
                               (uint64_t)change->at_us);
        hash = surety_hash_double(surety_hash_double(hash, change->factor), change->mean_gap_us);
        hash = surety_hash_u64(surety_hash_u64(hash, (uint64_t)change->notice_us), (uint64_t)c->notice_us);
    }
    for (size_t p = 0; c->recovers && p < plan->n_providers; p++) {
        const struct surety_plan_provider_sla *sla = &plan->providers[p].sla;
        hash = surety_hash_u64(surety_hash_u64(hash, (uint64_t)sla->availability_ppb), (uint64_t)sla->down_at_ppb);
        for (size_t i = 0; i < sla->credits.n_ladder; i++)
            hash = surety_hash_u64(surety_hash_u64(hash, (uint64_t)sla->credits.ladder[i].below_ppb),
                                   (uint64_t)sla->credits.ladder[i].credit_ppb);
        hash = surety_hash_double(surety_hash_u64(hash, (uint64_t)sla->credits.cap_ppb), sla->credits.p_claimed);
    }
    if (plan->terminate_misses > 0)
        hash =
            surety_hash_u64(surety_hash_u64(hash, (uint64_t)plan->terminate_misses), (uint64_t)plan->terminate_within);
    if (plan->credits.minimum_micro > 0)
        hash = surety_hash_u64(hash, (uint64_t)plan->credits.minimum_micro);
    return plan->price_per_probe > 0 ? surety_hash_double(hash, plan->price_per_probe) : hash;
}
