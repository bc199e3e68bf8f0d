// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/backtest.h"

#include "sim/base/ppb.h"
#include "sim/engine/backtest_groups.h"
#include "sim/engine/runner.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NOWHERE ((struct surety_place){0, 0})
#define DAY_S 86400.0

const char *const surety_forecaster_names[SURETY_N_FORECASTERS] = {"model", "climatology", "published"};

void surety_backtest_options_default(struct surety_backtest_options *options)
{
    *options = (struct surety_backtest_options){
        .seed = 1, .n_replications = 16384, .ahead = 1, .min_history_s = 90.0 * DAY_S, .published = 0.999};
    surety_belief_settings_default(&options->belief);
}

// A backtest under way.
struct work {
    const struct surety_backtest_input *input;
    const struct surety_backtest_options *options;
    struct surety_diags *diags;
    struct surety_scenario *scenario; // as the file has it: names, tiers, trees
    struct surety_backtest *backtest;
    size_t *by_architecture;                    // forecasts of each so far
    struct surety_backtest_forecast *forecasts; // [architecture][month]
    struct surety_forecast_point *points;       // room for a climatology
};

// --- who can be forecast ------------------------------------------------------------------------------------------

static const struct surety_history *history_of(const struct work *work, size_t provider)
{
    const char *name = work->scenario->providers[provider].name;
    for (size_t h = 0; h < work->input->n_histories; h++) {
        if (strcmp(work->input->histories[h].provider, name) == 0)
            return &work->input->histories[h];
    }
    return NULL;
}

static bool is_long_enough(const struct work *work, const struct surety_history *history, int64_t origin_us)
{
    return origin_us > history->from_us &&
           (double)(origin_us - history->from_us) * 1e-6 >= work->options->min_history_s;
}

// Every provider below the node has a record, and enough of it before the origin.
static bool has_records(const struct work *work, const struct surety_node *node, int64_t origin_us)
{
    if (node->type == NULL) {
        const struct surety_history *history = history_of(work, node->provider);
        return history != NULL && is_long_enough(work, history, origin_us);
    }
    for (size_t i = 0; i < node->n_children; i++) {
        if (!has_records(work, node->children[i], origin_us))
            return false;
    }
    return true;
}

static double realised(const struct work *work, size_t architecture, size_t month)
{
    return work->input->realised[architecture * work->input->n_months + month];
}

// The month with whose first instant the record ends for a forecast of `month`; false when there is none.
static bool origin_of(const struct work *work, size_t month, size_t *origin)
{
    *origin = month - (work->options->ahead - 1);
    return month + 1 >= work->options->ahead;
}

static bool can_forecast(const struct work *work, size_t architecture, size_t month)
{
    bool past = false;
    size_t origin;
    if (!origin_of(work, month, &origin))
        return false;
    for (size_t m = 0; m < origin; m++)
        past = past || !isnan(realised(work, architecture, m));
    return past && !isnan(realised(work, architecture, month)) &&
           has_records(work, work->scenario->architectures[architecture].root, work->input->months_us[origin]);
}

// --- forecasters ----------------------------------------------------------------------------------------------------

double surety_backtest_published(const struct surety_node *node, double published)
{
    static const char *const alternatives[] = {"parallel", "failover", "fallback", "k_of_n"};
    bool is_alternative = false;
    double all = 1.0, none = 1.0;
    if (node->type == NULL)
        return published;
    for (size_t i = 0; i < sizeof alternatives / sizeof *alternatives; i++)
        is_alternative = is_alternative || strcmp(node->type->name, alternatives[i]) == 0;
    for (size_t i = 0; i < node->n_children; i++) {
        const double a = surety_backtest_published(node->children[i], published);
        all *= a;
        none *= 1.0 - a;
    }
    return is_alternative ? 1.0 - none : all;
}

static struct surety_score score(const struct work *work, const struct surety_forecast *forecast, double y,
                                 const double *p_met)
{
    double targets[SURETY_MOST_TARGETS];
    for (size_t t = 0; t < work->backtest->n_tiers; t++)
        targets[t] = work->backtest->tiers[t].target;
    return surety_score_make(forecast, y, p_met, targets, work->backtest->n_tiers);
}

