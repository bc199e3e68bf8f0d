// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/scenario/uncertain.h"

#include "models/prior.h"
#include "models/registry.h"
#include "sim/base/sampler.h"
#include "sim/base/sampler_table.h"
#include "sim/engine/groups.h"
#include "sim/engine/ignorance.h"
#include "sim/engine/runner.h"
#include "sim/scenario/plan.h"

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct surety_diags diags;
static struct surety_scenario *scenario;
static struct surety_plan *plan;

// The outage, the route and the rest of a scenario of one term.
static const char frame[] =
    "surety: 1\nterm: {start: 2027-01-01, months: %s}\nworkloads: {w: {demand: %s}}\nproviders:\n  a: {outages: {x: "
    "{%s}}}\n  b: {outages: none}\narchitectures: {both: {failover: {order: [a, b], detect: %s}}}\ncontract: "
    "{availability: {measure: time}, %s}\n";

static enum surety_err open_frame(const char *months, const char *demand, const char *outage, const char *detect,
                                  const char *contract)
{
    static char text[2048];
    gsl_set_error_handler_off();
    snprintf(text, sizeof text, frame, months, demand, outage, detect, contract);
    scenario = NULL;
    plan = NULL;
    surety_diags_init(&diags, "test.yaml");
    enum surety_err err =
        surety_scenario_read(surety_registry_get(), "test.yaml", text, strlen(text), NULL, 0, &diags, &scenario);
    if (err == SURETY_OK)
        err = surety_plan_create(scenario, &diags, &plan);
    if (err != SURETY_OK)
        surety_diags_print(&diags, stderr);
    return err;
}

static void finish(void)
{
    surety_plan_destroy(plan);
    surety_scenario_destroy(scenario);
    surety_diags_finish(&diags);
}

static void open_outage(const char *outage)
{
    const enum surety_err err = open_frame("12", "1/min", outage, "60s", "tiers: {t: {availability: 99.9%}}");
    if (err != SURETY_OK)
        surety_diags_print(&diags, stderr);
    cr_assert_eq(err, SURETY_OK);
}

static const struct surety_uncertain_input *input(const char *path)
{
    for (size_t i = 0; scenario->uncertain != NULL && i < scenario->uncertain->n; i++)
        if (scenario->uncertain->inputs[i].path != NULL && strcmp(scenario->uncertain->inputs[i].path, path) == 0)
            return &scenario->uncertain->inputs[i];
    return NULL;
}

// --- reading ---------------------------------------------------------------------------------------------------

Test(uncertain, nothing_is)
{
    open_outage("incidents: 9/year, time_to_repair: 1h");
    cr_assert_null(scenario->uncertain);
    finish();
}

Test(uncertain, every_place_takes_its_mean)
{
    cr_assert_eq(
        open_frame("12", "{between: [10/min, 20/min]}",
                   "time_to_failure: {between: [20d, 40d]}, time_to_repair: {lognormal: {median: {between: "
                   "[1h, 3h]}, sigma: {law: {gamma: {shape: 4, mean: 1.2}}}}}, failing: {between: [10%, 60%]}",
                   "{law: {uniform: {min: 30s, max: 90s}}}",
                   "credits: {ladder: [{below: target, credit: 10%}], claimed: {between: [50%, 70%]}}, fee: 100 "
                   "USD/month, tiers: {t: {availability: 99.9%}}"),
        SURETY_OK);
    const struct surety_outage *x = &scenario->providers[0].outages[0];
    cr_assert_eq(scenario->uncertain->n_used, 7);
    cr_assert_float_eq(scenario->workloads[0].rate_per_s, 0.25, 1e-12);
    cr_assert_float_eq(x->time_to_failure.a, 30 * 86400.0, 1e-5);
    cr_assert_eq(x->time_to_failure.kind, SURETY_LAW_EXPONENTIAL);
    cr_assert_float_eq(x->time_to_repair.a, log(7200), 1e-9);
    cr_assert_float_eq(x->time_to_repair.b, 1.2, 1e-9);
    cr_assert_eq(x->failing_ppb, 350000000);
    cr_assert_float_eq(scenario->contract.credits.p_claimed, 0.6, 1e-9);
    cr_assert_not_null(input("architectures.both.failover.detect"));
    cr_assert_not_null(input("workloads.w.demand.rate"));
    cr_assert_not_null(input("contract.credits.claimed"));
    finish();
}

