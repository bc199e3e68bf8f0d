// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_BASE_INTERVALS_H
#define SURETY_BASE_INTERVALS_H

/** A two-sided interval; low <= estimate <= high. */
struct surety_interval {
    double low;
    double high;
};

/** z with P(|Z| <= z) = confidence for a standard normal Z. confidence in (0,1).
 * Example: 0.95 gives 1.959963984540054. */
double surety_interval_z(double confidence);

/** Wilson's score interval of a probability.
 *
 * p_hat: observed share, [0,1]; n: number of trials, real, > 0 (0 gives [0,1]); confidence in (0,1).
 * Formula: (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n). Source: Wilson, JASA 22 (1927) 209-212.
 * Ends are exact at p = 0 (low 0) and p = 1 (high 1). Example: 1 of 10 at 0.95: 0.017876 to 0.404150. */
struct surety_interval surety_interval_wilson(double p_hat, double n, double confidence);

/** Number of independent trials worth as much as dependent ones: p(1-p)/se^2, kept within [n_low, n_high].
 *
 * p_hat in [0,1]; se: standard error of p_hat over independent replications, >= 0; n_low: number of replications
 * (each of which is at least one trial's worth); n_high: number of trials. With p 0 or 1 nothing is known of the
 * dependence: n_low. With se = 0 and 0 < p < 1: n_high. Example: p 0.5, se 0.05, [10, 1000]: 100. */
double surety_interval_effective_n(double p_hat, double se, double n_low, double n_high);

/** Wilson's interval with the effective number above. */
struct surety_interval surety_interval_wilson_effective(double p_hat, double se, double n_low, double n_high,
                                                        double confidence);

/** Normal interval estimate +- z se, any unit. se >= 0, may be INFINITY.
 * Example: 10, se 1, 0.95: 8.040036 to 11.959964. */
struct surety_interval surety_interval_normal(double estimate, double se, double confidence);

#endif
