// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_FLIPS_H
#define SURETY_ENGINE_FLIPS_H

#include "sim/engine/runner.h"

// Flips: for each main input of the verdict's architecture the value at which the outcome of the verdict's tier
// changes, everything else equal: a better and a worse outcome where both exist. For prices also the value at which
// the verdict moves to another architecture. One root search each, on the random numbers of the run: the scenario is
// read again with the value, as `--set` does, so P(term met) is a smooth function of it and what is said of a value is
// what a run with it says.
//
// A search runs few replications; what they miss against the whole run at today's value is added as a constant.

// Fills result->verdict.flips, and .steady with the inputs for which there is no such value between a sixteenth and 16
// times today's. `result` is what surety_run gave for the same plan and options; the scenario was read from a text. GSL's
// error handler is off. Cost: about three runs of one architecture over 4096 terms an input, on all threads.
enum surety_err surety_flips_find(const struct surety_scenario *scenario, const struct surety_plan *plan,
                                  const struct surety_run_options *options, struct surety_diags *diags,
                                  struct surety_result *result);

#endif
