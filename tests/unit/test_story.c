// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/story.h"

#include "models/registry.h"
#include "plots/human.h"
#include "plots/story_svg.h"
#include "plots/story_text.h"
#include "sim/engine/result.h"
#include "sim/engine/runner.h"
#include "sim/engine/story_words.h"
#include "sim/engine/timeline.h"
#include "sim/engine/walk.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

// A world of fixed times: first fails 10 days after each repair, from a start at which all works, for an hour.
#define FIRST "outages: {major: {time_to_failure: {fixed: 10d}, time_to_repair: {fixed: 1h}}}"
#define PLAIN_SECOND "outages: none"
#define PLAIN_FAILOVER "detect: 60s, switch: 15s, failback: 10m, success: 100%"
#define TIERS "tiers: {low: {availability: 99%}, high: {availability: 99.992%}}"

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

static void load_fixed(const char *first, const char *second, const char *failover)
{
    char text[2048];
    snprintf(text, sizeof text,
             "surety: 1\n"
             "name: \"a <b> & \\\"c\\\"\"\n"
             "term: {start: 2027-01-01, months: 3, initial_state: up}\n"
             "workloads: {calls: {demand: 30/min}}\n"
             "providers:\n  first: {%s}\n  second: {%s}\n"
             "architectures: {both: {failover: {order: [first, second], %s}}}\n"
             "contract: {availability: {measure: time, down_at: 5%%}, %s}\n",
             first, second, failover, TIERS);
    load(text);
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

static void expect_events(const struct surety_story *story, const struct expected *expected, size_t n)
{
    cr_assert(story->n_events >= n);
    for (size_t i = 0; i < n; i++) {
        const struct surety_story_event *event = &story->events[i];
        cr_assert_eq(event->at_us, (int64_t)(expected[i].at_s * 1e6), "event %zu: %s %s", i, event->when, event->text);
        cr_assert_eq(event->kind, expected[i].kind, "event %zu: %s %s", i, event->when, event->text);
        cr_assert_str_eq(event->when, expected[i].when);
        cr_assert_str_eq(event->text, expected[i].text);
    }
}
#define EXPECT(story, ...)                                                                                             \
    do {                                                                                                               \
        const struct expected list[] = {__VA_ARGS__};                                                                  \
        expect_events(story, list, sizeof list / sizeof *list);                                                        \
    } while (0)

static size_t count(const struct surety_story *story, enum surety_story_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < story->n_events; i++)
        n += story->events[i].kind == kind;
    return n;
}

// What holds in every story.
static void check(const struct surety_story *story)
{
    for (size_t i = 1; i < story->n_events; i++)
        cr_assert(story->events[i - 1].at_us <= story->events[i].at_us);
    cr_assert_eq(story->routes[0].from_us, 0);
    cr_assert_eq(story->routes[story->n_routes - 1].to_us, story->term_us);
    for (size_t i = 0; i < story->n_routes; i++) {
        cr_assert(story->routes[i].from_us < story->routes[i].to_us);
        cr_assert(i == 0 || story->routes[i].from_us == story->routes[i - 1].to_us);
    }
    int64_t down_us = 0;
    for (size_t i = 0; i < story->n_bars; i++) {
        const struct surety_story_bar *bar = &story->bars[i], *before = &story->bars[i > 0 ? i - 1 : 0];
        cr_assert(0 <= bar->from_us && bar->from_us < bar->to_us && bar->to_us <= story->term_us);
        cr_assert(bar->share_failing > 0 && bar->share_failing <= 1);
        cr_assert(i == 0 || strcmp(bar->lane, before->lane) != 0 || before->to_us <= bar->from_us);
        down_us += bar->is_service && bar->is_down ? bar->to_us - bar->from_us : 0;
    }
    double downtime_s = 0;
    for (size_t w = 0; w < story->n_windows; w++) {
        downtime_s += story->windows[w].downtime_s;
        cr_assert(story->windows[w].availability >= story->windows[story->worst_window].availability);
    }
    cr_assert_float_eq(downtime_s, story->downtime_s, 1e-6);
    cr_assert_float_eq(downtime_s, (double)down_us * 1e-6, 1e-6);
}

