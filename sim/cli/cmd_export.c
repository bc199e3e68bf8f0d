// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/registry.h"
#include "plots/export.h"
#include "sim/cli/command.h"
#include "sim/cli/progress.h"
#include "sim/engine/internal_slo.h"
#include "sim/engine/runner.h"

#include <stdlib.h>
#include <string.h>

#define NOWHERE ((struct surety_place){0, 0})

static const struct surety_export_type *find_type(const char *word, struct surety_diags *diags)
{
    size_t n = 0;
    for (; surety_export_types[n].name != NULL; n++)
        if (strcmp(surety_export_types[n].name, word) == 0)
            return &surety_export_types[n];
    const char *near = surety_did_you_mean(word, surety_export_types, n, sizeof *surety_export_types);
    surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL,
                    near != NULL ? surety_arena_printf(&diags->arena, "did you mean \"%s\"?", near)
                                 : "there are clauses, openslo, prometheus",
                    "nothing is exported as \"%.40s\"", word);
    return NULL;
}

// The number of `name` among n names that stand `stride` apart; SIZE_MAX with a diagnostic. NULL: SIZE_MAX alone.
static enum surety_err find_name(const char *what, const char *name, const void *names, size_t n, size_t stride,
                                 struct surety_diags *diags, size_t *out)
{
    *out = SIZE_MAX;
    for (size_t i = 0; name != NULL && i < n; i++)
        if (strcmp(*(const char *const *)((const char *)names + i * stride), name) == 0)
            *out = i;
    if (name == NULL || *out != SIZE_MAX)
        return SURETY_OK;
    const char *near = surety_did_you_mean(name, names, n, stride);
    surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL,
                    near != NULL ? surety_arena_printf(&diags->arena, "did you mean \"%s\"?", near) : NULL,
                    "no %s \"%.64s\"", what, name);
    return SURETY_E_INPUT;
}

// Of several contracts the one that is asked for takes the place of the first.
static enum surety_err select_contract(const struct surety_options *options, struct surety_diags *diags,
                                       struct surety_scenario **scenario)
{
    struct surety_scenario *first = *scenario, *chosen = NULL;
    size_t i;
    if (first->n_contract_names > 0 && options->contract == NULL) {
        surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, "name one with --contract",
                        "the scenario has several contracts");
        return SURETY_E_INPUT;
    }
    enum surety_err err = find_name("contract", options->contract, first->contract_names, first->n_contract_names,
                                    sizeof *first->contract_names, diags, &i);
    if (err != SURETY_OK || i == SIZE_MAX)
        return err;
    err = surety_scenario_read_contract(surety_registry_get(), first->file, first->text, strlen(first->text),
                                        options->overrides, options->n_overrides, options->contract, diags, &chosen);
    if (err == SURETY_OK) {
        surety_scenario_destroy(first);
        *scenario = chosen;
    }
    return err;
}

// What a run has to say: the tier and the architecture where they are not given, and the internal SLO of both.
static enum surety_err run(const struct surety_options *options, const struct surety_scenario *scenario,
                           const struct surety_plan *plan, bool wants_slo, size_t *tier, size_t *architecture,
                           struct surety_diags *diags, struct surety_result **out)
{
    struct surety_run_options run_options;
    struct surety_result *result;
    surety_run_options_default(&run_options);
    run_options.seed = options->seed;
    run_options.n_threads = options->threads;
    if (options->replications > 0)
        run_options.n_replications = options->replications;
    enum surety_err err = surety_run(scenario, plan, &run_options, diags, &result);
    if (err != SURETY_OK)
        return err;
    *tier = *tier != SIZE_MAX ? *tier : result->verdict.tier;
    *architecture = *architecture != SIZE_MAX ? *architecture : result->verdict.architecture;
    // The objective is that of what is exported, whatever the verdict would sign.
    result->verdict.tier = *tier;
    result->verdict.architecture = *architecture;
    if (wants_slo)
        err = surety_internal_slo_find(scenario, plan, &run_options, diags, result);
    if (err == SURETY_OK)
        *out = result;
    else
        surety_result_destroy(result);
    return err;
}

static enum surety_err export(const struct surety_options *options, const struct surety_export_type *type,
                              const struct surety_scenario *scenario, struct surety_diags *diags) {
    struct surety_plan *plan = NULL; struct surety_result *result = NULL; size_t tier, architecture;
    enum surety_err err = find_name("tier", options->tier, scenario->contract.tiers, scenario->contract.n_tiers,
                                    sizeof *scenario->contract.tiers, diags, &tier);
    if (err == SURETY_OK)
        err = find_name("architecture", options->architecture, scenario->architectures, scenario->n_architectures,
                        sizeof *scenario->architectures, diags, &architecture);
    if (err == SURETY_OK) err = surety_plan_create(scenario, diags, &plan);
    if (err == SURETY_OK && (type->needs_run || tier == SIZE_MAX))
        err = run(options, scenario, plan, type->needs_run, &tier, &architecture, diags, &result);
    if (err ==
        SURETY_OK){const struct surety_export all =
                       {.scenario = scenario,
                        .plan = plan,
                        .tier = tier,
                        .architecture = architecture != SIZE_MAX ? scenario->architectures[architecture].name : NULL,
                        .slo = result != NULL ? result->architectures[architecture].internal_slo : NULL};
                   err = type->write(&all, stdout);}
surety_result_destroy(result);
surety_plan_destroy(plan);
return err;
}

enum surety_err surety_cmd_export(const struct surety_options *options, struct surety_diags *diags)
{
    struct surety_scenario *scenario = NULL;
    const struct surety_export_type *type = find_type(options->arguments[0], diags);
    if (type == NULL)
        return SURETY_E_INPUT;
    diags->file = options->arguments[1];
    enum surety_err err = surety_scenario_load(surety_registry_get(), options->arguments[1], options->overrides,
                                               options->n_overrides, diags, &scenario);
    if (err == SURETY_OK)
        err = select_contract(options, diags, &scenario);
    if (err == SURETY_OK)
        err = export(options, type, scenario, diags);
    surety_scenario_destroy(scenario);
    return err;
}
