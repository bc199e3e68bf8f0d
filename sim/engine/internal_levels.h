// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_INTERNAL_LEVELS_H
#define SURETY_ENGINE_INTERNAL_LEVELS_H

#include "sim/engine/level.h"
#include "sim/engine/result.h"
#include "sim/engine/walk.h"

// What the promises of the verdict's tier read when its architecture is run at a level. Dimensions by their index: 1
// latency, 2 quality, 3 cost.

// Whether the tier promises more than availability.
bool surety_internal_has_others(const struct surety_plan *plan, const struct surety_result *result);

// Lists the tier's promises of a dimension, with their targets, and because where no level of it decides. SURETY_E_MEMORY.
enum surety_err surety_internal_promises(const struct surety_plan *plan, const struct surety_result *result,
                                         size_t dimension, struct surety_arena *arena,
                                         struct surety_internal_dimension *out);

// Sums over terms.
struct surety_internal_reader {
    const struct surety_plan *plan; // of the scenario as it is
    size_t dimension, tier;
    bool there; // at the level that was found, else as it is
    double prices;
    double *times_s;   // of the shares that are read beside the promises of latency
    double *part, *of; // sums, of each target (latency: and of each time)
    size_t n, n_checks, n_targets;
    const struct surety_plan_latency *latency;
};

// Asks `level` for what it needs beside; the reader must outlive the walk. there: the promises' `at`, else `now`.
enum surety_err surety_internal_reader_init(struct surety_internal_reader *reader, size_t dimension,
                                            const struct surety_plan *plan, const struct surety_result *result,
                                            struct surety_level *level, bool there);
void surety_internal_reader_finish(struct surety_internal_reader *reader);

// A term was walked; context is the reader.
void surety_internal_reader_enter(void *context, const struct surety_walk *walk);

// Into the promises, in the order of surety_internal_promises.
void surety_internal_reader_report(const struct surety_internal_reader *reader, struct surety_internal_dimension *out);

#endif