#define DAY 86400.0

Test(story, a_switch_to_the_second)
{
    load_fixed(FIRST, PLAIN_SECOND, PLAIN_FAILOVER);
    struct surety_story *story = tell(7);
    check(story);
    EXPECT(
        story,
        {10 * DAY, "2027-01-11 00:00:00", SURETY_STORY_OUTAGE_BEGINS, "first.major begins: 100 % of its requests fail"},
        {10 * DAY, "2027-01-11 00:00:00", SURETY_STORY_DOWN, "the service is down"},
        {10 * DAY + 60, "2027-01-11 00:01:00", SURETY_STORY_DETECTED, "the failure of first is detected"},
        {10 * DAY + 75, "2027-01-11 00:01:15", SURETY_STORY_SWITCHED, "traffic switches to second"},
        {10 * DAY + 75, "2027-01-11 00:01:15", SURETY_STORY_UP, "the service is up after 1 min 15 s"},
        {10 * DAY + 3600, "2027-01-11 01:00:00", SURETY_STORY_OUTAGE_ENDS, "first.major ends after 1 h"},
        {10 * DAY + 4200, "2027-01-11 01:10:00", SURETY_STORY_FAILBACK, "traffic returns to first, healthy for 10 min"},
        {20 * DAY + 3600, "2027-01-21 01:00:00", SURETY_STORY_OUTAGE_BEGINS,
         "first.major begins: 100 % of its requests fail"});
    // eight outages, one after 10 d and an hour each: 3 in January, 2 in February, 3 in March
    const double downtime_s[] = {225, 150, 225};
    cr_assert_eq(count(story, SURETY_STORY_OUTAGE_BEGINS), 8);
    cr_assert_eq(story->n_windows, 3);
    for (size_t w = 0; w < 3; w++) {
        const struct surety_story_window *window = &story->windows[w];
        const double length_s = (double)(window->to_us - window->from_us) * 1e-6;
        cr_assert_float_eq(window->downtime_s, downtime_s[w], 1e-9);
        cr_assert_float_eq(window->availability, 1 - downtime_s[w] / length_s, 1e-15);
        cr_assert_float_eq(window->budget_s[0], 0.01 * length_s, 1e-5);
        cr_assert(window->met[0]);
        cr_assert_eq(window->met[1], w == 1); // 0.00008 x 31 d = 214 s, x 28 d = 193 s
    }
    cr_assert_str_eq(story->windows[1].label, "2027-02");
    cr_assert_eq(story->worst_window, 0);
    cr_assert_eq(story->n_routes, 17);
    cr_assert_str_eq(story->routes[0].name, "first");
    cr_assert_str_eq(story->routes[1].name, "second");
    cr_assert_eq(story->routes[1].from_us, (int64_t)((10 * DAY + 75) * 1e6));
    cr_assert_eq(story->routes[1].to_us, (int64_t)((10 * DAY + 4200) * 1e6));
    surety_story_destroy(story);
    unload();
}

Test(story, too_short_to_be_detected)
{
    load_fixed("outages: {blip: {time_to_failure: {fixed: 10d}, time_to_repair: {fixed: 60s}, failing: 50%}}",
               PLAIN_SECOND, PLAIN_FAILOVER);
    struct surety_story *story = tell(0);
    check(story);
    EXPECT(
        story,
        {10 * DAY, "2027-01-11 00:00:00", SURETY_STORY_OUTAGE_BEGINS, "first.blip begins: 50 % of its requests fail"},
        {10 * DAY, "2027-01-11 00:00:00", SURETY_STORY_DOWN, "the service is down"},
        {10 * DAY + 60, "2027-01-11 00:01:00", SURETY_STORY_OUTAGE_ENDS, "first.blip ends after 1 min"},
        {10 * DAY + 60, "2027-01-11 00:01:00", SURETY_STORY_UP, "the service is up after 1 min"});
    cr_assert_eq(count(story, SURETY_STORY_DETECTED), 0);
    surety_story_destroy(story);
    unload();
}

