// SPDX-License-Identifier: GPL-3.0-or-later
// The rules of the verdict on results written by hand, and what the result warns of.
#include "sim/engine/verdict.h"
#include "tests/stat/worlds.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

// --- one tier against the rules --------------------------------------------------------------------------------

// One tier with a fee of 1000 in each of two windows.
static struct surety_plan_tier one_tier[] = {{"t", 999000000, 999000000, true, (int64_t[]){1000000000, 1000000000}}};

static struct surety_plan rules(double every_month, double month, double credits, double priced)
{
    return (struct surety_plan){.n_windows = 2,
                                .tiers = one_tier,
                                .n_tiers = 1,
                                .sign_every_month_met = every_month,
                                .sign_month_met = month,
                                .credits_at_most = credits,
                                .priced_credits_p95_at_most = priced};
}

// Lower bounds of both probabilities; credits of a term: mean, its standard error, p95; p05 of the margin.
static struct surety_tier_result tier(double term_lo, double month_lo, double mean, double se, double p95,
                                      double margin)
{
    return (struct surety_tier_result){.name = "t",
                                       .term_met = {0.99, term_lo, 1},
                                       .month_met = {0.995, month_lo, 1},
                                       .has_credits = true,
                                       .credits_per_term = {mean, se},
                                       .credits_quantiles = {.p95 = p95},
                                       .has_margin = true,
                                       .margin_p05 = margin};
}

static enum surety_outcome judged(struct surety_plan plan, struct surety_tier_result t)
{
    const struct surety_result result = {.confidence = 0.95};
    surety_verdict_judge(&plan, &result, &t);
    cr_assert_eq(t.signable, t.outcome == SURETY_OUTCOME_SAFE);
    return t.outcome;
}

#define SAFE SURETY_OUTCOME_SAFE
#define PRICED SURETY_OUTCOME_PRICED
#define NO SURETY_OUTCOME_NO

Test(verdict, safe_needs_the_lower_bound_of_every_rule)
{
    // the estimate is 99 %, the bound decides; reaching the rule is enough
    cr_assert_eq(judged(rules(0.95, NAN, NAN, NAN), tier(0.95, 0, 0, 0, 0, 0)), SAFE);
    cr_assert_eq(judged(rules(0.95, NAN, NAN, NAN), tier(0.9499999, 1, 0, 0, 0, 0)), NO);
    cr_assert_eq(judged(rules(NAN, 0.99, NAN, NAN), tier(0, 0.99, 0, 0, 0, 0)), SAFE);
    cr_assert_eq(judged(rules(NAN, 0.99, NAN, NAN), tier(1, 0.98, 0, 0, 0, 0)), NO);
    // all that are given
    cr_assert_eq(judged(rules(0.95, 0.99, NAN, NAN), tier(0.95, 0.99, 0, 0, 0, 0)), SAFE);
    cr_assert_eq(judged(rules(0.95, 0.99, NAN, NAN), tier(0.94, 0.99, 0, 0, 0, 0)), NO);
    cr_assert_eq(judged(rules(0.95, 0.99, NAN, NAN), tier(0.95, 0.98, 0, 0, 0, 0)), NO);
    cr_assert_eq(judged(rules(0.95, 0.99, 0.02, NAN), tier(0.95, 0.99, 41, 0, 0, 0)), NO);
    // a rule on credits: 2 % of 2000 are 40, against the upper end of the interval
    cr_assert_eq(judged(rules(NAN, NAN, 0.02, NAN), tier(0, 0, 40, 0, 0, 0)), SAFE);
    cr_assert_eq(judged(rules(NAN, NAN, 0.02, NAN), tier(1, 1, 40.001, 0, 0, 0)), NO);
    cr_assert_eq(judged(rules(NAN, NAN, 0.02, NAN), tier(0, 0, 38, 1.02, 0, 0)), SAFE); // 38 + 1.96 x 1.02 = 39.999
    cr_assert_eq(judged(rules(NAN, NAN, 0.02, NAN), tier(0, 0, 38, 1.03, 0, 0)), NO);
    // and without credits there is nothing to hold against it
    struct surety_tier_result none = tier(1, 1, 0, 0, 0, 0);
    none.has_credits = false;
    cr_assert_eq(judged(rules(0.95, NAN, 0.02, NAN), none), NO);
}

