// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_RESULT_H
#define SURETY_ENGINE_RESULT_H

#include "sim/base/arena.h"
#include "sim/engine/story.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What a run found. Reporters read this and nothing else. Everything lives in the result's arena, which also holds
// copies of the names: the scenario and the plan may be gone.

// A probability with the interval of its Monte Carlo error at the run's confidence.
struct surety_probability {
    double p, lo, hi;
    // With uncertain inputs p is the mean over what they may be, and lo..hi bounds its Monte Carlo error, over groups.
    bool has_ignorance;
    double ignorance_lo, ignorance_hi; // between which p lies as the inputs vary, at the run's confidence
    double trials;                     // independent ones worth as much as the terms in their groups
    double ignorance_share;            // of the variance of one term's outcome: what knowing the inputs would explain
};

// An uncertain input, in the unit.
struct surety_input_result {
    const char *path, *law, *unit; // "between 20d and 45d"; "s", "1/s", "USD", ""
    double mean, p05, p95;
    double correlation; // of ranks, with the windows that the verdict's tier meets; NAN: nothing varies
};

struct surety_mean {
    double mean, se; // se: standard error over replications
};

// Nearest-rank quantiles; a result prints those that its place in result v1 names.
struct surety_quantiles {
    double p01, p05, p50, p95, p99;
};

// Number of windows of a length bin; downtime in seconds, the bin's midpoint (0 is exact).
struct surety_histogram_bin {
    double downtime_s;
    uint64_t n_windows;
};

// Number of windows by unavailability with the contract's measure; the bin's midpoint (0 is exact, else within 0.1 %).
struct surety_unavailability_bin {
    double unavailability; // in [0, 1]
    uint64_t n_windows;
};

// A point of an exceedance curve: P(value > x) = p.
struct surety_exceedance {
    double x, p;
};

enum surety_outcome { SURETY_OUTCOME_NO, SURETY_OUTCOME_PRICED, SURETY_OUTCOME_SAFE }; // rising

// One dimension of a tier by itself.
struct surety_dimension_result {
    struct surety_probability month_met, term_met;
};

// A promise of latency: `percentile` of the metric is at most target_s in each window.
struct surety_promise_result {
    const char *workload, *metric; // "calls", "first_token"
    double percentile, target_s;
    const char *how;  // how it is judged, where that is not by all requests: " in 98 % of 5-minute cells"; else ""
    double month_met; // windows in which it holds / windows
};

// A promise of quality in a window.
struct surety_quality_promise {
    const char *suite, *kind;                // "golden"; "cases", "scenarios", "issues"
    double rate;                             // promised: pass rate, at least; of issues their rate, at most
    double month_met;                        // read as met
    double p_false_breach;                   // the true rate is as promised, and what is read is not
    double p_missed_breach;                  // the other way round
    double p_false_if_good, p_missed_if_bad; // the same among windows that are as promised, and that are not; NAN: none
    double cases;                            // of a window's runs, mean
    double read_lo, read_hi;                 // Clopper and Pearson's interval of a window that reads just the promise
    uint64_t n_sample; // cases a window with which both errors are at most `wrong`; 0: no number is
    double wrong, bad; // against a service as far below the promise as this one is above
};

// A promise of cost in a window.
struct surety_cost_result {
    const char *what;     // "per task", "per request at p95", "a month", "over the forecast"
    const char *workload; // NULL: all
    double limit;         // money, or a share over the forecast
    bool is_share;
    double month_met;
};

#define SURETY_RESULT_DIMENSIONS 4 // availability, latency, quality, cost

// Tiers that promise quality or cost.
struct surety_joint_result {
    bool given;
    bool has[SURETY_RESULT_DIMENSIONS]; // promised
    const char *name[SURETY_RESULT_DIMENSIONS];
    struct surety_dimension_result dimension[SURETY_RESULT_DIMENSIONS];
    double correlation[SURETY_RESULT_DIMENSIONS]
                      [SURETY_RESULT_DIMENSIONS]; // of holding in one window; NAN: one is certain
    double first[SURETY_RESULT_DIMENSIONS]; // of the terms with a miss: share whose first one is of this dimension
    struct surety_quality_promise *quality;
    struct surety_cost_result *cost;
    size_t n_quality, n_cost;
};

