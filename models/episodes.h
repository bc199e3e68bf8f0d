// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_EPISODES_H
#define SURETY_MODELS_EPISODES_H

#include "sim/base/episode.h"
#include "sim/base/err.h"
#include "sim/base/philox.h"
#include "sim/scenario/plan.h"

#include <stdint.h>

// From a source's clock to what each of its effects sees. Every list ends in an episode that never comes. Functions
// return SURETY_E_MEMORY when a list cannot grow.

// Makes room for n more episodes and the end mark.
enum surety_err surety_episodes_reserve(struct surety_episodes *episodes, size_t n);

// Appends [from, to) and leaves room for the end mark.
enum surety_err surety_episodes_append(struct surety_episodes *episodes, int64_t from_us, int64_t to_us);

// Sets the end mark.
enum surety_err surety_episodes_close(struct surety_episodes *episodes);

// Keeps the episodes that touch the effect's provider: each with probability p_hits, draw i of the effect's own stream
// for the source's i-th episode. The source's clock has run through all of them all the same.
void surety_episodes_keep_hits(const struct surety_plan_effect *effect, struct surety_philox_key key,
                               uint64_t replication, struct surety_episodes *episodes);

// The member's part of a common cause's episodes `clock`: those that hit it, each ending with the others or, with
// repair: own, after a time of its own from the cause's law; what then overlaps is united.
enum surety_err surety_episodes_of_member(const struct surety_plan_source *source,
                                          const struct surety_plan_effect *effect, struct surety_philox_key key,
                                          uint64_t replication, const struct surety_episodes *clock,
                                          struct surety_episodes *out);

// A maintenance schedule over the term.
enum surety_err surety_episodes_of_schedule(const struct surety_plan_source *source, int64_t term_us,
                                            struct surety_episodes *out);

#endif
