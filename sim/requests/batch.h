// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_REQUESTS_BATCH_H
#define SURETY_REQUESTS_BATCH_H

#include "sim/base/histogram.h"
#include "sim/requests/limits.h"
#include "sim/requests/world.h"

// A server that works on its requests in steps: n of them get a token each in step + per_request x n, times the outages'
// factor. On the clock of steps every request takes as many as it has output tokens, so that its start and its end are
// known when it comes, as those of places are; only how fast that clock runs hangs on who comes later. While somebody
// waits the batch is full and the clock's pace known: a start is told at once, in microseconds, an end when it has come.

// A request in the batch or waiting for it, as long as somebody may ask when it ends. Its caller books its time to the last
// token when both are known.
struct surety_batch_job {
    double start_us, end_us; // end NAN: it has not come
    bool is_booked;
    struct surety_histogram *whole; // where it is booked: base_s + end - start; NULL: nowhere
    double base_s;
    uint32_t next_free;
};

// All jobs of one architecture's batches; job 0 is none.
struct surety_batch_jobs {
    struct surety_batch_job *list;
    uint32_t n, room, free;
};

struct surety_batch_end {
    double at_step;
    uint32_t job;
};

struct surety_batch_server {
    size_t most; // largest batch; 0: there is no batch
    double most_waiting, step_us, per_request_us;
    struct surety_provider_world *world; // whose outages make it slow
    struct surety_batch_jobs *jobs;
    double now_us, now_step;
    double *free_step; // a heap of the places that are taken: when each becomes free
    size_t n_taken;
    double *start_step; // of those that wait: a ring, rising
    size_t first, n_waiting, room;
    struct surety_batch_end *ends; // a heap
    size_t n_ends, ends_room;
};

// SURETY_E_MEMORY. To be finished in every case.
enum surety_err surety_batch_init(struct surety_batch_server *batch, const struct surety_plan_limits *plan,
                                  struct surety_provider_world *world, struct surety_batch_jobs *jobs);
void surety_batch_finish(struct surety_batch_server *batch);

// A new world, from from_us on: the batch is empty. The jobs are to be cleared by the caller.
void surety_batch_begin(struct surety_batch_server *batch, int64_t from_us);

// A request of `tokens` steps comes. Its start in *start_us, SURETY_LIMIT_FULL: it is refused; its job in *job.
// SURETY_E_MEMORY.
enum surety_err surety_batch_enter(struct surety_batch_server *batch, int64_t now_us, double tokens, int64_t *start_us,
                                   uint32_t *job);

// Lets everything end.
void surety_batch_run_out(struct surety_batch_server *batch);

// Books a job's time to the last token, base_s + its time in the batch, in `whole`, now or when it is known; NULL: nobody
// wants it.
void surety_batch_book(struct surety_batch_jobs *jobs, uint32_t job, struct surety_histogram *whole, double base_s);

#endif
