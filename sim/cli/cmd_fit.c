// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/fit.h"
#include "sim/cli/command.h"
#include "sim/cli/fit_latency.h"
#include "sim/cli/fit_request.h"
#include "sim/cli/fit_table.h"
#include "sim/cli/into.h"
#include "sim/cli/output.h"

#include <stdlib.h>
#include <string.h>

#define NOWHERE ((struct surety_place){0, 0})

static void put_profiles(void)
{
    for (const struct surety_severity_profile *p = surety_severity_profiles; p->name != NULL; p++) {
        char text[512];
        surety_severity_print(p, text, sizeof text);
        printf("%s: %s\n  %s\n", p->name, p->help, text);
        for (int g = 0; g < SURETY_N_GRADES; g++)
            if (p->grade[g].slow_down > 1)
                printf("  %s: answers take %gx as long (not modelled yet)\n", surety_grade_name((enum surety_grade)g),
                       p->grade[g].slow_down);
    }
}

// Everything that goes to files is opened before and moved to its place after all of it is there.
static enum surety_err write_all(const struct surety_options *options, const struct surety_fit_report *report,
                                 struct surety_diags *diags)
{
    char *svg = NULL, *scenario = NULL;
    const bool json_alone = options->json != NULL && strcmp(options->json, "-") == 0;
    enum surety_err err = SURETY_OK;
    if (options->into != NULL)
        err = surety_into_text(options->into, report, options->uncertain, diags, &scenario);
    if (err == SURETY_OK && options->plot_file != NULL)
        err = surety_fit_figure(report, diags, &svg);
    const struct {
        const char *path, *text;
    } files[] = {{options->json, NULL}, {options->plot_file, svg}, {options->into, scenario}};
    for (size_t i = 0; err == SURETY_OK && i < sizeof files / sizeof *files; i++) {
        struct surety_output output;
        if (files[i].path == NULL)
            continue;
        err = surety_output_open(&output, files[i].path, diags);
        if (err == SURETY_OK && files[i].text == NULL)
            surety_fit_json(report, output.file);
        else if (err == SURETY_OK)
            fputs(files[i].text, output.file);
        if (err == SURETY_OK)
            err = surety_output_commit(&output, diags);
    }
    if (err == SURETY_OK && !json_alone) {
        surety_fit_text(report, stdout);
        if (options->into == NULL)
            surety_fit_scenario(report, options->uncertain, stdout);
        else
            printf("# written into %s\n", options->into);
    }
    free(svg);
    free(scenario);
    return err;
}

enum surety_err surety_cmd_fit(const struct surety_options *options, struct surety_diags *diags)
{
    static const char *const later[] = {"demand", "prices"};
    struct surety_fit_inputs inputs;
    struct surety_fit_report *report = NULL;
    const char *what = options->arguments[0];
    if (options->profile != NULL && strcmp(options->profile, "list") == 0) {
        put_profiles();
        return SURETY_OK;
    }
    if (!surety_fit_knows(what, options, diags))
        return SURETY_E_INPUT;
    if (strcmp(what, "latency") == 0)
        return surety_fit_latency(options, diags);
    if (strcmp(what, "outages") != 0) {
        for (size_t i = 0; i < sizeof later / sizeof *later; i++)
            if (strcmp(what, later[i]) == 0) {
                surety_diag_add(diags, SURETY_D_UNSUPPORTED, NOWHERE, NULL, NULL, "`fit %s` is not supported yet",
                                what);
                return SURETY_E_INPUT;
            }
        surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL,
                        "write surety fit outages FILE... or surety fit latency FILE...",
                        "there is no fit of \"%.40s\"", what);
        return SURETY_E_INPUT;
    }
    if ((options->plot_file != NULL && strcmp(options->plot_file, "-") == 0) ||
        (options->into != NULL && strcmp(options->into, "-") == 0)) {
        surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL,
                        "name a file: standard output has the tables, or --json -",
                        "--plot and --into write no standard output");
        return SURETY_E_INPUT;
    }
    if (options->n_arguments < 2) {
        surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, "a record of incidents, as NAME=FILE or FILE",
                        "usage: surety fit outages FILE...");
        return SURETY_E_INPUT;
    }
    if (options->table != NULL)
        return surety_fit_table(options, diags);
    enum surety_err err = surety_fit_inputs_read(&inputs, options, 1, NULL, diags);
    if (err == SURETY_OK)
        err = surety_fit_report_create(&inputs.request, diags, &report);
    if (err == SURETY_OK)
        err = write_all(options, report, diags);
    surety_fit_report_destroy(report);
    surety_fit_inputs_finish(&inputs);
    return err;
}
