// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/scenario/scenario.h"

#include "models/combine.h"
#include "models/fallback.h"
#include "models/demand.h"
#include "models/failover.h"
#include "models/measurement.h"
#include "models/registry.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct surety_diags diags;
static struct surety_scenario *scenario;
static bool provoked[SURETY_N_DIAG];

static enum surety_err read_with(const char *text, const struct surety_override *overrides, size_t n)
{
    surety_diags_init(&diags, "test.yaml");
    scenario = NULL;
    enum surety_err err = surety_scenario_read(surety_registry_get(), "dir/test.yaml", text, strlen(text), overrides, n,
                                               &diags, &scenario);
    cr_assert((err == SURETY_OK) == (scenario != NULL));
    cr_assert((err == SURETY_OK) == (diags.n_errors == 0));
    for (size_t i = 0; i < diags.n; i++)
        provoked[diags.list[i].id] = true;
    return err;
}

static void done(void)
{
    surety_scenario_destroy(scenario);
    surety_diags_finish(&diags);
}

static bool has_message(enum surety_diag_id id, const char *path, const char *part)
{
    for (size_t i = 0; i < diags.n; i++) {
        const struct surety_diag *diag = &diags.list[i];
        if (diag->id == id && strcmp(diag->path, path) == 0 &&
            (strstr(diag->message, part) != NULL || (diag->hint != NULL && strstr(diag->hint, part) != NULL)))
            return true;
    }
    return false;
}

static bool used_default(const char *line)
{
    for (size_t i = 0; i < scenario->n_defaults_used; i++)
        if (strcmp(scenario->defaults_used[i], line) == 0)
            return true;
    return false;
}

static const char good[] = "surety: 1\n"
                           "workloads: {calls: {demand: 30/min}}\n"
                           "providers:\n"
                           "  a: {outages: {all: {incidents: 9/year, time_to_repair: 1h}}}\n"
                           "  b: {outages: none}\n"
                           "architectures: {alone: a, both: {failover: {order: [a, b], detect: 60s}}}\n"
                           "contract: {fee: 24k USD/month, availability: {measure: time}}\n";

// `good` with one override has exactly one error, and this is it.
static void expect_set(const char *path, const char *value, enum surety_diag_id id, const char *at, const char *part)
{
    const struct surety_override override = {.path = path, .value = value};
    cr_assert_eq(read_with(good, &override, 1), SURETY_E_INPUT, "accepted: %s=%s", path, value);
    cr_assert_eq(diags.n_errors, 1, "%zu errors: %s=%s", diags.n_errors, path, value);
    cr_assert(has_message(id, at, part), "%s=%s", path, value);
    done();
}

static void accept_set(const char *path, const char *value)
{
    const struct surety_override override = {.path = path, .value = value};
    cr_assert_eq(read_with(good, &override, 1), SURETY_OK, "refused: %s=%s", path, value);
}

