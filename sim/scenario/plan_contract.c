// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/calendar.h"
#include "sim/base/fmath.h"
#include "sim/scenario/plan_builder.h"

#include <math.h>
#include <string.h>

#define MAX_REQUESTS_A_WINDOW 1e12
#define MAX_MONEY 1e11 // a window's, in units of the currency: its millionths fit an int64 with room for sums

// --- demand ----------------------------------------------------------------------------------------------------

double surety_plan_token_cost(const struct surety_workload *workload, const struct surety_price *price)
{
    const double input = surety_law_mean(&workload->input_tokens), output = surety_law_mean(&workload->output_tokens);
    const double cached = workload->share_cached_input;
    return surety_round40(input * ((1 - cached) * price->input_per_token + cached * price->cached_input_per_token) +
                          output * price->output_per_token);
}

double surety_plan_flat_cost(const struct surety_workload *workload, const struct surety_price *price)
{
    const double per_time = price->per_s > 0 ? price->per_s * workload->task_s : 0;
    return price->per_request + (price->per_task + per_time) / workload->requests_per_task;
}

// Expected price of one request of the workload; of its tokens too, unless they are reserved.
static double request_cost(const struct surety_workload *workload, const struct surety_provider *provider)
{
    const struct surety_price *price = &provider->price;
    return surety_round40((provider->reserved.given ? 0 : surety_plan_token_cost(workload, price)) +
                          surety_plan_flat_cost(workload, price));
}

// The factor on demand in the next window: growth goes by months, so that of a quarter is the mean of its months'.
static double grown(double *factor, double growth, int n_months)
{
    double sum = *factor;
    *factor *= 1 + growth;
    for (int month = 1; month < n_months; month++, *factor *= 1 + growth)
        sum += *factor;
    return n_months > 1 ? sum / n_months : sum;
}

static enum surety_err plan_workload(struct surety_plan_builder *b, const struct surety_workload *workload,
                                     struct surety_plan_demand *d)
{
    struct surety_plan *plan = b->plan;
    const struct surety_plan_rhythm *shape = surety_plan_rhythm(b, &workload->profile);
    d->name = surety_arena_printf(&plan->arena, "%s", workload->name);
    d->growth = surety_arena_calloc(&plan->arena, plan->n_windows, sizeof *d->growth);
    d->cost_per_request = surety_arena_calloc(&plan->arena, plan->n_providers, sizeof *d->cost_per_request);
    if (shape == NULL || d->name == NULL || d->growth == NULL || d->cost_per_request == NULL)
        return surety_plan_out_of_memory(b);
    d->requests_per_task = workload->requests_per_task;
    d->week_offset_us = surety_plan_week_offset(b, &workload->profile);
    for (size_t h = 0; h < SURETY_HOURS_A_WEEK; h++) {
        d->rate[h] = workload->rate_per_s * shape->slope[h];
        d->cumulative[h] = workload->rate_per_s * shape->cumulative_s[h];
    }
    d->cumulative[SURETY_HOURS_A_WEEK] = workload->rate_per_s * shape->cumulative_s[SURETY_HOURS_A_WEEK];
    const int step = b->scenario->contract.window_months;
    double factor = 1, most = 0, dearest = 0;
    for (size_t w = 0; w < plan->n_windows; w++) {
        d->growth[w] = grown(&factor, workload->growth, step);
        most = fmax(most, factor * workload->rate_per_s * (double)(plan->window_us[w + 1] - plan->window_us[w]) * 1e-6);
    }
    for (size_t p = 0; p < plan->n_providers; p++) {
        const struct surety_provider *provider = &b->scenario->providers[p];
        d->cost_per_request[p] = request_cost(workload, provider);
        const double on_demand = provider->reserved.given ? surety_plan_token_cost(workload, &provider->price) : 0;
        dearest = fmax(dearest, d->cost_per_request[p] + on_demand);
        plan->has_costs = plan->has_costs || d->cost_per_request[p] > 0;
    }
    if (most > MAX_REQUESTS_A_WINDOW || most * dearest > MAX_MONEY)
        return surety_plan_too_large(
            b, workload->place, surety_arena_printf(&plan->arena, "workloads.%s", workload->name),
            "check `demand`, `growth` and `price`", "more than 1e12 requests or 1e11 of money in a window");
    return SURETY_OK;
}

