// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_SCENARIO_ROUTE_READER_H
#define SURETY_SCENARIO_ROUTE_READER_H

#include "sim/scenario/scenario.h"
#include "sim/scenario/schema.h"

// Deepest nesting of an architecture's tree.
#define SURETY_ROUTE_MAX_DEPTH 16

// Reads the map `architectures` into the struct surety_scenario at `out`: a `read` of a custom row. Leaves are names
// of providers, all other nodes have the types of the registry. Defaults that depend on the contract are still open.
bool surety_read_architectures(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                               void *out);

// Fills those defaults (trip) and checks each node as a whole, once the contract is known.
void surety_settle_routes(struct surety_reader *reader, int64_t down_at_ppb);

#endif