Test(scenario, small_one_is_complete)
{
    cr_assert_eq(read_with(good, NULL, 0), SURETY_OK);
    cr_assert_str_eq(scenario->name, "test");
    cr_assert_str_eq(scenario->currency, "USD");
    cr_assert_eq(strlen(scenario->sha256), 64);
    cr_assert(scenario->term.start.year == 2027 && scenario->term.months == 12 &&
              scenario->term.initial_state == SURETY_START_STATIONARY);
    cr_assert_str_eq(scenario->term.timezone, "UTC");

    const struct surety_workload *calls = &scenario->workloads[0];
    cr_assert(calls->kind == -1 && calls->rate_per_s == 0.5 && calls->profile.flat && calls->growth == 0);
    cr_assert(calls->requests_per_task == 1 && calls->profile.weight[100] == 1);

    const struct surety_provider *a = &scenario->providers[0];
    const struct surety_outage *all = &a->outages[0];
    cr_assert(a->used && a->weekly_rhythm.flat && a->request_errors_ppb == 0 && !a->price.given && a->place.line == 4);
    cr_assert_str_eq(all->name, "all");
    cr_assert_float_eq(surety_law_mean(&all->time_to_failure), 31536000.0 / 9 - 3600, 1e-6);
    cr_assert(all->time_to_repair.kind == SURETY_LAW_EXPONENTIAL && all->failing_ppb == 1000000000 && all->p_hits == 1);
    cr_assert_eq(scenario->providers[1].n_outages, 0);

    const struct surety_node *leaf = scenario->architectures[0].root, *both = scenario->architectures[1].root;
    cr_assert(leaf->type == NULL && leaf->provider == 0 && both->n_children == 2);
    cr_assert_str_eq(both->type->name, "failover");
    cr_assert_str_eq(both->children[1]->path, "architectures.both.failover.order[1]");
    cr_assert_eq(both->children[1]->provider, 1);
    const struct surety_failover_params *params = both->params;
    cr_assert(params->detect_us == 60000000 && params->switch_us == 15000000 && params->failback_us == 600000000);
    cr_assert(params->retry_us == 60000000 && params->trip_ppb == 50000000 && params->p_success == 0.98);

    const struct surety_contract *contract = &scenario->contract;
    cr_assert(contract->fee_per_month == 24000 && contract->window_s == 0 && contract->measure == SURETY_METER_TIME);
    cr_assert(contract->sign_when.every_month_met == 0.95 && isnan(contract->sign_when.month_met));
    cr_assert(contract->n_tiers == 3 && contract->tiers[1].availability_ppb == 999000000 &&
              contract->tiers[2].fee_per_month == 24000);
    cr_assert(contract->down_at_ppb == 50000000 && contract->minimum_outage_s == 0 && !contract->expected_counts);

    static const char *const defaults[] = {"name: test",
                                           "term.start: 2027-01-01",
                                           "term.months: 12",
                                           "workloads.calls.demand.profile: flat",
                                           "workloads.calls.requests_per_task: 1",
                                           "providers.a.outages.all.failing: 100%",
                                           "providers.a.price: 0",
                                           "architectures.both.failover.switch: 15s",
                                           "architectures.both.failover.trip: down_at",
                                           "contract.availability.down_at: 5%",
                                           "contract.sign_when: {every_month_met: 95%}",
                                           "currency: USD"};
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
        cr_assert(used_default(defaults[i]), "%s", defaults[i]);
    done();
}

Test(scenario, sha256_is_of_the_file)
{
    const struct surety_override override = {.path = "term.months", .value = "6"};
    char first[65];
    cr_assert_eq(read_with(good, NULL, 0), SURETY_OK);
    memcpy(first, scenario->sha256, 65);
    done();
    cr_assert_eq(read_with(good, &override, 1), SURETY_OK);
    cr_assert_str_eq(scenario->sha256, first);
    cr_assert_eq(scenario->term.months, 6);
    done();
}

Test(scenario, overrides_change_and_add)
{
    const struct surety_override overrides[] = {{"architectures.both.failover.detect", "5m"},
                                                {"architectures.both.failover.failback", "never"},
                                                {"architectures.new", "{k_of_n: {k: 1, of: [a, b]}}"},
                                                {"contract.tiers.only.availability", "99.9%"},
                                                {"architectures.both.failover.order[0]", "{series: [a, b]}"}};
    cr_assert_eq(read_with(good, overrides, 5), SURETY_OK);
    const struct surety_failover_params *params = scenario->architectures[1].root->params;
    cr_assert(params->detect_us == 300000000 && params->failback_us == SURETY_NEVER && params->retry_us == 300000000);
    const struct surety_k_of_n_params *k_of_n = scenario->architectures[2].root->params;
    cr_assert(scenario->n_architectures == 3 && k_of_n->k == 1 && scenario->contract.n_tiers == 1);
    cr_assert_str_eq(scenario->architectures[1].root->children[0]->children[1]->path,
                     "architectures.both.failover.order[0].series[1]");
    done();
}

Test(scenario, presets_of_kinds)
{
    for (size_t i = 0; i < surety_n_workload_kinds; i++) {
        accept_set("workloads.calls.kind", surety_workload_kinds[i].name);
        const struct surety_workload *calls = &scenario->workloads[0];
        cr_assert_eq(calls->kind, (int)i); // the words are in the order of the table
        cr_assert(surety_law_mean(&calls->input_tokens) > 100 && surety_law_mean(&calls->output_tokens) > 100);
        cr_assert(calls->requests_per_task >= 1 && calls->share_cached_input == 0);
        char line[200];
        snprintf(line, sizeof line, "workloads.calls.tokens.input: %s", surety_workload_kinds[i].input_tokens);
        cr_assert(used_default(line));
        done();
    }
}

