// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/runner.h"

#include "sim/engine/caveats.h"
#include "sim/engine/summary.h"
#include "sim/engine/verdict.h"
#include "sim/engine/worker.h"
#include "sim/scenario/uncertain.h"

#include <gsl/gsl_errno.h>

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PROGRESS_NS 100000000 // a tenth of a second

void surety_run_options_default(struct surety_run_options *options)
{
    *options = (struct surety_run_options){.seed = 1, .n_replications = 100000, .confidence = 0.95};
}

static void *work(void *argument)
{
    struct surety_worker *worker = argument;
    struct surety_run_state *run = worker->run;
    while (worker->err == SURETY_OK && !atomic_load(&run->stop)) {
        const uint64_t chunk = atomic_fetch_add(&run->next_chunk, 1);
        if (chunk >= run->end_chunk)
            break;
        worker->err = surety_worker_run_chunk(worker, chunk);
        if (worker->err != SURETY_OK)
            atomic_store(&run->stop, true);
    }
    pthread_mutex_lock(&run->lock);
    run->n_running--;
    pthread_cond_signal(&run->finished);
    pthread_mutex_unlock(&run->lock);
    return NULL;
}

// Waits until the workers are through, telling the progress now and then.
static void wait_for_workers(struct surety_run_state *run)
{
    const struct surety_run_options *options = run->options;
    pthread_mutex_lock(&run->lock);
    while (run->n_running > 0) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += PROGRESS_NS;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&run->finished, &run->lock, &until);
        if (options->progress == NULL)
            continue;
        pthread_mutex_unlock(&run->lock);
        options->progress(options->progress_context, atomic_load(&run->n_done), options->n_replications);
        pthread_mutex_lock(&run->lock);
    }
    pthread_mutex_unlock(&run->lock);
}

// Runs the chunks up to end_chunk on all workers.
static enum surety_err run_stage(struct surety_run_state *run, uint64_t end_chunk, struct surety_diags *diags)
{
    pthread_t threads[SURETY_MAX_THREADS];
    unsigned n_started = 0;
    run->end_chunk = end_chunk;
    run->n_running = run->n_workers;
    for (; n_started < run->n_workers; n_started++)
        if (pthread_create(&threads[n_started], NULL, work, &run->workers[n_started]) != 0)
            break;
    if (n_started < run->n_workers) { // go on with those there are
        pthread_mutex_lock(&run->lock);
        run->n_running -= run->n_workers - n_started;
        pthread_mutex_unlock(&run->lock);
    }
    wait_for_workers(run);
    enum surety_err err = SURETY_OK;
    for (unsigned i = 0; i < n_started; i++) {
        pthread_join(threads[i], NULL);
        if (run->workers[i].err != SURETY_OK)
            err = run->workers[i].err;
    }
    // Every worker takes one number too many before it stops.
    atomic_store(&run->next_chunk, end_chunk);
    if (n_started == 0) {
        surety_diag_add(diags, SURETY_D_TOOL, (struct surety_place){0, 0}, NULL, NULL, "no thread could be started");
        return SURETY_E_SYSTEM;
    }
    return err;
}

// What the other measures read, in the first worker's books.
static enum surety_err summarise_measures(struct surety_run_state *run, size_t index, struct surety_summary *summary)
{
    struct surety_measure_books *books = &run->workers[0].measured[index];
    for (unsigned w = 1; w < run->n_workers; w++)
        surety_measure_books_merge(books, &run->workers[w].measured[index]);
    const bool all = surety_measure_books_report(summary, books, &run->workers[0].walks[index],
                                                 &summary->result->architectures[index]);
    return all ? SURETY_OK : SURETY_E_MEMORY;
}

static enum surety_err summarise(struct surety_run_state *run, uint64_t n_done, struct surety_summary *summary)
{
    const struct surety_plan *plan = run->plan;
    const uint64_t n_chunks = (n_done + SURETY_CHUNK - 1) / SURETY_CHUNK;
    enum surety_err err = SURETY_OK;
    for (size_t i = 0; err == SURETY_OK && i < plan->n_architectures; i++) {
        struct surety_books books;
        err = surety_books_init(&books, plan, &run->workers[0].walks[i]);
        if (err != SURETY_OK)
            break;
        for (unsigned w = 0; w < run->n_workers; w++) {
            surety_books_merge(&books, &run->workers[w].books[i]);
            surety_blame_merge(&books.blame, &run->workers[w].books[i].blame);
            surety_blame_merge(&books.blame, &run->workers[w].walks[i].blame);
        }
        err = surety_summary_architecture(summary, i, &books, run->sums, n_chunks);
        surety_books_finish(&books);
        if (err == SURETY_OK && run->options->measures)
            err = summarise_measures(run, i, summary);
    }
    return err;
}