// A record: 8 in a year, half of the weight after 90 days: exposure 90 / ln 2 (1 - 2^(-365/90)) = 122.04 d.
Test(uncertain, a_record_becomes_a_gamma_law)
{
    open_outage("incidents: {observed: {count: 8, over: 365d, until: 2026-07-01}}, time_to_repair: 1h");
    const struct surety_uncertain_input *in = input("providers.a.outages.x.incidents.rate");
    const double exposure_d = 90 / log(2) * (1 - pow(2, -365.0 / 90));
    cr_assert_float_eq(exposure_d, 122.04, 0.01);
    cr_assert_eq(in->law.kind, SURETY_LAW_GAMMA);
    cr_assert_float_eq(in->law.a, 1 + 8 * exposure_d / 365, 1e-9);
    cr_assert_float_eq(1 / in->law.b / 86400, 15.5 + exposure_d, 1e-6);
    cr_assert(in->drift == 1 && in->spread == 1.1);
    bool told = false;
    for (size_t i = 0; i < scenario->n_defaults_used; i++)
        told = told || strstr(scenario->defaults_used[i], "observed.half_life: 90d") != NULL;
    cr_assert(told, "the defaults are listed");
    finish();
    open_outage("incidents: {observed: {count: 3, over: 200d, until: 2026-07-01, prior: jeffreys, half_life: none, "
                "drift: 0, spread: none}}, time_to_repair: 1h");
    in = input("providers.a.outages.x.incidents.rate");
    cr_assert_float_eq(in->law.a, 3.5, 1e-9);
    cr_assert_float_eq(1 / in->law.b / 86400, 200, 1e-6);
    cr_assert(in->drift == 0 && in->spread == 0);
    finish();
    open_outage("incidents: {rate: {observed: {count: 3, over: 200d, until: 2026-07-01, prior: {count: 2, over: 50d}, "
                "half_life: none, dispersion: 2}}, shape: 0.7}, time_to_repair: 1h");
    in = input("providers.a.outages.x.incidents.rate");
    cr_assert_float_eq(in->law.a, 2 + 3 / 2.0, 1e-9);
    cr_assert_float_eq(1 / in->law.b / 86400, 50 + 100, 1e-6);
    cr_assert_eq(scenario->providers[0].outages[0].time_to_failure.kind, SURETY_LAW_WEIBULL);
    finish();
}

// Draws of a long record: quantiles and distribution function agree for any shape (GSL's inverse alone does not: it is
// off by 0.02 and more at 50000). GSL's distribution function itself is good to 3e-7 at
// shape 100000.
Test(uncertain, gamma_laws_of_any_shape)
{
    static const double shapes[] = {0.5, 3, 100, 900, 1100, 1e4, 5e4, 1e5};
    gsl_set_error_handler_off();
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        const struct surety_law law = surety_law_of(SURETY_LAW_GAMMA, shapes[i], 1 / shapes[i]);
        for (int k = 1; k < 400; k++) {
            const double p = k / 400.0;
            cr_assert_float_eq(surety_law_cdf(&law, surety_law_quantile(&law, p)), p, 1e-6, "shape %g, p %g", shapes[i],
                               p);
        }
    }
}

// The sd of the log rate: drift sqrt(t) at first, spread in the end; without a limit a random walk.
Test(uncertain, the_drift_has_a_limit)
{
    cr_assert_float_eq(surety_drift_sd(0.8, 0, 2.25), 1.2, 1e-12);
    cr_assert_float_eq(surety_drift_pull(0.8, 0, 2.25), 1, 0);
    cr_assert_float_eq(surety_drift_sd(0.8, 1.1, 1e-6) / 0.8e-3, 1, 1e-6);
    cr_assert_float_eq(surety_drift_sd(1, 1.1, 1), 1.1 * sqrt(-expm1(-1 / 1.21)), 1e-12);
    cr_assert_float_eq(surety_drift_sd(1, 1.1, 1000), 1.1, 1e-12);
    // Two steps are one: the variance after a and then b is that after a + b.
    const double pull = surety_drift_pull(1, 1.1, 0.7), a = surety_drift_sd(1, 1.1, 0.4),
                 b = surety_drift_sd(1, 1.1, 0.7);
    cr_assert_float_eq(sqrt(a * a * pull * pull + b * b), surety_drift_sd(1, 1.1, 1.1), 1e-12);
}

