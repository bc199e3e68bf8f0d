// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/backtest.h"
#include "plots/json_writer.h"

#include <stdio.h>

static const char *const level_names[SURETY_N_LEVELS] = {"50%", "80%", "90%"};

static void put_score(struct surety_json *json, const char *key, const struct surety_backtest *backtest,
                      const struct surety_score *score)
{
    surety_json_open_map(json, key, false);
    surety_json_number(json, "crps", score->crps);
    surety_json_open_map(json, "intervals", false);
    for (size_t l = 0; l < SURETY_N_LEVELS; l++) {
        surety_json_open_map(json, level_names[l], true);
        surety_json_number(json, "covered", score->levels[l].covered);
        surety_json_number(json, "said", score->levels[l].mass);
        surety_json_number(json, "central_share", score->levels[l].central_share);
        surety_json_number(json, "width", score->levels[l].width);
        surety_json_close(json);
    }
    surety_json_close(json);
    surety_json_open_list(json, "tiers", false);
    for (size_t t = 0; t < backtest->n_tiers; t++) {
        surety_json_open_map(json, NULL, true);
        surety_json_text(json, "name", backtest->tiers[t].name);
        surety_json_number(json, "target", backtest->tiers[t].target);
        surety_json_number(json, "p", score->targets[t].p);
        surety_json_number(json, "met", score->targets[t].happened);
        surety_json_number(json, "brier", score->targets[t].brier);
        surety_json_number(json, "log", score->targets[t].log);
        surety_json_close(json);
    }
    surety_json_close(json);
    surety_json_close(json);
}

static void put_group(struct surety_json *json, const char *key, const struct surety_backtest *backtest,
                      const struct surety_backtest_group *group)
{
    const struct surety_backtest_goal goal = surety_backtest_goal(group);
    char month[8];
    surety_json_open_map(json, key, false);
    surety_json_text(json, "name", group->name);
    surety_json_integer(json, "months", group->n);
    surety_backtest_month(backtest, group->first_month, month);
    surety_json_text(json, "from", month);
    surety_backtest_month(backtest, group->last_month, month);
    surety_json_text(json, "to", month);
    surety_json_open_map(json, "goal", true);
    surety_json_bool(json, "covers", goal.covers);
    surety_json_bool(json, "beats_climatology", goal.beats_climatology);
    surety_json_bool(json, "beats_published", goal.beats_published);
    surety_json_close(json);
    surety_json_open_map(json, "coverage_interval", false);
    for (size_t l = 0; l < SURETY_N_LEVELS; l++) {
        surety_json_open_map(json, level_names[l], true);
        surety_json_number(json, "lo", group->coverage[l].low);
        surety_json_number(json, "hi", group->coverage[l].high);
        surety_json_close(json);
    }
    surety_json_close(json);
    surety_json_open_map(json, "crps_gain", false);
    for (size_t f = SURETY_BY_CLIMATOLOGY; f < SURETY_N_FORECASTERS; f++) {
        surety_json_open_map(json, surety_forecaster_names[f], true);
        surety_json_number(json, "gain", group->gains[f].gain);
        surety_json_number(json, "se", group->gains[f].se);
        surety_json_close(json);
    }
    surety_json_close(json);
    for (size_t f = 0; f < SURETY_N_FORECASTERS; f++)
        put_score(json, surety_forecaster_names[f], backtest, &group->means[f]);
    surety_json_close(json);
}

static void put_forecasts(struct surety_json *json, const struct surety_backtest *backtest)
{
    surety_json_open_list(json, "forecasts", false);
    size_t group = 0, left = backtest->groups[0].n;
    for (size_t i = 0; i < backtest->n; i++) {
        const struct surety_backtest_forecast *forecast = &backtest->forecasts[i];
        char month[8];
        if (left == 0)
            left = backtest->groups[++group].n;
        left--;
        surety_backtest_month(backtest, forecast->month, month);
        surety_json_open_map(json, NULL, true);
        surety_json_text(json, "architecture", backtest->groups[group].name);
        surety_json_text(json, "month", month);
        surety_json_number(json, "availability", forecast->realised);
        for (size_t l = 0; l < SURETY_N_LEVELS; l++) {
            surety_json_open_list(json, level_names[l], true);
            surety_json_number(json, NULL, forecast->intervals[l].lo);
            surety_json_number(json, NULL, forecast->intervals[l].hi);
            surety_json_close(json);
        }
        surety_json_open_list(json, "p_met", true);
        for (size_t t = 0; t < backtest->n_tiers; t++)
            surety_json_number(json, NULL, forecast->scores[SURETY_BY_MODEL].targets[t].p);
        surety_json_close(json);
        surety_json_open_list(json, "crps", true);
        for (size_t f = 0; f < SURETY_N_FORECASTERS; f++)
            surety_json_number(json, NULL, forecast->scores[f].crps);
        surety_json_close(json);
        surety_json_close(json);
    }
    surety_json_close(json);
}

