// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_SCENARIO_STAND_IN_H
#define SURETY_SCENARIO_STAND_IN_H

#include "sim/scenario/scenario.h"
#include "sim/scenario/schema.h"

// Providers that stand under an architecture instead of under `providers`: `to: {human: {price: 4 USD/task}}` is short
// for the provider human: {outages: none, price: {per_task: 4 USD/task}}.

// The other keys of such a map.
struct surety_stand_in_keys {
    int64_t seats; // 0: none given; SURETY_NEVER: unlimited
    double task_s; // NAN: none given
};

// True for a map of one name to a map, where the name is no type of route and none misspelt.
bool surety_is_stand_in(const struct surety_reader *reader, const struct surety_ynode *node);

// Reads such a map, with the rows row->sub below the name, and makes the leaf `route` of it. False after a mistake.
bool surety_read_stand_in(struct surety_reader *reader, const struct surety_field *row, const struct surety_ynode *node,
                          const char *path, struct surety_node *route);

// Appends them to scenario->providers, where the leaves expect them. Once everything is read and right.
void surety_add_stand_ins(struct surety_reader *reader);

#endif
