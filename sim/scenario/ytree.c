// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/scenario/ytree.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

// An open list or map, for the message of a syntax error.
struct opened {
    struct surety_place place;
    bool flow, list;
};

struct loader {
    yaml_parser_t parser;
    struct surety_arena *arena;
    struct surety_diags *diags;
    struct surety_place at; // line 0 and at_given: the place of all nodes
    bool at_given;
    const char *path; // printed with messages, "" in a file
    struct opened opened[SURETY_YAML_MAX_DEPTH + 1];
    size_t depth;
    enum surety_err err;
};

static struct surety_place place_of(const struct loader *loader, yaml_mark_t mark)
{
    if (loader->at_given)
        return loader->at;
    return (struct surety_place){.line = mark.line + 1, .column = mark.column + 1};
}

static void no_memory(struct loader *loader)
{
    loader->err = SURETY_E_MEMORY;
}

static void stop(struct loader *loader, enum surety_diag_id id, struct surety_place place, const char *hint,
                 const char *message)
{
    surety_diag_add(loader->diags, id, place, loader->path, hint, "%s", message);
    loader->err = SURETY_E_INPUT;
}

// The place of a byte of the text: libyaml gives only the offset for characters that it cannot read at all.
static struct surety_place place_of_offset(const struct loader *loader, const char *text, size_t length, size_t offset)
{
    if (loader->at_given)
        return loader->at;
    struct surety_place place = {.line = 1, .column = 1};
    for (size_t i = 0; i < length && i < offset; i++) {
        if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == length || text[i + 1] != '\n'))) {
            place.line++;
            place.column = 1;
        } else if (((unsigned char)text[i] & 0xC0U) != 0x80U && text[i] != '\r') {
            place.column++;
        }
    }
    return place;
}

static void syntax_error(struct loader *loader, const char *text, size_t length)
{
    const yaml_parser_t *parser = &loader->parser;
    const char *problem = parser->problem == NULL ? "the text cannot be read" : parser->problem;
    char hint[160] = "";
    if (parser->error == YAML_MEMORY_ERROR) {
        no_memory(loader);
        return;
    }
    if (parser->error == YAML_READER_ERROR) {
        snprintf(hint, sizeof hint, "the file must be text in UTF-8");
        struct surety_place place = place_of_offset(loader, text, length, parser->problem_offset);
        surety_diag_add(loader->diags, SURETY_D_SYNTAX, place, loader->path, hint, "%s (byte %zu)", problem,
                        parser->problem_offset + 1);
        loader->err = SURETY_E_INPUT;
        return;
    }
    struct surety_place place = place_of(loader, parser->problem_mark);
    const struct opened *open = loader->depth == 0 ? NULL : &loader->opened[loader->depth - 1];
    if (open != NULL && open->flow && !loader->at_given)
        snprintf(hint, sizeof hint, "the %s that starts with %c at line %zu, column %zu is still open",
                 open->list ? "list" : "map", open->list ? '[' : '{', open->place.line, open->place.column);
    else if (parser->context != NULL && !loader->at_given)
        snprintf(hint, sizeof hint, "%.80s that starts at line %zu, column %zu", parser->context,
                 parser->context_mark.line + 1, parser->context_mark.column + 1);
    surety_diag_add(loader->diags, SURETY_D_SYNTAX, place, loader->path, hint[0] == '\0' ? NULL : hint, "%s", problem);
    loader->err = SURETY_E_INPUT;
}

static struct surety_ynode *new_node(struct loader *loader, enum surety_ykind kind, yaml_mark_t mark)
{
    struct surety_ynode *node = surety_arena_alloc(loader->arena, sizeof *node);
    if (node == NULL) {
        no_memory(loader);
        return NULL;
    }
    node->kind = kind;
    node->place = place_of(loader, mark);
    node->text = "";
    return node;
}

static void append(struct surety_ynode *parent, struct surety_ynode *child)
{
    if (parent->last == NULL)
        parent->first = child;
    else
        parent->last->next = child;
    parent->last = child;
    parent->n++;
}

