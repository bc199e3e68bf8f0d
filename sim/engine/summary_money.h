// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_SUMMARY_MONEY_H
#define SURETY_ENGINE_SUMMARY_MONEY_H

#include "sim/engine/books.h"
#include "sim/engine/summary.h"

// Money, causes and phases from books to the result; used by summary.c only. totals: surety_n_sums doubles over all
// chunks. False when memory is out.

// Mean and standard error of n values by their sum and sum of squares.
struct surety_mean surety_summary_mean(double sum, double sum_squared, double n);

bool surety_summary_tier_money(const struct surety_summary *summary, const struct surety_books *books, size_t tier,
                               const double *totals, struct surety_tier_result *out);
bool surety_summary_cost(const struct surety_summary *summary, const struct surety_books *books, const double *totals,
                         size_t architecture, struct surety_architecture_result *out);
bool surety_summary_blame(const struct surety_summary *summary, const struct surety_blame *blame,
                          struct surety_architecture_result *out);

#endif
