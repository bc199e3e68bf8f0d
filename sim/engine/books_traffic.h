// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_BOOKS_TRAFFIC_H
#define SURETY_ENGINE_BOOKS_TRAFFIC_H

#include "sim/engine/walk.h"

#include <stdbool.h>
#include <stdint.h>

// What an architecture sends for what it gets: attempts at each provider, answers and their cost, with all well and while
// an outage is on. Kept of the run's first terms, which one worker walks and an observer watches: every state of the tree
// is weighted with the requests that come in it.

// Recorded terms. With uncertain inputs the first of each group, so that all of its groups are among them.
#define SURETY_TRAFFIC_TERMS 512
#define SURETY_TRAFFIC_SPAN 4096 // the terms that they are taken from: one chunk

struct surety_traffic_row { // doubles, behind it one of each provider: requests sent to it
    double requests, answered, cost;
};
#define SURETY_TRAFFIC_HEAD (sizeof(struct surety_traffic_row) / sizeof(double))

struct surety_traffic_books {
    const struct surety_plan *plan;
    uint64_t n_terms;
    double *sums; // [2: all well, an outage is on][demand][head + n_providers]
    double *most; // of each provider: requests sent to it per request, at most
    // the term under way
    struct surety_walk *walk;
    struct surety_walk_observer observer;
    double *attempts; // scratch: of each node
    double *now;      // of each provider: attempts per request since since_us
    double *cost;     // of each workload's request since then
    double share_served;
    bool is_out; // an outage is on
    int64_t since_us;
    size_t window; // of the last stretch
};

enum surety_err surety_traffic_books_init(struct surety_traffic_books *books, const struct surety_plan *plan,
                                          const struct surety_walk *walk);
void surety_traffic_books_finish(struct surety_traffic_books *books);

// Whether the term is recorded.
bool surety_traffic_records(uint64_t replication, bool groups);

// Before and after the walk of a recorded term.
void surety_traffic_books_watch(struct surety_traffic_books *books, struct surety_walk *walk);
void surety_traffic_books_enter(struct surety_traffic_books *books);

void surety_traffic_books_merge(struct surety_traffic_books *into, const struct surety_traffic_books *from);

struct surety_summary;
struct surety_architecture_result;
struct surety_sent_result;

// Into the result: the architecture as a whole; requests sent for one workload. False when memory is out.
bool surety_traffic_books_report(struct surety_summary *summary, const struct surety_traffic_books *books,
                                 struct surety_architecture_result *out);
bool surety_traffic_books_report_demand(struct surety_summary *summary, const struct surety_traffic_books *books,
                                        size_t demand, struct surety_sent_result **out, size_t *n_out);

#endif
