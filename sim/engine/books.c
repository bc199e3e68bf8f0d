// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/books.h"

#include "sim/engine/books_joint.h"
#include "sim/engine/books_money.h"
#include "sim/engine/books_reserved.h"
#include "sim/engine/walk_missed.h"

#include <stdlib.h>

#define PPT 1000000000000 // 1e-12: the unit of unavailability in histograms

size_t surety_n_sums(const struct surety_plan *plan)
{
    return surety_reserved_sums(plan, plan->n_reserved);
}

size_t surety_reserved_sums(const struct surety_plan *plan, size_t reserved)
{
    return surety_task_cost_sum(plan, plan->n_demands) + reserved * SURETY_N_RESERVED_SUMS;
}

size_t surety_tier_sum(size_t tier, enum surety_tier_sum sum)
{
    return SURETY_N_FIXED_SUMS + tier * SURETY_N_TIER_SUMS + sum;
}

size_t surety_task_cost_sum(const struct surety_plan *plan, size_t demand)
{
    return SURETY_N_FIXED_SUMS + plan->n_tiers * SURETY_N_TIER_SUMS + demand;
}

static bool allocate_tier(const struct surety_plan *plan, size_t t, struct surety_tier_books *tier)
{
    tier->n_missed = calloc(plan->n_windows + 1, sizeof *tier->n_missed);
    return tier->n_missed != NULL && (!plan->tiers[t].has_fee || surety_money_init_tier(plan, t, tier));
}

static enum surety_err allocate(struct surety_books *books)
{
    const struct surety_plan *plan = books->plan;
    bool all = surety_histogram_init(&books->window_unavailability, PPT) &&
               surety_histogram_init(&books->term_unavailability, PPT) &&
               surety_histogram_init(&books->worst_window, PPT) && surety_histogram_init(&books->p10_window, PPT) &&
               surety_histogram_init(&books->downtime_us, plan->term_us) &&
               surety_blame_init(&books->blame, plan) == SURETY_OK;
    books->tiers = calloc(plan->n_tiers, sizeof *books->tiers);
    books->budgets = calloc(plan->n_tiers * plan->n_windows, sizeof *books->budgets);
    books->free_of_credit = calloc(plan->n_tiers * plan->n_windows, sizeof *books->free_of_credit);
    books->worst = calloc(books->n_worst, sizeof *books->worst);
    books->cost = calloc(plan->n_windows, sizeof *books->cost);
    books->normal_share = calloc(plan->n_reserved + 1, sizeof *books->normal_share);
    books->most_share = calloc(plan->n_reserved + 1, sizeof *books->most_share);
    all = all && books->normal_share != NULL && books->most_share != NULL && books->tiers != NULL &&
          books->budgets != NULL && books->free_of_credit != NULL && books->worst != NULL && books->cost != NULL;
    for (size_t t = 0; all && t < plan->n_tiers; t++)
        all = allocate_tier(plan, t, &books->tiers[t]);
    return all && surety_money_init(books) ? SURETY_OK : SURETY_E_MEMORY;
}

enum surety_err surety_books_init(struct surety_books *books, const struct surety_plan *plan,
                                  const struct surety_walk *walk)
{
    *books = (struct surety_books){.plan = plan, .n_worst = (plan->n_windows + 9) / 10};
    if (allocate(books) != SURETY_OK) {
        surety_books_finish(books);
        return SURETY_E_MEMORY;
    }
    if (surety_traffic_books_init(&books->traffic, plan, walk) != SURETY_OK ||
        surety_latency_books_create(plan, walk, &books->latency) != SURETY_OK ||
        surety_joint_books_create(plan, walk, &books->joint) != SURETY_OK ||
        ((books->latency != NULL || books->joint != NULL) &&
         (books->is_missed = calloc(plan->n_tiers * plan->n_windows, sizeof *books->is_missed)) == NULL)) {
        surety_books_finish(books);
        return SURETY_E_MEMORY;
    }
    for (size_t r = 0; walk->ledger.reserved.plan != NULL && r < plan->n_reserved; r++)
        books->normal_share[r] = walk->ledger.reserved.accounts[r].normal_share;
    surety_books_follow(books, plan, walk);
    return SURETY_OK;
}

