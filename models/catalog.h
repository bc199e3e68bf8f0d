// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_CATALOG_H
#define SURETY_MODELS_CATALOG_H

#include "sim/base/registry.h"

// The entries of scenarios/providers, by name; a row with name NULL at the end. Written by embed_catalog.py when the
// program is built, so that it needs no file at run time.
extern const struct surety_catalog_entry surety_catalog_entries[];

#endif
