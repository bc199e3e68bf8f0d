// SPDX-License-Identifier: GPL-3.0-or-later
// Uncertain inputs against closed forms: mixtures, analysis of variance, quantiles, random walks.
#include "tests/stat/worlds.h"

#include "sim/engine/story.h"
#include "sim/scenario/uncertain.h"

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// One source that never lasts: a window is met when it has no outage at all. The rate is Gamma(3) with mean 6 a year.
static const char poisson[] =
    "surety: 1\n"
    "term: {start: 2027-01-01, months: 2, initial_state: up}\n"
    "workloads: {w: {demand: 1/min}}\n"
    "providers: {a: {outages: {x: {incidents: %s, time_to_repair: {fixed: 1s}}}}}\n"
    "architectures: {alone: a}\n"
    "contract: {window: 30d, availability: {measure: time}, tiers: {t: {availability: 99.99999%%}}}\n";
#define GAMMA_RATE "{law: {gamma: {shape: 3, mean: 6/year}}}"
#define SHAPE 3.0
#define N_GROUPS 2000

// E exp(-rate t), t in days.
static double mixture(double days)
{
    const double b = SHAPE / (6.0 / 365);
    return pow(b / (b + days), SHAPE);
}

// 2,000 groups: s.e. of the term 0.0047, of the month 0.0030: finds shifts of 0.06 and 0.04. The twin that takes the
// rate as exact says exp(-E rate t) = 0.373 instead of 0.434.
Test(stat_uncertain, a_gamma_rate_makes_a_mixture)
{
    struct world world;
    world_open(&world, poisson, GAMMA_RATE);
    struct surety_result *r = world_run(&world, N_GROUPS * SURETY_GROUP, 1);
    const struct surety_tier_result *t = &r->architectures[0].tiers[0];
    cr_assert_eq(r->n_groups, N_GROUPS);
    const double p = mixture(60), between = mixture(120) - p * p;
    const double se = sqrt((between + (p - between - p * p) / SURETY_GROUP) / N_GROUPS);
    holds("P(no outage in 60 d)", t->term_met.p, se, p, 12.5 * se);
    const double month = mixture(30), month_between = mixture(60) - month * month;
    const double month_se = sqrt((month_between + (month - mixture(60)) / (2 * SURETY_GROUP)) / N_GROUPS);
    holds("P(no outage in 30 d)", t->month_met.p, month_se, month, 12.5 * month_se);
    cr_assert(!within(t->term_met.p, exp(-6.0 / 365 * 60), se), "the twin without uncertainty passes");
    // The intervals printed are those of groups: half of what terms alone would give would be a lie.
    const double half = (t->term_met.hi - t->term_met.lo) / 2;
    cr_assert_float_eq(half, 1.96 * se, 0.05 * 1.96 * se, "half width %.5f, over groups %.5f", half, 1.96 * se);
    cr_assert_gt(half, 3 * 1.96 * sqrt(p * (1 - p) / (N_GROUPS * SURETY_GROUP)), "the twin over terms passes");
    cr_assert_lt(r->inputs[0].correlation, -0.9);
    cr_assert_str_eq(r->inputs[0].path, "providers.a.outages.x.incidents"); // as flips name it
    surety_result_destroy(r);
    world_close(&world);
}

// One draw says nothing of how much draws differ: said, and only there.
Test(stat_uncertain, one_group_is_warned_about)
{
    struct world world;
    world_open(&world, poisson, GAMMA_RATE);
    for (uint64_t n = SURETY_GROUP - 1; n <= SURETY_GROUP + 1; n++) {
        struct surety_result *r = world_run(&world, n, 1);
        bool warned = false;
        for (size_t i = 0; i < r->n_warnings; i++)
            warned = warned || strstr(r->warnings[i], "one draw of the uncertain inputs") != NULL;
        cr_assert_eq(warned, n <= SURETY_GROUP, "%d terms", (int)n);
        surety_result_destroy(r);
    }
    world_close(&world);
}