static void put_reliability(struct surety_json *json, const struct surety_backtest *backtest)
{
    surety_json_open_map(json, "reliability", false);
    for (size_t f = 0; f < SURETY_N_FORECASTERS; f++) {
        surety_json_open_map(json, surety_forecaster_names[f], false);
        surety_json_open_map(json, "brier_parts", true);
        surety_json_number(json, "reliability", backtest->parts[f].reliability);
        surety_json_number(json, "resolution", backtest->parts[f].resolution);
        surety_json_number(json, "uncertainty", backtest->parts[f].uncertainty);
        surety_json_number(json, "within", backtest->parts[f].within);
        surety_json_close(json);
        surety_json_open_list(json, "bins", false);
        for (size_t b = 0; b < SURETY_N_BINS; b++) {
            const struct surety_reliability *bin = &backtest->bins[f][b];
            surety_json_open_map(json, NULL, true);
            surety_json_number(json, "from", bin->from);
            surety_json_number(json, "to", bin->to);
            surety_json_integer(json, "n", bin->n);
            surety_json_number(json, "p", bin->p_mean);
            surety_json_number(json, "met", bin->met);
            surety_json_number(json, "lo", bin->interval.low);
            surety_json_number(json, "hi", bin->interval.high);
            surety_json_close(json);
        }
        surety_json_close(json);
        surety_json_close(json);
    }
    surety_json_close(json);
}

static void put_settings(struct surety_json *json, const struct surety_backtest *backtest)
{
    const struct surety_belief_settings *belief = &backtest->belief;
    surety_json_open_map(json, "run", false);
    surety_json_text(json, "version", SURETY_VERSION);
    surety_json_integer(json, "seed", backtest->seed);
    surety_json_integer(json, "replications", backtest->n_replications);
    surety_json_integer(json, "ahead", backtest->ahead);
    surety_json_number(json, "min_history_s", backtest->min_history_s);
    surety_json_number(json, "published", backtest->published);
    surety_json_close(json);
    surety_json_open_map(json, "belief", false);
    surety_json_number(json, "half_life_s", belief->half_life_s);
    surety_json_number(json, "dispersion", belief->dispersion);
    surety_json_number(json, "drift", belief->drift);
    surety_json_number(json, "pool_outages", belief->pool_outages);
    surety_json_number(json, "pool_most_s", belief->pool_most_s);
    surety_json_number(json, "pool_lengths", belief->pool_lengths);
    surety_json_number(json, "pool_sigma", belief->pool_sigma);
    surety_json_number(json, "up_shape", belief->up_shape);
    surety_json_close(json);
}

void surety_backtest_json(const struct surety_backtest *backtest, FILE *out)
{
    struct surety_json json;
    surety_json_init(&json, out);
    surety_json_open_map(&json, NULL, false);
    surety_json_integer(&json, "surety", 1);
    surety_json_text(&json, "kind", "backtest");
    surety_json_open_map(&json, "scenario", false);
    surety_json_text(&json, "name", backtest->name);
    surety_json_text(&json, "file", backtest->file);
    surety_json_text(&json, "sha256", backtest->sha256);
    surety_json_close(&json);
    put_settings(&json, backtest);
    put_group(&json, "all", backtest, &backtest->all);
    surety_json_open_list(&json, "architectures", false);
    for (size_t g = 0; g < backtest->n_groups; g++)
        put_group(&json, NULL, backtest, &backtest->groups[g]);
    surety_json_close(&json);
    put_reliability(&json, backtest);
    put_forecasts(&json, backtest);
    surety_json_close(&json);
}
