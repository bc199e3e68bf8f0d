// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/books_joint.h"

#include "sim/base/binomial.h"
#include "sim/base/intervals.h"
#include "sim/base/ppb.h"
#include "sim/engine/books.h"
#include "sim/engine/result.h"
#include "sim/engine/summary.h"
#include "sim/engine/summary_money.h"
#include "sim/engine/walk_quality.h"

#include <math.h>
#include <stdlib.h>

#define MOST_SAMPLE 1000000

_Static_assert((int)SURETY_RESULT_DIMENSIONS == (int)SURETY_N_DIMENSIONS, "the result lists the books' dimensions");

// P(A and B) - P(A) P(B) over the standard deviations; NAN when one of them is certain.
static double correlation(double both, double a, double b)
{
    const double variances = a * (1 - a) * b * (1 - b);
    return variances > 0 ? (both - a * b) / sqrt(variances) : NAN;
}

// --- quality ---------------------------------------------------------------------------------------------------

static const char *const kind_names[] = {"cases", "scenarios", "issues"};

// Cases of a window, of one check: mean over the windows.
static double mean_cases(const struct surety_joint_books *b, uint32_t check)
{
    return (double)b->checks[check].n_cases / ((double)b->n_terms * (double)b->plan->n_windows);
}

// The check that does worst, by its true rate.
static uint32_t worst_check(const struct surety_joint_books *b, const struct surety_plan_suite *suite)
{
    uint32_t worst = suite->first_check;
    for (uint32_t c = worst; c < suite->first_check + suite->n_checks; c++) {
        const struct surety_check_books *x = &b->checks[c], *y = &b->checks[worst];
        if ((double)x->sum_right_ppb * (double)y->n < (double)y->sum_right_ppb * (double)x->n)
            worst = c;
    }
    return worst;
}

static void report_sample(const struct surety_joint_books *b, const struct surety_plan_quality_target *t,
                          struct surety_quality_promise *out)
{
    const struct surety_plan_suite *s = &b->plan->quality.suites[t->suite];
    const struct surety_check_books *check = &b->checks[worst_check(b, s)];
    const double rate = (double)t->rate_ppb / (double)SURETY_PPB_ONE;
    out->wrong = b->plan->quality.wrong_at_most;
    out->bad = NAN;
    out->cases = mean_cases(b, s->first_check);
    const int64_t n = (int64_t)(out->cases + 0.5);
    struct surety_interval read = {NAN, NAN};
    if (n > 0)
        read = surety_binomial_clopper_pearson(surety_binomial_needed(n, t->bar_ppb), n, 0.95);
    if (s->adjusted) {
        read.low = surety_unjudged(read.low, s->sensitivity, s->specificity);
        read.high = surety_unjudged(read.high, s->sensitivity, s->specificity);
    }
    out->read_lo = s->issues ? 1 - read.high : read.low;
    out->read_hi = s->issues ? 1 - read.low : read.high;
    if (check->n == 0)
        return;
    // In what the judge passes: this service against one that is as far below the promise.
    const double mean = (double)check->sum_right_ppb / (double)check->n / (double)SURETY_PPB_ONE;
    const double good = surety_judged(mean, s->sensitivity, s->specificity);
    const double bad = s->issues ? 2 * rate - good : surety_judged(2 * rate - mean, s->sensitivity, s->specificity);
    out->bad = s->issues ? 1 - bad : 2 * rate - mean;
    out->n_sample =
        (uint64_t)surety_binomial_sample_size(good, bad, t->bar_ppb, out->wrong / (double)s->n_checks, MOST_SAMPLE);
}

static bool report_promises(struct surety_summary *summary, const struct surety_joint_books *b, size_t tier,
                            struct surety_joint_result *out)
{
    const struct surety_plan_quality *p = &b->plan->quality;
    const double n = (double)b->n_terms * (double)b->plan->n_windows;
    out->quality = surety_arena_calloc(&summary->result->arena, p->n_targets, sizeof *out->quality);
    if (out->quality == NULL)
        return false;
    for (size_t i = 0; i < p->n_targets; i++) {
        const struct surety_plan_quality_target *t = &p->targets[i];
        const struct surety_target_books *books = &b->targets[i];
        if (t->tier != tier)
            continue;
        const struct surety_plan_suite *suite = &p->suites[t->suite];
        const double rate = (double)t->rate_ppb / (double)SURETY_PPB_ONE, n_good = (double)books->n_true_met;
        struct surety_quality_promise *q = &out->quality[out->n_quality++];
        *q = (struct surety_quality_promise){
            .suite = surety_arena_printf(&summary->result->arena, "%s", suite->name),
            .kind = kind_names[suite->kind],
            .rate = suite->issues ? (double)(SURETY_PPB_ONE - t->rate_ppb) / (double)SURETY_PPB_ONE : rate,
            .month_met = (double)books->n_read_met / n,
            .p_false_breach = (double)books->n_false / n,
            .p_missed_breach = (double)books->n_blind / n,
            .p_false_if_good = n_good > 0 ? (double)books->n_false / n_good : NAN,
            .p_missed_if_bad = n_good < n ? (double)books->n_blind / (n - n_good) : NAN};
        if (q->suite == NULL)
            return false;
        report_sample(b, t, q);
    }
    return true;
}

