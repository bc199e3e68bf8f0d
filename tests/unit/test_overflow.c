// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/overflow.h"

#include "sim/base/fmath.h"

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>

static double relative(double a, double b)
{
    return fabs(a - b) / fabs(b);
}

Test(overflow, cumulants_of_laws)
{
    const struct surety_law exponential = surety_law_of(SURETY_LAW_EXPONENTIAL, 3, 0);
    const struct surety_law gamma = surety_law_of(SURETY_LAW_GAMMA, 2.5, 4);
    const struct surety_law weibull = surety_law_of(SURETY_LAW_WEIBULL, 1, 3); // an exponential too
    const struct surety_law lognormal = surety_law_of(SURETY_LAW_LOGNORMAL, 0, 0.5);
    struct surety_law fixed = surety_law_of(SURETY_LAW_FIXED, 0.1, 0);
    struct surety_law uniform = surety_law_of(SURETY_LAW_UNIFORM, 1, 3);
    struct surety_load k = surety_cumulants(&exponential);
    cr_assert(relative(k.k1, 3) < 1e-14 && relative(k.k2, 9) < 1e-13 && relative(k.k3, 54) < 1e-13);
    k = surety_cumulants(&weibull);
    cr_assert(relative(k.k1, 3) < 1e-12 && relative(k.k2, 9) < 1e-12 && relative(k.k3, 54) < 1e-11);
    k = surety_cumulants(&gamma); // n! / (n - 1)! shape scale^n
    cr_assert(relative(k.k1, 10) < 1e-14 && relative(k.k2, 40) < 1e-13 && relative(k.k3, 320) < 1e-13);
    k = surety_cumulants(&lognormal); // (e^v + 2) (e^v - 1)^2 e^(3 v / 2) with v = sigma^2
    const double e = exp(0.25);
    cr_assert(relative(k.k3, (e + 2) * (e - 1) * (e - 1) * exp(0.375)) < 1e-12);
    fixed.shift = 0.2;
    k = surety_cumulants(&fixed);
    cr_assert(relative(k.k1, 0.3) < 1e-15 && k.k2 == 0 && k.k3 == 0);
    uniform.shift = 7;
    k = surety_cumulants(&uniform);
    cr_assert(relative(k.k1, 9) < 1e-15 && relative(k.k2, 4.0 / 12) < 1e-12 && k.k3 == 0);
}

Test(overflow, an_infinite_third_moment_counts_as_none)
{
    const struct surety_law pareto = surety_law_of(SURETY_LAW_PARETO, 2.5, 1);
    const struct surety_load k = surety_cumulants(&pareto);
    cr_assert(isfinite(k.k2) && k.k3 == 0);
}

// --- the gamma law ---------------------------------------------------------------------------------------------

static double gamma_tail_of(double x, void *params)
{
    const double *p = params; // shape, scale, shift
    return gsl_cdf_gamma_Q(x - p[2], p[0], p[1]);
}

static double integral(double (*f)(double, void *), void *params, double from, double to)
{
    gsl_integration_workspace *w = gsl_integration_workspace_alloc(4000);
    gsl_function function = {f, params};
    double value, error;
    gsl_integration_qag(&function, from, to, 0, 1e-12, 4000, GSL_INTEG_GAUSS61, w, &value, &error);
    gsl_integration_workspace_free(w);
    return value;
}

Test(overflow, agrees_with_quadrature_of_the_translated_gamma)
{
    gsl_set_error_handler_off();
    static const double skews[] = {0.021, 0.05, 0.2, 0.7, 1.4, 2, 3.3, 6};
    static const double zs[] = {-3, -1, -0.2, 0, 0.4, 1, 2.5, 5};
    for (size_t i = 0; i < sizeof skews / sizeof *skews; i++)
        for (size_t k = 0; k < sizeof zs / sizeof *zs; k++) {
            const double sigma = 7, mean = 100, g = skews[i];
            double params[] = {4 / (g * g), sigma * g / 2, mean - 2 * sigma / g};
            const struct surety_load load = {mean, sigma * sigma, g * sigma * sigma * sigma};
            const double limit = mean + zs[k] * sigma, top = mean + 60 * sigma * (1 + g);
            double expected = 0;
            for (double from = limit, step = sigma; from < top; from += step, step *= 2) {
                const double low = fmax(from, params[2]), high = fmax(from + step, params[2]);
                expected += (low - from) * (from < params[2]); // below its support the tail is 1
                if (from + step < params[2])
                    expected += from + step - params[2];
                expected += high > low ? integral(gamma_tail_of, params, low, high) : 0;
            }
            cr_assert_float_eq(surety_excess(&load, limit), expected, 1e-9 * sigma, "skew %g z %g: %.12g not %.12g", g,
                               zs[k], surety_excess(&load, limit), expected);
        }
}

Test(overflow, the_series_meets_the_gamma_law)
{
    for (double z = -4; z <= 4; z += 0.5) {
        const struct surety_load below = {100, 49, 0.0199999 * 343}, above = {100, 49, 0.0200001 * 343};
        cr_assert_float_eq(surety_excess(&below, 100 + 7 * z), surety_excess(&above, 100 + 7 * z), 7e-7);
    }
    const struct surety_load normal = {100, 49, 0}, negative = {100, 49, -343};
    cr_assert_float_eq(surety_excess(&normal, 100), 7 / sqrt(2 * M_PI), 1e-13);
    cr_assert_eq(surety_excess(&negative, 93), surety_excess(&normal, 93));
}

