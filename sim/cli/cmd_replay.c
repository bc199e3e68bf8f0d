// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/registry.h"
#include "plots/replay.h"
#include "plots/story_svg.h"
#include "sim/cli/command.h"
#include "sim/cli/exports.h"
#include "sim/cli/output.h"
#include "sim/engine/replay.h"

#include <stdlib.h>
#include <string.h>

#define NOWHERE ((struct surety_place){0, 0})

// A name of the scenario's files is looked for beside it; one of the command line here: its absolute path, quoted.
static const char *quoted_path(struct surety_diags *diags, const char *scenario, const char *file)
{
    char *absolute = strchr(scenario, '/') != NULL ? realpath(file, NULL) : NULL;
    const char *name = absolute != NULL ? absolute : file; // what does not exist is reported when it is read
    char *quoted = surety_arena_alloc(&diags->arena, 2 * strlen(name) + 3), *at = quoted;
    if (quoted != NULL) {
        *at++ = '\'';
        for (const char *c = name; *c != '\0'; c++) {
            *at++ = *c;
            if (*c == '\'')
                *at++ = '\'';
        }
        *at = '\'';
    }
    free(absolute);
    return quoted;
}

// The provider that --incidents without a name means: the only one that is used.
static enum surety_err only_provider(const struct surety_options *options, struct surety_diags *diags, const char **out)
{
    struct surety_scenario *scenario = NULL;
    const enum surety_err err = surety_scenario_load(surety_registry_get(), options->arguments[0], options->overrides,
                                                     options->n_overrides, diags, &scenario);
    if (err != SURETY_OK)
        return err;
    size_t n_used = 0;
    for (size_t i = 0; i < scenario->n_providers; i++)
        if (scenario->providers[i].used && n_used++ == 0)
            *out = surety_arena_printf(&diags->arena, "%s", scenario->providers[i].name);
    surety_scenario_destroy(scenario);
    if (n_used == 1)
        return *out != NULL ? SURETY_OK : SURETY_E_MEMORY;
    surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, "write --incidents PROVIDER=FILE, once for each",
                    "the scenario uses %zu providers: whose record is this?", n_used);
    return SURETY_E_INPUT;
}

// --incidents as overrides of `record.file`, behind those of --set.
static enum surety_err add_records(const struct surety_options *options, struct surety_diags *diags,
                                   struct surety_override **out, size_t *n)
{
    struct surety_override *all =
        surety_arena_calloc(&diags->arena, options->n_overrides + options->n_incidents, sizeof *all);
    if (all == NULL)
        return SURETY_E_MEMORY;
    *n = options->n_overrides;
    if (*n > 0)
        memcpy(all, options->overrides, *n * sizeof *all);
    for (size_t i = 0; i < options->n_incidents; i++) {
        const char *text = options->incidents[i], *equals = strchr(text, '='), *provider = NULL;
        if (equals != NULL && equals != text && memchr(text, '/', (size_t)(equals - text)) == NULL) {
            provider = surety_arena_strndup(&diags->arena, text, (size_t)(equals - text));
            text = equals + 1;
        } else {
            const enum surety_err err = only_provider(options, diags, &provider);
            if (err != SURETY_OK)
                return err;
        }
        const char *path =
            provider == NULL ? NULL : surety_arena_printf(&diags->arena, "providers.%s.record.file", provider);
        const char *value = quoted_path(diags, options->arguments[0], text);
        if (path == NULL || value == NULL)
            return SURETY_E_MEMORY;
        all[(*n)++] = (struct surety_override){path, value};
    }
    *out = all;
    return SURETY_OK;
}

// A record that nobody uses would be read and change nothing: a misspelt name.
static enum surety_err check_names(const struct surety_scenario *scenario, const struct surety_override *records,
                                   size_t n, struct surety_diags *diags)
{
    const size_t before = diags->n_errors;
    for (size_t i = 0; i < n; i++) {
        const char *name = records[i].path + strlen("providers.");
        const int length = (int)strcspn(name, ".");
        const char *used = NULL;
        bool found = false;
        for (size_t k = 0; k < scenario->n_providers && !found; k++) {
            const struct surety_provider *p = &scenario->providers[k];
            found = p->used && (int)strlen(p->name) == length && strncmp(p->name, name, (size_t)length) == 0;
            if (p->used)
                used = surety_arena_printf(&diags->arena, "%s%s%s", used != NULL ? used : "the providers are ",
                                           used != NULL ? ", " : "", p->name);
        }
        if (!found)
            surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, used, "no architecture uses a provider '%.*s'",
                            length, name);
    }
    return diags->n_errors == before ? SURETY_OK : SURETY_E_INPUT;
}

