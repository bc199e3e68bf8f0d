// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_CAVEATS_H
#define SURETY_ENGINE_CAVEATS_H

#include "sim/base/diag.h"
#include "sim/engine/result.h"
#include "sim/scenario/plan.h"
#include "sim/scenario/scenario.h"

// What a reader of the numbers must be told: the scenario's own warnings, and what the numbers take for granted.
// Fills result->warnings and verdict.data_age, how old the oldest record behind the verdict's architecture is. False
// when memory is out.
bool surety_caveats_collect(const struct surety_scenario *scenario, const struct surety_plan *plan,
                            const struct surety_diags *diags, struct surety_result *result);

#endif
