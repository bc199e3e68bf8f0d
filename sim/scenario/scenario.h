// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_SCENARIO_SCENARIO_H
#define SURETY_SCENARIO_SCENARIO_H

#include "sim/base/arena.h"
#include "sim/base/calendar.h"
#include "sim/base/diag.h"
#include "sim/base/err.h"
#include "sim/base/law.h"
#include "sim/base/registry.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What a scenario file says, checked and complete: every default filled in, every name resolved, SI units (seconds,
// requests per second, currency per token). Immutable once read; everything lives in its arena.

#define SURETY_HOURS_A_WEEK 168

struct surety_uncertain; // sim/scenario/uncertain.h

enum surety_initial_state { SURETY_START_STATIONARY, SURETY_START_UP };

struct surety_tz;      // sim/base/tz.h
struct surety_episode; // sim/base/episode.h

struct surety_term {
    struct surety_date start;
    int64_t months;               // >= 1: calendar months, or windows of surety_contract.window_s
    const char *timezone;         // IANA name
    const struct surety_tz *zone; // its rules
    int initial_state;            // enum surety_initial_state
    struct surety_place place;    // of `months`, or of the term; line 0: neither is written
};

// Weights of the 168 hours of the week, hour 0 is Monday 00:00, scaled to mean 1.
struct surety_profile {
    bool flat;
    double weight[SURETY_HOURS_A_WEEK];
    const char *timezone;         // in which the hours are read, NULL: the term's
    const struct surety_tz *zone; // its rules
};

struct surety_workload {
    const char *name;
    int kind;          // index into surety_workload_kinds (models/demand.h); -1: none given
    double rate_per_s; // model requests, mean over the week at the term's start
    struct surety_profile profile;
    double growth;                                 // per window, compound: 0.02
    double burstiness;                             // coefficient of variation of the times between requests
    struct surety_law input_tokens, output_tokens; // per request
    double share_cached_input;
    double requests_per_task;
    double task_s; // how long a task takes; NAN: nobody asks
    struct surety_place place;
};

enum surety_fails { SURETY_FAILS_ERROR, SURETY_FAILS_HANG };

// An outage source of one provider: alternates up and down, see SEMANTICS "Outages".
struct surety_outage {
    const char *name;
    struct surety_law time_to_failure, time_to_repair; // seconds; `incidents` is solved into time_to_failure
    double incidents_per_s, incidents_shape;           // as written; 0: time_to_failure was; shape NAN: none
    int64_t failing_ppb;                               // share of requests that fail while it is down
    int fails;                                         // enum surety_fails: how they do
    double latency_factor;                             // on the latency while it is down; NAN: none
    double p_hits;                                     // that an episode touches us at all
    double quality_shift;                              // of the pass rates while it is down; NAN: none
    double drift, spread;                              // of the log rate, see uncertain.h; drift 0: none
    struct surety_date drifts_from;                    // the day on which it begins
    struct surety_place place;
};

// Planned downtime of one provider: first at the first such time of the week at or after the term's start.
struct surety_maintenance {
    bool given;
    int64_t week_s; // seconds since Monday 00:00
    double lasts_s, every_s;
    int64_t failing_ppb;
    struct surety_place place;
};

// A source whose episodes hit several providers.
struct surety_common_cause {
    struct surety_outage outage; // p_hits: drawn for each episode and member
    size_t *members;             // provider indices
    size_t n_members;
    int repair;   // 0: shared; 1: each member draws its own time to repair
    int included; // 1: the members' own start rates are lowered by its share
    struct surety_profile weekly_rhythm;
};

struct surety_price { // per token, per request, per task, per second of a task; in the scenario's currency
    bool given;
    double input_per_token, cached_input_per_token, output_per_token, per_request, per_task, per_s;
};

enum surety_overload { SURETY_OVERLOAD_FAIL, SURETY_OVERLOAD_NEXT };

// Time of one step of a server that works on several requests at once: step_s + per_request_s x requests.
struct surety_batch {
    bool given;
    double step_s, per_request_s;
};

