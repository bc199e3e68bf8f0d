// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_REGISTRY_H
#define SURETY_MODELS_REGISTRY_H

#include "sim/base/registry.h"

// All models of this program, for surety_scenario_load. Constant.
const struct surety_registry *surety_registry_get(void);

#endif