static struct surety_score by_published(const struct work *work, size_t architecture, double y)
{
    struct surety_forecast_point point = {
        surety_backtest_published(work->scenario->architectures[architecture].root, work->options->published), 1.0};
    const struct surety_forecast forecast = surety_forecast_make(&point, 1);
    double p_met[SURETY_MOST_TARGETS];
    for (size_t t = 0; t < work->backtest->n_tiers; t++)
        p_met[t] = surety_forecast_at_least(&forecast, work->backtest->tiers[t].target);
    return score(work, &forecast, y, p_met);
}

static struct surety_score by_climatology(const struct work *work, size_t architecture, size_t month, double y)
{
    size_t n = 0, origin = 0;
    (void)origin_of(work, month, &origin); // can_forecast has asked
    for (size_t m = 0; m < origin; m++) {
        if (!isnan(realised(work, architecture, m)))
            work->points[n++] = (struct surety_forecast_point){realised(work, architecture, m), 1.0};
    }
    const struct surety_forecast forecast = surety_forecast_make(work->points, n);
    double p_met[SURETY_MOST_TARGETS];
    for (size_t t = 0; t < work->backtest->n_tiers; t++) {
        const double met = (double)n * surety_forecast_at_least(&forecast, work->backtest->tiers[t].target);
        p_met[t] = (met + 1.0) / ((double)n + 2.0); // Laplace's rule of succession
    }
    return score(work, &forecast, y, p_met);
}

// What the run says of the architecture: all bins of its windows.
static enum surety_err by_model(const struct work *work, const struct surety_architecture_result *result, double y,
                                struct surety_backtest_forecast *out)
{
    struct surety_forecast_point *points = calloc(result->n_unavailability, sizeof *points);
    double p_met[SURETY_MOST_TARGETS];
    if (points == NULL)
        return SURETY_E_MEMORY;
    for (size_t i = 0; i < result->n_unavailability; i++)
        points[i] = (struct surety_forecast_point){1.0 - result->unavailability[i].unavailability,
                                                   (double)result->unavailability[i].n_windows};
    const struct surety_forecast forecast = surety_forecast_make(points, result->n_unavailability);
    for (size_t t = 0; t < work->backtest->n_tiers; t++)
        p_met[t] = result->tiers[t].month_met.p;
    out->scores[SURETY_BY_MODEL] = score(work, &forecast, y, p_met);
    for (size_t l = 0; l < SURETY_N_LEVELS; l++)
        out->intervals[l] = surety_forecast_central(&forecast, surety_levels[l]);
    free(points);
    return SURETY_OK;
}

// --- one month --------------------------------------------------------------------------------------------------------

// The scenario of one month: its term, and the outages as they are believed before it.
static enum surety_err read_month(const struct work *work, size_t month, struct surety_arena *arena,
                                  struct surety_diags *diags, struct surety_scenario **out)
{
    const struct surety_backtest_input *input = work->input;
    struct surety_override *overrides =
        surety_arena_calloc(arena, input->n_overrides + input->n_histories + 2, sizeof *overrides);
    char start[11];
    size_t n = 0, origin = 0;
    (void)origin_of(work, month, &origin);
    surety_date_format(surety_date_month_start(input->first, (int64_t)month), start);
    if (overrides == NULL)
        return SURETY_E_MEMORY;
    for (; n < input->n_overrides; n++)
        overrides[n] = input->overrides[n];
    overrides[n++] = (struct surety_override){"term.start", surety_arena_printf(arena, "%s", start)};
    overrides[n++] = (struct surety_override){"term.months", "1"};
    for (size_t h = 0; h < input->n_histories; h++) {
        if (!is_long_enough(work, &input->histories[h], input->months_us[origin]))
            continue; // no architecture with it is scored
        const char *path = surety_arena_printf(arena, "providers.%s.outages", input->histories[h].provider);
        const char *value = surety_backtest_outages(arena, input->histories, input->n_histories, h,
                                                    input->months_us[origin], &work->options->belief);
        overrides[n++] = (struct surety_override){path, value};
    }
    for (size_t i = 0; i < n; i++) {
        if (overrides[i].path == NULL || overrides[i].value == NULL)
            return SURETY_E_MEMORY;
    }
    return surety_scenario_read(input->registry, input->file, input->text, strlen(input->text), overrides, n, diags,
                                out);
}

