// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/overflow.h"

#include "sim/base/fmath.h"

#include <math.h>

#define MOST_SKEW 20.0  // of a gamma variate of shape 0.01
#define SMALL_SKEW 0.02 // below: Edgeworth's series, whose error is of the order of its cube
#define HALF_LOG_2PI 0.91893853320467274178

struct surety_load surety_cumulants(const struct surety_law *law)
{
    const double m1 = surety_law_mean(law), m2 = surety_law_second_moment(law), m3 = surety_law_third_moment(law);
    const struct surety_load k = {m1, m2 - m1 * m1, m3 - 3 * m1 * m2 + 2 * m1 * m1 * m1};
    // What rounding leaves of a fixed value is nothing.
    return (struct surety_load){k.k1, k.k2 > 1e-12 * m2 ? k.k2 : 0,
                                isfinite(k.k3) && fabs(k.k3) > 1e-12 * m3 ? k.k3 : 0};
}

struct surety_load surety_load_of_request(const struct surety_load *tokens, double burstiness)
{
    const double t1 = tokens->k1, t2 = tokens->k2, b2 = burstiness * burstiness;
    return (struct surety_load){t1, t2 + b2 * t1 * t1, tokens->k3 + 3 * b2 * t1 * t2 + b2 * b2 * t1 * t1 * t1};
}

// log Gamma(a) for a > 0: Stirling's series from 10 on, below by the recurrence.
static double log_gamma(double a)
{
    double product = 1;
    for (; a < 10; a += 1)
        product *= a;
    const double r = 1 / a, r2 = r * r;
    const double series = r * (1.0 / 12 + r2 * (-1.0 / 360 + r2 * (1.0 / 1260 + r2 * (-1.0 / 1680 + r2 / 1188))));
    return (a - 0.5) * surety_log(a) - a + HALF_LOG_2PI + series - surety_log(product);
}

// P(G > x) of a gamma variate of shape a, given density = x^a e^-x / Gamma(a): the series below a + 1, the continued
// fraction above (Abramowitz, Stegun 6.5.29 and 6.5.31, the latter by Lentz's method).
static double gamma_tail(double a, double x, double density)
{
    if (x < a + 1) {
        double term = 1 / a, sum = term;
        for (double k = a + 1; term > sum * 1e-16; k += 1)
            sum += term *= x / k;
        return 1 - density * sum;
    }
    double b = x + 1 - a, c = 1e300, d = 1 / b, h = d;
    for (int i = 1; i < 10000; i++) {
        const double an = -i * (i - a);
        b += 2;
        d = 1 / (an * d + b);
        c = b + an / c;
        h *= d * c;
        if (fabs(d * c - 1) < 1e-15)
            break;
    }
    return density * h;
}

// E[(Z - z)+] of a standardised variate of small skewness g. The terms are those of a gamma law: kurtosis 3/2 g^2.
static double edgeworth_excess(double z, double g)
{
    const double density = surety_exp(-0.5 * z * z - HALF_LOG_2PI), z2 = z * z;
    const double series = 1 + g / 6 * z + g * g / 16 * (z2 - 1) + g * g / 72 * (z2 * (z2 - 6) + 3);
    return density * series - z * surety_normcdf(-z);
}

double surety_excess(const struct surety_load *load, double limit)
{
    const double least = load->k1 > limit ? load->k1 - limit : 0;
    if (!(load->k2 > 0))
        return least;
    const double sigma = sqrt(load->k2);
    double skew = load->k3 > 0 ? load->k3 / (load->k2 * sigma) : 0, excess;
    if (skew < SMALL_SKEW) {
        excess = sigma * edgeworth_excess((limit - load->k1) / sigma, skew);
    } else {
        skew = skew < MOST_SKEW ? skew : MOST_SKEW;
        const double shape = 4 / (skew * skew), scale = sigma * skew / 2;
        const double x = (limit - load->k1) / scale + shape; // the limit in units of the gamma variate
        if (!(x > 0))
            return least;
        const double density = surety_exp(shape * surety_log(x) - x - log_gamma(shape));
        excess = scale * ((shape - x) * gamma_tail(shape, x, density) + density);
    }
    excess = excess > least ? excess : least;
    return excess < load->k1 ? excess : load->k1;
}
