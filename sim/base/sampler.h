// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_BASE_SAMPLER_H
#define SURETY_BASE_SAMPLER_H

#include <stdbool.h>
#include <stddef.h>

#include "kernel.h"
#include "law.h"

/* The compiled form of a law for hot paths: one uniform per variate, inverse distribution functions, no GSL and no
 * libm after compile. A mixture picks its component by u and reuses the rescaled u within it, so x increases with u
 * for every simple law and within each component of a mixture. */

/** What a sampler draws. */
enum surety_sampler_purpose {
    SURETY_SAMPLE_PLAIN,   /* the law */
    SURETY_SAMPLE_RESIDUAL /* what remains of it at a random instant: the equilibrium law, density (1-F(t))/E */
};

enum surety_sampler_err {
    SURETY_SAMPLER_OK = 0,
    SURETY_SAMPLER_BAD_LAW, /* surety_law_check complains */
    SURETY_SAMPLER_NO_MEMORY,
    SURETY_SAMPLER_BAD_TABLE /* a table misses 1e-6 even at its finest (gamma of extreme shape) */
};

/** Owns its tables; otherwise plain constants, read-only after compile, shared by threads. */
struct surety_sampler {
    enum surety_sampler_purpose purpose;
    bool is_memoryless;            /* residual of a bare exponential: the exponential itself */
    size_t n_parts;                /* 1 for simple laws */
    struct surety_quantile *parts; /* n_parts, owned with their tables */
    double *cumulative;            /* n_parts cumulative weights; the last is 1 */
    double *per_weight;            /* n_parts reciprocals of weights */
};

/** Compile a law.
 *
 * law: passes surety_law_check; its values are copied. out: the caller's storage, to be finished with
 * surety_sampler_free; untouched on error. Laws without a cheap inverse (gamma, Weibull's length-biased twin) get
 * a monotone cubic table of log x over the normal score from -12 to 8.5, relative error of x <= 1e-6. Constants are
 * rounded to 40 significant bits.
 * Errors: see enum surety_sampler_err. Cost: about 5 us, with a table 0.3 ms (1 ms for shapes below 0.05). */
enum surety_sampler_err surety_sampler_compile(const struct surety_law *law, enum surety_sampler_purpose purpose,
                                               struct surety_sampler *out);

struct surety_table_cache;

/** The same bytes, faster when a table of the same shape was compiled with this cache before (sampler_table.h). */
enum surety_sampler_err surety_sampler_compile_again(const struct surety_law *law, enum surety_sampler_purpose purpose,
                                                     struct surety_table_cache *cache, struct surety_sampler *out);

/** Release what compile took. A zeroed sampler is fine. */
void surety_sampler_free(struct surety_sampler *sampler);

/** n variates from n uniforms. For a PLAIN sampler.
 *
 * u: n uniforms in (0,1); x: n results, unit of the law, no overlap with u; any n. Same bits for every kernel and
 * every way of cutting an array into blocks. Cost per variate on AVX2, uniform not included: see
 * tests/bench/bench_draws.c. */
void surety_sampler_block(const struct surety_sampler *sampler, const struct surety_kernel *kernel, size_t n,
                          const double *u, double *x);

/** One variate of a PLAIN sampler, surety_sampler_block's bits, on the best kernel. Cost: 15 to 40 ns. */
double surety_sampler_one(const struct surety_sampler *sampler, double u);

/** n residual times from 2n uniforms. For a RESIDUAL sampler.
 *
 * u0: V, uniform in (0,1) (after the start state took its part, rescaled by the caller); u1: for the length-biased
 * draw G, density x f(x)/E; x = V G, n of each, no overlap. A bare exponential is memoryless: u0 is not read.
 * Source: Cox, Renewal Theory (1962), section 5.3: in equilibrium the interval in progress is length-biased and the
 * instant uniform within it. */
void surety_sampler_residual_block(const struct surety_sampler *sampler, const struct surety_kernel *kernel, size_t n,
                                   const double *u0, const double *u1, double *x);

/** One residual time of a RESIDUAL sampler, surety_sampler_residual_block's bits, on the best kernel. */
double surety_sampler_residual(const struct surety_sampler *sampler, double u0, double u1);

#endif
