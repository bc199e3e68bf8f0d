// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_LATENCY_H
#define SURETY_MODELS_LATENCY_H

#include "sim/base/registry.h"

struct surety_reader;
struct surety_scenario;
struct surety_ynode;

// Rows of a provider's `latency`, into struct surety_latency_laws.
extern const struct surety_fields surety_latency_fields;

// Rows of one workload's promise in a tier's `latency`, into struct surety_latency_target.
extern const struct surety_fields surety_latency_target_fields;

// What hangs on several maps: that targets name workloads, that a promise is backed by laws.
void surety_check_latency(struct surety_reader *reader, const struct surety_ynode *root,
                          struct surety_scenario *scenario);

#endif
