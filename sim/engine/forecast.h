// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_FORECAST_H
#define SURETY_ENGINE_FORECAST_H

#include <stdbool.h>
#include <stddef.h>

// A forecast of one number as a discrete distribution, and how good it was once the number is known. All scores are
// exact for the distribution that is given: a histogram, past values, a single point.

struct surety_forecast_point {
    double value;
    double weight; // > 0, any scale: a count
};

struct surety_forecast {
    const struct surety_forecast_point *points; // values rising, each once
    size_t n;                                   // >= 1
    double total;                               // of the weights
};

// Sorts points[0..n), adds up those of one value in place and makes the forecast of them; `points` must outlive it.
// n >= 1, values finite, weights >= 0 with a positive sum (asserted); points without weight vanish.
struct surety_forecast surety_forecast_make(struct surety_forecast_point *points, size_t n);

// Continuous ranked probability score: the integral over x of (F(x) - [x >= y])^2, in the unit of the values; smaller
// is better, |x - y| for a single point x. Source: Gneiting, Raftery, JASA 102 (2007) 359-378, section 4.2.
double surety_forecast_crps(const struct surety_forecast *forecast, double y);

// An interval of values, both ends in it, and the probability that the forecast gives it.
struct surety_forecast_interval {
    double lo, hi, mass;
};

// The interval that holds at least `level` in (0, 1) with as little as possible below and at most half of the rest
// above: hi is the (1 + level)/2 quantile, lo the largest value that leaves at least `level` between the two. Where
// nothing lies above hi (an availability of 100 %) all of the rest is below, so `mass` is not pushed above `level` by
// the bound; it still is by a value that has much probability of its own.
struct surety_forecast_interval surety_forecast_central(const struct surety_forecast *forecast, double level);

// P(value < y) and P(value <= y).
void surety_forecast_rank(const struct surety_forecast *forecast, double y, double *below, double *at_most);

// The share of [below, at_most] that lies in the middle `level` of [0, 1]: coverage by the probability integral
// transform, a value with probability of its own spread evenly over its jump. Its mean over y from the forecast is
// `level` exactly, for any distribution. Source: Czado, Gneiting, Held, Biometrics 65 (2009) 1254-1261.
double surety_forecast_central_share(const struct surety_forecast *forecast, double y, double level);

// P(value >= target).
double surety_forecast_at_least(const struct surety_forecast *forecast, double target);

// (p - happened)^2.
double surety_brier(double p, bool happened);

// No probability is taken for surer than this when its logarithm is scored.
#define SURETY_SUREST 0.01

// -log of the probability given to what happened, p kept within [SURETY_SUREST, 1 - SURETY_SUREST]: without a bound one
// promise of 100 % that fails would be infinitely bad.
double surety_log_score(double p, bool happened);

#endif