Test(overflow, stays_between_its_bounds)
{
    for (double skew = 0; skew < 30; skew = skew * 1.5 + 0.01)
        for (double sigma = 0.01; sigma < 1000; sigma *= 3)
            for (double limit = 0; limit < 300; limit += 10) {
                const struct surety_load load = {100, sigma * sigma, skew * sigma * sigma * sigma};
                const double excess = surety_excess(&load, limit);
                cr_assert(excess >= fmax(0, 100 - limit) && excess <= 100);
                cr_assert_leq(surety_excess(&load, limit + 1), excess + 1e-9);
            }
    const struct surety_load beat = {100, 0, 0};
    cr_assert_eq(surety_excess(&beat, 60), 40);
    cr_assert_eq(surety_excess(&beat, 160), 0);
}

// The example of docs/semantics.md.
Test(overflow, worked_by_hand)
{
    const struct surety_load tokens = {1800, 0, 0}, one = surety_load_of_request(&tokens, 1);
    const struct surety_load load = {60 * one.k1, 60 * one.k2, 60 * one.k3};
    cr_assert(load.k1 == 108000 && load.k2 == 60 * 1800.0 * 1800 && load.k3 == 60 * 1800.0 * 1800 * 1800);
    cr_assert_float_eq(surety_excess(&load, 120000), 1573.42, 0.01);
}

// --- a load that swings -----------------------------------------------------------------------------------------

// The share above the limit of 1 + a sin(t) over a whole swing, in closed form: with c = (limit - 1) / a and
// t0 = asin c it is a (cos t0 - c (pi / 2 - t0)) / pi.
Test(overflow, sinusoid_against_the_integral)
{
    static const double limits[] = {0.45, 0.8, 1, 1.21, 1.5, 1.69};
    const double a = 0.7;
    const int n = 20000;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        const double c = (limits[i] - 1) / a, t0 = asin(c), expected = a * (cos(t0) - c * (M_PI / 2 - t0)) / M_PI;
        double sum = 0;
        for (int k = 0; k < n; k++) {
            const struct surety_load load = {1 + a * sin(2 * M_PI * (k + 0.5) / n), 0, 0};
            sum += surety_excess(&load, limits[i]) / n;
        }
        cr_assert_float_eq(sum, expected, 1e-6, "limit %g: %.9g not %.9g", limits[i], sum, expected);
    }
}

// --- brute force -----------------------------------------------------------------------------------------------

// Plays minutes of a stationary stream: gamma times between requests, lognormal tokens, both from GSL's generators. The
// share of the tokens above the limit, its error in *se.
static double play(double rate, double b, double sigma, double limit, int n_minutes, double *se)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_taus2);
    const double shape = b > 0 ? 1 / (b * b) : 0, mu = -sigma * sigma / 2;
    double at = 0, sum = 0, over = 0, over_squared = 0;
    for (int m = -100; m < n_minutes; m++) { // the first ones forget how the stream began
        double tokens = 0;
        while (at < 1) {
            tokens += exp(mu + gsl_ran_gaussian_ziggurat(rng, sigma));
            at += (b > 0 ? gsl_ran_gamma(rng, shape, 1 / shape) : 1) / rate;
        }
        at -= 1;
        if (m < 0)
            continue;
        const double excess = fmax(0, tokens - limit);
        sum += tokens;
        over += excess;
        over_squared += excess * excess;
    }
    gsl_rng_free(rng);
    *se = sqrt(over_squared - over * over / n_minutes) / sum;
    return over / sum;
}

// The share overflowing by the law against minutes played one by one (6.1 standard errors: alpha 1e-9). The bound is what
// the law misses: 0.001 of the load from 50 requests a minute on, 0.003 at 20, 0.006 at 5. A twin with a burstiness that
// is 0.5 larger is off by more.
Test(overflow, minutes_played_one_by_one)
{
    static const struct {
        double rate, b, cv, utilisation;
        int n;
        double bound;
    } cases[] = {
        {200, 1, 0.8, 0.95, 20000, 0.001}, {200, 1.8, 0.8, 0.9, 20000, 0.001}, {50, 1, 1, 0.8, 60000, 0.001},
        {50, 1, 1, 1.3, 60000, 0.001},     {50, 1.8, 1, 0.7, 60000, 0.001},    {20, 1, 1.2, 0.6, 100000, 0.003},
        {20, 0.5, 1.2, 0.9, 40000, 0.003}, {50, 0, 1, 0.9, 60000, 0.001},      {5, 1, 1.2, 0.5, 300000, 0.006},
    };
    gsl_set_error_handler_off();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const double v = log1p(cases[i].cv * cases[i].cv), m = cases[i].rate, limit = m / cases[i].utilisation;
        const struct surety_law law = surety_law_of(SURETY_LAW_LOGNORMAL, -v / 2, sqrt(v));
        const struct surety_load tokens = surety_cumulants(&law);
        double se, shares[2];
        for (int twin = 0; twin < 2; twin++) {
            const struct surety_load one = surety_load_of_request(&tokens, cases[i].b + 0.5 * twin);
            const struct surety_load load = {m * one.k1, m * one.k2, m * one.k3};
            shares[twin] = surety_excess(&load, limit) / load.k1;
        }
        const double played = play(m, cases[i].b, sqrt(v), limit, cases[i].n, &se), bound = cases[i].bound + 6.1 * se;
        cr_assert_float_eq(shares[0], played, bound, "case %zu: %.6f, played %.6f +- %.6f", i, shares[0], played, se);
        cr_assert(fabs(shares[1] - played) > bound, "case %zu: the twin passes", i);
    }
}
