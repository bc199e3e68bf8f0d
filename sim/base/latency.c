// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/fmath.h"
#include "sim/base/latency_build.h"
#include "sim/base/latency_cache.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ON_AN_EDGE 1e-9 /* of a step */

void surety_latency_space_init(struct surety_latency_space *space, const struct surety_latency_grid *grid)
{
    *space = (struct surety_latency_space){.grid = grid};
    surety_arena_init(&space->arena);
}

void surety_latency_space_finish(struct surety_latency_space *space)
{
    surety_arena_finish(&space->arena);
}

/* ---- cells ------------------------------------------------------------------------------------------------- */

bool surety_latency_cell(const struct surety_latency_grid *grid, double t_s, size_t *cell, double *xi)
{
    double place = t_s / grid->step_s;
    if (!(place < (double)grid->n))
        return false;
    const double nearest = floor(place + 0.5);
    if (fabs(place - nearest) < ON_AN_EDGE)
        place = nearest;
    *cell = (size_t)place;
    *xi = 2 * (place - (double)*cell) - 1;
    return *cell < grid->n;
}

double surety_latency_inside(const struct surety_latency_grid *grid, const double *moments, size_t j, double xi)
{
    const size_t n = grid->n;
    return 0.5 * (moments[j] * (xi + 1) + 1.5 * moments[n + j] * (xi * xi - 1) +
                  2.5 * moments[2 * n + j] * (xi * xi - 1) * xi);
}

void surety_latency_deposit(const struct surety_latency_grid *grid, double *moments, double t_s, double p)
{
    size_t j;
    double xi, legendre[3];
    if (!surety_latency_cell(grid, t_s, &j, &xi))
        return;
    surety_legendre(xi, legendre);
    for (size_t k = 0; k < 3; k++)
        moments[k * grid->n + j] += p * legendre[k];
}

/* ---- drafts ------------------------------------------------------------------------------------------------ */

struct surety_latency_draft surety_latency_draft(struct surety_latency_space *space, size_t n_atoms, bool with_cells)
{
    struct surety_latency_draft draft = {.room = n_atoms};
    draft.atoms = surety_arena_calloc(&space->arena, n_atoms, sizeof *draft.atoms);
    if (with_cells)
        draft.moments = surety_arena_calloc(&space->arena, 3 * space->grid->n, sizeof *draft.moments);
    if (draft.atoms == NULL || (with_cells && draft.moments == NULL)) {
        space->out_of_memory = true;
        return (struct surety_latency_draft){0};
    }
    return draft;
}

static int by_time(const void *a, const void *b)
{
    const struct surety_latency_atom *x = a, *y = b;
    return (x->at_s > y->at_s) - (x->at_s < y->at_s);
}

static int by_falling_weight(const void *a, const void *b)
{
    const struct surety_latency_atom *x = a, *y = b;
    return x->p != y->p ? (x->p < y->p) - (x->p > y->p) : by_time(a, b);
}

static void unite_atoms(struct surety_latency_draft *draft)
{
    size_t n = 0;
    qsort(draft->atoms, draft->n_atoms, sizeof *draft->atoms, by_time);
    for (size_t i = 0; i < draft->n_atoms; i++)
        if (n > 0 && draft->atoms[i].at_s - draft->atoms[n - 1].at_s <= 1e-12 * draft->atoms[i].at_s)
            draft->atoms[n - 1].p += draft->atoms[i].p;
        else
            draft->atoms[n++] = draft->atoms[i];
    draft->n_atoms = n;
}

static void smear_atoms(struct surety_latency_space *space, struct surety_latency_draft *draft)
{
    if (draft->moments == NULL)
        draft->moments = surety_arena_calloc(&space->arena, 3 * space->grid->n, sizeof *draft->moments);
    if (draft->moments == NULL) {
        space->out_of_memory = true;
        return;
    }
    qsort(draft->atoms, draft->n_atoms, sizeof *draft->atoms, by_falling_weight);
    for (size_t i = SURETY_LATENCY_MOST_ATOMS; i < draft->n_atoms; i++)
        surety_latency_deposit(space->grid, draft->moments, draft->atoms[i].at_s, draft->atoms[i].p);
    draft->n_atoms = SURETY_LATENCY_MOST_ATOMS;
    qsort(draft->atoms, draft->n_atoms, sizeof *draft->atoms, by_time);
}

