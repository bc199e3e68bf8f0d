// SPDX-License-Identifier: GPL-3.0-or-later
#include "intervals.h"

#include <math.h>

#include "fmath.h"

double surety_interval_z(double confidence)
{
    /* the lower tail keeps its digits when confidence is near 1 */
    return -surety_norminv(0.5 * (1.0 - confidence));
}

struct surety_interval surety_interval_wilson(double p_hat, double n, double confidence)
{
    struct surety_interval interval = {0.0, 1.0};
    double z = surety_interval_z(confidence);
    double z2_n;
    double centre;
    double half;

    if (!(n > 0))
        return interval;
    z2_n = z * z / n;
    centre = p_hat + 0.5 * z2_n;
    half = sqrt(z2_n * (p_hat * (1.0 - p_hat) + 0.25 * z2_n));
    if (p_hat > 0)
        interval.low = fmax(0.0, (centre - half) / (1.0 + z2_n));
    if (p_hat < 1)
        interval.high = fmin(1.0, (centre + half) / (1.0 + z2_n));
    return interval;
}

double surety_interval_effective_n(double p_hat, double se, double n_low, double n_high)
{
    double variance = p_hat * (1.0 - p_hat);

    if (!(variance > 0))
        return n_low;
    return se > 0 ? fmax(n_low, fmin(n_high, variance / (se * se))) : n_high;
}

struct surety_interval surety_interval_wilson_effective(double p_hat, double se, double n_low, double n_high,
                                                        double confidence)
{
    return surety_interval_wilson(p_hat, surety_interval_effective_n(p_hat, se, n_low, n_high), confidence);
}

struct surety_interval surety_interval_normal(double estimate, double se, double confidence)
{
    double half = se > 0 ? surety_interval_z(confidence) * se : 0.0;
    struct surety_interval interval = {estimate - half, estimate + half};

    return interval;
}
