// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_SCENARIO_PRESETS_H
#define SURETY_SCENARIO_PRESETS_H

#include "sim/scenario/schema.h"

// Words that stand for keys, replaced in the tree before it is read: `use: NAME` of a provider and of its `reserved`,
// `contract.style`.
// What the scenario writes itself wins, key by key. Nodes that come from a preset have the place of the word, so that
// messages point at it. Each preset is told among the assumptions.

// Expands both in `root`, which is the reader's tree. Unknown words get a diagnostic (a style: from its row).
void surety_expand_presets(struct surety_reader *reader, struct surety_ynode *root);

// The entry or style of that name, NULL when there is none.
const struct surety_catalog_entry *surety_catalog_find(const struct surety_registry *registry, const char *name);
const struct surety_style *surety_style_find(const struct surety_registry *registry, const char *name);

#endif
