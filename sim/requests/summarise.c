// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/requests/requests_run.h"

#include "sim/base/fmath.h"
#include "sim/scenario/plan_hash.h"

#include <math.h>
#include <stdlib.h>

const double surety_requests_shares[SURETY_REQUESTS_QUANTILES] = {0.5, 0.9, 0.95, 0.99, 0.999};

void surety_requests_knows(const struct surety_requests_run *run, size_t architecture, bool *first, bool *whole)
{
    const struct surety_plan_architecture *a = &run->plan->architectures[architecture];
    *first = true;
    *whole = false;
    for (uint32_t i = 0; i < a->n_nodes; i++) {
        if (a->nodes[i].type != NULL)
            continue;
        *first = *first && run->laws.providers[a->nodes[i].provider].known;
        const struct surety_provider_laws *laws = &run->laws.providers[a->nodes[i].provider];
        *whole = *whole || laws->per_token || laws->batch;
    }
    *whole = *whole && *first;
}

enum part { FIRST, WHOLE };

static const struct surety_histogram *histogram(const struct surety_requests_run *run, uint64_t group, size_t row,
                                                enum part part)
{
    const struct surety_tally *tally = &run->tallies[group * run->plan->n_architectures * run->plan->n_demands + row];
    return part == FIRST ? &tally->first : &tally->whole;
}

static bool quantiles(const struct surety_requests_run *run, size_t row, enum part part,
                      struct surety_requests_quantile *out)
{
    struct surety_histogram all;
    const struct surety_histogram *groups[SURETY_REQUESTS_GROUPS];
    if (!surety_histogram_init(&all, SURETY_REQUESTS_LONGEST_US))
        return false;
    for (uint64_t g = 0; g < run->n_groups; g++) {
        groups[g] = histogram(run, g, row, part);
        surety_histogram_merge(&all, groups[g]);
    }
    for (size_t i = 0; i < SURETY_REQUESTS_QUANTILES; i++)
        out[i] = surety_requests_quantile_of(&all, groups, run->n_groups, surety_requests_shares[i],
                                             run->options->confidence);
    surety_histogram_finish(&all);
    return true;
}

// Of one world nothing is known but that its requests are independent of each other.
static void errors_of_one(struct surety_requests_row *row)
{
    row->failing.se = sqrt(row->failing.mean * (1 - row->failing.mean) / (double)row->n);
    row->attempts.se = row->cost.se = row->refused.se = row->first_mean_s.se = NAN;
}

static bool summarise_row(const struct surety_requests_run *run, size_t index, struct surety_requests_row *row)
{
    const size_t n = run->options->n_worlds;
    const struct surety_world_counts *worlds = &run->counts[index * n];
    double *x = calloc(7 * n, sizeof *x);
    if (x == NULL)
        return false;
    double *failed = x + n, *attempts = x + 2 * n, *cost = x + 3 * n, *refused = x + 4 * n, *answered = x + 5 * n,
           *first_s = x + 6 * n;
    for (size_t w = 0; w < n; w++) {
        x[w] = (double)worlds[w].n;
        failed[w] = (double)worlds[w].n_failed;
        attempts[w] = (double)worlds[w].n_attempts;
        cost[w] = worlds[w].cost;
        refused[w] = (double)worlds[w].n_refused;
        answered[w] = (double)(worlds[w].n - worlds[w].n_failed);
        first_s[w] = 1e-6 * (double)worlds[w].first_us;
        row->n += worlds[w].n;
        row->n_failed += worlds[w].n_failed;
        row->n_lost += worlds[w].n_lost;
    }
    row->failing = surety_requests_ratio(failed, x, n);
    row->attempts = surety_requests_ratio(attempts, x, n);
    row->cost = surety_requests_ratio(cost, x, n);
    row->refused = surety_requests_ratio(refused, x, n);
    row->first_mean_s = surety_requests_ratio(first_s, answered, n);
    if (n == 1)
        errors_of_one(row);
    row->failing_interval =
        surety_interval_wilson_effective(row->failing.mean, row->failing.se, n == 1 ? (double)row->n : (double)n,
                                         (double)row->n, run->options->confidence);
    free(x);
    surety_requests_knows(run, index / run->plan->n_demands, &row->has_first, &row->has_whole);
    return (!row->has_first || quantiles(run, index, FIRST, row->first)) &&
           (!row->has_whole || quantiles(run, index, WHOLE, row->whole));
}

static const char *copy(struct surety_requests_result *result, const char *text)
{
    return text != NULL ? surety_arena_printf(&result->arena, "%s", text) : NULL;
}

