// SPDX-License-Identifier: GPL-3.0-or-later
// A provider's record in the place of its outages: with its own dates the record's availability to the microsecond, in
// blocks the record's mean, and records that share blocks keep what failed together.
#include "tests/stat/worlds.h"

#include "models/registry.h"
#include "sim/engine/replay.h"
#include "sim/engine/timeline.h"
#include "sim/base/calendar.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define N_OUTAGES 40

static char file[] = "/tmp/surety-recorded-XXXXXX";
static int64_t from_s[2][N_OUTAGES], length_s[2][N_OUTAGES]; // from 2025-01-06, a Monday
static bool is_major[2][N_OUTAGES];

#define BEGIN_S INT64_C(1736121600) // 2025-01-06
#define WEEKS 40

// Two providers' outages at odd seconds, every third one together; never over the end of the record.
static void write_record(void)
{
    FILE *out = fdopen(mkstemp(file), "w");
    uint32_t state = 4711;
    cr_assert_not_null(out);
    fputs("provider,severity,start,end\n", out);
    for (int p = 0; p < 2; p++)
        for (int i = 0; i < N_OUTAGES; i++) {
            state = state * 1664525U + 1013904223U;
            from_s[p][i] = (int64_t)i * 7 * 86400 * WEEKS / N_OUTAGES + state % 300000;
            length_s[p][i] = 61 + (state >> 8) % 30011;
            is_major[p][i] = state >> 31;
            if (p == 1 && i % 3 == 0) {
                from_s[1][i] = from_s[0][i] + 600;
                length_s[1][i] = length_s[0][i];
            }
            fprintf(out, "%s,%s,%lld,%lld\n", p == 0 ? "a" : "b", is_major[p][i] ? "major" : "minor",
                    (long long)(BEGIN_S + from_s[p][i]), (long long)(BEGIN_S + from_s[p][i] + length_s[p][i]));
        }
    fclose(out);
}

static void remove_record(void)
{
    unlink(file);
}

TestSuite(stat_recorded, .init = write_record, .fini = remove_record);

#define WORLD                                                                                                          \
    "surety: 1\nterm: {start: %s, months: %d}\nworkloads: {w: {demand: 1000/min}}\nproviders:\n"                       \
    "  a: {record: {file: %s, provider: a, from: 2025-01-06, until: 2025-10-13%s}}\n"                                  \
    "  b: {record: {file: %s, provider: b, from: 2025-01-06, until: 2025-10-13%s}}\n"                                  \
    "architectures: {one: a, two: b, either: {parallel: [a, b]}}\n"                                                    \
    "contract: {window: 1w, availability: {measure: %s%s}, tiers: {t: {availability: 99%%}}}\n"

// Seconds of the record of provider p with at least the share down_at of requests failing (partial: 30 %).
static int64_t down_s(int p, bool majors_only)
{
    int64_t sum = 0;
    for (int i = 0; i < N_OUTAGES; i++)
        sum += is_major[p][i] || !majors_only ? length_s[p][i] : 0;
    return sum;
}

// Seconds of each week during which both are out, at any share.
static double both_down_s(void)
{
    double sum = 0;
    for (int i = 0; i < N_OUTAGES; i++)
        for (int k = 0; k < N_OUTAGES; k++) {
            const int64_t from = from_s[0][i] > from_s[1][k] ? from_s[0][i] : from_s[1][k];
            const int64_t a = from_s[0][i] + length_s[0][i], b = from_s[1][k] + length_s[1][k];
            sum += from < (a < b ? a : b) ? (double)((a < b ? a : b) - from) : 0;
        }
    return sum;
}

Test(stat_recorded, replay_is_exact)
{
    for (int majors = 0; majors < 2; majors++) {
        struct world world;
        struct surety_replay *replay = NULL;
        world_open(&world, WORLD, "2025-01-06", WEEKS, file, "", file, "", "time",
                   majors ? ", down_at: 50%" : ", down_at: 5%");
        cr_assert_eq(surety_replay_create(world.scenario, false, 1, &world.diags, &replay), SURETY_OK);
        for (int p = 0; p < 2; p++) {
            const struct surety_replay_architecture *a = &replay->architectures[p];
            double by_day = 0;
            int64_t by_window_us = 0;
            for (size_t d = 0; d < replay->n_days; d++)
                by_day += a->days[d].down_s;
            for (size_t w = 0; w < a->story->n_windows; w++)
                by_window_us += (int64_t)(a->story->windows[w].downtime_s * 1e6 + 0.5);
            cr_assert_eq(by_window_us, down_s(p, majors) * SURETY_US_PER_S);
            cr_assert_eq((int64_t)(a->story->downtime_s * 1e6 + 0.5), down_s(p, majors) * SURETY_US_PER_S);
            cr_assert_float_eq(by_day, (double)down_s(p, majors), 1e-4);
            // the twin: a second more would be seen
            cr_assert_neq(by_window_us, (down_s(p, majors) + 1) * SURETY_US_PER_S);
        }
        cr_assert(majors || fabs(replay->architectures[2].story->downtime_s - both_down_s()) < 1e-5);
        surety_replay_destroy(replay);
        world_close(&world);
    }
}

