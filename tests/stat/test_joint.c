// SPDX-License-Identifier: GPL-3.0-or-later
// Quality by the binomial law, dimensions together, the right to leave by a dynamic programme, caps, prices that change.
#include "tests/stat/worlds.h"

#include "sim/base/binomial.h"
#include "sim/engine/books_joint.h"
#include "sim/scenario/plan_builder.h"

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// Windows of four weeks: the weekly suite has four runs in each, at 0, 7, 14 and 21 days.
#define FOUR_WEEKS                                                                                                     \
    "surety: 1\nterm: {start: 2027-01-04, months: 12, initial_state: up}\nworkloads: {w: {demand: 6/min, "             \
    "requests_per_task: 4}}\n"
#define JUDGE "judge: {sensitivity: 97%, specificity: 90%}"

static const struct surety_tier_result *only_tier(const struct surety_result *r)
{
    return &r->architectures[0].tiers[0];
}

// P(at least `needed` of n).
static double tail(int64_t n, int64_t needed, double p)
{
    return needed <= 0 ? 1 : gsl_cdf_binomial_Q((unsigned)(needed - 1), p, (unsigned)n);
}

// A share of n independent trials; a truth that is 13 standard errors off is found wrong.
static void share(const char *what, double got, double want, double n)
{
    holds_share(what, got, (uint64_t)n, want, 13 * sqrt(want * (1 - want) / n));
}

// --- one suite on a service that never changes -----------------------------------------------------------------

// 20,000 terms: 240,000 windows, a standard error of at most 0.001; finds 0.6 %.
static void check_suite(const char *suite, int64_t n, double p, int64_t needed, double promised, int n_checks)
{
    enum { N = 20000 };
    struct world world;
    const double window = pow(tail(n, needed, p), n_checks);
    world_open(&world,
               FOUR_WEEKS "providers: {a: {outages: none, quality: {s: 96%%}}}\narchitectures: {a: a}\n"
                          "contract: {window: 28d, availability: {measure: time}, quality: {suites: {s: %s}}, "
                          "tiers: {t: {availability: 90%%, quality: {s: %.4f}}}}\n",
               suite, promised);
    struct surety_result *r = world_run(&world, N, 5);
    const struct surety_tier_result *t = only_tier(r);
    share(suite, t->month_met.p, window, 12.0 * N);
    share(suite, t->term_met.p, pow(window, 12), N);
    cr_assert(t->joint.given && t->joint.has[SURETY_DIMENSION_QUALITY] && !t->joint.has[SURETY_DIMENSION_COST]);
    const struct surety_quality_promise *q = &t->joint.quality[0];
    cr_assert_float_eq(q->cases, (double)n, 1e-9);
    if (promised <= 0.96) { // every window keeps it: what is read otherwise is a false breach
        cr_assert_float_eq(q->p_false_breach, 1 - t->month_met.p, 1e-12);
        cr_assert(q->p_missed_breach == 0 && isnan(q->p_missed_if_bad));
    } else {
        cr_assert_float_eq(q->p_missed_breach, t->month_met.p, 1e-12);
        cr_assert(q->p_false_breach == 0 && isnan(q->p_false_if_good));
    }
    cr_assert_float_eq(r->architectures[0].quality[0].mean, 0.96, 1e-9);
    surety_result_destroy(r);
    world_close(&world);
}

Test(stat_joint, a_suite_reads_as_the_binomial_law_says)
{
    const double judged = 0.96 * 0.97 + 0.04 * 0.1, bar = 0.95 * 0.97 + 0.05 * 0.1;
    check_suite("{cases: 200, every: 1w}", 800, 0.96, 760, 0.95, 1);
    check_suite("{cases: 40, every: 1w}", 160, 0.96, 156, 0.97, 1);
    check_suite("{cases: 200, every: 1w, " JUDGE "}", 800, judged, 744, 0.93, 1);
    check_suite("{cases: 200, every: 1w, adjusted: yes, " JUDGE "}", 800, judged, (int64_t)ceil(800 * bar), 0.95, 1);
    check_suite("{kind: scenarios, scenarios: [x, y, z], cases: 50, every: 2w}", 100, 0.96, 95, 0.95, 3);
}

