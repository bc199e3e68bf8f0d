// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_CHECK_BOUNDS_H
#define SURETY_CHECK_BOUNDS_H

#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/scenario/plan.h"

#include <stdbool.h>
#include <stddef.h>

// What an architecture can reach at most in the long run, in closed form: each source is down for the share
// E[D] / (E[U] + E[D]) of the time, independently of the others; nodes without a memory are taken by their own formula,
// those with one (failover, balance) as if they always were on the best of their routes at once. Maintenance is left
// out.

struct surety_bound {
    const char *architecture;
    double by_time;     // 1 - P(share failing >= down_at)
    double by_requests; // 1 - E[share failing], demand and outages spread evenly over the week
    double by_measure;  // the one that the contract's measure reads at most; NAN: it forgives what a bound would need
    // None is exceeded by the mean of long simulated terms. Not so with blocks of records, which may fail together,
    // with causes whose members are repaired one by one, or with a rate that drifts.
    bool is_strict;
    bool *single_point; // of each provider: when it fails alone, all requests of the architecture that matter fail
    const char *common; // a common cause that does this by itself, hitting all its members; NULL: none
};

// Fills a bound; arrays and texts in `arena`. Cost: one evaluation of the tree for each joint state with a probability
// above 1e-13; what is rarer counts as up.
enum surety_err surety_bound_find(const struct surety_plan *plan, size_t architecture, struct surety_arena *arena,
                                  struct surety_bound *out);

// At most this share of the requests can have its first token within target_s, everything working: a chain is as quick
// as its slowest member, and of several routes the best one serves; a race is that of independent routes. 1 where a
// route says nothing of its latency, or an outage would make one quicker.
double surety_bound_in_time(const struct surety_scenario *scenario, size_t architecture, double target_s);

#endif