// Between which values P lies: quantiles of exp(-rate days). One run scatters by about 0.01, as so few groups lie beyond;
// the mean of 16 runs of 2,000 groups has to be within 0.008.
Test(stat_uncertain, ignorance_is_the_range_of_the_probability)
{
    const double slow = gsl_cdf_gamma_Pinv(0.025, SHAPE, 6.0 / 365 / SHAPE);
    const double fast = gsl_cdf_gamma_Pinv(0.975, SHAPE, 6.0 / 365 / SHAPE);
    struct tally term_lo = {0}, term_hi = {0}, month_lo = {0}, month_hi = {0};
    struct world world;
    world_open(&world, poisson, GAMMA_RATE);
    for (uint64_t seed = 1; seed <= 16; seed++) {
        struct surety_result *r = world_run(&world, N_GROUPS * SURETY_GROUP, seed);
        const struct surety_tier_result *t = &r->architectures[0].tiers[0];
        tally_add(&term_lo, t->term_met.ignorance_lo);
        tally_add(&term_hi, t->term_met.ignorance_hi);
        tally_add(&month_lo, t->month_met.ignorance_lo);
        tally_add(&month_hi, t->month_met.ignorance_hi);
        surety_result_destroy(r);
    }
    const struct {
        const char *what;
        const struct tally *got;
        double truth;
    } table[] = {{"term, low", &term_lo, exp(-fast * 60)},
                 {"term, high", &term_hi, exp(-slow * 60)},
                 {"month, low", &month_lo, exp(-fast * 30)},
                 {"month, high", &month_hi, exp(-slow * 30)}};
    for (size_t i = 0; i < 4; i++) {
        const double got = tally_mean(table[i].got);
        cr_log_info("%s: got %.4f, s.e. %.4f, exact %.4f\n", table[i].what, got, tally_se(table[i].got),
                    table[i].truth);
        cr_assert_float_eq(got, table[i].truth, 0.008, "%s: %.4f, exact %.4f", table[i].what, got, table[i].truth);
    }
    world_close(&world);
}

// The share of the variance, over 16 runs: the estimator's own scatter gives the error.
Test(stat_uncertain, the_share_of_the_variance_is_that_of_the_closed_form)
{
    struct world world;
    struct tally term = {0}, month = {0};
    world_open(&world, poisson, GAMMA_RATE);
    for (uint64_t seed = 1; seed <= 16; seed++) {
        struct surety_result *r = world_run(&world, 500 * SURETY_GROUP, seed);
        tally_add(&term, r->architectures[0].tiers[0].term_met.ignorance_share);
        tally_add(&month, r->architectures[0].tiers[0].month_met.ignorance_share);
        surety_result_destroy(r);
    }
    const double p = mixture(60), m = mixture(30);
    holds("share, term", tally_mean(&term), tally_se(&term), (mixture(120) - p * p) / (p - p * p),
          12.5 * tally_se(&term));
    // Of a term's two windows: independent given the rate.
    const double between = mixture(60) - m * m, within_a_term = (m - mixture(60)) / 2;
    holds("share, month", tally_mean(&month), tally_se(&month), between / (between + within_a_term),
          12.5 * tally_se(&month));
    world_close(&world);
}

// Nothing uncertain in disguise: a range of nothing adds nothing, and the whole is the run without it.
Test(stat_uncertain, a_narrow_range_is_no_ignorance)
{
    struct world world;
    world_open(&world, poisson, "{between: [6/year, 6.0000001/year]}");
    struct surety_result *r = world_run(&world, 500 * SURETY_GROUP, 1);
    const struct surety_tier_result *t = &r->architectures[0].tiers[0];
    cr_assert_lt(t->term_met.ignorance_share, 0.004); // s.e. 1/64 sqrt(2/500) = 0.001
    holds_share("P(no outage in 60 d)", t->term_met.p, 500 * SURETY_GROUP, exp(-6.0 / 365 * 60), 0.035);
    surety_result_destroy(r);
    world_close(&world);
}

