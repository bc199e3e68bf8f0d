// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_SUMMARY_RESERVED_H
#define SURETY_ENGINE_SUMMARY_RESERVED_H

#include "sim/engine/books.h"
#include "sim/engine/summary.h"

// What reserved units did on one architecture, into out->reserved; false when memory is out. a_month: windows a month.
bool surety_summary_reserved(const struct surety_summary *summary, const struct surety_books *books,
                             const double *totals, const struct surety_plan_architecture *architecture, double a_month,
                             struct surety_architecture_result *out);

#endif