enum surety_err surety_plan_demand(struct surety_plan_builder *b)
{
    const struct surety_scenario *scenario = b->scenario;
    struct surety_plan *plan = b->plan;
    plan->demands = surety_arena_calloc(&plan->arena, scenario->n_workloads, sizeof *plan->demands);
    if (plan->demands == NULL)
        return surety_plan_out_of_memory(b);
    plan->n_demands = scenario->n_workloads;
    for (size_t i = 0; i < scenario->n_workloads; i++) {
        const enum surety_err err = plan_workload(b, &scenario->workloads[i], &plan->demands[i]);
        if (err != SURETY_OK)
            return err;
    }
    return SURETY_OK;
}

// --- contract --------------------------------------------------------------------------------------------------

// The part of the m-th calendar month that lies in from_us..to_us.
static double part_of_month(const struct surety_plan_builder *b, int64_t m, int64_t from_us, int64_t to_us)
{
    const struct surety_date start = b->scenario->term.start;
    const int64_t begin_us = surety_plan_day_us(b, surety_date_month_start(start, m));
    const int64_t end_us = surety_plan_day_us(b, surety_date_month_start(start, m + 1));
    const int64_t first_us = from_us > begin_us ? from_us : begin_us, last_us = to_us < end_us ? to_us : end_us;
    return last_us > first_us ? (double)(last_us - first_us) / (double)(end_us - begin_us) : 0;
}

// The months' fees that a window is worth: a calendar month one, a quarter three, a cut one pro rata, another window by
// its length against a mean month.
static double window_months(const struct surety_plan_builder *b, size_t w)
{
    const struct surety_plan *plan = b->plan;
    const int64_t step = b->scenario->contract.window_months;
    if (step == 0)
        return (double)(plan->window_us[w + 1] - plan->window_us[w]) / (365.0 / 12 * (double)SURETY_US_PER_DAY);
    double months = 0;
    for (int64_t m = 0; m < step; m++)
        months += part_of_month(b, (int64_t)w * step + m, plan->window_us[w], plan->window_us[w + 1]);
    return months;
}

int64_t surety_plan_rounded(int64_t target_ppb, int64_t step_ppb)
{
    if (step_ppb <= 0)
        return target_ppb;
    const int64_t multiple_ppb = (target_ppb + step_ppb - 1) / step_ppb * step_ppb;
    return multiple_ppb - step_ppb / 2;
}

static enum surety_err plan_tier(struct surety_plan_builder *b, const struct surety_tier *tier,
                                 struct surety_plan_tier *out)
{
    struct surety_plan *plan = b->plan;
    out->name = surety_arena_printf(&plan->arena, "%s", tier->name);
    out->fee_micro = surety_arena_calloc(&plan->arena, plan->n_windows, sizeof *out->fee_micro);
    if (out->name == NULL || out->fee_micro == NULL)
        return surety_plan_out_of_memory(b);
    out->promised_ppb = tier->availability_ppb;
    out->availability_ppb = surety_plan_rounded(tier->availability_ppb, b->scenario->contract.round_ppb);
    out->has_fee = !isnan(tier->fee_per_month);
    if (!out->has_fee)
        return SURETY_OK;
    for (size_t w = 0; w < plan->n_windows; w++) {
        const double fee = tier->fee_per_month * plan->months[w];
        if (fee > MAX_MONEY)
            return surety_plan_too_large(
                b, tier->place,
                surety_arena_printf(&plan->arena, "%s.tiers.%s", b->scenario->contract_path, tier->name), "check `fee`",
                "a fee of more than 1e11 for a window");
        out->fee_micro[w] = (int64_t)(fee * SURETY_MICRO + 0.5);
    }
    return SURETY_OK;
}

