// SPDX-License-Identifier: GPL-3.0-or-later
// Measures of availability against closed forms and recursions. One source alternates between exponential up times of
// mean U and repairs of mean D from its stationary state: down with pi = D / (U + D), and a Markov chain at instants h
// apart, P(down | down before) = pi + (1 - pi) exp(-h (1/U + 1/D)) (Cox, Renewal Theory, 1962, ch. 7).
#include "tests/stat/worlds.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

// Hours, windows of 10 days, one a term.
static void world_of(struct world *world, const char *providers, const char *contract)
{
    world_open(world,
               "surety: 1\nterm: {start: 2027-01-04, months: 1}\n"
               "workloads: {w: {demand: 6/min, requests_per_task: 5}}\nproviders: %s\narchitectures: {alone: a}\n"
               "contract: {window: 10d, %s}\n",
               providers, contract);
}

static void mean_is(const char *what, const char *providers, const char *contract, uint64_t n, double truth,
                    double shift)
{
    struct world world;
    world_of(&world, providers, contract);
    struct surety_result *r = world_run(&world, n, 5);
    const struct surety_mean *a = &r->architectures[0].availability;
    holds(what, 1 - a->mean, a->se, truth, shift);
    surety_result_destroy(r);
    world_close(&world);
}

// Outages of 2 minutes, 40 apart.
#define U_MIN 40.0
#define D_MIN 2.0
#define BLIPS "{a: {outages: {x: {time_to_failure: 40m, time_to_repair: 2m}}}}"
static const double pi_down = D_MIN / (U_MIN + D_MIN);

// Expected length of those runs that are at least `shortest` long, of `n` trials: a run begins at the first trial with
// probability p_first, at a later one with p_later, and goes on with probability `on`.
static double run_length(int n, int shortest, double p_first, double p_later, double on)
{
    double sum = 0;
    for (int i = 0; i < n; i++) {
        double length = 0, p_reaches = pow(on, shortest - 1);
        if (n - i >= shortest)
            length = shortest * p_reaches;
        for (int l = shortest + 1; l <= n - i && p_reaches > 1e-18; l++)
            length += p_reaches *= on;
        sum += (i == 0 ? p_first : p_later) * length;
    }
    return sum;
}

// A minute is lost when all of it is down: pi exp(-1/D); when any of it is: 1 - (1 - pi) exp(-1/U). Runs of at least k
// lost minutes: one begins with a minute that starts down after one that was not lost. 3000 windows of 14,400 minutes:
// s.e. some 8e-5, finds 1e-3 of 0.03 to 0.07.
Test(stat_measures, minutes_under_exponential_outages)
{
    enum { N = 3000, MINUTES = 14400 };
    const double q = exp(-1 / D_MIN);
    mean_is("minutes, all of it", BLIPS, "availability: {measure: minutes, down_at: 100%}", N, pi_down * q, 1e-3);
    mean_is("minutes, any of it", BLIPS, "availability: {measure: minutes, down_at: 0.0000001%}", N,
            1 - (1 - pi_down) * exp(-1 / U_MIN), 1.5e-3);
    for (int k = 2; k <= 5; k += 3) {
        char contract[128];
        snprintf(contract, sizeof contract, "availability: {measure: minutes, down_at: 100%%, minimum_outage: %dm}", k);
        mean_is("minutes in runs", BLIPS, contract, N,
                run_length(MINUTES, k, pi_down * q, pi_down * (1 - q) * q, q) / MINUTES, 1e-3);
    }
}

// Cells are linear in f, so that their mean is the share of the time; of the cells without demand (six hours of each day)
// none is bad. 3000 windows: s.e. some 8e-5, finds 1e-3 of 0.048 (0.036).
Test(stat_measures, intervals_are_the_share_of_busy_cells)
{
    char providers[2048] = "{a: {outages: {x: {time_to_failure: 40m, time_to_repair: 2m}}}}", workload[1024] = "[1";
    mean_is("intervals", providers, "availability: {measure: intervals, cell: 7m}", 3000, pi_down, 1e-3);
    for (int h = 1; h < 168; h++)
        strcat(workload, h % 24 < 18 ? ",1" : ",0");
    struct world world;
    world_open(&world,
               "surety: 1\nterm: {start: 2027-01-04, months: 1}\n"
               "workloads: {w: {demand: {rate: 6/min, profile: {hours: %s]}}}}\nproviders: " BLIPS "\n"
               "architectures: {alone: a}\ncontract: {window: 10d, availability: {measure: intervals, cell: 5m}}\n",
               workload);
    struct surety_result *r = world_run(&world, 3000, 6);
    const struct surety_mean *a = &r->architectures[0].availability;
    holds("intervals, idle at night", 1 - a->mean, a->se, 0.75 * pi_down, 1.5e-3);
    surety_result_destroy(r);
    world_close(&world);
}

