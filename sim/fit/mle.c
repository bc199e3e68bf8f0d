// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/fit/mle.h"

#include "sim/fit/likelihood.h"
#include "sim/base/lgamma.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

static struct surety_fit empty(enum surety_fit_kind kind, const char *why_not)
{
    struct surety_fit fit = {.kind = kind, .why_not = why_not};
    double *const numbers[] = {&fit.log_likelihood, &fit.aic, &fit.aicc, &fit.ks, &fit.ad, &fit.p_ks, &fit.p_ad};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        *numbers[i] = NAN;
    for (size_t j = 0; j < SURETY_FIT_PARAMETERS; j++) {
        fit.value[j] = NAN;
        fit.interval[j] = (struct surety_interval){NAN, NAN};
    }
    return fit;
}

static const char *complaint(enum surety_fit_kind kind, const struct surety_sums *sums)
{
    const struct surety_sample *s = &sums->sample;
    if (s->n_whole + s->n_rest == 0)
        return "no duration that ended was seen";
    if (s->n_whole < surety_fit_kinds[kind].least_whole)
        return "too few durations";
    if (kind != SURETY_FIT_EXPONENTIAL && !(sums->most > sums->least * (1 + 1e-9)))
        return "all durations are the same";
    return NULL;
}

// Where climbs start: the moments of the logarithms, cut durations as if they had ended.
static bool start(enum surety_fit_kind kind, const struct surety_sums *sums, double *theta)
{
    const struct surety_sample *s = &sums->sample;
    const double n = (double)s->n_whole;
    const double variance = n > 1 ? (sums->sum_log_2 - sums->sum_log * sums->sum_log / n) / n : 1;
    const double sigma = fmin(fmax(sqrt(fmax(variance, 0)), 0.08), 4), mean = sums->exposure / fmax(n, 1);
    switch (kind) {
    case SURETY_FIT_EXPONENTIAL:
        theta[0] = log(sums->exposure / (n + (double)s->n_rest) / sums->scale);
        return true;
    case SURETY_FIT_WEIBULL: // the logarithm's deviation is pi / sqrt(6) / shape
        theta[0] = log(fmin(fmax(1.2825 / sigma, 0.1), 15));
        theta[1] = log(mean / sums->scale);
        return true;
    case SURETY_FIT_GAMMA: // Thom's: log mean - mean log = 1 / (2 shape), about
        theta[0] = log(fmin(fmax(0.5 / fmax(log(mean / sums->scale), 1e-3), 0.1), 500));
        theta[1] = log(mean / sums->scale);
        return true;
    case SURETY_FIT_LOGNORMAL:
        theta[0] = 0;
        theta[1] = log(sigma);
        return true;
    default:
        return surety_fit_mixture_start(sums, theta);
    }
}

// A mixture's tail is the part with the larger median.
static void order_parts(double *theta)
{
    if (theta[1] <= theta[3])
        return;
    const double median = theta[1], sigma = theta[2];
    theta[0] = -theta[0];
    theta[1] = theta[3];
    theta[2] = theta[4];
    theta[3] = median;
    theta[4] = sigma;
}

static struct surety_fit climbed(enum surety_fit_kind kind, const struct surety_sums *sums, double *theta)
{
    struct surety_fit fit = empty(kind, NULL);
    const double k = (double)surety_fit_kinds[kind].n, n = (double)sums->sample.n_whole;
    fit.log_likelihood = kind == SURETY_FIT_EXPONENTIAL // its start is the closed form
                             ? surety_fit_log_likelihood(kind, sums, theta)
                             : surety_fit_climb(kind, sums, SURETY_FIT_PARAMETERS, theta);
    if (!isfinite(fit.log_likelihood))
        return empty(kind, "the likelihood has no maximum that was found");
    if (kind == SURETY_FIT_MIXTURE)
        order_parts(theta);
    surety_fit_from_theta(kind, sums, theta, fit.value);
    fit.at_limit = surety_fit_at_limit(kind, sums, theta);
    fit.aic = 2 * k - 2 * fit.log_likelihood;
    fit.aicc = n > k + 1                        ? fit.aic + 2 * k * (k + 1) / (n - k - 1)
               : kind == SURETY_FIT_EXPONENTIAL ? fit.aic
                                                : INFINITY;
    return fit;
}