// Without any outage the record still bounds the rate: exp(-3.0) is 5 %.
Test(uncertain, no_outage_is_not_a_rate_of_zero)
{
    open_outage(
        "incidents: {observed: {count: 0, over: 100d, until: 2026-07-01, half_life: none}}, time_to_repair: 1h");
    bool told = false;
    for (size_t i = 0; i < scenario->n_assumptions; i++)
        told = told || strstr(scenario->assumptions[i], "the 95 % bound of the rate is 3.0 / 100d") != NULL;
    cr_assert(told);
    cr_assert_gt(input("providers.a.outages.x.incidents.rate")->mean, 0);
    finish();
}

// A law that reaches beyond what is allowed is conditioned on it.
Test(uncertain, laws_are_conditioned_on_what_is_allowed)
{
    open_outage("incidents: 9/year, time_to_repair: 1h, failing: {law: {lognormal: {median: 80%, sigma: 1}}}");
    const struct surety_uncertain_input *in = input("providers.a.outages.x.failing");
    const double kept = gsl_cdf_ugaussian_P(log(1 / 0.8));
    cr_assert_float_eq(in->p_high - in->p_low, kept, 1e-9);
    for (int i = 1; i < 1000; i++)
        cr_assert_leq(surety_uncertain_draw(in, i / 1000.0), 1);
    cr_assert_float_eq(surety_uncertain_draw(in, 0.5), 0.8 * exp(gsl_cdf_ugaussian_Pinv(kept / 2)), 1e-9);
    finish();
}

// --- mistakes --------------------------------------------------------------------------------------------------

static size_t count_of(enum surety_diag_id id, const char *path, const char *part)
{
    size_t n = 0;
    for (size_t i = 0; i < diags.n; i++) {
        const struct surety_diag *d = &diags.list[i];
        n += d->id == id && strcmp(d->path, path) == 0 && d->place.line > 0 && d->place.column > 0 &&
             (strstr(d->message, part) != NULL || (d->hint != NULL && strstr(d->hint, part) != NULL));
    }
    return n;
}

// One mistake at `path`, placed, with `part` in its message or its hint.
static void refused(const char *outage, enum surety_diag_id id, const char *path, const char *part)
{
    cr_assert_eq(open_frame("12", "1/min", outage, "60s", "tiers: {t: {availability: 99.9%}}"), SURETY_E_INPUT,
                 "accepted: %s", outage);
    if (count_of(id, path, part) != 1 || diags.n_errors != 1)
        surety_diags_print(&diags, stderr);
    cr_assert_eq(count_of(id, path, part), 1, "%s", outage);
    cr_assert_eq(diags.n_errors, 1, "%zu mistakes: %s", diags.n_errors, outage);
    finish();
}

#define X "providers.a.outages.x."
#define REPAIR(text) "incidents: 9/year, time_to_repair: " text
#define FAILING(text) "incidents: 9/year, time_to_repair: 1h, failing: " text
#define OBSERVED(text) "incidents: {observed: {" text "}}, time_to_repair: 1h"

