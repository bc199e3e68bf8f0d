// SPDX-License-Identifier: GPL-3.0-or-later
/* Responses that nodes compose, against what a pencil gives: sums of shifted distribution functions. */
#include <criterion/criterion.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>

#include "models/combine.h"
#include "models/fallback.h"
#include "models/response.h"

static struct surety_latency_grid grid;
static struct surety_latency_space space;

static void setup(void)
{
    gsl_set_error_handler_off();
    cr_assert(surety_latency_grid_init(&grid, surety_latency_round_step(40, 8192), 8192) == SURETY_OK);
    surety_latency_space_init(&space, &grid);
}

static void teardown(void)
{
    cr_assert(!space.out_of_memory);
    surety_latency_space_finish(&space);
    surety_latency_grid_finish(&grid);
}

// A body of 210 ms and rare stalls.
static const struct surety_law_part stalls[] = {
    {97, {.kind = SURETY_LAW_LOGNORMAL, .a = -1.56, .b = 0.42, .max = INFINITY}},
    {3, {.kind = SURETY_LAW_LOGNORMAL, .a = 2.0, .b = 0.5, .max = INFINITY}},
};
static const struct surety_law slow = {.kind = SURETY_LAW_MIXTURE, .n = 2, .parts = stalls, .max = INFINITY};
static const struct surety_law spare = {.kind = SURETY_LAW_LOGNORMAL, .a = -1.0, .b = 0.6, .max = INFINITY};

static struct surety_response leaf(const struct surety_law *law, double f_error, double f_hang)
{
    const struct surety_latency first = surety_latency_of(&space, law, 1);
    return surety_response_leaf(&space, &first, NULL, f_error, f_hang);
}

typedef double cdf(double t, const void *context);

// All percentiles of those that are answered, to 1e-6 of themselves, and the share that is answered.
static void check(const struct surety_response *response, cdf *oracle, const void *context, double served)
{
    static const double percentiles[] = {0.5, 0.9, 0.95, 0.99, 0.999};
    const struct surety_latency first = surety_response_first(&space, response);
    cr_assert(fabs(first.mass - served) < 1e-9, "%.15g, wanted %.15g", first.mass, served);
    cr_assert(fabs(first.mass + response->failed.mass + response->p_hangs - 1) < 1e-9);
    for (size_t i = 0; i < sizeof percentiles / sizeof *percentiles; i++) {
        const double t = surety_latency_quantile(&grid, &first, percentiles[i]), d = 1e-4 * t;
        const double f = (oracle(t + d, context) - oracle(t - d, context)) / (2 * d);
        const double error = (oracle(t, context) - percentiles[i] * served) / (f * t);
        cr_log_info("p%g: %.9g s, error %.2g", 100 * percentiles[i], t, error);
        cr_assert(fabs(error) < 1e-6, "p%g: %.9g s, error %.2g", 100 * percentiles[i], t, error);
    }
}

/* ---- failover after a timeout ------------------------------------------------------------------------------ */

struct tries {
    double timeout, f_error, f_hang; // of the first route; the second never fails
};

// The first route within the timeout; at once the second where it fails at once; else the second after the timeout.
static double two_routes(double t, const void *context)
{
    const struct tries *c = context;
    const double answers = (1 - c->f_error) * (1 - c->f_hang);
    return answers * surety_law_cdf(&slow, fmin(t, c->timeout)) + c->f_error * surety_law_cdf(&spare, t) +
           (1 - c->f_error - answers * surety_law_cdf(&slow, c->timeout)) * surety_law_cdf(&spare, t - c->timeout);
}

static void check_tries(const struct tries *tries)
{
    const struct surety_fallback_params params = {.timeout_s = tries->timeout, .backoff_most_s = INFINITY};
    const struct surety_response first = leaf(&slow, tries->f_error, tries->f_hang), second = leaf(&spare, 0, 0);
    double load[2];
    struct surety_composition c = {.space = &space,
                                   .params = &params,
                                   .child = (const struct surety_response *const[]){&first, &second},
                                   .n_children = 2,
                                   .rates = {1, {1}, {1}},
                                   .load = load};
    surety_fallback_compose(&c);
    const double late = surety_law_cdf(&spare, 40 - tries->timeout); // all but nothing lies beyond the grid
    cr_assert(late > 1 - 1e-8);
    // the second route has no timeout of its own that matters: it is cut too
    const double in_time = (1 - tries->f_error) * (1 - tries->f_hang) * surety_law_cdf(&slow, tries->timeout);
    const double cut = 1 - surety_law_cdf(&spare, tries->timeout);
    cr_assert(fabs(load[1] - (1 - in_time)) < 1e-9);
    cr_assert(cut < 1e-4);
    cr_assert(fabs(surety_response_served(&c.out) - (1 - (1 - in_time) * cut)) < 1e-9);
    if (cut < 1e-9)
        check(&c.out, two_routes, tries, 1);
}

