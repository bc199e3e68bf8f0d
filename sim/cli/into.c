// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cli/into.h"

#include "models/registry.h"
#include "plots/fit.h"
#include "sim/cli/into_cut.h"
#include "sim/scenario/scenario.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NOWHERE ((struct surety_place){0, 0})

// --- what is set ------------------------------------------------------------------------------------------------------

static void put_value(const struct surety_setting *setting, struct surety_fit_style style, FILE *out)
{
    surety_fit_value(setting->report, setting->index, setting->which, style, out);
}

// A whole provider.
static void put_provider(const struct surety_setting *setting, struct surety_fit_style style, FILE *out)
{
    const int indent = style.indent;
    if (!style.in_braces)
        fprintf(out, "%*s%s:\n", indent, "", setting->key);
    style.indent += 2;
    for (enum surety_fit_key key = 0; key < SURETY_FIT_N_KEYS; key++) {
        if (style.in_braces)
            fprintf(out, "%s%s: ", key == 0 ? "{" : ", ", surety_fit_key_names[key]);
        surety_fit_value(setting->report, setting->index, key, style, out);
    }
    if (style.in_braces)
        putc('}', out);
}

// A key of the root with one entry below it.
static void put_with_head(const struct surety_setting *setting, struct surety_fit_style style, FILE *out,
                          const char *entry,
                          void (*put)(const struct surety_setting *, struct surety_fit_style, FILE *))
{
    struct surety_setting inner = *setting;
    inner.key = entry;
    if (style.in_braces) {
        fprintf(out, "{%s: ", entry);
        put(&inner, style, out);
        putc('}', out);
        return;
    }
    fprintf(out, "%*s%s:\n", style.indent, "", setting->key);
    style.indent += 2;
    put(&inner, style, out);
}

static void put_providers(const struct surety_setting *setting, struct surety_fit_style style, FILE *out)
{
    put_with_head(setting, style, out, setting->report->providers[setting->index].wish->name, put_provider);
}

static void put_cause(const struct surety_setting *setting, struct surety_fit_style style, FILE *out)
{
    char *text = NULL;
    size_t size = 0;
    FILE *whole = open_memstream(&text, &size);
    if (whole == NULL)
        return;
    surety_fit_cause(setting->report, setting->index, whole);
    if (fclose(whole) == 0 && style.in_braces)
        fputs(strchr(text, ':') + 2, out);
    else if (text != NULL)
        fprintf(out, "%*s%s\n", style.indent, "", text);
    free(text);
}

static const char *cause_name(const struct surety_fit_report *report, size_t i, struct surety_arena *arena)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    surety_fit_cause(report, i, out);
    const char *name = fclose(out) == 0 ? surety_arena_strndup(arena, text, strcspn(text, ":")) : NULL;
    free(text);
    return name;
}

static void put_causes(const struct surety_setting *setting, struct surety_fit_style style, FILE *out)
{
    struct surety_arena arena;
    surety_arena_init(&arena);
    const char *name = cause_name(setting->report, setting->index, &arena);
    if (name != NULL)
        put_with_head(setting, style, out, name, put_cause);
    surety_arena_finish(&arena);
}

// Sets root.`head`.`name`, making the head where there is none.
static enum surety_err set_below(struct surety_patient *p, const char *head, const char *name,
                                 struct surety_setting setting,
                                 void (*put)(const struct surety_setting *, struct surety_fit_style, FILE *),
                                 void (*put_head)(const struct surety_setting *, struct surety_fit_style, FILE *))
{
    const struct surety_ynode *map = surety_ynode_get(p->root, head);
    setting.key = map != NULL ? name : head;
    setting.put = map != NULL ? put : put_head;
    return surety_patient_set(p, map != NULL ? map : p->root, &setting);
}

static enum surety_err set_provider(struct surety_patient *p, const struct surety_fit_report *report, size_t i,
                                    bool uncertain)
{
    const char *name = report->providers[i].wish->name;
    const struct surety_setting setting = {.report = report, .index = i, .uncertain = uncertain};
    const struct surety_ynode *providers = surety_ynode_get(p->root, "providers");
    const struct surety_ynode *own = providers != NULL ? surety_ynode_get(providers, name) : NULL;
    if (own == NULL)
        return set_below(p, "providers", name, setting, put_provider, put_providers);
    enum surety_err err = SURETY_OK;
    for (enum surety_fit_key key = 0; err == SURETY_OK && key < SURETY_FIT_N_KEYS; key++) {
        struct surety_setting one = setting;
        one.key = surety_fit_key_names[key];
        one.which = key;
        one.put = put_value;
        own = surety_ynode_get(surety_ynode_get(p->root, "providers"), name);
        err = surety_patient_set(p, own, &one);
    }
    return err;
}