// Reports anchors and tags; the value itself is still read.
static void refuse_decoration(struct loader *loader, const yaml_char_t *anchor, const yaml_char_t *tag,
                              yaml_mark_t mark)
{
    if (anchor != NULL)
        surety_diag_add(loader->diags, SURETY_D_LIMIT, place_of(loader, mark), loader->path, "write the value out",
                        "the anchor &%.40s is not allowed", (const char *)anchor);
    if (tag != NULL)
        surety_diag_add(loader->diags, SURETY_D_LIMIT, place_of(loader, mark), loader->path, "write the value alone",
                        "the tag %.40s is not allowed", (const char *)tag);
}

static struct surety_ynode *read_scalar(struct loader *loader, const yaml_event_t *event)
{
    struct surety_ynode *node = new_node(loader, SURETY_Y_SCALAR, event->start_mark);
    if (node == NULL)
        return NULL;
    const char *value = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    if (memchr(value, 0, length) != NULL) {
        surety_diag_add(loader->diags, SURETY_D_LIMIT, node->place, loader->path, "remove it",
                        "the text contains a character with the code 0");
        node->kind = SURETY_Y_BROKEN;
        return node;
    }
    node->text = surety_arena_strndup(loader->arena, value, length);
    if (node->text == NULL) {
        no_memory(loader);
        return NULL;
    }
    return node;
}

static bool next_event(struct loader *loader, yaml_event_t *event, const char *text, size_t length)
{
    if (yaml_parser_parse(&loader->parser, event))
        return true;
    syntax_error(loader, text, length);
    return false;
}

static int by_key(const void *a, const void *b)
{
    const struct surety_ynode *x = *(struct surety_ynode *const *)a, *y = *(struct surety_ynode *const *)b;
    int order = strcmp(x->key, y->key);
    if (order != 0)
        return order;
    if (x->key_place.line != y->key_place.line)
        return x->key_place.line < y->key_place.line ? -1 : 1;
    return x->key_place.column < y->key_place.column ? -1 : x->key_place.column > y->key_place.column;
}

// Sorting finds duplicates among 200,000 keys at once; comparing each with each would take minutes.
static void find_duplicates(struct loader *loader, const struct surety_ynode *map)
{
    if (map->n < 2)
        return;
    struct surety_ynode **keys = malloc(map->n * sizeof(void *));
    if (keys == NULL) {
        no_memory(loader);
        return;
    }
    size_t n = 0;
    for (struct surety_ynode *child = map->first; child != NULL; child = child->next)
        keys[n++] = child;
    qsort(keys, n, sizeof(void *), by_key);
    for (size_t i = 1, first = 0; i < n; i++) {
        if (strcmp(keys[i]->key, keys[first]->key) != 0) {
            first = i;
            continue;
        }
        char hint[80];
        snprintf(hint, sizeof hint, "the first one is at line %zu", keys[first]->key_place.line);
        surety_diag_add(loader->diags, SURETY_D_DUPLICATE, keys[i]->key_place, loader->path, hint,
                        "the key '%s' stands twice in this map", keys[i]->key);
        keys[i]->kind = SURETY_Y_BROKEN; // no value is read twice
    }
    free(keys);
}

static struct surety_ynode *read_node(struct loader *loader, const yaml_event_t *event, const char *text,
                                      size_t length);

// Reads one key of a map; false when the entry is to be dropped (already reported).
static bool read_key(struct loader *loader, const yaml_event_t *event, const char **key, const char *text,
                     size_t length)
{
    struct surety_place place = place_of(loader, event->start_mark);
    struct surety_ynode *node = read_node(loader, event, text, length);
    if (node == NULL || node->kind == SURETY_Y_BROKEN)
        return false;
    if (node->kind != SURETY_Y_SCALAR) {
        surety_diag_add(loader->diags, SURETY_D_LIMIT, place, loader->path, "write `key: value`", "%s cannot be a key",
                        surety_ynode_kind_name(node));
        return false;
    }
    if (strlen(node->text) > SURETY_YAML_MAX_KEY) {
        surety_diag_add(loader->diags, SURETY_D_LIMIT, place, loader->path, NULL, "the key is longer than %d bytes",
                        SURETY_YAML_MAX_KEY);
        return false;
    }
    if (strcmp(node->text, "<<") == 0 && !node->quoted) {
        surety_diag_add(loader->diags, SURETY_D_LIMIT, place, loader->path, "write the keys out",
                        "merge keys (<<) are not allowed");
        return false;
    }
    *key = node->text;
    return true;
}

