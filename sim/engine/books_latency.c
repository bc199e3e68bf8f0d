// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/books_latency.h"

#include "models/demand.h"
#include "sim/base/fmath.h"
#include "sim/base/intervals.h"
#include "sim/engine/books.h"
#include "sim/engine/result.h"
#include "sim/engine/summary.h"
#include "sim/engine/summary_money.h"
#include "sim/engine/walk_latency.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MONTH_PERCENTILE 0.95
#define LONGEST_US (INT64_C(7200) * 1000000)

enum surety_err surety_latency_books_create(const struct surety_plan *plan, const struct surety_walk *walk,
                                            struct surety_latency_books **out)
{
    *out = NULL;
    if (walk->latency == NULL || !walk->latency->reports)
        return SURETY_OK;
    struct surety_latency_books *b = calloc(1, sizeof *b);
    if (b == NULL)
        return SURETY_E_MEMORY;
    b->plan = plan;
    b->n_metrics = plan->latency.has_whole ? 2 : 1;
    const size_t n = plan->n_demands * b->n_metrics;
    b->tiers = calloc(plan->n_tiers, sizeof *b->tiers);
    b->n_targets_met = calloc(plan->latency.n_targets + 1, sizeof *b->n_targets_met);
    b->table = calloc(n * SURETY_LATENCY_POINTS, sizeof *b->table);
    b->answered = calloc(plan->n_demands, sizeof *b->answered);
    b->all = calloc(plan->n_demands, sizeof *b->all);
    b->sent = calloc(plan->n_demands * plan->n_providers + 1, sizeof *b->sent);
    b->month_p95_us = calloc(n, sizeof *b->month_p95_us);
    double *times_s = calloc(SURETY_LATENCY_POINTS, sizeof *times_s);
    b->times_s = times_s;
    bool all = b->tiers != NULL && b->n_targets_met != NULL && b->table != NULL && b->answered != NULL &&
               b->all != NULL && b->sent != NULL && b->month_p95_us != NULL && times_s != NULL;
    for (size_t i = 0; all && i < n; i++)
        all = surety_histogram_init(&b->month_p95_us[i], LONGEST_US);
    if (!all) {
        surety_latency_books_destroy(b);
        return SURETY_E_MEMORY;
    }
    memcpy(times_s, walk->latency->states.times_s, SURETY_LATENCY_POINTS * sizeof *times_s);
    *out = b;
    return SURETY_OK;
}

void surety_latency_books_destroy(struct surety_latency_books *books)
{
    if (books == NULL)
        return;
    for (size_t i = 0; books->month_p95_us != NULL && i < books->plan->n_demands * books->n_metrics; i++)
        surety_histogram_finish(&books->month_p95_us[i]);
    free(books->tiers);
    free(books->n_targets_met);
    free(books->table);
    free(books->answered);
    free(books->all);
    free(books->sent);
    free(books->month_p95_us);
    free(books->order);
    free(books->term_weight);
    free((double *)(uintptr_t)books->times_s);
    free(books);
}

// --- percentiles -----------------------------------------------------------------------------------------------

// The time by which the share p of the requests that are answered has been, from a table of such requests; between two
// points of the table by a straight line over log time. INFINITY beyond the table.
static double percentile(const double *table, const double *times_s, double answered, double p)
{
    const double rank = p * answered;
    size_t low = 0, high = SURETY_LATENCY_POINTS - 1;
    if (!(answered > 0) || table[high] < rank)
        return INFINITY;
    if (table[0] >= rank)
        return times_s[0];
    while (high - low > 1) {
        const size_t middle = (low + high) / 2;
        *(table[middle] >= rank ? &high : &low) = middle;
    }
    const double share = (rank - table[low]) / (table[high] - table[low]);
    return times_s[low] * surety_pow_pos(times_s[high] / times_s[low], share);
}

