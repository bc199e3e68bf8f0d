// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_IGNORANCE_H
#define SURETY_ENGINE_IGNORANCE_H

#include "sim/base/err.h"
#include "sim/base/intervals.h"

#include <stdint.h>

// Between which values a probability lies as the uncertain inputs vary, from a few trials in each of many groups.
//
// The groups' observed shares spread more than their true ones: each carries the error of its trials. The law of the true
// ones is found by deconvolution: it starts as the Beta law with the mean and the variance between groups, and takes a
// fixed number of Richardson-Lucy steps (Richardson 1972, Lucy 1974: the EM algorithm for a mixture of binomials),
// which bring the shape of the observed shares in without following their noise. The interval is that of its quantiles.

// counts[k], k = 0..n_trials: groups with k trials met of n_trials. mean, between: of the true shares; a `between` of 0
// gives [mean, mean]. confidence: the two-sided share of the law inside. SURETY_E_MEMORY.
enum surety_err surety_ignorance(const uint64_t *counts, unsigned n_trials, double mean, double between,
                                 double confidence, struct surety_interval *out);

#endif
