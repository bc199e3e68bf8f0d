// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/cells.h"
#include "models/measurement.h"
#include "sim/base/ppb.h"

#include <stdlib.h>

// `intervals`: the mean over cells of 1 - share failing. In 1e-9 of a cell; a cell's share is held to 1e-9.

struct state {
    struct surety_cells cells;
};

static enum surety_err init(struct surety_meter *meter)
{
    struct state *s = meter->state = calloc(1, sizeof *s);
    if (s == NULL || surety_cells_init(&s->cells, meter->plan, meter->plan->measures.cell_us) != SURETY_OK)
        return SURETY_E_MEMORY;
    s->cells.normal_ppb = surety_ppb(meter->f_normal);
    for (size_t w = 0; w < meter->plan->n_windows; w++)
        meter->counted[w] = s->cells.n_counted[w] * SURETY_PPB_ONE;
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
    for (size_t w = 0; s->cells.normal_ppb > 0 && w < meter->plan->n_windows; w++)
        meter->readings[w].bad = s->cells.n_busy[w] * s->cells.normal_ppb;
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
}

const struct surety_meter_type surety_intervals_meter = {
    .name = "intervals",
    .help = "mean over cells of 1 - share failing; a cell without requests counts as good",
    .init = init,
    .finish_state = finish_state,
    .start = start,
    .stretch = stretch,
    .finish = finish,
};
