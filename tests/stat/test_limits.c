// SPDX-License-Identifier: GPL-3.0-or-later
// Limits as the request-level engine plays them: against closed forms, against little simulations of their own, and
// against what the event engine computes.
#include "models/carry.h"
#include "models/queue.h"
#include "tests/stat/request_worlds.h"

#include <criterion/criterion.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <string.h>

#define N_WORLDS 40

static struct world world;
static struct surety_requests_result *result;
static const struct surety_requests_row *row;

// One workload of `per_s` requests a second without input; architecture `it`.
static void open_run(double per_s, const char *output, const char *providers, const char *architecture,
                     double horizon_s)
{
    world_open(&world,
               "surety: 1\nterm: {start: 2027-01-04, months: 2}\n"
               "workloads: {w: {demand: %.9f/s, tokens: {input: 0, output: %s}}}\n"
               "providers: {%s}\narchitectures: {it: %s}\n"
               "contract: {window: 2w, availability: {measure: requests, down_at: 5%%, counts: expected}}\n",
               per_s, output, providers, architecture);
    result = requests_play(&world, NULL, N_WORLDS, horizon_s, 2);
    row = requests_row(result, "it");
}

static void close_run(void)
{
    surety_requests_result_destroy(result);
    world_close(&world);
}

static void agrees(const char *what, const struct surety_requests_mean *got, double truth)
{
    requests_agree(what, got->mean, got->se, truth, 12 * got->se);
}

// --- queues ----------------------------------------------------------------------------------------------------

// Erlang's B hangs on the mean time in a place alone.
Test(limits, erlang_b)
{
    static const char *const laws[] = {"{exponential: {mean: 1s}}", "1s", "{lognormal: {mean: 1s, cv: 1.5}}"};
    for (size_t i = 0; i < 3; i++) {
        char provider[300];
        snprintf(provider, sizeof provider,
                 "a: {outages: none, latency: {first_token: %s}, capacity: {concurrency: 10}, price: {per_request: 1 "
                 "USD/request}}",
                 laws[i]);
        open_run(8, "0", provider, "a", 3000);
        agrees(laws[i], &row->failing, surety_erlang_b(10, 8));
        cr_assert_eq(row->attempts.mean, 1);
        // what came was answered or failed, what failed was refused, what was answered is billed
        cr_assert_float_eq(row->refused.mean * (double)row->n, (double)row->n_failed, 1e-6);
        cr_assert_float_eq(row->cost.mean * (double)row->n, (double)(row->n - row->n_failed), 1e-6);
        close_run();
    }
}

// P(T > t) of M/M/c: wait and service together.
static double answered_by(double t, double waits, double c, double a)
{
    const double theta = c - a; // a second, mean time 1 s
    return 1 - exp(-t) - waits * (exp(-t) - exp(-theta * t)) / (theta - 1);
}

Test(limits, erlang_c)
{
    open_run(8, "0",
             "a: {outages: none, latency: {first_token: {exponential: {mean: 1s}}}, capacity: {concurrency: 10, queue: "
             "unlimited}}",
             "a", 5000);
    cr_assert_eq(row->n_failed, 0);
    agrees("mean", &row->first_mean_s, 1 + surety_mmc_wait_s(10, 8, 1));
    for (size_t i = 0; i < 4; i++) {
        const struct surety_requests_quantile *q = &row->first[i];
        const double t = q->value_s, half = (q->hi_s - q->lo_s) / 2 / 1.96;
        const double slope = (answered_by(t + half, surety_erlang_c(10, 8), 10, 8) -
                              answered_by(t - half, surety_erlang_c(10, 8), 10, 8)) /
                             2;
        requests_agree("percentile", answered_by(t, surety_erlang_c(10, 8), 10, 8), slope, q->share, 12 * slope);
    }
    close_run();
    open_run(0.8, "0", "a: {outages: none, latency: {first_token: 1s}, capacity: {concurrency: 1, queue: unlimited}}",
             "a", 20000);
    agrees("M/D/1", &row->first_mean_s, 1 + surety_mg1_wait_s(0.8, 1, 1));
    close_run();
}

