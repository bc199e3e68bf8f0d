// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/registry.h"
#include "sim/cli/command.h"
#include "sim/scenario/json_schema.h"

enum surety_err surety_cmd_schema(const struct surety_options *options, struct surety_diags *diags)
{
    (void)options;
    (void)diags;
    surety_json_schema_write(surety_registry_get(), stdout);
    return SURETY_OK;
}
