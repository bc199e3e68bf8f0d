// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_WALK_MISSED_H
#define SURETY_ENGINE_WALK_MISSED_H

#include "sim/engine/walk_cost.h"
#include "sim/engine/walk_latency.h"
#include "sim/engine/walk_quality.h"

// A promise of the tier other than availability was missed in the window; after a walk.
static inline bool surety_walk_missed(const struct surety_walk *walk, size_t tier, size_t window)
{
    return walk->has_promises &&
           (surety_walk_latency_missed(walk, tier, window) || surety_walk_quality_missed(walk, tier, window) ||
            surety_walk_cost_missed(walk, tier, window));
}

#endif
