// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/model_risk.h"

#include <math.h>
#include <string.h>

static bool has_both(const struct surety_provider *p)
{
    return p->used && p->n_outages > 0 && p->record.given && !isnan(p->record.bootstrap_s);
}

static enum surety_err run_records(const struct surety_scenario *scenario, const struct surety_run_options *options,
                                   struct surety_diags *diags, struct surety_result **out)
{
    struct surety_plan *plan = NULL;
    struct surety_run_options run = *options;
    run.measures = false;
    run.progress = NULL;
    run.record = NULL;
    enum surety_err err = surety_plan_create_with(scenario, SURETY_RECORDS_DRAWN, diags, &plan);
    if (err == SURETY_OK)
        err = surety_run(scenario, plan, &run, diags, out);
    surety_plan_destroy(plan);
    return err;
}

// One more warning of the result, about the verdict's tier on its architecture.
static bool warn(struct surety_result *result)
{
    const struct surety_verdict *v = &result->verdict;
    const struct surety_architecture_result *laws = &result->architectures[v->architecture];
    const struct surety_architecture_result *record = &result->by_record->architectures[v->architecture];
    const char **grown = surety_arena_calloc(&result->arena, result->n_warnings + 1, sizeof *grown);
    if (grown == NULL)
        return false;
    if (result->n_warnings > 0)
        memcpy(grown, result->warnings, result->n_warnings * sizeof *grown);
    grown[result->n_warnings] = surety_arena_printf(
        &result->arena,
        "model risk: with blocks of the record of %s instead of laws, %s on %s is met in every window with probability "
        "%.4g %% (laws: %.4g %%), availability %.7g %% (laws: %.7g %%)",
        result->by_record_of, laws->tiers[v->tier].name, laws->name, 100 * record->tiers[v->tier].term_met.p,
        100 * laws->tiers[v->tier].term_met.p, 100 * record->availability.mean, 100 * laws->availability.mean);
    if (grown[result->n_warnings] == NULL)
        return false;
    result->warnings = grown;
    result->n_warnings++;
    return true;
}

enum surety_err surety_model_risk_find(const struct surety_scenario *scenario, const struct surety_run_options *options,
                                       struct surety_diags *diags, struct surety_result *result)
{
    const char *names = NULL;
    for (size_t i = 0; i < scenario->n_providers; i++) {
        const char *name = scenario->providers[i].name;
        if (!has_both(&scenario->providers[i]))
            continue;
        names = names == NULL ? surety_arena_printf(&result->arena, "%s", name)
                              : surety_arena_printf(&result->arena, "%s, %s", names, name);
        if (names == NULL)
            return SURETY_E_MEMORY;
    }
    if (names == NULL || result->n_tiers == 0)
        return SURETY_OK;
    result->by_record_of = names;
    const enum surety_err err = run_records(scenario, options, diags, &result->by_record);
    return err != SURETY_OK ? err : warn(result) ? SURETY_OK : SURETY_E_MEMORY;
}
