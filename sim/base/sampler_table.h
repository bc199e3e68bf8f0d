// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_BASE_SAMPLER_TABLE_H
#define SURETY_BASE_SAMPLER_TABLE_H

#include <stdbool.h>

#include "kernel.h"

#define SURETY_TABLE_Z_MIN (-12.0)
#define SURETY_TABLE_Z_MAX 8.5

/** log of the quantile of a standard gamma law at the normal score z.
 *
 * shape > 0; z in [-12, 8.5]; guess: any starting value, a near one saves steps. Solves log P(shape, e^L) = log Phi(z)
 * (z <= 0) or log Q = log Phi(-z) by Newton's method; both left sides are concave in L, so that it converges from
 * everywhere. Error about 1e-12. Example: shape 1, z 0: log log 2 = -0.366512920581664. */
double surety_table_log_gamma_quantile(double shape, double z, double guess);

enum surety_table_result { SURETY_TABLE_OK = 0, SURETY_TABLE_NO_MEMORY, SURETY_TABLE_INACCURATE };

/** Knots of tables by shape, for many tables whose scales differ. Not shared by threads. */
struct surety_table_cache;

struct surety_table_cache *surety_table_cache_create(void); /* NULL when memory is out */
void surety_table_cache_destroy(struct surety_table_cache *cache);

/** Fill q's cells with a monotone cubic of log(scale G^power), G a standard gamma variate, over the normal score.
 *
 * Widths 1/8 to 1/256, halved until the relative error at the cells' middles is <= 2e-7. q->cells is then owned by
 * the caller (free). Only cells, z_min, z_max and cells_per_z are set. Knots and slopes are rounded to 40
 * significant bits. cache: keeps the knots of this shape for the next table, the same bytes; NULL: none. Cost: 0.3 ms, 5 us
 * with known knots. */
enum surety_table_result surety_table_gamma(double shape, double log_scale, double power,
                                            struct surety_table_cache *cache, struct surety_quantile *q);

#endif
