// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/registry.h"
#include "plots/checked.h"
#include "sim/check/check.h"
#include "sim/cli/command.h"
#include "sim/cli/output.h"

#include <stdlib.h>
#include <string.h>

// --architecture among those of the scenario; SIZE_MAX: not given.
static enum surety_err find_architecture(const struct surety_options *options, const struct surety_scenario *scenario,
                                         struct surety_diags *diags, size_t *out)
{
    *out = SIZE_MAX;
    if (options->architecture == NULL)
        return SURETY_OK;
    for (size_t i = 0; i < scenario->n_architectures; i++)
        if (strcmp(scenario->architectures[i].name, options->architecture) == 0)
            *out = i;
    if (*out != SIZE_MAX)
        return SURETY_OK;
    const char *near = surety_did_you_mean(options->architecture, &scenario->architectures[0].name,
                                           scenario->n_architectures, sizeof *scenario->architectures);
    surety_diag_add(diags, SURETY_D_USAGE, (struct surety_place){0, 0}, NULL,
                    near != NULL ? surety_arena_printf(&diags->arena, "did you mean \"%s\"?", near) : NULL,
                    "no architecture \"%s\"", options->architecture);
    return SURETY_E_INPUT;
}

// Each contract of the file in turn; checked: room for n, filled in order.
static enum surety_err check_all(const struct surety_options *options, const struct surety_scenario *first, size_t n,
                                 size_t architecture, struct surety_diags *diags, struct surety_checked **checked)
{
    const struct surety_registry *registry = surety_registry_get();
    enum surety_err err = SURETY_OK;
    for (size_t i = 0; err == SURETY_OK && i < n; i++) {
        struct surety_scenario *scenario = NULL;
        struct surety_plan *plan = NULL;
        const char *name = first->n_contract_names > 0 ? first->contract_names[i] : NULL;
        err = surety_scenario_read_contract(registry, first->file, first->text, strlen(first->text), options->overrides,
                                            options->n_overrides, name, diags, &scenario);
        if (err == SURETY_OK)
            err = surety_plan_create(scenario, diags, &plan);
        if (err == SURETY_OK)
            err = surety_check_run(registry, scenario, plan, architecture, &checked[i]);
        surety_plan_destroy(plan);
        surety_scenario_destroy(scenario);
    }
    return err;
}

static enum surety_err write_all(const struct surety_options *options, const struct surety_scenario *scenario,
                                 struct surety_checked *const *checked, size_t n, struct surety_diags *diags)
{
    struct surety_output output;
    enum surety_err err = SURETY_OK;
    if (options->json != NULL && (err = surety_output_open(&output, options->json, diags)) == SURETY_OK) {
        surety_report_checked_json(scenario, checked, n, output.file);
        err = surety_output_commit(&output, diags);
    }
    if (err == SURETY_OK && (options->json == NULL || strcmp(options->json, "-") != 0))
        surety_report_checked_text(scenario, checked, n, stdout);
    return err;
}

enum surety_err surety_cmd_check(const struct surety_options *options, struct surety_diags *diags)
{
    struct surety_scenario *first = NULL;
    struct surety_checked **checked = NULL;
    diags->file = options->arguments[0];
    enum surety_err err = surety_scenario_load(surety_registry_get(), options->arguments[0], options->overrides,
                                               options->n_overrides, diags, &first);
    size_t architecture = SIZE_MAX;
    if (err == SURETY_OK)
        err = find_architecture(options, first, diags, &architecture);
    const size_t n = first != NULL && first->n_contract_names > 0 ? first->n_contract_names : 1;
    if (err == SURETY_OK && (checked = calloc(n, sizeof *checked)) == NULL)
        err = SURETY_E_MEMORY;
    if (err == SURETY_OK)
        err = check_all(options, first, n, architecture, diags, checked);
    if (err == SURETY_OK && !options->quiet && diags->n > 0)
        surety_diags_print(diags, stderr); // warnings of the reader
    if (err == SURETY_OK)
        err = write_all(options, first, checked, n, diags);
    if (err == SURETY_OK && surety_checked_count(checked, n) > 0)
        *options->refuted = true;
    for (size_t i = 0; checked != NULL && i < n; i++)
        surety_checked_destroy(checked[i]);
    free(checked);
    surety_scenario_destroy(first);
    return err;
}