// pi (1 - 0.7^5), with Poisson counts of tasks. Finds 1e-3 of 0.04.
Test(stat_measures, tasks_fail_with_any_of_their_requests)
{
    mean_is("tasks", "{a: {outages: {x: {time_to_failure: 40m, time_to_repair: 2m, failing: 30%}}}}",
            "availability: {measure: tasks}", 3000, pi_down * (1 - pow(0.7, 5)), 1e-3);
}

// The expected down time of a monitor whose probes fail like a chain: of n intervals, the last cut to a half in the mean
// over the phase. The last probe counts when its run is long enough.
static double monitor(int n, int shortest, double p, double on)
{
    const double all = run_length(n, shortest, p, p * (1 - on), on);
    return (all - p * pow(on, shortest - 1) / 2) / n; // the run that ends at the last probe, of `shortest` or more
}

// A probe a minute; a run goes on with P(down | down a minute ago). k failures in a row, k = 1, 2, 4. 3000 windows, s.e.
// some 9e-5, finds 1.2e-3 of 0.02 to 0.05. With f = 1 all sites see the same.
Test(stat_measures, probes_under_exponential_outages)
{
    enum { N = 3000, PROBES = 14400 };
    const double on = pi_down + (1 - pi_down) * exp(-(1 / U_MIN + 1 / D_MIN));
    for (int k = 1; k <= 4; k *= 2) {
        char contract[160];
        snprintf(contract, sizeof contract,
                 "availability: {measure: probes, interval: 1m, failures: %d, sites: 3, quorum: 3}", k);
        mean_is("probes", BLIPS, contract, N, monitor(PROBES, k, pi_down, on), 1.2e-3);
    }
}

// Two of three sites while a share of 40 % fails: pi P(Bin(3, 0.4) >= 2), one failure being enough.
Test(stat_measures, probes_are_drawn_for_each_site)
{
    const double p = 0.4, two = 3 * p * p * (1 - p) + p * p * p;
    mean_is("probes of three sites", "{a: {outages: {x: {time_to_failure: 40m, time_to_repair: 2m, failing: 40%}}}}",
            "availability: {measure: probes, interval: 1m, sites: 3, quorum: 2}", 3000,
            monitor(14400, 1, pi_down * two, 0), 6e-4);
}

// No outage at all: false alarms and request errors, p = 1 - 0.97 x 0.96. Independent trials: a site's probe is one of at
// least k in a row with probability r, P(two of three sites) = 3 r^2 (1 - r) + r^3. k = 1, 2; 500 windows; the edges
// weigh less than 1e-4 of it. s.e. some 1.3e-5, finds 2e-4 of 0.013 and 1.3e-4 of 3.6e-4.
Test(stat_measures, false_alarms)
{
    const double p = 1 - 0.97 * 0.96;
    for (int k = 1; k <= 2; k++) {
        const double r = k == 1 ? p : p - p * (1 - p) * (1 - p), truth = 3 * r * r * (1 - r) + r * r * r;
        char contract[200];
        snprintf(
            contract, sizeof contract,
            "availability: {measure: probes, interval: 1m, failures: %d, sites: 3, quorum: 2, false_positive: 4%%}", k);
        mean_is("false alarms", "{a: {outages: none, request_errors: 3%}}", contract, 500, truth, k == 1 ? 8e-4 : 2e-4);
    }
}

// Maintenance of 2 h every day, m = 1/12 of the time, and outages that do not care. Excluded: what is left has the
// outages' share, 1 - pi. Down: 1 - (1 - pi)(1 - m). Up: pi (1 - m). 3000 windows, s.e. some 1e-4, finds 1.3e-3.
Test(stat_measures, maintenance_leaves_the_denominator)
{
    static const char providers[] = "{a: {maintenance: {window: \"Mon 02:00\", lasts: 2h, every: 1d}, outages: {x: "
                                    "{time_to_failure: 40m, time_to_repair: 2m}}}}";
    const double m = 1 / 12.0;
    mean_is("excluded", providers, "availability: {measure: time, maintenance: excluded}", 3000, pi_down, 1.5e-3);
    mean_is("excluded, requests", providers, "availability: {measure: requests, maintenance: excluded}", 3000, pi_down,
            1.5e-3);
    mean_is("excluded, intervals", providers, "availability: {measure: intervals, maintenance: excluded}", 3000,
            pi_down, 1.5e-3);
    mean_is("down", providers, "availability: {measure: time, maintenance: down}", 3000, 1 - (1 - pi_down) * (1 - m),
            1.5e-3);
    mean_is("up", providers, "availability: {measure: time, maintenance: up}", 3000, pi_down * (1 - m), 1.5e-3);
}

