// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_FLIPS_WORLD_H
#define SURETY_ENGINE_FLIPS_WORLD_H

#include "sim/engine/flips_inputs.h"
#include "sim/engine/flips_kept.h"
#include "sim/engine/level.h"
#include "sim/engine/runner.h"
#include "sim/engine/walk.h"

// Worlds with one input changed: the scenario is read again as with `--set`, and one architecture walked under it for
// one tier of the contract. Nothing is kept that the searches do not ask for.

// What is asked.
struct surety_flip_question {
    const struct surety_scenario *scenario;
    const struct surety_plan *plan; // of the scenario as it is
    const struct surety_run_options *options;
    const struct surety_flip_kept *kept;
    size_t architecture, tier;
    unsigned n_threads;        // of the evaluation; 0: one
    uint64_t n_terms;          // the first ones of those kept; whole groups
    struct surety_level level; // at which the terms are walked
    bool credits;              // the tier's credits; needs its fee and a ladder
    bool money;                // and cost and margin
    uint8_t *record;           // n_terms: takes whether each term is met; NULL: nothing
    const uint8_t *compare;    // what another question recorded of the same terms; NULL: nothing
    // Told of each term walked, in their order with one thread; NULL: nobody is.
    void (*term)(void *context, const struct surety_walk *walk);
    void *context;
};

// What a few terms say. NAN: not asked for.
struct surety_flip_sample {
    double n;
    double p_term, p_month;                   // met
    double p_again, p_now;                    // terms met among those that were met in `compare`, and among the others
    double unavailability, unavailability_se; // of a term, by the contract's measure
    double se_missed;                         // of the windows missed in a term
    double credits_mean, credits_se;
    double p_credits_above; // that a term's credits exceed what `priced_when` allows
    double margin_p05;      // over windows
    double cost_per_month;
};

// Answers the question with `input` at `scale` times today's value; input NULL: as it is. SURETY_E_INPUT: the scenario
// cannot be read with that value. Thread-safe.
enum surety_err surety_flip_evaluate(const struct surety_flip_question *question, const struct surety_flip_input *input,
                                     double scale, struct surety_flip_sample *out);

#endif