struct surety_latency surety_latency_seal(struct surety_latency_space *space, struct surety_latency_draft *draft)
{
    unite_atoms(draft);
    if (draft->n_atoms > SURETY_LATENCY_MOST_ATOMS)
        smear_atoms(space, draft);
    struct surety_latency x = {.mass = draft->mass < 1 ? draft->mass : 1,
                               .n_atoms = draft->n_atoms,
                               .atoms = draft->atoms,
                               .moments = draft->moments,
                               .weight = 1};
    if (draft->moments == NULL)
        return x;
    double *edges = surety_arena_calloc(&space->arena, space->grid->n + 1, sizeof *edges);
    if (edges == NULL) {
        space->out_of_memory = true;
        return surety_latency_none();
    }
    for (size_t j = 0; j < space->grid->n; j++)
        edges[j + 1] = edges[j] + draft->moments[j];
    x.edges = edges;
    return x;
}

/* ---- simple ones ------------------------------------------------------------------------------------------- */

struct surety_latency surety_latency_none(void)
{
    return (struct surety_latency){.mass = 0};
}

struct surety_latency surety_latency_at(struct surety_latency_space *space, double at_s, double p)
{
    struct surety_latency_draft draft = surety_latency_draft(space, 1, false);
    draft.mass = p;
    surety_latency_put(&draft, at_s, p);
    return surety_latency_seal(space, &draft);
}

// draft += p x
static void add_share(const struct surety_latency_space *space, struct surety_latency_draft *draft,
                      const struct surety_latency *x, double p)
{
    draft->mass += p * x->mass;
    if (draft->atoms == NULL)
        return; // no memory
    for (size_t i = 0; i < x->n_atoms && draft->n_atoms < draft->room; i++)
        draft->atoms[draft->n_atoms++] = (struct surety_latency_atom){x->atoms[i].at_s, p * x->atoms[i].p};
    const double weight = p * x->weight;
    for (size_t j = 0; x->moments != NULL && j < 3 * space->grid->n; j++)
        draft->moments[j] += weight * x->moments[j];
}

struct surety_latency surety_latency_scaled(struct surety_latency_space *space, const struct surety_latency *x,
                                            double p)
{
    if (p == 0)
        return surety_latency_none();
    struct surety_latency share = *x;
    struct surety_latency_atom *atoms = surety_arena_calloc(&space->arena, x->n_atoms, sizeof *atoms);
    if (atoms == NULL) {
        space->out_of_memory = true;
        return surety_latency_none();
    }
    for (size_t i = 0; i < x->n_atoms; i++)
        atoms[i] = (struct surety_latency_atom){x->atoms[i].at_s, p * x->atoms[i].p};
    share.atoms = atoms;
    share.mass *= p;
    share.weight *= p;
    share.id = x->n_atoms == 0 ? x->id : 0; // atoms carry their weight themselves
    return share;
}

struct surety_latency surety_latency_either(struct surety_latency_space *space, const struct surety_latency *x,
                                            const struct surety_latency *y)
{
    if (x->mass == 0 || y->mass == 0)
        return x->mass == 0 ? *y : *x;
    const bool with_cells = x->moments != NULL || y->moments != NULL;
    struct surety_latency_draft draft = surety_latency_draft(space, x->n_atoms + y->n_atoms, with_cells);
    add_share(space, &draft, x, 1);
    add_share(space, &draft, y, 1);
    return surety_latency_seal(space, &draft);
}

struct surety_latency surety_latency_without(struct surety_latency_space *space, const struct surety_latency *x,
                                             const struct surety_latency *y)
{
    const bool with_cells = x->moments != NULL || y->moments != NULL;
    struct surety_latency_draft draft = surety_latency_draft(space, x->n_atoms + y->n_atoms, with_cells);
    add_share(space, &draft, x, 1);
    add_share(space, &draft, y, -1);
    unite_atoms(&draft);
    size_t n = 0;
    for (size_t i = 0; i < draft.n_atoms; i++) // what cancels leaves a rounding error
        if (draft.atoms[i].p > 1e-15)
            draft.atoms[n++] = draft.atoms[i];
    draft.n_atoms = n;
    draft.mass = draft.mass > 0 ? draft.mass : 0;
    return surety_latency_seal(space, &draft);
}

/* ---- delays and sums --------------------------------------------------------------------------------------- */

