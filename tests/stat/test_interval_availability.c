// SPDX-License-Identifier: GPL-3.0-or-later
// The distribution of a window's downtime: P(D(T) > x), exactly.
#include "tests/stat/worlds.h"

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>

// A source's law, all gamma: shape INFINITY is a fixed time.
struct gamma_law {
    double shape, mean;
};

// P(the sum of n independent times <= t).
static double sum_at_most(struct gamma_law law, int n, double t)
{
    if (n == 0)
        return 1;
    if (isinf(law.shape))
        return n * law.mean <= t ? 1 : 0;
    return gsl_cdf_gamma_P(t, n * law.shape, law.mean / law.shape);
}

// P(D(T) > x) of an alternating renewal process that starts with a fresh up time: D(T) <= x exactly when the repairs
// of the failures in the first T - x of operation sum to at most x.
// L. Takacs, On certain sojourn time problems in the theory of stochastic processes, Acta Math. Hung. 8 (1957), 169.
static double takacs(double T, double x, struct gamma_law up, struct gamma_law down)
{
    double p = 0, reached = 1; // reached: P(at least n failures in T - x)
    for (int n = 0; reached > 1e-17 && n < 400; n++) {
        const double next = sum_at_most(up, n + 1, T - x);
        p += (reached - next) * sum_at_most(down, n, x);
        reached = next;
    }
    return 1 - p;
}

#define EXPONENTIAL(mean) ((struct gamma_law){1, mean})

static const char one_source[] =
    "surety: 1\n"
    "term: {start: 2027-01-01, months: 1, initial_state: up}\n"
    "workloads: {w: {demand: 1/min}}\n"
    "providers: {a: {outages: {x: {time_to_failure: %s, time_to_repair: %s}}}}\n"
    "architectures: {alone: a}\n"
    "contract: {window: %s, availability: {measure: time}, tiers: {t: {availability: %s}}}\n";

static double share_missed(struct world *world, uint64_t n, uint64_t seed)
{
    struct surety_result *r = world_run(world, n, seed);
    const double p = 1 - r->architectures[0].tiers[0].month_met.p;
    surety_result_destroy(r);
    return p;
}

// 1e6 months: s.e. 4.9e-4, finds a shift of 0.0061.
Test(stat_interval_availability, month_below_99_9_percent_is_takacs)
{
    const double truth = takacs(730, 0.73, EXPONENTIAL(720), EXPONENTIAL(1));
    cr_assert_float_eq(truth, 0.412774954215, 1e-12, "Takacs gives %.12f", truth);
    struct world world;
    world_open(&world, one_source, "720h", "1h", "730h", "99.9%");
    cr_assert(world.plan->sources[0].start_up);
    // the bare `1h` is exponential under time_to_*
    holds_share("P(month < 99.9 %)", share_missed(&world, 1000000, 1), 1000000, truth, 0.0061);
    world_close(&world);
}

