// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/summary.h"

#include "models/hours.h"
#include "sim/base/intervals.h"
#include "sim/base/ppb.h"
#include "sim/engine/books_joint.h"
#include "sim/engine/summary_capacity.h"
#include "sim/engine/summary_money.h"
#include "sim/engine/verdict.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PPT 1e12 // histograms hold unavailability in 1e-12

double surety_summary_half_width(uint64_t n_met, uint64_t n, double confidence)
{
    const struct surety_interval i = surety_interval_wilson((double)n_met / (double)n, (double)n, confidence);
    return (i.high - i.low) / 2;
}

// --- what does not come from books -----------------------------------------------------------------------------

static const char *copy(struct surety_result *result, const char *text)
{
    return text != NULL ? surety_arena_printf(&result->arena, "%s", text) : "";
}

static bool copy_list(struct surety_result *result, const char **list, size_t n, const char ***out, size_t *n_out)
{
    *out = surety_arena_calloc(&result->arena, n, sizeof **out);
    bool all = *out != NULL;
    for (size_t i = 0; all && i < n; i++)
        all = ((*out)[i] = copy(result, list[i])) != NULL;
    *n_out = n;
    return all;
}

static const char *window_text(struct surety_result *result, const struct surety_contract *contract)
{
    const double window_s = contract->window_s;
    if (window_s == 0)
        return contract->window_months == 3 ? "calendar quarter" : "calendar month";
    if (fmod(window_s, 86400) == 0)
        return surety_arena_printf(&result->arena, "%gd", window_s / 86400);
    return surety_arena_printf(&result->arena, "%gh", window_s / 3600);
}

static bool describe(struct surety_result *r, const struct surety_scenario *scenario, const struct surety_plan *plan)
{
    char start[11];
    surety_date_format(scenario->term.start, start);
    r->name = copy(r, scenario->name);
    r->file = copy(r, scenario->file);
    r->sha256 = copy(r, scenario->sha256);
    r->currency = copy(r, scenario->currency);
    r->window = window_text(r, &scenario->contract);
    r->measure = surety_meter_types[plan->measure]->name;
    r->scenario_text = copy(r, scenario->text);
    const char *plural = plan->n_windows == 1 ? "" : "s";
    r->term_text = scenario->contract.window_s == 0
                       ? surety_arena_printf(&r->arena, "%s, %zu %s%s, %s", start, plan->n_windows, r->window, plural,
                                             scenario->term.timezone)
                       : surety_arena_printf(&r->arena, "%s, %zu window%s of %s, %s", start, plan->n_windows, plural,
                                             r->window, scenario->term.timezone);
    snprintf(r->plan_hash, sizeof r->plan_hash, "%016" PRIx64, plan->hash);
    return r->name != NULL && r->file != NULL && r->sha256 != NULL && r->currency != NULL && r->window != NULL &&
           r->term_text != NULL && r->scenario_text != NULL &&
           copy_list(r, scenario->overrides, scenario->n_overrides, &r->overrides, &r->n_overrides) &&
           copy_list(r, scenario->assumptions, scenario->n_assumptions, &r->assumptions, &r->n_assumptions) &&
           copy_list(r, scenario->defaults_used, scenario->n_defaults_used, &r->defaults_used, &r->n_defaults_used);
}

enum surety_err surety_summary_start(struct surety_summary *summary, const struct surety_scenario *scenario,
                                     const struct surety_plan *plan, const struct surety_run_options *options,
                                     uint64_t n_replications)
{
    struct surety_result *r = calloc(1, sizeof *r);
    if (r == NULL)
        return SURETY_E_MEMORY;
    surety_arena_init(&r->arena);
    r->version = SURETY_VERSION;
    r->seed = options->seed;
    r->n_replications = n_replications;
    r->n_windows = plan->n_windows;
    r->n_tiers = plan->n_tiers;
    r->n_architectures = plan->n_architectures;
    r->confidence = options->confidence;
    r->sign_every_month_met = plan->sign_every_month_met;
    r->sign_month_met = plan->sign_month_met;
    r->sign_credits_at_most = plan->credits_at_most;
    r->architectures = surety_arena_calloc(&r->arena, plan->n_architectures, sizeof *r->architectures);
    if (r->architectures == NULL || !describe(r, scenario, plan)) {
        surety_result_destroy(r);
        return SURETY_E_MEMORY;
    }
    *summary = (struct surety_summary){.plan = plan, .scenario = scenario, .result = r};
    return SURETY_OK;
}

