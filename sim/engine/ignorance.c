// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/ignorance.h"

#include "sim/base/fmath.h"

#include <math.h>
#include <stdlib.h>

#define N_GRID 1024 // of true shares, fine at both ends
#define N_STEPS 20

// Share number j and its width: p = t^2 (3 - 2 t), so that 1 - p mirrors p exactly and the ends are resolved to 1e-6.
static double grid(double j)
{
    const double t = j / N_GRID;
    return t * t * (3 - 2 * t);
}

// The Beta law's density at the grid, times the cells' widths, scaled to sum 1.
static void start(double mean, double between, double *weight)
{
    const double nu = fmax(mean * (1 - mean) / between - 1, 1e-3), a = mean * nu, b = (1 - mean) * nu;
    double top = -INFINITY, sum = 0;
    for (int j = 0; j < N_GRID; j++) {
        const double p = grid(j + 0.5), q = grid(N_GRID - j - 0.5);
        weight[j] = (a - 1) * surety_log(p) + (b - 1) * surety_log(q);
        weight[j] += surety_log(grid(j + 1) - grid(j));
        top = fmax(top, weight[j]);
    }
    for (int j = 0; j < N_GRID; j++)
        sum += weight[j] = surety_exp(weight[j] - top);
    for (int j = 0; j < N_GRID; j++)
        weight[j] /= sum;
}

// P(k of n trials) at each share, without the binomial coefficient: a factor of k alone falls out of every step. Scaled
// so that its largest value is 1.
static void likelihood(unsigned k, unsigned n, double *out)
{
    const double peak = n > 0 ? (double)k / n : 0;
    const double top = (k > 0 ? k * surety_log(peak) : 0) + (k < n ? (n - k) * surety_log(1 - peak) : 0);
    for (int j = 0; j < N_GRID; j++)
        out[j] = surety_exp(k * surety_log(grid(j + 0.5)) + (n - k) * surety_log(grid(N_GRID - j - 0.5)) - top);
}

static void step(const uint64_t *counts, const double *like, size_t n_kinds, double n_groups, double *weight,
                 double *next)
{
    for (int j = 0; j < N_GRID; j++)
        next[j] = 0;
    for (size_t k = 0; k < n_kinds; k++) {
        const double *l = &like[k * N_GRID];
        double sum = 0;
        for (int j = 0; j < N_GRID; j++)
            sum += weight[j] * l[j];
        const double share = sum > 0 ? (double)counts[k] / n_groups / sum : 0;
        for (int j = 0; j < N_GRID; j++)
            next[j] += share * l[j];
    }
    double total = 0;
    for (int j = 0; j < N_GRID; j++)
        total += weight[j] *= next[j];
    for (int j = 0; j < N_GRID; j++)
        weight[j] /= total;
}

static double quantile(const double *weight, double q)
{
    double sum = 0;
    for (int j = 0; j < N_GRID; j++) {
        if (sum + weight[j] >= q)
            return grid(j + (weight[j] > 0 ? (q - sum) / weight[j] : 0));
        sum += weight[j];
    }
    return 1;
}

enum surety_err surety_ignorance(const uint64_t *counts, unsigned n_trials, double mean, double between,
                                 double confidence, struct surety_interval *out)
{
    *out = (struct surety_interval){mean, mean};
    if (!(between > 0) || !(mean > 0) || !(mean < 1))
        return SURETY_OK;
    size_t n_kinds = 0;
    double n_groups = 0;
    for (unsigned k = 0; k <= n_trials; k++)
        n_kinds += counts[k] > 0;
    double *weight = calloc(2 * N_GRID, sizeof *weight), *like = calloc(n_kinds * N_GRID, sizeof *like);
    uint64_t *seen = calloc(n_kinds, sizeof *seen);
    if (weight == NULL || like == NULL || seen == NULL) {
        free(weight);
        free(like);
        free(seen);
        return SURETY_E_MEMORY;
    }
    n_kinds = 0;
    for (unsigned k = 0; k <= n_trials; k++) {
        if (counts[k] == 0)
            continue;
        likelihood(k, n_trials, &like[n_kinds * N_GRID]);
        n_groups += (double)counts[k];
        seen[n_kinds++] = counts[k];
    }
    start(mean, between, weight);
    for (int i = 0; i < N_STEPS; i++)
        step(seen, like, n_kinds, n_groups, weight, weight + N_GRID);
    *out = (struct surety_interval){quantile(weight, (1 - confidence) / 2), quantile(weight, (1 + confidence) / 2)};
    free(weight);
    free(like);
    free(seen);
    return SURETY_OK;
}
