// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/requests/storm.h"

#include "sim/base/ppb.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BEFORE_CELLS (SURETY_STORM_BEFORE_S / SURETY_STORM_CELL_S)

static size_t first_after(int64_t lasts_us)
{
    return BEFORE_CELLS + (size_t)((lasts_us + SURETY_STORM_CELL_US - 1) / SURETY_STORM_CELL_US);
}

static size_t count_cells(int64_t lasts_us, int64_t after_us)
{
    return first_after(lasts_us) + (size_t)(after_us / SURETY_STORM_CELL_US);
}

int64_t surety_storm_length_us(int64_t lasts_us, int64_t after_us)
{
    return (int64_t)count_cells(lasts_us, after_us) * SURETY_STORM_CELL_US;
}

enum surety_err surety_storm_init(struct surety_storm *storm, int64_t lasts_us, int64_t after_us, int64_t down_ppb)
{
    const size_t n = count_cells(lasts_us, after_us);
    *storm = (struct surety_storm){.n_cells = n,
                                   .from_cell = first_after(lasts_us),
                                   .down_ppb = down_ppb,
                                   .cells = calloc(n, sizeof *storm->cells),
                                   .sums = calloc(n, sizeof *storm->sums)};
    return storm->cells != NULL && storm->sums != NULL ? SURETY_OK : SURETY_E_MEMORY;
}

void surety_storm_finish(struct surety_storm *storm)
{
    free(storm->cells);
    free(storm->sums);
}

void surety_storm_begin(struct surety_storm *storm, int64_t start_us)
{
    storm->start_us = start_us;
    memset(storm->cells, 0, storm->n_cells * sizeof *storm->cells);
}

static struct surety_storm_cell sum(const struct surety_storm_cell *cells, size_t from, size_t to)
{
    struct surety_storm_cell all = {0};
    for (size_t i = from; i < to; i++) {
        all.n += cells[i].n;
        all.n_failed += cells[i].n_failed;
        all.n_attempts += cells[i].n_attempts;
    }
    return all;
}

double surety_storm_failing(const struct surety_storm_cell *cells, size_t from, size_t to)
{
    const struct surety_storm_cell all = sum(cells, from, to);
    return all.n > 0 ? (double)all.n_failed / (double)all.n : NAN;
}

double surety_storm_attempts(const struct surety_storm_cell *cells, size_t from, size_t to)
{
    const struct surety_storm_cell all = sum(cells, from, to);
    return all.n > 0 ? (double)all.n_attempts / (double)all.n : NAN;
}

// Where nothing comes nothing fails.
static bool is_down(const struct surety_storm *storm, size_t from, size_t to)
{
    const struct surety_storm_cell all = sum(storm->cells, from, to);
    return all.n_failed > 0 && surety_reaches((double)all.n_failed / (double)all.n, storm->down_ppb);
}

// The first cell that is up and begins a stretch that is; there is one when the last stretch is up.
static int64_t time_to_recover_us(const struct surety_storm *storm)
{
    const size_t last = storm->n_cells - SURETY_STORM_STRETCH;
    if (is_down(storm, last, storm->n_cells))
        return SURETY_STORM_NEVER;
    size_t i = storm->from_cell;
    while (i < last && (is_down(storm, i, i + 1) || is_down(storm, i, i + SURETY_STORM_STRETCH)))
        i++;
    return (int64_t)(i - storm->from_cell) * SURETY_STORM_CELL_US;
}

int64_t surety_storm_close(struct surety_storm *storm)
{
    for (size_t i = 0; i < storm->n_cells; i++) {
        storm->sums[i].n += storm->cells[i].n;
        storm->sums[i].n_failed += storm->cells[i].n_failed;
        storm->sums[i].n_attempts += storm->cells[i].n_attempts;
    }
    return time_to_recover_us(storm);
}
