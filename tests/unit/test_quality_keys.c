// SPDX-License-Identifier: GPL-3.0-or-later
// Keys of quality and of promises of cost: what is read, and what is refused where.
#include "models/quality.h"
#include "models/registry.h"
#include "sim/scenario/plan_quality.h"
#include "sim/scenario/scenario.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static const char good[] =
    "surety: 1\n"
    "workloads: {chats: {demand: 30/min, tokens: {input: 1k, output: 200}, requests_per_task: 4}}\n"
    "providers:\n"
    "  a: {outages: {all: {incidents: 9/year, time_to_repair: 1h, failing: 30%, quality: -2pp}},\n"
    "      quality: {golden: 96.5%, refund: {pass_rate: 94%}, flows: 97%, bad: 96%},\n"
    "      price: {input: 1 USD/Mtok, output: 10 USD/Mtok}}\n"
    "  b: {outages: none, quality: {golden: 95%, flows: 96%, bad: 95%}, price: {input: 2 USD/Mtok, output: 8 "
    "USD/Mtok}}\n"
    "architectures: {alone: a, both: {failover: {order: [a, b], detect: 60s}}}\n"
    "contract:\n"
    "  availability: {measure: time}\n"
    "  quality:\n"
    "    suites:\n"
    "      golden: {cases: 200, every: 1w, judge: {sensitivity: 97%, specificity: 95%}}\n"
    "      flows: {kind: scenarios, scenarios: [refund, booking], cases: 20, every: 1w}\n"
    "      bad: {kind: issues, reported: 20%, false_reports: 0.1%}\n"
    "  tiers: {t: {availability: 99%, quality: {golden: 95%, flows: {pass_rate: 90%}, bad: {issue_rate: 2%}}, cost: "
    "{per_task: 0.08 USD/task}}}\n";

static struct surety_diags diags;
static struct surety_scenario *scenario;

static enum surety_err read_set(const char *path, const char *value)
{
    const struct surety_override override = {.path = path, .value = value};
    surety_diags_init(&diags, "test.yaml");
    scenario = NULL;
    return surety_scenario_read(surety_registry_get(), "test.yaml", good, strlen(good), &override, path != NULL, &diags,
                                &scenario);
}

static void done(void)
{
    surety_scenario_destroy(scenario);
    surety_diags_finish(&diags);
}

static void refuse(const char *path, const char *value, enum surety_diag_id id, const char *at, const char *part)
{
    bool found = false;
    cr_assert_eq(read_set(path, value), SURETY_E_INPUT, "accepted: %s=%s", path, value);
    for (size_t i = 0; i < diags.n; i++) {
        const struct surety_diag *d = &diags.list[i];
        found = found || (d->id == id && strcmp(d->path, at) == 0 &&
                          (strstr(d->message, part) != NULL || (d->hint != NULL && strstr(d->hint, part) != NULL)));
    }
    cr_assert(found, "%s=%s: no such message, the first is %s: %s", path, value, diags.list[0].path,
              diags.list[0].message);
    done();
}

Test(quality_keys, are_read)
{
    cr_assert_eq(read_set(NULL, NULL), SURETY_OK);
    const struct surety_provider *a = &scenario->providers[0];
    const struct surety_quality *q = &scenario->contract.quality;
    double rate = 0;
    cr_assert(a->n_quality == 4 && a->quality[0].pass_rate == 0.965 && a->outages[0].quality_shift == -0.02);
    cr_assert(q->n_suites == 3 && q->suites[0].n_cases == 200 && q->suites[0].every_s == 604800 &&
              q->suites[0].sensitivity == 0.97 && q->suites[0].specificity == 0.95 && q->suites[0].adjusted == 0);
    cr_assert(q->suites[1].kind == SURETY_SUITE_SCENARIOS && q->suites[1].n_scenarios == 2 &&
              q->suites[1].sensitivity == 1 && isnan(q->suites[1].per_case));
    cr_assert(q->suites[2].kind == SURETY_SUITE_ISSUES && q->suites[2].reported == 0.2);
    cr_assert(q->wrong_at_most == 0.05);
    cr_assert(surety_pass_rate_of(a, &q->suites[1], "refund", &rate) && rate == 0.94);
    cr_assert(surety_pass_rate_of(a, &q->suites[1], "booking", &rate) && rate == 0.97);
    const struct surety_tier *t = &scenario->contract.tiers[0];
    cr_assert(t->n_quality == 3 && t->quality[0].suite == 0 && t->quality[0].pass_rate_ppb == 950000000 &&
              t->quality[2].suite == 2 && t->quality[2].issue_rate_ppb == 20000000);
    cr_assert(t->cost.given && t->cost.per_task == 0.08 && isnan(t->cost.per_month) && t->cost.workload == SIZE_MAX);
    done();
}

