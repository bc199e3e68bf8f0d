// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cli/run_requests.h"

#include "models/registry.h"
#include "plots/requests.h"
#include "sim/base/calendar.h"
#include "sim/cli/output.h"
#include "sim/cli/progress.h"
#include "sim/cli/run_outage.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NOWHERE ((struct surety_place){0, 0})

static const char *const engines[] = {"events", "requests"};
#define N_ENGINES (sizeof engines / sizeof *engines)

static bool is_given(const struct surety_options *o, const char *option)
{
    const struct {
        const char *name;
        bool given;
    } table[] = {{"--horizon", o->horizon_s > 0},
                 {"--at", o->at != NULL},
                 {"--trace", o->trace != NULL},
                 {"--outage", o->outage != NULL},
                 {"--precision", o->precision > 0},
                 {"--csv", o->csv != NULL},
                 {"--plot", o->plot},
                 {"--require", o->require != NULL},
                 {"--report", o->report != NULL},
                 {"--keep-plots", o->keep_plots != NULL},
                 {"--offers", o->offers}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].name, option) == 0)
            return table[i].given;
    return false;
}

// What to do instead.
static const char *why_not(const char *option)
{
    if (strcmp(option, "--precision") == 0)
        return "it plays as many worlds as --replications says; the errors are in the result";
    if (strcmp(option, "--require") == 0)
        return "it judges no tier: leave --engine out to have one judged";
    return "it has a text and --json only";
}

enum surety_err surety_run_engine(const struct surety_options *options, struct surety_diags *diags, bool *requests)
{
    static const char *const theirs[] = {"--horizon", "--at", "--trace", "--outage"};
    static const char *const not_theirs[] = {"--precision", "--require",    "--report", "--csv",
                                             "--plot",      "--keep-plots", "--offers"};
    *requests = false;
    if (options->engine != NULL) {
        size_t i = 0;
        while (i < N_ENGINES && strcmp(engines[i], options->engine) != 0)
            i++;
        if (i == N_ENGINES) {
            const char *near = surety_did_you_mean(options->engine, engines, N_ENGINES, sizeof *engines);
            char hint[64] = "events or requests";
            if (near != NULL)
                snprintf(hint, sizeof hint, "did you mean \"%s\"?", near);
            surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, hint, "no engine \"%s\"", options->engine);
            return SURETY_E_INPUT;
        }
        *requests = strcmp(options->engine, "requests") == 0;
    }
    const char *const *wrong = *requests ? not_theirs : theirs;
    const size_t n_wrong = *requests ? sizeof not_theirs / sizeof *not_theirs : sizeof theirs / sizeof *theirs;
    for (size_t i = 0; i < n_wrong; i++)
        if (is_given(options, wrong[i]))
            surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL,
                            *requests ? why_not(wrong[i]) : "add --engine requests", "%s does not go with --engine %s",
                            wrong[i], *requests ? "requests" : "events");
    return diags->n_errors > 0 ? SURETY_E_INPUT : SURETY_OK;
}

// "Tue 10:00" -> microseconds since Monday 00:00.
static bool read_at(const char *text, int64_t *out)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    for (int i = 0; i < 7; i++) {
        if (strncmp(text, days[i], 3) != 0 || strlen(text) != 9 || text[3] != ' ' || text[6] != ':' ||
            strspn(text + 4, "0123456789") != 2 || strspn(text + 7, "0123456789") != 2)
            continue;
        const int hour = 10 * (text[4] - '0') + text[5] - '0', minute = 10 * (text[7] - '0') + text[8] - '0';
        *out = ((i * 24 + hour) * 60 + minute) * 60 * SURETY_US_PER_S;
        return hour < 24 && minute < 60;
    }
    return false;
}