// --- cost ------------------------------------------------------------------------------------------------------

static bool report_costs(struct surety_summary *summary, const struct surety_joint_books *b, size_t tier,
                         struct surety_joint_result *out)
{
    const struct surety_plan_cost *p = &b->plan->cost;
    struct surety_arena *arena = &summary->result->arena;
    const double n = (double)b->n_terms * (double)b->plan->n_windows;
    out->cost = surety_arena_calloc(arena, p->n_targets, sizeof *out->cost);
    if (out->cost == NULL)
        return false;
    for (size_t i = 0; i < p->n_targets; i++) {
        const struct surety_plan_cost_target *t = &p->targets[i];
        if (t->tier != tier)
            continue;
        static const char *const what[] = {"per task", "", "a month", "over the forecast"};
        struct surety_cost_result *c = &out->cost[out->n_cost++];
        *c = (struct surety_cost_result){
            .what = t->kind == SURETY_COST_PER_REQUEST
                        ? surety_arena_printf(arena, "per request at p%.10g", t->percentile)
                        : what[t->kind],
            .workload =
                t->demand != UINT32_MAX ? surety_arena_printf(arena, "%s", b->plan->demands[t->demand].name) : NULL,
            .limit = t->limit,
            .is_share = t->kind == SURETY_COST_OVER_FORECAST,
            .month_met = (double)b->n_costs_met[i] / n};
        if (c->what == NULL || (t->demand != UINT32_MAX && c->workload == NULL))
            return false;
    }
    return true;
}

// --- tiers -----------------------------------------------------------------------------------------------------

static bool report_joint(struct surety_summary *summary, const struct surety_joint_books *b, size_t architecture,
                         size_t t, struct surety_tier_result *out)
{
    const struct surety_tier_joint_books *tier = &b->tiers[t];
    const unsigned bits = surety_tier_dimensions(b->plan, t);
    const double n = (double)b->n_terms * (double)b->plan->n_windows;
    struct surety_joint_result *joint = &out->joint;
    double firsts = 0, least = 2;
    if ((bits >> SURETY_DIMENSION_QUALITY) == 0)
        return true;
    joint->given = true;
    for (unsigned d = 0; d < SURETY_N_DIMENSIONS; d++) {
        joint->has[d] = (bits >> d & 1) != 0;
        joint->name[d] = surety_dimension_names[d];
        surety_summary_dimension(summary, &tier->dimensions[d], b->n_terms, architecture, t, (enum surety_dimension)d,
                                 &joint->dimension[d]);
        firsts += (double)tier->n_first[d];
        if (joint->has[d] && joint->dimension[d].term_met.p < least) {
            out->binds = surety_dimension_names[d];
            least = joint->dimension[d].term_met.p;
        }
    }
    for (unsigned d = 0; d < SURETY_N_DIMENSIONS; d++) {
        joint->first[d] = firsts > 0 ? (double)tier->n_first[d] / firsts : NAN;
        for (unsigned e = 0; e < SURETY_N_DIMENSIONS; e++) {
            const double both = (double)tier->n_both_met[d < e ? d : e][d < e ? e : d] / n;
            joint->correlation[d][e] = d == e ? 1
                                              : correlation(both, (double)tier->dimensions[d].n_windows_met / n,
                                                            (double)tier->dimensions[e].n_windows_met / n);
        }
    }
    return report_promises(summary, b, t, joint) && report_costs(summary, b, t, joint);
}

