// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_SCENARIO_PLAN_H
#define SURETY_SCENARIO_PLAN_H

#include "sim/base/arena.h"
#include "sim/base/diag.h"
#include "sim/base/err.h"
#include "sim/base/registry.h"
#include "sim/base/sampler.h"
#include "sim/scenario/plan_cost.h"
#include "sim/scenario/plan_latency.h"
#include "sim/scenario/plan_reserved.h"
#include "sim/scenario/plan_loads.h"
#include "sim/scenario/plan_quality.h"
#include "sim/scenario/scenario.h"

#include <stddef.h>
#include <stdint.h>

// The scenario as the engine wants it: flat arrays, integer ids, integer microseconds from the term's start, samplers
// compiled, random streams named. Immutable and hashed.

// Operational time of a weekly rhythm: the integral of the intensity, mean 1, so a week is a week in both clocks.
// Hour h of the week spans [h, h + 1) hours of calendar time and cumulative[h]..cumulative[h + 1] seconds of
// operational time.
#define SURETY_N_GUIDES (16 * SURETY_HOURS_A_WEEK)
#define SURETY_GUIDE_S (3600.0 / 16)
struct surety_plan_rhythm {
    bool flat;
    double cumulative_s[SURETY_HOURS_A_WEEK + 1]; // [168] = 604800
    double slope[SURETY_HOURS_A_WEEK];            // operational seconds per second
    uint8_t guide[SURETY_N_GUIDES]; // the calendar hour in which sixteenth k of an operational hour begins
    int64_t week_offset_us;         // of the term's start from Monday 00:00 in the rhythm's own zone
};

// What an episode of a source does to one provider.
struct surety_plan_effect {
    uint32_t source, provider;
    uint32_t hits_stream, repair_stream;
    double failing;        // share of the provider's requests that fail, in (0, 1]
    double p_hits;         // that an episode touches this provider
    double latency_factor; // on the provider's latency
    double quality_shift;  // of the provider's pass rates
    bool hangs;            // the requests that fail are never answered
};

// Most outages drawn at a time.
#define SURETY_MAX_DRAWS 64

enum surety_source_kind {
    SURETY_SOURCE_OUTAGE,
    SURETY_SOURCE_COMMON_CAUSE,
    SURETY_SOURCE_MAINTENANCE,
    SURETY_SOURCE_RECORD
};

// What providers with a `record` do.
enum surety_record_use {
    SURETY_RECORDS_AS_WRITTEN, // outages where there are any, else the record
    SURETY_RECORDS_DRAWN,      // blocks of the record wherever it has `bootstrap`
    SURETY_RECORDS_DATED       // the record with its own dates; providers without one never fail
};

// What a contract makes of an instant at which the service is down and an episode of the source is on at the serving
// route. EXCLUDED wins over AS_UP, and AS_UP over COUNTED.
enum surety_treatment { SURETY_COUNTED, SURETY_AS_UP, SURETY_EXCLUDED };

// A source of episodes: an outage of one provider, a common cause, a provider's maintenance. Each is a cause of its own
// in the result.
struct surety_plan_source {
    enum surety_source_kind kind;
    const char *path;        // "providers.openai.outages.major", names the streams
    const char *name;        // "openai.major", in results
    const uint32_t *effects; // on each provider that it touches
    size_t n_effects;
    enum surety_treatment treatment; // `exclude`, `availability.maintenance`
    // a renewal process: outages and common causes
    uint32_t stream;
    double mean_up_s, mean_down_s;
    double up_scale, down_scale; // multiply the drawn times
    double p_up;                 // E[U] / (E[U] + E[D]): up at the start
    bool start_up;               // `initial_state: up`: a fresh up time instead of a residual one
    bool own_repair;             // each member draws its own time to repair
    struct surety_sampler up, down, up_residual, down_residual; // seconds
    bool borrows[4];                                            // of those samplers: another plan's tables
    uint64_t law_hash[2];                                       // of the laws of up and down times
    uint64_t laws_hash;                                         // of both laws' parameters, rounded to 40 bits
    double drift, spread;    // of the log of the rate of failures, see uncertain.h; drift 0: none
    double *drift_factor;    // of each window: what a draw multiplies the rate by; NULL: 1
    double drift_from_years; // from the day it begins to the term's start
    uint32_t drift_stream;   // index = window
    size_t n_guess, n_more;  // outages to draw at first; and then at a time
    const struct surety_plan_rhythm *rhythm;
    // a schedule: maintenance
    int64_t first_us, every_us, lasts_us;
    // a record, with mean_up_s, mean_down_s and p_up as it shows them; see models/recorded_episodes.h
    const struct surety_episode *recorded; // from the circle's beginning or, with its own dates, from the term's
    size_t n_recorded;
    int64_t circle_us;          // whole weeks that blocks are drawn from; 0: its own dates
    int64_t block_us, phase_us; // phase: of the term's start in the circle's week
    bool shared;                // `stream` is that of all records with such blocks
    const char *record_sha256;
};

