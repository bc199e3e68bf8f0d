// SPDX-License-Identifier: GPL-3.0-or-later
/* From the laws of a scenario to latencies: exact moments of each cell. */
#include "sim/base/fmath.h"
#include "sim/base/latency_build.h"
#include "sim/base/latency_cache.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_integration.h>
#include <math.h>
#include <stdlib.h>

/* Up to this cell moments come from partial moments, which lose digits as the square of the cell's number; beyond, laws
 * are smooth across a cell and moments come from the distribution function, by parts. */
#define NEAR_CELLS 256

#define FEW_VALUES 32 /* empirical values that stay atoms */

/* ---- one law ----------------------------------------------------------------------------------------------- */

// Where the density of a simple law may jump. Returns their number.
static size_t breaks_of(const struct surety_law *law, double *breaks)
{
    size_t n = 0;
    breaks[n++] = law->shift;
    if (isfinite(law->max))
        breaks[n++] = law->max;
    if (law->kind == SURETY_LAW_UNIFORM) {
        breaks[n++] = law->shift + law->a;
        breaks[n++] = law->shift + law->b;
    }
    if (law->kind == SURETY_LAW_PARETO)
        breaks[n++] = law->shift + law->b;
    return n;
}

static bool has_break(const double *breaks, size_t n, double from, double to)
{
    for (size_t i = 0; i < n; i++)
        if (breaks[i] >= from && breaks[i] <= to)
            return true;
    return false;
}

// x has been seen up to the lower edge of a cell: partial[order] = E[X^order; X <= edge].
static void add_near_cell(const struct surety_latency_grid *grid, const struct surety_law *law, double weight,
                          double factor, size_t j, double *partial, double *moments)
{
    const double h = grid->step_s / factor, middle = ((double)j + 0.5) * h;
    double m[3];
    for (int order = 0; order < 3; order++) {
        const double next = surety_law_partial(law, order, h * ((double)j + 1));
        m[order] = next - partial[order];
        partial[order] = next;
    }
    const double first = (m[1] - middle * m[0]) * 2 / h;
    const double second = (m[2] - 2 * middle * m[1] + middle * middle * m[0]) * 4 / (h * h);
    moments[j] += weight * m[0];
    moments[grid->n + j] += weight * first;
    moments[2 * grid->n + j] += weight * (3 * second - m[0]) / 2;
}

// The moments of a cell from values of F at its edges and at the Gauss points, by parts: integral of P_k dF =
// [P_k F] - integral of P_k' F.
static void add_by_parts(const struct surety_latency_grid *grid, double weight, size_t j, double f_low, double f_high,
                         const double f[SURETY_LATENCY_GAUSS], double *moments)
{
    double sum = 0, sum_xi = 0;
    for (size_t q = 0; q < SURETY_LATENCY_GAUSS; q++) {
        sum += surety_gauss_weight[q] * f[q];
        sum_xi += surety_gauss_weight[q] * f[q] * surety_gauss_node[q];
    }
    moments[j] += weight * (f_high - f_low);
    moments[grid->n + j] += weight * (f_high + f_low - sum);
    moments[2 * grid->n + j] += weight * (f_high - f_low - 3 * sum_xi);
}

// The time of a Gauss point of cell j.
static double gauss_time(const struct surety_latency_grid *grid, size_t j, size_t q)
{
    return grid->step_s * ((double)j + (1 + surety_gauss_node[q]) / 2);
}

static void add_simple(const struct surety_latency_grid *grid, const struct surety_law *law, double weight,
                       double factor, double *moments)
{
    const double h = grid->step_s / factor; // in the law's own unit
    double breaks[5], partial[3] = {0, 0, 0};
    const size_t n_breaks = breaks_of(law, breaks);
    bool partial_holds = true;
    double below = 0;
    for (size_t j = 0; j < grid->n; j++) {
        const double from = h * (double)j, to = h * ((double)j + 1);
        const bool near = j < NEAR_CELLS || has_break(breaks, n_breaks, from, to);
        if (near) {
            for (int order = 0; !partial_holds && order < 3; order++)
                partial[order] = surety_law_partial(law, order, from);
            add_near_cell(grid, law, weight, factor, j, partial, moments);
            partial_holds = true;
            below = partial[0];
            continue;
        }
        partial_holds = false;
        if (below >= 1)
            continue;
        double f[SURETY_LATENCY_GAUSS];
        for (size_t q = 0; q < SURETY_LATENCY_GAUSS; q++)
            f[q] = surety_law_cdf(law, gauss_time(grid, j, q) / factor);
        const double next = surety_law_cdf(law, to);
        add_by_parts(grid, weight, j, below, next, f, moments);
        below = next;
    }
}

