// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/registry.h"
#include "plots/checked.h"
#include "sim/cli/command.h"
#include "sim/scenario/explain.h"

enum surety_err surety_cmd_explain(const struct surety_options *options, struct surety_diags *diags)
{
    const struct surety_check_rule *rule = surety_check_find(options->arguments[0]);
    if (rule != NULL) {
        surety_report_rule(rule, stdout);
        return SURETY_OK;
    }
    return surety_explain(surety_registry_get(), options->arguments[0], diags, stdout);
}
