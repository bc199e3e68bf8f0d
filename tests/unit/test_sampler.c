// SPDX-License-Identifier: GPL-3.0-or-later
#include <criterion/criterion.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/kernel.h"
#include "sim/base/law.h"
#include "sim/base/sampler.h"
#include "sim/base/sampler_table.h"

/* Statistical tests: seed 1, alpha 1e-9 two-sided (6.1 standard errors; Kolmogorov-Smirnov: D sqrt(n) < 3.272). */
#define ALPHA_Z 6.1
#define ALPHA_KS 3.272
#define N_SAMPLE 200000

static const double values[] = {1, 2, 2, 3.5, 7};
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
#define N_BARE 14
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
        {.kind = SURETY_LAW_EMPIRICAL, .n = 5, .values = values, .max = INFINITY},
        {.kind = SURETY_LAW_MIXTURE, .n = 3, .parts = outer, .max = INFINITY},
        {.kind = SURETY_LAW_PARETO, .a = 0.6, .b = 1, .max = 50}, /* its length-biased twin grows */
        {.kind = SURETY_LAW_PARETO, .a = 1, .b = 1, .max = 50},   /* ... is log-uniform */
        surety_law_of(SURETY_LAW_LOGNORMAL, 0.5, 0.01),
    };
    struct surety_law law = bare[i % N_BARE];

    if (i / N_BARE & 1)
        law.shift = 1.25;
    if (i / N_BARE & 2)
        law.max = law.shift + 4.5;
    return law;
}

static const char *describe(int i)
{
    static char text[80];
    struct surety_law law = example(i);

    snprintf(text, sizeof text, "%s (example %d) shift %g max %g", surety_law_row(law.kind)->name, i, law.shift,
             law.max);
    return text;
}

static struct surety_sampler compiled(const struct surety_law *law, enum surety_sampler_purpose purpose)
{
    struct surety_sampler sampler;

    cr_assert_eq(surety_sampler_compile(law, purpose, &sampler), SURETY_SAMPLER_OK);
    return sampler;
}

static void draw_uniforms(uint32_t stream, size_t n, double *u0, double *u1)
{
    surety_kernel_best()->uniforms(surety_philox_key(1), stream, 0, 0, n, u0, u1);
}

static bool is_mixture(const struct surety_law *law)
{
    return law->kind == SURETY_LAW_MIXTURE;
}

/* ---- quantiles --------------------------------------------------------------------------------------------- */

Test(sampler, quantiles_against_gsl)
{
    /* 1 - max u is rounded to 2^-54: below u = 1e-9 a truncated law is only good to that absolute probability, a
     * bare one still exact at the points that uniforms take */
    const double tails[] = {0x1p-53, 0x3p-53, 0x1.001p-40, 1e-9, 1e-7, 1e-4, 1 - 1e-4, 1 - 1e-7, 1 - 0x1p-40};

    gsl_set_error_handler_off();
    for (int i = 0; i < N_ALL; i++) {
        struct surety_law law = example(i);
        if (is_mixture(&law) || law.kind == SURETY_LAW_EMPIRICAL)
            continue;
        struct surety_sampler s = compiled(&law, SURETY_SAMPLE_PLAIN);
        for (int k = isinf(law.max) ? 0 : 3; k < 1009; k++) {
            double p = k >= 9 ? (k - 8.5) / 1000 : tails[k];
            double want = surety_law_quantile(&law, p);
            double got = surety_sampler_one(&s, p);
            cr_assert_float_eq(got / want, 1, 1e-6, "%s p %.17g: %.15g wanted %.15g", describe(i), p, got, want);
        }
        surety_sampler_free(&s);
    }
}

/* The long table of shapes: gamma from very skewed to nearly normal, against an independent solution by the
 * distribution function: P(G <= table's quantile) = u. */