static enum surety_err plan_ladder(struct surety_plan_builder *b, const struct surety_credits *credits,
                                   int64_t step_ppb, const char *path, struct surety_plan_credits *out)
{
    struct surety_plan *plan = b->plan;
    *out = (struct surety_plan_credits){
        .given = credits->given,
        .n_ladder = credits->n_ladder,
        .cap_ppb = credits->cap_ppb,
        .cap_term_ppb = credits->cap_term_ppb,
        .minimum_micro =
            isnan(credits->minimum) ? 0 : (int64_t)(fmin(credits->minimum, MAX_MONEY) * SURETY_MICRO + 0.5),
        .p_claimed = credits->p_claimed,
        .claims_stream = surety_plan_stream(plan, path, "claims"),
    };
    out->ladder = surety_arena_calloc(&plan->arena, credits->n_ladder, sizeof *out->ladder);
    if (out->ladder == NULL)
        return surety_plan_out_of_memory(b);
    for (size_t i = 0; i < credits->n_ladder; i++) {
        out->ladder[i] = credits->ladder[i];
        if (out->ladder[i].below_ppb != SURETY_BELOW_TARGET)
            out->ladder[i].below_ppb = surety_plan_rounded(out->ladder[i].below_ppb, step_ppb);
    }
    return SURETY_OK;
}

static enum surety_err plan_credits(struct surety_plan_builder *b, const struct surety_contract *contract)
{
    struct surety_plan *plan = b->plan;
    enum surety_err err =
        plan_ladder(b, &contract->credits, contract->round_ppb, b->scenario->contract_path, &plan->credits);
    for (size_t p = 0; err == SURETY_OK && p < plan->n_providers; p++) {
        const struct surety_provider_sla *sla = &b->scenario->providers[p].sla;
        if (!sla->given)
            continue;
        const char *path = surety_arena_printf(&plan->arena, "providers.%s.sla", plan->providers[p].name);
        plan->providers[p].sla.availability_ppb = sla->availability_ppb;
        plan->providers[p].sla.down_at_ppb = sla->down_at_ppb;
        if (path == NULL)
            return surety_plan_out_of_memory(b);
        err = plan_ladder(b, &sla->credits, 0, path, &plan->providers[p].sla.credits);
        plan->cost.recovers = plan->cost.recovers || sla->credits.n_ladder > 0;
    }
    return err;
}

static enum surety_err plan_hours(struct surety_plan_builder *b, const struct surety_hours *hours)
{
    struct surety_plan_hours *out = &b->plan->hours;
    const int64_t minute_us = 60 * SURETY_US_PER_S;
    out->from_us = surety_arena_calloc(&b->plan->arena, hours->n, sizeof *out->from_us);
    out->to_us = surety_arena_calloc(&b->plan->arena, hours->n, sizeof *out->to_us);
    if (out->from_us == NULL || out->to_us == NULL)
        return surety_plan_out_of_memory(b);
    out->n = hours->n;
    for (size_t i = 0; i < hours->n; i++) {
        out->from_us[i] = hours->from_min[i] * minute_us;
        out->to_us[i] = hours->to_min[i] * minute_us;
        out->week_us += out->to_us[i] - out->from_us[i];
    }
    return SURETY_OK;
}

// Draws of probes come four a block, blocks are numbered in 32 bits.
#define MAX_DRAW_BLOCKS 4e9

