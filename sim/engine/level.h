// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_LEVEL_H
#define SURETY_ENGINE_LEVEL_H

#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/scenario/plan.h"

#include <stdbool.h>

// The same world run at another level in one respect, everything else equal and on the same random numbers. Members that
// are 0 leave it as it is.
struct surety_level {
    double failures; // all outages and common causes come so many times as often
    double latency;  // all times of providers, to the first token and per token, are so many times as long
    double wrong;    // all pass rates of providers are lower by so much, held within 0 and 1; in [-1, 1]
    double prices; // all that a contract's ceilings count costs so many times as much; not what they are compared with
    // Beside the promises of latency: shares within these times are read too, as targets behind the plan's own that
    // cannot be missed. n_times x the plan's targets, times_s[i x n_times + k] of target i.
    const double *times_s;
    size_t n_times;
};

// Whether it asks for anything.
bool surety_level_is_set(const struct surety_level *level);

// *plan: a copy of a plan; what changes lies in the arena and outlives neither that nor the plan it was copied from.
// scenario: that of the plan. SURETY_E_MEMORY.
enum surety_err surety_level_apply(const struct surety_level *level, const struct surety_scenario *scenario,
                                   struct surety_arena *arena, struct surety_plan *plan);

#endif
