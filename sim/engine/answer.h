// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_ANSWER_H
#define SURETY_ENGINE_ANSWER_H

#include "sim/engine/runner.h"

// The whole answer to a scenario: the run with its verdict, what would change it, and one bad month. What `surety run`
// does and `surety verify` repeats.

// result->verdict.flips, result->by_record where a provider has both laws and a record with blocks, and, with `with_story`, result->bad_month (the term at the worst 1 % on the verdict's
// architecture) are filled too. Errors as of surety_run.
enum surety_err surety_answer(const struct surety_scenario *scenario, const struct surety_plan *plan,
                              const struct surety_run_options *options, bool with_story, struct surety_diags *diags,
                              struct surety_result **out);

#endif