// --- estimates -------------------------------------------------------------------------------------------------

struct surety_mean surety_summary_mean(double sum, double sum_squared, double n)
{
    const double mean = sum / n;
    const double variance = n > 1 ? (sum_squared - sum * mean) / (n - 1) : 0;
    return (struct surety_mean){mean, variance > 0 ? sqrt(variance / n) : 0};
}

// The chunks' sums of one architecture, added in chunk order. NULL when memory is out; the caller frees it.
static double *add_up(const struct surety_plan *plan, const double *sums, size_t index, uint64_t n_chunks)
{
    const size_t n_sums = surety_n_sums(plan);
    double *totals = calloc(n_sums, sizeof *totals);
    for (uint64_t c = 0; totals != NULL && c < n_chunks; c++)
        for (size_t i = 0; i < n_sums; i++)
            totals[i] += sums[(c * plan->n_architectures + index) * n_sums + i];
    return totals;
}

// The availability that a share `q` of the values does not exceed: the (1 - q) quantile of unavailability. Nearest
// rank from the other end is rank n - ceil(q n) + 1.
static double availability_quantile(const struct surety_histogram *h, double q)
{
    const double n = (double)h->n, rank = n - ceil(q * n) + 1;
    return 1 - (double)surety_histogram_quantile(h, (rank - 0.5) / n) / PPT;
}

static struct surety_quantiles availability_quantiles(const struct surety_histogram *h)
{
    return (struct surety_quantiles){
        .p01 = availability_quantile(h, 0.01),
        .p05 = availability_quantile(h, 0.05),
        .p50 = availability_quantile(h, 0.50),
        .p95 = availability_quantile(h, 0.95),
        .p99 = availability_quantile(h, 0.99),
    };
}

static struct surety_quantiles seconds_quantiles(const struct surety_histogram *h)
{
    return (struct surety_quantiles){
        .p01 = (double)surety_histogram_quantile(h, 0.01) * 1e-6,
        .p05 = (double)surety_histogram_quantile(h, 0.05) * 1e-6,
        .p50 = (double)surety_histogram_quantile(h, 0.50) * 1e-6,
        .p95 = (double)surety_histogram_quantile(h, 0.95) * 1e-6,
        .p99 = (double)surety_histogram_quantile(h, 0.99) * 1e-6,
    };
}

// Nearest-rank quantile of a table of counts.
static double count_quantile(const uint64_t *counts, size_t n_counts, uint64_t n, double q)
{
    const uint64_t rank = (uint64_t)ceil(q * (double)n);
    uint64_t seen = 0;
    for (size_t k = 0; k < n_counts; k++) {
        seen += counts[k];
        if (seen >= rank && seen > 0)
            return (double)k;
    }
    return (double)(n_counts - 1);
}

