// SPDX-License-Identifier: GPL-3.0-or-later
#include "law.h"

#include <assert.h>
#include <math.h>

/* A max that keeps less than this is a mistake, and would push the sampler into tails that nobody tested. */
#define LEAST_KEPT 1e-9

struct surety_law surety_law_of(enum surety_law_kind kind, double a, double b)
{
    struct surety_law law = {.kind = kind, .a = a, .b = b, .max = INFINITY};

    return law;
}

static double partial_of_draw(const struct surety_law *law, int order, double y)
{
    return surety_law_row(law->kind)->partial(law, order, y);
}

static double share_kept(const struct surety_law *law)
{
    return isinf(law->max) ? 1.0 : partial_of_draw(law, 0, law->max - law->shift);
}

static const char *check_shape(const struct surety_law *law)
{
    const char *complaint;

    if (law->kind >= SURETY_N_LAWS)
        return "unknown law";
    complaint = surety_law_row(law->kind)->complaint(law);
    if (complaint)
        return complaint;
    if (law->kind == SURETY_LAW_MIXTURE)
        for (size_t i = 0; i < law->n; i++) {
            complaint = check_shape(&law->parts[i].of);
            if (complaint)
                return complaint;
        }
    if (!(law->shift >= 0) || !isfinite(law->shift))
        return "shift must be finite and not negative";
    if (!(law->max >= law->shift))
        return "max must not be below shift";
    return share_kept(law) >= LEAST_KEPT ? NULL : "max keeps less than one draw in 1e9";
}

const char *surety_law_check(const struct surety_law *law)
{
    const char *complaint = check_shape(law);

    if (complaint)
        return complaint;
    return isfinite(surety_law_mean(law)) ? NULL : "the mean is infinite: a pareto needs a shape above 1, or give max";
}

bool surety_law_has_infinite_variance(const struct surety_law *law)
{
    return isinf(surety_law_second_moment(law));
}

double surety_law_partial(const struct surety_law *law, int order, double x)
{
    static const double binomial[4][4] = {{1, 0, 0, 0}, {1, 1, 0, 0}, {1, 2, 1, 0}, {1, 3, 3, 1}};
    double y = fmin(x, law->max) - law->shift;
    double sum = 0.0;

    assert(order >= 0 && order <= 3);
    for (int j = 0; j <= order; j++)
        if (law->shift > 0 || j == order)
            sum += binomial[order][j] * pow(law->shift, order - j) * partial_of_draw(law, j, y);
    return sum / share_kept(law);
}

double surety_law_mean(const struct surety_law *law)
{
    return surety_law_partial(law, 1, INFINITY);
}

double surety_law_second_moment(const struct surety_law *law)
{
    return surety_law_partial(law, 2, INFINITY);
}

double surety_law_third_moment(const struct surety_law *law)
{
    return surety_law_partial(law, 3, INFINITY);
}

double surety_law_cdf(const struct surety_law *law, double x)
{
    return surety_law_partial(law, 0, x);
}

double surety_law_quantile(const struct surety_law *law, double p)
{
    return fmin(law->max, law->shift + surety_law_row(law->kind)->quantile(law, p * share_kept(law)));
}

double surety_law_equilibrium_cdf(const struct surety_law *law, double t)
{
    if (t <= 0)
        return 0.0;
    if (isinf(t))
        return 1.0;
    return (surety_law_partial(law, 1, t) + t * (1.0 - surety_law_cdf(law, t))) / surety_law_mean(law);
}

size_t surety_law_n_atoms(const struct surety_law *law)
{
    size_t n = 0;

    if (law->kind != SURETY_LAW_MIXTURE)
        return 1;
    for (size_t i = 0; i < law->n; i++)
        n += surety_law_n_atoms(&law->parts[i].of);
    return n;
}

size_t surety_law_flatten(const struct surety_law *law, struct surety_law_atom *atoms)
{
    const double reach = law->max - law->shift;
    size_t n = 0;
    size_t n_kept = 0;
    double total = 0.0;

    if (law->kind != SURETY_LAW_MIXTURE) {
        atoms[0] = (struct surety_law_atom){.weight = 1.0, .of = *law};
        return 1;
    }
    for (size_t i = 0; i < law->n; i++) {
        size_t first = n;
        n += surety_law_flatten(&law->parts[i].of, atoms + n);
        for (size_t k = first; k < n; k++)
            atoms[k].weight *= law->parts[i].weight;
    }
    /* Conditioning the whole on <= reach conditions each component and takes what it loses from its weight. */
    for (size_t k = 0; k < n; k++) {
        struct surety_law_atom atom = atoms[k];
        atom.weight *= isinf(reach) ? 1.0 : surety_law_cdf(&atom.of, reach);
        if (!(atom.weight > 0))
            continue;
        atom.of.max = fmin(atom.of.max, reach) + law->shift;
        atom.of.shift += law->shift;
        atoms[n_kept++] = atom;
        total += atom.weight;
    }
    for (size_t k = 0; k < n_kept; k++)
        atoms[k].weight /= total;
    return n_kept;
}
