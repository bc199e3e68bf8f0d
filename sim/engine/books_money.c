// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/books_money.h"

#include "models/credit.h"
#include "sim/base/ppb.h"
#include "sim/base/rng.h"
#include "sim/engine/walk_missed.h"

#include <stdlib.h>

#define TOP_MICRO (INT64_C(1) << 57) // above every window's money, 1e17 millionths

static int64_t micro(double money)
{
    return (int64_t)(money * SURETY_MICRO + 0.5);
}

bool surety_money_init(struct surety_books *books)
{
    const struct surety_plan *plan = books->plan;
    if (!plan->has_costs)
        return true;
    const size_t n = plan->n_demands;
    books->task_costs = calloc(n, sizeof *books->task_costs);
    books->tasks = calloc(plan->n_windows * n, sizeof *books->tasks);
    bool all =
        books->task_costs != NULL && books->tasks != NULL && surety_histogram_init(&books->cost_micro, TOP_MICRO);
    for (size_t d = 0; all && d < n; d++)
        all = surety_histogram_init(&books->task_costs[d], TOP_MICRO);
    return all;
}

// Most that may be bad of `counted` without a credit of the tier: a window above none of the bands' budgets.
static int64_t free_of_credit(const struct surety_plan *plan, size_t tier, int64_t counted)
{
    int64_t most = INT64_MAX;
    for (size_t i = 0; i < plan->credits.n_ladder; i++) {
        const int64_t below_ppb = plan->credits.ladder[i].below_ppb;
        const int64_t budget =
            surety_budget(below_ppb == SURETY_BELOW_TARGET ? plan->tiers[tier].availability_ppb : below_ppb, counted);
        most = budget < most ? budget : most;
    }
    return most;
}

void surety_money_follow(struct surety_books *books, const struct surety_reading *readings)
{
    const struct surety_plan *plan = books->plan;
    const size_t n = plan->n_demands;
    for (size_t t = 0; t < plan->n_tiers; t++)
        for (size_t w = 0; w < plan->n_windows; w++)
            books->free_of_credit[t * plan->n_windows + w] = free_of_credit(plan, t, readings[w].counted);
    for (size_t w = 0; books->tasks != NULL && w < plan->n_windows; w++)
        for (size_t d = 0; d < n; d++)
            books->tasks[w * n + d] = surety_demand_of(plan, d, w, plan->window_us[w], plan->window_us[w + 1]) /
                                      plan->demands[d].requests_per_task;
}

bool surety_money_init_tier(const struct surety_plan *plan, size_t tier, struct surety_tier_books *books)
{
    const int64_t *fee_micro = plan->tiers[tier].fee_micro;
    for (size_t w = 0; w < plan->n_windows; w++)
        books->top_fee_micro = fee_micro[w] > books->top_fee_micro ? fee_micro[w] : books->top_fee_micro;
    books->cap_term_micro = surety_credit_cap_term(&plan->credits, fee_micro, plan->n_windows);
    return surety_histogram_init(&books->credits, INT64_MAX / 4) &&
           surety_histogram_init(&books->margin_shortfall, TOP_MICRO);
}

// Cost of each window into books->cost; zero without prices.
static void enter_costs(struct surety_books *books, const struct surety_walk *walk, double *sums)
{
    const struct surety_plan *plan = books->plan;
    const size_t n = plan->n_demands, n_windows = plan->n_windows;
    const double *costs = walk->ledger.cost;
    double sum = 0;
    for (size_t w = 0; w < n_windows; w++) {
        double cost = 0;
        for (size_t d = 0; d < n; d++) {
            const double tasks = books->tasks[w * n + d];
            const double per_task = tasks > 0 ? costs[w * n + d] / tasks : 0;
            cost += costs[w * n + d];
            sums[surety_task_cost_sum(plan, d)] += per_task / (double)n_windows;
            surety_histogram_add(&books->task_costs[d], micro(per_task), 1);
        }
        books->cost[w] = micro(cost);
        sum += cost;
        surety_histogram_add(&books->cost_micro, books->cost[w], 1);
    }
    const double mean = sum / (double)n_windows;
    sums[SURETY_SUM_COST] += mean;
    sums[SURETY_SUM_COST_SQUARED] += mean * mean;
}

// Whether the customer claims the window's credit: the same draw for every tier and architecture.
static bool is_claimed(const struct surety_plan *plan, const struct surety_walk *walk, size_t window)
{
    const struct surety_plan_credits *credits = &plan->credits;
    if (credits->p_claimed >= 1)
        return true;
    struct surety_rng rng = {walk->meters[0].key, credits->claims_stream, (uint32_t)window,
                             walk->meters[0].replication};
    return surety_rng_uniform(&rng) < credits->p_claimed;
}

int64_t surety_money_credit(const struct surety_plan *plan, const struct surety_walk *walk, size_t tier, size_t window,
                            int64_t given, int64_t cap_term_micro)
{
    const struct surety_reading reading = walk->meters[walk->contract_meter].readings[window];
    const struct surety_plan_tier *t = &plan->tiers[tier];
    const bool is_late = surety_walk_missed(walk, tier, window);
    if (reading.bad == 0 && !is_late)
        return 0;
    int64_t credit = surety_credit(&plan->credits, t->availability_ppb, reading, t->fee_micro[window]);
    if (is_late) {
        const int64_t late = surety_credit_for_miss(&plan->credits, t->fee_micro[window]);
        credit = late > credit ? late : credit;
    }
    if (credit > 0 && (credit < plan->credits.minimum_micro || !is_claimed(plan, walk, window)))
        credit = 0;
    return credit < cap_term_micro - given ? credit : cap_term_micro - given;
}

