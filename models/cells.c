// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/cells.h"

#include "models/hours.h"
#include "sim/base/calendar.h"

#include <stdlib.h>

// What is left of a cell's demand after the excluded part is taken out may be rounding.
#define NOTHING 1e-9

static bool is_uniform(const struct surety_plan *plan)
{
    if (plan->hours.n > 0)
        return false;
    for (size_t h = 0; h < SURETY_HOURS_A_WEEK; h++) {
        double rate = 0;
        for (size_t d = 0; d < plan->n_demands; d++)
            rate += plan->demands[d].rate[h];
        if (!(rate > 0))
            return false;
    }
    return true;
}

// Whether no cell has a change of rate inside: cells that are a part of an hour, each demand's hours beginning with one.
static bool is_even(const struct surety_plan *plan, int64_t cell_us)
{
    bool even = SURETY_US_PER_HOUR % cell_us == 0;
    for (size_t d = 0; d < plan->n_demands; d++)
        for (size_t w = 0; w < plan->n_windows; w++)
            even = even && (plan->window_us[w] + plan->demands[d].week_offset_us) % cell_us == 0;
    return even;
}

static void bounds(const struct surety_cells *cells, const struct surety_plan *plan, size_t window, int64_t cell,
                   int64_t *from_us, int64_t *to_us)
{
    *from_us = plan->window_us[window] + cell * cells->cell_us;
    *to_us = *from_us + cells->cell_us;
    if (*to_us > plan->window_us[window + 1])
        *to_us = plan->window_us[window + 1];
}

enum surety_err surety_cells_init(struct surety_cells *cells, const struct surety_plan *plan, int64_t cell_us)
{
    const size_t n = plan->n_windows;
    const bool uniform = is_uniform(plan);
    *cells = (struct surety_cells){.cell_us = cell_us,
                                   .cells_per_us = 1.0 / (double)cell_us,
                                   .uniform = uniform,
                                   .even = uniform && is_even(plan, cell_us),
                                   .n_cells = calloc(n, sizeof *cells->n_cells),
                                   .n_counted = calloc(n, sizeof *cells->n_counted),
                                   .n_busy = calloc(n, sizeof *cells->n_busy)};
    if (cells->n_cells == NULL || cells->n_counted == NULL || cells->n_busy == NULL)
        return SURETY_E_MEMORY;
    for (size_t w = 0; w < n; w++) {
        const int64_t n_cells = (plan->window_us[w + 1] - plan->window_us[w] + cell_us - 1) / cell_us;
        cells->n_cells[w] = n_cells;
        cells->n_counted[w] = cells->n_busy[w] = cells->uniform ? n_cells : 0;
        for (int64_t c = 0, from_us, to_us; !cells->uniform && c < n_cells; c++) {
            bounds(cells, plan, w, c, &from_us, &to_us);
            const bool counts = surety_hours_counted(plan, from_us, to_us) > 0;
            cells->n_counted[w] += counts;
            cells->n_busy[w] += counts && surety_hours_demand(plan, w, from_us, to_us) > 0;
        }
    }
    return SURETY_OK;
}

void surety_cells_finish(struct surety_cells *cells)
{
    free(cells->n_cells);
    free(cells->n_counted);
    free(cells->n_busy);
}

void surety_cells_start(struct surety_cells *cells)
{
    cells->open = false;
    cells->window = 0;
}

// What [a, b), inside one cell, weighs there.
static inline double weight(const struct surety_cells *cells, const struct surety_plan *plan, bool even, int64_t a_us,
                            int64_t b_us)
{
    return even ? (double)(b_us - a_us) : surety_hours_demand(plan, cells->window, a_us, b_us);
}

// Tells of n cells. The readings start with every cell normal: what is reported replaces that.
static inline void report(const struct surety_cells *cells, struct surety_meter *meter, int64_t first, int64_t n,
                          bool counts, bool is_busy, double share)
{
    if (cells->sink != NULL) {
        cells->sink(meter, cells->window, first, n, counts, is_busy, share);
        return;
    }
    struct surety_reading *reading = &meter->readings[cells->window];
    reading->bad += n * ((counts ? surety_ppb(share) : 0) - (is_busy ? cells->normal_ppb : 0));
    if (!counts)
        reading->counted -= n * SURETY_PPB_ONE;
}

// The cell under way is over: reports it.
static inline void end_cell(struct surety_cells *cells, struct surety_meter *meter, bool even)
{
    const struct surety_plan *plan = meter->plan;
    cells->open = false;
    const int64_t counted_us =
        even ? cells->to_us - cells->from_us : surety_hours_counted(plan, cells->from_us, cells->to_us);
    if (counted_us == 0) // outside `hours`: is no cell at all
        return;
    const double demand = weight(cells, plan, even, cells->from_us, cells->to_us);
    const double left = demand - cells->excluded;
    const bool counts = counted_us > cells->excluded_us;
    double share = 0;
    if (counts && left > NOTHING * demand)
        share = (meter->f_normal * left + cells->failing) / left;
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    report(cells, meter, cells->cell, 1, counts, demand > 0, share);
}