// --- latencies --------------------------------------------------------------------------------------------------------

static void put_latency(const struct surety_setting *setting, struct surety_fit_style style, FILE *out)
{
    surety_responses_value(setting->latency, setting->latency_key, style, setting->uncertain, out);
}

static const struct surety_ynode *own_of(const struct surety_patient *p, const char *name)
{
    const struct surety_ynode *providers = surety_ynode_get(p->root, "providers");
    return providers != NULL ? surety_ynode_get(providers, name) : NULL;
}

static enum surety_err set_latency(struct surety_patient *p, const struct surety_response_fit *fit)
{
    if (own_of(p, fit->name) == NULL) {
        const struct surety_ynode *providers = surety_ynode_get(p->root, "providers");
        surety_diag_add(p->diags, SURETY_D_REFERENCE, providers != NULL ? providers->place : NOWHERE, "providers",
                        "write NAME=FILE with the name of a provider of the scenario", "there is no provider '%.60s'",
                        fit->name);
        return SURETY_E_INPUT;
    }
    const struct surety_ynode *note = surety_ynode_get(own_of(p, fit->name), "note");
    const bool foreign =
        note != NULL && (note->kind != SURETY_Y_SCALAR ||
                         strncmp(note->text, SURETY_RESPONSE_NOTE_HEAD, strlen(SURETY_RESPONSE_NOTE_HEAD)) != 0);
    enum surety_err err = SURETY_OK;
    for (enum surety_response_key key = 0; err == SURETY_OK && key < SURETY_RESPONSE_N_KEYS; key++) {
        const struct surety_ynode *own = own_of(p, fit->name);
        // `uncertain` here: where it is from goes behind the key
        const struct surety_setting setting = {.key = surety_response_key_names[key],
                                               .put = put_latency,
                                               .uncertain = foreign,
                                               .latency = fit,
                                               .latency_key = key};
        if (key == SURETY_RESPONSE_LATENCY || !foreign)
            err = surety_patient_set(p, own, &setting);
    }
    return err;
}

// --- the file ---------------------------------------------------------------------------------------------------------

// The whole file; NULL with *missing when there is none, and after a message.
static char *read_file(const char *path, struct surety_diags *diags, bool *missing)
{
    FILE *file = fopen(path, "r");
    *missing = file == NULL && errno == ENOENT;
    char *text = file != NULL ? malloc(SURETY_YAML_MAX_BYTES + 2) : NULL;
    const size_t n = text != NULL ? fread(text, 1, SURETY_YAML_MAX_BYTES + 1, file) : 0;
    if (text != NULL && (ferror(file) || n > SURETY_YAML_MAX_BYTES || memchr(text, '\0', n) != NULL)) {
        surety_diag_add(diags, SURETY_D_FILE, NOWHERE, NULL, NULL,
                        "%s is no scenario: unreadable, over 1 MiB or binary", path);
        free(text);
        text = NULL;
    } else if (text == NULL && !*missing) {
        surety_diag_add(diags, SURETY_D_FILE, NOWHERE, NULL, NULL, "cannot read %s: %s", path, strerror(errno));
    } else if (text != NULL) {
        text[n] = '\0';
    }
    if (file != NULL)
        fclose(file);
    return text;
}

static char *new_scenario(const struct surety_fit_report *report, bool uncertain)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    surety_fit_scenario(report, uncertain, out);
    return fclose(out) == 0 ? text : NULL;
}

static bool is_fitted(const struct surety_fit_report *report, const char *name)
{
    bool found = false;
    for (size_t i = 0; i < report->n; i++)
        found = found || strcmp(report->providers[i].wish->name, name) == 0;
    return found;
}