static const char ranges[] =
    "surety: 1\n"
    "term: {start: 2027-01-01, months: 12, initial_state: up}\n"
    "workloads: {w: {demand: 6/min, tokens: {input: 1000, output: 1}}}\n"
    "providers:\n"
    "  a: {outages: {x: {incidents: 50/year, time_to_repair: {fixed: 10h}, failing: %s}}, price: {input: %s}}\n"
    "  b: {outages: none, price: {input: 1 USD/Mtok}}\n"
    "architectures: {alone: a, both: {failover: {order: [a, b], detect: %s, switch: 0s, success: 100%%, failback: "
    "0s}}}\n"
    "contract: {window: 30d, availability: {%s}, tiers: {t: {availability: 99.9%%}}}\n";

// Means over uniform ranges, the standard errors over groups: 1,000 groups.
Test(stat_uncertain, uniform_failing_price_and_detect)
{
    struct world world;
    world_open(&world, ranges, "{between: [10%, 60%]}", "{between: [1 USD/Mtok, 3 USD/Mtok]}", "60s",
               "measure: requests, counts: expected");
    struct surety_result *r = world_run(&world, 1000 * SURETY_GROUP, 1);
    const struct surety_architecture_result *a = &r->architectures[0];
    // Starts are fewer than 50 a year at first: up from a fresh start.  U = 1/rate - D; by renewal the mean share down
    // over the term is what the central run gives with failing 35 %, as availability is linear in it.
    struct surety_run_options options;
    struct surety_result *central = NULL;
    surety_run_options_default(&options);
    options.n_replications = 1000 * SURETY_GROUP;
    options.n_threads = 1;
    options.central = true;
    cr_assert_eq(surety_run(world.scenario, world.plan, &options, &world.diags, &central), SURETY_OK);
    const double down = 1 - central->architectures[0].availability.mean; // at 35 %
    const double sd = down * (0.5 / sqrt(12)) / 0.35 / sqrt(1000);
    holds("availability, failing 10..60 %", a->availability.mean, a->availability.se, 1 - down, 12.5 * sd);
    cr_assert_float_eq(a->availability.se, sd, 0.1 * sd, "s.e. %.3g over groups, uniform %.3g", a->availability.se, sd);
    cr_assert_lt(central->architectures[0].availability.se, 0.2 * sd, "the twin without groups");
    // Price: 6/min x 30 d x 1000 tokens x 2 USD/Mtok = 518.4 USD a window; sd of the price 2 / sqrt(12). A month is
    // 365/12 days. All requests are billed by what is answered.
    const double scale = 365.0 / 12 / 30, answered = 1 - down;
    const double cost = 518.4 * scale * answered, cost_se = cost / 2 * (2 / sqrt(12)) / sqrt(1000);
    cr_log_info("cost %.4f se %.4f\n", a->cost_per_month.mean, a->cost_per_month.se);
    cr_assert_float_eq(a->cost_per_month.se, cost_se, 0.1 * cost_se);
    holds("cost a month", a->cost_per_month.mean, a->cost_per_month.se, central->architectures[0].cost_per_month.mean,
          12.5 * cost_se);
    surety_result_destroy(central);
    surety_result_destroy(r);
    world_close(&world);
    // Detection: an outage costs exactly `detect`, so the downtime is 75 s instead of 60 s at each of the same outages.
    world_open(&world, ranges, "100%", "1 USD/Mtok", "{between: [30s, 120s]}", "measure: time");
    r = world_run(&world, 1000 * SURETY_GROUP, 1);
    options.central = true;
    cr_assert_eq(surety_run(world.scenario, world.plan, &options, &world.diags, &central), SURETY_OK);
    const struct surety_mean *got = &r->architectures[1].downtime_s;
    const double truth = central->architectures[1].downtime_s.mean;
    const double detect_sd = truth * 90 / sqrt(12) / 75 / sqrt(1000);
    holds("downtime, detect 30..120 s", got->mean, got->se, truth, 12.5 * detect_sd);
    cr_assert_float_eq(got->se, detect_sd, 0.1 * detect_sd);
    surety_result_destroy(central);
    surety_result_destroy(r);
    world_close(&world);
}