static const char **copy_texts(struct surety_requests_result *result, const char *const *texts, size_t n)
{
    const char **out = surety_arena_calloc(&result->arena, n, sizeof *out);
    for (size_t i = 0; out != NULL && i < n; i++)
        if ((out[i] = copy(result, texts[i])) == NULL)
            return NULL;
    return out;
}

// The messages about the scenario, as they stand.
static bool copy_warnings(const struct surety_requests_run *run, const struct surety_diags *diags,
                          struct surety_requests_result *result)
{
    result->warnings = surety_arena_calloc(&result->arena, diags->n + 1, sizeof *result->warnings);
    if (result->warnings != NULL && run->scenario->uncertain != NULL)
        result->warnings[result->n_warnings++] = "uncertain inputs are taken at their means";
    for (size_t i = 0; result->warnings != NULL && i < diags->n; i++) {
        const struct surety_diag *d = &diags->list[i];
        if (surety_diag_kind(d->id)->severity != SURETY_WARNING)
            continue;
        const char *path = d->path != NULL ? d->path : "";
        const char *text = surety_arena_printf(&result->arena, "%s%s%s", path, path[0] != '\0' ? ": " : "", d->message);
        if (text == NULL)
            return false;
        result->warnings[result->n_warnings++] = text;
    }
    return result->warnings != NULL;
}

static bool fill(const struct surety_requests_run *run, struct surety_requests_result *result)
{
    const struct surety_plan *plan = run->plan;
    const struct surety_scenario *scenario = run->scenario;
    result->scenario = copy(result, scenario->name);
    result->file = copy(result, scenario->file);
    result->sha256 = copy(result, scenario->sha256);
    result->currency = copy(result, plan->has_costs ? scenario->currency : "");
    result->timezone = copy(result, scenario->term.timezone);
    result->term_start = scenario->term.start;
    result->seed = run->options->seed;
    result->n_worlds = run->options->n_worlds;
    result->plan_hash = plan->hash;
    for (size_t d = 0; d < scenario->n_workloads; d++) // the plan of the event engine has no burstiness
        if (scenario->workloads[d].burstiness != 1)
            result->plan_hash = surety_hash_u64(result->plan_hash, surety_bits(scenario->workloads[d].burstiness));
    result->horizon_s = 1e-6 * (double)run->horizon_us;
    result->confidence = run->options->confidence;
    result->has_limits = plan->loads.on || plan->n_reserved > 0;
    result->at_us = run->options->at_us;
    result->n_starts = (int64_t)run->n_starts;
    result->has_trace = run->options->trace != NULL;
    result->n_workloads = plan->n_demands;
    result->n_rows = plan->n_architectures * plan->n_demands;
    result->rows = surety_arena_calloc(&result->arena, result->n_rows, sizeof *result->rows);
    if (result->rows == NULL || result->scenario == NULL || result->sha256 == NULL || result->currency == NULL ||
        result->timezone == NULL)
        return false;
    result->assumptions = copy_texts(result, scenario->assumptions, scenario->n_assumptions);
    result->defaults_used = copy_texts(result, scenario->defaults_used, scenario->n_defaults_used);
    result->n_assumptions = scenario->n_assumptions;
    result->n_defaults_used = scenario->n_defaults_used;
    if (result->assumptions == NULL || result->defaults_used == NULL)
        return false;
    for (size_t i = 0; i < result->n_rows; i++) {
        struct surety_requests_row *row = &result->rows[i];
        row->architecture = copy(result, plan->architectures[i / plan->n_demands].name);
        row->workload = copy(result, plan->demands[i % plan->n_demands].name);
        if (row->architecture == NULL || row->workload == NULL || !summarise_row(run, i, row))
            return false;
    }
    return true;
}

enum surety_err surety_requests_summarise(const struct surety_requests_run *run, const struct surety_diags *diags,
                                          struct surety_requests_result **out)
{
    struct surety_requests_result *result = calloc(1, sizeof *result);
    if (result == NULL)
        return SURETY_E_MEMORY;
    surety_arena_init(&result->arena);
    if (!fill(run, result) || !copy_warnings(run, diags, result) ||
        (run->storms != NULL && !surety_requests_summarise_storms(run, result))) {
        surety_requests_result_destroy(result);
        return SURETY_E_MEMORY;
    }
    *out = result;
    return SURETY_OK;
}

void surety_requests_result_destroy(struct surety_requests_result *result)
{
    if (result == NULL)
        return;
    surety_arena_finish(&result->arena);
    free(result);
}