void surety_summary_dimension(const struct surety_summary *summary, const struct surety_dimension_books *books,
                              uint64_t n_terms, size_t architecture, size_t tier, enum surety_dimension dimension,
                              struct surety_dimension_result *out)
{
    const double n = (double)n_terms, n_windows = (double)summary->plan->n_windows;
    const double confidence = summary->result->confidence;
    const double p_month = (double)books->n_windows_met / (n * n_windows), p_term = (double)books->n_terms_met / n;
    const struct surety_mean missed =
        surety_summary_mean(n * n_windows - (double)books->n_windows_met, (double)books->sum_missed_squared, n);
    const struct surety_interval month =
        surety_interval_wilson_effective(p_month, missed.se / n_windows, n, n * n_windows, confidence);
    const struct surety_interval term = surety_interval_wilson(p_term, n, confidence);
    out->month_met = (struct surety_probability){.p = p_month, .lo = month.low, .hi = month.high};
    out->term_met = (struct surety_probability){.p = p_term, .lo = term.low, .hi = term.high};
    if (summary->groups == NULL)
        return;
    const unsigned what = SURETY_GROUPS_DIMENSION + (unsigned)dimension;
    surety_summary_group_interval(summary, architecture, tier, what, false, 0, &out->term_met);
    surety_summary_group_interval(summary, architecture, tier, what, true, books->sum_missed_squared, &out->month_met);
}

static struct surety_tier_result tier_result(const struct surety_summary *summary, const struct surety_books *books,
                                             size_t t)
{
    const struct surety_plan *plan = summary->plan;
    const struct surety_tier_books *b = &books->tiers[t];
    const double n = (double)books->n_terms, n_windows = (double)plan->n_windows;
    const double confidence = summary->result->confidence;
    const double p_month = (double)b->n_windows_met / (n * n_windows), p_term = (double)b->n_terms_met / n;
    const double sum_missed = n * n_windows - (double)b->n_windows_met;
    const struct surety_mean missed = surety_summary_mean(sum_missed, (double)b->sum_missed_squared, n);
    // A term's windows are not independent: the standard error comes from terms.
    const struct surety_interval month =
        surety_interval_wilson_effective(p_month, missed.se / n_windows, n, n * n_windows, confidence);
    const struct surety_interval term = surety_interval_wilson(p_term, n, confidence);
    struct surety_tier_result result = {
        .target = (double)plan->tiers[t].promised_ppb / (double)SURETY_PPB_ONE,
        .budget_s = plan->measure == SURETY_METER_TIME
                        ? (1 - (double)plan->tiers[t].availability_ppb / (double)SURETY_PPB_ONE) * 1e-6 *
                              (double)surety_hours_counted(plan, 0, plan->term_us) / n_windows
                        : NAN,
        .fee_per_month = summary->scenario->contract.tiers[t].fee_per_month,
        .month_met = {.p = p_month, .lo = month.low, .hi = month.high},
        .term_met = {.p = p_term, .lo = term.low, .hi = term.high},
        .breaches_per_term = missed,
        .breaches_quantiles =
            {
                .p01 = count_quantile(b->n_missed, plan->n_windows + 1, books->n_terms, 0.01),
                .p05 = count_quantile(b->n_missed, plan->n_windows + 1, books->n_terms, 0.05),
                .p50 = count_quantile(b->n_missed, plan->n_windows + 1, books->n_terms, 0.50),
                .p95 = count_quantile(b->n_missed, plan->n_windows + 1, books->n_terms, 0.95),
                .p99 = count_quantile(b->n_missed, plan->n_windows + 1, books->n_terms, 0.99),
            },
    };
    return result;
}

static bool copy_histogram(struct surety_result *result, struct surety_architecture_result *a,
                           const struct surety_histogram *h)
{
    for (size_t k = 0; k < h->n_buckets; k++)
        a->n_histogram += h->counts[k] > 0;
    a->histogram = surety_arena_calloc(&result->arena, a->n_histogram, sizeof *a->histogram);
    if (a->histogram == NULL)
        return false;
    size_t n = 0;
    for (size_t k = 0; k < h->n_buckets; k++)
        if (h->counts[k] > 0)
            a->histogram[n++] = (struct surety_histogram_bin){(double)surety_histogram_middle(k) * 1e-6, h->counts[k]};
    return true;
}

