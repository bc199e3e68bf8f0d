// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_WALK_H
#define SURETY_ENGINE_WALK_H

#include "models/ledger.h"
#include "models/measurement.h"
#include "sim/base/rng.h"
#include "sim/engine/blame.h"
#include "sim/engine/timeline.h"

#include <stdint.h>

// The event walk: one architecture through one world. Evaluates the tree wherever a leaf changes or a controller's
// timer is due, and feeds the meters the stretches of constant f in between. Works for any tree; a node is complete
// when the walk has it.
//
// The walk looks only at what matters. A controller that serves from its first route does not care how the standbys
// are until it must switch; their subtrees are out of sight then, their episodes not even drawn, and they are brought
// up to date at the instant at which somebody looks. Subtrees with a controller of their own stay in sight: they have
// a past.

#define SURETY_MAX_METERS SURETY_N_METERS

struct surety_flat_route;
struct surety_scenes;
struct surety_walk_latency;
struct surety_walk_load;
struct surety_walk_quality;
struct surety_walk_cost;
struct surety_walk;

// Told of every settled instant, the start among them, with the tree as it stands from then on. A walk with one is the
// general walk.
struct surety_walk_observer {
    void (*instant)(void *context, const struct surety_walk *walk, int64_t now_us);
    void *context;
};

// Where the walk stands in the episodes of one effect.
struct surety_cursor {
    const int64_t *next, *first; // the next boundary, all boundaries; first NULL: not asked for in this replication
    uint32_t effect, provider;
    uint64_t bit;   // of the effect in the provider's set
    double f_alone; // share failing at the provider while no other effect is on
};

// What the flat loop knows about the route that serves, so that nobody has to ask the tree.
struct surety_serving {
    bool known;
    uint32_t provider;
    enum surety_phase phase;
    int64_t detection_until_us;
};

struct surety_walk {
    const struct surety_plan *plan;
    const struct surety_plan_architecture *architecture;
    // the tree, arrays over its nodes in post-order
    double *f; // share failing
    int64_t *timer_us;
    uint32_t *position;    // among the parent's children
    uint32_t *first_below; // the subtree of node i is first_below[i]..i
    uint32_t *n_watched;   // leading children whose changes matter now
    bool *keeps_time;      // a controller is in the subtree
    size_t *state_size;    // 0: no controller
    struct surety_node_view *views;
    struct surety_rng *rngs;
    uint64_t *dirty; // bit per node: to be updated at this instant
    size_t n_dirty_words;
    const double **child_f;    // all views' child pointers
    char *state, *saved_state; // all nodes' state; room to take one back
    uint32_t *controllers;     // nodes with state, which may set a timer
    size_t n_controllers;
    // its providers and their effects
    uint32_t *leaves, *first_leaf; // leaf nodes of provider p: leaves[first_leaf[p]..first_leaf[p + 1])
    uint64_t *active;              // of each provider: effects that are on
    uint32_t *n_in_sight;          // of each provider: its leaves in sight
    bool *always_in_sight;         // of each provider: no controller can put all its leaves out of sight
    struct surety_cursor *cursors; // of the architecture's effects, by provider
    uint32_t *first_cursor;        // of each provider, and the end
    size_t n_cursors;
    int64_t *due_us;                // of each cursor: its next boundary; SURETY_NEVER: out of sight
    bool moved;                     // episodes came into sight or left it since somebody reset it
    struct surety_serving serving;  // who serves, where the flat loop knows it
    struct surety_flat_route *flat; // the flat loop's routes, walk_failover.c; NULL: not admitted
    uint32_t n_flat;
    // what the tree says in each of its states, walk_scenes.c; NULL: not admitted
    struct surety_scenes *scenes;
    bool *lazy;       // nodes that no controller needs: not evaluated while the state is a known one
    bool uses_scenes; // in the walk under way
    // the walk under way
    struct surety_timeline *timeline;
    const struct surety_walk_observer *observer; // NULL: none
    double f_root;                               // of the stretch under way, as the contract counts it
    bool is_excluded;                            // and it does not count
    double f_normal;                             // of the root when everything works
    int64_t since_us;                            // start of the stretch under way
    int64_t next_timer_us;
    bool any_dirty;     // a node is marked, or the root itself changed
    bool report_normal; // a meter wants the normal stretches too
    enum surety_err err;
    double *rates, *attempts, *load; // a rate of the ledger, scratch; NULL: nothing has a price
    bool *reserves, reserves_any;    // which of plan->reserved the architecture has; with prices
    struct surety_ledger ledger;
    struct surety_walk_latency *latency; // NULL: the plan knows of none
    struct surety_walk_load *carried;    // NULL: no provider has limits
    struct surety_walk_quality *quality; // the same
    struct surety_walk_cost *cost;       // the same
    bool is_followed;                    // there is quality or cost to follow along the way
    bool has_promises;                   // beside availability: only then the three are asked what was missed
    struct surety_blame blame;
    struct surety_meter meters[SURETY_MAX_METERS]; // [0]: downtime
    size_t n_meters, contract_meter; // those in use; the contract's may be [0], those behind it are other readings
    size_t n_own_meters;             // up to the contract's
};

// Allocates. The plan must outlive the walk. flat: take the flat loop or the scenes where they admit the tree; same
// readings, faster.
enum surety_err surety_walk_init(struct surety_walk *walk, const struct surety_plan *plan,
                                 const struct surety_plan_architecture *architecture, uint64_t seed, bool flat);
void surety_walk_finish(struct surety_walk *walk);

// Adds the meters of the other measures behind the contract's, for what the same worlds would read by them. All other
// keys than `down_at` are at their defaults. `tasks` only where a task is more than one request.
enum surety_err surety_walk_add_measures(struct surety_walk *walk);

// Walks the timeline's replication; afterwards the meters' readings hold. SURETY_E_MEMORY when an episode list cannot
// grow.
enum surety_err surety_walk_run(struct surety_walk *walk, struct surety_timeline *timeline);

#endif