// The route recovers between detection and the attempt.
Test(story, detected_but_not_switched)
{
    load_fixed("outages: {blip: {time_to_failure: {fixed: 10d}, time_to_repair: {fixed: 70s}}}", PLAIN_SECOND,
               PLAIN_FAILOVER);
    struct surety_story *story = tell(0);
    check(story);
    cr_assert_eq(count(story, SURETY_STORY_DETECTED), count(story, SURETY_STORY_DOWN));
    cr_assert_eq(count(story, SURETY_STORY_SWITCHED), 0);
    cr_assert_str_eq(story->events[2].text, "the failure of first is detected");
    cr_assert_str_eq(story->events[2].when, "2027-01-11 00:01:00");
    surety_story_destroy(story);
    unload();
}

Test(story, no_route)
{
    load_fixed(FIRST, "outages: {all: {time_to_failure: {fixed: 10d}, time_to_repair: {fixed: 30m}, failing: 40%}}",
               PLAIN_FAILOVER);
    struct surety_story *story = tell(0);
    check(story);
    EXPECT(
        story,
        {10 * DAY, "2027-01-11 00:00:00", SURETY_STORY_OUTAGE_BEGINS, "first.major begins: 100 % of its requests fail"},
        {10 * DAY, "2027-01-11 00:00:00", SURETY_STORY_OUTAGE_BEGINS, "second.all begins: 40 % of its requests fail"},
        {10 * DAY, "2027-01-11 00:00:00", SURETY_STORY_DOWN, "the service is down"},
        {10 * DAY + 60, "2027-01-11 00:01:00", SURETY_STORY_DETECTED, "the failure of first is detected"},
        {10 * DAY + 75, "2027-01-11 00:01:15", SURETY_STORY_NO_ROUTE,
         "no route is healthy: traffic goes to second, where 40 % of requests fail"},
        {10 * DAY + 1800, "2027-01-11 00:30:00", SURETY_STORY_OUTAGE_ENDS, "second.all ends after 30 min"},
        {10 * DAY + 1800, "2027-01-11 00:30:00", SURETY_STORY_UP, "the service is up after 30 min"},
        {10 * DAY + 3600, "2027-01-11 01:00:00", SURETY_STORY_OUTAGE_ENDS, "first.major ends after 1 h"});
    cr_assert(story->events[1].hurt);
    surety_story_destroy(story);
    unload();
}

Test(story, switches_fail)
{
    load_fixed(FIRST, PLAIN_SECOND, "detect: 60s, switch: 15s, success: 0%, retry_switch: 50m");
    struct surety_story *story = tell(0);
    check(story);
    cr_assert_eq(story->events[3].kind, SURETY_STORY_SWITCH_FAILED);
    cr_assert_str_eq(story->events[3].text, "the switch fails, the next try is due at 00:51:15");
    cr_assert_eq(story->events[4].at_us, (int64_t)((10 * DAY + 3075) * 1e6));
    cr_assert_str_eq(story->events[4].text, "the switch fails, the next try is due at 01:41:15");
    cr_assert_eq(count(story, SURETY_STORY_DETECTED), 8);
    cr_assert_eq(story->n_routes, 1);
    surety_story_destroy(story);
    unload();

    load_fixed(FIRST, PLAIN_SECOND, "detect: 60s, switch: 15s, success: 0%, retry_switch: never");
    story = tell(0);
    check(story);
    cr_assert_str_eq(story->events[3].text, "the switch fails and is not tried again: traffic stays on first");
    cr_assert_eq(count(story, SURETY_STORY_SWITCH_FAILED), 8);
    surety_story_destroy(story);
    unload();
}