Test(limits, mmck)
{
    static const struct {
        int c, queue;
        double a;
    } rows[] = {{1, 4, 0.9}, {3, 5, 3}, {10, 20, 14}, {64, 10, 60}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct surety_mmck truth = surety_mmck(rows[i].c, rows[i].queue, rows[i].a, 1);
        char provider[300];
        snprintf(provider, sizeof provider,
                 "a: {outages: none, latency: {first_token: {exponential: {mean: 1s}}}, capacity: {concurrency: %d, "
                 "queue: %d}}",
                 rows[i].c, rows[i].queue);
        open_run(rows[i].a, "0", provider, "a", 20000 / rows[i].a);
        agrees("refused", &row->failing, truth.p_refused);
        agrees("mean", &row->first_mean_s, 1 + truth.wait_s);
        close_run();
    }
}

// Nobody takes back what a caller has given up: every attempt holds its place for 2 s, and no caller waits for more than 1.
Test(limits, abandoned_work_is_done)
{
    open_run(1, "0", "a: {outages: none, latency: {first_token: 2s}, capacity: {concurrency: 3}}",
             "{fallback: {order: [a], timeout: 1s}}", 20000);
    cr_assert_eq(row->n_failed, row->n);
    agrees("refused", &row->refused, surety_erlang_b(3, 2));
    close_run();
}

// Steps whose time hangs on nobody: M/M/c. Steps that take longer the more are in the batch and nobody waits: the numbers in
// it are p_n ~ prod L N (step + per_request k) / k, whatever the law of the tokens (Cohen 1979). One at a time: M/G/1.
Test(limits, batch)
{
    static const char *const laws[] = {"100", "{exponential: {mean: 100}}", "{lognormal: {mean: 100, cv: 1.2}}"};
    open_run(
        8, laws[1],
        "a: {outages: none, latency: {first_token: 1ms}, capacity: {concurrency: 10, queue: unlimited, batch: {step: "
        "10ms, per_request: 0ms}}}",
        "a", 5000);
    agrees("M/M/c", &row->first_mean_s, 0.001 + surety_mmc_wait_s(10, 8, 1));
    cr_assert(row->has_whole);
    for (size_t i = 0; i < 4; i++) { // to 1 ms and a bucket of the histogram
        const struct surety_requests_quantile *q = &row->whole[i];
        const double half = (q->hi_s - q->lo_s) / 2 / 1.96, t = q->value_s - 0.001, waits = surety_erlang_c(10, 8);
        const double se = (answered_by(t + half, waits, 10, 8) - answered_by(t - half, waits, 10, 8)) / 2;
        requests_agree("M/M/c end to end", answered_by(t, waits, 10, 8), se, q->share, 12 * se);
    }
    close_run();
    for (size_t i = 0; i < 3; i++) {
        const struct surety_queue_batch batch = {16, 0, 9, 1, 100, 15000, 0.006, 0.0006};
        open_run(9, laws[i],
                 "a: {outages: none, latency: {first_token: 1ms}, capacity: {concurrency: 16, batch: {step: 6ms, "
                 "per_request: 0.6ms}}}",
                 "a", 4000);
        agrees(laws[i], &row->failing, surety_queue_batch(&batch).queue.p_refused);
        close_run();
    }
    open_run(
        0.7, laws[0],
        "a: {outages: none, latency: {first_token: 1ms}, capacity: {concurrency: 1, queue: unlimited, batch: {step: "
        "8ms, per_request: 2ms}}}",
        "a", 20000);
    agrees("M/D/1", &row->first_mean_s, 0.001 + surety_mg1_wait_s(0.7, 1, 1));
    close_run();
}

// --- quotas ----------------------------------------------------------------------------------------------------

// A bucket with draws of another kind; share refused, its error over 40 parts.
struct played {
    double share, se;
};

static struct played play_bucket(gsl_rng *rng, double per_s, double rate, double depth, bool by_tokens)
{
    double level = depth, shares[N_WORLDS], sum = 0, squares = 0;
    const size_t n = (size_t)(per_s * 10000);
    for (size_t k = 0; k < N_WORLDS; k++) {
        size_t refused = 0;
        for (size_t i = 0; i < n; i++) {
            level = fmin(level + rate * gsl_ran_exponential(rng, 1 / per_s), depth);
            const double work = by_tokens ? gsl_ran_gamma(rng, 2, 60) : 1;
            if (level < work)
                refused++;
            else
                level -= work;
        }
        shares[k] = (double)refused / (double)n;
        sum += shares[k] / N_WORLDS;
    }
    for (size_t k = 0; k < N_WORLDS; k++)
        squares += (shares[k] - sum) * (shares[k] - sum);
    return (struct played){sum, sqrt(squares / N_WORLDS / (N_WORLDS - 1))};
}

