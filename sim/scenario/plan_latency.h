// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_SCENARIO_PLAN_LATENCY_H
#define SURETY_SCENARIO_PLAN_LATENCY_H

#include "sim/base/latency_grid.h"
#include "sim/base/law.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What the plan knows of latencies. The laws of each state of an architecture are composed when it is first met, on a
// grid of its architecture: sim/engine/latency_states.h.

// One promise of a tier.
struct surety_plan_target {
    uint32_t tier, demand;
    int metric;   // enum surety_metric
    bool whole;   // end to end
    double share; // of the requests that must be answered within target_s: percentile / 100
    double percentile, target_s;
    bool failed_infinite; // requests that fail count as later than any target
    bool over_cells;      // judged in cells of 5 minutes, of which cells_met_ppb have to hold it
    int64_t cells_met_ppb;
    int64_t n_probes; // measured by so many a window; 0: by all requests
};

// A provider's laws, copied; seconds. first NULL: unknown.
struct surety_plan_latency_laws {
    const struct surety_law *first_token, *per_output_token;
};

// Requests a second of all workloads together as the requests of the term find them: so many of them come at each rate.
// Rates that are close to each other are taken together.
#define SURETY_MOST_RATES 8
struct surety_rates {
    size_t n;
    double per_s[SURETY_MOST_RATES], share[SURETY_MOST_RATES]; // shares of the requests, sum 1
};

struct surety_latency_pool; // sim/engine/latency_pool.h

struct surety_plan_latency {
    uint64_t content;                 // hash of all that composed states depend on
    struct surety_latency_pool *pool; // where walks take states from and give them back to; NULL: nowhere
    double scale;                     // of all times of providers; 0: 1, as it is but where levels are looked for
    bool no_tables;                   // nobody will ask for the laws of states, only for promises: fewer figures each
    bool on;                          // some provider has laws, or some node needs responses
    bool has_whole; // some provider has a law per output token: there is an end beside the first token
    struct surety_plan_target *targets;
    size_t n_targets;
    struct surety_plan_latency_laws *laws;   // of each provider
    const struct surety_law **output_tokens; // of each demand
    uint32_t probes_stream;                  // index = window + n_windows x (3 x demand + metric)
    struct surety_rates rates;               // of all demands, over the week and the term
};

#endif
