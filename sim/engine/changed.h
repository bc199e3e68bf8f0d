// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_CHANGED_H
#define SURETY_ENGINE_CHANGED_H

#include "sim/base/err.h"
#include "sim/scenario/plan.h"
#include "sim/scenario/scenario.h"

#include <stddef.h>

// A scenario with other values: read again from its text as with `--set`, so that what is said of a value is what a run
// with it says.

// Reads and plans `scenario` with its own overrides and then sets[0..n_sets), each "path=value"; of several contracts
// the same one. Both results are the caller's. SURETY_E_INPUT: the scenario does not allow the values. Thread-safe.
// Cost: a few milliseconds.
enum surety_err surety_changed_read(const struct surety_scenario *scenario, const char *const *sets, size_t n_sets,
                                    struct surety_scenario **changed, struct surety_plan **plan);

#endif
