// SPDX-License-Identifier: GPL-3.0-or-later
#include <criterion/criterion.h>
#include <gsl/gsl_randist.h>
#include <math.h>

#include "sim/base/intervals.h"

Test(intervals, z)
{
    cr_assert_float_eq(surety_interval_z(0.95), 1.959963984540054, 2e-15);
    cr_assert_float_eq(surety_interval_z(0.6826894921370859), 1, 1e-14);
    cr_assert_float_eq(surety_interval_z(1 - 1e-9), 6.109410204869, 1e-7);
}

Test(intervals, wilson_known_values)
{
    struct surety_interval i = surety_interval_wilson(0.1, 10, 0.95);

    cr_assert_float_eq(i.low, 0.017876, 5e-7);
    cr_assert_float_eq(i.high, 0.404150, 5e-7);
    /* Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3: 81/263, 15/148, 0/20, 1/29 */
    i = surety_interval_wilson(81.0 / 263, 263, 0.95);
    cr_assert(fabs(i.low - 0.2553) < 5e-5 && fabs(i.high - 0.3662) < 5e-5);
    i = surety_interval_wilson(15.0 / 148, 148, 0.95);
    cr_assert(fabs(i.low - 0.0624) < 5e-5 && fabs(i.high - 0.1605) < 5e-5);
    i = surety_interval_wilson(0, 20, 0.95);
    cr_assert(i.low == 0 && fabs(i.high - 0.1611) < 5e-5);
    i = surety_interval_wilson(1.0 / 29, 29, 0.95);
    cr_assert(fabs(i.low - 0.0061) < 5e-5 && fabs(i.high - 0.1718) < 5e-5);
    i = surety_interval_wilson(1, 20, 0.95);
    cr_assert(i.high == 1 && fabs(i.low - (1 - 0.1611)) < 5e-5);
    i = surety_interval_wilson(0.5, 0, 0.95);
    cr_assert(i.low == 0 && i.high == 1);
}

/* Ends solve the score equation |p_hat - p| = z sqrt(p(1-p)/n). */
Test(intervals, wilson_solves_the_score_equation)
{
    for (double p = 0.013; p < 1; p += 0.049)
        for (double n = 1.5; n < 1e7; n *= 7.3) {
            struct surety_interval i = surety_interval_wilson(p, n, 0.99);
            double z = surety_interval_z(0.99);
            cr_assert_float_eq(p - i.low, z * sqrt(i.low * (1 - i.low) / n), 1e-12);
            cr_assert_float_eq(i.high - p, z * sqrt(i.high * (1 - i.high) / n), 1e-12);
        }
}

Test(intervals, wilson_mean_coverage)
{
    const int n = 50;
    double coverage = 0;
    int n_p = 0;

    for (double p = 0.02; p < 1; p += 0.02, n_p++)
        for (int k = 0; k <= n; k++) {
            struct surety_interval i = surety_interval_wilson((double)k / n, n, 0.95);
            if (i.low <= p && p <= i.high)
                coverage += gsl_ran_binomial_pdf(k, p, n);
        }
    cr_assert_float_eq(coverage / n_p, 0.953, 0.005, "mean coverage %g", coverage / n_p);
}

Test(intervals, effective_n)
{
    cr_assert_float_eq(surety_interval_effective_n(0.5, 0.05, 10, 1000), 100, 1e-9);
    cr_assert_eq(surety_interval_effective_n(0.5, 0.5, 10, 1000), 10);
    cr_assert_eq(surety_interval_effective_n(0.5, 0.001, 10, 1000), 1000);
    cr_assert_eq(surety_interval_effective_n(0.5, 0, 10, 1000), 1000);
    cr_assert_eq(surety_interval_effective_n(0, 0, 10, 1000), 10);
    cr_assert_eq(surety_interval_effective_n(1, 0, 10, 1000), 10);
    struct surety_interval a = surety_interval_wilson_effective(1, 0, 20, 240, 0.95);
    struct surety_interval b = surety_interval_wilson(1, 20, 0.95);
    cr_assert(a.low == b.low && a.high == 1);
}

Test(intervals, normal)
{
    struct surety_interval i = surety_interval_normal(10, 1, 0.95);

    cr_assert_float_eq(i.low, 8.040036, 5e-7);
    cr_assert_float_eq(i.high, 11.959964, 5e-7);
    i = surety_interval_normal(3, 0, 0.95);
    cr_assert(i.low == 3 && i.high == 3);
}