Test(limits, token_buckets)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    static const struct {
        const char *capacity;
        double per_s, rate, depth;
        bool by_tokens;
    } rows[] = {
        {"{requests_per_minute: 600, burst: 1s}", 9, 10, 10, false},
        {"{requests_per_minute: 600, burst: 0.3s}", 12, 10, 3, false},
        {"{tokens_per_minute: 72k, burst: 2s}", 9, 1200, 2400, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char provider[300];
        snprintf(provider, sizeof provider, "a: {outages: none, capacity: %s}", rows[i].capacity);
        open_run(rows[i].per_s, "{gamma: {mean: 120, shape: 2}}", provider, "a", 5000);
        const struct played p = play_bucket(rng, rows[i].per_s, rows[i].rate, rows[i].depth, rows[i].by_tokens);
        const double se = sqrt(p.se * p.se + row->failing.se * row->failing.se);
        requests_agree(rows[i].capacity, row->failing.mean, se, p.share, 12 * se);
        close_run();
    }
    // deep: what is granted goes through
    open_run(2, "0", "a: {outages: none, capacity: {requests_per_minute: 90}}", "a", 20000);
    agrees("90 of 120", &row->failing, 0.25);
    close_run();
    gsl_rng_free(rng);
}

// What the first refuses comes to the second; what waits for a retry finds a bucket that has gone on filling.
Test(limits, what_is_refused_goes_on)
{
    static const char two[] = "a: {outages: none, capacity: {requests_per_minute: 60, overload: %s}}, "
                              "b: {outages: none, capacity: {requests_per_minute: 45}}";
    char providers[300];
    snprintf(providers, sizeof providers, two, "fail");
    open_run(2, "0", providers, "{fallback: {order: [a, b]}}", 20000);
    agrees("fallback", &row->failing, 15 / 120.0);
    close_run();
    open_run(2, "0", providers, "{fallback: {order: [a], retries: 1, backoff: 2s}}", 20000);
    agrees("as many get through", &row->failing, 0.5);
    // each that fails was refused twice, each that came twice once
    cr_assert_float_eq(row->refused.mean, row->failing.mean + row->attempts.mean - 1, 1e-9);
    close_run();
    snprintf(providers, sizeof providers, two, "next");
    open_run(2, "0", providers, "{failover: {order: [a, b], detect: 60s, trip: 90%}}", 20000);
    agrees("failover", &row->failing, 15 / 120.0);
    close_run();
    open_run(2, "0", providers, "{failover: {order: [{series: [a]}, b], detect: 60s, trip: 90%}}", 20000);
    agrees("a series passes nothing on", &row->failing, 60 / 120.0);
    close_run();
    open_run(2, "0", providers, "{balance: {shares: {a: 75%, b: 25%}, detect: 60s, trip: 90%}}", 20000);
    agrees("90 and 30: 30 of the 90 go on to 45", &row->failing, 15 / 120.0);
    close_run();
}

// --- reserved units ----------------------------------------------------------------------------------------------

// Minutes of 300 requests of 100 tokens, units for 280 of them: what overflows is E[max(0, X - 280)] / 300, X Poisson. It is
// rejected, or billed at 10 USD a thousand tokens.
Test(limits, reserved_units)
{
    static const char text[] =
        "a: {outages: none, price: {input: 0 USD/Mtok, output: 10 USD/ktok}, reserved: {units: 2, "
        "tokens_per_minute_per_unit: 14k, output_weight: 1, price: 1000 USD/month, overflow: %s}}";
    double truth = 0, p = exp(-300);
    for (int x = 1; x < 1000; x++) {
        p *= 300.0 / x;
        truth += x > 280 ? p * (x - 280) / 300 : 0;
    }
    char provider[400];
    snprintf(provider, sizeof provider, text, "reject");
    open_run(5, "100", provider, "a", 6000);
    agrees("rejected", &row->failing, truth);
    cr_assert_float_eq(row->refused.mean, row->failing.mean, 1e-12);
    close_run();
    snprintf(provider, sizeof provider, text, "on-demand");
    open_run(5, "100", provider, "a", 6000);
    cr_assert_eq(row->n_failed, 0);
    const double units = 2000 * 6000.0 * N_WORLDS / (365 / 12.0 * 86400) / (double)row->n;
    struct surety_requests_mean over = {row->cost.mean - units, row->cost.se};
    agrees("billed on demand", &over, truth); // 1 USD each
    close_run();
}

