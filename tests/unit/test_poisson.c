// SPDX-License-Identifier: GPL-3.0-or-later
#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <math.h>

#include "sim/base/philox.h"
#include "sim/base/poisson.h"

static double random_uniform(uint32_t i, uint32_t stream)
{
    double u[2];

    surety_philox_uniforms(surety_philox_key(11), i, stream, 0, u);
    return u[0];
}

/* k is right when P(N <= k - 1) < u <= P(N <= k). */
static bool is_right(double mean, double u, int64_t k, double slack)
{
    double below = k > 0 ? gsl_cdf_poisson_P((unsigned)(k - 1), mean) : 0;

    return below < u + slack && u <= gsl_cdf_poisson_P((unsigned)k, mean) + slack;
}

Test(poisson, exact_below_64)
{
    gsl_set_error_handler_off();
    cr_assert_eq(surety_poisson_quantile(3, 0.5), 3);
    cr_assert_eq(surety_poisson_quantile(0, 0.999), 0);
    for (uint32_t i = 0; i < 100000; i++) {
        double mean = 64 * random_uniform(i, 1) * (i % 2 ? 1 : 0.01), u = random_uniform(i, 2);
        int64_t k = surety_poisson_quantile(mean, u);
        cr_assert(is_right(mean, u, k, 1e-13), "mean %.17g u %.17g k %lld", mean, u, (long long)k);
    }
    cr_assert_lt(surety_poisson_quantile(63, 1 - 0x1p-53), 160);
    cr_assert_gt(surety_poisson_quantile(63, 1 - 0x1p-53), 130);
    cr_assert_eq(surety_poisson_quantile(63, 1e-300), 0);
}

Test(poisson, expansion_is_rarely_off_by_one)
{
    const double means[] = {64, 100, 1000, 1e5};
    const double allowed[] = {3e-4, 2e-4, 1e-4, 1e-4};
    enum { N = 100000 };

    gsl_set_error_handler_off();
    for (int m = 0; m < 4; m++) {
        int n_wrong = 0;
        for (uint32_t i = 0; i < N; i++) {
            double u = random_uniform(i, 3);
            int64_t k = surety_poisson_quantile(means[m], u);
            if (is_right(means[m], u, k, 1e-12))
                continue;
            n_wrong++;
            cr_assert(is_right(means[m], u, k - 1, 1e-12) || is_right(means[m], u, k + 1, 1e-12),
                      "mean %g u %.17g k %lld is off by more than one", means[m], u, (long long)k);
        }
        cr_log_info("mean %g: %d of %d off by one", means[m], n_wrong, N);
        cr_assert_leq(n_wrong, allowed[m] * N, "mean %g: %d", means[m], n_wrong);
    }
}

Test(poisson, increases_with_u)
{
    const double means[] = {0.1, 5, 63.9, 64, 1e6, 1e12};

    for (int m = 0; m < 6; m++) {
        int64_t last = 0;
        for (double u = 1e-9; u < 1; u += 1e-4) {
            int64_t k = surety_poisson_quantile(means[m], u);
            cr_assert_geq(k, last);
            last = k;
        }
        cr_assert_geq(surety_poisson_quantile(means[m], 1 - 0x1p-53), last);
    }
}
