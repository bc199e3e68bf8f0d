// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_CHECK_CHECKING_H
#define SURETY_CHECK_CHECKING_H

#include "sim/check/check.h"
#include "sim/check/located.h"

// What the rules share; used inside this folder only.

struct surety_check {
    const struct surety_registry *registry;
    const struct surety_scenario *scenario;
    const struct surety_plan *plan;
    struct surety_located located;
    struct surety_checked *out;
    bool out_of_memory;
};

// Adds a finding at `path`; the sentence is printf's. Copies both.
void surety_found(struct surety_check *check, const struct surety_check_rule *rule, const char *path,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));

// printf into the arena of what is checked; never NULL.
const char *surety_check_printf(struct surety_check *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// "contract.KEY" with the contract's own path.
const char *surety_check_path(struct surety_check *check, const char *key);

// The path of the tier's KEY.
const char *surety_check_tier_path(struct surety_check *check, const struct surety_tier *tier, const char *key);

// A share as it was written: 0.999 -> "99.9 %", at most nine decimals.
const char *surety_check_percent(struct surety_check *check, double share);

// "43 min", "2.5 s", "350 ms": two or three digits in the unit that fits.
const char *surety_check_duration(struct surety_check *check, double seconds);

// The rules, one function each. clauses.c: what is not said.
void surety_rule_down_at(struct surety_check *, const struct surety_check_rule *);
void surety_rule_meter(struct surety_check *, const struct surety_check_rule *);
void surety_rule_latency_meter(struct surety_check *, const struct surety_check_rule *);
void surety_rule_window(struct surety_check *, const struct surety_check_rule *);
void surety_rule_exclusions(struct surety_check *, const struct surety_check_rule *);
void surety_rule_maintenance(struct surety_check *, const struct surety_check_rule *);
void surety_rule_remedy(struct surety_check *, const struct surety_check_rule *);
void surety_rule_partial_remedy(struct surety_check *, const struct surety_check_rule *);
// refusals.c: what nobody can keep.
void surety_rule_perfect_availability(struct surety_check *, const struct surety_check_rule *);
void surety_rule_every_call(struct surety_check *, const struct surety_check_rule *);
void surety_rule_latency_worldwide(struct surety_check *, const struct surety_check_rule *);
void surety_rule_certainty(struct surety_check *, const struct surety_check_rule *);
void surety_rule_perfect_quality(struct surety_check *, const struct surety_check_rule *);
void surety_rule_zero_hallucination(struct surety_check *, const struct surety_check_rule *);
void surety_rule_freedom_from_bias(struct surety_check *, const struct surety_check_rule *);
// quality.c: what a suite can tell.
void surety_rule_judge(struct surety_check *, const struct surety_check_rule *);
void surety_rule_small_suite(struct surety_check *, const struct surety_check_rule *);
void surety_rule_quality_reach(struct surety_check *, const struct surety_check_rule *);
// risks.c: what will hurt.
void surety_rule_latency_nearby(struct surety_check *, const struct surety_check_rule *);
void surety_rule_latency_reach(struct surety_check *, const struct surety_check_rule *);
void surety_rule_one_cloud(struct surety_check *, const struct surety_check_rule *);
void surety_rule_too_low(struct surety_check *, const struct surety_check_rule *);
void surety_rule_provider_sla(struct surety_check *, const struct surety_check_rule *);
void surety_rule_out_of_reach(struct surety_check *, const struct surety_check_rule *);
void surety_rule_buffer(struct surety_check *, const struct surety_check_rule *);
void surety_rule_slow_probes(struct surety_check *, const struct surety_check_rule *);
void surety_rule_slow_detection(struct surety_check *, const struct surety_check_rule *);
void surety_rule_few_probes(struct surety_check *, const struct surety_check_rule *);
void surety_rule_retires(struct surety_check *, const struct surety_check_rule *);

#endif
