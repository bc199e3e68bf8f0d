// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/budget.h"

#include "models/registry.h"
#include "sim/scenario/plan.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

// The budget is used up by a window's end exactly when the window misses its tier: on the same terms P(gone) is
// 1 - P(month met). By requests as expected, and by time with outages that are forgiven.
static const char *const contracts[] = {
    "{availability: {measure: time}, tiers: {x: {availability: 99.5%}}}",
    "{availability: {measure: time, minimum_outage: 5m}, tiers: {x: {availability: 99.9%}}}",
    "{availability: {measure: requests, counts: expected}, tiers: {x: {availability: 99.8%}}}",
    "{window: 30d, availability: {measure: tasks, counts: expected}, tiers: {x: {availability: 99.8%}}}"};

static struct surety_result *answer_text(const char *text)
{
    struct surety_diags diags;
    struct surety_scenario *scenario = NULL;
    struct surety_plan *plan = NULL;
    struct surety_result *result = NULL;
    struct surety_run_options options;
    surety_run_options_default(&options);
    options.n_replications = 1000; // not more than the budget walks
    surety_diags_init(&diags, "test.yaml");
    cr_assert_eq(
        surety_scenario_read(surety_registry_get(), "test.yaml", text, strlen(text), NULL, 0, &diags, &scenario),
        SURETY_OK, "%s", diags.n > 0 ? diags.list[diags.n - 1].message : "");
    cr_assert_eq(surety_plan_create(scenario, &diags, &plan), SURETY_OK);
    cr_assert_eq(surety_run(scenario, plan, &options, &diags, &result), SURETY_OK);
    cr_assert_eq(surety_budget_find(scenario, plan, &options, &diags, result), SURETY_OK);
    surety_plan_destroy(plan);
    surety_scenario_destroy(scenario);
    surety_diags_finish(&diags);
    return result;
}

static struct surety_result *answer(const char *contract)
{
    static const char form[] =
        "surety: 1\nterm: {start: 2027-01-01, months: 12}\nworkloads: {calls: {demand: {rate: 30/min, profile: "
        "business-hours, growth: 2%%/month}, requests_per_task: 3}}\nproviders:\n"
        "  a: {request_errors: 0.01%%, outages: {all: {incidents: 12/year, time_to_repair: {lognormal: {median: 20m, "
        "p95: "
        "3h}}, failing: 60%%}}}\n  b: {outages: {all: {incidents: 2/year, time_to_repair: 1h}}}\n"
        "architectures: {chain: {series: [a, b]}}\ncontract: %s\n";
    char text[1500];
    snprintf(text, sizeof text, form, contract);
    return answer_text(text);
}

Test(stat_budget, used_up_is_missed)
{
    for (size_t i = 0; i < sizeof contracts / sizeof *contracts; i++) {
        struct surety_result *result = answer(contracts[i]);
        const struct surety_architecture_result *a = &result->architectures[0];
        const struct surety_budget *b = a->budget;
        cr_assert_not_null(b);
        cr_expect_eq(b->n_terms, 1000);
        cr_expect_float_eq(b->p_gone[b->n_days], 1 - a->tiers[0].month_met.p, 1e-12, "%s: gone %.6f, missed %.6f",
                           contracts[i], b->p_gone[b->n_days], 1 - a->tiers[0].month_met.p);
        cr_expect(b->p_gone[b->n_days] > 0.001 && b->p_gone[b->n_days] < 0.9, "%g tells nothing", b->p_gone[b->n_days]);
        for (size_t d = 1; d <= b->n_days; d++) {
            cr_expect(b->p_gone[d] >= b->p_gone[d - 1]);
            for (size_t q = 0; q < SURETY_BUDGET_QUANTILES; q++) {
                cr_expect(b->left[d][q] <= b->left[d - 1][q]);
                cr_expect(q == 0 || b->left[d][q] >= b->left[d][q - 1]);
            }
        }
        cr_expect_eq(b->left[0][0], 1);
        const struct surety_budget_alert *any = &b->alerts[b->n_alerts - 1];
        for (size_t k = 0; k < b->n_alerts; k++) {
            cr_expect(b->alerts[k].false_per_month <= b->alerts[k].fires_per_month);
            cr_expect(b->alerts[k].breaches_preceded <= any->breaches_preceded + 1e-12, "%zu %s: %g of %g", i,
                      b->alerts[k].name, b->alerts[k].breaches_preceded, any->breaches_preceded);
        }
        cr_expect(any->breaches_preceded > 0.9, "%g", any->breaches_preceded);
        surety_result_destroy(result);
    }
}