struct surety_fit surety_fit_maximum(enum surety_fit_kind kind, const struct surety_sums *sums)
{
    double theta[SURETY_FIT_PARAMETERS] = {0};
    const char *why_not = complaint(kind, sums);
    if (why_not != NULL)
        return empty(kind, why_not);
    if (!start(kind, sums, theta))
        return empty(kind, "memory is out");
    return climbed(kind, sums, theta);
}

struct surety_fit surety_fit_maximum_near(const struct surety_fit *near, const struct surety_sums *sums)
{
    double theta[SURETY_FIT_PARAMETERS] = {0};
    const char *why_not = complaint(near->kind, sums);
    if (why_not != NULL)
        return empty(near->kind, why_not);
    if (near->kind == SURETY_FIT_MIXTURE) // the others' starts are as good
        surety_fit_to_theta(near->kind, sums, near->value, theta);
    else if (!start(near->kind, sums, theta))
        return empty(near->kind, "memory is out");
    return climbed(near->kind, sums, theta);
}

struct surety_law surety_fit_law(const struct surety_fit *fit, struct surety_law_part parts[2])
{
    const double *v = fit->value;
    switch (fit->kind) {
    case SURETY_FIT_EXPONENTIAL:
        return surety_law_of(SURETY_LAW_EXPONENTIAL, v[0], 0);
    case SURETY_FIT_WEIBULL:
        return surety_law_of(SURETY_LAW_WEIBULL, v[0], v[1] / exp(surety_lgamma(1 + 1 / v[0])));
    case SURETY_FIT_GAMMA:
        return surety_law_of(SURETY_LAW_GAMMA, v[0], v[1] / v[0]);
    case SURETY_FIT_LOGNORMAL:
        return surety_law_of(SURETY_LAW_LOGNORMAL, log(v[0]), v[1]);
    default:
        parts[0] = (struct surety_law_part){1 - v[0], surety_law_of(SURETY_LAW_LOGNORMAL, log(v[1]), v[2])};
        parts[1] = (struct surety_law_part){v[0], surety_law_of(SURETY_LAW_LOGNORMAL, log(v[3]), v[4])};
        return (struct surety_law){.kind = SURETY_LAW_MIXTURE, .n = 2, .parts = parts, .max = INFINITY};
    }
}

double surety_fit_mean(const struct surety_fit *fit)
{
    struct surety_law_part parts[2];
    const struct surety_law law = surety_fit_law(fit, parts);
    return surety_law_mean(&law);
}

// --- intervals --------------------------------------------------------------------------------------------------------

static struct surety_interval exact(const struct surety_sums *sums, double confidence)
{
    const struct surety_sample *s = &sums->sample;
    const double n = (double)(s->n_whole + s->n_rest), tail = (1 - confidence) / 2;
    const bool all_whole = s->n_cut == 0 && s->n_rest == 0;
    return (struct surety_interval){2 * sums->exposure / gsl_cdf_chisq_Qinv(tail, 2 * n + (all_whole ? 0 : 2)),
                                    2 * sums->exposure / gsl_cdf_chisq_Pinv(tail, 2 * n)};
}

struct profile {
    enum surety_fit_kind kind;
    const struct surety_sums *sums;
    size_t which;
    double level;                        // of the log-likelihood, where the interval ends
    double theta[SURETY_FIT_PARAMETERS]; // of the others, at the last place: the next climb starts there
};

// How far the profile at `at` lies above the level.
static double above(struct profile *profile, double at)
{
    profile->theta[profile->which] = at;
    return surety_fit_climb(profile->kind, profile->sums, profile->which, profile->theta) - profile->level;
}

