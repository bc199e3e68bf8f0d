// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_BOOKS_MEASURES_H
#define SURETY_ENGINE_BOOKS_MEASURES_H

#include "sim/engine/summary.h"
#include "sim/engine/walk.h"

#include <stdbool.h>

// What the other measures would read on the same worlds: of one architecture, over the first SURETY_MEASURED_TERMS
// replications. Integers, so that workers' books add up to the same bytes in any order.

// So many replications run the other meters too: they cost several times what a walk costs.
#define SURETY_MEASURED_TERMS 4096

// Fewer where a term has much down time, every minute of it is a probe to play, or very many outages, each of which every
// meter reads. Depends on the plan alone.
uint64_t surety_measured_terms(const struct surety_plan *plan);

struct surety_measured {
    uint64_t unavailability_ppt; // of terms
    unsigned __int128 unavailability_squared;
    uint64_t *n_windows_met;             // of each tier
    __int128 *credits, *credits_squared; // of each tier: more than by the contract; in 1e-6 and (1e-3)^2
};

struct surety_measure_books {
    const struct surety_plan *plan;
    uint64_t n_terms;
    struct surety_measured of[SURETY_MAX_METERS]; // by meter of the walk; [0] and the contract's only for `time`
};

// Allocates. SURETY_E_MEMORY.
enum surety_err surety_measure_books_init(struct surety_measure_books *books, const struct surety_plan *plan);
void surety_measure_books_finish(struct surety_measure_books *books);

// Enters the term that the walk has just walked with all its meters.
void surety_measure_books_enter(struct surety_measure_books *books, const struct surety_walk *walk);
void surety_measure_books_merge(struct surety_measure_books *into, const struct surety_measure_books *from);

// Fills by_measure of the result's architecture. walk: whose meters were entered. False when memory is out.
bool surety_measure_books_report(const struct surety_summary *summary, const struct surety_measure_books *books,
                                 const struct surety_walk *walk, struct surety_architecture_result *out);

#endif
