// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_TRAFFIC_H
#define SURETY_PLOTS_TRAFFIC_H

#include "plots/json_writer.h"
#include "sim/engine/result.h"

#include <stdbool.h>
#include <stdio.h>

// What architectures send for what they get: retries, copies, and what both cost.

#define SURETY_TRAFFIC_TEXT_SIZE 2048

// True when more or less than one request is sent where one would do, or more of them while an outage is on.
bool surety_traffic_is_amplified(const struct surety_architecture_result *architecture);

// "Sends 1.004 requests per request served: ..."; empty without amplification.
void surety_traffic_sentence(const struct surety_result *result, const struct surety_architecture_result *architecture,
                             char out[SURETY_TRAFFIC_TEXT_SIZE]);

void surety_traffic_json(struct surety_json *json, const struct surety_architecture_result *architecture);

void surety_traffic_csv(const struct surety_result *result, FILE *out);
bool surety_traffic_has_rows(const struct surety_result *result);

// A section of the report; nothing where no architecture amplifies.
void surety_traffic_html(const struct surety_result *result, unsigned level, FILE *out);

#endif
