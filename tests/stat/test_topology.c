// SPDX-License-Identifier: GPL-3.0-or-later
// Trees of independent providers in the stationary regime: mean availability in closed form.
#include "tests/stat/worlds.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

// Unavailabilities: a 1/10, b 2/10, c 3/10, d 1/4; partial providers p (40 % fail a quarter of the time) and q (30 %
// fail a third of the time, 50 % fail a fifth of the time, 2 % always).
static const char providers[] =
    "surety: 1\n"
    "term: {start: 2027-01-01, months: 3}\n"
    "workloads: {w: {demand: 100/min}}\n"
    "providers:\n"
    "  a: {outages: {x: {time_to_failure: 9h, time_to_repair: {lognormal: {mean: 1h, cv: 1}}}}}\n"
    "  b: {outages: {x: {time_to_failure: {weibull: {shape: 0.8, mean: 8h}}, time_to_repair: 2h}}}\n"
    "  c: {outages: {x: {time_to_failure: {gamma: {shape: 3, mean: 7h}}, time_to_repair: {fixed: 3h}}}}\n"
    "  d: {outages: {x: {time_to_failure: 6h, time_to_repair: 2h}}}\n"
    "  p: {outages: {x: {time_to_failure: 6h, time_to_repair: 2h, failing: 40%%}}}\n"
    "  q: {outages: {x: {time_to_failure: 2h, time_to_repair: 1h, failing: 30%%}, y: {time_to_failure: 4h, "
    "time_to_repair: 1h, failing: 50%%}}, request_errors: 2%%}\n"
    "  h: {outages: {x: {time_to_failure: 5h, time_to_repair: 5h, hits: 40%%}}}\n"
    "  two: {outages: {x: {time_to_failure: 9h, time_to_repair: 1h}, y: {time_to_failure: 8h, time_to_repair: 2h}}}\n"
    "architectures:\n"
    "  s3: {series: [a, b, c]}\n"
    "  p3: {parallel: [a, b, c]}\n"
    "  k2: {k_of_n: {k: 2, of: [a, b, c, d]}}\n"
    "  k3: {k_of_n: {k: 3, of: [a, b, c, d]}}\n"
    "  twice: {series: [a, {parallel: [a, b]}, a]}\n"
    "  nested: {series: [{parallel: [a, b]}, {k_of_n: {k: 1, of: [c, d]}}]}\n"
    "  partial: {series: [p, q]}\n"
    "  both: {parallel: [p, q]}\n"
    "  tried: {fallback: {order: [p, q], retries: 1}}\n"
    "  vote: {k_of_n: {k: 2, of: [p, q, a]}}\n"
    "  hit: h\n"
    "  two: two\n"
    "contract: {window: 20d, availability: {%s}}\n";

// P(at least k of n independent up): all 2^n states.
static double k_of_n(int k, int n, const double *up)
{
    double sum = 0;
    for (int set = 0; set < 1 << n; set++) {
        double p = 1;
        for (int i = 0; i < n; i++)
            p *= set >> i & 1 ? up[i] : 1 - up[i];
        if (__builtin_popcount((unsigned)set) >= k)
            sum += p;
    }
    return sum;
}

static void check(const struct surety_result *r, const char *name, double truth, double shift)
{
    for (size_t i = 0; i < r->n_architectures; i++)
        if (strcmp(r->architectures[i].name, name) == 0) {
            const struct surety_mean *a = &r->architectures[i].availability;
            holds(name, a->mean, a->se, truth, shift);
            return;
        }
    cr_assert(false, "no architecture %s", name);
}