static void add_values(const struct surety_latency_grid *grid, const struct surety_law *law, double weight,
                       double factor, struct surety_latency_draft *draft)
{
    const double p =
        weight / ((double)law->n *
                  surety_law_partial(
                      &(struct surety_law){.kind = law->kind, .n = law->n, .values = law->values, .max = INFINITY}, 0,
                      law->max - law->shift));
    for (size_t i = 0; i < law->n && law->values[i] <= law->max - law->shift; i++) {
        const double at_s = factor * (law->shift + law->values[i]);
        if (law->n <= FEW_VALUES)
            surety_latency_put(draft, at_s, p);
        else
            surety_latency_deposit(grid, draft->moments, at_s, p);
    }
}

static bool is_few(const struct surety_law *law)
{
    return law->kind == SURETY_LAW_FIXED || (law->kind == SURETY_LAW_EMPIRICAL && law->n <= FEW_VALUES);
}

// The law's simple components; *n of them. NULL when memory is out.
static struct surety_law_atom *flatten(struct surety_latency_space *space, const struct surety_law *law, size_t *n)
{
    struct surety_law_atom *parts = surety_arena_calloc(&space->arena, surety_law_n_atoms(law), sizeof *parts);
    if (parts == NULL)
        space->out_of_memory = true;
    else
        *n = surety_law_flatten(law, parts);
    return parts;
}

struct surety_latency surety_latency_of(struct surety_latency_space *space, const struct surety_law *law, double factor)
{
    size_t n = 0, n_atoms = 0;
    bool with_cells = false;
    const struct surety_law_atom *parts = flatten(space, law, &n);
    if (parts == NULL)
        return surety_latency_none();
    for (size_t i = 0; i < n; i++) {
        n_atoms += is_few(&parts[i].of) ? (parts[i].of.kind == SURETY_LAW_FIXED ? 1 : parts[i].of.n) : 0;
        with_cells = with_cells || !is_few(&parts[i].of);
    }
    struct surety_latency_draft draft = surety_latency_draft(space, n_atoms, with_cells);
    if (draft.atoms == NULL)
        return surety_latency_none();
    draft.mass = 1;
    for (size_t i = 0; i < n; i++) {
        const struct surety_law *part = &parts[i].of;
        if (part->kind == SURETY_LAW_FIXED)
            surety_latency_put(&draft, factor * (part->shift + part->a), parts[i].weight);
        else if (part->kind == SURETY_LAW_EMPIRICAL)
            add_values(space->grid, part, parts[i].weight, factor, &draft);
        else
            add_simple(space->grid, part, parts[i].weight, factor, draft.moments);
    }
    return surety_latency_seal(space, &draft);
}

/* ---- count x each ------------------------------------------------------------------------------------------ */

// The integral over the quantiles of `count`, on panels of the normal score; F is wanted on a grid of log t and read
// between its points by polynomials of degree 5.
#define SCORE_LIMIT 8.0
#define N_PANELS 16
#define PANEL_POINTS 8
#define N_QUANTILES (N_PANELS * PANEL_POINTS)
#define LOG_STEP 0.02
#define STENCIL 6

struct product {
    const struct surety_law *each;
    double count[N_QUANTILES], weight[N_QUANTILES];
};

static void take_quantiles(const struct surety_law *count, struct product *product)
{
    gsl_integration_glfixed_table *rule = gsl_integration_glfixed_table_alloc(PANEL_POINTS);
    const double width = 2 * SCORE_LIMIT / N_PANELS;
    double total = 0;
    for (size_t i = 0; rule != NULL && i < N_QUANTILES; i++) {
        double z, w;
        const double from = -SCORE_LIMIT + width * (double)(i / PANEL_POINTS);
        gsl_integration_glfixed_point(from, from + width, i % PANEL_POINTS, &z, &w, rule);
        // the upper half by its own tail, which keeps its digits only as far as 1 - u does
        product->count[i] = surety_law_quantile(count, gsl_cdf_ugaussian_P(z));
        product->weight[i] = w * exp(-z * z / 2);
        total += product->weight[i];
    }
    for (size_t i = 0; i < N_QUANTILES; i++)
        product->weight[i] /= total;
    if (rule != NULL)
        gsl_integration_glfixed_table_free(rule);
}

static double product_cdf(const struct product *product, double t)
{
    double p = 0;
    for (size_t i = 0; i < N_QUANTILES; i++)
        p += product->weight[i] * (product->count[i] > 0 ? surety_law_cdf(product->each, t / product->count[i]) : 1);
    return p;
}

// F at t from its table over log t, which begins at log_from.
static double look_up(const double *table, size_t n, double log_from, double t)
{
    const double place = (log(t) - log_from) / LOG_STEP;
    if (place < 0)
        return 0;
    double from = floor(place) - (STENCIL / 2 - 1);
    from = from < 0 ? 0 : from > (double)(n - STENCIL) ? (double)(n - STENCIL) : from;
    const double x = place - from;
    const double *f = table + (size_t)from;
    double sum = 0;
    for (int i = 0; i < STENCIL; i++) {
        double term = f[i];
        for (int k = 0; k < STENCIL; k++)
            if (k != i)
                term *= (x - k) / (i - k);
        sum += term;
    }
    return sum;
}