// --- the two engines -------------------------------------------------------------------------------------------

struct setup {
    const char *capacity;
    double per_s; // what it can carry; 0: c / mean time in a place
    int c;
};

// From 10 % to 85 % of what can be carried: mean and p95 of the time to the first token within 3 %, and the share failing
// within 3 % of itself and 0.1 % of all requests.
Test(limits, as_the_event_engine_says)
{
    static const struct setup setups[] = {
        {"{concurrency: 4, queue: unlimited}", 0, 4},
        {"{concurrency: 16, queue: unlimited}", 0, 16},
        {"{concurrency: 16}", 0, 16},
        {"{concurrency: 16, queue: 100}", 0, 16},
        {"{concurrency: 64, queue: 100, batch: {step: 6.6ms, per_request: 0.1ms}}", 64 / (160 * 0.013), 0},
        {"{tokens_per_minute: 96k}", 10, 0},
    };
    static const double loads[] = {0.1, 0.3, 0.5, 0.7, 0.85};
    const double first_s = 0.2 * exp(0.08), place_s = first_s + 160 * 0.012 * exp(0.045);
    for (size_t s = 0; s < sizeof setups / sizeof *setups; s++)
        for (size_t l = 0; l < sizeof loads / sizeof *loads; l++) {
            const struct setup *set = &setups[s];
            const double per_s = loads[l] * (set->c > 0 ? set->c / place_s : set->per_s);
            char provider[400];
            snprintf(provider, sizeof provider,
                     "a: {outages: none, latency: {first_token: {lognormal: {median: 200ms, sigma: 0.4}}, "
                     "%s}, capacity: %s}",
                     strstr(set->capacity, "batch") != NULL
                         ? ""
                         : "per_output_token: {lognormal: {median: 12ms, sigma: 0.3}}",
                     set->capacity);
            open_run(per_s, "{gamma: {mean: 160, shape: 4}}", provider, "a", 12000 / per_s);
            struct surety_result *events = world_run(&world, 1, 1);
            const struct surety_carry carry = surety_carry(world.plan, 0, 0, 0, 1);
            const double mean_s = first_s + carry.p_waits * carry.wait_s;
            const struct surety_latency_result *times = &events->architectures[0].latency[0];
            const double p95_s = times->first_token.p95_s;
            const double failing = 1 - events->architectures[0].availability.mean;
            cr_log_info(
                "%s at %g: mean %.5f %.5f (%+.2f %%), p95 %.5f %.5f (%+.2f %%), failing %.6f %.6f, whole %.5f %.5f\n",
                set->capacity, loads[l], mean_s, row->first_mean_s.mean, 100 * (mean_s / row->first_mean_s.mean - 1),
                p95_s, row->first[2].value_s, 100 * (p95_s / row->first[2].value_s - 1), failing, row->failing.mean,
                times->end_to_end.p95_s, row->whole[2].value_s);
            cr_expect_float_eq(mean_s, row->first_mean_s.mean, 0.03 * mean_s, "%s at %g: mean %g s, played %g s",
                               set->capacity, loads[l], mean_s, row->first_mean_s.mean);
            cr_expect_float_eq(p95_s, row->first[2].value_s, 0.03 * p95_s, "%s at %g: p95 %g s, played %g s",
                               set->capacity, loads[l], p95_s, row->first[2].value_s);
            cr_expect_float_eq(times->end_to_end.p95_s, row->whole[2].value_s, 0.03 * times->end_to_end.p95_s,
                               "%s at %g: p95 end to end %g s, played %g s", set->capacity, loads[l],
                               times->end_to_end.p95_s, row->whole[2].value_s);
            cr_expect_float_eq(failing, row->failing.mean, 0.03 * failing + 0.001, "%s at %g: failing %g, played %g",
                               set->capacity, loads[l], failing, row->failing.mean);
            surety_result_destroy(events);
            close_run();
        }
}
