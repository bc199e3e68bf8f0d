// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_BALANCE_H
#define SURETY_MODELS_BALANCE_H

#include "sim/base/registry.h"

// Balance: every route takes a share of the requests; f = sum of share x f over the pool. Each route leaves the pool
// and comes back by itself, whatever the others do:
//
//   in, healthy --f >= trip--> in, unhealthy --unhealthy for `detect`--> out, unhealthy --f < trip--> out, healthy
//      ^  ^                       |                                          ^                          |    |
//      |  +------f < trip---------+                                          +--------f >= trip---------+    |
//      +--------------------------------healthy for `failback`-----------------------------------------------+
//
// The shares of those that are in are scaled up pro rata. When all are out, all carry their shares: there is no better
// route to send anything to. Health is looked at before clocks of the same instant: a route that recovers exactly
// `detect` after it failed stays in, one that fails exactly `failback` after it recovered stays out.

// Most routes of one balance node.
#define SURETY_BALANCE_MOST 32

struct surety_balance_params {
    int64_t share_ppb[SURETY_BALANCE_MOST]; // of each route, above 0; they sum to 1 but for their own rounding
    int64_t detect_us;
    int64_t failback_us; // SURETY_NEVER: who left stays out
    int64_t trip_ppb;    // a route is healthy below
};

struct surety_balance_state {
    uint32_t healthy, out;                 // a bit per route
    int64_t since_us[SURETY_BALANCE_MOST]; // healthy or unhealthy since
    double share[SURETY_BALANCE_MOST];     // of the requests, as the pool is; 0: none
};

// trip_ppb < 0 becomes the contract's down_at.
bool surety_balance_settle(void *params, size_t n_children, int64_t down_at_ppb, const char **key,
                           const char **problem);
size_t surety_balance_state_size(size_t n_children);

// Who is unhealthy has left already; unless all are, which leaves all in the pool.
void surety_balance_start(const struct surety_node_view *view);
size_t surety_balance_watch(const struct surety_node_view *view); // all children

uint64_t surety_balance_mode(const struct surety_node_view *view); // who is healthy, and who is out
unsigned surety_balance_mode_bits(size_t n_children);

// Shares 70 and 30 %, f = {1, 0}: 0.7 until `detect` is over, then 0; f = {1, 1}: 1.
double surety_balance_update(const struct surety_node_view *view, int64_t now_us, int64_t *timer_us);
double surety_balance_failing(const struct surety_node_view *view);
void surety_balance_route(const struct surety_node_view *view, double *load);
void surety_balance_explain(const struct surety_node_view *view, struct surety_explanation *explanation);

#endif
