// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_ZONE_H
#define SURETY_MODELS_ZONE_H

#include "sim/base/registry.h"
#include "sim/base/tz.h"

#include <stdbool.h>

// The zone `name`, which the value `node` at `path` asks for, into *out. False after a diagnostic: there is none of that
// name, or none at all.
bool surety_find_zone(struct surety_reader *reader, const struct surety_ynode *node, const char *path, const char *name,
                      const struct surety_tz **out);

#endif
