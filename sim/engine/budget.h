// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_BUDGET_H
#define SURETY_ENGINE_BUDGET_H

#include "sim/base/diag.h"
#include "sim/base/err.h"
#include "sim/engine/runner.h"

// The budgets of the verdict's tier on the verdict's architecture: how they are spent day by day over a window, and what the
// contract's alerts on their burn rates would say. Fills result->architectures[verdict].budget with that of availability, or
// leaves NULL where there is none (a target of 100 %), and promise_budgets with those of what else is promised. None of
// them where hours limit the clock. Walks at most 1,024 terms. SURETY_E_MEMORY with a diagnostic.
enum surety_err surety_budget_find(const struct surety_scenario *scenario, const struct surety_plan *plan,
                                   const struct surety_run_options *options, struct surety_diags *diags,
                                   struct surety_result *result);

#endif