Test(verdict, priced_needs_bounded_credits_and_a_positive_margin)
{
    // 10 % of 2000 are 200: reaching it is within, a margin of nothing is not positive
    cr_assert_eq(judged(rules(0.95, NAN, NAN, 0.1), tier(0.9, 0, 50, 1, 200, 0.01)), PRICED);
    cr_assert_eq(judged(rules(0.95, NAN, NAN, 0.1), tier(0.9, 0, 50, 1, 200.01, 100)), NO);
    cr_assert_eq(judged(rules(0.95, NAN, NAN, 0.1), tier(0.9, 0, 50, 1, 200, 0)), NO);
    cr_assert_eq(judged(rules(0.95, NAN, NAN, 0.1), tier(0.9, 0, 50, 1, 0, -1)), NO);
    cr_assert_eq(judged(rules(0.95, NAN, NAN, 0), tier(0.9, 0, 0, 0, 0, 1)), PRICED);
    cr_assert_eq(judged(rules(0.95, NAN, NAN, NAN), tier(0.9, 0, 0, 0, 0, 1)), NO);
    // safe comes first, whatever the credits
    cr_assert_eq(judged(rules(0.95, NAN, NAN, 0.1), tier(0.95, 0, 900, 1, 2000, -5)), SAFE);
    // no credits, no fee: no price
    struct surety_tier_result t = tier(0.9, 0, 0, 0, 0, 100);
    t.has_credits = false;
    cr_assert_eq(judged(rules(0.95, NAN, NAN, 0.1), t), NO);
    t = tier(0.9, 0, 0, 0, 0, NAN);
    t.has_credits = t.has_margin = false;
    cr_assert_eq(judged(rules(0.95, NAN, NAN, 0.1), t), NO);
}

// --- the thresholds through the whole engine -------------------------------------------------------------------

static const char half_down[] = "surety: 1\n"
                                "term: {start: 2027-01-01, months: 12, initial_state: up}\n"
                                "workloads: {w: {demand: 1/min}}\n"
                                "providers: {a: {outages: {x: {time_to_failure: {fixed: 1h}, time_to_repair: {fixed: "
                                "1h}}}}}\n"
                                "architectures: {alone: a}\n"
                                "contract:\n"
                                "  fee: %d USD/month\n"
                                "  priced_when: {credits_p95_at_most: %s}\n"
                                "  tiers: {t: {availability: 99.9%%}}\n"
                                "  availability: {measure: time}\n"
                                "  credits: {ladder: [{below: target, credit: %s}]}\n";

static enum surety_outcome outcome(int fee, const char *limit, const char *credit)
{
    struct world world;
    world_open(&world, half_down, fee, limit, credit);
    struct surety_result *r = world_run(&world, 16, 1);
    const enum surety_outcome got = r->architectures[0].tiers[0].outcome;
    surety_result_destroy(r);
    world_close(&world);
    return got;
}

// Every window is missed, so credits are the ladder's share of the fee to the millionth: which side of a threshold they
// are on must not hang on how a histogram rounds.
Test(verdict, thresholds_are_exact_for_any_fee)
{
    for (int fee = 1000; fee <= 40000; fee += 1000) {
        cr_assert_eq(outcome(fee, "10%", "10%"), PRICED, "fee %d: at the limit", fee);
        cr_assert_eq(outcome(fee, "9.999%", "10%"), NO, "fee %d: above it", fee);
        cr_assert_eq(outcome(fee, "10.001%", "10%"), PRICED, "fee %d: below it", fee);
        cr_assert_eq(outcome(fee, "100%", "100%"), NO, "fee %d: a margin of nothing", fee);
        cr_assert_eq(outcome(fee, "100%", "99.999%"), PRICED, "fee %d: a small margin", fee);
    }
}

// --- the choice ------------------------------------------------------------------------------------------------

enum { N_TIERS = 3, N_ARCHITECTURES = 3 };

// Three tiers on three architectures, margins 300, 200, 100 by architecture; all outcomes `no`.
struct table {
    struct surety_result result;
    struct surety_architecture_result architectures[N_ARCHITECTURES];
    struct surety_tier_result tiers[N_ARCHITECTURES][N_TIERS];
};

