// SPDX-License-Identifier: GPL-3.0-or-later
#include <criterion/criterion.h>
#include <float.h>
#include <gsl/gsl_cdf.h>

#include "sim/base/fmath.h"
#include "sim/base/philox.h"

#define N_POINTS 400000

/* Distance to a long double reference (64 bits of mantissa) in units of the last place of the double nearest. */
static double ulps(double got, long double want)
{
    double near = (double)want;
    double ulp = nextafter(fabs(near), INFINITY) - fabs(near);

    return (double)(fabsl((long double)got - want) / (long double)ulp);
}

static double random_uniform(uint32_t i, uint32_t stream)
{
    double u[2];

    surety_philox_uniforms(surety_philox_key(2024), i, stream, 0, u);
    return u[0];
}

Test(fmath, log_within_2_ulp)
{
    double worst = 0;

    for (uint32_t i = 0; i < N_POINTS; i++) {
        double u = random_uniform(i, 1);
        double near_one = 1.0 + (u - 0.5) * 0.02;
        double wide = ldexp(0.5 + u / 2, (int)(i % 2000) - 1000);
        worst = fmax(worst, ulps(surety_log(u), logl(u)));
        worst = fmax(worst, ulps(surety_log(near_one), logl(near_one)));
        worst = fmax(worst, ulps(surety_log(wide), logl(wide)));
    }
    cr_log_info("log: worst %.3f ulp", worst);
    cr_assert_leq(worst, 2.0, "worst %g ulp", worst);
    cr_assert_eq(surety_log(1.0), 0.0);
    cr_assert_eq(surety_log(10), 2.302585092994046);
}

Test(fmath, exp_within_2_ulp)
{
    double worst = 0;

    for (uint32_t i = 0; i < N_POINTS; i++) {
        double x = (random_uniform(i, 2) - 0.5) * (i % 2 ? 1416 : 4);
        worst = fmax(worst, ulps(surety_exp(x), expl(x)));
    }
    cr_log_info("exp: worst %.3f ulp", worst);
    cr_assert_leq(worst, 2.0, "worst %g ulp", worst);
    cr_assert_eq(surety_exp(0), 1.0);
    cr_assert_float_eq(surety_exp(1), 2.718281828459045, 5e-16);
}

Test(fmath, ends)
{
    cr_assert_eq(surety_log(0), -INFINITY);
    cr_assert_eq(surety_log(-0.0), -INFINITY);
    cr_assert(isnan(surety_log(-1)));
    cr_assert(isnan(surety_log(NAN)));
    cr_assert_eq(surety_log(INFINITY), INFINITY);
    cr_assert_leq(ulps(surety_log(0x1p-1074), logl(0x1p-1074L)), 2.0);
    cr_assert_leq(ulps(surety_log(DBL_MIN / 3), logl(DBL_MIN / 3)), 2.0);
    cr_assert_leq(ulps(surety_log(DBL_MAX), logl(DBL_MAX)), 2.0);
    cr_assert_eq(surety_exp(710), INFINITY);
    cr_assert_leq(ulps(surety_exp(709.782712893383973), expl(709.782712893383973L)), 2.0);
    cr_assert_eq(surety_exp(-760), 0.0);
    cr_assert_eq(surety_exp(-INFINITY), 0.0);
    cr_assert_eq(surety_exp(INFINITY), INFINITY);
    cr_assert(isnan(surety_exp(NAN)));
    cr_assert_float_eq(surety_exp(-740) / exp(-740), 1.0, 1e-2);
    cr_assert_leq(fabs(surety_exp(-720) - exp(-720)), 2 * 0x1p-1074);
    cr_assert_eq(surety_norminv(0), -INFINITY);
    cr_assert_eq(surety_norminv(1), INFINITY);
    cr_assert(isnan(surety_norminv(1.5)));
    cr_assert_eq(surety_norminv(0.5), 0.0);
}

