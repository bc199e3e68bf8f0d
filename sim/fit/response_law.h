// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_FIT_RESPONSE_LAW_H
#define SURETY_FIT_RESPONSE_LAW_H

#include "sim/record/responses.h"

#include <stdbool.h>

// A law of a body and rare stalls for measured latencies: a mixture of two lognormals whose quantiles agree with those
// measured. What is promised are percentiles, so it is they that are fitted, not the likelihood.

#define SURETY_RESPONSE_LEAST 3    // fewer values are no law
#define SURETY_RESPONSE_MIXTURE 40 // values that two parts need
#define SURETY_RESPONSE_JUDGED 3   // p50, p95, p99
extern const double surety_response_judged[SURETY_RESPONSE_JUDGED];

struct surety_response_law {
    int n_parts; // 2: mixture; 1: one lognormal; 0: a fixed time, body.median_s
    double stall_weight;
    struct surety_response_part {
        double median_s, sigma;
    } body, stall;
    double ks; // sup |F_n - F|; of a summary: at its percentiles
    double measured_s[SURETY_RESPONSE_JUDGED], fitted_s[SURETY_RESPONSE_JUDGED]; // measured NAN where unknown
};

// Fits. All parameters have four significant digits, as they are written, and the distances are those of the rounded law.
// Method: expectation maximisation (Dempster, Laird, Rubin, JRSS B 39 (1977) 1-38) from four splits of the sorted
// logarithms, then the simplex of Nelder and Mead (Computer Journal 7 (1965) 308-313) on the weighted squares of the
// differences of log quantiles at 5, 10, ..., 95 and 99 %, where 50, 95 and 99 % weigh 30 times; of a summary at its own
// percentiles. With fewer than SURETY_RESPONSE_MIXTURE values (or five percentiles) one lognormal; values that are all
// the same are a fixed time. Percentiles of the values are nearest rank. False: too few values.
bool surety_response_law_fit(const struct surety_response_sample *sample, struct surety_response_law *out);

// P(T <= t).
double surety_response_law_cdf(const struct surety_response_law *law, double t_s);

#endif