void surety_books_follow(struct surety_books *books, const struct surety_plan *plan, const struct surety_walk *walk)
{
    const struct surety_reading *readings = walk->meters[walk->contract_meter].readings;
    books->plan = books->traffic.plan = plan;
    for (size_t t = 0; t < plan->n_tiers; t++)
        for (size_t w = 0; w < plan->n_windows; w++)
            books->budgets[t * plan->n_windows + w] =
                surety_budget(plan->tiers[t].availability_ppb, readings[w].counted);
    surety_money_follow(books, readings);
    if (books->latency != NULL)
        books->latency->plan = plan;
    if (books->joint != NULL)
        books->joint->plan = plan;
}

void surety_books_finish(struct surety_books *books)
{
    surety_histogram_finish(&books->window_unavailability);
    surety_histogram_finish(&books->term_unavailability);
    surety_histogram_finish(&books->worst_window);
    surety_histogram_finish(&books->p10_window);
    surety_histogram_finish(&books->downtime_us);
    surety_histogram_finish(&books->cost_micro);
    surety_blame_finish(&books->blame);
    surety_traffic_books_finish(&books->traffic);
    surety_latency_books_destroy(books->latency);
    surety_joint_books_destroy(books->joint);
    free(books->is_missed);
    for (size_t t = 0; books->tiers != NULL && t < books->plan->n_tiers; t++) {
        free(books->tiers[t].n_missed);
        surety_histogram_finish(&books->tiers[t].credits);
        surety_histogram_finish(&books->tiers[t].margin_shortfall);
    }
    for (size_t d = 0; books->task_costs != NULL && d < books->plan->n_demands; d++)
        surety_histogram_finish(&books->task_costs[d]);
    free(books->task_costs);
    free(books->tasks);
    free(books->cost);
    free(books->tiers);
    free(books->budgets);
    free(books->free_of_credit);
    free(books->worst);
    free(books->normal_share);
    free(books->most_share);
}

static int64_t ppt(double unavailability)
{
    return (int64_t)(unavailability * PPT + 0.5);
}

// Keeps the n_worst largest values, falling. Without branches: which window is the worst is anybody's guess.
static inline void keep_worst(struct surety_books *books, int64_t value)
{
    for (size_t i = 0; i < books->n_worst; i++) {
        const int64_t kept = books->worst[i];
        books->worst[i] = kept > value ? kept : value;
        value = kept > value ? value : kept;
    }
}

// Down time in all of a term's windows, of which n_clean have none.
static void enter_mean_downtime(struct surety_books *books, int64_t down_us, uint64_t n_clean, double *sums)
{
    const double mean_s = (double)down_us * 1e-6 / (double)books->plan->n_windows;
    surety_histogram_add(&books->downtime_us, 0, n_clean);
    sums[SURETY_SUM_DOWNTIME_S] += mean_s;
    sums[SURETY_SUM_DOWNTIME_S_SQUARED] += mean_s * mean_s;
}

static void enter_downtime(struct surety_books *books, const struct surety_reading *readings, double *sums)
{
    int64_t down_us = 0;
    uint64_t n_clean = 0;
    for (size_t w = 0; w < books->plan->n_windows; w++) {
        down_us += readings[w].bad;
        if (readings[w].bad == 0)
            n_clean++;
        else
            surety_histogram_add(&books->downtime_us, readings[w].bad, 1);
    }
    enter_mean_downtime(books, down_us, n_clean, sums);
}

// What the contract reads. is_time: it reads down time, which is entered on the way.
static void enter_windows(struct surety_books *books, const struct surety_reading *readings, bool is_time, double *sums)
{
    const size_t n = books->plan->n_windows;
    int64_t bad = 0, counted = 0;
    uint64_t n_clean = 0;
    for (size_t i = 0; i < books->n_worst; i++)
        books->worst[i] = 0;
    for (size_t w = 0; w < n; w++) {
        counted += readings[w].counted;
        if (readings[w].bad == 0) {
            n_clean++;
            continue;
        }
        bad += readings[w].bad;
        const int64_t u = ppt((double)readings[w].bad / (double)readings[w].counted);
        surety_histogram_add(&books->window_unavailability, u, 1);
        keep_worst(books, u);
        if (is_time)
            surety_histogram_add(&books->downtime_us, readings[w].bad, 1);
    }
    const double unavailability = counted > 0 ? (double)bad / (double)counted : 0;
    sums[SURETY_SUM_UNAVAILABILITY] += unavailability;
    sums[SURETY_SUM_UNAVAILABILITY_SQUARED] += unavailability * unavailability;
    surety_histogram_add(&books->window_unavailability, 0, n_clean);
    surety_histogram_add(&books->term_unavailability, ppt(unavailability), 1);
    surety_histogram_add(&books->worst_window, books->worst[0], 1);
    surety_histogram_add(&books->p10_window, books->worst[books->n_worst - 1], 1);
    if (is_time)
        enter_mean_downtime(books, bad, n_clean, sums);
}