// --- what else is promised -------------------------------------------------------------------------------------

static const struct surety_budget *budget_of(const struct surety_result *result, size_t i)
{
    const struct surety_architecture_result *a = &result->architectures[0];
    cr_assert(i < a->n_promise_budgets, "%zu of %zu", i, a->n_promise_budgets);
    return a->promise_budgets[i];
}

// A share that may be missed in each dimension; the budgets are walked on the run's own terms, so what is used up by a
// window's end is what the promise misses, window by window. Two workloads of different rhythm, retries, a suite with named
// scenarios and one of issues. Then prices that change and are passed on, in the place of what single answers cost.
static void other_budgets(const char *prices, const char *promise, size_t n)
{
    static const char form[] =
        "surety: 1\nterm: {start: 2027-01-01, months: 12}\n"
        "workloads: {calls: {demand: {rate: 30/min, profile: business-hours, growth: 1%%/month}, requests_per_task: 3, "
        "tokens: {input: {lognormal: {mean: 900, cv: 0.9}}, output: 100}}, batch: {demand: 5/min, tokens: {input: "
        "2000, "
        "output: 50}}}\n"
        "providers:\n"
        "  a: {latency: {first_token: {lognormal: {p50: 180ms, p95: 330ms}}}, quality: {golden: 96.6%%, users: 98%%, "
        "named: "
        "97.5%%}, price: {input: 1 USD/Mtok, output: 4 USD/Mtok}, %s outages: {slow: {incidents: 20/year, "
        "time_to_repair: {lognormal: {median: 3h, p95: 14h}}, failing: 20%%, latency: 2.2x, quality: -4pp}}}\n"
        "  b: {latency: {first_token: {lognormal: {p50: 300ms, p95: 600ms}}}, quality: {golden: 96%%, users: 97%%, "
        "named: "
        "97%%}, price: {input: 2.4 USD/Mtok, output: 9 USD/Mtok}, outages: {all: {incidents: 9/year, time_to_repair: "
        "2h}}}\n"
        "architectures: {x: {fallback: {order: [a, b]}}}\n"
        "contract:\n  availability: {measure: requests}\n  price_notice: 60d\n"
        "  quality: {suites: {golden: {cases: 150, every: 1w, judge: {sensitivity: 99%%, specificity: 90%%}, adjusted: "
        "yes}, "
        "named: {kind: scenarios, scenarios: [refund, angry], cases: 120, every: 3d}, users: {kind: issues, reported: "
        "50%%, "
        "false_reports: 0.5%%}}}\n"
        "  tiers: {x: {availability: 99%%, latency: {calls: {metric: first_token, percentile: 95, target: 400ms}, "
        "batch: "
        "{metric: first_token, percentile: 95, target: 400ms, failed_as: infinite}}, quality: {golden: {pass_rate: "
        "95%%}, "
        "named: {pass_rate: 96.1%%}, users: {issue_rate: 1.55%%}}, cost: {workload: calls, %s}}}\n";
    static const char *const dimensions[] = {"latency", "latency", "quality", "quality", "quality",
                                             "cost",    "cost",    "cost",    "cost"};
    char text[3000];
    snprintf(text, sizeof text, form, prices, promise);
    struct surety_result *result = answer_text(text);
    const struct surety_tier_result *tier = &result->architectures[0].tiers[0];
    cr_assert_eq(result->architectures[0].n_promise_budgets, n, "%zu", result->architectures[0].n_promise_budgets);
    for (size_t i = 0; i < n; i++) {
        const struct surety_budget *b = budget_of(result, i);
        const double met = i < 2   ? tier->promises[i].month_met
                           : i < 5 ? tier->joint.quality[i - 2].month_met
                                   : tier->joint.cost[i - 5].month_met;
        cr_expect_str_eq(b->dimension, dimensions[i]);
        cr_expect_eq(b->n_terms, 1000);
        cr_expect_float_eq(b->p_gone[b->n_days], 1 - met, 1e-12, "%s: gone %.6f, missed %.6f", b->promise,
                           b->p_gone[b->n_days], 1 - met);
        cr_expect(met > 0.001 && met < 0.999, "%s: %g tells nothing", b->promise, met);
        cr_expect_eq(b->left[0][0], 1);
        for (size_t d = 1; d <= b->n_days; d++) {
            cr_expect(b->p_gone[d] >= b->p_gone[d - 1]);
            cr_expect(b->left[d][2] <= b->left[d - 1][2] + 1e-12);
        }
        for (size_t k = 0; k < b->n_alerts; k++)
            cr_expect(b->alerts[k].false_per_month <= b->alerts[k].fires_per_month);
    }
    surety_result_destroy(result);
}