Test(scenario, profiles_have_mean_one)
{
    static const char *const profiles[] = {"flat", "business-hours", "working-hours", "consumer"};
    for (size_t i = 0; i < 4; i++) {
        accept_set("providers.a.weekly_rhythm", profiles[i]);
        const struct surety_profile *profile = &scenario->providers[0].weekly_rhythm;
        double sum = 0;
        for (int h = 0; h < SURETY_HOURS_A_WEEK; h++)
            sum += profile->weight[h];
        cr_assert_float_eq(sum, 168, 1e-9);
        cr_assert_eq(profile->flat, i == 0);
        done();
    }
    accept_set("workloads.calls.demand", "{rate: 1/s, profile: business-hours}");
    const double *weight = scenario->workloads[0].profile.weight;
    cr_assert_float_eq(weight[8] / weight[7], 5, 1e-12);       // Monday 08:00
    cr_assert_float_eq(weight[17] / weight[18], 5, 1e-12);     // the hour before 18:00
    cr_assert_float_eq(weight[5 * 24 + 10], weight[0], 1e-12); // Saturday
    done();
    char hours[1000] = "{hours: [2";
    for (int h = 1; h < 168; h++)
        strcat(hours, ",0");
    strcat(hours, "]}");
    accept_set("providers.a.weekly_rhythm", hours);
    cr_assert_eq(scenario->providers[0].weekly_rhythm.weight[0], 168);
    done();
    hours[9] = '0';
    expect_set("providers.a.weekly_rhythm", hours, SURETY_D_RANGE, "providers.a.weekly_rhythm.hours", "all 168");
    hours[9] = 'x';
    expect_set("providers.a.weekly_rhythm", hours, SURETY_D_VALUE, "providers.a.weekly_rhythm.hours[0]", "weight");
    expect_set("providers.a.weekly_rhythm", "{hours: [1]}", SURETY_D_RANGE, "providers.a.weekly_rhythm.hours", "168");
    expect_set("providers.a.weekly_rhythm", "office", SURETY_D_CHOICE, "providers.a.weekly_rhythm", "business-hours");
    expect_set("providers.a.weekly_rhythm", "[1]", SURETY_D_TYPE, "providers.a.weekly_rhythm", "a list");
}

Test(scenario, incidents)
{
    accept_set("providers.a.outages.all.incidents", "{rate: 9/year, shape: 0.7}");
    const struct surety_law *up = &scenario->providers[0].outages[0].time_to_failure;
    cr_assert(up->kind == SURETY_LAW_WEIBULL && up->a == 0.7);
    cr_assert_float_eq(surety_law_mean(up), 31536000.0 / 9 - 3600, 1e-3);
    done();
    accept_set("providers.a.outages.all",
               "{time_to_failure: 30d, time_to_repair: {fixed: 2h}, failing: 30%, hits: 50%}");
    const struct surety_outage *all = &scenario->providers[0].outages[0];
    cr_assert(all->failing_ppb == 300000000 && all->p_hits == 0.5 &&
              all->time_to_failure.kind == SURETY_LAW_EXPONENTIAL);
    done();
    const char *at = "providers.a.outages.all.incidents";
    expect_set("providers.a.outages.all.time_to_failure", "30d", SURETY_D_CONFLICT, at, "exclude each other");
    expect_set("providers.a.outages.all.time_to_repair", "60d", SURETY_D_CONFLICT, at, "no up time");
    expect_set("providers.a.outages.all", "{time_to_repair: 1h}", SURETY_D_MISSING_KEY,
               "providers.a.outages.all.time_to_failure", "incidents: 9/year");
    expect_set(at, "{observed: {count: 3, over: 30d}}", SURETY_D_MISSING_KEY,
               "providers.a.outages.all.incidents.rate.observed.until", "missing");
    expect_set(at, "0/year", SURETY_D_RANGE, "providers.a.outages.all.incidents.rate", "more than 0");
    expect_set("providers.a.outages.all.time_to_repair", "0s", SURETY_D_LAW, "providers.a.outages.all.time_to_repair",
               "");
    expect_set("providers.a.outages.all.fails", "slowly", SURETY_D_CHOICE, "providers.a.outages.all.fails", "hang");
    expect_set("providers.a.outages.all.quality", "-2%", SURETY_D_VALUE, "providers.a.outages.all.quality", "-2pp");
    expect_set("providers.a.outages.all.quality", "-101pp", SURETY_D_VALUE, "providers.a.outages.all.quality", "100pp");
    expect_set("providers.a.outages.all.failing", "0%", SURETY_D_RANGE, "providers.a.outages.all.failing", "above 0%");
}