// What a provider can carry.
struct surety_capacity {
    bool given;
    int64_t concurrency;                           // requests at a time; 0: no limit
    double requests_per_minute, tokens_per_minute; // NAN: no limit
    double burst_s;                                // so much of these two can be saved up
    double queue;                                  // requests that may wait for a place; INFINITY: any number
    int overload;                                  // enum surety_overload
    struct surety_batch batch;
    struct surety_place place;
};

// How long a provider takes, in seconds.
struct surety_latency_laws {
    bool given;
    struct surety_law first_token;
    struct surety_law per_output_token; // with has_per_token
    bool has_per_token;                 // else an answer is complete with its first token
};

// A provider's prices are multiplied from a date on, or again and again at a rate.
struct surety_price_change {
    struct surety_date date; // with has_date
    bool has_date;
    double rate_per_s, factor, notice_s;
};

// New versions of a provider's model that are worse, found by evals of ours and taken back.
struct surety_model_changes {
    bool given;
    double rate_per_s, p_worse;
    struct surety_law drop; // percentage points
    struct surety_eval {
        bool given;
        const char *suite_name;
        size_t suite; // its index
        int64_t n_cases;
        double every_s;
        int64_t below_ppb; // the alarm: a run that reads less
        double rollback_s; // from the alarm until the version before is back
    } evals;
    struct surety_place place;
};

// The share of a suite's cases that a provider's answers pass; of a suite, or of one of its named scenarios.
struct surety_pass_rate {
    const char *name;
    double pass_rate;
};

enum surety_overflow { SURETY_OVERFLOW_ON_DEMAND, SURETY_OVERFLOW_REJECT };

// Units of one kind: so many tokens a minute each, at a price.
struct surety_units {
    double units;              // >= minimum, a whole number of increments
    double tokens_per_minute;  // of one unit
    double minimum, increment; // what is sold
    double price_per_month;    // of one unit
    bool priced_by_time;       // the price was per hour, day or week: a month counts by its length
};

// Reserved units of a provider: throughput that is paid for, used or not.
struct surety_reserved {
    bool given;
    struct surety_units units;  // of all tokens by their weights; of input tokens alone with `output`
    struct surety_units output; // with has_output: of output tokens, bought apart
    bool has_output;
    double output_weight, cached_weight; // input tokens that an output token, a cached input token counts as
    double term_s;                       // one commits for at least that long; 0: none
    int overflow;                        // enum surety_overflow
    struct surety_place place;
};

// Where a provider's figures come from; printed among the assumptions. NULL and 0: not said.
struct surety_source_note {
    const char *what, *licence;
    bool has_from, has_until;
    struct surety_date from, until; // the record's first and last day
    int64_t n_incidents;
};

// What a record shows of one provider under one share of failing requests. Its episodes overlap no other source's.
struct surety_recorded_source {
    const char *name; // "partial": the grade; a second share of a grade is "partial-2"
    int grade;        // enum surety_grade of sim/record/record.h
    int64_t failing_ppb;
    struct surety_episode *list; // microseconds of Unix time, rising and disjoint
    size_t n;
};

// A word of a record's severity and what it means (enum surety_grade of sim/record/record.h).
struct surety_recorded_word {
    const char *word;
    int grade;
};

// A provider's `record`: the keys as written, then what was read.
struct surety_provider_record {
    bool given;
    const char *file, *format, *component, *provider, *day_zone, *reports; // NULL: not said
    const char *start_column, *end_column, *severity_column, *component_column, *id_column, *provider_column,
        *share_column;
    struct surety_recorded_word *words; // `grades`, n_words of them
    size_t n_words;
    int severities; // index into surety_severity_profiles (sim/record/severity.h)
    double failing_degraded, failing_partial, failing_major, failing_maintenance; // has_failing; NAN: the profile's
    int from_stages, until_monitoring, drop_disordered, drop_open, alone;         // words: 1 is yes
    double longest_s;                                                             // NAN: no cap
    bool has_from, has_until, has_origin, has_failing;
    struct surety_date from, until, origin;
    double bootstrap_s; // length of a block; NAN: played with its own dates
    // read
    char sha256[65];
    int64_t from_us, until_us; // watched; Unix time
    struct surety_recorded_source *sources;
    size_t n_sources, n_outages;
    // Blocks are drawn from whole weeks that all records with blocks of this length have in common. 0 weeks: not used.
    int64_t common_from_us, n_weeks;
    struct surety_place place;
};

