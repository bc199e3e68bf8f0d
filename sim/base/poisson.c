// SPDX-License-Identifier: GPL-3.0-or-later
#include "poisson.h"

#include <assert.h>
#include <math.h>

#include "fmath.h"

#define EXACT_BELOW 64.0

static int64_t by_search(double mean, double u)
{
    double p = surety_exp(-mean);
    double sum = p;
    int64_t k = 0;

    /* ends also when rounding keeps the sum below u: the terms vanish first */
    while (sum < u && p > 0x1p-1000) {
        k++;
        p *= mean / (double)k;
        if (k > (int64_t)mean && p < 0x1p-60 * sum)
            break;
        sum += p;
    }
    return k;
}

/* floor of Q_N2: the continuity correction is in the constant 1/3 = 1/2 - 1/6. */
static int64_t by_expansion(double mean, double u)
{
    double w = surety_norminv(u);
    double w2 = w * w;
    double root = sqrt(mean);
    double q = fma(root, w, mean) + (2.0 + w2) / 6.0;

    q -= w * (2.0 + w2) / (72.0 * root);
    q += (-16.0 + w2 * (7.0 + 3.0 * w2)) / (810.0 * mean);
    return q > 0 ? (int64_t)floor(q) : 0;
}

int64_t surety_poisson_quantile(double mean, double u)
{
    assert(mean >= 0 && mean < 0x1p62);
    return mean < EXACT_BELOW ? by_search(mean, u) : by_expansion(mean, u);
}
