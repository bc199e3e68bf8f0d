// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/walk_latency.h"

#include "models/hours.h"
#include "sim/base/fmath.h"
#include "sim/base/ppb.h"
#include "sim/base/rng.h"
#include "sim/engine/latency_pool.h"
#include "sim/engine/walk.h"

#include <stdlib.h>
#include <string.h>

#define CELL_US (INT64_C(300) * 1000000)

// --- life ------------------------------------------------------------------------------------------------------

enum surety_err surety_walk_latency_create(const struct surety_plan *plan,
                                           const struct surety_plan_architecture *architecture,
                                           struct surety_walk_latency **out)
{
    const struct surety_plan_latency *l = &plan->latency;
    *out = NULL;
    if (!l->on)
        return SURETY_OK;
    struct surety_walk_latency *walk = calloc(1, sizeof *walk);
    if (walk == NULL)
        return SURETY_E_MEMORY;
    walk->plan = plan;
    const size_t n = plan->n_windows * l->n_targets + 1;
    const struct {
        void *array;
        size_t n, size;
    } table[] = {
        {&walk->overrides, architecture->n_nodes, sizeof *walk->overrides},
        {&walk->good, n, sizeof *walk->good},
        {&walk->of, n, sizeof *walk->of},
        {&walk->good_normal, n, sizeof *walk->good_normal},
        {&walk->of_normal, n, sizeof *walk->of_normal},
        {&walk->cells, l->n_targets + 1, sizeof *walk->cells},
        {&walk->n_bad_cells, n, sizeof *walk->n_bad_cells},
        {&walk->missed, plan->n_windows * plan->n_tiers, sizeof *walk->missed},
        {&walk->target_missed, n, sizeof *walk->target_missed},
        {&walk->requests, plan->n_windows * plan->n_demands, sizeof *walk->requests},
        {&walk->others, plan->n_windows * plan->n_demands, sizeof *walk->others},
    };
    bool all = surety_latency_pool_take(l->pool, plan, architecture, &walk->states) ||
               surety_latency_states_init(&walk->states, plan, architecture) == SURETY_OK;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        all = (*(void **)table[i].array = calloc(table[i].n, table[i].size)) != NULL && all;
    if (!all) {
        surety_walk_latency_destroy(walk);
        return SURETY_E_MEMORY;
    }
    walk->reports = walk->states.reports;
    for (size_t i = 0; i < l->n_targets; i++)
        walk->has_cells = walk->has_cells || l->targets[i].over_cells;
    for (uint32_t i = 0; i < architecture->n_nodes; i++) {
        const struct surety_plan_node *node = &architecture->nodes[i];
        walk->overrides[i] =
            node->type != NULL && node->type->needs_response != NULL && node->type->needs_response(node->params);
        walk->any_override = walk->any_override || walk->overrides[i];
    }
    if (!walk->reports && !walk->any_override) { // nothing here knows of latencies
        surety_walk_latency_destroy(walk);
        return SURETY_OK;
    }
    for (size_t w = 0; w < plan->n_windows; w++)
        for (size_t d = 0; d < plan->n_demands; d++)
            walk->requests[w * plan->n_demands + d] =
                surety_hours_demand_of(plan, d, w, plan->window_us[w], plan->window_us[w + 1]);
    *out = walk;
    return SURETY_OK;
}

void surety_walk_latency_destroy(struct surety_walk_latency *walk)
{
    if (walk == NULL)
        return;
    if (walk->states.n_slots > 0)
        surety_latency_pool_give(walk->plan->latency.pool, &walk->states);
    void *const arrays[] = {walk->overrides,     walk->good,   walk->of,          walk->good_normal,
                            walk->of_normal,     walk->cells,  walk->n_bad_cells, walk->missed,
                            walk->target_missed, walk->weight, walk->requests,    walk->others};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        free(arrays[i]);
    free(walk);
}

double surety_walk_latency_failing(struct surety_walk *walk, uint32_t node)
{
    struct surety_walk_latency *l = walk->latency;
    const uint32_t state = surety_latency_state_of(&l->states, walk, node);
    return l->states.out_of_memory ? 0 : 1 - l->states.states[state].served;
}

