// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/answer.h"

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
    struct surety_diags diags;
    struct surety_scenario *scenario = NULL;
    struct surety_plan *plan = NULL;
    struct surety_result *result = NULL;
    struct surety_run_options options;
    snprintf(text, sizeof text, form, contract);
    surety_run_options_default(&options);
    options.n_replications = 1000; // not more than the budget walks
    surety_diags_init(&diags, "test.yaml");
    cr_assert_eq(
        surety_scenario_read(surety_registry_get(), "test.yaml", text, strlen(text), NULL, 0, &diags, &scenario),
        SURETY_OK, "%s", diags.n > 0 ? diags.list[diags.n - 1].message : "");
    cr_assert_eq(surety_plan_create(scenario, &diags, &plan), SURETY_OK);
    cr_assert_eq(surety_answer(scenario, plan, &options, false, &diags, &result), SURETY_OK);
    surety_plan_destroy(plan);
    surety_scenario_destroy(scenario);
    surety_diags_finish(&diags);
    return result;
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
