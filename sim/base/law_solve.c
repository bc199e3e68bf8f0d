// SPDX-License-Identifier: GPL-3.0-or-later
#include "law_solve.h"

#include <math.h>
#include <string.h>

#include "fmath.h"
#include "sim/base/lgamma.h"

/* ---- solvers: values in the order of the row's names; NULL or what is wrong --------------------------------- */

static const char *as_given(const double v[2], struct surety_law *law)
{
    law->a = v[0];
    law->b = v[1];
    return NULL;
}

static const char *weibull_shape_mean(const double v[2], struct surety_law *law)
{
    if (!(v[0] >= 0.02))
        return "shape must be between 0.02 and 10000";
    if (!(v[1] > 0))
        return "mean must be positive";
    law->a = v[0];
    law->b = v[1] / exp(surety_lgamma(1.0 + 1.0 / v[0]));
    return NULL;
}

static const char *gamma_shape_mean(const double v[2], struct surety_law *law)
{
    if (!(v[0] > 0))
        return "shape must be positive";
    if (!(v[1] > 0))
        return "mean must be positive";
    law->a = v[0];
    law->b = v[1] / v[0];
    return NULL;
}

static const char *gamma_cv_mean(const double v[2], struct surety_law *law)
{
    double shape_mean[2] = {1.0 / (v[0] * v[0]), v[1]};

    return v[0] > 0 ? gamma_shape_mean(shape_mean, law) : "cv must be positive";
}

static const char *gamma_cv_scale(const double v[2], struct surety_law *law)
{
    law->a = 1.0 / (v[0] * v[0]);
    law->b = v[1];
    return v[0] > 0 ? NULL : "cv must be positive";
}

/* A lognormal's natural parameters are lines or parabolas in sigma: log(value) = mu + z sigma + half sigma^2. */
#define Z95 1.6448536269514722
#define Z99 2.3263478740408408

static const char *by_spread(double value, double z, double half, double sigma, struct surety_law *law)
{
    if (!(value > 0))
        return "median, mean, p95 and p99 must be positive";
    if (!(sigma > 0))
        return "cv and sigma must be positive";
    law->a = log(value) - z * sigma - half * sigma * sigma;
    law->b = sigma;
    return NULL;
}

static double sigma_of_cv(double cv)
{
    return cv > 0 ? sqrt(log1p(cv * cv)) : -1.0;
}

static const char *median_sigma(const double v[2], struct surety_law *law)
{
    return by_spread(v[0], 0, 0, v[1], law);
}

static const char *median_cv(const double v[2], struct surety_law *law)
{
    return by_spread(v[0], 0, 0, sigma_of_cv(v[1]), law);
}

static const char *mean_sigma(const double v[2], struct surety_law *law)
{
    return by_spread(v[0], 0, 0.5, v[1], law);
}

static const char *mean_cv(const double v[2], struct surety_law *law)
{
    return by_spread(v[0], 0, 0.5, sigma_of_cv(v[1]), law);
}

static const char *p95_sigma(const double v[2], struct surety_law *law)
{
    return by_spread(v[0], Z95, 0, v[1], law);
}

static const char *p95_cv(const double v[2], struct surety_law *law)
{
    return by_spread(v[0], Z95, 0, sigma_of_cv(v[1]), law);
}

static const char *p99_sigma(const double v[2], struct surety_law *law)
{
    return by_spread(v[0], Z99, 0, v[1], law);
}

static const char *p99_cv(const double v[2], struct surety_law *law)
{
    return by_spread(v[0], Z99, 0, sigma_of_cv(v[1]), law);
}

static const char *by_ratio(const double v[2], double z_low, double z_high, const char *order, struct surety_law *law)
{
    if (!(v[0] > 0 && v[1] > 0))
        return "median, mean, p95 and p99 must be positive";
    return v[1] > v[0] ? by_spread(v[0], z_low, 0, log(v[1] / v[0]) / (z_high - z_low), law) : order;
}

