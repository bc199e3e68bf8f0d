// SPDX-License-Identifier: GPL-3.0-or-later
// Terms a second for the work of the ladder (design/PERFORMANCE.md), beside what a C programmer writes with GSL: one
// generator, one binary heap of events, double time. Both in this process, in turns, medians of 7. Three providers in
// priority order, 30 s to a switch, all up at the start, twelve windows of 730 h. Usage: bench_ladder [replications]
#include "models/registry.h"
#include "sim/engine/runner.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define N_REPEATS 7
#define N_TERMS 262144 // 64 chunks, and 16 of the quarter: no thread waits for the other's last one
#define MOST_PROVIDERS 8
#define N_MONTHS 12
#define MONTH_S (730 * 3600.0)
#define DELAY_S 30.0
#define ALPHA_SE 6.1

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double median(double *values, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k > 0 && values[k] < values[k - 1]; k--) {
            const double kept = values[k];
            values[k] = values[k - 1];
            values[k - 1] = kept;
        }
    return values[n / 2];
}

// --- the work --------------------------------------------------------------------------------------------------

struct work {
    const char *title;
    int n_providers;
    double up_s, down_s;
    bool weibull;    // up times Weibull (shape 0.7), repairs lognormal (sigma 1.2); else both exponential
    double n_events; // a replication: failures, repairs, detections acted on
};

static const struct work works[] = {
    {"ladder: 3 providers, 720 h / 1 h, exponential", 3, 720 * 3600.0, 3600, false, 84.95},
    {"T2: the same, Weibull 0.7 / lognormal 1.2", 3, 720 * 3600.0, 3600, true, 89.00},
    {"T3: 5 providers, 7 d / 4 h, exponential", 5, 7 * 86400.0, 4 * 3600, false, 561},
};

// --- C + GSL ---------------------------------------------------------------------------------------------------

enum event_kind { FAILURE, REPAIR, DETECTION };

struct event {
    double at;
    enum event_kind kind;
    int provider;
};

struct heap {
    struct event list[4 * MOST_PROVIDERS];
    int n;
};

static void push(struct heap *heap, struct event event)
{
    int i = heap->n++;
    for (; i > 0 && heap->list[(i - 1) / 2].at > event.at; i = (i - 1) / 2)
        heap->list[i] = heap->list[(i - 1) / 2];
    heap->list[i] = event;
}

static struct event pop(struct heap *heap)
{
    const struct event first = heap->list[0], last = heap->list[--heap->n];
    int i = 0;
    for (int child; (child = 2 * i + 1) < heap->n; i = child) {
        if (child + 1 < heap->n && heap->list[child + 1].at < heap->list[child].at)
            child++;
        if (heap->list[child].at >= last.at)
            break;
        heap->list[i] = heap->list[child];
    }
    heap->list[i] = last;
    return first;
}

struct peer {
    gsl_rng *rng;
    double weibull_scale, lognormal_mu;
    double sum, sum_squared, n; // of a term's downtime
    double n_events;
    double n_missed; // months over 262.8 s: some book that the optimiser cannot drop
};

static double draw_up(const struct peer *peer, const struct work *work)
{
    return work->weibull ? gsl_ran_weibull(peer->rng, peer->weibull_scale, 0.7)
                         : gsl_ran_exponential(peer->rng, work->up_s);
}

static double draw_down(const struct peer *peer, const struct work *work)
{
    return work->weibull ? gsl_ran_lognormal(peer->rng, peer->lognormal_mu, 1.2)
                         : gsl_ran_exponential(peer->rng, work->down_s);
}

static void book(double months[N_MONTHS], double from, double to)
{
    const double end = N_MONTHS * MONTH_S;
    to = to < end ? to : end;
    for (int m = (int)(from / MONTH_S); m < N_MONTHS && from < to; m++) {
        const double stop = (m + 1) * MONTH_S < to ? (m + 1) * MONTH_S : to;
        months[m] += stop - from;
        from = stop;
    }
}

static int first_up(const bool *is_up, int n)
{
    for (int i = 0; i < n; i++)
        if (is_up[i])
            return i;
    return -1;
}