Test(stat_budget, other_budgets_used_up_are_missed)
{
    other_budgets("",
                  "per_task: 0.00393 USD/task, per_month: 1900 USD/month, over_forecast: 0.8%, per_request: 0.0028 "
                  "USD/request, percentile: 95",
                  9);
    other_budgets("price_changes: [{rate: 1/year, factor: 1.1x, notice: 20d}],",
                  "per_task: 0.00393 USD/task, per_month: 1900 USD/month, over_forecast: 0.8%", 8);
}

// --- by hand ---------------------------------------------------------------------------------------------------

static const struct surety_budget_alert *alert_of(const struct surety_budget *b, const char *name)
{
    for (size_t i = 0; i < b->n_alerts; i++)
        if (strcmp(b->alerts[i].name, name) == 0)
            return &b->alerts[i];
    cr_assert(false, "no alert %s", name);
    return NULL;
}

// A window of 30 d, flat demand, 1 cent a request for 9 days, then 4. Ceiling: 1.3 cents. Spent by day 9 are 9 of 39
// (30 x 1.3); the rest, 30, lasts 7.5 days: gone in day 17, not by the end of day 16. Before the rise 1 / 1.3 of the ceiling
// is spent, after it 4 / 1.3: an alert over L reaches B times the ceiling x after it, (L - x) + 4 x = 1.3 B L.
Test(stat_budget, money_by_hand)
{
    static const char text[] = "surety: 1\nterm: {start: 2027-03-02, months: 1}\nworkloads: {calls: {demand: "
                               "10/min}}\nproviders: {a: {outages: "
                               "none, price: {per_request: 0.01 USD/request}, price_changes: [{date: 2027-03-11, "
                               "factor: 4x}]}}\narchitectures: "
                               "{x: a}\ncontract: {window: 30d, availability: {measure: requests}, tiers: {x: "
                               "{availability: 99%, cost: {per_task: "
                               "0.013 USD/task}}}, alerts: {day: {long: 1d, short: 2h, burn: 2x}, three: {long: 3d, "
                               "short: 6h, burn: 1x}, never: "
                               "{long: 1h, short: 5m, burn: 3.1x}}}\n";
    struct surety_result *result = answer_text(text);
    const struct surety_budget *b = budget_of(result, 0);
    cr_expect_float_eq(b->left[9][2], 1 - 9.0 / 39, 1e-9, "%g", b->left[9][2]);
    cr_expect_float_eq(b->left[12][0], 1 - (9 + 12.0) / 39, 1e-9, "%g", b->left[12][0]);
    cr_expect_eq(b->p_gone[16], 0);
    cr_expect_eq(b->p_gone[17], 1);
    const struct surety_budget_alert *day = alert_of(b, "day"), *three = alert_of(b, "three");
    cr_expect_float_eq(day->detect_p50_s, 86400 * (1.3 * 2 - 1) / 3, 0.01, "%g", day->detect_p50_s);
    cr_expect_float_eq(three->detect_p50_s, 3 * 86400 * 0.3 / 3, 0.01, "%g", three->detect_p50_s);
    cr_expect_float_eq(day->lead_p50_s, 7.5 * 86400 - 86400 * 1.6 / 3, 0.01, "%g", day->lead_p50_s);
    cr_expect_eq(day->breaches_preceded, 1);
    cr_expect_eq(day->false_per_month, 0);
    cr_expect_eq(alert_of(b, "never")->fires_per_month, 0);
    surety_result_destroy(result);
}

