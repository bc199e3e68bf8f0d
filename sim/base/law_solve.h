// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_BASE_LAW_SOLVE_H
#define SURETY_BASE_LAW_SOLVE_H

#include <stddef.h>

#include "law.h"

/* From the pair of parameters that is natural to a user to the canonical ones: a table of
 * (law, names of the parameters) -> solver. They describe the law before shift and max. */

/** One parameter as read from a scenario: times in seconds, the rest pure numbers. */
struct surety_law_param {
    const char *name; /* "median" */
    double value;
};

enum surety_law_solved {
    SURETY_LAW_SOLVED = 0,
    SURETY_LAW_UNKNOWN_PARAM, /* a name that the law does not have */
    SURETY_LAW_WRONG_PARAMS,  /* too few, too many, twice the same, or no such pair */
    SURETY_LAW_IMPOSSIBLE     /* the values contradict each other or are out of range */
};

/** Canonical law from named parameters, in any order.
 *
 * kind: any but empirical and mixture; params: n of them. Accepted: fixed{value}; exponential{mean};
 * weibull{shape, mean|scale}; lognormal{two of median (= p50), mean, p95, p99, cv, sigma; not both cv and sigma};
 * gamma{shape|cv, mean|scale}; pareto{shape, scale}; uniform{min, max}. mean with p95 or p99 has two solutions, the
 * smaller sigma is taken. On success *law has shift 0 and no max; else it is untouched.
 * *message: NULL on success, else static text that names the cure, such as "p95 must be above the median";
 * *culprit: index of the parameter to point at, n when none. Both pointers may be NULL.
 * Cost: below 1 us. Example: lognormal{median 1, p95 e} gives mu 0, sigma 0.607956825317. */
enum surety_law_solved surety_law_solve(enum surety_law_kind kind, const struct surety_law_param *params, size_t n,
                                        struct surety_law *law, const char **message, size_t *culprit);

#endif
