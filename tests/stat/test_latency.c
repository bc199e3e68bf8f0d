// SPDX-License-Identifier: GPL-3.0-or-later
// Latency in the event engine: compliance that is a matter of down time alone, gateways whose failures and attempts have
// a closed form, cells counted one by one, probes by the binomial law.
#include "tests/stat/worlds.h"

#include "models/hours.h"
#include "models/registry.h"
#include "sim/base/law.h"
#include "sim/engine/timeline.h"
#include "sim/engine/walk_latency.h"

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// 210 ms, and half as much again at p95.
static const double mu = -1.5606477482646683, sigma = 0.4; // exp(mu) = 0.21

static double lognormal(double t)
{
    return t > 0 ? gsl_cdf_ugaussian_P((log(t) - mu) / sigma) : 0;
}

#define LAW "{lognormal: {median: 210ms, sigma: 0.4}}"
#define FLAT "surety: 1\nterm: {start: 2027-01-01, months: 12}\nworkloads: {w: {demand: 2/min}}\n"

// --- compliance by integration ---------------------------------------------------------------------------------

// An outage makes everything 3 x slower and fails 1 %. A window keeps p95 <= target when the share x of its time in the
// outage is at most x*, which solves (1 - x) F(t) + 0.99 x F(t / 3) = 0.95 (1 - x + 0.99 x), or = 0.95 where failed
// requests count as infinite. So its probability is that of a tier whose availability is 1 - x*.
static void check_compliance(bool infinite, const char *demand)
{
    const double target = 0.43, p = 0.95, f0 = lognormal(target), f1 = lognormal(target / 3);
    const double slack = f0 - p, most = infinite ? slack / (f0 - 0.99 * f1) : slack / (slack + 0.99 * (p - f1));
    struct world world;
    cr_assert(slack > 0 && most < 0.5);
    world_open(
        &world,
        "surety: 1\nterm: {start: 2027-01-01, months: 12}\nworkloads: {w: {demand: %s}}\n"
        "providers: {a: {latency: {first_token: " LAW
        "}, outages: {slow: {incidents: 30/year, time_to_repair: 6h, failing: 1%%, "
        "latency: 3x}}}}\narchitectures: {a: a}\n"
        "contract: {availability: {measure: time, down_at: 0.5%%}, tiers: {late: {availability: 1%%, latency: {w: "
        "{metric: first_token, percentile: 95, target: 430ms, failed_as: %s}}}, down: {availability: %.9f%%}}}\n",
        demand, infinite ? "infinite" : "outside", 100 * (1 - most));
    struct surety_result *r = world_run(&world, 4000, 11);
    const struct surety_tier_result *late = &r->architectures[0].tiers[0], *down = &r->architectures[0].tiers[1];
    cr_log_info("x* %.6f: months %.6f, terms %.4f", most, late->month_met.p, late->term_met.p);
    cr_assert(late->n_promises == 1 && down->n_promises == 0);
    cr_assert(down->month_met.p > 0.1 && down->month_met.p < 0.9);
    // 48,000 windows; one may fall on the other side of the target's rounding to 1e-9
    cr_assert(fabs(late->latency.month_met.p - down->month_met.p) <= 1.0 / 48000, "%.6f %.6f",
              late->latency.month_met.p, down->month_met.p);
    cr_assert(fabs(late->term_met.p - down->term_met.p) <= 1.0 / 4000);
    cr_assert(late->availability.month_met.p == 1);
    cr_assert_str_eq(late->binds, "latency");
    surety_result_destroy(r);
    world_close(&world);
}

Test(stat_latency, a_window_is_met_when_it_is_not_slow_for_too_long)
{
    check_compliance(false, "2/min");
    check_compliance(true, "2/min");
    check_compliance(false, "100k/min"); // the share does not hang on the rate
}

Test(stat_latency, without_outages_the_law_is_that_of_the_route)
{
    struct world world;
    world_open(&world, FLAT "providers: {a: {latency: {first_token: " LAW
                            "}, outages: none}, b: {latency: 80ms, outages: none}}\n"
                            "architectures: {chain: {series: [a, b]}}\ncontract: {availability: {measure: time}}\n");
    struct surety_result *r = world_run(&world, 100, 1);
    const struct surety_latency_metric *m = &r->architectures[0].latency[0].first_token;
    const double want[] = {exp(mu), exp(mu + sigma * gsl_cdf_ugaussian_Pinv(0.95)),
                           exp(mu + sigma * gsl_cdf_ugaussian_Pinv(0.99))};
    const double got[] = {m->p50_s, m->p95_s, m->p99_s};
    for (size_t i = 0; i < 3; i++) // read off a table
        cr_assert(fabs(got[i] / (want[i] + 0.08) - 1) < 2e-4, "%.9g, wanted %.9g", got[i], want[i] + 0.08);
    cr_assert(fabs(m->month_p50_s / (want[1] + 0.08) - 1) < 1e-3); // a histogram's bin
    cr_assert(r->architectures[0].latency[0].share_failing == 0);
    cr_assert(!r->architectures[0].latency[0].end_to_end.given);
    surety_result_destroy(r);
    world_close(&world);
}

