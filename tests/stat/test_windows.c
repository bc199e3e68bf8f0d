// SPDX-License-Identifier: GPL-3.0-or-later
// Windows, budgets and counts.
#include "tests/stat/worlds.h"

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <math.h>

#define HOUR_US INT64_C(3600000000)

static void expect_hours(const char *term, const int *hours, size_t n)
{
    struct world world;
    world_open(&world,
               "surety: 1\n"
               "term: {%s}\n"
               "workloads: {w: {demand: 1/min}}\n"
               "providers: {a: {outages: none}}\n"
               "architectures: {alone: a}\n"
               "contract: {availability: {measure: time}}\n",
               term);
    cr_assert_eq(world.plan->n_windows, n, "%s: %d windows", term, (int)world.plan->n_windows);
    cr_assert_eq(world.plan->window_us[0], 0);
    for (size_t i = 0; i < n; i++)
        cr_assert_eq(world.plan->window_us[i + 1] - world.plan->window_us[i], hours[i] * HOUR_US,
                     "%s: window %d is %g h", term, (int)i,
                     (double)(world.plan->window_us[i + 1] - world.plan->window_us[i]) / (double)HOUR_US);
    world_close(&world);
}

Test(stat_windows, months_are_gregorian)
{
    expect_hours("start: 2027-01-01, months: 12", (int[]){744, 672, 744, 720, 744, 720, 744, 744, 720, 744, 720, 744},
                 12);
    expect_hours("start: 2028-01-01, months: 12", (int[]){744, 696, 744, 720, 744, 720, 744, 744, 720, 744, 720, 744},
                 12);
    expect_hours("start: 2000-02-01, months: 1", (int[]){696}, 1);              // a leap year: divisible by 400
    expect_hours("start: 2100-02-01, months: 1", (int[]){672}, 1);              // not: divisible by 100
    expect_hours("start: 2028-02-15, months: 1", (int[]){15 * 24, 14 * 24}, 2); // n + 1 windows, the cut ones shorter
    expect_hours("start: 2027-12-20, months: 2", (int[]){12 * 24, 744, 19 * 24}, 3);
}

// P(D(T) <= x), up exponential from a fresh start, repairs exponential: as in test_interval_availability.c.
static double takacs_missed(double T, double x, double up, double down)
{
    double met = exp(-(T - x) / up), n_failures = met;
    for (int n = 1; n < 100; n++) {
        n_failures *= (T - x) / up / n;
        met += n_failures * gsl_cdf_gamma_P(x, n, down);
    }
    return 1 - met;
}

static const char february[] = "surety: 1\n"
                               "term: {start: %s, months: 1, initial_state: up}\n"
                               "workloads: {w: {demand: 1/min}}\n"
                               "providers: {a: {outages: {x: {time_to_failure: 720h, time_to_repair: 1h}}}}\n"
                               "architectures: {alone: a}\n"
                               "contract: {availability: {measure: time}, tiers: {t: {availability: 99.9%%}}}\n";

// February of a leap year is 696 h long and misses 99.9 % more often than 672 h, by 0.0083. 1e6 months: s.e. 4.9e-4, finds
// 0.0061: the twin of each is the other.
Test(stat_windows, february_of_a_leap_year_is_a_day_longer)
{
    enum { N = 1000000 };
    static const struct {
        const char *start;
        double T, other;
    } rows[] = {{"2028-02-01", 696, 672}, {"2027-02-01", 672, 696}};
    for (int i = 0; i < 2; i++) {
        struct world world;
        world_open(&world, february, rows[i].start);
        struct surety_result *r = world_run(&world, N, 31);
        const double missed = 1 - r->architectures[0].tiers[0].month_met.p;
        const double truth = takacs_missed(rows[i].T, rows[i].T * 1e-3, 720, 1);
        const double other = takacs_missed(rows[i].other, rows[i].other * 1e-3, 720, 1);
        holds_share(rows[i].start, missed, N, truth, 0.0061);
        cr_assert(!within(missed, other, sqrt(truth * (1 - truth) / N)));
        surety_result_destroy(r);
        world_close(&world);
    }
}

