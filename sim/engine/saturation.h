// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_SATURATION_H
#define SURETY_ENGINE_SATURATION_H

#include "sim/base/err.h"
#include "sim/scenario/plan.h"

#include <stdint.h>

// How full providers are, over the first SURETY_SATURATION_RECORDED replications of an architecture. Integers, so that
// books of several workers add up to the same bytes in any order.

#define SURETY_SATURATION_RECORDED 4096

// Load in steps of 5 %, the last one is all above.
#define SURETY_LOAD_BINS 41
#define SURETY_LOAD_BIN 0.05

struct surety_carry;

struct surety_saturation {
    size_t n_providers;         // 0: the plan knows of no limits
    uint64_t total_us;          // walked
    uint64_t *saturated_us;     // of each provider: its load is at least 1
    uint64_t *alone_us;         // of each provider: the same while no other has an episode on
    uint64_t *while_us;         // n_providers x n_providers: the same of the row while an episode is on at the column
    uint64_t *bins_us;          // n_providers x SURETY_LOAD_BINS: time by load
    unsigned __int128 *load_us; // of each provider: integral of the load in 1e-6
    unsigned __int128 *arrived; // of each provider: attempts, in 1e-6
    unsigned __int128 *refused; // of those
    uint64_t *hour_us;          // of each hour of the week, Monday 00-01 first, in the term's standard time: walked
    unsigned __int128 *hour_load_us, *hour_refused_us; // n_providers x 168: integrals of the load and of the share
                                                       // refused, in 1e-6
    int64_t *peak;                                     // of each provider: largest load, in 1e-6
};

enum surety_err surety_saturation_init(struct surety_saturation *saturation, const struct surety_plan *plan);
void surety_saturation_finish(struct surety_saturation *saturation);
void surety_saturation_merge(struct surety_saturation *into, const struct surety_saturation *from);

// How the providers stand while nothing changes.
struct surety_stand {
    const struct surety_carry *kept; // states of providers
    const uint32_t *now;             // of each provider: its state in `kept`; SURETY_NO_CARRY: it has none
    const double *per_request;       // of each provider: attempts per request of the architecture
    const uint64_t *active;          // of each provider: effects that are on; NULL: none
    uint32_t level;                  // of load
};

#define SURETY_NO_CARRY UINT32_MAX

// They stood so from a to b, in `times` replications.
void surety_saturation_book(struct surety_saturation *saturation, const struct surety_plan *plan,
                            const struct surety_stand *stand, int64_t a_us, int64_t b_us, uint64_t times);

#endif
