// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_BUDGET_H
#define SURETY_PLOTS_BUDGET_H

#include "plots/human.h"
#include "plots/json_writer.h"
#include "sim/engine/result.h"

#include <stdio.h>

// The internal objective and the error budget, of the verdict's architecture and tier; nothing where they were not
// computed.
void surety_budget_text(const struct surety_result *result, FILE *out);

// "491 ms", "97.2 %", "0.035 USD": a value that a promise reads; what was signed.
void surety_budget_value(char out[SURETY_HUMAN_SIZE], const struct surety_internal_promise *promise, double value);
void surety_budget_signed(char out[SURETY_HUMAN_SIZE], const struct surety_internal_promise *promise);

// Tables of --csv: a row a day, a row an alert; only where there is a budget.
bool surety_budget_has_rows(const struct surety_result *result);
void surety_budget_csv(const struct surety_result *result, FILE *out);
void surety_alerts_csv(const struct surety_result *result, FILE *out);

// Keys of an architecture in the result.
void surety_budget_json(struct surety_json *json, const struct surety_architecture_result *architecture);

#endif
