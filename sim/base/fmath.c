// SPDX-License-Identifier: GPL-3.0-or-later
#include "fmath.h"

/* Without -mfma every fma() is a call into libm. Where the processor has the instruction the same source, compiled
 * for it, gives the same bits eight times faster. */
#if defined(__x86_64__) && !defined(__FMA__)
#define HAS_FMA_TWIN 1
#define WITH_FMA __attribute__((target("fma")))
#else
#define HAS_FMA_TWIN 0
#endif

SURETY_INLINE double log_any(double x)
{
    if (!(x > 0))
        return x == 0 ? -INFINITY : NAN;
    if (x > 0x1.fffffffffffffp+1023)
        return x;
    if (x < 0x1p-1022) /* subnormal; log 2^54 is split as in the core, so the sum keeps its bits */
        return fma(-54.0, 0x1.62e42fefa3800p-1, fma(-54.0, 0x1.ef35793c76730p-45, surety_log_core(x * 0x1p54)));
    return surety_log_core(x);
}

SURETY_INLINE double exp_any(double x)
{
    double shifted;
    double y;
    int k;

    if (!(x < 709.8))
        return x > 709.8 ? INFINITY : x;
    if (x < -746.0)
        return 0.0;
    y = surety_exp_reduce(x, &shifted);
    k = (int)(shifted - 0x1.8p52);
    /* two exact powers of two: 2^k alone may lie outside the normal range */
    return y * surety_from_bits((uint64_t)(1023 + k / 2) << 52) * surety_from_bits((uint64_t)(1023 + k - k / 2) << 52);
}

SURETY_INLINE double norminv_far_any(double p)
{
    double upper = 1.0 - p;
    double r = sqrt(-log_any(p < upper ? p : upper)) - 5.0;
    double num = 2.01033439929228813265e-7;
    double den = 2.04426310338993978564e-15;

    num = fma(num, r, 2.71155556874348757815e-5);
    den = fma(den, r, 1.42151175831644588870e-7);
    num = fma(num, r, 1.24266094738807843860e-3);
    den = fma(den, r, 1.84631831751005468180e-5);
    num = fma(num, r, 2.65321895265761230930e-2);
    den = fma(den, r, 7.86869131145613259100e-4);
    num = fma(num, r, 2.96560571828504891230e-1);
    den = fma(den, r, 1.48753612908506148525e-2);
    num = fma(num, r, 1.78482653991729133580e+0);
    den = fma(den, r, 1.36929880922735805310e-1);
    num = fma(num, r, 5.46378491116411436990e+0);
    den = fma(den, r, 5.99832206555887937690e-1);
    num = fma(num, r, 6.65790464350110377720e+0);
    den = fma(den, r, 1.0);
    return copysign(num / den, p - 0.5);
}

SURETY_INLINE double norminv_any(double p)
{
    if (!(p > 0 && p < 1))
        return p == 0 ? -INFINITY : p == 1 ? INFINITY : NAN;
    return surety_norminv_is_far(p) ? norminv_far_any(p) : surety_norminv_core(p);
}

/* exp(-y^2/2) with y split so that the square of its head is exact (Cody). */
SURETY_INLINE double gauss(double y)
{
    double head = floor(y * 16.0) / 16.0;

    return exp_any(-0.5 * head * head) * exp_any(-0.5 * (y - head) * (y + head));
}

SURETY_INLINE double normcdf_any(double z)
{
    static const double a[5] = {2.2352520354606839287, 161.02823106855587881, 1067.6894854603709582,
                                18154.981253343561249, 0.065682337918207449113};
    static const double b[4] = {47.20258190468824187, 976.09855173777669322, 10260.932208618978205,
                                45507.789335026729956};
    static const double c[9] = {0.39894151208813466764, 8.8831497943883759412, 93.506656132177855979,
                                597.27027639480026226,  2494.5375852903726711, 6848.1904505362823326,
                                11602.651437647350124,  9842.7148383839780218, 1.0765576773720192317e-8};
    static const double d[8] = {22.266688044328115691, 235.38790178262499861, 1519.377599407554805,
                                6485.558298266760755,  18615.571640885098091, 34900.952721145977266,
                                38912.003286093271411, 19685.429676859990727};
    static const double p[6] = {0.21589853405795699,     0.1274011611602473639, 0.022235277870649807,
                                0.001421619193227893466, 2.9112874951168792e-5, 0.02307344176494017303};
    static const double q[5] = {1.28426009614491121, 0.468238212480865118, 0.0659881378689285515,
                                0.00378239633202758244, 7.29751555083966205e-5};
    double y = fabs(z);
    double num;
    double den;
    double tail;

    if (!(y < 38.6))
        return z > 0 ? 1.0 : z < 0 ? 0.0 : z;
    if (y <= 0.66291) {
        double y2 = y * y;
        num = a[4] * y2;
        den = y2;
        for (int i = 0; i < 3; i++) {
            num = (num + a[i]) * y2;
            den = (den + b[i]) * y2;
        }
        return fma(z, (num + a[3]) / (den + b[3]), 0.5);
    }
    if (y <= 5.656854249492380581) {
        num = c[8] * y;
        den = y;
        for (int i = 0; i < 7; i++) {
            num = (num + c[i]) * y;
            den = (den + d[i]) * y;
        }
        tail = (num + c[7]) / (den + d[7]);
    } else {
        double inv2 = 1.0 / (y * y);
        num = p[5] * inv2;
        den = inv2;
        for (int i = 0; i < 4; i++) {
            num = (num + p[i]) * inv2;
            den = (den + q[i]) * inv2;
        }
        tail = (0.398942280401432677940 - inv2 * (num + p[4]) / (den + q[4])) / y;
    }
    tail *= gauss(y);
    return z > 0 ? 1.0 - tail : tail;
}

#if HAS_FMA_TWIN
#define DISPATCHED(name)                                                                                               \
    WITH_FMA static double name##_with_fma(double x)                                                                   \
    {                                                                                                                  \
        return name##_any(x);                                                                                          \
    }                                                                                                                  \
    static double name##_plain(double x)                                                                               \
    {                                                                                                                  \
        return name##_any(x);                                                                                          \
    }                                                                                                                  \
    double surety_##name(double x)                                                                                     \
    {                                                                                                                  \
        return __builtin_cpu_supports("fma") ? name##_with_fma(x) : name##_plain(x);                                   \
    }
#else
#define DISPATCHED(name)                                                                                               \
    double surety_##name(double x)                                                                                     \
    {                                                                                                                  \
        return name##_any(x);                                                                                          \
    }
#endif

DISPATCHED(log)
DISPATCHED(exp)
DISPATCHED(norminv_far)
DISPATCHED(norminv)
DISPATCHED(normcdf)

double surety_pow_pos(double x, double y)
{
    if (y == 0)
        return 1.0;
    if (!(x > 0))
        return x == 0 ? (y > 0 ? 0.0 : INFINITY) : NAN;
    return surety_exp(y * surety_log(x));
}
