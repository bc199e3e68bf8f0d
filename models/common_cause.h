// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_COMMON_CAUSE_H
#define SURETY_MODELS_COMMON_CAUSE_H

#include "sim/base/registry.h"

// Rows of `common_causes.NAME`, into struct surety_common_cause: what fails several providers at once.
extern const struct surety_fields surety_common_cause_fields;

#endif
