// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_WORKER_H
#define SURETY_ENGINE_WORKER_H

#include "sim/engine/books.h"
#include "sim/engine/books_measures.h"
#include "sim/engine/groups.h"
#include "sim/engine/runner.h"
#include "sim/engine/timeline.h"
#include "sim/engine/walk.h"

#include <pthread.h>
#include <stdatomic.h>

// A run and its workers; used by runner.c and worker.c only. runner.c hands out chunks, worker.c runs them.

// One thread's private part of a run.
struct surety_worker {
    struct surety_run_state *run;
    struct surety_timeline timeline;
    struct surety_walk *walks;             // of each architecture
    struct surety_books *books;            // of each architecture
    struct surety_measure_books *measured; // of each architecture; NULL: not asked for
    size_t *n_meters;                      // of each walk, with the other measures
    size_t n_walks, n_books;               // initialised so far
    bool has_timeline;
    // with uncertain inputs
    struct surety_plan_draw draw; // what the walks stand on; plan NULL: the run's own plan
    struct surety_table_cache *tables;
    double *group_sums; // n_sums of each architecture
    enum surety_err err;
};

struct surety_run_state {
    const struct surety_scenario *scenario;
    const struct surety_plan *plan;
    struct surety_groups *groups; // NULL: nothing is uncertain
    const struct surety_run_options *options;
    const struct surety_kernel *kernel;
    double *sums; // n_chunks x n_architectures x n_sums
    struct surety_worker *workers;
    unsigned n_workers;
    uint64_t n_measured;          // terms that the other measures read too
    uint64_t n_chunks, end_chunk; // of all; of the stage under way
    atomic_uint_fast64_t next_chunk, n_done;
    atomic_bool stop; // a worker failed
    pthread_mutex_t lock;
    pthread_cond_t finished;
    unsigned n_running;
};

// Allocates on the run's own plan. On error finish is to be called all the same.
enum surety_err surety_worker_init(struct surety_worker *worker, struct surety_run_state *run);
void surety_worker_finish(struct surety_worker *worker);

// Runs the replications of a chunk, with uncertain inputs group by group, each on a draw of its own.
enum surety_err surety_worker_run_chunk(struct surety_worker *worker, uint64_t chunk);

#endif