// --- gateways --------------------------------------------------------------------------------------------------

// What is too slow fails: availability and attempts of a fallback with a timeout, and of a hedge.
Test(stat_latency, timeouts_fail_and_are_billed)
{
    struct world world;
    world_open(
        &world,
        FLAT "providers:\n"
             "  a: {latency: {first_token: " LAW
             "}, outages: none, request_errors: 2%%, price: {per_request: 1 USD/request}}\n"
             "  b: {latency: {first_token: " LAW "}, outages: none, price: {per_request: 100 USD/request}}\n"
             "architectures:\n"
             "  gateway: {fallback: {order: [a, b], retries: 1, timeout: 300ms, backoff: {first: 50ms, growth: 2x}}}\n"
             "  hedged: {hedge: {order: [a, b], after: 250ms}}\n"
             "contract: {availability: {measure: requests, counts: expected}}\n");
    struct surety_result *r = world_run(&world, 10, 1);
    const double fails_a = 1 - 0.98 * lognormal(0.3), fails_b = 1 - lognormal(0.3);
    const double requests = 2.0 / 60 * 365 / 12 * 86400;
    const double failing = pow(fails_a * fails_b, 2);
    cr_assert(fabs(1 - r->architectures[0].availability.mean - failing) < 2e-6, "%.9g, wanted %.9g",
              1 - r->architectures[0].availability.mean, failing); // whole requests of a month
    // every attempt but those that fail at once is billed, also one that is given up
    const double attempts_a = 1 + fails_a, attempts_b = fails_a * fails_a * (1 + fails_b);
    const double cost = requests * (0.98 * attempts_a + 100 * attempts_b);
    cr_assert(fabs(r->architectures[0].cost_per_month.mean / cost - 1) < 1e-6, "%.9g, wanted %.9g",
              r->architectures[0].cost_per_month.mean, cost);
    const double hedge_cost = requests * (0.98 + 100 * (1 - 0.98 * lognormal(0.25)));
    cr_assert(fabs(r->architectures[1].cost_per_month.mean / hedge_cost - 1) < 1e-6, "%.9g, wanted %.9g",
              r->architectures[1].cost_per_month.mean, hedge_cost);
    cr_assert(r->architectures[1].availability.mean == 1);
    surety_result_destroy(r);
    world_close(&world);
}

// A route below a node that acts on times may be slow without failing more: 300 % slower at the same f.
Test(stat_latency, a_slow_route_is_noticed_above_a_controller)
{
    struct world world;
    world_open(&world, FLAT
               "providers:\n"
               "  a: {latency: {first_token: " LAW
               "}, outages: {slow: {time_to_failure: 10h, time_to_repair: 10h, failing: 0.0000001%%, "
               "latency: 3x}}}\n"
               "  b: {latency: {first_token: " LAW "}, outages: none}\n"
               "architectures: {g: {fallback: {order: [{failover: {order: [a, b], detect: 1m}}], timeout: 300ms}}}\n"
               "contract: {availability: {measure: requests, counts: expected}}\n");
    struct surety_result *r = world_run(&world, 400, 3);
    const double failing = 0.5 * (1 - lognormal(0.3)) + 0.5 * (1 - lognormal(0.1));
    const struct surety_mean got = r->architectures[0].availability;
    holds("share too late", 1 - got.mean, got.se, failing, 14 * got.se);
    surety_result_destroy(r);
    world_close(&world);
}

// --- cells and probes ------------------------------------------------------------------------------------------

