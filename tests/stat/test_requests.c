// SPDX-License-Identifier: GPL-3.0-or-later
// The request-level engine against closed forms: providers whose state never changes, one figure at a time.
#include "tests/stat/request_worlds.h"

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// Two providers with lognormal first tokens; 300 requests a second for 100 worlds of 60 s: 1.8 million of them.
#define WORLD_TEXT                                                                                                     \
    "surety: 1\nname: requests\nterm: {start: 2027-01-01, months: 1}\n"                                                \
    "workloads: {calls: {demand: 300/s, tokens: {output: {lognormal: {median: 150, sigma: 0.6}}}}}\n"                  \
    "providers:\n"                                                                                                     \
    "  one: {outages: none, latency: {first_token: {lognormal: {median: 210ms, sigma: 0.42}}}}\n"                      \
    "  two: {outages: none, latency: {first_token: {lognormal: {median: 370ms, sigma: 0.6}}}}\n"                       \
    "  exp: {outages: none, latency: {first_token: {exponential: {mean: 200ms}}}}\n"                                   \
    "  tok: {outages: none, latency: {first_token: 200ms,\n"                                                           \
    "        per_output_token: {lognormal: {median: 14ms, sigma: 0.35}}}}\n"                                           \
    "architectures: {a: %s}\n"                                                                                         \
    "contract: {availability: {measure: requests, down_at: 5%%}, tiers: {standard: {availability: 99.5%%}}}\n"

#define N_WORLDS 100
#define HORIZON_S 60.0

enum { ONE, TWO, EXP, TOK, N };

static double one(double t)
{
    return t > 0 ? gsl_cdf_lognormal_P(t, log(0.21), 0.42) : 0;
}

static double two(double t)
{
    return t > 0 ? gsl_cdf_lognormal_P(t, log(0.37), 0.6) : 0;
}

struct run {
    struct world world;
    struct surety_requests_result *result;
    const struct surety_requests_row *row;
    double n, n_answered;
};

static void open_run(struct run *run, const char *architecture, const struct surety_provider_state *fixed)
{
    world_open(&run->world, WORLD_TEXT, architecture);
    run->result = requests_play(&run->world, fixed, N_WORLDS, HORIZON_S, 1);
    run->row = requests_row(run->result, "a");
    run->n = (double)run->row->n;
    run->n_answered = (double)(run->row->n - run->row->n_failed);
}

static void close_run(struct run *run)
{
    surety_requests_result_destroy(run->result);
    world_close(&run->world);
}

static const struct surety_provider_state works = {.factor = 1};

// --- a provider ------------------------------------------------------------------------------------------------

static double twice_one(double t, const void *context)
{
    (void)context;
    return one(t / 2);
}

Test(requests, one_provider)
{
    const struct surety_provider_state states[N] = {{.p_error = 0.01, .p_hang = 0.2, .factor = 2}, works, works, works};
    struct run r;
    open_run(&r, "one", states);
    requests_agree("requests", r.n, sqrt(300.0 * N_WORLDS * HORIZON_S), 300.0 * N_WORLDS * HORIZON_S, 20000);
    requests_share("failing", r.row->failing.mean, r.n, 1 - 0.99 * 0.8, 0.004);
    requests_share("lost", (double)r.row->n_lost / r.n, r.n, 0.99 * 0.2, 0.004);
    cr_assert_eq(r.row->attempts.mean, 1);
    requests_law("first token", r.row->first, r.n_answered, twice_one, NULL, 0.02);
    cr_assert(!r.row->has_whole);
    close_run(&r);
}

static double tokens_after(double t, const void *context)
{
    const double *first_s = context; // tokens x time per token: sigmas add in squares
    return t > *first_s ? gsl_cdf_lognormal_P(t - *first_s, log(150 * 0.014), sqrt(0.36 + 0.35 * 0.35)) : 0;
}

