// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/latency_grid.h"

#include <gsl/gsl_fft_halfcomplex.h>
#include <gsl/gsl_fft_real.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const double surety_gauss_node[SURETY_LATENCY_GAUSS] = {-0.86113631159405257522, -0.33998104358485626480,
                                                        0.33998104358485626480, 0.86113631159405257522};
const double surety_gauss_weight[SURETY_LATENCY_GAUSS] = {0.34785484513745385737, 0.65214515486254614263,
                                                          0.65214515486254614263, 0.34785484513745385737};

void surety_latency_carry(double u, double v, double d, double matrix[3][3])
{
    memset(matrix, 0, 9 * sizeof(double));
    for (size_t q = 0; q < SURETY_LATENCY_GAUSS; q++) {
        const double xi = (u + v) / 2 + (v - u) / 2 * surety_gauss_node[q];
        const double weight = (v - u) / 2 * surety_gauss_weight[q];
        double from[3], to[3];
        surety_legendre(xi, from);
        surety_legendre(xi + d, to);
        for (size_t c = 0; c < 3; c++)
            for (size_t k = 0; k < 3; k++)
                matrix[c][k] += weight * (2 * (double)k + 1) / 2 * from[k] * to[c];
    }
}

// The integrals behind `lower`: xi + eta < 0, where the sum of two cells' times stays in cell i + j.
static void fill_tensors(struct surety_latency_grid *grid)
{
    for (size_t q = 0; q < SURETY_LATENCY_GAUSS; q++)
        for (size_t r = 0; r < SURETY_LATENCY_GAUSS; r++) {
            const double xi = surety_gauss_node[q], width = (1 - xi) / 2;
            const double eta = -1 + width * (1 + surety_gauss_node[r]);
            const double weight = surety_gauss_weight[q] * surety_gauss_weight[r] * width;
            double pa[3], pb[3], pc[3];
            surety_legendre(xi, pa);
            surety_legendre(eta, pb);
            surety_legendre(xi + eta + 1, pc);
            for (size_t c = 0; c < 3; c++)
                for (size_t a = 0; a < 3; a++)
                    for (size_t b = 0; b < 3; b++)
                        grid->lower[c][a][b] +=
                            weight * (2 * (double)a + 1) * (2 * (double)b + 1) / 4 * pa[a] * pb[b] * pc[c];
        }
    for (size_t c = 0; c < 3; c++)
        for (size_t a = 0; a < 3; a++)
            for (size_t b = 0; b < 3; b++) // the other half is its mirror image
                grid->upper[c][a][b] = (a + b + c) % 2 == 0 ? grid->lower[c][a][b] : -grid->lower[c][a][b];
}

enum surety_err surety_latency_grid_init(struct surety_latency_grid *grid, double step_s, size_t n)
{
    *grid = (struct surety_latency_grid){.step_s = step_s, .n = n};
    grid->forward = gsl_fft_real_wavetable_alloc(2 * n);
    grid->backward = gsl_fft_halfcomplex_wavetable_alloc(2 * n);
    grid->cosine = malloc((n + 1) * sizeof *grid->cosine);
    grid->sine = malloc((n + 1) * sizeof *grid->sine);
    if (grid->forward == NULL || grid->backward == NULL || grid->cosine == NULL || grid->sine == NULL) {
        surety_latency_grid_finish(grid);
        return SURETY_E_MEMORY;
    }
    for (size_t k = 0; k <= n; k++) {
        grid->cosine[k] = cos(M_PI * (double)k / (double)n);
        grid->sine[k] = sin(M_PI * (double)k / (double)n);
    }
    fill_tensors(grid);
    return SURETY_OK;
}

void surety_latency_grid_finish(struct surety_latency_grid *grid)
{
    if (grid->forward != NULL)
        gsl_fft_real_wavetable_free(grid->forward);
    if (grid->backward != NULL)
        gsl_fft_halfcomplex_wavetable_free(grid->backward);
    free(grid->cosine);
    free(grid->sine);
    *grid = (struct surety_latency_grid){0};
}

