// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_PROVIDER_H
#define SURETY_MODELS_PROVIDER_H

#include "sim/base/registry.h"

// Rows of one provider, into struct surety_provider.
extern const struct surety_fields surety_provider_fields;

#endif