// 400,000 windows each: s.e. at most 7.9e-4, finds a shift of 0.0097.
Test(stat_interval_availability, other_laws_of_up_and_repair_are_takacs)
{
    enum { N = 400000 };
    static const struct {
        const char *up, *down, *window, *target;
        double T;
        struct gamma_law u, d;
    } rows[] = {
        {"{gamma: {shape: 0.5, mean: 40h}}", "{gamma: {shape: 3, mean: 4h}}", "100h", "90%", 100, {0.5, 40}, {3, 4}},
        {"{gamma: {shape: 4, mean: 40h}}", "{gamma: {shape: 0.3, mean: 4h}}", "100h", "90%", 100, {4, 40}, {0.3, 4}},
        {"{exponential: {mean: 20h}}", "{fixed: 3h}", "100h", "90%", 100, {1, 20}, {INFINITY, 3}},
        {"{weibull: {shape: 1, mean: 20h}}", "{gamma: {shape: 2, mean: 3h}}", "50h", "80%", 50, {1, 20}, {2, 3}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world world;
        const double T = rows[i].T, target = atof(rows[i].target) / 100;
        world_open(&world, one_source, rows[i].up, rows[i].down, rows[i].window, rows[i].target);
        holds_share(rows[i].up, share_missed(&world, N, 2), N, takacs(T, T * (1 - target), rows[i].u, rows[i].d),
                    0.0097);
        world_close(&world);
    }
}

// --- n alike in parallel ---------------------------------------------------------------------------------------

#define MOST_ENTRIES 24

// P(D(T) > x), D the time with all of n alike (up 1 / lambda, repair 1 / mu, all up at 0) down. Leave the all-down
// times out of the clock: then state (entries so far, number down) is a Markov chain, from which uniformisation gives
// P(k entries in T - x); a stay in all-down is exponential with rate n mu.
static double all_down(int n, double T, double x, double lambda, double mu)
{
    double p[MOST_ENTRIES][8] = {{0}}, total[MOST_ENTRIES] = {0};
    const double rate = n * (lambda + mu), steps = rate * (T - x);
    const int last = (int)(steps + 40 * sqrt(steps) + 100);
    p[0][0] = 1;
    for (int step = 0; step <= last; step++) {
        const double weight = gsl_ran_poisson_pdf((unsigned)step, steps);
        double next[MOST_ENTRIES][8] = {{0}};
        for (int k = 0; k < MOST_ENTRIES; k++)
            for (int j = 0; j < n; j++) { // j down
                const double fail = (n - j) * lambda / rate, repair = j * mu / rate;
                total[k] += weight * p[k][j];
                next[k][j] += p[k][j] * (1 - fail - repair);
                if (j > 0)
                    next[k][j - 1] += p[k][j] * repair;
                if (j + 1 < n)
                    next[k][j + 1] += p[k][j] * fail;
                else if (k + 1 < MOST_ENTRIES) // into all-down and out of it
                    next[k + 1][j] += p[k][j] * fail;
            }
        for (int k = 0; k < MOST_ENTRIES; k++)
            for (int j = 0; j < n; j++)
                p[k][j] = next[k][j];
    }
    double longer = 0; // summed up directly: as 1 - met the small values would lose half their digits
    for (int k = 1; k < MOST_ENTRIES; k++)
        longer += total[k] * (x > 0 ? gsl_cdf_gamma_Q(x, k, 1 / (n * mu)) : 1);
    return longer;
}

static const char alike[] =
    "surety: 1\n"
    "term: {start: 2027-01-01, months: 1, initial_state: up}\n"
    "workloads: {w: {demand: 1/min}}\n"
    "providers:\n"
    "  a: {outages: {x: {time_to_failure: %1$s, time_to_repair: 1h}}}\n"
    "  b: {outages: {x: {time_to_failure: %1$s, time_to_repair: 1h}}}\n"
    "  c: {outages: {x: {time_to_failure: %1$s, time_to_repair: 1h}}}\n"
    "architectures: {two: {parallel: [a, b]}, three: {parallel: [c, a, b]}%2$s}\n"
    "contract: {window: 730h, availability: {measure: time}, tiers: {t: {availability: 99.99%%}, all: {availability: "
    "100%%}}}\n";

static double missed(const struct surety_result *r, int architecture, int tier)
{
    return 1 - r->architectures[architecture].tiers[tier].month_met.p;
}

Test(stat_interval_availability, solver_gives_the_published_values_of_two_and_three_in_parallel)
{
    const double x = 262.8 / 3600; // design/PERFORMANCE.md, point 7
    cr_assert_float_eq(all_down(2, 730, 0, 1.0 / 720, 1), 2.796938e-3, 6e-10);
    cr_assert_float_eq(all_down(2, 730, x, 1.0 / 720, 1), 2.417733e-3, 6e-10);
    cr_assert_float_eq(all_down(3, 730, 0, 1.0 / 720, 1), 5.826977e-6, 6e-13);
    cr_assert_float_eq(all_down(3, 730, x, 1.0 / 720, 1), 4.681184e-6, 6e-13);
    cr_assert_float_eq(all_down(1, 730, 0.73, 1.0 / 720, 1), takacs(730, 0.73, EXPONENTIAL(720), EXPONENTIAL(1)),
                       1e-12);
}

// 2e6 months. Two: s.e. 3.8e-5, finds 4.7e-4 (17 %). Three: 12 and 9 months expected, s.e. at most 1.71e-6, finds
// 2.1e-5 only; the next test is the sharper one for three.
Test(stat_interval_availability, two_and_three_in_parallel_at_720_h)
{
    enum { N = 2000000 };
    const double x = 262.8 / 3600, mean = 1.0 / 720;
    struct world world;
    world_open(&world, alike, "720h", "");
    struct surety_result *r = world_run(&world, N, 3);
    holds_share("two, any", missed(r, 0, 1), N, all_down(2, 730, 0, mean, 1), 4.7e-4);
    holds_share("two, 99.99 %", missed(r, 0, 0), N, all_down(2, 730, x, mean, 1), 4.7e-4);
    holds_share("three, any", missed(r, 1, 1), N, all_down(3, 730, 0, mean, 1), 2.1e-5);
    holds_share("three, 99.99 %", missed(r, 1, 0), N, all_down(3, 730, x, mean, 1), 2.1e-5);
    surety_result_destroy(r);
    world_close(&world);
}

// 60,000 months with failures every 24 h: s.e. at most 1.5e-3, finds 0.0184.
Test(stat_interval_availability, two_and_three_in_parallel_at_24_h)
{
    enum { N = 60000 };
    const double x = 262.8 / 3600, mean = 1.0 / 24;
    struct world world;
    world_open(&world, alike, "24h", ", quorum: {k_of_n: {k: 1, of: [a, b, c]}}");
    struct surety_result *r = world_run(&world, N, 4);
    holds_share("two, any", missed(r, 0, 1), N, all_down(2, 730, 0, mean, 1), 0.0184);
    holds_share("two, 99.99 %", missed(r, 0, 0), N, all_down(2, 730, x, mean, 1), 0.0184);
    holds_share("three, any", missed(r, 1, 1), N, all_down(3, 730, 0, mean, 1), 0.0184);
    holds_share("three, 99.99 %", missed(r, 1, 0), N, all_down(3, 730, x, mean, 1), 0.0184);
    cr_assert_eq(missed(r, 1, 0), missed(r, 2, 0), "one of three is three in parallel");
    surety_result_destroy(r);
    world_close(&world);
}
