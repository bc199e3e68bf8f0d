// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_SCENARIO_PLAN_RESERVED_H
#define SURETY_SCENARIO_PLAN_RESERVED_H

#include "sim/base/overflow.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Reserved units as the engine wants them, and the demand of a week as rows of cells in which all rates are constant.

// No such provider, in surety_plan_provider.reserved.
#define SURETY_NOT_RESERVED UINT32_MAX

// Units of one kind: what they carry in a minute, and what one request a minute of each workload adds to their load.
struct surety_plan_pool {
    double limit;                // tokens a minute, of all units
    struct surety_load *request; // n_demands
};

struct surety_plan_reserved {
    uint32_t provider;
    bool rejects;                     // what overflows fails; else it is billed on demand
    struct surety_plan_pool pools[2]; // of all tokens; or of input tokens, then of output tokens
    size_t n_pools;
    int64_t term_us;    // for so long the price of the units is agreed; 0: from hour to hour
    double *token_cost; // of each workload: a request's tokens at the price on demand
    double *fee;        // of each window: all units, currency
    double *fee_of;     // n_windows x n_demands: the same, by the tokens of each workload
};

// The week of all workloads, from a Monday 00:00 of the first one's profile on, in cells of whole minutes: the hours of
// all of them, whose zones may differ. The windows with the same growth are of one class.
struct surety_plan_week {
    int64_t cell_us, offset_us; // offset: of the term's start in this week
    size_t n_cells, n_levels, n_classes;
    uint32_t *level;        // of each cell
    double *rate_per_s;     // n_levels x n_demands, at the rate of the term's start
    uint32_t *window_class; // of each window
    double *growth;         // n_classes x n_demands
};

#endif