static bool report_checks(struct surety_summary *summary, const struct surety_joint_books *b, const bool *is_known,
                          struct surety_architecture_result *out)
{
    const struct surety_plan_quality *p = &b->plan->quality;
    struct surety_arena *arena = &summary->result->arena;
    out->quality = surety_arena_calloc(arena, p->n_checks, sizeof *out->quality);
    if (out->quality == NULL)
        return false;
    for (size_t c = 0; c < p->n_checks; c++) {
        const struct surety_check_books *check = &b->checks[c];
        const struct surety_plan_suite *suite = &p->suites[p->checks[c].suite];
        if (!is_known[p->checks[c].suite] || check->n == 0)
            continue;
        const double read = check->n_cases > 0 ? (double)check->n_passed / (double)check->n_cases : NAN;
        struct surety_quality_result *q = &out->quality[out->n_quality++];
        *q = (struct surety_quality_result){
            .suite = surety_arena_printf(arena, "%s", suite->name),
            .scenario =
                suite->kind == SURETY_SUITE_SCENARIOS ? surety_arena_printf(arena, "%s", p->checks[c].name) : NULL,
            .mean = (double)check->sum_right_ppb / (double)check->n / (double)SURETY_PPB_ONE,
            .p05 = 1 - (double)surety_histogram_quantile(&check->wrong_ppb, 0.95) / (double)SURETY_PPB_ONE,
            .issues = suite->issues,
            .read_mean = suite->issues     ? 1 - read
                         : suite->adjusted ? surety_unjudged(read, suite->sensitivity, suite->specificity)
                                           : read};
        if (q->suite == NULL || (suite->kind == SURETY_SUITE_SCENARIOS && q->scenario == NULL))
            return false;
    }
    return true;
}

static void report_termination(const struct surety_summary *summary, const struct surety_joint_books *b,
                               size_t architecture, size_t t, struct surety_tier_result *out)
{
    const struct surety_tier_joint_books *tier = &b->tiers[t];
    const double n = (double)b->n_terms, p = (double)tier->n_left / n;
    const struct surety_interval interval = surety_interval_wilson(p, n, summary->result->confidence);
    if (b->plan->terminate_misses == 0)
        return;
    out->termination = (struct surety_termination_result){
        .given = true,
        .misses = (uint64_t)b->plan->terminate_misses,
        .within = (uint64_t)b->plan->terminate_within,
        .p = {.p = p, .lo = interval.low, .hi = interval.high},
        .mean_window = tier->n_left > 0 ? (double)tier->sum_window_left / (double)tier->n_left : NAN,
        .fees_per_term = b->plan->tiers[t].has_fee ? (double)tier->sum_fees_left / SURETY_MICRO / n : NAN};
    if (summary->groups != NULL)
        surety_summary_group_interval(summary, architecture, t, SURETY_GROUPS_LEAVES, false, 0, &out->termination.p);
}

static struct surety_mean money_mean(const struct surety_summary *summary, const struct surety_money_books *m, double n)
{
    struct surety_mean mean =
        surety_summary_mean((double)m->sum_micro / SURETY_MICRO, (double)m->sum_squared_milli / 1e6, n);
    if (summary->groups != NULL)
        mean.se = NAN;
    return mean;
}

bool surety_joint_books_report(struct surety_summary *summary, const struct surety_books *books,
                               struct surety_architecture_result *out)
{
    const struct surety_joint_books *b = books->joint;
    const size_t architecture = (size_t)(out - summary->result->architectures);
    if (b == NULL)
        return true;
    bool all = report_checks(summary, b, b->is_known, out);
    out->has_recovered = b->plan->cost.recovers;
    out->recovered_per_term = money_mean(summary, &b->recovered, (double)b->n_terms);
    out->has_bill = out->has_cost && b->plan->cost.n_targets + b->plan->cost.n_changes > 0;
    const double bills = (double)b->n_terms * (double)b->plan->n_windows;
    const double mean = (double)b->bill.sum_micro / SURETY_MICRO / bills;
    const double variance = (double)b->bill.sum_squared_milli / 1e6 / bills - mean * mean;
    out->bill_cv = mean > 0 ? sqrt(variance > 0 ? variance : 0) / mean : NAN;
    for (size_t t = 0; all && t < b->plan->n_tiers; t++) {
        all = report_joint(summary, b, architecture, t, &out->tiers[t]);
        report_termination(summary, b, architecture, t, &out->tiers[t]);
        out->tiers[t].has_recovered = out->has_recovered && out->tiers[t].has_credits;
        out->tiers[t].net_exposure_per_term = money_mean(summary, &b->tiers[t].net, (double)b->n_terms);
        out->tiers[t].net_exposure_p95 =
            (double)surety_signed_histogram_quantile(&b->tiers[t].net_micro, 0.95) / SURETY_MICRO;
    }
    return all;
}
