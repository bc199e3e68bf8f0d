// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cli/into.h"

#include "models/registry.h"
#include "plots/fit.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/ytree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NOWHERE ((struct surety_place){0, 0})

// A scenario's text under the knife. After each cut it is read anew, so that all places are true.
struct patient {
    const char *path;
    char *text; // heap
    struct surety_arena arena;
    struct surety_diags *diags;
    struct surety_ynode *root;
};

static enum surety_err read_tree(struct patient *p)
{
    surety_arena_finish(&p->arena);
    surety_arena_init(&p->arena);
    const size_t n_before = p->diags->n_errors;
    const enum surety_err err = surety_ytree_read(&p->arena, p->text, strlen(p->text), p->diags, &p->root);
    return err == SURETY_OK && p->diags->n_errors > n_before ? SURETY_E_INPUT : err;
}

// Offset of a place, whose columns are code points.
static size_t offset_of(const char *text, struct surety_place place)
{
    const char *at = text;
    if (strncmp(at, "\xEF\xBB\xBF", 3) == 0) // a byte-order mark is no column
        at += 3;
    for (size_t line = 1; line < place.line && strchr(at, '\n') != NULL; line++)
        at = strchr(at, '\n') + 1;
    for (size_t column = 1; column < place.column && *at != '\0'; column++)
        do
            at++;
        while ((*at & 0xC0) == 0x80);
    return (size_t)(at - text);
}

static enum surety_err replace(struct patient *p, size_t from, size_t to, const char *with)
{
    const size_t length = strlen(p->text), inserted = strlen(with);
    char *text = malloc(length - (to - from) + inserted + 1);
    if (text == NULL)
        return SURETY_E_MEMORY;
    memcpy(text, p->text, from);
    memcpy(text + from, with, inserted);
    memcpy(text + from + inserted, p->text + to, length - to + 1);
    free(p->text);
    p->text = text;
    return read_tree(p);
}

// --- where values end -------------------------------------------------------------------------------------------------

static size_t line_start(const char *text, size_t at)
{
    while (at > 0 && text[at - 1] != '\n')
        at--;
    return at;
}

static size_t next_line(const char *text, size_t at)
{
    at += strcspn(text + at, "\n");
    return text[at] == '\n' ? at + 1 : at;
}

// The first line that no longer belongs to the block value whose key stands `indent` deep in the line at `from`. Blank
// lines and comments that are no deeper belong to what follows.
static size_t block_end(const char *text, size_t from, size_t indent)
{
    size_t end = next_line(text, from);
    for (size_t at = end; text[at] != '\0'; at = next_line(text, at)) {
        const size_t depth = strspn(text + at, " ");
        const char first = text[at + depth];
        if (first == '\n' || first == '\r' || (first == '#' && depth <= indent))
            continue;
        if (depth <= indent && !(strchr("]}", first) != NULL))
            break;
        end = next_line(text, at);
    }
    return end;
}

// The end of the value in braces, brackets, quotes or none that begins at `at` inside braces.
static size_t flow_end(const char *text, size_t at)
{
    int depth = 0;
    for (;; at++) {
        const char c = text[at];
        if (c == '\0')
            return at;
        if (c == '"' || c == '\'') {
            for (at++; text[at] != '\0' && text[at] != c; at++)
                at += c == '"' && text[at] == '\\' && text[at + 1] != '\0';
            if (text[at] == '\0')
                return at;
        } else if (c == '#' && at > 0 && strchr(" \t\n", text[at - 1]) != NULL) {
            at += strcspn(text + at, "\n");
            at -= text[at] == '\0';
        } else if (c == '{' || c == '[') {
            depth++;
        } else if ((c == '}' || c == ']') && --depth <= 0) {
            return depth == 0 ? at + 1 : at;
        } else if (c == ',' && depth == 0) {
            return at;
        }
    }
}

// --- keys -------------------------------------------------------------------------------------------------------------

static bool in_braces(const struct patient *p, const struct surety_ynode *map)
{
    return p->text[offset_of(p->text, map->place)] == '{';
}

