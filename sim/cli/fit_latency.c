// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cli/fit_latency.h"

#include "plots/responses.h"
#include "sim/cli/into.h"
#include "sim/cli/output.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define NOWHERE ((struct surety_place){0, 0})
#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

bool surety_fit_knows(const char *what, const struct surety_options *o, struct surety_diags *diags)
{
    const bool latency = strcmp(what, "latency") == 0;
    const struct {
        const char *name;
        bool given, of_latency;
    } table[] = {{"--first-token", o->first_token != NULL, true},
                 {"--per-output-token", o->per_output_token != NULL, true},
                 {"--end-to-end", o->end_to_end != NULL, true},
                 {"--output-tokens", o->output_tokens != NULL, true},
                 {"--format", o->format != NULL, false},
                 {"--start", o->start != NULL, false},
                 {"--end", o->end != NULL, false},
                 {"--severity", o->severity != NULL, false},
                 {"--component", o->component != NULL, false},
                 {"--grade", o->n_grades > 0, false},
                 {"--by", o->by != NULL, false},
                 {"--from", o->from != NULL, false},
                 {"--until", o->until != NULL, false},
                 {"--winsorise", o->winsorise != NULL, false},
                 {"--profile", o->profile != NULL, false},
                 {"--laws", o->laws != NULL, false},
                 {"--uncertain", o->uncertain, false},
                 {"--drop-disordered", o->drop_disordered, false},
                 {"--table", o->table != NULL, false},
                 {"--bootstrap", o->bootstrap > 0, false}};
    bool good = true;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].given && table[i].of_latency != latency) {
            surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, NULL, "%s does not go with `fit %.20s`",
                            table[i].name, what);
            good = false;
        }
    return good;
}

// A name of a scenario out of the first letters of `text`.
static const char *name_of(struct surety_arena *arena, const char *text, size_t length)
{
    char *name = surety_arena_alloc(arena, length + 2);
    size_t n = 0;
    if (name == NULL)
        return NULL;
    if (length == 0 || !isalpha((unsigned char)text[0]))
        name[n++] = 'p';
    for (size_t i = 0; i < length; i++)
        name[n++] = strchr(NAME_LETTERS, text[i]) != NULL ? text[i] : '-';
    name[n] = '\0';
    return name;
}

static bool fit_all(struct surety_response_fit *fit)
{
    bool any = false;
    for (size_t t = 0; t < SURETY_N_TIMES; t++) {
        fit->has[t] = surety_response_law_fit(&fit->responses.times[t], &fit->law[t]);
        any = any || fit->has[t];
    }
    return any;
}

static enum surety_err read_one(const struct surety_options *o, const char *argument, struct surety_arena *arena,
                                struct surety_diags *diags, struct surety_response_fit *fit)
{
    const struct surety_responses_options how = {.first_token = o->first_token,
                                                 .per_output_token = o->per_output_token,
                                                 .end_to_end = o->end_to_end,
                                                 .output_tokens = o->output_tokens,
                                                 .filters = o->filters,
                                                 .n_filters = o->n_filters};
    const char *file = argument, *name = argument, *before = diags->file;
    size_t length = strspn(argument, NAME_LETTERS);
    if (length > 0 && argument[length] == '=') {
        file = argument + length + 1;
    } else {
        const char *slash = strrchr(file, '/');
        name = slash != NULL ? slash + 1 : file;
        length = strcspn(name, ".");
    }
    diags->file = file; // places are the file's
    enum surety_err err = surety_responses_load(file, &how, diags, &fit->responses);
    if (err != SURETY_OK)
        return err;
    fit->name = name_of(arena, name, length);
    if (fit->name == NULL)
        return SURETY_E_MEMORY;
    if (!fit_all(fit) || !(fit->has[SURETY_TIME_FIRST_TOKEN] || o->into == NULL)) {
        surety_diag_add(diags, SURETY_D_RECORD_FORMAT, NOWHERE, NULL,
                        "a law takes at least three values; `latency` of a provider needs first_token",
                        "too few times for a law: %zu to the first token, %zu per output token",
                        fit->responses.times[SURETY_TIME_FIRST_TOKEN].n,
                        fit->responses.times[SURETY_TIME_PER_OUTPUT_TOKEN].n);
        return SURETY_E_INPUT;
    }
    diags->file = before;
    return SURETY_OK;
}

