// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_FIT_MLE_H
#define SURETY_FIT_MLE_H

#include "sim/base/intervals.h"
#include "sim/base/law.h"
#include "sim/fit/sample.h"

#include <stdbool.h>
#include <stddef.h>

// Laws of durations by maximum likelihood. A whole duration x counts with log f(x), a cut one with log S(x), and the
// rest of a period at the record's beginning with log S(x) - log E, the density of a residual time in the stationary
// regime. GSL's error handler must be off.

enum surety_fit_kind {
    SURETY_FIT_EXPONENTIAL,
    SURETY_FIT_WEIBULL,
    SURETY_FIT_GAMMA,
    SURETY_FIT_LOGNORMAL,
    SURETY_FIT_MIXTURE, // two lognormals, a body and a tail with the larger median
    SURETY_N_FITS
};

#define SURETY_FIT_PARAMETERS 5

// A parameter as a scenario writes it.
struct surety_fit_parameter {
    const char *name;
    bool is_time; // in the unit of the sample; else a bare number
    bool is_share;
};

struct surety_fit_kind_row {
    const char *name; // as in a scenario: "weibull"
    size_t n;         // number of parameters
    struct surety_fit_parameter parameters[SURETY_FIT_PARAMETERS];
    size_t least_whole; // whole durations it takes at least
    double margin;      // how much lower its AICc must be than that of the best law without a margin
};

// Exponential: mean. Weibull, gamma: shape, mean. Lognormal: median, sigma. Mixture: weight of the tail, median and
// sigma of the body, median and sigma of the tail.
extern const struct surety_fit_kind_row surety_fit_kinds[SURETY_N_FITS];

// The kind of a name, SURETY_N_FITS when unknown.
enum surety_fit_kind surety_fit_by_name(const char *name);

struct surety_fit {
    enum surety_fit_kind kind;
    const char *why_not; // NULL: fitted; else static text that says why there is no fit, and the rest is NAN
    bool at_limit;       // the likelihood rises up to a limit of the parameters: no law to choose
    double value[SURETY_FIT_PARAMETERS];
    struct surety_interval interval[SURETY_FIT_PARAMETERS]; // at `confidence`; NAN where there is none
    double log_likelihood, aic, aicc;
    double ks, ad;     // distances to the Kaplan-Meier estimate, see fit/distance.h
    double p_ks, p_ad; // NAN: not asked for
};

// The law as scenarios mean it; `parts` is room that a mixture's parts are put into.
struct surety_law surety_fit_law(const struct surety_fit *fit, struct surety_law_part parts[2]);

// Mean of the fitted law.
double surety_fit_mean(const struct surety_fit *fit);

// The maximum of the likelihood, log-likelihood, AIC = 2 k - 2 log L and AICc = AIC + 2 k (k + 1) / (n - k - 1), n the
// number of whole durations. No intervals and no distances. Never fails but for `why_not`. Weibull: shapes 0.05 to 20;
// gamma 0.02 to 1000; sigma 0.05 to 8; a mixture's sigmas differ at most by a factor of 6 (without a bound its
// likelihood is infinite: Hathaway, Ann. Stat. 13 (1985) 795-800) and each part weighs at least 4 durations.
// Source: Lawless, Statistical Models and Methods for Lifetime Data, 2nd ed. (2003), ch. 4 and 5.
struct surety_fit surety_fit_maximum(enum surety_fit_kind kind, const struct surety_sums *sums);

// The same, started at a fit that is near: for bootstrap replicates.
struct surety_fit surety_fit_maximum_near(const struct surety_fit *near, const struct surety_sums *sums);

// Adds the intervals. The exponential's are exact: 2 T / chi-squared, T the time on test, with 2 n degrees of freedom
// when all durations are whole, else with 2 n + 2 at the lower end (a count in a fixed time: Garwood, Biometrika 28
// (1936) 437-442). Those of Weibull, gamma and lognormal are of the profile likelihood: where 2 (max log L - profile) =
// chi-squared with one degree of freedom. A mixture's are +- z standard errors of the observed information, on the
// logarithm (of a weight: log(w / (1 - w))).
void surety_fit_intervals(struct surety_fit *fit, const struct surety_sums *sums, double confidence);

#endif