// Cell by cell, from the boundaries of the outages alone.
static void check_cells(const char *hours)
{
    const double target = 0.43, f0 = lognormal(target), f1 = lognormal(target / 3);
    const double most = (f0 - 0.95) / (f0 - 0.95 + 0.99 * (0.95 - f1));
    const int64_t cell_us = INT64_C(300000000);
    struct world world;
    world_open(&world,
               FLAT
               "providers: {a: {latency: {first_token: " LAW
               "}, outages: {slow: {incidents: 200/year, time_to_repair: 9m, failing: "
               "1%%, latency: 3x}}}}\narchitectures: {a: a}\ncontract: {availability: {measure: time}, %stiers: {t: "
               "{availability: 1%%, latency: {w: {metric: first_token, percentile: 95, target: 430ms, over: intervals, "
               "cells_met: 99.6%%}}}}}\n",
               hours);
    const struct surety_plan *plan = world.plan;
    struct surety_timeline timeline;
    struct surety_walk walk;
    cr_assert(surety_timeline_init(&timeline, plan, surety_kernel_best(), 5) == SURETY_OK);
    cr_assert(surety_walk_init(&walk, plan, &plan->architectures[0], 5, true) == SURETY_OK);
    size_t n_missed = 0, n_bad = 0, n_cells = 0, n_all = 0;
    for (uint64_t replication = 0; replication < 40; replication++) {
        surety_timeline_begin(&timeline, replication);
        cr_assert(surety_walk_run(&walk, &timeline) == SURETY_OK);
        const int64_t *boundary = surety_timeline_boundaries(&timeline, 0);
        for (size_t w = 0; w < plan->n_windows; w++) {
            int64_t bad = 0, cells = 0;
            for (int64_t a = plan->window_us[w]; a < plan->window_us[w + 1]; a += cell_us, cells++) {
                const int64_t b = a + cell_us;
                int64_t slow = 0;
                const int64_t counted =
                    surety_hours_counted(plan, a, b < plan->window_us[w + 1] ? b : plan->window_us[w + 1]);
                n_all++;
                if (counted == 0) {
                    cells--;
                    continue;
                }
                for (const int64_t *at = boundary; at[0] < b; at += 2) {
                    const int64_t from = at[0] > a ? at[0] : a, to = at[1] < b ? at[1] : b;
                    slow += to > from ? surety_hours_counted(plan, from, to) : 0;
                }
                bad += (double)slow > most * (double)counted;
                n_cells++;
            }
            cr_assert_eq(walk.latency->n_bad_cells[w], bad, "term %d, window %zu: %ld, wanted %ld", (int)replication, w,
                         (long)walk.latency->n_bad_cells[w], (long)bad);
            cr_assert_eq(walk.latency->missed[w], bad * 1000 > 4 * cells);
            n_missed += walk.latency->missed[w];
            n_bad += (size_t)bad;
        }
    }
    cr_assert(n_missed > 10 && n_missed < 470 && n_bad > 200 && (hours[0] == '\0') == (n_cells == n_all));
    surety_walk_finish(&walk);
    surety_timeline_finish(&timeline);
    world_close(&world);
}

Test(stat_latency, cells_are_those_that_are_slow_for_too_long)
{
    check_cells("");
}

// Of a cell that the hours cut the part within them is judged; one outside is none.
Test(stat_latency, cells_within_hours)
{
    check_cells("hours: \"Mon-Fri 08:03-18:11, Sun 23:58-24:00\", ");
}

// 200 probes a month of a law with 4 % beyond the target: at most 10 may be late.
Test(stat_latency, probes_miss_by_the_binomial_law)
{
    const double target = exp(mu + sigma * gsl_cdf_ugaussian_Pinv(0.96));
    struct world world;
    world_open(&world,
               FLAT "providers: {a: {latency: {first_token: " LAW "}, outages: none}}\narchitectures: {a: a}\n"
                    "contract: {availability: {measure: time}, tiers: {t: {availability: 99%%, latency: {w: {metric: "
                    "first_token, percentile: 95, target: %.9fms, probes: 200}}}}}\n",
               target * 1e3);
    struct surety_result *r = world_run(&world, 20000, 9);
    holds_share("windows met", r->architectures[0].tiers[0].month_met.p, 240000, gsl_cdf_binomial_P(10, 0.04, 200),
                0.02);
    surety_result_destroy(r);
    world_close(&world);
}

// --- the whole -------------------------------------------------------------------------------------------------

