// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_GATEWAY_H
#define SURETY_MODELS_GATEWAY_H

#include "sim/base/registry.h"

// The node types fallback and hedge with the keys that a scenario gives them; what they do is in fallback.h.
extern const struct surety_node_type surety_fallback_type, surety_hedge_type;

// `fallback.profile: NAME`: published behaviour of a gateway as keys of a fallback. A row with name NULL at the end.
extern const struct surety_style surety_gateway_profiles[];

#endif
