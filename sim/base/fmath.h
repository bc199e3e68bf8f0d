// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_BASE_FMATH_H
#define SURETY_BASE_FMATH_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/* log, exp and the normal law with the same bits on every instruction set: polynomials in explicit fma, no libm
 * but for fma, sqrt and floor, which are exact. Result paths use these, never libm's. Compile with
 * -ffp-contract=off. The *_core functions are branch-free, so that the loops of kernel_body.inc vectorise. */

#define SURETY_INLINE static inline __attribute__((always_inline))

SURETY_INLINE uint64_t surety_bits(double x)
{
    uint64_t b;

    memcpy(&b, &x, sizeof b);
    return b;
}

SURETY_INLINE double surety_from_bits(uint64_t b)
{
    double x;

    memcpy(&x, &b, sizeof x);
    return x;
}

/** Round to 40 significant bits (half up in magnitude), for plan constants that come from libm or GSL: a last bit
 * that differs between two machines' libraries vanishes. x: any; infinities and NaN pass unchanged.
 * Relative change <= 2^-40. Example: surety_round40(1/3.0) = 0x1.5555555556p-2. */
SURETY_INLINE double surety_round40(double x)
{
    return isfinite(x) ? surety_from_bits((surety_bits(x) + 0x1000u) & ~(uint64_t)0x1fff) : x;
}

/** log(x) for positive normal x, <= 2 ulp; zero gives about -709.8 instead of -infinity, the rest is undefined.
 * x = 2^k (1+f) with 1+f in [sqrt(1/2), sqrt(2)), s = f/(2+f), log(1+f) = 2 atanh(s); the near-minimax polynomial
 * is our own (error 1e-17), the order of the final sum that of fdlibm's e_log.c (Sun, 1993). */
SURETY_INLINE double surety_log_core(double x)
{
    uint64_t b = surety_bits(x) + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);
    double k = surety_from_bits((b >> 52) | 0x4330000000000000u) - (0x1p52 + 1023.0);
    double f = surety_from_bits((b & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu) - 1.0;
    double s = f / (2.0 + f);
    double z = s * s;
    double z2 = z * z;
    double odd = fma(z2, fma(z2, 0x1.39fe51a7c18f9p-3, 0x1.c71c62e3f11e6p-3), 0x1.99999999952d7p-2);
    double even = fma(z2, fma(z2, fma(z2, 0x1.2b5900de53b32p-3, 0x1.7462b51cb66b1p-3), 0x1.2492492df281ap-2),
                      0x1.5555555555558p-1);
    double r = z * fma(z, odd, even);
    double half_f2 = 0.5 * f * f;
    /* k * high half of log 2 is exact: its 11 trailing bits are zero */
    double low = fma(s, half_f2 + r, k * 0x1.ef35793c76730p-45);

    return fma(k, 0x1.62e42fefa3800p-1, f - (half_f2 - low));
}

/** exp(r + k log 2) / 2^k and k, for |x| <= 746: shared by the two forms of exp. */
SURETY_INLINE double surety_exp_reduce(double x, double *k_shifted)
{
    double shifted = fma(x, 0x1.71547652b82fep+0, 0x1.8p52);
    double k = shifted - 0x1.8p52;
    double r = fma(-k, 0x1.ef35793c76730p-45, fma(-k, 0x1.62e42fefa3800p-1, x));
    double r2 = r * r;
    double r4 = r2 * r2;
    double a = fma(r, 0x1.5555555555556p-3, 0x1.0000000000001p-1);
    double b = fma(r, 0x1.11111111109a6p-7, 0x1.5555555553d37p-5);
    double c = fma(r, 0x1.a01a01a7cebcdp-13, 0x1.6c16c1789d1d7p-10);
    double d = fma(r, 0x1.71de0d85293b8p-19, 0x1.a019b8ca26fcfp-16);
    double e = fma(r, 0x1.af390ba7e6f47p-26, 0x1.2891d4ffbb0f9p-22);
    double p = fma(r4, fma(r4, e, fma(r2, d, c)), fma(r2, b, a));

    *k_shifted = shifted;
    return 1.0 + fma(p, r2, r);
}

/** exp(x), <= 2 ulp, x clamped to [-708, 709] so that the result is finite and normal. */
SURETY_INLINE double surety_exp_core(double x)
{
    double k;
    double y;

    x = x < -708.0 ? -708.0 : x;
    x = x > 709.0 ? 709.0 : x;
    y = surety_exp_reduce(x, &k);
    return surety_from_bits(surety_bits(y) + (surety_bits(k) << 52));
}

/** Below this tail probability surety_norminv_core is wrong and surety_norminv_far right: exp(-25). */
#define SURETY_NORMINV_FAR 1.388794386496402e-11

