// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/books_joint.h"

#include "models/measurement.h"
#include "sim/base/ppb.h"
#include "sim/engine/books.h"
#include "sim/engine/walk_missed.h"

#include <stdlib.h>

#define BIT(dimension) (1u << (dimension))

const char *const surety_dimension_names[SURETY_N_DIMENSIONS] = {"availability", "latency", "quality", "cost"};

unsigned surety_tier_dimensions(const struct surety_plan *plan, size_t tier)
{
    unsigned bits = BIT(SURETY_DIMENSION_AVAILABILITY);
    for (size_t i = 0; i < plan->latency.n_targets; i++)
        bits |= plan->latency.targets[i].tier == tier ? BIT(SURETY_DIMENSION_LATENCY) : 0;
    for (size_t i = 0; i < plan->quality.n_targets; i++)
        bits |= plan->quality.targets[i].tier == tier ? BIT(SURETY_DIMENSION_QUALITY) : 0;
    for (size_t i = 0; i < plan->cost.n_targets; i++)
        bits |= plan->cost.targets[i].tier == tier ? BIT(SURETY_DIMENSION_COST) : 0;
    return bits;
}

enum surety_err surety_joint_books_create(const struct surety_plan *plan, const struct surety_walk *walk,
                                          struct surety_joint_books **out)
{
    const struct surety_plan_quality *q = &plan->quality;
    *out = NULL;
    if (q->n_suites == 0 && plan->terminate_misses == 0 && walk->cost == NULL)
        return SURETY_OK;
    struct surety_joint_books *b = calloc(1, sizeof *b);
    if (b == NULL)
        return SURETY_E_MEMORY;
    *b = (struct surety_joint_books){.plan = plan,
                                     .tiers = calloc(plan->n_tiers, sizeof *b->tiers),
                                     .targets = calloc(q->n_targets + 1, sizeof *b->targets),
                                     .checks = calloc(q->n_checks + 1, sizeof *b->checks),
                                     .n_costs_met = calloc(plan->cost.n_targets + 1, sizeof *b->n_costs_met),
                                     .late = calloc(plan->n_windows, sizeof *b->late),
                                     .is_known = calloc(q->n_suites + 1, sizeof *b->is_known)};
    bool all = b->tiers != NULL && b->targets != NULL && b->checks != NULL && b->n_costs_met != NULL &&
               b->late != NULL && b->is_known != NULL;
    for (size_t t = 0; all && t < plan->n_tiers; t++)
        all = surety_signed_histogram_init(&b->tiers[t].net_micro, INT64_MAX / 4);
    for (size_t i = 0; all && walk->quality != NULL && i < q->n_suites; i++)
        b->is_known[i] = walk->quality->is_known[i];
    for (size_t c = 0; all && c < q->n_checks; c++)
        all = surety_histogram_init(&b->checks[c].wrong_ppb, SURETY_PPB_ONE);
    if (!all) {
        surety_joint_books_destroy(b);
        return SURETY_E_MEMORY;
    }
    *out = b;
    return SURETY_OK;
}

void surety_joint_books_destroy(struct surety_joint_books *books)
{
    if (books == NULL)
        return;
    for (size_t c = 0; books->checks != NULL && c < books->plan->quality.n_checks; c++)
        surety_histogram_finish(&books->checks[c].wrong_ppb);
    for (size_t t = 0; books->tiers != NULL && t < books->plan->n_tiers; t++)
        surety_signed_histogram_finish(&books->tiers[t].net_micro);
    free(books->n_costs_met);
    free(books->late);
    free(books->is_known);
    free(books->tiers);
    free(books->targets);
    free(books->checks);
    free(books);
}

unsigned surety_missed_dimensions(const struct surety_walk *walk, size_t tier, size_t w)
{
    const struct surety_reading *readings = walk->meters[walk->contract_meter].readings;
    const struct {
        bool is;
        enum surety_dimension dimension;
    } table[] = {
        {surety_misses(walk->plan->tiers[tier].availability_ppb, readings[w]), SURETY_DIMENSION_AVAILABILITY},
        {surety_walk_latency_missed(walk, tier, w), SURETY_DIMENSION_LATENCY},
        {surety_walk_quality_missed(walk, tier, w), SURETY_DIMENSION_QUALITY},
        {surety_walk_cost_missed(walk, tier, w), SURETY_DIMENSION_COST},
    };
    unsigned bits = 0;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        bits |= table[i].is ? BIT(table[i].dimension) : 0;
    return bits;
}

