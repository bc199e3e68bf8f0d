// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/scores.h"

#include <criterion/criterion.h>

#include <math.h>

// A score of one target with probability p.
static struct surety_score of(double p, bool happened)
{
    struct surety_score score = {0};
    score.targets[0].p = p;
    score.targets[0].happened = happened ? 1.0 : 0.0;
    score.targets[0].brier = surety_brier(p, happened);
    return score;
}

Test(engine_scores, one_forecast)
{
    struct surety_forecast_point points[] = {{0.990, 1}, {0.995, 1}, {0.998, 2}, {1.0, 6}};
    const struct surety_forecast forecast = surety_forecast_make(points, 4);
    const double targets[] = {0.995, 0.999}, p_met[] = {0.9, 0.6};
    const struct surety_score score = surety_score_make(&forecast, 0.998, p_met, targets, 2);
    cr_assert_float_eq(score.crps, surety_forecast_crps(&forecast, 0.998), 1e-18);
    cr_assert_eq(score.levels[0].covered, 0.0); // 50 %: 100 % alone, with 60 %
    cr_assert_eq(score.levels[1].covered, 1.0); // 80 %: from 99.8 % on
    cr_assert_float_eq(score.levels[1].mass, 0.8, 1e-12);
    cr_assert_float_eq(score.levels[2].width, 0.005, 1e-12);
    cr_assert_float_eq(score.targets[0].brier, 0.01, 1e-12);
    cr_assert_float_eq(score.targets[1].brier, 0.36, 1e-12);
    cr_assert_eq(score.targets[1].happened, 0.0);
}

Test(engine_scores, parts_of_the_brier_score_add_up)
{
    struct surety_score scores[200];
    for (size_t i = 0; i < 200; i++)
        scores[i] = of(fmod((double)i * 0.6180339887, 1.0), i % 3 == 0 || i % 7 == 1);
    const struct surety_score mean = surety_score_mean(scores, 200, 1);
    const struct surety_brier_parts parts = surety_score_brier_parts(scores, 200, 1);
    cr_assert_float_eq(parts.reliability - parts.resolution + parts.uncertainty + parts.within, mean.targets[0].brier,
                       1e-12);
    cr_assert_gt(parts.reliability, 0.01);
}

// Forecasts that are right on average in each bin have no reliability term; with one probability nothing is resolved.
Test(engine_scores, reliability_of_a_calibrated_forecaster)
{
    struct surety_score scores[100];
    struct surety_reliability bins[SURETY_N_BINS];
    for (size_t i = 0; i < 100; i++)
        scores[i] = i < 50 ? of(0.18, i < 9) : of(1.0, true);
    surety_score_reliability(scores, 100, 1, bins);
    cr_assert_eq(bins[1].n, 50);
    cr_assert_float_eq(bins[1].met, 0.18, 1e-12);
    cr_assert_float_eq(bins[1].p_mean, 0.18, 1e-12);
    cr_assert(bins[1].interval.low < 0.18 && bins[1].interval.high > 0.18);
    cr_assert_eq(bins[9].n, 50, "a probability of 1 belongs to the last bin");
    cr_assert(isnan(bins[5].met) && isnan(bins[5].interval.low));
    const struct surety_brier_parts parts = surety_score_brier_parts(scores, 100, 1);
    cr_assert_float_eq(parts.reliability, 0.0, 1e-12);
    cr_assert_float_eq(parts.resolution, 0.41 * 0.41, 1e-12); // 0.18 and 1 around 0.59
}

// Clusters of one are the usual standard error; copies of the same cluster add nothing.
Test(engine_scores, clusters)
{
    struct surety_score a[40] = {0}, b[40] = {0};
    size_t own[40], twins[40];
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < 40; i++) {
        const double d = fmod((double)(i / 2) * 0.6180339887, 1.0);
        b[i].crps = 2.0 + d;
        a[i].crps = 2.0;
        own[i] = i;
        twins[i] = i / 2;
        sum += d;
        squares += d * d;
    }
    const double mean = sum / 40.0, sd = sqrt((squares - 40.0 * mean * mean) / 39.0);
    const struct surety_score_gain alone = surety_score_crps_gain(a, b, own, 40);
    const struct surety_score_gain paired = surety_score_crps_gain(a, b, twins, 40);
    cr_assert_float_eq(alone.gain, mean, 1e-12);
    cr_assert_float_eq(alone.se, sd / sqrt(40.0), 1e-12);
    cr_assert_float_eq(paired.gain, mean, 1e-12);
    cr_assert_float_eq(paired.se / alone.se, sqrt(2.0 * 39.0 / 40.0 * 20.0 / 19.0), 1e-12);
    cr_assert(isnan(surety_score_crps_gain(a, b, own, 1).se));
}

Test(engine_scores, coverage_interval_widens_with_clusters)
{
    struct surety_score scores[60] = {0};
    size_t own[60], by_six[60];
    for (size_t i = 0; i < 60; i++) {
        scores[i].levels[2].covered = (i / 6) % 5 == 0 ? 0.0 : 1.0;
        own[i] = i;
        by_six[i] = i / 6;
    }
    const struct surety_interval narrow = surety_score_coverage_interval(scores, own, 60, 2);
    const struct surety_interval wide = surety_score_coverage_interval(scores, by_six, 60, 2);
    cr_assert(narrow.low < 0.8 && narrow.high > 0.8);
    cr_assert(wide.low < narrow.low - 0.05 && wide.high > narrow.high + 0.02);
}
