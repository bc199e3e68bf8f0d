// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/requests/batch.h"

#include <math.h>
#include <stdlib.h>

// --- jobs ------------------------------------------------------------------------------------------------------

static uint32_t take_job(struct surety_batch_jobs *jobs)
{
    if (jobs->free == 0) {
        const uint32_t room = 2 * jobs->room + 256;
        struct surety_batch_job *more = realloc(jobs->list, room * sizeof *more);
        if (more == NULL)
            return 0;
        for (uint32_t i = room; i-- > (jobs->room > 0 ? jobs->room : 1);) {
            more[i].next_free = jobs->free;
            jobs->free = i;
        }
        jobs->list = more;
        jobs->room = room;
    }
    const uint32_t job = jobs->free;
    jobs->free = jobs->list[job].next_free;
    jobs->list[job] = (struct surety_batch_job){.end_us = NAN};
    return job;
}

// Both are known: books it and lets it go.
static void close_job(struct surety_batch_jobs *jobs, uint32_t index)
{
    struct surety_batch_job *job = &jobs->list[index];
    if (job->whole != NULL)
        surety_histogram_add(job->whole, (int64_t)(job->base_s * 1e6 + (job->end_us - job->start_us) + 0.5), 1);
    job->next_free = jobs->free;
    jobs->free = index;
}

void surety_batch_book(struct surety_batch_jobs *jobs, uint32_t index, struct surety_histogram *whole, double base_s)
{
    struct surety_batch_job *job = &jobs->list[index];
    job->is_booked = true;
    job->whole = whole;
    job->base_s = base_s;
    if (!isnan(job->end_us))
        close_job(jobs, index);
}

static void end_job(struct surety_batch_jobs *jobs, uint32_t index, double at_us)
{
    struct surety_batch_job *job = &jobs->list[index];
    job->end_us = at_us;
    if (job->is_booked)
        close_job(jobs, index);
}

// --- heaps -----------------------------------------------------------------------------------------------------

// Puts `x` where the first stood.
static void sift_down(double *heap, size_t n, double x)
{
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && heap[child + 1] < heap[child])
            child++;
        if (heap[child] >= x)
            break;
        heap[i] = heap[child];
    }
    heap[i] = x;
}

static void push(double *heap, size_t n, double x)
{
    size_t i = n;
    for (; i > 0 && x < heap[(i - 1) / 2]; i = (i - 1) / 2)
        heap[i] = heap[(i - 1) / 2];
    heap[i] = x;
}

static bool is_before(const struct surety_batch_end *a, const struct surety_batch_end *b)
{
    return a->at_step < b->at_step || (a->at_step == b->at_step && a->job < b->job);
}

static bool push_end(struct surety_batch_server *b, struct surety_batch_end end)
{
    if (b->n_ends == b->ends_room) {
        const size_t room = 2 * b->ends_room + 256;
        struct surety_batch_end *more = realloc(b->ends, room * sizeof *more);
        if (more == NULL)
            return false;
        b->ends = more;
        b->ends_room = room;
    }
    size_t i = b->n_ends++;
    for (; i > 0 && is_before(&end, &b->ends[(i - 1) / 2]); i = (i - 1) / 2)
        b->ends[i] = b->ends[(i - 1) / 2];
    b->ends[i] = end;
    return true;
}

static uint32_t pop_end(struct surety_batch_server *b)
{
    const struct surety_batch_end first = b->ends[0], last = b->ends[--b->n_ends];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < b->n_ends; i = child) {
        if (child + 1 < b->n_ends && is_before(&b->ends[child + 1], &b->ends[child]))
            child++;
        if (!is_before(&b->ends[child], &last))
            break;
        b->ends[i] = b->ends[child];
    }
    b->ends[i] = last;
    return first.job;
}

// --- the clock of steps ------------------------------------------------------------------------------------------

// Microseconds that a step takes with n in the batch, and until when.
static double pace_us(const struct surety_batch_server *b, double at_us, size_t n, double *until_us)
{
    const struct surety_state_piece *piece = surety_state_at(b->world, (int64_t)at_us);
    *until_us = (double)piece->until_us;
    return (b->step_us + b->per_request_us * (double)n) * piece->state.factor;
}