Test(uncertain, mistakes_in_ranges)
{
    refused(FAILING("{between: [60%, 10%]}"), SURETY_D_UNCERTAIN, X "failing.between", "{between: [10%, 60%]}");
    refused(FAILING("{between: [10%, 10%]}"), SURETY_D_UNCERTAIN, X "failing.between", "the same");
    refused(FAILING("{between: [10%]}"), SURETY_D_UNCERTAIN, X "failing.between", "two values belong here");
    refused(FAILING("{between: 10%}"), SURETY_D_UNCERTAIN, X "failing.between", "two values belong here");
    refused(FAILING("{between: [10%, 160%]}"), SURETY_D_VALUE, X "failing.between[1]", "0% to 100%");
    refused(FAILING("{between: [0%, 60%]}"), SURETY_D_RANGE, X "failing.between[0]", "above 0%");
    refused(FAILING("{betwen: [10%, 60%]}"), SURETY_D_TYPE, X "failing", "did you mean 'between'?");
    refused(REPAIR("{between: [1h, 2]}"), SURETY_D_VALUE, X "time_to_repair.between[1]", "2m for minutes");
    refused(REPAIR("{betwen: [1h, 2h]}"), SURETY_D_UNKNOWN_KEY, X "time_to_repair.betwen", "did you mean 'between'?");
    refused(FAILING("{law: 30%}"), SURETY_D_UNCERTAIN, X "failing.law", "a map with the law's name");
    refused(FAILING("{law: {lognormal: {median: 30m, sigma: 1}}}"), SURETY_D_VALUE, X "failing.law.lognormal.median",
            "a share");
    refused(FAILING("{law: {lognorml: {median: 30%, sigma: 1}}}"), SURETY_D_UNKNOWN_KEY, X "failing.law.lognorml",
            "did you mean 'lognormal'?");
    refused(FAILING("{observed: {count: 1, over: 1d, until: 2026-01-01}}"), SURETY_D_UNCERTAIN, X "failing",
            "only `incidents` can be observed");
    refused(REPAIR("{lognormal: {median: 1h, sigma: {between: [-0.5, 2]}}}"), SURETY_D_UNCERTAIN,
            X "time_to_repair.lognormal.sigma", "lower end");
    refused(FAILING("{law: {lognormal: {median: {between: [10%, 20%]}, sigma: 1}}}"), SURETY_D_UNCERTAIN,
            X "failing.law.lognormal.median", "cannot stand here");
}

Test(uncertain, mistakes_in_records)
{
    refused(OBSERVED("count: -1, over: 365d, until: 2026-07-01"), SURETY_D_VALUE, X "incidents.rate.observed.count",
            "negative");
    refused(OBSERVED("count: 1, over: 365, until: 2026-07-01"), SURETY_D_VALUE, X "incidents.rate.observed.over",
            "unit");
    refused(OBSERVED("count: 1, over: 0d, until: 2026-07-01"), SURETY_D_RANGE, X "incidents.rate.observed.over",
            "above 0s");
    refused(OBSERVED("count: 1, over: 365d, until: 2027-01-02"), SURETY_D_UNCERTAIN, X "incidents.rate.observed.until",
            "after the term starts on 2027-01-01");
    refused(OBSERVED("count: 1, over: 365d, until: 2026-13-01"), SURETY_D_VALUE, X "incidents.rate.observed.until",
            "not a date");
    refused(OBSERVED("count: 1, over: 365d"), SURETY_D_MISSING_KEY, X "incidents.rate.observed.until", "missing");
    refused(OBSERVED("count: 1, over: 365d, until: 2026-07-01, prior: llm-ap"), SURETY_D_CHOICE,
            X "incidents.rate.observed.prior", "did you mean 'llm-api'?");
    refused(OBSERVED("count: 1, over: 365d, until: 2026-07-01, prior: {count: 0, over: 1d}"), SURETY_D_RANGE,
            X "incidents.rate.observed.prior.count", "above 0");
    refused(OBSERVED("count: 1, over: 365d, until: 2026-07-01, dispersion: 0.5"), SURETY_D_RANGE,
            X "incidents.rate.observed.dispersion", "1 to 100");
    refused(OBSERVED("count: 1, over: 365d, until: 2026-07-01, spread: 0"), SURETY_D_RANGE,
            X "incidents.rate.observed.spread", "above 0");
    refused(OBSERVED("count: 1, over: 365d, until: 2026-07-01, half_lif: 3d"), SURETY_D_UNKNOWN_KEY,
            X "incidents.rate.observed.half_lif", "did you mean 'half_life'?");
}