// A band of the ladder of credits: availability below `below` costs `credit` of the window's fee.
struct surety_credit_band {
    int64_t below_ppb; // SURETY_BELOW_TARGET: the tier's own target
    int64_t credit_ppb;
};

#define SURETY_BELOW_TARGET (-1)

struct surety_credits {
    bool given;
    struct surety_credit_band *ladder; // n_ladder, as written
    size_t n_ladder;
    int64_t cap_ppb;      // of the window's fee; INT64_MAX: none
    int64_t cap_term_ppb; // of a mean window's fee; INT64_MAX: none
    double p_claimed;     // that the customer claims, per window
    double minimum;       // a window's credit below is not paid, in currency; NAN: all are
};

// What a provider promises us, and gives back of our bill with it.
struct surety_provider_sla {
    bool given;
    int64_t availability_ppb;
    int64_t down_at_ppb;           // it counts as down from this share of failing requests on
    struct surety_credits credits; // ladder, cap, p_claimed; n_ladder 0: none
    struct surety_place place;
};

struct surety_provider {
    const char *name, *note; // note: NULL when absent
    struct surety_source_note source;
    struct surety_outage *outages;
    size_t n_outages; // 0: `outages: none`
    struct surety_profile weekly_rhythm;
    struct surety_maintenance maintenance;
    struct surety_provider_record record; // without outages it takes their place; else it is compared with them
    int64_t request_errors_ppb;
    struct surety_price price;
    struct surety_reserved reserved;
    struct surety_latency_laws latency;
    bool has_retires;
    struct surety_date retires; // the first day on which it is gone
    struct surety_capacity capacity;
    struct surety_price_change *price_changes; // n_price_changes
    size_t n_price_changes;
    struct surety_pass_rate *quality; // n_quality
    size_t n_quality;
    struct surety_model_changes model_changes;
    struct surety_provider_sla sla;
    bool used;        // by at least one architecture
    bool is_stand_in; // stands under an architecture, not under `providers`
    double seat_s;    // a stand-in with seats (capacity.concurrency): how long a task takes one; NAN: the workload's
    struct surety_place place;
};

// A node of an architecture. type NULL: a leaf, the provider `provider`.
struct surety_node {
    const struct surety_node_type *type;
    size_t provider;
    void *params; // type->params_size bytes, settled
    struct surety_node **children;
    size_t n_children;
    const char *path; // "architectures.both.failover.order[0]"
    struct surety_place place;
};

struct surety_architecture {
    const char *name;
    struct surety_node *root;
};

enum surety_metric { SURETY_METRIC_FIRST_TOKEN, SURETY_METRIC_END_TO_END, SURETY_METRIC_PER_STEP };
enum surety_over { SURETY_OVER_REQUESTS, SURETY_OVER_INTERVALS };
enum surety_failed_as { SURETY_FAILED_OUTSIDE, SURETY_FAILED_INFINITE };

// What a tier promises of one workload's latency: `percentile` of it is at most target_s in each window.
struct surety_latency_target {
    const char *name; // of the workload
    size_t workload;  // its index
    int metric;       // enum surety_metric
    double percentile, target_s;
    int over; // enum surety_over
    int64_t cells_met_ppb;
    int failed_as;    // enum surety_failed_as
    int64_t n_probes; // a window; 0: all requests
    struct surety_place place;
};

