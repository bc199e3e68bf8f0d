// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_REQUESTS_PLAY_H
#define SURETY_REQUESTS_PLAY_H

#include "sim/requests/ask.h"
#include "sim/requests/storm.h"
#include "sim/requests/tally.h"

// One world's requests through one architecture, in the order of time.

// A request that stopped.
struct surety_waiting {
    struct surety_draws *draws;
    uint32_t request, next_free;
    int64_t arrival_us;
    size_t n_log, n_noted;
};

// One architecture's, one thread's.
struct surety_play {
    struct surety_ask ask;
    struct surety_arrivals *arrivals; // of each workload; shared by the thread's plays
    struct surety_draws *draws;       // the same
    size_t n_workloads;
    struct surety_waiting *waiting;
    double *logs; // ask.most_questions of each; the first are the request's that is being played
    uint32_t n_waiting, free;
    size_t *at;                 // scratch: the next request of each workload's block
    int64_t booked_from_us;     // requests before it are played and not booked
    struct surety_storm *storm; // books them by their time too; NULL: nobody asks
    bool only_storm;            // nothing else does
};

// SURETY_E_MEMORY, SURETY_E_INPUT (surety_ask_init). To be finished in every case.
enum surety_err surety_play_init(struct surety_play *play, const struct surety_plan *plan, size_t architecture,
                                 const struct surety_request_laws *laws, struct surety_requests_world *world,
                                 struct surety_arrivals *arrivals, struct surety_draws *draws,
                                 struct surety_diags *diags);
void surety_play_finish(struct surety_play *play);

// Plays the world that play->ask.world holds: arrivals from from_us to end_us, each to its end; those from start_us on
// are booked. tallies: one per workload. SURETY_E_MEMORY.
enum surety_err surety_play_world(struct surety_play *play, uint64_t world, int64_t from_us, int64_t start_us,
                                  int64_t end_us, struct surety_tally *tallies);

#endif
