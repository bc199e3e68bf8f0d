// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_BASE_LATENCY_GRID_H
#define SURETY_BASE_LATENCY_GRID_H

#include "sim/base/err.h"

#include <stddef.h>

/* Where laws of latencies are computed: n cells of equal length from 0 on. In each cell a law is its three first
 * Legendre moments M_k = E[P_k(xi); X in the cell], xi in [-1, 1] across the cell: mass, mean and spread are exact
 * there, whatever the law does. Its density is read as the parabola with these moments.
 *
 * Error. Let h be the step and s the scale on which a density f varies. Projecting loses O((h/s)^3) of the density,
 * but what is lost is orthogonal to every parabola, so a sum X + Y errs by the product of two such losses, O((h/s)^6)
 * at the edges of cells; between edges the parabola itself shows, about 4e-4 f''' h^4 of probability. With h <= s/8
 * percentiles err by less than 1e-6 of themselves; tests/unit/test_latency.c measures it. A jump of a density inside a
 * cell costs O((h/s)^4) elsewhere, and is smeared over its own cell: so steps are round numbers, and timeouts and
 * delays, round numbers too, are edges. */

#define SURETY_LATENCY_MOMENTS 3
#define SURETY_LATENCY_GAUSS 4 /* points of the rule inside a cell: exact to degree 7 */

/** A grid with the tables of its convolutions. Read-only after init, shared by threads. */
struct surety_latency_grid {
    double step_s;
    size_t n;              /* cells, a power of two */
    void *forward;         /* of GSL's transforms of 2 n reals, owned */
    void *backward;        /* the same */
    double *cosine, *sine; /* of 2 pi k / (2 n), k = 0..n, owned */
    /* sums: a moment a of X's cell i and b of Y's cell j give lower[c][a][b] to moment c of cell i + j, upper to that of
     * i + j + 1 */
    double lower[3][3][3], upper[3][3][3];
};

/** n cells of step_s > 0 seconds; n a power of two, at least 16. SURETY_E_MEMORY. Cost: 1 ms at n = 8192. */
enum surety_err surety_latency_grid_init(struct surety_latency_grid *grid, double step_s, size_t n);

/** Accepts a zeroed grid. */
void surety_latency_grid_finish(struct surety_latency_grid *grid);

/** The smallest step 1, 2, 2.5 or 5 times a power of ten with which n cells reach at least reach_s > 0 seconds.
 * Example: 30 s in 8192 cells: 5 ms. */
double surety_latency_round_step(double reach_s, size_t n);

/** The moments z of the sum of two independent laws with moments x and y on the grid, 3 n numbers each, moment by
 * moment. What falls beyond the grid is dropped; as times are not negative, no time on the grid misses anything.
 * z may not overlap. SURETY_E_MEMORY. Cost: 9 transforms of 2 n, about 3 ms at n = 8192. */
enum surety_err surety_latency_convolve(const struct surety_latency_grid *grid, const double *x, const double *y,
                                        double *z);

/** P_0..P_2 at xi, into p[3]. */
static inline void surety_legendre(double xi, double *p)
{
    p[0] = 1;
    p[1] = xi;
    p[2] = 1.5 * xi * xi - 0.5;
}

/** Nodes in [-1, 1] and weights of the rule with SURETY_LATENCY_GAUSS points. */
extern const double surety_gauss_node[SURETY_LATENCY_GAUSS], surety_gauss_weight[SURETY_LATENCY_GAUSS];

/** How a cell's part from xi = u to v, moved by d (in units of xi), enters the moments of the cell that it then lies
 * in: to_c = sum over k of matrix[c][k] from_k. Exact. */
void surety_latency_carry(double u, double v, double d, double matrix[3][3]);

#endif
