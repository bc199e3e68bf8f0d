// SPDX-License-Identifier: GPL-3.0-or-later
// Where downtime comes from: worlds of fixed laws, where every second has a known owner, and sums on all scenarios.
#include "tests/stat/worlds.h"

#include "models/registry.h"
#include "sim/engine/walk.h"

#include <criterion/criterion.h>
#include <glob.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

// --- constructed worlds ----------------------------------------------------------------------------------------

// Seconds of each phase and of each cause, by name; a name that is not listed has none.
struct owner {
    const char *name;
    double seconds;
};

struct constructed {
    const char *what;
    const char *providers, *common, *architecture, *availability;
    struct owner phases[4], causes[4];
};

static const char *const phases[] = {
    [SURETY_PHASE_DETECTION] = "detection",       [SURETY_PHASE_SWITCHING] = "switching",
    [SURETY_PHASE_BELOW_TRIP] = "below_trip",     [SURETY_PHASE_ALL_ROUTES_DOWN] = "all_routes_down",
    [SURETY_PHASE_COMMON_CAUSE] = "common_cause", [SURETY_PHASE_CAPACITY] = "capacity",
    [SURETY_PHASE_MAINTENANCE] = "maintenance"};

static double seconds_of(const struct owner *owners, const char *name)
{
    for (int i = 0; i < 4 && owners[i].name != NULL; i++)
        if (strcmp(owners[i].name, name) == 0)
            return owners[i].seconds;
    return 0;
}

static double sum_of(const struct owner *owners)
{
    double sum = 0;
    for (int i = 0; i < 4 && owners[i].name != NULL; i++)
        sum += owners[i].seconds;
    return sum;
}

static double share_named(const struct surety_share *shares, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(shares[i].name, name) == 0)
            return shares[i].share;
    return 0;
}

static void shares_are(const char *what, const struct surety_share *got, size_t n, const struct owner *want)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += got[i].share;
        cr_assert_float_eq(got[i].share, seconds_of(want, got[i].name) / sum_of(want), 1e-12,
                           "%s: %s has %.9f, not %.9f", what, got[i].name, got[i].share,
                           seconds_of(want, got[i].name) / sum_of(want));
    }
    for (int i = 0; i < 4 && want[i].name != NULL; i++)
        cr_assert_float_eq(share_named(got, n, want[i].name), want[i].seconds / sum_of(want), 1e-12, "%s: %s", what,
                           want[i].name);
    cr_assert_float_eq(sum, 1, 1e-12, "%s: shares sum to %.12f", what, sum);
}

// The books of the walk itself, flat and general, to the microsecond.
static void books_are(const struct world *world, const struct constructed *c)
{
    struct surety_timeline timeline;
    cr_assert_eq(surety_timeline_init(&timeline, world->plan, surety_kernel_best(), 1), SURETY_OK);
    for (int flat = 0; flat < 2; flat++) {
        struct surety_walk walk;
        cr_assert_eq(surety_walk_init(&walk, world->plan, &world->plan->architectures[0], 1, flat == 1), SURETY_OK);
        surety_timeline_begin(&timeline, 0);
        cr_assert_eq(surety_walk_run(&walk, &timeline), SURETY_OK);
        for (size_t i = 0; i < SURETY_N_PHASES; i++)
            cr_assert_eq((double)walk.blame.phases_us[i] * 1e-6, seconds_of(c->phases, phases[i]),
                         "%s: %s is %.6f s, not %.6f", c->what, phases[i], (double)walk.blame.phases_us[i] * 1e-6,
                         seconds_of(c->phases, phases[i]));
        cr_assert_eq((double)walk.meters[0].readings[0].bad * 1e-6, sum_of(c->phases), "%s: down %.6f s", c->what,
                     (double)walk.meters[0].readings[0].bad * 1e-6);
        surety_walk_finish(&walk);
    }
    surety_timeline_finish(&timeline);
}

#define DETECT "order: [a, b], detect: 60s, switch: 15s, success: 100%%"
#define AT_700H(lasts) "{time_to_failure: {fixed: 700h}, time_to_repair: {fixed: " lasts "}}"
#define TEN_MINUTES "a: {outages: {x: " AT_700H("10m") "}}"

