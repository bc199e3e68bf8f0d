// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_TOPOLOGY_H
#define SURETY_MODELS_TOPOLOGY_H

#include "sim/base/registry.h"

// The types of nodes that an architecture may have, NULL at the end. What they do is in combine.h and failover.h.
extern const struct surety_node_type *const surety_node_types[];

#endif