// 6 requests a minute, 4 a task: 60,480 tasks in four weeks, each reported with 0.96 x 0.2 % + 0.04 x 30 %.
Test(stat_joint, issues_are_reported_by_every_task)
{
    enum { N = 5000 };
    const double silent = 0.96 * 0.998 + 0.04 * 0.7;
    const int64_t most = 846; // floor(60480 x 1.4 %)
    struct world world;
    world_open(&world,
               FOUR_WEEKS "providers: {a: {outages: none, quality: {s: 96%%}}}\narchitectures: {a: a}\n"
                          "contract: {window: 28d, availability: {measure: time}, quality: {suites: {s: {kind: issues, "
                          "reported: 30%%, false_reports: 0.2%%}}}, tiers: {t: {availability: 90%%, quality: {s: "
                          "{issue_rate: 1.4%%}}}}}\n");
    struct surety_result *r = world_run(&world, N, 6);
    const double want = tail(60480, 60480 - most, silent);
    cr_assert(want > 0.2 && want < 0.8, "%g", want);
    share("issues", only_tier(r)->month_met.p, want, 12.0 * N);
    cr_assert_float_eq(only_tier(r)->joint.quality[0].cases, 60480, 1e-9);
    surety_result_destroy(r);
    world_close(&world);
}

// --- what is true ----------------------------------------------------------------------------------------------

// A degraded outage fails 1 % and costs 20 points. The rate of a window is at least t as long as the outage's share of
// its time is at most y, which solves ((1 - y) q0 + 0.99 y q1) = t (1 - y + 0.99 y): an availability of 1 - y by time.
Test(stat_joint, a_window_is_true_as_long_as_it_is_not_degraded_for_too_long)
{
    const double q0 = 0.97, q1 = 0.77, t = 0.96, y = (q0 - t) / (q0 - t + 0.99 * (t - q1));
    struct world world;
    world_open(&world,
               FOUR_WEEKS
               "providers: {a: {quality: {s: 97%%}, outages: {x: {incidents: 30/year, time_to_repair: 12h, "
               "failing: 1%%, quality: -20pp}}}}\narchitectures: {a: a}\n"
               "contract: {window: 28d, availability: {measure: time, down_at: 0.5%%}, quality: {suites: {s: "
               "{cases: 200, every: 1w}}}, tiers: {q: {availability: 1%%, quality: {s: 96%%}}, down: "
               "{availability: %.9f%%}}}\n",
               100 * (1 - y));
    struct surety_result *r = world_run(&world, 4000, 7);
    const struct surety_tier_result *q = only_tier(r), *down = &r->architectures[0].tiers[1];
    const struct surety_quality_promise *p = &q->joint.quality[0];
    const double is_true = p->month_met + p->p_false_breach - p->p_missed_breach;
    cr_assert(down->month_met.p > 0.1 && down->month_met.p < 0.9, "%g", down->month_met.p);
    cr_assert(fabs(is_true - down->month_met.p) <= 1.0 / 48000, "%.6f %.6f", is_true, down->month_met.p);
    cr_assert_float_eq(p->p_false_if_good, p->p_false_breach / is_true, 1e-12);
    cr_assert_float_eq(p->p_missed_if_bad, p->p_missed_breach / (1 - is_true), 1e-12);
    surety_result_destroy(r);
    world_close(&world);
}

// b stands in while a is down: the mean rate is a's by the time that a serves, b's by the rest. A chain multiplies. A
// hedge that asks nobody else has its first route's rate, one that asks both the worse.
Test(stat_joint, routes_serve_with_their_own_quality)
{
    struct world world;
    world_open(&world, FOUR_WEEKS
               "providers: {a: {quality: {s: 98%%}, outages: {x: {incidents: 30/year, time_to_repair: 12h}}}, "
               "b: {quality: {s: 90%%}, outages: none, latency: 500ms}, c: {quality: {s: 95%%}, outages: "
               "none, latency: 200ms}}\n"
               "architectures: {alone: a, two: {parallel: [a, b]}, next: {fallback: {order: [a, b]}}, shares: "
               "{balance: {shares: {b: 25%%, c: 75%%}, detect: 1m}}, chain: {series: [b, c]}, cached: {cache: "
               "{hit: 30%%, of: b}}, late: {hedge: {order: [c, b], after: 1s}}, early: {hedge: {order: [c, b], "
               "after: 100ms}}}\n"
               "contract: {window: 28d, availability: {measure: time}, quality: {suites: {s: {cases: 200, "
               "every: 1w}}}, tiers: {t: {availability: 1%%}}}\n");
    struct surety_result *r = world_run(&world, 2000, 8);
    const double up = r->architectures[0].availability.mean, two = up * 0.98 + (1 - up) * 0.90;
    const double want[] = {0.98, two, two, 0.25 * 0.90 + 0.75 * 0.95, 0.90 * 0.95, 0.90, 0.95, 0.90};
    cr_assert(up < 0.97);
    for (size_t a = 0; a < sizeof want / sizeof *want; a++)
        cr_assert_float_eq(r->architectures[a].quality[0].mean, want[a], 2e-9, "%s: %.9f %.9f",
                           r->architectures[a].name, r->architectures[a].quality[0].mean, want[a]);
    surety_result_destroy(r);
    world_close(&world);
}