const double *surety_walk_latency_load(struct surety_walk *walk, uint32_t node)
{
    struct surety_walk_latency *l = walk->latency;
    const uint32_t state = surety_latency_state_of(&l->states, walk, node);
    return l->states.out_of_memory ? NULL : l->states.states[state].load;
}

// --- books -----------------------------------------------------------------------------------------------------

// Share of all requests that counts for a target.
static double counts(const struct surety_plan_target *target, const struct surety_latency_state *state)
{
    return target->failed_infinite ? 1 : state->served;
}

// A cell is over: it misses when too few of its requests were in time. One without requests that count holds, one that
// lies outside the contract's hours is none (n_cells).
static void judge_cell(const struct surety_plan_target *target, struct surety_latency_cells *cells)
{
    cells->n_bad += cells->of > 0 && cells->good < target->share * cells->of;
    cells->good = cells->of = 0;
}

// The state held in [a, b) of window w: whole cells at once where they hold, one by one where they may not.
static void pass_cells(struct surety_walk_latency *l, size_t i, const struct surety_latency_state *state, size_t w,
                       int64_t a_us, int64_t b_us)
{
    const struct surety_plan *plan = l->plan;
    const struct surety_plan_target *target = &plan->latency.targets[i];
    struct surety_latency_cells *cells = &l->cells[i];
    const double good = state->good[i], of = counts(target, state);
    const bool holds = good >= target->share * of;
    const int64_t window_us = plan->window_us[w], end_us = plan->window_us[w + 1];
    while (a_us < b_us) {
        int64_t cell_us = window_us + (a_us - window_us) / CELL_US * CELL_US;
        int64_t next_us = cell_us + CELL_US < end_us ? cell_us + CELL_US : end_us;
        if (a_us == cell_us && b_us >= next_us && holds) { // whole cells that hold
            a_us = b_us == end_us ? b_us : window_us + (b_us - window_us) / CELL_US * CELL_US;
            continue;
        }
        next_us = next_us < b_us ? next_us : b_us;
        const double requests = surety_hours_demand_of(plan, target->demand, w, a_us, next_us);
        cells->good += good * requests;
        cells->of += of * requests;
        a_us = next_us;
        if (next_us == end_us || (next_us - window_us) % CELL_US == 0)
            judge_cell(target, cells);
    }
    if (b_us == end_us) {
        l->n_bad_cells[w * plan->latency.n_targets + i] = cells->n_bad;
        cells->n_bad = 0;
    }
}

static void record(struct surety_walk_latency *l, uint32_t state, size_t w, int64_t a_us, int64_t b_us)
{
    const struct surety_plan *plan = l->plan;
    for (size_t d = 0; d < plan->n_demands; d++) {
        const size_t row = w * plan->n_demands + d;
        const double requests = surety_hours_demand_of(plan, d, w, a_us, b_us);
        l->weight[row * l->room_weight + state] += requests;
        l->others[row] += requests;
    }
}

// [a, b) of window w, beyond what the normal state would have been.
static inline void add(struct surety_walk_latency *l, const struct surety_latency_state *now,
                       const struct surety_latency_state *normal, size_t w, int64_t a_us, int64_t b_us)
{
    const struct surety_plan *plan = l->plan;
    const size_t n_targets = plan->latency.n_targets;
    const struct surety_plan_target *targets = plan->latency.targets;
    const double *good = now->good, *good_normal = normal->good, served = now->served - normal->served;
    double *to_good = l->good + w * n_targets, *to_of = l->of + w * n_targets, requests = 0;
    size_t demand = SIZE_MAX;
    for (size_t i = 0; i < n_targets; i++) {
        if (targets[i].demand != demand) { // most are about the same workload as the one before
            demand = targets[i].demand;
            requests = surety_hours_demand_of(plan, demand, w, a_us, b_us);
        }
        to_good[i] += (good[i] - good_normal[i]) * requests;
        to_of[i] += (targets[i].failed_infinite ? 0 : served) * requests;
    }
}