Test(sampler, gamma_tables_of_extreme_shapes)
{
    const double shapes[] = {0.01, 0.05, 0.3, 1, 2, 3.7, 30, 1e3, 1e5};

    gsl_set_error_handler_off();
    for (int k = 0; k < 9; k++) {
        struct surety_law law = surety_law_of(SURETY_LAW_GAMMA, shapes[k], 1);
        struct surety_sampler s = compiled(&law, SURETY_SAMPLE_PLAIN);
        for (double p = 0.00123; p < 1; p += 0.00123) {
            double x = surety_sampler_one(&s, p);
            if (x < 1e-290)
                continue;
            cr_assert_leq(surety_law_cdf(&law, x * (1 - 1e-6)), p, "shape %g p %g", shapes[k], p);
            cr_assert_geq(surety_law_cdf(&law, x * (1 + 1e-6)), p, "shape %g p %g", shapes[k], p);
        }
        surety_sampler_free(&s);
    }
    cr_assert_float_eq(surety_table_log_gamma_quantile(1, 0, 3), -0.366512920581664, 1e-13);
}

Test(sampler, empirical_is_a_value_by_its_rank)
{
    struct surety_law law = {.kind = SURETY_LAW_EMPIRICAL, .n = 5, .values = values, .max = INFINITY};
    struct surety_sampler s = compiled(&law, SURETY_SAMPLE_PLAIN);

    for (int k = 0; k < 5; k++)
        cr_assert_eq(surety_sampler_one(&s, (k + 0.5) / 5), values[k]);
    cr_assert_eq(surety_sampler_one(&s, 1 - 0x1p-53), 7);
    cr_assert_eq(surety_sampler_one(&s, 0x1p-53), 1);
    surety_sampler_free(&s);
}

/* x increases with u, within [shift, max], ends included. */
Test(sampler, monotone_and_closed)
{
    enum { N = 20000 };
    static double u[N], x[N];

    gsl_set_error_handler_off();
    for (int k = 0; k < N; k++)
        u[k] = k == 0 ? 0x1p-53 : k == N - 1 ? 1 - 0x1p-53 : (double)k / N;
    for (int i = 0; i < N_ALL; i++) {
        struct surety_law law = example(i);
        struct surety_sampler s = compiled(&law, SURETY_SAMPLE_PLAIN);
        surety_sampler_block(&s, surety_kernel_best(), N, u, x);
        for (int k = 0; k < N; k++) {
            cr_assert(isfinite(x[k]) && x[k] >= law.shift && x[k] <= law.max, "%s: %g", describe(i), x[k]);
            cr_assert(k == 0 || is_mixture(&law) || x[k] >= x[k - 1], "%s u %g", describe(i), u[k]);
        }
        surety_sampler_free(&s);
    }
}

Test(sampler, same_bits_for_every_set_and_every_cut)
{
    enum { N = 1500 };
    static double u[N], v[N], want[N], got[N];
    const char *const sets[] = {"baseline", "avx2", "avx512"};
    const size_t cuts[] = {1, 7, 16, 512, N};

    gsl_set_error_handler_off();
    draw_uniforms(3, N, u, v);
    u[5] = 0x1p-53;
    for (int i = 0; i < 2 * N_ALL; i++) {
        struct surety_law law = example(i / 2);
        struct surety_sampler s = compiled(&law, i % 2 ? SURETY_SAMPLE_RESIDUAL : SURETY_SAMPLE_PLAIN);
        for (int k = 0; k < N; k++)
            want[k] = i % 2 ? surety_sampler_residual(&s, v[k], u[k]) : surety_sampler_one(&s, u[k]);
        for (int set = 0; set < 3; set++)
            for (int c = 0; c < 5 && surety_kernel_by_name(sets[set]); c++) {
                const struct surety_kernel *kernel = surety_kernel_by_name(sets[set]);
                for (size_t k = 0; k < N; k += cuts[c]) {
                    size_t n = N - k < cuts[c] ? N - k : cuts[c];
                    if (i % 2)
                        surety_sampler_residual_block(&s, kernel, n, v + k, u + k, got + k);
                    else
                        surety_sampler_block(&s, kernel, n, u + k, got + k);
                }
                cr_assert(memcmp(want, got, sizeof want) == 0, "%s on %s in blocks of %zu", describe(i / 2), sets[set],
                          cuts[c]);
            }
        surety_sampler_free(&s);
    }
}

