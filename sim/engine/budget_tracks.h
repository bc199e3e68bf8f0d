// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_BUDGET_TRACKS_H
#define SURETY_ENGINE_BUDGET_TRACKS_H

#include "sim/engine/budget_count.h"
#include "sim/engine/walk.h"

// Budgets of single promises, each by what a walk was heard to do.

// Rows of numbers and from when on they hold, rising.
struct surety_budget_log {
    int64_t *at_us;
    double *row; // n x width
    size_t n, room, width;
    bool out_of_memory;
};

// One run of a suite's check.
struct surety_budget_run {
    int64_t at_us;
    size_t check;
    int64_t cases, passed;
};

// What was heard of the walk under way.
struct surety_budget_heard {
    const struct surety_plan *plan;   // of the walk
    struct surety_budget_log states;  // of latency: a state's number
    struct surety_budget_log rates;   // of the ledger
    struct surety_budget_log answers; // of the ledger of answers
    struct surety_budget_log quality; // pass rate of each check
    struct surety_budget_run *runs;
    size_t n_runs, room_runs;
    bool out_of_memory;
};

// Adds a row unless it is as the last one; one at the same instant takes its place.
void surety_budget_log_add(struct surety_budget_log *log, int64_t at_us, const double *row);

enum surety_budget_track_kind {
    SURETY_TRACK_LATE,  // requests that are late
    SURETY_TRACK_CELLS, // time in which too many are
    SURETY_TRACK_RUNS,  // cases that fail
    SURETY_TRACK_ISSUES,
    SURETY_TRACK_MONEY,
    SURETY_TRACK_DEAR // answers that cost too much
};

struct surety_budget_track {
    enum surety_budget_track_kind kind;
    size_t target; // of the plan's latency, quality or cost
    struct surety_budget_count count;
    bool always_on; // what is lost when everything works is more than the budget
    bool is_free;   // of money: nothing is spent when everything works
    // scratch of one term
    const struct surety_plan *plan;
    const struct surety_walk *walk;
    const struct surety_budget_heard *heard;
    struct surety_burn_stretch *list, *seen;
    double *of;  // of each stretch: share of what comes that counts
    size_t *row; // of each stretch: in the log
    size_t n, room;
    struct surety_burn burn, burn_seen;
    double *budgets, *before, *whole, *extra; // of each window
};

// Whether the promise has a budget of this kind; fills share and kind. SURETY_E_MEMORY.
enum surety_err surety_budget_track_init(struct surety_budget_track *track, enum surety_budget_track_kind kind,
                                         size_t target, const struct surety_scenario *scenario,
                                         const struct surety_plan *plan, uint64_t n_terms);
void surety_budget_track_finish(struct surety_budget_track *track);

// The term is over: judges what was heard. SURETY_E_MEMORY.
enum surety_err surety_budget_track_enter(struct surety_budget_track *track, const struct surety_walk *walk,
                                          const struct surety_budget_heard *heard);

// What was lost in lumps; budget_runs.c.
enum surety_err surety_budget_track_runs(struct surety_budget_track *track, const struct surety_walk *walk,
                                         const struct surety_budget_heard *heard);

#endif
