// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/scores.h"

#include <assert.h>
#include <math.h>

const double surety_levels[SURETY_N_LEVELS] = {0.5, 0.8, 0.9};

#define CONFIDENCE 0.95

struct surety_score surety_score_make(const struct surety_forecast *forecast, double y, const double *p_met,
                                      const double *targets, size_t n_targets)
{
    struct surety_score score = {.crps = surety_forecast_crps(forecast, y)};
    assert(n_targets <= SURETY_MOST_TARGETS);
    for (size_t l = 0; l < SURETY_N_LEVELS; l++) {
        const struct surety_forecast_interval interval = surety_forecast_central(forecast, surety_levels[l]);
        score.levels[l].covered = interval.lo <= y && y <= interval.hi ? 1.0 : 0.0;
        score.levels[l].mass = interval.mass;
        score.levels[l].central_share = surety_forecast_central_share(forecast, y, surety_levels[l]);
        score.levels[l].width = interval.hi - interval.lo;
    }
    for (size_t t = 0; t < n_targets; t++) {
        const bool met = y >= targets[t];
        score.targets[t].p = p_met[t];
        score.targets[t].happened = met ? 1.0 : 0.0;
        score.targets[t].brier = surety_brier(p_met[t], met);
        score.targets[t].log = surety_log_score(p_met[t], met);
    }
    return score;
}

struct surety_score surety_score_mean(const struct surety_score *scores, size_t n, size_t n_targets)
{
    struct surety_score mean = {0};
    assert(n > 0);
    for (size_t i = 0; i < n; i++) {
        mean.crps += scores[i].crps / (double)n;
        for (size_t l = 0; l < SURETY_N_LEVELS; l++) {
            mean.levels[l].covered += scores[i].levels[l].covered / (double)n;
            mean.levels[l].mass += scores[i].levels[l].mass / (double)n;
            mean.levels[l].central_share += scores[i].levels[l].central_share / (double)n;
            mean.levels[l].width += scores[i].levels[l].width / (double)n;
        }
        for (size_t t = 0; t < n_targets; t++) {
            mean.targets[t].p += scores[i].targets[t].p / (double)n;
            mean.targets[t].happened += scores[i].targets[t].happened / (double)n;
            mean.targets[t].brier += scores[i].targets[t].brier / (double)n;
            mean.targets[t].log += scores[i].targets[t].log / (double)n;
        }
    }
    return mean;
}

// --- means of dependent values ----------------------------------------------------------------------------------

// A value of forecast i that is averaged: of `a` alone or of its difference to `b`.
struct values {
    const struct surety_score *a, *b;
    size_t level;
};

static double crps_difference(const struct values *values, size_t i)
{
    return values->b[i].crps - values->a[i].crps;
}

static double covered(const struct values *values, size_t i)
{
    return values->a[i].levels[values->level].covered;
}

// Mean and its standard error: sums of the deviations over clusters, G/(G-1) for their number. Source: Liang, Zeger,
// Biometrika 73 (1986) 13-22, the robust variance of a mean.
static struct surety_score_gain clustered(double (*value)(const struct values *, size_t), const struct values *values,
                                          const size_t *clusters, size_t n)
{
    double mean = 0.0, squares = 0.0;
    size_t n_clusters = 0;
    for (size_t i = 0; i < n; i++)
        mean += value(values, i) / (double)n;
    for (size_t i = 0; i < n; i++) {
        bool seen = false;
        double sum = 0.0;
        for (size_t k = 0; k < i; k++)
            seen = seen || clusters[k] == clusters[i];
        for (size_t k = i; !seen && k < n; k++)
            sum += clusters[k] == clusters[i] ? value(values, k) - mean : 0.0;
        n_clusters += seen ? 0 : 1;
        squares += sum * sum;
    }
    const double g = (double)n_clusters;
    return (struct surety_score_gain){mean, n_clusters > 1 ? sqrt(squares * g / (g - 1.0)) / (double)n : (double)NAN};
}

