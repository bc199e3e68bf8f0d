// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/backtest_groups.h"

#include <stdlib.h>

// Scores of a forecaster in one row, with the months they belong to.
struct table {
    struct surety_score *scores[SURETY_N_FORECASTERS];
    size_t *months;
};

static bool table_make(struct table *table, const struct surety_backtest_forecast *forecasts, size_t n)
{
    bool all = true;
    table->months = calloc(n, sizeof *table->months);
    for (size_t f = 0; f < SURETY_N_FORECASTERS; f++) {
        table->scores[f] = calloc(n, sizeof *table->scores[f]);
        all = all && table->scores[f] != NULL;
    }
    if (!all || table->months == NULL)
        return false;
    for (size_t i = 0; i < n; i++) {
        table->months[i] = forecasts[i].month;
        for (size_t f = 0; f < SURETY_N_FORECASTERS; f++)
            table->scores[f][i] = forecasts[i].scores[f];
    }
    return true;
}

static void table_free(struct table *table)
{
    free(table->months);
    for (size_t f = 0; f < SURETY_N_FORECASTERS; f++)
        free(table->scores[f]);
}

static void sum_up(const struct table *table, size_t n, size_t n_targets, struct surety_backtest_group *group)
{
    group->n = n;
    group->first_month = group->last_month = table->months[0];
    for (size_t i = 1; i < n; i++) {
        group->first_month = table->months[i] < group->first_month ? table->months[i] : group->first_month;
        group->last_month = table->months[i] > group->last_month ? table->months[i] : group->last_month;
    }
    for (size_t f = 0; f < SURETY_N_FORECASTERS; f++) {
        group->means[f] = surety_score_mean(table->scores[f], n, n_targets);
        group->gains[f] = surety_score_crps_gain(table->scores[SURETY_BY_MODEL], table->scores[f], table->months, n);
    }
    for (size_t l = 0; l < SURETY_N_LEVELS; l++)
        group->coverage[l] = surety_score_coverage_interval(table->scores[SURETY_BY_MODEL], table->months, n, l);
}

enum surety_err surety_backtest_group_make(const struct surety_backtest_forecast *forecasts, size_t n, size_t n_targets,
                                           struct surety_backtest_group *group)
{
    struct table table = {0};
    const bool made = table_make(&table, forecasts, n);
    if (made)
        sum_up(&table, n, n_targets, group);
    table_free(&table);
    return made ? SURETY_OK : SURETY_E_MEMORY;
}

enum surety_err surety_backtest_total_make(struct surety_backtest *backtest)
{
    struct table table = {0};
    const bool made = table_make(&table, backtest->forecasts, backtest->n);
    if (made) {
        sum_up(&table, backtest->n, backtest->n_tiers, &backtest->all);
        for (size_t f = 0; f < SURETY_N_FORECASTERS; f++) {
            surety_score_reliability(table.scores[f], backtest->n, backtest->n_tiers, backtest->bins[f]);
            backtest->parts[f] = surety_score_brier_parts(table.scores[f], backtest->n, backtest->n_tiers);
        }
    }
    table_free(&table);
    return made ? SURETY_OK : SURETY_E_MEMORY;
}
