// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_QUALITY_H
#define SURETY_MODELS_QUALITY_H

#include "sim/base/registry.h"

struct surety_reader;
struct surety_scenario;
struct surety_ynode;

// Rows of one entry of a provider's `quality`, into struct surety_pass_rate.
extern const struct surety_fields surety_pass_rate_fields;

// Rows of a provider's `model_changes`, into struct surety_model_changes.
extern const struct surety_fields surety_model_changes_fields;

// Rows of `contract.quality`, into struct surety_quality.
extern const struct surety_fields surety_quality_fields;

// Rows of one suite's promise in a tier's `quality`, into struct surety_quality_target.
extern const struct surety_fields surety_quality_target_fields;

// What hangs on several maps: that promises and pass rates name suites, that a promise is backed by the pass rates of
// every route.
void surety_check_quality(struct surety_reader *reader, const struct surety_ynode *root,
                          struct surety_scenario *scenario);

// The same for `model_changes`: they name a suite for which the provider has a pass rate.
void surety_check_model_changes(struct surety_reader *reader, struct surety_scenario *scenario);

#endif
