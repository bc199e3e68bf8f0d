// SPDX-License-Identifier: GPL-3.0-or-later
// The binomial law against GSL (whose factorials lose digits by a million), its inversion, and what samples can tell.
#include "sim/base/binomial.h"
#include "sim/base/rng.h"

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>
#include <math.h>

static const double shares[] = {1e-6, 0.001, 0.02, 0.3, 0.5, 0.9, 0.965, 0.9999};
static const int64_t sizes[] = {1, 2, 7, 40, 200, 867, 12000, 1000000};
#define N_OF(array) (sizeof(array) / sizeof *(array))

Test(binomial, terms_and_tails)
{
    gsl_set_error_handler_off();
    cr_assert_float_eq(surety_binomial_pmf(10, 5, 0.5), 0.24609375, 1e-15);
    cr_assert_float_eq(surety_binomial_cdf(10, 1, 0.1), 0.7360989291, 1e-12);
    // In 60 digits by another program.
    cr_assert_float_eq(surety_binomial_pmf(1000000, 873, 0.001) / 2.9255764964088598e-06, 1, 1e-13);
    for (size_t i = 0; i < N_OF(shares); i++)
        for (size_t j = 0; j < N_OF(sizes); j++) {
            const double p = shares[i], n = (double)sizes[j], sd = sqrt(n * p * (1 - p));
            for (int z = -5; z <= 5; z++) {
                const int64_t k = (int64_t)floor(n * p + z * sd);
                if (k < 0 || k > sizes[j])
                    continue;
                const double oracle = gsl_ran_binomial_pdf((unsigned)k, p, (unsigned)sizes[j]);
                const double tail = gsl_cdf_binomial_P((unsigned)k, p, (unsigned)sizes[j]);
                cr_assert_float_eq(surety_binomial_pmf(sizes[j], k, p) / oracle, 1, n < 1e6 ? 1e-9 : 1e-7,
                                   "n %g p %g k %g", n, p, (double)k);
                cr_assert_float_eq(surety_binomial_cdf(sizes[j], k, p), tail, 1e-10 + (n < 1e6 ? 1e-9 : 1e-7) * tail,
                                   "n %g p %g k %g", n, p, (double)k);
            }
        }
    cr_assert(surety_binomial_cdf(5, -1, 0.5) == 0 && surety_binomial_cdf(5, 5, 0.5) == 1);
    cr_assert(surety_binomial_cdf(5, 4, 1) == 0 && surety_binomial_cdf(5, 0, 0) == 1);
}

// k is the quantile exactly when P(X <= k - 1) < u <= P(X <= k).
Test(binomial, quantiles_invert)
{
    struct surety_rng rng = {surety_philox_key(7), 1, 0, 0};
    for (size_t i = 0; i < N_OF(shares); i++)
        for (size_t j = 0; j < N_OF(sizes); j++)
            for (int r = 0; r < 200; r++) {
                const double u = r == 0 ? 0x1p-53 : r == 1 ? 1 - 0x1p-53 : surety_rng_uniform(&rng), p = shares[i];
                const int64_t n = sizes[j], k = surety_binomial_quantile(n, p, u);
                if ((double)n * p * (1 - p) > SURETY_BINOMIAL_EXACT)
                    continue;
                cr_assert(k >= 0 && k <= n);
                cr_assert(surety_binomial_cdf(n, k, p) >= u - 1e-12, "n %lld p %g u %g", (long long)n, p, u);
                cr_assert(surety_binomial_cdf(n, k - 1, p) <= u + 1e-12, "n %lld p %g u %g", (long long)n, p, u);
            }
}

// Beyond, the expansion: how much probability its k take from their neighbours.
Test(binomial, expansion_is_close)
{
    for (int i = 0; i < 3; i++) {
        const double p = (double[]){0.02, 0.3, 0.98}[i];
        const int64_t n = (int64_t)(1.2 * SURETY_BINOMIAL_EXACT / (p * (1 - p)));
        double wrong = 0;
        for (int r = 1; r < 2000; r++) {
            const double u = r / 2000.0;
            const int64_t k = surety_binomial_quantile(n, p, u);
            const double above = u - surety_binomial_cdf(n, k, p), below = surety_binomial_cdf(n, k - 1, p) - u;
            cr_assert(above < 2e-7 && below < 2e-7, "n %lld p %g u %g: %g %g", (long long)n, p, u, above, below);
            wrong += above > 0 || below > 0;
        }
        cr_assert(wrong / 2000 < 0.01, "%g", wrong);
    }
}

