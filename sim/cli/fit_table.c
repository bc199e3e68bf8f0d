// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cli/fit_table.h"

#include "plots/json_writer.h"
#include "sim/base/calendar.h"
#include "sim/cli/fit_request.h"
#include "sim/cli/output.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NOWHERE ((struct surety_place){0, 0})

// The two series of one service.
struct series {
    double *gaps_d, *repairs_h; // n_gaps, n_repairs
    size_t n_reports, n_gaps, n_repairs;
};

static int by_value(const void *a, const void *b)
{
    const double l = *(const double *)a, r = *(const double *)b;
    return (l > r) - (l < r);
}

static double mean(const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return n > 0 ? sum / (double)n : NAN;
}

static bool names(const struct surety_incident *incident, const struct surety_fit_wish *wish)
{
    if (wish->provider != NULL && strcmp(wish->provider, incident->provider) != 0)
        return false;
    for (size_t c = 0; c < incident->n_components; c++)
        if (wish->n_components > 0 && strcmp(incident->components[c], wish->components[0]) == 0)
            return true;
    return false;
}

static bool read_series(const struct surety_fit_wish *wish, struct surety_arena *arena, struct series *out)
{
    const struct surety_record *record = wish->record;
    double *starts = surety_arena_calloc(arena, record->n + 1, sizeof *starts);
    *out = (struct series){.repairs_h = surety_arena_calloc(arena, record->n + 1, sizeof(double)),
                           .gaps_d = surety_arena_calloc(arena, record->n + 1, sizeof(double))};
    if (starts == NULL || out->repairs_h == NULL || out->gaps_d == NULL)
        return false;
    for (size_t i = 0; i < record->n; i++) {
        const struct surety_incident *incident = &record->incidents[i];
        int64_t first = INT64_MAX;
        if (!names(incident, wish))
            continue;
        starts[out->n_reports++] = (double)incident->start_us / (double)SURETY_US_PER_DAY;
        for (int s = SURETY_STAGE_INVESTIGATING; s <= SURETY_STAGE_MONITORING; s++)
            if (incident->stage_us[s] != SURETY_NO_TIME && incident->stage_us[s] < first)
                first = incident->stage_us[s];
        const int64_t resolved = incident->stage_us[SURETY_STAGE_RESOLVED];
        if (first != INT64_MAX && resolved != SURETY_NO_TIME)
            out->repairs_h[out->n_repairs++] = (double)(resolved - first) / (double)SURETY_US_PER_HOUR;
    }
    qsort(starts, out->n_reports, sizeof *starts, by_value);
    for (size_t i = 0; i + 1 < out->n_reports; i++)
        out->gaps_d[out->n_gaps++] = starts[i + 1] - starts[i];
    return true;
}

// Positive values only: a law of durations gives no weight to 0.
static size_t positive(double *x, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (x[i] > 0)
            x[kept++] = x[i];
    return kept;
}

static enum surety_err put_fits(struct surety_json *json, const char *key, double *x, size_t n)
{
    struct surety_fitted fitted;
    struct surety_outage_options options = surety_outage_options_default();
    const struct surety_sample sample = {.whole = x, .n_whole = positive(x, n)};
    options.n_replicates = 0;
    const enum surety_err err = surety_fit_all(&sample, &options, &fitted);
    if (err != SURETY_OK)
        return err;
    surety_json_open_map(json, key, false);
    surety_json_integer(json, "n", sample.n_whole);
    for (enum surety_fit_kind kind = 0; kind < SURETY_N_FITS; kind++) {
        const struct surety_fit *fit = &fitted.fits[kind];
        if (fit->why_not != NULL)
            continue;
        surety_json_open_map(json, surety_fit_kinds[kind].name, true);
        surety_json_open_list(json, "parameters", true);
        for (size_t j = 0; j < surety_fit_kinds[kind].n; j++)
            surety_json_number(json, NULL, fit->value[j]);
        surety_json_close(json);
        surety_json_number(json, "aic", fit->aic);
        surety_json_number(json, "ks", fit->ks);
        surety_json_close(json);
    }
    surety_json_close(json);
    return SURETY_OK;
}

