// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_BLAME_H
#define SURETY_ENGINE_BLAME_H

#include "sim/base/err.h"
#include "sim/base/registry.h"
#include "sim/engine/saturation.h"
#include "sim/scenario/plan.h"

#include <stdbool.h>
#include <stdint.h>

// Where an architecture's downtime comes from, over all replications: by phase, and by cause, each down instant shared
// equally among the episodes that are on at the serving route (at all routes when there is nowhere to go). Integers,
// so that books of several workers add up to the same bytes in any order.

struct surety_walk;

// Down time is shared in parts of 1/720720 us: exact for up to 16 causes at once.
#define SURETY_BLAME_PARTS 720720

struct surety_blame {
    const struct surety_plan *plan;
    size_t n_causes;           // sources, then per provider its request errors, then per provider its capacity
    unsigned __int128 *causes; // n_causes: us x SURETY_BLAME_PARTS
    uint64_t phases_us[SURETY_N_PHASES];
    // the stretch under way
    bool is_down;
    bool counts; // false: excluded, part of a run and booked nowhere
    int64_t since_us;
    enum surety_phase phase;
    int64_t detection_until_us;
    bool too_full;     // a provider that serves would not be down if it could carry its load
    uint32_t *present; // causes of the stretch
    size_t n_present;
    bool *marked; // of each cause, scratch: it is among those
    // the run under way, kept back until it is known to be long enough to count; only with a minimum
    int64_t minimum_us, run_from_us;
    unsigned __int128 *run_causes;
    uint64_t run_phases_us[SURETY_N_PHASES];
    struct surety_saturation saturation; // how full providers were
};

enum surety_err surety_blame_init(struct surety_blame *blame, const struct surety_plan *plan);
void surety_blame_finish(struct surety_blame *blame);
void surety_blame_merge(struct surety_blame *into, const struct surety_blame *from);

// A new replication starts, nothing is down yet.
void surety_blame_start(struct surety_blame *blame);

// The tree is settled at now_us: ends the stretch under way and, if the service is down, notes who is to blame from
// here on. To be called at every instant while the service is or becomes down.
void surety_blame_turn(struct surety_blame *blame, const struct surety_walk *walk, int64_t now_us, bool is_down);

// The same where it is known who is to blame. `causes`: of the walk's memory, n; NULL: the service is up.
void surety_blame_turn_to(struct surety_blame *blame, int64_t now_us, const uint32_t *causes, size_t n_causes,
                          enum surety_phase phase, int64_t detection_until_us);

// The controllers that know until when the phase is detection, as the tree stands, into nodes (room for all there are).
size_t surety_blame_clocks(const struct surety_walk *walk, uint32_t *nodes);

// Until when it is, by these.
int64_t surety_blame_detection_until(const struct surety_walk *walk, const uint32_t *nodes, size_t n);

// The service is up but for [from, to), down because of one source: the same as two turns.
void surety_blame_dip(struct surety_blame *blame, uint32_t source, enum surety_phase phase, int64_t from_us,
                      int64_t detection_until_us, int64_t to_us);

// The term is over.
void surety_blame_close(struct surety_blame *blame);

#endif
