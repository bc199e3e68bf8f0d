// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_BASE_LATENCY_H
#define SURETY_BASE_LATENCY_H

#include "sim/base/arena.h"
#include "sim/base/latency_grid.h"
#include "sim/base/law.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Laws of latencies that are put together: sums, choices, timeouts, races. A latency here is an improper law of a time
 * in seconds: its mass, at most 1, is the probability that there is such a time at all, so that a part of a law (the
 * answers within a timeout, say) is a latency too. It consists of atoms (times with a probability of their own) and of
 * a rest on the space's grid. Plan-time code: GSL and libm inside. */

/** A time with a probability of its own. */
struct surety_latency_atom {
    double at_s, p;
};

struct surety_latency {
    double mass; /* in [0, 1]; what atoms and cells lack of it lies beyond the grid */
    size_t n_atoms;
    const struct surety_latency_atom *atoms; /* rising in at_s */
    const double *moments;                   /* 3 n numbers, moment by moment, times `weight`; NULL: atoms only */
    const double *edges;                     /* n + 1: mass of the cells below each edge, likewise; with moments */
    double weight;                           /* so that a share of a law needs no arrays of its own */
    uint64_t id;    /* content of atoms, moments and edges without their weight, and of the grid; 0: unknown */
    bool is_shared; /* moments and edges are a cache's */
};

struct surety_latency_cache;

/** Where latencies live. Not shared by threads; grid and cache may be. */
struct surety_latency_space {
    const struct surety_latency_grid *grid; /* borrowed */
    struct surety_arena arena;              /* all latencies made here */
    struct surety_latency_cache *cache;     /* borrowed; NULL: none */
    bool out_of_memory;                     /* an operation failed and gave an empty latency: results are void */
};

void surety_latency_space_init(struct surety_latency_space *space, const struct surety_latency_grid *grid);
void surety_latency_space_finish(struct surety_latency_space *space);

/** There is no such time: mass 0. */
struct surety_latency surety_latency_none(void);

/** at_s >= 0 with probability p. Example: at 0 with 1 is the neutral element of surety_latency_sum. */
struct surety_latency surety_latency_at(struct surety_latency_space *space, double at_s, double p);

/** A law, its times multiplied by factor > 0. Fixed values and up to 32 empirical ones become atoms; every other law,
 * mixtures among them, has its exact moments in each cell. law: passes surety_law_check. Cost: 4 values of the
 * distribution function a cell. */
struct surety_latency surety_latency_of(struct surety_latency_space *space, const struct surety_law *law,
                                        double factor);

/** count x each, independent, each law drawn once: an answer of `count` tokens. Two lognormals without shift and max
 * give a lognormal; other pairs are integrated, P(N W <= t) = E[F_W(t / N)], to about 1e-8. */
struct surety_latency surety_latency_of_product(struct surety_latency_space *space, const struct surety_law *count,
                                                const struct surety_law *each, double factor);

/** A law, as surety_latency_of gives it, or (count not NULL) as surety_latency_of_product: from the space's cache where
 * it is there. `content` tells the laws and the grid apart. */
struct surety_latency surety_latency_known(struct surety_latency_space *space, uint64_t content,
                                           const struct surety_law *count, const struct surety_law *law, double factor);

/** The same times, each with its probability times p, p in [0, 1]. */
struct surety_latency surety_latency_scaled(struct surety_latency_space *space, const struct surety_latency *x,
                                            double p);

/** Either x or y: probabilities add, their masses are at most 1 together. */
struct surety_latency surety_latency_either(struct surety_latency_space *space, const struct surety_latency *x,
                                            const struct surety_latency *y);

/** x without y, where y is a part of x. */
struct surety_latency surety_latency_without(struct surety_latency_space *space, const struct surety_latency *x,
                                             const struct surety_latency *y);

/** x delayed by by_s >= 0. */
struct surety_latency surety_latency_later(struct surety_latency_space *space, const struct surety_latency *x,
                                           double by_s);

/** One after the other: the sum of independent times, by convolution. Mass: the product. */
struct surety_latency surety_latency_sum(struct surety_latency_space *space, const struct surety_latency *x,
                                         const struct surety_latency *y);

/** The part of x that is at most limit_s; INFINITY: all of it. A limit beyond the grid keeps what lies beyond it, so
 * the grid has to reach the limits. */
struct surety_latency surety_latency_within(struct surety_latency_space *space, const struct surety_latency *x,
                                            double limit_s);

/** The part of x that is before an independent y: density f_x(t) (1 - F_y(t)). ties: x counts as before an equal y.
 * The two parts of a race are before(x, y, true) and before(y, x, false). */
struct surety_latency surety_latency_before(struct surety_latency_space *space, const struct surety_latency *x,
                                            const struct surety_latency *y, bool ties);

/** The k-th of n independent times, 1 <= k <= n: P(at least k of them <= t), Poisson-binomial. What lies beyond the grid
 * is known to be later, as everywhere. Cost: 4 n k a cell. */
struct surety_latency surety_latency_kth(struct surety_latency_space *space, const struct surety_latency *x, size_t n,
                                         size_t k);

/** P(x <= t), at most the mass. On the grid; beyond it the value at its end, a lower bound. */
double surety_latency_cdf(const struct surety_latency_grid *grid, const struct surety_latency *x, double t_s);

/** P(x < t). */
double surety_latency_cdf_below(const struct surety_latency_grid *grid, const struct surety_latency *x, double t_s);

/** The smallest t with P(x <= t) >= p x mass, p in (0, 1): a percentile of those that have a time. INFINITY when it lies
 * beyond the grid. Root by bisection, to neighbouring doubles. */
double surety_latency_quantile(const struct surety_latency_grid *grid, const struct surety_latency *x, double p);

#endif
