// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/requests/units.h"

#include "sim/base/calendar.h"

#include <stdlib.h>

#define MINUTE_US (60 * SURETY_US_PER_S)

static bool init_pool(struct surety_units_pool *pool, const struct surety_scenario *scenario,
                      const struct surety_units *units, double input, double cached, double output)
{
    *pool = (struct surety_units_pool){.limit = units->units * units->tokens_per_minute,
                                       .input_weight = calloc(scenario->n_workloads, sizeof *pool->input_weight),
                                       .output_weight = output};
    for (size_t d = 0; pool->input_weight != NULL && d < scenario->n_workloads; d++) {
        const double share = scenario->workloads[d].share_cached_input;
        pool->input_weight[d] = input * (1 - share) + cached * share;
    }
    return pool->input_weight != NULL;
}

enum surety_err surety_units_init(struct surety_units_meter *meter, const struct surety_scenario *scenario,
                                  const struct surety_plan *plan, uint32_t provider)
{
    const struct surety_reserved *r = &scenario->providers[provider].reserved;
    *meter = (struct surety_units_meter){.given = plan->n_reserved > 0 &&
                                                  plan->providers[provider].reserved != SURETY_NOT_RESERVED};
    if (!meter->given)
        return SURETY_OK;
    meter->rejects = r->overflow == SURETY_OVERFLOW_REJECT;
    meter->n_pools = r->has_output ? 2 : 1;
    if (!init_pool(&meter->pools[0], scenario, &r->units, 1, r->cached_weight, r->output_weight) ||
        (r->has_output && !init_pool(&meter->pools[1], scenario, &r->output, 0, 0, 1)))
        return SURETY_E_MEMORY;
    return SURETY_OK;
}

void surety_units_finish(struct surety_units_meter *meter)
{
    free(meter->pools[0].input_weight);
    free(meter->pools[1].input_weight);
}

void surety_units_begin(struct surety_units_meter *meter)
{
    meter->minute = -1;
}

// The part of the tokens that lies above the limit.
static double over(const struct surety_units_pool *pool, double tokens)
{
    const double above = pool->used + tokens - pool->limit;
    return tokens <= 0 || above <= 0 ? 0 : above < tokens ? above / tokens : 1;
}

double surety_units_take(struct surety_units_meter *meter, int64_t now_us, size_t workload, double input, double output)
{
    double tokens[2], share = 0;
    if (now_us / MINUTE_US != meter->minute) {
        meter->minute = now_us / MINUTE_US;
        meter->pools[0].used = meter->pools[1].used = 0;
    }
    for (size_t k = 0; k < meter->n_pools; k++) {
        const struct surety_units_pool *pool = &meter->pools[k];
        tokens[k] = pool->input_weight[workload] * input + pool->output_weight * output;
        const double overflows = over(pool, tokens[k]);
        share = overflows > share ? overflows : share;
    }
    if (meter->rejects && share > 0)
        return 1;
    for (size_t k = 0; k < meter->n_pools; k++)
        meter->pools[k].used += tokens[k];
    return share;
}

double surety_units_fee(const struct surety_plan *plan, size_t reserved, size_t workload, int64_t from_us,
                        int64_t to_us)
{
    double fee = 0;
    for (size_t w = 0; w < plan->n_windows; w++) {
        const int64_t a_us = plan->window_us[w] > from_us ? plan->window_us[w] : from_us;
        const int64_t b_us = plan->window_us[w + 1] < to_us ? plan->window_us[w + 1] : to_us;
        if (a_us < b_us)
            fee += plan->reserved[reserved].fee_of[w * plan->n_demands + workload] * (double)(b_us - a_us) /
                   (double)(plan->window_us[w + 1] - plan->window_us[w]);
    }
    return fee;
}