// --- together --------------------------------------------------------------------------------------------------

static struct surety_result *run_together(struct world *world, const char *shift, uint64_t n)
{
    world_open(world,
               FOUR_WEEKS "providers: {a: {quality: {s: 95.3%%}, outages: {x: {incidents: 20/year, time_to_repair: 6h, "
                          "failing: 50%%%s}}}}\narchitectures: {a: a}\n"
                          "contract: {window: 28d, availability: {measure: time}, quality: {suites: {s: {cases: 200, "
                          "every: 6h}}}, tiers: {t: {availability: 99%%, quality: {s: 95%%}}}}\n",
               shift);
    return world_run(world, n, 9);
}

// Outages that leave the quality alone say nothing of the sample: the probabilities multiply. 240,000 windows.
Test(stat_joint, independent_dimensions_multiply)
{
    enum { N = 20000 };
    struct world world;
    struct surety_result *r = run_together(&world, "", N);
    const struct surety_joint_result *j = &only_tier(r)->joint;
    const double a = j->dimension[0].month_met.p, q = j->dimension[2].month_met.p;
    cr_assert(a > 0.3 && a < 0.8 && q > 0.5 && q < 0.999, "%g %g", a, q);
    share("windows", only_tier(r)->month_met.p, a * q, 12.0 * N);
    share("terms", only_tier(r)->term_met.p, j->dimension[0].term_met.p * j->dimension[2].term_met.p, N);
    cr_assert(fabs(j->correlation[0][2]) < 6 / sqrt(12.0 * N), "%g", j->correlation[0][2]);
    cr_assert_float_eq(j->first[0] + j->first[2], 1, 1e-12);
    surety_result_destroy(r);
    world_close(&world);
}

// The twin: the same outages cost quality too, and a long one both.
Test(stat_joint, one_outage_costs_both)
{
    enum { N = 5000 };
    struct world world;
    struct surety_result *r = run_together(&world, ", quality: -30pp", N);
    const struct surety_joint_result *j = &only_tier(r)->joint;
    const double product = j->dimension[0].month_met.p * j->dimension[2].month_met.p, p = only_tier(r)->month_met.p;
    cr_assert(j->correlation[0][2] > 0.2, "%g", j->correlation[0][2]);
    cr_assert(p > product + 6 * sqrt(p * (1 - p) / (12.0 * N)), "%g %g", p, product);
    surety_result_destroy(r);
    world_close(&world);
}

// --- leaving, caps ---------------------------------------------------------------------------------------------

// P(`misses` of some `within` windows in a row are missed), n windows, each with probability p by itself: over the set
// of the last within - 1 windows.
static double leave_programme(int n, double p, int misses, int within)
{
    const size_t n_sets = (size_t)1 << (within - 1);
    double *now = calloc(n_sets, sizeof *now), *next = calloc(n_sets, sizeof *next), left = 0;
    now[0] = 1;
    for (int w = 0; w < n; w++) {
        memset(next, 0, n_sets * sizeof *next);
        for (size_t set = 0; set < n_sets; set++)
            for (int miss = 0; miss < 2; miss++) {
                const double q = now[set] * (miss ? p : 1 - p);
                if (__builtin_popcountll(set) + miss >= misses)
                    left += q;
                else
                    next[(set << 1 | (size_t)miss) & (n_sets - 1)] += q;
            }
        double *swap = now;
        now = next;
        next = swap;
    }
    free(now);
    free(next);
    return left;
}