static enum surety_err plan_measures(struct surety_plan_builder *b, const struct surety_contract *contract)
{
    struct surety_plan *plan = b->plan;
    struct surety_plan_measures *m = &plan->measures;
    *m = (struct surety_plan_measures){
        .cell_us = (int64_t)(contract->cell_s * 1e6 + 0.5),
        .shortest_run_us = plan->minimum_outage_us,
        .interval_us = (int64_t)(contract->interval_s * 1e6 + 0.5),
        .failures = contract->failures,
        .sites = contract->sites,
        .quorum = contract->quorum,
        .false_positive = contract->false_positive,
        .probes_stream = surety_plan_stream(plan, "contract", "probes"),
        .alarms_stream = surety_plan_stream(plan, "contract", "alarms"),
        .phase_stream = surety_plan_stream(plan, "contract", "phase"),
    };
    // One key, two meanings: the downtime that is told apart from the measure knows only that of `time`.
    if (contract->outages_are_minutes)
        plan->minimum_outage_us = 0;
    else
        m->shortest_run_us = 0;
    if ((double)plan->term_us / (double)m->interval_us * (double)m->sites > 4 * MAX_DRAW_BLOCKS)
        return surety_plan_too_large(
            b, contract->interval_place,
            surety_arena_printf(&plan->arena, "%s.availability.interval", b->scenario->contract_path),
            "probe less often", "more than 1.6e10 probes in a term");
    return SURETY_OK;
}

static enum surety_treatment treat(const struct surety_contract *contract, const struct surety_plan_source *source)
{
    if (source->kind == SURETY_SOURCE_MAINTENANCE)
        return contract->maintenance == SURETY_MAINTENANCE_EXCLUDED ? SURETY_EXCLUDED
               : contract->maintenance == SURETY_MAINTENANCE_UP     ? SURETY_AS_UP
                                                                    : SURETY_COUNTED;
    bool excluded = contract->exclude_upstream;
    for (size_t i = 0; i < contract->n_exclude_causes; i++)
        excluded = excluded || strcmp(contract->exclude_causes[i], source->name) == 0;
    return excluded ? SURETY_EXCLUDED : SURETY_COUNTED;
}

enum surety_err surety_plan_contract(struct surety_plan_builder *b)
{
    const struct surety_contract *contract = &b->scenario->contract;
    struct surety_plan *plan = b->plan;
    plan->tiers = surety_arena_calloc(&plan->arena, contract->n_tiers, sizeof *plan->tiers);
    plan->months = surety_arena_calloc(&plan->arena, plan->n_windows, sizeof *plan->months);
    if (plan->tiers == NULL || plan->months == NULL)
        return surety_plan_out_of_memory(b);
    for (size_t w = 0; w < plan->n_windows; w++)
        plan->months[w] = window_months(b, w);
    plan->n_tiers = contract->n_tiers;
    for (size_t i = 0; i < contract->n_tiers; i++) {
        const enum surety_err err = plan_tier(b, &contract->tiers[i], &plan->tiers[i]);
        if (err != SURETY_OK)
            return err;
    }
    plan->measure = contract->measure;
    plan->down_at_ppb = contract->down_at_ppb;
    plan->minimum_outage_us = (int64_t)(contract->minimum_outage_s * 1e6 + 0.5);
    plan->expected_counts = contract->expected_counts;
    plan->terminate_misses = contract->terminate.misses;
    plan->terminate_within = contract->terminate.within;
    plan->price_per_probe = isnan(contract->price_per_probe) ? 0 : surety_round40(contract->price_per_probe);
    plan->has_costs = plan->has_costs || plan->price_per_probe > 0;
    plan->sign_every_month_met = contract->sign_when.every_month_met;
    plan->sign_month_met = contract->sign_when.month_met;
    plan->credits_at_most = contract->sign_when.credits_at_most;
    plan->priced_credits_p95_at_most = contract->priced_credits_p95_at_most;
    for (size_t i = 0; i < plan->n_sources; i++) {
        plan->sources[i].treatment = treat(contract, &plan->sources[i]);
        plan->has_treatments = plan->has_treatments || plan->sources[i].treatment != SURETY_COUNTED;
    }
    enum surety_err err = plan_hours(b, &contract->hours);
    if (err == SURETY_OK)
        err = plan_measures(b, contract);
    return err == SURETY_OK ? plan_credits(b, contract) : err;
}
