// SPDX-License-Identifier: GPL-3.0-or-later
#include "sampler_table.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <stdlib.h>

#include "fmath.h"
#include "sim/base/lgamma.h"

#define WANTED_ERROR 2e-7
#define COARSEST 8 /* cells per unit of z */
#define FINEST 256
#define LOG_ROOT_2PI 0.91893853320467274178

/* log P(shape, e^l): two terms of the series where e^l is negligible or underflows. */
static double log_lower(double shape, double l)
{
    double x = exp(l);

    if (l < -20)
        return shape * l - surety_lgamma(shape + 1.0) - shape * x / (shape + 1.0);
    return log(gsl_sf_gamma_inc_P(shape, x));
}

/* log of x f(x), the density of l = log x */
static double log_density(double shape, double l)
{
    return shape * l - exp(l) - surety_lgamma(shape);
}

double surety_table_log_gamma_quantile(double shape, double z, double guess)
{
    double target = log(gsl_cdf_ugaussian_P(-fabs(z)));
    double l = guess;

    for (int i = 0; i < 200; i++) {
        double h = z <= 0 ? log_lower(shape, l) : log(gsl_sf_gamma_inc_Q(shape, exp(l)));
        double slope = exp(log_density(shape, l) - h);
        double step = (target - h) / (z <= 0 ? slope : -slope);
        /* far from the root the tangent may point out of exp's range */
        if (!(fabs(step) <= 1.0) && !(l < -20))
            step = copysign(1.0, step);
        l += step;
        if (fabs(step) < 1e-7)
            break;
    }
    return l;
}

static double slope_at(double shape, double z, double l)
{
    return exp(-0.5 * z * z - LOG_ROOT_2PI - log_density(shape, l));
}

/* The Hermite cubic's middle: where a halved table gets its guess, and where the error is judged. */
static double middle_of(double y0, double y1, double d0, double d1, double width)
{
    return 0.5 * (y0 + y1) + 0.125 * width * (d0 - d1);
}

/* Knots and slopes at COARSEST cells per unit, marching outwards from the median. */
static void first_knots(double shape, size_t n_knots, double *y, double *d)
{
    const double width = 1.0 / COARSEST;
    const size_t zero = (size_t)(-SURETY_TABLE_Z_MIN * COARSEST);
    double guess =
        shape > 0.3 ? log(shape) + 3 * log1p(-1.0 / (9 * shape + 2)) : (surety_lgamma(shape + 1) - log(2)) / shape;

    y[zero] = surety_table_log_gamma_quantile(shape, 0.0, guess);
    d[zero] = slope_at(shape, 0.0, y[zero]);
    for (size_t k = zero + 1; k < n_knots; k++) {
        double z = SURETY_TABLE_Z_MIN + (double)k * width;
        y[k] = surety_table_log_gamma_quantile(shape, z, y[k - 1] + width * d[k - 1]);
        d[k] = slope_at(shape, z, y[k]);
    }
    for (size_t k = zero; k-- > 0;) {
        double z = SURETY_TABLE_Z_MIN + (double)k * width;
        y[k] = surety_table_log_gamma_quantile(shape, z, y[k + 1] - width * d[k + 1]);
        d[k] = slope_at(shape, z, y[k]);
    }
}

/* Spread n_knots knots apart and solve the middles; returns the largest error of the coarser cubic there. */
static double halve(double shape, size_t n_knots, double width, double *y, double *d)
{
    double worst = 0.0;

    for (size_t k = n_knots; k-- > 0;) {
        y[2 * k] = y[k];
        d[2 * k] = d[k];
    }
    for (size_t k = 1; k < 2 * n_knots - 1; k += 2) {
        double z = SURETY_TABLE_Z_MIN + (double)k * width / 2;
        double cubic = middle_of(y[k - 1], y[k + 1], d[k - 1], d[k + 1], width);
        y[k] = surety_table_log_gamma_quantile(shape, z, cubic);
        d[k] = slope_at(shape, z, y[k]);
        worst = fmax(worst, isfinite(y[k]) ? fabs(y[k] - cubic) : INFINITY);
    }
    return worst;
}

/* Cubic Hermite coefficients of log x on [0,1) of each cell. A slope above three times the secant could make a
 * cubic turn back (Fritsch and Carlson, SIAM J. Numer. Anal. 17 (1980) 238-246): it is cut. */
