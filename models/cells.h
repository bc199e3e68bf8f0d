// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_CELLS_H
#define SURETY_MODELS_CELLS_H

#include "models/measurement.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Windows cut into cells of equal length from the window's start, the last one maybe cut short: what `intervals` and
// `minutes` have in common. A cell counts when some of its time does, and is then worth 1 whatever its length. Its share
// failing is weighted with the demand of the part that counts; a cell without demand fails nothing.

struct surety_cells {
    int64_t cell_us;
    double cells_per_us;
    // Takes `n` cells (from `first` on) of window `window`, in order and none twice. They count all or none; `share`
    // fails in each. is_busy: when nothing were excluded they would count and have demand. NULL: the meter's readings
    // are the sums of the shares, in 1e-9, over the cells; normal_ppb of each that is busy is in them beforehand.
    void (*sink)(struct surety_meter *meter, size_t window, int64_t first, int64_t n, bool counts, bool is_busy,
                 double share);
    int64_t normal_ppb;
    bool even;          // demand is constant inside every cell: time weighs as it does
    bool uniform;       // all time counts and no hour is without demand: cells need not be looked at one by one
    int64_t *n_cells;   // n_windows
    int64_t *n_counted; // n_windows: that count when nothing is excluded
    int64_t *n_busy;    // n_windows: that have demand, too
    // the cell under way, which stretches meet in part
    bool open;
    size_t window;
    int64_t cell, from_us, to_us;
    double failing, excluded; // demand: failing beyond f_normal; of excluded parts
    int64_t excluded_us;      // counted time of excluded parts
};

// Allocates; the caller sets the sink. Cost: with `hours`, or hours without demand, some 50 ns a cell.
enum surety_err surety_cells_init(struct surety_cells *cells, const struct surety_plan *plan, int64_t cell_us);
void surety_cells_finish(struct surety_cells *cells);

void surety_cells_start(struct surety_cells *cells);

// Reports the cells that the stretch touches; those that it leaves unfinished later. Cells that are never reported are
// normal ones.
void surety_cells_stretch(struct surety_cells *cells, struct surety_meter *meter, int64_t a_us, int64_t b_us, double f,
                          bool is_excluded);

// Reports the cell under way, if there is one.
void surety_cells_close(struct surety_cells *cells, struct surety_meter *meter);

#endif