Test(requests, tokens_after_the_first)
{
    const double first_s = 0.2;
    struct run r;
    open_run(&r, "tok", NULL);
    requests_law("end to end", r.row->whole, r.n_answered, tokens_after, &first_s, 0.06);
    cr_assert(fabs(r.row->first[0].value_s - 0.2) < 0.2 / 1024); // a bucket of the histogram
    close_run(&r);
}

// --- nodes -----------------------------------------------------------------------------------------------------

static double three_exponentials(double t, const void *context)
{
    (void)context;
    return gsl_cdf_gamma_P(t, 3, 0.2);
}

Test(requests, series_adds)
{
    const struct surety_provider_state states[N] = {works, works, {.p_error = 0.1, .factor = 1}, works};
    struct run r;
    open_run(&r, "{series: [exp, exp, exp]}", states);
    requests_share("failing", r.row->failing.mean, r.n, 1 - 0.9 * 0.9 * 0.9, 0.005);
    requests_law("first token", r.row->first, r.n_answered, three_exponentials, NULL, 0.02);
    requests_agree("attempts", r.row->attempts.mean, r.row->attempts.se, 1 + 0.9 + 0.81, 0.01);
    close_run(&r);
}

static double two_of_three(double t, const void *context)
{
    (void)context;
    const double f = gsl_cdf_exponential_P(t, 0.2);
    return f * f * (3 - 2 * f);
}

Test(requests, k_of_n_is_an_order_statistic)
{
    struct run r;
    open_run(&r, "{k_of_n: {k: 2, of: [exp, exp, exp]}}", NULL);
    requests_law("first token", r.row->first, r.n_answered, two_of_three, NULL, 0.02);
    close_run(&r);
    const struct surety_provider_state states[N] = {works, works, {.p_error = 0.2, .factor = 1}, works};
    open_run(&r, "{k_of_n: {k: 2, of: [exp, exp, exp]}}", states);
    requests_share("failing", r.row->failing.mean, r.n, 0.04 * (3 * 0.8 + 0.2), 0.002);
    cr_assert_eq(r.row->attempts.mean, 3);
    close_run(&r);
}

static double from_cache(double t, const void *context)
{
    const double *hit = context;
    return *hit + (1 - *hit) * one(t);
}

Test(requests, cache_answers_at_once)
{
    const double hit = 0.3;
    const struct surety_provider_state states[N] = {{.p_error = 0.1, .factor = 1}, works, works, works};
    struct run r;
    open_run(&r, "{cache: {of: one, hit: 30%}}", NULL);
    requests_law("first token", r.row->first, r.n_answered, from_cache, &hit, 0.02);
    close_run(&r);
    open_run(&r, "{cache: {of: one, hit: 30%}}", states);
    requests_share("failing", r.row->failing.mean, r.n, 0.07, 0.003);
    requests_agree("attempts", r.row->attempts.mean, sqrt(0.21 / r.n), 0.7, 0.005);
    close_run(&r);
}

static double hedged(double t, const void *context)
{
    const double *f = context;
    return (1 - (1 - (1 - f[0]) * one(t)) * (1 - (1 - f[1]) * two(t - 0.4))) / (1 - f[0] * f[1]);
}

Test(requests, hedge_races)
{
    const double f[] = {1 - 0.9 * 0.8, 0.05};
    const struct surety_provider_state states[N] = {
        {.p_error = 0.1, .p_hang = 0.2, .factor = 1}, {.p_error = 0.05, .factor = 1}, works, works};
    struct run r;
    open_run(&r, "{hedge: {order: [one, two], after: 400ms}}", states);
    requests_share("failing", r.row->failing.mean, r.n, f[0] * f[1], 0.002);
    requests_law("first token", r.row->first, r.n_answered, hedged, f, 0.04);
    const double copies = 1 - (1 - f[0]) * one(0.4);
    requests_agree("attempts", r.row->attempts.mean, sqrt(copies * (1 - copies) / r.n), 1 + copies, 0.005);
    close_run(&r);
}