// Two sources, x excluded. Given x, the time that is left has the share of y, exactly: pi_y, whatever x does. By time,
// by requests, and by probes (up to an interval at each end of x's episodes; y of 3 h). And hours: the share of the
// time inside them.
Test(stat_measures, an_excluded_cause_leaves_the_denominator)
{
    static const char providers[] =
        "{a: {outages: {x: {time_to_failure: 5h, time_to_repair: 1h}, y: {time_to_failure: 9h, "
        "time_to_repair: 1h}}}}";
    mean_is("time", providers, "exclude: [\"cause:a.x\"], availability: {measure: time}", 3000, 0.1, 0.011);
    mean_is("requests", providers, "exclude: [\"cause:a.x\"], availability: {measure: requests}", 3000, 0.1, 0.011);
    mean_is("minutes", providers, "exclude: [\"cause:a.x\"], availability: {measure: minutes, down_at: 100%}", 3000,
            0.1 * exp(-1 / 60.0), 0.011); // all of the minute down; 1e-5 more at the edges of x
    mean_is("probes", providers, "exclude: [\"cause:a.x\"], availability: {measure: probes, interval: 1s}", 300, 0.1,
            0.035);
    mean_is("hours", providers,
            "exclude: [\"cause:a.x\"], hours: \"Mon-Fri 08:00-18:00\", availability: {measure: time}", 3000, 0.1,
            0.018);
    struct world world;
    world_of(&world, providers, "exclude: [upstream], availability: {measure: time}");
    struct surety_result *r = world_run(&world, 500, 5);
    cr_assert_eq(r->architectures[0].availability.mean, 1);
    cr_assert_eq(r->architectures[0].n_causes, 0);
    surety_result_destroy(r);
    world_close(&world);
}

// What by_measure says is what a run with that measure finds, on the same worlds.
Test(stat_measures, other_measures_are_read_on_the_same_worlds)
{
    enum { N = 600 };
    static const char *const words[] = {"time", "requests", "intervals", "minutes", "tasks", "probes, interval: 1m"};
    static const char text[] =
        "fee: 100 USD/month, credits: {ladder: [{below: target, credit: 10%%}, {below: 99%%, credit: "
        "50%%}], claimed: 70%%}, availability: {measure: %s}";
    char contract[256];
    struct world world;
    struct surety_run_options options;
    struct surety_result *all, *one;
    surety_run_options_default(&options);
    options.n_replications = N;
    options.n_threads = 1;
    options.measures = true;
    snprintf(contract, sizeof contract, text, "time");
    static const char providers[] =
        "{a: {request_errors: 0.05%, outages: {x: {time_to_failure: 5d, time_to_repair: 1h, "
        "failing: 40%}, y: {time_to_failure: 20d, time_to_repair: 1h}}}}";
    world_of(&world, providers, contract);
    cr_assert_eq(surety_run(world.scenario, world.plan, &options, &world.diags, &all), SURETY_OK);
    world_close(&world);
    const struct surety_architecture_result *a = &all->architectures[0];
    cr_assert_eq(a->n_by_measure, 5);
    cr_assert_eq(all->n_measured, N);
    options.measures = false;
    for (size_t i = 0; i < 5; i++) {
        snprintf(contract, sizeof contract, text, words[i + 1]);
        world_of(&world, providers, contract);
        cr_assert_eq(surety_run(world.scenario, world.plan, &options, &world.diags, &one), SURETY_OK);
        const struct surety_architecture_result *b = &one->architectures[0];
        cr_assert_eq(strncmp(words[i + 1], a->by_measure[i].name, strlen(a->by_measure[i].name)), 0);
        cr_assert_float_eq(a->by_measure[i].availability.mean, b->availability.mean, 1e-12, "%s", words[i + 1]);
        cr_assert_float_eq(a->by_measure[i].availability.se, b->availability.se, 1e-9, "%s", words[i + 1]);
        for (size_t t = 0; t < one->n_tiers; t++) {
            cr_assert_float_eq(a->by_measure[i].month_met[t], b->tiers[t].month_met.p, 1e-12);
            cr_assert_float_eq(a->by_measure[i].more_credits_per_term[t].mean,
                               b->tiers[t].credits_per_term.mean - a->tiers[t].credits_per_term.mean, 1e-6);
        }
        surety_result_destroy(one);
        world_close(&world);
    }
    surety_result_destroy(all);
}