// Clopper and Pearson by the quantiles of the beta law.
Test(binomial, clopper_pearson)
{
    gsl_set_error_handler_off();
    const struct surety_interval one = surety_binomial_clopper_pearson(1, 10, 0.95);
    cr_assert(fabs(one.low - 0.0025286) < 1e-6 && fabs(one.high - 0.4450161) < 1e-6);
    for (int64_t n = 1; n <= 800; n = 3 * n + 1)
        for (int64_t k = 0; k <= n; k += 1 + n / 9) {
            const struct surety_interval i = surety_binomial_clopper_pearson(k, n, 0.9);
            const double low = k == 0 ? 0 : gsl_cdf_beta_Pinv(0.05, (double)k, (double)(n - k + 1));
            const double high = k == n ? 1 : gsl_cdf_beta_Pinv(0.95, (double)(k + 1), (double)(n - k));
            cr_assert_float_eq(i.low, low, 1e-9, "%lld of %lld", (long long)k, (long long)n);
            cr_assert_float_eq(i.high, high, 1e-9, "%lld of %lld", (long long)k, (long long)n);
        }
    const struct surety_interval none = surety_binomial_clopper_pearson(0, 300, 0.9); // the rule of three
    cr_assert_float_eq(none.high, 3.0 / 300, 1e-4);
}

Test(binomial, judges)
{
    cr_assert_float_eq(surety_judged(0.965, 0.97, 0.95), 0.965 * 0.97 + 0.035 * 0.05, 1e-15);
    cr_assert_float_eq(surety_unjudged(0.92, 0.97, 0.95), 0.87 / 0.92, 1e-15);
    for (double q = 0; q <= 1; q += 0.125)
        cr_assert_float_eq(surety_unjudged(surety_judged(q, 0.9, 0.8), 0.9, 0.8), q, 1e-12);
    cr_assert(surety_unjudged(0.01, 0.9, 0.8) == 0 && surety_unjudged(0.99, 0.9, 0.8) == 1);
    // Lang and Reiczigel (2014) give for 3 % judged at 90 and 99 %: (0.03 + 0.99 - 1) / 0.89.
    cr_assert_float_eq(surety_unjudged(0.03, 0.9, 0.99), 0.0224719101, 1e-9);
}

static bool both(double good, double bad, int64_t bar_ppb, double wrong, int64_t n)
{
    const int64_t needed = (n * bar_ppb + 999999999) / 1000000000;
    const double miss = needed == 0 ? 0 : gsl_cdf_binomial_P((unsigned)(needed - 1), good, (unsigned)n);
    const double hit = needed == 0 ? 1 : gsl_cdf_binomial_Q((unsigned)(needed - 1), bad, (unsigned)n);
    return miss <= wrong && hit <= wrong;
}

// Against all n up to far behind, by GSL.
Test(binomial, sample_sizes)
{
    const double table[][4] = {
        {0.965, 0.93, 0.95, 0.05}, {0.97, 0.93, 0.95, 0.05}, {0.99, 0.9, 0.95, 0.1}, {0.8, 0.5, 0.7, 0.01}};
    gsl_set_error_handler_off();
    for (size_t i = 0; i < N_OF(table); i++) {
        const int64_t bar_ppb = (int64_t)(table[i][2] * 1e9 + 0.5);
        const int64_t n = surety_binomial_sample_size(table[i][0], table[i][1], bar_ppb, table[i][3], 100000);
        int64_t last = 0;
        for (int64_t k = 1; k < 6000; k++)
            if (!both(table[i][0], table[i][1], bar_ppb, table[i][3], k))
                last = k;
        cr_assert_eq(n, last + 1, "row %zu: %lld, %lld", i, (long long)n, (long long)last + 1);
    }
    cr_assert_eq(surety_binomial_sample_size(0.94, 0.9, 950000000, 0.05, 100000), 0);
    cr_assert_eq(surety_binomial_sample_size(0.9501, 0.9499, 950000000, 0.05, 100000), 0);
    cr_assert_eq(surety_binomial_needed(200, 950000000), 190);
    cr_assert_eq(surety_binomial_needed(201, 950000000), 191);
}
