// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_FAILOVER_H
#define SURETY_MODELS_FAILOVER_H

#include "sim/base/registry.h"

// Failover: one route is active, the others are hot. The controller watches the active route and moves the traffic.
//
//   serving --active fails--> pending --after detect + switch: attempt--+--success, a route is healthy--> serving
//      ^                        |   ^                                   +--failure: after retry---------> pending
//      +---active recovers------+   +--(retry: never) stuck until the   +--no route is healthy----------> following
//      ^                                active route recovers                                               |
//      +-----------------------------a route becomes healthy------------------------------------------------+
//
// "Healthy" is f < trip. A healthy route ahead of the active one takes over after `failback` of continuous health, in
// any state, without loss or draw. Recoveries are looked at before attempts at the same instant.

struct surety_failover_params {
    int64_t detect_us, switch_us;
    int64_t failback_us; // SURETY_NEVER: traffic stays until that route fails itself
    int64_t retry_us;    // after a failed attempt; SURETY_NEVER: stay until the active route recovers
    int64_t trip_ppb;    // a route is healthy below
    double p_success;    // of one attempt
};

// Attempts to switch: as many as fit into the outage, or until one succeeds, whatever is less.
double surety_failover_attempts(const void *params, double outage_s);

size_t surety_failover_state_size(size_t n_children);
void surety_failover_start(const struct surety_node_view *view);
size_t surety_failover_watch(const struct surety_node_view *view);
uint64_t surety_failover_mode(const struct surety_node_view *view); // who serves, and the phase
unsigned surety_failover_mode_bits(size_t n_children);
double surety_failover_update(const struct surety_node_view *view, int64_t now_us, int64_t *timer_us);
double surety_failover_failing(const struct surety_node_view *view);
void surety_failover_route(const struct surety_node_view *view, double *load);
void surety_failover_explain(const struct surety_node_view *view, struct surety_explanation *explanation);

// retry_us < 0 becomes detect_us, trip_ppb < 0 the contract's down_at; refuses a zero retry with p_success < 1, which
// would try for ever at one instant.
bool surety_failover_settle(void *params, size_t n_children, int64_t down_at_ppb, const char **key,
                            const char **problem);

// What the controller is doing, for the story and the split of downtime.
enum surety_failover_phase {
    SURETY_FAILOVER_SERVING,  // the active route is healthy
    SURETY_FAILOVER_PENDING,  // it is not; an attempt is due
    SURETY_FAILOVER_STUCK,    // it is not; nothing is due
    SURETY_FAILOVER_FOLLOWING // no route was healthy at the attempt: on the smallest f
};

struct surety_failover_state {
    int64_t attempt_us; // due, when pending
    int64_t failed_us;  // when the active route failed, when not serving
    uint32_t active;
    uint32_t phase;             // enum surety_failover_phase
    uint32_t n_looked_at;       // leading routes that an attempt of this instant looked at
    int64_t healthy_since_us[]; // of each child ahead of the active one; SURETY_NEVER: not healthy
};

#endif
