// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_MODEL_RISK_H
#define SURETY_PLOTS_MODEL_RISK_H

#include "plots/json_writer.h"
#include "sim/engine/result.h"

// The answers by laws and by the record side by side, where a provider has both; nothing otherwise.
void surety_model_risk_text(const struct surety_result *result, FILE *out);
void surety_model_risk_html(const struct surety_result *result, unsigned level, FILE *out);
void surety_model_risk_json(struct surety_json *json, const struct surety_result *result);

#endif