// The states with a weight, by their keys: which worker met them first must not matter to a sum.
static size_t order_states(struct surety_latency_books *b, const struct surety_latency_states *states,
                           const double *weight)
{
    size_t n = 0;
    for (size_t s = 0; s < states->n; s++) {
        if (!(weight[s] > 0) || states->states[s].table == NULL)
            continue;
        size_t at = n++;
        if (n > b->room_order)
            return 0;
        for (; at > 0 && states->states[b->order[at - 1]].key > states->states[s].key; at--)
            b->order[at] = b->order[at - 1];
        b->order[at] = s;
    }
    return n;
}

static bool make_room(struct surety_latency_books *b, size_t n)
{
    if (n <= b->room_order)
        return true;
    size_t *order = realloc(b->order, 2 * n * sizeof *order);
    if (order == NULL)
        return false;
    b->order = order;
    double *weight = realloc(b->term_weight, 2 * n * sizeof *weight);
    if (weight == NULL)
        return false;
    b->term_weight = weight;
    b->room_order = 2 * n;
    return true;
}

// Requests answered by point k of the tables, of the states that b->order lists.
static double answered_by(const struct surety_latency_books *b, const struct surety_latency_states *states,
                          const double *weight, size_t n, size_t channel, size_t k)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += weight[b->order[i]] * states->states[b->order[i]].table[channel * SURETY_LATENCY_POINTS + k];
    return sum;
}

// As `percentile`, of the mixture over the states: the root is looked for where it is needed.
static double mixture_percentile(const struct surety_latency_books *b, const struct surety_latency_states *states,
                                 const double *weight, size_t n, size_t channel, double rank)
{
    size_t low = 0, high = SURETY_LATENCY_POINTS - 1;
    double at_low = answered_by(b, states, weight, n, channel, low),
           at_high = answered_by(b, states, weight, n, channel, high);
    if (at_high < rank)
        return INFINITY;
    if (at_low >= rank)
        return b->times_s[0];
    while (high - low > 1) {
        const size_t middle = (low + high) / 2;
        const double at = answered_by(b, states, weight, n, channel, middle);
        if (at >= rank) {
            high = middle;
            at_high = at;
        } else {
            low = middle;
            at_low = at;
        }
    }
    return b->times_s[low] * surety_pow_pos(b->times_s[high] / b->times_s[low], (rank - at_low) / (at_high - at_low));
}

// The law of one window, workload and metric is the mixture over the states that the window saw.
static void record_window(struct surety_latency_books *b, const struct surety_walk_latency *l, size_t w, size_t d)
{
    const double *weight = l->weight + (w * b->plan->n_demands + d) * l->room_weight;
    const size_t n = order_states(b, &l->states, weight);
    double answered = 0;
    b->all[d] += l->requests[w * b->plan->n_demands + d];
    for (size_t i = 0; i < n; i++) {
        b->term_weight[b->order[i]] += weight[b->order[i]];
        answered += weight[b->order[i]] * l->states.states[b->order[i]].served;
    }
    b->answered[d] += answered;
    for (size_t m = 0; answered > 0 && m < b->n_metrics; m++) {
        const double p95_s =
            mixture_percentile(b, &l->states, weight, n, m == 0 ? 0 : 1 + d, MONTH_PERCENTILE * answered);
        surety_histogram_add(&b->month_p95_us[d * b->n_metrics + m],
                             isinf(p95_s) ? LONGEST_US : (int64_t)(p95_s * 1e6 + 0.5), 1);
    }
}