/** 1 where surety_norminv_core is wrong, else 0: a sign bit without a comparison, because gcc 12 vectorises an or of
 * integers but not of conditions. */
SURETY_INLINE uint64_t surety_norminv_is_far(double p)
{
    return (surety_bits(p - SURETY_NORMINV_FAR) | surety_bits((1.0 - SURETY_NORMINV_FAR) - p)) >> 63;
}

/* Both polynomials cost less than sixteen selected coefficients; selecting by mask keeps it to one division, where a
 * conditional would make the compiler divide on both sides. */
SURETY_INLINE double surety_select(uint64_t mask, double if_set, double if_clear)
{
    return surety_from_bits((surety_bits(if_set) & mask) | (surety_bits(if_clear) & ~mask));
}

#define SURETY_POLY7(x, c7, c6, c5, c4, c3, c2, c1, c0)                                                                \
    fma(fma(fma(fma(fma(fma(fma(c7, x, c6), x, c5), x, c4), x, c3), x, c2), x, c1), x, c0)

/** log min(p, 1 - p): first half of surety_norminv_core. */
SURETY_INLINE double surety_norminv_log_tail(double p)
{
    double upper = 1.0 - p;

    return surety_log_core(p < upper ? p : upper);
}

/** Second half: both branches of AS241 (PPND16) that have tail probability >= SURETY_NORMINV_FAR, by selecting
 * coefficients. p in (0,1); log_tail: the first half. Source: Wichura, Applied Statistics 37 (1988) 477-484. */
SURETY_INLINE double surety_norminv_rational(double p, double log_tail)
{
    double q = p - 0.5;
    uint64_t centre = (uint64_t)0 - (surety_bits(fabs(q) - 0.42500000000000004) >> 63);
    double c = fma(-q, q, 0.180625);
    double t = sqrt(-log_tail) - 1.6;
    double num_c = SURETY_POLY7(c, 2.5090809287301226727e+3, 3.3430575583588128105e+4, 6.7265770927008700853e+4,
                                4.5921953931549871457e+4, 1.3731693765509461125e+4, 1.9715909503065514427e+3,
                                1.3314166789178437745e+2, 3.3871328727963666080e+0);
    double den_c = SURETY_POLY7(c, 5.2264952788528545610e+3, 2.8729085735721942674e+4, 3.9307895800092710610e+4,
                                2.1213794301586595867e+4, 5.3941960214247511077e+3, 6.8718700749205790830e+2,
                                4.2313330701600911252e+1, 1.0);
    double num_t = SURETY_POLY7(t, 7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
                                1.27045825245236838258e+0, 3.64784832476320460504e+0, 5.76949722146069140550e+0,
                                4.63033784615654529590e+0, 1.42343711074968357734e+0);
    double den_t = SURETY_POLY7(t, 1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
                                1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940e+0,
                                2.05319162663775882187e+0, 1.0);

    return surety_select(centre, q * num_c, copysign(num_t, q)) / surety_select(centre, den_c, den_t);
}

/** Inverse normal for p in (0,1) that is not far (surety_norminv_is_far). */
SURETY_INLINE double surety_norminv_core(double p)
{
    return surety_norminv_rational(p, surety_norminv_log_tail(p));
}

/** Inverse normal for tail probabilities < SURETY_NORMINV_FAR (|z| > 6.66), AS241's third branch. */
double surety_norminv_far(double p);

/** Natural logarithm, <= 2 ulp. x: any double; 0 gives -infinity, negative x NaN. Cost about 6 ns with FMA,
 * 40 ns without. Example: surety_log(10) = 2.302585092994046. */
double surety_log(double x);

/** e^x, <= 2 ulp (subnormal results: <= 1 unit of 2^-1074 more). Overflow gives infinity, underflow 0.
 * Example: surety_exp(1) = 2.718281828459045. */
double surety_exp(double x);

/** x^y = exp(y log x) for x >= 0; relative error <= 2^-52 (2 + 2 |y log x|). 0^y = 0 for y > 0, 1 for y = 0,
 * infinity for y < 0. Example: surety_pow_pos(2, 10) = 1024 (1 + 3e-15). */
double surety_pow_pos(double x, double y);

/** Quantile of the standard normal, AS241: relative error <= 1e-15 away from z = 0, absolute 1e-16 there.
 * p in (0,1); 0 and 1 give -/+ infinity, outside NaN. Example: surety_norminv(0.975) = 1.959963984540054. */
double surety_norminv(double p);

/** Standard normal distribution function, relative error <= 1e-14 for z > -37.5, lower tail included; 0 below.
 * Source: Cody, Math. Comp. 23 (1969) 631-637 and ACM TOMS 19 (1993) 22-30. Example: surety_normcdf(1.96) =
 * 0.9750021048517795. */
double surety_normcdf(double z);

#endif