// No time between failure, detection and attempt: all of it happens in one instant.
Test(story, everything_at_once)
{
    load_fixed(FIRST, PLAIN_SECOND, "detect: 0s, switch: 0s, failback: 0s, success: 100%");
    struct surety_story *story = tell(0);
    check(story);
    EXPECT(
        story,
        {10 * DAY, "2027-01-11 00:00:00", SURETY_STORY_OUTAGE_BEGINS, "first.major begins: 100 % of its requests fail"},
        {10 * DAY, "2027-01-11 00:00:00", SURETY_STORY_DETECTED, "the failure of first is detected"},
        {10 * DAY, "2027-01-11 00:00:00", SURETY_STORY_SWITCHED, "traffic switches to second"},
        {10 * DAY + 3600, "2027-01-11 01:00:00", SURETY_STORY_OUTAGE_ENDS, "first.major ends after 1 h"},
        {10 * DAY + 3600, "2027-01-11 01:00:00", SURETY_STORY_FAILBACK, "traffic returns to first, healthy for 0 s"});
    cr_assert_eq(story->downtime_s, 0);
    surety_story_destroy(story);
    unload();
}

// A standby's outage that nobody met is told as not felt.
Test(story, what_is_not_felt)
{
    load_fixed(PLAIN_SECOND, FIRST, PLAIN_FAILOVER);
    struct surety_story *story = tell(0);
    check(story);
    cr_assert_eq(count(story, SURETY_STORY_OUTAGE_BEGINS), 8);
    for (size_t i = 0; i < story->n_events; i++)
        cr_assert_eq(story->events[i].hurt, story->events[i].kind == SURETY_STORY_WINDOW);
    cr_assert_eq(story->n_bars, 8);
    surety_story_destroy(story);
    unload();
}

static const char random_world[] =
    "surety: 1\n"
    "term: {start: 2027-01-15, months: 6}\n"
    "workloads: {calls: {demand: 30/min}}\n"
    "providers:\n"
    "  front: {outages: {all: {time_to_failure: 60d, time_to_repair: 20m}}}\n"
    "  one: {outages: {all: {time_to_failure: 9d, time_to_repair: 2h}, part: {time_to_failure: 3d, time_to_repair: 1h, "
    "failing: 3%}}}\n"
    "  two: {outages: {all: {time_to_failure: 5d, time_to_repair: 3h, failing: 40%}}}\n"
    "  three: {outages: {all: {time_to_failure: 2d, time_to_repair: 5h}}}\n"
    "architectures:\n"
    "  flat: {failover: {order: [one, two, three], detect: 60s, success: 60%}}\n"
    "  nested: {series: [front, {failover: {order: [{failover: {order: [one, two], detect: 30s}}, three], detect: "
    "5m}}]}\n"
    "contract: {availability: {measure: time}, tiers: {none: {availability: 1%}, low: {availability: 99%}}}\n";

// A told replication has the numbers of the run: the general walk under an observer and the flat one agree.
Test(story, replays_the_run)
{
    load(random_world);
    struct surety_timeline timeline;
    struct surety_walk walk;
    cr_assert_eq(surety_timeline_init(&timeline, plan, surety_kernel_best(), 1), SURETY_OK);
    for (size_t a = 0; a < 2; a++) {
        cr_assert_eq(surety_walk_init(&walk, plan, &plan->architectures[a], 1, true), SURETY_OK);
        for (uint64_t replication = 0; replication < 40; replication++) {
            struct surety_story *story = NULL;
            surety_timeline_begin(&timeline, replication);
            cr_assert_eq(surety_walk_run(&walk, &timeline), SURETY_OK);
            cr_assert_eq(surety_story_tell(scenario, plan, a, 1, replication, &diags, &story), SURETY_OK);
            check(story);
            cr_assert_eq(story->n_windows, 7); // the start after the 1st cuts two
            for (size_t w = 0; w < story->n_windows; w++)
                cr_assert_eq(story->windows[w].downtime_s, (double)walk.meters[0].readings[w].bad * 1e-6);
            surety_story_destroy(story);
        }
        surety_walk_finish(&walk);
    }
    surety_timeline_finish(&timeline);
    unload();
}