// What the customer's right to leave comes to.
struct surety_termination_result {
    bool given;
    uint64_t misses, within;
    struct surety_probability p; // that a term gives it
    double mean_window;          // in which it arises, from 1; NAN: never
    double fees_per_term;        // fees of the windows after it, mean; NAN: no fee
};

struct surety_tier_result {
    const char *name;
    double target;        // availability promised, in [0, 1]
    double budget_s;      // downtime that a window of mean length may have; `time` only, else NAN
    double fee_per_month; // NAN: none given; then credits and margin are NAN too
    enum surety_outcome outcome;
    bool signable;                       // outcome is safe
    struct surety_probability month_met; // windows met / windows
    struct surety_probability term_met;  // terms with every window met / terms
    // Tiers that promise latency too: month_met and term_met are of all dimensions in the same window.
    struct surety_promise_result *promises;
    size_t n_promises;                                    // 0: availability alone
    struct surety_dimension_result availability, latency; // with promises
    double dimension_correlation;                         // of the two in one window; NAN: one is certain
    const char *binds;                                    // the one that holds less often; NULL: availability alone
    struct surety_joint_result joint;
    struct surety_termination_result termination;
    bool has_recovered;                       // providers give credits
    struct surety_mean net_exposure_per_term; // credits less those of the providers, money
    double net_exposure_p95;
    struct surety_mean breaches_per_term;       // windows missed in a term
    struct surety_quantiles breaches_quantiles; // of the same
    bool has_credits;                           // a fee and a ladder are given
    struct surety_mean credits_per_term;        // money
    struct surety_quantiles credits_quantiles;  // over terms
    double credits_cvar95;                      // mean of the worst 5 % of terms
    struct surety_exceedance *credits;          // over terms, rising in x
    size_t n_credits;
    bool has_margin;                     // a fee is given
    struct surety_mean margin_per_month; // fee - cost - credits
    double margin_p05;                   // over windows
    double fee_for_risk_per_month;       // the credits' price: mean + (CVaR95 - mean) / 2, a month; NAN: none
};

// Where the service's downtime comes from: a share of it, all shares of a list sum to 1 (or the list is empty).
struct surety_share {
    const char *name; // "detection"; "openai.major"
    double share;
};

// Cost of one workload's tasks.
struct surety_task_cost {
    const char *workload;
    double mean, p95; // of a window's cost / tasks attempted
};

// What the architecture would read by another measure, on the same worlds: the first n_measured replications. The
// measure's own keys are at their defaults.
struct surety_measure_result {
    const char *name; // "requests"
    struct surety_mean availability;
    double *month_met;                         // of each tier: windows met / windows
    struct surety_mean *more_credits_per_term; // of each tier, money: credits beyond those by the contract's measure;
                                               // has a meaning where the tier has credits
};

// Of a window's percentile, over the recorded terms. INFINITY: beyond what was computed; NAN: nothing was answered.
struct surety_latency_quantiles {
    double p05, p25, p50, p75, p95;
};

struct surety_latency_months_result {
    double percentile; // of a window's answered requests: 95
    struct surety_latency_quantiles *windows;
};

// A metric of latency, over the requests that were answered, in all terms that were recorded. INFINITY: beyond what was
// computed.
struct surety_latency_metric {
    bool given;
    double p50_s, p95_s, p99_s;
    double month_p05_s, month_p50_s, month_p95_s; // quantiles over windows of the window's 95th percentile
    struct surety_exceedance *cdf;                // P(metric <= x) = p, rising
    size_t n_cdf;
    struct surety_latency_months_result *months; // window by window: p95, and what tiers promise of it; rising
    size_t n_months;
};

// Requests sent to a provider per request that the architecture gets: retries, copies and members of chains count.
struct surety_sent_result {
    const char *provider;
    double per_request;     // of all
    double per_request_out; // of those that come while an outage is on; NAN: none does
    double most;            // at any time
};

// NAN: no request came so. Without an answer what is per request served is INFINITY; without prices cost is NAN.
struct surety_traffic_ratios {
    double sent_per_request, sent_per_served, cost_per_served;
};

// What an architecture sends for what it gets, all workloads together.
struct surety_traffic_result {
    uint64_t n_terms;                            // recorded; 0: not known
    double share_out;                            // of the requests: come while an outage is on that matters to it
    struct surety_traffic_ratios all, well, out; // well: while none is; out: while one is
    struct surety_sent_result *sent;             // of each provider that gets any, in the scenario's order
    size_t n_sent;
};

