// SPDX-License-Identifier: GPL-3.0-or-later
// Failover in the long run, by the renewal argument, and one controller's life second by second.
#include "tests/stat/worlds.h"

#include <criterion/criterion.h>
#include <math.h>

// R exponential with mean r: E min(R, x).
static double capped(double r, double x)
{
    return r * (1 - exp(-x / r));
}

static double unavailability(struct world *world, uint64_t n, double *se)
{
    struct surety_result *r = world_run(world, n, 21);
    const struct surety_mean a = r->architectures[0].availability;
    *se = a.se;
    surety_result_destroy(r);
    return 1 - a.mean;
}

static const char two_providers[] = "surety: 1\n"
                                    "term: {start: 2027-01-01, months: 12}\n"
                                    "workloads: {w: {demand: 1/min}}\n"
                                    "providers:\n"
                                    "  one: {outages: {x: {time_to_failure: %s, time_to_repair: %s}}}\n"
                                    "  two: {outages: %s}\n"
                                    "architectures: {both: {failover: {order: [one, two], %s}}}\n"
                                    "contract: {window: 730h, availability: {measure: time}}\n";

// U = [E min(R, d) + (E R - E min(R, d)) u2] / (E U + E R): down until the switch, and after it when the second is
// down too. Traffic returns without loss (failback 0s) and moves between failing routes without delay. The outage
// under way at the start is not detected anew: at most d^2 / 2 x rate once in a year, 1e-6 of U.
// Detection 5 min, switch 1 min. 4,000 years: s.e. 0.3 % of U, finds 4 %.
Test(stat_failover, two_providers_with_delay_follow_the_renewal_argument)
{
    static const struct {
        const char *up, *down;
        double mean_up, mean_down, capped;
    } rows[] = {
        {"72h", "1h", 72, 1, 0},
        {"{weibull: {shape: 0.7, mean: 72h}}", "{fixed: 1h}", 72, 1, 0.1},
        // E min(R, d) of the uniform law on [0, 12 min]: d - d^2 / (2 x 12 min), d = 6 min
        {"{gamma: {shape: 2, mean: 24h}}", "{uniform: {min: 0s, max: 12m}}", 24, 0.1, (6 - 36 / 24.0) / 60},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world world;
        double se;
        const double d = 0.1, c = i == 0 ? capped(1, d) : rows[i].capped, u2 = 2 / 22.0;
        const double truth = (c + (rows[i].mean_down - c) * u2) / (rows[i].mean_up + rows[i].mean_down);
        world_open(&world, two_providers, rows[i].up, rows[i].down, "{x: {time_to_failure: 20h, time_to_repair: 2h}}",
                   "detect: 5m, switch: 1m, failback: 0s, success: 100%");
        const double got = unavailability(&world, 4000, &se);
        holds(rows[i].up, got, se, truth, 0.04 * truth);
        world_close(&world);
    }
}

// Imperfect coverage, the second never fails: attempts at d, d + r, d + 2r, ... work with probability c each, so the
// loss of an outage is E min(R, d) + sum over k >= 1 of (1 - c)^k E[min(R, d + k r) - min(R, d + (k - 1) r)]; with
// `retry_switch: never` it is E min(R, d) + (1 - c) (E R - E min(R, d)). 3,000 years: s.e. 0.4 % of U, finds 5 %.
Test(stat_failover, coverage_and_retries_cost_the_geometric_sum)
{
    static const struct {
        const char *keys;
        double coverage, retry_h; // 0: never
    } rows[] = {
        {"detect: 3m, switch: 0s, failback: 0s, success: 60%", 0.6, 0.05},
        {"detect: 3m, switch: 0s, failback: 0s, success: 60%, retry_switch: 20m", 0.6, 1 / 3.0},
        {"detect: 3m, switch: 0s, failback: 10m, success: 90%, retry_switch: never", 0.9, 0},
        {"detect: 3m, switch: 0s, failback: 10m, success: 0%, retry_switch: 20m", 0, 1 / 3.0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world world;
        double se, d = 0.05, miss = 1 - rows[i].coverage, loss = capped(1, d);
        if (rows[i].retry_h > 0)
            for (int k = 1; k < 2000; k++)
                loss += pow(miss, k) * (capped(1, d + k * rows[i].retry_h) - capped(1, d + (k - 1) * rows[i].retry_h));
        else
            loss += miss * (1 - capped(1, d));
        world_open(&world, two_providers, "47h", "1h", "none", rows[i].keys);
        const double got = unavailability(&world, 3000, &se);
        // The outage that is on at the start costs nothing, traffic stands on the second already: 1e-4 of U.
        holds(rows[i].keys, got, se, loss / 48, 0.05 * loss / 48);
        world_close(&world);
    }
}

// --- one life, by hand -----------------------------------------------------------------------------------------

// A window of 22 h sees one outage of each: `one` 10:00-12:00, `two` 11:00-11:30.
static double down_s(const char *keys)
{
    struct world world;
    world_open(&world,
               "surety: 1\n"
               "term: {start: 2027-01-01, months: 1, initial_state: up}\n"
               "workloads: {w: {demand: 1/min}}\n"
               "providers:\n"
               "  one: {outages: {x: {time_to_failure: {fixed: 10h}, time_to_repair: {fixed: 2h}}}}\n"
               "  two: {outages: {x: {time_to_failure: {fixed: 11h}, time_to_repair: {fixed: 30m}}}}\n"
               "architectures: {both: {failover: {order: [one, two], %s}}}\n"
               "contract: {window: 22h, availability: {measure: time}}\n",
               keys);
    struct surety_result *r = world_run(&world, 1, 1);
    const double mean = r->architectures[0].downtime_s.mean;
    surety_result_destroy(r);
    world_close(&world);
    return mean;
}

Test(stat_failover, one_life_by_hand)
{
    // 10:00-10:06 detection and switch; 11:00-11:06 detection, nothing healthy, 11:30 two is back and takes it at once
    cr_assert_float_eq(down_s("detect: 5m, switch: 1m, failback: 0s, success: 100%"), 360 + 1800, 1e-9);
    // detection lasts to the very end of two's outage: it resumes at 11:30, no attempt
    cr_assert_float_eq(down_s("detect: 30m, switch: 0s, failback: 0s, success: 100%"), 1800 + 1800, 1e-9);
    // no draw ever works, but at 11:00 nothing is healthy: none is drawn, and at 11:30 traffic moves to `two`, again
    // without a draw
    cr_assert_float_eq(down_s("detect: 5m, switch: 0s, failback: 0s, success: 0%"), 5400, 1e-9);
    // never tried again: stays until `one` recovers
    cr_assert_float_eq(down_s("detect: 5m, switch: 0s, success: 0%, retry_switch: never"), 7200, 1e-9);
    // the delay is longer than the outage: the switch is cancelled
    cr_assert_float_eq(down_s("detect: 2h, switch: 1s, success: 100%"), 7200, 1e-9);
    // a delay of exactly the outage: it recovers at that instant, no loss beyond
    cr_assert_float_eq(down_s("detect: 2h, switch: 0s, success: 100%"), 7200, 1e-9);
    // attempt at 11:15, both down: follows `one` (tie: order), moves to `two` at 11:30
    cr_assert_float_eq(down_s("detect: 75m, switch: 0s, success: 100%"), 5400, 1e-9);
    // instantaneous: down only while both are
    cr_assert_float_eq(down_s("detect: 0s, switch: 0s, failback: 0s, success: 100%"), 1800, 1e-9);
}
