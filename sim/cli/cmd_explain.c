// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/registry.h"
#include "sim/cli/command.h"
#include "sim/scenario/explain.h"

enum surety_err surety_cmd_explain(const struct surety_options *options, struct surety_diags *diags)
{
    return surety_explain(surety_registry_get(), options->arguments[0], diags, stdout);
}
