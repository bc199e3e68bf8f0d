// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/verdict.h"

#include "sim/base/diag.h"
#include "sim/base/intervals.h"

#include <math.h>
#include <string.h>

static double term_fees(const struct surety_plan *plan, size_t tier)
{
    double fees = 0;
    for (size_t w = 0; w < plan->n_windows; w++)
        fees += (double)plan->tiers[tier].fee_micro[w] / SURETY_MICRO;
    return fees;
}

static size_t tier_index(const struct surety_plan *plan, const struct surety_tier_result *tier)
{
    size_t i = 0;
    while (i + 1 < plan->n_tiers && strcmp(plan->tiers[i].name, tier->name) != 0)
        i++;
    return i;
}

static bool is_safe(const struct surety_plan *plan, const struct surety_result *result,
                    const struct surety_tier_result *tier, double fees)
{
    // NAN compares false: a rule that is not given holds.
    if (tier->term_met.lo < plan->sign_every_month_met || tier->month_met.lo < plan->sign_month_met)
        return false;
    if (isnan(plan->credits_at_most))
        return true;
    const struct surety_interval credits =
        surety_interval_normal(tier->credits_per_term.mean, tier->credits_per_term.se, result->confidence);
    return tier->has_credits && credits.high <= plan->credits_at_most * fees;
}

// Without credits there is no remedy in the model, hence no price for it.
static bool is_priced(const struct surety_plan *plan, const struct surety_tier_result *tier, double fees)
{
    return tier->has_credits && tier->credits_quantiles.p95 <= plan->priced_credits_p95_at_most * fees &&
           tier->margin_p05 > 0;
}

void surety_verdict_judge(const struct surety_plan *plan, const struct surety_result *result,
                          struct surety_tier_result *tier)
{
    const double fees = tier->has_margin ? term_fees(plan, tier_index(plan, tier)) : 0;
    tier->outcome = is_safe(plan, result, tier, fees) ? SURETY_OUTCOME_SAFE
                    : is_priced(plan, tier, fees)     ? SURETY_OUTCOME_PRICED
                                                      : SURETY_OUTCOME_NO;
    tier->signable = tier->outcome == SURETY_OUTCOME_SAFE;
}

const char *surety_outcome_name(enum surety_outcome outcome)
{
    static const char *const names[] = {"no", "priced", "safe"};
    return names[outcome];
}

// --- the choice ------------------------------------------------------------------------------------------------

// What an architecture earns with a tier, to choose by.
static double worth(const struct surety_architecture_result *a, size_t tier)
{
    return a->tiers[tier].has_margin ? a->tiers[tier].margin_per_month.mean : -a->cost_per_month.mean;
}

// The highest tier with this outcome and its best architecture. False when there is none.
static bool choose(const struct surety_result *result, enum surety_outcome outcome, struct surety_verdict *verdict)
{
    for (size_t t = result->n_tiers; t-- > 0;) {
        size_t best = SIZE_MAX;
        for (size_t i = 0; i < result->n_architectures; i++)
            if (result->architectures[i].tiers[t].outcome == outcome &&
                (best == SIZE_MAX || worth(&result->architectures[i], t) > worth(&result->architectures[best], t)))
                best = i;
        if (best == SIZE_MAX)
            continue;
        verdict->architecture = best;
        verdict->tier = t;
        verdict->outcome = outcome;
        return true;
    }
    return false;
}

// Nothing can be signed: the lowest tier where it holds most often.
static void choose_nearest(const struct surety_result *result, struct surety_verdict *verdict)
{
    verdict->tier = 0;
    verdict->outcome = SURETY_OUTCOME_NO;
    for (size_t i = 1; i < result->n_architectures; i++)
        if (result->architectures[i].tiers[0].term_met.p >
            result->architectures[verdict->architecture].tiers[0].term_met.p)
            verdict->architecture = i;
}

// --- the sentence ----------------------------------------------------------------------------------------------

