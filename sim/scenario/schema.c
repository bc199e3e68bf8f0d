// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/scenario/schema.h"

#include "sim/base/law.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/uncertain.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

// --- messages and paths ---------------------------------------------------------------------------------------

const char *surety_scratch_printf(struct surety_reader *reader, const char *format, ...)
{
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    int n = vsnprintf(NULL, 0, format, list);
    va_end(list);
    char *text = n < 0 ? NULL : surety_arena_alloc(reader->scratch, (size_t)n + 1);
    if (text != NULL)
        vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    if (text == NULL) {
        reader->out_of_memory = true;
        return "";
    }
    return text;
}

const char *surety_path_join(struct surety_reader *reader, const char *path, const char *key)
{
    const size_t n = strlen(path), n_key = strlen(key);
    if (n == 0)
        return key;
    char *text = surety_arena_alloc(reader->scratch, n + n_key + 2);
    if (text == NULL) {
        reader->out_of_memory = true;
        return "";
    }
    memcpy(text, path, n);
    text[n] = '.';
    memcpy(text + n + 1, key, n_key);
    return text;
}

const char *surety_path_index(struct surety_reader *reader, const char *path, size_t index)
{
    return surety_scratch_printf(reader, "%s[%zu]", path, index);
}

void surety_complain(struct surety_reader *reader, enum surety_diag_id id, const struct surety_ynode *node,
                     const char *path, const char *hint, const char *format, ...)
{
    char message[400];
    va_list list;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    surety_diag_add(reader->diags, id, node->place, path, hint, "%s", message);
}

struct surety_place surety_map_place(const struct surety_ynode *node)
{
    return node->key == NULL ? node->place : node->key_place;
}

static void add_line(struct surety_reader *reader, struct surety_lines *lines, const char *text)
{
    struct surety_line *line = surety_arena_alloc(reader->arena, sizeof *line);
    if (line == NULL || text == NULL) {
        reader->out_of_memory = true;
        return;
    }
    line->text = text;
    if (lines->last == NULL)
        lines->first = line;
    else
        lines->last->next = line;
    lines->last = line;
    lines->n++;
}

void surety_note_default(struct surety_reader *reader, const char *path, const char *text)
{
    if (!reader->in_default && reader->draws == NULL)
        add_line(reader, &reader->defaults, surety_arena_printf(reader->arena, "%s: %s", path, text));
}

void surety_note_assumption(struct surety_reader *reader, const char *format, ...)
{
    char text[1000];
    va_list list;
    if (reader->draws != NULL)
        return;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    add_line(reader, &reader->assumptions, surety_arena_strndup(reader->arena, text, strlen(text)));
}

const char *surety_hint_words(struct surety_reader *reader, const char *word, const void *names, size_t n,
                              size_t stride)
{
    const char *list = "";
    if (reader->diags->n >= SURETY_DIAGS_MAX) // it would not be printed
        return list;
    for (size_t i = 0; i < n && i < 40; i++) {
        const char *name = *(const char *const *)(const void *)((const char *)names + i * stride);
        list = surety_scratch_printf(reader, "%s%s%s", list, i == 0 ? "" : ", ", name);
    }
    const char *near = surety_did_you_mean(word, names, n, stride);
    if (near == NULL)
        return surety_scratch_printf(reader, "allowed: %s%s", list, n > 40 ? ", ..." : "");
    return surety_scratch_printf(reader, "allowed: %s%s; did you mean '%s'?", list, n > 40 ? ", ..." : "", near);
}

bool surety_check_name(struct surety_reader *reader, const struct surety_ynode *node, const char *path)
{
    const char *name = node->key;
    bool letter = (name[0] >= 'A' && name[0] <= 'Z') || (name[0] >= 'a' && name[0] <= 'z');
    size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
    if (letter && name[n] == '\0' && n <= SURETY_MAX_NAME)
        return true;
    surety_diag_add(reader->diags, SURETY_D_NAME, node->key_place, path,
                    "a name is a letter, then letters, digits, _ or -, at most 64 in all", "'%s' is not a name", name);
    return false;
}

bool surety_refuse_range(struct surety_reader *reader, const struct surety_ynode *node, const char *path)
{
    if (!surety_is_range(node))
        return false;
    surety_complain(reader, SURETY_D_UNCERTAIN, node, path, "write a single value",
                    "this cannot be uncertain ({%s: ...})", node->first->key);
    return true;
}

// --- what a draw need not read again ---------------------------------------------------------------------------

struct surety_known {
    const void *key, *value;
    struct surety_known *next;
};

void surety_remember(struct surety_reader *reader, const void *key, const void *value)
{
    if (reader->uncertain == NULL)
        return;
    struct surety_known *known = surety_arena_alloc(reader->scratch, sizeof *known);
    if (known == NULL) {
        reader->out_of_memory = true;
        return;
    }
    *known = (struct surety_known){key, value, reader->uncertain->known};
    reader->uncertain->known = known;
}

const void *surety_recall(const struct surety_reader *reader, const void *key)
{
    const struct surety_known *known = reader->base != NULL ? reader->base->uncertain->known : NULL;
    while (known != NULL && known->key != key)
        known = known->next;
    return known != NULL ? known->value : NULL;
}