// One term, event by event.
static void peer_term(struct peer *peer, const struct work *work)
{
    struct heap heap = {.n = 0};
    bool is_up[MOST_PROVIDERS];
    double months[N_MONTHS] = {0}, down_since = -1, detection_at = -1;
    int active = 0;
    for (int i = 0; i < work->n_providers; i++) {
        is_up[i] = true;
        push(&heap, (struct event){draw_up(peer, work), FAILURE, i});
    }
    while (heap.list[0].at < N_MONTHS * MONTH_S) {
        const struct event event = pop(&heap);
        switch (event.kind) {
        case FAILURE:
            is_up[event.provider] = false;
            push(&heap, (struct event){event.at + draw_down(peer, work), REPAIR, event.provider});
            if (event.provider == active && down_since < 0) {
                down_since = event.at;
                detection_at = event.at + DELAY_S;
                push(&heap, (struct event){detection_at, DETECTION, active});
            }
            break;
        case REPAIR:
            is_up[event.provider] = true;
            push(&heap, (struct event){event.at + draw_up(peer, work), FAILURE, event.provider});
            if (event.provider > active && (down_since < 0 || detection_at >= 0))
                break; // a standby; while a detection is due nobody looks at it
            if (down_since >= 0)
                book(months, down_since, event.at);
            active = event.provider;
            down_since = detection_at = -1;
            break;
        case DETECTION:
            if (event.at != detection_at)
                continue; // cancelled
            detection_at = -1;
            if (first_up(is_up, work->n_providers) < 0)
                break; // the first repair ends it
            book(months, down_since, event.at);
            active = first_up(is_up, work->n_providers);
            down_since = -1;
            break;
        }
        peer->n_events++;
    }
    if (down_since >= 0)
        book(months, down_since, N_MONTHS * MONTH_S);
    double total = 0;
    for (int m = 0; m < N_MONTHS; m++) {
        total += months[m];
        peer->n_missed += months[m] > 262.8;
    }
    peer->sum += total;
    peer->sum_squared += total * total;
    peer->n++;
}

static double peer_rate(struct peer *peer, const struct work *work, uint64_t n)
{
    const double start = now_s();
    for (uint64_t i = 0; i < n; i++)
        peer_term(peer, work);
    return (double)n / (now_s() - start);
}

// --- surety ----------------------------------------------------------------------------------------------------

struct model {
    struct surety_diags diags;
    struct surety_scenario *scenario;
    struct surety_plan *plan;
};

static bool open_model(struct model *model, const struct work *work)
{
    char text[4096], order[64] = "";
    int length = snprintf(text, sizeof text,
                          "surety: 1\nterm: {start: 2027-01-01, months: 12, initial_state: up}\n"
                          "workloads: {calls: {demand: 30/min}}\nproviders:\n");
    for (int i = 0; i < work->n_providers; i++) {
        length +=
            snprintf(text + length, sizeof text - (size_t)length,
                     work->weibull ? "  p%d: {outages: {all: {time_to_failure: {weibull: {shape: 0.7, mean: %.0fs}}, "
                                     "time_to_repair: {lognormal: {mean: %.0fs, sigma: 1.2}}}}}\n"
                                   : "  p%d: {outages: {all: {time_to_failure: %.0fs, time_to_repair: %.0fs}}}\n",
                     i, work->up_s, work->down_s);
        snprintf(order + strlen(order), sizeof order - strlen(order), i > 0 ? ", p%d" : "p%d", i);
    }
    snprintf(text + length, sizeof text - (size_t)length,
             "architectures: {all: {failover: {order: [%s], detect: 30s, switch: 0s, failback: 0s, success: 100%%}}}\n"
             "contract: {window: 730h, availability: {measure: time}}\n",
             order);
    *model = (struct model){.scenario = NULL};
    surety_diags_init(&model->diags, "bench");
    if (surety_scenario_read(surety_registry_get(), "bench.yaml", text, strlen(text), NULL, 0, &model->diags,
                             &model->scenario) == SURETY_OK &&
        surety_plan_create(model->scenario, &model->diags, &model->plan) == SURETY_OK)
        return true;
    surety_diags_print(&model->diags, stderr);
    return false;
}

static void close_model(struct model *model)
{
    surety_plan_destroy(model->plan);
    surety_scenario_destroy(model->scenario);
    surety_diags_finish(&model->diags);
}

