// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_CLAUSE_H
#define SURETY_ENGINE_CLAUSE_H

#include "sim/base/arena.h"
#include "sim/scenario/scenario.h"

// The promise of a tier in a few sentences, as a contract may write it: what is promised, how it is measured, what does
// not count, what a missed window costs. Says what the scenario says and nothing else. In the arena; NULL when memory
// is out.
const char *surety_clause_text(struct surety_arena *arena, const struct surety_scenario *scenario,
                               const struct surety_tier *tier);

#endif