static const char drifting[] =
    "surety: 1\n"
    "term: {start: 2027-01-01, months: 6}\n"
    "workloads: {w: {demand: 1/min}}\n"
    "providers: {a: {outages: {x: {incidents: {observed: {count: 50k, over: 50000d, until: 2026-01-01, half_life: "
    "none, "
    "prior: jeffreys, drift: 0.5, spread: %s}}, time_to_repair: {fixed: 1s}}}%s}}\n"
    "architectures: {alone: a}\n"
    "contract: {window: 30d, availability: {measure: time}, tiers: {t: {availability: 99%%}}}\n";

// Middle of window w in years after the record's end.
static double middle(size_t w)
{
    return 1 + (30.0 * (double)w + 15) / 365;
}

// Variance of the log rate t years on, and covariance with u >= t: a random walk, or what tends to the sd `spread`.
static double covariance(double spread, double t, double u)
{
    const double pull = 0.25 / (2 * spread * spread);
    return spread > 0 ? spread * spread * (exp(-pull * (u - t)) - exp(-pull * (u + t))) : 0.25 * t;
}

// The factors of 20,000 draws: the logs are normal with these variances and covariances.
static void check_factors(const char *word, double spread, double other)
{
    struct world world;
    world_open(&world, drifting, word, "");
    struct tally mean[6] = {0}, square[6] = {0}, cross = {0}, factor = {0};
    double values[2];
    for (uint64_t g = 0; g < 20000; g++) {
        struct surety_plan_draw draw;
        cr_assert_eq(surety_plan_draw(world.scenario, world.plan, 1, g, NULL, values, &draw), SURETY_OK);
        const double *f = draw.plan->sources[0].drift_factor;
        for (size_t w = 0; w < 6; w++) {
            tally_add(&mean[w], log(f[w]));
            tally_add(&square[w], log(f[w]) * log(f[w]));
        }
        tally_add(&cross, log(f[0]) * log(f[5]));
        tally_add(&factor, f[5]);
        surety_plan_draw_finish(&draw);
    }
    for (size_t w = 0; w < 6; w += 5) {
        holds("mean of log f", tally_mean(&mean[w]), tally_se(&mean[w]), 0, 12.5 * tally_se(&mean[w]));
        holds("variance of log f", tally_mean(&square[w]), tally_se(&square[w]),
              covariance(spread, middle(w), middle(w)), 12.5 * tally_se(&square[w]));
    }
    holds("covariance", tally_mean(&cross), tally_se(&cross), covariance(spread, middle(0), middle(5)),
          12.5 * tally_se(&cross));
    holds("mean of f", tally_mean(&factor), tally_se(&factor), exp(covariance(spread, middle(5), middle(5)) / 2),
          12.5 * tally_se(&factor));
    cr_assert(!within(tally_mean(&square[5]), covariance(other, middle(5), middle(5)), tally_se(&square[5])),
              "the other process passes");
    world_close(&world);
}

Test(stat_uncertain, drift_is_a_random_walk_of_the_log_rate)
{
    check_factors("none", 0, 0.4);
}

Test(stat_uncertain, drift_tends_to_the_spread)
{
    check_factors("0.4", 0.4, 0);
}