// 2,000 terms of 60 days; s.e. between 4.7e-5 (p3) and 7e-4 (hit), each finds what stands beside it.
Test(stat_topology, time_down_is_series_by_product_and_k_of_n_by_enumeration)
{
    const double up[] = {0.9, 0.8, 0.7, 0.75};
    struct world world;
    world_open(&world, providers, "measure: time, down_at: 100%");
    struct surety_result *r = world_run(&world, 2000, 5);
    check(r, "s3", 0.9 * 0.8 * 0.7, 0.006);
    check(r, "p3", 1 - 0.1 * 0.2 * 0.3, 7e-4);
    check(r, "k2", k_of_n(2, 4, up), 0.002);
    check(r, "k3", k_of_n(3, 4, up), 0.005);
    check(r, "twice", 0.9, 0.004); // whenever a is up, so is the whole
    check(r, "nested", (1 - 0.1 * 0.2) * (1 - 0.3 * 0.25), 0.0035);
    check(r, "hit", 1 - 0.4 * 0.5, 0.01); // of its down time 40 % touches us
    check(r, "two", 0.9 * 0.8, 0.007);    // the union of its outages
    surety_result_destroy(r);
    world_close(&world);
}

// Shares that fail, weighted with a flat demand: E[f] by enumeration over independent sources. Same n; each finds
// what stands beside it.
Test(stat_topology, requests_fail_with_the_mean_share)
{
    const double q_states[4] = {1 - 0.98, 1 - 0.98 * 0.7, 1 - 0.98 * 0.5, 1 - 0.98 * 0.7 * 0.5};
    const double q_p[4] = {2 / 3.0 * 0.8, 1 / 3.0 * 0.8, 2 / 3.0 * 0.2, 1 / 3.0 * 0.2};
    double mean_q = 0, mean_q_squared = 0, vote = 0;
    for (int i = 0; i < 4; i++) {
        mean_q += q_p[i] * q_states[i];
        mean_q_squared += q_p[i] * q_states[i] * q_states[i];
        for (int p = 0; p < 2; p++) {
            // given the state each attempt is independent: a succeeds with its probability of being up
            const double ok[] = {p ? 0.6 : 1, 1 - q_states[i], 0.9};
            vote += q_p[i] * (p ? 0.25 : 0.75) * k_of_n(2, 3, ok);
        }
    }
    struct world world;
    world_open(&world, providers, "measure: requests, counts: expected");
    struct surety_result *r = world_run(&world, 2000, 6);
    check(r, "s3", 0.9 * 0.8 * 0.7, 0.006);
    check(r, "partial", (1 - 0.25 * 0.4) * (1 - mean_q), 0.0035);
    check(r, "both", 1 - 0.25 * 0.4 * mean_q, 7e-4);
    check(r, "tried", 1 - 0.25 * 0.4 * 0.4 * mean_q_squared, 1.5e-4);
    check(r, "vote", vote, 1.5e-3);
    surety_result_destroy(r);
    world_close(&world);
}

// f = 10 % reaches `down_at: 10%`, although 1 - (1 - 0.1) is less than 0.1 in doubles; 9.9999999 % does not.
Test(stat_topology, failing_10_percent_with_down_at_10_percent_is_down)
{
    static const char text[] =
        "surety: 1\n"
        "term: {start: 2027-01-01, months: 1}\n"
        "workloads: {w: {demand: 1/min}}\n"
        "providers: {a: {outages: {x: {time_to_failure: 3h, time_to_repair: 1h, failing: %s}}}}\n"
        "architectures: {alone: a, one: {series: [a]}, also: {parallel: [a]}, any: {k_of_n: {k: "
        "1, of: [a]}}}\n"
        "contract: {window: 60d, availability: {measure: time, down_at: 10%%}}\n";
    struct world world;
    struct surety_result *r;
    world_open(&world, text, "10%");
    r = world_run(&world, 2000, 8);
    for (size_t i = 0; i < r->n_architectures; i++) // s.e. 3e-4, finds 0.004
        holds("failing 10 %", r->architectures[i].availability.mean, r->architectures[i].availability.se, 0.75, 0.004);
    surety_result_destroy(r);
    world_close(&world);

    world_open(&world, text, "9.9999999%");
    r = world_run(&world, 100, 8);
    for (size_t i = 0; i < r->n_architectures; i++)
        cr_assert_eq(r->architectures[i].availability.mean, 1);
    surety_result_destroy(r);
    world_close(&world);
}