// A tier that promises more than availability: a window is met when both are.
static size_t count_missed(struct surety_books *books, const struct surety_walk *walk, size_t t)
{
    const struct surety_plan *plan = books->plan;
    const struct surety_reading *readings = walk->meters[walk->contract_meter].readings;
    size_t n_missed = 0;
    for (size_t w = 0; w < plan->n_windows; w++) {
        bool *is_missed = &books->is_missed[t * plan->n_windows + w];
        *is_missed = surety_misses(plan->tiers[t].availability_ppb, readings[w]);
        n_missed += *is_missed || surety_walk_missed(walk, t, w);
    }
    return n_missed;
}

static void enter_tiers(struct surety_books *books, const struct surety_walk *walk,
                        const struct surety_reading *readings)
{
    const size_t n = books->plan->n_windows;
    const bool excluding = books->plan->has_treatments; // then what is counted differs from term to term
    for (size_t t = 0; t < books->plan->n_tiers; t++) {
        const int64_t *budgets = &books->budgets[t * n], target_ppb = books->plan->tiers[t].availability_ppb;
        struct surety_tier_books *tier = &books->tiers[t];
        size_t n_missed = 0;
        if (books->is_missed != NULL)
            n_missed = count_missed(books, walk, t);
        for (size_t w = 0; books->is_missed == NULL && w < n; w++)
            n_missed += excluding ? surety_misses(target_ppb, readings[w]) : readings[w].bad > budgets[w];
        tier->n_windows_met += n - n_missed;
        tier->n_terms_met += n_missed == 0;
        tier->sum_missed_squared += (uint64_t)n_missed * n_missed;
        tier->n_missed[n_missed]++;
    }
}

void surety_books_enter(struct surety_books *books, const struct surety_walk *walk, double *sums)
{
    const struct surety_reading *readings = walk->meters[walk->contract_meter].readings;
    const bool is_time = walk->contract_meter == 0;
    enter_windows(books, readings, is_time, sums);
    if (!is_time)
        enter_downtime(books, walk->meters[0].readings, sums);
    enter_tiers(books, walk, readings);
    if (books->latency != NULL)
        surety_latency_books_enter(books->latency, walk, books->is_missed);
    surety_money_enter(books, walk, sums);
    surety_reserved_enter(books, walk, sums);
    if (books->joint != NULL)
        surety_joint_books_enter(books, walk);
    books->n_terms++;
}

void surety_books_merge(struct surety_books *into, const struct surety_books *from)
{
    const struct surety_plan *plan = into->plan;
    surety_histogram_merge(&into->window_unavailability, &from->window_unavailability);
    surety_histogram_merge(&into->term_unavailability, &from->term_unavailability);
    surety_histogram_merge(&into->worst_window, &from->worst_window);
    surety_histogram_merge(&into->p10_window, &from->p10_window);
    surety_histogram_merge(&into->downtime_us, &from->downtime_us);
    into->n_terms += from->n_terms;
    surety_money_merge(into, from);
    surety_reserved_merge(into, from);
    surety_traffic_books_merge(&into->traffic, &from->traffic);
    if (into->latency != NULL)
        surety_latency_books_merge(into->latency, from->latency);
    if (into->joint != NULL)
        surety_joint_books_merge(into->joint, from->joint);
    for (size_t t = 0; t < plan->n_tiers; t++) {
        into->tiers[t].n_windows_met += from->tiers[t].n_windows_met;
        into->tiers[t].n_terms_met += from->tiers[t].n_terms_met;
        into->tiers[t].sum_missed_squared += from->tiers[t].sum_missed_squared;
        for (size_t k = 0; k <= plan->n_windows; k++)
            into->tiers[t].n_missed[k] += from->tiers[t].n_missed[k];
    }
}
