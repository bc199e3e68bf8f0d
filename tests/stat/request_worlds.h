// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_TESTS_STAT_REQUEST_WORLDS_H
#define SURETY_TESTS_STAT_REQUEST_WORLDS_H

#include "sim/requests/requests.h"
#include "tests/stat/worlds.h"

// Runs of the request-level engine against closed forms.
//
// The rule: a figure agrees within 5 standard errors (two-sided 6e-7), at a fixed seed; its twin, the truth moved by a
// stated amount, has to be found wrong.

#define REQUESTS_BOUND 5.0

// Plays n_worlds x horizon_s; `fixed` may be NULL. To be destroyed by the caller.
struct surety_requests_result *requests_play(struct world *world, const struct surety_provider_state *fixed,
                                             uint64_t n_worlds, double horizon_s, unsigned n_threads);

// The row of an architecture's only workload.
const struct surety_requests_row *requests_row(const struct surety_requests_result *result, const char *architecture);

// The share `got` of n independent requests agrees with `truth`, and with truth +- shift it does not.
void requests_share(const char *what, double got, double n, double truth, double shift);

// |got - truth| <= 5 se, and not with truth +- shift.
void requests_agree(const char *what, double got, double se, double truth, double shift);

// All percentiles of `quantiles` against the distribution function of those that are answered: F(t) of the measured t is
// the share within 5 standard errors of n independent requests; that of t moved by the share `twin` is not.
void requests_law(const char *what, const struct surety_requests_quantile *quantiles, double n,
                  double (*cdf)(double t_s, const void *context), const void *context, double twin);

// JSON of a result without wall time and threads; free() it.
char *requests_json(struct surety_requests_result *result);

#endif
