// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_RESERVED_H
#define SURETY_MODELS_RESERVED_H

#include "sim/base/registry.h"
#include "sim/scenario/scenario.h"

// Rows of a provider's `reserved`, into struct surety_reserved.
extern const struct surety_fields surety_reserved_fields;

// Complains where units are reserved and the provider lacks the price that overflow or the break-even needs.
void surety_reserved_check_price(struct surety_reader *reader, const struct surety_ynode *provider, const char *path,
                                 const struct surety_provider *out);

#endif
