// SPDX-License-Identifier: GPL-3.0-or-later
#include "sampler.h"

#include <assert.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fmath.h"
#include "sampler_table.h"

#define BLOCK 512
#define LEAST_WEIGHT 1e-15 /* below a 2^-50th of all draws a component cannot be seen */

/* ---- compile: one simple conditioned law to one quantile ----------------------------------------------------- */

static struct surety_quantile bare(enum surety_quantile_form form, const struct surety_law *law)
{
    struct surety_quantile q = {.form = form, .u_scale = 1.0, .shift = law->shift, .max = law->max};

    return q;
}

/* P(draw <= max - shift), or for order 1 the same of the length-biased draw */
static double kept(const struct surety_law *law, int order)
{
    const struct surety_law_row *row = surety_law_row(law->kind);

    if (isinf(law->max))
        return 1.0;
    return surety_round40(row->partial(law, order, law->max - law->shift) / row->partial(law, order, INFINITY));
}

/* A gamma draw, scaled and raised to a power. */
static enum surety_sampler_err gamma_power(const struct surety_law *law, double shape, double scale, double power,
                                           int order, struct surety_table_cache *cache, struct surety_quantile *q)
{
    *q = bare(SURETY_Q_TABLE, law);
    q->u_scale = kept(law, order);
    switch (surety_table_gamma(shape, log(scale), power, cache, q)) {
    case SURETY_TABLE_OK:
        return SURETY_SAMPLER_OK;
    case SURETY_TABLE_NO_MEMORY:
        return SURETY_SAMPLER_NO_MEMORY;
    default:
        return SURETY_SAMPLER_BAD_TABLE;
    }
}

static enum surety_sampler_err compile_fixed(const struct surety_law *law, int order, struct surety_table_cache *cache,
                                             struct surety_quantile *q)
{
    (void)cache;
    (void)order;
    *q = bare(SURETY_Q_CONSTANT, law);
    q->shift += law->a;
    return SURETY_SAMPLER_OK;
}

static enum surety_sampler_err compile_exponential(const struct surety_law *law, int order,
                                                   struct surety_table_cache *cache, struct surety_quantile *q)
{
    if (order == 1)
        return gamma_power(law, 2.0, law->a, 1.0, order, cache, q);
    *q = bare(SURETY_Q_EXPONENTIAL, law);
    q->u_scale = kept(law, order);
    q->scale = law->a;
    return SURETY_SAMPLER_OK;
}

static enum surety_sampler_err compile_weibull(const struct surety_law *law, int order,
                                               struct surety_table_cache *cache, struct surety_quantile *q)
{
    if (order == 1)
        return gamma_power(law, 1.0 + 1.0 / law->a, law->b, 1.0 / law->a, order, cache, q);
    *q = bare(SURETY_Q_WEIBULL, law);
    q->u_scale = kept(law, order);
    q->mu = surety_round40(log(law->b));
    q->sigma = 1.0 / law->a;
    return SURETY_SAMPLER_OK;
}

static enum surety_sampler_err compile_lognormal(const struct surety_law *law, int order,
                                                 struct surety_table_cache *cache, struct surety_quantile *q)
{
    (void)cache;
    *q = bare(SURETY_Q_LOGNORMAL, law);
    q->u_scale = kept(law, order);
    q->mu = surety_round40(law->a + order * law->b * law->b);
    q->sigma = surety_round40(law->b);
    return SURETY_SAMPLER_OK;
}

static enum surety_sampler_err compile_gamma(const struct surety_law *law, int order, struct surety_table_cache *cache,
                                             struct surety_quantile *q)
{
    return gamma_power(law, law->a + order, law->b, 1.0, order, cache, q);
}

/* Density y^(-shape - 1 + order) on [scale, m]. Length-biased and cut, the exponent may be of either sign. */
static enum surety_sampler_err compile_pareto(const struct surety_law *law, int order, struct surety_table_cache *cache,
                                              struct surety_quantile *q)
{
    (void)cache;
    double shape = law->a - order;
    double log_ratio = log((law->max - law->shift) / law->b);

