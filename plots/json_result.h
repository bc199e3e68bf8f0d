// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_JSON_RESULT_H
#define SURETY_PLOTS_JSON_RESULT_H

#include "plots/json_writer.h"
#include "sim/engine/result.h"

// The members of one result, from "scenario" to "warnings", into the map that is open.
void surety_json_result(struct surety_json *json, const struct surety_result *result);

#endif