// The term is 30 days, so an outage after 700 h comes once.
static const struct constructed worlds[] = {
    {"one outage, a healthy standby",
     TEN_MINUTES ", b: {outages: none}",
     "",
     "{failover: {" DETECT "}}",
     "",
     {{"detection", 60}, {"switching", 15}},
     {{"a.x", 75}}},
    {"an outage shorter than the detection",
     "a: {outages: {x: " AT_700H("40s") "}}, b: {outages: none}",
     "",
     "{failover: {" DETECT "}}",
     "",
     {{"detection", 40}},
     {{"a.x", 40}}},
    {"an outage that ends in the switch",
     "a: {outages: {x: " AT_700H("70s") "}}, b: {outages: none}",
     "",
     "{failover: {" DETECT "}}",
     "",
     {{"detection", 60}, {"switching", 10}},
     {{"a.x", 70}}},
    {"a switch that never works",
     TEN_MINUTES ", b: {outages: none}",
     "",
     "{failover: {order: [a, b], detect: 60s, switch: 15s, success: 0%%, retry_switch: never}}",
     "",
     {{"detection", 60}, {"switching", 540}},
     {{"a.x", 600}}},
    {"none healthy at the attempt",
     TEN_MINUTES ", b: {outages: {y: {time_to_failure: {fixed: 41999m}, time_to_repair: {fixed: 20m}}}}",
     "",
     "{failover: {" DETECT "}}",
     "",
     {{"detection", 60}, {"switching", 15}, {"all_routes_down", 525}},
     {{"a.x", 75 + 262.5}, {"b.y", 262.5}}},
    {"the standby recovers first",
     TEN_MINUTES ", b: {outages: {y: {time_to_failure: {fixed: 41999m}, time_to_repair: {fixed: 6m}}}}",
     "",
     "{failover: {" DETECT "}}",
     "",
     {{"detection", 60}, {"switching", 15}, {"all_routes_down", 225}},
     {{"a.x", 75 + 112.5}, {"b.y", 112.5}}},
    {"a common cause",
     "a: {outages: none}, b: {outages: none}",
     "common_causes: {zone: {members: [a, b], time_to_failure: {fixed: 700h}, time_to_repair: {fixed: 10m}}}\n",
     "{failover: {" DETECT "}}",
     "",
     {{"detection", 60}, {"switching", 15}, {"common_cause", 525}},
     {{"zone", 600}}},
    {"a common cause, one of its members alone",
     "a: {outages: none}, b: {outages: none}",
     "common_causes: {zone: {members: [a, b], time_to_failure: {fixed: 700h}, time_to_repair: {fixed: 10m}}}\n",
     "a",
     "",
     {{"common_cause", 600}},
     {{"zone", 600}}},
    {"a single provider", TEN_MINUTES, "", "a", "", {{"all_routes_down", 600}}, {{"a.x", 600}}},
    // 1 January 2027 is a Friday; the one outage, on the 30th at 04:00, falls into the second maintenance
    {"maintenance and an outage in it",
     "a: {outages: {x: " AT_700H("10m") "}, maintenance: {window: \"Sat 03:50\", lasts: 30m, every: 4w}}",
     "",
     "a",
     "",
     {{"maintenance", 3600}},
     {{"a.maintenance", 3300}, {"a.x", 300}}},
    {"below trip",
     "a: {outages: {x: {time_to_failure: {fixed: 700h}, time_to_repair: {fixed: 10m}, failing: 30%%}}}, "
     "b: {outages: none}",
     "",
     "{failover: {" DETECT ", trip: 50%%}}",
     "",
     {{"below_trip", 600}},
     {{"a.x", 600}}},
    {"below down_at is no downtime at first, then two at once",
     "a: {outages: {x: {time_to_failure: {fixed: 700h}, time_to_repair: {fixed: 10m}, failing: 3%%}, "
     "y: {time_to_failure: {fixed: 42005m}, time_to_repair: {fixed: 10m}, failing: 3%%}}}",
     "",
     "a",
     "",
     {{"all_routes_down", 300}},
     {{"a.x", 150}, {"a.y", 150}}},
    {"short runs do not count",
     "a: {outages: {x: " AT_700H("5m") ", y: {time_to_failure: {fixed: 710h}, time_to_repair: {fixed: 40s}}}}",
     "",
     "a",
     ", minimum_outage: 1m",
     {{"all_routes_down", 300}},
     {{"a.x", 300}}},
    {"a controller below a series",
     TEN_MINUTES ", b: {outages: none}, c: {outages: none}",
     "",
     "{series: [c, {failover: {" DETECT "}}]}",
     "",
     {{"detection", 60}, {"switching", 15}},
     {{"a.x", 75}}},
    {"a series: the member that fails has nowhere to go",
     TEN_MINUTES ", b: {outages: none}, c: {outages: none}",
     "",
     "{series: [a, {failover: {order: [b, c], detect: 60s}}]}",
     "",
     {{"all_routes_down", 600}},
     {{"a.x", 600}}},
    {"a failover of failovers: the outer one detects while the inner one has nowhere to go",
     TEN_MINUTES ", b: {outages: {y: " AT_700H("10m") "}}, c: {outages: none}",
     "",
     "{failover: {order: [{failover: {" DETECT "}}, c], detect: 120s, switch: 30s, success: 100%%}}",
     "",
     {{"detection", 120}, {"switching", 30}},
     {{"a.x", 75 + 37.5}, {"b.y", 37.5}}},
    {"parallel: both at once",
     TEN_MINUTES ", b: {outages: {y: {time_to_failure: {fixed: 42004m}, time_to_repair: "
                 "{fixed: 20m}}}}",
     "",
     "{parallel: [a, b]}",
     "",
     {{"all_routes_down", 360}},
     {{"a.x", 180}, {"b.y", 180}}},
    {"request errors of a provider alone",
     "a: {outages: none, request_errors: 6%%}",
     "",
     "a",
     "",
     {{"all_routes_down", 2592000}},
     {{"a.request_errors", 2592000}}},
    {"request errors of the route that serves, not of the first in the file",
     "a: {outages: none, request_errors: 6%%}, b: {outages: none, request_errors: 7%%}",
     "",
     "{failover: {order: [b, a], detect: 60s, trip: 50%%}}",
     "",
     {{"below_trip", 2592000}},
     {{"b.request_errors", 2592000}}},
    {"request errors of two in a series",
     "a: {outages: none, request_errors: 3%%}, b: {outages: none, request_errors: 3%%}",
     "",
     "{series: [a, b]}",
     "",
     {{"all_routes_down", 2592000}},
     {{"a.request_errors", 1296000}, {"b.request_errors", 1296000}}},
};

