// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/registry.h"
#include "plots/fit.h"
#include "sim/base/calendar.h"
#include "sim/engine/backtest_record.h"
#include "sim/scenario/uncertain.h"

#include <criterion/criterion.h>

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char two_services[] =
    "surety: 1\n"
    "workloads: {calls: {demand: {rate: 1000/min, profile: flat}}}\n"
    "providers: {a: {outages: none}, b: {outages: none}}\n"
    "architectures: {alone: a, other: b}\n"
    "contract: {availability: {measure: requests, counts: expected}, tiers: {premium: {availability: 99.9%}}}\n";

// b is watched from January, a from February; one outage of a goes over the end of a month, two of b overlap.
static const char record_rows[] = "start,end,severity,component\n"
                                  "2026-01-10T00:00:00Z,2026-01-10T06:00:00Z,partial,b\n"
                                  "2026-01-10T02:00:00Z,2026-01-10T05:00:00Z,major,b\n"
                                  "2026-03-31T22:00:00Z,2026-04-01T01:00:00Z,major,a\n"
                                  "2026-06-02T00:00:00Z,2026-06-02T01:00:00Z,partial,a\n"
                                  "2026-07-02T00:00:00Z,2026-07-02T01:00:00Z,partial,b\n"
                                  "2026-08-09T00:00:00Z,2026-08-09T10:00:00Z,major,a\n";

struct opened {
    struct surety_diags diags;
    struct surety_scenario *scenario;
    struct surety_record *record;
    struct surety_backtest_records *records;
};

static enum surety_err open_records(struct opened *opened, const char *scenario, const char *rows)
{
    static const char *const names[] = {"a", "b"};
    const struct surety_record_options options = {
        .has_from = true,
        .from_us = surety_date_days((struct surety_date){2026, 1, 1}) * SURETY_US_PER_DAY,
        .has_until = true,
        .until_us = surety_date_days((struct surety_date){2026, 8, 20}) * SURETY_US_PER_DAY};
    *opened = (struct opened){0};
    gsl_set_error_handler_off();
    surety_diags_init(&opened->diags, "test");
    cr_assert_eq(surety_scenario_read(surety_registry_get(), "test", scenario, strlen(scenario), NULL, 0,
                                      &opened->diags, &opened->scenario),
                 SURETY_OK);
    cr_assert_eq(surety_record_parse("rows", rows, strlen(rows), &options, &opened->diags, &opened->record), SURETY_OK);
    const struct surety_backtest_binding bindings[] = {{"a", opened->record, &names[0], 1},
                                                       {"b", opened->record, &names[1], 1}};
    return surety_backtest_records_make(opened->scenario, bindings, 2, NULL, &opened->diags, &opened->records);
}

static void close_records(struct opened *opened)
{
    surety_backtest_records_destroy(opened->records);
    surety_record_destroy(opened->record);
    surety_scenario_destroy(opened->scenario);
    surety_diags_finish(&opened->diags);
}

Test(engine_backtest, what_came_is_read_off_the_record)
{
    struct opened opened;
    cr_assert_eq(open_records(&opened, two_services, record_rows), SURETY_OK);
    const struct surety_backtest_records *r = opened.records;
    cr_assert_eq(r->n_histories, 2);
    cr_assert_eq(r->first.month, 1);
    cr_assert_eq(r->n_months, 7, "August is not over");
    cr_assert_eq(r->histories[0].n_sources, 2);
    cr_assert_str_eq(r->histories[0].sources[0].name, "partial");
    cr_assert_eq(r->histories[0].sources[0].n, 1);
    cr_assert_eq(r->histories[0].sources[1].n, 2);
    // b in January: 3 h of all requests, and 3 h of 30 %: beside a major outage a partial one adds nothing
    cr_assert_float_eq(r->realised[7 + 0], 1 - (3 + 3 * 0.3) / (31 * 24), 1e-15);
    cr_assert_float_eq(r->realised[2], 1 - 2.0 / (31 * 24), 1e-15);
    cr_assert_float_eq(r->realised[3], 1 - 1.0 / (30 * 24), 1e-15);
    cr_assert_float_eq(r->realised[5], 1 - 0.3 / (30 * 24), 1e-15);
    cr_assert_eq(r->realised[1], 1.0);
    close_records(&opened);
}