static enum surety_err put_incidents(const struct surety_fit_request *request, struct surety_arena *arena,
                                     struct surety_json *json)
{
    if (json == NULL)
        printf("provider,service,reports,repairs,mttr_h,mtbf_d\n");
    for (size_t i = 0; i < request->n; i++) {
        const struct surety_fit_wish *wish = &request->wishes[i];
        struct series series;
        if (!read_series(wish, arena, &series))
            return SURETY_E_MEMORY;
        if (json == NULL) {
            printf("%s,%s,%zu,%zu,%.2f,%.2f\n", wish->name, wish->components[0], series.n_reports, series.n_repairs,
                   mean(series.repairs_h, series.n_repairs), mean(series.gaps_d, series.n_gaps));
            continue;
        }
        surety_json_open_map(json, wish->components[0], false);
        surety_json_integer(json, "reports", series.n_reports);
        surety_json_number(json, "mttr_h", mean(series.repairs_h, series.n_repairs));
        surety_json_number(json, "mtbf_d", mean(series.gaps_d, series.n_gaps));
        enum surety_err err = put_fits(json, "gap_d", series.gaps_d, series.n_gaps);
        if (err == SURETY_OK)
            err = put_fits(json, "repair_h", series.repairs_h, series.n_repairs);
        if (err != SURETY_OK)
            return err;
        surety_json_close(json);
    }
    return SURETY_OK;
}

struct day {
    int64_t day;
    double lost_s;
};

static int by_day(const void *a, const void *b)
{
    const struct day *l = a, *r = b;
    return (l->day > r->day) - (l->day < r->day);
}

static enum surety_err put_days(const struct surety_fit_request *request, struct surety_arena *arena)
{
    printf(
        "provider,service,days,mean_daily_avail_pct,min_daily_avail_pct,days_at_100_pct,outage_days_pct,outage_days\n");
    for (size_t i = 0; i < request->n; i++) {
        const struct surety_fit_wish *wish = &request->wishes[i];
        const struct surety_record *record = wish->record;
        struct day *days = surety_arena_calloc(arena, record->n + 1, sizeof *days);
        size_t n = 0, n_days = 0;
        double lost = 0, worst = 0;
        if (days == NULL)
            return SURETY_E_MEMORY;
        double watched = (double)(record->until_us - record->from_us) / (double)SURETY_US_PER_DAY;
        for (size_t w = 0; w < record->n_watches; w++)
            if (strcmp(record->watches[w].component, wish->components[0]) == 0)
                watched =
                    (double)(record->watches[w].until_us - record->watches[w].from_us) / (double)SURETY_US_PER_DAY;
        for (size_t k = 0; k < record->n; k++) {
            const struct surety_incident *incident = &record->incidents[k];
            if (!names(incident, wish))
                continue;
            const double share = request->cleaning.profile->grade[incident->grade].share;
            days[n++] = (struct day){incident->start_us / SURETY_US_PER_DAY,
                                     share * (double)(incident->end_us - incident->start_us) / 1e6};
        }
        qsort(days, n, sizeof *days, by_day);
        for (size_t k = 0; k < n;) {
            const int64_t day = days[k].day;
            double sum = 0;
            for (; k < n && days[k].day == day; k++)
                sum += days[k].lost_s;
            lost += sum;
            worst = fmax(worst, sum);
            n_days++;
        }
        printf("%s,%s,%.0f,%.2f,%.2f,%.2f,%.2f,%zu\n", wish->name, wish->components[0], watched,
               100 * (1 - lost / 86400 / watched), 100 * (1 - worst / 86400), 100 * (1 - (double)n_days / watched),
               100 * (double)n_days / watched, n_days);
    }
    return SURETY_OK;
}

enum surety_err surety_fit_table(const struct surety_options *options, struct surety_diags *diags)
{
    const struct surety_record_options rules = {.drop_disordered = true};
    struct surety_options split = *options;
    struct surety_fit_inputs inputs;
    if (strcmp(options->table, "icpe25") != 0) {
        surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, "allowed: icpe25", "there are no rules \"%.40s\"",
                        options->table);
        return SURETY_E_INPUT;
    }
    split.by = "component";
    enum surety_err err = surety_fit_inputs_read(&inputs, &split, 1, &rules, diags);
    if (err == SURETY_OK && inputs.n_records != 1) {
        surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, NULL, "--table takes one file");
        err = SURETY_E_INPUT;
    }
    if (err == SURETY_OK && inputs.records[0]->one_outage_a_day) {
        err = put_days(&inputs.request, &inputs.arena);
    } else if (err == SURETY_OK && options->json == NULL) {
        err = put_incidents(&inputs.request, &inputs.arena, NULL);
    } else if (err == SURETY_OK) {
        struct surety_output output;
        struct surety_json json;
        err = surety_output_open(&output, options->json, diags);
        if (err == SURETY_OK) {
            surety_json_init(&json, output.file);
            surety_json_open_map(&json, NULL, false);
            err = put_incidents(&inputs.request, &inputs.arena, &json);
            if (err == SURETY_OK) {
                surety_json_close(&json);
                err = surety_output_commit(&output, diags);
            }
            surety_output_abandon(&output);
        }
    }
    surety_fit_inputs_finish(&inputs);
    return err;
}
