// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/check/check.h"

#include "models/registry.h"
#include "sim/check/published.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

// A contract in which nothing is left open and nothing is too much. %s: tiers, availability, more of the contract.
#define SCENARIO                                                                                                       \
    "surety: 1\nterm: {start: 2027-01-01, months: 12}\nworkloads: {calls: {kind: %s, demand: 30/min}}\nproviders:\n%s" \
    "architectures: %s\ncontract:\n  fee: 9000 USD/month\n  window: calendar-month\n  exclude: %s\n  tiers: %s\n"      \
    "  availability: %s\n  %s\n"
#define PROVIDERS                                                                                                      \
    "  a: {outages: {all: {incidents: 2/year, time_to_repair: 20m}}, latency: {first_token: 150ms}}\n"                 \
    "  b: {outages: {all: {incidents: 2/year, time_to_repair: 20m}}, latency: {first_token: 150ms}}\n"
#define BOTH "{both: {failover: {order: [a, b], detect: 60s}}}"
#define TIERS "{premium: {availability: 99.9%}}"
#define REQUESTS "{measure: requests}"
#define CREDITS "credits: {ladder: [{below: target, credit: 10%}]}"

#define QUALITY(name)                                                                                                  \
    "  a: {outages: none, quality: {" name ": 96.5%}}\n  b: {outages: none, quality: {" name ": 96%}}\n"
// 200 cases a week of a suite, promised with this rate.
#define SUITE(name, rate, judge)                                                                                       \
    {                                                                                                                  \
        .providers = QUALITY(name),                                                                                    \
        .credits = CREDITS "\n  quality: {suites: {" name ": {cases: 200, every: 1w, " judge "}}}",                    \
        .tiers = "{x: {availability: 99.9%, quality: {" name ": " rate "}}}"                                           \
    }

struct contract {
    const char *kind, *providers, *architectures, *exclude, *tiers, *availability, *credits;
};

static struct surety_checked *checked;
static char text[4000];

static void look(struct contract c, size_t architecture)
{
    struct surety_diags diags;
    struct surety_scenario *scenario = NULL;
    struct surety_plan *plan = NULL;
    snprintf(text, sizeof text, SCENARIO, c.kind != NULL ? c.kind : "voice",
             c.providers != NULL ? c.providers : PROVIDERS, c.architectures != NULL ? c.architectures : BOTH,
             c.exclude != NULL ? c.exclude : "[]", c.tiers != NULL ? c.tiers : TIERS,
             c.availability != NULL ? c.availability : REQUESTS, c.credits != NULL ? c.credits : CREDITS);
    surety_diags_init(&diags, "test.yaml");
    const enum surety_err err =
        surety_scenario_read(surety_registry_get(), "test.yaml", text, strlen(text), NULL, 0, &diags, &scenario);
    cr_assert_eq(err, SURETY_OK, "%s: %s", text, diags.n > 0 ? diags.list[diags.n - 1].message : "");
    cr_assert_eq(surety_plan_create(scenario, &diags, &plan), SURETY_OK);
    cr_assert_eq(surety_check_run(surety_registry_get(), scenario, plan, architecture, &checked), SURETY_OK);
    surety_plan_destroy(plan);
    surety_scenario_destroy(scenario);
    surety_diags_finish(&diags);
}

static size_t times(const char *id)
{
    size_t n = 0;
    for (size_t i = 0; i < checked->n_findings; i++)
        n += strcmp(checked->findings[i].rule->id, id) == 0;
    return n;
}

static const struct surety_finding *finding(const char *id)
{
    for (size_t i = 0; i < checked->n_findings; i++)
        if (strcmp(checked->findings[i].rule->id, id) == 0)
            return &checked->findings[i];
    return NULL;
}

Test(check, nothing_is_found_in_a_whole_contract)
{
    look((struct contract){0}, SIZE_MAX);
    cr_expect_eq(checked->n_findings, 0, "%s: %s", checked->findings[0].rule->id, checked->findings[0].what);
    surety_checked_destroy(checked);
}

