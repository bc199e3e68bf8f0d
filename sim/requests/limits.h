// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_REQUESTS_LIMITS_H
#define SURETY_REQUESTS_LIMITS_H

#include "sim/base/err.h"
#include "sim/scenario/plan_loads.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What a provider with limits does with the attempts that reach it, one after another in the order of time: token buckets,
// and places with a queue. Nothing here is a formula of the event engine's: it is played. Times in microseconds from the
// term's start.

// A token bucket: `rate` of work a second is granted and up to `depth` of it saved. Full at first.
struct surety_bucket {
    double rate, depth, level; // rate INFINITY: no quota
    int64_t at_us;             // of the level
};

// c places, first come, first served. How long a request takes is known when it comes, so its start is too: the earliest
// instant at which a place is free of all that came before (Kiefer and Wolfowitz, 1955).
struct surety_places {
    int64_t *free_us; // a heap of c instants at which a place becomes free, earliest first
    size_t c;
    double most_waiting; // INFINITY: any number
    int64_t *start_us; // of those that wait and perhaps some that do no more: a ring, rising; only for a limited queue
    size_t first, n_waiting, room;
};

struct surety_limit {
    struct surety_bucket requests, tokens;
    struct surety_places places; // c 0: any number
};

// `plan` has moments of n_workloads; NULL: no limits. SURETY_E_MEMORY. To be finished in every case.
enum surety_err surety_limit_init(struct surety_limit *limit, const struct surety_plan_limits *plan,
                                  size_t n_workloads);
void surety_limit_finish(struct surety_limit *limit);

// A new world, from from_us on: buckets are full, places empty.
void surety_limit_begin(struct surety_limit *limit, int64_t from_us);

// Takes an attempt's work out of the buckets: one request, then `tokens` from what the first let pass. False: it is refused,
// and a bucket that was asked and refused gives nothing.
bool surety_limit_grant(struct surety_limit *limit, int64_t now_us, double tokens);

#define SURETY_LIMIT_FULL INT64_MIN

// When a request that comes now begins; SURETY_LIMIT_FULL: there is neither a place nor room in the queue.
int64_t surety_places_start(struct surety_places *places, int64_t now_us);

// It does, and keeps the place from start_us to end_us, whether or not somebody still waits for it. SURETY_E_MEMORY.
enum surety_err surety_places_take(struct surety_places *places, int64_t now_us, int64_t start_us, int64_t end_us);

#endif
