// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_BASE_PPB_H
#define SURETY_BASE_PPB_H

#include <stdbool.h>
#include <stdint.h>

// Shares (failing, targets, thresholds) are integers of 1e-9, "parts per billion": in doubles `failing: 10%` would
// not reach `down_at: 10%`.
#define SURETY_PPB_ONE INT64_C(1000000000)

// A share in [0, 1] to the nearest 1e-9: 0.1 -> 100000000. Adding a half and truncating is exact here and the same
// on every machine.
static inline int64_t surety_ppb(double share)
{
    return (int64_t)(share * 1e9 + 0.5);
}

// surety_ppb(share) >= threshold_ppb, without the conversion.
static inline bool surety_reaches(double share, int64_t threshold_ppb)
{
    return share * 1e9 + 0.5 >= (double)threshold_ppb;
}

#endif