static const char whole[] =
    "surety: 1\nterm: {start: 2027-01-01, months: 12}\nworkloads: {w: {kind: voice, demand: 30/min, tokens: {output: "
    "{lognormal: {median: 20, cv: 0.7}}}}}\n"
    "providers:\n"
    "  a: {latency: {first_token: " LAW
    ", per_output_token: 12ms}, outages: {x: {incidents: 60/year, time_to_repair: 2h, "
    "failing: 40%%, fails: hang, latency: 2x}}}\n"
    "  b: {latency: {first_token: {lognormal: {median: 300ms, sigma: 0.5}}, per_output_token: {lognormal: {p50: 15ms, "
    "p95: 30ms}}}, outages: {x: {incidents: 50/year, time_to_repair: 1h}}}\n"
    "architectures:\n"
    "  over: {failover: {order: [a, b], detect: 60s}}\n"
    "  gateway: {fallback: {order: [a, b], timeout: 1s, cooldown: 30s, allowed_fails: 3}}\n"
    "  balanced: {balance: {shares: {a: 70%%, b: 30%%}, detect: 30s}}\n"
    "  hedged: {cache: {hit: 10%%, of: {hedge: {order: [a, b], after: 400ms}}}}\n"
    "contract: {availability: {measure: requests}, tiers: {t: {availability: 99%%, latency: {w: {metric: end_to_end, "
    "percentile: 95, target: 900ms}}}}}\n";

Test(stat_latency, same_bytes_at_any_number_of_threads)
{
    struct world world;
    char *texts[2];
    world_open(&world, whole);
    for (unsigned i = 0; i < 2; i++) {
        struct surety_run_options options;
        surety_run_options_default(&options);
        options.n_replications = 9000;
        options.n_threads = i == 0 ? 1 : 3;
        texts[i] = world_json(&world, &options);
    }
    cr_assert_str_eq(texts[0], texts[1]);
    cr_assert(strstr(texts[0], "\"latency\": {") != NULL && strstr(texts[0], "\"binds\"") != NULL);
    free(texts[0]);
    free(texts[1]);
    world_close(&world);
}

// --- what is refused -------------------------------------------------------------------------------------------

static void refuses(enum surety_diag_id id, const char *text)
{
    struct surety_diags diags;
    struct surety_scenario *scenario = NULL;
    bool found = false;
    surety_diags_init(&diags, "test");
    const enum surety_err err =
        surety_scenario_read(surety_registry_get(), "test", text, strlen(text), NULL, 0, &diags, &scenario);
    for (size_t i = 0; i < diags.n; i++)
        found = found || (diags.list[i].id == id && diags.list[i].place.line > 0);
    cr_assert(err == SURETY_E_INPUT && found, "not refused: %s", text);
    surety_diags_finish(&diags);
}

Test(stat_latency, promises_need_laws_and_workloads)
{
#define TIER(latency)                                                                                                  \
    "contract: {availability: {measure: time}, tiers: {t: {availability: 99%, latency: {" latency "}}}}\n"
#define PROMISE "{metric: first_token, percentile: 95, target: 1s}"
#define TWO "providers: {a: {outages: none, latency: 1s}, b: {outages: none}}\n"
    refuses(SURETY_D_MISSING_KEY, FLAT TWO "architectures: {a: a, b: b}\n" TIER("w: " PROMISE));
    refuses(SURETY_D_REFERENCE, FLAT TWO "architectures: {a: a}\n" TIER("v: " PROMISE));
    refuses(SURETY_D_MISSING_KEY, FLAT TWO "architectures: {a: a}\n" TIER("w: {percentile: 95, target: 1s}"));
    refuses(SURETY_D_RANGE,
            FLAT TWO "architectures: {a: a}\n" TIER("w: {metric: first_token, percentile: 101, target: 1s}"));
    refuses(SURETY_D_CONFLICT, FLAT TWO
            "architectures: {a: a}\n" TIER("w: {metric: first_token, percentile: 95, target: 1s, cells_met: 99%}"));
    refuses(SURETY_D_UNSUPPORTED, FLAT
            "providers: {a: {outages: none, latency: {first_token: 1s, per_output_token: 10ms}}}\n"
            "architectures: {a: {hedge: {order: [{k_of_n: {k: 1, of: [a, a]}}, a], after: 1s}}}\n" TIER("w: " PROMISE));
    refuses(SURETY_D_MISSING_KEY, FLAT TWO "architectures: {a: {hedge: {order: [a, b], after: 1s}}}\n"
                                           "contract: {availability: {measure: time}}\n");
    refuses(SURETY_D_MISSING_KEY, FLAT TWO "architectures: {a: {fallback: {order: [a, b], timeout: 1s}}}\n"
                                           "contract: {availability: {measure: time}}\n");
    // an answer of unknown length
    refuses(SURETY_D_MISSING_KEY,
            FLAT "providers: {a: {outages: none, latency: {first_token: 1s, per_output_token: 10ms}}}\n"
                 "architectures: {a: a}\n" TIER("w: {metric: end_to_end, percentile: 95, target: 1s}"));
}