Test(response, failover_after_timeout)
{
    setup();
    check_tries(&(struct tries){.timeout = 16, .f_hang = 0.3});                 // hanging only
    check_tries(&(struct tries){.timeout = 16, .f_error = 0.3});                // failing fast
    check_tries(&(struct tries){.timeout = 16});                                // cutting slow answers
    check_tries(&(struct tries){.timeout = 16, .f_error = 0.2, .f_hang = 0.4}); // all of it
    teardown();
}

/* ---- three attempts with backoff --------------------------------------------------------------------------- */

struct attempts {
    double timeout, f_error, f_hang, wait[2];
};

// Attempt k begins after a sum of k failed ones: each took nothing or the timeout. The last is not cut short of its own
// timeout.
static double three_attempts(double t, const void *context)
{
    const struct attempts *c = context;
    const double answers = (1 - c->f_error) * (1 - c->f_hang), in_time = answers * surety_law_cdf(&slow, c->timeout);
    const double fast = c->f_error, slowly = 1 - fast - in_time;
    double p = 0, begins = 0;
    for (int k = 0; k < 3; k++) {
        for (int timeouts = 0; timeouts <= k; timeouts++) {
            static const double ways[3][3] = {{1}, {1, 1}, {1, 2, 1}};
            const double weight = ways[k][timeouts] * pow(slowly, timeouts) * pow(fast, k - timeouts);
            const double left = t - begins - timeouts * c->timeout;
            p += weight * answers * (left > 0 ? surety_law_cdf(&slow, fmin(left, c->timeout)) : 0);
        }
        begins += k < 2 ? c->wait[k] : 0;
    }
    return p;
}

Test(response, three_attempts_with_backoff)
{
    setup();
    const struct attempts want = {.timeout = 4, .f_error = 0.25, .f_hang = 0.1, .wait = {0.35, 0.5}};
    const struct surety_fallback_params params = {
        .timeout_s = 4, .retries = 2, .backoff_s = 0.35, .backoff_growth = 2, .backoff_most_s = 0.5};
    const struct surety_response route = leaf(&slow, want.f_error, want.f_hang);
    double load;
    struct surety_composition c = {.space = &space,
                                   .params = &params,
                                   .child = (const struct surety_response *const[]){&route},
                                   .n_children = 1,
                                   .rates = {1, {1}, {1}},
                                   .load = &load};
    surety_fallback_compose(&c);
    const double fails = 1 - (1 - want.f_error) * (1 - want.f_hang) * surety_law_cdf(&slow, want.timeout);
    check(&c.out, three_attempts, &want, 1 - fails * fails * fails);
    cr_assert(fabs(load - (1 + fails + fails * fails)) < 1e-9);
    teardown();
}

// A uniform wait before the second attempt: its integral is that of F.
static double integral_of_cdf(double t)
{
    return t <= 0 ? 0 : t * surety_law_cdf(&spare, t) - surety_law_partial(&spare, 1, t);
}

static double jittered(double t, const void *context)
{
    (void)context;
    return 0.6 * surety_law_cdf(&spare, t) + 0.4 * 0.6 * (integral_of_cdf(t - 0.2) - integral_of_cdf(t - 0.8)) / 0.6;
}

Test(response, jitter_is_uniform)
{
    setup();
    const struct surety_fallback_params params = {.timeout_s = INFINITY,
                                                  .retries = 1,
                                                  .backoff_s = 0.8,
                                                  .backoff_growth = 2,
                                                  .backoff_most_s = INFINITY,
                                                  .jitter = 0.75};
    const struct surety_response route = leaf(&spare, 0.4, 0);
    double load;
    struct surety_composition c = {.space = &space,
                                   .params = &params,
                                   .child = (const struct surety_response *const[]){&route},
                                   .n_children = 1,
                                   .rates = {1, {1}, {1}},
                                   .load = &load};
    surety_fallback_compose(&c);
    check(&c.out, jittered, NULL, 1 - 0.16);
    teardown();
}

