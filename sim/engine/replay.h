// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_REPLAY_H
#define SURETY_ENGINE_REPLAY_H

#include "sim/engine/story.h"

// The real record with its own dates through the architectures and the contract: what would have happened. Nothing is
// drawn but what a record does not tell (attempts to switch that may fail, phases of probes): those take one seed.

struct surety_replay_day {
    double down_s; // the service failed at least `down_at` of its requests; without `minimum_outage`
    double lost_s; // seconds weighted with the share of requests that failed
};

struct surety_replay_architecture {
    struct surety_story *story; // owned
    size_t *n_met;              // of each tier: windows met
    double *credits;            // of each tier: of the whole term, money; NAN: none
    struct surety_replay_day *days;
    size_t worst_day; // by lost_s; ties: the first
};

struct surety_replay {
    struct surety_arena arena;
    struct surety_replay_architecture *architectures;
    const char **notes; // what was read and assumed, for the reader
    const char **dates; // of each day: "2024-06-04"
    const char *timezone;
    size_t n_architectures, n_days, n_notes;
};

// Plays it. `perfect`: providers without a record, and common causes, are taken as never failing; else they are
// refused. SURETY_E_INPUT with diagnostics, also when the term does not lie inside each record.
enum surety_err surety_replay_create(const struct surety_scenario *scenario, bool perfect, uint64_t seed,
                                     struct surety_diags *diags, struct surety_replay **out);

void surety_replay_destroy(struct surety_replay *replay); // accepts NULL

#endif
