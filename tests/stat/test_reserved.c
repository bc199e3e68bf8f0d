// SPDX-License-Identifier: GPL-3.0-or-later
// Reserved units in the event engine against closed forms and sums over minutes.
#include "tests/stat/worlds.h"

#include "sim/base/overflow.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WEEK_S 604800.0

static void close_to(const char *what, double got, double truth, double relative)
{
    cr_log_info("%s: %.12g, truth %.12g", what, got, truth);
    cr_assert(fabs(got - truth) <= relative * fabs(truth), "%s: %.12g, not %.12g", what, got, truth);
}

// "[1.5,...]": the means over each hour of 1 + a sin(2 pi t / 24 h + phase).
static void print_sinusoid(char out[168 * 24], double a, double phase)
{
    size_t at = 0;
    for (int h = 0; h < 168; h++) {
        const double from = 2 * M_PI * h / 24 + phase, to = from + 2 * M_PI / 24;
        at += (size_t)sprintf(out + at, "%c%.17g", h == 0 ? '[' : ',', 1 + a * (cos(from) - cos(to)) * 24 / (2 * M_PI));
    }
    strcpy(out + at, "]");
}

// --- a load that swings, and nothing else ----------------------------------------------------------------------

static const char swinging[] =
    "surety: 1\n"
    "term: {start: 2027-01-01, months: 5}\n"
    "workloads: {w: {demand: {rate: 60/min, burstiness: %g, profile: {hours: %s}}, tokens: {input: 1000, output: "
    "100}}}\n"
    "providers:\n"
    "  a: {outages: none, price: {input: 2 USD/Mtok, output: 10 USD/Mtok}, reserved: {units: 1, "
    "tokens_per_minute_per_unit: %.17g, output_weight: 8, price: 240 USD/day, overflow: %s}}\n"
    "architectures: {alone: a}\n"
    "contract: {window: 7d, fee: 1000 USD/month, availability: {measure: requests, counts: expected}}\n";

// The limit is crossed at 03:00 and 09:00, so hours are wholly above or below it and their means say all. With
// t0 = pi / 4 the share of 1 + a sin(t) above 1 + a sin(t0) is a (cos t0 - sin t0 (pi / 2 - t0)) / pi.
Test(reserved, sinusoidal_load_against_the_integral)
{
    static char hours[168 * 24];
    const double a = 0.8, t0 = M_PI / 4, over = a * (cos(t0) - sin(t0) * (M_PI / 2 - t0)) / M_PI;
    const double tokens = 60 * 1800.0, limit = tokens * (1 + a * sin(t0)), a_month = 365.0 / 12 * 1440 * 60;
    struct world world;
    print_sinusoid(hours, a, 0);
    world_open(&world, swinging, 0.0, hours, limit, "on-demand");
    struct surety_result *result = world_run(&world, 64, 1);
    const struct surety_reserved_result *r = &result->architectures[0].reserved[0];
    close_to("overflow", r->overflow, over, 1e-6);
    close_to("utilisation", r->utilisation, tokens / limit * (1 - over), 1e-6);
    close_to("cost of the overflow", r->overflow_cost_per_month, over * a_month * 0.003, 1e-6);
    close_to("cost without", r->without_per_month, a_month * 0.003, 1e-6);
    close_to("fee", r->fee_per_month, 240 * 365.0 / 12, 1e-9);
    close_to("break-even", r->break_even, 10 / (limit * 60 * 0.003 / 1800), 1e-9);
    close_to("cost", result->architectures[0].cost_per_month.mean, 240 * 365.0 / 12 + over * a_month * 0.003, 1e-6);
    cr_assert_eq(result->architectures[0].reserved_per_month, r->fee_per_month);
    cr_assert_eq(r->moved_time, 0);
    surety_result_destroy(result);
    world_close(&world);
    // what is rejected fails, and costs nothing
    world_open(&world, swinging, 0.0, hours, limit, "reject");
    result = world_run(&world, 64, 1);
    r = &result->architectures[0].reserved[0];
    close_to("failed", 1 - result->architectures[0].availability.mean, over, 1e-6);
    close_to("rejected", r->overflow, over, 1e-6);
    close_to("utilisation", r->utilisation, tokens / limit * (1 - over), 1e-6);
    cr_assert_eq(r->overflow_cost_per_month, 0);
    cr_assert_float_eq(result->architectures[0].cost_per_month.mean, r->fee_per_month, 1e-6);
    cr_assert_eq(r->moved_time, 0);
    cr_assert_str_eq(result->architectures[0].downtime_by[result->architectures[0].n_downtime_by - 1].name, "capacity");
    close_to("down by capacity", result->architectures[0].downtime_by[result->architectures[0].n_downtime_by - 1].share,
             1, 1e-12);
    surety_result_destroy(result);
    world_close(&world);
    // the twin: a Poisson process overflows more
    world_open(&world, swinging, 1.0, hours, limit, "on-demand");
    result = world_run(&world, 64, 1);
    cr_assert_gt(result->architectures[0].reserved[0].overflow, over * 1.05);
    surety_result_destroy(result);
    world_close(&world);
}

