// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/requests/requests.h"

#include "sim/base/calendar.h"
#include "sim/requests/play.h"
#include "sim/requests/requests_run.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MOST_THREADS 256
#define MOST_WORLDS (UINT64_C(1) << 32)
#define MOST_WORKLOADS 4096
#define MOST_REQUESTS 4e9 // of one workload in one world: the draw's index has 32 bits
#define RUN_IN_US INT64_C(600000000)

void surety_requests_options_default(struct surety_requests_options *options)
{
    *options = (struct surety_requests_options){
        .seed = 1, .n_worlds = 100, .confidence = 0.95, .horizon_s = 3600, .at_us = -1, .outage = SIZE_MAX};
}

// --- when worlds begin -----------------------------------------------------------------------------------------

static enum surety_err refuse(struct surety_diags *diags, const char *hint, const char *what)
{
    surety_diag_add(diags, SURETY_D_USAGE, (struct surety_place){0, 0}, NULL, hint, "%s", what);
    return SURETY_E_INPUT;
}

// An outage that was ordered makes a world longer: ten minutes before it, and the horizon behind it. False: too long.
static bool plan_outage(struct surety_requests_run *run)
{
    const double outage_us = run->options->outage_s * 1e6, most_us = (double)run->plan->term_us;
    run->after_us = run->horizon_us;
    if (!(outage_us + (double)run->after_us + 1e6 * (SURETY_STORM_BEFORE_S + SURETY_STORM_CELL_S) <= most_us) ||
        outage_us + (double)run->after_us > 1e6 * SURETY_STORM_LONGEST_S)
        return false;
    run->outage_us = surety_us_of(run->options->outage_s);
    run->horizon_us = surety_storm_length_us(run->outage_us, run->after_us);
    return true;
}

static enum surety_err plan_starts(struct surety_requests_run *run, struct surety_diags *diags)
{
    const struct surety_plan *plan = run->plan;
    const struct surety_requests_options *o = run->options;
    const double horizon_s = isnan(o->horizon_s) ? 1e-6 * (double)(o->trace->at_us[o->trace->n - 1] + 1) : o->horizon_s;
    if (!(horizon_s * 1e6 <= (double)plan->term_us))
        return refuse(diags, "a shorter --horizon", "the horizon is longer than the term");
    run->horizon_us = (int64_t)(horizon_s * 1e6 + 0.5);
    if (o->outage != SIZE_MAX && !plan_outage(run))
        return refuse(diags, "a shorter --outage or --horizon",
                      "outage and horizon are together longer than two days or the term");
    if (o->outage != SIZE_MAX && run->after_us < SURETY_STORM_STRETCH_S * INT64_C(1000000))
        return refuse(diags, "a longer --horizon, such as 1h",
                      "behind an outage a horizon below five minutes shows no recovery");
    run->last_us = plan->term_us - run->horizon_us;
    if (o->at_us < 0)
        return SURETY_OK;
    const int64_t wait_us = o->at_us - plan->week_offset_us;
    run->first_us = wait_us >= 0 ? wait_us : wait_us + SURETY_US_PER_WEEK;
    if (run->first_us > run->last_us)
        return refuse(diags, "a shorter --horizon, or another --at",
                      "no such hour of the term has the horizon before it");
    run->n_starts = (uint64_t)((run->last_us - run->first_us) / SURETY_US_PER_WEEK) + 1;
    return SURETY_OK;
}

// floor(n frac(r phi)), in integers.
static uint64_t spread(uint64_t r, uint64_t n)
{
    return (uint64_t)((unsigned __int128)(r * UINT64_C(0x9E3779B97F4A7C15)) * n >> 64);
}

int64_t surety_requests_start(const struct surety_requests_run *run, uint64_t world)
{
    if (run->n_starts == 0)
        return (int64_t)spread(world, (uint64_t)run->last_us + 1);
    return run->first_us + (int64_t)spread(world, run->n_starts) * SURETY_US_PER_WEEK;
}

// Limits are empty when a world begins, which hardly any provider ever is: requests come for a while before they count. A
// trace has nothing before it.
static int64_t run_in(const struct surety_requests_run *run, int64_t start_us)
{
    if (!run->plan->loads.on || run->options->trace != NULL)
        return start_us;
    return start_us > RUN_IN_US ? start_us - RUN_IN_US : 0;
}

