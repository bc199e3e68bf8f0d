// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_COST_PROMISE_H
#define SURETY_MODELS_COST_PROMISE_H

#include "sim/base/registry.h"

struct surety_reader;
struct surety_scenario;

// Rows of a tier's `cost`, into struct surety_cost_promise.
extern const struct surety_fields surety_cost_promise_fields;

// What hangs on several maps: that a promise names a workload, that somebody has a price.
void surety_check_cost_promises(struct surety_reader *reader, struct surety_scenario *scenario);

#endif
