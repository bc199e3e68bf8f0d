// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_OFFERS_H
#define SURETY_ENGINE_OFFERS_H

#include "sim/engine/runner.h"

// Counter-offers: for every tier that is safe on no architecture, the nearest clauses that are. Each changes one thing:
// the promised figures, or what a row of the table of kinds changes (measure, window, exclusions, hours, cap, a faster
// detection, a second route), in steps from the mildest on; the first step that is safe is the offer.
//
// Every candidate is simulated as a scenario of its own, with the seed after the run's: an offer is not a value that
// happened to pass in the worlds in which it was looked for.

// Fills result->offers. `result` is what surety_run gave for the same scenario, plan and options, with its verdict. Cost:
// some twenty runs of a quarter of the terms each. Errors as of surety_run.
enum surety_err surety_offers_find(const struct surety_scenario *scenario, const struct surety_plan *plan,
                                   const struct surety_run_options *options, struct surety_diags *diags,
                                   struct surety_result *result);

#endif
