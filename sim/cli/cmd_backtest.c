// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/registry.h"
#include "plots/backtest.h"
#include "plots/gnuplot.h"
#include "sim/cli/command.h"
#include "sim/cli/output.h"
#include "sim/cli/progress.h"
#include "sim/engine/backtest_record.h"

#include <stdlib.h>
#include <string.h>

#define NOWHERE ((struct surety_place){0, 0})

// The records of one command, each file read once.
struct records {
    struct surety_arena arena;
    struct surety_backtest_binding *bindings;
    size_t n;
    struct surety_record **files;
    const char **names; // of the files
    size_t n_files;
};

// --- --incidents ------------------------------------------------------------------------------------------------------

static enum surety_err load(struct records *records, const char *name, struct surety_diags *diags,
                            const struct surety_record **out)
{
    for (size_t i = 0; i < records->n_files; i++) {
        if (strcmp(records->names[i], name) == 0) {
            *out = records->files[i];
            return SURETY_OK;
        }
    }
    const char *before = diags->file;
    diags->file = name; // places are the record's
    const enum surety_err err = surety_record_load(name, NULL, diags, &records->files[records->n_files]);
    if (err != SURETY_OK)
        return err;
    diags->file = before;
    *out = records->files[records->n_files];
    records->names[records->n_files++] = name;
    return SURETY_OK;
}

// Splits "COMPONENT,COMPONENT" in the arena.
static enum surety_err split(struct records *records, const char *list, struct surety_backtest_binding *binding)
{
    size_t n = 1;
    for (const char *at = list; *at != '\0'; at++)
        n += *at == ',';
    const char **components = surety_arena_calloc(&records->arena, n, sizeof *components);
    if (components == NULL)
        return SURETY_E_MEMORY;
    for (const char *at = list; binding->n_components < n; at += strcspn(at, ",") + 1) {
        const char *name = surety_arena_strndup(&records->arena, at, strcspn(at, ","));
        if (name == NULL)
            return SURETY_E_MEMORY;
        components[binding->n_components++] = name;
    }
    binding->components = components;
    return SURETY_OK;
}

// "[PROVIDER=]FILE[#COMPONENT,...]".
static enum surety_err bind(struct records *records, const char *text, const struct surety_scenario *scenario,
                            struct surety_diags *diags)
{
    struct surety_backtest_binding *binding = &records->bindings[records->n];
    const char *equals = strchr(text, '='), *hash = strrchr(text, '#');
    const char *file = equals != NULL ? equals + 1 : text;
    hash = hash != NULL && hash > file ? hash : file + strlen(file);
    if (equals == NULL && scenario->n_providers != 1) {
        surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, "write PROVIDER=FILE",
                        "--incidents %s: whose record is it? There are %zu providers", text, scenario->n_providers);
        return SURETY_E_INPUT;
    }
    binding->provider = equals == NULL ? scenario->providers[0].name
                                       : surety_arena_strndup(&records->arena, text, (size_t)(equals - text));
    const char *name = surety_arena_strndup(&records->arena, file, (size_t)(hash - file));
    if (binding->provider == NULL || name == NULL)
        return SURETY_E_MEMORY;
    enum surety_err err = load(records, name, diags, &binding->record);
    if (err == SURETY_OK && hash[0] == '#' && hash[1] != '\0')
        err = split(records, hash + 1, binding);
    records->n += err == SURETY_OK;
    return err;
}

static enum surety_err read_records(struct records *records, const struct surety_options *options,
                                    const struct surety_scenario *scenario, struct surety_diags *diags)
{
    const size_t n = options->n_incidents;
    if (n == 0) {
        surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, "write --incidents PROVIDER=FILE",
                        "a backtest needs the record of at least one provider");
        return SURETY_E_INPUT;
    }
    records->bindings = surety_arena_calloc(&records->arena, n, sizeof *records->bindings);
    records->files = surety_arena_calloc(&records->arena, n, sizeof(struct surety_record *));
    records->names = surety_arena_calloc(&records->arena, n, sizeof *records->names);
    enum surety_err err =
        records->bindings == NULL || records->files == NULL || records->names == NULL ? SURETY_E_MEMORY : SURETY_OK;
    for (size_t i = 0; i < n && err == SURETY_OK; i++)
        err = bind(records, options->incidents[i], scenario, diags);
    return err;
}

