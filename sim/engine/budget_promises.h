// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_BUDGET_PROMISES_H
#define SURETY_ENGINE_BUDGET_PROMISES_H

#include "sim/engine/result.h"
#include "sim/engine/walk.h"

// Error budgets of what the verdict's tier promises beside availability: late requests, failed cases, money. They listen to
// walks of the verdict's architecture and count term by term.

struct surety_promise_budgets;

// NULL in *out where the tier promises nothing else. SURETY_E_MEMORY.
enum surety_err surety_promise_budgets_create(const struct surety_scenario *scenario, const struct surety_plan *plan,
                                              const struct surety_result *result, uint64_t n_terms,
                                              struct surety_promise_budgets **out);
void surety_promise_budgets_destroy(struct surety_promise_budgets *budgets); // accepts NULL

// The next walk to listen to; then that it is over. SURETY_E_MEMORY.
void surety_promise_budgets_listen(struct surety_promise_budgets *budgets, struct surety_walk *walk);
enum surety_err surety_promise_budgets_enter(struct surety_promise_budgets *budgets, const struct surety_walk *walk);

// Into the architecture's promise_budgets. SURETY_E_MEMORY.
enum surety_err surety_promise_budgets_report(struct surety_promise_budgets *budgets, struct surety_result *result,
                                              struct surety_architecture_result *architecture);

#endif
