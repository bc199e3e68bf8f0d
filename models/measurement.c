// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/measurement.h"

#include "sim/base/calendar.h"
#include "sim/base/poisson.h"
#include "sim/base/ppb.h"
#include "sim/base/rng.h"

#include <stdlib.h>
#include <string.h>

// Requests are counted in millionths, so that an expected number stays an integer.
#define COUNTS_PER_REQUEST 1e6

int64_t surety_budget(int64_t target_ppb, int64_t counted)
{
    return (int64_t)((__int128)(SURETY_PPB_ONE - target_ppb) * counted / SURETY_PPB_ONE);
}

// Requests since the week's start at the rate of the term's start.
static double cumulative(const struct surety_plan_demand *demand, int64_t week_us)
{
    const int64_t week = week_us / SURETY_US_PER_WEEK, rest = week_us % SURETY_US_PER_WEEK;
    const int64_t hour = rest / SURETY_US_PER_HOUR;
    return (double)week * demand->cumulative[SURETY_HOURS_A_WEEK] + demand->cumulative[hour] +
           demand->rate[hour] * (double)(rest - hour * SURETY_US_PER_HOUR) * 1e-6;
}

double surety_demand_of(const struct surety_plan *plan, size_t demand, size_t window, int64_t a_us, int64_t b_us)
{
    const struct surety_plan_demand *d = &plan->demands[demand];
    return d->growth[window] *
           (cumulative(d, b_us + plan->week_offset_us) - cumulative(d, a_us + plan->week_offset_us));
}

double surety_demand_between(const struct surety_plan *plan, size_t window, int64_t a_us, int64_t b_us)
{
    double sum = 0;
    for (size_t i = 0; i < plan->n_demands; i++)
        sum += surety_demand_of(plan, i, window, a_us, b_us);
    return sum;
}

// --- time: 1 - (time with f >= down_at) / window ---------------------------------------------------------------

static void time_start(struct surety_meter *meter, uint64_t replication)
{
    meter->replication = replication;
    meter->window = 0;
    meter->run_from_us = -1;
    for (size_t w = 0; w < meter->plan->n_windows; w++)
        meter->readings[w].bad = 0;
}

// Adds [a, b) to the windows it lies in.
static void time_book(struct surety_meter *meter, int64_t a_us, int64_t b_us)
{
    const int64_t *boundary = meter->plan->window_us;
    while (boundary[meter->window + 1] <= a_us)
        meter->window++;
    size_t w = meter->window;
    for (; boundary[w + 1] < b_us; w++) {
        meter->readings[w].bad += boundary[w + 1] - a_us;
        a_us = boundary[w + 1];
    }
    meter->readings[w].bad += b_us - a_us;
}

static void time_end_run(struct surety_meter *meter)
{
    if (meter->run_from_us >= 0 && meter->run_to_us - meter->run_from_us >= meter->minimum_outage_us)
        time_book(meter, meter->run_from_us, meter->run_to_us);
    meter->run_from_us = -1;
}

static void time_stretch(struct surety_meter *meter, int64_t a_us, int64_t b_us, double f)
{
    if (!surety_reaches(f, meter->plan->down_at_ppb))
        return;
    if (meter->minimum_outage_us == 0) {
        time_book(meter, a_us, b_us);
    } else if (meter->run_from_us >= 0 && meter->run_to_us == a_us) {
        meter->run_to_us = b_us; // f changed but stayed above: one run
    } else {
        time_end_run(meter);
        meter->run_from_us = a_us;
        meter->run_to_us = b_us;
    }
}

static void time_finish(struct surety_meter *meter)
{
    if (meter->run_from_us >= 0)
        time_end_run(meter);
}

// --- requests: 1 - failed / valid, demand-weighted, finite counts ----------------------------------------------

static void requests_start(struct surety_meter *meter, uint64_t replication)
{
    meter->replication = replication;
    meter->window = 0;
    for (size_t w = 0; w < meter->plan->n_windows; w++)
        meter->failed[w] = 0;
}

static void requests_stretch(struct surety_meter *meter, int64_t a_us, int64_t b_us, double f)
{
    const int64_t *boundary = meter->plan->window_us;
    while (boundary[meter->window + 1] <= a_us)
        meter->window++;
    for (size_t w = meter->window; a_us < b_us; w++) {
        const int64_t end_us = b_us < boundary[w + 1] ? b_us : boundary[w + 1];
        meter->failed[w] += (f - meter->f_normal) * surety_demand_between(meter->plan, w, a_us, end_us);
        a_us = end_us;
    }
}

static void requests_finish(struct surety_meter *meter)
{
    const struct surety_plan *plan = meter->plan;
    struct surety_rng rng = {meter->key, plan->counts_stream, 0, meter->replication};
    for (size_t w = 0; w < plan->n_windows; w++) {
        double failed = meter->f_normal * meter->demand[w] + meter->failed[w];
        if (failed < 0) // the sum of cancelling parts
            failed = 0;
        if (!plan->expected_counts && failed > 0) {
            rng.index = (uint32_t)w;
            failed = (double)surety_poisson_quantile(failed, surety_rng_uniform(&rng));
        }
        if (failed > meter->demand[w]) // a Poisson draw may exceed the requests there are
            failed = meter->demand[w];
        meter->readings[w].bad = (int64_t)(failed * COUNTS_PER_REQUEST + 0.5);
    }
}

static const struct surety_meter_type time_meter = {
    .name = "time",
    .help = "1 - (time with a share failing >= `down_at`) / window",
    .start = time_start,
    .stretch = time_stretch,
    .finish = time_finish,
};

static const struct surety_meter_type requests_meter = {
    .name = "requests",
    .help = "1 - failed requests / valid requests, weighted with the demand; failed requests are counted, so a small "
            "number of them scatters (Poisson)",
    .start = requests_start,
    .stretch = requests_stretch,
    .finish = requests_finish,
};

const struct surety_meter_type *const surety_meter_types[] = {&time_meter, &requests_meter, NULL};

enum surety_err surety_meter_init(struct surety_meter *meter, const struct surety_meter_type *type,
                                  const struct surety_plan *plan, struct surety_philox_key key, double f_normal,
                                  int64_t minimum_outage_us)
{
    const size_t n = plan->n_windows;
    struct surety_meter m = {
        .type = type, .plan = plan, .key = key, .f_normal = f_normal, .minimum_outage_us = minimum_outage_us,
        .normal_is_bad = surety_ppb(f_normal) >= plan->down_at_ppb,
        .readings = calloc(n, sizeof *m.readings),
        .failed = calloc(n, sizeof *m.failed),
        .demand = calloc(n, sizeof *m.demand),
    };
    if (m.readings == NULL || m.failed == NULL || m.demand == NULL) {
        surety_meter_finish(&m);
        return SURETY_E_MEMORY;
    }
    for (size_t w = 0; w < n; w++) {
        m.demand[w] = surety_demand_between(plan, w, plan->window_us[w], plan->window_us[w + 1]);
        m.readings[w].counted = type == &time_meter ? plan->window_us[w + 1] - plan->window_us[w]
                                                    : (int64_t)(m.demand[w] * COUNTS_PER_REQUEST + 0.5);
    }
    *meter = m;
    return SURETY_OK;
}

void surety_meter_finish(struct surety_meter *meter)
{
    free(meter->readings);
    free(meter->failed);
    free(meter->demand);
}