static const char *median_p95(const double v[2], struct surety_law *law)
{
    return by_ratio(v, 0, Z95, "p95 must be above the median", law);
}

static const char *median_p99(const double v[2], struct surety_law *law)
{
    return by_ratio(v, 0, Z99, "p99 must be above the median", law);
}

static const char *p95_p99(const double v[2], struct surety_law *law)
{
    return by_ratio(v, Z95, Z99, "p99 must be above p95", law);
}

/* log(mean/median) = sigma^2 / 2 */
static const char *median_mean(const double v[2], struct surety_law *law)
{
    if (!(v[0] > 0 && v[1] > 0))
        return "median, mean, p95 and p99 must be positive";
    return v[1] > v[0] ? by_spread(v[0], 0, 0, sqrt(2 * log(v[1] / v[0])), law) : "mean must be above the median";
}

/* log(p/mean) = z sigma - sigma^2/2: its maximum z^2/2 is at sigma = z. Above the mean there are two roots, and the
 * smaller is taken, without cancellation; at the mean and below there is one positive root. */
static const char *mean_and(const double v[2], double z, const char *limit, struct surety_law *law)
{
    double excess, root;

    if (!(v[0] > 0 && v[1] > 0))
        return "median, mean, p95 and p99 must be positive";
    excess = 2 * log(v[1] / v[0]);
    if (excess > z * z)
        return limit;
    root = sqrt(z * z - excess);
    return by_spread(v[0], 0, 0.5, excess > 0 ? excess / (z + root) : z + root, law);
}

static const char *mean_p95(const double v[2], struct surety_law *law)
{
    return mean_and(v, Z95, "p95 of a lognormal is at most 3.86 times its mean: give the median instead of the mean",
                    law);
}

static const char *mean_p99(const double v[2], struct surety_law *law)
{
    return mean_and(v, Z99, "p99 of a lognormal is at most 14.9 times its mean: give the median instead of the mean",
                    law);
}

/* ---- the table --------------------------------------------------------------------------------------------- */

static const struct pair {
    enum surety_law_kind kind;
    const char *names[2]; /* the second is NULL for one-parameter laws */
    const char *(*solve)(const double values[2], struct surety_law *law);
} pairs[] = {
    {SURETY_LAW_FIXED, {"value", NULL}, as_given},
    {SURETY_LAW_EXPONENTIAL, {"mean", NULL}, as_given},
    {SURETY_LAW_WEIBULL, {"shape", "mean"}, weibull_shape_mean},
    {SURETY_LAW_WEIBULL, {"shape", "scale"}, as_given},
    {SURETY_LAW_LOGNORMAL, {"median", "p95"}, median_p95},
    {SURETY_LAW_LOGNORMAL, {"median", "p99"}, median_p99},
    {SURETY_LAW_LOGNORMAL, {"median", "mean"}, median_mean},
    {SURETY_LAW_LOGNORMAL, {"median", "cv"}, median_cv},
    {SURETY_LAW_LOGNORMAL, {"median", "sigma"}, median_sigma},
    {SURETY_LAW_LOGNORMAL, {"mean", "p95"}, mean_p95},
    {SURETY_LAW_LOGNORMAL, {"mean", "p99"}, mean_p99},
    {SURETY_LAW_LOGNORMAL, {"mean", "cv"}, mean_cv},
    {SURETY_LAW_LOGNORMAL, {"mean", "sigma"}, mean_sigma},
    {SURETY_LAW_LOGNORMAL, {"p95", "p99"}, p95_p99},
    {SURETY_LAW_LOGNORMAL, {"p95", "cv"}, p95_cv},
    {SURETY_LAW_LOGNORMAL, {"p95", "sigma"}, p95_sigma},
    {SURETY_LAW_LOGNORMAL, {"p99", "cv"}, p99_cv},
    {SURETY_LAW_LOGNORMAL, {"p99", "sigma"}, p99_sigma},
    {SURETY_LAW_GAMMA, {"shape", "mean"}, gamma_shape_mean},
    {SURETY_LAW_GAMMA, {"shape", "scale"}, as_given},
    {SURETY_LAW_GAMMA, {"cv", "mean"}, gamma_cv_mean},
    {SURETY_LAW_GAMMA, {"cv", "scale"}, gamma_cv_scale},
    {SURETY_LAW_PARETO, {"shape", "scale"}, as_given},
    {SURETY_LAW_UNIFORM, {"min", "max"}, as_given},
};

