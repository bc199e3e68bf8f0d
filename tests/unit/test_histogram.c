// SPDX-License-Identifier: GPL-3.0-or-later
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "sim/base/histogram.h"
#include "sim/base/philox.h"

#define YEAR_US INT64_C(31536000000000)

Test(histogram, buckets_are_contiguous_and_small_values_exact)
{
    size_t last = 0;

    for (int64_t v = 1; v < 100000; v++) {
        size_t k = surety_histogram_bucket(v);
        cr_assert(k == last || k == last + 1);
        cr_assert(v >= 1024 || k == (size_t)v);
        last = k;
    }
    cr_assert_eq(surety_histogram_bucket(0), 0);
    cr_assert_eq(surety_histogram_bucket(1025), 1024);
    cr_assert_eq(surety_histogram_bucket(INT64_MAX), 55 * 512 - 1);
}

Test(histogram, single_value_comes_back_within_a_thousandth)
{
    struct surety_histogram h;

    cr_assert(surety_histogram_init(&h, INT64_MAX));
    cr_assert_eq(surety_histogram_quantile(&h, 0.5), 0);
    for (double x = 1; x < 9e18; x *= 1.0137) {
        int64_t v = (int64_t)x;
        surety_histogram_clear(&h);
        surety_histogram_add(&h, v, 3);
        int64_t got = surety_histogram_quantile(&h, 0.5);
        cr_assert_leq(fabs((double)(got - v)), (double)v / 1024, "%lld -> %lld", (long long)v, (long long)got);
        if (v < 1024)
            cr_assert_eq(got, v);
    }
    surety_histogram_finish(&h);
}

Test(histogram, nearest_rank)
{
    struct surety_histogram h;

    cr_assert(surety_histogram_init(&h, 1000));
    for (int v = 1000; v >= 1; v--)
        surety_histogram_add(&h, v, 1);
    cr_assert_eq(surety_histogram_quantile(&h, 0.95), 950);
    cr_assert_eq(surety_histogram_quantile(&h, 0.9501), 951);
    cr_assert_eq(surety_histogram_quantile(&h, 0), 1);
    cr_assert_eq(surety_histogram_quantile(&h, 1), 1000);
    for (int v = 1; v <= 1000; v++) /* 0.07 x 100 rounds to 7.000000000000001: still rank 7 */
        cr_assert_eq(surety_histogram_quantile(&h, v / 1000.0), v);
    surety_histogram_add(&h, 5000, 1);
    surety_histogram_add(&h, -3, 1);
    cr_assert_eq(surety_histogram_quantile(&h, 1), 1000, "above the maximum counts as the maximum");
    cr_assert_eq(surety_histogram_quantile(&h, 0), 0, "negative counts as 0");
    cr_assert_eq(surety_histogram_n_at_most(&h, 0), 1);
    cr_assert_eq(surety_histogram_n_at_most(&h, 500), 501);
    cr_assert_eq(surety_histogram_n_at_most(&h, -1), 0);
    surety_histogram_finish(&h);
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

Test(histogram, quantiles_and_merge_against_sorting)
{
    enum { N = 30000 };
    static int64_t values[N];
    struct surety_histogram all, parts[3];

    cr_assert(surety_histogram_init(&all, YEAR_US));
    for (int k = 0; k < 3; k++)
        cr_assert(surety_histogram_init(&parts[k], YEAR_US));
    for (uint32_t i = 0; i < N; i++) {
        double u[2];
        surety_philox_uniforms(surety_philox_key(3), i, 0, 0, u);
        values[i] = u[1] < 0.3 ? 0 : (int64_t)exp(30 * u[0]);
        surety_histogram_add(&all, values[i], 1);
        surety_histogram_add(&parts[i % 3], values[i], 1);
    }
    /* any order of merging: 2, 0, 1 */
    surety_histogram_merge(&parts[2], &parts[0]);
    surety_histogram_merge(&parts[2], &parts[1]);
    qsort(values, N, sizeof *values, ascending);
    for (double share = 0.0005; share < 1; share += 0.0011) {
        int64_t want = values[(int)ceil(share * N) - 1];
        int64_t got = surety_histogram_quantile(&all, share);
        cr_assert_leq(fabs((double)(got - want)), (double)want / 1024);
        cr_assert_eq(got, surety_histogram_quantile(&parts[2], share));
    }
    cr_assert_eq(parts[2].n, N);
    cr_assert_eq(surety_histogram_quantile(&all, 0.25), 0, "0 is exact");
    surety_histogram_finish(&all);
    for (int k = 0; k < 3; k++)
        surety_histogram_finish(&parts[k]);
}

/* By hand: -2000, -1000, -3 twice, 0, 7, 1500. */
Test(histogram, values_of_either_sign)
{
    static const struct {
        double share;
        int64_t want;
    } cases[] = {{0, -2000},    {1.0 / 7, -2000}, {0.2, -1000}, {2.0 / 7, -1000}, {0.4, -3},
                 {4.0 / 7, -3}, {0.6, 0},         {0.8, 7},     {0.9, 1500},      {1, 1500}};
    struct surety_signed_histogram all, parts[2];

    cr_assert(surety_signed_histogram_init(&all, YEAR_US));
    cr_assert_eq(surety_signed_histogram_quantile(&all, 0.5), 0, "empty");
    for (int k = 0; k < 2; k++)
        cr_assert(surety_signed_histogram_init(&parts[k], YEAR_US));
    static const int64_t values[] = {7, -3, 0, -2000, 1500, -1000, -3};
    for (int i = 0; i < 7; i++)
        surety_signed_histogram_add(&parts[i % 2], values[i], 1);
    for (int k = 0; k < 2; k++)
        surety_signed_histogram_merge(&all, &parts[k]);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const int64_t got = surety_signed_histogram_quantile(&all, cases[i].share);
        cr_assert_leq(llabs(got - cases[i].want), llabs(cases[i].want) / 1024, "%g: %lld", cases[i].share,
                      (long long)got);
    }
    surety_signed_histogram_finish(&all);
    cr_assert(surety_signed_histogram_init(&all, YEAR_US));
    for (int64_t v = -50; v < 50; v++)
        surety_signed_histogram_add(&all, v, 1);
    cr_assert_eq(surety_signed_histogram_quantile(&all, 0.05), -46);
    cr_assert_eq(surety_signed_histogram_quantile(&all, 0.5), -1);
    cr_assert_eq(surety_signed_histogram_quantile(&all, 0.95), 44);
    surety_signed_histogram_finish(&all);
    for (int k = 0; k < 2; k++)
        surety_signed_histogram_finish(&parts[k]);
}
