// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/registry.h"
#include "plots/portfolio.h"
#include "plots/reporter.h"
#include "sim/cli/command.h"
#include "sim/cli/exports.h"
#include "sim/cli/output.h"
#include "sim/cli/progress.h"
#include "sim/cli/run_requests.h"
#include "sim/engine/answer.h"
#include "sim/engine/portfolio.h"
#include "sim/engine/verdict.h"

#include <stdlib.h>
#include <string.h>

// The most terms that --precision runs when --replications sets no other limit.
#define MOST_REPLICATIONS UINT64_C(100000000)

static struct surety_run_options run_options(const struct surety_options *options, struct surety_progress *progress)
{
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
    run.progress_context = progress;
    return run;
}

static enum surety_err simulate(const struct surety_options *options, const struct surety_scenario *scenario,
                                const struct surety_plan *plan, struct surety_diags *diags, struct surety_result **out)
{
    struct surety_progress progress;
    const struct surety_run_options run = run_options(options, &progress);
    surety_progress_init(&progress, options->quiet);
    enum surety_err err =
        surety_answer(scenario, plan, &run, options->report != NULL || options->csv != NULL, diags, out);
    surety_progress_finish(&progress);
    return err;
}

// Reads `--require` before the run, so that a slip of the pen is found at once.
static enum surety_err read_requirement(const struct surety_options *options, const struct surety_plan *plan,
                                        struct surety_diags *diags, struct surety_requirement *out)
{
    const char *problem = NULL;
    if (options->require == NULL || surety_requirement_parse_plan(plan, &diags->arena, options->require, out, &problem))
        return SURETY_OK;
    surety_diag_add(diags, SURETY_D_USAGE, (struct surety_place){0, 0}, NULL, "write TIER[@ARCHITECTURE][:safe|priced]",
                    "--require %s: %s", options->require, problem);
    return SURETY_E_INPUT;
}

static void judge(const struct surety_options *options, const struct surety_result *result,
                  const struct surety_requirement *requirement)
{
    if (options->require == NULL || surety_requirement_holds(result, requirement))
        return;
    *options->refuted = true;
    if (!options->quiet)
        fprintf(stderr, "surety: what was required does not hold: %s\n", options->require);
}

// Opens the JSON file, runs, writes. Nothing is written when the run fails.
static enum surety_err run_plan(const struct surety_options *options, const struct surety_scenario *scenario,
                                const struct surety_plan *plan, struct surety_diags *diags)
{
    struct surety_output json = {.path = options->json};
    struct surety_requirement requirement;
    enum surety_err err = surety_exports_check(options, diags);
    if (err == SURETY_OK)
        err = read_requirement(options, plan, diags, &requirement);
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
    if (err == SURETY_OK)
        judge(options, result, &requirement);
    surety_output_abandon(&json);
    surety_result_destroy(result);
    return err;
}

// --- several contracts -----------------------------------------------------------------------------------------

static enum surety_err read_contracts(const struct surety_options *options, const struct surety_scenario *scenario,
                                      struct surety_diags *diags, struct surety_portfolio *portfolio)
{
    portfolio->contracts = calloc(scenario->n_contract_names, sizeof *portfolio->contracts);
    if (portfolio->contracts == NULL)
        return SURETY_E_MEMORY;
    enum surety_err err = SURETY_OK;
    for (size_t i = 0; err == SURETY_OK && i < scenario->n_contract_names; i++) {
        struct surety_portfolio_contract *c = &portfolio->contracts[portfolio->n_contracts++];
        c->name = scenario->contract_names[i];
        err =
            surety_scenario_read_contract(surety_registry_get(), scenario->file, scenario->text, strlen(scenario->text),
                                          options->overrides, options->n_overrides, c->name, diags, &c->scenario);
        if (err == SURETY_OK)
            err = surety_plan_create(c->scenario, diags, &c->plan);
    }
    return err;
}

static enum surety_err write_portfolio(const struct surety_options *options, const struct surety_portfolio *portfolio,
                                       struct surety_output *json, struct surety_diags *diags)
{
    enum surety_err err = SURETY_OK;
    if (options->json != NULL) {
        surety_report_portfolio_json(portfolio, json->file);
        err = surety_output_commit(json, diags);
    }
    if (err == SURETY_OK && (options->json == NULL || strcmp(options->json, "-") != 0))
        surety_report_portfolio_text(portfolio, stdout);
    return err;
}

static enum surety_err run_portfolio(const struct surety_options *options, const struct surety_scenario *scenario,
                                     struct surety_diags *diags)
{
    struct surety_portfolio portfolio = {0};
    struct surety_requirement requirement = {0};
    struct surety_output json = {.path = options->json};
    struct surety_progress progress;
    const struct surety_run_options run = run_options(options, &progress);
    if (options->report != NULL || options->csv != NULL || options->plot) {
        surety_diag_add(diags, SURETY_D_UNSUPPORTED, (struct surety_place){0, 0}, NULL,
                        "run them one at a time for that",
                        "--report, --csv and --plot are not supported yet for several contracts");
        return SURETY_E_INPUT;
    }
    enum surety_err err = read_contracts(options, scenario, diags, &portfolio);
    for (size_t i = 0; err == SURETY_OK && i < portfolio.n_contracts; i++)
        err = read_requirement(options, portfolio.contracts[i].plan, diags, &requirement);
    if (err == SURETY_OK && options->json != NULL)
        err = surety_output_open(&json, options->json, diags);
    surety_progress_init(&progress, options->quiet);
    if (err == SURETY_OK)
        err = surety_portfolio_answer(&portfolio, &run, diags);
    surety_progress_finish(&progress);
    if (err == SURETY_OK)
        err = write_portfolio(options, &portfolio, &json, diags);
    for (size_t i = 0; err == SURETY_OK && options->require != NULL && i < portfolio.n_contracts; i++) {
        err = read_requirement(options, portfolio.contracts[i].plan, diags, &requirement);
        if (err == SURETY_OK)
            judge(options, portfolio.contracts[i].result, &requirement);
    }
    surety_output_abandon(&json);
    surety_portfolio_finish(&portfolio);
    return err;
}

enum surety_err surety_cmd_run(const struct surety_options *options, struct surety_diags *diags)
{
    struct surety_scenario *scenario = NULL;
    struct surety_plan *plan = NULL;
    bool requests;
    diags->file = options->arguments[0];
    enum surety_err err = surety_run_engine(options, diags, &requests);
    if (err == SURETY_OK && requests)
        return surety_run_requests(options, diags);
    if (err == SURETY_OK)
        err = surety_scenario_load(surety_registry_get(), options->arguments[0], options->overrides,
                                   options->n_overrides, diags, &scenario);
    const bool several = err == SURETY_OK && scenario->n_contract_names > 1;
    if (err == SURETY_OK && !several)
        err = surety_plan_create(scenario, diags, &plan);
    // The text report has the warnings; who reads JSON gets them on standard error too.
    if (err == SURETY_OK && options->json != NULL && strcmp(options->json, "-") == 0 && !options->quiet)
        surety_diags_print(diags, stderr);
    if (err == SURETY_OK)
        err = several ? run_portfolio(options, scenario, diags) : run_plan(options, scenario, plan, diags);
    surety_plan_destroy(plan);
    surety_scenario_destroy(scenario);
    return err;
}