static bool copy_unavailability(struct surety_result *result, struct surety_architecture_result *a,
                                const struct surety_histogram *h)
{
    size_t n = 0;
    for (size_t k = 0; k < h->n_buckets; k++)
        n += h->counts[k] > 0;
    a->unavailability = surety_arena_calloc(&result->arena, n, sizeof *a->unavailability);
    if (a->unavailability == NULL)
        return false;
    for (size_t k = 0; k < h->n_buckets; k++)
        if (h->counts[k] > 0)
            a->unavailability[a->n_unavailability++] =
                (struct surety_unavailability_bin){(double)surety_histogram_middle(k) / PPT, h->counts[k]};
    return true;
}

static bool fill(struct surety_summary *summary, size_t index, const struct surety_books *books, const double *totals)
{
    const struct surety_plan *plan = summary->plan;
    struct surety_result *r = summary->result;
    struct surety_architecture_result *a = &r->architectures[index];
    const double n = (double)books->n_terms;
    a->name = copy(r, plan->architectures[index].name);
    a->tiers = surety_arena_calloc(&r->arena, plan->n_tiers, sizeof *a->tiers);
    if (a->name == NULL || a->tiers == NULL || !copy_histogram(r, a, &books->downtime_us) ||
        !copy_unavailability(r, a, &books->window_unavailability))
        return false;
    const struct surety_mean u =
        surety_summary_mean(totals[SURETY_SUM_UNAVAILABILITY], totals[SURETY_SUM_UNAVAILABILITY_SQUARED], n);
    a->availability = (struct surety_mean){1 - u.mean, u.se};
    a->month_availability = availability_quantiles(&books->window_unavailability);
    a->term_availability = availability_quantiles(&books->term_unavailability);
    a->worst_month = availability_quantiles(&books->worst_window);
    a->p10_month = availability_quantiles(&books->p10_window);
    a->downtime_s = surety_summary_mean(totals[SURETY_SUM_DOWNTIME_S], totals[SURETY_SUM_DOWNTIME_S_SQUARED], n);
    a->downtime_quantiles_s = seconds_quantiles(&books->downtime_us);
    for (size_t t = 0; t < plan->n_tiers; t++) {
        a->tiers[t] = tier_result(summary, books, t);
        a->tiers[t].name = copy(r, plan->tiers[t].name);
        if (summary->groups != NULL && !surety_summary_tier_groups(summary, books, index, t, &a->tiers[t]))
            return false;
        if (a->tiers[t].name == NULL || !surety_summary_tier_money(summary, books, t, totals, &a->tiers[t]))
            return false;
        surety_verdict_judge(plan, r, &a->tiers[t]);
    }
    return surety_latency_books_report(summary, books, a) && surety_summary_cost(summary, books, totals, index, a) &&
           surety_joint_books_report(summary, books, a) && surety_summary_blame(summary, &books->blame, a) &&
           surety_summary_capacity(summary, &books->blame.saturation, index, a);
}

enum surety_err surety_summary_architecture(struct surety_summary *summary, size_t index,
                                            const struct surety_books *books, const double *sums, uint64_t n_chunks)
{
    double *totals = add_up(summary->plan, sums, index, n_chunks);
    if (totals != NULL && summary->groups != NULL)
        surety_groups_widen(summary->groups, summary->result->n_replications, n_chunks, index, totals);
    const bool filled = totals != NULL && fill(summary, index, books, totals);
    free(totals);
    return filled ? SURETY_OK : SURETY_E_MEMORY;
}

const char *surety_window_word(const char *window)
{
    if (window != NULL && strcmp(window, "calendar month") == 0)
        return "month";
    return window != NULL && strcmp(window, "calendar quarter") == 0 ? "quarter" : "window";
}

void surety_result_destroy(struct surety_result *result)
{
    if (result == NULL)
        return;
    surety_story_destroy(result->bad_month);
    surety_result_destroy(result->by_record);
    surety_arena_finish(&result->arena);
    free(result);
}
