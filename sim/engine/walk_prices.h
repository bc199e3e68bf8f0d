// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_WALK_PRICES_H
#define SURETY_ENGINE_WALK_PRICES_H

#include "sim/engine/walk.h"

#include <stdint.h>

// What measuring costs, and what changes of prices make of it, of the fees of reserved units and of the contract's
// ceilings. What the requests themselves cost at other prices is in the ledger already.

// From when on a change of prices counts.
enum surety_prices {
    SURETY_PRICES_BILLED,    // when it is billed: of what the ledger does not know, measuring and fees
    SURETY_PRICES_PASSED_ON, // when the contract's ceilings follow: of all that a window costs when everything works
};

// Puts runs of suites, evals of models and probes into what windows cost when everything works: they come whatever
// happens. Billed to the suite's workload, or to the first. Where the provider's tokens are reserved a case is billed at
// the price on demand, because a run comes at once, on top of what fills the units; units that reject carry it for nothing.
void surety_walk_add_measuring(struct surety_walk *walk);

// What this replication's changes of prices put on a window's cost for one workload, currency; negative where prices
// fell. A fee changes when its term is over, at once without a term.
double surety_walk_raised(struct surety_walk *walk, size_t window, size_t demand, enum surety_prices prices);

// Puts SURETY_PRICES_BILLED into the ledger, which is closed, and into the fees of reserved units.
void surety_walk_raise(struct surety_walk *walk);

#endif