/* What a law takes, for the message when the parameters form no row. */
static const char *const wanted[SURETY_N_LAWS] = {
    [SURETY_LAW_FIXED] = "fixed takes one value",
    [SURETY_LAW_EXPONENTIAL] = "exponential takes its mean",
    [SURETY_LAW_WEIBULL] = "weibull takes shape and one of mean, scale",
    [SURETY_LAW_LOGNORMAL] = "lognormal takes two of median (p50), mean, p95, p99, cv, sigma",
    [SURETY_LAW_GAMMA] = "gamma takes one of shape, cv and one of mean, scale",
    [SURETY_LAW_PARETO] = "pareto takes shape and scale",
    [SURETY_LAW_UNIFORM] = "uniform takes min and max",
    [SURETY_LAW_EMPIRICAL] = "empirical takes values or a file with a column",
    [SURETY_LAW_MIXTURE] = "mixture takes a list of weight and of",
};

static const char *without_alias(const char *name)
{
    return strcmp(name, "p50") == 0 ? "median" : name;
}

static bool is_known(enum surety_law_kind kind, const char *name)
{
    const struct surety_law_row *row = surety_law_row(kind);

    for (size_t i = 0; row->params[i]; i++)
        if (strcmp(row->params[i], name) == 0)
            return true;
    return false;
}

static bool find_values(const struct pair *pair, const struct surety_law_param *params, size_t n, double values[2])
{
    size_t n_names = pair->names[1] ? 2 : 1;
    size_t n_found = 0;

    if (n != n_names)
        return false;
    values[1] = 0.0;
    for (size_t k = 0; k < n_names; k++)
        for (size_t i = 0; i < n; i++)
            if (strcmp(without_alias(params[i].name), pair->names[k]) == 0) {
                values[k] = params[i].value;
                n_found++;
                break;
            }
    return n_found == n_names;
}

enum surety_law_solved surety_law_solve(enum surety_law_kind kind, const struct surety_law_param *params, size_t n,
                                        struct surety_law *law, const char **message, size_t *culprit)
{
    const char *unused_message;
    size_t unused_culprit;
    struct surety_law solved;
    double values[2];

    message = message ? message : &unused_message;
    culprit = culprit ? culprit : &unused_culprit;
    *message = NULL;
    *culprit = n;
    for (size_t i = 0; i < n; i++)
        if (!is_known(kind, params[i].name)) {
            *message = wanted[kind];
            *culprit = i;
            return SURETY_LAW_UNKNOWN_PARAM;
        }
    for (size_t i = 0; i < n; i++)
        if (!isfinite(params[i].value)) {
            *message = "parameters of a law must be finite";
            *culprit = i;
            return SURETY_LAW_IMPOSSIBLE;
        }
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (pairs[i].kind != kind || !find_values(&pairs[i], params, n, values))
            continue;
        solved = surety_law_of(kind, 0, 0);
        *message = pairs[i].solve(values, &solved);
        if (!*message)
            *message = surety_law_row(kind)->complaint(&solved);
        if (*message)
            return SURETY_LAW_IMPOSSIBLE;
        *law = solved;
        return SURETY_LAW_SOLVED;
    }
    *message = wanted[kind];
    return SURETY_LAW_WRONG_PARAMS;
}
