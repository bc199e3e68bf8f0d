// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/quality.h"

#include "sim/base/binomial.h"
#include "sim/base/ppb.h"
#include "sim/check/checking.h"

#include <math.h>

// What a suite can tell.

#define MOST_CASES 1000000

void surety_rule_judge(struct surety_check *check, const struct surety_check_rule *rule)
{
    const struct surety_quality *quality = &check->scenario->contract.quality;
    for (size_t i = 0; i < quality->n_suites; i++) {
        const char *key = surety_check_printf(check, "quality.suites.%s.judge", quality->suites[i].name);
        if (quality->suites[i].kind != SURETY_SUITE_ISSUES && !surety_located_says(&check->located, key))
            surety_found(check, rule, surety_check_path(check, key),
                         "it is not said who judges the answers of %s and how often the judge errs; one without error "
                         "was taken",
                         quality->suites[i].name);
    }
}

// The best pass rate of a provider that is used, for a suite without named scenarios; NAN: none is given.
static double best_rate(const struct surety_scenario *scenario, const struct surety_suite *suite)
{
    double best = NAN;
    for (size_t p = 0; p < scenario->n_providers; p++) {
        double rate;
        if (scenario->providers[p].used && surety_pass_rate_of(&scenario->providers[p], suite, NULL, &rate))
            best = isnan(best) ? rate : fmax(best, rate);
    }
    return best;
}

typedef void visitor(struct surety_check *check, const struct surety_check_rule *rule, const struct surety_tier *tier,
                     const struct surety_quality_target *target, const struct surety_suite *suite, double best);

// Every promise of a pass rate on a suite of cases that a route says something of.
static void visit(struct surety_check *check, const struct surety_check_rule *rule, visitor *look)
{
    const struct surety_contract *contract = &check->scenario->contract;
    for (size_t t = 0; t < contract->n_tiers; t++)
        for (size_t i = 0; i < contract->tiers[t].n_quality; i++) {
            const struct surety_quality_target *target = &contract->tiers[t].quality[i];
            const struct surety_suite *suite = &contract->quality.suites[target->suite];
            const double best = best_rate(check->scenario, suite);
            if (target->has_pass_rate && suite->kind == SURETY_SUITE_CASES && !isnan(best))
                look(check, rule, &contract->tiers[t], target, suite, best);
        }
}

static const char *path_of(struct surety_check *check, const struct surety_tier *tier,
                           const struct surety_quality_target *target)
{
    return surety_check_tier_path(check, tier, surety_check_printf(check, "quality.%s", target->name));
}

static double rate_of(const struct surety_quality_target *target)
{
    return (double)target->pass_rate_ppb / (double)SURETY_PPB_ONE;
}

static void look_at_reach(struct surety_check *check, const struct surety_check_rule *rule,
                          const struct surety_tier *tier, const struct surety_quality_target *target,
                          const struct surety_suite *suite, double best)
{
    const double read = suite->adjusted ? best : surety_judged(best, suite->sensitivity, suite->specificity);
    if (read < rate_of(target))
        surety_found(check, rule, path_of(check, tier, target),
                     "%s promises %s on %s, and the best route reads %.4g %% in the mean", tier->name,
                     surety_check_percent(check, rate_of(target)), target->name, 100 * read);
}

// Told apart have to be the best route's rate and one as far below the promise as it is above.
static void look_at_size(struct surety_check *check, const struct surety_check_rule *rule,
                         const struct surety_tier *tier, const struct surety_quality_target *target,
                         const struct surety_suite *suite, double best)
{
    const double bar = rate_of(target), worse = 2 * bar - best;
    const double window_s = (double)check->plan->term_us * 1e-6 / (double)check->plan->n_windows;
    const double runs = fmax(1, floor(window_s / suite->every_s));
    const double n = runs * (double)suite->n_cases;
    const double good = surety_judged(best, suite->sensitivity, suite->specificity);
    const double bad = surety_judged(worse, suite->sensitivity, suite->specificity);
    const int64_t bar_ppb = suite->adjusted ? surety_ppb(surety_judged(bar, suite->sensitivity, suite->specificity))
                                            : target->pass_rate_ppb;
    const double read = (double)bar_ppb / (double)SURETY_PPB_ONE;
    if (best <= bar || worse <= 0 || good < read || bad >= read || good >= 1)
        return; // out of reach, or the judge alone decides
    const int64_t needed =
        surety_binomial_sample_size(good, bad, bar_ppb, check->scenario->contract.quality.wrong_at_most, MOST_CASES);
    if (needed > 0 && n >= (double)needed)
        return;
    surety_found(check, rule, path_of(check, tier, target),
                 "%s: %.0f cases a window cannot tell %s from %s at a bar of %s with less than %.3g %% wrong; %s",
                 tier->name, n, surety_check_percent(check, best), surety_check_percent(check, worse),
                 surety_check_percent(check, bar), 100 * check->scenario->contract.quality.wrong_at_most,
                 needed > 0 ? surety_check_printf(check, "%lld would", (long long)needed)
                            : "a million would not either");
}

void surety_rule_quality_reach(struct surety_check *check, const struct surety_check_rule *rule)
{
    visit(check, rule, look_at_reach);
}

void surety_rule_small_suite(struct surety_check *check, const struct surety_check_rule *rule)
{
    visit(check, rule, look_at_size);
}