// Whether the window surely gives nothing: what is bad is within every band, see surety_money_follow.
static inline bool gives_nothing(const struct surety_books *books, const struct surety_walk *walk,
                                 const struct surety_reading *readings, size_t tier, size_t window)
{
    const struct surety_plan *plan = books->plan;
    return !plan->has_treatments && readings[window].bad <= books->free_of_credit[tier * plan->n_windows + window] &&
           !surety_walk_missed(walk, tier, window);
}

// `value`, moved to the next bucket where its own would stand for the other side of `edge`: a quantile is at most `edge`
// exactly when the value of its rank is. The verdict's thresholds depend on no rounding then.
static int64_t on_its_side(int64_t value, int64_t edge)
{
    const size_t bucket = surety_histogram_bucket(value);
    if (value < 0 || bucket != surety_histogram_bucket(edge))
        return value;
    const bool is_above = value > edge;
    if (is_above == (surety_histogram_middle(bucket) > edge))
        return value;
    return surety_histogram_middle(is_above ? bucket + 1 : bucket - 1);
}

int64_t surety_money_priced_limit(const struct surety_plan *plan, size_t tier_index)
{
    const struct surety_plan_tier *tier = &plan->tiers[tier_index];
    __int128 fees = 0;
    for (size_t w = 0; w < plan->n_windows; w++)
        fees += tier->fee_micro[w];
    const double share = plan->priced_credits_p95_at_most;
    return share >= 0 ? (int64_t)(fees * surety_ppb(share) / SURETY_PPB_ONE) : 0;
}

static void enter_margins(struct surety_tier_books *b, int64_t margin, uint64_t n)
{
    if (n > 0)
        surety_histogram_add(&b->margin_shortfall, on_its_side(b->top_fee_micro - margin, b->top_fee_micro - 1), n);
}

static void enter_tier(struct surety_books *books, const struct surety_walk *walk, size_t t, double *sums)
{
    const struct surety_plan *plan = books->plan;
    const struct surety_plan_tier *tier = &plan->tiers[t];
    struct surety_tier_books *b = &books->tiers[t];
    const struct surety_reading *readings = walk->meters[walk->contract_meter].readings;
    int64_t credits = 0, margin = 0, same_margin = 0;
    uint64_t n_same = 0;
    for (size_t w = 0; w < plan->n_windows; w++) {
        const int64_t credit = plan->credits.given && !gives_nothing(books, walk, readings, t, w)
                                   ? surety_money_credit(plan, walk, t, w, credits, b->cap_term_micro)
                                   : 0;
        credits += credit;
        const int64_t window_margin = tier->fee_micro[w] - books->cost[w] - credit;
        margin += window_margin;
        if (window_margin != same_margin) { // quiet windows of one fee and cost are entered together
            enter_margins(b, same_margin, n_same);
            same_margin = window_margin;
            n_same = 0;
        }
        n_same++;
    }
    enter_margins(b, same_margin, n_same);
    b->term_credits_micro = credits;
    surety_histogram_add(&b->credits, credits > 0 ? on_its_side(credits, surety_money_priced_limit(plan, t)) : 0, 1);
    const double credits_money = (double)credits / SURETY_MICRO;
    if (books->record != NULL && books->record_tier == t)
        books->record[walk->meters[0].replication] = credits_money;
    const double margin_money = (double)margin / SURETY_MICRO / (double)plan->n_windows;
    sums[surety_tier_sum(t, SURETY_SUM_CREDITS)] += credits_money;
    sums[surety_tier_sum(t, SURETY_SUM_CREDITS_SQUARED)] += credits_money * credits_money;
    sums[surety_tier_sum(t, SURETY_SUM_MARGIN)] += margin_money;
    sums[surety_tier_sum(t, SURETY_SUM_MARGIN_SQUARED)] += margin_money * margin_money;
}

void surety_money_enter(struct surety_books *books, const struct surety_walk *walk, double *sums)
{
    if (books->plan->has_costs)
        enter_costs(books, walk, sums);
    for (size_t t = 0; t < books->plan->n_tiers; t++)
        if (books->plan->tiers[t].has_fee)
            enter_tier(books, walk, t, sums);
}

void surety_money_merge(struct surety_books *into, const struct surety_books *from)
{
    const struct surety_plan *plan = into->plan;
    for (size_t t = 0; t < plan->n_tiers; t++)
        if (plan->tiers[t].has_fee) {
            surety_histogram_merge(&into->tiers[t].credits, &from->tiers[t].credits);
            surety_histogram_merge(&into->tiers[t].margin_shortfall, &from->tiers[t].margin_shortfall);
        }
    if (!plan->has_costs)
        return;
    surety_histogram_merge(&into->cost_micro, &from->cost_micro);
    for (size_t d = 0; d < plan->n_demands; d++)
        surety_histogram_merge(&into->task_costs[d], &from->task_costs[d]);
}