struct surety_latency_result {
    const char *workload;
    double share_failing;            // of its requests
    struct surety_sent_result *sent; // in the scenario's order, of the recorded terms
    size_t n_sent;
    struct surety_latency_metric first_token, end_to_end;
    const char *usual_kind, *usual_metric; // what customers of this kind usually ask for at p95; NULL: not known
    double usual_s, usual_share;           // and the share of the requests that keeps it
};

// What one promise reads as it is, and at the level at which the tier is just signable. NAN: not known there.
struct surety_internal_promise {
    const char *what;   // "p95 of first_token of calls", "golden", "per task"
    const char *unit;   // "s", "1" (a share), or the currency
    bool more_is_worse; // else at least `target` is promised
    double target, now, at;
    double within_now, within_at; // latency, cost per request: share of the requests within the target; else NAN
};

// To what level one dimension may be run, the others as they are. Latency and cost: `change` times as much of it; quality:
// pass rates lower by `change`.
struct surety_internal_dimension {
    const char *name; // "latency", "quality", "cost"
    double change;    // NAN: there is none
    struct surety_internal_promise *promises;
    size_t n_promises;
    uint64_t n_terms;    // that the search walked
    const char *because; // why there is none; NULL: there is one
};

// To what mean availability the architecture has to be run so that the verdict's tier is just signable: all failures
// come `intensity` times as often as they do. Then the same for the other dimensions that the tier promises.
struct surety_internal_slo {
    const char *tier;
    double availability, se;
    double intensity;
    uint64_t n_terms;    // that the search walked
    const char *because; // why there is none; NULL: there is one
    struct surety_internal_dimension dimensions[SURETY_RESULT_DIMENSIONS - 1];
    size_t n_dimensions;
};

// What an alert on the burn rate would say over the terms that were walked. NAN: there was none to speak of.
struct surety_budget_alert {
    const char *name, *severity;
    double long_s, short_s, burn;
    double share_of_budget;            // that is gone when the long window has burnt at just this rate
    double fires_per_month;            // begins to fire, in 365/12 d
    double false_per_month;            // in windows that keep the promise
    double detect_p50_s, detect_p95_s; // from the beginning of the loss under way (or the last one) to the alert
    double breaches_preceded;          // share of the windows whose budget is used up that had it fire before
    double lead_p50_s;                 // from its last firing before to the end of the budget, in those
};

#define SURETY_BUDGET_QUANTILES 5 // 5, 25, 50, 75, 95 %

// The error budget of the verdict's tier over a window.
struct surety_budget {
    const char *dimension;                   // "availability", "latency", "quality", "cost"
    const char *promise;                     // "p95 of first_token of calls within 0.5 s"; of availability ""
    const char *note;                        // what its alerts cannot tell, a sentence; "": nothing
    const char *tier, *how;                  // how loss is judged: "share of the time that is down"
    double share;                            // 1 - target; of money 1
    size_t n_days;                           // of the longest window
    double (*left)[SURETY_BUDGET_QUANTILES]; // of each day's end, day 0 among them: share of the budget that is left
    double *p_gone;                          // of each day's end: the budget is used up
    struct surety_budget_alert *alerts;      // n_alerts: of the contract, then `any` of them
    size_t n_alerts;
    uint64_t n_terms;
};

// Reserved units in one hour of the week: tokens that come and that are carried as shares of what the units can carry,
// and the share of the tokens that come which do not fit.
struct surety_reserved_hour {
    double offered, carried, overflow;
};

// What a provider's reserved units did. Tokens are counted by their weights.
struct surety_reserved_result {
    const char *provider;
    bool rejects;                                       // what overflows fails; else it is billed on demand
    double units, output_units;                         // output_units: NAN, output tokens have no units of their own
    double tokens_per_minute, output_tokens_per_minute; // that all units carry; NAN as above
    double fee_per_month;
    double utilisation, output_utilisation;            // carried / what can be carried; NAN as above
    double overflow;                                   // share of the tokens that come
    double overflow_cost_per_month, without_per_month; // money: of what overflows; of all tokens on demand
    double break_even;                        // utilisation from which reserving costs less; NAN: tokens are free
    double moved_time;                        // share of the time in which more tokens come than normally
    double moved_utilisation, moved_overflow; // then; NAN: never
    double normal_share, most_share;          // requests that come per request of the architecture
    struct surety_reserved_hour normal[168], most[168]; // from Monday 00:00 on, means over the term
};

