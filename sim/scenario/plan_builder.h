// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_SCENARIO_PLAN_BUILDER_H
#define SURETY_SCENARIO_PLAN_BUILDER_H

#include "sim/base/philox.h"
#include "sim/scenario/plan.h"

// A plan under construction; used by the plan*.c files only. Steps return SURETY_OK, or an error after a diagnostic.

struct surety_plan_builder {
    const struct surety_scenario *scenario;
    struct surety_plan *plan;
    struct surety_diags *diags;
    enum surety_record_use records;
    const struct surety_plan *base;    // of a draw, else NULL: its samplers are borrowed where the laws are the same
    struct surety_table_cache *tables; // NULL: none
    struct surety_philox_key key;      // of a draw
    uint64_t group;
    bool drifts; // a draw, not the end of a range
};

// The steps of surety_plan_create. On error nothing is left behind.
enum surety_err surety_plan_build(struct surety_plan_builder *b, struct surety_plan **out);

// Looks at the scenario at both ends of every range: a mistake there is told at the range.
enum surety_err surety_plan_try_ends(const struct surety_scenario *scenario, const struct surety_plan *plan,
                                     struct surety_diags *diags);

// Adds the diagnostic and returns SURETY_E_MEMORY, SURETY_E_INPUT.
enum surety_err surety_plan_out_of_memory(struct surety_plan_builder *b);
enum surety_err surety_plan_too_large(struct surety_plan_builder *b, struct surety_place place, const char *path,
                                      const char *hint, const char *what);

// The least reading that is rounded to `target` or more, half up, in multiples of `step`; step 0: the target. 99.95 % in
// steps of 0.01 %: 99.945 %.
int64_t surety_plan_rounded(int64_t target_ppb, int64_t step_ppb);

// A stream is the hash of what it belongs to and what it is for, so that adding a part of the scenario changes the
// draws of no other. A stream that is taken is avoided by salting. plan->streams must have room.
uint32_t surety_plan_stream(struct surety_plan *plan, const char *path, const char *purpose);

// Makes room for all streams and hands out the first.
enum surety_err surety_plan_start_streams(struct surety_plan_builder *b);

// The first instant of a day of the term's zone, in microseconds from the term's start.
int64_t surety_plan_day_us(const struct surety_plan_builder *b, struct surety_date date);

// Microseconds from Monday 00:00, standard time of the profile's zone, to the term's start.
int64_t surety_plan_week_offset(const struct surety_plan_builder *b, const struct surety_profile *profile);

// The weights as a rhythm; NULL when memory is out.
const struct surety_plan_rhythm *surety_plan_rhythm(struct surety_plan_builder *b,
                                                    const struct surety_profile *profile);

// Whether the provider's record stands in the place of its outages in this plan.
bool surety_plan_by_record(const struct surety_plan_builder *b, const struct surety_provider *provider);

// "providers.openai.record", in the plan's arena; NULL when memory is out.
const char *surety_plan_record_path(const struct surety_plan_builder *b, const struct surety_provider *provider);

// Fills a source with the episodes of one grade of the provider's record. SURETY_E_INPUT when its own dates are to be
// played and the term lies outside.
enum surety_err surety_plan_record_place(struct surety_plan_builder *b, const struct surety_provider *provider,
                                         const struct surety_recorded_source *recorded, struct surety_plan_source *s);

// The providers, their outages and maintenance, and the common causes.
enum surety_err surety_plan_sources(struct surety_plan_builder *b);

// The demand of all workloads, with what a request costs at each provider.
enum surety_err surety_plan_demand(struct surety_plan_builder *b);

// Expected price of one request's tokens.
double surety_plan_token_cost(const struct surety_workload *workload, const struct surety_price *price);

// And of the request itself: its own price, its part of the price of a task and of the task's time.
double surety_plan_flat_cost(const struct surety_workload *workload, const struct surety_price *price);

// Reserved units; after the contract.
enum surety_err surety_plan_reservations(struct surety_plan_builder *b);

// The load over the term and the limits of providers; after the demand.
enum surety_err surety_plan_load(struct surety_plan_builder *b);

// Laws of latencies, the promises about them, the grid; after the contract.
enum surety_err surety_plan_latencies(struct surety_plan_builder *b);

// Suites and the promises about them; after the contract.
enum surety_err surety_plan_qualities(struct surety_plan_builder *b);
size_t surety_plan_n_checks(const struct surety_quality *quality);

// Promises of cost, changes of prices; after the demand.
enum surety_err surety_plan_costs(struct surety_plan_builder *b);

// Tiers, fees, credits and the rules of the verdict.
enum surety_err surety_plan_contract(struct surety_plan_builder *b);

#endif
