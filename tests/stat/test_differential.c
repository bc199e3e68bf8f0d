// SPDX-License-Identifier: GPL-3.0-or-later
// The event walk against a second evaluator (reference.c), on random scenarios: integers equal, every window of every
// replication. And the flat loop against the general walk.
#include "sim/engine/walk_scenes.h"
#include "tests/stat/random_worlds.h"
#include "tests/stat/worlds.h"

#include "models/failover.h"
#include "models/measurement.h"
#include "sim/engine/walk.h"
#include "sim/engine/walk_latency.h"

#include <criterion/criterion.h>
#include <math.h>

enum { N_REPLICATIONS = 3, SEED = 11 };

// What was seen, so that a test cannot pass for want of events.
struct seen {
    uint64_t n_windows, n_down, n_flat, n_scenes, n_draws, n_costs, n_late, n_weights;
    bool is_twin;         // the reference's failovers act a microsecond late: mismatches are counted, not reported
    uint64_t n_different; // windows
};

// The plan's streams into the reference's tree: nodes in post-order.
static void take_streams(const struct surety_plan_architecture *a, struct ref_node *node, uint32_t *next)
{
    for (int i = 0; i < node->n; i++)
        take_streams(a, node->child[i], next);
    cr_assert_lt(*next, a->n_nodes);
    node->stream = a->nodes[*next].stream;
    cr_assert_eq(a->nodes[*next].type == NULL, node->kind == REF_LEAF);
    ++*next;
}

static void delay(struct ref_node *node)
{
    node->detect_us += node->kind == REF_FAILOVER || node->kind == REF_BALANCE;
    for (int i = 0; i < node->n; i++)
        delay(node->child[i]);
}

static uint32_t count_draws(const struct ref_node *node)
{
    uint32_t n = node->kind == REF_FAILOVER ? node->n_draws : 0;
    for (int i = 0; i < node->n; i++)
        n += count_draws(node->child[i]);
    return n;
}

static void give_episodes(struct ref_world *ref, struct surety_timeline *timeline, const char *text)
{
    const struct surety_plan *plan = timeline->plan;
    for (int p = 0; p < ref->n_providers; p++) {
        const bool used = plan->providers[p].n_effects > 0; // by some architecture
        cr_assert(!used || plan->providers[p].n_effects == (uint32_t)ref->providers[p].n);
        for (int i = 0; i < ref->providers[p].n; i++) {
            static const int64_t nothing = SURETY_NEVER;
            ref->providers[p].outages[i].boundaries =
                used ? surety_timeline_boundaries(timeline, plan->providers[p].first_effect + (uint32_t)i) : &nothing;
            const int64_t *b = ref->providers[p].outages[i].boundaries;
            cr_assert_not_null(b);
            for (; b[0] != SURETY_NEVER; b += 2) // apart from each other, and in order
                cr_assert(b[0] < b[1] && b[1] <= b[2], "episodes overlap\n%s", text);
        }
    }
}

// Compares one replication of one architecture. The requests that fail are sums of doubles in another order: they may
// differ in the last of their millionths.
static void compare(const struct random_world *w, const struct surety_walk *walk, const struct ref_readings *ref,
                    const char *which, uint64_t number, int tree, struct seen *seen)
{
    for (int i = 0; i < w->world.n_windows; i++) {
        const int64_t got = walk->meters[0].readings[i].bad;
        if (seen->is_twin) {
            seen->n_different += got != ref->down_us[i];
            continue;
        }
        cr_assert_eq(got, ref->down_us[i],
                     "scenario %d, tree t%d, %s, replication %d, window %d: %.6f s, reference %.6f s\n%s", (int)number,
                     tree, which, (int)walk->timeline->replication, i, (double)got * 1e-6,
                     (double)ref->down_us[i] * 1e-6, w->text);
        seen->n_windows++;
        seen->n_down += got > 0;
        if (walk->contract_meter == 0)
            continue;
        const double failed = (double)walk->meters[walk->contract_meter].readings[i].bad * 1e-6;
        cr_assert(fabs(failed - ref->failed[i]) <= 2e-6,
                  "scenario %d, tree t%d, %s, replication %d, window %d: %.6f failed, reference %.6f\n%s", (int)number,
                  tree, which, (int)walk->timeline->replication, i, failed, ref->failed[i], w->text);
    }
}

