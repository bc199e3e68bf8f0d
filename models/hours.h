// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_HOURS_H
#define SURETY_MODELS_HOURS_H

#include "models/measurement.h"
#include "sim/base/registry.h"
#include "sim/scenario/plan.h"

#include <stdbool.h>
#include <stdint.h>

// The clock of a contract: `hours` limits the time that counts, in numerator and denominator of every measure.

// Reads "Mon-Fri 08:00-18:00, Sat 09:00-12:00" into struct surety_hours; a `read` of custom rows. A part that ends
// before it begins runs into the next day.
bool surety_read_hours(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out);

// What surety_hours_counted, surety_hours_demand_of and surety_hours_demand are when the plan has hours.
int64_t surety_hours_counted_of_week(const struct surety_plan *plan, int64_t a_us, int64_t b_us);
double surety_hours_demand_of_week(const struct surety_plan *plan, size_t demand, size_t window, int64_t a_us,
                                   int64_t b_us);
double surety_hours_demand_of_all_week(const struct surety_plan *plan, size_t window, int64_t a_us, int64_t b_us);

// Microseconds of [a, b) that count; nearly always all of them.
static inline int64_t surety_hours_counted(const struct surety_plan *plan, int64_t a_us, int64_t b_us)
{
    return plan->hours.n == 0 ? b_us - a_us : surety_hours_counted_of_week(plan, a_us, b_us);
}

// The next part of [*a, b) that counts, into [*from, *to), and *a moves behind it. False when there is none.
bool surety_hours_next(const struct surety_plan *plan, int64_t *a_us, int64_t b_us, int64_t *from_us, int64_t *to_us);

// Requests of workload `demand` (of all, for the second) in the part of [a, b) that counts, a and b in window `window`.
// Nearly always all of it does.
static inline double surety_hours_demand_of(const struct surety_plan *plan, size_t demand, size_t window, int64_t a_us,
                                            int64_t b_us)
{
    return plan->hours.n == 0 ? surety_demand_of(plan, demand, window, a_us, b_us)
                              : surety_hours_demand_of_week(plan, demand, window, a_us, b_us);
}
static inline double surety_hours_demand(const struct surety_plan *plan, size_t window, int64_t a_us, int64_t b_us)
{
    return plan->hours.n == 0 ? surety_demand_between(plan, window, a_us, b_us)
                              : surety_hours_demand_of_all_week(plan, window, a_us, b_us);
}

#endif
