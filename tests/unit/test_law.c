// SPDX-License-Identifier: GPL-3.0-or-later
#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_randist.h>
#include <string.h>

#include "sim/base/law.h"
#include "sim/base/law_solve.h"

static double relative(double got, double want)
{
    return fabs(got - want) / fmax(fabs(want), 1e-300);
}

#define close_to(got, want, tolerance)                                                                                 \
    cr_assert(relative(got, want) <= (tolerance), "%s = %.15g, wanted %.15g", #got, (double)(got), (double)(want))

static const double four_values[] = {1, 2, 2, 7};
static const struct surety_law_part inner[] = {
    {3, {.kind = SURETY_LAW_EXPONENTIAL, .a = 2, .max = INFINITY}},
    {1, {.kind = SURETY_LAW_UNIFORM, .a = 5, .b = 9, .shift = 1, .max = 9.5}},
};
static const struct surety_law_part outer[] = {
    {1, {.kind = SURETY_LAW_MIXTURE, .n = 2, .parts = inner, .shift = 0.5, .max = 8}},
    {2, {.kind = SURETY_LAW_GAMMA, .a = 3, .b = 1, .max = INFINITY}},
    {1, {.kind = SURETY_LAW_FIXED, .a = 4, .max = INFINITY}},
};

/* Every kind bare, shifted, cut, and both. */
#define N_BARE 11
#define N_ALL (4 * N_BARE)
static struct surety_law example(int i)
{
    const struct surety_law bare[N_BARE] = {
        surety_law_of(SURETY_LAW_FIXED, 3, 0),
        surety_law_of(SURETY_LAW_EXPONENTIAL, 2, 0),
        surety_law_of(SURETY_LAW_WEIBULL, 0.7, 3),
        surety_law_of(SURETY_LAW_WEIBULL, 2.5, 3),
        surety_law_of(SURETY_LAW_LOGNORMAL, 0.5, 1),
        surety_law_of(SURETY_LAW_GAMMA, 0.6, 4),
        surety_law_of(SURETY_LAW_GAMMA, 7, 0.5),
        surety_law_of(SURETY_LAW_PARETO, 2.5, 1.5),
        surety_law_of(SURETY_LAW_UNIFORM, 1, 6),
        {.kind = SURETY_LAW_EMPIRICAL, .n = 4, .values = four_values, .max = INFINITY},
        {.kind = SURETY_LAW_MIXTURE, .n = 3, .parts = outer, .max = INFINITY},
    };
    struct surety_law law = bare[i % N_BARE];

    if (i / N_BARE & 1)
        law.shift = 1.25;
    if (i / N_BARE & 2)
        law.max = law.shift + 4.5;
    return law;
}

Test(law, table_is_complete)
{
    for (enum surety_law_kind kind = 0; kind < SURETY_N_LAWS; kind++) {
        const struct surety_law_row *row = surety_law_row(kind);
        cr_assert(row->name && row->partial && row->quantile && row->complaint && row->canonical && row->params[0]);
        cr_assert_eq(surety_law_by_name(row->name), kind);
    }
    cr_assert_eq(surety_law_by_name("cauchy"), SURETY_N_LAWS);
}

Test(law, documented_numbers)
{
    struct surety_law unit = surety_law_of(SURETY_LAW_EXPONENTIAL, 1, 0);
    struct surety_law weibull = surety_law_of(SURETY_LAW_WEIBULL, 2, 1);
    struct surety_law lognormal = surety_law_of(SURETY_LAW_LOGNORMAL, 0, 1);
    struct surety_law uniform = surety_law_of(SURETY_LAW_UNIFORM, 0, 1);

    close_to(surety_law_mean(&weibull), 0.886226925452758, 1e-14);
    close_to(surety_law_second_moment(&unit), 2, 1e-14);
    close_to(surety_law_cdf(&unit, 1), 0.632120558828558, 1e-14);
    close_to(surety_law_quantile(&lognormal, 0.975), 7.09907138423134, 1e-13);
    close_to(surety_law_equilibrium_cdf(&uniform, 0.5), 0.75, 1e-15);
}

/* Integrals of the survival function, an oracle that knows only the distribution function. */
static double survival(double x, void *law)
{
    return 1 - surety_law_cdf(law, x);
}

static double x_survival(double x, void *law)
{
    return 2 * x * survival(x, law);
}

static double integral(double (*f)(double, void *), struct surety_law *law, double from, double to)
{
    gsl_integration_workspace *w = gsl_integration_workspace_alloc(2000);
    gsl_function function = {f, law};
    double value, error;

    gsl_integration_qag(&function, from, to, 1e-9, 1e-9, 2000, GSL_INTEG_GAUSS15, w, &value, &error);
    gsl_integration_workspace_free(w);
    return value;
}

static double moment_by_integration(double (*f)(double, void *), struct surety_law *law, double to)
{
    double sum = 0;

    for (double step = 0.25, x = 0; x < to; x += step, step *= x < 8 ? 1 : 2)
        sum += integral(f, law, x, fmin(x + step, to));
    return sum;
}

static double x2_survival(double x, void *law)
{
    return 3 * x * x * survival(x, law);
}

Test(law, moments_are_integrals_of_survival)
{
    gsl_set_error_handler_off();
    for (int i = 0; i < N_ALL; i++) {
        struct surety_law law = example(i);
        bool is_heavy = law.kind == SURETY_LAW_PARETO && isinf(law.max);
        cr_assert_null(surety_law_check(&law), "law %d: %s", i, surety_law_check(&law));
        close_to(moment_by_integration(survival, &law, is_heavy ? 1e12 : 1e4), surety_law_mean(&law), 1e-6);
        if (!is_heavy)
            close_to(moment_by_integration(x_survival, &law, 1e4), surety_law_second_moment(&law), 1e-6);
        if (isfinite(surety_law_third_moment(&law)))
            close_to(moment_by_integration(x2_survival, &law, 1e6), surety_law_third_moment(&law), 1e-6);
        close_to(integral(survival, &law, 0, 2.2) / surety_law_mean(&law), surety_law_equilibrium_cdf(&law, 2.2), 1e-6);
    }
}

Test(law, quantile_inverts_cdf)
{
    gsl_set_error_handler_off();
    for (int i = 0; i < N_ALL; i++) {
        struct surety_law law = example(i);
        bool has_steps =
            law.kind == SURETY_LAW_FIXED || law.kind == SURETY_LAW_EMPIRICAL || law.kind == SURETY_LAW_MIXTURE;
        double last = 0;
        for (double p = 0.001; p < 1; p += 0.0173) {
            double x = surety_law_quantile(&law, p);
            cr_assert_geq(x, last);
            cr_assert_geq(x, law.shift);
            cr_assert_leq(x, law.max);
            cr_assert_geq(surety_law_cdf(&law, x * (1 + 1e-12)), p * (1 - 1e-9));
            if (!has_steps)
                close_to(surety_law_cdf(&law, x), p, 1e-8);
            else
                cr_assert_leq(surety_law_cdf(&law, x * (1 - 1e-9)), p * (1 + 1e-8));
            last = x;
        }
    }
}

Test(law, flat_components_are_the_same_law)
{
    struct surety_law_atom atoms[8];

    gsl_set_error_handler_off();
    for (int i = 0; i < N_ALL; i++) {
        struct surety_law law = example(i);
        size_t n = surety_law_flatten(&law, atoms);
        cr_assert_leq(n, surety_law_n_atoms(&law));
        for (double x = 0.3; x < 12; x += 0.71) {
            double sum = 0, mean = 0;
            for (size_t k = 0; k < n; k++) {
                cr_assert_neq(atoms[k].of.kind, SURETY_LAW_MIXTURE);
                sum += atoms[k].weight * surety_law_cdf(&atoms[k].of, x);
                mean += atoms[k].weight * surety_law_mean(&atoms[k].of);
            }
            cr_assert_float_eq(sum, surety_law_cdf(&law, x), 1e-12, "law %d", i);
            close_to(mean, surety_law_mean(&law), 1e-12);
        }
    }
}

Test(law, check_refuses)
{
    struct surety_law law = surety_law_of(SURETY_LAW_PARETO, 1, 3);
    const double backwards[] = {2, 1};

    cr_assert_str_eq(surety_law_check(&law), "the mean is infinite: a pareto needs a shape above 1, or give max");
    law.max = 100;
    cr_assert_null(surety_law_check(&law));
    law.max = 2;
    cr_assert_str_eq(surety_law_check(&law), "max keeps less than one draw in 1e9");
    law = surety_law_of(SURETY_LAW_EXPONENTIAL, 0, 0);
    cr_assert_str_eq(surety_law_check(&law), "mean must be positive");
    law = surety_law_of(SURETY_LAW_EXPONENTIAL, 1, 0);
    law.shift = 5;
    law.max = 4;
    cr_assert_str_eq(surety_law_check(&law), "max must not be below shift");
    law = surety_law_of(SURETY_LAW_UNIFORM, 3, 2);
    cr_assert_str_eq(surety_law_check(&law), "max must be above min");
    law = (struct surety_law){.kind = SURETY_LAW_EMPIRICAL, .n = 2, .values = backwards, .max = INFINITY};
    cr_assert_str_eq(surety_law_check(&law), "values must be sorted");
    law.n = 0;
    cr_assert_not_null(surety_law_check(&law));
    law = surety_law_of(SURETY_LAW_PARETO, 1.5, 3);
    cr_assert_null(surety_law_check(&law));
    cr_assert(surety_law_has_infinite_variance(&law));
    law.max = 1e6;
    cr_assert(!surety_law_has_infinite_variance(&law));
}

/* ---- solver ------------------------------------------------------------------------------------------------ */

static double of_name(const struct surety_law *law, const char *name)
{
    double mean = surety_law_mean(law);

    if (!strcmp(name, "mean"))
        return mean;
    if (!strcmp(name, "cv"))
        return sqrt(surety_law_second_moment(law) / (mean * mean) - 1);
    if (!strcmp(name, "sigma") || !strcmp(name, "scale") || !strcmp(name, "max"))
        return law->b;
    if (!strcmp(name, "shape") || !strcmp(name, "min") || !strcmp(name, "value"))
        return law->a;
    return surety_law_quantile(law, !strcmp(name, "p95") ? 0.95 : !strcmp(name, "p99") ? 0.99 : 0.5);
}

/* Take a law, read off every pair of its parameters, solve: the same law must come back. */
Test(law_solve, every_pair_returns_the_law)
{
    const struct surety_law laws[] = {
        surety_law_of(SURETY_LAW_FIXED, 3, 0),     surety_law_of(SURETY_LAW_EXPONENTIAL, 2, 0),
        surety_law_of(SURETY_LAW_WEIBULL, 0.7, 3), surety_law_of(SURETY_LAW_LOGNORMAL, 7, 1.2),
        surety_law_of(SURETY_LAW_GAMMA, 2.5, 10),  surety_law_of(SURETY_LAW_PARETO, 2.5, 4),
        surety_law_of(SURETY_LAW_UNIFORM, 2, 5),
    };
    int n_solved = 0;

    gsl_set_error_handler_off();
    for (size_t k = 0; k < sizeof laws / sizeof *laws; k++) {
        const char *const *names = surety_law_row(laws[k].kind)->params;
        for (int i = 0; names[i]; i++)
            for (int j = 0; names[j]; j++) {
                struct surety_law_param p[2] = {{names[i], of_name(&laws[k], names[i])},
                                                {names[j], of_name(&laws[k], names[j])}};
                struct surety_law got = {.a = -77};
                const char *message;
                enum surety_law_solved r = surety_law_solve(laws[k].kind, p, i == j ? 1 : 2, &got, &message, NULL);
                cr_assert_eq(r == SURETY_LAW_SOLVED, message == NULL);
                if (r) {
                    cr_assert_eq(got.a, -77);
                    cr_assert_eq(r, SURETY_LAW_WRONG_PARAMS, "%s %s: %s", names[i], names[j], message);
                    continue;
                }
                close_to(got.a, laws[k].a, 1e-9);
                cr_assert_float_eq(got.b, laws[k].b, 1e-9 * fmax(1, laws[k].b));
                cr_assert(isinf(got.max) && got.shift == 0);
                n_solved++;
            }
    }
    /* unordered pairs twice, p50 as alias of median adds five: 2 singles, 2 x (2 + 14 + 5 + 4 + 1 + 1) */
    cr_assert_eq(n_solved, 2 + 2 * (2 + 14 + 5 + 4 + 1 + 1));
}

Test(law_solve, documented_number)
{
    struct surety_law_param p[] = {{"median", 1}, {"p95", 2.718281828459045}};
    struct surety_law law;

    cr_assert_eq(surety_law_solve(SURETY_LAW_LOGNORMAL, p, 2, &law, NULL, NULL), SURETY_LAW_SOLVED);
    cr_assert_float_eq(law.a, 0, 1e-15);
    close_to(law.b, 0.607956831, 1e-8);
}

Test(law_solve, impossible_pairs)
{
    const struct {
        enum surety_law_kind kind;
        struct surety_law_param p[3];
        size_t n;
        enum surety_law_solved result;
        const char *message;
    } cases[] = {
        {SURETY_LAW_LOGNORMAL, {{"median", 2}, {"p95", 1}}, 2, SURETY_LAW_IMPOSSIBLE, "p95 must be above the median"},
        {SURETY_LAW_LOGNORMAL, {{"p99", 2}, {"p95", 2}}, 2, SURETY_LAW_IMPOSSIBLE, "p99 must be above p95"},
        {SURETY_LAW_LOGNORMAL, {{"mean", 2}, {"median", 3}}, 2, SURETY_LAW_IMPOSSIBLE, "mean must be above the median"},
        {SURETY_LAW_LOGNORMAL,
         {{"mean", 1}, {"p95", 3.9}},
         2,
         SURETY_LAW_IMPOSSIBLE,
         "p95 of a lognormal is at most 3.86 times its mean: give the median instead of the mean"},
        {SURETY_LAW_LOGNORMAL, {{"mean", 1}, {"cv", 0}}, 2, SURETY_LAW_IMPOSSIBLE, "cv and sigma must be positive"},
        {SURETY_LAW_LOGNORMAL,
         {{"mean", 1}},
         1,
         SURETY_LAW_WRONG_PARAMS,
         "lognormal takes two of median (p50), mean, p95, p99, cv, sigma"},
        {SURETY_LAW_LOGNORMAL,
         {{"median", 1}, {"p50", 1}},
         2,
         SURETY_LAW_WRONG_PARAMS,
         "lognormal takes two of median (p50), mean, p95, p99, cv, sigma"},
        {SURETY_LAW_GAMMA,
         {{"shape", 1}, {"cv", 1}},
         2,
         SURETY_LAW_WRONG_PARAMS,
         "gamma takes one of shape, cv and one of mean, scale"},
        {SURETY_LAW_GAMMA,
         {{"shape", 1}, {"rate", 1}},
         2,
         SURETY_LAW_UNKNOWN_PARAM,
         "gamma takes one of shape, cv and one of mean, scale"},
        {SURETY_LAW_WEIBULL,
         {{"shape", -1}, {"mean", 1}},
         2,
         SURETY_LAW_IMPOSSIBLE,
         "shape must be between 0.02 and 10000"},
        {SURETY_LAW_UNIFORM, {{"min", 2}, {"max", 1}}, 2, SURETY_LAW_IMPOSSIBLE, "max must be above min"},
        {SURETY_LAW_EXPONENTIAL, {{"mean", NAN}}, 1, SURETY_LAW_IMPOSSIBLE, "parameters of a law must be finite"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct surety_law law;
        const char *message = NULL;
        enum surety_law_solved r = surety_law_solve(cases[i].kind, cases[i].p, cases[i].n, &law, &message, NULL);
        cr_assert_eq(r, cases[i].result, "case %zu: %d", i, r);
        cr_assert_str_eq(message, cases[i].message, "case %zu: %s", i, message);
    }
}

/* With sigma and a mean of 1, mu = -sigma^2/2 and the quantile is exp(mu + z sigma): at sigma = 2 z it is the mean, and
 * below the mean there is no other sigma. */
Test(law_solve, a_quantile_below_the_mean_has_one_sigma)
{
    static const double sigmas[] = {2 * 1.6448536269514722, 3.5, 4, 5, 6};

    for (size_t i = 0; i < sizeof sigmas / sizeof *sigmas; i++) {
        const double s = sigmas[i], p95 = i == 0 ? 1 : exp(1.6448536269514722 * s - s * s / 2);
        struct surety_law_param p[] = {{"mean", 1}, {"p95", p95}};
        struct surety_law law;
        cr_assert_leq(p95, 1);
        cr_assert_eq(surety_law_solve(SURETY_LAW_LOGNORMAL, p, 2, &law, NULL, NULL), SURETY_LAW_SOLVED, "%g", s);
        close_to(law.b, s, 1e-12);
        close_to(law.a, -s * s / 2, 1e-12);
        close_to(surety_law_mean(&law), 1, 1e-12);
        close_to(surety_law_quantile(&law, 0.95), p95, 1e-11);
    }
    struct surety_law_param p99[] = {{"mean", 2}, {"p99", 1.9}};
    struct surety_law law;
    cr_assert_eq(surety_law_solve(SURETY_LAW_LOGNORMAL, p99, 2, &law, NULL, NULL), SURETY_LAW_SOLVED);
    close_to(surety_law_mean(&law), 2, 1e-12);
    close_to(surety_law_quantile(&law, 0.99), 1.9, 1e-11);
}

Test(law_solve, mean_and_p95_take_the_smaller_sigma)
{
    struct surety_law_param p[] = {{"mean", 1}, {"p95", 3.5}};
    struct surety_law law;

    cr_assert_eq(surety_law_solve(SURETY_LAW_LOGNORMAL, p, 2, &law, NULL, NULL), SURETY_LAW_SOLVED);
    cr_assert_lt(law.b, 1.6448536269514722);
    close_to(surety_law_mean(&law), 1, 1e-12);
    close_to(surety_law_quantile(&law, 0.95), 3.5, 1e-12);
}