Test(scenario, routes)
{
    expect_set("architectures.x", "c", SURETY_D_REFERENCE, "architectures.x", "allowed: a, b");
    expect_set("architectures.x", "{failver: {order: [a, b], detect: 1s}}", SURETY_D_UNKNOWN_KEY,
               "architectures.x.failver", "'failover'?");
    expect_set("architectures.x", "{hedge: {order: [a, b]}}", SURETY_D_MISSING_KEY, "architectures.x.hedge.after",
               "400ms");
    expect_set("architectures.x", "{series: [a], parallel: [b]}", SURETY_D_TYPE, "architectures.x", "exactly one type");
    expect_set("architectures.x", "[a]", SURETY_D_TYPE, "architectures.x", "no route");
    expect_set("architectures.x", "{series: []}", SURETY_D_RANGE, "architectures.x.series", "at least 1 route");
    expect_set("architectures.x", "{series: a}", SURETY_D_TYPE, "architectures.x.series", "a list");
    expect_set("architectures.x", "{failover: [a, b]}", SURETY_D_TYPE, "architectures.x.failover", "detect: 60s");
    expect_set("architectures.x", "{failover: {order: [a], detect: 1s}}", SURETY_D_RANGE,
               "architectures.x.failover.order", "at least 2 routes");
    expect_set("architectures.x", "{failover: {order: [a, a], detect: 1s}}", SURETY_D_CONFLICT,
               "architectures.x.failover.order[1]", "stands twice");
    expect_set("architectures.x", "{failover: {order: [a, b]}}", SURETY_D_MISSING_KEY,
               "architectures.x.failover.detect", "detect: 60s");
    expect_set("architectures.x", "{k_of_n: {k: 3, of: [a, b]}}", SURETY_D_CONFLICT, "architectures.x.k_of_n.k", "");
    expect_set("architectures.x", "{fallback: {order: [a, b], timeout: 8s}}", SURETY_D_MISSING_KEY, "architectures.x",
               "latency");
    expect_set("architectures.both.failover.retry_switch", "0s", SURETY_D_CONFLICT,
               "architectures.both.failover.retry_switch", "");
    expect_set("architectures", "{}", SURETY_D_TYPE, "architectures", "empty");
    expect_set("architectures", "{1x: a}", SURETY_D_NAME, "architectures.1x", "a letter");
    expect_set("architectures.both.failover.trip", "0%", SURETY_D_RANGE, "architectures.both.failover.trip",
               "above 0%");
    accept_set("architectures.both.failover",
               "{order: [b, a], detect: 0s, retry_switch: 0s, success: 100%, trip: 50%}");
    const struct surety_failover_params *params = scenario->architectures[1].root->params;
    cr_assert(params->retry_us == 0 && params->trip_ppb == 500000000);
    done();
    accept_set("architectures.x", "{fallback: {order: [a, {parallel: [a, b]}], retries: 2}}");
    const struct surety_fallback_params *fallback = scenario->architectures[2].root->params;
    cr_assert_eq(fallback->retries, 2);
    done();
}

