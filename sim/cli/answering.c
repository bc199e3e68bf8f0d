// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cli/answering.h"

#include "models/registry.h"
#include "sim/cli/progress.h"

static enum surety_err make_plans(struct surety_answering *a, const struct surety_override *overrides,
                                  size_t n_overrides, struct surety_diags *diags)
{
    a->several = a->scenario->n_contract_names > 1;
    return a->several
               ? surety_portfolio_read(surety_registry_get(), a->scenario, overrides, n_overrides, diags, &a->portfolio)
               : surety_plan_create(a->scenario, diags, &a->plan);
}

enum surety_err surety_answering_load(const char *file, const struct surety_override *overrides, size_t n_overrides,
                                      struct surety_diags *diags, struct surety_answering *out)
{
    *out = (struct surety_answering){0};
    const enum surety_err err =
        surety_scenario_load(surety_registry_get(), file, overrides, n_overrides, diags, &out->scenario);
    return err == SURETY_OK ? make_plans(out, overrides, n_overrides, diags) : err;
}

enum surety_err surety_answering_read(const char *file, const char *text, size_t length,
                                      const struct surety_override *overrides, size_t n_overrides,
                                      struct surety_diags *diags, struct surety_answering *out)
{
    *out = (struct surety_answering){0};
    const enum surety_err err =
        surety_scenario_read(surety_registry_get(), file, text, length, overrides, n_overrides, diags, &out->scenario);
    return err == SURETY_OK ? make_plans(out, overrides, n_overrides, diags) : err;
}

enum surety_err surety_answering_run(struct surety_answering *answering, const struct surety_run_options *options,
                                     bool with_story, bool quiet, struct surety_diags *diags)
{
    struct surety_progress progress;
    struct surety_run_options run = *options;
    run.progress = surety_progress_update;
    run.progress_context = &progress;
    surety_progress_init(&progress, quiet);
    const enum surety_err err =
        answering->several
            ? surety_portfolio_answer(&answering->portfolio, &run, with_story, diags)
            : surety_answer(answering->scenario, answering->plan, &run, with_story, diags, &answering->result);
    surety_progress_finish(&progress);
    return err;
}

const struct surety_result *surety_answering_first(const struct surety_answering *answering)
{
    return answering->several ? answering->portfolio.contracts[0].result : answering->result;
}

void surety_answering_finish(struct surety_answering *answering)
{
    surety_portfolio_finish(&answering->portfolio);
    surety_result_destroy(answering->result);
    surety_plan_destroy(answering->plan);
    surety_scenario_destroy(answering->scenario);
    *answering = (struct surety_answering){0};
}