static void table(struct table *t)
{
    static const char *const names[] = {"low", "middle", "high"}, *const built[] = {"single", "double", "triple"};
    static const double targets[] = {0.995, 0.999, 0.9995};
    memset(t, 0, sizeof *t);
    surety_arena_init(&t->result.arena);
    t->result.confidence = 0.95;
    t->result.n_windows = 12;
    t->result.n_tiers = N_TIERS;
    t->result.n_architectures = N_ARCHITECTURES;
    t->result.architectures = t->architectures;
    t->result.currency = "USD";
    t->result.sign_every_month_met = 0.95;
    t->result.sign_month_met = NAN;
    for (size_t i = 0; i < N_ARCHITECTURES; i++) {
        t->architectures[i] = (struct surety_architecture_result){.name = built[i], .tiers = t->tiers[i]};
        for (size_t k = 0; k < N_TIERS; k++)
            t->tiers[i][k] = (struct surety_tier_result){.name = names[k],
                                                         .target = targets[k],
                                                         .term_met = {0.5, 0.49, 0.51},
                                                         .month_met = {0.9, 0.89, 0.91},
                                                         .has_margin = true,
                                                         .margin_per_month = {300 - 100 * (double)i, 1},
                                                         .fee_for_risk_per_month = 12};
    }
}

static struct surety_verdict reached(struct table *t)
{
    const struct surety_plan plan = {.n_windows = 12, .sign_every_month_met = t->result.sign_every_month_met};
    cr_assert(surety_verdict_reach(&plan, &t->result));
    return t->result.verdict;
}

Test(verdict, the_highest_safe_tier_on_the_best_margin)
{
    struct table t;
    table(&t);
    t.tiers[0][0].outcome = t.tiers[1][0].outcome = t.tiers[2][0].outcome = SAFE;
    t.tiers[1][1].outcome = t.tiers[2][1].outcome = SAFE;
    t.tiers[0][2].outcome = PRICED; // higher, but only priced
    struct surety_verdict v = reached(&t);
    cr_assert(v.is_any && v.outcome == SAFE && v.tier == 1 && v.architecture == 1);
    cr_assert(isnan(v.fee_for_risk));
    cr_assert_float_eq(v.implied_month_met, pow(0.95, 1.0 / 12), 1e-15);
    t.tiers[2][1].margin_per_month.mean = 200; // a tie: file order
    v = reached(&t);
    cr_assert_eq(v.architecture, 1);
    t.tiers[2][1].margin_per_month.mean = 200.001;
    v = reached(&t);
    cr_assert_eq(v.architecture, 2);
    t.tiers[1][1].margin_per_month.mean = t.tiers[2][1].margin_per_month.mean = -5; // losing money is still the best
    v = reached(&t);
    cr_assert(v.tier == 1 && v.architecture == 1);
    surety_arena_finish(&t.result.arena);
}

Test(verdict, without_a_fee_the_cheapest)
{
    struct table t;
    table(&t);
    for (size_t i = 0; i < N_ARCHITECTURES; i++) {
        t.tiers[i][0].outcome = SAFE;
        t.tiers[i][0].has_margin = false;
        t.tiers[i][0].margin_per_month = (struct surety_mean){0, 0};
    }
    t.architectures[0].cost_per_month.mean = 90;
    t.architectures[1].cost_per_month.mean = 80;
    t.architectures[2].cost_per_month.mean = 80;
    struct surety_verdict v = reached(&t);
    cr_assert(v.tier == 0 && v.architecture == 1);
    surety_arena_finish(&t.result.arena);
}

Test(verdict, none_safe_the_highest_priced_with_its_fee_for_risk)
{
    struct table t;
    table(&t);
    t.tiers[0][0].outcome = PRICED;
    t.tiers[2][1].outcome = t.tiers[1][1].outcome = PRICED;
    struct surety_verdict v = reached(&t);
    cr_assert(v.is_any && v.outcome == PRICED && v.tier == 1 && v.architecture == 1);
    cr_assert_eq(v.fee_for_risk, 12);
    surety_arena_finish(&t.result.arena);
}

