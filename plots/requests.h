// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_REQUESTS_H
#define SURETY_PLOTS_REQUESTS_H

#include "sim/requests/requests.h"

#include <stdio.h>

// A result of the request-level engine, as text and as JSON (kind "requests", docs/scenario.md).
void surety_report_requests_text(const struct surety_requests_result *result, FILE *out);
void surety_report_requests_json(const struct surety_requests_result *result, FILE *out);

#endif