// The same of the whole term, into the table of all terms.
static void record_term(struct surety_latency_books *b, const struct surety_walk_latency *l, size_t d)
{
    memset(b->term_weight, 0, l->states.n * sizeof *b->term_weight);
    for (size_t w = 0; w < b->plan->n_windows; w++)
        record_window(b, l, w, d);
    const size_t n = order_states(b, &l->states, b->term_weight), n_providers = b->plan->n_providers;
    for (size_t i = 0; i < n; i++)
        for (size_t p = 0; p < n_providers; p++)
            b->sent[d * n_providers + p] += b->term_weight[b->order[i]] * l->states.states[b->order[i]].sent[p];
    for (size_t m = 0; m < b->n_metrics; m++) {
        double *table = b->table + (d * b->n_metrics + m) * SURETY_LATENCY_POINTS;
        for (size_t i = 0; i < n; i++) {
            const double *of = l->states.states[b->order[i]].table + (m == 0 ? 0 : 1 + d) * SURETY_LATENCY_POINTS;
            for (size_t k = 0; k < SURETY_LATENCY_POINTS; k++)
                table[k] += b->term_weight[b->order[i]] * of[k];
        }
    }
}

// --- books -----------------------------------------------------------------------------------------------------

static void enter_dimension(struct surety_dimension_books *books, size_t n, size_t n_missed)
{
    books->n_windows_met += n - n_missed;
    books->n_terms_met += n_missed == 0;
    books->sum_missed_squared += (uint64_t)n_missed * n_missed;
}

void surety_latency_books_enter(struct surety_latency_books *b, const struct surety_walk *walk, const bool *is_missed)
{
    const struct surety_plan *plan = b->plan;
    const struct surety_walk_latency *l = walk->latency;
    const size_t n = plan->n_windows, n_targets = plan->latency.n_targets;
    for (size_t t = 0; n_targets > 0 && t < plan->n_tiers; t++) {
        size_t n_down = 0, n_late = 0;
        for (size_t w = 0; w < n; w++) {
            const bool down = is_missed[t * n + w], late = l->missed[w * plan->n_tiers + t];
            n_down += down;
            n_late += late;
            b->tiers[t].n_both_met += !down && !late;
        }
        enter_dimension(&b->tiers[t].availability, n, n_down);
        enter_dimension(&b->tiers[t].latency, n, n_late);
    }
    for (size_t w = 0; w < n; w++)
        for (size_t i = 0; i < n_targets; i++)
            b->n_targets_met[i] += !l->target_missed[w * n_targets + i];
    b->n_terms++;
    if (!l->records || !make_room(b, l->states.n))
        return;
    b->n_recorded++;
    for (size_t d = 0; d < plan->n_demands; d++)
        record_term(b, l, d);
}

static void merge_dimension(struct surety_dimension_books *into, const struct surety_dimension_books *from)
{
    into->n_windows_met += from->n_windows_met;
    into->n_terms_met += from->n_terms_met;
    into->sum_missed_squared += from->sum_missed_squared;
}

void surety_latency_books_merge(struct surety_latency_books *into, const struct surety_latency_books *from)
{
    const struct surety_plan *plan = into->plan;
    for (size_t t = 0; t < plan->n_tiers; t++) {
        merge_dimension(&into->tiers[t].availability, &from->tiers[t].availability);
        merge_dimension(&into->tiers[t].latency, &from->tiers[t].latency);
        into->tiers[t].n_both_met += from->tiers[t].n_both_met;
    }
    for (size_t i = 0; i < plan->latency.n_targets; i++)
        into->n_targets_met[i] += from->n_targets_met[i];
    into->n_terms += from->n_terms;
    into->n_recorded += from->n_recorded;
    for (size_t i = 0; i < plan->n_demands; i++) { // one of all workers has any
        into->answered[i] += from->answered[i];
        into->all[i] += from->all[i];
    }
    for (size_t i = 0; i < plan->n_demands * plan->n_providers; i++)
        into->sent[i] += from->sent[i];
    for (size_t i = 0; i < plan->n_demands * into->n_metrics; i++)
        surety_histogram_merge(&into->month_p95_us[i], &from->month_p95_us[i]);
    for (size_t i = 0; i < plan->n_demands * into->n_metrics * SURETY_LATENCY_POINTS; i++)
        into->table[i] += from->table[i];
}

// --- the result ------------------------------------------------------------------------------------------------

