// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_REQUESTS_UNITS_H
#define SURETY_REQUESTS_UNITS_H

#include "sim/base/err.h"
#include "sim/scenario/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Reserved units as requests use them up: so many weighted tokens a minute, from the term's start on, of which nothing is
// saved up. What is above them overflows.

struct surety_units_pool {
    double limit;         // tokens a minute
    double *input_weight; // of each workload: what an input token counts for, cached ones taken at their mean
    double output_weight;
    double used; // in the minute under way
};

struct surety_units_meter {
    bool given, rejects;
    struct surety_units_pool pools[2];
    size_t n_pools;
    int64_t minute; // under way
};

// Of provider `provider`; given is false without reserved units. SURETY_E_MEMORY. To be finished in every case.
enum surety_err surety_units_init(struct surety_units_meter *meter, const struct surety_scenario *scenario,
                                  const struct surety_plan *plan, uint32_t provider);
void surety_units_finish(struct surety_units_meter *meter);
void surety_units_begin(struct surety_units_meter *meter); // a new world

// A request's tokens come. Returns the share of it that overflows, the larger one of two pools; where overflow is rejected
// a request overflows as a whole, and then uses nothing up.
double surety_units_take(struct surety_units_meter *meter, int64_t now_us, size_t workload, double input,
                         double output);

// What the units cost workload `workload` in [from, to), by time; currency.
double surety_units_fee(const struct surety_plan *plan, size_t reserved, size_t workload, int64_t from_us,
                        int64_t to_us);

#endif