// A probability with the digits that it needs: 98.9 %, 99.971 %; never 100 % or 0 % for less or more than that.
static const char *percent(struct surety_arena *arena, double p)
{
    if (p <= 0 || p >= 1)
        return p <= 0 ? "0 %" : "100 %";
    const double edge = p < 0.5 ? p : 1 - p; // distance from certainty
    const int digits = edge >= 0.01 ? 1 : edge >= 1e-12 ? (int)ceil(-log10(edge)) - 1 : 10;
    return surety_arena_printf(arena, "%.*f %%", digits, 100 * p);
}

// A tier's target without needless zeros: 99.95 %.
static const char *target_text(struct surety_arena *arena, double target)
{
    return surety_arena_printf(arena, "%.10g %%", 100 * target);
}

// The probability with the lower end of its interval and what the rule asks for.
static const char *against(struct surety_arena *arena, const struct surety_probability *p, double rule)
{
    return surety_arena_printf(arena, "%s (at least %s; asked for: %s)", percent(arena, p->p), percent(arena, p->lo),
                               target_text(arena, rule));
}

// The credits as a share of the fees; "" where no rule asks for it.
static const char *credits_against(struct surety_arena *arena, const struct surety_plan *plan,
                                   const struct surety_result *r, const struct surety_tier_result *tier)
{
    if (isnan(plan->credits_at_most) || !tier->has_credits || !tier->has_margin)
        return "";
    const double fees = term_fees(plan, tier_index(plan, tier));
    const struct surety_interval credits =
        surety_interval_normal(tier->credits_per_term.mean, tier->credits_per_term.se, r->confidence);
    return surety_arena_printf(arena, ", for credits of %.3g %% of the fees (at most %.3g %%; asked for: %.6g %%)",
                               100 * tier->credits_per_term.mean / fees, 100 * credits.high / fees,
                               100 * plan->credits_at_most);
}

// How often the tier holds, and what that is held against: every rule of `sign_when`, for any of them may decide.
static const char *how_often(struct surety_arena *arena, const struct surety_plan *plan, const struct surety_result *r,
                             const struct surety_tier_result *tier)
{
    const char *window = surety_window_word(r->window), *credits = credits_against(arena, plan, r, tier), *month = "";
    if (!isnan(r->sign_month_met))
        month = against(arena, &tier->month_met, r->sign_month_met);
    if (isnan(r->sign_every_month_met) && !isnan(r->sign_month_met))
        return surety_arena_printf(arena, "holds in a %s with probability %s%s", window, month, credits);
    if (!isnan(r->sign_month_met))
        month = surety_arena_printf(arena, ", in a single %s with %s", window, month);
    return surety_arena_printf(arena, "holds in every %s of the term with probability %s%s%s", window,
                               isnan(r->sign_every_month_met)
                                   ? percent(arena, tier->term_met.p)
                                   : against(arena, &tier->term_met, r->sign_every_month_met),
                               month, credits);
}

// What keeps the verdict from being better: the next tier on the same architecture.
static const char *next_tier(struct surety_arena *arena, const struct surety_result *r, const struct surety_verdict *v)
{
    if (v->tier + 1 >= r->n_tiers || v->outcome != SURETY_OUTCOME_SAFE)
        return "";
    const struct surety_tier_result *next = &r->architectures[v->architecture].tiers[v->tier + 1];
    return surety_arena_printf(arena, " The next tier, %s (%s), would hold with probability %s.", next->name,
                               target_text(arena, next->target), percent(arena, next->term_met.p));
}

