// SPDX-License-Identifier: GPL-3.0-or-later
// The stationary start and the mean availability, for every law. The moments stand here in closed form, not taken from
// the engine's law table.
#include "tests/stat/worlds.h"

#include "sim/engine/timeline.h"

#include <criterion/criterion.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>

struct law_row {
    const char *yaml;         // mean 10 h or so
    double mean, mean_square; // hours
};

// Fills the closed forms; returns the number of rows.
static size_t list_laws(struct law_row rows[16])
{
    const double g1 = gsl_sf_gamma(1 + 1 / 0.7), g2 = gsl_sf_gamma(1 + 2 / 0.7);
    const double h1 = gsl_sf_gamma(1 + 1 / 2.5), h2 = gsl_sf_gamma(1 + 2 / 2.5);
    const double s2 = log(1 + 0.8 * 0.8); // sigma^2 of a lognormal with cv 0.8
    size_t n = 0;
    rows[n++] = (struct law_row){"{exponential: {mean: 10h}}", 10, 200};
    rows[n++] = (struct law_row){"{weibull: {shape: 0.7, mean: 10h}}", 10, 100 * g2 / (g1 * g1)};
    rows[n++] = (struct law_row){"{weibull: {shape: 2.5, mean: 10h}}", 10, 100 * h2 / (h1 * h1)};
    rows[n++] = (struct law_row){"{lognormal: {mean: 10h, cv: 0.8}}", 10, 100 * exp(s2)};
    rows[n++] = (struct law_row){"{gamma: {shape: 0.6, mean: 10h}}", 10, 100 * (1 + 1 / 0.6)};
    rows[n++] = (struct law_row){"{gamma: {shape: 4, mean: 10h}}", 10, 100 * (1 + 1 / 4.0)};
    rows[n++] = (struct law_row){"{pareto: {shape: 5, scale: 8h}}", 10, 64 * 5.0 / 3};
    rows[n++] = (struct law_row){"{uniform: {min: 2h, max: 18h}}", 10, 100 + 256.0 / 12};
    rows[n++] = (struct law_row){"{fixed: 10h}", 10, 100};
    rows[n++] = (struct law_row){"{empirical: {values: [1h, 4h, 4h, 31h]}}", 10, (1 + 16 + 16 + 961) / 4.0};
    rows[n++] = (struct law_row){
        "{mixture: [{weight: 3, of: {exponential: {mean: 4h}}}, {weight: 1, of: {uniform: {min: 20h, max: 36h}}}]}", 10,
        0.75 * 32 + 0.25 * (28.0 * 28 + 256.0 / 12)};
    rows[n++] = (struct law_row){"{exponential: {mean: 8h, shift: 2h}}", 10, 4 + 2 * 2 * 8 + 2 * 64};
    return n;
}

static const char one_source[] = "surety: 1\n"
                                 "term: {start: 2027-01-01, months: 1}\n"
                                 "workloads: {w: {demand: 1/min}}\n"
                                 "providers: {a: {outages: {x: {time_to_failure: %s, time_to_repair: %s}}}}\n"
                                 "architectures: {alone: a}\n"
                                 "contract: {window: %s, availability: {measure: time}}\n";

// Mean availability over the first 8 hours only, less than one period: E[U] / (E[U] + E[D]) from the first instant. A
// fresh start would give more (with 10 h up and 5 h down in a window of 8 h: some 0.8 in the place of 0.667). Each law
// as up law and as repair law. 60,000 terms: s.e. at most 2e-3, finds 0.0245.
Test(stat_long_run, availability_is_the_ratio_of_means_from_the_first_hour)
{
    enum { N = 60000 };
    struct law_row rows[16];
    const size_t n = list_laws(rows);
    for (size_t i = 0; i < 2 * n; i++) {
        const struct law_row *row = &rows[i / 2];
        struct world world;
        world_open(&world, one_source, i % 2 == 0 ? row->yaml : "{gamma: {shape: 2, mean: 5h}}",
                   i % 2 == 0 ? "{gamma: {shape: 2, mean: 5h}}" : row->yaml, "8h");
        struct surety_result *r = world_run(&world, N, 100 + i);
        const struct surety_mean *a = &r->architectures[0].availability;
        holds(row->yaml, a->mean, a->se, i % 2 == 0 ? 10 / 15.0 : 5 / 15.0, 0.0245);
        surety_result_destroy(r);
        world_close(&world);
    }
}

