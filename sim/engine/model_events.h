// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_MODEL_EVENTS_H
#define SURETY_ENGINE_MODEL_EVENTS_H

#include "sim/engine/walk_quality.h"

// Draws the changes of all providers' models in the walk's replication, what our evals find of them and when they are
// taken back, into walk->quality->events. The same for every architecture. SURETY_E_MEMORY in walk->err.
void surety_model_events_draw(struct surety_walk *walk);

#endif