// moments += p x the moments of x, by_s later
static void add_moved(const struct surety_latency_grid *grid, const double *from, double by_s, double p,
                      double *moments)
{
    const size_t n = grid->n;
    size_t cells;
    double xi, stays[3][3], moves[3][3];
    if (!surety_latency_cell(grid, by_s, &cells, &xi))
        return;
    const double d = xi + 1; // in [0, 2): how far within a cell
    const bool splits = d > 0;
    surety_latency_carry(-1, 1 - d, d, stays);
    surety_latency_carry(1 - d, 1, d - 2, moves);
    for (size_t j = 0; j + cells < n; j++) {
        const double m[3] = {p * from[j], p * from[n + j], p * from[2 * n + j]};
        for (size_t c = 0; c < 3; c++) {
            const size_t to = c * n + j + cells;
            if (!splits) {
                moments[to] += m[c];
                continue;
            }
            moments[to] += stays[c][0] * m[0] + stays[c][1] * m[1] + stays[c][2] * m[2];
            if (j + cells + 1 < n)
                moments[to + 1] += moves[c][0] * m[0] + moves[c][1] * m[1] + moves[c][2] * m[2];
        }
    }
}

// The content that comes of two others; 0 where one is unknown.
static uint64_t content_of(uint64_t kind, uint64_t x, uint64_t y)
{
    const uint64_t both = surety_latency_content(surety_latency_content(kind, x), y);
    return x == 0 || y == 0 ? 0 : both + (both == 0);
}

// x's and y's cells one after the other, or (y NULL) x's by_s later: from the cache where it is known.
static struct surety_latency combine(struct surety_latency_space *space, uint64_t id, const struct surety_latency *x,
                                     const struct surety_latency *y, double by_s)
{
    struct surety_latency out;
    if (surety_latency_cache_find(space->cache, id, space->grid->n, &out))
        return out;
    struct surety_latency_draft draft = surety_latency_draft(space, 0, true);
    if (draft.moments == NULL)
        return surety_latency_none();
    if (y == NULL)
        add_moved(space->grid, x->moments, by_s, 1, draft.moments);
    else if (surety_latency_convolve(space->grid, x->moments, y->moments, draft.moments) != SURETY_OK)
        space->out_of_memory = true;
    out = surety_latency_seal(space, &draft);
    out.id = space->out_of_memory ? 0 : id;
    surety_latency_cache_keep(space->cache, space->grid->n, &out);
    return out;
}

// The sum of two latencies of which one is all cells and the other is so too or a single time. Weights stay outside, so
// that the arrays are those of the laws themselves.
static struct surety_latency sum_plain(struct surety_latency_space *space, const struct surety_latency *x,
                                       const struct surety_latency *y)
{
    const struct surety_latency *const cells = x->moments != NULL ? x : y, *const other = cells == x ? y : x;
    struct surety_latency out;
    double weight = cells->weight;
    if (other->moments != NULL) {
        out = combine(space, content_of(1, cells->id, other->id), cells, other, 0);
        weight *= other->weight;
    } else {
        const double by_s = other->atoms[0].at_s;
        out = by_s == 0 ? *cells : combine(space, content_of(2, cells->id, surety_bits(by_s)), cells, NULL, by_s);
        weight *= other->atoms[0].p;
    }
    out.mass = x->mass * y->mass;
    out.weight = weight;
    return out;
}

struct surety_latency surety_latency_sum(struct surety_latency_space *space, const struct surety_latency *x,
                                         const struct surety_latency *y)
{
    if ((x->moments != NULL && x->n_atoms == 0 && (y->moments != NULL ? y->n_atoms == 0 : y->n_atoms == 1)) ||
        (y->moments != NULL && y->n_atoms == 0 && x->moments == NULL && x->n_atoms == 1))
        return sum_plain(space, x, y);
    const bool with_cells = (x->moments != NULL && y->mass > 0) || (y->moments != NULL && x->mass > 0);
    struct surety_latency_draft draft = surety_latency_draft(space, x->n_atoms * y->n_atoms, with_cells);
    draft.mass = x->mass * y->mass;
    if (draft.atoms == NULL)
        return surety_latency_none();
    for (size_t i = 0; i < x->n_atoms; i++)
        for (size_t k = 0; k < y->n_atoms; k++)
            surety_latency_put(&draft, x->atoms[i].at_s + y->atoms[k].at_s, x->atoms[i].p * y->atoms[k].p);
    if (x->moments != NULL && y->moments != NULL) {
        if (surety_latency_convolve(space->grid, x->moments, y->moments, draft.moments) != SURETY_OK)
            space->out_of_memory = true;
        for (size_t j = 0; j < 3 * space->grid->n; j++)
            draft.moments[j] *= x->weight * y->weight;
    }
    for (size_t i = 0; i < x->n_atoms && y->moments != NULL; i++)
        add_moved(space->grid, y->moments, x->atoms[i].at_s, x->atoms[i].p * y->weight, draft.moments);
    for (size_t i = 0; i < y->n_atoms && x->moments != NULL; i++)
        add_moved(space->grid, x->moments, y->atoms[i].at_s, y->atoms[i].p * x->weight, draft.moments);
    return surety_latency_seal(space, &draft);
}