// --- a load that moves at known times -----------------------------------------------------------------------------

static const char moving[] =
    "surety: 1\n"
    "term: {start: 2027-01-04, months: 9}\n"
    "workloads:\n"
    "  near: {demand: {rate: 40/min, growth: 3%%/month, burstiness: 1.6, profile: {hours: %s}}, tokens: {input: "
    "{lognormal: {mean: 900, cv: 0.8}}, output: {gamma: {mean: 150, cv: 0.7}}, cached_input: 25%%}}\n"
    "  far: {demand: {rate: 25/min, profile: {hours: %s, timezone: Asia/Kolkata}}, tokens: {input: {exponential: "
    "{mean: 700}}, output: 80}}\n"
    "providers:\n"
    "  a: {outages: none, maintenance: {window: \"Tue 01:10\", lasts: %dh, every: 1w}}\n"
    "  b: {outages: none, price: {input: 2 USD/Mtok, output: 10 USD/Mtok, per_request: 0.001 USD/request}, reserved: "
    "{units: 15, tokens_per_minute_per_unit: 6k, output_weight: 4, cached_weight: 0.5, price: 90 USD/week, overflow: "
    "%s}}\n"
    "architectures: {both: {failover: {order: [a, b], detect: 90s, switch: 0s, failback: 0s, success: 100%%}}}\n"
    "contract: {window: 7d, fee: 1000 USD/month, availability: {measure: requests, counts: expected}}\n";

// What one request a minute adds to the load of workload d, and its tokens' price; written down a second time.
static struct surety_load load_of(int d, double *price)
{
    const double in = d == 0 ? 900 : 700, cv = d == 0 ? 0.8 : 1, factor = d == 0 ? 0.875 : 1;
    const double out = d == 0 ? 150 : 80, out_cv = d == 0 ? 0.7 : 0, b2 = d == 0 ? 1.6 * 1.6 : 1;
    const double e = 1 + cv * cv; // lognormal: E[X^3] = mean^3 e^3; exponential: 6 mean^3
    const double m2 = in * in * e, m3 = d == 0 ? in * in * in * e * e * e : 6 * in * in * in;
    const double k2 = m2 - in * in, k3 = m3 - 3 * in * m2 + 2 * in * in * in;
    const double t1 = factor * in + 4 * out, t2 = factor * factor * k2 + 16 * out * out * out_cv * out_cv;
    const double t3 =
        factor * factor * factor * k3 + 64 * 2 * pow(out * out_cv * out_cv, 2) * out; // gamma: 2 cv^4 mean^3
    *price = (in * 2 + out * 10) * 1e-6;
    return (struct surety_load){t1, t2 + b2 * t1 * t1, t3 + 3 * b2 * t1 * t2 + b2 * b2 * t1 * t1 * t1};
}