// Everything that goes to files is there before the first is written.
static enum surety_err write_all(const struct surety_options *o, const struct surety_response_fit *fits, size_t n,
                                 struct surety_diags *diags)
{
    char *svg = NULL, *scenario = NULL;
    const bool json_alone = o->json != NULL && strcmp(o->json, "-") == 0;
    enum surety_err err = SURETY_OK;
    if (o->into != NULL)
        err = surety_into_latency(o->into, fits, n, diags, &scenario);
    if (err == SURETY_OK && o->plot_file != NULL)
        err = surety_responses_figure(fits, n, diags, &svg);
    const struct {
        const char *path, *text;
    } files[] = {{o->json, NULL}, {o->plot_file, svg}, {o->into, scenario}};
    for (size_t i = 0; err == SURETY_OK && i < sizeof files / sizeof *files; i++) {
        struct surety_output output;
        if (files[i].path == NULL)
            continue;
        err = surety_output_open(&output, files[i].path, diags);
        if (err == SURETY_OK && files[i].text == NULL)
            surety_responses_json(fits, n, output.file);
        else if (err == SURETY_OK)
            fputs(files[i].text, output.file);
        if (err == SURETY_OK)
            err = surety_output_commit(&output, diags);
    }
    if (err == SURETY_OK && !json_alone) {
        surety_responses_text(fits, n, stdout);
        if (o->into == NULL)
            surety_responses_yaml(fits, n, stdout);
        else
            printf("# written into %s\n", o->into);
    }
    free(svg);
    free(scenario);
    return err;
}

static enum surety_err check_options(const struct surety_options *o, struct surety_diags *diags)
{
    if ((o->plot_file != NULL && strcmp(o->plot_file, "-") == 0) || (o->into != NULL && strcmp(o->into, "-") == 0)) {
        surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL,
                        "name a file: standard output has the tables, or --json -",
                        "--plot and --into write no standard output");
        return SURETY_E_INPUT;
    }
    if (o->n_arguments >= 2)
        return SURETY_OK;
    surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, "measured requests, as NAME=FILE or FILE",
                    "usage: surety fit latency FILE...");
    return SURETY_E_INPUT;
}

enum surety_err surety_fit_latency(const struct surety_options *options, struct surety_diags *diags)
{
    struct surety_arena arena;
    const size_t n = options->n_arguments - 1;
    enum surety_err err = check_options(options, diags);
    if (err != SURETY_OK)
        return err;
    struct surety_response_fit *fits = calloc(n, sizeof *fits);
    if (fits == NULL)
        return SURETY_E_MEMORY;
    surety_arena_init(&arena);
    for (size_t i = 0; i < n; i++)
        surety_arena_init(&fits[i].responses.arena);
    for (size_t i = 0; err == SURETY_OK && i < n; i++)
        err = read_one(options, options->arguments[i + 1], &arena, diags, &fits[i]);
    for (size_t i = 0; err == SURETY_OK && i < n; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(fits[k].name, fits[i].name) == 0) {
                surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, "write NAME=FILE",
                                "two files for one provider '%.60s'", fits[i].name);
                err = SURETY_E_INPUT;
            }
    if (err == SURETY_OK)
        err = write_all(options, fits, n, diags);
    for (size_t i = 0; i < n; i++)
        surety_responses_finish(&fits[i].responses);
    surety_arena_finish(&arena);
    free(fits);
    return err;
}