// Of the two events in one window: (P(A and B) - P(A) P(B)) / sd(A) sd(B); NAN when one of them is certain.
static double correlation(const struct surety_tier_latency_books *tier, double n)
{
    const double a = (double)tier->availability.n_windows_met / n, b = (double)tier->latency.n_windows_met / n;
    const double variances = a * (1 - a) * b * (1 - b);
    return variances > 0 ? ((double)tier->n_both_met / n - a * b) / sqrt(variances) : NAN;
}

// What the sentence about a promise has to say of it.
static const char *how_judged(struct surety_summary *summary, const struct surety_plan_target *target)
{
    struct surety_arena *arena = &summary->result->arena;
    const char *failed = target->failed_infinite ? ", failed ones among them" : "";
    if (target->over_cells)
        return surety_arena_printf(arena, " in %.10g %% of 5-minute cells%s", (double)target->cells_met_ppb * 1e-7,
                                   failed);
    if (target->n_probes > 0)
        return surety_arena_printf(arena, " by %lld probes%s", (long long)target->n_probes, failed);
    return surety_arena_printf(arena, "%s", failed);
}

static bool report_tier(struct surety_summary *summary, const struct surety_latency_books *b, size_t architecture,
                        size_t t, struct surety_tier_result *out)
{
    static const char *const metric_names[] = {"first_token", "end_to_end", "per_step"};
    const struct surety_plan_latency *l = &b->plan->latency;
    size_t n = 0;
    for (size_t i = 0; i < l->n_targets; i++)
        n += l->targets[i].tier == t;
    if (n == 0)
        return true;
    out->promises = surety_arena_calloc(&summary->result->arena, n, sizeof *out->promises);
    if (out->promises == NULL)
        return false;
    const double n_windows = (double)b->n_terms * (double)b->plan->n_windows;
    for (size_t i = 0; i < l->n_targets; i++) {
        const struct surety_plan_target *target = &l->targets[i];
        if (target->tier != t)
            continue;
        struct surety_promise_result *p = &out->promises[out->n_promises++];
        *p = (struct surety_promise_result){
            .workload = surety_arena_printf(&summary->result->arena, "%s", b->plan->demands[target->demand].name),
            .metric = metric_names[target->metric],
            .percentile = target->percentile,
            .target_s = target->target_s,
            .how = how_judged(summary, target),
            .month_met = (double)b->n_targets_met[i] / n_windows};
        if (p->workload == NULL || p->how == NULL)
            return false;
    }
    surety_summary_dimension(summary, &b->tiers[t].availability, b->n_terms, architecture, t,
                             SURETY_DIMENSION_AVAILABILITY, &out->availability);
    surety_summary_dimension(summary, &b->tiers[t].latency, b->n_terms, architecture, t, SURETY_DIMENSION_LATENCY,
                             &out->latency);
    out->dimension_correlation = correlation(&b->tiers[t], n_windows);
    out->binds = out->latency.term_met.p < out->availability.term_met.p ? "latency" : "availability";
    return true;
}

static double seconds(const struct surety_histogram *h, double p)
{
    const int64_t us = surety_histogram_quantile(h, p);
    return h->n == 0 || us >= LONGEST_US ? INFINITY : (double)us * 1e-6;
}

static bool report_metric(struct surety_summary *summary, const struct surety_latency_books *b, size_t d, size_t m,
                          struct surety_latency_metric *out)
{
    const size_t at = d * b->n_metrics + m;
    const double *table = b->table + at * SURETY_LATENCY_POINTS, answered = b->answered[d];
    const struct surety_histogram *h = &b->month_p95_us[at];
    out->given = answered > 0;
    if (!out->given)
        return true;
    out->p50_s = percentile(table, b->times_s, answered, 0.50);
    out->p95_s = percentile(table, b->times_s, answered, 0.95);
    out->p99_s = percentile(table, b->times_s, answered, 0.99);
    out->month_p05_s = seconds(h, 0.05);
    out->month_p50_s = seconds(h, 0.50);
    out->month_p95_s = seconds(h, 0.95);
    out->cdf = surety_arena_calloc(&summary->result->arena, SURETY_LATENCY_POINTS, sizeof *out->cdf);
    for (size_t k = 0; out->cdf != NULL && k < SURETY_LATENCY_POINTS; k++)
        out->cdf[out->n_cdf++] = (struct surety_exceedance){b->times_s[k], table[k] / answered};
    return out->cdf != NULL;
}