// What a limited provider makes of a load; the load is that of its tightest limit, 1: all that it can carry.
struct surety_load_result {
    double load;
    double share_refused;
    double wait_p95_s; // of the requests that are answered; INFINITY: longer and longer
};

// How full a provider with limits is, over all terms.
struct surety_capacity_result {
    const char *provider;
    double load_mean, load_peak; // see above
    double saturated_h;          // hours a month in which its load is at least 1
    double saturated_normal_h;   // of these: while no other provider of the architecture has an outage
    double share_refused;        // of the requests that reach it
    struct surety_after_result { // the same while `provider` has an outage, falling; at least a second a month
        const char *provider;
        double saturated_h;
    } * after;
    size_t n_after;
    double hour_load[168],
        hour_refused[168];              // of each hour of the week, Monday 00-01 first, standard time of the term's
                                        // zone: mean load, mean share refused
    struct surety_load_result *by_load; // rising
    size_t n_by_load;
};

// What a suite measures.
struct surety_quality_result {
    const char *suite, *scenario; // scenario NULL: the suite as a whole
    double mean, p05;             // true pass rate of a window, over windows
    bool issues;                  // read_mean is the share of the tasks that is reported
    double read_mean;             // what the runs read
};

struct surety_architecture_result {
    const char *name;
    struct surety_mean availability;              // by the contract's measure, mean over replications
    struct surety_quantiles month_availability;   // over all windows of all replications
    struct surety_quantiles term_availability;    // of a term's own availability, over replications
    struct surety_quantiles worst_month;          // of a term's worst window
    struct surety_quantiles p10_month;            // of a term's window at nearest rank 10 %
    struct surety_mean downtime_s;                // a window
    struct surety_quantiles downtime_quantiles_s; // over windows
    struct surety_histogram_bin *histogram;       // bins with at least one window, rising
    size_t n_histogram;
    struct surety_unavailability_bin *unavailability; // bins with at least one window, rising
    size_t n_unavailability;
    struct surety_share *downtime_by; // phases with a share, the fixed order of phases
    struct surety_share *causes;      // falling
    size_t n_downtime_by, n_causes;
    struct surety_measure_result *by_measure; // other measures than the contract's; only if asked for
    size_t n_by_measure;
    struct surety_traffic_result traffic;
    struct surety_latency_result *latency; // of each workload; only where all routes have a latency
    size_t n_latency;
    uint64_t n_latency_terms;                // that were recorded for it
    struct surety_capacity_result *capacity; // of each provider with limits
    size_t n_capacity;
    double timers_per_term; // instants at which controllers act by themselves, where providers have limits
    struct surety_quality_result *quality; // of each check whose pass rates are known on all routes
    size_t n_quality;
    bool has_recovered;
    struct surety_mean recovered_per_term; // credits of providers, money
    bool has_bill;                         // how the bill varies is of interest
    double bill_cv;                        // standard deviation of a window's cost / mean, over all windows
    bool has_cost;                         // a provider of the architecture has a price
    struct surety_mean cost_per_month;
    double cost_p95;                     // over windows
    struct surety_task_cost *task_costs; // n_workloads
    size_t n_task_costs;
    double reserved_per_month; // part of the cost: fees of reserved units
    struct surety_reserved_result *reserved;
    size_t n_reserved;
    struct surety_tier_result *tiers;       // n_tiers, the contract's order
    struct surety_budget *budget;           // of the verdict's architecture, else NULL
    struct surety_budget **promise_budgets; // n_promise_budgets: of what its tier promises beside availability
    size_t n_promise_budgets;
    struct surety_internal_slo *internal_slo; // of the verdict's architecture, else NULL
};

