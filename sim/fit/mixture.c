// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/fit/likelihood.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EM_TRIAL 12    // steps from each start
#define EM_STEPS 80    // more from the best of them
#define EM_ENOUGH 1e-3 // rise of the log-likelihood in a step; the climb does the rest

struct parts {
    double weight[2], mu[2], sigma[2];
};

// Sums of one part over the durations, each weighted with the probability that it is of this part.
struct moments {
    double weight, first, second;
};

static double log_density(double y, double mu, double sigma)
{
    const double z = (y - mu) / sigma;
    return -z * z / 2 - log(sigma);
}

// The first two moments of a normal known to be above y, for the M-step of a cut duration.
static void tail_moments(double y, double mu, double sigma, double *first, double *second)
{
    const double z = (y - mu) / sigma;
    const double hazard = exp(-z * z / 2 - 0.9189385332046727 - surety_fit_log_normal_tail(z));
    *first = mu + sigma * hazard;
    *second = sigma * sigma * (1 + z * hazard - hazard * hazard) + *first * *first;
}

// One round of expectation and maximisation. What is left of periods at the record's beginning takes no part: it is a
// handful, and the climb reads it.
static void em_step(const struct surety_sums *sums, struct parts *parts)
{
    struct moments sum[2] = {{0}};
    const size_t n_whole = sums->sample.n_whole, n = n_whole + sums->sample.n_cut;
    for (size_t i = 0; i < n; i++) {
        const double y = sums->logs[i];
        double log_p[2];
        for (size_t p = 0; p < 2; p++)
            log_p[p] = log(parts->weight[p]) + (i < n_whole
                                                    ? log_density(y, parts->mu[p], parts->sigma[p])
                                                    : surety_fit_log_normal_tail((y - parts->mu[p]) / parts->sigma[p]));
        const double of_first = 1 / (1 + exp(log_p[1] - log_p[0]));
        for (size_t p = 0; p < 2; p++) {
            const double share = p == 0 ? of_first : 1 - of_first;
            double first = y, second = y * y;
            if (i >= n_whole)
                tail_moments(y, parts->mu[p], parts->sigma[p], &first, &second);
            sum[p].weight += share;
            sum[p].first += share * first;
            sum[p].second += share * second;
        }
    }
    for (size_t p = 0; p < 2; p++) {
        const double weight = fmax(sum[p].weight, 1e-9);
        parts->weight[p] = fmin(fmax(weight / (double)n, 1e-6), 1 - 1e-6);
        parts->mu[p] = sum[p].first / weight;
        parts->sigma[p] = sqrt(fmax(sum[p].second / weight - parts->mu[p] * parts->mu[p], 0.0625 * 0.0625));
    }
    // within the bounds of the likelihood
    for (size_t p = 0; p < 2; p++)
        parts->sigma[p] = fmin(fmax(parts->sigma[p], parts->sigma[1 - p] / 5.5), 7.5);
    const double least = 4.2 / (double)n;
    if (fmin(parts->weight[0], parts->weight[1]) < least) {
        const size_t small = parts->weight[1] < parts->weight[0];
        parts->weight[small] = least;
        parts->weight[1 - small] = 1 - least;
    }
}

static void to_theta(const struct surety_sums *sums, const struct parts *parts, double *theta)
{
    theta[0] = log(parts->weight[1] / parts->weight[0]);
    for (size_t p = 0; p < 2; p++) {
        theta[1 + 2 * p] = parts->mu[p] - log(sums->scale);
        theta[2 + 2 * p] = log(parts->sigma[p]);
    }
}

static double likelihood_of(const struct surety_sums *sums, const struct parts *parts, double *theta)
{
    to_theta(sums, parts, theta);
    return surety_fit_log_likelihood(SURETY_FIT_MIXTURE, sums, theta);
}

static int by_value(const void *a, const void *b)
{
    const double l = *(const double *)a, r = *(const double *)b;
    return (l > r) - (l < r);
}

static void mean_and_sigma(const double *logs, size_t from, size_t to, double *mu, double *sigma)
{
    double sum = 0, squares = 0;
    const double n = (double)(to - from);
    for (size_t i = from; i < to; i++)
        sum += logs[i];
    for (size_t i = from; i < to; i++)
        squares += (logs[i] - sum / n) * (logs[i] - sum / n);
    *mu = sum / n;
    *sigma = fmax(sqrt(squares / n), 0.1);
}

bool surety_fit_mixture_start(const struct surety_sums *sums, double *theta)
{
    static const double cuts[] = {0.25, 0.5, 0.75, 0.9}; // shares of the body
    const size_t n = sums->sample.n_whole;
    double reached_best = -INFINITY, mu, sigma, tried[SURETY_FIT_PARAMETERS];
    struct parts best = {{0}, {0}, {0}};
    double *logs = malloc(n * sizeof *logs);
    if (logs == NULL)
        return false;
    memcpy(logs, sums->logs, n * sizeof *logs);
    qsort(logs, n, sizeof *logs, by_value);
    mean_and_sigma(logs, 0, n, &mu, &sigma);
    for (size_t i = 0; i <= sizeof cuts / sizeof *cuts; i++) {
        struct parts parts = {{0.5, 0.5}, {mu, mu}, {0.5 * sigma, 1.4 * sigma}}; // a narrow and a wide one
        if (i < sizeof cuts / sizeof *cuts) {
            const size_t at = (size_t)(cuts[i] * (double)n);
            parts.weight[0] = cuts[i];
            parts.weight[1] = 1 - cuts[i];
            mean_and_sigma(logs, 0, at, &parts.mu[0], &parts.sigma[0]);
            mean_and_sigma(logs, at, n, &parts.mu[1], &parts.sigma[1]);
        }
        for (int step = 0; step < EM_TRIAL; step++)
            em_step(sums, &parts);
        const double reached = likelihood_of(sums, &parts, tried);
        if (i == 0 || reached > reached_best) {
            reached_best = reached;
            best = parts;
        }
    }
    for (int step = 0; step < EM_STEPS; step++) {
        em_step(sums, &best);
        const double reached = likelihood_of(sums, &best, theta);
        if (reached - reached_best < EM_ENOUGH)
            break;
        reached_best = reached;
    }
    free(logs);
    return true;
}
