// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/check/checking.h"

#include "sim/base/ppb.h"

#include <ctype.h>
#include <string.h>

// What nobody can keep.

#define FLOOR_S 0.1       // light in fibre: 10,000 km and back at 200,000 km/s
#define NEARLY_EVERY 99.0 // percentile
#define EVERY 100.0

void surety_rule_perfect_availability(struct surety_check *check, const struct surety_check_rule *rule)
{
    const struct surety_contract *contract = &check->scenario->contract;
    for (size_t t = 0; t < contract->n_tiers; t++)
        if (contract->tiers[t].availability_ppb == SURETY_PPB_ONE)
            surety_found(check, rule, surety_check_tier_path(check, &contract->tiers[t], "availability"),
                         "%s promises 100 %%: a single failed request is a breach", contract->tiers[t].name);
}

void surety_rule_every_call(struct surety_check *check, const struct surety_check_rule *rule)
{
    const struct surety_contract *contract = &check->scenario->contract;
    for (size_t t = 0; t < contract->n_tiers; t++)
        for (size_t i = 0; i < contract->tiers[t].n_latency; i++) {
            const struct surety_latency_target *target = &contract->tiers[t].latency[i];
            const char *key = surety_check_printf(check, "latency.%s.percentile", target->name);
            if (target->percentile >= EVERY)
                surety_found(check, rule, surety_check_tier_path(check, &contract->tiers[t], key),
                             "%s promises every single one of %s within %s", contract->tiers[t].name, target->name,
                             surety_check_duration(check, target->target_s));
        }
}

// Promises below the floor for at least (`nearly_every`) or for less than nearly every call.
static void look_for_floor(struct surety_check *check, const struct surety_check_rule *rule, bool nearly_every)
{
    const struct surety_contract *contract = &check->scenario->contract;
    for (size_t t = 0; t < contract->n_tiers; t++)
        for (size_t i = 0; i < contract->tiers[t].n_latency; i++) {
            const struct surety_latency_target *target = &contract->tiers[t].latency[i];
            const char *key = surety_check_printf(check, "latency.%s.target", target->name);
            if (target->target_s < FLOOR_S && (target->percentile >= NEARLY_EVERY) == nearly_every)
                surety_found(check, rule, surety_check_tier_path(check, &contract->tiers[t], key),
                             "%s promises %s within %s for %.5g %% of calls, wherever the caller is",
                             contract->tiers[t].name, target->name, surety_check_duration(check, target->target_s),
                             target->percentile);
        }
}

void surety_rule_latency_worldwide(struct surety_check *check, const struct surety_check_rule *rule)
{
    look_for_floor(check, rule, true);
}

void surety_rule_latency_nearby(struct surety_check *check, const struct surety_check_rule *rule)
{
    look_for_floor(check, rule, false);
}

// Whether one of the words stands in the name, in any case of letters.
static bool speaks_of(const char *name, const char *const *words)
{
    for (; *words != NULL; words++)
        for (const char *at = name; *at != '\0'; at++) {
            size_t n = 0;
            while ((*words)[n] != '\0' && tolower((unsigned char)at[n]) == (*words)[n])
                n++;
            if ((*words)[n] == '\0')
                return true;
        }
    return false;
}

static const char *const hallucination_words[] = {"hallucinat", "confabulat", "made-up", "invented", NULL};
static const char *const bias_words[] = {"bias", "fairness", "discriminat", NULL};

// What a suite measures, by its name.
enum subject { ANYTHING, HALLUCINATION, BIAS };

// Promises of a perfect suite: every case passes, or nobody reports anything.
static void look_for_perfection(struct surety_check *check, const struct surety_check_rule *rule, enum subject subject)
{
    const struct surety_contract *contract = &check->scenario->contract;
    for (size_t t = 0; t < contract->n_tiers; t++)
        for (size_t i = 0; i < contract->tiers[t].n_quality; i++) {
            const struct surety_quality_target *target = &contract->tiers[t].quality[i];
            const bool all_pass = target->has_pass_rate && target->pass_rate_ppb == SURETY_PPB_ONE;
            const bool no_issue = target->has_issue_rate && target->issue_rate_ppb == 0;
            const enum subject is = speaks_of(target->name, hallucination_words) ? HALLUCINATION
                                    : speaks_of(target->name, bias_words)        ? BIAS
                                                                                 : ANYTHING;
            if ((all_pass || no_issue) && is == subject)
                surety_found(check, rule,
                             surety_check_tier_path(check, &contract->tiers[t],
                                                    surety_check_printf(check, "quality.%s", target->name)),
                             all_pass ? "%s promises that every case of %s passes"
                                      : "%s promises that nobody reports any of %s",
                             contract->tiers[t].name, target->name);
        }
}

void surety_rule_perfect_quality(struct surety_check *check, const struct surety_check_rule *rule)
{
    look_for_perfection(check, rule, ANYTHING);
}

void surety_rule_zero_hallucination(struct surety_check *check, const struct surety_check_rule *rule)
{
    look_for_perfection(check, rule, HALLUCINATION);
}

void surety_rule_freedom_from_bias(struct surety_check *check, const struct surety_check_rule *rule)
{
    look_for_perfection(check, rule, BIAS);
}

void surety_rule_certainty(struct surety_check *check, const struct surety_check_rule *rule)
{
    const struct surety_sign_rule *sign = &check->scenario->contract.sign_when;
    if (sign->every_month_met >= 1) // NAN: no such rule
        surety_found(check, rule, surety_check_path(check, "sign_when.every_month_met"),
                     "signing asks that every month is met with certainty: no number of simulated terms shows that");
    if (sign->month_met >= 1)
        surety_found(check, rule, surety_check_path(check, "sign_when.month_met"),
                     "signing asks that a month is met with certainty: no number of simulated terms shows that");
}
