// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/measurement.h"

#include "sim/base/calendar.h"
#include "sim/base/poisson.h"
#include "sim/base/ppb.h"
#include "sim/base/rng.h"

#include <stdlib.h>

const struct surety_meter_type *const surety_meter_types[] = {
    [SURETY_METER_TIME] = &surety_time_meter,
    [SURETY_METER_REQUESTS] = &surety_requests_meter,
    [SURETY_METER_INTERVALS] = &surety_intervals_meter,
    [SURETY_METER_MINUTES] = &surety_minutes_meter,
    [SURETY_METER_TASKS] = &surety_tasks_meter,
    [SURETY_METER_PROBES] = &surety_probes_meter,
    [SURETY_N_METERS] = NULL,
};

int64_t surety_budget(int64_t target_ppb, int64_t counted)
{
    return (int64_t)((__int128)(SURETY_PPB_ONE - target_ppb) * counted / SURETY_PPB_ONE);
}

void surety_meter_count(struct surety_meter *meter, size_t window, double failed, double all)
{
    const struct surety_plan *plan = meter->plan;
    if (failed < 0) // the sum of cancelling parts
        failed = 0;
    if (all < 0)
        all = 0;
    if (!plan->expected_counts && failed > 0) {
        struct surety_rng rng = {meter->key, plan->counts_stream, (uint32_t)window, meter->replication};
        failed = (double)surety_poisson_quantile(failed, surety_rng_uniform(&rng));
    }
    if (failed > all) // a Poisson draw may exceed the requests there are
        failed = all;
    meter->readings[window].bad = (int64_t)(failed * SURETY_COUNTS_PER_REQUEST + 0.5);
}

enum surety_err surety_meter_init(struct surety_meter *meter, const struct surety_meter_type *type,
                                  const struct surety_plan *plan, struct surety_philox_key key, double f_normal,
                                  int64_t minimum_outage_us)
{
    const size_t n = plan->n_windows;
    struct surety_meter m = {
        .type = type,
        .plan = plan,
        .key = key,
        .f_normal = f_normal,
        .minimum_outage_us = minimum_outage_us,
        .normal_is_bad = surety_ppb(f_normal) >= plan->down_at_ppb,
        .readings = calloc(n, sizeof *m.readings),
        .counted = calloc(n, sizeof *m.counted),
    };
    if (m.readings == NULL || m.counted == NULL || type->init(&m) != SURETY_OK) {
        surety_meter_finish(&m);
        return SURETY_E_MEMORY;
    }
    for (size_t w = 0; w < n; w++)
        m.readings[w].counted = m.counted[w];
    *meter = m;
    return SURETY_OK;
}

void surety_meter_finish(struct surety_meter *meter)
{
    if (meter->type != NULL && meter->type->finish_state != NULL && meter->state != NULL)
        meter->type->finish_state(meter);
    free(meter->state);
    free(meter->readings);
    free(meter->counted);
    *meter = (struct surety_meter){0};
}

void surety_meter_start(struct surety_meter *meter, uint64_t replication)
{
    meter->replication = replication;
    for (size_t w = 0; w < meter->plan->n_windows; w++)
        meter->readings[w] = (struct surety_reading){0, meter->counted[w]};
    meter->type->start(meter);
}
