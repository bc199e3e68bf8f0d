// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/hours.h"
#include "models/measurement.h"
#include "sim/base/ppb.h"

#include <stdlib.h>

// `time`: 1 - (time with f >= down_at) / window, in microseconds.

struct state {
    size_t window;                  // of the last booking
    int64_t run_from_us, run_to_us; // with a minimum: the run under way; from < 0: none
    int64_t n_excluded;             // excluded stretches of the run under way: they belong to its length and
    int64_t *excluded_us;           // leave what it counts for; n_windows, their counted time
};

static enum surety_err init(struct surety_meter *meter)
{
    const struct surety_plan *plan = meter->plan;
    struct state *s = meter->state = calloc(1, sizeof *s);
    if (s == NULL || (s->excluded_us = calloc(plan->n_windows, sizeof *s->excluded_us)) == NULL)
        return SURETY_E_MEMORY;
    for (size_t w = 0; w < plan->n_windows; w++)
        meter->counted[w] = surety_hours_counted(plan, plan->window_us[w], plan->window_us[w + 1]);
    return SURETY_OK;
}

static void finish_state(struct surety_meter *meter)
{
    free(((struct state *)meter->state)->excluded_us);
}

static void start(struct surety_meter *meter)
{
    struct state *s = meter->state;
    s->window = 0;
    s->run_from_us = -1;
    s->n_excluded = 0;
}

// Adds the part of [a, b) that counts to the windows it lies in.
static inline void book(struct surety_meter *meter, int64_t a_us, int64_t b_us)
{
    struct state *s = meter->state;
    const int64_t *boundary = meter->plan->window_us;
    size_t w = s->window;
    while (boundary[w + 1] <= a_us)
        w++;
    s->window = w;
    for (; boundary[w + 1] < b_us; w++) {
        meter->readings[w].bad += surety_hours_counted(meter->plan, a_us, boundary[w + 1]);
        a_us = boundary[w + 1];
    }
    meter->readings[w].bad += surety_hours_counted(meter->plan, a_us, b_us);
}

static void end_run(struct surety_meter *meter)
{
    struct state *s = meter->state;
    const bool counts = s->run_from_us >= 0 && s->run_to_us - s->run_from_us >= meter->minimum_outage_us;
    if (counts)
        book(meter, s->run_from_us, s->run_to_us);
    for (size_t w = 0; s->n_excluded > 0 && w < meter->plan->n_windows; w++) {
        meter->readings[w].bad -= counts ? s->excluded_us[w] : 0;
        s->excluded_us[w] = 0;
    }
    s->n_excluded = 0;
    s->run_from_us = -1;
}

// [a, b) leaves the denominator, and what the run counts for when it is part of one.
static void exclude(struct surety_meter *meter, int64_t a_us, int64_t b_us, bool in_run)
{
    struct state *s = meter->state;
    const int64_t *boundary = meter->plan->window_us;
    size_t w = 0;
    while (boundary[w + 1] <= a_us)
        w++;
    for (; a_us < b_us; w++) {
        const int64_t end_us = b_us < boundary[w + 1] ? b_us : boundary[w + 1];
        const int64_t counted_us = surety_hours_counted(meter->plan, a_us, end_us);
        meter->readings[w].counted -= counted_us;
        s->excluded_us[w] += in_run ? counted_us : 0;
        a_us = end_us;
    }
    s->n_excluded += in_run;
}

static void stretch(struct surety_meter *meter, int64_t a_us, int64_t b_us, double f, bool is_excluded)
{
    const bool is_down = surety_reaches(f, meter->plan->down_at_ppb);
    if (meter->minimum_outage_us == 0 && !is_excluded) { // nearly always
        if (is_down)
            book(meter, a_us, b_us);
        return;
    }
    struct state *s = meter->state;
    const bool in_run = is_down && meter->minimum_outage_us > 0;
    if (in_run && !(s->run_from_us >= 0 && s->run_to_us == a_us)) {
        end_run(meter);
        s->run_from_us = a_us;
    }
    if (in_run) // f may have changed but stayed above: one run
        s->run_to_us = b_us;
    if (is_excluded)
        exclude(meter, a_us, b_us, in_run);
    else if (is_down && !in_run)
        book(meter, a_us, b_us);
}

static void finish(struct surety_meter *meter)
{
    end_run(meter);
}

const struct surety_meter_type surety_time_meter = {
    .name = "time",
    .help = "1 - (time with a share failing >= `down_at`) / window",
    .init = init,
    .finish_state = finish_state,
    .start = start,
    .stretch = stretch,
    .finish = finish,
};
