// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/calendar.h"
#include "sim/base/fmath.h"
#include "sim/engine/groups.h"
#include "sim/engine/ignorance.h"
#include "sim/engine/summary.h"
#include "sim/scenario/uncertain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// What uncertain inputs change in a summary: groups are independent, not replications.

#define MOST_TRIALS 256 // of a group, where windows are counted

static double n_groups(uint64_t n)
{
    return ceil((double)n / SURETY_GROUP);
}

double surety_summary_half_width_groups(const struct surety_groups *groups, uint64_t n, size_t architecture,
                                        size_t tier, double confidence)
{
    const struct surety_groups_share share =
        surety_groups_share(groups, n, architecture, tier, SURETY_GROUPS_ALL, false, 0);
    const struct surety_interval i =
        surety_interval_wilson_effective(share.p, share.se, n_groups(n), (double)n, confidence);
    return (i.high - i.low) / 2;
}

// Number of trials, met or not, whose share scatters as a group's does around its own probability.
static unsigned trials_of(const struct surety_groups_share *share, bool windows, size_t n_windows)
{
    if (!windows)
        return SURETY_GROUP;
    const double one = share->p * (1 - share->p) - share->between;
    const double n = share->within > 0 ? one / share->within * SURETY_GROUP : (double)n_windows * SURETY_GROUP;
    return (unsigned)(n < 1 ? 1 : n > MOST_TRIALS ? MOST_TRIALS : n + 0.5);
}

static enum surety_err describe(const struct surety_summary *summary, size_t architecture, size_t tier, bool windows,
                                const struct surety_groups_share *share, struct surety_probability *out)
{
    const uint64_t n = summary->result->n_replications;
    const size_t n_windows = windows ? summary->plan->n_windows : 1;
    const unsigned n_trials = trials_of(share, windows, n_windows);
    uint64_t *counts = calloc(n_trials + 1, sizeof *counts);
    if (counts == NULL)
        return SURETY_E_MEMORY;
    for (uint64_t g = 0; g < n / SURETY_GROUP; g++) { // whole groups
        const double met = surety_groups_met(summary->groups, g, architecture, tier)[windows];
        counts[(size_t)(met / (double)(SURETY_GROUP * n_windows) * n_trials + 0.5)]++;
    }
    struct surety_interval ignorance;
    const enum surety_err err =
        surety_ignorance(counts, n_trials, share->p, share->between, summary->result->confidence, &ignorance);
    free(counts);
    const double trials = surety_interval_effective_n(share->p, share->se, n_groups(n), (double)n * (double)n_windows);
    const struct surety_interval i = surety_interval_wilson(share->p, trials, summary->result->confidence);
    const double variance = share->between + share->within;
    *out = (struct surety_probability){.p = share->p,
                                       .lo = i.low,
                                       .hi = i.high,
                                       .has_ignorance = true,
                                       .trials = trials,
                                       .ignorance_lo = ignorance.low,
                                       .ignorance_hi = ignorance.high,
                                       .ignorance_share = variance > 0 ? share->between / variance : 0};
    return err;
}

bool surety_summary_tier_groups(const struct surety_summary *summary, const struct surety_books *books,
                                size_t architecture, size_t tier, struct surety_tier_result *out)
{
    const uint64_t n = summary->result->n_replications;
    const struct surety_groups_share term =
        surety_groups_share(summary->groups, n, architecture, tier, SURETY_GROUPS_ALL, false, 0);
    const struct surety_groups_share month = surety_groups_share(
        summary->groups, n, architecture, tier, SURETY_GROUPS_ALL, true, books->tiers[tier].sum_missed_squared);
    out->breaches_per_term.se = month.se * (double)summary->plan->n_windows;
    return describe(summary, architecture, tier, false, &term, &out->term_met) == SURETY_OK &&
           describe(summary, architecture, tier, true, &month, &out->month_met) == SURETY_OK;
}

void surety_summary_group_interval(const struct surety_summary *summary, size_t architecture, size_t tier,
                                   unsigned what, bool windows, uint64_t sum_missed_squared,
                                   struct surety_probability *p)
{
    const uint64_t n = summary->result->n_replications;
    const struct surety_groups_share share =
        surety_groups_share(summary->groups, n, architecture, tier, what, windows, sum_missed_squared);
    const double n_windows = windows ? (double)summary->plan->n_windows : 1;
    const struct surety_interval i = surety_interval_wilson_effective(
        share.p, share.se, n_groups(n), (double)n * n_windows, summary->result->confidence);
    p->lo = i.low;
    p->hi = i.high;
}