    if (fabs(shape * log_ratio) < 1e-8) {
        *q = bare(SURETY_Q_LOG_LINEAR, law);
        q->sigma = surety_round40(log_ratio);
    } else {
        *q = bare(SURETY_Q_PARETO, law);
        q->u_scale = surety_round40(-expm1(-shape * log_ratio));
        q->sigma = 1.0 / shape;
    }
    q->mu = surety_round40(log(law->b));
    return SURETY_SAMPLER_OK;
}

static enum surety_sampler_err compile_uniform(const struct surety_law *law, int order,
                                               struct surety_table_cache *cache, struct surety_quantile *q)
{
    (void)cache;
    double low = law->shift + law->a;
    double high = fmin(law->shift + law->b, law->max);

    *q = bare(order == 0 ? SURETY_Q_LINEAR : SURETY_Q_ROOT, law);
    q->max = high;
    if (order == 0) {
        q->shift = low;
        q->scale = high - low;
    } else {
        q->shift = 0.0;
        q->mu = low * low;
        q->sigma = (high - low) * (high + low);
    }
    return SURETY_SAMPLER_OK;
}

/* Cumulative weights by size and a guide of as many cells: cell c starts at the first value that may serve
 * u >= c/n. */
static bool weigh_by_size(struct surety_quantile *q)
{
    double *cumulative = malloc(q->n_values * sizeof *cumulative);
    uint32_t *guide = malloc(q->n_values * sizeof *guide);
    double total = 0.0;
    uint32_t k = 0;

    q->cumulative = cumulative;
    q->guide = guide;
    if (!cumulative || !guide)
        return false;
    for (size_t i = 0; i < q->n_values; i++) {
        total += q->values[i];
        cumulative[i] = total;
    }
    for (size_t i = 0; i < q->n_values; i++)
        cumulative[i] /= total;
    for (size_t c = 0; c < q->n_values; c++) {
        while (k + 1 < q->n_values && cumulative[k] * (double)q->n_values < (double)c)
            k++;
        guide[c] = k;
    }
    return true;
}

static enum surety_sampler_err compile_empirical(const struct surety_law *law, int order,
                                                 struct surety_table_cache *cache, struct surety_quantile *q)
{
    (void)cache;
    size_t n = 0;
    double *values;

    while (n < law->n && law->values[n] <= law->max - law->shift)
        n++;
    *q = bare(order == 0 ? SURETY_Q_EMPIRICAL : SURETY_Q_WEIGHTED, law);
    values = malloc(n * sizeof *values);
    if (!values)
        return SURETY_SAMPLER_NO_MEMORY;
    for (size_t i = 0; i < n; i++)
        values[i] = law->values[i] + law->shift;
    q->values = values;
    q->n_values = n;
    return order == 0 || weigh_by_size(q) ? SURETY_SAMPLER_OK : SURETY_SAMPLER_NO_MEMORY;
}

/* order 0: the law; order 1: its length-biased twin. Shift is outside the bias unless it is folded into the draw. */
static const struct {
    enum surety_sampler_err (*compile)(const struct surety_law *law, int order, struct surety_table_cache *cache,
                                       struct surety_quantile *q);
    bool folds_shift;
} compilers[SURETY_N_LAWS] = {
    [SURETY_LAW_FIXED] = {compile_fixed, true},      [SURETY_LAW_EXPONENTIAL] = {compile_exponential, false},
    [SURETY_LAW_WEIBULL] = {compile_weibull, false}, [SURETY_LAW_LOGNORMAL] = {compile_lognormal, false},
    [SURETY_LAW_GAMMA] = {compile_gamma, false},     [SURETY_LAW_PARETO] = {compile_pareto, false},
    [SURETY_LAW_UNIFORM] = {compile_uniform, true},  [SURETY_LAW_EMPIRICAL] = {compile_empirical, true},
};