// Which architecture is drawn.
static enum surety_err find_architecture(const struct surety_options *options, const struct surety_replay *replay,
                                         struct surety_diags *diags, size_t *out)
{
    *out = 0;
    for (size_t i = 0; options->architecture != NULL && i < replay->n_architectures; i++)
        if (strcmp(replay->architectures[i].story->architecture, options->architecture) == 0) {
            *out = i;
            return SURETY_OK;
        }
    if (options->architecture == NULL)
        return SURETY_OK;
    surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, NULL, "no architecture \"%s\"", options->architecture);
    return SURETY_E_INPUT;
}

// How many of the outputs want standard output.
static int n_on_stdout(const struct surety_options *options)
{
    const char *const paths[] = {options->json, options->svg, options->plot_file};
    int n = 0;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        n += paths[i] != NULL && strcmp(paths[i], "-") == 0;
    return n;
}

static enum surety_err write_one(const char *path, const struct surety_replay *replay,
                                 void (*write)(const struct surety_replay *, FILE *), struct surety_diags *diags)
{
    struct surety_output output;
    if (path == NULL)
        return SURETY_OK;
    const enum surety_err err = surety_output_open(&output, path, diags);
    if (err != SURETY_OK)
        return err;
    write(replay, output.file);
    return surety_output_commit(&output, diags);
}

static enum surety_err write_story(const char *path, const struct surety_story *story, struct surety_diags *diags)
{
    struct surety_output output;
    if (path == NULL)
        return SURETY_OK;
    enum surety_err err = surety_output_open(&output, path, diags);
    if (err == SURETY_OK && (err = surety_story_svg(output.file, story, 0, story->term_us)) != SURETY_OK)
        surety_output_abandon(&output);
    else if (err == SURETY_OK)
        err = surety_output_commit(&output, diags);
    return err;
}

static enum surety_err write_tables(const char *folder, const struct surety_replay *replay, struct surety_diags *diags)
{
    enum surety_err err = folder != NULL ? surety_exports_folder(folder, diags) : SURETY_OK;
    for (const struct surety_replay_table *t = surety_replay_tables; err == SURETY_OK && folder != NULL && t->name;
         t++) {
        const char *path = surety_arena_printf(&diags->arena, "%s/%s", folder, t->name);
        err = path != NULL ? write_one(path, replay, t->write, diags) : SURETY_E_MEMORY;
    }
    return err;
}

static enum surety_err write_all(const struct surety_options *options, const struct surety_replay *replay,
                                 struct surety_diags *diags)
{
    size_t drawn;
    enum surety_err err = find_architecture(options, replay, diags, &drawn);
    if (err == SURETY_OK)
        err = write_one(options->json, replay, surety_replay_json, diags);
    if (err == SURETY_OK)
        err = write_story(options->svg, replay->architectures[drawn].story, diags);
    if (err == SURETY_OK)
        err = write_one(options->plot_file, replay, surety_replay_svg, diags);
    if (err == SURETY_OK)
        err = write_tables(options->csv, replay, diags);
    if (err == SURETY_OK && n_on_stdout(options) == 0)
        surety_replay_text(replay, stdout);
    return err;
}

enum surety_err surety_cmd_replay(const struct surety_options *options, struct surety_diags *diags)
{
    struct surety_scenario *scenario = NULL;
    struct surety_replay *replay = NULL;
    struct surety_override *overrides = NULL;
    size_t n_overrides = 0;
    if (n_on_stdout(options) > 1) {
        surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, NULL,
                        "only one of --json, --svg and --plot can go to standard output");
        return SURETY_E_INPUT;
    }
    diags->file = options->arguments[0];
    enum surety_err err = add_records(options, diags, &overrides, &n_overrides);
    if (err == SURETY_OK)
        err = surety_scenario_load(surety_registry_get(), options->arguments[0], overrides, n_overrides, diags,
                                   &scenario);
    if (err == SURETY_OK)
        err = check_names(scenario, overrides + options->n_overrides, n_overrides - options->n_overrides, diags);
    if (err == SURETY_OK)
        err = surety_replay_create(scenario, options->others_perfect, options->seed, diags, &replay);
    if (err == SURETY_OK)
        err = write_all(options, replay, diags);
    surety_replay_destroy(replay);
    surety_scenario_destroy(scenario);
    return err;
}