// The chunks at which the stopping rule looks: 1, 2, 4, ... and the last.
static uint64_t next_checkpoint(uint64_t chunk, uint64_t n_chunks)
{
    const uint64_t next = chunk == 0 ? 1 : 2 * chunk;
    return next < n_chunks ? next : n_chunks;
}

static uint64_t replications(const struct surety_run_state *run, uint64_t n_chunks)
{
    const uint64_t n = n_chunks * SURETY_CHUNK;
    return n < run->options->n_replications ? n : run->options->n_replications;
}

// Runs everything, or up to the first checkpoint at which all intervals of P(term) are narrow enough. The error
// probability of the intervals is spent over the checkpoints: look k of K may use alpha / K.
static enum surety_err run_stages(struct surety_run_state *run, struct surety_diags *diags, uint64_t *n_done)
{
    const struct surety_run_options *options = run->options;
    const uint64_t n_chunks = run->n_chunks;
    unsigned n_looks = 1;
    for (uint64_t c = 1; c < n_chunks; c = next_checkpoint(c, n_chunks))
        n_looks++;
    const double confidence = 1 - (1 - options->confidence) / n_looks;
    for (uint64_t chunk = 0; chunk < n_chunks;) {
        const uint64_t end = options->precision > 0 ? next_checkpoint(chunk, n_chunks) : n_chunks;
        const enum surety_err err = run_stage(run, end, diags);
        if (err != SURETY_OK)
            return err;
        chunk = end;
        *n_done = replications(run, end);
        if (options->precision <= 0)
            continue;
        double widest = 0;
        for (size_t i = 0; i < run->plan->n_architectures; i++)
            for (size_t t = 0; t < run->plan->n_tiers; t++) {
                uint64_t n_met = 0;
                for (unsigned w = 0; w < run->n_workers; w++)
                    n_met += run->workers[w].books[i].tiers[t].n_terms_met;
                const double half_width =
                    run->groups == NULL ? surety_summary_half_width(n_met, *n_done, confidence)
                                        : surety_summary_half_width_groups(run->groups, *n_done, i, t, confidence);
                widest = half_width > widest ? half_width : widest;
            }
        if (widest <= options->precision)
            break;
        if (chunk == n_chunks)
            surety_diag_add(diags, SURETY_D_WARN_PRECISION, (struct surety_place){0, 0}, NULL,
                            "allow more --replications",
                            "P(every month met) is known to +-%.3g only, not to the +-%.3g that were asked for", widest,
                            options->precision);
    }
    return SURETY_OK;
}

static unsigned choose_threads(const struct surety_run_options *options, uint64_t n_chunks)
{
    const long n_processors = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t n = options->n_threads > 0 ? options->n_threads : n_processors > 0 ? (uint64_t)n_processors : 1;
    n = n < SURETY_MAX_THREADS ? n : SURETY_MAX_THREADS;
    return (unsigned)(n < n_chunks ? n : n_chunks);
}

static double seconds_since(const struct timespec *start)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - start->tv_sec) + 1e-9 * (double)(now.tv_nsec - start->tv_nsec);
}

static enum surety_err prepare(struct surety_run_state *run)
{
    run->sums = calloc(run->n_chunks * run->plan->n_architectures * surety_n_sums(run->plan), sizeof *run->sums);
    run->workers = calloc(run->n_workers, sizeof *run->workers);
    if (run->sums == NULL || run->workers == NULL)
        return SURETY_E_MEMORY;
    enum surety_err err = SURETY_OK;
    for (unsigned i = 0; err == SURETY_OK && i < run->n_workers; i++)
        err = surety_worker_init(&run->workers[i], run);
    return err;
}