struct sums {
    double moved_s, sent, over, over_cost, without;
    double requests, failed; // where what overflows fails
};

// Minute by minute through the term, the share of each minute in which b answers.
static struct sums add_up(double lasts_s, double phase)
{
    const double limit = 15 * 6000, start_s = (24 + 1) * 3600.0 + 600 + 90, a = 0.9;
    struct sums s = {0};
    double price[2];
    const struct surety_load one[] = {load_of(0, &price[0]), load_of(1, &price[1])};
    for (int w = 0; w < 9; w++)
        for (int minute = 0; minute < 10080; minute++) {
            // this week's, or what is left of the last week's
            const double from = minute * 60.0, to = from + 60, end_s = start_s - 90 + lasts_s;
            double on = fmax(0, fmin(to, end_s) - fmax(from, start_s));
            if (w > 0)
                on += fmax(0, fmin(to, end_s - WEEK_S) - fmax(from, start_s - WEEK_S));
            double blind = fmax(0, fmin(to, start_s) - fmax(from, start_s - 90)); // nobody has noticed
            double m[2];
            const double growth = pow(1.03, w);
            for (int d = 0; d < 2; d++) {
                const double hour = d == 0 ? floor(minute / 60.0) : floor((minute + 330) % 10080 / 60.0);
                const double x = 2 * M_PI * hour / 24 + (d == 0 ? 0 : phase);
                m[d] = (d == 0 ? 40 * growth : 25) * (1 + a * (cos(x) - cos(x + 2 * M_PI / 24)) * 24 / (2 * M_PI));
            }
            const struct surety_load load = {m[0] * one[0].k1 + m[1] * one[1].k1, m[0] * one[0].k2 + m[1] * one[1].k2,
                                             m[0] * one[0].k3 + m[1] * one[1].k3};
            const double o = surety_excess(&load, limit) / load.k1;
            s.requests += m[0] + m[1];
            s.failed += (m[0] + m[1]) * (blind + o * on) / 60;
            s.moved_s += on;
            s.sent += load.k1 * on / 60;
            s.over += o * load.k1 * on / 60;
            for (int d = 0; d < 2; d++) {
                s.over_cost += o * m[d] * on / 60 * price[d];
                s.without += m[d] * on / 60 * price[d];
            }
        }
    return s;
}

static void check_moving(int lasts_h, bool rejects)
{
    static char near[168 * 24], far[168 * 24];
    const double phase = 1.1, months = 9 * WEEK_S / (365.0 / 12 * 86400);
    struct world world;
    print_sinusoid(near, 0.9, 0);
    print_sinusoid(far, 0.9, phase);
    world_open(&world, moving, near, far, lasts_h, rejects ? "reject" : "on-demand");
    struct surety_result *result = world_run(&world, 64, 1);
    const struct surety_reserved_result *r = &result->architectures[0].reserved[0];
    const struct sums s = add_up(lasts_h * 3600.0, phase);
    cr_log_info("%d h: %.3g of the tokens overflow", lasts_h, s.over / s.sent);
    cr_assert(s.over > 0.01 * s.sent && s.over < 0.9 * s.sent); // else the test sees nothing
    close_to("time", r->moved_time, s.moved_s / (9 * WEEK_S), 1e-9);
    close_to("overflow", r->overflow, s.over / s.sent, 1e-8);
    close_to("overflow moved", r->moved_overflow, s.over / s.sent, 1e-8);
    close_to("utilisation moved", r->moved_utilisation, (s.sent - s.over) / (90000 * s.moved_s / 60), 1e-8);
    close_to("utilisation", r->utilisation, (s.sent - s.over) / (90000 * 9 * WEEK_S / 60), 1e-8);
    close_to("cost of the overflow", r->overflow_cost_per_month, rejects ? 0 : s.over_cost / months, 1e-8);
    close_to("cost without", r->without_per_month, s.without / months, 1e-8);
    if (rejects)
        close_to("failed", 1 - result->architectures[0].availability.mean, s.failed / s.requests, 1e-7);
    cr_assert_eq(r->normal_share, 0);
    cr_assert_eq(r->most_share, 1);
    surety_result_destroy(result);
    world_close(&world);
}