// What contradicts another key at one end only, in the scenario or in the plan.
Test(uncertain, both_ends_are_tried)
{
    refused("incidents: {between: [9/year, 1/h]}, time_to_repair: 1h", SURETY_D_UNCERTAIN, X "incidents.rate",
            "upper end of this range: providers.a.outages.x.incidents");
    refused("incidents: 9/year, time_to_repair: {between: [1h, 60d]}", SURETY_D_UNCERTAIN, X "time_to_repair",
            "upper end");
    refused("time_to_failure: {between: [1s, 30d]}, time_to_repair: 1s", SURETY_D_UNCERTAIN, X "time_to_failure",
            "lower end of this range: providers.a.outages.x: more than a million outages");
}

Test(uncertain, what_is_agreed_is_certain)
{
    const char *const tiers = "tiers: {t: {availability: 99.9%}}";
    cr_assert_eq(open_frame("{between: [3, 4]}", "1/min", REPAIR("1h"), "60s", tiers), SURETY_E_INPUT);
    cr_assert_eq(count_of(SURETY_D_UNCERTAIN, "term.months", "whole number"), 1);
    finish();
    cr_assert_eq(open_frame("3", "1/min", REPAIR("1h"), "60s",
                            "fee: {between: [1 USD/month, 2 USD/month]}, tiers: {t: "
                            "{availability: 99.9%}}"),
                 SURETY_E_INPUT);
    cr_assert_eq(count_of(SURETY_D_UNCERTAIN, "contract.fee", "what the contract says"), 1);
    finish();
}

// --- draws -----------------------------------------------------------------------------------------------------

// Contradictions inside the ranges are drawn again, the run says so.
Test(uncertain, impossible_draws_are_drawn_again)
{
    open_outage("incidents: {law: {lognormal: {median: 2000/year, sigma: 0.9}}}, time_to_repair: {fixed: 2h}");
    struct surety_run_options options;
    struct surety_result *result = NULL;
    surety_run_options_default(&options);
    options.n_replications = 640;
    cr_assert_eq(surety_run(scenario, plan, &options, &diags, &result), SURETY_OK);
    bool told = false;
    for (size_t i = 0; i < result->n_warnings; i++)
        told = told || strstr(result->warnings[i], "were drawn again") != NULL;
    cr_assert(told);
    surety_result_destroy(result);
    finish();
}

// A draw is a function of seed and group, and a certain input keeps its tables.
Test(uncertain, a_draw_is_a_function_of_the_group)
{
    open_outage(
        "time_to_failure: {weibull: {shape: 0.7, mean: {between: [10d, 40d]}}}, time_to_repair: {gamma: {shape: "
        "0.6, mean: 1h}}");
    struct surety_plan_draw a, b;
    struct surety_table_cache *tables = surety_table_cache_create();
    double x[2], y[2];
    cr_assert_eq(surety_plan_draw(scenario, plan, 1, 17, NULL, x, &a), SURETY_OK);
    cr_assert_eq(surety_plan_draw(scenario, plan, 1, 3, tables, y, &b), SURETY_OK);
    cr_assert_neq(x[0], y[0]);
    surety_plan_draw_finish(&b);
    cr_assert_eq(surety_plan_draw(scenario, plan, 1, 17, tables, y, &b), SURETY_OK);
    cr_assert_eq(x[0], y[0]);
    const struct surety_plan_source *s = &a.plan->sources[0], *t = &b.plan->sources[0];
    cr_assert(s->borrows[1] && s->borrows[3] && !s->borrows[0] && !s->borrows[2]);
    cr_assert_eq(s->down.parts, plan->sources[0].down.parts);
    for (int i = 1; i < 1000; i++) { // with known knots or without: the same bits
        const double u = i / 1000.0;
        cr_assert_eq(surety_sampler_one(&s->up, u), surety_sampler_one(&t->up, u));
        cr_assert_eq(surety_sampler_residual(&s->up_residual, 0.5, u),
                     surety_sampler_residual(&t->up_residual, 0.5, u));
    }
    cr_assert_float_eq(surety_law_mean(&a.scenario->providers[0].outages[0].time_to_failure), x[0], x[0] * 1e-9);
    surety_plan_draw_finish(&a);
    surety_plan_draw_finish(&b);
    surety_table_cache_destroy(tables);
    finish();
}

