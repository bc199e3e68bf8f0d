// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_SCENARIO_PLAN_LOADS_H
#define SURETY_SCENARIO_PLAN_LOADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The load over the term, and what providers can carry of it. A level is a set of rates, one of each workload; the term
// is cut into stretches of one level each. What a level does to a provider hangs on where the architecture sends it:
// sim/engine/walk_load.h.

// Most levels that are kept apart; a term with more has its rates rounded to steps of 0.5 %.
#define SURETY_MOST_LEVELS 1024

// Mean and second moment of a quantity of one request.
struct surety_plan_moments {
    double mean, second;
};

// A provider's limits. All false and infinite: none.
struct surety_plan_limits {
    bool given;
    bool next;                                 // what is refused goes to the next route, where a node can send it there
    double requests_per_s, tokens_per_s;       // INFINITY: no quota
    double burst_s;                            // of both
    int64_t concurrency;                       // places; 0: any number
    double queue;                              // requests that may wait; INFINITY: any number
    double step_s, per_request_s;              // of a batch; 0: none
    const struct surety_plan_moments *tokens;  // of each workload, in and out
    const struct surety_plan_moments *place_s; // of each workload: time in a place, without outages; without a batch
    const struct surety_plan_moments *steps;   // of each workload: steps in a batch, its output tokens
};

struct surety_plan_loads {
    bool on;                           // some used provider has limits: all below is there
    struct surety_plan_limits *limits; // of each provider
    double *cv2_arrivals; // of each workload: squared coefficient of variation of the times between requests
    size_t n_epochs;
    int64_t *from_us;    // of each epoch, rising from 0; and the term's end
    uint32_t *level;     // of each epoch
    size_t n_levels;     // in the order in which they come
    double *rate_per_s;  // n_levels x n_demands: requests a second
    bool rounded;        // rates are, because there would be more than SURETY_MOST_LEVELS
    uint32_t peak_level; // with the most requests a second of all workloads together
};

#endif
