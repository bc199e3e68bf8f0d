// SPDX-License-Identifier: GPL-3.0-or-later
/* Composed latencies against closed forms and against adaptive quadrature that shares nothing with the grid. */
#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <math.h>

#include "sim/base/latency.h"
#include "sim/base/law_solve.h"

static const double percentiles[] = {0.5, 0.9, 0.95, 0.99, 0.999};
#define N_PERCENTILES (sizeof percentiles / sizeof *percentiles)

static struct surety_latency_grid grid;
static struct surety_latency_space space;

static void setup(double reach_s)
{
    gsl_set_error_handler_off();
    cr_assert(surety_latency_grid_init(&grid, surety_latency_round_step(reach_s, 8192), 8192) == SURETY_OK);
    surety_latency_space_init(&space, &grid);
}

static void teardown(void)
{
    cr_assert(!space.out_of_memory);
    surety_latency_space_finish(&space);
    surety_latency_grid_finish(&grid);
}

// F of the oracle.
typedef double cdf(double t, const void *context);

// The largest error of a percentile relative to itself, read from the oracle's F: (F(t) - p) / (t f(t)).
static double worst_error(const struct surety_latency *x, cdf *oracle, const void *context)
{
    double worst = 0;
    for (size_t i = 0; i < N_PERCENTILES; i++) {
        const double t = surety_latency_quantile(&grid, x, percentiles[i]), d = 1e-3 * t;
        cr_assert(isfinite(t), "p = %g", percentiles[i]);
        const double f = (oracle(t + d, context) - oracle(t - d, context)) / (2 * d);
        const double error = fabs(oracle(t, context) - percentiles[i] * x->mass) / (f * t);
        worst = fmax(worst, error);
    }
    return worst;
}

static struct surety_law lognormal(double p50, double p95)
{
    const struct surety_law_param params[] = {{"p50", p50}, {"p95", p95}};
    struct surety_law law;
    cr_assert(surety_law_solve(SURETY_LAW_LOGNORMAL, params, 2, &law, NULL, NULL) == SURETY_LAW_SOLVED);
    return law;
}

static double law_cdf(double t, const void *law)
{
    return surety_law_cdf(law, t);
}

struct integrand {
    double (*f)(double z, const void *context);
    const void *context;
};

static double call(double z, void *integrand)
{
    const struct integrand *i = integrand;
    return i->f(z, i->context) * exp(-z * z / 2) / sqrt(2 * M_PI);
}

// E[g(Z)], Z normal, where g has kinks at z0 <= z1.
static double expect(double (*f)(double, const void *), const void *context, double z0)
{
    gsl_integration_workspace *w = gsl_integration_workspace_alloc(400);
    struct integrand integrand = {f, context};
    gsl_function function = {call, &integrand};
    double sum = 0, part, error;
    const double ends[] = {-9, fmin(fmax(z0, -9), 9), 9};
    for (size_t i = 0; i + 1 < 3; i++)
        if (ends[i + 1] > ends[i]) {
            gsl_integration_qag(&function, ends[i], ends[i + 1], 1e-14, 1e-11, 400, GSL_INTEG_GAUSS31, w, &part,
                                &error);
            sum += part;
        }
    gsl_integration_workspace_free(w);
    return sum;
}

/* ---- sums -------------------------------------------------------------------------------------------------- */

struct gamma {
    double shape, scale;
};

static double gamma_cdf(double t, const void *context)
{
    const struct gamma *g = context;
    return gsl_cdf_gamma_P(t, g->shape, g->scale);
}

Test(latency, sum_of_three_gammas)
{
    setup(4);
    const struct surety_law laws[] = {surety_law_of(SURETY_LAW_GAMMA, 2.3, 0.08),
                                      surety_law_of(SURETY_LAW_GAMMA, 0.6, 0.08),
                                      surety_law_of(SURETY_LAW_GAMMA, 1.7, 0.08)};
    struct surety_latency sum = surety_latency_at(&space, 0, 1);
    for (size_t i = 0; i < 3; i++) {
        const struct surety_latency x = surety_latency_of(&space, &laws[i], 1);
        sum = surety_latency_sum(&space, &sum, &x);
    }
    const double error = worst_error(&sum, gamma_cdf, &(struct gamma){4.6, 0.08});
    cr_log_info("gamma %g", error);
    cr_assert(error < 1e-6, "%g", error);
    // the twin: a shape that is 1e-5 off is noticed
    cr_assert(worst_error(&sum, gamma_cdf, &(struct gamma){4.6 * (1 + 1e-5), 0.08}) > 1e-6);
    teardown();
}

