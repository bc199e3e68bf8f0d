// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_LATENCY_CSV_H
#define SURETY_PLOTS_LATENCY_CSV_H

#include "sim/engine/result.h"

#include <stdbool.h>
#include <stdio.h>

// Tables of latency. Empty cells: beyond what was computed.

void surety_latency_csv(const struct surety_result *result, FILE *out);        // percentiles of all requests
void surety_latency_csv_cdf(const struct surety_result *result, FILE *out);    // the law
void surety_latency_csv_months(const struct surety_result *result, FILE *out); // percentiles window by window

bool surety_latency_has_rows(const struct surety_result *result);

#endif