/* ---- compile: the parts of a sampler ------------------------------------------------------------------------- */

static void free_quantile(struct surety_quantile *q)
{
    free((void *)(uintptr_t)q->cells);
    free((void *)(uintptr_t)q->values);
    free((void *)(uintptr_t)q->cumulative);
    free((void *)(uintptr_t)q->guide);
}

static enum surety_sampler_err add_part(struct surety_sampler *s, const struct surety_law *law, int order,
                                        double weight, struct surety_table_cache *cache)
{
    struct surety_quantile *q = &s->parts[s->n_parts];
    enum surety_sampler_err err;

    if (!(weight > LEAST_WEIGHT))
        return SURETY_SAMPLER_OK;
    s->per_weight[s->n_parts++] = weight; /* turned into its reciprocal when all are known */
    err = compilers[law->kind].compile(law, order, cache, q);
    if (!err && !isfinite(q->u_scale))
        err = SURETY_SAMPLER_BAD_LAW;
    return err;
}

/* Length bias of s + Y, density proportional to s + y: with probability s/E the draw Y itself, else its
 * length-biased twin. mean: of the whole law. */
static enum surety_sampler_err add_biased(struct surety_sampler *s, const struct surety_law_atom *atom, double mean,
                                          struct surety_table_cache *cache)
{
    bool is_split = atom->of.shift > 0 && !compilers[atom->of.kind].folds_shift;
    double share = atom->weight / mean;
    double own = surety_law_mean(&atom->of) - (is_split ? atom->of.shift : 0.0);
    enum surety_sampler_err err;

    if (is_split) {
        err = add_part(s, &atom->of, 0, share * atom->of.shift, cache);
        if (err)
            return err;
    }
    return add_part(s, &atom->of, 1, share * own, cache);
}

static void finish_weights(struct surety_sampler *s)
{
    double total = 0.0;
    double sum = 0.0;

    for (size_t k = 0; k < s->n_parts; k++)
        total += s->per_weight[k];
    for (size_t k = 0; k < s->n_parts; k++) {
        sum += s->per_weight[k] / total;
        s->cumulative[k] = k + 1 == s->n_parts ? 1.0 : surety_round40(sum);
        s->per_weight[k] = 1.0 / (s->cumulative[k] - (k > 0 ? s->cumulative[k - 1] : 0.0));
    }
}

enum surety_sampler_err surety_sampler_compile(const struct surety_law *law, enum surety_sampler_purpose purpose,
                                               struct surety_sampler *out)
{
    return surety_sampler_compile_again(law, purpose, NULL, out);
}

enum surety_sampler_err surety_sampler_compile_again(const struct surety_law *law, enum surety_sampler_purpose purpose,
                                                     struct surety_table_cache *cache, struct surety_sampler *out)
{
    struct surety_sampler s = {.purpose = purpose};
    enum surety_sampler_err err = SURETY_SAMPLER_OK;
    struct surety_law_atom *atoms;
    size_t n_atoms;
    double mean;