// Terms a second; the mean downtime of a window into *mean.
static double surety_rate(struct model *model, uint64_t n, unsigned n_threads, bool general, struct surety_mean *mean)
{
    struct surety_run_options options;
    struct surety_result *result = NULL;
    surety_run_options_default(&options);
    options.n_replications = n;
    options.n_threads = n_threads;
    options.general_walk = general;
    const double start = now_s();
    if (surety_run(model->scenario, model->plan, &options, &model->diags, &result) != SURETY_OK) {
        surety_diags_print(&model->diags, stderr);
        exit(EXIT_FAILURE);
    }
    const double rate = (double)n / (now_s() - start);
    *mean = result->architectures[0].downtime_s;
    surety_result_destroy(result);
    return rate;
}

// --- side by side ----------------------------------------------------------------------------------------------

static void print_rate(const char *who, double rate, double peer_rate, double n_events)
{
    printf("  %-28s reps/s %10.0f   %6.2f ns/event   %5.2f x C+GSL\n", who, rate, 1e9 / rate / n_events,
           rate / peer_rate);
}

static bool measure(const struct work *work, uint64_t n)
{
    struct model model;
    struct peer peer = {.rng = gsl_rng_alloc(gsl_rng_mt19937),
                        .weibull_scale = work->up_s / tgamma(1 + 1 / 0.7),
                        .lognormal_mu = log(work->down_s) - 0.5 * 1.2 * 1.2};
    enum { PEER, ONE, TWO, GENERAL, N_RATES };
    double rates[N_RATES][N_REPEATS], medians[N_RATES], threads[N_REPEATS];
    struct surety_mean mean = {0, 0};
    if (peer.rng == NULL || !open_model(&model, work))
        return false;
    gsl_rng_set(peer.rng, 20261123);
    for (int i = 0; i < N_REPEATS; i++) {
        rates[PEER][i] = peer_rate(&peer, work, n / 4);
        rates[ONE][i] = surety_rate(&model, n, 1, false, &mean);
        rates[TWO][i] = surety_rate(&model, n, 2, false, &mean);
        rates[GENERAL][i] = surety_rate(&model, n, 1, true, &mean);
        threads[i] = rates[TWO][i] / rates[ONE][i];
    }
    for (int k = 0; k < N_RATES; k++)
        medians[k] = median(rates[k], N_REPEATS);
    printf("%s, %.2f events a term (as counted: %.2f)\n", work->title, work->n_events, peer.n_events / peer.n);
    print_rate("C + GSL, heap calendar", medians[PEER], medians[PEER], work->n_events);
    print_rate("surety, 1 thread", medians[ONE], medians[PEER], work->n_events);
    print_rate("surety, 2 threads", medians[TWO], medians[PEER], work->n_events);
    print_rate("surety, general walk", medians[GENERAL], medians[PEER], work->n_events);
    printf("  two threads: %.2f x one\n", median(threads, N_REPEATS));

    const double peer_mean = peer.sum / peer.n, ours = mean.mean * N_MONTHS, our_se = mean.se * N_MONTHS;
    const double peer_se = sqrt((peer.sum_squared / peer.n - peer_mean * peer_mean) / peer.n);
    const double se = sqrt(peer_se * peer_se + our_se * our_se);
    const bool agree = fabs(peer_mean - ours) <= ALPHA_SE * se;
    printf("  mean downtime a year: C+GSL %.3f s, surety %.3f s, %.2f standard errors apart: %s\n", peer_mean, ours,
           fabs(peer_mean - ours) / se, agree ? "agree" : "THEY DIFFER");
    gsl_rng_free(peer.rng);
    close_model(&model);
    return agree;
}

int main(int argc, char **argv)
{
    const uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : N_TERMS;
    bool agree = true;
    gsl_set_error_handler_off();
    if (n < 1000) {
        fputs("usage: bench_ladder [replications >= 1000]\n", stderr);
        return 2;
    }
    for (size_t i = 0; i < sizeof works / sizeof *works; i++)
        agree = measure(&works[i], works[i].n_events > 200 ? n / 4 : n) && agree;
    return agree ? EXIT_SUCCESS : EXIT_FAILURE;
}