// --- the inputs ------------------------------------------------------------------------------------------------

static int by_weight(const void *a, const void *b)
{
    const struct surety_input_result *x = a, *y = b;
    const double p = isnan(x->correlation) ? -1 : fabs(x->correlation);
    const double q = isnan(y->correlation) ? -1 : fabs(y->correlation);
    return p != q ? (p < q ? 1 : -1) : strcmp(x->path, y->path);
}

static bool add(struct surety_summary *summary, size_t value, const char *path, const char *law, const char *unit,
                struct surety_input_result numbers)
{
    struct surety_result *r = summary->result;
    struct surety_input_result *out = &r->inputs[r->n_inputs++];
    *out = numbers;
    out->path = path;
    out->law = law;
    out->unit = surety_arena_printf(&r->arena, "%s", strcmp(unit, "money") == 0 ? r->currency : unit);
    out->correlation =
        surety_groups_correlation(summary->groups, r->n_replications, value, r->verdict.architecture, r->verdict.tier);
    return path != NULL && law != NULL && out->unit != NULL;
}

// What flips call it: a rate of incidents is named by `incidents`, under which it may be written in two ways and which
// `--set` takes in either.
static const char *input_path(struct surety_arena *arena, const char *path)
{
    static const char tail[] = ".incidents.rate";
    const size_t length = strlen(path), n = sizeof tail - 1;
    const bool is_rate = length > n && strcmp(path + length - n, tail) == 0;
    return surety_arena_strndup(arena, path, is_rate ? length - strlen(".rate") : length);
}

// The factor on the rate at the middle of the term.
static bool add_drift(struct surety_summary *summary, size_t i, const struct surety_uncertain_input *in)
{
    struct surety_arena *arena = &summary->result->arena;
    const struct surety_plan *plan = summary->plan;
    const double years = (double)(surety_date_days(summary->scenario->term.start) - surety_date_days(in->until)) / 365 +
                         (double)plan->term_us / 2 / (365.0 * (double)SURETY_US_PER_DAY);
    const double sd = surety_drift_sd(in->drift, in->spread, years);
    const char *path = input_path(arena, in->path);
    char until[11];
    surety_date_format(in->until, until);
    return path != NULL &&
           add(summary, summary->scenario->uncertain->n + i, surety_arena_printf(arena, "%s.observed.drift", path),
               surety_arena_printf(arena, "the log rate drifts from %s on: sd %g in a year%s", until, in->drift,
                                   in->spread > 0 ? surety_arena_printf(arena, ", %g in all", in->spread) : ""),
               "",
               (struct surety_input_result){.mean = surety_exp(sd * sd / 2),
                                            .p05 = surety_exp(sd * surety_norminv(0.05)),
                                            .p95 = surety_exp(sd * surety_norminv(0.95))});
}

bool surety_summary_inputs(struct surety_summary *summary)
{
    struct surety_result *r = summary->result;
    const struct surety_uncertain *uncertain = summary->scenario->uncertain;
    if (summary->groups == NULL)
        return true;
    r->n_groups = (uint64_t)n_groups(r->n_replications);
    r->inputs = surety_arena_calloc(&r->arena, 2 * uncertain->n, sizeof *r->inputs);
    bool all = r->inputs != NULL;
    for (size_t i = 0; all && i < uncertain->n; i++) {
        const struct surety_uncertain_input *in = &uncertain->inputs[i];
        if (in->path == NULL)
            continue;
        all = add(summary, i, input_path(&r->arena, in->path), surety_arena_printf(&r->arena, "%s", in->text), in->unit,
                  (struct surety_input_result){.mean = in->mean,
                                               .p05 = surety_uncertain_draw(in, 0.05),
                                               .p95 = surety_uncertain_draw(in, 0.95)}) &&
              (!(in->drift > 0) || add_drift(summary, i, in));
    }
    const uint64_t n_whole = r->n_replications / SURETY_GROUP;
    r->group_met = surety_arena_calloc(&r->arena, n_whole + 1, sizeof *r->group_met);
    all = all && r->group_met != NULL;
    for (uint64_t g = 0; all && g < n_whole; g++)
        r->group_met[g] = surety_groups_met(summary->groups, g, r->verdict.architecture, r->verdict.tier)[0];
    if (all)
        qsort(r->inputs, r->n_inputs, sizeof *r->inputs, by_weight);
    return all;
}
