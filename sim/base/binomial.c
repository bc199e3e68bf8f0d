// SPDX-License-Identifier: GPL-3.0-or-later
#include "binomial.h"

#include "fmath.h"
#include "ppb.h"

#include <assert.h>
#include <math.h>

// log(n!) - log(sqrt(2 pi n) (n/e)^n): exact values up to 15, then Stirling's series.
static double stirling_error(int64_t n)
{
    static const double small[] = {0.0,
                                   0.08106146679532726,
                                   0.04134069595540929,
                                   0.02767792568499834,
                                   0.02079067210376509,
                                   0.01664469118982119,
                                   0.01387612882307075,
                                   0.01189670994589177,
                                   0.01041126526197209,
                                   0.009255462182712733,
                                   0.008330563433362871,
                                   0.007573675487951841,
                                   0.006942840107209530,
                                   0.006408994188004207,
                                   0.005951370112758848,
                                   0.005554733551962801};
    if (n < 16)
        return small[n];
    const double x = (double)n, y = 1 / (x * x);
    return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - y / 1188) * y) * y) * y) / x;
}

// x log(x / m) + m - x without cancellation where x is near m.
static double deviance(double x, double m)
{
    const double d = x - m, sum = x + m;
    if (fabs(d) >= 0.1 * sum)
        return x * surety_log(x / m) + m - x;
    const double v = d / sum, v2 = v * v;
    double s = d * v, e = 2 * x * v;
    for (int j = 1; j < 1000; j++) {
        e *= v2;
        const double next = s + e / (2 * j + 1);
        if (next == s)
            break;
        s = next;
    }
    return s;
}

// (1 - p)^n, n p small or not.
static double power(double log_base, double n)
{
    return surety_exp(n * log_base);
}

// log(1 - p), exact for small p too.
static double log1m(double p)
{
    if (p > 0.1)
        return surety_log(1 - p);
    double term = p, sum = p;
    for (int k = 2; k < 60 && term > 0x1p-60 * sum; k++) {
        term *= p;
        sum += term / k;
    }
    return -sum;
}

double surety_binomial_pmf(int64_t n, int64_t k, double p)
{
    if (k < 0 || k > n)
        return 0;
    if (p <= 0)
        return k == 0;
    if (p >= 1)
        return k == n;
    const double q = 1 - p, x = (double)k, all = (double)n;
    if (k == 0)
        return n == 0 ? 1 : power(log1m(p), all);
    if (k == n)
        return power(surety_log(p), all);
    const double log_p = stirling_error(n) - stirling_error(k) - stirling_error(n - k) - deviance(x, all * p) -
                         deviance(all - x, all * q);
    return surety_exp(log_p) * sqrt(all / (6.283185307179586 * x * (all - x)));
}

#define VANISHES 0x1p-60

// P(X <= k) for k at or below the mean: the terms fall from k down.
static double lower_tail(int64_t n, int64_t k, double p)
{
    double term = surety_binomial_pmf(n, k, p), sum = term;
    const double odds = (1 - p) / p;
    for (int64_t i = k; i > 0 && term > VANISHES * sum; i--) {
        term *= (double)i / (double)(n - i + 1) * odds;
        sum += term;
    }
    return sum;
}

double surety_binomial_cdf(int64_t n, int64_t k, double p)
{
    if (k < 0)
        return 0;
    if (k >= n || p <= 0)
        return 1;
    if (p >= 1)
        return 0;
    if ((double)k <= (double)n * p)
        return fmin(1, lower_tail(n, k, p));
    return fmax(0, 1 - lower_tail(n, n - k - 1, 1 - p)); // P(n - X <= n - k - 1)
}

static int64_t by_expansion(double n, double p, double u)
{
    const double q = 1 - p, variance = n * p * q - 1.0 / 12, sd = sqrt(variance);
    const double w = surety_norminv(u), w2 = w * w;
    const double skew = (1 - 2 * p) * n * p * q / (variance * sd);
    const double kurtosis = n * p * q * (1 - 6 * p * q) / (variance * variance);
    const double z = w + skew * (w2 - 1) / 6 + kurtosis * w * (w2 - 3) / 24 - skew * skew * w * (2 * w2 - 5) / 36;
    const double k = ceil(n * p + sd * z - 0.5);
    return k < 0 ? 0 : k > n ? (int64_t)n : (int64_t)k;
}

