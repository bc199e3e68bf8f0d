// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/latency_build.h"

// P(at least k of the n), each with its own probability; so_far: room for k.
static double at_least(const double *p, size_t n, size_t k, double *so_far)
{
    for (size_t j = 0; j < k; j++)
        so_far[j] = j == 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = k; j-- > 0;)
            so_far[j] = so_far[j] * (1 - p[i]) + (j > 0 ? so_far[j - 1] * p[i] : 0);
    double fewer = 0;
    for (size_t j = 0; j < k; j++)
        fewer += so_far[j];
    return fewer < 1 ? 1 - fewer : 0;
}

struct order {
    const struct surety_latency_grid *grid;
    const struct surety_latency *x;
    size_t n, k;
    double *p, *so_far; // scratch
};

static double cdf(struct order *o, double t_s, bool below)
{
    for (size_t i = 0; i < o->n; i++)
        o->p[i] = below ? surety_latency_cdf_below(o->grid, &o->x[i], t_s) : surety_latency_cdf(o->grid, &o->x[i], t_s);
    return at_least(o->p, o->n, o->k, o->so_far);
}

static void add_cells(struct order *o, const struct surety_latency_draft *draft, double *moments)
{
    const size_t n = o->grid->n;
    double jumped = 0, low = cdf(o, 0, true);
    size_t atom = 0;
    for (size_t j = 0; j < n; j++) {
        double f[SURETY_LATENCY_GAUSS], before = jumped, sum = 0, sum_xi = 0;
        const size_t first = atom;
        const double end_s = o->grid->step_s * ((double)j + 1);
        while (atom < draft->n_atoms && draft->atoms[atom].at_s < end_s * (1 - 1e-12))
            jumped += draft->atoms[atom++].p;
        for (size_t q = 0; q < SURETY_LATENCY_GAUSS; q++) {
            const double t_s = o->grid->step_s * ((double)j + (1 + surety_gauss_node[q]) / 2);
            double gone = before;
            for (size_t i = first; i < atom && draft->atoms[i].at_s <= t_s; i++)
                gone += draft->atoms[i].p;
            f[q] = cdf(o, t_s, false) - gone;
            sum += surety_gauss_weight[q] * f[q];
            sum_xi += surety_gauss_weight[q] * f[q] * surety_gauss_node[q];
        }
        const double high = cdf(o, end_s, true) - jumped; // by parts, as of a law
        moments[j] += high - low;
        moments[n + j] += high + low - sum;
        moments[2 * n + j] += high - low - 3 * sum_xi;
        low = high;
    }
}

struct surety_latency surety_latency_kth(struct surety_latency_space *space, const struct surety_latency *x, size_t n,
                                         size_t k)
{
    size_t n_atoms = 0;
    bool with_cells = false;
    for (size_t i = 0; i < n; i++) {
        n_atoms += x[i].n_atoms;
        with_cells = with_cells || x[i].moments != NULL;
    }
    struct order o = {.grid = space->grid, .x = x, .n = n, .k = k};
    o.p = surety_arena_calloc(&space->arena, n + 1, sizeof *o.p);
    o.so_far = surety_arena_calloc(&space->arena, k + 1, sizeof *o.so_far);
    struct surety_latency_draft times = surety_latency_draft(space, n_atoms, false),
                                draft = surety_latency_draft(space, n_atoms, with_cells);
    if (o.p == NULL || o.so_far == NULL || (n_atoms > 0 && times.atoms == NULL) ||
        (with_cells && draft.moments == NULL)) {
        space->out_of_memory = true;
        return surety_latency_none();
    }
    for (size_t i = 0; i < n; i++)
        for (size_t a = 0; a < x[i].n_atoms; a++)
            surety_latency_put(&times, x[i].atoms[a].at_s, x[i].atoms[a].p);
    const struct surety_latency sorted = surety_latency_seal(space, &times); // equal times united
    for (size_t a = 0; a < sorted.n_atoms; a++) {
        const double at_s = sorted.atoms[a].at_s;
        surety_latency_put(&draft, at_s, cdf(&o, at_s, false) - cdf(&o, at_s, true));
    }
    for (size_t i = 0; i < n; i++)
        o.p[i] = x[i].mass;
    draft.mass = at_least(o.p, n, k, o.so_far);
    if (with_cells)
        add_cells(&o, &draft, draft.moments);
    return surety_latency_seal(space, &draft);
}
