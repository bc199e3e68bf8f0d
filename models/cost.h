// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_COST_H
#define SURETY_MODELS_COST_H

#include "sim/base/registry.h"

// Rows of a provider's `price`, into struct surety_price. An absent cached_input is the input price, another absent
// price 0 with a warning where that is likely a slip.
extern const struct surety_fields surety_price_fields;

#endif