// The same over a year: s.e. at most 1e-3 (20,000 terms of 40 days), finds 0.0122.
Test(stat_long_run, availability_stays_the_ratio_of_means)
{
    enum { N = 4000 };
    struct law_row rows[16];
    const size_t n = list_laws(rows);
    for (size_t i = 0; i < n; i++) {
        struct world world;
        world_open(&world, one_source, rows[i].yaml, "{lognormal: {mean: 2h, cv: 1.2}}", "40d");
        struct surety_result *r = world_run(&world, N, 200 + i);
        const struct surety_mean *a = &r->architectures[0].availability;
        holds(rows[i].yaml, a->mean, a->se, 10 / 12.0, 0.0122);
        surety_result_destroy(r);
        world_close(&world);
    }
}

// Residual times at the term's start, by state: the first boundary of a source that starts up, the end of the first
// episode of one that starts down (episodes may end after the term).
static void residuals(struct world *world, uint64_t n, struct tally *up, struct tally *down, struct tally *starts_up)
{
    struct surety_timeline timeline;
    cr_assert_eq(surety_timeline_init(&timeline, world->plan, surety_kernel_best(), 7), SURETY_OK);
    for (uint64_t r = 0; r < n; r++) {
        surety_timeline_begin(&timeline, r);
        const int64_t *at = surety_timeline_boundaries(&timeline, 0);
        cr_assert_not_null(at);
        tally_add(starts_up, at[0] > 0);
        if (at[0] > 0)
            tally_add(up, (double)(at[0] < SURETY_NEVER ? at[0] : world->plan->term_us) / 3.6e9);
        else
            tally_add(down, (double)at[1] / 3.6e9);
    }
    surety_timeline_finish(&timeline);
}

// Mean residual E[X^2] / 2 E[X] (Cox, Renewal Theory, 1962, ch. 5), not E[X], of repairs and of up times, and the
// probability of the state. The term of 4000 h cuts off no more than 1e-6 of an up residual. 60,000 starts, about half
// of each state: s.e. of a mean at most 0.13 h (weibull 0.7), finds 1.6 h of 10.
Test(stat_long_run, mean_residual_is_half_the_second_moment_over_the_mean)
{
    enum { N = 60000 };
    struct law_row rows[16];
    const size_t n = list_laws(rows);
    for (size_t i = 0; i < n; i++) {
        struct world world;
        struct tally up = {0}, down = {0}, starts_up = {0};
        const double truth = rows[i].mean_square / (2 * rows[i].mean);
        world_open(&world, one_source, rows[i].yaml, "{fixed: 10h}", "4000h");
        // only the first period is looked at: no need to draw the rest
        world.plan->sources[0].n_guess = 4;
        residuals(&world, N / 8, &up, &down, &starts_up);
        holds(rows[i].yaml, tally_mean(&up), tally_se(&up), truth, 5);
        world_close(&world);

        up = down = starts_up = (struct tally){0};
        world_open(&world, one_source, "{uniform: {min: 8h, max: 12h}}", rows[i].yaml, "1h");
        residuals(&world, N, &up, &down, &starts_up);
        holds(rows[i].yaml, tally_mean(&down), tally_se(&down), truth, 1.6);
        holds("starts up", tally_mean(&starts_up), tally_se(&starts_up), 0.5, 0.025);
        world_close(&world);
    }
}

// `initial_state: up` begins with a fresh up time, not a residual one: with a fixed up time of 10 h no failure comes
// before, one comes exactly then. Exact, no draw involved.
Test(stat_long_run, a_fresh_start_begins_with_a_whole_up_time)
{
    struct world world;
    struct surety_timeline timeline;
    world_open(&world, "surety: 1\n"
                       "term: {start: 2027-01-01, months: 1, initial_state: up}\n"
                       "workloads: {w: {demand: 1/min}}\n"
                       "providers: {a: {outages: {x: {time_to_failure: {fixed: 10h}, time_to_repair: {fixed: 1h}}}}}\n"
                       "architectures: {alone: a}\n"
                       "contract: {window: 100h, availability: {measure: time}}\n");
    cr_assert_eq(surety_timeline_init(&timeline, world.plan, surety_kernel_best(), 7), SURETY_OK);
    for (uint64_t r = 0; r < 100; r++) {
        surety_timeline_begin(&timeline, r);
        const int64_t *at = surety_timeline_boundaries(&timeline, 0), hour = 3600000000;
        for (int k = 0; k < 9; k++) {
            cr_assert_eq(at[2 * k], (10 + 11 * k) * hour);
            cr_assert_eq(at[2 * k + 1], (11 + 11 * k) * hour);
        }
        cr_assert_eq(at[18], SURETY_NEVER);
    }
    surety_timeline_finish(&timeline);
    world_close(&world);
}