// Windows of a suite of 800 cases are missed independently, with a probability that is known: 18.6 % at 95.7 % of 96 %.
Test(stat_joint, the_right_to_leave_by_a_dynamic_programme)
{
    enum { N = 20000 };
    static const int clauses[][2] = {{3, 6}, {2, 2}, {1, 1}, {3, 12}, {4, 5}};
    const double p = 1 - tail(800, 768, 0.967);
    cr_assert(p > 0.1 && p < 0.3, "%g", p);
    cr_assert_float_eq(leave_programme(12, p, 1, 1), 1 - pow(1 - p, 12), 1e-12);
    cr_assert_float_eq(leave_programme(12, p, 3, 12), 1 - gsl_cdf_binomial_P(2, p, 12), 1e-12);
    for (size_t i = 0; i < sizeof clauses / sizeof *clauses; i++) {
        struct world world;
        world_open(&world,
                   FOUR_WEEKS "providers: {a: {outages: none, quality: {s: 96.7%%}}}\narchitectures: {a: a}\n"
                              "contract: {window: 28d, fee: 1000 USD/month, availability: {measure: time}, quality: "
                              "{suites: {s: {cases: 200, every: 1w}}}, terminate: {misses: %d, within: %d}, tiers: {t: "
                              "{availability: 90%%, quality: {s: 96%%}}}}\n",
                   clauses[i][0], clauses[i][1]);
        struct surety_result *r = world_run(&world, N, 10);
        const struct surety_termination_result *t = &only_tier(r)->termination;
        share("leaving", t->p.p, leave_programme(12, p, clauses[i][0], clauses[i][1]), N);
        // the fees behind it: those of the windows after the mean one
        const double fee = 1000 * 28 / (365.0 / 12);
        cr_assert_float_eq(t->fees_per_term, t->p.p * (12 - t->mean_window) * fee, 1e-4 * fee);
        surety_result_destroy(r);
        world_close(&world);
    }
}

// The same windows: 10 % of the fee for each, at most 20 % of a window's fee a term, none below the minimum.
Test(stat_joint, caps_over_a_term)
{
    enum { N = 20000 };
    const double p = 1 - tail(800, 768, 0.967), fee = 1000 * 28 / (365.0 / 12);
    double want = 0, squares = 0;
    for (unsigned k = 0; k <= 12; k++) {
        const double credit = fmin(0.1 * k, 0.2) * fee;
        want += gsl_ran_binomial_pdf(k, p, 12) * credit;
        squares += gsl_ran_binomial_pdf(k, p, 12) * credit * credit;
    }
    for (int i = 0; i < 2; i++) {
        struct world world;
        world_open(&world,
                   FOUR_WEEKS
                   "providers: {a: {outages: none, quality: {s: 96.7%%}}}\narchitectures: {a: a}\n"
                   "contract: {window: 28d, fee: 1000 USD/month, availability: {measure: time}, quality: "
                   "{suites: {s: {cases: 200, every: 1w}}}, credits: {ladder: [{below: target, credit: 10%%}], "
                   "cap_term: 20%%%s}, tiers: {t: {availability: 90%%, quality: {s: 96%%}}}}\n",
                   i == 0 ? "" : ", minimum: 93 USD/month");
        struct surety_result *r = world_run(&world, N, 11);
        const double got = only_tier(r)->credits_per_term.mean, se = sqrt((squares - want * want) / N);
        cr_assert(i == 1 ? got == 0 : fabs(got - want) < 6 * se, "%g %g +- %g", got, want, se); // 92.05 USD each
        surety_result_destroy(r);
        world_close(&world);
    }
}

Test(stat_joint, rounded_readings)
{
    cr_assert_eq(surety_plan_rounded(999500000, 100000), 999450000);  // 99.95 % in steps of 0.01 %
    cr_assert_eq(surety_plan_rounded(999000000, 1000000), 998500000); // 99.9 % in steps of 0.1 %
    cr_assert_eq(surety_plan_rounded(999950000, 1000000), 999500000); // not a multiple: 100 % is the next
    cr_assert_eq(surety_plan_rounded(999500000, 0), 999500000);
    // By hand: every reading in steps of 1e-6, rounded half up, against the promise.
    for (int64_t step = 2000; step <= 10000000; step *= 5)
        for (int64_t reading = 990000000; reading <= 1000000000; reading += 1000) {
            const int64_t rounded = (2 * reading + step) / (2 * step) * step;
            cr_assert_eq(rounded >= 995000000, reading >= surety_plan_rounded(995000000, step), "%lld in %lld",
                         (long long)reading, (long long)step);
        }
}

