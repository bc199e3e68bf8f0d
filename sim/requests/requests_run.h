// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_REQUESTS_REQUESTS_RUN_H
#define SURETY_REQUESTS_REQUESTS_RUN_H

#include "sim/requests/play.h"
#include "sim/requests/requests.h"

#include <stdatomic.h>

// A run under way; used by requests.c and summary.c only.

struct surety_requests_run {
    const struct surety_scenario *scenario;
    const struct surety_plan *plan;
    const struct surety_requests_options *options;
    const struct surety_kernel *kernel;
    struct surety_request_laws laws;
    int64_t horizon_us, first_us, last_us; // first and last instant at which a world may begin
    int64_t outage_us, after_us;           // of an outage that was ordered; 0: none
    // Of an outage that was ordered, each twice: with it, and without it for comparison.
    struct surety_storm *storms; // group by group, architecture by architecture; NULL: no outage was ordered
    int64_t *recover_us;         // architecture by architecture, world by world
    size_t n_storms;
    uint64_t n_starts; // 0: any instant up to last_us
    uint64_t n_groups;
    struct surety_tally *tallies;       // group by group, architecture by architecture, workload by workload
    struct surety_world_counts *counts; // architecture by architecture, workload by workload, world by world
    size_t n_tallies;
    const void *reporter; // the worker that tells the progress
    atomic_uint_fast64_t next_group, n_done;
    atomic_bool stop;
};

// When world `world` begins.
int64_t surety_requests_start(const struct surety_requests_run *run, uint64_t world);

// Whether all providers of an architecture have laws of the first token, and one has one of the rest.
void surety_requests_knows(const struct surety_requests_run *run, size_t architecture, bool *first, bool *whole);

// What the result says of the outage that was ordered. SURETY_E_MEMORY.
bool surety_requests_summarise_storms(const struct surety_requests_run *run, struct surety_requests_result *result);

// The result of a run that is over. SURETY_E_MEMORY.
enum surety_err surety_requests_summarise(const struct surety_requests_run *run, const struct surety_diags *diags,
                                          struct surety_requests_result **out);

#endif
