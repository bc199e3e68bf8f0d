// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/requests/requests_run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE_CELLS (60 / SURETY_STORM_CELL_S)

enum { STRUCK, CALM }; // of each pair

static int by_time(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

// Nearest rank of n sorted times.
static double rank_s(const int64_t *sorted_us, size_t n, double share)
{
    if (n == 0)
        return NAN;
    const size_t rank = (size_t)ceil(share * (double)n - 1e-9);
    return 1e-6 * (double)sorted_us[rank > 0 ? rank - 1 : 0];
}

// A world that is down at that time without the outage too says nothing of storms.
static bool recoveries(const struct surety_requests_run *run, size_t architecture, struct surety_requests_storm *out)
{
    const size_t n = run->options->n_worlds;
    const int64_t *pairs = &run->recover_us[2 * architecture * n];
    int64_t *sorted_us = calloc(n, sizeof *sorted_us);
    size_t n_back = 0;
    if (sorted_us == NULL)
        return false;
    for (size_t w = 0; w < n; w++) {
        if (pairs[2 * w + CALM] == SURETY_STORM_NEVER)
            continue;
        out->n_judged++;
        if (pairs[2 * w + STRUCK] == SURETY_STORM_NEVER)
            out->n_down++;
        else
            sorted_us[n_back++] = pairs[2 * w + STRUCK];
    }
    qsort(sorted_us, n_back, sizeof *sorted_us, by_time);
    out->metastable = out->n_down > 0;
    out->share_down = surety_interval_wilson(out->n_judged > 0 ? (double)out->n_down / (double)out->n_judged : 0,
                                             (double)out->n_judged, run->options->confidence);
    out->recover_p50_s = rank_s(sorted_us, n_back, 0.5);
    out->recover_p95_s = rank_s(sorted_us, n_back, 0.95);
    out->recover_most_s = rank_s(sorted_us, n_back, 1);
    free(sorted_us);
    return true;
}

// All groups together; sums of integers.
static struct surety_storm_cell *all_cells(const struct surety_requests_run *run, size_t architecture, int which)
{
    const size_t n = run->storms[0].n_cells;
    struct surety_storm_cell *cells = calloc(n, sizeof *cells);
    for (uint64_t g = 0; cells != NULL && g < run->n_groups; g++) {
        const struct surety_storm *storm =
            &run->storms[2 * (g * run->plan->n_architectures + architecture) + (size_t)which];
        for (size_t i = 0; i < n; i++) {
            cells[i].n += storm->sums[i].n;
            cells[i].n_failed += storm->sums[i].n_failed;
            cells[i].n_attempts += storm->sums[i].n_attempts;
        }
    }
    return cells;
}

static bool summarise(const struct surety_requests_run *run, size_t architecture, size_t n_minutes,
                      struct surety_arena *arena, struct surety_requests_storm *out)
{
    const size_t n = run->storms[0].n_cells, last = n - SURETY_STORM_STRETCH;
    struct surety_storm_cell *cells = all_cells(run, architecture, STRUCK), *calm = all_cells(run, architecture, CALM);
    out->failing = surety_arena_calloc(arena, n_minutes, sizeof *out->failing);
    out->attempts = surety_arena_calloc(arena, n_minutes, sizeof *out->attempts);
    const bool good = cells != NULL && calm != NULL && out->failing != NULL && out->attempts != NULL;
    for (size_t m = 0; good && m < n_minutes; m++) {
        const size_t from = m * MINUTE_CELLS, to = from + MINUTE_CELLS < n ? from + MINUTE_CELLS : n;
        out->failing[m] = surety_storm_failing(cells, from, to);
        out->attempts[m] = surety_storm_attempts(cells, from, to);
    }
    if (good) {
        out->failing_end = surety_storm_failing(cells, last, n);
        out->attempts_end = surety_storm_attempts(cells, last, n);
        out->failing_calm = surety_storm_failing(calm, last, n);
        out->attempts_calm = surety_storm_attempts(calm, last, n);
    }
    free(cells);
    free(calm);
    return good;
}

bool surety_requests_summarise_storms(const struct surety_requests_run *run, struct surety_requests_result *result)
{
    const struct surety_plan *plan = run->plan;
    const struct surety_plan_source *source = &plan->sources[run->options->outage];
    struct surety_arena *arena = &result->arena;
    result->outage = surety_arena_printf(arena, "%s", source->name);
    result->outage_s = 1e-6 * (double)run->outage_us;
    result->outage_from_s = SURETY_STORM_BEFORE_S;
    result->after_s = 1e-6 * (double)run->after_us;
    result->down_at = 1e-9 * (double)plan->down_at_ppb;
    for (size_t e = 0; e < source->n_effects; e++)
        result->outage_failing = fmax(result->outage_failing, plan->effects[source->effects[e]].failing);
    result->n_minutes = (run->storms[0].n_cells + MINUTE_CELLS - 1) / MINUTE_CELLS;
    result->n_storms = plan->n_architectures;
    result->storms = surety_arena_calloc(arena, result->n_storms, sizeof *result->storms);
    if (result->outage == NULL || result->storms == NULL)
        return false;
    for (size_t a = 0; a < result->n_storms; a++) {
        struct surety_requests_storm *out = &result->storms[a];
        out->architecture = surety_arena_printf(arena, "%s", plan->architectures[a].name);
        if (out->architecture == NULL || !recoveries(run, a, out) || !summarise(run, a, result->n_minutes, arena, out))
            return false;
    }
    return true;
}