// A value of an input at which the verdict changes, everything else equal: the outcome of its tier on its architecture,
// or the architecture.
struct surety_flip {
    const char *input;        // path in the scenario
    const char *what;         // for a reader: "mean time to repair of openai.major"
    const char *unit;         // "s", "1/year", "USD/Mtok", "1"
    double now, at;           // in the unit; of a law the mean
    double error;             // at / (1 + error) to at * (1 + error) at 95 %: the search has few terms; NAN: not told
    const char *outcome;      // what it becomes beyond `at`: "no"
    const char *architecture; // where the verdict moves to; NULL: it stays
    const char *set;          // the argument of `--set` for `at`: "providers.a.outages.x.time_to_repair=7560s"
};

struct surety_verdict {
    bool is_any;               // false: no tier is safe or priced, architecture and tier are those that come nearest
    size_t architecture, tier; // indices
    enum surety_outcome outcome;
    const char *because;      // one or two sentences
    const char *data_age;     // how old the oldest record behind the architecture is, a sentence; NULL: not said
    const char *binds;        // the dimension that limits: "availability"
    double implied_month_met; // P(month met) that the rule on the whole term implies; NAN: no such rule
    double fee_for_risk;      // priced: what the credits add to the fee, a month; NAN otherwise
    struct surety_flip *flips;
    const char **steady; // what no value between a sixteenth and 16 times today's changes the verdict of
    size_t n_flips, n_steady;
};

// A clause that can be signed in the place of a tier that cannot: one thing is changed, everything else stays. All figures
// are of worlds of their own, not of those in which it was found.
struct surety_offer {
    const char *tier, *kind;  // the tier it stands for; "target", "measure", ...: a row of offer_kinds.c
    const char *change;       // "99.8 % in place of 99.9 %"
    const char *architecture; // on which it is safe, at the largest mean margin
    const char *clause;       // the promise as a contract may write it
    const char **sets;        // n_sets arguments of `--set` that make the scenario say it
    size_t n_sets;
    struct surety_probability month_met, term_met;
    double fee_per_month, credits_per_term, credits_cvar95, margin_per_month; // NAN: no fee, no ladder
};

#define SURETY_PLAN_HASH_SIZE 17

struct surety_result {
    struct surety_arena arena;
    // scenario
    const char *name, *file, *sha256;
    char plan_hash[SURETY_PLAN_HASH_SIZE]; // 64 bits in hex
    const char *currency;
    const char *window;                          // "calendar month", "calendar quarter" or "30d"
    const char *measure;                         // "time": the contract's
    const char **window_labels;                  // n_windows: "2027-01", "quarter 1", "window 1"
    const char *term_text;                       // "2027-01-01, 12 calendar months, UTC"
    double sign_every_month_met, sign_month_met; // NAN: no such rule
    double sign_credits_at_most;                 // share of the fees; not positive, NAN: no such rule
    // run
    const char *version;
    uint64_t seed, n_replications;
    uint64_t n_measured; // replications behind by_measure, at most 4096: the other meters are dear
    size_t n_windows, n_tiers, n_architectures;
    double confidence;
    double wall_s;
    unsigned n_threads;
    struct surety_architecture_result *architectures; // file order
    struct surety_verdict verdict;
    // The same run with blocks of their records in place of the laws of the providers that have both; NULL: none has.
    // The difference is model risk. Owned.
    struct surety_result *by_record;
    const char *by_record_of; // names of those providers: "openai, anthropic"
    struct surety_offer
        *offers; // of every tier that no architecture makes safe, in the tiers' order; only if asked for
    size_t n_offers;
    bool has_offers;                    // they were asked for
    uint64_t n_offer_terms;             // simulated terms behind each
    struct surety_input_result *inputs; // with uncertain inputs, the largest |correlation| first
    size_t n_inputs;
    uint64_t n_groups;              // of SURETY_GROUP replications; 0: nothing is uncertain
    uint32_t *group_met;            // of each whole group: its terms met, of the verdict's tier on its architecture
    struct surety_story *bad_month; // the term at the 1 % quantile on the verdict's architecture; NULL: not told; owned
    const char *scenario_text;      // the file's bytes as run, NUL-terminated, for the report to embed
    const char **overrides;         // "--set" arguments, "path=value"
    size_t n_overrides;
    const char **assumptions, **defaults_used, **warnings;
    size_t n_assumptions, n_defaults_used, n_warnings;
};

// What a window is called in a sentence: "calendar month" -> "month", "calendar quarter" -> "quarter", else "window".
const char *surety_window_word(const char *window);

void surety_result_destroy(struct surety_result *result); // accepts NULL

#endif
