// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_PROVIDER_DOWN_H
#define SURETY_ENGINE_PROVIDER_DOWN_H

#include "sim/engine/walk.h"

#include <stdint.h>

// Microseconds of the window in which the share of a provider's requests that fails reaches down_at: what its own SLA
// counts, whoever is asking. After a walk over the timeline's replication. Without a timeline (a replay by hand) 0; when
// memory is out 0 and walk->err is set.
int64_t surety_provider_down_us(struct surety_walk *walk, uint32_t provider, int64_t down_at_ppb, size_t window);

#endif