// --- fallback --------------------------------------------------------------------------------------------------

#define TIMEOUT_S 0.5

// The first route within the timeout; at once the second where it fails at once; else the second after the timeout,
// within its own.
static double after_timeout(double t, const void *context)
{
    const double *served = context;
    const double answers = 0.8 * 0.7, in_time = answers * one(TIMEOUT_S);
    const double late = 1 - 0.2 - in_time, s = fmin(t - TIMEOUT_S, TIMEOUT_S);
    return (answers * one(fmin(t, TIMEOUT_S)) + 0.2 * two(fmin(t, TIMEOUT_S)) + late * two(s)) / *served;
}

Test(requests, fallback_after_timeout)
{
    const struct surety_provider_state states[N] = {{.p_error = 0.2, .p_hang = 0.3, .factor = 1}, works, works, works};
    const double in_time = 0.8 * 0.7 * one(TIMEOUT_S), served = in_time + (1 - in_time) * two(TIMEOUT_S);
    struct run r;
    open_run(&r, "{fallback: {order: [one, two], timeout: 500ms}}", states);
    requests_share("failing", r.row->failing.mean, r.n, 1 - served, 0.004);
    requests_law("first token", r.row->first, r.n_answered, after_timeout, &served, 0.02);
    requests_agree("attempts", r.row->attempts.mean, sqrt(in_time * (1 - in_time) / r.n), 2 - in_time, 0.005);
    cr_assert_eq(r.row->n_lost, 0);
    close_run(&r);
}

// Three attempts that fail at once with 0.4, after waits of 0.35 s and 0.5 s (0.7 s, cut).
static double three_attempts(double t, const void *context)
{
    (void)context;
    return (0.6 * one(t) + 0.4 * 0.6 * one(t - 0.35) + 0.16 * 0.6 * one(t - 0.85)) / (1 - 0.064);
}

Test(requests, retries_with_backoff)
{
    const struct surety_provider_state states[N] = {{.p_error = 0.4, .factor = 1}, works, works, works};
    struct run r;
    open_run(&r, "{fallback: {order: [one], retries: 2, backoff: {first: 350ms, growth: 2x, most: 500ms}}}", states);
    requests_share("failing", r.row->failing.mean, r.n, 0.064, 0.003);
    requests_law("first token", r.row->first, r.n_answered, three_attempts, NULL, 0.02);
    requests_agree("attempts", r.row->attempts.mean, r.row->attempts.se, 1 + 0.4 + 0.16, 0.005);
    close_run(&r);
}

// A wait uniform between 0.2 and 0.8 s: the mean of F over it, the integral of F being t F(t) - E[X; X <= t].
static double jittered(double t, const void *context)
{
    (void)context;
    double mean = 0;
    const int n = 20000;
    for (int i = 0; i < n; i++)
        mean += one(t - 0.2 - 0.6 * (i + 0.5) / n) / n;
    return (0.6 * one(t) + 0.4 * 0.6 * mean) / (1 - 0.16);
}

Test(requests, jitter_is_uniform)
{
    const struct surety_provider_state states[N] = {{.p_error = 0.4, .factor = 1}, works, works, works};
    struct run r;
    open_run(&r, "{fallback: {order: [one], retries: 1, backoff: {first: 800ms, jitter: 75%}}}", states);
    requests_law("first token", r.row->first, r.n_answered, jittered, NULL, 0.02);
    close_run(&r);
}

// --- cooldown --------------------------------------------------------------------------------------------------