static void fill_cells(size_t n_cells, size_t stride, double width, double log_scale, double power, const double *y,
                       const double *d, double *cells)
{
    for (size_t k = 0; k < n_cells; k++) {
        size_t i = k * stride;
        double y0 = surety_round40(log_scale + power * y[i]);
        double y1 = surety_round40(log_scale + power * y[i + stride]);
        double rise = y1 - y0;
        double d0 = fmin(surety_round40(power * width * d[i]), 3 * rise);
        double d1 = fmin(surety_round40(power * width * d[i + stride]), 3 * rise);
        cells[4 * k] = y0;
        cells[4 * k + 1] = d0;
        cells[4 * k + 2] = 3 * rise - 2 * d0 - d1;
        cells[4 * k + 3] = d0 + d1 - 2 * rise;
    }
}

/* The knots behind a table, with the middles between them. */
struct knots {
    double shape, power;
    size_t per_z, n_cells;
    double *y, *d; /* 2 n_cells + 1 */
};

#define CACHED 16

struct surety_table_cache {
    struct knots of[CACHED];
    size_t n, next; /* in use; to be replaced next when all are */
};

struct surety_table_cache *surety_table_cache_create(void)
{
    return calloc(1, sizeof(struct surety_table_cache));
}

static void free_knots(struct knots *knots)
{
    free(knots->y);
    free(knots->d);
}

void surety_table_cache_destroy(struct surety_table_cache *cache)
{
    for (size_t i = 0; cache && i < cache->n; i++)
        free_knots(&cache->of[i]);
    free(cache);
}

static const struct knots *find_knots(const struct surety_table_cache *cache, double shape, double power)
{
    for (size_t i = 0; cache && i < cache->n; i++)
        if (cache->of[i].shape == shape && cache->of[i].power == power)
            return &cache->of[i];
    return NULL;
}

/* The cache owns the knots from here on. */
static void keep_knots(struct surety_table_cache *cache, const struct knots *knots)
{
    struct knots *slot = &cache->of[cache->n < CACHED ? cache->n++ : cache->next++ % CACHED];

    free_knots(slot);
    *slot = *knots;
}

static enum surety_table_result solve_knots(double shape, double power, struct knots *out)
{
    const double span = SURETY_TABLE_Z_MAX - SURETY_TABLE_Z_MIN;
    const size_t room = (size_t)(span * 2 * FINEST) + 1;
    struct knots k = {.shape = shape,
                      .power = power,
                      .per_z = COARSEST,
                      .n_cells = (size_t)(span * COARSEST),
                      .y = malloc(room * sizeof *k.y),
                      .d = malloc(room * sizeof *k.d)};

    if (!k.y || !k.d) {
        free_knots(&k);
        return SURETY_TABLE_NO_MEMORY;
    }
    first_knots(shape, k.n_cells + 1, k.y, k.d);
    while (!(power * halve(shape, k.n_cells + 1, 1.0 / (double)k.per_z, k.y, k.d) <= WANTED_ERROR)) {
        if (k.per_z == FINEST) {
            free_knots(&k);
            return SURETY_TABLE_INACCURATE;
        }
        k.per_z *= 2;
        k.n_cells *= 2;
    }
    *out = k;
    return SURETY_TABLE_OK;
}

enum surety_table_result surety_table_gamma(double shape, double log_scale, double power,
                                            struct surety_table_cache *cache, struct surety_quantile *q)
{
    const struct knots *known = find_knots(cache, shape, power);
    struct knots own = {.y = NULL};
    double *cells;

    if (!known) {
        enum surety_table_result result = solve_knots(shape, power, &own);
        if (result != SURETY_TABLE_OK)
            return result;
        known = &own;
    }
    cells = malloc(4 * known->n_cells * sizeof *cells);
    if (cells) {
        /* the middles that judged it stand between the knots: stride 2 */
        fill_cells(known->n_cells, 2, 1.0 / (double)known->per_z, log_scale, power, known->y, known->d, cells);
        q->cells = cells;
        q->cells_per_z = (double)known->per_z;
        q->z_min = SURETY_TABLE_Z_MIN;
        q->z_max = SURETY_TABLE_Z_MAX - 0x1p-40; /* the last cell is [.., z_max): its right end is never indexed */
    }
    if (known == &own && cache && cells)
        keep_knots(cache, &own);
    else if (known == &own)
        free_knots(&own);
    return cells ? SURETY_TABLE_OK : SURETY_TABLE_NO_MEMORY;
}