static double met(const char *repair, const char *availability)
{
    struct world world;
    world_open(&world,
               "surety: 1\n"
               "term: {start: 2027-01-01, months: 1, initial_state: up}\n"
               "workloads: {w: {demand: 100/min}}\n"
               "providers: {a: {outages: {x: {time_to_failure: {fixed: 700h}, time_to_repair: {fixed: %s}}}}}\n"
               "architectures: {alone: a}\n"
               "contract: {window: 730h, availability: {%s}, tiers: {t: {availability: 99.9%%}}}\n",
               repair, availability);
    struct surety_result *r = world_run(&world, 1, 1);
    const double p = r->architectures[0].tiers[0].month_met.p;
    surety_result_destroy(r);
    world_close(&world);
    return p;
}

// 99.9 % of 730 h leaves 2628 s to the microsecond; breach is strict.
Test(stat_windows, the_budget_is_exact_and_breach_is_strict)
{
    cr_assert_eq(met("2628s", "measure: time"), 1);
    cr_assert_eq(met("2628.000001s", "measure: time"), 0);
    cr_assert_eq(met("2628s", "measure: requests, counts: expected"), 1);
    cr_assert_eq(met("2629s", "measure: requests, counts: expected"), 0);
    cr_assert_eq(met("2700s", "measure: time, minimum_outage: 2701s"), 1);
    cr_assert_eq(met("2700s", "measure: time, minimum_outage: 2700s"), 0);
}

// Failed requests are counted: 4380 a window (0.1 a minute), 0.02 % fail, mean 0.876. A window meets 99.97 %
// (1.314 failures) with at most one, P = e^-m (1 + m). 400,000 windows: s.e. 7.4e-4, finds 0.0092.
Test(stat_windows, failed_requests_scatter_as_poisson)
{
    enum { N = 400000 };
    struct world world;
    world_open(&world,
               "surety: 1\n"
               "term: {start: 2027-01-01, months: 1}\n"
               "workloads: {w: {demand: 6/h}}\n"
               "providers: {a: {outages: none, request_errors: 0.02%%}}\n"
               "architectures: {alone: a}\n"
               "contract: {window: 730h, availability: {measure: requests}, tiers: {t: {availability: 99.97%%}}}\n");
    struct surety_result *r = world_run(&world, N, 41);
    const double m = 4380 * 2e-4;
    holds_share("at most one", r->architectures[0].tiers[0].month_met.p, N, exp(-m) * (1 + m), 0.0092);
    holds("mean", 1 - r->architectures[0].availability.mean, r->architectures[0].availability.se, 2e-4, 5e-6);
    surety_result_destroy(r);
    world_close(&world);
}

// --- intervals cover -------------------------------------------------------------------------------------------

// Of 95 % intervals about 95 % hold the truth: 600 seeds, 500 terms of one month each. The exact share of Wilson's
// interval at n = 500 follows from the binomial law. s.e. 8.9e-3, finds 0.11.
Test(stat_windows, wilson_intervals_cover_the_truth)
{
    enum { N = 500, N_SEEDS = 600 };
    const double truth = 1 - takacs_missed(672, 0.672, 720, 1), z = 1.959963984540054;
    double exact = 0;
    for (int k = 0; k <= N; k++) {
        const double p = (double)k / N, middle = (p + z * z / (2 * N)) / (1 + z * z / N);
        const double half = z / (1 + z * z / N) * sqrt(p * (1 - p) / N + z * z / (4.0 * N * N));
        if (fabs(middle - truth) <= half)
            exact +=
                gsl_cdf_binomial_P((unsigned)k, truth, N) - (k > 0 ? gsl_cdf_binomial_P((unsigned)k - 1, truth, N) : 0);
    }
    struct world world;
    struct tally covered = {0};
    world_open(&world, february, "2027-02-01");
    for (uint64_t seed = 0; seed < N_SEEDS; seed++) {
        struct surety_result *r = world_run(&world, N, seed);
        const struct surety_probability *p = &r->architectures[0].tiers[0].term_met;
        tally_add(&covered, p->lo <= truth && truth <= p->hi);
        surety_result_destroy(r);
    }
    holds_share("coverage", tally_mean(&covered), N_SEEDS, exact, 0.11);
    world_close(&world);
}