// The engine counts what the factors say: one outage of a second a day at factor 1. With a weekly rhythm the same, as it
// only moves the outages within the week (30 days are no whole weeks: 2 % at most, inside the error).
Test(stat_uncertain, outages_follow_the_drift)
{
    for (int rhythm = 0; rhythm < 2; rhythm++) {
        struct world world;
        world_open(&world, drifting, "none", rhythm ? ", weekly_rhythm: working-hours" : "");
        struct surety_result *r = world_run(&world, 3000 * SURETY_GROUP, 1);
        double truth = 0, variance = 0;
        for (size_t v = 0; v < 6; v++) {
            truth += 30 * exp(0.125 * middle(v)) / 6;
            for (size_t w = 0; w < 6; w++)
                variance += 25 * exp(0.125 * (middle(v) + middle(w))) * (exp(0.25 * middle(v < w ? v : w)) - 1);
        }
        const double se = sqrt(variance / 3000);
        const struct surety_mean *got = &r->architectures[0].downtime_s;
        holds("outages a window", got->mean, se, truth, 12.5 * se);
        cr_assert_float_eq(got->se, se, 0.15 * se, "s.e. %.4f, closed form %.4f", got->se, se);
        cr_assert(!within(got->mean, 30, se), "the twin without drift passes");
        surety_result_destroy(r);
        world_close(&world);
    }
}

// --- the same bytes, and one replication alone ------------------------------------------------------------------

static const char all[] =
    "surety: 1\n"
    "term: {start: 2027-02-10, months: 2}\n"
    "workloads: {calls: {demand: {rate: {between: [10/min, 30/min]}, profile: business-hours, growth: {between: "
    "[0%%/month, 4%%/month]}}, tokens: {input: {lognormal: {mean: {between: [900, 1100]}, cv: 0.8}}, output: 100}}}\n"
    "providers:\n"
    "  a: {outages: {x: {incidents: {rate: {observed: {count: 9, over: 200d, until: 2026-08-01}}, shape: 0.7}, "
    "time_to_repair: {lognormal: {median: {law: {lognormal: {median: 1h, sigma: 0.4}}}, sigma: 1.2}}}, y: "
    "{time_to_failure: 3d, time_to_repair: 20m, failing: {between: [10%%, 60%%]}, hits: 60%%}}, weekly_rhythm: "
    "working-hours, price: {input: {between: [1 USD/Mtok, 2 USD/Mtok]}, output: 3 USD/Mtok}}\n"
    "  b: {outages: {x: {time_to_failure: {gamma: {shape: {between: [0.7, 0.9]}, mean: 5d}}, time_to_repair: 1h}}}\n"
    "common_causes: {c: {members: [a, b], incidents: {observed: {count: 1, over: 300d, until: 2026-08-01}}, "
    "time_to_repair: 1h, hits: {between: [20%%, 80%%]}}}\n"
    "architectures: {alone: a, both: {failover: {order: [a, b], detect: {between: [30s, 300s]}}}}\n"
    "contract: {fee: 900 USD/month, availability: {%s}, credits: {ladder: [{below: target, credit: 10%%}], claimed: "
    "{between: [40%%, 90%%]}}}\n";

