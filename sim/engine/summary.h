// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_SUMMARY_H
#define SURETY_ENGINE_SUMMARY_H

#include "sim/engine/books.h"
#include "sim/engine/groups.h"
#include "sim/engine/runner.h"

// From books to the result: estimates and their intervals.

struct surety_summary {
    const struct surety_plan *plan;
    const struct surety_scenario *scenario;
    struct surety_result *result;
    const struct surety_groups *groups; // NULL: nothing is uncertain
};

// Creates the result with everything that does not come from books. On error nothing is left behind.
enum surety_err surety_summary_start(struct surety_summary *summary, const struct surety_scenario *scenario,
                                     const struct surety_plan *plan, const struct surety_run_options *options,
                                     uint64_t n_replications);

// Fills the result's architecture `index` from its merged books. sums: of all chunks, [chunk][architecture][sum];
// they are added in chunk order.
enum surety_err surety_summary_architecture(struct surety_summary *summary, size_t index,
                                            const struct surety_books *books, const double *sums, uint64_t n_chunks);

// A dimension of a tier by itself, with its intervals.
struct surety_dimension_result;
void surety_summary_dimension(const struct surety_summary *summary, const struct surety_dimension_books *books,
                              uint64_t n_terms, size_t architecture, size_t tier, enum surety_dimension dimension,
                              struct surety_dimension_result *out);

// Half the width of Wilson's interval for n_met of n: the stopping rule's measure of precision.
double surety_summary_half_width(uint64_t n_met, uint64_t n, double confidence);

// The same with uncertain inputs: over groups.
double surety_summary_half_width_groups(const struct surety_groups *groups, uint64_t n, size_t architecture,
                                        size_t tier, double confidence);

// With uncertain inputs: the tier's intervals over groups instead of over terms, and what ignorance adds. False when
// memory is out.
bool surety_summary_tier_groups(const struct surety_summary *summary, const struct surety_books *books,
                                size_t architecture, size_t tier, struct surety_tier_result *out);

// With uncertain inputs: the interval over groups of one `what` of enum surety_groups_what; sum_missed_squared is that of
// the windows missed in a term, of windows only.
struct surety_probability;
void surety_summary_group_interval(const struct surety_summary *summary, size_t architecture, size_t tier,
                                   unsigned what, bool windows, uint64_t sum_missed_squared,
                                   struct surety_probability *p);

// Lists the uncertain inputs and how they go with the verdict's tier. False when memory is out.
bool surety_summary_inputs(struct surety_summary *summary);

#endif