struct surety_score_gain surety_score_crps_gain(const struct surety_score *a, const struct surety_score *b,
                                                const size_t *clusters, size_t n)
{
    return clustered(crps_difference, &(struct values){.a = a, .b = b}, clusters, n);
}

struct surety_interval surety_score_coverage_interval(const struct surety_score *scores, const size_t *clusters,
                                                      size_t n, size_t level)
{
    const struct surety_score_gain share =
        clustered(covered, &(struct values){.a = scores, .level = level}, clusters, n);
    if (isnan(share.se))
        return surety_interval_wilson(share.gain, (double)n, CONFIDENCE);
    size_t n_clusters = 0;
    for (size_t i = 0; i < n; i++) {
        bool seen = false;
        for (size_t k = 0; k < i; k++)
            seen = seen || clusters[k] == clusters[i];
        n_clusters += seen ? 0 : 1;
    }
    return surety_interval_wilson_effective(share.gain, share.se, (double)n_clusters, (double)n, CONFIDENCE);
}

// --- reliability --------------------------------------------------------------------------------------------------

static size_t bin_of(double p)
{
    const double k = floor(p * SURETY_N_BINS);
    return k < 0.0 ? 0 : k >= SURETY_N_BINS ? SURETY_N_BINS - 1 : (size_t)k;
}

void surety_score_reliability(const struct surety_score *scores, size_t n, size_t n_targets,
                              struct surety_reliability bins[SURETY_N_BINS])
{
    for (size_t b = 0; b < SURETY_N_BINS; b++)
        bins[b] = (struct surety_reliability){.from = (double)b / SURETY_N_BINS, .to = (double)(b + 1) / SURETY_N_BINS};
    for (size_t i = 0; i < n; i++) {
        for (size_t t = 0; t < n_targets; t++) {
            struct surety_reliability *bin = &bins[bin_of(scores[i].targets[t].p)];
            bin->n++;
            bin->p_mean += scores[i].targets[t].p;
            bin->met += scores[i].targets[t].happened;
        }
    }
    for (size_t b = 0; b < SURETY_N_BINS; b++) {
        const double count = (double)bins[b].n;
        bins[b].p_mean /= count; // NAN without forecasts: 0 / 0
        bins[b].met /= count;
        bins[b].interval = bins[b].n > 0 ? surety_interval_wilson(bins[b].met, count, CONFIDENCE)
                                         : (struct surety_interval){(double)NAN, (double)NAN};
    }
}

struct surety_brier_parts surety_score_brier_parts(const struct surety_score *scores, size_t n, size_t n_targets)
{
    struct surety_reliability bins[SURETY_N_BINS];
    struct surety_brier_parts parts = {0};
    const double count = (double)(n * n_targets);
    double base = 0.0;
    surety_score_reliability(scores, n, n_targets, bins);
    for (size_t b = 0; b < SURETY_N_BINS; b++)
        base += bins[b].n > 0 ? (double)bins[b].n / count * bins[b].met : 0.0;
    for (size_t b = 0; b < SURETY_N_BINS; b++) {
        const double share = (double)bins[b].n / count;
        if (bins[b].n == 0)
            continue;
        parts.reliability += share * (bins[b].p_mean - bins[b].met) * (bins[b].p_mean - bins[b].met);
        parts.resolution += share * (bins[b].met - base) * (bins[b].met - base);
    }
    parts.uncertainty = base * (1.0 - base);
    for (size_t i = 0; i < n; i++) {
        for (size_t t = 0; t < n_targets; t++) {
            const struct surety_reliability *bin = &bins[bin_of(scores[i].targets[t].p)];
            const double p = scores[i].targets[t].p - bin->p_mean, o = scores[i].targets[t].happened - bin->met;
            parts.within += (p * p - 2.0 * p * o) / count;
        }
    }
    return parts;
}