Test(quality_keys, may_be_uncertain)
{
    cr_assert_eq(read_set("providers.a.quality.golden", "{between: [94%, 98%]}"), SURETY_OK);
    cr_assert_float_eq(scenario->providers[0].quality[0].pass_rate, 0.96, 1e-9);
    done();
    cr_assert_eq(read_set("providers.a.outages.all.quality", "{between: [-4pp, -1pp]}"), SURETY_OK);
    cr_assert_float_eq(scenario->providers[0].outages[0].quality_shift, -0.025, 1e-9);
    done();
}

Test(quality_keys, wrong_ones_are_refused)
{
    refuse("providers.a.quality.golden", "104%", SURETY_D_RANGE, "providers.a.quality.golden.pass_rate", "");
    refuse("providers.a.quality.goldn", "90%", SURETY_D_REFERENCE, "providers.a.quality.goldn", "'golden'");
    refuse("contract.tiers.t.quality.goldn", "90%", SURETY_D_REFERENCE, "contract.tiers.t.quality.goldn", "'golden'");
    refuse("contract.tiers.t.quality.bad", "98%", SURETY_D_CONFLICT, "contract.tiers.t.quality.bad", "issue_rate");
    refuse("contract.tiers.t.quality.golden", "{issue_rate: 1%}", SURETY_D_CONFLICT, "contract.tiers.t.quality.golden",
           "pass_rate");
    refuse("providers.b.quality", "{flows: 95%, bad: 95%}", SURETY_D_MISSING_KEY, "contract.tiers.t.quality.golden",
           "providers.b.quality");
    refuse("contract.quality.suites.golden", "{every: 1w}", SURETY_D_MISSING_KEY,
           "contract.quality.suites.golden.cases", "");
    refuse("contract.quality.suites.golden", "{cases: 200, every: 1w, judge: {sensitivity: 50%, specificity: 50%}}",
           SURETY_D_CONFLICT, "contract.quality.suites.golden", "tells nothing");
    refuse("contract.quality.suites.bad", "{kind: issues, reported: 2%}", SURETY_D_MISSING_KEY,
           "contract.quality.suites.bad.false_reports", "");
    refuse("contract.quality.suites.bad", "{kind: issues, reported: 2%, false_reports: 0%, cases: 3}",
           SURETY_D_CONFLICT, "contract.quality.suites.bad.cases", "no meaning");
    refuse("contract.quality.suites.flows.scenarios", "[refund, refund]", SURETY_D_CONFLICT,
           "contract.quality.suites.flows.scenarios", "twice");
    refuse("contract.quality.suites.golden.workload", "calls", SURETY_D_REFERENCE,
           "contract.quality.suites.golden.workload", "chats");
    refuse("contract.quality.suites.golden.every", "1m", SURETY_D_TOO_LARGE, "contract.quality.suites.golden.every",
           "less often");
    refuse("contract.tiers.t.cost", "{}", SURETY_D_MISSING_KEY, "contract.tiers.t.cost", "per_task");
    refuse("contract.tiers.t.cost", "{percentile: 95, per_task: 1 USD/task}", SURETY_D_CONFLICT,
           "contract.tiers.t.cost", "belong together");
    refuse("contract.tiers.t.cost.workload", "chat", SURETY_D_REFERENCE, "contract.tiers.t.cost.workload", "'chats'");
}

// A fee belongs to no single answer; a task has its part of it, and units without a price on demand are a price too.
Test(quality_keys, promises_of_cost_on_reserved_units)
{
    static const char units[] = "{units: 1, tokens_per_minute_per_unit: 90k, output_weight: 8, price: 100 USD/day, "
                                "overflow: on-demand}";
    const struct surety_override overrides[] = {
        {.path = "providers.b.reserved", .value = units},
        {.path = "contract.tiers.t.cost", .value = "{per_request: 0.01 USD/request, percentile: 95}"}};
    for (size_t n = 1; n <= 2; n++) {
        surety_diags_init(&diags, "test.yaml");
        scenario = NULL;
        const enum surety_err err = surety_scenario_read(surety_registry_get(), "test.yaml", good, strlen(good),
                                                         overrides, n, &diags, &scenario);
        cr_assert_eq(err, n == 1 ? SURETY_OK : SURETY_E_INPUT);
        bool found = false;
        for (size_t i = 0; i < diags.n; i++)
            found = found || (diags.list[i].id == SURETY_D_UNSUPPORTED &&
                              strcmp(diags.list[i].path, "contract.tiers.t.cost") == 0 &&
                              strstr(diags.list[i].message, "units of 'b'") != NULL);
        cr_assert_eq(found, n == 2);
        done();
    }
}
