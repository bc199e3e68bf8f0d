// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_INTERNAL_SLO_H
#define SURETY_ENGINE_INTERNAL_SLO_H

#include "sim/base/diag.h"
#include "sim/base/err.h"
#include "sim/engine/runner.h"

// The internal objective: the mean availability that the verdict's architecture may fall to before the verdict's tier is
// not signable any more, or has to reach before it is. All failures (outages and common causes) are made s times as
// frequent, on the random numbers of the run; s is found to 1 %. The sample of the search is corrected by what the whole
// run has more than it: P(term met) by the terms that are met in both, the mean as a ratio. Then the same for latency,
// quality and cost, where the tier promises them: each at another level (sim/engine/level.h), the rest as it is.
//
// Fills result->architectures[verdict].internal_slo. Deterministic. SURETY_E_MEMORY with a diagnostic.
enum surety_err surety_internal_slo_find(const struct surety_scenario *scenario, const struct surety_plan *plan,
                                         const struct surety_run_options *options, struct surety_diags *diags,
                                         struct surety_result *result);

#endif