static void finish_records(struct records *records)
{
    for (size_t i = 0; i < records->n_files; i++)
        surety_record_destroy(records->files[i]);
    surety_arena_finish(&records->arena);
}

// --- --belief ---------------------------------------------------------------------------------------------------------

static const struct {
    const char *name;
    size_t offset;
    double unit, least, most;
} weights[] = {
    {"half_life_days", offsetof(struct surety_belief_settings, half_life_s), 86400.0, 0.0, 1e5},
    {"dispersion", offsetof(struct surety_belief_settings, dispersion), 1.0, 1.0, 100.0},
    {"drift", offsetof(struct surety_belief_settings, drift), 1.0, 0.0, 5.0},
    {"pool_outages", offsetof(struct surety_belief_settings, pool_outages), 1.0, 0.01, 1000.0},
    {"pool_days", offsetof(struct surety_belief_settings, pool_most_s), 86400.0, 1.0, 1e5},
    {"pool_lengths", offsetof(struct surety_belief_settings, pool_lengths), 1.0, 0.5, 1e4},
    {"pool_sigma", offsetof(struct surety_belief_settings, pool_sigma), 1.0, 0.5, 1e4},
    {"up_shape", offsetof(struct surety_belief_settings, up_shape), 1.0, 0.1, 10.0},
};
#define N_WEIGHTS (sizeof weights / sizeof *weights)

// One "KEY=N" of `length` bytes.
static bool read_weight(const char *text, size_t length, struct surety_belief_settings *settings)
{
    const size_t name = strcspn(text, "=");
    for (size_t i = 0; i < N_WEIGHTS && name < length; i++) {
        char *end;
        if (strlen(weights[i].name) != name || memcmp(weights[i].name, text, name) != 0)
            continue;
        const double value = strtod(text + name + 1, &end);
        if (end == text + name + 1 || end != text + length || !(value >= weights[i].least && value <= weights[i].most))
            return false;
        *(double *)(void *)((char *)settings + weights[i].offset) = value * weights[i].unit;
        return true;
    }
    return false;
}

static enum surety_err read_belief(const char *list, struct surety_belief_settings *settings,
                                   struct surety_diags *diags)
{
    for (const char *at = list; list != NULL; at += strcspn(at, ",") + 1) {
        const size_t length = strcspn(at, ",");
        if (!read_weight(at, length, settings)) {
            const char *known = "";
            for (size_t i = 0; i < N_WEIGHTS && known != NULL; i++)
                known = surety_arena_printf(&diags->arena, "%s%s%s (%g to %g)", known, i > 0 ? ", " : "",
                                            weights[i].name, weights[i].least, weights[i].most);
            surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, known, "--belief: \"%.*s\" is no weight", (int)length,
                            at);
            return SURETY_E_INPUT;
        }
        if (at[length] == '\0')
            break;
    }
    return SURETY_OK;
}

// --- what is written ----------------------------------------------------------------------------------------------------

// Files are opened before the run, so that a folder that is not there is found at once.
struct outputs {
    struct surety_output json, figure;
};

static enum surety_err open_outputs(struct outputs *outputs, const struct surety_options *options,
                                    struct surety_diags *diags)
{
    enum surety_err err = SURETY_OK;
    if (options->json != NULL)
        err = surety_output_open(&outputs->json, options->json, diags);
    if (err == SURETY_OK && options->reliability != NULL)
        err = surety_output_open(&outputs->figure, options->reliability, diags);
    return err;
}