static enum surety_err check(const struct surety_requests_run *run, const struct surety_scenario *scenario,
                             struct surety_diags *diags)
{
    const struct surety_requests_options *o = run->options;
    if (o->trace != NULL && scenario->n_workloads != 1)
        return refuse(diags, "a scenario with one workload", "--trace stands for one workload, and there are several");
    if (o->n_worlds > MOST_WORLDS || scenario->n_workloads > MOST_WORKLOADS)
        return refuse(diags, "fewer of them", "more than 4294967296 worlds or 4096 workloads");
    const int64_t earliest_us = run_in(run, run->last_us), longest_us = run->horizon_us + run->last_us - earliest_us;
    for (uint32_t d = 0; o->trace == NULL && d < run->plan->n_demands; d++)
        if (surety_arrivals_expected(run->plan, d, earliest_us, run->plan->term_us) > MOST_REQUESTS ||
            surety_arrivals_expected(run->plan, d, 0, longest_us) > MOST_REQUESTS)
            return refuse(diags, "a shorter --horizon", "more than 4e9 requests of a workload in a world");
    return SURETY_OK;
}

// --- workers ---------------------------------------------------------------------------------------------------

struct worker {
    struct surety_requests_run *run;
    struct surety_requests_world world;
    struct surety_arrivals *arrivals; // of each workload
    struct surety_draws *draws;
    struct surety_play *plays; // of each architecture
    size_t n_arrivals, n_draws, n_plays;
    int64_t ordered[3], never;  // the outage that was ordered; no outage
    const int64_t **boundaries; // of each effect: one of the two; NULL: the worlds have their own
    bool has_world;
    enum surety_err err;
};

static enum surety_err lend_outage(struct worker *worker)
{
    const struct surety_plan *plan = worker->run->plan;
    worker->ordered[2] = worker->never = SURETY_NEVER;
    worker->boundaries = calloc(plan->n_effects + 1, sizeof *worker->boundaries);
    for (size_t e = 0; worker->boundaries != NULL && e < plan->n_effects; e++)
        worker->boundaries[e] =
            plan->effects[e].source == worker->run->options->outage ? worker->ordered : &worker->never;
    worker->world.timeline.lent = worker->boundaries;
    return worker->boundaries != NULL ? SURETY_OK : SURETY_E_MEMORY;
}

static enum surety_err init_worker(struct worker *worker, struct surety_requests_run *run, struct surety_diags *diags)
{
    const struct surety_plan *plan = run->plan;
    const struct surety_requests_options *o = run->options;
    *worker = (struct worker){.run = run,
                              .arrivals = calloc(plan->n_demands, sizeof *worker->arrivals),
                              .draws = calloc(plan->n_demands, sizeof *worker->draws),
                              .plays = calloc(plan->n_architectures, sizeof *worker->plays)};
    if (worker->arrivals == NULL || worker->draws == NULL || worker->plays == NULL)
        return SURETY_E_MEMORY;
    enum surety_err err =
        surety_requests_world_init(&worker->world, run->scenario, plan, run->kernel, o->seed, o->fixed);
    worker->has_world = true;
    if (err == SURETY_OK && run->storms != NULL)
        err = lend_outage(worker);
    for (uint32_t d = 0; err == SURETY_OK && d < plan->n_demands; d++) {
        err = surety_arrivals_init(&worker->arrivals[d], plan, d, run->scenario->workloads[d].burstiness, o->trace,
                                   run->kernel, o->seed);
        worker->n_arrivals++;
        if (err != SURETY_OK)
            break;
        err = surety_draws_init(&worker->draws[d], &run->laws, &worker->arrivals[d], run->kernel, o->seed);
        worker->n_draws++;
    }
    for (size_t a = 0; err == SURETY_OK && a < plan->n_architectures; a++, worker->n_plays++)
        err = surety_play_init(&worker->plays[a], plan, a, &run->laws, &worker->world, worker->arrivals, worker->draws,
                               diags);
    return err;
}

static void finish_worker(struct worker *worker)
{
    for (size_t a = 0; a < worker->n_plays; a++)
        surety_play_finish(&worker->plays[a]);
    for (size_t d = 0; d < worker->n_draws; d++)
        surety_draws_finish(&worker->draws[d]);
    for (size_t d = 0; d < worker->n_arrivals; d++)
        surety_arrivals_finish(&worker->arrivals[d]);
    if (worker->has_world)
        surety_requests_world_finish(&worker->world);
    free((void *)worker->boundaries);
    free(worker->plays);
    free(worker->draws);
    free(worker->arrivals);
}

// Reserved units are paid for, used or not, while a world is booked.
static void add_fees(const struct surety_requests_run *run, size_t architecture, uint64_t world, int64_t start_us,
                     struct surety_tally *tallies)
{
    const struct surety_plan *plan = run->plan;
    const struct surety_plan_architecture *a = &plan->architectures[architecture];
    for (size_t r = 0; r < plan->n_reserved; r++) {
        bool used = false;
        for (uint32_t i = 0; i < a->n_nodes; i++)
            used = used || (a->nodes[i].type == NULL && a->nodes[i].provider == plan->reserved[r].provider);
        for (size_t d = 0; used && d < plan->n_demands; d++)
            tallies[d].worlds[world].cost += surety_units_fee(plan, r, d, start_us, start_us + run->horizon_us);
    }
}