// What provokes each rule, and what is just not enough to.
static const struct {
    const char *id;
    struct contract breaks, keeps;
} cases[] = {
    {"perfect-availability", {.tiers = "{top: {availability: 100%}}"}, {.tiers = "{top: {availability: 99.9999999%}}"}},
    {"every-call",
     {.tiers = "{top: {availability: 99.9%, latency: {calls: {metric: first_token, percentile: 100, target: 2s}}}}"},
     {.tiers = "{top: {availability: 99.9%, latency: {calls: {metric: first_token, percentile: 99.99, target: 2s}}}}"}},
    {"latency-worldwide",
     {.tiers = "{top: {availability: 99.9%, latency: {calls: {metric: first_token, percentile: 99, target: 99ms}}}}"},
     {.tiers = "{top: {availability: 99.9%, latency: {calls: {metric: first_token, percentile: 99, target: 100ms}}}}"}},
    {"latency-nearby",
     {.tiers = "{top: {availability: 99.9%, latency: {calls: {metric: first_token, percentile: 98, target: 99ms}}}}"},
     {.tiers = "{top: {availability: 99.9%, latency: {calls: {metric: first_token, percentile: 99, target: 99ms}}}}"}},
    {"certain-signing",
     {.credits = CREDITS "\n  sign_when: {every_month_met: 100%}"},
     {.credits = CREDITS "\n  sign_when: {every_month_met: 99.9%}"}},
    {"metric-unsaid", {.availability = "{measure: time}"}, {.availability = "{measure: time, down_at: 5%}"}},
    {"metric-unsaid",
     {.availability = "{measure: minutes, minimum_outage: 1m}"},
     {.availability = "{measure: minutes, minimum_outage: 1m, down_at: 5%}"}},
    {"measurement-unsaid",
     {.availability = "{measure: intervals}"},
     {.availability = "{measure: intervals, cell: 5m}"}},
    {"measurement-unsaid",
     {.availability = "{measure: probes, interval: 1m, sites: 3, quorum: 2}"},
     {.availability = "{measure: probes, interval: 1m, sites: 3, quorum: 2, failures: 3}"}},
    {"latency-measurement-unsaid",
     {.tiers = "{top: {availability: 99.9%, latency: {calls: {metric: first_token, percentile: 95, target: 300ms}}}}"},
     {.tiers = "{top: {availability: 99.9%, latency: {calls: {metric: first_token, percentile: 95, target: 300ms, "
               "probes: 720, failed_as: infinite}}}}"}},
    {"maintenance-unsaid",
     {.providers = "  a: {outages: none, maintenance: {window: \"Sun 02:00\", lasts: 30m, every: 4w}}\n  b: {outages: "
                   "none}\n"},
     {.providers = "  a: {outages: none, maintenance: {window: \"Sun 02:00\", lasts: 30m, every: 4w}}\n  b: {outages: "
                   "none}\n",
      .availability = "{measure: requests, maintenance: up}"}},
    {"remedy-unsaid", {.credits = "priced_when: {credits_p95_at_most: 10%}"}, {.credits = CREDITS}},
    {"remedy-partial",
     {.credits = "credits: {ladder: [{below: 99%, credit: 10%}]}"},
     {.credits = "credits: {ladder: [{below: 99.9%, credit: 10%}]}"}},
    {"latency-out-of-reach",
     {.tiers = "{top: {availability: 99.9%, latency: {calls: {metric: first_token, percentile: 95, target: 149ms}}}}"},
     {.tiers = "{top: {availability: 99.9%, latency: {calls: {metric: first_token, percentile: 95, target: 151ms}}}}"}},
    {"one-cloud",
     {.architectures = "{alone: a, chain: {series: [a, b]}}", .tiers = "{top: {availability: 99.96%}}"},
     {.architectures = "{alone: a, both: {parallel: [a, b]}}", .tiers = "{top: {availability: 99.96%}}"}},
    {"one-cloud",
     {.architectures = "{alone: a}", .tiers = "{top: {availability: 99.96%}}"},
     {.architectures = "{alone: a}", .tiers = "{top: {availability: 99.95%}}"}},
    {"too-low-for-voice", {.tiers = "{low: {availability: 99.4%}}"}, {.tiers = "{low: {availability: 99.5%}}"}},
    {"too-low-for-voice",
     {.tiers = "{low: {availability: 99.4%}}"},
     {.kind = "chat", .tiers = "{low: {availability: 99.4%}}"}},
    {"above-provider-sla",
     {.providers =
          "  a: {outages: none, sla: {availability: 99.8%}}\n  b: {outages: none, sla: {availability: 99.9%}}\n",
      .architectures = "{chain: {series: [a, b]}}"},
     {.providers =
          "  a: {outages: none, sla: {availability: 99.9%}}\n  b: {outages: none, sla: {availability: 99.9%}}\n",
      .architectures = "{chain: {series: [a, b]}}"}},
    {"above-provider-sla", // what the vendor publishes
     {.providers = "  a: {use: openai-api}\n", .architectures = "{alone: a}", .tiers = "{x: {availability: 99.95%}}"},
     {.providers = "  a: {use: openai-api}\n", .architectures = "{alone: a}", .tiers = "{x: {availability: 99.9%}}"}},
    {"above-provider-sla", // two routes
     {.providers = "  a: {use: openai-api}\n  b: {use: anthropic-api}\n", .architectures = "{chain: {series: [a, b]}}"},
     {.providers = "  a: {use: openai-api}\n  b: {use: anthropic-api}\n"}},
    {"out-of-reach", // 2 x 8760 h / year: down 20 min of 4380 h is 7.61e-5
     {.architectures = "{alone: a}", .tiers = "{x: {availability: 99.993%}}"},
     {.architectures = "{alone: a}", .tiers = "{x: {availability: 99.992%}}"}},
    {"no-buffer",
     {.architectures = "{alone: a}", .tiers = "{x: {availability: 99.985%}}"},
     {.architectures = "{alone: a}", .tiers = "{x: {availability: 99.984%}}"}},
    {"slow-probes", // 99.99 % of 730 h: 263 s
     {.availability = "{measure: probes, interval: 90s, failures: 3, sites: 1, quorum: 1}",
      .tiers = "{x: {availability: 99.99%}}"},
     {.availability = "{measure: probes, interval: 80s, failures: 3, sites: 1, quorum: 1}",
      .tiers = "{x: {availability: 99.99%}}"}},
    {"slow-detection",
     {.architectures = "{both: {failover: {order: [a, b], detect: 250s, switch: 15s}}}",
      .tiers = "{x: {availability: 99.99%}}"},
     {.architectures = "{both: {failover: {order: [a, b], detect: 240s, switch: 15s}}}",
      .tiers = "{x: {availability: 99.99%}}"}},
    {"few-probes",
     {.tiers = "{x: {availability: 99.9%, latency: {calls: {metric: first_token, percentile: 95, target: 1s, probes: "
               "99}}}}"},
     {.tiers = "{x: {availability: 99.9%, latency: {calls: {metric: first_token, percentile: 95, target: 1s, probes: "
               "100}}}}"}},
    {"perfect-quality", SUITE("golden", "100%", "judge: {}"), SUITE("golden", "99.99%", "judge: {}")},
    {"perfect-quality",
     {.providers = QUALITY("reports"),
      .credits = CREDITS "\n  quality: {suites: {reports: {kind: issues, reported: 20%, false_reports: 0.1%}}}",
      .tiers = "{x: {availability: 99.9%, quality: {reports: {issue_rate: 0%}}}}"},
     SUITE("Bias-golden", "100%", "judge: {}")},
    {"zero-hallucination", SUITE("noHallucination", "100%", "judge: {}"), SUITE("noHallucination", "99%", "judge: {}")},
    {"freedom-from-bias", SUITE("Bias-golden", "100%", "judge: {}"), SUITE("golden", "100%", "judge: {}")},
    {"judge-unsaid", SUITE("golden", "95%", "adjusted: no"), SUITE("golden", "95%", "judge: {}")},
    {"quality-out-of-reach", SUITE("golden", "96.6%", "judge: {}"), SUITE("golden", "96.5%", "judge: {}")},
    {"suite-too-small", // 800 a month against the 480 of the binomial law
     {.providers = QUALITY("golden"),
      .credits = CREDITS "\n  quality: {suites: {golden: {cases: 100, every: 1w, judge: {}}}}",
      .tiers = "{x: {availability: 99.9%, quality: {golden: 95%}}}"},
     SUITE("golden", "95%", "judge: {}")},
    {"model-retires",
     {.providers = "  a: {outages: none, retires: 2027-12-31}\n  b: {outages: none}\n"},
     {.providers = "  a: {outages: none, retires: 2028-01-01}\n  b: {outages: none}\n"}},
    {"model-retires", // nobody uses it
     {.providers = "  a: {outages: none, retires: 2027-12-31}\n  b: {outages: none}\n"},
     {.providers = "  a: {outages: none}\n  b: {outages: none}\n  c: {outages: none, retires: 2027-12-31}\n"}},
};