static void read_children(struct loader *loader, struct surety_ynode *parent, const char *text, size_t length)
{
    yaml_event_type_t end = parent->kind == SURETY_Y_MAP ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT;
    while (loader->err == SURETY_OK) {
        yaml_event_t event;
        if (!next_event(loader, &event, text, length))
            return;
        if (event.type == end) {
            yaml_event_delete(&event);
            return;
        }
        const char *key = NULL;
        bool keep = true;
        struct surety_place key_place = place_of(loader, event.start_mark);
        if (parent->kind == SURETY_Y_MAP) {
            keep = read_key(loader, &event, &key, text, length);
            yaml_event_delete(&event);
            if (loader->err != SURETY_OK || !next_event(loader, &event, text, length))
                return;
        }
        struct surety_ynode *child = read_node(loader, &event, text, length);
        yaml_event_delete(&event);
        if (child != NULL && keep) {
            child->key = key;
            child->key_place = key_place;
            append(parent, child);
        }
    }
}

static struct surety_ynode *read_collection(struct loader *loader, const yaml_event_t *event, const char *text,
                                            size_t length)
{
    bool list = event->type == YAML_SEQUENCE_START_EVENT;
    bool flow = list ? event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
                     : event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
    struct surety_ynode *node = new_node(loader, list ? SURETY_Y_LIST : SURETY_Y_MAP, event->start_mark);
    if (node == NULL)
        return NULL;
    if (loader->depth == SURETY_YAML_MAX_DEPTH) {
        stop(loader, SURETY_D_LIMIT, node->place, NULL, "lists and maps are nested deeper than 32 levels");
        return NULL;
    }
    loader->opened[loader->depth++] = (struct opened){.place = node->place, .flow = flow, .list = list};
    read_children(loader, node, text, length);
    if (loader->err != SURETY_OK)
        return NULL;
    loader->depth--;
    if (!list)
        find_duplicates(loader, node);
    return loader->err == SURETY_OK ? node : NULL;
}

static struct surety_ynode *read_node(struct loader *loader, const yaml_event_t *event, const char *text, size_t length)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        refuse_decoration(loader, event->data.scalar.anchor, event->data.scalar.tag, event->start_mark);
        return read_scalar(loader, event);
    case YAML_SEQUENCE_START_EVENT:
        refuse_decoration(loader, event->data.sequence_start.anchor, event->data.sequence_start.tag, event->start_mark);
        return read_collection(loader, event, text, length);
    case YAML_MAPPING_START_EVENT:
        refuse_decoration(loader, event->data.mapping_start.anchor, event->data.mapping_start.tag, event->start_mark);
        return read_collection(loader, event, text, length);
    case YAML_ALIAS_EVENT:
        surety_diag_add(loader->diags, SURETY_D_LIMIT, place_of(loader, event->start_mark), loader->path,
                        "write the value out, or quote a text that starts with *", "the alias *%.40s is not allowed",
                        (const char *)event->data.alias.anchor);
        return new_node(loader, SURETY_Y_BROKEN, event->start_mark);
    default:
        stop(loader, SURETY_D_SYNTAX, place_of(loader, event->start_mark), NULL, "a value is expected here");
        return NULL;
    }
}

#define EMPTY_HINT "write at least `surety: 1`, workloads, providers, architectures and contract; see `surety init`"