// One world of a group. calm: as it is without the outage that was ordered, for comparison; booked by time only.
static enum surety_err play_world(struct worker *worker, uint64_t group, uint64_t world, bool calm)
{
    struct surety_requests_run *run = worker->run;
    const struct surety_plan *plan = run->plan;
    const int64_t start_us = surety_requests_start(run, world), from_us = run_in(run, start_us);
    worker->ordered[0] = calm ? SURETY_NEVER : start_us + surety_storm_begins_us();
    worker->ordered[1] = calm ? SURETY_NEVER : worker->ordered[0] + run->outage_us;
    enum surety_err err = surety_requests_world_open(&worker->world, world, from_us);
    for (size_t a = 0; err == SURETY_OK && a < plan->n_architectures; a++) {
        const size_t row = group * plan->n_architectures + a;
        struct surety_storm *storm = run->storms != NULL ? &run->storms[2 * row + calm] : NULL;
        if (storm != NULL)
            surety_storm_begin(storm, start_us);
        worker->plays[a].storm = storm;
        worker->plays[a].only_storm = calm;
        err = surety_play_world(&worker->plays[a], world, from_us, start_us, start_us + run->horizon_us,
                                &run->tallies[row * plan->n_demands]);
        if (!calm)
            add_fees(run, a, world, start_us, &run->tallies[row * plan->n_demands]);
        if (err == SURETY_OK && !calm && run->options->booked != NULL)
            run->options->booked(run->options->booked_context, world, a, &run->tallies[row * plan->n_demands]);
        if (storm != NULL)
            run->recover_us[2 * (a * run->options->n_worlds + world) + calm] = surety_storm_close(storm);
    }
    return err;
}

// All worlds of a group; nobody else touches its tallies.
static enum surety_err play_group(struct worker *worker, uint64_t group)
{
    struct surety_requests_run *run = worker->run;
    const uint64_t n = run->options->n_worlds;
    const uint64_t from = n * group / run->n_groups, to = n * (group + 1) / run->n_groups;
    for (uint64_t world = from; world < to; world++) {
        enum surety_err err = play_world(worker, group, world, false);
        if (err == SURETY_OK && run->storms != NULL)
            err = play_world(worker, group, world, true);
        if (err != SURETY_OK)
            return err;
        atomic_fetch_add_explicit(&run->n_done, 1, memory_order_relaxed);
    }
    return SURETY_OK;
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct surety_requests_run *run = worker->run;
    const struct surety_requests_options *o = run->options;
    while (worker->err == SURETY_OK && !atomic_load(&run->stop)) {
        const uint64_t group = atomic_fetch_add(&run->next_group, 1);
        if (group >= run->n_groups)
            break;
        worker->err = play_group(worker, group);
        if (worker->err != SURETY_OK)
            atomic_store(&run->stop, true);
        if (worker->run->reporter == worker && o->progress != NULL)
            o->progress(o->progress_context, atomic_load(&run->n_done), o->n_worlds);
    }
    return NULL;
}

// The calling thread works too, and tells the progress.
static enum surety_err run_workers(struct surety_requests_run *run, struct worker *workers, unsigned n)
{
    pthread_t threads[MOST_THREADS];
    unsigned n_started = 1;
    run->reporter = &workers[0];
    while (n_started < n && pthread_create(&threads[n_started], NULL, work, &workers[n_started]) == 0)
        n_started++;
    work(&workers[0]);
    for (unsigned i = 1; i < n_started; i++)
        pthread_join(threads[i], NULL);
    for (unsigned i = 0; i < n_started; i++)
        if (workers[i].err != SURETY_OK)
            return workers[i].err;
    return SURETY_OK;
}

// --- tallies ---------------------------------------------------------------------------------------------------

static enum surety_err init_storms(struct surety_requests_run *run)
{
    const size_t n = 2 * run->n_groups * run->plan->n_architectures;
    enum surety_err err = SURETY_OK;
    run->recover_us = calloc(2 * run->options->n_worlds * run->plan->n_architectures, sizeof *run->recover_us);
    run->storms = calloc(n, sizeof *run->storms);
    if (run->recover_us == NULL || run->storms == NULL)
        return SURETY_E_MEMORY;
    while (err == SURETY_OK && run->n_storms < n)
        err = surety_storm_init(&run->storms[run->n_storms++], run->outage_us, run->after_us, run->plan->down_at_ppb);
    return err;
}

