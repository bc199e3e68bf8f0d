// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_WALK_FAILOVER_H
#define SURETY_ENGINE_WALK_FAILOVER_H

#include "sim/engine/walk.h"

// The event loop of the commonest architectures, one provider alone or a failover over providers, written out flat: no
// marks, no calls through tables. Feeds the meters exactly what the walk would (a test holds them against each other);
// `-Dkernels=disabled` leaves it out.

// True when the architecture is such a tree.
bool surety_walk_failover_admits(const struct surety_plan_architecture *architecture);

// Prepares walk->flat; SURETY_E_MEMORY. Called once, for an admitted architecture.
enum surety_err surety_walk_failover_init(struct surety_walk *walk);

// Runs the loop over walk->timeline, from the start to the last stretch.
void surety_walk_failover_run(struct surety_walk *walk);

#endif
