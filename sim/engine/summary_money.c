// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/summary_money.h"

#include "sim/engine/books_money.h"
#include "sim/engine/summary_reserved.h"

#include "sim/base/calendar.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_EXCEEDANCE 200 // points of a curve

// Money per month of a mean over windows: a cut month is a part of one, other windows count by their length.
static double windows_a_month(const struct surety_plan *plan)
{
    double months = 0;
    for (size_t w = 0; w < plan->n_windows; w++)
        months += plan->months[w];
    return (double)plan->n_windows / months;
}

// The same for a quantile over windows: that of a whole month or quarter, or of the window by its length.
static double windows_a_month_whole(const struct surety_summary *summary)
{
    const struct surety_contract *contract = &summary->scenario->contract;
    return contract->window_s > 0 ? windows_a_month(summary->plan) : 1.0 / contract->window_months;
}

static struct surety_mean times(struct surety_mean mean, double factor)
{
    return (struct surety_mean){mean.mean * factor, mean.se * factor};
}

// What stands for a bucket of credits, in currency: its middle; but the limit of `priced_when` for the bucket into which
// surety_money_enter moves the terms that stand exactly on it.
static double credit_of(int64_t middle, int64_t limit_micro)
{
    const size_t bucket = surety_histogram_bucket(limit_micro);
    const bool is_moved = limit_micro > 0 && surety_histogram_middle(bucket) > limit_micro;
    return (double)(is_moved && surety_histogram_bucket(middle) + 1 == bucket ? limit_micro : middle) / SURETY_MICRO;
}

static struct surety_quantiles credit_quantiles(const struct surety_histogram *h, int64_t limit_micro)
{
    return (struct surety_quantiles){
        .p01 = credit_of(surety_histogram_quantile(h, 0.01), limit_micro),
        .p05 = credit_of(surety_histogram_quantile(h, 0.05), limit_micro),
        .p50 = credit_of(surety_histogram_quantile(h, 0.50), limit_micro),
        .p95 = credit_of(surety_histogram_quantile(h, 0.95), limit_micro),
        .p99 = credit_of(surety_histogram_quantile(h, 0.99), limit_micro),
    };
}

// Mean of the largest `share` of the values in currency, each taken as its bucket's midpoint; the bucket at the edge counts in part.
static double tail_mean(const struct surety_histogram *h, double share, int64_t limit_micro)
{
    const double n_tail = share * (double)h->n;
    double left = n_tail, sum = 0;
    for (size_t k = h->n_buckets; k-- > 0 && left > 0;) {
        const double n = (double)h->counts[k] < left ? (double)h->counts[k] : left;
        sum += n * credit_of(surety_histogram_middle(k), limit_micro);
        left -= n;
    }
    return sum / n_tail;
}

// P(value > x) at the values that occur, thinned to a curve's worth of points.
static bool exceedance(struct surety_result *result, const struct surety_histogram *h, struct surety_tier_result *out)
{
    size_t n_used = 0;
    for (size_t k = 0; k < h->n_buckets; k++)
        n_used += h->counts[k] > 0;
    const size_t step = n_used / MAX_EXCEEDANCE + 1;
    out->credits = surety_arena_calloc(&result->arena, n_used / step + 2, sizeof *out->credits);
    if (out->credits == NULL)
        return false;
    uint64_t n_above = h->n;
    size_t seen = 0;
    for (size_t k = 0; k < h->n_buckets; k++) {
        if (h->counts[k] == 0)
            continue;
        n_above -= h->counts[k];
        if (seen++ % step == 0 || n_above == 0)
            out->credits[out->n_credits++] = (struct surety_exceedance){
                (double)surety_histogram_middle(k) / SURETY_MICRO, (double)n_above / (double)h->n};
    }
    return true;
}

bool surety_summary_tier_money(const struct surety_summary *summary, const struct surety_books *books, size_t tier,
                               const double *totals, struct surety_tier_result *out)
{
    const struct surety_plan *plan = summary->plan;
    const struct surety_tier_books *b = &books->tiers[tier];
    const double n = (double)books->n_terms, a_month = windows_a_month(summary->plan);
    out->margin_p05 = out->credits_cvar95 = out->fee_for_risk_per_month = NAN;
    if (!plan->tiers[tier].has_fee)
        return true;
    out->has_margin = true;
    out->margin_per_month = times(surety_summary_mean(totals[surety_tier_sum(tier, SURETY_SUM_MARGIN)],
                                                      totals[surety_tier_sum(tier, SURETY_SUM_MARGIN_SQUARED)], n),
                                  a_month);
    out->margin_p05 = (double)(b->top_fee_micro - surety_histogram_quantile(&b->margin_shortfall, 0.95)) /
                      SURETY_MICRO * windows_a_month_whole(summary);
    out->has_credits = plan->credits.given;
    if (!out->has_credits)
        return true;
    const int64_t limit_micro = surety_money_priced_limit(plan, tier);
    out->credits_per_term = surety_summary_mean(totals[surety_tier_sum(tier, SURETY_SUM_CREDITS)],
                                                totals[surety_tier_sum(tier, SURETY_SUM_CREDITS_SQUARED)], n);
    out->credits_quantiles = credit_quantiles(&b->credits, limit_micro);
    out->credits_cvar95 = tail_mean(&b->credits, 0.05, limit_micro);
    const double mean = out->credits_per_term.mean;
    out->fee_for_risk_per_month = (mean + (out->credits_cvar95 - mean) / 2) / (double)plan->n_windows * a_month;
    return exceedance(summary->result, &b->credits, out);
}