// Requests while in each state, whichever states were met first.
static void compare_weights(const struct surety_walk_latency *a, const struct surety_walk_latency *b, size_t row,
                            const char *text, struct seen *seen)
{
    for (size_t i = 0; i < a->states.n; i++)
        for (size_t k = 0; k < b->states.n; k++)
            if (a->states.states[i].key == b->states.states[k].key) {
                const double x = a->weight[row * a->room_weight + i], y = b->weight[row * b->room_weight + k];
                cr_assert_eq(x, y, "weight of state %zu\n%s", i, text);
                seen->n_weights += x > 0;
            }
}

static void compare_latencies(const struct surety_walk walks[2], const char *text, struct seen *seen)
{
    const struct surety_walk_latency *general = walks[0].latency, *scenes = walks[1].latency;
    cr_assert_eq(general == NULL, scenes == NULL);
    if (general == NULL || !general->reports)
        return;
    const struct surety_plan *plan = general->plan;
    for (size_t i = 0; i < plan->n_windows * plan->latency.n_targets; i++) {
        cr_assert_eq(scenes->good[i], general->good[i], "good %zu\n%s", i, text);
        cr_assert_eq(scenes->of[i], general->of[i], "of %zu\n%s", i, text);
        cr_assert_eq(scenes->n_bad_cells[i], general->n_bad_cells[i], "cells %zu\n%s", i, text);
        cr_assert_eq(scenes->target_missed[i], general->target_missed[i], "missed %zu\n%s", i, text);
        seen->n_late += general->target_missed[i];
    }
    for (size_t row = 0; row < plan->n_windows * plan->n_demands; row++)
        compare_weights(general, scenes, row, text, seen);
}

// The flat loop tells many outages whole, the scenes remember: who was to blame, and what it cost, must be the same too.
static void compare_books(const struct surety_walk walks[2], const char *text, struct seen *seen)
{
    const struct surety_walk *general = &walks[0], *flat = &walks[1];
    for (size_t i = 0; i < flat->blame.n_causes; i++)
        cr_assert(flat->blame.causes[i] == general->blame.causes[i], "cause %zu\n%s", i, text);
    for (size_t i = 0; i < SURETY_N_PHASES; i++)
        cr_assert_eq(flat->blame.phases_us[i], general->blame.phases_us[i], "phase %zu\n%s", i, text);
    const size_t n_costs = flat->rates != NULL ? flat->plan->n_windows * flat->plan->n_demands : 0;
    seen->n_costs += walks[1].flat != NULL || walks[1].scenes != NULL ? n_costs : 0;
    for (size_t i = 0; i < n_costs; i++)
        cr_assert_eq(flat->ledger.cost[i], general->ledger.cost[i], "cost %zu\n%s", i, text);
    for (size_t i = 0; i < flat->plan->n_windows * flat->n_meters; i++) {
        const size_t meter = i % flat->n_meters, window = i / flat->n_meters;
        cr_assert_eq(flat->meters[meter].readings[window].bad, general->meters[meter].readings[window].bad,
                     "meter %zu, window %zu\n%s", meter, window, text);
    }
    compare_latencies(walks, text, seen);
}

