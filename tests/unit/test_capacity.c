// SPDX-License-Identifier: GPL-3.0-or-later
// The key `capacity`, and the levels of load that a term is cut into.
#include "models/registry.h"
#include "sim/base/calendar.h"
#include "tests/stat/worlds.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char frame[] = "surety: 1\nterm: {start: 2027-01-04, months: 2}\n"
                            "workloads: {w: {kind: voice, demand: {rate: 42/h, profile: %s, growth: %s}}}\n"
                            "providers: {a: {outages: none%s}}\narchitectures: {alone: a}\n"
                            "contract: {window: 2w, availability: {measure: time}}\n";

static struct surety_diags diags;

static bool has(enum surety_diag_id id, const char *path, const char *part)
{
    for (size_t i = 0; i < diags.n; i++)
        if (diags.list[i].id == id && strcmp(diags.list[i].path, path) == 0 &&
            (strstr(diags.list[i].message, part) != NULL ||
             (diags.list[i].hint != NULL && strstr(diags.list[i].hint, part) != NULL)))
            return true;
    return false;
}

// The provider's keys `more` have exactly one mistake, and this is it.
static void expect(const char *more, enum surety_diag_id id, const char *path, const char *part)
{
    char text[2000];
    struct surety_scenario *scenario = NULL;
    snprintf(text, sizeof text, frame, "flat", "0%/month", more);
    surety_diags_init(&diags, "test.yaml");
    cr_assert_eq(
        surety_scenario_read(surety_registry_get(), "test.yaml", text, strlen(text), NULL, 0, &diags, &scenario),
        SURETY_E_INPUT, "accepted: %s", more);
    cr_assert_eq(diags.n_errors, 1, "%zu errors: %s", diags.n_errors, more);
    cr_assert(has(id, path, part), "%s", more);
    surety_diags_finish(&diags);
}

Test(capacity, mistakes)
{
#define LATENCY ", latency: {first_token: 200ms, per_output_token: 10ms}"
    expect(", capacity: {}", SURETY_D_MISSING_KEY, "providers.a.capacity", "names no limit");
    expect(", capacity: {overload: next}", SURETY_D_MISSING_KEY, "providers.a.capacity", "names no limit");
    expect(", capacity: {concurrency: 0}" LATENCY, SURETY_D_RANGE, "providers.a.capacity.concurrency", "1 to 4096");
    expect(", capacity: {concurrency: 4, queue: 1.5}" LATENCY, SURETY_D_VALUE, "providers.a.capacity.queue", "whole");
    expect(", capacity: {concurrency: 4, queue: never}" LATENCY, SURETY_D_VALUE, "providers.a.capacity.queue",
           "unlimited");
    expect(", capacity: {requests_per_minute: 5, queue: 1}", SURETY_D_CONFLICT, "providers.a.capacity.queue",
           "concurrency");
    expect(", capacity: {concurrency: 4, burst: 1s}" LATENCY, SURETY_D_CONFLICT, "providers.a.capacity.burst", "quota");
    expect(", capacity: {requests_per_minute: 0}", SURETY_D_RANGE, "providers.a.capacity.requests_per_minute", "above");
    expect(", capacity: {tokens_per_minute: 5, overload: nxt}", SURETY_D_CHOICE, "providers.a.capacity.overload",
           "did you mean 'next'");
    expect(", capacity: {concurency: 5}", SURETY_D_UNKNOWN_KEY, "providers.a.capacity.concurency", "concurrency");
    expect(", capacity: {batch: {step: 6ms, per_request: 0.1ms}}, latency: 30ms", SURETY_D_MISSING_KEY,
           "providers.a.capacity.concurrency", "largest");
    expect(", capacity: {concurrency: 8, batch: {step: 6ms}}, latency: 30ms", SURETY_D_MISSING_KEY,
           "providers.a.capacity.batch.per_request", "missing");
    expect(", capacity: {concurrency: 8, batch: {step: 6ms, per_request: 0.1ms}}" LATENCY, SURETY_D_CONFLICT,
           "providers.a.latency.per_output_token", "keep one");
    expect(", capacity: {concurrency: 8}", SURETY_D_MISSING_KEY, "providers.a.latency", "how long");
#undef LATENCY
}

static struct world world;

static void open_world(const char *profile, const char *growth, const char *more)
{
    world_open(&world, frame, profile, growth, more);
}

