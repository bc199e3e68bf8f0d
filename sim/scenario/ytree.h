// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_SCENARIO_YTREE_H
#define SURETY_SCENARIO_YTREE_H

#include "sim/base/arena.h"
#include "sim/base/diag.h"
#include "sim/base/err.h"

#include <stdbool.h>
#include <stddef.h>

// YAML text to a tree whose nodes know their place. Only what a scenario needs: one document of at most 1 MiB and 32
// levels, scalar keys, no anchors, aliases, tags or merge keys. JSON is YAML.

#define SURETY_YAML_MAX_BYTES ((size_t)1 << 20)
#define SURETY_YAML_MAX_DEPTH 32
#define SURETY_YAML_MAX_KEY 128 // bytes

enum surety_ykind {
    SURETY_Y_SCALAR,
    SURETY_Y_LIST,
    SURETY_Y_MAP,
    SURETY_Y_BROKEN // stands for something that was reported already: readers skip it in silence
};

struct surety_ynode {
    enum surety_ykind kind;
    struct surety_place place; // of the value's first character
    const char *text;          // scalar: the value, without any 0 inside
    bool quoted;               // scalar: written in quotes or as a block
    const char *key;           // child of a map: its key; else NULL
    struct surety_place key_place;
    struct surety_ynode *first, *last; // children of a list or map, in the order of the file
    struct surety_ynode *next;         // sibling
    size_t n;                          // number of children
    size_t range;                      // number from 1 of a map that may be an uncertain input, see uncertain.h; 0: no
};

// Reads the whole text into *root, in `arena`. All mistakes go to `diags`; with SURETY_E_INPUT there is no tree, but
// with SURETY_OK diags may hold errors too (duplicate keys, aliases): the tree is then good enough to look for more.
enum surety_err surety_ytree_read(struct surety_arena *arena, const char *text, size_t length,
                                  struct surety_diags *diags, struct surety_ynode **root);

// Reads a value that does not stand in the file: a default or the value of a `--set`. All its places are `place`.
enum surety_err surety_ytree_read_value(struct surety_arena *arena, const char *text, struct surety_place place,
                                        const char *path, struct surety_diags *diags, struct surety_ynode **root);

// The child of a map with this key, NULL for none or when `map` is no map.
struct surety_ynode *surety_ynode_get(const struct surety_ynode *map, const char *key);

// True for a scalar without any character, as in `key:`.
bool surety_ynode_is_empty(const struct surety_ynode *node);

// "a map", "a list", "a value", "nothing": for messages.
const char *surety_ynode_kind_name(const struct surety_ynode *node);

// Replaces or adds the value at `path` ("a.b[0].c"), making maps on the way. The new nodes have the place of the
// value. A mistake in the path is reported as `place`, `path`.
enum surety_err surety_ytree_set(struct surety_arena *arena, struct surety_ynode *root, const char *path,
                                 const char *value, struct surety_place place, struct surety_diags *diags);

#endif