/* ---- hedge ------------------------------------------------------------------------------------------------- */

static double hedged(double t, const void *context)
{
    const double *f = context;
    return 1 - (1 - (1 - f[0]) * surety_law_cdf(&slow, t)) * (1 - (1 - f[1]) * surety_law_cdf(&spare, t - 0.4)) *
                   (1 - (1 - f[2]) * surety_law_cdf(&slow, t - 0.8));
}

Test(response, hedge_with_failures_of_all)
{
    setup();
    static const double f[] = {0.19, 0.05, 0.5};
    const struct surety_hedge_params params = {.after_s = 0.4};
    const struct surety_response a = leaf(&slow, 0.1, 0.1), b = leaf(&spare, 0.05, 0), d = leaf(&slow, 0, 0.5);
    double load[3];
    struct surety_composition c = {.space = &space,
                                   .params = &params,
                                   .child = (const struct surety_response *const[]){&a, &b, &d},
                                   .n_children = 3,
                                   .rates = {1, {1}, {1}},
                                   .load = load};
    surety_hedge_compose(&c);
    // a few stalls lie beyond the grid, where a race is known to half of them only: 1e-6 x 5 %
    check(&c.out, hedged, f, 1 - f[0] * f[1] * f[2]);
    cr_assert(fabs(load[1] - (1 - 0.81 * surety_law_cdf(&slow, 0.4))) < 1e-9);
    cr_assert(fabs(c.out.p_hangs - (0.19 * 0.05 * 0.5)) < 1e-9);
    teardown();
}

/* ---- series and choice ------------------------------------------------------------------------------------- */

Test(response, series_fails_with_its_first_failure)
{
    setup();
    const struct surety_law fixed = surety_law_of(SURETY_LAW_FIXED, 0.08, 0);
    const struct surety_response a = leaf(&fixed, 0.1, 0), b = leaf(&spare, 0.2, 0.3);
    double load[2];
    struct surety_composition c = {
        .space = &space, .child = (const struct surety_response *const[]){&a, &b}, .n_children = 2, .load = load};
    surety_series_compose(&c);
    const struct surety_latency first = surety_response_first(&space, &c.out);
    cr_assert(fabs(first.mass - 0.9 * 0.8 * 0.7) < 1e-12);
    cr_assert(fabs(c.out.p_hangs - 0.9 * 0.8 * 0.3) < 1e-12);
    cr_assert(fabs(surety_latency_cdf(&grid, &c.out.failed, 0.05) - 0.1) < 1e-12);
    cr_assert(fabs(c.out.failed.mass - (0.1 + 0.9 * 0.2)) < 1e-12);
    for (double t = 0.1; t < 5; t *= 1.3)
        cr_assert(fabs(surety_latency_cdf(&grid, &first, t) - first.mass * surety_law_cdf(&spare, t - 0.08)) < 1e-9);
    teardown();
}

Test(response, choice_is_a_mixture)
{
    setup();
    const struct surety_response a = leaf(&slow, 0, 0), b = leaf(&spare, 0.5, 0);
    double load[2];
    struct surety_composition c = {.space = &space,
                                   .child = (const struct surety_response *const[]){&a, &b},
                                   .share = (const double[]){0.6, 0.3}, // a tenth comes from a cache
                                   .n_children = 2,
                                   .load = load};
    surety_choice_compose(&c);
    const struct surety_latency first = surety_response_first(&space, &c.out);
    cr_assert(fabs(first.mass - 0.85) < 1e-12);
    for (double t = 0.1; t < 5; t *= 1.3)
        cr_assert(fabs(surety_latency_cdf(&grid, &first, t) -
                       (0.1 + 0.6 * surety_law_cdf(&slow, t) + 0.15 * surety_law_cdf(&spare, t))) < 1e-8);
    teardown();
}

/* ---- k of n ------------------------------------------------------------------------------------------------ */

struct quorum {
    double served[3];
    double fixed; // the third answers at this time; 0: by its law
    int k;
};

// P(at least k of three).
static double order_statistic(double t, const void *context)
{
    const struct quorum *q = context;
    const double third = q->fixed > 0 ? t >= q->fixed : surety_law_cdf(&spare, t / 1.3);
    const double a = q->served[0] * surety_law_cdf(&slow, t), b = q->served[1] * surety_law_cdf(&spare, t),
                 c = q->served[2] * third;
    const double all = a * b * c, two = a * b + a * c + b * c - 2 * all, one = 1 - (1 - a) * (1 - b) * (1 - c);
    return q->k == 3 ? all : q->k == 2 ? two : one;
}

