// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/fit/likelihood.h"
#include "sim/base/lgamma.h"

#include <gsl/gsl_sf_erf.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <string.h>

#define LOG_2_PI 1.8378770664093453
#define SIGMA_RATIO 6.0 // of a mixture's sigmas, at most
#define LEAST_PART 4.0  // durations' worth of weight of a mixture's part

const struct surety_fit_kind_row surety_fit_kinds[SURETY_N_FITS] = {
    [SURETY_FIT_EXPONENTIAL] = {"exponential", 1, {{"mean", true, false}}, 0, 0},
    [SURETY_FIT_WEIBULL] = {"weibull", 2, {{"shape", false, false}, {"mean", true, false}}, 5, 0},
    [SURETY_FIT_GAMMA] = {"gamma", 2, {{"shape", false, false}, {"mean", true, false}}, 5, 0},
    [SURETY_FIT_LOGNORMAL] = {"lognormal", 2, {{"median", true, false}, {"sigma", false, false}}, 5, 0},
    [SURETY_FIT_MIXTURE] = {"mixture",
                            5,
                            {{"weight", false, true},
                             {"median", true, false},
                             {"sigma", false, false},
                             {"median", true, false},
                             {"sigma", false, false}},
                            40,
                            7},
};

// Limits of the positive parameters; times have none.
static const struct {
    double least, most;
} limits[SURETY_N_FITS] = {
    [SURETY_FIT_WEIBULL] = {0.05, 20},
    [SURETY_FIT_GAMMA] = {0.02, 1000},
    [SURETY_FIT_LOGNORMAL] = {0.05, 8},
    [SURETY_FIT_MIXTURE] = {0.05, 8},
};

enum surety_fit_kind surety_fit_by_name(const char *name)
{
    enum surety_fit_kind kind = 0;
    while (kind < SURETY_N_FITS && strcmp(surety_fit_kinds[kind].name, name) != 0)
        kind++;
    return kind;
}

double surety_fit_log_normal_tail(double z)
{
    return gsl_sf_log_erfc(z * M_SQRT1_2) - M_LN2;
}

// --- parameters -------------------------------------------------------------------------------------------------------

void surety_fit_to_theta(enum surety_fit_kind kind, const struct surety_sums *sums, const double *value, double *theta)
{
    const struct surety_fit_kind_row *row = &surety_fit_kinds[kind];
    for (size_t j = 0; j < row->n; j++)
        theta[j] = row->parameters[j].is_share  ? log(value[j] / (1 - value[j]))
                   : row->parameters[j].is_time ? log(value[j] / sums->scale)
                                                : log(value[j]);
}

void surety_fit_from_theta(enum surety_fit_kind kind, const struct surety_sums *sums, const double *theta,
                           double *value)
{
    const struct surety_fit_kind_row *row = &surety_fit_kinds[kind];
    for (size_t j = 0; j < row->n; j++)
        value[j] = row->parameters[j].is_share  ? 1 / (1 + exp(-theta[j]))
                   : row->parameters[j].is_time ? sums->scale * exp(theta[j])
                                                : exp(theta[j]);
}

// How far inside all limits theta stands; negative outside. A climb that ends within 0.01 of one has not ended.
static double room(enum surety_fit_kind kind, const struct surety_sums *sums, const double *theta)
{
    const struct surety_fit_kind_row *row = &surety_fit_kinds[kind];
    double least = INFINITY;
    for (size_t j = 0; j < row->n; j++)
        if (!row->parameters[j].is_time && !row->parameters[j].is_share)
            least = fmin(least, fmin(theta[j] - log(limits[kind].least), log(limits[kind].most) - theta[j]));
        else
            least = fmin(least, 60 - fabs(theta[j])); // times of e^60 scales: nonsense that would overflow
    if (kind == SURETY_FIT_MIXTURE) {
        const double n = (double)(sums->sample.n_whole + sums->sample.n_cut);
        const double share = LEAST_PART / fmax(n, 2 * LEAST_PART);
        least = fmin(least, log(SIGMA_RATIO) - fabs(theta[2] - theta[4]));
        least = fmin(least, log((1 - share) / share) - fabs(theta[0]));
    }
    return least;
}

bool surety_fit_at_limit(enum surety_fit_kind kind, const struct surety_sums *sums, const double *theta)
{
    return !(room(kind, sums, theta) > 0.01);
}

// --- likelihoods ------------------------------------------------------------------------------------------------------

static double exponential(const struct surety_sums *sums, const double *theta)
{
    const double log_mean = log(sums->scale) + theta[0];
    return -(double)(sums->sample.n_whole + sums->sample.n_rest) * log_mean - sums->exposure * exp(-log_mean);
}