// --- groups ----------------------------------------------------------------------------------------------------

// Three groups of 64, 64 and 32 terms that met 48, 16 and 20: one-way analysis of variance by hand.
Test(uncertain, analysis_of_variance_by_hand)
{
    struct surety_groups groups;
    open_outage(REPAIR("1h"));
    cr_assert_eq(surety_groups_init(&groups, plan, 1, 160, 1), SURETY_OK);
    const uint32_t met[] = {48, 16, 20};
    for (uint64_t g = 0; g < 3; g++)
        surety_groups_met(&groups, g, 0, 0)[0] = met[g];
    const struct surety_groups_share share = surety_groups_share(&groups, 160, 0, 0, SURETY_GROUPS_ALL, false, 0);
    const double p = 84.0 / 160;
    const double ssb = 64 * pow(0.75 - p, 2) + 64 * pow(0.25 - p, 2) + 32 * pow(0.625 - p, 2);
    const double ssw = 64 * 0.75 * 0.25 * 2 + 32 * 0.625 * 0.375;
    const double size = (160 - (64 * 64 * 2 + 32 * 32) / 160.0) / 2;
    cr_assert_float_eq(share.p, p, 1e-15);
    cr_assert_float_eq(share.within, ssw / 157, 1e-12);
    cr_assert_float_eq(share.between, (ssb / 2 - ssw / 157) / size, 1e-12);
    const double spread = pow(64 * (0.75 - p), 2) + pow(64 * (0.25 - p), 2) + pow(32 * (0.625 - p), 2);
    cr_assert_float_eq(share.se, sqrt(1.5 * spread) / 160, 1e-12);
    surety_groups_finish(&groups);
    finish();
}

// Groups of a Beta law, counted exactly: the interval has to be that of the law. The start alone would do; the steps must
// not spoil it. And a law that is no Beta: a half at 0.3, a half at 0.9.
Test(uncertain, ignorance_finds_the_law_behind_the_groups)
{
    static const double laws[][2] = {{2, 5}, {30, 1.5}, {0.7, 0.4}};
    uint64_t counts[65];
    struct surety_interval got;
    for (size_t i = 0; i < 3; i++) {
        const double a = laws[i][0], b = laws[i][1], mean = a / (a + b);
        for (unsigned k = 0; k <= 64; k++)
            counts[k] =
                (uint64_t)(1e6 * exp(lgamma(65) - lgamma(k + 1.0) - lgamma(65.0 - k) + lgamma(k + a) +
                                     lgamma(64 - k + b) - lgamma(64 + a + b) + lgamma(a + b) - lgamma(a) - lgamma(b)) +
                           0.5);
        cr_assert_eq(surety_ignorance(counts, 64, mean, mean * (1 - mean) / (a + b + 1), 0.95, &got), SURETY_OK);
        cr_assert_float_eq(got.low, gsl_cdf_beta_Pinv(0.025, a, b), 2e-3, "law %zu: %.5f", i, got.low);
        cr_assert_float_eq(got.high, gsl_cdf_beta_Pinv(0.975, a, b), 2e-3, "law %zu: %.5f", i, got.high);
    }
    for (unsigned k = 0; k <= 64; k++)
        counts[k] = (uint64_t)(1e6 * (gsl_ran_binomial_pdf(k, 0.3, 64) + gsl_ran_binomial_pdf(k, 0.9, 64)) / 2);
    cr_assert_eq(surety_ignorance(counts, 64, 0.6, 0.09, 0.95, &got), SURETY_OK);
    cr_assert_float_eq(got.low, 0.3, 0.06, "%.4f", got.low);
    cr_assert_float_eq(got.high, 0.9, 0.06, "%.4f", got.high);
    cr_assert_eq(surety_ignorance(counts, 64, 0.6, 0, 0.95, &got), SURETY_OK);
    cr_assert(got.low == 0.6 && got.high == 0.6);
}