// Short stretches are added up hour by hour, long ones from the sums of the week; both with half hours between the
// zones, growth, and stretches over the end of a window.
Test(reserved, moved_load_against_minutes)
{
    for (int rejects = 0; rejects < 2; rejects++) {
        check_moving(7, rejects == 1);
        check_moving(50, rejects == 1);
        check_moving(166, rejects == 1);
    }
}

// --- fees --------------------------------------------------------------------------------------------------------

static double fee(int months, const char *day, const char *keys)
{
    struct world world;
    world_open(&world,
               "surety: 1\nterm: {start: 2027-01-%s, months: %d}\n"
               "workloads: {w: {kind: chat, demand: 30/min}}\n"
               "providers: {a: {outages: none, price: {input: 2 USD/Mtok, output: 10 USD/Mtok}, reserved: {units: 20, "
               "tokens_per_minute_per_unit: 5k, output_weight: 8, overflow: on-demand, %s}}}\n"
               "architectures: {alone: a}\ncontract: {fee: 1000 USD/month, availability: {measure: time}}\n",
               day, months, keys);
    double sum = 0;
    for (size_t w = 0; w < world.plan->n_windows; w++)
        sum += world.plan->reserved[0].fee[w];
    world_close(&world);
    return sum;
}

Test(reserved, fees_by_month_by_time_and_by_term)
{
    close_to("months", fee(12, "01", "price: 100 USD/month"), 24000, 1e-9);
    close_to("cut months", fee(12, "17", "price: 100 USD/month"), 2000 * (11 + 15.0 / 31 + 16.0 / 31), 1e-9);
    close_to("hours", fee(1, "01", "price: 2 USD/hour"), 2 * 20 * 744, 1e-9);
    close_to("weeks", fee(12, "01", "price: 70 USD/week"), 10.0 * 20 * 365, 1e-9);
    close_to("years", fee(12, "01", "price: 1200 USD/year"), 24000, 1e-9);
    close_to("terms of a month", fee(12, "01", "price: 100 USD/month, term: 30d"), 24000, 1e-9);
    close_to("a month's term", fee(1, "01", "price: 100 USD/month, term: 30d"), 2000, 1e-9);
    close_to("a month's term in February", fee(1, "31", "price: 100 USD/month, term: 30d"), 2000, 1e-9);
    close_to("quarters", fee(12, "01", "price: 100 USD/month, term: 90d"), 24000, 1e-9);
    close_to("a year's term in two years", fee(24, "01", "price: 100 USD/month, term: 365d"), 48000, 1e-9);
    // half of the second term is not used and paid all the same
    close_to("a year's term in 18 months", fee(18, "01", "price: 100 USD/month, term: 365d"), 48000, 1e-9);
    close_to("the same by days", fee(18, "01", "price: 1 USD/day, term: 365d"), 20 * 730, 1e-9);
    close_to("a year's term in a quarter", fee(3, "01", "price: 1 USD/day, term: 365d"), 20 * 365, 1e-9);
}

// --- bytes -------------------------------------------------------------------------------------------------------