struct surety_plan_credits {
    bool given;
    struct surety_credit_band *ladder;
    size_t n_ladder;
    int64_t cap_ppb, cap_term_ppb;
    int64_t minimum_micro; // a window's credit below is not paid
    double p_claimed;
    uint32_t claims_stream; // index = window
};

// What a provider promises us. credits.n_ladder 0: it gives nothing back.
struct surety_plan_provider_sla {
    int64_t availability_ppb, down_at_ppb;
    struct surety_plan_credits credits;
};

struct surety_plan_provider {
    const char *name;
    uint32_t first_effect, n_effects; // at most 64
    double request_errors;
    double f_normal;   // share failing when no outage is on: 1 - (1 - request_errors), rounded as in the walk
    uint32_t reserved; // index of its reserved units; SURETY_NOT_RESERVED: none
    struct surety_plan_provider_sla sla;
};

// A node of an architecture, children before parents.
struct surety_plan_node {
    const struct surety_node_type *type; // NULL: a leaf
    uint32_t provider;                   // leaf
    const void *params;
    uint32_t first_child, n_children; // into surety_plan_architecture.children
    uint32_t parent;                  // UINT32_MAX: the root
    size_t state_offset;              // into the architecture's state block
    uint32_t stream;
    const char *path;
};

struct surety_plan_architecture {
    const char *name;
    struct surety_plan_node *nodes; // post-order, the root is the last
    uint32_t *children;             // node indices
    uint32_t n_nodes;
    size_t state_size;
    struct surety_latency_grid *latency_grid; // of its composed latencies; NULL: plan->latency is off
    bool borrows_grid;                        // it is that of the plan at the means
};

// Demand of all workloads, for integrals: requests in [a, b) of window w are
// growth[w] * (cumulative(b) - cumulative(a)), summed over workloads.
struct surety_plan_demand {
    double cumulative[SURETY_HOURS_A_WEEK + 1]; // requests since Monday 00:00 at the start's rate
    double rate[SURETY_HOURS_A_WEEK];           // requests per second
    double *growth;                             // n_windows
    const char *name;
    double requests_per_task;
    double *cost_per_request; // of each provider, in currency; tokens that reserved units may carry are not in it
    int64_t week_offset_us;   // of the term's start from Monday 00:00 in the profile's own zone
};

// Money is held in millionths of the scenario's currency.
#define SURETY_MICRO 1e6

struct surety_plan_tier {
    const char *name;
    int64_t promised_ppb;     // availability, as written
    int64_t availability_ppb; // from which reading on it is met: lower where readings are rounded
    bool has_fee;
    int64_t *fee_micro; // of each window: pro rata when it is cut
};

// The hours of the week that count, from Monday 00:00 on: n parts, rising. n 0: all of it.
struct surety_plan_hours {
    size_t n;
    int64_t *from_us, *to_us;
    int64_t week_us; // counted time of a week
};

// What single measures ask for; defaults where the contract's measure is another.
struct surety_plan_measures {
    int64_t cell_us;                 // intervals
    int64_t shortest_run_us;         // minutes: its `minimum_outage`
    int64_t interval_us;             // probes, and all below
    int64_t failures, sites, quorum; // >= 1; sites at most 64
    double false_positive;
    uint32_t probes_stream, alarms_stream, phase_stream; // see models/measure_probes.c
};

