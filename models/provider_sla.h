// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_PROVIDER_SLA_H
#define SURETY_MODELS_PROVIDER_SLA_H

#include "sim/base/registry.h"

#include <stdbool.h>

struct surety_reader;
struct surety_ynode;

// Rows of a provider's `sla`, into struct surety_provider_sla.
extern const struct surety_fields surety_provider_sla_fields;

// Rows of one item of a provider's `price_changes`, and the reader of the list, into struct surety_provider.
extern const struct surety_fields surety_price_change_fields;
bool surety_read_price_changes(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                               void *out);

#endif