// Every attempt hangs. From the first that comes until it is given up 1 + rate x timeout of them pass, then none for the
// cooldown: a cycle of 1/rate + timeout + cooldown.
Test(requests, cooldown_cycles)
{
    const struct surety_provider_state states[N] = {{.p_hang = 1, .factor = 1}, works, works, works};
    const double passes = 1 + 300 * TIMEOUT_S, cycle_s = 1.0 / 300 + TIMEOUT_S + 2;
    static const char *const texts[] = {"{fallback: {order: [one], timeout: 500ms, cooldown: 2s}}",
                                        "{fallback: {order: [one], timeout: 500ms, cooldown: 2s, half_open: yes}}"};
    for (size_t i = 0; i < 2; i++) {
        struct run r;
        open_run(&r, texts[i], states);
        // each world begins with a cycle of its own: at most passes / requests of a world too many
        requests_agree(texts[i], r.row->attempts.mean, r.row->attempts.se + passes / (300 * HORIZON_S) / 10,
                       passes / (300 * cycle_s), 0.03);
        cr_assert_eq(r.row->failing.mean, 1);
        close_run(&r);
    }
}

// One in a hundred attempts fails at once; three of them within a second are a cooldown of 5 s. Failures at rate 3/s: a
// renewal process of E = (1/r + E[min(G, per)]) / P(G <= per), G the sum of two gaps, then 5 s.
Test(requests, cooldown_counts_failures)
{
    const struct surety_provider_state states[N] = {{.p_error = 0.01, .factor = 1}, works, works, works};
    const double r_per_s = 3, in_time = gsl_cdf_gamma_P(1, 2, 1 / r_per_s);
    const double waits_s = 2 / r_per_s * gsl_cdf_gamma_P(1, 3, 1 / r_per_s) + 1 - in_time;
    const double open_s = (1 / r_per_s + waits_s) / in_time;
    struct world world;
    world_open(&world, WORLD_TEXT, "{fallback: {order: [one], allowed_fails: 2, per: 1s, cooldown: 5s}}");
    struct surety_requests_result *result = requests_play(&world, states, 10, 36000, 1);
    const struct surety_requests_row *row = requests_row(result, "a");
    requests_agree("passing", row->attempts.mean, row->attempts.se, open_s / (open_s + 5), 0.01);
    surety_requests_result_destroy(result);
    world_close(&world);
}

// A cooldown that never comes makes requests meet each other, and changes nothing: the two ways of playing agree to the
// last request, through stops and fresh starts.
Test(requests, played_again_from_the_start)
{
    const struct surety_provider_state states[N] = {{.p_error = 0.2, .p_hang = 0.3, .factor = 1},
                                                    {.p_hang = 0.1, .factor = 1},
                                                    {.p_error = 0.1, .factor = 1},
                                                    works};
    static const char *const inner = "fallback: {order: [one, two], retries: 1, timeout: 500ms, backoff: {first: "
                                     "100ms, jitter: 50%, before: attempt}";
    char *json[2];
    for (int i = 0; i < 2; i++) {
        char text[1000];
        struct run r;
        snprintf(text, sizeof text, "{series: [exp, {%s%s}}, {hedge: {order: [tok, exp], after: 100ms}}]}", inner,
                 i == 0 ? "" : ", cooldown: 1s, allowed_fails: 1000, per: 1ms");
        open_run(&r, text, states);
        json[i] = requests_json(r.result);
        close_run(&r);
    }
    const char *const results[] = {strstr(json[0], "\"results\""), strstr(json[1], "\"results\"")};
    cr_assert(results[0] != NULL && results[1] != NULL);
    cr_assert_str_eq(results[0], results[1]);
    free(json[0]);
    free(json[1]);
}

// --- arrivals --------------------------------------------------------------------------------------------------