// Without limits nothing is cut, and a plan keeps its hash.
Test(capacity, without_limits_there_are_no_levels)
{
    open_world("business-hours", "0%/month", "");
    cr_assert(!world.plan->loads.on);
    cr_assert_eq(world.plan->loads.n_epochs, 0);
    world_close(&world);
}

// 42 requests an hour, weight 5 Mon-Fri 08-18 and 1 else: 50 x 5 + 118 = 368 parts of 168 hours' worth.
Test(capacity, levels_of_a_week)
{
    open_world("business-hours", "0%/month", ", capacity: {requests_per_minute: 100}");
    const struct surety_plan_loads *l = &world.plan->loads;
    const double low = 42 / 3600.0 * 168 / 368;
    cr_assert_eq(l->n_levels, 2);
    cr_assert_eq(l->n_epochs, 4 * 10 + 1); // Monday 00-08, then two a working day
    cr_assert_float_eq(l->rate_per_s[l->level[0]], low, 1e-12);
    cr_assert_float_eq(l->rate_per_s[l->level[1]], 5 * low, 1e-12);
    cr_assert_eq(l->from_us[1], 8 * SURETY_US_PER_HOUR);
    cr_assert_eq(l->from_us[2], 18 * SURETY_US_PER_HOUR);
    cr_assert_eq(l->from_us[10], 4 * SURETY_US_PER_DAY + 18 * SURETY_US_PER_HOUR);
    cr_assert_eq(l->from_us[11], 7 * SURETY_US_PER_DAY + 8 * SURETY_US_PER_HOUR);
    cr_assert_eq(l->from_us[l->n_epochs], world.plan->term_us);
    cr_assert_eq(l->peak_level, l->level[1]);
    cr_assert_float_eq(world.plan->loads.limits[0].requests_per_s, 100 / 60.0, 1e-12);
    cr_assert(isinf(world.plan->loads.limits[0].tokens_per_s));
    world_close(&world);
}

// Growth starts a level with each window.
Test(capacity, levels_grow)
{
    open_world("flat", "10%/month", ", capacity: {requests_per_minute: 100}");
    const struct surety_plan_loads *l = &world.plan->loads;
    cr_assert_eq(l->n_levels, 2);
    cr_assert_eq(l->n_epochs, 2);
    cr_assert_eq(l->from_us[1], 14 * SURETY_US_PER_DAY);
    cr_assert_float_eq(l->rate_per_s[1] / l->rate_per_s[0], 1.1, 1e-11);
    cr_assert(!l->rounded);
    world_close(&world);
}

// The integral over the levels is the demand; with too many of them rates are rounded, to 0.25 % each.
Test(capacity, levels_are_the_demand)
{
    char profile[2000], *at = profile;
    at += sprintf(at, "{hours: [");
    for (int h = 0; h < 168; h++)
        at += sprintf(at, "%s%.6f", h > 0 ? ", " : "", 1.5 + sin(h * 6.283185307179586 / 24) + 1e-4 * h);
    sprintf(at, "]}");
    for (int many = 0; many < 2; many++) {
        world_open(&world,
                   "surety: 1\nterm: {start: 2027-01-01, months: %d}\nworkloads: {w: {demand: {rate: 42/h, "
                   "profile: %s, growth: 1%%/month}}}\nproviders: {a: {outages: none, capacity: "
                   "{requests_per_minute: 100}}}\narchitectures: {alone: a}\n"
                   "contract: {availability: {measure: time}}\n",
                   many ? 12 : 2, profile);
        const struct surety_plan_loads *l = &world.plan->loads;
        double sum = 0, demand = 0;
        for (size_t i = 0; i < l->n_epochs; i++)
            sum += l->rate_per_s[l->level[i]] * (double)(l->from_us[i + 1] - l->from_us[i]) * 1e-6;
        for (size_t w = 0; w < world.plan->n_windows; w++)
            demand += 42 / 3600.0 * world.plan->demands[0].growth[w] *
                      (double)(world.plan->window_us[w + 1] - world.plan->window_us[w]) * 1e-6;
        cr_assert_eq(l->rounded, many == 1);
        cr_assert_leq(l->n_levels, SURETY_MOST_LEVELS);
        cr_assert_float_eq(sum / demand, 1, 0.02); // parts of weeks
        world_close(&world);
    }
}