struct surety_latency surety_latency_later(struct surety_latency_space *space, const struct surety_latency *x,
                                           double by_s)
{
    const struct surety_latency_atom atom = {by_s, 1};
    const struct surety_latency delay = {.mass = 1, .n_atoms = 1, .atoms = &atom};
    return surety_latency_sum(space, x, &delay);
}

/* ---- parts ------------------------------------------------------------------------------------------------- */

struct surety_latency surety_latency_within(struct surety_latency_space *space, const struct surety_latency *x,
                                            double limit_s)
{
    const struct surety_latency_grid *grid = space->grid;
    size_t cell;
    double xi;
    if (x->moments == NULL) {
        struct surety_latency_draft draft = surety_latency_draft(space, x->n_atoms, false);
        for (size_t i = 0; i < x->n_atoms && x->atoms[i].at_s <= limit_s; i++) {
            surety_latency_put(&draft, x->atoms[i].at_s, x->atoms[i].p);
            draft.mass += x->atoms[i].p;
        }
        return surety_latency_seal(space, &draft);
    }
    if (!surety_latency_cell(grid, limit_s, &cell, &xi))
        return *x;
    struct surety_latency_draft draft = surety_latency_draft(space, x->n_atoms, true);
    if (draft.moments == NULL)
        return surety_latency_none();
    for (size_t i = 0; i < x->n_atoms && x->atoms[i].at_s <= limit_s; i++)
        surety_latency_put(&draft, x->atoms[i].at_s, x->atoms[i].p);
    for (size_t k = 0; k < 3; k++)
        memcpy(draft.moments + k * grid->n, x->moments + k * grid->n, cell * sizeof *x->moments);
    double matrix[3][3];
    surety_latency_carry(-1, xi, 0, matrix);
    for (size_t c = 0; c < 3; c++)
        for (size_t k = 0; k < 3; k++)
            draft.moments[c * grid->n + cell] += matrix[c][k] * x->moments[k * grid->n + cell];
    draft.mass = surety_latency_cdf(grid, x, limit_s);
    struct surety_latency part = surety_latency_seal(space, &draft);
    part.weight = x->weight;
    part.id = x->n_atoms == 0 ? content_of(3, x->id, surety_bits(limit_s)) : 0;
    return part;
}

// The part of cell j of x that is before y, whose atoms up to the cell have the mass below_p; *atom is the first of y's
// that is not in it. Within a cell the survival of y is a cubic that jumps at its atoms.
static void race_cell(const struct surety_latency_grid *grid, const struct surety_latency *x,
                      const struct surety_latency *y, size_t j, size_t *atom, double *below_p, double *moments)
{
    const size_t n = grid->n;
    for (double u = -1; u < 1;) {
        double v = 1, jump = 0;
        size_t cell;
        double xi;
        if (*atom < y->n_atoms && surety_latency_cell(grid, y->atoms[*atom].at_s, &cell, &xi) && cell <= j) {
            v = xi > u && cell == j ? xi : u;
            jump = y->atoms[(*atom)++].p;
        }
        for (size_t q = 0; v > u && q < SURETY_LATENCY_GAUSS; q++) {
            const double at = (u + v) / 2 + (v - u) / 2 * surety_gauss_node[q];
            double p[3];
            surety_legendre(at, p);
            const double density =
                0.5 * (x->moments[j] * p[0] + 3 * x->moments[n + j] * p[1] + 5 * x->moments[2 * n + j] * p[2]);
            double left = 1 - *below_p;
            if (y->moments != NULL)
                left -= y->weight * (y->edges[j] + surety_latency_inside(grid, y->moments, j, at));
            for (size_t c = 0; c < 3; c++)
                moments[c * n + j] += (v - u) / 2 * surety_gauss_weight[q] * density * left * p[c];
        }
        *below_p += jump;
        u = v;
    }
}