// What a key is to be set to, laid out both ways.
struct setting {
    const char *key;
    void (*put)(const struct setting *setting, struct surety_fit_style style, FILE *out); // as surety_fit_value
    const struct surety_fit_report *report;
    size_t index;
    enum surety_fit_key which;
    bool uncertain;
    const struct surety_response_fit *latency; // in the place of the report
    enum surety_response_key latency_key;
};

static char *laid_out(const struct setting *setting, bool braces, int indent)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    setting->put(setting, (struct surety_fit_style){braces, indent, setting->uncertain}, out);
    return fclose(out) == 0 ? text : NULL;
}

static enum surety_err set_in_braces(struct patient *p, const struct surety_ynode *map, const struct setting *setting)
{
    const struct surety_ynode *child = surety_ynode_get(map, setting->key);
    char *value = laid_out(setting, true, 0), *text = NULL;
    size_t size = 0, from, to;
    FILE *out = value != NULL ? open_memstream(&text, &size) : NULL;
    if (out == NULL) {
        free(value);
        return SURETY_E_MEMORY;
    }
    if (child != NULL) {
        from = offset_of(p->text, child->place);
        to = flow_end(p->text, from);
        while (to > from && strchr(" \t\r\n", p->text[to - 1]) != NULL)
            to--;
        fputs(value, out);
    } else {
        from = to = offset_of(p->text, map->place) + 1; // behind the brace
        fprintf(out, "%s: %s%s", setting->key, value, map->n > 0 ? ", " : "");
    }
    enum surety_err err = fclose(out) == 0 ? replace(p, from, to, text) : SURETY_E_MEMORY;
    free(text);
    free(value);
    return err;
}

static enum surety_err set_in_block(struct patient *p, const struct surety_ynode *map, const struct setting *setting)
{
    const struct surety_ynode *child = surety_ynode_get(map, setting->key);
    const struct surety_ynode *at = child != NULL ? child : map->last;
    const size_t indent = map->first->key_place.column - 1;
    const size_t key_at = offset_of(p->text, at->key_place), line = line_start(p->text, key_at);
    const size_t end = block_end(p->text, line, indent);
    char *value = laid_out(setting, false, (int)indent), *lines = NULL;
    size_t size = 0;
    FILE *out = value != NULL ? open_memstream(&lines, &size) : NULL;
    if (out == NULL) {
        free(value);
        return SURETY_E_MEMORY;
    }
    fprintf(out, "%s%s", end > 0 && p->text[end - 1] != '\n' ? "\n" : "", value);
    enum surety_err err = fclose(out) == 0 ? replace(p, child != NULL ? line : end, end, lines) : SURETY_E_MEMORY;
    free(lines);
    free(value);
    return err;
}

static enum surety_err set(struct patient *p, const struct surety_ynode *map, const struct setting *setting)
{
    if (map->kind != SURETY_Y_MAP || map->n == 0 || map->first->key_place.line == 0) {
        surety_diag_add(p->diags, SURETY_D_TYPE, map->place, setting->key, "write a map, or delete the key",
                        "the fit cannot be put into %s", surety_ynode_kind_name(map));
        return SURETY_E_INPUT;
    }
    return in_braces(p, map) ? set_in_braces(p, map, setting) : set_in_block(p, map, setting);
}

// --- what is set ------------------------------------------------------------------------------------------------------

static void put_value(const struct setting *setting, struct surety_fit_style style, FILE *out)
{
    surety_fit_value(setting->report, setting->index, setting->which, style, out);
}

