// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_STORY_H
#define SURETY_ENGINE_STORY_H

#include "sim/base/arena.h"
#include "sim/base/diag.h"
#include "sim/base/err.h"
#include "sim/base/tz.h"
#include "sim/scenario/plan.h"
#include "sim/scenario/scenario.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// One simulated term of one architecture, told with dates. Keyed streams make any replication replayable, so a story
// is told by walking that replication again with an observer.

enum surety_story_kind {
    SURETY_STORY_OUTAGE_BEGINS, // of an effect: "openai.major begins: 100 % of its requests fail"
    SURETY_STORY_OUTAGE_ENDS,
    SURETY_STORY_DOWN, // the service goes down
    SURETY_STORY_UP,
    SURETY_STORY_DETECTED, // a controller has noticed
    SURETY_STORY_SWITCHED, // traffic moves to another route
    SURETY_STORY_SWITCH_FAILED,
    SURETY_STORY_NO_ROUTE, // no healthy route at the attempt
    SURETY_STORY_FAILBACK, // traffic returns to a route ahead
    SURETY_STORY_LEFT,     // a route leaves the pool of a balance
    SURETY_STORY_REJOINED, // and comes back into it
    SURETY_STORY_DEGRADED, // the substitute serves
    SURETY_STORY_NORMAL,   // the normal route serves again
    SURETY_STORY_WINDOW,   // a window ends: its reading, budget, credit, cost
    SURETY_N_STORY_KINDS
};

struct surety_story_event {
    int64_t at_us;    // from the term's start
    const char *when; // "2027-03-09 14:02:15"
    enum surety_story_kind kind;
    bool hurt;        // of an outage: as in its bar; true for all other kinds
    const char *text; // a clause: "openai.major begins: 100 % of its requests fail"
};

// A bar of the timeline: an outage of an effect, or a stretch in which the service fails more requests than when all
// works.
struct surety_story_bar {
    const char *lane; // "openai.major"; "service"
    int64_t from_us, to_us;
    double share_failing; // (0, 1]
    bool is_service;      // the lane is the service's
    bool is_down;         // service: the share reaches the contract's `down_at`
    bool hurt;            // outage: the service felt it; a standby's outage that nobody met did not hurt
};

// Which route carried the traffic.
struct surety_story_route {
    const char *name; // provider, or the path of a subtree
    int64_t from_us, to_us;
};

struct surety_story_window {
    const char *label; // "2027-03"; "window 3"
    int64_t from_us, to_us;
    double availability, downtime_s;
    bool *met; // of each tier: all that it promises
    // of each tier: what it missed where that is not availability alone, as "availability, quality"; NULL else
    const char **missed;
    double *budget_s; // of each tier; NAN where the measure is not time
    double *credit;   // of each tier, money; NAN: no credits
    double cost;      // money; NAN: no prices
};

// Turns the story's instants into what the clocks of the term's zone show.
struct surety_story_clock {
    const struct surety_tz *tz; // NULL: UTC
    struct surety_date start;   // the term's first day
    int64_t start_s;            // its first instant, from 1970-01-01 UTC
};

struct surety_story {
    struct surety_arena arena;
    // where it comes from
    const char *name, *file, *sha256; // of the scenario
    const char *plan_hash, *version;
    const char *currency; // "": no money occurs
    const char *measure;  // the contract's
    const char *timezone; // all dates are as its clocks show them
    struct surety_story_clock clock;
    const char *start;       // "2027-01-01"
    const char *window;      // "month", "quarter" or "window"
    double down_at;          // share of failing requests
    double minimum_outage_s; // shorter down times do not count
    const char *architecture;
    uint64_t seed, replication;
    const char *because; // why this replication: "the 1,000th worst of 100,000 terms"; NULL: not said
    int64_t term_us;
    double availability, downtime_s;   // of the term; availability by the contract's measure
    struct surety_story_event *events; // rising in time
    struct surety_story_bar *bars;     // by lane, rising
    struct surety_story_route *routes; // rising, without gaps
    struct surety_story_window *windows;
    const char **tiers; // names
    double *targets;    // of each tier: availability promised
    size_t n_events, n_bars, n_routes, n_windows, n_tiers;
    size_t worst_window; // the window with the lowest availability
};

// Tells replication `replication` of architecture `architecture`. Everything is copied: scenario and plan may go.
// SURETY_E_MEMORY with a diagnostic.
enum surety_err surety_story_tell(const struct surety_scenario *scenario, const struct surety_plan *plan,
                                  size_t architecture, uint64_t seed, uint64_t replication, struct surety_diags *diags,
                                  struct surety_story **out);

// Which replication to tell.
struct surety_story_choice {
    enum { SURETY_STORY_NUMBER, SURETY_STORY_WORST, SURETY_STORY_BREACH } by;
    uint64_t replication; // number: this one
    double share;         // worst: the term at this quantile of term availability (nearest rank), 0.01: rank
                          // ceil(share x n) from the worst; equal terms in the order of their numbers
    size_t tier;          // breach: the first replication in which this tier's term is not met
};

// Looks for it among `n_replications` (>= 1), on one thread. SURETY_E_INPUT with a diagnostic when no replication
// breaches the tier, SURETY_E_MEMORY with one.
enum surety_err surety_story_choose(const struct surety_scenario *scenario, const struct surety_plan *plan,
                                    size_t architecture, uint64_t seed, uint64_t n_replications,
                                    const struct surety_story_choice *choice, struct surety_diags *diags,
                                    uint64_t *out);

// Says why none was told, unless that was said already.
void surety_story_failed(struct surety_diags *diags, enum surety_err err);

// Says in story->because how `choice` among `n_replications` led to it. SURETY_E_MEMORY.
enum surety_err surety_story_justify(struct surety_story *story, const struct surety_story_choice *choice,
                                     uint64_t n_replications);

void surety_story_destroy(struct surety_story *story); // accepts NULL

#endif