Test(check, each_rule_finds_what_it_is_for)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        look(cases[i].breaks, SIZE_MAX);
        cr_expect_geq(times(cases[i].id), 1, "case %zu: %s was not found in\n%s", i, cases[i].id, text);
        for (size_t k = 0; k < checked->n_findings; k++)
            cr_expect(checked->findings[k].place.line > 0, "%s has no place", checked->findings[k].rule->id);
        surety_checked_destroy(checked);
        look(cases[i].keeps, SIZE_MAX);
        cr_expect_eq(times(cases[i].id), 0, "case %zu: %s was found in\n%s", i, cases[i].id, text);
        surety_checked_destroy(checked);
    }
}

// A style says its keys; what is missing is pointed at where it is missing.
Test(check, places_and_styles)
{
    static const char styled[] = "surety: 1\nworkloads: {calls: {kind: chat, demand: 1/s}}\nproviders: {a: {outages: "
                                 "none}}\narchitectures: {alone: a}\ncontract:\n  style: aws\n  fee: 1 USD/month\n";
    struct surety_diags diags;
    struct surety_scenario *scenario = NULL;
    struct surety_plan *plan = NULL;
    const struct surety_override set = {"contract.tiers", "{x: {availability: 100%}}"};
    surety_diags_init(&diags, "test.yaml");
    cr_assert_eq(
        surety_scenario_read(surety_registry_get(), "test.yaml", styled, strlen(styled), &set, 1, &diags, &scenario),
        SURETY_OK);
    cr_assert_eq(surety_plan_create(scenario, &diags, &plan), SURETY_OK);
    cr_assert_eq(surety_check_run(surety_registry_get(), scenario, plan, SIZE_MAX, &checked), SURETY_OK);
    cr_expect_eq(times("measurement-unsaid"), 0);
    cr_expect_eq(times("remedy-unsaid"), 0);
    cr_assert_eq(times("window-unsaid"), 1);
    cr_expect_eq(finding("window-unsaid")->place.line, 5);
    cr_expect_str_eq(finding("window-unsaid")->path, "contract.window");
    cr_assert_eq(times("perfect-availability"), 1);
    cr_expect_eq(finding("perfect-availability")->place.line, 0, "from --set");
    cr_expect_eq(finding("perfect-availability")->place.column, 1);
    surety_checked_destroy(checked);
    surety_plan_destroy(plan);
    surety_scenario_destroy(scenario);
    surety_diags_finish(&diags);
}

