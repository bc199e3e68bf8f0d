// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_FIT_LIKELIHOOD_H
#define SURETY_FIT_LIKELIHOOD_H

#include "sim/fit/mle.h"

// Inside sim/fit: the likelihoods and their maximum, in parameters without bounds. theta is the logarithm of a positive
// parameter in units of the sample's scale (times), or as it is (shapes, sigmas), and log(w / (1 - w)) of a weight.

double surety_fit_log_likelihood(enum surety_fit_kind kind, const struct surety_sums *sums, const double *theta);

void surety_fit_to_theta(enum surety_fit_kind kind, const struct surety_sums *sums, const double *value, double *theta);
void surety_fit_from_theta(enum surety_fit_kind kind, const struct surety_sums *sums, const double *theta,
                           double *value);

// True when a parameter stands at (or beyond) its limit.
bool surety_fit_at_limit(enum surety_fit_kind kind, const struct surety_sums *sums, const double *theta);

// Climbs from theta to the maximum over the parameters but `fixed` (SURETY_FIT_PARAMETERS: none is): Newton's steps
// with derivatives by differences, halved where they do not rise; Nelder and Mead (GSL) where Newton is lost. Returns
// the log-likelihood there.
double surety_fit_climb(enum surety_fit_kind kind, const struct surety_sums *sums, size_t fixed, double *theta);

// Standard errors of theta by the observed information; false where the likelihood is not curved downwards.
bool surety_fit_standard_errors(enum surety_fit_kind kind, const struct surety_sums *sums, const double *theta,
                                double *errors);

// Starts of the climb for a mixture: the best of several runs of the EM algorithm. False when memory is out.
// Source: Dempster, Laird, Rubin, JRSS B 39 (1977) 1-38; the censored terms are the truncated normal's moments.
bool surety_fit_mixture_start(const struct surety_sums *sums, double *theta);

// log P(Z > z) of a standard normal Z.
double surety_fit_log_normal_tail(double z);

#endif