// The mean is scale x Gamma(1 + 1/shape).
static double weibull(const struct surety_sums *sums, const double *theta)
{
    const struct surety_sample *s = &sums->sample;
    const double shape = exp(theta[0]), log_mean = log(sums->scale) + theta[1];
    const double log_scale = log_mean - surety_lgamma(1 + 1 / shape), n = (double)s->n_whole;
    double sum = n * (log(shape) - shape * log_scale) + (shape - 1) * sums->sum_log - (double)s->n_rest * log_mean;
    for (size_t i = 0; i < s->n_whole + s->n_cut + s->n_rest; i++)
        sum -= exp(shape * (sums->logs[i] - log_scale));
    return sum;
}

// log Q(shape, z), with the leading term of its asymptotic series where the function itself underflows.
static double log_gamma_tail(double shape, double z)
{
    const double q = gsl_sf_gamma_inc_Q(shape, z);
    return q > 1e-290 ? log(q) : (shape - 1) * log(z) - z - surety_lgamma(shape);
}

static double gamma_law(const struct surety_sums *sums, const double *theta)
{
    const struct surety_sample *s = &sums->sample;
    const double shape = exp(theta[0]), log_mean = log(sums->scale) + theta[1], scale = exp(log_mean) / shape;
    const double n = (double)s->n_whole;
    double sum = (shape - 1) * sums->sum_log - sums->sum / scale - n * (shape * log(scale) + surety_lgamma(shape));
    double tail = 0;
    for (size_t i = 0; i < s->n_cut; i++) {
        if (i == 0 || s->cut[i] != s->cut[i - 1]) // often all are cut at the same length
            tail = log_gamma_tail(shape, s->cut[i] / scale);
        sum += tail;
    }
    for (size_t i = 0; i < s->n_rest; i++)
        sum += log_gamma_tail(shape, s->rest[i] / scale) - log_mean;
    return sum;
}

static double lognormal(const struct surety_sums *sums, const double *theta)
{
    const struct surety_sample *s = &sums->sample;
    const double mu = log(sums->scale) + theta[0], sigma = exp(theta[1]), n = (double)s->n_whole;
    double squares = sums->sum_log_2 - 2 * mu * sums->sum_log + n * mu * mu;
    double sum = -n * (theta[1] + LOG_2_PI / 2) - sums->sum_log - squares / (2 * sigma * sigma);
    for (size_t i = s->n_whole; i < s->n_whole + s->n_cut + s->n_rest; i++) {
        sum += surety_fit_log_normal_tail((sums->logs[i] - mu) / sigma);
        if (i >= s->n_whole + s->n_cut)
            sum -= mu + sigma * sigma / 2;
    }
    return sum;
}

// log(e^a + e^b)
static double log_sum(double a, double b)
{
    const double high = fmax(a, b), low = fmin(a, b);
    return high + (low < high - 40 ? 0 : log1p(exp(low - high)));
}

static double mixture(const struct surety_sums *sums, const double *theta)
{
    const struct surety_sample *s = &sums->sample;
    const double log_scale = log(sums->scale), log_w[2] = {-log1p(exp(theta[0])), -log1p(exp(-theta[0]))};
    double mu[2], sigma[2], head[2], sum = -sums->sum_log - (double)s->n_whole * LOG_2_PI / 2;
    for (size_t p = 0; p < 2; p++) {
        mu[p] = log_scale + theta[1 + 2 * p];
        sigma[p] = exp(theta[2 + 2 * p]);
        head[p] = log_w[p] - theta[2 + 2 * p];
    }
    for (size_t i = 0; i < s->n_whole; i++) {
        const double a = (sums->logs[i] - mu[0]) / sigma[0], b = (sums->logs[i] - mu[1]) / sigma[1];
        sum += log_sum(head[0] - a * a / 2, head[1] - b * b / 2);
    }
    const double log_mean =
        log_sum(log_w[0] + mu[0] + sigma[0] * sigma[0] / 2, log_w[1] + mu[1] + sigma[1] * sigma[1] / 2);
    for (size_t i = s->n_whole; i < s->n_whole + s->n_cut + s->n_rest; i++) {
        sum += log_sum(log_w[0] + surety_fit_log_normal_tail((sums->logs[i] - mu[0]) / sigma[0]),
                       log_w[1] + surety_fit_log_normal_tail((sums->logs[i] - mu[1]) / sigma[1]));
        if (i >= s->n_whole + s->n_cut)
            sum -= log_mean;
    }
    return sum;
}

double surety_fit_log_likelihood(enum surety_fit_kind kind, const struct surety_sums *sums, const double *theta)
{
    static double (*const functions[SURETY_N_FITS])(const struct surety_sums *, const double *) = {
        [SURETY_FIT_EXPONENTIAL] = exponential, [SURETY_FIT_WEIBULL] = weibull, [SURETY_FIT_GAMMA] = gamma_law,
        [SURETY_FIT_LOGNORMAL] = lognormal,     [SURETY_FIT_MIXTURE] = mixture,
    };
    if (!(room(kind, sums, theta) > 0))
        return -INFINITY;
    return functions[kind](sums, theta);
}
