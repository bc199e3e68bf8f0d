// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_REQUESTS_WORLD_H
#define SURETY_REQUESTS_WORLD_H

#include "sim/engine/walk.h"
#include "sim/scenario/scenario.h"

#include <stdbool.h>

// What a world is like while requests are under way: the state of each provider, from the episodes of the event engine,
// and where controllers send traffic, from its walk. Times in microseconds from the term's start.

// How a provider treats a request that reaches it.
struct surety_provider_state {
    double p_error; // it fails at once
    double p_hang;  // of the others: nothing is ever heard of it
    double factor;  // on its latency
};

struct surety_state_piece {
    int64_t from_us, until_us;
    struct surety_provider_state state;
};

// Pieces of one provider, rising and without gaps.
struct surety_provider_world {
    struct surety_state_piece *list;
    size_t n, room, at; // at: where somebody looked last
};

// Shares of the routes of one architecture's nodes, rising and without gaps. share[k] belongs to
// architecture->children[k]; only those of nodes whose controller decides are set. As many numbers behind them (n_nodes
// from the first) say which routes such a node takes for healthy: 1, else 0.
struct surety_route_piece {
    int64_t from_us, until_us;
    size_t first_share; // into shares
};
struct surety_route_world {
    struct surety_route_piece *list;
    size_t n, room, at;
    double *shares;
    size_t n_shares, shares_room;
};

// One thread's.
struct surety_requests_world {
    const struct surety_plan *plan;
    const struct surety_scenario *scenario;
    const struct surety_provider_state *fixed; // of each provider, for ever; NULL: by the episodes
    struct surety_timeline timeline;
    bool has_timeline;
    struct surety_provider_state *effects; // of each effect alone
    struct surety_provider_world *providers;
    struct surety_route_world *routes; // of each architecture
    struct surety_walk *walks;         // of the architectures with a controller
    bool *has_walk;
    const int64_t **cursors; // scratch
    int64_t start_us;        // of the window at hand
    enum surety_err err;
    uint32_t watched; // the architecture whose walk is under way
};

// SURETY_E_MEMORY. To be finished in every case.
enum surety_err surety_requests_world_init(struct surety_requests_world *world, const struct surety_scenario *scenario,
                                           const struct surety_plan *plan, const struct surety_kernel *kernel,
                                           uint64_t seed, const struct surety_provider_state *fixed);
void surety_requests_world_finish(struct surety_requests_world *world);

// Opens world `replication` from start_us on, to the end of the term. SURETY_E_MEMORY.
enum surety_err surety_requests_world_open(struct surety_requests_world *world, uint64_t replication, int64_t start_us);

// The piece of a provider that holds at_us; before the window the first, after the term the last.
const struct surety_state_piece *surety_state_find(struct surety_provider_world *world, int64_t at_us);
static inline const struct surety_state_piece *surety_state_at(struct surety_provider_world *world, int64_t at_us)
{
    const struct surety_state_piece *piece = &world->list[world->at];
    return at_us >= piece->from_us && at_us < piece->until_us ? piece : surety_state_find(world, at_us);
}

// The shares of an architecture's routes at at_us, and behind them who is healthy.
const double *surety_shares_at(struct surety_route_world *world, int64_t at_us);

// True when a controller decides where the requests of such a node go: failover, balance, degrade.
bool surety_requests_is_choice(const struct surety_node_type *type);

#endif