// The same by shares of requests: partial outages fail 30 % of a flat demand.
Test(stat_recorded, replay_is_exact_by_requests)
{
    struct world world;
    struct surety_replay *replay = NULL;
    world_open(&world, WORLD, "2025-01-06", WEEKS, file, "", file, "", "requests", ", counts: expected");
    cr_assert_eq(surety_replay_create(world.scenario, false, 1, &world.diags, &replay), SURETY_OK);
    for (int p = 0; p < 2; p++) {
        const double lost_s = (double)down_s(p, true) + 0.3 * (double)(down_s(p, false) - down_s(p, true));
        const double truth = 1 - lost_s / (WEEKS * 604800.0);
        cr_assert_float_eq(replay->architectures[p].story->availability, truth, 1e-9);
    }
    surety_replay_destroy(replay);
    world_close(&world);
}

// A term outside of the record is no replay.
Test(stat_recorded, a_replay_needs_its_dates)
{
    struct world world;
    struct surety_replay *replay = NULL;
    world_open(&world, WORLD, "2025-01-13", WEEKS, file, ", bootstrap: 3w", file, ", bootstrap: 3w", "time", "");
    cr_assert_eq(surety_replay_create(world.scenario, false, 1, &world.diags, &replay), SURETY_E_INPUT);
    cr_assert_eq(world.diags.list[world.diags.n - 1].id, SURETY_D_RECORD_SPAN);
    world_close(&world);
}

// Blocks of 3 weeks and a day: the mean is the record's, for single providers and for both down at once. 40,000 terms of
// 52 weeks from a Wednesday: s.e. about 1e-5, finds 2e-4.
Test(stat_recorded, blocks_keep_the_mean_and_what_fails_together)
{
    struct world world;
    world_open(&world, WORLD, "2027-06-02", 52, file, ", bootstrap: 22d", file, ", bootstrap: 22d", "time",
               ", down_at: 5%");
    struct surety_result *result = world_run(&world, 40000, 20270101);
    const double record_s = WEEKS * 604800.0;
    const double truth[] = {1 - (double)down_s(0, false) / record_s, 1 - (double)down_s(1, false) / record_s,
                            1 - both_down_s() / record_s};
    for (int i = 0; i < 3; i++) {
        const struct surety_mean *mean = &result->architectures[i].availability;
        holds(result->architectures[i].name, mean->mean, mean->se, truth[i], 2e-4);
    }
    surety_result_destroy(result);
    world_close(&world);
    // Drawn apart, both are down at once as often as if they were independent over the weeks of the record: here a
    // fraction of the truth.
    world_open(&world, WORLD, "2027-06-02", 52, file, ", bootstrap: 22d", file, ", bootstrap: 22d, shared: no", "time",
               ", down_at: 5%");
    result = world_run(&world, 40000, 20270101);
    cr_assert_gt((1 - truth[2]) / (1 - result->architectures[2].availability.mean), 5);
    surety_result_destroy(result);
    world_close(&world);
}

// Every instant of the record is equally likely at every instant of the term that stands at the same point of the week:
// the term's first hour, from which no stationary law would know a weekday. 60,000 draws, finds 0.02.
Test(stat_recorded, the_weekday_stays)
{
    struct world world;
    world_open(&world, WORLD, "2027-06-02", 1, file, ", bootstrap: 1w", file, ", bootstrap: 1w", "time",
               ", down_at: 5%");
    struct surety_timeline timeline;
    cr_assert_eq(surety_timeline_init(&timeline, world.plan, surety_kernel_best(), 7), SURETY_OK);
    enum { N = 60000 };
    double n_down = 0, truth = 0;
    const int64_t noon_us = 36 * SURETY_US_PER_HOUR; // Thursday 12:00
    for (int i = 0; i < N_OUTAGES; i++)
        for (int week = 0; week < WEEKS; week++) {
            const int64_t at = week * INT64_C(604800) + 3 * 86400 + 43200;
            truth += from_s[0][i] <= at && at < from_s[0][i] + length_s[0][i] ? 1.0 / WEEKS : 0;
        }
    for (uint64_t r = 0; r < N; r++) {
        surety_timeline_begin(&timeline, r);
        for (uint32_t e = 0; e < world.plan->n_effects; e++) {
            if (world.plan->effects[e].provider != 0)
                continue;
            const int64_t *b = surety_timeline_boundaries(&timeline, e);
            for (; b[0] <= noon_us; b += 2)
                n_down += noon_us < b[1];
        }
    }
    cr_assert_gt(truth, 0.02);
    holds_share("down on Thursday noon", n_down / N, N, truth, 0.02);
    surety_timeline_finish(&timeline);
    world_close(&world);
}

// The engine's fast loops and the general walk, and any number of threads, give the same bytes.
Test(stat_recorded, same_bytes)
{
    struct world world;
    struct surety_run_options options;
    world_open(&world, WORLD, "2027-06-02", 12, file, ", bootstrap: 2w", file, ", bootstrap: 5w, shared: no",
               "requests", "");
    surety_run_options_default(&options);
    options.n_replications = 9000;
    options.n_threads = 1;
    char *one = world_json(&world, &options);
    options.n_threads = 3;
    options.general_walk = true;
    char *other = world_json(&world, &options);
    cr_assert_str_eq(one, other);
    free(one);
    free(other);
    world_close(&world);
}