static void enter_money(struct surety_money_books *books, int64_t micro)
{
    const __int128 milli = micro / 1000;
    books->sum_micro += micro;
    books->sum_squared_milli += milli * milli;
}

static void merge_money(struct surety_money_books *into, const struct surety_money_books *from)
{
    into->sum_micro += from->sum_micro;
    into->sum_squared_milli += from->sum_squared_milli;
}

size_t surety_first_leave(const bool *missed, size_t n, int64_t misses, int64_t within)
{
    int64_t count = 0;
    for (size_t w = 0; w < n; w++) {
        count += missed[w];
        if ((int64_t)w >= within)
            count -= missed[w - (size_t)within];
        if (count >= misses)
            return w;
    }
    return n;
}

static void enter_leave(struct surety_joint_books *b, size_t t)
{
    const struct surety_plan *plan = b->plan;
    const size_t w = surety_first_leave(b->late, plan->n_windows, plan->terminate_misses, plan->terminate_within);
    if (w == plan->n_windows)
        return;
    b->tiers[t].n_left++;
    b->tiers[t].sum_window_left += w + 1;
    for (size_t k = w + 1; plan->tiers[t].has_fee && k < plan->n_windows; k++)
        b->tiers[t].sum_fees_left += plan->tiers[t].fee_micro[k];
}

static void enter_tier(struct surety_joint_books *b, const struct surety_walk *walk, size_t t)
{
    const size_t n_windows = b->plan->n_windows;
    struct surety_tier_joint_books *tier = &b->tiers[t];
    size_t n_missed[SURETY_N_DIMENSIONS] = {0};
    unsigned first = 0;
    for (size_t w = 0; w < n_windows; w++) {
        const unsigned bits = surety_missed_dimensions(walk, t, w);
        first = first == 0 ? bits : first;
        b->late[w] = bits != 0;
        for (unsigned d = 0; d < SURETY_N_DIMENSIONS; d++) {
            n_missed[d] += (bits & BIT(d)) != 0;
            for (unsigned e = d + 1; e < SURETY_N_DIMENSIONS; e++)
                tier->n_both_met[d][e] += (bits & (BIT(d) | BIT(e))) == 0;
        }
    }
    for (unsigned d = 0; d < SURETY_N_DIMENSIONS; d++) {
        struct surety_dimension_books *dimension = &tier->dimensions[d];
        dimension->n_windows_met += n_windows - n_missed[d];
        dimension->n_terms_met += n_missed[d] == 0;
        dimension->sum_missed_squared += (uint64_t)n_missed[d] * n_missed[d];
        if (first & BIT(d))
            tier->n_first[d] += 12u / (unsigned)__builtin_popcount(first);
    }
}

static void enter_quality(struct surety_joint_books *b, const struct surety_walk_quality *q, size_t w)
{
    const struct surety_plan_quality *p = &b->plan->quality;
    for (size_t i = 0; i < p->n_targets; i++) {
        const bool reads_miss = q->reads_miss[w * p->n_targets + i], is_miss = q->is_miss[w * p->n_targets + i];
        struct surety_target_books *target = &b->targets[i];
        target->n_read_met += !reads_miss;
        target->n_true_met += !is_miss;
        target->n_false += reads_miss && !is_miss;
        target->n_blind += is_miss && !reads_miss;
    }
    for (size_t c = 0; c < p->n_checks; c++) {
        const size_t at = w * p->n_checks + c;
        struct surety_check_books *check = &b->checks[c];
        check->n_cases += (uint64_t)q->cases[at];
        check->n_passed += (uint64_t)q->passed[at];
        if (!(q->answered[at] > 0))
            continue;
        const int64_t right_ppb = surety_ppb(surety_walk_quality_true_rate(q, at));
        surety_histogram_add(&check->wrong_ppb, SURETY_PPB_ONE - right_ppb, 1);
        check->sum_right_ppb += (uint64_t)right_ppb;
        check->n++;
    }
}