// --worst gives the run's quantile: nearest rank, within the histogram's 0.1 %.
Test(story, worst_is_the_quantile_of_the_run)
{
    load(random_world);
    struct surety_run_options options;
    struct surety_result *result = NULL;
    surety_run_options_default(&options);
    options.n_replications = 3000;
    cr_assert_eq(surety_run(scenario, plan, &options, &diags, &result), SURETY_OK);
    const struct surety_quantiles *q = &result->architectures[0].term_availability;
    const double shares[] = {0.05, 0.5, 0.95}, expected[] = {q->p05, q->p50, q->p95};
    for (size_t i = 0; i < 3; i++) {
        const struct surety_story_choice choice = {.by = SURETY_STORY_WORST, .share = shares[i]};
        uint64_t replication = UINT64_MAX;
        cr_assert_eq(surety_story_choose(scenario, plan, 0, 1, 3000, &choice, &diags, &replication), SURETY_OK);
        struct surety_story *story = tell(replication);
        cr_assert_float_eq(1 - story->availability, 1 - expected[i], 0.0015 * (1 - expected[i]), "%.9f %.9f",
                           story->availability, expected[i]);
        cr_assert_eq(surety_story_justify(story, &choice, 3000), SURETY_OK);
        if (i == 0)
            cr_assert_str_eq(story->because, "the 150th worst of 3,000 terms");
        surety_story_destroy(story);
    }
    surety_result_destroy(result);
    unload();
}

Test(story, breach)
{
    load(random_world);
    struct surety_story_choice choice = {.by = SURETY_STORY_BREACH, .tier = 1};
    uint64_t replication = UINT64_MAX;
    cr_assert_eq(surety_story_choose(scenario, plan, 0, 1, 5000, &choice, &diags, &replication), SURETY_OK, "%s",
                 diags.list[diags.n - 1].message);
    for (uint64_t i = 0; i <= replication; i++) {
        struct surety_story *story = tell(i);
        cr_assert_eq(story->windows[story->worst_window].met[1], i < replication);
        surety_story_destroy(story);
    }
    choice.tier = 0;
    replication = 42;
    cr_assert_eq(surety_story_choose(scenario, plan, 0, 1, 200, &choice, &diags, &replication), SURETY_E_INPUT);
    cr_assert_eq(replication, 42);
    cr_assert_not_null(strstr(diags.list[diags.n - 1].message, "none of 200 simulated terms breaches tier \"none\""));
    choice = (struct surety_story_choice){.by = SURETY_STORY_NUMBER, .replication = UINT64_MAX};
    cr_assert_eq(surety_story_choose(scenario, plan, 0, 1, 1, &choice, &diags, &replication), SURETY_OK);
    cr_assert_eq(replication, UINT64_MAX);
    struct surety_story *story = tell(replication);
    check(story);
    surety_story_destroy(story);
    unload();
}

Test(story, other_measures_and_windows)
{
    load("surety: 1\n"
         "term: {start: 2027-01-01, months: 4}\n"
         "workloads: {calls: {demand: 30/min}}\n"
         "providers: {one: {request_errors: 0.1%, outages: {all: {time_to_failure: 9d, time_to_repair: 2h}}}}\n"
         "architectures: {alone: one}\n"
         "contract: {window: 7d, availability: {measure: requests}, tiers: {high: {availability: 99.9%}}}\n");
    struct surety_story *story = tell(3);
    check(story);
    cr_assert_str_eq(story->windows[2].label, "window 3");
    cr_assert(isnan(story->windows[0].budget_s[0]));
    cr_assert(story->windows[0].availability < 1);
    surety_story_destroy(story);
    unload();
}