// What customers of such a workload usually ask for, and which share of the requests keeps it.
static void report_usual(const struct surety_latency_books *b, const struct surety_scenario *scenario, size_t d,
                         struct surety_latency_result *out)
{
    const int kind = scenario->workloads[d].kind;
    if (kind < 0 || !(surety_workload_kinds[kind].usual_s > 0))
        return;
    const bool whole = surety_workload_kinds[kind].usual_whole && b->n_metrics > 1;
    const struct surety_latency_metric *metric = whole ? &out->end_to_end : &out->first_token;
    out->usual_kind = surety_workload_kinds[kind].name;
    out->usual_s = surety_workload_kinds[kind].usual_s;
    out->usual_metric = surety_workload_kinds[kind].usual_whole ? "step" : "first token";
    for (size_t k = 0; k + 1 < metric->n_cdf; k++)
        if (metric->cdf[k].x <= out->usual_s && out->usual_s < metric->cdf[k + 1].x)
            out->usual_share = metric->cdf[k].p + (metric->cdf[k + 1].p - metric->cdf[k].p) *
                                                      (out->usual_s - metric->cdf[k].x) /
                                                      (metric->cdf[k + 1].x - metric->cdf[k].x);
}

// Requests sent per request received, to each provider that got any.
static bool report_sent(struct surety_summary *summary, const struct surety_latency_books *b, size_t d,
                        struct surety_latency_result *out)
{
    const struct surety_plan *plan = b->plan;
    out->sent = surety_arena_calloc(&summary->result->arena, plan->n_providers, sizeof *out->sent);
    if (out->sent == NULL)
        return false;
    for (size_t p = 0; p < plan->n_providers && b->all[d] > 0; p++) {
        const double per_request = b->sent[d * plan->n_providers + p] / b->all[d];
        if (!(per_request > 0))
            continue;
        const char *name = surety_arena_printf(&summary->result->arena, "%s", summary->scenario->providers[p].name);
        if (name == NULL)
            return false;
        out->sent[out->n_sent++] = (struct surety_sent_result){name, per_request};
    }
    return true;
}

bool surety_latency_books_report(struct surety_summary *summary, const struct surety_books *books,
                                 struct surety_architecture_result *out)
{
    const struct surety_latency_books *b = books->latency;
    if (b == NULL)
        return true;
    const struct surety_plan *plan = summary->plan;
    out->latency = surety_arena_calloc(&summary->result->arena, plan->n_demands, sizeof *out->latency);
    if (out->latency == NULL)
        return false;
    out->n_latency = plan->n_demands;
    out->n_latency_terms = b->n_recorded;
    bool all = true;
    for (size_t d = 0; d < plan->n_demands; d++) {
        struct surety_latency_result *l = &out->latency[d];
        l->workload = surety_arena_printf(&summary->result->arena, "%s", plan->demands[d].name);
        l->share_failing = b->all[d] > 0 ? 1 - b->answered[d] / b->all[d] : 0;
        all = all && l->workload != NULL && report_metric(summary, b, d, 0, &l->first_token) &&
              (b->n_metrics == 1 || report_metric(summary, b, d, 1, &l->end_to_end));
        all = all && report_sent(summary, b, d, l);
        if (all)
            report_usual(b, summary->scenario, d, l);
    }
    for (size_t t = 0; all && t < plan->n_tiers; t++)
        all = report_tier(summary, b, (size_t)(out - summary->result->architectures), t, &out->tiers[t]);
    return all;
}