// What is believed at an origin does not change with anything that comes after it, and does with what came before.
Test(engine_backtest, nothing_after_the_origin_is_known)
{
    struct opened opened, other;
    struct surety_belief_settings settings;
    surety_belief_settings_default(&settings);
    char *rows = strdup(record_rows);
    memcpy(strstr(rows, "2026-07-02T01"), "2026-07-29T01", 13); // b's outage of July gets 27 days longer
    memcpy(strstr(rows, "2026-08-09T10"), "2026-08-19T10", 13);
    cr_assert_eq(open_records(&opened, two_services, record_rows), SURETY_OK);
    cr_assert_eq(open_records(&other, two_services, rows), SURETY_OK);
    for (size_t month = 1; month <= 7; month++) {
        for (size_t h = 0; h < 2; h++) {
            struct surety_arena arena;
            surety_arena_init(&arena);
            const int64_t origin = opened.records->months_us[month];
            const char *one = surety_backtest_outages(&arena, opened.records->histories, 2, h, origin, &settings);
            const char *two = surety_backtest_outages(&arena, other.records->histories, 2, h, origin, &settings);
            cr_assert_not_null(one);
            if (month <= 6)
                cr_assert_str_eq(one, two);
            else
                cr_assert_str_neq(one, two, "its own, and as the pool of the other");
            surety_arena_finish(&arena);
        }
    }
    close_records(&other);
    close_records(&opened);
    free(rows);
}

static struct surety_scenario *read_scenario(const char *text, struct surety_diags *diags)
{
    struct surety_scenario *scenario = NULL;
    cr_assert_eq(surety_scenario_read(surety_registry_get(), "test", text, strlen(text), NULL, 0, diags, &scenario),
                 SURETY_OK, "%s", text);
    return scenario;
}

static const struct surety_uncertain_input *input_of(const struct surety_scenario *scenario, const char *path)
{
    for (size_t i = 0; i < scenario->uncertain->n; i++)
        if (strcmp(scenario->uncertain->inputs[i].path, path) == 0)
            return &scenario->uncertain->inputs[i];
    return NULL;
}

// What `fit outages --uncertain` writes, as a scenario of its own.
static char *fitted_scenario(const struct opened *opened)
{
    static const char *const names[] = {"a", "b"};
    const struct surety_fit_wish wishes[] = {{"a", opened->record, NULL, &names[0], 1},
                                             {"b", opened->record, NULL, &names[1], 1}};
    struct surety_fit_request request = {
        .wishes = wishes, .n = 2, .fitting = surety_outage_options_default(), .uncertain = true};
    struct surety_fit_report *report = NULL;
    struct surety_diags diags;
    char *text = NULL;
    size_t size = 0;
    request.fitting.n_replicates = 0;
    surety_diags_init(&diags, "test");
    cr_assert_eq(surety_fit_report_create(&request, &diags, &report), SURETY_OK);
    FILE *out = open_memstream(&text, &size);
    surety_fit_scenario(report, true, out);
    fclose(out);
    surety_fit_report_destroy(report);
    surety_diags_finish(&diags);
    return text;
}