static void play(uint64_t number, enum random_style style, bool requests, struct seen *seen)
{
    static struct random_world w;
    random_world_make(&w, number, style, requests);
    struct world world;
    world_open(&world, "%s", w.text);
    const struct surety_plan *plan = world.plan;
    struct surety_timeline timeline, own; // `own` is the reference's: all episodes, drawn at once
    cr_assert_eq(surety_timeline_init(&timeline, plan, surety_kernel_best(), SEED), SURETY_OK);
    cr_assert_eq(surety_timeline_init(&own, plan, surety_kernel_best(), SEED), SURETY_OK);
    struct surety_walk walks[RANDOM_N_TREES][2];
    for (uint32_t t = 0; t < RANDOM_N_TREES; t++) {
        uint32_t next = 0;
        take_streams(&plan->architectures[t], w.roots[t], &next);
        cr_assert_eq(next, plan->architectures[t].n_nodes);
        if (seen->is_twin)
            delay(w.roots[t]);
        for (int flat = 0; flat < 2; flat++)
            cr_assert_eq(surety_walk_init(&walks[t][flat], plan, &plan->architectures[t], SEED, flat == 1), SURETY_OK);
        seen->n_flat += walks[t][1].flat != NULL;
        seen->n_scenes += walks[t][1].scenes != NULL;
        cr_assert_null(walks[t][0].scenes);
        if (walks[t][1].scenes != NULL && number % 3 == 0)
            surety_scenes_limit(walks[t][1].scenes, 1 + number % 7); // forgets time and again
    }
    w.world.key = surety_philox_key(SEED);
    for (uint64_t replication = 0; replication < N_REPLICATIONS; replication++) {
        w.world.replication = replication;
        surety_timeline_begin(&timeline, replication);
        surety_timeline_begin(&own, replication);
        give_episodes(&w.world, &own, w.text);
        for (int t = 0; t < RANDOM_N_TREES; t++) {
            struct ref_readings ref;
            if (style != RANDOM_LATE)
                ref_evaluate(&w.world, w.roots[t], &ref);
            seen->n_draws += count_draws(w.roots[t]);
            for (int flat = 0; flat < 2; flat++) {
                cr_assert_eq(surety_walk_run(&walks[t][flat], &timeline), SURETY_OK);
                if (style != RANDOM_LATE)
                    compare(&w, &walks[t][flat], &ref, flat ? "flat" : "general", number, t, seen);
            }
            compare_books(walks[t], w.text, seen);
        }
    }
    for (int t = 0; t < RANDOM_N_TREES; t++)
        for (int flat = 0; flat < 2; flat++)
            surety_walk_finish(&walks[t][flat]);
    surety_timeline_finish(&timeline);
    surety_timeline_finish(&own);
    world_close(&world);
}

static void play_all(uint64_t n, enum random_style style, bool requests)
{
    struct seen seen = {0};
    for (uint64_t number = 0; number < n; number++)
        play(number, style, requests, &seen);
    cr_log_info("%d scenarios: %d windows, %d with downtime, %d flat trees, %d with scenes, %d draws of switches, "
                "%d promises of latency missed, %d weights\n",
                (int)n, (int)seen.n_windows, (int)seen.n_down, (int)seen.n_flat, (int)seen.n_scenes, (int)seen.n_draws,
                (int)seen.n_late, (int)seen.n_weights);
    cr_assert_gt(seen.n_costs, n);
    cr_assert(style != RANDOM_FLAT || seen.n_flat == n * RANDOM_N_TREES);
    cr_assert(style == RANDOM_FLAT || seen.n_scenes > n * RANDOM_N_TREES / 2);
    if (style == RANDOM_LATE) {
        cr_assert(seen.n_late > n && seen.n_weights > 10 * n);
        return;
    }
    cr_assert_gt(seen.n_down, seen.n_windows / 20);
    cr_assert_gt(seen.n_draws, n);
}

Test(stat_differential, any_tree_by_time)
{
    play_all(1000, RANDOM_ANY, false);
}

Test(stat_differential, any_tree_where_all_happens_at_once)
{
    play_all(1000, RANDOM_TIES, false);
}

Test(stat_differential, any_tree_by_requests)
{
    play_all(250, RANDOM_ANY, true);
}

// Latencies, timeouts that override shares, and promises: what is remembered of the tree against the tree itself.
Test(stat_differential, any_tree_with_latencies)
{
    play_all(300, RANDOM_LATE, false);
    play_all(150, RANDOM_LATE, true);
}

Test(stat_differential, flat_failovers)
{
    play_all(800, RANDOM_FLAT, false);
    play_all(120, RANDOM_FLAT, true);
}

// The twin: one microsecond in one of the two, and every second scenario tells.
Test(stat_differential, a_microsecond_of_delay_is_found)
{
    struct seen seen = {.is_twin = true};
    uint64_t n_found = 0;
    for (uint64_t number = 0; number < 100; number++) {
        const uint64_t before = seen.n_different;
        play(number, RANDOM_FLAT, false, &seen);
        n_found += seen.n_different > before;
    }
    cr_log_info("%d of 100 scenarios, %d windows\n", (int)n_found, (int)seen.n_different);
    cr_assert_gt(n_found, 50);
}
