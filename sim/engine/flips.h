// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_FLIPS_H
#define SURETY_ENGINE_FLIPS_H

#include "sim/engine/runner.h"

// Flips: for each main input of the verdict's architecture the value at which the outcome of the verdict's tier
// changes, everything else equal. One root search each, on the random numbers of the run: drawn times are multiplied,
// not redrawn, so P(term met) is a smooth function of the input.
//
// A search runs few replications; what they miss against the whole run at today's value is added as a constant.

// Fills result->verdict.flips. `result` is what surety_run gave for the same plan and options. A value beyond 16 times
// or a sixteenth of today's is not looked for: at is NAN. Cost: about six runs of 4096 terms an input.
enum surety_err surety_flips_find(const struct surety_scenario *scenario, const struct surety_plan *plan,
                                  const struct surety_run_options *options, struct surety_diags *diags,
                                  struct surety_result *result);

#endif
