// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_STORY_WATCH_H
#define SURETY_ENGINE_STORY_WATCH_H

#include "sim/engine/story.h"
#include "sim/engine/timeline.h"
#include "sim/engine/walk.h"

// The observer of a told walk: what the service, the traffic and the controllers do, event by event. Used by story.c
// only.

// A list that grows in the story's arena.
struct surety_story_list {
    void *items;
    size_t n, capacity, size; // size of one item
};

struct surety_story_teller {
    struct surety_story *story;
    const struct surety_plan *plan;
    enum surety_err err;                                    // the first; what follows is left out
    struct surety_story_list events, bars, service, routes; // bars: of outages; service: bars of the service
    // the walk under way
    char *states;         // the controllers' states after the last instant
    int64_t *detected_us; // of each node: failed_us of the failure that was last told as detected
    double *loads;        // scratch, by child
    bool **hurt;          // of each effect: its episodes that the service felt; NULL: none
    bool *degraded;       // of each node: a degrade whose substitute served after the last instant
    size_t n_controllers; // nodes that move traffic: failover, balance, degrade
    double f;             // of the service, since since_us
    int64_t since_us, down_since_us;
    bool is_down;
    int64_t route_since_us;
    const char *route; // that carries the traffic; NULL: before the first instant
};

// Fills an event; `format` makes its text. Events may come in any order.
void surety_story_add(struct surety_story_teller *teller, int64_t at_us, enum surety_story_kind kind, bool hurt,
                      const char *format, ...) __attribute__((format(printf, 5, 6)));

// A new zeroed item at the list's end; NULL when memory is out, then teller->err says so.
void *surety_story_room(struct surety_story_teller *teller, struct surety_story_list *list);

// Prepares the teller for one walk of `walk`. SURETY_E_MEMORY.
enum surety_err surety_story_watch_init(struct surety_story_teller *teller, const struct surety_walk *walk);

// The walk's observer; `context` is the teller.
void surety_story_watch_instant(void *context, const struct surety_walk *walk, int64_t now_us);

// The term is over: closes what is open.
void surety_story_watch_end(struct surety_story_teller *teller, const struct surety_walk *walk);

#endif
