// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_SCENARIO_JSON_SCHEMA_H
#define SURETY_SCENARIO_JSON_SCHEMA_H

#include "sim/base/registry.h"

#include <stdio.h>

// Writes a JSON Schema (draft 2020-12) of the scenario, from the registry's rows: for editors that complete and check
// YAML. Keys that are not supported yet are absent. A file that it accepts may still be refused by
// surety_scenario_read, which also looks at names, units in context and what keys mean together.
void surety_json_schema_write(const struct surety_registry *registry, FILE *out);

#endif
