// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/ignorance.h"

#include "sim/base/fmath.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N_GRID 1024 // of true shares, fine at both ends
#define N_STEPS 20

// Share number j and its width: p = t^2 (3 - 2 t), so that 1 - p mirrors p exactly and the ends are resolved to 1e-6.
static double grid(double j)
{
    const double t = j / N_GRID;
    return t * t * (3 - 2 * t);
}

// The logarithms of all shares and of what is left of them to 1: at the grid, once for all that asks for them.
struct logs {
    double p[N_GRID], q[N_GRID];
};

static void take_logs(struct logs *logs)
{
    for (int j = 0; j < N_GRID; j++)
        logs->p[j] = surety_log(grid(j + 0.5));
    for (int j = 0; j < N_GRID; j++)
        logs->q[j] = surety_log(grid(N_GRID - j - 0.5));
}

// The Beta law's density at the grid, times the cells' widths, scaled to sum 1.
static void start(const struct logs *logs, double mean, double between, double *weight)
{
    const double nu = fmax(mean * (1 - mean) / between - 1, 1e-3), a = mean * nu, b = (1 - mean) * nu;
    double top = -INFINITY, sum = 0;
    for (int j = 0; j < N_GRID; j++) {
        weight[j] = (a - 1) * logs->p[j] + (b - 1) * logs->q[j];
        weight[j] += surety_log(grid(j + 1) - grid(j));
        top = fmax(top, weight[j]);
    }
    for (int j = 0; j < N_GRID; j++)
        sum += weight[j] = surety_exp(weight[j] - top);
    for (int j = 0; j < N_GRID; j++)
        weight[j] /= sum;
}

// Kinds of groups go four at a time, one in each lane: their sums do not wait for each other, and each is added in the
// order of the grid.
#define LANES 4
typedef double lanes __attribute__((vector_size(LANES * sizeof(double))));

// P(k of n trials) at each share, without the binomial coefficient: a factor of k alone falls out of every step. Scaled
// so that its largest value is 1. Into a lane of `out`.
static void likelihood(const struct logs *logs, unsigned k, unsigned n, lanes *out, size_t lane)
{
    const double peak = n > 0 ? (double)k / n : 0;
    const double top = (k > 0 ? k * surety_log(peak) : 0) + (k < n ? (n - k) * surety_log(1 - peak) : 0);
    for (int j = 0; j < N_GRID; j++)
        out[j][lane] = surety_exp(k * logs->p[j] + (n - k) * logs->q[j] - top);
}

static void step(const uint64_t *counts, const lanes *like, size_t n_kinds, double n_groups, double *weight,
                 double *next)
{
    for (int j = 0; j < N_GRID; j++)
        next[j] = 0;
    for (size_t k = 0; k < n_kinds; k += LANES) {
        const lanes *l = &like[k / LANES * N_GRID];
        lanes sum = {0}, share = {0};
        for (int j = 0; j < N_GRID; j++)
            sum += weight[j] * l[j];
        for (size_t i = 0; i < LANES && k + i < n_kinds; i++)
            share[i] = sum[i] > 0 ? (double)counts[k + i] / n_groups / sum[i] : 0;
        for (int j = 0; j < N_GRID; j++) {
            const lanes more = share * l[j];
            next[j] = next[j] + more[0] + more[1] + more[2] + more[3];
        }
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
    // Lanes that are left over stay 0.
    const size_t n_lanes = (n_kinds + LANES - 1) / LANES * N_GRID;
    struct logs *logs = malloc(sizeof *logs);
    double *weight = calloc(2 * N_GRID, sizeof *weight);
    lanes *like = aligned_alloc(sizeof *like, (n_lanes + 1) * sizeof *like);
    uint64_t *seen = calloc(n_kinds + 1, sizeof *seen);
    if (logs == NULL || weight == NULL || like == NULL || seen == NULL) {
        free(logs);
        free(weight);
        free(like);
        free(seen);
        return SURETY_E_MEMORY;
    }
    memset(like, 0, n_lanes * sizeof *like);
    take_logs(logs);
    n_kinds = 0;
    for (unsigned k = 0; k <= n_trials; k++) {
        if (counts[k] == 0)
            continue;
        likelihood(logs, k, n_trials, &like[n_kinds / LANES * N_GRID], n_kinds % LANES);
        n_groups += (double)counts[k];
        seen[n_kinds++] = counts[k];
    }
    start(logs, mean, between, weight);
    for (int i = 0; i < N_STEPS; i++)
        step(seen, like, n_kinds, n_groups, weight, weight + N_GRID);
    *out = (struct surety_interval){quantile(weight, (1 - confidence) / 2), quantile(weight, (1 + confidence) / 2)};
    free(logs);
    free(weight);
    free(like);
    free(seen);
    return SURETY_OK;
}
