// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/forecast.h"

#include "sim/base/fmath.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
    const double x = ((const struct surety_forecast_point *)a)->value;
    const double y = ((const struct surety_forecast_point *)b)->value;
    return (x > y) - (x < y);
}

struct surety_forecast surety_forecast_make(struct surety_forecast_point *points, size_t n)
{
    struct surety_forecast forecast = {.points = points};
    size_t kept = 0;
    qsort(points, n, sizeof *points, by_value);
    for (size_t i = 0; i < n; i++) {
        assert(isfinite(points[i].value) && points[i].weight >= 0.0);
        if (!(points[i].weight > 0.0))
            continue;
        forecast.total += points[i].weight;
        if (kept > 0 && !(points[kept - 1].value < points[i].value))
            points[kept - 1].weight += points[i].weight;
        else
            points[kept++] = points[i];
    }
    forecast.n = kept;
    assert(kept > 0);
    return forecast;
}

// Between two neighbouring values F is constant, so the integral is a sum; y cuts one of the pieces.
double surety_forecast_crps(const struct surety_forecast *forecast, double y)
{
    const struct surety_forecast_point *x = forecast->points;
    const size_t n = forecast->n;
    double score = fmax(x[0].value - y, 0.0) + fmax(y - x[n - 1].value, 0.0); // where F is 0 or 1 and y is not there
    double below = 0.0;
    for (size_t i = 0; i + 1 < n; i++) {
        below += x[i].weight;
        const double f = below / forecast->total;
        const double cut = fmin(fmax(y, x[i].value), x[i + 1].value);
        score += f * f * (cut - x[i].value) + (1.0 - f) * (1.0 - f) * (x[i + 1].value - cut);
    }
    return score;
}

struct surety_forecast_interval surety_forecast_central(const struct surety_forecast *forecast, double level)
{
    const struct surety_forecast_point *x = forecast->points;
    // Sums of decimal levels miss a rank by a last bit: a millionth of one point's weight forgives that.
    const double slack = 1e-9 * forecast->total;
    size_t hi = 0;
    double at_most = x[0].weight;
    while (hi + 1 < forecast->n && at_most < 0.5 * (1.0 + level) * forecast->total - slack)
        at_most += x[++hi].weight;
    size_t lo = hi;
    double inside = x[hi].weight;
    while (lo > 0 && inside < level * forecast->total - slack)
        inside += x[--lo].weight;
    return (struct surety_forecast_interval){x[lo].value, x[hi].value, inside / forecast->total};
}

void surety_forecast_rank(const struct surety_forecast *forecast, double y, double *below, double *at_most)
{
    double less = 0.0, equal = 0.0;
    for (size_t i = 0; i < forecast->n && forecast->points[i].value <= y; i++) {
        if (forecast->points[i].value < y)
            less += forecast->points[i].weight;
        else
            equal = forecast->points[i].weight;
    }
    *below = less / forecast->total;
    *at_most = (less + equal) / forecast->total;
}

double surety_forecast_central_share(const struct surety_forecast *forecast, double y, double level)
{
    const double from = 0.5 * (1.0 - level), to = 0.5 * (1.0 + level);
    double below, at_most;
    surety_forecast_rank(forecast, y, &below, &at_most);
    if (!(at_most > below)) // y has no probability of its own
        return from <= below && below <= to ? 1.0 : 0.0;
    return fmax(fmin(at_most, to) - fmax(below, from), 0.0) / (at_most - below);
}

double surety_forecast_at_least(const struct surety_forecast *forecast, double target)
{
    double less = 0.0;
    for (size_t i = 0; i < forecast->n && forecast->points[i].value < target; i++)
        less += forecast->points[i].weight;
    return 1.0 - less / forecast->total;
}

double surety_brier(double p, bool happened)
{
    const double d = p - (happened ? 1.0 : 0.0);
    return d * d;
}

double surety_log_score(double p, bool happened)
{
    const double q = fmin(fmax(happened ? p : 1.0 - p, SURETY_SUREST), 1.0 - SURETY_SUREST);
    return -surety_log(q);
}