// A whole provider.
static void put_provider(const struct setting *setting, struct surety_fit_style style, FILE *out)
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
static void put_with_head(const struct setting *setting, struct surety_fit_style style, FILE *out, const char *entry,
                          void (*put)(const struct setting *, struct surety_fit_style, FILE *))
{
    struct setting inner = *setting;
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

static void put_providers(const struct setting *setting, struct surety_fit_style style, FILE *out)
{
    put_with_head(setting, style, out, setting->report->providers[setting->index].wish->name, put_provider);
}

static void put_cause(const struct setting *setting, struct surety_fit_style style, FILE *out)
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

static void put_causes(const struct setting *setting, struct surety_fit_style style, FILE *out)
{
    struct surety_arena arena;
    surety_arena_init(&arena);
    const char *name = cause_name(setting->report, setting->index, &arena);
    if (name != NULL)
        put_with_head(setting, style, out, name, put_cause);
    surety_arena_finish(&arena);
}

// Sets root.`head`.`name`, making the head where there is none.
static enum surety_err set_below(struct patient *p, const char *head, const char *name, struct setting setting,
                                 void (*put)(const struct setting *, struct surety_fit_style, FILE *),
                                 void (*put_head)(const struct setting *, struct surety_fit_style, FILE *))
{
    const struct surety_ynode *map = surety_ynode_get(p->root, head);
    setting.key = map != NULL ? name : head;
    setting.put = map != NULL ? put : put_head;
    return set(p, map != NULL ? map : p->root, &setting);
}

static enum surety_err set_provider(struct patient *p, const struct surety_fit_report *report, size_t i, bool uncertain)
{
    const char *name = report->providers[i].wish->name;
    const struct setting setting = {.report = report, .index = i, .uncertain = uncertain};
    const struct surety_ynode *providers = surety_ynode_get(p->root, "providers");
    const struct surety_ynode *own = providers != NULL ? surety_ynode_get(providers, name) : NULL;
    if (own == NULL)
        return set_below(p, "providers", name, setting, put_provider, put_providers);
    enum surety_err err = SURETY_OK;
    for (enum surety_fit_key key = 0; err == SURETY_OK && key < SURETY_FIT_N_KEYS; key++) {
        struct setting one = setting;
        one.key = surety_fit_key_names[key];
        one.which = key;
        one.put = put_value;
        own = surety_ynode_get(surety_ynode_get(p->root, "providers"), name);
        err = set(p, own, &one);
    }
    return err;
}

// --- latencies --------------------------------------------------------------------------------------------------------

static void put_latency(const struct setting *setting, struct surety_fit_style style, FILE *out)
{
    surety_responses_value(setting->latency, setting->latency_key, style, setting->uncertain, out);
}

static const struct surety_ynode *own_of(const struct patient *p, const char *name)
{
    const struct surety_ynode *providers = surety_ynode_get(p->root, "providers");
    return providers != NULL ? surety_ynode_get(providers, name) : NULL;
}

static enum surety_err set_latency(struct patient *p, const struct surety_response_fit *fit)
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
        const struct setting setting = {.key = surety_response_key_names[key],
                                        .put = put_latency,
                                        .uncertain = foreign,
                                        .latency = fit,
                                        .latency_key = key};
        if (key == SURETY_RESPONSE_LATENCY || !foreign)
            err = set(p, own, &setting);
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
static enum surety_err check_causes(struct patient *p, const struct surety_fit_report *report)
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

static enum surety_err operate(struct patient *p, const struct surety_fit_report *report, bool uncertain)
{
    enum surety_err err = read_tree(p);
    if (err == SURETY_OK && report->n > 1)
        err = check_causes(p, report);
    for (size_t i = 0; err == SURETY_OK && i < report->n; i++)
        err = set_provider(p, report, i, uncertain);
    for (size_t i = 0; err == SURETY_OK && i < report->n_causes; i++) {
        const struct setting setting = {.report = report, .index = i};
        const char *name = cause_name(report, i, &p->diags->arena);
        err = name == NULL ? SURETY_E_MEMORY : set_below(p, "common_causes", name, setting, put_cause, put_causes);
    }
    return err;
}

// Reads what the text became as a scenario; mistakes have the places of that text.
static enum surety_err check(struct patient *p, enum surety_err err, char **text)
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
    struct patient p = {.path = path, .diags = diags};
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
    struct patient p = {.path = path, .diags = diags};
    bool missing;
    diags->file = path;
    surety_arena_init(&p.arena);
    p.text = read_file(path, diags, &missing);
    if (missing)
        surety_diag_add(diags, SURETY_D_FILE, NOWHERE, NULL,
                        "name a scenario that has the provider; `surety init` writes one", "there is no file %s", path);
    if (p.text == NULL)
        return SURETY_E_SYSTEM;
    enum surety_err err = read_tree(&p);
    for (size_t i = 0; err == SURETY_OK && i < n; i++)
        err = set_latency(&p, &fits[i]);
    return check(&p, err, text);
}