Test(check, one_architecture_of_several)
{
    const struct contract c = {.architectures = "{alone: a, both: {parallel: [a, b]}}",
                               .tiers = "{top: {availability: 99.96%}}"};
    look(c, SIZE_MAX);
    cr_expect_eq(times("one-cloud"), 0);
    cr_expect_eq(checked->n_bounds, 2);
    surety_checked_destroy(checked);
    look(c, 0);
    cr_expect_eq(times("one-cloud"), 1);
    cr_expect_eq(checked->n_bounds, 1);
    surety_checked_destroy(checked);
    look(c, 1);
    cr_expect_eq(times("one-cloud"), 0);
    cr_expect_str_eq(checked->bounds[0].architecture, "both");
    surety_checked_destroy(checked);
}

// Each row is complete, no id twice, and none is the id of a message.
Test(check, rules_are_whole)
{
    for (const struct surety_check_rule *rule = surety_check_rules; rule->id != NULL; rule++) {
        cr_expect_eq(surety_check_find(rule->id), rule, "%s stands twice", rule->id);
        cr_expect_null(surety_diag_find(rule->id), "%s", rule->id);
        cr_expect(strlen(rule->why) > 20 && strlen(rule->fix) > 10 && strlen(rule->clause) > 2, "%s", rule->id);
    }
    cr_expect_null(surety_check_find("no-such-rule"));
    cr_expect_null(surety_published_sla("no-such-entry"));
}