// Adds what the stretch up to now_us was beyond the normal state.
static void book(struct surety_walk_latency *l, int64_t now_us)
{
    const struct surety_plan *plan = l->plan;
    const size_t n_targets = plan->latency.n_targets;
    const struct surety_latency_state *now = &l->states.states[l->now], *normal = &l->states.states[l->normal];
    const int64_t *boundary = plan->window_us;
    int64_t a_us = l->since_us;
    while (boundary[l->window + 1] <= a_us)
        l->window++;
    for (size_t w = l->window; a_us < now_us; w++) {
        const int64_t b_us = now_us < boundary[w + 1] ? now_us : boundary[w + 1];
        for (size_t i = 0; l->has_cells && i < n_targets; i++)
            if (plan->latency.targets[i].over_cells)
                pass_cells(l, i, now, w, a_us, b_us);
        if (l->now != l->normal)
            add(l, now, normal, w, a_us, b_us);
        if (l->records && l->now != l->normal)
            record(l, l->now, w, a_us, b_us);
        a_us = b_us;
    }
}

enum surety_err surety_walk_latency_normal(struct surety_walk *walk)
{
    struct surety_walk_latency *l = walk->latency;
    const struct surety_plan *plan = l->plan;
    const size_t n = plan->latency.n_targets;
    if (!l->reports)
        return l->states.out_of_memory ? SURETY_E_MEMORY : SURETY_OK;
    l->normal = surety_latency_state_of(&l->states, walk, walk->architecture->n_nodes - 1);
    if (l->states.out_of_memory)
        return SURETY_E_MEMORY;
    const struct surety_latency_state *normal = &l->states.states[l->normal];
    for (size_t w = 0; w < plan->n_windows; w++)
        for (size_t i = 0; i < n; i++) {
            const struct surety_plan_target *target = &plan->latency.targets[i];
            const double requests = l->requests[w * plan->n_demands + target->demand];
            l->good_normal[w * n + i] = normal->good[i] * requests;
            l->of_normal[w * n + i] = counts(target, normal) * requests;
        }
    return SURETY_OK;
}

// Room for the weights of a state that was met for the first time.
static bool make_room(struct surety_walk_latency *l)
{
    const size_t n_rows = l->plan->n_windows * l->plan->n_demands, was = l->room_weight;
    size_t room = was > 0 ? was : 64;
    while (room < l->states.n)
        room *= 2;
    if (room == was)
        return true;
    double *weight = calloc(n_rows * room, sizeof *weight);
    if (weight == NULL)
        return false;
    for (size_t r = 0; was > 0 && r < n_rows; r++)
        memcpy(weight + r * room, l->weight + r * was, was * sizeof *weight);
    free(l->weight);
    l->weight = weight;
    l->room_weight = room;
    return true;
}

uint32_t surety_walk_latency_state(struct surety_walk *walk)
{
    struct surety_walk_latency *l = walk->latency;
    return l->reports ? surety_latency_state_of(&l->states, walk, walk->architecture->n_nodes - 1) : 0;
}

void surety_walk_latency_start(struct surety_walk *walk, uint32_t state)
{
    struct surety_walk_latency *l = walk->latency;
    const struct surety_plan *plan = l->plan;
    const size_t n = plan->n_windows * plan->latency.n_targets;
    if (!l->reports)
        return;
    memcpy(l->good, l->good_normal, n * sizeof *l->good);
    memcpy(l->of, l->of_normal, n * sizeof *l->of);
    memset(l->n_bad_cells, 0, n * sizeof *l->n_bad_cells);
    memset(l->cells, 0, plan->latency.n_targets * sizeof *l->cells);
    l->records = !plan->latency.no_tables && walk->meters[0].replication < SURETY_LATENCY_RECORDED;
    l->now = state;
    if (l->records && (!make_room(l) || l->states.out_of_memory))
        walk->err = SURETY_E_MEMORY;
    if (l->records && walk->err == SURETY_OK) {
        memset(l->weight, 0, plan->n_windows * plan->n_demands * l->room_weight * sizeof *l->weight);
        memset(l->others, 0, plan->n_windows * plan->n_demands * sizeof *l->others);
    }
    l->since_us = 0;
    l->window = 0;
}

void surety_walk_latency_turn(struct surety_walk *walk, int64_t now_us, uint32_t state)
{
    struct surety_walk_latency *l = walk->latency;
    if (!l->reports || walk->err != SURETY_OK)
        return;
    if (state == l->now)
        return;
    if (l->states.out_of_memory || (l->records && !make_room(l))) {
        walk->err = SURETY_E_MEMORY;
        return;
    }
    if (now_us > l->since_us && (l->now != l->normal || l->has_cells))
        book(l, now_us);
    l->now = state;
    l->since_us = now_us;
}

