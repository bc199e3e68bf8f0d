// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/backtest.h"
#include "plots/gnuplot.h"
#include "sim/engine/backtest_groups.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N 60

// Two services of 30 months each, made up: the forecaster says 0.05, 0.15, ... of a tier, and about that many come true.
// `spread`: half the width of its interval of availabilities, in steps of 1e-4.
static struct surety_backtest *fixture(double spread)
{
    static struct surety_backtest_tier tiers[] = {{"premium", 0.999}};
    static const char *const names[] = {"service-a", "service-b"};
    struct surety_backtest *backtest = calloc(1, sizeof *backtest);
    surety_arena_init(&backtest->arena);
    backtest->name = "Made up";
    backtest->file = "made.yaml";
    backtest->sha256 = "00";
    backtest->n_replications = 16384;
    backtest->seed = 1;
    backtest->min_history_s = 90 * 86400.0;
    backtest->published = 0.999;
    surety_belief_settings_default(&backtest->belief);
    backtest->first = (struct surety_date){2023, 11, 1};
    backtest->tiers = tiers;
    backtest->n_tiers = 1;
    backtest->n = N;
    backtest->forecasts = surety_arena_calloc(&backtest->arena, N, sizeof *backtest->forecasts);
    for (size_t i = 0; i < N; i++) {
        struct surety_backtest_forecast *forecast = &backtest->forecasts[i];
        const double p = 0.05 + 0.1 * (double)(i % 10);
        const bool met = fmod((double)i * 0.6180339887, 1.0) < p;
        const double y = met ? 0.9995 : 0.9985;
        forecast->architecture = i / 30;
        forecast->month = 3 + i % 30;
        forecast->realised = y;
        for (size_t f = 0; f < SURETY_N_FORECASTERS; f++) {
            struct surety_forecast_point points[40];
            for (size_t k = 0; k < 40; k++)
                points[k] = (struct surety_forecast_point){
                    y + ((double)k - 19.5) * 1e-5 * (f == 0 ? spread : 3 * spread + 10) + (f == 0 ? 0 : 4e-4), 1};
            const struct surety_forecast made = surety_forecast_make(points, 40);
            const double p_met = f == 2 ? 1.0 : f == 1 ? 0.5 : p;
            forecast->scores[f] = surety_score_make(&made, y, &p_met, &tiers[0].target, 1);
            if (i % 9 == 0)
                forecast->scores[f].levels[2].covered = 0;
        }
    }
    backtest->groups = surety_arena_calloc(&backtest->arena, 2, sizeof *backtest->groups);
    backtest->n_groups = 2;
    for (size_t g = 0; g < 2; g++) {
        backtest->groups[g].name = names[g];
        cr_assert_eq(surety_backtest_group_make(&backtest->forecasts[30 * g], 30, 1, &backtest->groups[g]), SURETY_OK);
    }
    backtest->all.name = "all";
    cr_assert_eq(surety_backtest_total_make(backtest), SURETY_OK);
    return backtest;
}

static char *report(void (*write)(const struct surety_backtest *, FILE *), const struct surety_backtest *backtest)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    write(backtest, out);
    fclose(out);
    return text;
}

Test(plots_backtest, text_says_whether_the_goal_is_met)
{
    struct surety_backtest *backtest = fixture(1);
    char *text = report(surety_backtest_text, backtest);
    cr_assert_not_null(strstr(text, "60 months forecast, 2024-02 to 2026-07"), "%s", text);
    cr_assert_not_null(strstr(text, "90 % intervals held 88.3 % of the months"), "%s", text);
    cr_assert_not_null(strstr(text, ": within 85 to 95 %"));
    cr_assert_null(strstr(text, "NOT"));
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
        cr_assert_leq(strcspn(line, "\n"), 100, "%.120s", line);
    free(text);
    for (size_t i = 0; i < N; i++) // the same with an interval that holds nothing, and worse than climatology
        backtest->forecasts[i].scores[0].levels[2].covered = 0, backtest->forecasts[i].scores[0].crps = 1;
    cr_assert_eq(surety_backtest_total_make(backtest), SURETY_OK);
    text = report(surety_backtest_text, backtest);
    cr_assert_not_null(strstr(text, "NOT within 85 to 95 %"));
    cr_assert_not_null(strstr(text, "by climatology"));
    cr_assert_not_null(strstr(text, "NOT better"));
    free(text);
    surety_backtest_destroy(backtest);
}

Test(plots_backtest, json_has_every_forecast)
{
    struct surety_backtest *backtest = fixture(1);
    char *text = report(surety_backtest_json, backtest);
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, "\"p_met\"")) != NULL; at++)
        n++;
    cr_assert_eq(n, N);
    cr_assert_not_null(strstr(text, "\"kind\": \"backtest\""));
    cr_assert_not_null(
        strstr(text, "\"goal\": {\"covers\": true, \"beats_climatology\": true, \"beats_published\": true}"), "%.3000s",
        text);
    cr_assert_not_null(strstr(text, "\"service-b\""));
    free(text);
    surety_backtest_destroy(backtest);
}

Test(plots_backtest, reliability_is_drawn)
{
    struct surety_backtest *backtest = fixture(1);
    struct surety_diags diags;
    struct surety_gnuplot_output output;
    char *script = report(surety_backtest_reliability, backtest);
    surety_diags_init(&diags, "test");
    const enum surety_err err = surety_gnuplot_run(script, "reliability", &diags, &output);
    cr_assert_not(output.script_error, "%s", output.said.messages);
    if (err == SURETY_OK) {
        cr_assert_not_null(strstr(output.said.text, "</svg>"));
        cr_assert_not_null(strstr(output.said.text, "calibrated"));
        cr_assert_str_empty(output.said.messages, "%s", output.said.messages);
    }
    surety_gnuplot_output_finish(&output);
    surety_diags_finish(&diags);
    free(script);
    surety_backtest_destroy(backtest);
}
