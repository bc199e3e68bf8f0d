// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_BASE_LAW_H
#define SURETY_BASE_LAW_H

#include <stdbool.h>
#include <stddef.h>

/* Laws of times and counts as pure data, and a table with one row per law. Everything here is plan-time and
 * reference code (GSL and libm inside); what runs per replication is sampler.h.
 *
 * GSL's error handler must be off (gsl_set_error_handler_off, first thing in main). */

enum surety_law_kind {
    SURETY_LAW_FIXED,
    SURETY_LAW_EXPONENTIAL,
    SURETY_LAW_WEIBULL,
    SURETY_LAW_LOGNORMAL,
    SURETY_LAW_GAMMA,
    SURETY_LAW_PARETO,
    SURETY_LAW_UNIFORM,
    SURETY_LAW_EMPIRICAL,
    SURETY_LAW_MIXTURE,
    SURETY_N_LAWS
};

struct surety_law_part;

/** A law: x = shift + draw, conditioned on x <= max. The unit of x is the caller's, seconds for times.
 *
 * | kind        | a             | b     | support of the draw |
 * | fixed       | the value     |       | {a}                 |
 * | exponential | mean          |       | >= 0                |
 * | weibull     | shape         | scale | >= 0                |
 * | lognormal   | mu            | sigma | > 0                 |
 * | gamma       | shape         | scale | >= 0                |
 * | pareto      | shape         | scale | >= scale            |
 * | uniform     | min           | max   | [min, max]          |
 * | empirical   | values, n     |       | the values          |
 * | mixture     | parts, n      |       | of its parts        |
 *
 * A zeroed struct has max = 0, which keeps nothing: start from surety_law_of. */
struct surety_law {
    enum surety_law_kind kind;
    double a, b;                         /* canonical parameters, see the table */
    double shift, max;                   /* unit of x; max = INFINITY: none */
    size_t n;                            /* number of values or parts */
    const double *values;                /* empirical: n values, sorted ascending, not owned */
    const struct surety_law_part *parts; /* mixture: n parts, not owned */
};

/** A component of a mixture, with its own shift and max. weight > 0, any scale: weights are normalised when used. */
struct surety_law_part {
    double weight;
    struct surety_law of;
};

/** A law without shift and max. kind: not empirical nor mixture; a, b: see struct surety_law (b ignored if the
 * law has one parameter). Example: surety_law_of(SURETY_LAW_EXPONENTIAL, 3600, 0) has mean 3600. */
struct surety_law surety_law_of(enum surety_law_kind kind, double a, double b);

/** One row of the table of laws: the functions describe the draw, before shift and max. */
struct surety_law_row {
    const char *name;      /* as in a scenario: "lognormal" */
    const char *params[8]; /* names a scenario may give, NULL-terminated: "median", "p50", ... */
    const char *canonical; /* what a and b are, for `explain`: "mu, sigma (log seconds)" */
    const char *(*complaint)(const struct surety_law *law);               /* NULL when the parameters are valid */
    double (*partial)(const struct surety_law *law, int order, double y); /* E[Y^order; Y <= y], order 0 to 3 */
    double (*quantile)(const struct surety_law *law, double p);           /* p in (0,1) */
};

/** The row of a kind; static storage. kind < SURETY_N_LAWS (asserted). */
const struct surety_law_row *surety_law_row(enum surety_law_kind kind);

/** The kind of a name, or SURETY_N_LAWS when unknown. Example: "gamma" gives SURETY_LAW_GAMMA. */
enum surety_law_kind surety_law_by_name(const char *name);

/** What is wrong with a law, as static text, or NULL when nothing is: parameters out of range, negative values,
 * shift < 0, max that keeps less than 1e-9 of the draws, an infinite mean (pareto with shape <= 1 and no max).
 * Recurses into parts. Cost: O(size). Example: pareto shape 1 gives "the mean is infinite: ...". */
const char *surety_law_check(const struct surety_law *law);

/** True when the second moment is infinite (pareto with shape <= 2 and no max, alone or in a mixture): intervals
 * of means then converge slowly, the caller warns. */
bool surety_law_has_infinite_variance(const struct surety_law *law);

/** E[X; X <= x] of order 0 (the distribution function) to 3 of the shifted, conditioned law; x may be INFINITY.
 * order: 0 to 3. Result may be INFINITY. Formula: binomial expansion of (shift + Y)^order over the row's
 * `partial`, divided by P(Y <= max - shift). */
double surety_law_partial(const struct surety_law *law, int order, double x);

/** E[X]; may be INFINITY. Unit of x. Example: weibull shape 2, scale 1: 0.886226925452758. */
double surety_law_mean(const struct surety_law *law);

/** E[X^2]; may be INFINITY. Unit of x squared. Example: exponential mean 1: 2. */
double surety_law_second_moment(const struct surety_law *law);

/** E[X^3]; may be INFINITY. Unit of x cubed. Example: exponential mean 1: 6. */
double surety_law_third_moment(const struct surety_law *law);

/** P(X <= x). Example: exponential mean 1, x = 1: 0.632120558828558. */
double surety_law_cdf(const struct surety_law *law, double x);

/** Smallest x with P(X <= x) >= p, reference precision (about 1e-12 relative). p in (0,1).
 * Cost: microseconds; a mixture bisects. Example: lognormal mu 0, sigma 1, p 0.975: 7.09907138423134. */
double surety_law_quantile(const struct surety_law *law, double p);

/** Distribution function of the equilibrium law, density (1 - F(t))/E, the residual time in a stationary renewal
 * process: (E[X; X <= t] + t (1 - F(t))) / E[X]. The mean must be finite and positive.
 * Example: uniform on [0, 1], t = 0.5: 0.75. */
double surety_law_equilibrium_cdf(const struct surety_law *law, double t);

/** A flat component of a law: a simple law (no mixture) and its probability. */
struct surety_law_atom {
    double weight;
    struct surety_law of;
};

/** The law as a list of simple conditioned components with normalised weights: nested mixtures flattened, outer
 * shift and max pushed inwards, components that max rules out dropped. atoms: room for surety_law_n_atoms(law).
 * Returns the number written. */
size_t surety_law_flatten(const struct surety_law *law, struct surety_law_atom *atoms);

/** Upper bound of the number of components: 1 for a simple law. */
size_t surety_law_n_atoms(const struct surety_law *law);

#endif