static void add_product(struct surety_latency_space *space, const struct surety_law *count,
                        const struct surety_law *each, double weight, double factor, double *moments)
{
    const struct surety_latency_grid *grid = space->grid;
    struct product product = {.each = each};
    take_quantiles(count, &product);
    const double end = grid->step_s * (double)grid->n / factor;
    double least = surety_law_quantile(count, 1e-10) * surety_law_quantile(each, 1e-10);
    least = least > end * 1e-9 ? least : end * 1e-9;
    const size_t n = (size_t)(log(fmax(end / least, 1)) / LOG_STEP) + STENCIL + 2;
    double *table = surety_arena_calloc(&space->arena, n, sizeof *table);
    if (table == NULL) {
        space->out_of_memory = true;
        return;
    }
    for (size_t i = 0; i < n; i++)
        table[i] = product_cdf(&product, least * exp(LOG_STEP * (double)i));
    double below = 0;
    for (size_t j = 0; j < grid->n; j++) {
        double f[SURETY_LATENCY_GAUSS];
        for (size_t q = 0; q < SURETY_LATENCY_GAUSS; q++)
            f[q] = look_up(table, n, log(least), gauss_time(grid, j, q) / factor);
        const double next = look_up(table, n, log(least), grid->step_s * ((double)j + 1) / factor);
        add_by_parts(grid, weight, j, below, next, f, moments);
        below = next;
    }
}

static bool is_bare_lognormal(const struct surety_law *law)
{
    return law->kind == SURETY_LAW_LOGNORMAL && law->shift == 0 && isinf(law->max);
}

// A pair of simple laws, into the draft.
static void add_pair(struct surety_latency_space *space, const struct surety_law *count, const struct surety_law *each,
                     double weight, double factor, struct surety_latency_draft *draft)
{
    const struct surety_law *const fixed = count->kind == SURETY_LAW_FIXED  ? count
                                           : each->kind == SURETY_LAW_FIXED ? each
                                                                            : NULL;
    if (fixed != NULL) {
        const double value = fixed->shift + fixed->a;
        const struct surety_law *other = fixed == count ? each : count;
        const struct surety_latency x =
            value > 0 ? surety_latency_of(space, other, factor * value) : surety_latency_at(space, 0, 1);
        for (size_t i = 0; i < x.n_atoms; i++)
            surety_latency_put(draft, x.atoms[i].at_s, weight * x.atoms[i].p);
        for (size_t j = 0; x.moments != NULL && j < 3 * space->grid->n; j++)
            draft->moments[j] += weight * x.moments[j];
    } else if (is_bare_lognormal(count) && is_bare_lognormal(each)) {
        const struct surety_law law = surety_law_of(SURETY_LAW_LOGNORMAL, count->a + each->a, hypot(count->b, each->b));
        add_simple(space->grid, &law, weight, factor, draft->moments);
    } else {
        add_product(space, count, each, weight, factor, draft->moments);
    }
}

struct surety_latency surety_latency_of_product(struct surety_latency_space *space, const struct surety_law *count,
                                                const struct surety_law *each, double factor)
{
    size_t n_counts = 0, n_each = 0;
    const struct surety_law_atom *counts = flatten(space, count, &n_counts);
    const struct surety_law_atom *eaches = flatten(space, each, &n_each);
    if (counts == NULL || eaches == NULL)
        return surety_latency_none();
    struct surety_latency_draft draft = surety_latency_draft(space, n_counts * n_each * FEW_VALUES, true);
    if (draft.moments == NULL)
        return surety_latency_none();
    draft.mass = 1;
    for (size_t i = 0; i < n_counts; i++)
        for (size_t k = 0; k < n_each; k++)
            add_pair(space, &counts[i].of, &eaches[k].of, counts[i].weight * eaches[k].weight, factor, &draft);
    return surety_latency_seal(space, &draft);
}

struct surety_latency surety_latency_known(struct surety_latency_space *space, uint64_t content,
                                           const struct surety_law *count, const struct surety_law *law, double factor)
{
    struct surety_latency x;
    const uint64_t hash = surety_latency_content(surety_latency_content(content, count != NULL), surety_bits(factor));
    const uint64_t id = hash + (hash == 0);
    if (surety_latency_cache_find(space->cache, id, space->grid->n, &x))
        return x;
    x = count != NULL ? surety_latency_of_product(space, count, law, factor) : surety_latency_of(space, law, factor);
    x.id = space->out_of_memory ? 0 : id;
    surety_latency_cache_keep(space->cache, space->grid->n, &x);
    return x;
}