struct surety_latency surety_latency_before(struct surety_latency_space *space, const struct surety_latency *x,
                                            const struct surety_latency *y, bool ties)
{
    const struct surety_latency_grid *grid = space->grid;
    struct surety_latency_draft draft = surety_latency_draft(space, x->n_atoms, x->moments != NULL);
    double on_grid = 0;
    for (size_t i = 0; i < x->n_atoms; i++) {
        const double at_s = x->atoms[i].at_s;
        const double gone = ties ? surety_latency_cdf_below(grid, y, at_s) : surety_latency_cdf(grid, y, at_s);
        surety_latency_put(&draft, at_s, x->atoms[i].p * (1 - gone));
        draft.mass += x->atoms[i].p * (1 - gone);
        on_grid += x->atoms[i].p;
    }
    if (x->moments == NULL || draft.moments == NULL)
        return surety_latency_seal(space, &draft);
    double below_p = 0;
    size_t atom = 0;
    for (size_t j = 0; j < grid->n; j++) {
        race_cell(grid, x, y, j, &atom, &below_p, draft.moments);
        draft.mass += x->weight * draft.moments[j];
    }
    // Beyond the grid we know only how many of y are still under way at its end: half of those that end are in time.
    const double beyond_x = x->mass - on_grid - x->weight * x->edges[grid->n];
    const double gone_y = surety_latency_cdf(grid, y, INFINITY);
    const double later_y = y->mass > gone_y ? y->mass - gone_y : 0;
    if (beyond_x > 0)
        draft.mass += beyond_x * (1 - gone_y - later_y / 2);
    struct surety_latency part = surety_latency_seal(space, &draft);
    part.weight = x->weight;
    return part;
}

/* ---- reading ----------------------------------------------------------------------------------------------- */

static double cells_below(const struct surety_latency_grid *grid, const struct surety_latency *x, double t_s)
{
    size_t j;
    double xi;
    if (x->moments == NULL || t_s <= 0)
        return 0;
    if (!surety_latency_cell(grid, t_s, &j, &xi))
        return x->weight * x->edges[grid->n];
    return x->weight * (x->edges[j] + surety_latency_inside(grid, x->moments, j, xi));
}

double surety_latency_cdf(const struct surety_latency_grid *grid, const struct surety_latency *x, double t_s)
{
    double p = cells_below(grid, x, t_s);
    for (size_t i = 0; i < x->n_atoms && x->atoms[i].at_s <= t_s * (1 + 1e-12); i++)
        p += x->atoms[i].p;
    return p;
}

double surety_latency_cdf_below(const struct surety_latency_grid *grid, const struct surety_latency *x, double t_s)
{
    double p = cells_below(grid, x, t_s);
    for (size_t i = 0; i < x->n_atoms && x->atoms[i].at_s < t_s * (1 - 1e-12); i++)
        p += x->atoms[i].p;
    return p;
}

double surety_latency_quantile(const struct surety_latency_grid *grid, const struct surety_latency *x, double p)
{
    const double rank = p * x->mass, end_s = grid->step_s * (double)grid->n;
    double low_s = 0, high_s = end_s;
    if (x->moments == NULL) {
        double sum = 0;
        for (size_t i = 0; i < x->n_atoms; i++)
            if ((sum += x->atoms[i].p) >= rank * (1 - 1e-15))
                return x->atoms[i].at_s;
        return INFINITY;
    }
    for (size_t i = 0; i < x->n_atoms; i++) // atoms may lie beyond the grid
        high_s = x->atoms[i].at_s > high_s ? x->atoms[i].at_s : high_s;
    if (surety_latency_cdf(grid, x, high_s) < rank)
        return INFINITY;
    if (surety_latency_cdf(grid, x, 0) >= rank)
        return 0;
    for (;;) {
        const double middle_s = low_s + (high_s - low_s) / 2;
        if (middle_s <= low_s || middle_s >= high_s)
            return high_s;
        if (surety_latency_cdf(grid, x, middle_s) >= rank)
            high_s = middle_s;
        else
            low_s = middle_s;
    }
}
