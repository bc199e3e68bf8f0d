// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_RUNNER_H
#define SURETY_ENGINE_RUNNER_H

#include "sim/base/diag.h"
#include "sim/base/err.h"
#include "sim/engine/result.h"
#include "sim/scenario/plan.h"
#include "sim/scenario/scenario.h"

#include <stdint.h>

// A chunk is the unit of work and of summation: doubles are summed inside a chunk and the chunks' sums combined in
// chunk order, so that results do not depend on the number of threads.
#define SURETY_CHUNK 4096

#define SURETY_MAX_THREADS 256

// Asks a run to keep one tier's credits of each term on one architecture, for sums over several contracts.
struct surety_credit_record {
    size_t architecture, tier;
    double *credits; // n_replications, filled by the run; in currency
};

struct surety_run_options {
    uint64_t seed;           // default 1
    uint64_t n_replications; // >= 1; with `precision` the most that are run. Default 100,000
    double precision;        // half-width asked for of every P(every month met); 0: run n_replications
    unsigned n_threads;      // 0: one per processor
    double confidence;       // two-sided level of intervals, default 0.95
    const char *kernel;      // instruction set by name, NULL: the best this machine has
    bool measures;           // read the other measures too, over the first 4096 replications; default no
    bool offers;             // look for clauses that can be signed (offers.h); default no
    bool central;            // uncertain inputs at their means instead of drawn; default no
    bool general_walk;       // no flat loops: for tests, and what `-Dkernels=disabled` makes the default
    const struct surety_credit_record *record; // NULL: nothing is kept
    // Called about ten times a second from the calling thread; NULL: never.
    void (*progress)(void *context, uint64_t n_done, uint64_t n_total);
    void *progress_context;
};

void surety_run_options_default(struct surety_run_options *options);

// Runs the plan. The result's bytes depend on plan, seed and replications only, but for wall_s and n_threads.
// SURETY_E_MEMORY, or SURETY_E_SYSTEM when no thread can be started (a diagnostic says so).
enum surety_err surety_run(const struct surety_scenario *scenario, const struct surety_plan *plan,
                           const struct surety_run_options *options, struct surety_diags *diags,
                           struct surety_result **out);

#endif
