// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/check/checking.h"

#include <string.h>

#define REFUSED SURETY_FINDING_REFUSED
#define MISSING SURETY_FINDING_MISSING
#define WARNING SURETY_FINDING_WARNING

const struct surety_check_rule surety_check_rules[] = {
    {"perfect-availability", REFUSED, "availability",
     "Nothing that runs on networks and machines is always up; a promise of 100 % is a promise to pay.",
     "promise at most what `surety run` shows to hold, 99.9 % or 99.95 %", surety_rule_perfect_availability},
    {"every-call", REFUSED, "latency",
     "Latencies have tails: stalls, lost packets, queues. Every single call within a limit cannot be kept.",
     "promise a percentile, 95 or 99", surety_rule_every_call},
    {"latency-worldwide", REFUSED, "latency",
     "Light in fibre takes 100 ms for 10,000 km and back, before anything is computed. Under 100 ms for nearly every "
     "call, wherever the caller is, cannot be kept.",
     "promise at least 100 ms plus the model's own time, or measure at the service's own door and say so",
     surety_rule_latency_worldwide},
    {"perfect-quality", REFUSED, "quality",
     "A model answers by chance and by what it was taught: no suite that is worth its name is passed for ever.",
     "promise a pass rate below that of the suite today, or an issue rate above 0", surety_rule_perfect_quality},
    {"zero-hallucination", REFUSED, "quality",
     "Language models make things up; checks and sources make it rarer, never impossible.",
     "promise a rate on an agreed suite, with its judge, and say what happens beyond it",
     surety_rule_zero_hallucination},
    {"freedom-from-bias", REFUSED, "quality",
     "There are several measures of bias that cannot all be zero at once, and none is zero on every input.",
     "promise a named measure on a named suite, with a bound above zero", surety_rule_freedom_from_bias},
    {"certain-signing", WARNING, "signing",
     "A probability of 1 cannot be shown: the lower end of an interval never reaches it, and no tier will be safe.",
     "ask for 95% or 99%", surety_rule_certainty},
    {"metric-unsaid", MISSING, "availability",
     "A clause needs a precise metric. From which share of failing requests on a service is down changes what it "
     "reads.",
     "write `availability: {down_at: 5%}`", surety_rule_down_at},
    {"measurement-unsaid", MISSING, "availability",
     "A clause needs a measurement that two parties would repeat with the same result.",
     "write each key of the measure (`surety explain contract.availability`)", surety_rule_meter},
    {"latency-measurement-unsaid", MISSING, "latency",
     "A percentile is one number of many: over what, and whether failed requests are among them, decides what it is.",
     "write `over: requests` and `failed_as: outside` (or `infinite`) beside the target", surety_rule_latency_meter},
    {"judge-unsaid", MISSING, "quality",
     "A score is what a judge says: a person or a model that errs. Who it is, and how often it errs, moves the score.",
     "write `judge: {sensitivity: 97%, specificity: 95%}` beside the suite", surety_rule_judge},
    {"window-unsaid", MISSING, "all", "The same percentage over a month, a quarter or a year are different promises.",
     "write `window: calendar-month`", surety_rule_window},
    {"exclusions-unsaid", MISSING, "all",
     "What does not count has to be listed, or be said to be nothing: this is what the parties will argue about.",
     "write `exclude: []` when everything counts", surety_rule_exclusions},
    {"maintenance-unsaid", MISSING, "availability", "Planned downtime counts, or it does not: contracts differ.",
     "write `availability: {maintenance: down}` (or excluded, or up)", surety_rule_maintenance},
    {"remedy-unsaid", MISSING, "all", "A promise without a remedy ends in damages that nobody has bounded.",
     "write `credits: {ladder: [{below: target, credit: 10%}]}`", surety_rule_remedy},
    {"remedy-partial", MISSING, "all", "Some misses of the promise give nothing back: then the remedy is open.",
     "begin the ladder with `{below: target, credit: 10%}`", surety_rule_partial_remedy},
    {"latency-nearby", WARNING, "latency",
     "Light in fibre takes 100 ms for 10,000 km and back: such a target holds for callers nearby, and the clause does "
     "not say who they are.",
     "say in the clause where it is measured from", surety_rule_latency_nearby},
    {"latency-out-of-reach", WARNING, "latency",
     "The routes' own laws are slower than the promise, before any outage, queue or retry.",
     "raise the target, lower the percentile, or use a quicker route", surety_rule_latency_reach},
    {"one-cloud", WARNING, "availability",
     "More than 99.95 % needs something that stays when one provider, or what several of them share, is gone.",
     "add a route on another provider, or promise at most 99.95 %", surety_rule_one_cloud},
    {"too-low-for-voice", WARNING, "availability", "Under 99.5 % suits only work that is not critical.",
     "promise at least 99.5 %, or sell it for what can wait", surety_rule_too_low},
    {"above-provider-sla", WARNING, "availability",
     "What stands on one provider is not promised more by it than this: beyond, credits are yours alone.",
     "add a route on another provider, promise less, or price the gap", surety_rule_provider_sla},
    {"out-of-reach", WARNING, "availability",
     "The long-run mean is bounded by how long each outage lasts and how often it comes; a promise above it is missed "
     "in "
     "most windows.",
     "promise less, or use providers that fail less often or together less", surety_rule_out_of_reach},
    {"no-buffer", WARNING, "availability",
     "The internal objective has to be tighter than what is signed (sign 99.9, run 99.95): where the mean uses more "
     "than "
     "half of the budget, an ordinary bad month breaks the promise.",
     "promise one step less, or add a route", surety_rule_buffer},
    {"slow-probes", WARNING, "availability",
     "Probes that need longer to see an outage than the budget lasts cannot tell a kept month from a missed one.",
     "probe more often, or ask for fewer failures in a row", surety_rule_slow_probes},
    {"slow-detection", WARNING, "availability",
     "One outage spends more than the whole budget before the traffic has moved.",
     "lower `detect`, or use a `fallback`, which acts on single requests", surety_rule_slow_detection},
    {"few-probes", WARNING, "latency",
     "A percentile is read off the latest of the probes; with a handful of them it is chance that is measured.",
     "probe more often, or measure over all requests", surety_rule_few_probes},
    {"quality-out-of-reach", WARNING, "quality", "Even the best route is read below the promise in the mean.",
     "promise less, correct for the judge (`adjusted: yes`), or use a better model", surety_rule_quality_reach},
    {"suite-too-small", WARNING, "quality",
     "So few cases cannot tell a service that keeps the promise from one that breaks it: chance decides.",
     "take more cases or more runs, or promise less", surety_rule_small_suite},
    {"model-retires", WARNING, "all",
     "A model that its vendor takes away inside the term has to be replaced by one with another latency, quality and "
     "price.",
     "plan the change: name the successor as a provider, or end the term before", surety_rule_retires},
    {NULL, 0, NULL, NULL, NULL, NULL},
};

const struct surety_check_rule *surety_check_find(const char *id)
{
    for (const struct surety_check_rule *rule = surety_check_rules; rule->id != NULL; rule++)
        if (strcmp(rule->id, id) == 0)
            return rule;
    return NULL;
}

const char *surety_finding_grade_name(enum surety_finding_grade grade)
{
    static const char *const names[] = {"refused", "missing", "warning"};
    return names[grade];
}