Test(scenario, routes_are_limited)
{
    char text[400] = "a";
    for (int i = 0; i < 15; i++) {
        char inner[400];
        strcpy(inner, text);
        snprintf(text, sizeof text, "{series: [%.380s]}", inner);
    }
    accept_set("architectures.x", text); // 16 levels
    done();
    char deeper[450];
    snprintf(deeper, sizeof deeper, "{series: [%s]}", text);
    const struct surety_override override = {.path = "architectures.x", .value = deeper};
    cr_assert_eq(read_with(good, &override, 1), SURETY_E_INPUT);
    bool found = false;
    for (size_t i = 0; i < diags.n; i++)
        found = found || (diags.list[i].id == SURETY_D_TOO_LARGE && strstr(diags.list[i].message, "16 levels") != NULL);
    cr_assert(found && diags.n_errors == 1);
    done();
    char *wide = malloc(20000);
    strcpy(wide, "{series: [a");
    for (int i = 0; i < 5000; i++)
        memcpy(wide + 11 + 3 * i, ", a", 3);
    strcpy(wide + 11 + 15000, "]}");
    expect_set("architectures.x", wide, SURETY_D_TOO_LARGE, "architectures.x.series", "4096");
    free(wide);
}

Test(scenario, contract)
{
    expect_set("contract.availability", "{down_at: 5%}", SURETY_D_MISSING_KEY, "contract.availability.measure",
               "measure: time");
    expect_set("contract.availability", "{measure: uptime}", SURETY_D_CHOICE, "contract.availability.measure",
               "requests");
    expect_set("contract.availability", "{measure: time, counts: expected}", SURETY_D_CONFLICT,
               "contract.availability.counts", "measure: requests");
    expect_set("contract.availability", "{measure: requests, minimum_outage: 5m}", SURETY_D_CONFLICT,
               "contract.availability.minimum_outage", "measure: time");
    expect_set("contract.availability", "{measure: time, maintenance: exclude}", SURETY_D_CHOICE,
               "contract.availability.maintenance", "did you mean 'excluded'?");
    expect_set("contract.availability", "99.9%", SURETY_D_TYPE, "contract.availability", "measure");
    expect_set("contract.style", "amazon", SURETY_D_CHOICE, "contract.style", "aws, google, azure, probes");
    expect_set("contract.tiers", "{a: {availability: 99.9%}, b: {availability: 99%}}", SURETY_D_CONFLICT,
               "contract.tiers.b", "lowest tier first");
    expect_set("contract.tiers", "{a: {fee: 1 USD/month}}", SURETY_D_MISSING_KEY, "contract.tiers.a.availability",
               "99.9%");
    expect_set("contract.tiers.a", "{availability: 99.9%, latency: 1s}", SURETY_D_TYPE, "contract.tiers.a.latency",
               "map");
    expect_set("contract.tiers.a", "{availability: 99.9%, quality: {golden: {pass_rate: 95%}}}", SURETY_D_MISSING_KEY,
               "contract.tiers.a.quality.golden", "how it is measured");
    expect_set("contract.sign_when", "{}", SURETY_D_MISSING_KEY, "contract.sign_when", "every_month_met");
    expect_set("contract.fee", "30000", SURETY_D_VALUE, "contract.fee", "30000 USD/month");
    expect_set("contract.tiers", "{a: {availability: 99%, fee: 1 EUR/month}}", SURETY_D_CURRENCY,
               "contract.tiers.a.fee", "USD");
    expect_set("contract.window", "1s", SURETY_D_RANGE, "contract.window", "1h to 3650d");
    accept_set("contract.availability", "{measure: requests, counts: expected, maintenance: down}");
    cr_assert(scenario->contract.measure == SURETY_METER_REQUESTS && scenario->contract.expected_counts);
    done();
    accept_set("contract.window", "30d");
    cr_assert_eq(scenario->contract.window_s, 2592000);
    done();
    accept_set("contract.sign_when", "{month_met: 99%}");
    cr_assert(isnan(scenario->contract.sign_when.every_month_met) && scenario->contract.sign_when.month_met == 0.99);
    done();
    accept_set("contract.tiers", "{a: {availability: 99%, fee: 1k USD/month}, b: {availability: 99%}}");
    cr_assert(scenario->contract.tiers[0].fee_per_month == 1000 && scenario->contract.tiers[1].fee_per_month == 24000);
    done();
}

