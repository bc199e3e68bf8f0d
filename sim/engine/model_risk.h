// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_MODEL_RISK_H
#define SURETY_ENGINE_MODEL_RISK_H

#include "sim/engine/runner.h"

// Where a provider has laws (`outages`) and a record with blocks (`record: {bootstrap: ...}`), the run is repeated with
// the record in the place of the laws, everything else equal. What differs is what the form of the laws decides: no
// answer should rest on it. Fills result->by_record and by_record_of, and adds a warning with the verdict's tier; does
// nothing where no provider has both. Errors as of surety_run.
enum surety_err surety_model_risk_find(const struct surety_scenario *scenario, const struct surety_run_options *options,
                                       struct surety_diags *diags, struct surety_result *result);

#endif