Test(response, k_of_n_is_an_order_statistic)
{
    setup();
    for (int k = 1; k <= 3; k++)
        for (int fixed = 0; fixed < 2; fixed++) {
            const struct quorum q = {{0.9, 0.8 * 0.9, 1}, fixed ? 0.3333 : 0, k};
            const struct surety_k_of_n_params params = {k};
            const struct surety_law at = surety_law_of(SURETY_LAW_FIXED, q.fixed, 0);
            struct surety_response a = leaf(&slow, 0.1, 0), b = leaf(&spare, 0.2, 0.1), c3 = leaf(&at, 0, 0);
            if (!fixed) {
                const struct surety_latency first = surety_latency_of(&space, &spare, 1.3);
                c3 = surety_response_leaf(&space, &first, NULL, 0, 0);
            }
            double load[3];
            struct surety_composition c = {.space = &space,
                                           .params = &params,
                                           .child = (const struct surety_response *const[]){&a, &b, &c3},
                                           .n_children = 3,
                                           .load = load};
            surety_k_of_n_compose(&c);
            const struct surety_latency first = surety_response_first(&space, &c.out);
            cr_assert(load[0] == 1 && load[2] == 1);
            cr_assert(fabs(first.mass - order_statistic(1e9, &q)) < 1e-12);
            cr_assert(fabs(first.mass + c.out.failed.mass + c.out.p_hangs - 1) < 1e-12);
            for (double t = 0.05; t < 20; t *= 1.21)
                cr_assert(fabs(surety_latency_cdf(&grid, &first, t) - order_statistic(t, &q)) < 1e-6,
                          "%d of 3 at %g: %.2g", k, t, surety_latency_cdf(&grid, &first, t) - order_statistic(t, &q));
            if (!fixed)
                check(&c.out, order_statistic, &q, first.mass);
            if (k == 2) // two of a and b have to fail, a at once with 0.1, b with 0.2: else b hangs
                cr_assert(fabs(c.out.failed.mass - 0.1 * 0.2) < 1e-12, "%g", c.out.failed.mass);
        }
    teardown();
}

// With times per output token the k-th last token counts: of two, the later one of first + rest.
Test(response, k_of_n_to_the_last_token)
{
    setup();
    const struct surety_k_of_n_params params = {2};
    const struct surety_latency x = surety_latency_of(&space, &spare, 1), rest = surety_latency_of(&space, &spare, 2),
                                shorter = surety_latency_of(&space, &spare, 0.5);
    const struct surety_response a = surety_response_leaf(&space, &x, &rest, 0, 0),
                                 b = surety_response_leaf(&space, &x, &shorter, 0.25, 0);
    double load[2], load_2[2];
    struct surety_composition c = {.space = &space,
                                   .n_rests = 1,
                                   .params = &params,
                                   .child = (const struct surety_response *const[]){&a, &b},
                                   .n_children = 2,
                                   .load = load};
    surety_k_of_n_compose(&c);
    const struct surety_latency all = surety_response_all(&space, &c.out, 0), of_a = surety_response_all(&space, &a, 0),
                                of_b = surety_response_all(&space, &b, 0);
    for (double t = 0.1; t < 30; t *= 1.3)
        cr_assert(fabs(surety_latency_cdf(&grid, &all, t) -
                       surety_latency_cdf(&grid, &of_a, t) * surety_latency_cdf(&grid, &of_b, t)) < 1e-8);
    // before it in a series 80 ms and 5 % failures
    const struct surety_law fixed = surety_law_of(SURETY_LAW_FIXED, 0.08, 0);
    const struct surety_response front = leaf(&fixed, 0.05, 0), quorum = c.out;
    struct surety_composition chain = {.space = &space,
                                       .n_rests = 1,
                                       .child = (const struct surety_response *const[]){&front, &quorum},
                                       .n_children = 2,
                                       .load = load_2};
    surety_series_compose(&chain);
    const struct surety_latency whole = surety_response_all(&space, &chain.out, 0);
    for (double t = 0.2; t < 30; t *= 1.3)
        cr_assert(fabs(surety_latency_cdf(&grid, &whole, t) - 0.95 * surety_latency_cdf(&grid, &all, t - 0.08)) < 1e-8);
    teardown();
}
