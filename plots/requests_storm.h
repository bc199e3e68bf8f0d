// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_REQUESTS_STORM_H
#define SURETY_PLOTS_REQUESTS_STORM_H

#include "sim/requests/requests.h"

#include <stdio.h>

// Does the storm end when the outage does: a table and a sentence for each architecture. Only where an outage was ordered.
void surety_report_requests_storms(const struct surety_requests_result *result, FILE *out);

#endif