bool surety_summary_cost(const struct surety_summary *summary, const struct surety_books *books, const double *totals,
                         size_t architecture, struct surety_architecture_result *out)
{
    const struct surety_plan *plan = summary->plan;
    const struct surety_plan_architecture *a = &plan->architectures[architecture];
    for (uint32_t i = 0; i < a->n_nodes; i++)
        for (size_t d = 0; d < plan->n_demands && a->nodes[i].type == NULL; d++)
            out->has_cost = out->has_cost || plan->demands[d].cost_per_request[a->nodes[i].provider] > 0;
    if (!surety_summary_reserved(summary, books, totals, a, windows_a_month(plan), out))
        return false;
    out->has_cost = out->has_cost || out->n_reserved > 0;
    for (size_t s = 0; s < plan->quality.n_suites; s++)
        out->has_cost = out->has_cost || plan->quality.suites[s].per_case > 0;
    out->has_cost = out->has_cost || plan->price_per_probe > 0;
    if (!out->has_cost)
        return true;
    const double n = (double)books->n_terms;
    out->cost_per_month = times(surety_summary_mean(totals[SURETY_SUM_COST], totals[SURETY_SUM_COST_SQUARED], n),
                                windows_a_month(summary->plan));
    out->cost_p95 =
        (double)surety_histogram_quantile(&books->cost_micro, 0.95) / SURETY_MICRO * windows_a_month_whole(summary);
    out->task_costs = surety_arena_calloc(&summary->result->arena, plan->n_demands, sizeof *out->task_costs);
    if (out->task_costs == NULL)
        return false;
    out->n_task_costs = plan->n_demands;
    for (size_t d = 0; d < plan->n_demands; d++) {
        out->task_costs[d] = (struct surety_task_cost){
            .workload = surety_arena_printf(&summary->result->arena, "%s", plan->demands[d].name),
            .mean = totals[surety_task_cost_sum(plan, d)] / n,
            .p95 = (double)surety_histogram_quantile(&books->task_costs[d], 0.95) / SURETY_MICRO,
        };
        if (out->task_costs[d].workload == NULL)
            return false;
    }
    return true;
}

// --- causes and phases -----------------------------------------------------------------------------------------

static const char *const phase_names[SURETY_N_PHASES] = {
    [SURETY_PHASE_DETECTION] = "detection",       [SURETY_PHASE_SWITCHING] = "switching",
    [SURETY_PHASE_BELOW_TRIP] = "below_trip",     [SURETY_PHASE_ALL_ROUTES_DOWN] = "all_routes_down",
    [SURETY_PHASE_COMMON_CAUSE] = "common_cause", [SURETY_PHASE_CAPACITY] = "capacity",
    [SURETY_PHASE_MAINTENANCE] = "maintenance",
};

static int by_share_falling(const void *a, const void *b)
{
    const struct surety_share *x = a, *y = b;
    return x->share != y->share ? (x->share < y->share ? 1 : -1) : strcmp(x->name, y->name);
}

static const char *cause_name(const struct surety_summary *summary, size_t cause)
{
    const struct surety_plan *plan = summary->plan;
    struct surety_arena *arena = &summary->result->arena;
    if (cause < plan->n_sources)
        return surety_arena_printf(arena, "%s", plan->sources[cause].name);
    const size_t own = cause - plan->n_sources;
    if (own >= plan->n_providers)
        return surety_arena_printf(arena, "%s.capacity", plan->providers[own - plan->n_providers].name);
    return surety_arena_printf(arena, "%s.request_errors", plan->providers[own].name);
}

bool surety_summary_blame(const struct surety_summary *summary, const struct surety_blame *blame,
                          struct surety_architecture_result *out)
{
    struct surety_arena *arena = &summary->result->arena;
    double phases = 0, causes = 0;
    for (size_t i = 0; i < SURETY_N_PHASES; i++)
        phases += (double)blame->phases_us[i];
    for (size_t i = 0; i < blame->n_causes; i++)
        causes += (double)blame->causes[i];
    out->downtime_by = surety_arena_calloc(arena, SURETY_N_PHASES, sizeof *out->downtime_by);
    out->causes = surety_arena_calloc(arena, blame->n_causes, sizeof *out->causes);
    if (out->downtime_by == NULL || out->causes == NULL)
        return false;
    // The phases that every architecture has are listed even when they are empty.
    for (size_t i = 0; phases > 0 && i < SURETY_N_PHASES; i++)
        if (blame->phases_us[i] > 0 || i <= SURETY_PHASE_ALL_ROUTES_DOWN)
            out->downtime_by[out->n_downtime_by++] =
                (struct surety_share){phase_names[i], (double)blame->phases_us[i] / phases};
    for (size_t i = 0; i < blame->n_causes; i++)
        if (blame->causes[i] > 0) {
            const char *name = cause_name(summary, i);
            if (name == NULL)
                return false;
            out->causes[out->n_causes++] = (struct surety_share){name, (double)blame->causes[i] / causes};
        }
    qsort(out->causes, out->n_causes, sizeof *out->causes, by_share_falling);
    return true;
}