// --- judging ---------------------------------------------------------------------------------------------------

// P(Binomial(n, q) <= m), by its sum; by the normal law with half a step where the sum would be long.
static double binomial_cdf(int64_t m, int64_t n, double q)
{
    if (m < 0)
        return 0;
    const double mean = (double)n * q, variance = mean * (1 - q);
    if (q <= 0 || m >= n)
        return 1;
    if (q >= 1)
        return 0;
    if (q > 0.5)
        return 1 - binomial_cdf(n - m - 1, n, 1 - q);
    if (variance > 250)
        return surety_normcdf(((double)m + 0.5 - mean) / sqrt(variance));
    double p = surety_exp((double)n * surety_log(1 - q)), sum = p;
    for (int64_t k = 0; k < m; k++) {
        p *= (double)(n - k) / (double)(k + 1) * (q / (1 - q));
        sum += p;
    }
    return sum;
}

// So many of the window's probes may be late: floor(n (1 - share)).
static bool probes_miss(const struct surety_walk *walk, const struct surety_plan_target *t, size_t window, double late)
{
    const struct surety_plan *plan = walk->plan;
    const int64_t allowed = (int64_t)((double)t->n_probes * (1 - t->share) + 1e-6);
    struct surety_rng rng = {walk->meters[0].key, plan->latency.probes_stream,
                             (uint32_t)(window + plan->n_windows * (3 * t->demand + (size_t)t->metric)),
                             walk->meters[0].replication};
    return surety_rng_uniform(&rng) >= binomial_cdf(allowed, t->n_probes, late);
}

// Cells of 5 minutes in the window, of which some time counts.
static int64_t n_cells(const struct surety_plan *plan, size_t w)
{
    const int64_t window_us = plan->window_us[w], end_us = plan->window_us[w + 1];
    if (plan->hours.n == 0)
        return (end_us - window_us + CELL_US - 1) / CELL_US;
    int64_t n = 0, next = 0; // the first cell not yet looked at
    for (int64_t a_us = window_us, from_us, to_us; surety_hours_next(plan, &a_us, end_us, &from_us, &to_us);) {
        const int64_t first = (from_us - window_us) / CELL_US, last = (to_us - window_us - 1) / CELL_US;
        if (last < next)
            continue;
        n += last + 1 - (first > next ? first : next);
        next = last + 1;
    }
    return n;
}

static bool misses(const struct surety_walk *walk, size_t w, size_t i)
{
    const struct surety_walk_latency *l = walk->latency;
    const struct surety_plan *plan = walk->plan;
    const struct surety_plan_target *t = &plan->latency.targets[i];
    const size_t at = w * plan->latency.n_targets + i;
    if (t->over_cells)
        return (__int128)l->n_bad_cells[at] * SURETY_PPB_ONE >
               (__int128)(SURETY_PPB_ONE - t->cells_met_ppb) * n_cells(plan, w);
    if (!(l->of[at] > 0))
        return false; // nothing to be late
    if (t->n_probes > 0)
        return probes_miss(walk, t, w, 1 - l->good[at] / l->of[at]);
    return l->good[at] < t->share * l->of[at];
}

void surety_walk_latency_close(struct surety_walk *walk)
{
    struct surety_walk_latency *l = walk->latency;
    const struct surety_plan *plan = l->plan;
    if (!l->reports || walk->err != SURETY_OK)
        return;
    if (l->now != l->normal || l->has_cells)
        book(l, plan->term_us);
    memset(l->missed, 0, plan->n_windows * plan->n_tiers * sizeof *l->missed);
    for (size_t w = 0; w < plan->n_windows; w++)
        for (size_t i = 0; i < plan->latency.n_targets; i++) {
            const bool missed = misses(walk, w, i);
            l->target_missed[w * plan->latency.n_targets + i] = missed;
            bool *tier = &l->missed[w * plan->n_tiers + plan->latency.targets[i].tier];
            *tier = *tier || missed;
        }
    for (size_t r = 0; l->records && r < plan->n_windows * plan->n_demands; r++) // the rest is normal
        l->weight[r * l->room_weight + l->normal] = l->requests[r] > l->others[r] ? l->requests[r] - l->others[r] : 0;
}