// Only the standby has a price: 6 USD an hour from hour 100 to 110 of a budget of 50 x 30 d / (365/12 d) = 49.315 a window.
// Gone after 8.22 hours, 60 in all. What comes is even; an alert of 2 over a day asks for a fifteenth, 3.288 USD.
Test(stat_budget, money_of_a_standby)
{
    static const char text[] =
        "surety: 1\nterm: {start: 2027-03-02, months: 1, initial_state: up}\nworkloads: {calls: {demand: 10/min}}\n"
        "providers: {a: {outages: {all: {time_to_failure: {fixed: 100h}, time_to_repair: {fixed: 10h}}}}, b: {outages: "
        "none, "
        "price: {per_request: 0.01 USD/request}}}\narchitectures: {x: {fallback: {order: [a, b]}}}\ncontract: {window: "
        "30d, "
        "availability: {measure: requests}, tiers: {x: {availability: 99%, cost: {per_month: 50 USD/month}}}, alerts: "
        "{day: "
        "{long: 1d, short: 2h, burn: 2x}}}\n";
    struct surety_result *result = answer_text(text);
    const struct surety_budget *b = budget_of(result, 0);
    const double budget = 50 * 30 / (365.0 / 12);
    cr_expect_eq(b->left[4][2], 1);
    cr_expect_float_eq(b->left[5][2], 1 - 60 / budget, 1e-9, "%g", b->left[5][2]);
    cr_expect_eq(b->p_gone[4], 0);
    cr_expect_eq(b->p_gone[5], 1);
    cr_expect_float_eq(alert_of(b, "day")->detect_p50_s, 3600 * 2 * budget / 30 / 6, 0.01, "%g",
                       alert_of(b, "day")->detect_p50_s);
    cr_expect_float_eq(alert_of(b, "day")->lead_p50_s, 3600 * (budget - 2 * budget / 30) / 6, 0.01);
    surety_result_destroy(result);
}

// From hour 400 on all is three times as slow for 60 hours: 500 ms are then 0.5 / 3 s of the law as it is. Late shares in
// closed form; the usual alerts fire when (L - x) l0 + x l1 = B 5 % L, those of 14.4 never: 72 % are not late. With a
// target whose budget is 1 %, the constant rates 14.4, 6, 3, 1 % spend 2, 5, 10, 10 % of a window of 30 d in their window.
Test(stat_budget, latency_by_hand)
{
    static const char text[] =
        "surety: 1\nterm: {start: 2027-03-02, months: 1, initial_state: up}\nworkloads: {calls: {demand: "
        "10/min}}\nproviders: "
        "{a: {latency: {first_token: {exponential: {mean: 120ms}}}, outages: {slow: {time_to_failure: {fixed: 400h}, "
        "time_to_repair: {fixed: 60h}, failing: 0.0000001%, latency: 3x}}}}\narchitectures: {x: a}\ncontract: {window: "
        "30d, availability: "
        "{measure: "
        "requests}, tiers: {x: {availability: 99%, latency: {calls: {metric: first_token, percentile: 95, target: "
        "500ms}}}}}\n";
    static const struct {
        const char *name;
        double long_s, burn;
    } rows[] = {{"slow", 86400, 3}, {"creep", 3 * 86400, 1}};
    struct surety_result *result = answer_text(text);
    const struct surety_budget *b = budget_of(result, 0);
    const double l0 = exp(-500.0 / 120), l1 = exp(-500.0 / 360), allowed = 0.05 * 720;
    cr_expect_float_eq(b->left[10][2], 1 - 240 * l0 / allowed, 1e-5, "%g", b->left[10][2]);
    cr_expect_float_eq(b->left[18][2], 1 - (400 * l0 + 32 * l1) / allowed, 1e-5, "%g", b->left[18][2]);
    cr_expect_float_eq(b->left[30][2], 1 - (660 * l0 + 60 * l1) / allowed, 1e-5, "%g", b->left[30][2]);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const double x = rows[i].long_s * (rows[i].burn * 0.05 - l0) / (l1 - l0);
        const struct surety_budget_alert *a = alert_of(b, rows[i].name);
        cr_expect_float_eq(a->detect_p50_s, x, 3, "%s: %g, by hand %g", rows[i].name, a->detect_p50_s, x);
        cr_expect_float_eq(a->fires_per_month, 365.0 / 12 / 30, 1e-9);
        cr_expect_float_eq(a->share_of_budget, 0.1, 1e-12);
    }
    cr_expect_eq(alert_of(b, "fast")->fires_per_month, 0);
    cr_expect_float_eq(alert_of(b, "fast")->share_of_budget, 0.02, 1e-12);
    cr_expect_float_eq(alert_of(b, "medium")->share_of_budget, 0.05, 1e-12);
    surety_result_destroy(result);
}

