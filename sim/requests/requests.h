// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_REQUESTS_REQUESTS_H
#define SURETY_REQUESTS_REQUESTS_H

#include "sim/base/diag.h"
#include "sim/requests/tally.h"
#include "sim/requests/trace.h"
#include "sim/requests/world.h"

// The request-level engine: every request of a stretch of time through gateway and provider, in the outage worlds of the
// event engine. For what hangs on single requests, and as the oracle of the event engine's composed laws.

// Worlds are booked in at most so many groups; the errors of percentiles are over them.
#define SURETY_REQUESTS_GROUPS 32

#define SURETY_REQUESTS_QUANTILES 5
extern const double surety_requests_shares[SURETY_REQUESTS_QUANTILES]; // 50 %, 90 %, 95 %, 99 %, 99.9 %

struct surety_requests_options {
    uint64_t seed;      // default 1
    uint64_t n_worlds;  // default 100
    unsigned n_threads; // 0: one per processor; the result does not depend on it
    double confidence;  // of intervals, default 0.95
    const char *kernel; // instruction set by name; NULL: the best
    double horizon_s;   // of each world, default 3600; NAN: the trace's length
    int64_t at_us;      // in the week, from Monday 00:00 of the term's zone; < 0: at any time. Default -1
    const struct surety_requests_trace *trace; // NULL: arrivals by the scenario; else its only workload's
    const struct surety_provider_state *fixed; // for tests: how each provider is, for ever; NULL: by the worlds
    void (*progress)(void *context, uint64_t n_done, uint64_t n_total); // NULL: never
    void *progress_context;
    // For tests: a world of an architecture has been booked. tallies: of its workloads; their histograms hold the group's
    // worlds so far, which come in rising order. From the threads that play, a group always from one. NULL: never.
    void (*booked)(void *context, uint64_t world, size_t architecture, const struct surety_tally *tallies);
    void *booked_context;
};

void surety_requests_options_default(struct surety_requests_options *options);

// One workload at one architecture. Times are of answered requests; NAN where no law says how long they take.
struct surety_requests_row {
    const char *architecture, *workload;
    uint64_t n, n_failed, n_lost;                        // lost: failed and never known to, no timeout ends them
    struct surety_requests_mean failing, attempts, cost; // shares; visits to providers, money per request
    struct surety_interval failing_interval; // Wilson, with as many trials as the error over worlds is worth
    bool has_first, has_whole;
    struct surety_requests_quantile first[SURETY_REQUESTS_QUANTILES], whole[SURETY_REQUESTS_QUANTILES];
};

// Owns its texts.
struct surety_requests_result {
    struct surety_arena arena;
    const char *scenario, *file, *sha256, *currency, *timezone; // file NULL: none; currency "": no money
    struct surety_date term_start;
    uint64_t seed, n_worlds, plan_hash;
    double horizon_s, confidence;
    int64_t at_us, n_starts; // the starts that worlds are spread over; 0: any instant
    bool has_trace;
    struct surety_requests_row *rows; // architecture by architecture, its workloads in the file's order
    size_t n_rows, n_workloads;
    const char **assumptions, **defaults_used, **warnings;
    size_t n_assumptions, n_defaults_used, n_warnings;
    double wall_s;
    unsigned n_threads;
};

// Plays. World r begins at the start number floor(n frac(r phi)) of the n that fit into the term, phi the golden ratio:
// evenly spread for any number of worlds. SURETY_E_INPUT with a diagnostic when the horizon does not fit, a world has too
// many requests, a trace meets several workloads or a node is not supported; SURETY_E_MEMORY; SURETY_E_SYSTEM.
enum surety_err surety_requests_run(const struct surety_scenario *scenario, const struct surety_plan *plan,
                                    const struct surety_requests_options *options, struct surety_diags *diags,
                                    struct surety_requests_result **out);
void surety_requests_result_destroy(struct surety_requests_result *result); // accepts NULL

#endif
