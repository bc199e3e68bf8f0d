// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/worker.h"

#include "sim/base/sampler_table.h"
#include "sim/engine/walk_latency.h"
#include "sim/engine/walk_load.h"

#include <stdlib.h>
#include <string.h>

// Gives the timeline and the walks back; what they booked is kept.
static void unbind(struct surety_worker *worker)
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

void surety_worker_finish(struct surety_worker *worker)
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
static enum surety_err add_measures(struct surety_worker *worker)
{
    enum surety_err err = SURETY_OK;
    for (size_t i = 0; err == SURETY_OK && i < worker->n_walks; i++) {
        err = surety_walk_add_measures(&worker->walks[i]);
        worker->n_meters[i] = worker->walks[i].n_meters;
    }
    return err;
}

// The timeline and the walks on a plan, with the other measures or not.
static enum surety_err bind(struct surety_worker *worker, const struct surety_plan *plan, bool measures)
{
    const struct surety_run_state *run = worker->run;
    const uint64_t seed = run->options->seed;
    enum surety_err err = surety_timeline_init(&worker->timeline, plan, run->kernel, seed);
    worker->has_timeline = err == SURETY_OK;
    for (size_t i = 0; err == SURETY_OK && i < plan->n_architectures; i++) {
        err = surety_walk_init(&worker->walks[i], plan, &plan->architectures[i], seed, !run->options->general_walk);
        worker->n_walks += err == SURETY_OK;
    }
    return err == SURETY_OK && measures ? add_measures(worker) : err;
}

static enum surety_err init_books(struct surety_worker *worker)
{
    const struct surety_run_state *run = worker->run;
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

enum surety_err surety_worker_init(struct surety_worker *worker, struct surety_run_state *run)
{
    const size_t n = run->plan->n_architectures;
    const bool measures = run->options->measures, groups = run->groups != NULL;
    *worker =
        (struct surety_worker){.run = run,
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
static enum surety_err run_terms(struct surety_worker *worker, uint64_t from, uint64_t to, double *sums)
{
    const struct surety_run_state *run = worker->run;
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
    for (size_t i = 0; i < n_architectures; i++)
        if (worker->walks[i].carried != NULL)
            surety_walk_load_close(&worker->walks[i]);
    return SURETY_OK;
}

// --- groups ----------------------------------------------------------------------------------------------------

#define NO_GROUP UINT64_MAX

// Moves the worker to another plan: the draw of a group, or (NO_GROUP) the run's own.
static enum surety_err move_to(struct surety_worker *worker, uint64_t group)
{
    struct surety_run_state *run = worker->run;
    struct surety_groups *groups = run->groups;
    enum surety_err err = SURETY_OK;
    unbind(worker);
    if (group != NO_GROUP)
        err = surety_plan_draw(run->scenario, run->plan, run->options->seed, group, worker->tables,
                               &groups->values[group * groups->n_inputs], &worker->draw);
    if (err != SURETY_OK)
        return err;
    if (group != NO_GROUP)
        worker->draw.plan->latency.no_tables = group * SURETY_GROUP >= SURETY_LATENCY_RECORDED;
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

// Counts of a dimension so far, less what `met` holds.
static void count_dimension(const struct surety_dimension_books *books, uint32_t *met)
{
    met[0] = (uint32_t)books->n_terms_met - met[0]; // modulo 2^32: the difference is right
    met[1] = (uint32_t)books->n_windows_met - met[1];
}

// What a tier of the worker's books has met so far, less what `met` holds: to be called before and after.
static void count_tier(const struct surety_books *books, size_t t, uint32_t *met)
{
    uint32_t *const dimensions = &met[2 * SURETY_GROUPS_DIMENSION];
    met[0] = (uint32_t)books->tiers[t].n_terms_met - met[0];
    met[1] = (uint32_t)books->tiers[t].n_windows_met - met[1];
    if (books->joint != NULL) {
        for (size_t d = 0; d < SURETY_N_DIMENSIONS; d++)
            count_dimension(&books->joint->tiers[t].dimensions[d], &dimensions[2 * d]);
        met[2 * SURETY_GROUPS_LEAVES] = (uint32_t)books->joint->tiers[t].n_left - met[2 * SURETY_GROUPS_LEAVES];
    } else if (books->latency != NULL) {
        count_dimension(&books->latency->tiers[t].availability, &dimensions[2 * SURETY_DIMENSION_AVAILABILITY]);
        count_dimension(&books->latency->tiers[t].latency, &dimensions[2 * SURETY_DIMENSION_LATENCY]);
    }
}

static void count_met(const struct surety_worker *worker, uint64_t group)
{
    const struct surety_plan *plan = worker->run->plan;
    for (size_t i = 0; i < plan->n_architectures; i++)
        for (size_t t = 0; t < plan->n_tiers; t++)
            count_tier(&worker->books[i], t, surety_groups_met(worker->run->groups, group, i, t));
}

static enum surety_err run_group(struct surety_worker *worker, uint64_t chunk, uint64_t group, uint64_t to,
                                 double *sums)
{
    struct surety_run_state *run = worker->run;
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

enum surety_err surety_worker_run_chunk(struct surety_worker *worker, uint64_t chunk)
{
    struct surety_run_state *run = worker->run;
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
