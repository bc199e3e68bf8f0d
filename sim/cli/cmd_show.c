// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/registry.h"
#include "plots/story_svg.h"
#include "plots/story_text.h"
#include "sim/cli/command.h"
#include "sim/cli/output.h"
#include "sim/engine/runner.h"
#include "sim/engine/story.h"

#include <stdlib.h>
#include <string.h>

#define NOWHERE ((struct surety_place){0, 0})
#define DEFAULT_SHARE 0.01

// The index of `name` among n names that stand `stride` bytes apart; a diagnostic when there is none.
static enum surety_err find_name(const char *what, const char *name, const void *first, size_t n, size_t stride,
                                 struct surety_diags *diags, size_t *out)
{
    char hint[512];
    for (size_t i = 0; i < n; i++) {
        const char *candidate = *(const char *const *)((const char *)first + i * stride);
        if (strcmp(candidate, name) == 0) {
            *out = i;
            return SURETY_OK;
        }
    }
    const char *near = surety_did_you_mean(name, first, n, stride);
    if (near != NULL) {
        snprintf(hint, sizeof hint, "did you mean \"%s\"?", near);
    } else {
        size_t used = (size_t)snprintf(hint, sizeof hint, "there %s", n == 1 ? "is" : n == 0 ? "is none" : "are");
        for (size_t i = 0; i < n && used < sizeof hint; i++)
            used += (size_t)snprintf(hint + used, sizeof hint - used, "%s %s", i == 0 ? "" : ",",
                                     *(const char *const *)((const char *)first + i * stride));
    }
    surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, hint, "no %s \"%s\"", what, name);
    return SURETY_E_INPUT;
}

// Which architecture and which term: all mistakes at once.
static enum surety_err read_choice(const struct surety_options *options, const struct surety_plan *plan,
                                   struct surety_diags *diags, size_t *architecture, struct surety_story_choice *choice)
{
    enum surety_err err = SURETY_OK;
    if ((options->worst > 0) + (options->breach != NULL) + (options->replication != NULL) > 1) {
        surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, NULL,
                        "--worst, --breach and --replication exclude each other: each says which term is told");
        err = SURETY_E_INPUT;
    }
    *architecture = 0;
    if (options->architecture != NULL &&
        find_name("architecture", options->architecture, &plan->architectures[0].name, plan->n_architectures,
                  sizeof plan->architectures[0], diags, architecture) != SURETY_OK)
        err = SURETY_E_INPUT;
    *choice = (struct surety_story_choice){.by = SURETY_STORY_WORST,
                                           .share = options->worst > 0 ? options->worst : DEFAULT_SHARE};
    if (options->replication != NULL) {
        choice->by = SURETY_STORY_NUMBER;
        choice->replication = strtoull(options->replication, NULL, 10);
    } else if (options->breach != NULL) {
        choice->by = SURETY_STORY_BREACH;
        if (find_name("tier", options->breach, &plan->tiers[0].name, plan->n_tiers, sizeof plan->tiers[0], diags,
                      &choice->tier) != SURETY_OK)
            err = SURETY_E_INPUT;
    }
    return err;
}

static enum surety_err write_json(const struct surety_story *story, const char *path, struct surety_diags *diags)
{
    struct surety_output output;
    const enum surety_err err = surety_output_open(&output, path, diags);
    if (err != SURETY_OK)
        return err;
    surety_story_json(story, output.file);
    return surety_output_commit(&output, diags);
}

// The worst month, or with --all the term.
static enum surety_err write_svg(const struct surety_story *story, const char *path, bool all,
                                 struct surety_diags *diags)
{
    const struct surety_story_window *worst = &story->windows[story->worst_window];
    struct surety_output output;
    enum surety_err err = surety_output_open(&output, path, diags);
    if (err != SURETY_OK)
        return err;
    err = all ? surety_story_svg(output.file, story, 0, story->term_us)
              : surety_story_svg(output.file, story, worst->from_us, worst->to_us);
    if (err == SURETY_OK)
        return surety_output_commit(&output, diags);
    surety_output_abandon(&output);
    return err;
}

static bool is_stdout(const char *path)
{
    return path != NULL && strcmp(path, "-") == 0;
}

