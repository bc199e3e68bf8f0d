// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_MAINTENANCE_H
#define SURETY_MODELS_MAINTENANCE_H

#include "sim/base/registry.h"

// Rows of a provider's `maintenance`, into struct surety_maintenance: planned downtime at a fixed time of the week.
extern const struct surety_fields surety_maintenance_fields;

#endif
