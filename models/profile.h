// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_PROFILE_H
#define SURETY_MODELS_PROFILE_H

#include "sim/base/registry.h"

// Weekly tables: the profile of a demand, the rhythm of failures. A preset by name or {hours: [168 numbers]}, scaled to
// mean 1; a `read` of custom rows, into struct surety_profile.
bool surety_read_profile(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out);

// JSON Schema of such a value.
extern const char surety_profile_schema[];

// Its own keys, for explain.
extern const struct surety_fields surety_profile_fields;

#endif