Test(fmath, core_equals_full_form)
{
    for (uint32_t i = 0; i < 10000; i++) {
        double u = random_uniform(i, 3);
        cr_assert(surety_log(u) == surety_log_core(u));
        cr_assert(surety_exp(1400 * (u - 0.5)) == surety_exp_core(1400 * (u - 0.5)));
        cr_assert(surety_norminv(u) == surety_norminv_core(u));
    }
}

Test(fmath, norminv_against_gsl_and_symmetric)
{
    double worst = 0;

    for (uint32_t i = 0; i < 100000; i++) {
        double u = random_uniform(i, 4);
        double p = i % 3 ? u : exp(-700 * u);
        double want = gsl_cdf_ugaussian_Pinv(p);
        double got = surety_norminv(p);
        worst = fmax(worst, fabs(got - want) / fmax(fabs(want), 0.1));
        if (p > 1e-3 && p < 1 - 1e-3)
            cr_assert_float_eq(surety_norminv(1 - p), -surety_norminv(1 - (1 - p)), 0);
    }
    cr_assert_leq(worst, 2e-15, "worst relative %g", worst);
    cr_assert_float_eq(surety_norminv(0.975), 1.959963984540054, 1e-15);
}

Test(fmath, norminv_increases_over_its_branches)
{
    const double joints[] = {0.075, 0.925, SURETY_NORMINV_FAR, 1 - SURETY_NORMINV_FAR, 0.5};

    for (int j = 0; j < 5; j++)
        for (int i = -500; i < 500; i++) {
            double step = fmax(fmin(joints[j], 1 - joints[j]) * 1e-13, 0x1p-53 * joints[j]);
            double a = surety_norminv(joints[j] + i * step), b = surety_norminv(joints[j] + (i + 1) * step);
            cr_assert(b >= a - 1e-15 * fabs(a), "joint %g", joints[j]);
        }
}

Test(fmath, normcdf)
{
    double worst = 0;

    for (double z = -37; z < 9; z += 0.00131) {
        long double want = 0.5L * erfcl((long double)-z / sqrtl(2.0L));
        worst = fmax(worst, (double)fabsl((surety_normcdf(z) - want) / want));
    }
    cr_log_info("normcdf: worst relative %.3g", worst);
    cr_assert_leq(worst, 1e-14, "worst %g", worst);
    cr_assert_float_eq(surety_normcdf(1.96), 0.9750021048517795, 2e-16);
    cr_assert_eq(surety_normcdf(-50), 0.0);
    cr_assert_eq(surety_normcdf(50), 1.0);
}

Test(fmath, pow_pos)
{
    for (uint32_t i = 0; i < 10000; i++) {
        double x = exp(20 * (random_uniform(i, 5) - 0.5)), y = 10 * (random_uniform(i, 6) - 0.5);
        double want = pow(x, y);
        cr_assert_float_eq(surety_pow_pos(x, y) / want, 1.0, 0x1p-52 * (2 + 2 * fabs(y * log(x))));
    }
    cr_assert_eq(surety_pow_pos(0, 2), 0.0);
    cr_assert_eq(surety_pow_pos(0, 0), 1.0);
    cr_assert_eq(surety_pow_pos(0, -1), INFINITY);
    cr_assert_float_eq(surety_pow_pos(2, 10), 1024, 3e-12);
}

Test(fmath, round40)
{
    cr_assert_eq(surety_round40(1 / 3.0), 0x1.5555555556p-2);
    cr_assert_eq(surety_round40(-1 / 3.0), -0x1.5555555556p-2);
    cr_assert_eq(surety_round40(0x1p40 + 1), 0x1p40 + 2);
    cr_assert_eq(surety_round40(INFINITY), INFINITY);
    cr_assert_eq(surety_round40(0), 0.0);
    /* two libraries that differ in the last bit agree */
    cr_assert_eq(surety_round40(nextafter(0.1, 1)), surety_round40(0.1));
}
