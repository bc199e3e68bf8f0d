// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/fit/likelihood.h"

#include <gsl/gsl_multimin.h>
#include <math.h>
#include <string.h>

#define N SURETY_FIT_PARAMETERS
#define STEP 1e-4    // of the differences
#define ENOUGH 1e-10 // what the last step may still have won
#define MOST_STEPS 60

struct target {
    enum surety_fit_kind kind;
    const struct surety_sums *sums;
    size_t n, which[N]; // the free parameters
    double theta[N];
};

static double value_at(const struct target *target, const double *free)
{
    double theta[N];
    memcpy(theta, target->theta, sizeof theta);
    for (size_t j = 0; j < target->n; j++)
        theta[target->which[j]] = free[j];
    const double value = surety_fit_log_likelihood(target->kind, target->sums, theta);
    return isnan(value) ? -INFINITY : value;
}

// Gradient and negative second derivatives; false where the function is not finite around.
static bool derivatives(const struct target *target, const double *free, double at, double *gradient,
                        double information[N][N])
{
    double up[N], down[N], moved[N];
    memcpy(moved, free, target->n * sizeof *moved);
    for (size_t j = 0; j < target->n; j++) {
        moved[j] = free[j] + STEP;
        up[j] = value_at(target, moved);
        moved[j] = free[j] - STEP;
        down[j] = value_at(target, moved);
        moved[j] = free[j];
        gradient[j] = (up[j] - down[j]) / (2 * STEP);
        information[j][j] = (2 * at - up[j] - down[j]) / (STEP * STEP);
        if (!isfinite(gradient[j]) || !isfinite(information[j][j]))
            return false;
    }
    for (size_t j = 0; j < target->n; j++)
        for (size_t k = 0; k < j; k++) {
            moved[j] = free[j] + STEP;
            moved[k] = free[k] + STEP;
            const double both_up = value_at(target, moved);
            moved[j] = free[j] - STEP;
            moved[k] = free[k] - STEP;
            const double both_down = value_at(target, moved);
            moved[j] = free[j];
            moved[k] = free[k];
            const double cross = (both_up + both_down - up[j] - up[k] - down[j] - down[k] + 2 * at) / (2 * STEP * STEP);
            information[j][k] = information[k][j] = -cross;
            if (!isfinite(cross))
                return false;
        }
    return true;
}

// Lower triangle L with L L' = a + ridge on the diagonal; false when that is not positive definite.
static bool cholesky(size_t n, double a[N][N], double ridge, double lower[N][N])
{
    for (size_t j = 0; j < n; j++)
        for (size_t k = 0; k <= j; k++) {
            double sum = a[j][k] + (j == k ? ridge : 0);
            for (size_t i = 0; i < k; i++)
                sum -= lower[j][i] * lower[k][i];
            if (j == k && !(sum > 0))
                return false;
            lower[j][k] = j == k ? sqrt(sum) : sum / lower[k][k];
        }
    return true;
}

static void solve(size_t n, double lower[N][N], const double *right, double *out)
{
    for (size_t j = 0; j < n; j++) {
        out[j] = right[j];
        for (size_t k = 0; k < j; k++)
            out[j] -= lower[j][k] * out[k];
        out[j] /= lower[j][j];
    }
    for (size_t j = n; j-- > 0;) {
        for (size_t k = j + 1; k < n; k++)
            out[j] -= lower[k][j] * out[k];
        out[j] /= lower[j][j];
    }
}

