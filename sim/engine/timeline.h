// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_TIMELINE_H
#define SURETY_ENGINE_TIMELINE_H

#include "models/renewal.h"
#include "sim/scenario/plan.h"

#include <stdbool.h>
#include <stdint.h>

// The outage world of one replication: the episodes of every effect. All architectures walk the same world (common
// random numbers). A source is drawn when somebody first asks for one of its effects: legal because draws are keyed,
// and most standbys are never asked for.

struct surety_timeline {
    const struct surety_plan *plan;
    const struct surety_kernel *kernel;
    struct surety_philox_key key;
    uint64_t replication;
    struct surety_episodes *episodes; // of each effect
    struct surety_episodes clock;     // scratch: all episodes of a common cause
    bool *drawn;                      // of each source, in this replication
    const int64_t *const *lent;       // of each effect: its boundaries in this replication where somebody else has
                                      // them; NULL: nobody has any. The owner's, set after each begin
    struct surety_renewal_scratch scratch;
};

// Allocates; the plan must outlive the timeline.
enum surety_err surety_timeline_init(struct surety_timeline *timeline, const struct surety_plan *plan,
                                     const struct surety_kernel *kernel, uint64_t seed);
void surety_timeline_finish(struct surety_timeline *timeline);

// Opens the world of a replication: nothing is drawn yet.
void surety_timeline_begin(struct surety_timeline *timeline, uint64_t replication);

// The boundaries of an effect's episodes: from, to, from, to, ..., then SURETY_NEVER. Valid until the next begin. NULL
// when memory is out. Cost when it has to be drawn: about 10 ns an outage.
const int64_t *surety_timeline_boundaries(struct surety_timeline *timeline, uint32_t effect);

#endif