// The events around the one document.
static struct surety_ynode *read_document(struct loader *loader, const char *text, size_t length)
{
    struct surety_ynode *root = NULL;
    for (bool more = true; more && loader->err == SURETY_OK;) {
        yaml_event_t event;
        if (!next_event(loader, &event, text, length))
            return NULL;
        struct surety_place place = place_of(loader, event.start_mark);
        switch (event.type) {
        case YAML_STREAM_START_EVENT:
        case YAML_DOCUMENT_END_EVENT:
            break;
        case YAML_STREAM_END_EVENT:
            if (root == NULL)
                stop(loader, SURETY_D_SYNTAX, loader->at_given ? loader->at : (struct surety_place){1, 1},
                     loader->at_given ? NULL : EMPTY_HINT,
                     loader->at_given ? "there is no value" : "the file is empty");
            more = false;
            break;
        case YAML_DOCUMENT_START_EVENT:
            if (root != NULL)
                stop(loader, SURETY_D_LIMIT, place, "one file holds one scenario: split the file at this line",
                     "a second document starts here");
            else if (event.data.document_start.version_directive != NULL ||
                     event.data.document_start.tag_directives.start != event.data.document_start.tag_directives.end)
                stop(loader, SURETY_D_LIMIT, place, "delete the line that starts with %",
                     "YAML directives are not allowed");
            break;
        default:
            root = read_node(loader, &event, text, length);
        }
        yaml_event_delete(&event);
    }
    return loader->err == SURETY_OK ? root : NULL;
}

static enum surety_err load(struct loader *loader, const char *text, size_t length, struct surety_ynode **root)
{
    if (length > SURETY_YAML_MAX_BYTES) {
        stop(loader, SURETY_D_LIMIT, (struct surety_place){0, 0}, "at most 1 MiB", "the file is too large");
        return loader->err;
    }
    if (length >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0)) {
        stop(loader, SURETY_D_SYNTAX, (struct surety_place){1, 1}, "save it as UTF-8", "the file is in UTF-16");
        return loader->err;
    }
    if (!yaml_parser_initialize(&loader->parser))
        return SURETY_E_MEMORY;
    yaml_parser_set_encoding(&loader->parser, YAML_UTF8_ENCODING);
    size_t skip = length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0; // byte-order mark
    yaml_parser_set_input_string(&loader->parser, (const unsigned char *)text + skip, length - skip);
    struct surety_ynode *tree = read_document(loader, text + skip, length - skip);
    yaml_parser_delete(&loader->parser);
    if (loader->err == SURETY_OK)
        *root = tree;
    return loader->err;
}

enum surety_err surety_ytree_read(struct surety_arena *arena, const char *text, size_t length,
                                  struct surety_diags *diags, struct surety_ynode **root)
{
    struct loader loader = {.arena = arena, .diags = diags, .path = ""};
    struct surety_ynode *tree = NULL;
    enum surety_err err = load(&loader, text, length, &tree);
    if (err != SURETY_OK)
        return err;
    if (surety_ynode_is_empty(tree)) { // `---` and nothing else
        surety_diag_add(diags, SURETY_D_SYNTAX, tree->place, "", EMPTY_HINT, "the file is empty");
        return SURETY_E_INPUT;
    }
    *root = tree;
    return SURETY_OK;
}

enum surety_err surety_ytree_read_value(struct surety_arena *arena, const char *text, struct surety_place place,
                                        const char *path, struct surety_diags *diags, struct surety_ynode **root)
{
    struct loader loader = {.arena = arena, .diags = diags, .path = path, .at = place, .at_given = true};
    return load(&loader, text, strlen(text), root);
}

struct surety_ynode *surety_ynode_get(const struct surety_ynode *map, const char *key)
{
    if (map == NULL || map->kind != SURETY_Y_MAP)
        return NULL;
    for (struct surety_ynode *child = map->first; child != NULL; child = child->next)
        if (strcmp(child->key, key) == 0)
            return child;
    return NULL;
}

bool surety_ynode_is_empty(const struct surety_ynode *node)
{
    return node->kind == SURETY_Y_SCALAR && !node->quoted && node->text[0] == '\0';
}

const char *surety_ynode_kind_name(const struct surety_ynode *node)
{
    switch (node->kind) {
    case SURETY_Y_LIST:
        return "a list";
    case SURETY_Y_MAP:
        return "a map";
    default:
        return surety_ynode_is_empty(node) ? "nothing" : "a value";
    }
}
