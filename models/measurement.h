// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_MEASUREMENT_H
#define SURETY_MODELS_MEASUREMENT_H

#include "sim/base/calendar.h"
#include "sim/base/philox.h"
#include "sim/base/ppb.h"
#include "sim/scenario/plan.h"

#include <stdbool.h>
#include <stdint.h>

// Meters: how a contract reads availability. A meter is fed the stretches of constant f that matter, in order, and
// gives for each window the bad part and the counted part, both integers of one unit. A window's availability is
// 1 - bad / counted, and it meets a target when bad x 1e9 <= (1e9 - target) x counted. One measure, one file:
// measure_NAME.c.
//
// What does not count leaves both parts: the hours outside the contract's `hours`, which the plan knows (models/hours.h),
// and excluded stretches, which the walk knows (`exclude`, maintenance).

// What a meter reads of one window. counted 0: nothing to count, the window is met.
struct surety_reading {
    int64_t bad, counted;
};

struct surety_meter;

struct surety_meter_type {
    const char *name; // the word in the scenario: "time"
    const char *help;
    // Allocates meter->state and fills meter->counted. NULL finish_state: nothing to free.
    enum surety_err (*init)(struct surety_meter *meter);
    void (*finish_state)(struct surety_meter *meter);
    // Forgets the last replication; meter->replication and the readings (bad 0, all counted) are set.
    void (*start)(struct surety_meter *meter);
    // f held from a to b (a < b, inside the term), rising from call to call. Stretches that are left out are normal
    // ones, f == f_normal and not excluded. is_excluded: the stretch leaves numerator and denominator.
    void (*stretch)(struct surety_meter *meter, int64_t a_us, int64_t b_us, double f, bool is_excluded);
    // The term is over: completes meter->readings.
    void (*finish)(struct surety_meter *meter);
};

// One meter on one architecture. Owned by a worker, used for all its replications.
struct surety_meter {
    const struct surety_meter_type *type;
    const struct surety_plan *plan;
    struct surety_philox_key key;
    uint64_t replication;
    double f_normal;                 // share failing when everything works: request errors
    bool normal_is_bad;              // and that is already down: normal stretches must not be left out
    int64_t minimum_outage_us;       // time, minutes: shorter runs do not count
    struct surety_reading *readings; // n_windows
    int64_t *counted;                // n_windows: when nothing is excluded
    void *state;                     // the type's own
};

// The meters by the scenario's word; plan.measure is an index. NULL at the end.
extern const struct surety_meter_type *const surety_meter_types[];
extern const struct surety_meter_type surety_time_meter, surety_requests_meter, surety_intervals_meter,
    surety_minutes_meter, surety_tasks_meter, surety_probes_meter;

enum {
    SURETY_METER_TIME,
    SURETY_METER_REQUESTS,
    SURETY_METER_INTERVALS,
    SURETY_METER_MINUTES,
    SURETY_METER_TASKS,
    SURETY_METER_PROBES,
    SURETY_N_METERS
};

// Allocates the arrays. f_normal: see above. The plan must outlive the meter.
enum surety_err surety_meter_init(struct surety_meter *meter, const struct surety_meter_type *type,
                                  const struct surety_plan *plan, struct surety_philox_key key, double f_normal,
                                  int64_t minimum_outage_us);
void surety_meter_finish(struct surety_meter *meter);

// A new replication.
void surety_meter_start(struct surety_meter *meter, uint64_t replication);

// Requests are counted in millionths, so that an expected number stays an integer.
#define SURETY_COUNTS_PER_REQUEST 1e6

// Completes a window of a meter that counts requests (or tasks): `failed` of `all` fail in the mean. The number that
// does is drawn, Poisson around that mean, unless `counts: expected`; at most all.
void surety_meter_count(struct surety_meter *meter, size_t window, double failed, double all);

// Requests since the week's start at the rate of the term's start. Inline, and without signs: every stretch that is
// booked asks several times.
static inline double surety_demand_since(const struct surety_plan_demand *demand, uint64_t week_us)
{
    const uint64_t week = week_us / SURETY_US_PER_WEEK, rest = week_us % SURETY_US_PER_WEEK;
    const uint64_t hour = rest / SURETY_US_PER_HOUR;
    return (double)(int64_t)week * demand->cumulative[SURETY_HOURS_A_WEEK] + demand->cumulative[hour] +
           demand->rate[hour] * (double)(int64_t)(rest - hour * SURETY_US_PER_HOUR) * 1e-6;
}

// Requests of workload `demand` in [a, b), a and b inside window `window`.
static inline double surety_demand_of(const struct surety_plan *plan, size_t demand, size_t window, int64_t a_us,
                                      int64_t b_us)
{
    const struct surety_plan_demand *d = &plan->demands[demand];
    return d->growth[window] * (surety_demand_since(d, (uint64_t)(b_us + d->week_offset_us)) -
                                surety_demand_since(d, (uint64_t)(a_us + d->week_offset_us)));
}

// Requests of all workloads in [a, b), a and b inside window `window`.
static inline double surety_demand_between(const struct surety_plan *plan, size_t window, int64_t a_us, int64_t b_us)
{
    double sum = 0;
    for (size_t i = 0; i < plan->n_demands; i++)
        sum += surety_demand_of(plan, i, window, a_us, b_us);
    return sum;
}

// Largest `bad` that still meets the target: floor((1e9 - target) x counted / 1e9), exact. {99.9 %, 730 h in us} ->
// 2628000000.
int64_t surety_budget(int64_t target_ppb, int64_t counted);

// bad > surety_budget(target, counted), without the slow division of 128 bits.
static inline bool surety_misses(int64_t target_ppb, struct surety_reading reading)
{
    return (__int128)reading.bad * SURETY_PPB_ONE > (__int128)(SURETY_PPB_ONE - target_ppb) * reading.counted;
}

#endif