// --- costs -----------------------------------------------------------------------------------------------------

// 6 requests a minute are 262,080 in 26 weeks; prices rise by half after 20 weeks and the contract's ceilings follow 8
// weeks later (12 weeks of notice to give, 4 to get). Windows of four weeks, 241,920 requests, a cent each: 2419.2 USD.
Test(stat_joint, prices_that_change)
{
    static const struct {
        const char *notice;
        double met; // of 12 windows, with a ceiling of 2500 USD a window
    } cases[] = {{"", 5}, {", price_notice: 12w", 10}, {", price_notice: 4w", 12}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world world;
        world_open(&world,
                   FOUR_WEEKS
                   "providers: {a: {outages: none, price: {per_request: 0.01 USD/request}, price_changes: "
                   "[{date: 2027-05-24, factor: 1.5x, notice: 4w}]}}\narchitectures: {a: a}\n"
                   "contract: {window: 28d%s, availability: {measure: time}, tiers: {t: {availability: 90%%, "
                   "cost: {per_month: 2720 USD/month, per_task: 0.0415 USD/task}}}}\n",
                   cases[i].notice);
        struct surety_result *r = world_run(&world, 64, 12);
        cr_assert_float_eq(only_tier(r)->month_met.p * 12, cases[i].met, 1e-9, "%s: %g", cases[i].notice,
                           only_tier(r)->month_met.p * 12);
        cr_assert_float_eq(r->architectures[0].cost_per_month.mean, 2419.2 * (5 + 7 * 1.5) / 12 / (28 / (365.0 / 12)),
                           1e-6);
        surety_result_destroy(r);
        world_close(&world);
    }
}

// Changes at random, 1.2 times a year: a window keeps the forecast while none has come, exp(-rate x its end).
Test(stat_joint, prices_that_change_at_random)
{
    enum { N = 20000 };
    struct world world;
    double want = 0;
    for (int w = 1; w <= 12; w++)
        want += exp(-1.2 * w * 28 / 365) / 12;
    world_open(&world,
               FOUR_WEEKS "providers: {a: {outages: none, price: {per_request: 0.01 USD/request}, price_changes: "
                          "[{rate: 1.2/year, factor: 1.1x}]}}\narchitectures: {a: a}\n"
                          "contract: {window: 28d, availability: {measure: time}, tiers: {t: {availability: "
                          "90%%, cost: {over_forecast: 0%%}}}}\n");
    struct surety_result *r = world_run(&world, N, 13);
    share("terms", only_tier(r)->term_met.p, exp(-1.2 * 336 / 365), N);
    cr_assert_float_eq(only_tier(r)->month_met.p, want, 6 * 0.4 / sqrt(N));
    surety_result_destroy(r);
    world_close(&world);
}

// Runs and probes cost: 4 runs of 200 cases at 5 cents, 40,320 probes at 0.1 cents, in four weeks of 2419.2 USD.
Test(stat_joint, measuring_is_paid_for)
{
    struct world world;
    world_open(&world, FOUR_WEEKS "providers: {a: {outages: none, quality: {s: 99%%}, price: {per_request: 0.01 "
                                  "USD/request}}}\narchitectures: {a: a}\n"
                                  "contract: {window: 28d, availability: {measure: probes, interval: 1m, probe_price: "
                                  "0.001 USD/request}, quality: {suites: {s: {cases: 200, every: 1w, price: 0.05 "
                                  "USD/case}}}, tiers: {t: {availability: 90%%}}}\n");
    struct surety_result *r = world_run(&world, 10, 14);
    cr_assert_float_eq(r->architectures[0].cost_per_month.mean, (2419.2 + 40 + 40.32) / (28 / (365.0 / 12)), 1e-6);
    surety_result_destroy(r);
    world_close(&world);
}