Test(scenario, prices)
{
    const struct surety_override overrides[] = {{"providers.a.price", "{input: 1.25 USD/Mtok, output: 10 USD/Mtok}"},
                                                {"workloads.calls.kind", "voice"}};
    cr_assert_eq(read_with(good, overrides, 2), SURETY_OK);
    const struct surety_price *price = &scenario->providers[0].price;
    cr_assert(price->given && price->input_per_token == 1.25 / 1e6 && price->output_per_token == 10 / 1e6);
    cr_assert(price->cached_input_per_token == price->input_per_token && price->per_request == 0);
    cr_assert(used_default("providers.a.price.cached_input: 1.25 USD/Mtok"));
    done();
    // Time that nobody tells would be free.
    expect_set("providers.a.price", "{per_minute: 0.006 USD/min}", SURETY_D_MISSING_KEY, "workloads.calls.task_time",
               "how long a task takes is missing");
    // A workload of unknown size would be free.
    cr_assert_eq(read_with(good, overrides, 1), SURETY_E_INPUT);
    cr_assert(has_message(SURETY_D_MISSING_KEY, "workloads.calls.tokens.input", "kind: voice"));
    cr_assert(has_message(SURETY_D_MISSING_KEY, "workloads.calls.tokens.output", "kind: voice"));
    done();
    const struct surety_override half[] = {{"providers.a.price", "{input: 1.25 USD/Mtok}"},
                                           {"workloads.calls.kind", "voice"}};
    cr_assert_eq(read_with(good, half, 2), SURETY_OK);
    cr_assert(has_message(SURETY_D_WARN_PRICE, "providers.a.price", "output tokens have no price"));
    done();
    expect_set("providers.a.price", "{}", SURETY_D_MISSING_KEY, "providers.a.price", "empty");
}

Test(scenario, the_rest)
{
    expect_set("surety", "2", SURETY_D_RANGE, "surety", "allowed: 1");
    accept_set("term.timezone", "Europe/Berlin");
    done();
    expect_set("term.timezone", "Europe/Berlim", SURETY_D_CHOICE, "term.timezone", "Europe/Berlin");
    expect_set("term.months", "0", SURETY_D_RANGE, "term.months", "1 to 1200");
    expect_set("currency", "dollars", SURETY_D_VALUE, "currency", "three capital letters");
    expect_set("currency", "EUR", SURETY_D_CURRENCY, "contract.fee", "EUR");
    expect_set("providers.a.use", "opnai-api", SURETY_D_REFERENCE, "providers.a.use", "did you mean 'openai-api'?");
    expect_set("providers.c", "{}", SURETY_D_MISSING_KEY, "providers.c.outages", "never fails");
    expect_set("common_causes.region", "{members: [a, z], time_to_failure: 90d, time_to_repair: 1h}",
               SURETY_D_REFERENCE, "common_causes.region.members[1]", "provider of this scenario");
    expect_set("common_causes.region", "{members: [a], time_to_repair: 1h}", SURETY_D_MISSING_KEY,
               "common_causes.region.time_to_failure", "incidents: 9/year");
    expect_set("providers.a.maintenance", "{window: \"Son 02:00\", lasts: 30m}", SURETY_D_VALUE,
               "providers.a.maintenance.window", "Sun");
    expect_set("contracts", "{retail: {fee: 1 USD/month, availability: {measure: time}}}", SURETY_D_CONFLICT,
               "contracts", "move `contract` into the map");
    expect_set("workloads.calls.demand", "0/min", SURETY_D_RANGE, "workloads.calls.demand.rate", "more than 0");
    expect_set("workloads.calls.demand.growth", "1%/month", SURETY_D_SET, "", "no map"); // demand is 30/min
    expect_set("workloads.calls.requests_per_task", "0.5", SURETY_D_RANGE, "workloads.calls.requests_per_task", "1 to");
    expect_set("term.initial_state", "stationery", SURETY_D_CHOICE, "term.initial_state", "'stationary'?");
    accept_set("providers.a.note", "list price");
    cr_assert_str_eq(scenario->assumptions[0], "a: list price");
    done();
    accept_set("providers.c", "{outages: none}");
    cr_assert(has_message(SURETY_D_WARN_UNUSED, "providers.c", "no architecture"));
    cr_assert_not(scenario->providers[2].used);
    done();
}

