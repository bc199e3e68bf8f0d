// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_MEASUREMENT_H
#define SURETY_MODELS_MEASUREMENT_H

#include "sim/scenario/plan.h"

#include <stdbool.h>
#include <stdint.h>

// Meters: how a contract reads availability. A meter is fed the stretches of constant f that matter, in order, and
// gives for each window the bad part and the counted part, both integers of one unit. A window's availability is
// 1 - bad / counted, and it meets a target when bad x 1e9 <= (1e9 - target) x counted.

// What a meter reads of one window. counted 0: nothing to count, the window is met.
struct surety_reading {
    int64_t bad, counted;
};

struct surety_meter;

struct surety_meter_type {
    const char *name; // the word in the scenario: "time"
    const char *help;
    // Forgets the last replication.
    void (*start)(struct surety_meter *meter, uint64_t replication);
    // f held from a to b (a < b, inside the term), rising from call to call. `normal` stretches, with f == f_normal,
    // may be left out.
    void (*stretch)(struct surety_meter *meter, int64_t a_us, int64_t b_us, double f);
    // The term is over: fills meter->readings.
    void (*finish)(struct surety_meter *meter);
};

// One meter on one architecture. Owned by a worker, used for all its replications.
struct surety_meter {
    const struct surety_meter_type *type;
    const struct surety_plan *plan;
    struct surety_philox_key key;
    uint64_t replication;
    double f_normal;          // share failing when everything works: request errors
    bool normal_is_bad;       // and that is already down
    int64_t minimum_outage_us; // time: shorter runs do not count
    struct surety_reading *readings; // n_windows
    int64_t run_from_us, run_to_us; // time: the run under way; from < 0: none
    size_t window;            // time and requests: the window of the last stretch
    double *failed;           // requests: of each window, beyond f_normal
    double *demand;           // requests: all requests of each window, constant
};

// The meters by the scenario's word; plan.measure is an index. NULL at the end.
extern const struct surety_meter_type *const surety_meter_types[];

enum { SURETY_METER_TIME, SURETY_METER_REQUESTS };

// Allocates the arrays. f_normal: see above. The plan must outlive the meter.
enum surety_err surety_meter_init(struct surety_meter *meter, const struct surety_meter_type *type,
                                  const struct surety_plan *plan, struct surety_philox_key key, double f_normal,
                                  int64_t minimum_outage_us);
void surety_meter_finish(struct surety_meter *meter);

// Requests of workload `demand` in [a, b), a and b inside window `window`.
double surety_demand_of(const struct surety_plan *plan, size_t demand, size_t window, int64_t a_us, int64_t b_us);

// Requests of all workloads in [a, b), a and b inside window `window`.
double surety_demand_between(const struct surety_plan *plan, size_t window, int64_t a_us, int64_t b_us);

// Largest `bad` that still meets the target: floor((1e9 - target) x counted / 1e9), exact. {99.9 %, 730 h in us} ->
// 2628000000.
int64_t surety_budget(int64_t target_ppb, int64_t counted);

#endif
