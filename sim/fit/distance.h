// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_FIT_DISTANCE_H
#define SURETY_FIT_DISTANCE_H

#include "sim/base/err.h"
#include "sim/fit/mle.h"

#include <stdint.h>

// How far a fitted law lies from what was seen.

// Distances of the fitted law F to the Kaplan-Meier estimate F_n of whole and cut durations, into fit->ks and fit->ad.
// Kolmogorov and Smirnov: sup |F_n - F|. Anderson and Darling: n integral (F_n - F)^2 / (F (1 - F)) dF, up to the
// largest whole duration when F_n does not reach 1. With nothing cut both are the classical ones.
// SURETY_E_MEMORY.
enum surety_err surety_fit_distances(struct surety_fit *fit, const struct surety_sample *sample);

// P-values of the two by the parametric bootstrap: samples of the same size are drawn from the fitted law, each is
// fitted anew, and the share of them that is at least as far away is counted, (1 + count) / (1 + n). Parameters fitted
// to the same data make the tabulated values far too large. A cut duration is drawn anew and cut at the same length
// when it reaches it; what a record's beginning left stays as it was seen. Deterministic: the draws are a function of
// `seed` and the kind. Cost: n fits. Source: Stute, Gonzalez Manteiga, Presedo Quindimil, Metrika 40 (1993) 243-256.
enum surety_err surety_fit_bootstrap(struct surety_fit *fit, const struct surety_sample *sample, size_t n_replicates,
                                     uint64_t seed);

// Draws n durations from the fitted law, number `replicate` of the stream of its kind, into x.
void surety_fit_draw(const struct surety_fit *fit, uint64_t seed, uint64_t replicate, double *x, size_t n);

// The fit to choose among those of the mask (bit i: fits[i]): the least AICc; a law with a margin (a mixture) has to be
// lower by it than the best without; fits at a limit are left out. SURETY_N_FITS: none was fitted.
// The mixture's margin, 7: under one lognormal twice the gain in log-likelihood is roughly chi-squared with 6 degrees
// of freedom (McLachlan, Appl. Stat. 36 (1987) 318-324), whose 95 % point is 12.6, less the 6 that AIC counts.
enum surety_fit_kind surety_fit_choose(const struct surety_fit fits[SURETY_N_FITS], unsigned mask);

#endif