// Where the profile falls to the level, going from the maximum in steps of `step` (its sign is the direction); the
// infinity of that direction when it does not within 40 steps or before a limit.
static double end_of(struct profile *profile, double maximum, double height, double step)
{
    double inside = maximum, high = height, outside = maximum + step, low = above(profile, outside);
    for (int i = 0; low > 0; i++) {
        if (i == 40)
            return copysign(INFINITY, step);
        inside = outside;
        high = low;
        outside += step;
        low = above(profile, outside);
    }
    if (!isfinite(low))
        return copysign(INFINITY, step);
    // the square root of the fall is nearly linear: regula falsi on it, Illinois
    double a = sqrt(fmax(height - high, 0)) - sqrt(height), b = sqrt(height - low) - sqrt(height);
    int side = 0;
    for (int i = 0; i < 60 && fabs(outside - inside) > 1e-6 * fabs(step); i++) {
        const double middle = inside - a * (outside - inside) / (b - a);
        const double value = sqrt(fmax(height - above(profile, middle), 0)) - sqrt(height);
        if (fabs(value) < 1e-7)
            return middle;
        if (value > 0) {
            outside = middle;
            b = value;
            a = side == 1 ? a / 2 : a;
            side = 1;
        } else {
            inside = middle;
            a = value;
            b = side == -1 ? b / 2 : b;
            side = -1;
        }
    }
    return (inside + outside) / 2;
}

static void profile_interval(struct surety_fit *fit, const struct surety_sums *sums, size_t which, const double *theta,
                             double error, double height)
{
    double ends[2];
    for (int side = 0; side < 2; side++) {
        struct profile profile = {fit->kind, sums, which, fit->log_likelihood - height, {0}};
        memcpy(profile.theta, theta, sizeof profile.theta);
        ends[side] = end_of(&profile, theta[which], height, (side == 0 ? -1 : 1) * sqrt(2 * height) * error);
    }
    double values[2][SURETY_FIT_PARAMETERS];
    for (int side = 0; side < 2; side++) {
        double moved[SURETY_FIT_PARAMETERS];
        memcpy(moved, theta, sizeof moved);
        moved[which] = ends[side];
        surety_fit_from_theta(fit->kind, sums, moved, values[side]);
    }
    fit->interval[which] = (struct surety_interval){values[0][which], values[1][which]};
}

// theta +- z standard errors. The profile of a mixture has more than one hill: its parts may change places on the way.
static void wald_intervals(struct surety_fit *fit, const struct surety_sums *sums, const double *theta,
                           const double *errors, double confidence)
{
    const double z = surety_interval_z(confidence);
    double low[SURETY_FIT_PARAMETERS], high[SURETY_FIT_PARAMETERS], from[SURETY_FIT_PARAMETERS],
        to[SURETY_FIT_PARAMETERS];
    for (size_t j = 0; j < surety_fit_kinds[fit->kind].n; j++) {
        low[j] = theta[j] - z * errors[j];
        high[j] = theta[j] + z * errors[j];
    }
    surety_fit_from_theta(fit->kind, sums, low, from);
    surety_fit_from_theta(fit->kind, sums, high, to);
    for (size_t j = 0; j < surety_fit_kinds[fit->kind].n; j++)
        fit->interval[j] = (struct surety_interval){from[j], to[j]};
}

void surety_fit_intervals(struct surety_fit *fit, const struct surety_sums *sums, double confidence)
{
    double theta[SURETY_FIT_PARAMETERS] = {0}, errors[SURETY_FIT_PARAMETERS];
    if (fit->why_not != NULL)
        return;
    if (fit->kind == SURETY_FIT_EXPONENTIAL) {
        fit->interval[0] = exact(sums, confidence);
        return;
    }
    surety_fit_to_theta(fit->kind, sums, fit->value, theta);
    if (fit->at_limit || !surety_fit_standard_errors(fit->kind, sums, theta, errors))
        return;
    if (fit->kind == SURETY_FIT_MIXTURE) {
        wald_intervals(fit, sums, theta, errors, confidence);
        return;
    }
    const double height = gsl_cdf_chisq_Pinv(confidence, 1) / 2;
    for (size_t j = 0; j < surety_fit_kinds[fit->kind].n; j++)
        profile_interval(fit, sums, j, theta, errors[j], height);
}