// What a backtest believes at the record's end and what --uncertain writes are the same numbers, but for rounding to
// four digits: what was scored is what is used.
Test(engine_backtest, what_is_scored_is_what_fit_writes)
{
    struct opened opened;
    struct surety_arena arena;
    struct surety_belief_settings settings;
    surety_arena_init(&arena);
    surety_belief_settings_default(&settings);
    cr_assert_eq(open_records(&opened, two_services, record_rows), SURETY_OK);
    const char *outages[2];
    for (size_t h = 0; h < 2; h++)
        outages[h] = surety_backtest_outages(&arena, opened.records->histories, 2, h,
                                             opened.records->histories[h].until_us, &settings);
    const char *scored = surety_arena_printf(&arena,
                                             "surety: 1\nterm: {start: 2027-01-01, months: 12}\nworkloads: {calls: "
                                             "{demand: 30/min}}\nproviders: {a: {outages: %s}, b: {outages: %s}}\n"
                                             "architectures: {one: a, other: b}\ncontract: {availability: {measure: "
                                             "requests}}\n",
                                             outages[0], outages[1]);
    char *fitted = fitted_scenario(&opened);
    struct surety_scenario *one = read_scenario(scored, &opened.diags), *two = read_scenario(fitted, &opened.diags);
    size_t n_rates = 0;
    cr_assert_eq(one->uncertain->n, 8, "rate and median of two outages of two providers");
    for (size_t i = 0; i < one->uncertain->n; i++) {
        const struct surety_uncertain_input *x = &one->uncertain->inputs[i];
        const struct surety_uncertain_input *y = input_of(two, x->path);
        cr_assert_not_null(y, "%s", x->path);
        cr_expect_eq(x->law.kind, y->law.kind);
        cr_expect(fabs(y->law.a / x->law.a - 1) < 2e-3, "%s: %g, %g", x->path, x->law.a, y->law.a);
        cr_expect(fabs(y->law.b / x->law.b - 1) < 2e-3, "%s: %g, %g", x->path, x->law.b, y->law.b);
        cr_expect(x->drift == y->drift && x->spread == y->spread && x->until.day == y->until.day);
        n_rates += x->drift > 0;
    }
    cr_expect_eq(n_rates, 4);
    for (size_t p = 0; p < 2; p++)
        for (size_t o = 0; o < 2; o++)
            cr_expect_str_eq(one->providers[p].outages[o].name, two->providers[p].outages[o].name);
    surety_scenario_destroy(one);
    surety_scenario_destroy(two);
    free(fitted);
    surety_arena_finish(&arena);
    close_records(&opened);
}

static struct surety_backtest *run(const struct opened *opened, double min_days)
{
    struct surety_backtest_options options;
    struct surety_backtest *backtest = NULL;
    struct surety_diags diags;
    surety_diags_init(&diags, "test");
    surety_backtest_options_default(&options);
    options.n_replications = 4096;
    options.n_threads = 1;
    options.min_history_s = min_days * 86400;
    const struct surety_backtest_records *r = opened->records;
    const struct surety_backtest_input input = {.registry = surety_registry_get(),
                                                .file = "test",
                                                .text = two_services,
                                                .first = r->first,
                                                .months_us = r->months_us,
                                                .n_months = r->n_months,
                                                .histories = r->histories,
                                                .n_histories = r->n_histories,
                                                .realised = r->realised};
    if (surety_backtest_run(&input, &options, &diags, &backtest) != SURETY_OK)
        backtest = NULL;
    surety_diags_finish(&diags);
    return backtest;
}

Test(engine_backtest, forecasts_begin_after_the_least_history)
{
    struct opened opened;
    cr_assert_eq(open_records(&opened, two_services, record_rows), SURETY_OK);
    struct surety_backtest *backtest = run(&opened, 90);
    cr_assert_eq(backtest->n, 8); // April to July: 90 days from 1 January
    cr_assert_eq(backtest->n_groups, 2);
    cr_assert_str_eq(backtest->groups[1].name, "other");
    cr_assert_eq(backtest->forecasts[0].month, 3);
    cr_assert_eq(backtest->forecasts[4].month, 3);
    for (size_t i = 0; i < backtest->n; i++) {
        const struct surety_backtest_forecast *f = &backtest->forecasts[i];
        const double p = f->scores[SURETY_BY_MODEL].targets[0].p;
        cr_assert(p > 0.3 && p < 1, "%g", p);
        cr_assert(f->intervals[2].lo <= f->intervals[0].lo && f->intervals[2].hi >= f->intervals[0].hi);
        // climatology's share: met + 1 of months + 2
        const double k = f->scores[SURETY_BY_CLIMATOLOGY].targets[0].p * (double)(f->month + 2) - 1;
        cr_assert_float_eq(k, round(k), 1e-9);
        cr_assert_float_eq(f->scores[SURETY_BY_PUBLISHED].crps, fabs(f->realised - 0.999), 1e-12);
    }
    surety_backtest_destroy(backtest);
    cr_assert_null(run(&opened, 400));
    close_records(&opened);
}

