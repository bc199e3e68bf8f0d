// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/stat/worlds.h"

#include "models/registry.h"
#include "plots/reporter.h"

#include <criterion/criterion.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TEXT 16384

void world_open(struct world *world, const char *format, ...)
{
    static char text[MAX_TEXT]; // a test process has one thread
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    cr_assert(length > 0 && length < MAX_TEXT, "the scenario's text is too long");
    gsl_set_error_handler_off();
    *world = (struct world){.scenario = NULL};
    surety_diags_init(&world->diags, "world.yaml");
    enum surety_err err = surety_scenario_read(surety_registry_get(), "world.yaml", text, (size_t)length, NULL, 0,
                                               &world->diags, &world->scenario);
    if (err == SURETY_OK)
        err = surety_plan_create(world->scenario, &world->diags, &world->plan);
    if (err != SURETY_OK)
        surety_diags_print(&world->diags, stderr);
    cr_assert_eq(err, SURETY_OK, "not a scenario:\n%s", text);
}

void world_close(struct world *world)
{
    surety_plan_destroy(world->plan);
    surety_scenario_destroy(world->scenario);
    surety_diags_finish(&world->diags);
}

struct surety_result *world_run(struct world *world, uint64_t n, uint64_t seed)
{
    struct surety_run_options options;
    struct surety_result *result = NULL;
    surety_run_options_default(&options);
    options.n_replications = n;
    options.seed = seed;
    options.n_threads = 1;
    cr_assert_eq(surety_run(world->scenario, world->plan, &options, &world->diags, &result), SURETY_OK);
    return result;
}

char *world_json(struct world *world, const struct surety_run_options *options)
{
    struct surety_result *result = NULL;
    char *json = NULL;
    size_t size = 0;
    cr_assert_eq(surety_run(world->scenario, world->plan, options, &world->diags, &result), SURETY_OK);
    result->wall_s = 0;
    result->n_threads = 0;
    FILE *out = open_memstream(&json, &size);
    cr_assert_not_null(out);
    surety_report_json(result, out);
    fclose(out);
    surety_result_destroy(result);
    return json;
}

bool within(double got, double truth, double se)
{
    return fabs(got - truth) <= WORLD_BOUND * se;
}

void holds(const char *what, double got, double se, double truth, double shift)
{
    cr_log_info("%s: got %.9g, truth %.9g, %.2f s.e. of %.3g, finds %.3g\n", what, got, truth,
                se > 0 ? (got - truth) / se : 0.0, se, shift);
    cr_assert(se > 0, "%s: no standard error", what);
    cr_assert(within(got, truth, se), "%s: got %.12g, truth %.12g: %.2f standard errors of %.4g", what, got, truth,
              (got - truth) / se, se);
    cr_assert(!within(got, truth + shift, se) && !within(got, truth - shift, se),
              "%s: the twin shifted by %.4g passes too (s.e. %.4g)", what, shift, se);
}

void holds_share(const char *what, double p, uint64_t n, double truth, double shift)
{
    holds(what, p, sqrt(truth * (1 - truth) / (double)n), truth, shift);
}

void tally_add(struct tally *tally, double x)
{
    tally->n++;
    tally->sum += x;
    tally->sum_squared += x * x;
}

double tally_mean(const struct tally *tally)
{
    return tally->sum / tally->n;
}

double tally_se(const struct tally *tally)
{
    const double mean = tally_mean(tally);
    return sqrt((tally->sum_squared / tally->n - mean * mean) / (tally->n - 1));
}