Test(verdict, nothing_holds_the_lowest_where_it_holds_most_often)
{
    struct table t;
    table(&t);
    t.tiers[2][0].term_met.p = 0.6;
    t.tiers[1][2].term_met.p = 0.9;
    struct surety_verdict v = reached(&t);
    cr_assert(!v.is_any && v.outcome == NO && v.tier == 0 && v.architecture == 2);
    t.tiers[2][0].term_met.p = 0.5;
    v = reached(&t);
    cr_assert_eq(v.architecture, 0);
    t.result.sign_every_month_met = NAN;
    v = reached(&t);
    cr_assert(isnan(v.implied_month_met));
    surety_arena_finish(&t.result.arena);
}

// --- the sentence ----------------------------------------------------------------------------------------------

// Probabilities p that are not 1 (or 0) and must not read as 100 % (or 0 %).
Test(verdict, the_sentence_says_100_percent_of_nothing_less)
{
    static const double probabilities[] = {
        0.9,      0.98949,   0.99,        0.9949999,      0.995,           0.99950001,
        0.999499, 0.9999,    0.99996,     0.9999999,      0.99999999949,   1 - 1e-11,
        0.0004,   0.0000001, 1 - 1.0 / 3, 1 - 1 / 4096.0, 1 - 1 / 100000.0};
    static const enum surety_outcome outcomes[] = {SAFE, PRICED, NO};
    static const double rules_asked[][2] = {{0.9999, NAN}, {NAN, 0.99999}, {NAN, NAN}};
    for (size_t i = 0; i < sizeof probabilities / sizeof *probabilities; i++)
        for (size_t k = 0; k < 9; k++) {
            struct table t;
            table(&t);
            t.result.sign_every_month_met = rules_asked[k % 3][0];
            t.result.sign_month_met = rules_asked[k % 3][1];
            for (size_t a = 0; a < N_ARCHITECTURES; a++)
                for (size_t x = 0; x < N_TIERS; x++)
                    t.tiers[a][x].term_met = t.tiers[a][x].month_met =
                        (struct surety_probability){.p = probabilities[i], .lo = probabilities[i] * 0.9999, .hi = 1};
            t.tiers[0][0].outcome = outcomes[k / 3];
            const struct surety_verdict v = reached(&t);
            cr_assert_null(strstr(v.because, " 100 %"), "%.12g: %s", probabilities[i], v.because);
            cr_assert_null(strstr(v.because, " 100."), "%.12g: %s", probabilities[i], v.because);
            cr_assert_null(strstr(v.because, " 0 %"), "%.12g: %s", probabilities[i], v.because);
            cr_assert_null(strstr(v.because, " 0.0 %"), "%.12g: %s", probabilities[i], v.because);
            surety_arena_finish(&t.result.arena);
        }
    struct table t; // and certainty is called that
    table(&t);
    t.tiers[0][0].outcome = SAFE;
    t.tiers[0][0].term_met = (struct surety_probability){.p = 1, .lo = 0.9996, .hi = 1};
    cr_assert_not_null(strstr(reached(&t).because, "probability 100 % (at least 99.960 %"), "%s",
                       t.result.verdict.because);
    surety_arena_finish(&t.result.arena);
}

Test(verdict, the_sentence_names_every_rule)
{
    struct table t;
    int64_t fees[12];
    for (size_t w = 0; w < 12; w++)
        fees[w] = 1000 * (int64_t)SURETY_MICRO;
    struct surety_plan_tier tier = {.name = "low", .fee_micro = fees};
    const struct surety_plan plan = {
        .n_windows = 12, .sign_every_month_met = 0.05, .credits_at_most = 0.001, .tiers = &tier, .n_tiers = 1};
    table(&t);
    t.result.sign_every_month_met = 0.05;
    t.result.sign_month_met = 0.995;
    t.tiers[0][0].outcome = PRICED;
    t.tiers[0][0].has_credits = true;
    t.tiers[0][0].credits_per_term = (struct surety_mean){24, 0};
    cr_assert(surety_verdict_reach(&plan, &t.result));
    const char *because = t.result.verdict.because;
    cr_assert_not_null(strstr(because, "probability 50.0 % (at least 49.0 %; asked for: 5 %), in a single window with "
                                       "90.0 % (at least 89.0 %; asked for: 99.5 %), for credits of 0.2 % of the fees "
                                       "(at most 0.2 %; asked for: 0.1 %)"),
                       "%s", because);
    surety_arena_finish(&t.result.arena);
}

