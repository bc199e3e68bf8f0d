// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/fit.h"

#include "plots/json_writer.h"

#include <math.h>

static void put_fitted(struct surety_json *json, const char *key, const struct surety_fitted *fitted)
{
    surety_json_open_map(json, key, false);
    surety_json_integer(json, "whole", fitted->sample.n_whole);
    surety_json_integer(json, "censored", fitted->sample.n_cut);
    surety_json_integer(json, "cut_at_start", fitted->sample.n_rest);
    surety_json_text(json, "chosen", fitted->chosen < SURETY_N_FITS ? surety_fit_kinds[fitted->chosen].name : NULL);
    surety_json_number(json, "mean_s", fitted->mean);
    surety_json_open_list(json, "laws", false);
    for (enum surety_fit_kind kind = 0; kind < SURETY_N_FITS; kind++) {
        const struct surety_fit *fit = &fitted->fits[kind];
        const struct surety_fit_kind_row *row = &surety_fit_kinds[kind];
        if (fit->why_not != NULL)
            continue;
        surety_json_open_map(json, NULL, true);
        surety_json_text(json, "law", row->name);
        surety_json_open_list(json, "parameters", true);
        for (size_t j = 0; j < row->n; j++) {
            surety_json_open_map(json, NULL, true);
            surety_json_text(json, "name", row->parameters[j].name);
            surety_json_text(json, "unit", row->parameters[j].is_time ? "s" : "");
            surety_json_number(json, "value", fit->value[j]);
            surety_json_number(json, "lo", fit->interval[j].low);
            surety_json_number(json, "hi", fit->interval[j].high);
            surety_json_close(json);
        }
        surety_json_close(json);
        surety_json_number(json, "log_likelihood", fit->log_likelihood);
        surety_json_number(json, "aic", fit->aic);
        surety_json_number(json, "aicc", fit->aicc);
        surety_json_number(json, "ks", fit->ks);
        surety_json_number(json, "ad", fit->ad);
        surety_json_number(json, "p_ks", fit->p_ks);
        surety_json_number(json, "p_ad", fit->p_ad);
        surety_json_bool(json, "at_limit", fit->at_limit);
        surety_json_close(json);
    }
    surety_json_close(json);
    surety_json_close(json);
}

static void put_rhythm(struct surety_json *json, const struct surety_rhythm *rhythm)
{
    surety_json_open_map(json, "weekly_rhythm", true);
    surety_json_bool(json, "flat", rhythm->flat);
    surety_json_number(json, "p", rhythm->p);
    surety_json_integer(json, "starts", rhythm->n);
    if (!rhythm->flat) {
        surety_json_open_list(json, "hours", true);
        for (int hour = 0; hour < SURETY_WEEK_HOURS; hour++)
            surety_json_number(json, NULL, rhythm->hours[hour]);
        surety_json_close(json);
    }
    surety_json_close(json);
}

static void put_provider(struct surety_json *json, const struct surety_fit_provider *provider)
{
    const struct surety_record *record = provider->wish->record;
    const struct surety_record_episodes *e = provider->episodes;
    char from[21], until[21];
    surety_time_write(provider->from_us, from);
    surety_time_write(provider->until_us, until);
    surety_json_open_map(json, NULL, false);
    surety_json_text(json, "name", provider->wish->name);
    surety_json_text(json, "file", record->file);
    surety_json_text(json, "dialect", record->dialect);
    surety_json_text(json, "sha256", record->sha256);
    surety_json_bool(json, "dated", !record->undated);
    surety_json_text(json, "from", from);
    surety_json_text(json, "until", until);
    surety_json_open_map(json, "incidents", true);
    surety_json_integer(json, "used", e->n_incidents);
    surety_json_integer(json, "repeated", record->n_repeated);
    surety_json_integer(json, "disordered", record->n_disordered);
    surety_json_integer(json, "united", e->n_united);
    surety_json_integer(json, "failing_nothing", e->n_failing_nothing);
    surety_json_integer(json, "without_length", e->n_instants);
    surety_json_integer(json, "unnamed", e->n_unnamed);
    surety_json_integer(json, "open", e->n_open);
    surety_json_integer(json, "outside", e->n_outside);
    surety_json_integer(json, "winsorised", e->n_capped);
    surety_json_close(json);
    put_rhythm(json, &provider->rhythm);
    surety_json_number(json, "own_starts", provider->own_starts);
    surety_json_number(json, "taken_out", provider->taken_out);
    surety_json_open_list(json, "outages", false);
    for (size_t s = 0; s < provider->n_sources; s++) {
        const struct surety_outage_model *model = &provider->sources[s];
        surety_json_open_map(json, NULL, false);
        surety_json_text(json, "name", model->series.name);
        surety_json_integer(json, "n", model->series.n);
        surety_json_number(json, "failing", model->series.failing);
        surety_json_number(json, "share_down", model->share_down);
        surety_json_number(json, "share_down_by_laws", model->share_down_by_laws);
        put_fitted(json, "up", &model->up);
        put_fitted(json, "repair", &model->repair);
        surety_json_close(json);
    }
    surety_json_close(json);
    surety_json_close(json);
}

void surety_fit_json(const struct surety_fit_report *report, FILE *out)
{
    struct surety_json json;
    surety_json_init(&json, out);
    surety_json_open_map(&json, NULL, false);
    surety_json_integer(&json, "surety", 1);
    surety_json_text(&json, "kind", "fit");
    surety_json_text(&json, "profile", report->profile->name);
    surety_json_number(&json, "confidence", report->confidence);
    surety_json_integer(&json, "replicates", report->n_replicates);
    surety_json_open_list(&json, "providers", false);
    for (size_t i = 0; i < report->n; i++)
        put_provider(&json, &report->providers[i]);
    surety_json_close(&json);
    surety_json_open_list(&json, "pairs", false);
    for (size_t i = 0; i < report->n_pairs; i++) {
        const struct surety_pair *pair = &report->pairs[i];
        surety_json_open_map(&json, NULL, true);
        surety_json_text(&json, "a", report->providers[pair->a].wish->name);
        surety_json_text(&json, "b", report->providers[pair->b].wish->name);
        surety_json_integer(&json, "together", pair->together);
        surety_json_number(&json, "expected", pair->expected);
        surety_json_number(&json, "p", pair->p);
        surety_json_bool(&json, "dependent", pair->significant);
        surety_json_close(&json);
    }
    surety_json_close(&json);
    surety_json_open_list(&json, "common_causes", false);
    for (size_t i = 0; i < report->n_causes; i++) {
        const struct surety_cause *cause = &report->causes[i].cause;
        surety_json_open_map(&json, NULL, false);
        surety_json_open_list(&json, "members", true);
        for (size_t m = 0; m < cause->n_members; m++)
            surety_json_text(&json, NULL, report->providers[cause->members[m]].wish->name);
        surety_json_close(&json);
        surety_json_integer(&json, "together", cause->together);
        surety_json_number(&json, "expected", cause->expected);
        surety_json_number(&json, "per_year", cause->rate_per_s * 365 * 86400);
        surety_json_number(&json, "hits", cause->hits);
        surety_json_bool(&json, "included", cause->included);
        surety_json_number(&json, "failing", report->causes[i].failing);
        put_fitted(&json, "length", &report->causes[i].length);
        surety_json_close(&json);
    }
    surety_json_close(&json);
    surety_json_close(&json);
}