// Var N(T) = cv^2 x rate x T, but for a constant (Cox, Renewal Theory, 1962, ch. 4): the variance over 4000 worlds of
// 300 requests, its standard error sqrt(2 / 4000) of itself.
Test(requests, burstiness_is_the_variance_of_counts)
{
    static const struct {
        const char *burstiness;
        double cv;
    } cases[] = {{"1", 1}, {"2", 2}, {"0.5", 0.5}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct world world;
        world_open(&world,
                   "surety: 1\nname: n\nterm: {start: 2027-01-01, months: 12}\n"
                   "workloads: {w: {demand: {rate: 10/s, burstiness: %s}}}\n"
                   "providers: {one: {outages: none, request_errors: 0%%}}\narchitectures: {a: one}\n"
                   "contract: {tiers: {t: {availability: 99%%}}, availability: {measure: time}}\n",
                   cases[c].burstiness);
        struct surety_arrivals arrivals;
        struct tally counts = {0};
        double squares = 0;
        cr_assert_eq(surety_arrivals_init(&arrivals, world.plan, 0, cases[c].cv, NULL, surety_kernel_best(), 7),
                     SURETY_OK);
        cr_assert_eq(world.scenario->workloads[0].burstiness, cases[c].cv);
        for (uint64_t w = 0; w < 4000; w++) {
            double n = 0;
            int64_t before_us = 0;
            cr_assert_eq(surety_arrivals_begin(&arrivals, w, 1000000, 101000000), SURETY_OK);
            for (surety_arrivals_next(&arrivals); arrivals.n > 0; surety_arrivals_next(&arrivals))
                for (size_t i = 0; i < arrivals.n; i++, n++) {
                    cr_assert(arrivals.at_us[i] >= 1000000 && arrivals.at_us[i] <= 101000000);
                    cr_assert(arrivals.at_us[i] >= before_us);
                    before_us = arrivals.at_us[i];
                }
            tally_add(&counts, n);
            squares += (n - 1000) * (n - 1000);
        }
        const double variance = squares / 4000, truth = cases[c].cv * cases[c].cv * 1000;
        requests_agree("mean", tally_mean(&counts), sqrt(truth / 4000), 1000, 11);
        requests_agree("variance", variance, truth * sqrt(2.0 / 4000), truth, truth * 0.4);
        surety_arrivals_finish(&arrivals);
        world_close(&world);
    }
}

// The hours of the week: Tuesday 07:30 to 18:30 has 10 hours of weight 5 x 33.6/... and the edges beside them.
Test(requests, arrivals_follow_the_profile)
{
    struct world world;
    world_open(&world, "%s",
               "surety: 1\nname: n\nterm: {start: 2027-01-01, months: 12}\n"
               "workloads: {w: {demand: {rate: 1/s, profile: business-hours, growth: 10%/month}}}\n"
               "providers: {one: {outages: none, request_errors: 0%}}\narchitectures: {a: one}\n"
               "contract: {tiers: {t: {availability: 99%}}, availability: {measure: time}}\n");
    const struct surety_plan_demand *d = &world.plan->demands[0];
    const int64_t hour_us = INT64_C(3600000000), start_us = 4 * 24 * hour_us + hour_us * 15 / 2; // Friday the 1st + 4
    const double inside = d->rate[24 + 12] * 10 * 3600, edges = d->rate[24 + 2] * 3600;
    cr_assert(d->rate[36] > 2 * d->rate[26]);
    cr_assert(fabs(surety_arrivals_expected(world.plan, 0, start_us, start_us + 11 * hour_us) - inside - edges) < 1e-6);
    // over the turn of the month
    const int64_t turn_us = world.plan->window_us[1];
    const double before = surety_arrivals_expected(world.plan, 0, turn_us - hour_us, turn_us),
                 after = surety_arrivals_expected(world.plan, 0, turn_us, turn_us + hour_us);
    cr_assert(fabs(after / before - 1.1) < 1e-9, "%g %g", before, after);
    struct surety_arrivals arrivals;
    cr_assert_eq(surety_arrivals_init(&arrivals, world.plan, 0, 1, NULL, surety_kernel_best(), 3), SURETY_OK);
    double n_inside = 0, n_edges = 0;
    for (uint64_t w = 0; w < 100; w++) {
        cr_assert_eq(surety_arrivals_begin(&arrivals, w, start_us, start_us + 11 * hour_us), SURETY_OK);
        for (surety_arrivals_next(&arrivals); arrivals.n > 0; surety_arrivals_next(&arrivals))
            for (size_t i = 0; i < arrivals.n; i++) {
                const int64_t t_us = arrivals.at_us[i] - start_us;
                *(t_us >= hour_us / 2 && t_us < hour_us * 21 / 2 ? &n_inside : &n_edges) += 1;
            }
    }
    requests_agree("inside", n_inside, 10 * sqrt(inside), 100 * inside, 200 * sqrt(inside));
    requests_agree("edges", n_edges, 10 * sqrt(edges), 100 * edges, 200 * sqrt(edges));
    surety_arrivals_finish(&arrivals);
    world_close(&world);
}