// What the command line says, the trace with it: mistakes in it are found before the scenario is read.
static enum surety_err read_options(const struct surety_options *options, struct surety_diags *diags,
                                    struct surety_requests_options *run, struct surety_requests_trace *trace)
{
    surety_requests_options_default(run);
    run->seed = options->seed;
    run->n_threads = options->threads;
    if (options->replications > 0)
        run->n_worlds = options->replications;
    if (options->horizon_s > 0)
        run->horizon_s = options->horizon_s;
    if (options->at != NULL && !read_at(options->at, &run->at_us)) {
        surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL,
                        "a weekday and a time, such as \"Tue 10:00\"; weekdays: Mon, Tue, Wed, Thu, Fri, Sat, Sun",
                        "\"%s\" is not a value for --at", options->at);
        return SURETY_E_INPUT;
    }
    if (options->outage != NULL && options->trace != NULL) {
        surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, "leave one of them out",
                        "--outage does not go with --trace: what follows an outage hangs on requests without end");
        return SURETY_E_INPUT;
    }
    if (options->trace == NULL)
        return SURETY_OK;
    const char *const file = diags->file;
    diags->file = options->trace; // its lines are those of the messages
    const enum surety_err err = surety_requests_trace_read(options->trace, diags, trace);
    if (err != SURETY_OK)
        return err;
    diags->file = file;
    run->trace = trace;
    if (!(options->horizon_s > 0))
        run->horizon_s = NAN;
    return SURETY_OK;
}

static enum surety_err read_scenario(const struct surety_options *options, struct surety_diags *diags,
                                     struct surety_scenario **scenario, struct surety_plan **plan)
{
    enum surety_err err = surety_scenario_load(surety_registry_get(), options->arguments[0], options->overrides,
                                               options->n_overrides, diags, scenario);
    if (err == SURETY_OK && (*scenario)->n_contract_names > 1) {
        surety_diag_add(diags, SURETY_D_UNSUPPORTED, NOWHERE, NULL, "keep one of them",
                        "--engine requests is not supported yet for several contracts");
        return SURETY_E_INPUT;
    }
    if (err == SURETY_OK)
        err = surety_plan_create(*scenario, diags, plan);
    // The text report has the warnings; who reads JSON gets them on standard error too.
    if (err == SURETY_OK && options->json != NULL && strcmp(options->json, "-") == 0 && !options->quiet)
        surety_diags_print(diags, stderr);
    return err;
}

static enum surety_err simulate(const struct surety_options *options, const struct surety_scenario *scenario,
                                const struct surety_plan *plan, struct surety_requests_options *run,
                                struct surety_diags *diags, struct surety_requests_result **out)
{
    struct surety_progress progress;
    surety_progress_init(&progress, options->quiet);
    run->progress = surety_progress_update;
    run->progress_context = &progress;
    const enum surety_err err = surety_requests_run(scenario, plan, run, diags, out);
    surety_progress_finish(&progress);
    return err;
}

enum surety_err surety_run_requests(const struct surety_options *options, struct surety_diags *diags)
{
    struct surety_requests_options run;
    struct surety_requests_trace trace = {0};
    struct surety_scenario *scenario = NULL;
    struct surety_plan *plan = NULL;
    struct surety_requests_result *result = NULL;
    struct surety_output json = {.path = options->json};
    enum surety_err err = read_options(options, diags, &run, &trace);
    if (err == SURETY_OK)
        err = read_scenario(options, diags, &scenario, &plan);
    if (err == SURETY_OK && options->outage != NULL)
        err = surety_run_outage(options->outage, plan, diags, &run);
    if (err == SURETY_OK && options->json != NULL)
        err = surety_output_open(&json, options->json, diags);
    if (err == SURETY_OK)
        err = simulate(options, scenario, plan, &run, diags, &result);
    if (err == SURETY_OK && options->json != NULL) {
        surety_report_requests_json(result, json.file);
        err = surety_output_commit(&json, diags);
    }
    if (err == SURETY_OK && (options->json == NULL || strcmp(options->json, "-") != 0))
        surety_report_requests_text(result, stdout);
    surety_output_abandon(&json);
    surety_requests_result_destroy(result);
    surety_requests_trace_finish(&trace);
    surety_plan_destroy(plan);
    surety_scenario_destroy(scenario);
    return err;
}