// GSL aborts at an error otherwise; draws read laws and their tables.
static gsl_error_handler_t *quiet_gsl(const struct surety_run_state *run)
{
    return run->groups != NULL ? gsl_set_error_handler_off() : NULL;
}

// More groups than needed by a rounding: draws that contradict themselves are worth a word.
static void warn_refused(const struct surety_run_state *run, uint64_t n_done, struct surety_diags *diags)
{
    const uint64_t n = run->groups != NULL ? atomic_load(&run->groups->n_refused) : 0;
    if (n > 0)
        surety_diag_add(diags, SURETY_D_WARN_REDRAWN, (struct surety_place){0, 0}, NULL, NULL,
                        "%" PRIu64 " of %" PRIu64
                        " draws of the uncertain inputs contradicted themselves and were drawn "
                        "again: the inputs are conditioned on what is possible",
                        n, n + (n_done + SURETY_GROUP - 1) / SURETY_GROUP);
}

static enum surety_err start_groups(struct surety_run_state *run, struct surety_groups *groups)
{
    const struct surety_uncertain *uncertain = run->scenario->uncertain;
    if (uncertain == NULL || run->options->central)
        return SURETY_OK;
    run->groups = groups;
    return surety_groups_init(groups, run->plan, 2 * uncertain->n, run->options->n_replications, run->n_chunks);
}

enum surety_err surety_run(const struct surety_scenario *scenario, const struct surety_plan *plan,
                           const struct surety_run_options *options, struct surety_diags *diags,
                           struct surety_result **out)
{
    struct timespec start;
    clock_gettime(CLOCK_MONOTONIC, &start);
    struct surety_groups groups = {.plan = NULL};
    struct surety_run_state run = {
        .scenario = scenario,
        .plan = plan,
        .options = options,
        .kernel = options->kernel != NULL ? surety_kernel_by_name(options->kernel) : surety_kernel_best(),
        .n_measured = surety_measured_terms(plan),
        .n_chunks = (options->n_replications + SURETY_CHUNK - 1) / SURETY_CHUNK,
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .finished = PTHREAD_COND_INITIALIZER,
    };
    if (run.kernel == NULL) {
        surety_diag_add(diags, SURETY_D_USAGE, (struct surety_place){0, 0}, NULL, NULL,
                        "this machine has no instruction set \"%s\"", options->kernel);
        return SURETY_E_INPUT;
    }
    run.n_workers = choose_threads(options, run.n_chunks);
    uint64_t n_done = 0;
    struct surety_summary summary;
    enum surety_err err = start_groups(&run, &groups);
    gsl_error_handler_t *const before = quiet_gsl(&run);
    if (err == SURETY_OK)
        err = prepare(&run);
    if (err == SURETY_OK)
        err = run_stages(&run, diags, &n_done);
    if (err == SURETY_OK)
        err = surety_summary_start(&summary, scenario, plan, options, n_done);
    if (err == SURETY_OK) {
        summary.groups = run.groups;
        warn_refused(&run, n_done, diags);
        err = summarise(&run, n_done, &summary);
        if (err == SURETY_OK && !(surety_verdict_reach(plan, summary.result) && surety_summary_inputs(&summary) &&
                                  surety_caveats_collect(scenario, plan, diags, summary.result)))
            err = SURETY_E_MEMORY;
        if (err != SURETY_OK)
            surety_result_destroy(summary.result);
    }
    if (err == SURETY_OK) {
        summary.result->wall_s = seconds_since(&start);
        summary.result->n_threads = run.n_workers;
        *out = summary.result;
    } else if (err == SURETY_E_MEMORY) {
        surety_diag_add(diags, SURETY_D_MEMORY, (struct surety_place){0, 0}, NULL, NULL, "out of memory");
    } else if (err == SURETY_E_INPUT && run.groups != NULL) {
        surety_diag_add(diags, SURETY_D_UNCERTAIN, (struct surety_place){0, 0}, NULL, "narrow the ranges",
                        "the uncertain inputs contradict each other in nearly all of their draws");
    }
    for (unsigned i = 0; run.workers != NULL && i < run.n_workers; i++)
        surety_worker_finish(&run.workers[i]);
    free(run.workers);
    free(run.sums);
    surety_groups_finish(&groups);
    if (run.groups != NULL)
        gsl_set_error_handler(before);
    return err;
}
