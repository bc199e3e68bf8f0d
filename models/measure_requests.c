// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/hours.h"
#include "models/measurement.h"

#include <stdlib.h>

// `requests`: 1 - failed / valid, demand-weighted, finite counts. In millionths of a request.

struct state {
    size_t window;    // of the last stretch
    double *failed;   // of each window, beyond f_normal of all requests
    double *excluded; // requests of excluded stretches
    double *demand;   // all requests, constant
};

static enum surety_err init(struct surety_meter *meter)
{
    const struct surety_plan *plan = meter->plan;
    struct state *s = meter->state = calloc(1, sizeof *s);
    if (s == NULL)
        return SURETY_E_MEMORY;
    s->failed = calloc(plan->n_windows, sizeof *s->failed);
    s->excluded = calloc(plan->n_windows, sizeof *s->excluded);
    s->demand = calloc(plan->n_windows, sizeof *s->demand);
    if (s->failed == NULL || s->excluded == NULL || s->demand == NULL)
        return SURETY_E_MEMORY;
    for (size_t w = 0; w < plan->n_windows; w++) {
        s->demand[w] = surety_hours_demand(plan, w, plan->window_us[w], plan->window_us[w + 1]);
        meter->counted[w] = (int64_t)(s->demand[w] * SURETY_COUNTS_PER_REQUEST + 0.5);
    }
    return SURETY_OK;
}

static void finish_state(struct surety_meter *meter)
{
    struct state *s = meter->state;
    free(s->failed);
    free(s->excluded);
    free(s->demand);
}

static void start(struct surety_meter *meter)
{
    struct state *s = meter->state;
    s->window = 0;
    for (size_t w = 0; w < meter->plan->n_windows; w++)
        s->failed[w] = s->excluded[w] = 0;
}

static void stretch(struct surety_meter *meter, int64_t a_us, int64_t b_us, double f, bool is_excluded)
{
    struct state *s = meter->state;
    const int64_t *boundary = meter->plan->window_us;
    while (boundary[s->window + 1] <= a_us)
        s->window++;
    for (size_t w = s->window; a_us < b_us; w++) {
        const int64_t end_us = b_us < boundary[w + 1] ? b_us : boundary[w + 1];
        const double requests = surety_hours_demand(meter->plan, w, a_us, end_us);
        s->failed[w] += ((is_excluded ? 0 : f) - meter->f_normal) * requests;
        s->excluded[w] += is_excluded ? requests : 0;
        a_us = end_us;
    }
}

static void finish(struct surety_meter *meter)
{
    const struct state *s = meter->state;
    for (size_t w = 0; w < meter->plan->n_windows; w++) {
        const double all = s->demand[w] - s->excluded[w];
        if (s->excluded[w] > 0)
            meter->readings[w].counted = all > 0 ? (int64_t)(all * SURETY_COUNTS_PER_REQUEST + 0.5) : 0;
        surety_meter_count(meter, w, meter->f_normal * s->demand[w] + s->failed[w], all);
    }
}

const struct surety_meter_type surety_requests_meter = {
    .name = "requests",
    .help = "1 - failed requests / valid requests, weighted with the demand; failed requests are counted, so a small "
            "number of them scatters (Poisson)",
    .init = init,
    .finish_state = finish_state,
    .start = start,
    .stretch = stretch,
    .finish = finish,
};
