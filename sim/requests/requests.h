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
    size_t outage; // SIZE_MAX: none; else the plan's source that is alone on for outage_s, ten minutes after a world's
                   // start; horizon_s is then what follows it, at least SURETY_STORM_STRETCH_S
    double outage_s;
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
    struct surety_requests_mean refused;                 // visits that limits turned away, per request
    struct surety_requests_mean first_mean_s;            // time to the first token of those that were answered
    struct surety_interval failing_interval; // Wilson, with as many trials as the error over worlds is worth
    bool has_first, has_whole;
    struct surety_requests_quantile first[SURETY_REQUESTS_QUANTILES], whole[SURETY_REQUESTS_QUANTILES];
};

// What becomes of an architecture after an outage that was ordered; all workloads together.
struct surety_requests_storm {
    const char *architecture;
    // In the last stretch of SURETY_STORM_STRETCH_S, and in the same stretch of the same worlds without the outage; all
    // worlds together.
    double failing_end, failing_calm;                    // share of the requests
    double attempts_end, attempts_calm;                  // per request
    uint64_t n_judged;                                   // worlds that are not down there without the outage
    uint64_t n_down;                                     // of them: down all the same
    bool metastable;                                     // some world is
    struct surety_interval share_down;                   // of those judged, Wilson
    double recover_p50_s, recover_p95_s, recover_most_s; // of those judged that are back; NAN: there is none
    double *failing, *attempts; // minute by minute from the world's start: n_minutes of them; NAN: nothing came
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
    bool has_limits;    // of providers
    const char *outage; // that was ordered, as sources are called; NULL: none, and then nothing of what follows
    double outage_s, outage_from_s;       // its length; when in a world it begins
    double outage_failing;                // share of its provider's requests that it fails, the largest of several
    double after_s, down_at;              // what is watched after it; the threshold
    struct surety_requests_storm *storms; // of each architecture
    size_t n_storms, n_minutes;
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