static enum surety_err write_story(const struct surety_options *options, const struct surety_story *story,
                                   struct surety_diags *diags)
{
    enum surety_err err = SURETY_OK;
    if (options->json != NULL)
        err = write_json(story, options->json, diags);
    if (err == SURETY_OK && options->svg != NULL)
        err = write_svg(story, options->svg, options->all, diags);
    if (err == SURETY_OK && !is_stdout(options->json) && !is_stdout(options->svg))
        surety_story_text(story, options->all, stdout);
    return err;
}

static enum surety_err show(const struct surety_options *options, const struct surety_scenario *scenario,
                            const struct surety_plan *plan, struct surety_diags *diags)
{
    struct surety_run_options defaults;
    surety_run_options_default(&defaults);
    const uint64_t n = options->replications > 0 ? options->replications : defaults.n_replications;
    size_t architecture;
    uint64_t replication;
    struct surety_story_choice choice;
    struct surety_story *story = NULL;
    enum surety_err err = read_choice(options, plan, diags, &architecture, &choice);
    if (err == SURETY_OK)
        err = surety_story_choose(scenario, plan, architecture, options->seed, n, &choice, diags, &replication);
    if (err == SURETY_OK)
        err = surety_story_tell(scenario, plan, architecture, options->seed, replication, diags, &story);
    if (err == SURETY_OK)
        err = surety_story_justify(story, &choice, n);
    if (err == SURETY_OK)
        err = write_story(options, story, diags);
    surety_story_destroy(story);
    return err;
}

// Of several contracts the one that is asked for takes the place of the first.
static enum surety_err select_contract(const struct surety_options *options, struct surety_diags *diags,
                                       struct surety_scenario **scenario)
{
    struct surety_scenario *first = *scenario, *chosen = NULL;
    const size_t n = first->n_contract_names;
    const char *hint = "", *name = options->contract;
    if (name == NULL && n < 2)
        return SURETY_OK;
    for (size_t i = 0; name != NULL && i < n; i++) {
        if (strcmp(first->contract_names[i], name) != 0)
            continue;
        const enum surety_err err =
            surety_scenario_read_contract(surety_registry_get(), first->file, first->text, strlen(first->text),
                                          options->overrides, options->n_overrides, name, diags, &chosen);
        if (err == SURETY_OK) {
            surety_scenario_destroy(first);
            *scenario = chosen;
        }
        return err;
    }
    const char *near = name == NULL ? NULL : surety_did_you_mean(name, first->contract_names, n, sizeof name);
    for (size_t i = 0; near == NULL && hint != NULL && i < n; i++)
        hint = surety_arena_printf(&diags->arena, "%s%s%s", i == 0 ? "there are " : hint, i == 0 ? "" : ", ",
                                   first->contract_names[i]);
    if (near != NULL)
        hint = surety_arena_printf(&diags->arena, "did you mean \"%s\"?", near);
    if (n == 0)
        hint = "the scenario has one `contract`, without a name";
    if (name != NULL)
        surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, hint, "no contract \"%s\"", name);
    else
        surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, hint,
                        "the scenario has several contracts: --contract says whose term is told");
    return SURETY_E_INPUT;
}

enum surety_err surety_cmd_show(const struct surety_options *options, struct surety_diags *diags)
{
    struct surety_scenario *scenario = NULL;
    struct surety_plan *plan = NULL;
    if (is_stdout(options->json) && is_stdout(options->svg)) {
        surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, NULL,
                        "only one of --json and --svg can go to standard output");
        return SURETY_E_INPUT;
    }
    diags->file = options->arguments[0];
    enum surety_err err = surety_scenario_load(surety_registry_get(), options->arguments[0], options->overrides,
                                               options->n_overrides, diags, &scenario);
    if (err == SURETY_OK)
        err = select_contract(options, diags, &scenario);
    if (err == SURETY_OK)
        err = surety_plan_create(scenario, diags, &plan);
    if (err == SURETY_OK)
        err = show(options, scenario, plan, diags);
    surety_plan_destroy(plan);
    surety_scenario_destroy(scenario);
    return err;
}
