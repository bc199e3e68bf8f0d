// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_FIT_BELIEF_H
#define SURETY_FIT_BELIEF_H

#include <stdbool.h>
#include <stddef.h>

// What a history of outages says of the next one: a rate and a length, each with how sure it is. Short histories lean on
// what other services show, and on a general assumption where those are silent too. Forecasts are made of this, and
// `surety backtest` scores it.

// An outage of the past, seen from the instant at which the history ends.
struct surety_past_outage {
    double age_s;    // since its start, > 0
    double length_s; // > 0
    bool cut;        // it was still going on: the length is only known to be longer
};

// Sums over a history. Histories add up field by field.
struct surety_outage_evidence {
    double count, exposure_s;             // outages and time watched, older ones weighing less
    double n_lengths, sum_log, sum_log_2; // of the whole lengths in seconds, each weighing 1
};

// The evidence of n outages in the last `watched_s` seconds. half_life_s: after so much time an outage, and a second
// that was watched, weighs half as much; 0: all weigh the same. The exposure is h / ln 2 (1 - 2^(-T / h)).
struct surety_outage_evidence surety_outage_evidence(const struct surety_past_outage *outages, size_t n,
                                                     double watched_s, double half_life_s);

void surety_outage_evidence_add(struct surety_outage_evidence *into, const struct surety_outage_evidence *from);

// How much weight which knowledge has.
struct surety_belief_settings {
    double half_life_s;  // of the own history; the pool's does not age
    double dispersion;   // variance of counts over their mean, >= 1
    double drift;        // sd that the log of the rate gains in a year
    double pool_outages; // outages that the pool's rate counts for, > 0
    double
        pool_most_s; // but for no more time watched than this: where others show few outages, one of theirs stands for
                     // years, and a worse record of one's own would not be believed
    double pool_lengths; // lengths that the pool's median counts for
    double pool_sigma;   // lengths that the pool's spread counts for
    double up_shape;     // Weibull shape of the up times
};

// 90 d, 1, 1/year, 1, 60 d, 20, 10, 0.7: docs/calibration.md tells how they score.
void surety_belief_settings_default(struct surety_belief_settings *settings);

// What is taken where no service shows anything: as if `outages` had been seen at `per_s`, and `lengths` lengths.
struct surety_general_outage {
    double per_s, outages;
    double median_s, lengths; // > 0
    double sigma, sigma_lengths;
};

// 12 partial outages a year of 50 min, 6 major ones of 40 min, sigma 1.25; worth 1 outage, 5 medians and 10 spreads.
struct surety_general_outage surety_general_outage(bool major);

// Rate ~ Gamma(prior_count + count / dispersion, prior_over_s + over_s / dispersion), per second; the lengths are
// lognormal with a log-median that is normal around log(median_s).
struct surety_outage_belief {
    double prior_count, prior_over_s;
    double count, over_s;
    double dispersion, drift, up_shape;
    double median_s, median_log_sd, sigma;
};

// Own history and pool (other services, or another time) into a belief:
//   prior rate = (pool count + general outages) / (pool exposure + general outages / general rate),
//   prior exposure = the smaller of pool_outages / prior rate and pool_most_s, prior count = its outages at that rate,
//   log median = (sum of logs + pool_lengths x pool's log median) / (n + pool_lengths), its sd sigma / sqrt of the same,
//   sigma^2 = (squares around that median + pool_sigma x pool's sigma^2) / (n + pool_sigma),
// the pool's median and sigma in the same way with the general assumption.
struct surety_outage_belief surety_outage_belief(const struct surety_outage_evidence *own,
                                                 const struct surety_outage_evidence *pool,
                                                 const struct surety_general_outage *general,
                                                 const struct surety_belief_settings *settings);

// Mean of the rate, per second, before it drifts; mean of an outage's length, seconds.
double surety_outage_belief_rate(const struct surety_outage_belief *belief);
double surety_outage_belief_length(const struct surety_outage_belief *belief);

#endif