struct surety_plan {
    struct surety_arena arena;
    uint64_t hash;
    enum surety_record_use records; // as asked for; draws of uncertain inputs take the same
    int64_t term_us;                // length of the term
    int64_t week_offset_us;         // of the term's start from Monday 00:00, standard time of the zone
    int64_t *window_us;             // n_windows + 1 boundaries, [0] = 0, [n_windows] = term_us
    double *months;                 // of each window: the part of a month's fee that it is worth
    size_t n_windows;
    struct surety_plan_source *sources;
    struct surety_plan_effect *effects; // grouped by provider
    struct surety_plan_provider *providers;
    struct surety_plan_architecture *architectures;
    struct surety_plan_demand *demands; // one per workload
    struct surety_plan_tier *tiers;
    size_t n_sources, n_effects, n_providers, n_architectures, n_demands, n_tiers;
    int measure;
    int64_t down_at_ppb, minimum_outage_us; // the minimum of `time`
    bool has_treatments;                    // some source is not COUNTED
    struct surety_plan_hours hours;
    struct surety_plan_measures measures;
    bool expected_counts;
    struct surety_plan_credits credits;
    struct surety_plan_latency latency;
    struct surety_plan_reserved *reserved; // of the providers that have some and are used
    size_t n_reserved;
    struct surety_plan_week week; // with reserved units
    struct surety_plan_loads loads;
    struct surety_plan_quality quality;
    struct surety_plan_cost cost;
    int64_t terminate_misses, terminate_within; // so many windows missed among so many in a row; 0: no such clause
    double price_per_probe;
    bool has_costs;                                     // some provider has a price
    double credits_at_most, priced_credits_p95_at_most; // NAN: no such rule
    uint32_t counts_stream;                             // of the Poisson draws, index = window
    uint32_t *streams;                                  // all streams handed out, no two alike
    size_t n_streams;
    uint32_t *input_streams; // of each uncertain input of the scenario
    double sign_every_month_met, sign_month_met;
};

// Builds the plan. SURETY_E_INPUT with a diagnostic when the scenario is larger than the engine can hold (a term
// over 200 years, more than 64 outages on one provider), SURETY_E_NUMERIC when a law has no finite table.
enum surety_err surety_plan_create(const struct surety_scenario *scenario, struct surety_diags *diags,
                                   struct surety_plan **out);

// The same with another use of records than the scenario's own. SURETY_RECORDS_DATED leaves common causes out and gives
// SURETY_E_INPUT when the term does not lie inside each record that is used.
enum surety_err surety_plan_create_with(const struct surety_scenario *scenario, enum surety_record_use records,
                                        struct surety_diags *diags, struct surety_plan **out);
// The same without a look at both ends of every range: for many plans of scenarios that differ in a known way.
enum surety_err surety_plan_create_trusted(const struct surety_scenario *scenario, struct surety_diags *diags,
                                           struct surety_plan **out);

void surety_plan_destroy(struct surety_plan *plan); // accepts NULL

// Replications that share one draw of the uncertain inputs.
#define SURETY_GROUP 64

// One draw: what a group of replications runs on.
struct surety_plan_draw {
    struct surety_scenario *scenario;
    struct surety_plan *plan;
    unsigned n_refused; // draws before it whose values contradict each other
};

struct surety_table_cache; // sim/base/sampler_table.h

// Draws the inputs of group `group`, a function of (seed, group): reads the scenario again with them and plans it. `base`
// is the plan of `scenario`, at the means, and lends the draw its tables. Values that contradict each other are drawn
// again, which conditions the inputs on what is possible. tables: the caller's, not shared by threads. values: filled; n of
// the scenario's inputs, then n mean factors by which their rates drift over the term. SURETY_E_INPUT when 64 draws in a row are impossible.
// Same shape as the base plan: only numbers differ. Cost: about 0.1 ms.
enum surety_err surety_plan_draw(const struct surety_scenario *scenario, const struct surety_plan *base, uint64_t seed,
                                 uint64_t group, struct surety_table_cache *tables, double *values,
                                 struct surety_plan_draw *out);
void surety_plan_draw_finish(struct surety_plan_draw *draw);

// The plan of a draw with another outage in the place of one of its own: what surety_plan_draw gives for the scenario
// in which that one stands, as long as no value contradicts itself. `index`: of the provider's outage; of the common
// cause where `provider` is SIZE_MAX. The draw lends the plan what does not change, and must outlive it. SURETY_E_INPUT:
// these values cannot be planned. Not for plans with latencies. Cost: about 10 us.
enum surety_err surety_plan_draw_with(const struct surety_plan_draw *draw, uint64_t seed, uint64_t group,
                                      struct surety_table_cache *tables, size_t provider, size_t index,
                                      const struct surety_outage *outage, struct surety_plan **out);

// Whether the episodes of a source are the same in both plans, replication by replication.
bool surety_plan_same_source(const struct surety_plan *a, const struct surety_plan *b, size_t source);

#endif