// --- the same bytes --------------------------------------------------------------------------------------------

// At any number of threads and on any instruction set: outages, controllers, gateways with and without a memory, two
// workloads.
Test(requests, same_bytes)
{
    struct world world;
    world_open(
        &world, "%s",
        "surety: 1\nname: n\nterm: {start: 2027-01-01, months: 2}\n"
        "workloads:\n"
        "  w: {demand: {rate: 1/s, burstiness: 1.7}, tokens: {output: 100, input: 50}}\n"
        "  v: {demand: 2/s, tokens: {output: {lognormal: {median: 150, sigma: 0.6}}, input: 10}}\n"
        "providers:\n"
        "  one: {outages: {a: {time_to_failure: 3h, time_to_repair: 20m, failing: 40%, fails: hang, latency: 3x}},\n"
        "        latency: {first_token: {gamma: {mean: 200ms, cv: 0.6}}, per_output_token: {weibull: {shape: 2, mean: "
        "10ms}}}, price: {output: 5 USD/Mtok}}\n"
        "  two: {outages: {a: {time_to_failure: 5h, time_to_repair: 20m}}, request_errors: 1%,\n"
        "        latency: {first_token: {lognormal: {median: 300ms, sigma: 0.5}}}, price: {output: 9 USD/Mtok}}\n"
        "architectures:\n"
        "  alone: one\n"
        "  over: {failover: {order: [one, two], detect: 60s}}\n"
        "  back: {fallback: {order: [one, two], timeout: 1s, backoff: {first: 100ms, jitter: 50%, before: attempt}}}\n"
        "  cool: {fallback: {order: [one, two], timeout: 1s, cooldown: 5s, allowed_fails: 2, half_open: yes}}\n"
        "contract: {availability: {measure: requests, down_at: 10%}, tiers: {t: {availability: 99%}}}\n");
    static const struct {
        const char *kernel;
        unsigned n_threads;
    } cases[] = {{NULL, 1}, {NULL, 2}, {NULL, 7}, {"baseline", 1}, {"avx2", 3}};
    char *expected = NULL;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct surety_requests_options options;
        struct surety_requests_result *result = NULL;
        if (cases[c].kernel != NULL && surety_kernel_by_name(cases[c].kernel) == NULL)
            continue;
        surety_requests_options_default(&options);
        options.n_worlds = 37;
        options.at_us = INT64_C(30) * 3600 * 1000000;
        options.n_threads = cases[c].n_threads;
        options.kernel = cases[c].kernel;
        cr_assert_eq(surety_requests_run(world.scenario, world.plan, &options, &world.diags, &result), SURETY_OK);
        cr_assert(requests_row(result, "cool")->n_failed > 0 && requests_row(result, "over")->n > 100000);
        char *json = requests_json(result);
        if (c == 0)
            expected = json;
        else
            cr_assert_str_eq(json, expected);
        if (c > 0)
            free(json);
        surety_requests_result_destroy(result);
    }
    free(expected);
    world_close(&world);
}
