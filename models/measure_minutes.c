// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/cells.h"
#include "models/measurement.h"
#include "sim/base/calendar.h"
#include "sim/base/ppb.h"

#include <stdlib.h>

// `minutes`: a minute of a window is bad when its share failing, weighted with the demand inside it, reaches down_at. Bad
// minutes count in runs of at least minimum_outage; a run ends with its window, and at a minute that does not count.
// Counted in minutes.

#define MINUTE_US (60 * SURETY_US_PER_S)

struct state {
    struct surety_cells cells;
    int64_t shortest;       // minutes of the shortest run that counts
    size_t window;          // of the run under way
    int64_t run_end, n_run; // its last minute + 1, its length; 0: none
};

static void end_run(struct surety_meter *meter)
{
    struct state *s = meter->state;
    if (s->n_run >= s->shortest)
        meter->readings[s->window].bad += s->n_run;
    s->n_run = 0;
}

static void take(struct surety_meter *meter, size_t window, int64_t first, int64_t n, bool counts, bool is_busy,
                 double share)
{
    struct state *s = meter->state;
    (void)is_busy;
    if (!counts)
        meter->readings[window].counted -= n;
    if (!counts || !surety_reaches(share, meter->plan->down_at_ppb))
        return; // the gap that it leaves ends the run
    if (s->window != window || s->run_end != first)
        end_run(meter);
    s->window = window;
    s->run_end = first + n;
    s->n_run += n;
}

static enum surety_err init(struct surety_meter *meter)
{
    struct state *s = meter->state = calloc(1, sizeof *s);
    if (s == NULL || surety_cells_init(&s->cells, meter->plan, MINUTE_US) != SURETY_OK)
        return SURETY_E_MEMORY;
    s->cells.sink = take;
    s->shortest = (meter->minimum_outage_us + MINUTE_US - 1) / MINUTE_US;
    for (size_t w = 0; w < meter->plan->n_windows; w++)
        meter->counted[w] = s->cells.n_counted[w];
    return SURETY_OK;
}

static void finish_state(struct surety_meter *meter)
{
    surety_cells_finish(&((struct state *)meter->state)->cells);
}

static void start(struct surety_meter *meter)
{
    struct state *s = meter->state;
    surety_cells_start(&s->cells);
    s->window = 0;
    s->n_run = s->run_end = 0;
}

static void stretch(struct surety_meter *meter, int64_t a_us, int64_t b_us, double f, bool is_excluded)
{
    struct state *s = meter->state;
    surety_cells_stretch(&s->cells, meter, a_us, b_us, f, is_excluded);
}

static void finish(struct surety_meter *meter)
{
    struct state *s = meter->state;
    surety_cells_close(&s->cells, meter);
    end_run(meter);
}

const struct surety_meter_type surety_minutes_meter = {
    .name = "minutes",
    .help = "1 - bad minutes / minutes; a minute is bad when its share failing >= `down_at`, in runs of at least "
            "`minimum_outage`",
    .init = init,
    .finish_state = finish_state,
    .start = start,
    .stretch = stretch,
    .finish = finish,
};