// Each diagnostic that a scenario can have, in one process; usage, memory and tool are in test_diag.c.
Test(scenario, every_diagnostic_is_provoked)
{
    static const char *const texts[] = {
        "a: [1",
        "a: &x 1",
        "a: 1\na: 2",
        "surety: 1\nfoo: 1",
        "surety: 2\nterm: [1]\ncurrency: x\nworkloads: {1: {kind: x}}\nproviders: {p: {use: x, price: {per_minute: "
        "1 USD/min}}}\narchitectures: {a: q}",
        "surety: 1\nproviders: {p: {outages: {a: {incidents: 1/year, time_to_failure: 1d, time_to_repair: {lognormal: "
        "{median: 2h, p95: 1h}}}}, price: {input: 1 USD/Mtok, output: 1 EUR/Mtok}}, q: {outages: {a: {time_to_failure: "
        "9d, time_to_repair: {pareto: {shape: 1.5, scale: 1m}}}, b: {incidents: 9/year, time_to_repair: {empirical: "
        "{file: "
        "none.csv, column: x}}}}}}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cr_assert_eq(read_with(texts[i], NULL, 0), SURETY_E_INPUT);
        done();
    }
    expect_set("term.months", "{between: [3, 4]}", SURETY_D_UNCERTAIN, "term.months", "whole number");
    expect_set("a..b", "1", SURETY_D_SET, "", "joined by dots");
    cr_assert_eq(read_with("surety: 1\nworkloads: {calls: {demand: 30/min}}\n"
                           "providers: {a: {outages: none, price: {per_request: 1 USD/request}, price_changes: [{rate: "
                           "1/year, factor: 2x}]}}\narchitectures: {alone: a}\n"
                           "contract: {availability: {measure: time}, tiers: {t: {availability: 99%, cost: "
                           "{per_request: 1 USD/request, percentile: 95}}}}\n",
                           NULL, 0),
                 SURETY_E_INPUT);
    cr_assert(has_message(SURETY_D_UNSUPPORTED, "contract.tiers.t.cost", "not supported yet"));
    done();
    accept_set("providers.c", "{outages: none}");
    done();
    char *wide = malloc(20000);
    strcpy(wide, "{series: [a");
    for (int i = 0; i < 5000; i++)
        memcpy(wide + 11 + 3 * i, ", a", 3);
    strcpy(wide + 11 + 15000, "]}");
    expect_set("architectures.x", wide, SURETY_D_TOO_LARGE, "architectures.x.series", "4096");
    free(wide);
    for (int id = 0; id < SURETY_N_DIAG; id++)
        if (id != SURETY_D_USAGE && id != SURETY_D_MEMORY && id != SURETY_D_TOOL && id != SURETY_D_WARN_PRECISION &&
            id != SURETY_D_WARN_REDRAWN &&                                 // test_uncertain.c
            !(id >= SURETY_D_RECORD_SYNTAX && id <= SURETY_D_RECORD_SPAN)) // test_record.c
            cr_assert(provoked[id], "%s", surety_diag_kind((enum surety_diag_id)id)->id);
}

// The second map of architectures is not read into the array of the first.
Test(scenario, keys_that_stand_twice)
{
    char text[2000];
    snprintf(text, sizeof text, "%sarchitectures: {x: a, y: b, z: a}\nproviders: {a: {outages: none}}\n", good);
    cr_assert_eq(read_with(text, NULL, 0), SURETY_E_INPUT);
    cr_assert_eq(diags.n_errors, 2);
    cr_assert(has_message(SURETY_D_DUPLICATE, "", "'architectures' stands twice"));
    done();
}

Test(scenario, a_broken_file_lists_all_its_mistakes)
{
    cr_assert_eq(read_with("surety: 1\nterm: {month: 12}\nworkloads: {calls: {demand: 30}}\n"
                           "providers: {a: {outages: {all: {failing: 130%, time_to_repair: 3 h}}}}\n"
                           "architectures: {x: b, y: {failover: {order: [a, b]}}}\ncontract: {exclude: [upstraem]}\n",
                           NULL, 0),
                 SURETY_E_INPUT);
    cr_assert_eq(diags.n_errors, 10);
    for (size_t i = 0; i < diags.n; i++)
        cr_assert_gt(diags.list[i].place.line, 0);
    done();
}
