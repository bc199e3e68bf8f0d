// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_BASE_LATENCY_BUILD_H
#define SURETY_BASE_LATENCY_BUILD_H

#include "sim/base/latency.h"

/* A latency while it is put together; used by latency.c, latency_of.c and latency_order.c only. */

/** As struct surety_latency, writable. */
struct surety_latency_draft {
    double mass;
    size_t n_atoms, room;
    struct surety_latency_atom *atoms; /* in any order, equal times allowed */
    double *moments;                   /* NULL: no cell has any mass */
};

/** Room for that many atoms, and for moments if asked for. A draft of size 0 and out_of_memory when there is none. */
struct surety_latency_draft surety_latency_draft(struct surety_latency_space *space, size_t n_atoms, bool with_cells);

/** The latency of a draft: atoms sorted, equal ones united; of more than SURETY_LATENCY_MOST_ATOMS the lightest become
 * part of their cells. */
struct surety_latency surety_latency_seal(struct surety_latency_space *space, struct surety_latency_draft *draft);

#define SURETY_LATENCY_MOST_ATOMS 32

/** A content and what came to it: splitmix64's finaliser (Steele et al., 2014). */
static inline uint64_t surety_latency_content(uint64_t content, uint64_t value)
{
    uint64_t z = (content ^ value) + UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/** Adds an atom; there is room. p <= 0 adds nothing. */
static inline void surety_latency_put(struct surety_latency_draft *draft, double at_s, double p)
{
    if (p > 0 && draft->n_atoms < draft->room)
        draft->atoms[draft->n_atoms++] = (struct surety_latency_atom){at_s, p};
}

/** The cell that holds t_s >= 0 and where in it, xi in [-1, 1): false beyond the grid. A time within 1e-9 of a step of an
 * edge is on it: round delays and timeouts are edges whatever their last bits. */
bool surety_latency_cell(const struct surety_latency_grid *grid, double t_s, size_t *cell, double *xi);

/** Mass of cell j below xi. */
double surety_latency_inside(const struct surety_latency_grid *grid, const double *moments, size_t j, double xi);

/** Adds p at t_s to the cells: exact moments. */
void surety_latency_deposit(const struct surety_latency_grid *grid, double *moments, double t_s, double p);

#endif
