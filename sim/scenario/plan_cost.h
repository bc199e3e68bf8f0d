// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_SCENARIO_PLAN_COST_H
#define SURETY_SCENARIO_PLAN_COST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What the plan knows of promises of cost, of prices that change, and of what providers give back.

enum surety_cost_promise_kind {
    SURETY_COST_PER_TASK,     // a window's cost / its tasks <= limit
    SURETY_COST_PER_REQUEST,  // the share of answers that cost <= limit reaches `share`
    SURETY_COST_PER_MONTH,    // a window's cost <= limit x its months
    SURETY_COST_OVER_FORECAST // a window's cost <= (1 + limit) x the cost when everything works
};

struct surety_price;
struct surety_workload;

// P(an answer costs at most `limit`) by the laws of the workload's tokens.
double surety_plan_cost_within(const struct surety_workload *workload, const struct surety_price *price, double limit);

struct surety_plan_cost_target {
    uint32_t tier, demand; // demand UINT32_MAX: all
    enum surety_cost_promise_kind kind;
    double limit, percentile, share;
    double *within; // per request: P(cost of an answer <= limit), n_providers x n_demands
};

// A provider's prices change.
struct surety_plan_price_change {
    uint32_t provider, stream; // stream: of the times between changes
    double factor;
    int64_t at_us;      // dated; SURETY_NEVER: at random
    double mean_gap_us; // at random: between two changes
    int64_t notice_us;  // told so long before
};

struct surety_plan_cost {
    struct surety_plan_cost_target *targets;
    struct surety_plan_price_change *changes;
    size_t n_targets, n_changes;
    int64_t notice_us; // ceilings follow a price so long after it was told; SURETY_NEVER: they do not
    bool recovers;     // a provider gives credits
    bool has_answers;  // a target needs to know who answered
};

#endif
