// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_WALK_SCENES_H
#define SURETY_ENGINE_WALK_SCENES_H

#include "sim/engine/walk.h"

// The general walk over any tree with a memory. All that meters and books read of the settled tree (share failing,
// costs, latencies, who is to blame) is a function of the effects that are on and of the controllers' modes: a scene.
// Each is read off the tree once, when it is first met; after that an instant costs a look into a table. Controllers
// and what is below them are evaluated as ever, because they have clocks; nothing else is.
//
// Feeds meters and books exactly what the general walk would (a test holds them against each other);
// `-Dkernels=disabled` leaves it out.

// NULL in *out where the tree has too many effects or controllers for a key. SURETY_E_MEMORY. The walk's tree is linked.
enum surety_err surety_scenes_create(struct surety_walk *walk, struct surety_scenes **out);
void surety_scenes_destroy(struct surety_scenes *scenes); // accepts NULL

// For tests: after so many scenes, at least 1, all are forgotten.
void surety_scenes_limit(struct surety_scenes *scenes, size_t most);

// Runs the walk over walk->timeline, from the start to the last stretch.
void surety_walk_scenes_run(struct surety_walk *walk);

#endif