// --- one row --------------------------------------------------------------------------------------------------

static void *at_offset(void *base, size_t offset)
{
    return (char *)base + offset;
}

static bool read_in_place(struct surety_reader *reader, const struct surety_field *row, const struct surety_ynode *node,
                          const char *path, void *out);

static bool read_named(struct surety_reader *reader, const struct surety_field *row, const struct surety_ynode *node,
                       const char *path, void *base)
{
    for (size_t i = 0; row->words != NULL && row->words[i] != NULL; i++)
        if (node->kind == SURETY_Y_SCALAR && strcmp(node->text, row->words[i]) == 0)
            return true; // no items
    const char *none = row->words == NULL ? "" : surety_scratch_printf(reader, ", or the word `%s`", row->words[0]);
    const char *hint =
        surety_scratch_printf(reader, "write a map of names, each with the keys of %s%s", row->sub->title, none);
    if (node->kind != SURETY_Y_MAP) {
        surety_complain(reader, SURETY_D_TYPE, node, path, hint, "%s stands here", surety_ynode_kind_name(node));
        return false;
    }
    if (node->n == 0) {
        surety_complain(reader, SURETY_D_MISSING_KEY, node, path, hint, "the map is empty");
        return false;
    }
    if (node->n > SURETY_MAX_NAMED) {
        surety_complain(reader, SURETY_D_TOO_LARGE, node, path, NULL, "%zu entries are too many, allowed: %zu", node->n,
                        SURETY_MAX_NAMED);
        return false;
    }
    char *items = surety_arena_calloc(reader->arena, node->n, row->item_size);
    if (items == NULL) {
        reader->out_of_memory = true;
        return false;
    }
    size_t before = reader->diags->n_errors, n = 0;
    for (const struct surety_ynode *child = node->first; child != NULL; child = child->next) {
        const char *child_path = surety_path_join(reader, path, child->key);
        surety_check_name(reader, child, child_path);
        char *item = items + n++ * row->item_size;
        const char *name = surety_arena_strndup(reader->arena, child->key, strlen(child->key));
        memcpy(item, &name, sizeof name);
        if (name == NULL)
            reader->out_of_memory = true;
        if (row->shorthand != NULL)
            read_in_place(reader, row, child, child_path, item);
        else
            surety_read_map(reader, child, child_path, row->sub, item);
    }
    memcpy(at_offset(base, row->offset), &items, sizeof items);
    memcpy(at_offset(base, row->count_offset), &n, sizeof n);
    return reader->diags->n_errors == before;
}

static bool read_in_place(struct surety_reader *reader, const struct surety_field *row, const struct surety_ynode *node,
                          const char *path, void *out)
{
    const bool is_range = surety_is_range(node);
    if (row->shorthand == NULL && surety_refuse_range(reader, node, path))
        return false;
    if (!is_range && (row->shorthand == NULL || node->kind != SURETY_Y_SCALAR || surety_ynode_is_empty(node)))
        return surety_read_map(reader, node, path, row->sub, out);
    // A bare value stands for {shorthand: value}.
    struct surety_ynode value = *node;
    value.key = row->shorthand;
    value.key_place = node->place;
    value.next = NULL;
    struct surety_ynode map = {.kind = SURETY_Y_MAP,
                               .place = node->place,
                               .text = "",
                               .key = node->key,
                               .key_place = node->key_place,
                               .first = &value,
                               .last = &value,
                               .n = 1};
    return surety_read_map(reader, &map, path, row->sub, out);
}

bool surety_read_field(struct surety_reader *reader, const struct surety_field *row, const struct surety_ynode *node,
                       const char *path, void *base)
{
    if (node->kind == SURETY_Y_BROKEN)
        return false;
    void *out = row->offset == SURETY_NOWHERE ? NULL : at_offset(base, row->offset);
    switch (row->kind) {
    case SURETY_KIND_LAW:
    case SURETY_KIND_COUNT_LAW:
        return surety_read_law(reader, node, path, row->kind == SURETY_KIND_COUNT_LAW,
                               strncmp(row->name, "time_to_", 8) == 0, out);
    case SURETY_KIND_MAP:
        return read_in_place(reader, row, node, path, out);
    case SURETY_KIND_NAMED:
        return read_named(reader, row, node, path, base);
    case SURETY_KIND_ROUTES:
    case SURETY_KIND_ROUTE:
    case SURETY_KIND_SHARED_ROUTES:
        return true;
    case SURETY_KIND_CUSTOM:
        return row->read(reader, node, path, out);
    default:
        return surety_read_scalar(reader, row, node, path, out);
    }
}