// Output tokens exponential with a mean of 200 at a cent each, 1 USD on top: P(cost <= 7) = 1 - exp(-3).
Test(stat_joint, percentiles_of_single_answers)
{
    static const struct {
        double percentile, met;
    } cases[] = {{95.0, 1}, {95.1, 0}}; // 1 - exp(-3) = 95.02 %
    for (int i = 0; i < 2; i++) {
        struct world world;
        world_open(
            &world,
            "surety: 1\nterm: {start: 2027-01-04, months: 12}\nworkloads: {w: {demand: 6/min, tokens: {input: 100, "
            "output: {exponential: {mean: 200}}}}}\nproviders: {a: {outages: none, price: {output: 10 USD/ktok, "
            "input: 10 USD/ktok}}}\narchitectures: {a: a}\ncontract: {availability: {measure: time}, tiers: {t: "
            "{availability: 90%%, cost: {per_request: 7 USD/request, percentile: %g}}}}\n",
            cases[i].percentile);
        struct surety_result *r = world_run(&world, 10, 15);
        cr_assert_float_eq(only_tier(r)->month_met.p, cases[i].met, 0);
        surety_result_destroy(r);
        world_close(&world);
    }
}

// --- models that change ----------------------------------------------------------------------------------------

// Without evals drops stay: N(t) of them, and the mean of N over a term T is rate T / 2 with a variance of rate T / 3.
Test(stat_joint, drops_add_up)
{
    enum { N = 20000 };
    struct world world;
    const double changes = 2.0 * 336 / 365;
    world_open(&world,
               FOUR_WEEKS "providers: {a: {outages: none, quality: {s: 90%%}, model_changes: {rate: 4/year, worse: "
                          "50%%, drop: 2}}}\narchitectures: {a: a}\n"
                          "contract: {window: 28d, availability: {measure: time}, quality: {suites: {s: {cases: "
                          "200, every: 1w}}}, tiers: {t: {availability: 90%%}}}\n");
    struct surety_result *r = world_run(&world, N, 16);
    holds("rate", r->architectures[0].quality[0].mean, 0.02 * sqrt(changes / 3 / N), 0.9 - 0.02 * changes / 2,
          0.02 * 13 * sqrt(changes / 3 / N));
    surety_result_destroy(r);
    world_close(&world);
}

// Mean drop of a term of 336 days, in days: changes of `rate` a day and exponential size, evals every 7 days of 100
// cases, alarm below 85 of them, back 10 days later. Day by day events, by another generator.
static double reference_drop(gsl_rng *rng, double rate, double mean_drop)
{
    double t = 0, drop = 0, back = INFINITY, sum = 0, next_change = gsl_ran_exponential(rng, 1 / rate);
    double next_eval = 0;
    while (t < 336) {
        const double to = fmin(fmin(next_change, next_eval), fmin(back, 336));
        sum += drop * (to - t);
        t = to;
        if (t >= 336)
            break;
        if (t == back) {
            drop = 0;
            back = INFINITY;
        } else if (t == next_change) {
            drop += gsl_ran_exponential(rng, mean_drop);
            next_change += gsl_ran_exponential(rng, 1 / rate);
        } else {
            next_eval += 7;
            if (drop > 0 && isinf(back) && gsl_ran_binomial(rng, fmax(0, 0.9 - drop), 100) < 85)
                back = t + 10;
        }
    }
    return sum / 336;
}

Test(stat_joint, evals_find_drops_and_take_them_back)
{
    enum { N = 20000 };
    struct world world;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    struct tally tally = {0};
    for (int i = 0; i < N; i++)
        tally_add(&tally, reference_drop(rng, 6.0 / 365, 0.05));
    gsl_rng_free(rng);
    world_open(&world,
               FOUR_WEEKS "providers: {a: {outages: none, quality: {s: 90%%}, model_changes: {rate: 6/year, drop: "
                          "{exponential: {mean: 5}}, evals: {suite: s, cases: 100, every: 1w, below: 85%%, rollback: "
                          "10d}}}}\narchitectures: {a: a, both: {parallel: [a, a]}}\n"
                          "contract: {window: 28d, availability: {measure: time}, quality: {suites: {s: {cases: 200, "
                          "every: 1w}}}, tiers: {t: {availability: 90%%}}}\n");
    struct surety_result *r = world_run(&world, N, 17);
    const double se = tally_se(&tally) * sqrt(2);
    holds("drop", 0.9 - r->architectures[0].quality[0].mean, se, tally_mean(&tally), 13 * se);
    cr_assert_eq(r->architectures[0].quality[0].mean, r->architectures[1].quality[0].mean); // one model, one history
    surety_result_destroy(r);
    world_close(&world);
}
