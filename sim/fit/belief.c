// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/fit/belief.h"

#include "sim/base/fmath.h"

#include <math.h>

#define DAY_S 86400.0
#define YEAR_S (365.25 * DAY_S)
#define LOG_2 0x1.62e42fefa39efp-1

struct surety_outage_evidence surety_outage_evidence(const struct surety_past_outage *outages, size_t n,
                                                     double watched_s, double half_life_s)
{
    const double decay = half_life_s > 0.0 ? LOG_2 / half_life_s : 0.0;
    struct surety_outage_evidence evidence = {.exposure_s = decay > 0.0 ? (1.0 - surety_exp(-decay * watched_s)) / decay
                                                                        : watched_s};
    for (size_t i = 0; i < n; i++) {
        evidence.count += surety_exp(-decay * outages[i].age_s);
        if (outages[i].cut)
            continue;
        const double x = surety_log(outages[i].length_s);
        evidence.n_lengths += 1.0;
        evidence.sum_log += x;
        evidence.sum_log_2 += x * x;
    }
    return evidence;
}

void surety_outage_evidence_add(struct surety_outage_evidence *into, const struct surety_outage_evidence *from)
{
    into->count += from->count;
    into->exposure_s += from->exposure_s;
    into->n_lengths += from->n_lengths;
    into->sum_log += from->sum_log;
    into->sum_log_2 += from->sum_log_2;
}

void surety_belief_settings_default(struct surety_belief_settings *settings)
{
    *settings = (struct surety_belief_settings){.half_life_s = 90.0 * DAY_S,
                                                .dispersion = 1.0,
                                                .drift = 1.0,
                                                .pool_outages = 1.0,
                                                .pool_most_s = 60.0 * DAY_S,
                                                .pool_lengths = 20.0,
                                                .pool_sigma = 10.0,
                                                .up_shape = 0.7};
}

struct surety_general_outage surety_general_outage(bool major)
{
    return (struct surety_general_outage){.per_s = (major ? 6.0 : 12.0) / YEAR_S,
                                          .outages = 1.0,
                                          .median_s = major ? 2400.0 : 3000.0,
                                          .lengths = 5.0,
                                          .sigma = 1.25,
                                          .sigma_lengths = 10.0};
}

// Log-median and sigma^2 of the evidence's lengths with others' that count for n_median and n_sigma lengths.
static void lengths(const struct surety_outage_evidence *evidence, double n_median, double n_sigma, double *log_median,
                    double *variance)
{
    const double n = evidence->n_lengths;
    const double m = (evidence->sum_log + n_median * *log_median) / (n + n_median);
    const double squares = fmax(evidence->sum_log_2 - 2.0 * m * evidence->sum_log + n * m * m, 0.0);
    *log_median = m;
    *variance = (squares + n_sigma * *variance) / (n + n_sigma);
}

struct surety_outage_belief surety_outage_belief(const struct surety_outage_evidence *own,
                                                 const struct surety_outage_evidence *pool,
                                                 const struct surety_general_outage *general,
                                                 const struct surety_belief_settings *settings)
{
    const double pooled_per_s =
        (pool->count + general->outages) / (pool->exposure_s + general->outages / general->per_s);
    const double prior_s = fmin(settings->pool_outages / pooled_per_s, settings->pool_most_s);
    double log_median = surety_log(general->median_s), variance = general->sigma * general->sigma;
    lengths(pool, general->lengths, general->sigma_lengths, &log_median, &variance);
    lengths(own, settings->pool_lengths, settings->pool_sigma, &log_median, &variance);
    const double sigma = sqrt(variance);
    return (struct surety_outage_belief){
        .prior_count = prior_s * pooled_per_s,
        .prior_over_s = prior_s,
        .count = own->count,
        .over_s = own->exposure_s,
        .dispersion = settings->dispersion,
        .drift = settings->drift,
        .up_shape = settings->up_shape,
        .median_s = surety_exp(log_median),
        .median_log_sd = sigma / sqrt(own->n_lengths + settings->pool_lengths),
        .sigma = sigma,
    };
}

double surety_outage_belief_rate(const struct surety_outage_belief *b)
{
    return (b->prior_count + b->count / b->dispersion) / (b->prior_over_s + b->over_s / b->dispersion);
}

double surety_outage_belief_length(const struct surety_outage_belief *b)
{
    return b->median_s * surety_exp((b->median_log_sd * b->median_log_sd + b->sigma * b->sigma) / 2.0);
}