// What a double or a word holds when its key is absent and has no default.
static void store_absent(const struct surety_field *row, void *base)
{
    if (row->offset == SURETY_NOWHERE)
        return;
    void *out = at_offset(base, row->offset);
    const double nothing = NAN;
    const int no_word = -1;
    switch (row->kind) {
    case SURETY_KIND_DURATION:
    case SURETY_KIND_SHARE:
    case SURETY_KIND_FACTOR:
    case SURETY_KIND_GROWTH:
    case SURETY_KIND_RATE:
    case SURETY_KIND_MONEY:
    case SURETY_KIND_COUNT:
    case SURETY_KIND_NUMBER:
        memcpy(out, &nothing, sizeof nothing);
        break;
    case SURETY_KIND_WORD:
        memcpy(out, &no_word, sizeof no_word);
        break;
    default:
        break;
    }
}

bool surety_read_default(struct surety_reader *reader, const struct surety_field *row, const char *text,
                         struct surety_place at, const char *path, void *base)
{
    struct surety_ynode *node = NULL;
    const struct surety_ynode *known = surety_recall(reader, text);
    if (known == NULL && surety_ytree_read_value(reader->scratch, text, at, path, reader->diags, &node) != SURETY_OK) {
        reader->out_of_memory = true; // defaults are well-formed: nothing else can happen
        return false;
    }
    if (known != NULL)
        node = (struct surety_ynode *)(uintptr_t)known;
    else if (text == row->fallback) // lives as long as the program
        surety_remember(reader, text, node);
    // `{}` means: the defaults of the keys below, and those are what is worth telling.
    bool below = node->kind == SURETY_Y_MAP && node->n == 0;
    bool was = reader->in_default;
    if (!below)
        surety_note_default(reader, path, text);
    reader->in_default = was || !below;
    bool good = surety_read_field(reader, row, node, path, base);
    reader->in_default = was;
    return good;
}

// --- a map ----------------------------------------------------------------------------------------------------

static const struct surety_field *find_row(const struct surety_fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->n; i++)
        if (strcmp(fields->rows[i].name, name) == 0)
            return &fields->rows[i];
    return NULL;
}

const struct surety_field *surety_field_row(const struct surety_fields *fields, const char *name)
{
    const struct surety_field *row = find_row(fields, name);
    assert(row != NULL);
    return row;
}

static void read_child(struct surety_reader *reader, const struct surety_fields *fields,
                       const struct surety_ynode *child, const char *path, void *out)
{
    const struct surety_field *row = find_row(fields, child->key);
    const char *child_path = surety_path_join(reader, path, child->key);
    if (row == NULL) {
        surety_diag_add(reader->diags, SURETY_D_UNKNOWN_KEY, child->key_place, child_path,
                        surety_hint_words(reader, child->key, fields->rows, fields->n, sizeof *fields->rows),
                        "%s has no key '%s'", fields->title, child->key);
    } else if (row->later) {
        surety_diag_add(reader->diags, SURETY_D_UNSUPPORTED, child->key_place, child_path,
                        "remove it, or say the same with keys that are supported", "'%s' is not supported yet",
                        child->key);
    } else {
        if (row->present_offset != 0)
            *(bool *)at_offset(out, row->present_offset) = true;
        surety_read_field(reader, row, child, child_path, out);
    }
}

bool surety_key_is_misspelt(const struct surety_ynode *map, const struct surety_fields *fields, const char *name)
{
    for (const struct surety_ynode *child = map->kind == SURETY_Y_MAP ? map->first : NULL; child != NULL;
         child = child->next) {
        if (find_row(fields, child->key) != NULL)
            continue;
        const char *near = surety_did_you_mean(child->key, fields->rows, fields->n, sizeof *fields->rows);
        if (near != NULL && strcmp(near, name) == 0)
            return true;
    }
    return false;
}

bool surety_read_map(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                     const struct surety_fields *fields, void *out)
{
    if (node->kind == SURETY_Y_BROKEN)
        return false;
    size_t before = reader->diags->n_errors;
    if (node->kind != SURETY_Y_MAP) {
        const char *keys = surety_hint_words(reader, "", fields->rows, fields->n, sizeof *fields->rows);
        surety_complain(reader, SURETY_D_TYPE, node, path, surety_scratch_printf(reader, "keys %s", keys),
                        "%s stands where the map of %s belongs", surety_ynode_kind_name(node), fields->title);
        return false;
    }
    for (const struct surety_ynode *child = node->first; child != NULL; child = child->next)
        read_child(reader, fields, child, path, out);
    for (size_t i = 0; i < fields->n; i++) {
        const struct surety_field *row = &fields->rows[i];
        if (row->later || surety_ynode_get(node, row->name) != NULL)
            continue;
        const char *row_path = surety_path_join(reader, path, row->name);
        if (row->fallback != NULL)
            surety_read_default(reader, row, row->fallback, surety_map_place(node), row_path, out);
        else if (row->required && surety_key_is_misspelt(node, fields, row->name))
            continue; // said where it stands, with what was meant
        else if (row->required)
            surety_diag_add(reader->diags, SURETY_D_MISSING_KEY, surety_map_place(node), row_path,
                            surety_scratch_printf(reader, "write `%s: %s`", row->name, row->example),
                            "'%s' is missing in %s", row->name, fields->title);
        else
            store_absent(row, out);
    }
    if (fields->check != NULL)
        fields->check(reader, node, path, out, reader->diags->n_errors == before);
    return reader->diags->n_errors == before;
}
