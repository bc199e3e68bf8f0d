// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/fmath.h"
#include "sim/engine/forecast.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>

#define N 20000

static double standard_normal(double p)
{
    return surety_norminv(p);
}

static double standard_exponential(double p)
{
    return -surety_log(1.0 - p);
}

// N points of equal weight in the middle of N equal slices of a law.
static struct surety_forecast slices(double (*quantile)(double))
{
    static struct surety_forecast_point points[N];
    for (size_t i = 0; i < N; i++)
        points[i] = (struct surety_forecast_point){quantile(((double)i + 0.5) / N), 1.0};
    return surety_forecast_make(points, N);
}

Test(engine_forecast, points_are_sorted_and_joined)
{
    struct surety_forecast_point points[] = {{2, 1}, {1, 2}, {2, 3}, {0, 0}, {1, 1}};
    const struct surety_forecast forecast = surety_forecast_make(points, 5);
    cr_assert_eq(forecast.n, 2);
    cr_assert_eq(forecast.total, 7.0);
    cr_assert_eq(forecast.points[0].value, 1.0);
    cr_assert_eq(forecast.points[0].weight, 3.0);
    cr_assert_eq(forecast.points[1].weight, 4.0);
    cr_assert_eq(surety_forecast_at_least(&forecast, 2.0), 4.0 / 7.0);
    cr_assert_eq(surety_forecast_at_least(&forecast, 1.0), 1.0);
    cr_assert_eq(surety_forecast_at_least(&forecast, 2.1), 0.0);
}

// Closed forms: normal y (2 Phi - 1) + 2 phi - 1/sqrt(pi); exponential y - 2 (1 - e^-y) + 1/2 (Gneiting, Raftery 2007;
// Jordan, Krueger, Lerch, J. Stat. Softw. 90 (2019) no. 12). The slices' own error is below 1e-4.
Test(engine_forecast, crps_of_normal_and_exponential)
{
    for (double y = -3.0; y <= 3.0; y += 0.37) {
        const struct surety_forecast normal = slices(standard_normal);
        const double expected =
            y * (2.0 * surety_normcdf(y) - 1.0) + 2.0 * exp(-0.5 * y * y) / sqrt(2.0 * M_PI) - 1.0 / sqrt(M_PI);
        cr_assert_float_eq(surety_forecast_crps(&normal, y), expected, 1e-4);
    }
    for (double y = 0.0; y <= 5.0; y += 0.41) {
        const struct surety_forecast exponential = slices(standard_exponential);
        cr_assert_float_eq(surety_forecast_crps(&exponential, y), y - 2.0 * (1.0 - exp(-y)) + 0.5, 1e-4);
    }
    const struct surety_forecast exponential = slices(standard_exponential);
    cr_assert_float_eq(surety_forecast_crps(&exponential, -1.0), 1.0 + 0.5, 1e-4,
                       "below all values: the mean is "
                       "2 - 1/2 away");
}

Test(engine_forecast, crps_of_points)
{
    struct surety_forecast_point one[] = {{0.999, 5}};
    const struct surety_forecast point = surety_forecast_make(one, 1);
    cr_assert_float_eq(surety_forecast_crps(&point, 0.9975), 0.0015, 1e-15);
    cr_assert_float_eq(surety_forecast_crps(&point, 1.0), 0.001, 1e-15);
    // E|X - y| - E|X - X'| / 2 by hand: values 0 (3/4) and 1 (1/4), y = 0.25
    struct surety_forecast_point two[] = {{1, 1}, {0, 3}};
    const struct surety_forecast pair = surety_forecast_make(two, 2);
    cr_assert_float_eq(surety_forecast_crps(&pair, 0.25), 0.75 * 0.25 + 0.25 * 0.75 - 0.75 * 0.25, 1e-15);
}

// The kernel form E|X - y| - E|X - X'|/2, summed over all pairs, is the same number.
Test(engine_forecast, crps_is_the_kernel_form)
{
    struct surety_forecast_point points[40];
    double value[40], weight[40], total = 0.0;
    for (size_t i = 0; i < 40; i++) {
        value[i] = fmod((double)i * 0.7548776662, 1.0);
        weight[i] = 1.0 + fmod((double)i * 0.5698402909, 1.0);
        total += weight[i];
        points[i] = (struct surety_forecast_point){value[i], weight[i]};
    }
    const struct surety_forecast forecast = surety_forecast_make(points, 40);
    for (double y = -0.3; y < 1.4; y += 0.1) {
        double to_y = 0.0, among = 0.0;
        for (size_t i = 0; i < 40; i++) {
            to_y += weight[i] / total * fabs(value[i] - y);
            for (size_t k = 0; k < 40; k++)
                among += weight[i] / total * weight[k] / total * fabs(value[i] - value[k]);
        }
        cr_assert_float_eq(surety_forecast_crps(&forecast, y), to_y - among / 2.0, 1e-14);
    }
}