double surety_latency_round_step(double reach_s, size_t n)
{
    static const double mantissas[] = {1, 2, 2.5, 5};
    const double least = reach_s / (double)n;
    for (int exponent = (int)floor(log10(least));; exponent++)
        for (size_t i = 0; i < sizeof mantissas / sizeof *mantissas; i++) {
            // a quotient of two exact numbers: 1e-3, not 1e-3 and a bit
            const double step = exponent < 0 ? mantissas[i] / pow(10, -exponent) : mantissas[i] * pow(10, exponent);
            if (step * (double)n >= reach_s * (1 - 1e-12))
                return step;
        }
}

struct complex {
    double re, im;
};

// Number k of a half-complex array of 2 n reals.
static inline struct complex get(const double *x, size_t k, size_t n)
{
    return (struct complex){k == 0 ? x[0] : x[2 * k - 1], k == 0 || k == n ? 0 : x[2 * k]};
}

static inline void put(double *x, size_t k, size_t n, struct complex z)
{
    x[k == 0 ? 0 : 2 * k - 1] = z.re;
    if (k != 0 && k != n)
        x[2 * k] = z.im;
}

static inline struct complex times(struct complex x, struct complex y)
{
    return (struct complex){x.re * y.re - x.im * y.im, x.re * y.im + x.im * y.re};
}

// The products of all spectra at frequency k, in place of x's: what goes to cell i + j + 1 turns by one cell more.
static void multiply(const struct surety_latency_grid *grid, double *const x[3], double *const y[3], size_t k)
{
    const size_t n = grid->n;
    struct complex xs[3], ys[3], zs[3] = {{0, 0}, {0, 0}, {0, 0}};
    for (size_t a = 0; a < 3; a++) {
        xs[a] = get(x[a], k, n);
        ys[a] = get(y[a], k, n);
    }
    const struct complex turn = {grid->cosine[k], -grid->sine[k]};
    for (size_t a = 0; a < 3; a++)
        for (size_t b = 0; b < 3; b++) {
            const struct complex product = times(xs[a], ys[b]), turned = times(product, turn);
            for (size_t c = 0; c < 3; c++) {
                zs[c].re += grid->lower[c][a][b] * product.re + grid->upper[c][a][b] * turned.re;
                zs[c].im += grid->lower[c][a][b] * product.im + grid->upper[c][a][b] * turned.im;
            }
        }
    for (size_t c = 0; c < 3; c++)
        put(x[c], k, n, zs[c]);
}

enum surety_err surety_latency_convolve(const struct surety_latency_grid *grid, const double *x, const double *y,
                                        double *z)
{
    const size_t n = grid->n, length = 2 * n;
    double *spectra = calloc(6 * length, sizeof *spectra);
    gsl_fft_real_workspace *workspace = gsl_fft_real_workspace_alloc(length);
    if (spectra == NULL || workspace == NULL) {
        free(spectra);
        if (workspace != NULL)
            gsl_fft_real_workspace_free(workspace);
        return SURETY_E_MEMORY;
    }
    double *xs[3], *ys[3];
    for (size_t a = 0; a < 3; a++) {
        xs[a] = spectra + a * length;
        ys[a] = spectra + (3 + a) * length;
        memcpy(xs[a], x + a * n, n * sizeof *x);
        memcpy(ys[a], y + a * n, n * sizeof *y);
        gsl_fft_real_transform(xs[a], 1, length, grid->forward, workspace);
        gsl_fft_real_transform(ys[a], 1, length, grid->forward, workspace);
    }
    for (size_t k = 0; k <= n; k++)
        multiply(grid, xs, ys, k);
    for (size_t c = 0; c < 3; c++) {
        gsl_fft_halfcomplex_inverse(xs[c], 1, length, grid->backward, workspace);
        memcpy(z + c * n, xs[c], n * sizeof *z);
    }
    gsl_fft_real_workspace_free(workspace);
    free(spectra);
    return SURETY_OK;
}