// 10 cases every second day from a perfect model and judge: 15 runs, 150 cases, 5 % may fail: 7.5. At hour 100 the model
// fails all. The run of hour 144 reads it: 10 failed, the budget is gone with it, 44 h after the fall; the alert that looks
// at three days sees 10 of 20 then. An alert cannot be ahead of that.
Test(stat_budget, runs_by_hand)
{
    static const char text[] =
        "surety: 1\nterm: {start: 2027-03-02, months: 1, initial_state: up}\nworkloads: {calls: {demand: "
        "10/min}}\nproviders: "
        "{a: {quality: {golden: 100%}, outages: {bad: {time_to_failure: {fixed: 100h}, time_to_repair: {fixed: 700h}, "
        "failing: "
        "0.0000001%, "
        "quality: -100pp}}}}\narchitectures: {x: a}\ncontract: {window: 30d, availability: {measure: requests}, "
        "quality: "
        "{suites: {golden: {cases: 10, every: 2d}}}, tiers: {x: {availability: 99%, quality: {golden: {pass_rate: "
        "95%}}}}, alerts: {three: {long: 3d, short: 6h, burn: 6x}, much: {long: 3d, short: 6h, burn: 11x}, never: "
        "{long: 3d, "
        "short: 6h, burn: 21x}}}\n";
    struct surety_result *result = answer_text(text);
    const struct surety_budget *b = budget_of(result, 0);
    cr_expect_eq(b->left[6][2], 1);
    cr_expect_float_eq(b->left[7][2], 1 - 10 / 7.5, 1e-9, "%g", b->left[7][2]);
    cr_expect_eq(b->p_gone[6], 0);
    cr_expect_eq(b->p_gone[7], 1);
    const struct surety_budget_alert *three = alert_of(b, "three"), *much = alert_of(b, "much");
    cr_expect_float_eq(three->detect_p50_s, (44 + 5 * 48) * 3600, 1e-6, "%g", three->detect_p50_s); // of 12 runs
    cr_expect_float_eq(three->fires_per_month, 12 * 365.0 / 12 / 30, 1e-9);
    cr_expect_float_eq(much->fires_per_month, 11 * 365.0 / 12 / 30, 1e-9); // 10 of 20 are not 55 %
    cr_expect_eq(three->breaches_preceded, 0);
    cr_expect_eq(three->false_per_month, 0);
    cr_expect_eq(alert_of(b, "never")->fires_per_month, 0);
    cr_expect_not_null(strstr(b->note, "every 2 d"), "%s", b->note);
    cr_expect_not_null(strstr(b->note, "never cannot fire"), "%s", b->note);
    surety_result_destroy(result);
}
