// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_CONTRACT_H
#define SURETY_MODELS_CONTRACT_H

#include "sim/base/registry.h"

// Rows of `contract`, into struct surety_contract.
extern const struct surety_fields surety_contract_fields;

#endif