Test(engine_forecast, central_interval_without_a_bound)
{
    struct surety_forecast_point points[100];
    for (size_t i = 0; i < 100; i++)
        points[i] = (struct surety_forecast_point){(double)(i + 1), 1.0};
    const struct surety_forecast forecast = surety_forecast_make(points, 100);
    const struct surety_forecast_interval interval = surety_forecast_central(&forecast, 0.9);
    cr_assert_eq(interval.hi, 95.0);
    cr_assert_eq(interval.lo, 6.0);
    cr_assert_float_eq(interval.mass, 0.9, 1e-12);
    const struct surety_forecast_interval half = surety_forecast_central(&forecast, 0.5);
    cr_assert_eq(half.hi, 75.0);
    cr_assert_eq(half.lo, 26.0);
}

// 30 % of the months without any downtime: above 100 % there is nothing to leave out.
Test(engine_forecast, central_interval_at_the_bound)
{
    struct surety_forecast_point points[101];
    for (size_t i = 0; i < 70; i++)
        points[i] = (struct surety_forecast_point){0.99 + (double)i * 1e-4, 1.0};
    points[70] = (struct surety_forecast_point){1.0, 30.0};
    const struct surety_forecast forecast = surety_forecast_make(points, 71);
    const struct surety_forecast_interval interval = surety_forecast_central(&forecast, 0.9);
    cr_assert_eq(interval.hi, 1.0);
    cr_assert_float_eq(interval.lo, 0.991, 1e-12);
    cr_assert_float_eq(interval.mass, 0.9, 1e-12);
    const struct surety_forecast_interval fifth = surety_forecast_central(&forecast, 0.2);
    cr_assert_float_eq(fifth.mass, 0.2, 1e-12);
    cr_assert_float_eq(fifth.hi, 0.9959, 1e-12, "the 60 %% quantile, below the bound");
}

// The share is 1 - or 0 - off the values and spreads a value's own probability; over all y it averages to the level.
Test(engine_forecast, central_share)
{
    struct surety_forecast_point points[] = {{0, 0.02}, {1, 0.06}, {2, 0.5}, {3, 0.02}, {4, 0.4}};
    const struct surety_forecast forecast = surety_forecast_make(points, 5);
    double mean[3] = {0.0, 0.0, 0.0};
    static const double level[3] = {0.5, 0.8, 0.9};
    for (size_t l = 0; l < 3; l++) {
        for (size_t i = 0; i < 5; i++)
            mean[l] += forecast.points[i].weight *
                       surety_forecast_central_share(&forecast, forecast.points[i].value, level[l]);
        cr_assert_float_eq(mean[l], level[l], 1e-12);
    }
    cr_assert_float_eq(surety_forecast_central_share(&forecast, 1.0, 0.9), 0.5, 1e-12); // [0.02, 0.08], half above 0.05
    cr_assert_eq(surety_forecast_central_share(&forecast, 2.5, 0.9), 1.0);
    cr_assert_eq(surety_forecast_central_share(&forecast, 5.0, 0.9), 0.0);
    cr_assert_eq(surety_forecast_central_share(&forecast, -1.0, 0.9), 0.0);
}

Test(engine_forecast, scores_of_a_probability)
{
    cr_assert_float_eq(surety_brier(0.7, true), 0.09, 1e-15);
    cr_assert_float_eq(surety_brier(0.7, false), 0.49, 1e-15);
    cr_assert_float_eq(surety_log_score(0.7, true), -log(0.7), 1e-15);
    cr_assert_float_eq(surety_log_score(0.7, false), -log(0.3), 1e-15);
    cr_assert_float_eq(surety_log_score(1.0, false), -log(SURETY_SUREST), 1e-15);
    cr_assert_float_eq(surety_log_score(1.0, true), -log(1.0 - SURETY_SUREST), 1e-15);
}