static const char *because(const struct surety_plan *plan, struct surety_result *r, const struct surety_verdict *v)
{
    struct surety_arena *arena = &r->arena;
    const struct surety_architecture_result *a = &r->architectures[v->architecture];
    const struct surety_tier_result *tier = &a->tiers[v->tier];
    const char *target = target_text(arena, tier->target), *often = how_often(arena, plan, r, tier);
    if (v->outcome == SURETY_OUTCOME_SAFE)
        return surety_arena_printf(arena, "On %s, %s (%s) %s.%s", a->name, tier->name, target, often,
                                   next_tier(arena, r, v));
    if (v->outcome == SURETY_OUTCOME_PRICED)
        return surety_arena_printf(
            arena,
            "No tier is safe. On %s, %s (%s) %s; its credits stay within %.6g %s a term in 95 %% of terms, and the "
            "margin is positive in 95 %% of %ss. Add %.6g %s a month to the fee for the risk.",
            a->name, tier->name, target, often, tier->credits_quantiles.p95, r->currency, surety_window_word(r->window),
            tier->fee_for_risk_per_month, r->currency);
    return surety_arena_printf(arena,
                               "No tier can be signed: even %s (%s), the lowest, %s on %s, where it holds most often.",
                               tier->name, target, often, a->name);
}

// One end of a range of probabilities, as far as n terms can tell: beyond the power of ten above 1 / n nothing is known.
static const char *range_end(struct surety_arena *arena, double p, uint64_t n)
{
    double least = 1e-3;
    int digits = 1;
    for (uint64_t power = 10000; power <= n; power *= 10, digits++)
        least /= 10;
    if (p >= least && p <= 1 - least)
        return percent(arena, p);
    return p < least ? surety_arena_printf(arena, "less than %.*f %%", digits, 100 * least)
                     : surety_arena_printf(arena, "more than %.*f %%", digits, 100 * (1 - least));
}

// How far the probability that the sentence names moves with the uncertain inputs; "" when none is.
static const char *by_inputs(struct surety_arena *arena, const struct surety_result *r,
                             const struct surety_tier_result *t)
{
    const bool month = isnan(r->sign_every_month_met) && !isnan(r->sign_month_met);
    const struct surety_probability *p = month ? &t->month_met : &t->term_met;
    if (!(p->ignorance_lo < p->ignorance_hi))
        return "";
    const char *lo = range_end(arena, p->ignorance_lo, r->n_replications);
    const char *hi = range_end(arena, p->ignorance_hi, r->n_replications);
    return lo == NULL || hi == NULL ? NULL
                                    : surety_arena_printf(arena,
                                                          " Probabilities are means over what the uncertain inputs may "
                                                          "be: by them that of %s lies between %s and %s.",
                                                          t->name, lo, hi);
}

bool surety_verdict_reach(const struct surety_plan *plan, struct surety_result *result)
{
    struct surety_verdict v = {.binds = "availability", .implied_month_met = NAN, .fee_for_risk = NAN};
    v.is_any = choose(result, SURETY_OUTCOME_SAFE, &v) || choose(result, SURETY_OUTCOME_PRICED, &v);
    if (!v.is_any)
        choose_nearest(result, &v);
    if (result->architectures[v.architecture].tiers[v.tier].binds != NULL)
        v.binds = result->architectures[v.architecture].tiers[v.tier].binds;
    if (!isnan(plan->sign_every_month_met))
        v.implied_month_met = pow(plan->sign_every_month_met, 1 / (double)plan->n_windows);
    if (v.outcome == SURETY_OUTCOME_PRICED)
        v.fee_for_risk = result->architectures[v.architecture].tiers[v.tier].fee_for_risk_per_month;
    v.because = because(plan, result, &v);
    const char *inputs = by_inputs(&result->arena, result, &result->architectures[v.architecture].tiers[v.tier]);
    if (v.because != NULL)
        v.because = inputs != NULL ? surety_arena_printf(&result->arena, "%s%s", v.because, inputs) : NULL;
    result->verdict = v;
    return v.because != NULL;
}

// --- requirements ----------------------------------------------------------------------------------------------

static size_t find_tier(const struct surety_result *r, const char *name, size_t length)
{
    for (size_t t = 0; t < r->n_tiers; t++)
        if (strlen(r->architectures[0].tiers[t].name) == length &&
            strncmp(r->architectures[0].tiers[t].name, name, length) == 0)
            return t;
    return SIZE_MAX;
}