static void advance(struct surety_batch_server *b, double to_us)
{
    while (b->n_taken > 0 && b->now_us < to_us) {
        double until_us, next = b->free_step[0];
        const double pace = pace_us(b, b->now_us, b->n_taken, &until_us);
        until_us = until_us < to_us ? until_us : to_us;
        if (b->n_ends > 0 && b->ends[0].at_step < next)
            next = b->ends[0].at_step;
        const double at_us = b->now_us + (next - b->now_step) * pace;
        if (at_us > until_us) {
            b->now_step += (until_us - b->now_us) / pace;
            b->now_us = until_us;
            continue;
        }
        b->now_us = at_us;
        b->now_step = next;
        while (b->n_ends > 0 && b->ends[0].at_step <= next)
            end_job(b->jobs, pop_end(b), at_us);
        while (b->n_taken > 0 && b->free_step[0] <= next) {
            b->n_taken--;
            if (b->n_taken > 0)
                sift_down(b->free_step, b->n_taken, b->free_step[b->n_taken]);
        }
    }
    if (b->now_us < to_us)
        b->now_us = to_us;
}

// When the clock reaches `step` with a full batch all along.
static double start_of(const struct surety_batch_server *b, double step)
{
    double now_us = b->now_us, now_step = b->now_step;
    for (;;) {
        double until_us;
        const double pace = pace_us(b, now_us, b->most, &until_us), at_us = now_us + (step - now_step) * pace;
        if (at_us <= until_us)
            return at_us;
        now_step += (until_us - now_us) / pace;
        now_us = until_us;
    }
}

// --- requests --------------------------------------------------------------------------------------------------

static bool wait(struct surety_batch_server *b, double step)
{
    if (isinf(b->most_waiting))
        return true;
    if (b->n_waiting == b->room) {
        const size_t room = 2 * b->room + 64;
        double *more = calloc(room, sizeof *more);
        if (more == NULL)
            return false;
        for (size_t i = 0; i < b->n_waiting; i++)
            more[i] = b->start_step[(b->first + i) % b->room];
        free(b->start_step);
        b->start_step = more;
        b->first = 0;
        b->room = room;
    }
    b->start_step[(b->first + b->n_waiting++) % b->room] = step;
    return true;
}

static bool is_full(struct surety_batch_server *b)
{
    while (b->n_waiting > 0 && b->start_step[b->first] <= b->now_step) {
        b->first = (b->first + 1) % b->room;
        b->n_waiting--;
    }
    return b->n_taken == b->most && !((double)b->n_waiting < b->most_waiting);
}

enum surety_err surety_batch_enter(struct surety_batch_server *b, int64_t now_us, double tokens, int64_t *start_us,
                                   uint32_t *job)
{
    double start = (double)now_us, start_step;
    *job = 0;
    *start_us = SURETY_LIMIT_FULL;
    advance(b, start);
    if (is_full(b))
        return SURETY_OK;
    if (b->n_taken < b->most) {
        start_step = b->now_step;
        push(b->free_step, b->n_taken++, start_step + tokens);
    } else {
        start_step = b->free_step[0];
        start = start_of(b, start_step);
        sift_down(b->free_step, b->most, start_step + tokens);
        if (!wait(b, start_step))
            return SURETY_E_MEMORY;
    }
    *start_us = (int64_t)(start + 0.5);
    *job = take_job(b->jobs);
    if (*job == 0 || !push_end(b, (struct surety_batch_end){start_step + tokens, *job}))
        return SURETY_E_MEMORY;
    b->jobs->list[*job].start_us = start;
    return SURETY_OK;
}

void surety_batch_run_out(struct surety_batch_server *b)
{
    while (b->n_taken > 0)
        advance(b, b->now_us + 1e12);
}

// --- life ------------------------------------------------------------------------------------------------------

enum surety_err surety_batch_init(struct surety_batch_server *b, const struct surety_plan_limits *plan,
                                  struct surety_provider_world *world, struct surety_batch_jobs *jobs)
{
    *b = (struct surety_batch_server){.most = (size_t)plan->concurrency,
                                      .most_waiting = plan->queue,
                                      .step_us = 1e6 * plan->step_s,
                                      .per_request_us = 1e6 * plan->per_request_s,
                                      .world = world,
                                      .jobs = jobs,
                                      .free_step = calloc((size_t)plan->concurrency, sizeof *b->free_step)};
    return b->free_step != NULL ? SURETY_OK : SURETY_E_MEMORY;
}

void surety_batch_finish(struct surety_batch_server *b)
{
    free(b->free_step);
    free(b->start_step);
    free(b->ends);
}

void surety_batch_begin(struct surety_batch_server *b, int64_t from_us)
{
    b->now_us = (double)from_us;
    b->now_step = 0;
    b->n_taken = b->n_waiting = b->n_ends = 0;
}