Test(stat_blame, every_second_has_its_owner)
{
    for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++) {
        const struct constructed *c = &worlds[i];
        struct world world;
        char text[4096];
        snprintf(text, sizeof text,
                 "surety: 1\n"
                 "term: {start: 2027-01-01, months: 1, initial_state: up}\n"
                 "workloads: {w: {demand: 1/min}}\n"
                 "providers: {%s}\n"
                 "%s"
                 "architectures: {it: %s}\n"
                 "contract: {window: 30d, availability: {measure: time%s}}\n",
                 c->providers, c->common, c->architecture, c->availability);
        for (char *p = text; (p = strstr(p, "%%")) != NULL; p++) // the macros above are written as formats
            memmove(p, p + 1, strlen(p));
        world_open(&world, "%s", text);
        books_are(&world, c);
        struct surety_result *r = world_run(&world, 3, 1); // all the same
        const struct surety_architecture_result *a = &r->architectures[0];
        cr_assert_float_eq(a->downtime_s.mean, sum_of(c->phases), 1e-6, "%s: down %.6f s", c->what, a->downtime_s.mean);
        shares_are(c->what, a->downtime_by, a->n_downtime_by, c->phases);
        shares_are(c->what, a->causes, a->n_causes, c->causes);
        surety_result_destroy(r);
        world_close(&world);
    }
}

