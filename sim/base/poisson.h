// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_BASE_POISSON_H
#define SURETY_BASE_POISSON_H

#include <stdint.h>

/** Poisson variate by inversion: the smallest k with P(N <= k) >= u.
 *
 * mean >= 0, below 2^62; u in (0,1). Same bits on every instruction set, no libm. Increases with u and with mean
 * but for the change of method at 64. Below mean 64 exact but for rounding (1e-14 in u). From 64 on an expansion in
 * the normal score of Cornish-Fisher type: k is off by one for at most 1e-4 of all u (mean 64; 4e-6 at 1000).
 * Source: Giles, ACM TOMS 42 (2016) 1, algorithm 955, equation for Q_N2.
 * Cost: 10 ns + 1.5 ns x k below 64, 15 ns above. Example: mean 3, u 0.5: 3. */
int64_t surety_poisson_quantile(double mean, double u);

#endif
