// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_BASE_KERNEL_H
#define SURETY_BASE_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#include "philox.h"

/* Block functions compiled once per instruction set from kernel_body.inc. All sets give equal bits. Every function
 * takes n >= 0 values and is meant for 8 <= n <= 512; input and output arrays must not overlap. */

/** The forms in which one variate comes from one uniform: one loop each, rows of the table `quantile`.
 * w = u_scale * u restricts a law to its lower share. Every form increases with u. */
enum surety_quantile_form {
    SURETY_Q_CONSTANT,    /* shift */
    SURETY_Q_LINEAR,      /* shift + scale u */
    SURETY_Q_ROOT,        /* shift + sqrt(mu + sigma u) */
    SURETY_Q_EXPONENTIAL, /* shift - scale log(1 - w) */
    SURETY_Q_WEIBULL,     /* shift + exp(mu + sigma log(-log(1 - w))) */
    SURETY_Q_LOGNORMAL,   /* shift + exp(mu + sigma norminv(w)) */
    SURETY_Q_PARETO,      /* shift + exp(mu - sigma log(1 - w)) */
    SURETY_Q_LOG_LINEAR,  /* shift + exp(mu + sigma u) */
    SURETY_Q_TABLE,       /* shift + exp(cubic(norminv(w))) */
    SURETY_Q_EMPIRICAL,   /* values[floor(n_values u)] */
    SURETY_Q_WEIGHTED,    /* values[k], k the first with u <= cumulative[k] */
    SURETY_N_QUANTILE_FORMS
};

/** The constants of one form; fields that a form does not name are not read. The result is capped at `max`
 * (INFINITY: no cap) by all forms that compute. */
struct surety_quantile {
    enum surety_quantile_form form;
    double u_scale;           /* probability kept by a truncation, (0, 1]; negative for pareto's growing twin */
    double mu, sigma, scale;  /* see the form; scale in the caller's unit of x */
    double shift, max;        /* unit of x */
    double z_min, z_max;      /* table: covered normal scores */
    double cells_per_z;       /* table: 1 / width of a cell */
    const double *cells;      /* table: n_cells x 4 coefficients of log x in (0,1), constant term first */
    size_t n_values;          /* empirical, weighted; at most 2^31 - 1 */
    const double *values;     /* empirical, weighted: sorted, shift already added */
    const double *cumulative; /* weighted: n_values cumulative weights, the last is 1 */
    const uint32_t *guide;    /* weighted: n_values first candidates for floor(n_values u) */
};

/** One instruction set's block functions. */
struct surety_kernel {
    const char *name; /* "baseline", "avx2", "avx512" */

    /** Uniforms of one replication: u0[i], u1[i] from the block of index first_index + i (mod 2^32); the numbers
     * of surety_philox_uniforms. u0, u1: n doubles each. Cost 1.0 ns a uniform (AVX2). */
    void (*uniforms)(struct surety_philox_key key, uint32_t stream, uint64_t replication, uint32_t first_index,
                     size_t n, double *u0, double *u1);

    /** The same draw of n replications: u0[i], u1[i] from the block `index` of first_replication + i. */
    void (*uniforms_across)(struct surety_philox_key key, uint32_t stream, uint64_t first_replication, uint32_t index,
                            size_t n, double *u0, double *u1);

    /** y[i] = log x[i] for positive normal x, surety_log's bits there. */
    void (*log)(size_t n, const double *x, double *y);

    /** y[i] = exp x[i], x clamped to [-708, 709]; surety_exp's bits there. */
    void (*exp)(size_t n, const double *x, double *y);

    /** y[i] = surety_norminv(x[i]), x in (0,1). */
    void (*norminv)(size_t n, const double *x, double *y);

    /** x[i] = quantile of u[i], u in (0,1); quantile[q->form] is the loop to call. */
    void (*quantile[SURETY_N_QUANTILE_FORMS])(const struct surety_quantile *q, size_t n, const double *u, double *x);
};

/** The widest set that this processor runs. Never NULL; static storage. Cost 2 ns. */
const struct surety_kernel *surety_kernel_best(void);

/** A set by name, for tests and `--isa`. name: as surety_kernel.name. NULL when unknown, not compiled in, or not
 * supported by this processor. */
const struct surety_kernel *surety_kernel_by_name(const char *name);

/* The tables of the three compilations; NULL when a compilation lacks its flags (another architecture). */
const struct surety_kernel *surety_kernel_baseline(void);
const struct surety_kernel *surety_kernel_avx2(void);
const struct surety_kernel *surety_kernel_avx512(void);

#endif