    if (surety_law_check(law))
        return SURETY_SAMPLER_BAD_LAW;
    n_atoms = surety_law_n_atoms(law);
    atoms = malloc(n_atoms * sizeof *atoms);
    s.parts = calloc(2 * n_atoms, sizeof *s.parts);
    s.cumulative = calloc(2 * n_atoms, sizeof *s.cumulative);
    s.per_weight = calloc(2 * n_atoms, sizeof *s.per_weight);
    if (!atoms || !s.parts || !s.cumulative || !s.per_weight) {
        free(atoms);
        surety_sampler_free(&s);
        return SURETY_SAMPLER_NO_MEMORY;
    }
    n_atoms = surety_law_flatten(law, atoms);
    mean = surety_law_mean(law);
    /* a law that is always 0 has nothing to be biased by: its residual is 0 */
    s.is_memoryless = purpose == SURETY_SAMPLE_RESIDUAL && n_atoms == 1 && atoms[0].of.kind == SURETY_LAW_EXPONENTIAL &&
                      atoms[0].of.shift == 0 && isinf(atoms[0].of.max);
    for (size_t k = 0; k < n_atoms && !err; k++) {
        if (purpose == SURETY_SAMPLE_PLAIN || s.is_memoryless || !(mean > 0))
            err = add_part(&s, &atoms[k].of, 0, atoms[k].weight, cache);
        else
            err = add_biased(&s, &atoms[k], mean, cache);
    }
    free(atoms);
    if (err) {
        surety_sampler_free(&s);
        return err;
    }
    finish_weights(&s);
    *out = s;
    return SURETY_SAMPLER_OK;
}

void surety_sampler_free(struct surety_sampler *sampler)
{
    for (size_t k = 0; k < sampler->n_parts; k++)
        free_quantile(&sampler->parts[k]);
    free(sampler->parts);
    free(sampler->cumulative);
    free(sampler->per_weight);
    *sampler = (struct surety_sampler){0};
}

/* ---- draw ---------------------------------------------------------------------------------------------------- */

/* Sort a block by component, draw each component's share in one call, put the results back in place. */
static void draw_parts(const struct surety_sampler *s, const struct surety_kernel *kernel, size_t n, const double *u,
                       double *x)
{
    uint16_t place[BLOCK];
    double v[BLOCK];
    double y[BLOCK];
    double low = 0.0;

    for (size_t k = 0; k < s->n_parts; k++) {
        const struct surety_quantile *q = &s->parts[k];
        const double high = s->cumulative[k];
        size_t m = 0;
        for (size_t i = 0; i < n; i++) {
            double w = (u[i] - low) * s->per_weight[k];
            place[m] = (uint16_t)i;
            /* rescaling may round to 0 or 1, which no quantile takes */
            v[m] = w < 0x1p-53 ? 0x1p-53 : w > 1.0 - 0x1p-53 ? 1.0 - 0x1p-53 : w;
            m += u[i] > low && u[i] <= high;
        }
        kernel->quantile[q->form](q, m, v, y);
        for (size_t j = 0; j < m; j++)
            x[place[j]] = y[j];
        low = high;
    }
}

static void draw(const struct surety_sampler *s, const struct surety_kernel *kernel, size_t n, const double *u,
                 double *x)
{
    if (s->n_parts == 1) {
        kernel->quantile[s->parts->form](s->parts, n, u, x);
        return;
    }
    for (size_t i = 0; i < n; i += BLOCK)
        draw_parts(s, kernel, n - i < BLOCK ? n - i : BLOCK, u + i, x + i);
}

void surety_sampler_block(const struct surety_sampler *sampler, const struct surety_kernel *kernel, size_t n,
                          const double *u, double *x)
{
    assert(sampler->purpose == SURETY_SAMPLE_PLAIN);
    draw(sampler, kernel, n, u, x);
}

double surety_sampler_one(const struct surety_sampler *sampler, double u)
{
    double x;

    surety_sampler_block(sampler, surety_kernel_best(), 1, &u, &x);
    return x;
}

void surety_sampler_residual_block(const struct surety_sampler *sampler, const struct surety_kernel *kernel, size_t n,
                                   const double *u0, const double *u1, double *x)
{
    assert(sampler->purpose == SURETY_SAMPLE_RESIDUAL);
    draw(sampler, kernel, n, u1, x);
    if (!sampler->is_memoryless)
        for (size_t i = 0; i < n; i++)
            x[i] *= u0[i];
}

double surety_sampler_residual(const struct surety_sampler *sampler, double u0, double u1)
{
    double x;

    surety_sampler_residual_block(sampler, surety_kernel_best(), 1, &u0, &u1, &x);
    return x;
}
