// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/check/bounds.h"

#include "models/registry.h"
#include "sim/engine/runner.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

// No architecture does better than its bound, and one without anything to switch reaches it. 20,000 terms of 12 months,
// z = 6 (alpha 1e-9); the standard errors are 1e-6 to 1e-4.

static const char world[] =
    "surety: 1\nterm: {start: 2027-01-01, months: 12}\nworkloads: {calls: {demand: 30/min}}\nproviders:\n"
    "  a: {request_errors: 0.02%%, outages: {all: {incidents: 20/year, time_to_repair: {lognormal: {median: 1h, p95: "
    "5h}}}}}\n"
    "  b: {outages: {full: {time_to_failure: {weibull: {shape: 0.7, mean: 20d}}, time_to_repair: 2h}, part: "
    "{incidents: "
    "9/year, time_to_repair: 1h, failing: 40%%}}}\n"
    "common_causes: {region: {members: [a, b], time_to_failure: 60d, time_to_repair: 1h, hits: 70%%}}\n"
    "architectures:\n  leaf: a\n  chain: {series: [a, b]}\n  race: {parallel: [a, b]}\n"
    "  failover: {failover: {order: [a, b], detect: 60s}}\n  balance: {balance: {shares: {a: 50%%, b: 50%%}, detect: "
    "60s}}\n  fallback: {fallback: {order: [a, b]}}\n  degrade: {degrade: {normal: a, to: b}}\n"
    "contract: {availability: {measure: %s, %s}}\n";

static void compare(const char *measure, const char *more, bool by_time)
{
    static const bool reaches[] = {true, true, true, false, false, true, true};
    char text[2000];
    struct surety_diags diags;
    struct surety_scenario *scenario = NULL;
    struct surety_plan *plan = NULL;
    struct surety_result *result = NULL;
    struct surety_run_options options;
    snprintf(text, sizeof text, world, measure, more);
    surety_diags_init(&diags, "test.yaml");
    surety_run_options_default(&options);
    options.n_replications = 20000;
    cr_assert_eq(
        surety_scenario_read(surety_registry_get(), "test.yaml", text, strlen(text), NULL, 0, &diags, &scenario),
        SURETY_OK, "%s", diags.n > 0 ? diags.list[0].message : "");
    cr_assert_eq(surety_plan_create(scenario, &diags, &plan), SURETY_OK);
    cr_assert_eq(surety_run(scenario, plan, &options, &diags, &result), SURETY_OK);
    for (size_t a = 0; a < plan->n_architectures; a++) {
        struct surety_arena arena;
        struct surety_bound bound;
        surety_arena_init(&arena);
        cr_assert_eq(surety_bound_find(plan, a, &arena, &bound), SURETY_OK);
        const struct surety_mean *mean = &result->architectures[a].availability;
        const double most = by_time ? bound.by_time : bound.by_requests, off = (mean->mean - most) / mean->se;
        cr_expect_lt(off, 6, "%s by %s: %.8f above %.8f", bound.architecture, measure, mean->mean, most);
        if (reaches[a])
            cr_expect_gt(off, -6, "%s by %s: %.8f below %.8f", bound.architecture, measure, mean->mean, most);
        else
            cr_expect_lt(off, -6, "%s by %s: %.8f reaches %.8f", bound.architecture, measure, mean->mean, most);
        surety_arena_finish(&arena);
    }
    surety_result_destroy(result);
    surety_plan_destroy(plan);
    surety_scenario_destroy(scenario);
    surety_diags_finish(&diags);
}

Test(stat_bounds, nothing_does_better_by_time)
{
    compare("time", "down_at: 5%", true);
}

Test(stat_bounds, nothing_does_better_by_requests)
{
    compare("requests", "counts: expected", false);
}