void surety_cells_close(struct surety_cells *cells, struct surety_meter *meter)
{
    if (cells->open)
        end_cell(cells, meter, cells->even);
}

// The cell's part [a, b).
static inline void add_part(struct surety_cells *cells, const struct surety_meter *meter, bool even, int64_t a_us,
                            int64_t b_us, double f, bool is_excluded)
{
    const double demand = weight(cells, meter->plan, even, a_us, b_us);
    if (is_excluded) {
        cells->excluded += demand;
        cells->excluded_us += surety_hours_counted(meter->plan, a_us, b_us);
    } else {
        cells->failing += (f - meter->f_normal) * demand;
    }
}

// Whole cells with one f.
static inline void add_whole(const struct surety_cells *cells, struct surety_meter *meter, int64_t first, int64_t end,
                             double f, bool is_excluded)
{
    const struct surety_plan *plan = meter->plan;
    if (cells->uniform) {
        report(cells, meter, first, end - first, !is_excluded, true, is_excluded ? 0 : f);
        return;
    }
    for (int64_t c = first; c < end; c++) {
        int64_t from_us, to_us;
        bounds(cells, plan, cells->window, c, &from_us, &to_us);
        if (surety_hours_counted(plan, from_us, to_us) == 0)
            continue;
        const bool is_busy = surety_hours_demand(plan, cells->window, from_us, to_us) > 0;
        report(cells, meter, c, 1, !is_excluded, is_busy, is_busy && !is_excluded ? f : 0);
    }
}

static inline void begin_cell(struct surety_cells *cells, int64_t cell, int64_t from_us, int64_t to_us)
{
    cells->open = true;
    cells->cell = cell;
    cells->from_us = from_us;
    cells->to_us = to_us;
    cells->failing = cells->excluded = 0;
    cells->excluded_us = 0;
}

// Whole cells in a part of a window: floor(us / cell_us), without the slow division. A term's microseconds are exact in
// doubles, so that the product is less than one off.
static inline int64_t n_whole(const struct surety_cells *cells, int64_t us)
{
    const int64_t n = (int64_t)((double)us * cells->cells_per_us), left_us = us - n * cells->cell_us;
    return n - (left_us < 0) + (left_us >= cells->cell_us);
}

// `even` and `is_excluded` are constants where it is nearly always called from: those parts fall out.
static inline __attribute__((always_inline)) void stretch(struct surety_cells *cells, struct surety_meter *meter,
                                                          bool even, int64_t a_us, int64_t b_us, double f,
                                                          bool is_excluded)
{
    if (cells->open && a_us < cells->to_us) {
        add_part(cells, meter, even, a_us, b_us < cells->to_us ? b_us : cells->to_us, f, is_excluded);
        if (b_us <= cells->to_us)
            return;
        a_us = cells->to_us;
    }
    if (cells->open)
        end_cell(cells, meter, even);
    while (a_us < b_us) {
        const int64_t *boundary = meter->plan->window_us;
        size_t w = cells->window;
        while (boundary[w + 1] <= a_us)
            w++;
        cells->window = w;
        const int64_t start_us = boundary[w], stop_us = boundary[w + 1], end_us = b_us < stop_us ? b_us : stop_us;
        int64_t cell = n_whole(cells, a_us - start_us);
        const int64_t from_us = start_us + cell * cells->cell_us;
        const int64_t to_us = from_us + cells->cell_us < stop_us ? from_us + cells->cell_us : stop_us;
        if (a_us > from_us || end_us < to_us) {
            begin_cell(cells, cell, from_us, to_us);
            add_part(cells, meter, even, a_us, end_us < to_us ? end_us : to_us, f, is_excluded);
            if (b_us <= to_us)
                return;
            end_cell(cells, meter, even);
            a_us = to_us;
            cell++;
        }
        const int64_t end = end_us == stop_us ? cells->n_cells[w] : n_whole(cells, end_us - start_us);
        if (end > cell) {
            add_whole(cells, meter, cell, end, f, is_excluded);
            a_us = end == cells->n_cells[w] ? stop_us : start_us + end * cells->cell_us;
        }
        if (a_us < end_us) { // a last cell, which goes on behind the stretch
            begin_cell(cells, end, a_us, a_us + cells->cell_us < stop_us ? a_us + cells->cell_us : stop_us);
            add_part(cells, meter, even, a_us, end_us, f, is_excluded);
            return;
        }
    }
}

void surety_cells_stretch(struct surety_cells *cells, struct surety_meter *meter, int64_t a_us, int64_t b_us, double f,
                          bool is_excluded)
{
    if (cells->even && !is_excluded)
        stretch(cells, meter, true, a_us, b_us, f, false);
    else
        stretch(cells, meter, cells->even, a_us, b_us, f, is_excluded);
}
