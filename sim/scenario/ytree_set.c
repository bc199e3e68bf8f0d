// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/scenario/ytree.h"

#include <stdlib.h>
#include <string.h>

// One step of a path: a key, or an index of a list.
struct step {
    const char *key; // NULL: an index
    size_t length, index;
};

// Splits the next step off *path; false when the path is malformed.
static bool next_step(const char **path, bool first, struct step *step)
{
    const char *at = *path;
    if (*at == '[') {
        char *end = NULL;
        if (at[1] < '0' || at[1] > '9' || strspn(at + 1, "0123456789") > 9)
            return false;
        *step = (struct step){.index = (size_t)strtoul(at + 1, &end, 10)};
        if (*end != ']')
            return false;
        *path = end + 1;
        return !first;
    }
    if (!first) {
        if (*at != '.')
            return false;
        at++;
    }
    size_t n = strcspn(at, ".[");
    *step = (struct step){.key = at, .length = n};
    *path = at + n;
    return n > 0 && n <= SURETY_YAML_MAX_KEY;
}

static bool is_path(const char *path)
{
    struct step step;
    bool first = true;
    do {
        if (!next_step(&path, first, &step))
            return false;
        first = false;
    } while (*path != '\0');
    return true;
}

static struct surety_ynode *child_of(const struct surety_ynode *node, const struct step *step)
{
    size_t i = 0;
    for (struct surety_ynode *child = node->first; child != NULL; child = child->next, i++) {
        if (step->key == NULL ? i == step->index
                              : strlen(child->key) == step->length && strncmp(child->key, step->key, step->length) == 0)
            return child;
    }
    return NULL;
}

static enum surety_err refuse(struct surety_diags *diags, struct surety_place place, const char *hint,
                              const char *message)
{
    surety_diag_add(diags, SURETY_D_SET, place, "", hint, "%s", message);
    return SURETY_E_INPUT;
}

// A new empty child of the map `node`.
static struct surety_ynode *add_child(struct surety_arena *arena, struct surety_ynode *node, const struct step *step,
                                      struct surety_place place)
{
    struct surety_ynode *child = surety_arena_alloc(arena, sizeof *child);
    char *key = surety_arena_strndup(arena, step->key, step->length);
    if (child == NULL || key == NULL)
        return NULL;
    *child = (struct surety_ynode){.kind = SURETY_Y_SCALAR, .text = "", .place = place, .key = key, .key_place = place};
    if (node->last == NULL)
        node->first = child;
    else
        node->last->next = child;
    node->last = child;
    node->n++;
    return child;
}

enum surety_err surety_ytree_set(struct surety_arena *arena, struct surety_ynode *root, const char *path,
                                 const char *value, struct surety_place place, struct surety_diags *diags)
{
    struct surety_ynode *node = root, *fresh = NULL;
    enum surety_err err = surety_ytree_read_value(arena, value, place, "", diags, &fresh);
    if (err != SURETY_OK)
        return err;
    if (!is_path(path)) // before anything is made on the way
        return refuse(diags, place, "write keys joined by dots, list items as [0]: contract.tiers.premium.fee",
                      "the path cannot be read");
    const char *rest = path;
    for (bool first = true; *rest != '\0' || first; first = false) {
        struct step step = {.key = NULL};
        next_step(&rest, first, &step);
        if (node->kind == SURETY_Y_BROKEN)
            return SURETY_OK; // reported where it is broken
        if (surety_ynode_is_empty(node) && step.key != NULL)
            node->kind = SURETY_Y_MAP;
        if (node->kind != (step.key == NULL ? SURETY_Y_LIST : SURETY_Y_MAP))
            return refuse(diags, place, "set the whole value instead",
                          step.key == NULL ? "the path has [..] where the scenario has no list"
                                           : "the path goes on where the scenario has no map");
        struct surety_ynode *child = child_of(node, &step);
        if (child == NULL && step.key == NULL)
            return refuse(diags, place, "items are counted from [0]", "the list has no such item");
        if (child == NULL && (child = add_child(arena, node, &step, place)) == NULL)
            return SURETY_E_MEMORY;
        node = child;
    }
    // The node keeps its key and its place among its siblings.
    node->kind = fresh->kind;
    node->place = place;
    node->text = fresh->text;
    node->quoted = fresh->quoted;
    node->first = fresh->first;
    node->last = fresh->last;
    node->n = fresh->n;
    node->range = 0;
    return SURETY_OK;
}
