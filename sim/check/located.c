// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/check/located.h"

#include "sim/scenario/presets.h"

#include <stdio.h>
#include <string.h>

#define LONGEST_PATH 1024

// Follows `path`; *last: the deepest node that is there.
static const struct surety_ynode *follow(const struct surety_ynode *root, const char *path,
                                         const struct surety_ynode **last)
{
    const struct surety_ynode *node = root;
    *last = root;
    while (*path != '\0') {
        const size_t length = strcspn(path, ".");
        const struct surety_ynode *child = node->kind == SURETY_Y_MAP ? node->first : NULL;
        while (child != NULL && (strlen(child->key) != length || strncmp(child->key, path, length) != 0))
            child = child->next;
        if (child == NULL)
            return NULL;
        *last = node = child;
        path += length + (path[length] == '.');
    }
    return node;
}

enum surety_err surety_located_read(struct surety_arena *arena, const struct surety_registry *registry,
                                    const struct surety_scenario *scenario, struct surety_located *out)
{
    struct surety_diags diags; // the text was read before: there is nothing new to tell
    struct surety_ynode *root = NULL;
    surety_diags_init(&diags, scenario->file);
    enum surety_err err = surety_ytree_read(arena, scenario->text, strlen(scenario->text), &diags, &root);
    for (size_t i = 0; err == SURETY_OK && i < scenario->n_overrides; i++) {
        const char *equals = strchr(scenario->overrides[i], '=');
        const char *path =
            surety_arena_strndup(arena, scenario->overrides[i], (size_t)(equals - scenario->overrides[i]));
        err = path == NULL ? SURETY_E_MEMORY
                           : surety_ytree_set(arena, root, path, equals + 1, (struct surety_place){0, i + 1}, &diags);
    }
    surety_diags_finish(&diags);
    if (err != SURETY_OK)
        return err;
    *out = (struct surety_located){.root = root, .contract = scenario->contract_path};
    char path[LONGEST_PATH];
    snprintf(path, sizeof path, "%s.style", out->contract);
    const struct surety_ynode *style = surety_located_find(out, path);
    if (style != NULL && style->kind == SURETY_Y_SCALAR)
        out->style = surety_style_find(registry, style->text);
    return SURETY_OK;
}

const struct surety_ynode *surety_located_find(const struct surety_located *located, const char *path)
{
    const struct surety_ynode *last;
    return follow(located->root, path, &last);
}

bool surety_located_says(const struct surety_located *located, const char *key)
{
    char path[LONGEST_PATH];
    snprintf(path, sizeof path, "%s.%s", located->contract, key);
    if (surety_located_find(located, path) != NULL)
        return true;
    for (size_t i = 0; located->style != NULL && i < located->style->n; i++)
        if (strcmp(located->style->keys[i].path, key) == 0)
            return true;
    return false;
}

struct surety_place surety_located_place(const struct surety_located *located, const char *path)
{
    const struct surety_ynode *last, *node = follow(located->root, path, &last);
    if (node != NULL)
        return node->place;
    return last->key != NULL ? last->key_place : last->place;
}
