// SPDX-License-Identifier: GPL-3.0-or-later
// Does a storm end when the outage does?
#include "sim/requests/storm.h"
#include "models/registry.h"
#include "tests/stat/request_worlds.h"

#include <criterion/criterion.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <string.h>

#define S INT64_C(1000000)
#define FIRST (SURETY_STORM_BEFORE_S + 120) // s: the outage lasts for 2 min

// Books 100 requests in each cell from `from` to `to` seconds after the world's start, `failed` of which fail.
static void book(struct surety_storm *storm, int from, int to, int failed)
{
    for (int s = from; s < to; s += SURETY_STORM_CELL_S)
        for (int i = 0; i < 100; i++)
            surety_storm_add(storm, 7 * S + s * S, i < failed, 2);
}

static int64_t recovers_s(const int (*parts)[3], size_t n)
{
    struct surety_storm storm;
    cr_assert_eq(surety_storm_init(&storm, 120 * S, 1800 * S, 50000000), SURETY_OK); // down at 5 %
    surety_storm_begin(&storm, 7 * S);
    for (size_t i = 0; i < n; i++)
        book(&storm, parts[i][0], parts[i][1], parts[i][2]);
    const int64_t us = surety_storm_close(&storm);
    surety_storm_finish(&storm);
    return us == SURETY_STORM_NEVER ? -1 : us / S;
}
#define RECOVERS(...)                                                                                                  \
    recovers_s((const int[][3]){__VA_ARGS__}, sizeof(const int[][3]){__VA_ARGS__} / sizeof(const int[3]))

Test(storm, time_to_recover)
{
    cr_assert_eq(surety_storm_length_us(120 * S, 1800 * S), (FIRST + 1800) * S);
    cr_assert_eq(surety_storm_length_us(115 * S, 1804 * S), (FIRST + 1800) * S); // whole cells
    cr_assert_eq(RECOVERS({0, FIRST, 100}, {FIRST, FIRST + 1800, 0}), 0);
    cr_assert_eq(RECOVERS({0, FIRST, 0}, {FIRST, FIRST + 1800, 4}), 0);
    cr_assert_eq(RECOVERS({0, FIRST, 0}, {FIRST, FIRST + 1800, 5}), -1);
    cr_assert_eq(RECOVERS({FIRST, FIRST + 200, 100}, {FIRST + 200, FIRST + 1800, 0}), 200);
    // a pause is no end, and the end is what is left of the stretch
    cr_assert_eq(RECOVERS({FIRST, FIRST + 100, 50}, {FIRST + 100, FIRST + 200, 0}, {FIRST + 200, FIRST + 300, 50},
                          {FIRST + 300, FIRST + 1800, 0}),
                 300);
    cr_assert_eq(RECOVERS({FIRST, FIRST + 1490, 0}, {FIRST + 1490, FIRST + 1800, 50}), -1); // it comes back
    cr_assert_eq(RECOVERS({FIRST, FIRST + 20, 50}), 20); // nothing comes, nothing fails
}

// --- a scenario ------------------------------------------------------------------------------------------------

static struct surety_requests_result *play(const char *path, const char *value, unsigned n_threads, uint64_t seed)
{
    struct surety_override override = {.path = path, .value = value};
    struct surety_diags diags;
    struct surety_scenario *scenario = NULL;
    struct surety_plan *plan = NULL;
    struct surety_requests_options options;
    struct surety_requests_result *result = NULL;
    gsl_set_error_handler_off();
    surety_diags_init(&diags, "scenarios/retry-storm.yaml");
    surety_requests_options_default(&options);
    options.n_worlds = 6;
    options.horizon_s = 900;
    options.at_us = 34 * 3600 * S; // Tue 10:00
    options.outage = 0;            // own.hang, the only one
    options.outage_s = 120;
    options.n_threads = n_threads;
    options.seed = seed;
    cr_assert_eq(surety_scenario_load(surety_registry_get(), "scenarios/retry-storm.yaml", &override, path != NULL,
                                      &diags, &scenario),
                 SURETY_OK);
    cr_assert_eq(surety_plan_create(scenario, &diags, &plan), SURETY_OK);
    cr_assert_eq(surety_requests_run(scenario, plan, &options, &diags, &result), SURETY_OK);
    surety_plan_destroy(plan);
    surety_scenario_destroy(scenario);
    surety_diags_finish(&diags);
    return result;
}

Test(storm, a_storm_that_does_not_end)
{
    struct surety_requests_result *r = play(NULL, NULL, 1, 1);
    cr_assert_eq(r->n_storms, 2);
    const struct surety_requests_storm *eager = &r->storms[0], *pausing = &r->storms[1];
    cr_assert_str_eq(eager->architecture, "eager");
    cr_assert(eager->metastable);
    cr_assert_eq(eager->n_judged, 6);
    cr_assert_eq(eager->n_down, 6);
    cr_assert_gt(eager->failing_end, 0.9);
    cr_assert_lt(eager->failing_calm, 0.001);
    cr_assert_gt(eager->attempts_end, 3.8);
    cr_assert_lt(eager->attempts_calm, 1.01);
    cr_assert(isnan(eager->recover_p50_s));
    cr_assert(!pausing->metastable); // a cooldown lets the queue run empty
    cr_assert_eq(pausing->n_down, 0);
    cr_assert_leq(pausing->recover_most_s, 60);
    cr_assert_eq(r->n_minutes, 10 + 2 + 15);
    cr_assert_lt(eager->failing[9], 0.001);
    cr_assert_eq(eager->failing[10], 1);
    cr_assert_gt(eager->failing[26], 0.9);
    surety_requests_result_destroy(r);
}

// Each of these alone ends it.
Test(storm, what_ends_it)
{
    static const char *const cures[][2] = {{"architectures.eager.fallback.retries", "1"},
                                           {"providers.own.capacity.queue", "60"},
                                           {"architectures.eager.fallback.timeout", "30s"},
                                           {"workloads.chats.demand", "4/s"}};
    for (size_t i = 0; i < sizeof cures / sizeof *cures; i++) {
        struct surety_requests_result *r = play(cures[i][0], cures[i][1], 1, 1);
        cr_assert(!r->storms[0].metastable, "%s", cures[i][0]);
        cr_assert_eq(r->storms[0].n_judged, 6);
        cr_assert_leq(r->storms[0].recover_most_s, 120, "%s: %g s", cures[i][0], r->storms[0].recover_most_s);
        surety_requests_result_destroy(r);
    }
    // what no outage brought about is no storm
    struct surety_requests_result *r = play("workloads.chats.demand", "40/s", 1, 1);
    cr_assert_eq(r->storms[0].n_judged, 0);
    cr_assert(!r->storms[0].metastable);
    surety_requests_result_destroy(r);
}

Test(storm, same_bytes_at_any_number_of_threads)
{
    struct surety_requests_result *one = play(NULL, NULL, 1, 3), *three = play(NULL, NULL, 3, 3),
                                  *other = play(NULL, NULL, 1, 4);
    char *a = requests_json(one), *b = requests_json(three), *c = requests_json(other);
    cr_assert_str_eq(a, b);
    cr_assert_str_neq(a, c);
    free(a);
    free(b);
    free(c);
    surety_requests_result_destroy(one);
    surety_requests_result_destroy(three);
    surety_requests_result_destroy(other);
}
