// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/hours.h"
#include "models/measurement.h"
#include "sim/base/fmath.h"

#include <stdlib.h>

// `tasks`: as `requests`, for tasks. A task of n requests fails when one of them does: 1 - (1 - f)^n within one state, not
// across states. In millionths of a task.

struct state {
    size_t window;    // of the last stretch
    double *failed;   // tasks of each window
    double *excluded; // tasks of excluded stretches
    double *tasks;    // all tasks, constant
    double *normal;   // failed when everything works, constant
};

// Share of workload d's tasks that fail while a share f of its requests does.
static double share(const struct surety_plan *plan, size_t d, double f)
{
    const double n = plan->demands[d].requests_per_task;
    return f >= 1 ? 1 : n > 1 ? 1 - surety_pow_pos(1 - f, n) : f;
}

static enum surety_err init(struct surety_meter *meter)
{
    const struct surety_plan *plan = meter->plan;
    struct state *s = meter->state = calloc(1, sizeof *s);
    if (s == NULL)
        return SURETY_E_MEMORY;
    s->failed = calloc(plan->n_windows, sizeof *s->failed);
    s->excluded = calloc(plan->n_windows, sizeof *s->excluded);
    s->tasks = calloc(plan->n_windows, sizeof *s->tasks);
    s->normal = calloc(plan->n_windows, sizeof *s->normal);
    if (s->failed == NULL || s->excluded == NULL || s->tasks == NULL || s->normal == NULL)
        return SURETY_E_MEMORY;
    for (size_t w = 0; w < plan->n_windows; w++) {
        for (size_t d = 0; d < plan->n_demands; d++) {
            const double tasks = surety_hours_demand_of(plan, d, w, plan->window_us[w], plan->window_us[w + 1]) /
                                 plan->demands[d].requests_per_task;
            s->tasks[w] += tasks;
            s->normal[w] += tasks * share(plan, d, meter->f_normal);
        }
        meter->counted[w] = (int64_t)(s->tasks[w] * SURETY_COUNTS_PER_REQUEST + 0.5);
    }
    return SURETY_OK;
}

static void finish_state(struct surety_meter *meter)
{
    struct state *s = meter->state;
    free(s->failed);
    free(s->excluded);
    free(s->tasks);
    free(s->normal);
}

static void start(struct surety_meter *meter)
{
    struct state *s = meter->state;
    s->window = 0;
    for (size_t w = 0; w < meter->plan->n_windows; w++) {
        s->failed[w] = s->normal[w];
        s->excluded[w] = 0;
    }
}

static void stretch(struct surety_meter *meter, int64_t a_us, int64_t b_us, double f, bool is_excluded)
{
    struct state *s = meter->state;
    const struct surety_plan *plan = meter->plan;
    const int64_t *boundary = plan->window_us;
    while (boundary[s->window + 1] <= a_us)
        s->window++;
    for (size_t d = 0; d < plan->n_demands; d++) {
        const double beyond = (is_excluded ? 0 : share(plan, d, f)) - share(plan, d, meter->f_normal);
        int64_t from_us = a_us;
        for (size_t w = s->window; from_us < b_us; w++) {
            const int64_t end_us = b_us < boundary[w + 1] ? b_us : boundary[w + 1];
            const double tasks =
                surety_hours_demand_of(plan, d, w, from_us, end_us) / plan->demands[d].requests_per_task;
            s->failed[w] += beyond * tasks;
            s->excluded[w] += is_excluded ? tasks : 0;
            from_us = end_us;
        }
    }
}

static void finish(struct surety_meter *meter)
{
    const struct state *s = meter->state;
    for (size_t w = 0; w < meter->plan->n_windows; w++) {
        const double all = s->tasks[w] - s->excluded[w];
        if (s->excluded[w] > 0)
            meter->readings[w].counted = all > 0 ? (int64_t)(all * SURETY_COUNTS_PER_REQUEST + 0.5) : 0;
        surety_meter_count(meter, w, s->failed[w], all);
    }
}

const struct surety_meter_type surety_tasks_meter = {
    .name = "tasks",
    .help = "1 - failed tasks / tasks; a task fails when one of its requests does",
    .init = init,
    .finish_state = finish_state,
    .start = start,
    .stretch = stretch,
    .finish = finish,
};