// Hypoexponential with different means: 1 - sum of exp(-t/m_i) prod over k of m_i / (m_i - m_k).
static double hypoexponential_cdf(double t, const void *context)
{
    const double *m = context;
    double p = 1;
    for (size_t i = 0; i < 3; i++) {
        double term = exp(-t / m[i]);
        for (size_t k = 0; k < 3; k++)
            term *= k == i ? 1 : m[i] / (m[i] - m[k]);
        p -= term;
    }
    return p;
}

Test(latency, sum_of_three_exponentials)
{
    setup(10);
    static const double means[] = {0.05, 0.31, 0.9};
    struct surety_latency sum = surety_latency_at(&space, 0, 1);
    for (size_t i = 0; i < 3; i++) {
        const struct surety_law law = surety_law_of(SURETY_LAW_EXPONENTIAL, means[i], 0);
        const struct surety_latency x = surety_latency_of(&space, &law, 1);
        sum = surety_latency_sum(&space, &sum, &x);
    }
    const double error = worst_error(&sum, hypoexponential_cdf, means);
    cr_log_info("hypoexponential %g", error);
    cr_assert(error < 1e-6, "%g", error);
    teardown();
}

struct two {
    const struct surety_law *x, *y;
    double t;
    cdf *below;
    const void *context;
};

static double given_first(double z, const void *context)
{
    const struct two *two = context;
    const double u = gsl_cdf_ugaussian_P(z), x = u < 1 ? surety_law_quantile(two->x, u) : INFINITY;
    return x < two->t ? two->below(two->t - x, two->context) : 0;
}

// P(X + Y <= t), X a law with a quantile function, Y by its F.
static double sum_cdf(double t, const struct surety_law *x, cdf *below, const void *context)
{
    const struct two two = {.x = x, .t = t, .below = below, .context = context};
    return expect(given_first, &two, gsl_cdf_ugaussian_Pinv(surety_law_cdf(x, t)));
}

static double sum_of_two(double t, const void *context)
{
    const struct surety_law *laws = context;
    return t > 0 ? sum_cdf(t, &laws[0], law_cdf, &laws[1]) : 0;
}

static double sum_of_three(double t, const void *context)
{
    const struct surety_law *laws = context;
    return sum_cdf(t, &laws[2], sum_of_two, laws);
}

Test(latency, sum_of_three_lognormals)
{
    setup(8);
    const struct surety_law laws[] = {lognormal(0.08, 0.13), lognormal(0.21, 0.42), lognormal(0.09, 0.35)};
    struct surety_latency sum = surety_latency_at(&space, 0, 1);
    for (size_t i = 0; i < 3; i++) {
        const struct surety_latency x = surety_latency_of(&space, &laws[i], 1);
        sum = surety_latency_sum(&space, &sum, &x);
    }
    const double error = worst_error(&sum, sum_of_three, laws);
    cr_log_info("lognormals %g", error);
    cr_assert(error < 1e-6, "%g", error);
    teardown();
}

/* Bodies with rare stalls, 1 : 60 in scale, and a uniform whose jumps are no edges. */
Test(latency, sum_of_body_and_stall)
{
    setup(60);
    const struct surety_law_part body_and_stall[] = {{98, lognormal(0.21, 0.42)}, {2, lognormal(6, 15)}};
    const struct surety_law laws[] = {
        {.kind = SURETY_LAW_MIXTURE, .n = 2, .parts = body_and_stall, .max = INFINITY, .shift = 0.0123},
        surety_law_of(SURETY_LAW_UNIFORM, 0.0311, 0.3777)};
    const struct surety_latency x = surety_latency_of(&space, &laws[0], 1), y = surety_latency_of(&space, &laws[1], 1);
    const struct surety_latency sum = surety_latency_sum(&space, &x, &y);
    const double alone = worst_error(&x, law_cdf, &laws[0]),
                 error = worst_error(&sum, sum_of_two, (const struct surety_law[]){laws[1], laws[0]});
    cr_log_info("mixture %g, with uniform %g", alone, error);
    cr_assert(alone < 1e-6, "%g", alone);
    cr_assert(error < 1e-6, "%g", error);
    teardown();
}