static void enter_cost(struct surety_joint_books *b, const struct surety_books *books, const struct surety_walk_cost *c)
{
    const struct surety_plan *plan = b->plan;
    int64_t recovered = 0;
    for (size_t w = 0; w < plan->n_windows; w++) {
        for (size_t i = 0; i < plan->cost.n_targets; i++)
            b->n_costs_met[i] += !c->target_missed[w * plan->cost.n_targets + i];
        recovered += c->recovered[w];
        enter_money(&b->bill, books->cost[w]);
    }
    enter_money(&b->recovered, recovered);
    for (size_t t = 0; plan->cost.recovers && t < plan->n_tiers; t++) {
        const int64_t net = books->tiers[t].term_credits_micro - recovered;
        enter_money(&b->tiers[t].net, net);
        surety_signed_histogram_add(&b->tiers[t].net_micro, net, 1);
    }
}

void surety_joint_books_enter(struct surety_books *books, const struct surety_walk *walk)
{
    struct surety_joint_books *b = books->joint;
    for (size_t t = 0; t < b->plan->n_tiers; t++) {
        enter_tier(b, walk, t);
        if (b->plan->terminate_misses > 0)
            enter_leave(b, t);
    }
    for (size_t w = 0; walk->quality != NULL && w < b->plan->n_windows; w++)
        enter_quality(b, walk->quality, w);
    if (walk->cost != NULL)
        enter_cost(b, books, walk->cost);
    b->n_terms++;
}

void surety_joint_books_merge(struct surety_joint_books *into, const struct surety_joint_books *from)
{
    const struct surety_plan *plan = into->plan;
    into->n_terms += from->n_terms;
    merge_money(&into->recovered, &from->recovered);
    merge_money(&into->bill, &from->bill);
    for (size_t i = 0; i < plan->cost.n_targets; i++)
        into->n_costs_met[i] += from->n_costs_met[i];
    for (size_t t = 0; t < plan->n_tiers; t++) {
        into->tiers[t].n_left += from->tiers[t].n_left;
        into->tiers[t].sum_window_left += from->tiers[t].sum_window_left;
        into->tiers[t].sum_fees_left += from->tiers[t].sum_fees_left;
        merge_money(&into->tiers[t].net, &from->tiers[t].net);
        surety_signed_histogram_merge(&into->tiers[t].net_micro, &from->tiers[t].net_micro);
    }
    for (size_t t = 0; t < plan->n_tiers; t++)
        for (size_t d = 0; d < SURETY_N_DIMENSIONS; d++) {
            struct surety_tier_joint_books *a = &into->tiers[t];
            const struct surety_tier_joint_books *b = &from->tiers[t];
            a->dimensions[d].n_windows_met += b->dimensions[d].n_windows_met;
            a->dimensions[d].n_terms_met += b->dimensions[d].n_terms_met;
            a->dimensions[d].sum_missed_squared += b->dimensions[d].sum_missed_squared;
            a->n_first[d] += b->n_first[d];
            for (size_t e = 0; e < SURETY_N_DIMENSIONS; e++)
                a->n_both_met[d][e] += b->n_both_met[d][e];
        }
    for (size_t i = 0; i < plan->quality.n_targets; i++) {
        into->targets[i].n_read_met += from->targets[i].n_read_met;
        into->targets[i].n_true_met += from->targets[i].n_true_met;
        into->targets[i].n_false += from->targets[i].n_false;
        into->targets[i].n_blind += from->targets[i].n_blind;
    }
    for (size_t c = 0; c < plan->quality.n_checks; c++) {
        surety_histogram_merge(&into->checks[c].wrong_ppb, &from->checks[c].wrong_ppb);
        into->checks[c].n += from->checks[c].n;
        into->checks[c].sum_right_ppb += from->checks[c].sum_right_ppb;
        into->checks[c].n_cases += from->checks[c].n_cases;
        into->checks[c].n_passed += from->checks[c].n_passed;
    }
}