// --- requirements ----------------------------------------------------------------------------------------------

Test(verdict, requirements_are_read)
{
    struct table t;
    struct surety_requirement q;
    const char *problem;
    table(&t);
    static const struct {
        const char *text;
        size_t tier, architecture;
        enum surety_outcome outcome;
    } good[] = {
        {"low", 0, SIZE_MAX, SAFE}, {"high:safe", 2, SIZE_MAX, SAFE},     {"middle:priced", 1, SIZE_MAX, PRICED},
        {"low@triple", 0, 2, SAFE}, {"high@double:priced", 2, 1, PRICED}, {"middle@single:safe", 1, 0, SAFE}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        cr_assert(surety_requirement_parse(&t.result, good[i].text, &q, &problem), "%s", good[i].text);
        cr_assert(q.tier == good[i].tier && q.architecture == good[i].architecture && q.outcome == good[i].outcome,
                  "%s", good[i].text);
    }
    static const struct {
        const char *text, *says;
    } bad[] = {{"", "no tier ''"},
               {"lo", "did you mean 'low'"},
               {"lowest", "no tier 'lowest'"},
               {"Low", "no tier 'Low'"},
               {"low@", "no architecture ''"},
               {"low@:safe", "no architecture ''"},
               {"low@doubel", "did you mean 'double'"},
               {"low:", "no outcome"},
               {"low:no", "no outcome"},
               {"low:safe@single", "no outcome"},
               {"low@single:safe:priced", "no outcome"},
               {"@single", "no tier ''"},
               {":safe", "no tier ''"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        problem = NULL;
        cr_assert(!surety_requirement_parse(&t.result, bad[i].text, &q, &problem), "%s", bad[i].text);
        cr_assert(problem != NULL && strstr(problem, bad[i].says) != NULL, "%s: %s", bad[i].text, problem);
    }
    surety_arena_finish(&t.result.arena);
}

Test(verdict, requirements_hold)
{
    struct table t;
    table(&t);
    t.tiers[1][1].outcome = PRICED;
    t.tiers[2][0].outcome = SAFE;
    static const struct {
        struct surety_requirement q;
        bool holds;
    } cases[] = {{{1, SIZE_MAX, PRICED}, true}, {{1, SIZE_MAX, SAFE}, false}, {{1, 1, PRICED}, true},
                 {{1, 0, PRICED}, false},       {{0, 2, SAFE}, true},         {{0, 2, PRICED}, true},
                 {{0, SIZE_MAX, SAFE}, true},   {{0, 1, SAFE}, false},        {{2, SIZE_MAX, PRICED}, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_assert_eq(surety_requirement_holds(&t.result, &cases[i].q), cases[i].holds, "case %d", (int)i);
    surety_arena_finish(&t.result.arena);
}

// --- warnings --------------------------------------------------------------------------------------------------

// The number of warnings of a scenario that hold `words`.
static size_t n_warnings(const char *words, const char *a, const char *more, const char *architecture)
{
    struct world world;
    size_t n = 0;
    world_open(&world,
               "surety: 1\n"
               "term: {start: 2027-01-01, months: 1}\n"
               "workloads: {w: {demand: 1/min}}\n"
               "providers:\n"
               "  a: {outages: {x: {time_to_failure: 30d, time_to_repair: 1h%s\n"
               "  b: {outages: {x: {time_to_failure: 30d, time_to_repair: 1h}}, price: {per_request: 1 USD/request}}\n"
               "  c: {outages: {x: {time_to_failure: 30d, time_to_repair: 1h}}, price: {per_request: 1 USD/request}}\n"
               "%s"
               "architectures: {it: %s}\n"
               "contract: {availability: {measure: time}}\n",
               a, more, architecture);
    struct surety_result *r = world_run(&world, 4, 1);
    for (size_t i = 0; i < r->n_warnings; i++)
        n += strstr(r->warnings[i], words) != NULL;
    surety_result_destroy(r);
    world_close(&world);
    return n;
}

#define PLAIN "}}, price: {per_request: 1 USD/request}}"
#define FAILOVER "{failover: {order: [a, b], detect: 60s}}"

Test(verdict, warns_of_unlimited_routes_and_exact_inputs)
{
    cr_assert_eq(n_warnings("no limits are known", PLAIN, "", FAILOVER), 1);
    cr_assert_eq(n_warnings("no input is uncertain", PLAIN, "", "a"), 1);
    cr_assert_eq(n_warnings("has no price", PLAIN, "", "a"), 0);
    cr_assert_eq(n_warnings("has no price", "}}}", "", "a"), 1);
}

Test(verdict, warns_of_old_records)
{
    static const struct {
        const char *until;
        size_t n;
    } cases[] = {{"2026-12-31", 0}, {"2026-01-01", 0}, {"2025-12-31", 1}, {"2024-01-01", 1}, {"2028-01-01", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char a[160];
        snprintf(a, sizeof a, "}}, price: {per_request: 1 USD/request}, source: {what: a record, until: %s}}",
                 cases[i].until);
        cr_assert_eq(n_warnings("the past drifts", a, "", "a"), cases[i].n, "%s", cases[i].until);
        cr_assert_eq(n_warnings("the past drifts", a, "", "b"), 0, "a provider that is not used: %s", cases[i].until);
    }
    cr_assert_eq(n_warnings("the past drifts", PLAIN, "", "a"), 0);
}

Test(verdict, warns_of_outages_that_never_reach_trip)
{
#define PRICE ", price: {per_request: 1 USD/request}}"
    static const char *const small = ", failing: 4.9%}}" PRICE, *const just = ", failing: 5%}}" PRICE;
    cr_assert_eq(n_warnings("never reaches", small, "", FAILOVER), 1);
    cr_assert_eq(n_warnings("never reaches", just, "", FAILOVER), 0);
    cr_assert_eq(n_warnings("never reaches", PLAIN, "", FAILOVER), 0);
    cr_assert_eq(n_warnings("never reaches", small, "", "a"), 0); // nothing to trip
    cr_assert_eq(n_warnings("never reaches", just, "", "{failover: {order: [b, a], detect: 60s, trip: 50%}}"), 1);
    // balance moves traffic away from every route, degrade from its normal one
    cr_assert_eq(n_warnings("keeps its share", small, "", "{balance: {shares: {a: 50%, b: 50%}, detect: 30s}}"), 1);
    cr_assert_eq(n_warnings("keeps its share", just, "", "{balance: {shares: {a: 50%, b: 50%}, detect: 30s}}"), 0);
    cr_assert_eq(n_warnings("nothing takes over", small, "", "{degrade: {normal: a, to: b}}"), 1);
    cr_assert_eq(n_warnings("nothing takes over", small, "", "{degrade: {normal: b, to: a}}"), 0);
    cr_assert_eq(n_warnings("nothing takes over", just, "", "{degrade: {normal: a, to: b, trip: 6%}}"), 1);
    // request errors add to an outage: 1 - 0.951 x 0.998 = 5.09 %
    cr_assert_eq(n_warnings("never reaches", ", failing: 4.9%}}, request_errors: 0.2%" PRICE, "", FAILOVER), 0);
}

Test(verdict, warns_where_independence_is_assumed)
{
#define CAUSE(members) "common_causes: {zone: {members: [" members "], time_to_failure: 90d, time_to_repair: 1h}}\n"
    cr_assert_eq(n_warnings("independently", PLAIN, "", "a"), 0);
    cr_assert_eq(n_warnings("independently", PLAIN, "", "{series: [a, a]}"), 0);
    cr_assert_eq(n_warnings("independently", PLAIN, "", FAILOVER), 1);
    cr_assert_eq(n_warnings("independently", PLAIN, "", "{series: [a, {parallel: [b, c]}]}"), 1);
    cr_assert_eq(n_warnings("independently", PLAIN, CAUSE("a, b"), FAILOVER), 0);
    cr_assert_eq(n_warnings("independently", PLAIN, CAUSE("a, b"), "a"), 0);
    // a cause that these two do not share changes nothing between them
    cr_assert_eq(n_warnings("independently", PLAIN, CAUSE("b, c"), FAILOVER), 1);
    cr_assert_eq(n_warnings("independently", PLAIN, CAUSE("a, b"), "{parallel: [a, b, c]}"), 1);
}
