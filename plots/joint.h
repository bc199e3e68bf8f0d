// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_JOINT_H
#define SURETY_PLOTS_JOINT_H

#include "plots/json_writer.h"
#include "sim/engine/result.h"

#include <stdbool.h>
#include <stdio.h>

// Promises of quality and cost, what all dimensions hold together, the right to leave, what providers give back.

// True when the result has something of it.
bool surety_joint_has(const struct surety_result *result);

// Hands over sentence by sentence what is to be said of the architecture.
void surety_joint_sentences(const struct surety_result *result, const struct surety_architecture_result *architecture,
                            void (*say)(FILE *out, const char *sentence), FILE *out);

// Members of the map of a tier, of an architecture.
void surety_joint_json_tier(struct surety_json *json, const struct surety_tier_result *tier);
void surety_joint_json_dimensions(struct surety_json *json, const struct surety_tier_result *tier);
void surety_joint_json_architecture(struct surety_json *json, const struct surety_architecture_result *architecture);

// The tables dimensions.csv and quality.csv.
void surety_joint_csv_dimensions(const struct surety_result *result, FILE *out);
void surety_joint_csv_quality(const struct surety_result *result, FILE *out);

#endif