// A record far worse than what is usual moves the forecast.
Test(engine_backtest, bad_histories_make_bad_forecasts)
{
    struct opened opened;
    char *rows = malloc(20000);
    size_t n = (size_t)sprintf(rows, "start,end,severity,component\n2026-06-02,2026-06-03,partial,b\n");
    for (int day = 1; day <= 28; day += 3)
        for (int month = 1; month <= 6; month++)
            n += (size_t)sprintf(rows + n, "2026-%02d-%02dT10:00:00Z,2026-%02d-%02dT12:00:00Z,major,a\n", month, day,
                                 month, day);
    cr_assert_eq(open_records(&opened, two_services, rows), SURETY_OK);
    struct surety_backtest *backtest = run(&opened, 90);
    const struct surety_backtest_forecast *last_a = &backtest->forecasts[3], *last_b = &backtest->forecasts[7];
    cr_assert_eq(last_a->month, 6);
    cr_assert_lt(last_a->scores[0].targets[0].p, 0.1, "%g", last_a->scores[0].targets[0].p);
    cr_assert_gt(last_b->scores[0].targets[0].p, last_a->scores[0].targets[0].p + 0.1);
    cr_assert_lt(last_a->intervals[2].lo, 0.985);
    surety_backtest_destroy(backtest);
    close_records(&opened);
    free(rows);
}

Test(engine_backtest, mistakes_are_told)
{
    static const char by_time[] = "surety: 1\n"
                                  "workloads: {calls: {demand: {rate: 1000/min, profile: flat}}}\n"
                                  "providers: {a: {outages: none}, b: {outages: none}}\n"
                                  "architectures: {alone: a, both: {failover: {order: [a, b], detect: 60s}}}\n"
                                  "contract: {availability: {measure: requests, counts: expected}}\n";
    struct opened opened;
    cr_assert_neq(open_records(&opened, by_time, record_rows), SURETY_OK, "to be replayed, and there is no such file");
    cr_assert_gt(opened.diags.n_errors, 0);
    close_records(&opened);
    const char *wrong = strdup(two_services);
    memcpy(strstr((char *)(uintptr_t)wrong, "{a: {out"), "{x: {out", 8);
    char *fixed = (char *)(uintptr_t)wrong;
    memcpy(strstr(fixed, "alone: a"), "alone: x", 8);
    cr_assert_eq(open_records(&opened, fixed, record_rows), SURETY_E_INPUT);
    close_records(&opened);
    free(fixed);
}

Test(engine_backtest, published_availabilities_compose)
{
    static const char text[] =
        "surety: 1\n"
        "workloads: {calls: {demand: 30/min}}\n"
        "providers: {a: {outages: none}, b: {outages: none}}\n"
        "architectures: {alone: a, chain: {series: [a, b]}, both: {failover: {order: [a, b], detect: 60s}}, "
        "mixed: {series: [a, {parallel: [a, b]}]}}\n"
        "contract: {availability: {measure: time}}\n";
    static const double expected[] = {0.99, 0.99 * 0.99, 1 - 0.01 * 0.01, 0.99 * (1 - 0.01 * 0.01)};
    struct surety_diags diags;
    struct surety_scenario *scenario = NULL;
    surety_diags_init(&diags, "test");
    gsl_set_error_handler_off();
    const enum surety_err err =
        surety_scenario_read(surety_registry_get(), "test", text, strlen(text), NULL, 0, &diags, &scenario);
    if (err != SURETY_OK)
        surety_diags_print(&diags, stderr);
    cr_assert_eq(err, SURETY_OK);
    for (size_t a = 0; a < 4; a++)
        cr_assert_float_eq(surety_backtest_published(scenario->architectures[a].root, 0.99), expected[a], 1e-15);
    surety_scenario_destroy(scenario);
    surety_diags_finish(&diags);
}