// The clocks of a zone with daylight saving: an hour ahead from the last Sunday of March.
Test(story, dates)
{
    struct surety_arena arena;
    struct surety_story_clock clock = {.start = {2027, 1, 1}};
    char when[SURETY_SPAN_SIZE];
    surety_story_date(when, &clock, (int64_t)(90 * DAY * 1e6)); // UTC
    cr_assert_str_eq(when, "2027-04-01 00:00:00");
    surety_arena_init(&arena);
    if (surety_tz_load(&arena, "Europe/Berlin", &clock.tz) == SURETY_TZ_OK) {
        clock.start_s = surety_tz_day_start_s(clock.tz, clock.start);
        surety_story_date(when, &clock, 0);
        cr_assert_str_eq(when, "2027-01-01 00:00:00");
        surety_story_date(when, &clock, (int64_t)((86 * DAY + 3 * 3600 - 1) * 1e6 - 3.6e9));
        cr_assert_str_eq(when, "2027-03-28 01:59:59");
        surety_story_date(when, &clock, (int64_t)((86 * DAY + 3 * 3600) * 1e6 - 3.6e9));
        cr_assert_str_eq(when, "2027-03-28 03:00:00");
        surety_story_date(when, &clock, (int64_t)((90 * DAY - 3600) * 1e6));
        cr_assert_str_eq(when, "2027-04-01 00:00:00");
        clock.start = (struct surety_date){2027, 7, 1}; // in summer time, an hour back from the last Sunday of October
        clock.start_s = surety_tz_day_start_s(clock.tz, clock.start);
        surety_story_date(when, &clock, 0);
        cr_assert_str_eq(when, "2027-07-01 00:00:00");
        surety_story_date(when, &clock, (int64_t)((9 * DAY + 15 * 3600) * 1e6));
        cr_assert_str_eq(when, "2027-07-10 15:00:00");
        surety_story_date(when, &clock, (int64_t)((123 * DAY + 3600) * 1e6));
        cr_assert_str_eq(when, "2027-11-01 00:00:00");
    }
    surety_arena_finish(&arena);
}

Test(story, spans)
{
    static const struct {
        double s;
        const char *text;
    } rows[] = {{0, "0 s"},     {0.25, "0.25 s"},          {75, "1 min 15 s"},
                {3600, "1 h"},  {4515, "1 h 15 min 15 s"}, {90061, "1 d 1 h 1 min 1 s"},
                {59.7, "1 min"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char span[SURETY_SPAN_SIZE];
        surety_story_span(span, (int64_t)(rows[i].s * 1e6));
        cr_assert_str_eq(span, rows[i].text);
    }
}

// --- reporters -------------------------------------------------------------------------------------------------

Test(story, text_and_svg)
{
    load_fixed(FIRST, PLAIN_SECOND, PLAIN_FAILOVER);
    struct surety_story *story = tell(0);
    char *text = NULL, *svg = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    surety_story_text(story, true, out);
    fclose(out);
    cr_assert_not_null(
        strstr(text, "  2027-01-11 00:01:15  traffic switches to second; the service is up after 1 min 15 s"));
    cr_assert_not_null(strstr(text, "  high  99.992 %     MISSED by 11 s, the budget is 3 min 34 s"));
    cr_assert_not_null(strstr(text, "  high is missed in 2 of 3 months."));
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
        cr_assert(strlen(line) <= SURETY_REPORT_COLUMNS, "%zu columns: %s", strlen(line), line);
    out = open_memstream(&svg, &size);
    cr_assert_eq(surety_story_svg(out, story, 0, story->term_us), SURETY_OK);
    fclose(out);
    cr_assert_not_null(strstr(svg, "a &lt;b&gt; &amp; &quot;c&quot;"));
    cr_assert_not_null(strstr(svg, "traffic switches to second"));
    cr_assert_null(strstr(svg, " id="));
    free(text);
    free(svg);
    surety_story_destroy(story);
    unload();
}
