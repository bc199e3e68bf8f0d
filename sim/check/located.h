// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_CHECK_LOCATED_H
#define SURETY_CHECK_LOCATED_H

#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/ytree.h"

#include <stdbool.h>

// The scenario's text as a tree again, to know what was written and where.
struct surety_located {
    const struct surety_ynode *root;
    const struct surety_style *style; // `contract.style`, NULL: none
    const char *contract;             // path of the contract: "contract", "contracts.retail"
};

// Reads scenario->text with its overrides; the tree lives in `arena`.
enum surety_err surety_located_read(struct surety_arena *arena, const struct surety_registry *registry,
                                    const struct surety_scenario *scenario, struct surety_located *out);

// The node at `path` (keys joined by dots); NULL: not written.
const struct surety_ynode *surety_located_find(const struct surety_located *located, const char *path);

// True when the key below the contract ("availability.cell") was written, or stands in the style that was.
bool surety_located_says(const struct surety_located *located, const char *key);

// Where `path` stands: its value, or of what is missing the key of the deepest map above it that is there.
struct surety_place surety_located_place(const struct surety_located *located, const char *path);

#endif
