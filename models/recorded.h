// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_RECORDED_H
#define SURETY_MODELS_RECORDED_H

#include "sim/base/registry.h"
#include "sim/scenario/scenario.h"

// Rows of a provider's `record`, into struct surety_provider_record: real incidents in place of drawn outages.
extern const struct surety_fields surety_recorded_fields;

// Reads the file that a provider's `record` names, relative to the scenario, into provider->record, and says among the
// assumptions what was read. Its mistakes are reported at the key, with their place in the file.
void surety_recorded_check(struct surety_reader *reader, const struct surety_ynode *provider_node, const char *path,
                           struct surety_provider *provider);

#endif
