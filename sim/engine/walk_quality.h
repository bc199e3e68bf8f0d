// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_WALK_QUALITY_H
#define SURETY_ENGINE_WALK_QUALITY_H

#include "sim/engine/walk.h"

#include <stdbool.h>
#include <stdint.h>

// The quality of one architecture in one world. Between two boundaries each check (a suite, or a named scenario) has a
// pass rate: that of the routes that answer, in proportion to what they answer. A window's true rate is the mean over
// its answered requests; what is read of it are draws: the runs of the suite that fall into it, each at the rate of its
// instant, through the judge.

// The distribution function of one run's passes at one rate, for the rate that nearly all runs have.
struct surety_run_table {
    double p;
    int64_t first; // smallest k that is kept
    size_t n;
    double *cdf; // of first, first + 1, ...
};

// What the rates of a leaf were found from.
struct surety_quality_leaf {
    uint64_t shifting; // outages that shift the rates and are on
    double drop;
    bool is_known;
};

// From at_us on a provider's pass rates are lower by `drop`.
struct surety_model_event {
    int64_t at_us;
    uint32_t provider;
    double drop;
};

struct surety_walk_quality {
    const struct surety_plan *plan;
    bool *is_known;                     // of each suite: all routes say how well they do
    double *rate, *rate_normal;         // of each check: pass rate of the answers now, and when everything works
    double served, served_normal;       // share of the requests that is answered
    double *node_rate;                  // scratch: n_nodes x n_checks
    const double **child_rate;          // scratch: of one node's children
    double *load;                       // scratch
    struct surety_quality_leaf *leaves; // of each node
    uint64_t *shifting;                 // of each provider: effects that shift its rates
    struct surety_run_table *tables;
    int64_t *run;                      // of each suite: number of the next run
    int64_t next_run_us;               // of any suite
    double *drop;                      // of each provider: what changes of its model take off the pass rates now
    struct surety_model_event *events; // of this replication, by at_us
    size_t n_events, room_events, next_event;
    // Told of each run of a check, with the rates of its instant; NULL: nobody is.
    void (*told)(void *context, const struct surety_walk_quality *quality, size_t check, int64_t at_us, int64_t passed);
    void *context;
    int64_t since_us; // start of the stretch under way
    size_t window;    // of the last stretch
    // n_windows x n_checks; after finish those of this replication
    double *right, *answered, *right_normal, *answered_normal; // requests
    int64_t *passed, *cases;
    // of this replication, after finish: n_windows x n_targets
    bool *reads_miss; // what was read is below the promise
    bool *is_miss;    // the true rate is
    bool *missed;     // n_windows x n_tiers: a promise of the tier was missed
};

// NULL in *out where there are no suites. SURETY_E_MEMORY.
enum surety_err surety_walk_quality_create(const struct surety_plan *plan,
                                           const struct surety_plan_architecture *architecture,
                                           struct surety_walk_quality **out);
void surety_walk_quality_destroy(struct surety_walk_quality *quality); // accepts NULL

// The tree stands as when everything works.
enum surety_err surety_walk_quality_normal(struct surety_walk *walk);

// A replication: the tree stands as at its start; time up to now_us passed and the tree is still as it was; the tree
// changed at now_us; the term is over.
void surety_walk_quality_start(struct surety_walk *walk);
void surety_walk_quality_pass(struct surety_walk *walk, int64_t now_us);
void surety_walk_quality_turn(struct surety_walk *walk, int64_t now_us);
void surety_walk_quality_close(struct surety_walk *walk);

// The true pass rate of a check in a window, at = window x n_checks + check; 1 when nothing was answered.
double surety_walk_quality_true_rate(const struct surety_walk_quality *quality, size_t at);

// A promise of quality of the tier was missed in the window, as the contract reads it.
static inline bool surety_walk_quality_missed(const struct surety_walk *walk, size_t tier, size_t window)
{
    const struct surety_walk_quality *q = walk->quality;
    return q != NULL && q->missed[window * q->plan->n_tiers + tier];
}

#endif