static enum surety_err draw(const struct surety_backtest *backtest, struct surety_output *output,
                            struct surety_diags *diags)
{
    struct surety_gnuplot_output drawing = {0};
    char *script = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&script, &size);
    if (stream == NULL)
        return SURETY_E_MEMORY;
    surety_backtest_reliability(backtest, stream);
    enum surety_err err = fclose(stream) == 0 ? SURETY_OK : SURETY_E_MEMORY;
    if (err == SURETY_OK)
        err = surety_gnuplot_run(script, "the reliability diagram", diags, &drawing);
    if (err == SURETY_OK) {
        fputs(drawing.said.text, output->file);
        err = surety_output_commit(output, diags);
    }
    surety_gnuplot_output_finish(&drawing);
    free(script);
    return err;
}

static enum surety_err put(const struct surety_options *options, const struct surety_backtest *backtest,
                           struct outputs *outputs, struct surety_diags *diags)
{
    enum surety_err err = SURETY_OK;
    if (options->reliability != NULL)
        err = draw(backtest, &outputs->figure, diags);
    if (err == SURETY_OK && options->json != NULL) {
        surety_backtest_json(backtest, outputs->json.file);
        err = surety_output_commit(&outputs->json, diags);
    }
    if (err == SURETY_OK && (options->json == NULL || strcmp(options->json, "-") != 0))
        surety_backtest_text(backtest, stdout);
    return err;
}

static enum surety_err run(const struct surety_options *options, const struct surety_scenario *scenario,
                           const struct surety_backtest_records *records, struct surety_diags *diags)
{
    struct surety_backtest_options how;
    struct surety_progress progress;
    struct surety_backtest *backtest = NULL;
    struct outputs outputs = {0};
    const struct surety_backtest_input input = {.registry = surety_registry_get(),
                                                .file = scenario->file,
                                                .text = scenario->text,
                                                .overrides = options->overrides,
                                                .n_overrides = options->n_overrides,
                                                .first = records->first,
                                                .months_us = records->months_us,
                                                .n_months = records->n_months,
                                                .histories = records->histories,
                                                .n_histories = records->n_histories,
                                                .realised = records->realised};
    surety_backtest_options_default(&how);
    how.seed = options->seed;
    how.n_threads = options->threads;
    how.n_replications = options->replications > 0 ? options->replications : how.n_replications;
    how.published = options->published > 0.0 ? options->published : how.published;
    how.progress = surety_progress_update;
    how.progress_context = &progress;
    how.ahead = options->ahead > 0 ? (size_t)options->ahead : how.ahead;
    enum surety_err err = read_belief(options->belief, &how.belief, diags);
    if (err == SURETY_OK)
        err = open_outputs(&outputs, options, diags);
    if (err == SURETY_OK) {
        surety_progress_init(&progress, options->quiet);
        err = surety_backtest_run(&input, &how, diags, &backtest);
        surety_progress_finish(&progress);
    }
    if (err == SURETY_OK)
        err = put(options, backtest, &outputs, diags);
    surety_output_abandon(&outputs.json);
    surety_output_abandon(&outputs.figure);
    surety_backtest_destroy(backtest);
    return err;
}

enum surety_err surety_cmd_backtest(const struct surety_options *options, struct surety_diags *diags)
{
    struct surety_scenario *scenario = NULL;
    struct surety_backtest_records *histories = NULL;
    struct records records = {0};
    surety_arena_init(&records.arena);
    diags->file = options->arguments[0];
    enum surety_err err = surety_scenario_load(surety_registry_get(), options->arguments[0], options->overrides,
                                               options->n_overrides, diags, &scenario);
    if (err == SURETY_OK)
        err = read_records(&records, options, scenario, diags);
    if (err == SURETY_OK)
        err = surety_backtest_records_make(scenario, records.bindings, records.n, NULL, diags, &histories);
    if (err == SURETY_OK)
        err = run(options, scenario, histories, diags);
    surety_backtest_records_destroy(histories);
    finish_records(&records);
    surety_scenario_destroy(scenario);
    return err;
}
