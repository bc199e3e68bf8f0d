// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/runner.h"

#include "sim/engine/books.h"
#include "sim/engine/books_measures.h"
#include "sim/base/sampler_table.h"
#include "sim/engine/caveats.h"
#include "sim/engine/groups.h"
#include "sim/engine/summary.h"
#include "sim/engine/timeline.h"
#include "sim/engine/verdict.h"
#include "sim/engine/walk.h"
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

// One thread's private part of a run.
struct worker {
    struct run *run;
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

struct run {
    const struct surety_scenario *scenario;
    const struct surety_plan *plan;
    struct surety_groups *groups; // NULL: nothing is uncertain
    const struct surety_run_options *options;
    const struct surety_kernel *kernel;
    double *sums; // n_chunks x n_architectures x n_sums
    struct worker *workers;
    unsigned n_workers;
    uint64_t n_measured;          // terms that the other measures read too
    uint64_t n_chunks, end_chunk; // of all; of the stage under way
    atomic_uint_fast64_t next_chunk, n_done;
    atomic_bool stop; // a worker failed
    pthread_mutex_t lock;
    pthread_cond_t finished;
    unsigned n_running;
};

// Gives the timeline and the walks back; what they booked is kept.
static void unbind(struct worker *worker)
{
    for (size_t i = 0; i < worker->n_walks; i++) {
        if (i < worker->n_books)
            surety_blame_merge(&worker->books[i].blame, &worker->walks[i].blame);
        surety_walk_finish(&worker->walks[i]);
    }
    for (size_t i = 0; i < worker->n_books; i++) { // the draw's plan goes
        worker->books[i].plan = worker->run->plan;
        if (worker->measured != NULL)
            worker->measured[i].plan = worker->run->plan;
    }
    if (worker->has_timeline)
        surety_timeline_finish(&worker->timeline);
    worker->n_walks = 0;
    worker->has_timeline = false;
    surety_plan_draw_finish(&worker->draw);
}

static void finish_worker(struct worker *worker)
{
    unbind(worker);
    for (size_t i = 0; i < worker->n_books; i++)
        surety_books_finish(&worker->books[i]);
    for (size_t i = 0; worker->measured != NULL && i < worker->run->plan->n_architectures; i++)
        surety_measure_books_finish(&worker->measured[i]);
    free(worker->measured);
    free(worker->n_meters);
    free(worker->group_sums);
    surety_table_cache_destroy(worker->tables);
    free(worker->books);
    free(worker->walks);
}

// The meters of the other measures.
static enum surety_err add_measures(struct worker *worker)
{
    enum surety_err err = SURETY_OK;
    for (size_t i = 0; err == SURETY_OK && i < worker->n_walks; i++) {
        err = surety_walk_add_measures(&worker->walks[i]);
        worker->n_meters[i] = worker->walks[i].n_meters;
    }
    return err;
}

// The timeline and the walks on a plan, with the other measures or not.
static enum surety_err bind(struct worker *worker, const struct surety_plan *plan, bool measures)
{
    const struct run *run = worker->run;
    const uint64_t seed = run->options->seed;
    enum surety_err err = surety_timeline_init(&worker->timeline, plan, run->kernel, seed);
    worker->has_timeline = err == SURETY_OK;
    for (size_t i = 0; err == SURETY_OK && i < plan->n_architectures; i++) {
        err = surety_walk_init(&worker->walks[i], plan, &plan->architectures[i], seed, !run->options->general_walk);
        worker->n_walks += err == SURETY_OK;
    }
    return err == SURETY_OK && measures ? add_measures(worker) : err;
}

static enum surety_err init_books(struct worker *worker)
{
    const struct run *run = worker->run;
    const struct surety_plan *plan = run->plan;
    const struct surety_credit_record *record = run->options->record;
    enum surety_err err = SURETY_OK;
    for (size_t i = 0; err == SURETY_OK && i < plan->n_architectures; i++) {
        err = surety_books_init(&worker->books[i], plan, &worker->walks[i]);
        worker->n_books += err == SURETY_OK;
        if (err == SURETY_OK && worker->measured != NULL)
            err = surety_measure_books_init(&worker->measured[i], plan);
    }
    if (err == SURETY_OK && record != NULL) {
        worker->books[record->architecture].record = record->credits;
        worker->books[record->architecture].record_tier = record->tier;
    }
    return err;
}

static enum surety_err init_worker(struct worker *worker, struct run *run)
{
    const size_t n = run->plan->n_architectures;
    const bool measures = run->options->measures, groups = run->groups != NULL;
    *worker = (struct worker){.run = run,
                              .walks = calloc(n, sizeof *worker->walks),
                              .books = calloc(n, sizeof *worker->books),
                              .measured = measures ? calloc(n, sizeof *worker->measured) : NULL,
                              .n_meters = measures ? calloc(n, sizeof *worker->n_meters) : NULL,
                              .tables = groups ? surety_table_cache_create() : NULL,
                              .group_sums = groups ? calloc(n * surety_n_sums(run->plan), sizeof(double)) : NULL};
    if (worker->walks == NULL || worker->books == NULL ||
        (measures && (worker->measured == NULL || worker->n_meters == NULL)) ||
        (groups && (worker->tables == NULL || worker->group_sums == NULL)))
        return SURETY_E_MEMORY;
    const enum surety_err err = bind(worker, run->plan, measures);
    return err == SURETY_OK ? init_books(worker) : err;
}

// Replications from..to on the plan that the worker is bound to. sums: n_sums of each architecture.
static enum surety_err run_terms(struct worker *worker, uint64_t from, uint64_t to, double *sums)
{
    const struct run *run = worker->run;
    const size_t n_architectures = run->plan->n_architectures, n_sums = surety_n_sums(run->plan);
    for (uint64_t replication = from; replication < to; replication++) {
        surety_timeline_begin(&worker->timeline, replication);
        for (size_t i = 0; i < n_architectures; i++) {
            struct surety_walk *walk = &worker->walks[i];
            const bool all = worker->measured != NULL && replication < run->n_measured;
            walk->n_meters = all ? worker->n_meters[i] : walk->n_own_meters;
            const enum surety_err err = surety_walk_run(walk, &worker->timeline);
            if (err != SURETY_OK)
                return err;
            surety_books_enter(&worker->books[i], walk, &sums[i * n_sums]);
            if (all)
                surety_measure_books_enter(&worker->measured[i], walk);
        }
    }
    return SURETY_OK;
}

// --- groups ----------------------------------------------------------------------------------------------------

#define NO_GROUP UINT64_MAX

// Moves the worker to another plan: the draw of a group, or (NO_GROUP) the run's own.
static enum surety_err move_to(struct worker *worker, uint64_t group)
{
    struct run *run = worker->run;
    struct surety_groups *groups = run->groups;
    enum surety_err err = SURETY_OK;
    unbind(worker);
    if (group != NO_GROUP)
        err = surety_plan_draw(run->scenario, run->plan, run->options->seed, group, worker->tables,
                               &groups->values[group * groups->n_inputs], &worker->draw);
    if (err != SURETY_OK)
        return err;
    atomic_fetch_add_explicit(&groups->n_refused, worker->draw.n_refused, memory_order_relaxed);
    const struct surety_plan *plan = group != NO_GROUP ? worker->draw.plan : run->plan;
    err = bind(worker, plan, worker->measured != NULL && (group == NO_GROUP || group * SURETY_GROUP < run->n_measured));
    for (size_t i = 0; err == SURETY_OK && i < plan->n_architectures; i++) {
        surety_books_follow(&worker->books[i], plan, &worker->walks[i]);
        if (worker->measured != NULL)
            worker->measured[i].plan = plan;
    }
    return err;
}

// What a tier of the worker's books has met so far, less what `met` holds: to be called before and after.
static void count_met(const struct worker *worker, uint64_t group)
{
    const struct surety_plan *plan = worker->run->plan;
    for (size_t i = 0; i < plan->n_architectures; i++)
        for (size_t t = 0; t < plan->n_tiers; t++) {
            uint32_t *met = surety_groups_met(worker->run->groups, group, i, t);
            met[0] = (uint32_t)worker->books[i].tiers[t].n_terms_met - met[0]; // modulo 2^32: the difference is right
            met[1] = (uint32_t)worker->books[i].tiers[t].n_windows_met - met[1];
        }
}

static enum surety_err run_group(struct worker *worker, uint64_t chunk, uint64_t group, uint64_t to, double *sums)
{
    struct run *run = worker->run;
    const size_t n_sums = surety_n_sums(run->plan);
    const uint64_t from = group * SURETY_GROUP;
    memset(worker->group_sums, 0, run->plan->n_architectures * n_sums * sizeof *worker->group_sums);
    enum surety_err err = move_to(worker, group);
    if (err != SURETY_OK)
        return err;
    count_met(worker, group);
    err = run_terms(worker, from, to, worker->group_sums);
    count_met(worker, group);
    for (size_t i = 0; i < run->plan->n_architectures; i++) {
        double *spread = surety_groups_spread(run->groups, chunk, i);
        for (size_t k = 0; k < n_sums; k++) {
            const double sum = worker->group_sums[i * n_sums + k];
            sums[i * n_sums + k] += sum;
            spread[2 * k] += sum * sum;
            spread[2 * k + 1] += sum * (double)(to - from);
        }
    }
    return err;
}

static enum surety_err run_chunk(struct worker *worker, uint64_t chunk)
{
    struct run *run = worker->run;
    double *sums = &run->sums[chunk * run->plan->n_architectures * surety_n_sums(run->plan)];
    const uint64_t n = run->options->n_replications, from = chunk * SURETY_CHUNK;
    const uint64_t to = n - from < SURETY_CHUNK ? n : from + SURETY_CHUNK;
    enum surety_err err = SURETY_OK;
    if (run->groups == NULL)
        err = run_terms(worker, from, to, sums);
    for (uint64_t at = from; run->groups != NULL && err == SURETY_OK && at < to; at += SURETY_GROUP) {
        err = run_group(worker, chunk, at / SURETY_GROUP, to - at < SURETY_GROUP ? to : at + SURETY_GROUP, sums);
        atomic_fetch_add_explicit(&run->n_done, SURETY_GROUP, memory_order_relaxed);
    }
    if (run->groups != NULL && err == SURETY_OK)
        return move_to(worker, NO_GROUP); // where the summary finds it
    atomic_fetch_add_explicit(&run->n_done, to - from, memory_order_relaxed);
    return err;
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct run *run = worker->run;
    while (worker->err == SURETY_OK && !atomic_load(&run->stop)) {
        const uint64_t chunk = atomic_fetch_add(&run->next_chunk, 1);
        if (chunk >= run->end_chunk)
            break;
        worker->err = run_chunk(worker, chunk);
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
static void wait_for_workers(struct run *run)
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
static enum surety_err run_stage(struct run *run, uint64_t end_chunk, struct surety_diags *diags)
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
static enum surety_err summarise_measures(struct run *run, size_t index, struct surety_summary *summary)
{
    struct surety_measure_books *books = &run->workers[0].measured[index];
    for (unsigned w = 1; w < run->n_workers; w++)
        surety_measure_books_merge(books, &run->workers[w].measured[index]);
    const bool all = surety_measure_books_report(summary, books, &run->workers[0].walks[index],
                                                 &summary->result->architectures[index]);
    return all ? SURETY_OK : SURETY_E_MEMORY;
}

static enum surety_err summarise(struct run *run, uint64_t n_done, struct surety_summary *summary)
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

static uint64_t replications(const struct run *run, uint64_t n_chunks)
{
    const uint64_t n = n_chunks * SURETY_CHUNK;
    return n < run->options->n_replications ? n : run->options->n_replications;
}

// Runs everything, or up to the first checkpoint at which all intervals of P(term) are narrow enough. The error
// probability of the intervals is spent over the checkpoints: look k of K may use alpha / K.
static enum surety_err run_stages(struct run *run, struct surety_diags *diags, uint64_t *n_done)
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

static enum surety_err prepare(struct run *run)
{
    run->sums = calloc(run->n_chunks * run->plan->n_architectures * surety_n_sums(run->plan), sizeof *run->sums);
    run->workers = calloc(run->n_workers, sizeof *run->workers);
    if (run->sums == NULL || run->workers == NULL)
        return SURETY_E_MEMORY;
    enum surety_err err = SURETY_OK;
    for (unsigned i = 0; err == SURETY_OK && i < run->n_workers; i++)
        err = init_worker(&run->workers[i], run);
    return err;
}

// GSL aborts at an error otherwise; draws read laws and their tables.
static gsl_error_handler_t *quiet_gsl(const struct run *run)
{
    return run->groups != NULL ? gsl_set_error_handler_off() : NULL;
}

// More groups than needed by a rounding: draws that contradict themselves are worth a word.
static void warn_refused(const struct run *run, uint64_t n_done, struct surety_diags *diags)
{
    const uint64_t n = run->groups != NULL ? atomic_load(&run->groups->n_refused) : 0;
    if (n > 0)
        surety_diag_add(diags, SURETY_D_WARN_REDRAWN, (struct surety_place){0, 0}, NULL, NULL,
                        "%" PRIu64 " of %" PRIu64
                        " draws of the uncertain inputs contradicted themselves and were drawn "
                        "again: the inputs are conditioned on what is possible",
                        n, n + (n_done + SURETY_GROUP - 1) / SURETY_GROUP);
}

static enum surety_err start_groups(struct run *run, struct surety_groups *groups)
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
    struct run run = {
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
        finish_worker(&run.workers[i]);
    free(run.workers);
    free(run.sums);
    surety_groups_finish(&groups);
    if (run.groups != NULL)
        gsl_set_error_handler(before);
    return err;
}