/* ---- long-run behaviour ------------------------------------------------------------------------------------ */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* A sample against a law: the largest difference so far. */
struct comparison {
    double (*cdf)(const struct surety_law *, double);
    const struct surety_law *law;
    size_t n;
    const double *x; /* sorted */
    double worst;
};

/* A run of equal values x[begin..end) with the law's probability just before it and at its end. */
struct run_of_equals {
    size_t begin, end;
    double before, at;
};

static struct run_of_equals compare_at(struct comparison *c, size_t i)
{
    struct run_of_equals run = {i, i + 1, 0, 0};

    while (run.begin > 0 && c->x[run.begin - 1] == c->x[i])
        run.begin--;
    while (run.end < c->n && c->x[run.end] == c->x[i])
        run.end++;
    run.before = c->cdf(c->law, c->x[i] * (1 - 1e-12));
    run.at = c->cdf(c->law, c->x[i]);
    c->worst = fmax(c->worst, fabs((double)run.end / (double)c->n - run.at));
    c->worst = fmax(c->worst, fabs((double)run.begin / (double)c->n - run.before));
    return run;
}

/* Both distributions rise: between two runs they differ at most by what one has risen behind the other. What cannot
 * exceed the worst is not looked at; the result is as if all of it were. */
static void compare_between(struct comparison *c, const struct run_of_equals *left, const struct run_of_equals *right)
{
    double n = (double)c->n, most = fmax((double)right->begin / n - left->before, right->at - (double)left->end / n);

    if (left->end >= right->begin || most <= c->worst)
        return;
    const struct run_of_equals middle = compare_at(c, left->end + (right->begin - left->end) / 2);
    compare_between(c, left, &middle);
    compare_between(c, &middle, right);
}

/* D sqrt(n) of a sample against cdf(law, x); sorts x. Steps of the law are met from both sides by comparing whole
 * runs of equal values: just before the run and at its end. */
static double ks(double (*cdf)(const struct surety_law *, double), const struct surety_law *law, size_t n, double *x)
{
    struct comparison c = {cdf, law, n, x, 0};

    qsort(x, n, sizeof *x, ascending);
    const struct run_of_equals first = compare_at(&c, 0), last = compare_at(&c, n - 1);
    compare_between(&c, &first, &last);
    return c.worst * sqrt((double)n);
}

static double standard_errors(size_t n, const double *x, double mean, double *relative_se)
{
    double sum = 0, square = 0;

    for (size_t i = 0; i < n; i++) {
        sum += x[i] - mean;
        square += (x[i] - mean) * (x[i] - mean);
    }
    double se = sqrt(square) / (double)n;
    *relative_se = se / mean;
    return se > 1e-12 * mean ? fabs(sum / (double)n) / se : fabs(sum / (double)n) / (1e-12 * mean);
}

/* Mean within 6.1 standard errors and KS; the twin asks for a mean 13 standard errors off (power 1 - 1e-11) and
 * must fail. Infinite variance (bare pareto 2.5's residual) is left to KS. */
static void check_sample(int i, double (*cdf)(const struct surety_law *, double), double mean, bool has_variance,
                         double *x)
{
    struct surety_law law = example(i);
    double relative_se, off;

    off = standard_errors(N_SAMPLE, x, mean, &relative_se);
    if (has_variance) {
        cr_assert_leq(off, ALPHA_Z, "%s: mean off by %g standard errors", describe(i), off);
        double twin = mean * (1 + fmax(13 * relative_se, 1e-10));
        cr_assert_gt(standard_errors(N_SAMPLE, x, twin, &relative_se), ALPHA_Z, "%s: twin passes", describe(i));
    }
    double d = ks(cdf, &law, N_SAMPLE, x);
    cr_assert_leq(d, ALPHA_KS, "%s: D sqrt(n) = %g", describe(i), d);
    /* twin: values 5 % larger, which moves every law here by more than D = 3.272/sqrt(n) = 0.0073 */
    for (size_t k = 0; k < N_SAMPLE; k++)
        x[k] *= 1.05;
    d = ks(cdf, &law, N_SAMPLE, x);
    cr_assert_gt(d, ALPHA_KS, "%s: KS twin passes, D sqrt(n) = %g", describe(i), d);
}