// Reads, plans and runs one month, with messages to `diags`.
static enum surety_err simulate(const struct work *work, size_t month, struct surety_diags *diags,
                                struct surety_result **out)
{
    struct surety_arena arena;
    struct surety_scenario *scenario = NULL;
    struct surety_plan *plan = NULL;
    struct surety_run_options run;
    surety_run_options_default(&run);
    run.seed = work->options->seed + month;
    run.n_replications = work->options->n_replications;
    run.n_threads = work->options->n_threads;
    surety_arena_init(&arena);
    enum surety_err err = read_month(work, month, &arena, diags, &scenario);
    if (err == SURETY_OK)
        err = surety_plan_create(scenario, diags, &plan);
    if (err == SURETY_OK)
        err = surety_run(scenario, plan, &run, diags, out);
    surety_plan_destroy(plan);
    surety_scenario_destroy(scenario);
    surety_arena_finish(&arena);
    return err;
}

// The same without a word when all is well: what it warns of was said of the scenario as it is.
static enum surety_err simulate_quietly(const struct work *work, size_t month, struct surety_result **out)
{
    struct surety_diags quiet;
    surety_diags_init(&quiet, work->input->file);
    const enum surety_err err = simulate(work, month, &quiet, out);
    surety_diags_finish(&quiet);
    return err == SURETY_OK ? SURETY_OK : simulate(work, month, work->diags, out);
}

static enum surety_err forecast_month(struct work *work, size_t month)
{
    struct surety_result *result = NULL;
    enum surety_err err = SURETY_OK;
    for (size_t a = 0; a < work->scenario->n_architectures && err == SURETY_OK; a++) {
        if (!can_forecast(work, a, month))
            continue;
        if (result == NULL)
            err = simulate_quietly(work, month, &result);
        if (err != SURETY_OK)
            break;
        const double y = realised(work, a, month);
        struct surety_backtest_forecast *forecast =
            &work->forecasts[a * work->input->n_months + work->by_architecture[a]];
        *forecast = (struct surety_backtest_forecast){.architecture = a, .month = month, .realised = y};
        err = by_model(work, &result->architectures[a], y, forecast);
        forecast->scores[SURETY_BY_CLIMATOLOGY] = by_climatology(work, a, month, y);
        forecast->scores[SURETY_BY_PUBLISHED] = by_published(work, a, y);
        work->by_architecture[a] += 1;
    }
    surety_result_destroy(result);
    return err;
}

// --- all ----------------------------------------------------------------------------------------------------------------

static const char *copy(struct surety_backtest *backtest, const char *text)
{
    return surety_arena_printf(&backtest->arena, "%s", text);
}

static enum surety_err refuse(const struct work *work, const char *hint, const char *what)
{
    surety_diag_add(work->diags, SURETY_D_UNSUPPORTED, NOWHERE, NULL, hint, "%s", what);
    return SURETY_E_INPUT;
}

