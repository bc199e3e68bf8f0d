// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/changed.h"

#include "models/registry.h"

#include <stdlib.h>
#include <string.h>

// "path=value" into an override whose path is a copy on the heap; false when memory is out.
static bool take(const char *set, struct surety_override *out)
{
    const char *equals = strchr(set, '=');
    out->path = strndup(set, (size_t)(equals - set));
    out->value = equals + 1;
    return out->path != NULL;
}

static enum surety_err read_with(const struct surety_scenario *scenario, const struct surety_override *overrides,
                                 size_t n, struct surety_scenario **changed, struct surety_plan **plan)
{
    // "contracts.retail": the same contract again.
    const char *name = strncmp(scenario->contract_path, "contracts.", 10) == 0 ? scenario->contract_path + 10 : NULL;
    struct surety_diags diags;
    surety_diags_init(&diags, scenario->file);
    enum surety_err err = surety_scenario_read_contract(surety_registry_get(), scenario->file, scenario->text,
                                                        strlen(scenario->text), overrides, n, name, &diags, changed);
    if (err == SURETY_OK && (err = surety_plan_create_trusted(*changed, &diags, plan)) != SURETY_OK)
        surety_scenario_destroy(*changed);
    surety_diags_finish(&diags);
    return err;
}

enum surety_err surety_changed_read(const struct surety_scenario *scenario, const char *const *sets, size_t n_sets,
                                    struct surety_scenario **changed, struct surety_plan **plan)
{
    const size_t n = scenario->n_overrides + n_sets;
    struct surety_override *list = calloc(n + 1, sizeof *list);
    enum surety_err err = list != NULL ? SURETY_OK : SURETY_E_MEMORY;
    for (size_t i = 0; err == SURETY_OK && i < n; i++) {
        const bool is_own = i < scenario->n_overrides;
        if (!take(is_own ? scenario->overrides[i] : sets[i - scenario->n_overrides], &list[i]))
            err = SURETY_E_MEMORY;
    }
    if (err == SURETY_OK)
        err = read_with(scenario, list, n, changed, plan);
    for (size_t i = 0; list != NULL && i < n; i++)
        free((char *)(uintptr_t)list[i].path);
    free(list);
    return err;
}