Test(reserved, same_bytes_at_any_number_of_threads)
{
    struct world world;
    world_open(&world, "surety: 1\n"
                       "term: {start: 2027-01-10, months: 3}\n"
                       "workloads: {w: {kind: chat, demand: {rate: 60/min, profile: flat, growth: 5%%/month}}}\n"
                       "providers:\n"
                       "  a: {outages: {x: {incidents: {between: [10/year, 40/year]}, time_to_repair: 3h, failing: "
                       "{between: [30%%, 90%%]}}, y: {incidents: 20/year, time_to_repair: 1h, failing: 20%%}}, price: "
                       "{input: 2 USD/Mtok, output: 10 USD/Mtok}, reserved: {units: 100, tokens_per_minute_per_unit: "
                       "3k, output_weight: 5, price: 50 USD/month, overflow: on-demand}}\n"
                       "  b: {outages: {x: {incidents: 9/year, time_to_repair: 2h}}, price: {input: 3 USD/Mtok, "
                       "output: 12 USD/Mtok}, reserved: {units: 60, tokens_per_minute_per_unit: 3k, output_weight: 5, "
                       "price: 50 USD/month, overflow: reject}}\n"
                       "architectures:\n"
                       "  moved: {failover: {order: [a, b], detect: 60s}}\n"
                       "  tried: {fallback: {order: [a, b], retries: 1}}\n"
                       "  shared: {balance: {shares: {a: 60%%, b: 40%%}, detect: 30s}}\n"
                       "contract: {fee: 20000 USD/month, style: aws, availability: {measure: requests}}\n");
    struct surety_run_options options;
    surety_run_options_default(&options);
    options.n_replications = SURETY_CHUNK + 777;
    options.n_threads = 1;
    char *expected = world_json(&world, &options);
    cr_assert(strstr(expected, "\"overflow_share\"") != NULL);
    for (unsigned threads = 2; threads < 4; threads++) {
        options.n_threads = threads;
        char *got = world_json(&world, &options);
        cr_assert_str_eq(got, expected);
        free(got);
    }
    free(expected);
    world_close(&world);
}

// --- promises of cost on reserved units ------------------------------------------------------------------------

// 60 requests a minute of 1,800 tokens, evenly: 108,000, of which units for 90,000 leave a sixth. In four weeks 2,419,200
// requests, 604,800 tasks; 403,200 requests overflow at 0.003 USD, 1209.6 USD; the fee is 2800 USD; 4 runs of 200
// cases at 0.003 USD, which do not fit either, 2.4 USD: 4012 USD,
// 0.0066336 a task. At prices of 1.5 from the sixth window on 1814.4 USD, 3.6 USD and, as soon as the units' term is
// over, 4200 USD.
static const char promised[] =
    "surety: 1\nterm: {start: 2027-01-04, months: 12, initial_state: up}\n"
    "workloads: {w: {demand: {rate: 60/min, burstiness: 0}, requests_per_task: 4, tokens: {input: 1000, output: "
    "100}}}\n"
    "providers:\n"
    "  a:\n"
    "    outages: %s\n"
    "    quality: {s: 99%%}\n"
    "    price: {input: 2 USD/Mtok, output: 10 USD/Mtok}%s\n"
    "    sla: {availability: 99.9%%, down_at: 10%%, credits: [{below: 99.9%%, credit: 10%%}]}\n"
    "    reserved: {units: 1, tokens_per_minute_per_unit: 90k, output_weight: 8, price: 100 USD/day%s, overflow: %s}\n"
    "architectures: {a: a}\n"
    "contract:\n"
    "  window: 28d\n"
    "  fee: 1000 USD/month%s\n"
    "  availability: {measure: time, down_at: 100%%}\n"
    "  quality: {suites: {s: {cases: 200, every: 1w}}}\n"
    "  credits: {ladder: [{below: target, credit: 10%%}]}\n"
    "  tiers: {t: {availability: 1%%, cost: %s}}\n";

#define PARTLY "{x: {time_to_failure: {fixed: 84d}, time_to_repair: {fixed: 14d}, failing: 20%}}"
#define DEARER "\n    price_changes: [{date: 2027-05-24, factor: 1.5x, notice: 4w}]"

