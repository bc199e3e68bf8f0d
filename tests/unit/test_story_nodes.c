// SPDX-License-Identifier: GPL-3.0-or-later
// What a story tells of nodes other than failover, and of a term that starts in summer time.
#include "sim/engine/story.h"

#include "models/registry.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#define DAY 86400.0
#define FIRST "outages: {major: {time_to_failure: {fixed: 10d}, time_to_repair: {fixed: 1h}}}"

static struct surety_diags diags;
static struct surety_scenario *scenario;
static struct surety_plan *plan;

static void load(const char *text)
{
    surety_diags_init(&diags, "test.yaml");
    const enum surety_err err =
        surety_scenario_read(surety_registry_get(), "test.yaml", text, strlen(text), NULL, 0, &diags, &scenario);
    if (err != SURETY_OK)
        surety_diags_print(&diags, stderr);
    cr_assert_eq(err, SURETY_OK);
    cr_assert_eq(surety_plan_create(scenario, &diags, &plan), SURETY_OK);
}

static void unload(void)
{
    surety_plan_destroy(plan);
    surety_scenario_destroy(scenario);
    surety_diags_finish(&diags);
}

static struct surety_story *tell(uint64_t replication)
{
    struct surety_story *story = NULL;
    cr_assert_eq(surety_story_tell(scenario, plan, 0, 1, replication, &diags, &story), SURETY_OK);
    return story;
}

struct expected {
    double at_s;
    const char *when;
    enum surety_story_kind kind;
    const char *text;
};

// The story has this event.
static void expect_one(const struct surety_story *story, const struct expected *expected)
{
    for (size_t i = 0; i < story->n_events; i++) {
        const struct surety_story_event *e = &story->events[i];
        if (e->kind == expected->kind && e->at_us == (int64_t)(expected->at_s * 1e6) &&
            strcmp(e->text, expected->text) == 0) {
            cr_assert_str_eq(e->when, expected->when);
            return;
        }
    }
    cr_assert_fail("no event at %g: %s", expected->at_s, expected->text);
}

// A term that starts in summer time: its months end at midnight by the zone's clocks, on both sides of the change.
Test(story_nodes, starts_in_summer_time)
{
    load("surety: 1\n"
         "term: {start: 2027-07-01, months: 6, timezone: Europe/Berlin, initial_state: up}\n"
         "workloads: {calls: {demand: 30/min}}\n"
         "providers: {first: {outages: {all: {time_to_failure: {fixed: 62d}, time_to_repair: {fixed: 61d}}}}}\n"
         "architectures: {alone: first}\n"
         "contract: {availability: {measure: time, down_at: 5%}}\n");
    struct surety_story *story = tell(0);
    size_t n = 0;
    for (size_t i = 0; i < story->n_events; i++) {
        char expected[32];
        if (story->events[i].kind != SURETY_STORY_WINDOW)
            continue;
        n++;
        snprintf(expected, sizeof expected, n < 6 ? "2027-%02zu-01 00:00:00" : "2028-01-01 00:00:00", 7 + n);
        cr_assert_str_eq(story->events[i].when, expected);
    }
    cr_assert_eq(n, 6);
    // 62 days from 1 July, and 61 from there: 25 hours of 31 October are one of those days
    const struct expected down = {62 * DAY, "2027-09-01 00:00:00", SURETY_STORY_DOWN, "the service is down"};
    const struct expected up = {123 * DAY, "2027-10-31 23:00:00", SURETY_STORY_UP, "the service is up after 61 d"};
    expect_one(story, &down);
    expect_one(story, &up);
    surety_story_destroy(story);
    unload();
}

// Who leaves the pool and who comes back; the clocks of first and second are 10 and 15 days.
Test(story_nodes, balance)
{
    load("surety: 1\n"
         "term: {start: 2027-01-01, months: 1, initial_state: up}\n"
         "workloads: {calls: {demand: 30/min}}\n"
         "providers:\n"
         "  first: {outages: {major: {time_to_failure: {fixed: 10d}, time_to_repair: {fixed: 6d}}}}\n"
         "  second: {outages: {major: {time_to_failure: {fixed: 15d}, time_to_repair: {fixed: 2h}}}}\n"
         "architectures: {both: {balance: {shares: {first: 70%, second: 30%}, detect: 60s, failback: 10m}}}\n"
         "contract: {availability: {measure: time, down_at: 5%}}\n");
    struct surety_story *story = tell(0);
    const struct expected expected[] = {
        {10 * DAY + 60, "2027-01-11 00:01:00", SURETY_STORY_LEFT, "first leaves the pool, failing for 1 min"},
        {15 * DAY + 60, "2027-01-16 00:01:00", SURETY_STORY_LEFT, "second leaves the pool, failing for 1 min"},
        {15 * DAY + 60, "2027-01-16 00:01:00", SURETY_STORY_NO_ROUTE,
         "nobody is left in the pool: all routes carry their shares"},
        {15 * DAY + 7800, "2027-01-16 02:10:00", SURETY_STORY_REJOINED, "second rejoins the pool, healthy for 10 min"},
        {16 * DAY + 600, "2027-01-17 00:10:00", SURETY_STORY_REJOINED, "first rejoins the pool, healthy for 10 min"},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        expect_one(story, &expected[i]);
    surety_story_destroy(story);
    unload();
}

Test(story_nodes, degrade)
{
    static const char *const counts[] = {"up", "down"};
    for (size_t i = 0; i < 2; i++) {
        char text[1024];
        snprintf(text, sizeof text,
                 "surety: 1\n"
                 "term: {start: 2027-01-01, months: 1, initial_state: up}\n"
                 "workloads: {calls: {demand: 30/min}}\n"
                 "providers:\n  first: {%s}\n  spare: {outages: none}\n"
                 "architectures: {graceful: {degrade: {normal: first, to: spare, counts_as: %s}}}\n"
                 "contract: {availability: {measure: time, down_at: 5%%}}\n",
                 FIRST, counts[i]);
        load(text);
        struct surety_story *story = tell(0);
        const struct expected expected[] = {
            {10 * DAY, "2027-01-11 00:00:00", SURETY_STORY_DEGRADED,
             i == 0 ? "spare serves instead of first" : "spare serves instead of first, which counts as down"},
            {10 * DAY + 3600, "2027-01-11 01:00:00", SURETY_STORY_NORMAL, "first serves again"},
        };
        expect_one(story, &expected[0]);
        expect_one(story, &expected[1]);
        surety_story_destroy(story);
        unload();
    }
}