// The fit tells all that its providers have in common: another cause of theirs alone, of an earlier fit say, would count
// the same outages again.
static enum surety_err check_causes(struct surety_patient *p, const struct surety_fit_report *report)
{
    const struct surety_ynode *causes = surety_ynode_get(p->root, "common_causes");
    for (const struct surety_ynode *cause = causes != NULL ? causes->first : NULL; cause != NULL; cause = cause->next) {
        const struct surety_ynode *members = surety_ynode_get(cause, "members");
        bool written = false, alone = members != NULL && members->kind == SURETY_Y_LIST && members->first != NULL;
        for (size_t i = 0; i < report->n_causes; i++) {
            const char *name = cause_name(report, i, &p->diags->arena);
            written = written || (name != NULL && strcmp(name, cause->key) == 0);
        }
        for (const struct surety_ynode *m = alone ? members->first : NULL; m != NULL; m = m->next)
            alone = alone && m->kind == SURETY_Y_SCALAR && is_fitted(report, m->text);
        if (written || !alone)
            continue;
        surety_diag_add(p->diags, SURETY_D_CONFLICT, cause->place, cause->key,
                        "take it out, or fit its members one by one",
                        "the common cause '%s' has only members that are fitted together: what they have in common is "
                        "written anew",
                        cause->key);
        return SURETY_E_INPUT;
    }
    return SURETY_OK;
}

static enum surety_err operate(struct surety_patient *p, const struct surety_fit_report *report, bool uncertain)
{
    enum surety_err err = surety_patient_read(p);
    if (err == SURETY_OK && report->n > 1)
        err = check_causes(p, report);
    for (size_t i = 0; err == SURETY_OK && i < report->n; i++)
        err = set_provider(p, report, i, uncertain);
    for (size_t i = 0; err == SURETY_OK && i < report->n_causes; i++) {
        const struct surety_setting setting = {.report = report, .index = i};
        const char *name = cause_name(report, i, &p->diags->arena);
        err = name == NULL ? SURETY_E_MEMORY : set_below(p, "common_causes", name, setting, put_cause, put_causes);
    }
    return err;
}

// Reads what the text became as a scenario; mistakes have the places of that text.
static enum surety_err check(struct surety_patient *p, enum surety_err err, char **text)
{
    struct surety_scenario *scenario = NULL;
    if (p->text == NULL && err == SURETY_OK)
        err = SURETY_E_MEMORY;
    if (err == SURETY_OK)
        err = surety_scenario_read(surety_registry_get(), p->path, p->text, strlen(p->text), NULL, 0, p->diags,
                                   &scenario);
    if (err == SURETY_E_INPUT && p->text != NULL) {
        p->diags->source = surety_arena_strndup(&p->diags->arena, p->text, strlen(p->text));
        p->diags->source_length = p->diags->source != NULL ? strlen(p->text) : 0;
    }
    surety_scenario_destroy(scenario);
    surety_arena_finish(&p->arena);
    if (err != SURETY_OK) {
        free(p->text);
        return err;
    }
    *text = p->text;
    return SURETY_OK;
}

enum surety_err surety_into_text(const char *path, const struct surety_fit_report *report, bool uncertain,
                                 struct surety_diags *diags, char **text)
{
    struct surety_patient p = {.path = path, .diags = diags};
    bool missing;
    diags->file = path;
    surety_arena_init(&p.arena);
    p.text = read_file(path, diags, &missing);
    if (p.text == NULL && !missing)
        return SURETY_E_SYSTEM;
    enum surety_err err = SURETY_OK;
    if (missing)
        p.text = new_scenario(report, uncertain);
    else
        err = operate(&p, report, uncertain);
    return check(&p, err, text);
}

enum surety_err surety_into_latency(const char *path, const struct surety_response_fit *fits, size_t n,
                                    struct surety_diags *diags, char **text)
{
    struct surety_patient p = {.path = path, .diags = diags};
    bool missing;
    diags->file = path;
    surety_arena_init(&p.arena);
    p.text = read_file(path, diags, &missing);
    if (missing)
        surety_diag_add(diags, SURETY_D_FILE, NOWHERE, NULL,
                        "name a scenario that has the provider; `surety init` writes one", "there is no file %s", path);
    if (p.text == NULL)
        return SURETY_E_SYSTEM;
    enum surety_err err = surety_patient_read(&p);
    for (size_t i = 0; err == SURETY_OK && i < n; i++)
        err = set_latency(&p, &fits[i]);
    return check(&p, err, text);
}