/* ---- first + n x per token --------------------------------------------------------------------------------- */

struct answer {
    const struct surety_law *first, *count, *each;
    double t;
};

static double given_count(double z, const void *context)
{
    const struct answer *a = context;
    const double u = gsl_cdf_ugaussian_P(z), n = u < 1 ? surety_law_quantile(a->count, u) : INFINITY;
    return surety_law_cdf(a->each, a->t / n);
}

static double product_cdf(double t, const void *context)
{
    struct answer a = *(const struct answer *)context;
    a.t = t;
    return t > 0 ? expect(given_count, &a, 0) : 0;
}

static double answer_cdf(double t, const void *context)
{
    const struct answer *a = context;
    return sum_cdf(t, a->first, product_cdf, a);
}

static void check_answer(const struct answer *a, double reach_s)
{
    setup(reach_s);
    const struct surety_latency first = surety_latency_of(&space, a->first, 1);
    const struct surety_latency rest = surety_latency_of_product(&space, a->count, a->each, 1);
    const struct surety_latency all = surety_latency_sum(&space, &first, &rest);
    const double alone = worst_error(&rest, product_cdf, a), error = worst_error(&all, answer_cdf, a);
    cr_log_info("product %g, answer %g", alone, error);
    cr_assert(alone < 1e-6, "%g", alone);
    cr_assert(error < 1e-6, "%g", error);
    teardown();
}

Test(latency, first_and_tokens_lognormal)
{
    const struct surety_law first = lognormal(0.21, 0.42), count = lognormal(130, 420), each = lognormal(0.014, 0.025);
    check_answer(&(struct answer){.first = &first, .count = &count, .each = &each}, 30);
}

Test(latency, first_and_tokens_other_laws)
{
    const struct surety_law first = surety_law_of(SURETY_LAW_EXPONENTIAL, 0.3, 0),
                            count = surety_law_of(SURETY_LAW_GAMMA, 3, 50),
                            each = surety_law_of(SURETY_LAW_WEIBULL, 2.2, 0.02);
    check_answer(&(struct answer){.first = &first, .count = &count, .each = &each}, 30);
}

/* ---- races ------------------------------------------------------------------------------------------------- */

struct race {
    struct surety_law x, y;
    double p_x, p_y, after;
};

static double race_cdf(double t, const void *context)
{
    const struct race *r = context;
    return 1 - (1 - r->p_x * surety_law_cdf(&r->x, t)) * (1 - r->p_y * surety_law_cdf(&r->y, t - r->after));
}

Test(latency, hedge_is_the_minimum)
{
    setup(40);
    const struct surety_law_part stalls[] = {{95, lognormal(0.21, 0.42)}, {5, lognormal(6, 15)}};
    const struct race race = {.x = {.kind = SURETY_LAW_MIXTURE, .n = 2, .parts = stalls, .max = INFINITY},
                              .y = lognormal(0.3, 0.9),
                              .p_x = 0.9,
                              .p_y = 0.97,
                              .after = 0.4};
    struct surety_latency x = surety_latency_of(&space, &race.x, 1), y = surety_latency_of(&space, &race.y, 1);
    x = surety_latency_scaled(&space, &x, race.p_x);
    y = surety_latency_scaled(&space, &y, race.p_y);
    y = surety_latency_later(&space, &y, race.after);
    const struct surety_latency first = surety_latency_before(&space, &x, &y, true),
                                second = surety_latency_before(&space, &y, &x, false),
                                both = surety_latency_either(&space, &first, &second);
    const double error = worst_error(&both, race_cdf, &race);
    cr_log_info("hedge %g, mass %g", error, both.mass - (1 - 0.1 * 0.03));
    cr_assert(error < 1e-6, "%g", error);
    cr_assert(fabs(both.mass - (1 - 0.1 * 0.03)) < 1e-6, "%.12g", both.mass);
    teardown();
}