Test(reserved, promises_of_cost_by_hand)
{
    static const struct {
        const char *outages, *changes, *term, *overflow, *notice, *promise;
        double met, cost; // of 12 windows; all of them together, USD
        double recovered;
    } cases[] = {
        {"none", "", "", "on-demand", "", "{over_forecast: 0.001%}", 12, 12 * 4012, 0},
        {"none", "", "", "on-demand", "", "{per_task: 0.006634 USD/task}", 12, 12 * 4012, 0},
        {"none", "", "", "on-demand", "", "{per_task: 0.006633 USD/task}", 0, 12 * 4012, 0},
        {"none", "", "", "reject", "", "{over_forecast: 0.001%}", 12, 12 * 2800, 0},
        // dearer: 6018 USD, or 4618 USD as long as the fee stays
        {"none", DEARER, "", "on-demand", "", "{over_forecast: 49.9%}", 5, 5 * 4012 + 7 * 6018, 0},
        {"none", DEARER, "", "on-demand", "", "{over_forecast: 50.1%}", 12, 5 * 4012 + 7 * 6018, 0},
        {"none", DEARER, ", term: 56d", "on-demand", "", "{over_forecast: 15.2%}", 6, 5 * 4012 + 4618 + 6 * 6018, 0},
        {"none", DEARER, ", term: 56d", "on-demand", "", "{over_forecast: 15.0%}", 5, 5 * 4012 + 4618 + 6 * 6018, 0},
        // passed on at once: the ceilings rise as the bill does; and four weeks later
        {"none", DEARER, "", "on-demand", "\n  price_notice: 4w", "{per_task: 0.006634 USD/task}", 12,
         5 * 4012 + 7 * 6018, 0},
        {"none", DEARER, "", "on-demand", "\n  price_notice: 8w", "{per_task: 0.006634 USD/task}", 11,
         5 * 4012 + 7 * 6018, 0},
        {"none", DEARER, ", term: 56d", "on-demand", "\n  price_notice: 4w", "{over_forecast: 0.001%}", 12,
         5 * 4012 + 4618 + 6 * 6018, 0},
        // 20 % fail for half of the 4th, 7th and 11th window: 86,400 tokens come and fit, so 604.8 USD less; the
        // provider gives 10 % of its bill back, of the fee and what overflowed
        {PARTLY, "", "", "on-demand", "", "{per_month: 3702 USD/month}", 3, 12 * 4012 - 3 * 604.8, 3 * 340.48},
        {PARTLY, "", "", "on-demand", "", "{per_month: 3701 USD/month}", 0, 12 * 4012 - 3 * 604.8, 3 * 340.48},
        {PARTLY, DEARER, "", "on-demand", "\n  price_notice: 4w", "{over_forecast: 0.001%}", 12,
         5 * 4012 + 7 * 6018 - 4 * 604.8, 4 * 340.48},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world world;
        world_open(&world, promised, cases[i].outages, cases[i].changes, cases[i].term, cases[i].overflow,
                   cases[i].notice, cases[i].promise);
        struct surety_result *r = world_run(&world, 8, 3);
        const struct surety_architecture_result *a = &r->architectures[0];
        char what[64];
        snprintf(what, sizeof what, "case %zu", i);
        close_to(what, 12 * a->tiers[0].month_met.p, cases[i].met, 1e-9);
        close_to(what, a->cost_per_month.mean, cases[i].cost / 12 / (28 / (365.0 / 12)), 1e-9);
        close_to(what, a->recovered_per_term.mean, cases[i].recovered, 1e-9);
        // where nothing is given and something comes back it is below zero
        const double net = a->tiers[0].credits_per_term.mean - cases[i].recovered;
        close_to(what, a->tiers[0].net_exposure_per_term.mean, net, 1e-9);
        close_to(what, a->tiers[0].net_exposure_p95, net, 1.0 / 1024);
        surety_result_destroy(r);
        world_close(&world);
    }
}
