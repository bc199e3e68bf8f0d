// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_SUMMARY_H
#define SURETY_ENGINE_SUMMARY_H

#include "sim/engine/books.h"
#include "sim/engine/runner.h"

// From books to the result: estimates and their intervals.

struct surety_summary {
    const struct surety_plan *plan;
    const struct surety_scenario *scenario;
    struct surety_result *result;
};

// Creates the result with everything that does not come from books. On error nothing is left behind.
enum surety_err surety_summary_start(struct surety_summary *summary, const struct surety_scenario *scenario,
                                     const struct surety_plan *plan, const struct surety_run_options *options,
                                     uint64_t n_replications);

// Fills the result's architecture `index` from its merged books. sums: of all chunks, [chunk][architecture][sum];
// they are added in chunk order.
enum surety_err surety_summary_architecture(struct surety_summary *summary, size_t index,
                                            const struct surety_books *books, const double *sums, uint64_t n_chunks);

// Half the width of Wilson's interval for n_met of n: the stopping rule's measure of precision.
double surety_summary_half_width(uint64_t n_met, uint64_t n, double confidence);

#endif
