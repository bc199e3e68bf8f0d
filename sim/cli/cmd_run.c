// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/portfolio.h"
#include "plots/reporter.h"
#include "sim/cli/command.h"
#include "sim/cli/exports.h"
#include "sim/cli/output.h"
#include "sim/cli/requiring.h"
#include "sim/cli/run_requests.h"

#include <string.h>

// The most terms that --precision runs when --replications sets no other limit.
#define MOST_REPLICATIONS UINT64_C(100000000)

static struct surety_run_options run_options(const struct surety_options *options)
{
    struct surety_run_options run;
    surety_run_options_default(&run);
    run.seed = options->seed;
    run.n_threads = options->threads;
    run.precision = options->precision;
    run.offers = options->offers;
    if (options->replications > 0)
        run.n_replications = options->replications;
    else if (options->precision > 0.0)
        run.n_replications = MOST_REPLICATIONS;
    return run;
}

static bool is_stdout(const char *path)
{
    return path != NULL && strcmp(path, "-") == 0;
}

// What can be said of the command line once the scenario is known, and before a long run.
static enum surety_err check(const struct surety_options *options, const struct surety_answering *answering,
                             struct surety_diags *diags, struct surety_required *required)
{
    if (answering->several && options->precision > 0.0) {
        surety_diag_add(diags, SURETY_D_USAGE, (struct surety_place){0, 0}, NULL, "use --replications",
                        "--precision is for one contract: the credits of several are added up on the same terms");
        return SURETY_E_INPUT;
    }
    const enum surety_err err = surety_exports_check(options, diags);
    return err == SURETY_OK ? surety_required_read(options->require, answering, diags, required) : err;
}

static void write_json(const struct surety_answering *answering, FILE *out)
{
    if (answering->several)
        surety_report_portfolio_json(&answering->portfolio, out);
    else
        surety_report_json(answering->result, out);
}

static void write_text(const struct surety_answering *answering, FILE *out)
{
    if (answering->several)
        surety_report_portfolio_text(&answering->portfolio, out);
    else
        surety_report_text(answering->result, out);
}

static void judge(const struct surety_options *options, const struct surety_answering *answering,
                  const struct surety_required *required)
{
    if (surety_required_holds(required, answering))
        return;
    *options->refuted = true;
    if (!options->quiet)
        fprintf(stderr, "surety: what was required does not hold: %s\n", options->require);
}

// Opens the JSON file, runs, writes. Nothing is written when the run fails.
static enum surety_err answer(const struct surety_options *options, struct surety_answering *answering,
                              struct surety_diags *diags)
{
    struct surety_output json = {.path = options->json};
    struct surety_required required;
    const struct surety_run_options run = run_options(options);
    enum surety_err err = check(options, answering, diags, &required);
    if (err == SURETY_OK && options->json != NULL)
        err = surety_output_open(&json, options->json, diags);
    if (err == SURETY_OK)
        err = surety_answering_run(answering, &run, options->report != NULL || options->csv != NULL, options->quiet,
                                   diags);
    if (err == SURETY_OK && options->json != NULL) {
        write_json(answering, json.file);
        err = surety_output_commit(&json, diags);
    }
    if (err == SURETY_OK && !is_stdout(options->json))
        write_text(answering, stdout);
    if (err == SURETY_OK)
        err = surety_exports_write(options, answering, diags);
    if (err == SURETY_OK)
        judge(options, answering, &required);
    surety_output_abandon(&json);
    return err;
}

enum surety_err surety_cmd_run(const struct surety_options *options, struct surety_diags *diags)
{
    struct surety_answering answering;
    bool requests;
    diags->file = options->arguments[0];
    enum surety_err err = surety_run_engine(options, diags, &requests);
    if (err != SURETY_OK)
        return err;
    if (requests)
        return surety_run_requests(options, diags);
    err = surety_answering_load(options->arguments[0], options->overrides, options->n_overrides, diags, &answering);
    // The text report has the warnings; who reads JSON gets them on standard error too.
    if (err == SURETY_OK && is_stdout(options->json) && !options->quiet)
        surety_diags_print(diags, stderr);
    if (err == SURETY_OK)
        err = answer(options, &answering, diags);
    surety_answering_finish(&answering);
    return err;
}
