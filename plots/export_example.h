// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_EXPORT_EXAMPLE_H
#define SURETY_PLOTS_EXPORT_EXAMPLE_H

#include "plots/export.h"

// The worked example of an annex: incidents in the first window, read by the contract's own meter, with the credit.
enum surety_err surety_export_example(const struct surety_export *e, FILE *out);

#endif