static size_t find_architecture(const struct surety_result *r, const char *name, size_t length)
{
    for (size_t i = 0; i < r->n_architectures; i++)
        if (strlen(r->architectures[i].name) == length && strncmp(r->architectures[i].name, name, length) == 0)
            return i;
    return SIZE_MAX;
}

bool surety_requirement_parse(struct surety_result *r, const char *text, struct surety_requirement *out,
                              const char **problem)
{
    const size_t n_tier = strcspn(text, "@:");
    const char *rest = text + n_tier, *outcome = strchr(rest, ':');
    const size_t n_rest = outcome != NULL ? (size_t)(outcome - rest) : strlen(rest);
    struct surety_requirement q = {find_tier(r, text, n_tier), SIZE_MAX, SURETY_OUTCOME_SAFE};
    if (q.tier == SIZE_MAX) {
        char word[64];
        snprintf(word, sizeof word, "%.*s", (int)(n_tier < 63 ? n_tier : 63), text);
        const char *near =
            surety_did_you_mean(word, r->architectures[0].tiers, r->n_tiers, sizeof *r->architectures[0].tiers);
        *problem =
            surety_arena_printf(&r->arena, "there is no tier '%s'%s%s%s", word, near != NULL ? "; did you mean '" : "",
                                near != NULL ? near : "", near != NULL ? "'?" : "");
        return false;
    }
    if (rest[0] == '@' && (q.architecture = find_architecture(r, rest + 1, n_rest - 1)) == SIZE_MAX) {
        char word[64];
        snprintf(word, sizeof word, "%.*s", (int)(n_rest - 1 < 63 ? n_rest - 1 : 63), rest + 1);
        const char *near = surety_did_you_mean(word, r->architectures, r->n_architectures, sizeof *r->architectures);
        *problem = surety_arena_printf(&r->arena, "there is no architecture '%s'%s%s%s", word,
                                       near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
                                       near != NULL ? "'?" : "");
        return false;
    }
    if (outcome != NULL) {
        if (strcmp(outcome, ":safe") != 0 && strcmp(outcome, ":priced") != 0) {
            *problem = surety_arena_printf(&r->arena, "'%.20s' is no outcome: write :safe or :priced", outcome);
            return false;
        }
        q.outcome = strcmp(outcome, ":safe") == 0 ? SURETY_OUTCOME_SAFE : SURETY_OUTCOME_PRICED;
    }
    *out = q;
    return true;
}

bool surety_requirement_parse_plan(const struct surety_plan *plan, struct surety_arena *arena, const char *text,
                                   struct surety_requirement *out, const char **problem)
{
    // A result that has nothing but names.
    struct surety_result names = {.arena = *arena, .n_tiers = plan->n_tiers, .n_architectures = plan->n_architectures};
    struct surety_tier_result *tiers = surety_arena_calloc(&names.arena, plan->n_tiers, sizeof *tiers);
    names.architectures = surety_arena_calloc(&names.arena, plan->n_architectures, sizeof *names.architectures);
    bool good = tiers != NULL && names.architectures != NULL;
    *problem = "memory is out";
    for (size_t t = 0; good && t < plan->n_tiers; t++)
        tiers[t].name = plan->tiers[t].name;
    for (size_t i = 0; good && i < plan->n_architectures; i++)
        names.architectures[i] =
            (struct surety_architecture_result){.name = plan->architectures[i].name, .tiers = tiers};
    good = good && surety_requirement_parse(&names, text, out, problem);
    *arena = names.arena;
    return good;
}

bool surety_requirement_holds(const struct surety_result *result, const struct surety_requirement *requirement)
{
    for (size_t i = 0; i < result->n_architectures; i++)
        if ((requirement->architecture == SIZE_MAX || requirement->architecture == i) &&
            result->architectures[i].tiers[requirement->tier].outcome >= requirement->outcome)
            return true;
    return false;
}