static enum surety_err init_tallies(struct surety_requests_run *run)
{
    const struct surety_plan *plan = run->plan;
    const size_t n_rows = plan->n_architectures * plan->n_demands;
    run->n_groups = run->options->n_worlds < SURETY_REQUESTS_GROUPS ? run->options->n_worlds : SURETY_REQUESTS_GROUPS;
    run->tallies = calloc(run->n_groups * n_rows, sizeof *run->tallies);
    run->counts = calloc(run->options->n_worlds * n_rows, sizeof *run->counts);
    if (run->tallies == NULL || run->counts == NULL)
        return SURETY_E_MEMORY;
    for (; run->n_tallies < run->n_groups * n_rows; run->n_tallies++) {
        const size_t row = run->n_tallies % n_rows;
        bool first, whole;
        surety_requests_knows(run, row / plan->n_demands, &first, &whole);
        if (!surety_tally_init(&run->tallies[run->n_tallies], &run->counts[row * run->options->n_worlds], first, whole))
            return SURETY_E_MEMORY;
    }
    return run->outage_us > 0 ? init_storms(run) : SURETY_OK;
}

static double seconds_since(const struct timespec *start)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - start->tv_sec) + 1e-9 * (double)(now.tv_nsec - start->tv_nsec);
}

static unsigned choose_threads(const struct surety_requests_run *run)
{
    const long n_processors = sysconf(_SC_NPROCESSORS_ONLN);
    const unsigned asked = run->options->n_threads;
    uint64_t n = asked > 0 ? asked : n_processors > 0 ? (uint64_t)n_processors : 1;
    n = n < MOST_THREADS ? n : MOST_THREADS;
    return (unsigned)(n < run->n_groups ? n : run->n_groups);
}

static enum surety_err run_all(struct surety_requests_run *run, unsigned *n_threads, struct surety_diags *diags)
{
    struct worker *workers = NULL;
    unsigned n_made = 0;
    enum surety_err err = surety_request_laws_init(&run->laws, run->scenario, run->plan);
    if (err == SURETY_OK)
        err = init_tallies(run);
    if (err == SURETY_OK) {
        *n_threads = choose_threads(run);
        workers = calloc(*n_threads, sizeof *workers);
        err = workers != NULL ? SURETY_OK : SURETY_E_MEMORY;
    }
    while (err == SURETY_OK && n_made < *n_threads)
        err = init_worker(&workers[n_made++], run, diags);
    if (err == SURETY_OK)
        err = run_workers(run, workers, *n_threads);
    for (unsigned i = 0; i < n_made; i++)
        finish_worker(&workers[i]);
    free(workers);
    return err;
}

enum surety_err surety_requests_run(const struct surety_scenario *scenario, const struct surety_plan *plan,
                                    const struct surety_requests_options *options, struct surety_diags *diags,
                                    struct surety_requests_result **out)
{
    struct timespec start;
    clock_gettime(CLOCK_MONOTONIC, &start);
    struct surety_requests_run run = {
        .scenario = scenario,
        .plan = plan,
        .options = options,
        .kernel = options->kernel != NULL ? surety_kernel_by_name(options->kernel) : surety_kernel_best(),
    };
    if (run.kernel == NULL)
        return refuse(diags, NULL, "this machine has no such instruction set");
    unsigned n_threads = 0;
    struct surety_requests_result *result = NULL;
    enum surety_err err = plan_starts(&run, diags);
    if (err == SURETY_OK)
        err = check(&run, scenario, diags);
    if (err == SURETY_OK)
        err = run_all(&run, &n_threads, diags);
    if (err == SURETY_OK)
        err = surety_requests_summarise(&run, diags, &result);
    if (err == SURETY_OK) {
        result->wall_s = seconds_since(&start);
        result->n_threads = n_threads;
        *out = result;
    } else if (err == SURETY_E_MEMORY) {
        surety_diag_add(diags, SURETY_D_MEMORY, (struct surety_place){0, 0}, NULL, NULL, "out of memory");
    } else if (err == SURETY_E_NUMERIC) {
        surety_diag_add(diags, SURETY_D_LAW, (struct surety_place){0, 0}, NULL, NULL,
                        "a law of latencies, tokens or arrivals has no finite table of quantiles");
        err = SURETY_E_INPUT;
    }
    for (size_t i = 0; i < run.n_tallies; i++)
        surety_tally_finish(&run.tallies[i]);
    surety_request_laws_finish(&run.laws);
    for (size_t i = 0; i < run.n_storms; i++)
        surety_storm_finish(&run.storms[i]);
    free(run.storms);
    free(run.recover_us);
    free(run.tallies);
    free(run.counts);
    return err;
}