// Reads the scenario as it is and describes what will be forecast.
static enum surety_err start(struct work *work)
{
    const struct surety_backtest_input *input = work->input;
    struct surety_backtest *backtest = work->backtest;
    enum surety_err err = surety_scenario_read(input->registry, input->file, input->text, strlen(input->text),
                                               input->overrides, input->n_overrides, work->diags, &work->scenario);
    if (err != SURETY_OK)
        return err;
    const struct surety_scenario *scenario = work->scenario;
    if (scenario->contract.window_months != 1)
        return refuse(work, "--set contract.window=calendar-month", "a backtest forecasts calendar months");
    if (scenario->contract.n_tiers > SURETY_MOST_TARGETS)
        return refuse(work, "leave some out", "a backtest scores at most 16 tiers");
    backtest->name = copy(backtest, scenario->name);
    backtest->file = copy(backtest, scenario->file);
    backtest->sha256 = copy(backtest, scenario->sha256);
    backtest->n_tiers = scenario->contract.n_tiers;
    backtest->tiers = surety_arena_calloc(&backtest->arena, backtest->n_tiers, sizeof *backtest->tiers);
    if (backtest->name == NULL || backtest->file == NULL || backtest->sha256 == NULL || backtest->tiers == NULL)
        return SURETY_E_MEMORY;
    for (size_t t = 0; t < backtest->n_tiers; t++)
        backtest->tiers[t] = (struct surety_backtest_tier){copy(backtest, scenario->contract.tiers[t].name),
                                                           (double)scenario->contract.tiers[t].availability_ppb /
                                                               (double)SURETY_PPB_ONE};
    work->by_architecture = calloc(scenario->n_architectures, sizeof *work->by_architecture);
    work->forecasts = calloc(scenario->n_architectures * input->n_months + 1, sizeof *work->forecasts);
    work->points = calloc(input->n_months + 1, sizeof *work->points);
    return work->by_architecture == NULL || work->forecasts == NULL || work->points == NULL ? SURETY_E_MEMORY
                                                                                            : SURETY_OK;
}

// Gathers the forecasts by architecture and sums them up.
static enum surety_err finish(struct work *work)
{
    struct surety_backtest *backtest = work->backtest;
    const size_t n_architectures = work->scenario->n_architectures;
    for (size_t a = 0; a < n_architectures; a++)
        backtest->n += work->by_architecture[a];
    if (backtest->n == 0)
        return refuse(work, "a month needs a record that covers it, one month before it and the least history",
                      "no month can be forecast from these records");
    backtest->forecasts = surety_arena_calloc(&backtest->arena, backtest->n, sizeof *backtest->forecasts);
    backtest->groups = surety_arena_calloc(&backtest->arena, n_architectures, sizeof *backtest->groups);
    if (backtest->forecasts == NULL || backtest->groups == NULL)
        return SURETY_E_MEMORY;
    size_t n = 0;
    for (size_t a = 0; a < n_architectures; a++) {
        const size_t k = work->by_architecture[a];
        if (k == 0)
            continue;
        memcpy(&backtest->forecasts[n], &work->forecasts[a * work->input->n_months], k * sizeof *backtest->forecasts);
        struct surety_backtest_group *group = &backtest->groups[backtest->n_groups++];
        group->name = copy(backtest, work->scenario->architectures[a].name);
        const enum surety_err err =
            group->name == NULL ? SURETY_E_MEMORY
                                : surety_backtest_group_make(&backtest->forecasts[n], k, backtest->n_tiers, group);
        if (err != SURETY_OK)
            return err;
        n += k;
    }
    backtest->all.name = "all";
    return surety_backtest_total_make(backtest);
}

enum surety_err surety_backtest_run(const struct surety_backtest_input *input,
                                    const struct surety_backtest_options *options, struct surety_diags *diags,
                                    struct surety_backtest **out)
{
    struct work work = {.input = input, .options = options, .diags = diags};
    work.backtest = calloc(1, sizeof *work.backtest);
    if (work.backtest == NULL)
        return SURETY_E_MEMORY;
    surety_arena_init(&work.backtest->arena);
    work.backtest->seed = options->seed;
    work.backtest->n_replications = options->n_replications;
    work.backtest->ahead = options->ahead;
    work.backtest->min_history_s = options->min_history_s;
    work.backtest->published = options->published;
    work.backtest->belief = options->belief;
    work.backtest->first = input->first;
    enum surety_err err = start(&work);
    for (size_t m = 0; m < input->n_months && err == SURETY_OK; m++) {
        if (options->progress != NULL)
            options->progress(options->progress_context, m, input->n_months);
        err = forecast_month(&work, m);
    }
    if (err == SURETY_OK)
        err = finish(&work);
    surety_scenario_destroy(work.scenario);
    free(work.by_architecture);
    free(work.forecasts);
    free(work.points);
    if (err == SURETY_OK)
        *out = work.backtest;
    else
        surety_backtest_destroy(work.backtest);
    return err;
}

void surety_backtest_destroy(struct surety_backtest *backtest)
{
    if (backtest == NULL)
        return;
    surety_arena_finish(&backtest->arena);
    free(backtest);
}
