// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_CAPACITY_H
#define SURETY_MODELS_CAPACITY_H

#include "sim/base/registry.h"

struct surety_reader;
struct surety_scenario;
struct surety_ynode;

// Rows of a provider's `capacity`, into struct surety_capacity.
extern const struct surety_fields surety_capacity_fields;

// What hangs on several maps: that limits of tokens know the tokens, that servers know how long a request takes. Warns of
// the providers without a limit.
void surety_check_capacity(struct surety_reader *reader, const struct surety_ynode *root,
                           const struct surety_scenario *scenario);

#endif