// One step of Newton, with a ridge where the function is not curved downwards. The win that is left, or NAN: lost.
static double newton(const struct target *target, double *free, double *value)
{
    double gradient[N], information[N][N], lower[N][N], step[N], moved[N], largest = 0, win = 0, ridge = 0;
    if (!derivatives(target, free, *value, gradient, information))
        return NAN;
    for (size_t j = 0; j < target->n; j++)
        largest = fmax(largest, fabs(information[j][j]));
    while (!cholesky(target->n, information, ridge, lower)) {
        ridge = ridge > 0 ? 4 * ridge : 1e-3 * fmax(largest, 1e-3);
        if (ridge > 1e6 * fmax(largest, 1e-3))
            return NAN;
    }
    solve(target->n, lower, gradient, step);
    double longest = 0;
    for (size_t j = 0; j < target->n; j++) {
        win += gradient[j] * step[j] / 2;
        longest = fmax(longest, fabs(step[j]));
    }
    double share = longest > 1 ? 1 / longest : 1;
    for (int half = 0; half < 40; half++, share /= 2) {
        for (size_t j = 0; j < target->n; j++)
            moved[j] = free[j] + share * step[j];
        const double there = value_at(target, moved);
        if (there >= *value - 1e-12 * fabs(*value)) {
            memcpy(free, moved, target->n * sizeof *free);
            *value = there;
            return win;
        }
    }
    return win < 1e-6 ? 0 : NAN; // as high as the differences can tell
}

static double fall(const gsl_vector *free, void *context)
{
    const double value = value_at(context, free->data);
    return isfinite(value) ? -value : 1e300;
}

// Nelder and Mead: slow, and content with any function.
static void simplex(struct target *target, double *free, double *value)
{
    gsl_multimin_function function = {fall, target->n, target};
    gsl_multimin_fminimizer *search = gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, target->n);
    gsl_vector *start = gsl_vector_alloc(target->n), *size = gsl_vector_alloc(target->n);
    if (search != NULL && start != NULL && size != NULL) {
        memcpy(start->data, free, target->n * sizeof *free);
        gsl_vector_set_all(size, 0.3);
        if (gsl_multimin_fminimizer_set(search, &function, start, size) == 0)
            for (int i = 0; i < 600 && gsl_multimin_fminimizer_iterate(search) == 0; i++)
                if (gsl_multimin_fminimizer_size(search) < 1e-5)
                    break;
        if (-search->fval > *value) {
            memcpy(free, search->x->data, target->n * sizeof *free);
            *value = -search->fval;
        }
    }
    if (search != NULL)
        gsl_multimin_fminimizer_free(search);
    if (start != NULL)
        gsl_vector_free(start);
    if (size != NULL)
        gsl_vector_free(size);
}

static void climb(struct target *target, double *free, double *value)
{
    for (int i = 0; i < MOST_STEPS; i++) {
        const double win = newton(target, free, value);
        if (isnan(win))
            break;
        if (win < ENOUGH)
            return;
    }
    simplex(target, free, value);
    for (int i = 0; i < 20; i++) {
        const double win = newton(target, free, value);
        if (isnan(win) || win < ENOUGH)
            return;
    }
}

static struct target target_of(enum surety_fit_kind kind, const struct surety_sums *sums, size_t fixed,
                               const double *theta, double *free)
{
    struct target target = {.kind = kind, .sums = sums};
    memcpy(target.theta, theta, surety_fit_kinds[kind].n * sizeof *theta);
    for (size_t j = 0; j < surety_fit_kinds[kind].n; j++)
        if (j != fixed) {
            free[target.n] = theta[j];
            target.which[target.n++] = j;
        }
    return target;
}

double surety_fit_climb(enum surety_fit_kind kind, const struct surety_sums *sums, size_t fixed, double *theta)
{
    double free[N] = {0};
    struct target target = target_of(kind, sums, fixed, theta, free);
    double value = value_at(&target, free);
    if (target.n > 0)
        climb(&target, free, &value);
    for (size_t j = 0; j < target.n; j++)
        theta[target.which[j]] = free[j];
    return value;
}

bool surety_fit_standard_errors(enum surety_fit_kind kind, const struct surety_sums *sums, const double *theta,
                                double *errors)
{
    double free[N] = {0}, gradient[N], information[N][N], lower[N][N], unit[N], column[N];
    const struct target target = target_of(kind, sums, N, theta, free);
    if (!derivatives(&target, free, value_at(&target, free), gradient, information) ||
        !cholesky(target.n, information, 0, lower))
        return false;
    for (size_t j = 0; j < target.n; j++) {
        memset(unit, 0, sizeof unit);
        unit[j] = 1;
        solve(target.n, lower, unit, column);
        errors[j] = sqrt(column[j]);
    }
    return true;
}