enum surety_suite_kind {
    SURETY_SUITE_CASES,     // a set of cases, run on dates; the pass rate of a window's runs together
    SURETY_SUITE_SCENARIOS, // the same of each named scenario, all of which have to reach the rate
    SURETY_SUITE_ISSUES     // no runs: users report tasks that went wrong
};

// What quality is measured by.
struct surety_suite {
    const char *name;
    int kind;                        // enum surety_suite_kind
    int64_t n_cases;                 // of a run; of scenarios: of each of them; issues: 0
    double every_s;                  // from the term's start, the first at once; issues: NAN
    double sensitivity, specificity; // of the judge, P(judged pass | pass), P(judged fail | fail)
    int adjusted;                    // 1: the reading is corrected by the judge's errors
    const char **scenarios;          // n_scenarios names
    size_t n_scenarios;
    double reported, false_reports; // issues: P(reported | task failed its user), P(reported | it did not)
    const char *workload_name;      // whose requests weigh the routes; NULL: all
    size_t workload;                // its index; SIZE_MAX: all
    double per_case;                // what one case costs in a run; NAN: a request
    struct surety_place place;
};

struct surety_quality {
    bool given;
    struct surety_suite *suites; // n_suites
    size_t n_suites;
    double wrong_at_most; // what P(false breach) and P(missed breach) may be, for the size of the sample
};

// What a tier promises of one suite.
struct surety_quality_target {
    const char *name;                      // of the suite
    size_t suite;                          // its index
    int64_t pass_rate_ppb, issue_rate_ppb; // at least, at most; 0: not given
    bool has_pass_rate, has_issue_rate;
    struct surety_place place;
};

// What a tier promises of cost; NAN: nothing.
struct surety_cost_promise {
    bool given;
    double per_task;                // a window's cost / its tasks
    double per_request, percentile; // of the costs of single answers
    double per_month;               // a window's cost, pro rata
    double over_forecast;           // at most so much above the cost when all works
    const char *workload_name;      // of per_task and per_request; NULL: all
    size_t workload;                // its index; SIZE_MAX: all
    struct surety_place place;
};

struct surety_tier {
    const char *name;
    int64_t availability_ppb;
    struct surety_latency_target *latency; // n_latency
    size_t n_latency;
    struct surety_quality_target *quality; // n_quality
    size_t n_quality;
    struct surety_cost_promise cost;
    double fee_per_month;      // the contract's where the tier has none of its own; NAN: no fee anywhere
    struct surety_place place; // of its fee
};

struct surety_sign_rule { // NAN: not given
    double every_month_met, month_met;
    double credits_at_most; // expected credits as a share of the term's fees
};

// Parts of a week that count, in minutes from Monday 00:00, rising and apart. n 0: all of it.
struct surety_hours {
    size_t n;
    int *from_min, *to_min;
};

// An alert on the error budget, see models/alerts.h.
struct surety_alert {
    const char *name;
    double long_s, short_s, burn;
    int severity; // index into surety_alert_severities
};

enum surety_maintenance_counts { SURETY_MAINTENANCE_DOWN, SURETY_MAINTENANCE_EXCLUDED, SURETY_MAINTENANCE_UP };

// When the customer may leave: `misses` windows missed among `within` in a row.
struct surety_terminate {
    bool given;
    int64_t misses, within;
};

