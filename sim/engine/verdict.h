// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_VERDICT_H
#define SURETY_ENGINE_VERDICT_H

#include "sim/engine/result.h"
#include "sim/scenario/plan.h"

// Sets the tier's outcome: safe when the lower bound of every rule in `sign_when` holds; else priced when credits are
// bounded by `priced_when` in 95 % of terms and the margin is positive in 95 % of windows; else no.
void surety_verdict_judge(const struct surety_plan *plan, const struct surety_result *result,
                          struct surety_tier_result *tier);

// Fills result->verdict from the architectures: the highest safe tier, on the architecture with the largest mean
// margin (without fees: the lowest cost; ties: the first); where none is safe the highest priced one. False when
// memory is out.
bool surety_verdict_reach(const struct surety_plan *plan, struct surety_result *result);

// "safe", "priced", "no".
const char *surety_outcome_name(enum surety_outcome outcome);

// What `--require TIER[@ARCH][:safe|priced]` asks for. architecture SIZE_MAX: any.
struct surety_requirement {
    size_t tier, architecture;
    enum surety_outcome outcome;
};

// Reads the text; false with a message in *problem (in the result's arena) when it names nothing that exists.
bool surety_requirement_parse(struct surety_result *result, const char *text, struct surety_requirement *out,
                              const char **problem);

// The same before anything was run, against the plan's names. `arena` takes the message.
bool surety_requirement_parse_plan(const struct surety_plan *plan, struct surety_arena *arena, const char *text,
                                   struct surety_requirement *out, const char **problem);

// Whether it holds: the tier's outcome is at least the one asked for.
bool surety_requirement_holds(const struct surety_result *result, const struct surety_requirement *requirement);

#endif
