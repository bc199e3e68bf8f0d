// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_AVAILABILITY_H
#define SURETY_MODELS_AVAILABILITY_H

#include "sim/base/registry.h"

// Rows of `contract.availability`; they fill struct surety_contract.
extern const struct surety_fields surety_availability_fields;

// Reads `contract.exclude` into struct surety_contract; a `read` of custom rows.
bool surety_read_exclude(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out);

// Complains about names in `exclude` that are no cause of the scenario, when all of it is read. contract: its map.
void surety_check_exclude(struct surety_reader *reader, const struct surety_ynode *contract);

#endif