struct surety_contract {
    double fee_per_month; // NAN: none
    double window_s;      // 0: calendar windows; else back-to-back windows of this length
    int window_months;    // calendar windows: months in one, 1 or 3; 0: window_s
    struct surety_sign_rule sign_when;
    double priced_credits_p95_at_most; // share of the term's fees
    struct surety_credits credits;
    struct surety_quality quality;
    struct surety_terminate terminate;
    int64_t round_ppb;         // availability is read in multiples of this; 0: as it is
    double price_per_probe;    // NAN: nothing
    double price_notice_s;     // ceilings of cost follow a price so long after it was told; NAN: never
    struct surety_tier *tiers; // lowest first
    size_t n_tiers;
    struct surety_alert *alerts; // n_alerts
    size_t n_alerts;
    int measure; // index into surety_meter_types (models/measurement.h)
    int64_t down_at_ppb;
    double minimum_outage_s;
    bool expected_counts;     // `counts: expected`: no Poisson draw around the failed requests
    bool outages_are_minutes; // minimum_outage_s belongs to `minutes`, not to `time`
    double cell_s;            // intervals
    double interval_s;        // probes, and all below
    int64_t failures, sites, quorum;
    double false_positive;
    int maintenance;             // enum surety_maintenance_counts
    bool exclude_upstream;       // failures of providers do not count
    const char **exclude_causes; // nor those of these causes, as results name them
    size_t n_exclude_causes;
    struct surety_hours hours;
    struct surety_place place, interval_place; // of the contract; of `interval`, or of the contract
};

struct surety_scenario {
    struct surety_arena arena;
    const char *name, *file, *currency; // currency: "" when no money occurs
    char sha256[65];                    // of the file's bytes (before --set)
    struct surety_term term;
    struct surety_workload *workloads;
    struct surety_provider *providers;
    struct surety_common_cause *common_causes;
    struct surety_architecture *architectures;
    struct surety_contract contract;
    const char **contract_names; // of `contracts`, in the order of the file; this scenario holds the selected one
    size_t n_contract_names;     // 0: the file has one `contract`
    const char *contract_path;   // "contract"; "contracts.retail": customers claim each for himself
    size_t n_workloads, n_providers, n_common_causes, n_architectures;
    const char **defaults_used; // "architectures.both.failover.switch: 15s", in the order of the file
    const char *text;           // the file's bytes as they were read, NUL-terminated
    const char **overrides;     // "path=value", in the order given
    size_t n_overrides;
    const char **assumptions; // sentences for the reader of a report: each provider's note with its name
    size_t n_defaults_used, n_assumptions;
    size_t n_block_assumptions;         // the last ones of them are about drawing blocks of records
    struct surety_uncertain *uncertain; // inputs with a law in the place of a value, here at their means; NULL: none
};

// One `--set PATH=VALUE`: replaces or adds a value before anything is checked. VALUE is a YAML value.
struct surety_override {
    const char *path, *value;
};

// Reads a scenario from `length` bytes of YAML. `diags` takes all mistakes and warnings; with an error nothing is
// stored and SURETY_E_INPUT (or SURETY_E_MEMORY) is returned. `file` is printed in messages and gives the default
// name. On success the caller calls surety_scenario_destroy.
enum surety_err surety_scenario_read(const struct surety_registry *registry, const char *file, const char *text,
                                     size_t length, const struct surety_override *overrides, size_t n_overrides,
                                     struct surety_diags *diags, struct surety_scenario **out);

// The same, where the file may have a map of several `contracts`: the one named `contract` is read as if it stood alone
// under `contract`; NULL: the first.
enum surety_err surety_scenario_read_contract(const struct surety_registry *registry, const char *file,
                                              const char *text, size_t length, const struct surety_override *overrides,
                                              size_t n_overrides, const char *contract, struct surety_diags *diags,
                                              struct surety_scenario **out);

// A scenario with uncertain inputs read again with other values: values[i] is that of uncertain->inputs[i], in SI units.
// Texts, notes and defaults are left out; `base` must outlive it. SURETY_E_INPUT with diagnostics when the values
// contradict each other. Cost: about 0.1 ms.
enum surety_err surety_scenario_redraw(const struct surety_scenario *base, const double *values,
                                       struct surety_diags *diags, struct surety_scenario **out);

// The same from a file, at most 1 MiB; "-" is standard input. The text is kept by `diags` for its caret lines.
enum surety_err surety_scenario_load(const struct surety_registry *registry, const char *file,
                                     const struct surety_override *overrides, size_t n_overrides,
                                     struct surety_diags *diags, struct surety_scenario **out);

void surety_scenario_destroy(struct surety_scenario *scenario); // accepts NULL

#endif
