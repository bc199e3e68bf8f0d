// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_BASE_BINOMIAL_H
#define SURETY_BASE_BINOMIAL_H

#include "intervals.h"

#include <stdint.h>

// The binomial law, and what a sample of pass and fail can tell. Without libm: the same bits everywhere.

/** P(X = k), X ~ Binomial(n, p). n >= 0, p in [0, 1]; 0 outside 0..n. Relative error below 1e-12 for n <= 1e12.
 * Source: Loader's saddle-point form ("Fast and accurate computation of binomial probabilities", 2000).
 * Example: n 10, k 5, p 0.5: 0.24609375. Cost: about 100 ns. */
double surety_binomial_pmf(int64_t n, int64_t k, double p);

/** P(X <= k). Sums the shorter tail: about 9 standard deviations of terms. Relative error of the tail that is summed
 * below 1e-10. Example: n 10, k 1, p 0.1: 0.7360989291. */
double surety_binomial_cdf(int64_t n, int64_t k, double p);

/** The smallest k with P(X <= k) >= u: inversion, so one uniform a draw, and k rises with u and p. u in (0, 1).
 * By the sum of the terms while n p (1 - p) <= SURETY_BINOMIAL_EXACT; beyond by the Cornish-Fisher expansion with
 * Sheppard's correction, whose k is the quantile of a u within 1e-7 of this one. */
int64_t surety_binomial_quantile(int64_t n, double p, double u);
#define SURETY_BINOMIAL_EXACT 1000.0

/** Clopper and Pearson's interval of a share of which k of n were seen (Biometrika 26, 1934, 404-413): the p for which
 * P(X >= k) and P(X <= k) are (1 - confidence) / 2. n 0 gives [0, 1]. Example: 1 of 10 at 0.95: 0.002529 to 0.445016. */
struct surety_interval surety_binomial_clopper_pearson(int64_t k, int64_t n, double confidence);

/** What a judge passes of answers of which the share `right` is right: right x sensitivity + (1 - right) (1 -
 * specificity). */
double surety_judged(double right, double sensitivity, double specificity);

/** The inverse, held in [0, 1]: (judged + specificity - 1) / (sensitivity + specificity - 1); their sum above 1.
 * Source: Rogan and Gladen, Am. J. Epidemiol. 107 (1978) 71-76. Example: 0.92 with 0.97 and 0.95: 0.945652. */
double surety_unjudged(double judged, double sensitivity, double specificity);

/** The smallest number of cases n such that, for it and every larger one up to `most`, a service whose answers are
 * judged to pass with probability `good` is read below the share `bar` with probability at most `wrong`, and one with
 * `bad` at or above it too. 0 < bad < bar <= good < 1 is what can be told apart: else, or beyond `most`, 0.
 * bar is held in 1e-9. Example: good 0.965, bad 0.93, bar 0.95, wrong 0.05: 480. */
int64_t surety_binomial_sample_size(double good, double bad, int64_t bar_ppb, double wrong, int64_t most);

/** The fewest passes of n that are at least bar: ceil(bar n). */
int64_t surety_binomial_needed(int64_t n, int64_t bar_ppb);

#endif
