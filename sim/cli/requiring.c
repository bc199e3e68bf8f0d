// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cli/requiring.h"

#include <string.h>

#define ALLOWED "write TIER[@ARCHITECTURE][:safe|priced]"
#define ALLOWED_SEVERAL "write CONTRACT.TIER[@ARCHITECTURE][:safe|priced]"

static enum surety_err refuse(struct surety_diags *diags, const char *text, const char *hint, const char *problem)
{
    surety_diag_add(diags, SURETY_D_USAGE, (struct surety_place){0, 0}, NULL, hint, "--require %s: %s", text, problem);
    return SURETY_E_INPUT;
}

// A tier without its contract: names the first contract that has it.
static enum surety_err refuse_bare(const struct surety_answering *a, struct surety_diags *diags, const char *text)
{
    const struct surety_scenario *scenario = a->scenario;
    const char *hint = ALLOWED_SEVERAL, *found = NULL;
    for (size_t i = 0; found == NULL && i < scenario->n_contract_names; i++) {
        struct surety_requirement ignored;
        const char *problem;
        if (surety_requirement_parse_plan(a->portfolio.contracts[i].plan, &diags->arena, text, &ignored, &problem))
            found = scenario->contract_names[i];
    }
    if (found != NULL)
        hint = surety_arena_printf(&diags->arena, "did you mean \"%s.%s\"?", found, text);
    return hint == NULL ? SURETY_E_MEMORY : refuse(diags, text, hint, "it does not say of which contract");
}

static enum surety_err refuse_contract(const struct surety_scenario *scenario, struct surety_diags *diags,
                                       const char *text, const char *name)
{
    const size_t n = scenario->n_contract_names;
    const char *near = surety_did_you_mean(name, scenario->contract_names, n, sizeof *scenario->contract_names);
    const char *hint = near != NULL ? surety_arena_printf(&diags->arena, "did you mean \"%s\"?", near)
                       : n == 0
                           ? "the scenario has one `contract`, without a name: " ALLOWED
                           : surety_arena_printf(&diags->arena, "the contracts are %s", scenario->contract_names[0]);
    for (size_t i = 1; near == NULL && hint != NULL && i < n; i++)
        hint = surety_arena_printf(&diags->arena, "%s, %s", hint, scenario->contract_names[i]);
    const char *problem = surety_arena_printf(&diags->arena, "there is no contract '%s'", name);
    return hint == NULL || problem == NULL ? SURETY_E_MEMORY : refuse(diags, text, hint, problem);
}

enum surety_err surety_required_read(const char *text, const struct surety_answering *answering,
                                     struct surety_diags *diags, struct surety_required *out)
{
    const struct surety_scenario *scenario = answering->scenario;
    const char *rest = text, *problem = NULL;
    *out = (struct surety_required){.text = text};
    if (text == NULL)
        return SURETY_OK;
    const size_t n_name = strcspn(text, ".@:");
    if (text[n_name] == '.') { // no name holds a dot
        const char *name = surety_arena_strndup(&diags->arena, text, n_name);
        if (name == NULL)
            return SURETY_E_MEMORY;
        while (out->contract < scenario->n_contract_names && strcmp(scenario->contract_names[out->contract], name) != 0)
            out->contract++;
        if (out->contract >= scenario->n_contract_names)
            return refuse_contract(scenario, diags, text, name);
        rest = text + n_name + 1;
    } else if (answering->several) {
        return refuse_bare(answering, diags, text);
    }
    const struct surety_plan *plan =
        answering->several ? answering->portfolio.contracts[out->contract].plan : answering->plan;
    if (surety_requirement_parse_plan(plan, &diags->arena, rest, &out->requirement, &problem))
        return SURETY_OK;
    const bool has_cure = problem[strlen(problem) - 1] == '?'; // did you mean
    return refuse(diags, text, has_cure ? NULL : answering->several ? ALLOWED_SEVERAL : ALLOWED, problem);
}

bool surety_required_holds(const struct surety_required *required, const struct surety_answering *answering)
{
    const struct surety_result *result =
        answering->several ? answering->portfolio.contracts[required->contract].result : answering->result;
    return required->text == NULL || surety_requirement_holds(result, &required->requirement);
}
