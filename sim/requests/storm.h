// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_REQUESTS_STORM_H
#define SURETY_REQUESTS_STORM_H

#include "sim/base/err.h"
#include "sim/requests/tally.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Does a storm end when the outage does? One outage is on for a given time in every world and no other; requests are
// booked by the time at which they come, in cells, and each world is asked whether and when its service came back.
//
//   before | outage | after .......................|
//                   |- time to recover -|-stretch-|
//
// The service is back with the first cell whose share failing is below the threshold and that begins a stretch of
// SURETY_STORM_STRETCH_S with a share below it.
//
// A world whose last stretch is at the threshold or beyond has not recovered. Each world is played a second time without
// the outage: one that is up there, and down with it, is kept down by what the outage left behind, a metastable failure
// (Bronson et al., "Metastable Failures in Distributed Systems", HotOS 2021).

#define SURETY_STORM_CELL_S 10
#define SURETY_STORM_STRETCH_S 300
#define SURETY_STORM_BEFORE_S 600          // played before the outage
#define SURETY_STORM_LONGEST_S (48 * 3600) // outage and what is watched after it
#define SURETY_STORM_CELL_US (INT64_C(1000000) * SURETY_STORM_CELL_S)
#define SURETY_STORM_STRETCH (SURETY_STORM_STRETCH_S / SURETY_STORM_CELL_S) // cells

struct surety_storm_cell {
    uint64_t n, n_failed, n_attempts;
};

// What an outage in a world of one architecture looks like from the outside; all workloads together.
struct surety_storm {
    int64_t start_us;                // of the world under way
    size_t n_cells, from_cell;       // from_cell: the first that begins when the outage is over
    int64_t down_ppb;                // the threshold: the contract's down_at
    struct surety_storm_cell *cells; // of the world under way
    struct surety_storm_cell *sums;  // of all worlds that were closed
};

// lasts_us: of the outage, after_us: what is watched after it; at least a stretch. SURETY_E_MEMORY. To be finished in every
// case.
enum surety_err surety_storm_init(struct surety_storm *storm, int64_t lasts_us, int64_t after_us, int64_t down_ppb);
void surety_storm_finish(struct surety_storm *storm);

// Length of a world, and when in it the outage begins.
int64_t surety_storm_length_us(int64_t lasts_us, int64_t after_us);
static inline int64_t surety_storm_begins_us(void)
{
    return SURETY_STORM_BEFORE_S * INT64_C(1000000);
}

void surety_storm_begin(struct surety_storm *storm, int64_t start_us);

static inline void surety_storm_add(struct surety_storm *storm, int64_t arrival_us, bool fails, uint32_t n_attempts)
{
    struct surety_storm_cell *cell = &storm->cells[(arrival_us - storm->start_us) / SURETY_STORM_CELL_US];
    cell->n++;
    cell->n_failed += fails;
    cell->n_attempts += n_attempts;
}

#define SURETY_STORM_NEVER INT64_MAX

// The world is over: adds it to the sums. Returns the time to recover in us from the outage's end, 0 and up;
// SURETY_STORM_NEVER: it has not.
int64_t surety_storm_close(struct surety_storm *storm);

// Share failing and attempts per request over cells [from, to); NAN where nothing came.
double surety_storm_failing(const struct surety_storm_cell *cells, size_t from, size_t to);
double surety_storm_attempts(const struct surety_storm_cell *cells, size_t from, size_t to);

#endif