Test(stat_blame, without_downtime_nobody_is_to_blame)
{
    struct world world;
    world_open(&world, "surety: 1\n"
                       "workloads: {w: {demand: 1/min}}\n"
                       "providers: {a: {outages: none, request_errors: 4.9%%}}\n"
                       "architectures: {it: a}\n"
                       "contract: {availability: {measure: time}}\n");
    struct surety_result *r = world_run(&world, 3, 1);
    cr_assert_eq(r->architectures[0].n_causes, 0);
    cr_assert_eq(r->architectures[0].n_downtime_by, 0);
    surety_result_destroy(r);
    world_close(&world);
}

// --- all scenarios ---------------------------------------------------------------------------------------------

static void sums_to_one(const char *file, const char *architecture, const char *what, const struct surety_share *shares,
                        size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += shares[i].share;
        cr_assert(shares[i].share >= 0 && shares[i].share <= 1, "%s, %s: %s has %g", file, architecture, shares[i].name,
                  shares[i].share);
        for (size_t k = 0; k < i; k++)
            cr_assert_neq(strcmp(shares[i].name, shares[k].name), 0, "%s, %s: %s twice", file, architecture,
                          shares[i].name);
    }
    cr_assert(fabs(sum - 1) < 1e-9, "%s, %s: %s sum to %.12f", file, architecture, what, sum);
}

// Phases and causes of the walks add up to the downtime itself, to the microsecond, not only to 1 among themselves.
static void adds_up(const char *file, const struct surety_plan *plan)
{
    struct surety_timeline timeline;
    cr_assert_eq(surety_timeline_init(&timeline, plan, surety_kernel_best(), 7), SURETY_OK);
    for (size_t i = 0; i < plan->n_architectures; i++) {
        struct surety_walk walk;
        uint64_t down_us = 0, phases_us = 0;
        unsigned __int128 causes = 0;
        cr_assert_eq(surety_walk_init(&walk, plan, &plan->architectures[i], 7, true), SURETY_OK);
        for (uint64_t n = 0; n < 64; n++) {
            surety_timeline_begin(&timeline, n);
            cr_assert_eq(surety_walk_run(&walk, &timeline), SURETY_OK);
            for (size_t w = 0; w < plan->n_windows; w++)
                down_us += (uint64_t)walk.meters[0].readings[w].bad;
        }
        for (size_t k = 0; k < SURETY_N_PHASES; k++)
            phases_us += walk.blame.phases_us[k];
        for (size_t k = 0; k < walk.blame.n_causes; k++)
            causes += walk.blame.causes[k];
        cr_assert_eq(phases_us, down_us, "%s, %s: phases %.6f s, down %.6f s", file, plan->architectures[i].name,
                     (double)phases_us * 1e-6, (double)down_us * 1e-6);
        cr_assert_eq((uint64_t)(causes / SURETY_BLAME_PARTS), down_us, "%s, %s", file, plan->architectures[i].name);
        surety_walk_finish(&walk);
    }
    surety_timeline_finish(&timeline);
}

Test(stat_blame, shares_sum_to_one_on_every_scenario)
{
    gsl_set_error_handler_off();
    glob_t files;
    cr_assert_eq(glob("scenarios/*.yaml", 0, NULL, &files), 0, "run from the source root");
    for (size_t f = 0; f < files.gl_pathc; f++) {
        const char *file = files.gl_pathv[f];
        struct world world = {.scenario = NULL};
        surety_diags_init(&world.diags, file);
        cr_assert_eq(surety_scenario_load(surety_registry_get(), file, NULL, 0, &world.diags, &world.scenario),
                     SURETY_OK, "%s", file);
        cr_assert_eq(surety_plan_create(world.scenario, &world.diags, &world.plan), SURETY_OK, "%s", file);
        struct surety_result *r = world_run(&world, 64, 7);
        for (size_t i = 0; i < r->n_architectures; i++) {
            const struct surety_architecture_result *a = &r->architectures[i];
            cr_assert_eq(a->n_downtime_by > 0, a->downtime_s.mean > 0, "%s, %s", file, a->name);
            if (a->n_downtime_by == 0)
                continue;
            sums_to_one(file, a->name, "phases", a->downtime_by, a->n_downtime_by);
            sums_to_one(file, a->name, "causes", a->causes, a->n_causes);
        }
        surety_result_destroy(r);
        adds_up(file, world.plan);
        world_close(&world);
    }
    globfree(&files);
}