// --- bounds ----------------------------------------------------------------------------------------------------

static const char bounded[] = "  a: {outages: {all: {time_to_failure: 99h, time_to_repair: 1h}}}\n"
                              "  b: {outages: {all: {time_to_failure: 49h, time_to_repair: 1h, failing: 50%}}}\n"
                              "  c: {outages: {all: {time_to_failure: 19h, time_to_repair: 1h, hits: 40%}}}\n";

static const struct {
    const char *architecture;
    double by_time, by_requests;
} closed[] = {
    // p = 0.01, 0.02 (half fails), 0.05 x 0.4 = 0.02
    {"a", 0.99, 0.99},
    {"b", 0.98, 0.99},
    {"c", 0.98, 0.98},
    {"{series: [a, c]}", 0.99 * 0.98, 0.99 * 0.98},
    {"{parallel: [a, c]}", 1 - 0.01 * 0.02, 1 - 0.01 * 0.02},
    {"{parallel: [a, b]}", 1 - 0.01 * 0.02, 1 - 0.01 * 0.02 * 0.5},
    {"{fallback: {order: [a, b], retries: 1}}", 1 - 0.01 * 0.02, 1 - 0.01 * 0.02 * 0.25},
    {"{failover: {order: [a, c], detect: 60s}}", 1 - 0.01 * 0.02, 1 - 0.01 * 0.02},
    {"{balance: {shares: {a: 70%, c: 30%}, detect: 30s}}", 1 - 0.01 * 0.02, 1 - 0.01 * 0.02},
    {"{k_of_n: {k: 2, of: [a, c, a]}}", 0.99, 0.99}, // the same provider twice is one provider
    {"{series: [a, {parallel: [c, a]}]}", 0.99, 0.99},
    {"{cache: {hit: 12%, of: a}}", 0.99, 1 - 0.88 * 0.01},
    {"{degrade: {normal: a, to: c, counts_as: up}}", 1 - 0.01 * 0.02, 1 - 0.01 * 0.02},
};

Test(check, bounds_are_closed_forms)
{
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++) {
        char architectures[200];
        snprintf(architectures, sizeof architectures, "{x: %s}", closed[i].architecture);
        look((struct contract){.providers = bounded, .architectures = architectures}, SIZE_MAX);
        cr_expect_float_eq(checked->bounds[0].by_time, closed[i].by_time, 1e-9, "%s: %.12f", closed[i].architecture,
                           checked->bounds[0].by_time);
        cr_expect_float_eq(checked->bounds[0].by_requests, closed[i].by_requests, 1e-9, "%s: %.12f",
                           closed[i].architecture, checked->bounds[0].by_requests);
        cr_expect(checked->bounds[0].is_strict);
        surety_checked_destroy(checked);
    }
}

// Two providers that share a cause which hits each with 50 %: P(both down) = 0.01 x 0.25, and each alone 0.01 x 0.25.
Test(check, bounds_with_a_common_cause)
{
    look((struct contract){.providers = "  a: {outages: none}\n  b: {outages: none}\ncommon_causes: {region: {members: "
                                        "[a, b], time_to_failure: 99h, time_to_repair: 1h, hits: 50%}}\n",
                           .architectures = "{both: {parallel: [a, b]}, chain: {series: [a, b]}}",
                           .tiers = "{x: {availability: 99.96%}}"},
         SIZE_MAX);
    cr_expect_float_eq(checked->bounds[0].by_time, 1 - 0.01 * 0.25, 1e-9);
    cr_expect_float_eq(checked->bounds[1].by_time, 1 - 0.01 * 0.75, 1e-9);
    cr_expect_str_eq(checked->bounds[0].common, "region");
    cr_expect_eq(times("one-cloud"), 1);
    surety_checked_destroy(checked);
}