// A dimension's interval is over groups, as a tier's is that promises it alone: of each dimension, latency without the
// others too, and of the right to leave.
Test(stat_uncertain, dimensions_have_the_intervals_of_tiers)
{
    static const char late[] = "{w: {metric: first_token, percentile: 95, target: 1s}}";
    for (int joint = 0; joint < 2; joint++) {
        struct world world;
        world_open(
            &world,
            "surety: 1\nterm: {start: 2027-01-04, months: 12}\n"
            "workloads: {w: {demand: 6/min, requests_per_task: 4}}\n"
            "providers:\n"
            "  a:\n"
            "    outages: {x: {incidents: {between: [4/year, 30/year]}, time_to_repair: 6h, failing: 30%%, latency: "
            "4x, quality: -10pp}}\n"
            "    quality: {s: 96%%}\n"
            "    latency: {first_token: {lognormal: {median: 400ms, p95: 900ms}}}\n"
            "    price: {per_request: 0.01 USD/request}\n"
            "    price_changes: [{rate: 1/year, factor: 1.1x}]\n"
            "architectures: {a: a}\n"
            "contract:\n"
            "  availability: {measure: time}\n"
            "  %s\n"
            "  tiers:\n"
            "    late: {availability: 1%%, latency: %s}\n"
            "    %s\n"
            "    down: {availability: 98.5%%}\n"
            "    all: {availability: 98.5%%, latency: %s%s}\n",
            joint ? "terminate: {misses: 1, within: 1}\n  quality: {suites: {s: {cases: 200, every: 1w}}}" : "", late,
            joint ? "bad: {availability: 1%, quality: {s: 95%}}\n    dear: {availability: 1%, cost: "
                    "{over_forecast: 10%}}"
                  : "",
            late, joint ? ", quality: {s: 95%}, cost: {over_forecast: 10%}" : "");
        static const size_t tier_of[2][4] = {{1, 0}, {3, 0, 1, 2}}; // that promises the dimension alone
        struct surety_result *r = world_run(&world, 3200, 3);
        const struct surety_tier_result *tiers = r->architectures[0].tiers, *full = &tiers[r->n_tiers - 1];
        for (size_t d = 0; d < (joint ? 4 : 2); d++) {
            const struct surety_dimension_result *got = joint    ? &full->joint.dimension[d]
                                                        : d == 0 ? &full->availability
                                                                 : &full->latency;
            const struct surety_tier_result *alone = &tiers[tier_of[joint][d]];
            cr_assert(alone->term_met.p > 0 && alone->term_met.p < 1, "dimension %zu: %g", d, alone->term_met.p);
            cr_assert_eq(got->term_met.p, alone->term_met.p);
            cr_assert_eq(got->term_met.lo, alone->term_met.lo);
            cr_assert_eq(got->term_met.hi, alone->term_met.hi);
            cr_assert_eq(got->month_met.p, alone->month_met.p);
            cr_assert_eq(got->month_met.lo, alone->month_met.lo);
            cr_assert_eq(got->month_met.hi, alone->month_met.hi);
            if (!joint)
                continue;
            // he may leave after the first miss: where not every window is met
            cr_assert_float_eq(alone->termination.p.lo, 1 - alone->term_met.hi, 1e-12);
            cr_assert_float_eq(alone->termination.p.hi, 1 - alone->term_met.lo, 1e-12);
        }
        surety_result_destroy(r);
        world_close(&world);
    }
}

Test(stat_uncertain, same_bytes)
{
    static const char *const measures[] = {"measure: time", "measure: requests"};
    for (size_t m = 0; m < 2; m++) {
        struct world world;
        world_open(&world, all, measures[m]);
        struct surety_run_options options;
        surety_run_options_default(&options);
        options.n_replications = 2 * SURETY_CHUNK + 777; // the last group is cut
        options.n_threads = 1;
        options.measures = true;
        char *expected = world_json(&world, &options);
        options.n_threads = 3;
        options.general_walk = true;
        options.kernel = "baseline";
        char *got = world_json(&world, &options);
        cr_assert_str_eq(got, expected);
        free(got);
        options.seed = 2;
        got = world_json(&world, &options);
        cr_assert(strcmp(got, expected) != 0);
        free(got);
        free(expected);
        world_close(&world);
    }
}

// A replication that is told alone stands on its group's draw: the stories of 200 terms add up to the run.
Test(stat_uncertain, stories_stand_on_their_groups)
{
    struct world world;
    world_open(&world, all, "measure: time");
    struct surety_result *r = world_run(&world, 200, 1);
    for (size_t a = 0; a < 2; a++) {
        double sum = 0;
        for (uint64_t i = 0; i < 200; i++) {
            struct surety_story *story;
            cr_assert_eq(surety_story_tell(world.scenario, world.plan, a, 1, i, &world.diags, &story), SURETY_OK);
            sum += story->downtime_s;
            surety_story_destroy(story);
        }
        const double mean = r->architectures[a].downtime_s.mean * (double)r->n_windows;
        cr_assert_float_eq(sum / 200, mean, 1e-9 * mean);
    }
    surety_result_destroy(r);
    world_close(&world);
}
