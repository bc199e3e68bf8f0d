// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_SCORES_H
#define SURETY_ENGINE_SCORES_H

#include "sim/base/err.h"
#include "sim/base/intervals.h"
#include "sim/engine/forecast.h"

#include <stddef.h>

// Scores of many forecasts, and what they come to: coverage, sharpness, CRPS, Brier and log score, reliability.

#define SURETY_N_LEVELS 3
extern const double surety_levels[SURETY_N_LEVELS]; // 0.5, 0.8, 0.9

#define SURETY_MOST_TARGETS 16 // tiers of one contract that are scored

// The scores of one forecast.
struct surety_score {
    double crps;
    struct {
        double covered;       // 1: what happened lies in the interval; else 0
        double mass;          // the probability that the forecast gave the interval
        double central_share; // see surety_forecast_central_share
        double width;         // hi - lo
    } levels[SURETY_N_LEVELS];
    struct {
        double p, happened; // P(target met), and whether it was: 1 or 0
        double brier, log;
    } targets[SURETY_MOST_TARGETS];
};

// Scores a forecast of an availability against the `y` that came. p_met: what the forecast says of each of the
// n_targets targets.
struct surety_score surety_score_make(const struct surety_forecast *forecast, double y, const double *p_met,
                                      const double *targets, size_t n_targets);

// Means of scores, field by field. n >= 1.
struct surety_score surety_score_mean(const struct surety_score *scores, size_t n, size_t n_targets);

// How much smaller the mean CRPS of `a` is than that of `b` on the same n forecasts, and the standard error of that:
// forecasts of one `cluster` number (months that several services share) stand and fall together.
struct surety_score_gain {
    double gain, se; // se NAN with fewer than two clusters
};
struct surety_score_gain surety_score_crps_gain(const struct surety_score *a, const struct surety_score *b,
                                                const size_t *clusters, size_t n);

// The share of the forecasts whose interval of level `level` held what came, and the interval of that share at 95 %, by
// clusters as above.
struct surety_interval surety_score_coverage_interval(const struct surety_score *scores, const size_t *clusters,
                                                      size_t n, size_t level);

// A bin of the reliability diagram: forecasts with a probability in [from, to), 1 in the last.
struct surety_reliability {
    double from, to;
    size_t n;
    double p_mean;                   // of the forecasts' probabilities; NAN without forecasts
    double met;                      // share of them that came true; NAN without
    struct surety_interval interval; // Wilson's for `met` at 95 %, as if the forecasts were independent
};

#define SURETY_N_BINS 10

// Over all targets of all forecasts.
void surety_score_reliability(const struct surety_score *scores, size_t n, size_t n_targets,
                              struct surety_reliability bins[SURETY_N_BINS]);

// Murphy's parts of the mean Brier score, over the bins: score = reliability - resolution + uncertainty + within, the
// last being what the probabilities of one bin differ among themselves. Source: Murphy, J. Appl. Meteorol. 12 (1973)
// 595-600; Stephenson, Coelho, Jolliffe, Weather Forecast. 23 (2008) 752-757 for the last.
struct surety_brier_parts {
    double reliability, resolution, uncertainty, within;
};
struct surety_brier_parts surety_score_brier_parts(const struct surety_score *scores, size_t n, size_t n_targets);

#endif