/* The quick search gives the very statistic that looking at each value gives. */
Test(sampler, ks_is_that_of_all_values)
{
    enum { N = 20000 };
    static double u[N], v[N], x[N];

    draw_uniforms(23, N, u, v);
    for (int i = 0; i < N_ALL; i++) {
        struct surety_law law = example(i);
        struct surety_sampler s = compiled(&law, SURETY_SAMPLE_PLAIN);
        double worst = 0;
        surety_sampler_block(&s, surety_kernel_best(), N, u, x);
        const double found = ks(surety_law_cdf, &law, N, x);
        for (size_t k = 0, end; k < N; k = end) {
            for (end = k + 1; end < N && x[end] == x[k]; end++)
                ;
            worst = fmax(worst, fabs((double)end / N - surety_law_cdf(&law, x[k])));
            worst = fmax(worst, fabs((double)k / N - surety_law_cdf(&law, x[k] * (1 - 1e-12))));
        }
        cr_assert_eq(found, worst * sqrt((double)N), "%s: %.17g, not %.17g", describe(i), found,
                     worst * sqrt((double)N));
        surety_sampler_free(&s);
    }
}

Test(sampler, long_run_law)
{
    static double u[N_SAMPLE], v[N_SAMPLE], x[N_SAMPLE];

    gsl_set_error_handler_off();
    draw_uniforms(21, N_SAMPLE, u, v);
    for (int i = 0; i < N_ALL; i++) {
        struct surety_law law = example(i);
        struct surety_sampler s = compiled(&law, SURETY_SAMPLE_PLAIN);
        surety_sampler_block(&s, surety_kernel_best(), N_SAMPLE, u, x);
        check_sample(i, surety_law_cdf, surety_law_mean(&law), true, x);
        surety_sampler_free(&s);
    }
}

/* Mean E[X^2] / 2 E[X], and the equilibrium law. */
Test(sampler, residual_law)
{
    static double u[N_SAMPLE], v[N_SAMPLE], x[N_SAMPLE];

    gsl_set_error_handler_off();
    draw_uniforms(22, N_SAMPLE, u, v);
    for (int i = 0; i < N_ALL; i++) {
        struct surety_law law = example(i);
        struct surety_sampler s = compiled(&law, SURETY_SAMPLE_RESIDUAL);
        bool has_variance = law.kind != SURETY_LAW_PARETO || isfinite(law.max);
        surety_sampler_residual_block(&s, surety_kernel_best(), N_SAMPLE, u, v, x);
        check_sample(i, surety_law_equilibrium_cdf, surety_law_second_moment(&law) / (2 * surety_law_mean(&law)),
                     has_variance, x);
        surety_sampler_free(&s);
    }
}

/* ---- errors and edges -------------------------------------------------------------------------------------- */

Test(sampler, refuses_and_leaves_untouched)
{
    struct surety_law law = surety_law_of(SURETY_LAW_PARETO, 0.9, 1);
    struct surety_sampler s = {.n_parts = 77};

    cr_assert_eq(surety_sampler_compile(&law, SURETY_SAMPLE_PLAIN, &s), SURETY_SAMPLER_BAD_LAW);
    cr_assert_eq(s.n_parts, 77);
    s = (struct surety_sampler){0};
    surety_sampler_free(&s);
}

Test(sampler, fixed_zero_has_residual_zero)
{
    struct surety_law law = surety_law_of(SURETY_LAW_FIXED, 0, 0);
    struct surety_sampler s = compiled(&law, SURETY_SAMPLE_RESIDUAL);

    cr_assert_eq(surety_sampler_residual(&s, 0.3, 0.4), 0.0);
    surety_sampler_free(&s);
}

Test(sampler, residual_of_fixed_is_uniform_in_v)
{
    struct surety_law law = surety_law_of(SURETY_LAW_FIXED, 8, 0);
    struct surety_sampler s = compiled(&law, SURETY_SAMPLE_RESIDUAL);

    cr_assert_eq(surety_sampler_residual(&s, 0.25, 0.9), 2.0);
    surety_sampler_free(&s);
}