int64_t surety_binomial_quantile(int64_t n, double p, double u)
{
    assert(n >= 0 && u > 0 && u < 1);
    const double all = (double)n, variance = all * p * (1 - p);
    if (p <= 0 || p >= 1)
        return p <= 0 ? 0 : n;
    if (variance > SURETY_BINOMIAL_EXACT)
        return by_expansion(all, p, u);
    // From where next to nothing is left below: 9 standard deviations, and a Poisson's share more.
    const double reach = 9 * sqrt(variance) + 20, below = all * p - reach;
    int64_t k = below > 0 ? (int64_t)below : 0;
    double term = surety_binomial_pmf(n, k, p), sum = term;
    const double odds = p / (1 - p), last = all * p + reach + 20;
    while (sum < u && k < n && (double)k < last) {
        term *= (double)(n - k) / (double)(k + 1) * odds;
        sum += term;
        k++;
    }
    return k;
}

// The p at which a tail, which rises with p, is alpha.
static double solve(int64_t n, int64_t k, double alpha, bool upper_tail)
{
    double low = 0, high = 1;
    for (int i = 0; i < 100; i++) {
        const double p = (low + high) / 2;
        const double tail = upper_tail ? 1 - surety_binomial_cdf(n, k - 1, p) : 1 - surety_binomial_cdf(n, k, p);
        *(tail < alpha ? &low : &high) = p;
    }
    return (low + high) / 2;
}

struct surety_interval surety_binomial_clopper_pearson(int64_t k, int64_t n, double confidence)
{
    const double alpha = (1 - confidence) / 2;
    if (n == 0)
        return (struct surety_interval){0, 1};
    return (struct surety_interval){k == 0 ? 0 : solve(n, k, alpha, true), k == n ? 1 : solve(n, k, 1 - alpha, false)};
}

double surety_judged(double right, double sensitivity, double specificity)
{
    return right * sensitivity + (1 - right) * (1 - specificity);
}

double surety_unjudged(double judged, double sensitivity, double specificity)
{
    const double right = (judged + specificity - 1) / (sensitivity + specificity - 1);
    return right < 0 ? 0 : right > 1 ? 1 : right;
}

int64_t surety_binomial_needed(int64_t n, int64_t bar_ppb)
{
    return (int64_t)(((__int128)n * bar_ppb + SURETY_PPB_ONE - 1) / SURETY_PPB_ONE);
}

static bool tells(double good, double bad, int64_t bar_ppb, double wrong, int64_t n)
{
    const int64_t needed = surety_binomial_needed(n, bar_ppb);
    return surety_binomial_cdf(n, needed - 1, good) <= wrong && 1 - surety_binomial_cdf(n, needed - 1, bad) <= wrong;
}

int64_t surety_binomial_sample_size(double good, double bad, int64_t bar_ppb, double wrong, int64_t most)
{
    const double bar = (double)bar_ppb / (double)SURETY_PPB_ONE;
    if (!(bad < bar && bar <= good))
        return 0;
    // About where both errors fall below `wrong`, by the normal law. They fall with teeth: the last n that does not tell
    // is looked for from well above.
    const double z = surety_norminv(1 - wrong);
    const double n_good = good < 1 ? z * z * good * (1 - good) / ((good - bar) * (good - bar)) : 0;
    const double n_bad = z * z * bad * (1 - bad) / ((bar - bad) * (bar - bad));
    const double about = fmax(n_good, n_bad), from = 1.2 * about + 20 * sqrt(about) + 3000;
    if (!(from <= 2 * (double)most))
        return 0;
    int64_t n = (int64_t)from;
    while (n > 0 && tells(good, bad, bar_ppb, wrong, n))
        n--;
    return n + 1 <= most ? n + 1 : 0;
}
