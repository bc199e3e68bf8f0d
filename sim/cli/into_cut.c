// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cli/into_cut.h"

#include <stdlib.h>
#include <string.h>

enum surety_err surety_patient_read(struct surety_patient *p)
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

static enum surety_err replace(struct surety_patient *p, size_t from, size_t to, const char *with)
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
    return surety_patient_read(p);
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

static bool in_braces(const struct surety_patient *p, const struct surety_ynode *map)
{
    return p->text[offset_of(p->text, map->place)] == '{';
}

static char *laid_out(const struct surety_setting *setting, bool braces, int indent)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    setting->put(setting, (struct surety_fit_style){braces, indent, setting->uncertain}, out);
    return fclose(out) == 0 ? text : NULL;
}

static enum surety_err set_in_braces(struct surety_patient *p, const struct surety_ynode *map,
                                     const struct surety_setting *setting)
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

static enum surety_err set_in_block(struct surety_patient *p, const struct surety_ynode *map,
                                    const struct surety_setting *setting)
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

enum surety_err surety_patient_set(struct surety_patient *p, const struct surety_ynode *map,
                                   const struct surety_setting *setting)
{
    if (map->kind != SURETY_Y_MAP || map->n == 0 || map->first->key_place.line == 0) {
        surety_diag_add(p->diags, SURETY_D_TYPE, map->place, setting->key, "write a map, or delete the key",
                        "the fit cannot be put into %s", surety_ynode_kind_name(map));
        return SURETY_E_INPUT;
    }
    return in_braces(p, map) ? set_in_braces(p, map, setting) : set_in_block(p, map, setting);
}
