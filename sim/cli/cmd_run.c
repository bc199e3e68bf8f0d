// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/registry.h"
#include "plots/reporter.h"
#include "sim/cli/command.h"
#include "sim/cli/exports.h"
#include "sim/cli/output.h"
#include "sim/cli/progress.h"
#include "sim/engine/answer.h"

#include <string.h>

// The most terms that --precision runs when --replications sets no other limit.
#define MOST_REPLICATIONS UINT64_C(100000000)

static enum surety_err simulate(const struct surety_options *options, const struct surety_scenario *scenario,
                                const struct surety_plan *plan, struct surety_diags *diags, struct surety_result **out)
{
    struct surety_progress progress;
    struct surety_run_options run;
    surety_run_options_default(&run);
    run.seed = options->seed;
    run.n_threads = options->threads;
    run.precision = options->precision;
    if (options->replications > 0)
        run.n_replications = options->replications;
    else if (options->precision > 0.0)
        run.n_replications = MOST_REPLICATIONS;
    run.progress = surety_progress_update;
    run.progress_context = &progress;
    surety_progress_init(&progress, options->quiet);
    enum surety_err err = surety_answer(scenario, plan, &run, options->report != NULL || options->csv != NULL, diags, out);
    surety_progress_finish(&progress);
    return err;
}

// Opens the JSON file, runs, writes. Nothing is written when the run fails.
static enum surety_err run_plan(const struct surety_options *options, const struct surety_scenario *scenario,
                                const struct surety_plan *plan, struct surety_diags *diags)
{
    struct surety_output json = {.path = options->json};
    enum surety_err err = surety_exports_check(options, diags);
    if (err == SURETY_OK && options->json != NULL)
        err = surety_output_open(&json, options->json, diags);
    struct surety_result *result = NULL;
    if (err == SURETY_OK)
        err = simulate(options, scenario, plan, diags, &result);
    if (err == SURETY_OK && options->json != NULL) {
        surety_report_json(result, json.file);
        err = surety_output_commit(&json, diags);
    }
    if (err == SURETY_OK && (options->json == NULL || strcmp(options->json, "-") != 0))
        surety_report_text(result, stdout);
    if (err == SURETY_OK)
        err = surety_exports_write(options, result, diags);
    surety_output_abandon(&json);
    surety_result_destroy(result);
    return err;
}

enum surety_err surety_cmd_run(const struct surety_options *options, struct surety_diags *diags)
{
    struct surety_scenario *scenario = NULL;
    struct surety_plan *plan = NULL;
    diags->file = options->arguments[0];
    enum surety_err err = surety_scenario_load(surety_registry_get(), options->arguments[0], options->overrides,
                                               options->n_overrides, diags, &scenario);
    if (err == SURETY_OK)
        err = surety_plan_create(scenario, diags, &plan);
    // The text report has the warnings; who reads JSON gets them on standard error too.
    if (err == SURETY_OK && options->json != NULL && strcmp(options->json, "-") == 0 && !options->quiet)
        surety_diags_print(diags, stderr);
    if (err == SURETY_OK)
        err = run_plan(options, scenario, plan, diags);
    surety_plan_destroy(plan);
    surety_scenario_destroy(scenario);
    return err;
}
