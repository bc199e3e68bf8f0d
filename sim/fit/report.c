// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/fit/report.h"

#include "sim/fit/report_causes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// The first incident of the provider, of whatever grade and component and also where nothing failed: from then on
// somebody looked, at all that the page tells of.
static int64_t first_seen_us(const struct surety_fit_wish *wish)
{
    for (size_t i = 0; i < wish->record->n; i++) {
        const struct surety_incident *incident = &wish->record->incidents[i];
        if (wish->provider == NULL || strcmp(wish->provider, incident->provider) == 0)
            return incident->start_us;
    }
    return INT64_MAX;
}

#define MOST_BUSY 0.3 // share of the time that may be repairs where a rate of starts is uncertain
#define LEAST_WATCHED_US (INT64_C(86400) * 1000000)

static enum surety_err clean(const struct surety_fit_request *request, struct surety_fit_provider *provider,
                             struct surety_arena *arena, struct surety_diags *diags)
{
    const struct surety_fit_wish *wish = provider->wish;
    struct surety_episode_options options = request->cleaning;
    struct surety_record_episodes *together = NULL;
    options.provider = wish->provider;
    options.components = wish->components;
    options.n_components = wish->n_components;
    options.merge = SURETY_MERGE_PER_GRADE;
    enum surety_err err = surety_record_episodes_create(&wish->record, 1, &options, diags, &provider->episodes);
    options.merge = SURETY_MERGE_UNION;
    if (err == SURETY_OK)
        err = surety_record_episodes_create(&wish->record, 1, &options, diags, &together);
    if (err != SURETY_OK)
        return err;
    struct surety_episode *list = surety_arena_calloc(arena, together->n + 1, sizeof *list);
    double *shares = surety_arena_calloc(arena, together->n + 1, sizeof *shares);
    if (list == NULL || shares == NULL) {
        surety_record_episodes_destroy(together);
        return SURETY_E_MEMORY;
    }
    for (size_t i = 0; i < together->n; i++) {
        list[i] = (struct surety_episode){together->list[i].from_us, together->list[i].to_us};
        shares[i] = together->list[i].share;
    }
    const int64_t seen_us = first_seen_us(wish);
    provider->from_is_known = wish->record->from_given || options.has_from;
    provider->from_us = !provider->from_is_known && seen_us > together->from_us && seen_us < together->until_us
                            ? seen_us
                            : together->from_us;
    provider->until_us = together->until_us;
    provider->track = (struct surety_track){list, together->n, shares, provider->from_us, together->until_us};
    surety_record_episodes_destroy(together);
    return SURETY_OK;
}

// Whether there is something to fit; a message unless `quiet`.
static bool has_outages(const struct surety_fit_provider *provider, bool quiet, struct surety_diags *diags)
{
    const struct surety_place nowhere = {0, 0};
    const bool watched = provider->until_us - provider->from_us >= LEAST_WATCHED_US;
    if (provider->track.n > 0 && watched)
        return true;
    if (!quiet && provider->track.n == 0)
        surety_diag_add(
            diags, SURETY_D_RECORD_FORMAT, nowhere, NULL,
            "look at the severities, the filters and the profile; without an outage there is nothing to fit",
            "no outage of %s is left after cleaning", provider->wish->name);
    else if (!quiet)
        surety_diag_add(diags, SURETY_D_RECORD_SPAN, nowhere, NULL,
                        "say --from and --until: the days between which somebody looked",
                        "%s was watched for less than a day, as far as the record tells", provider->wish->name);
    return false;
}

static int by_value(const void *a, const void *b)
{
    const int64_t l = *(const int64_t *)a, r = *(const int64_t *)b;
    return (l > r) - (l < r);
}

// The week of all providers, each start counted once however many it hit, and of each one.
static enum surety_err find_rhythms(const struct surety_fit_request *request, struct surety_fit_report *report)
{
    size_t n = 0, most = 1;
    for (size_t p = 0; p < report->n; p++) {
        const struct surety_record *record = report->providers[p].wish->record;
        n += report->providers[p].track.n;
        most = report->providers[p].track.n > most ? report->providers[p].track.n : most;
        if (record->undated)
            report->rhythm_note = "the record's times have no date";
        else if (record->one_outage_a_day)
            report->rhythm_note = "the record counts minutes a day: times of day are assumed";
    }
    int64_t *starts = malloc((n + 1) * sizeof *starts), *own = malloc(most * sizeof *own);
    enum surety_err err = starts == NULL || own == NULL ? SURETY_E_MEMORY : SURETY_OK;
    n = 0;
    for (size_t p = 0; err == SURETY_OK && p < report->n; p++)
        for (size_t i = 0; i < report->providers[p].track.n; i++)
            starts[n++] = report->providers[p].track.list[i].from_us;
    if (err == SURETY_OK) {
        size_t n_once = 0;
        qsort(starts, n, sizeof *starts, by_value);
        for (size_t i = 0; i < n; i++)
            if (n_once == 0 || starts[i] != starts[n_once - 1])
                starts[n_once++] = starts[i];
        n = n_once;
    }
    report->rhythm = surety_rhythm_flat();
    if (err == SURETY_OK && report->rhythm_note == NULL)
        err = surety_rhythm_fit(starts, n, request->n_rhythm_replicates, request->fitting.seed, &report->rhythm);
    for (size_t p = 0; err == SURETY_OK && p < report->n; p++) {
        const struct surety_track *track = &report->providers[p].track;
        for (size_t i = 0; i < track->n; i++)
            own[i] = track->list[i].from_us;
        surety_rhythm_shrink(&report->rhythm, own, track->n, &report->providers[p].rhythm);
    }
    free(starts);
    free(own);
    return err;
}

// The outages of one grade as a series, lengths as they are to be fitted.
static enum surety_err fit_grade(const struct surety_fit_request *request, struct surety_fit_report *report,
                                 struct surety_fit_provider *provider, enum surety_grade grade)
{
    const struct surety_record_episodes *episodes = provider->episodes;
    struct surety_episode *list = surety_arena_calloc(&report->arena, episodes->n + 1, sizeof *list);
    double *lengths = surety_arena_calloc(&report->arena, episodes->n + 1, sizeof *lengths), share = 0, seconds = 0;
    if (list == NULL || lengths == NULL)
        return SURETY_E_MEMORY;
    const struct surety_grade_share *usual = &report->profile->grade[grade];
    struct surety_outage_series series = {
        .name = surety_grade_name(grade),
        .list = list,
        .lengths = lengths,
        .from_us = provider->from_us,
        .until_us = provider->until_us,
        .failing_low = usual->low,
        .failing_high = usual->high,
    };
    for (size_t i = 0; i < episodes->n; i++) {
        const struct surety_record_episode *e = &episodes->list[i];
        if (e->grade != grade)
            continue;
        const double length = (double)(e->to_us - e->from_us) / 1e6;
        list[series.n] = (struct surety_episode){e->from_us, e->to_us};
        lengths[series.n++] = e->cut_at_start ? 0 : length; // how long it was before nobody saw
        series.last_is_open = e->censored;
        share += e->share * length;
        seconds += length;
    }
    if (series.n == 0)
        return SURETY_OK;
    series.failing = share / seconds;
    // a record that begins with this very outage was not watched by chance before it
    series.from_is_known = provider->from_is_known || list[0].from_us > provider->from_us;
    if (fabs(series.failing - usual->share) > 1e-9) // the file says it itself
        series.failing_low = series.failing_high = series.failing;
    return surety_outage_fit(&series, &provider->rhythm, &request->fitting, &report->arena,
                             &provider->sources[provider->n_sources++]);
}

static enum surety_err fit_provider(const struct surety_fit_request *request, struct surety_fit_report *report,
                                    struct surety_fit_provider *provider, struct surety_diags *diags)
{
    provider->sources = surety_arena_calloc(&report->arena, SURETY_N_GRADES, sizeof *provider->sources);
    if (provider->sources == NULL)
        return SURETY_E_MEMORY;
    static const enum surety_grade order[] = {SURETY_GRADE_MAJOR, SURETY_GRADE_PARTIAL, SURETY_GRADE_DEGRADED,
                                              SURETY_GRADE_MAINTENANCE, SURETY_GRADE_NONE};
    for (size_t g = 0; g < sizeof order / sizeof *order; g++) {
        const enum surety_err err = fit_grade(request, report, provider, order[g]);
        if (err != SURETY_OK)
            return err;
    }
    bool any_length = false;
    for (size_t s = 0; s < provider->n_sources; s++) {
        provider->n_outages += provider->sources[s].series.n;
        any_length = any_length || !isnan(provider->sources[s].repair.mean);
    }
    if (any_length)
        return SURETY_OK;
    surety_diag_add(diags, SURETY_D_RECORD_FORMAT, (struct surety_place){0, 0}, NULL, "leave it out by a filter",
                    "the record tells no length of any outage of %s", provider->wish->name);
    return SURETY_E_INPUT;
}

const struct surety_fitted *surety_fit_repair_of(const struct surety_fit_provider *provider, size_t source)
{
    const struct surety_fitted *own = &provider->sources[source].repair;
    for (size_t s = 0; isnan(own->mean) && s < provider->n_sources; s++)
        own = &provider->sources[s].repair;
    return own;
}

size_t surety_fit_source_of(const struct surety_fit_provider *provider, const char *name)
{
    size_t s = 0;
    while (s < provider->n_sources && strcmp(provider->sources[s].series.name, name) != 0)
        s++;
    return s;
}

bool surety_fit_is_busy(const struct surety_outage_belief *belief)
{
    return surety_outage_belief_rate(belief) * surety_outage_belief_length(belief) > MOST_BUSY;
}

// What is believed of each provider at its record's end, as a backtest would there.
static enum surety_err believe(struct surety_fit_report *report)
{
    struct surety_belief_settings settings;
    struct surety_history *histories = surety_arena_calloc(&report->arena, report->n, sizeof *histories);
    enum surety_err err = histories == NULL ? SURETY_E_MEMORY : SURETY_OK;
    surety_belief_settings_default(&settings);
    for (size_t p = 0; err == SURETY_OK && p < report->n; p++)
        err = surety_history_make(&report->arena, report->providers[p].wish->name, report->providers[p].episodes,
                                  report->profile, &histories[p]);
    for (size_t p = 0; err == SURETY_OK && p < report->n; p++) {
        struct surety_fit_provider *provider = &report->providers[p];
        provider->history = histories[p];
        provider->beliefs = surety_arena_calloc(&report->arena, SURETY_N_GRADES, sizeof *provider->beliefs);
        if (provider->beliefs == NULL)
            return SURETY_E_MEMORY;
        for (size_t s = 0; err == SURETY_OK && s < histories[p].n_sources; s++)
            err =
                surety_history_belief(histories, report->n, p, s, provider->until_us, &settings, &provider->beliefs[s]);
    }
    return err;
}

enum surety_err surety_fit_report_create(const struct surety_fit_request *request, struct surety_diags *diags,
                                         struct surety_fit_report **out)
{
    struct surety_fit_report *report = calloc(1, sizeof *report);
    if (report == NULL)
        return SURETY_E_MEMORY;
    surety_arena_init(&report->arena);
    report->profile = request->cleaning.profile != NULL ? request->cleaning.profile : surety_severity_find(NULL);
    report->confidence = request->fitting.confidence;
    report->n_replicates = request->fitting.n_replicates;
    report->providers = surety_arena_calloc(&report->arena, request->n, sizeof *report->providers);
    report->skipped = surety_arena_calloc(&report->arena, request->n, sizeof *report->skipped);
    enum surety_err err = report->providers == NULL || report->skipped == NULL ? SURETY_E_MEMORY : SURETY_OK;
    for (size_t p = 0; err == SURETY_OK && p < request->n; p++) {
        struct surety_fit_provider *provider = &report->providers[report->n++];
        const bool quiet = request->skip_empty && (report->n > 1 || p + 1 < request->n);
        provider->wish = &request->wishes[p];
        provider->own_starts = 1;
        err = clean(request, provider, &report->arena, diags);
        if (err != SURETY_OK || has_outages(provider, quiet, diags))
            continue;
        if (!quiet) {
            err = SURETY_E_INPUT;
            continue;
        }
        surety_record_episodes_destroy(provider->episodes);
        report->skipped[report->n_skipped++] = provider->wish->name;
        memset(&report->providers[--report->n], 0, sizeof *provider);
    }
    if (err == SURETY_OK)
        err = find_rhythms(request, report);
    for (size_t p = 0; err == SURETY_OK && p < report->n; p++)
        err = fit_provider(request, report, &report->providers[p], diags);
    if (err == SURETY_OK && request->uncertain)
        err = believe(report);
    if (err == SURETY_OK)
        err = surety_fit_report_causes(request, report);
    if (err != SURETY_OK) {
        surety_fit_report_destroy(report);
        return err;
    }
    *out = report;
    return SURETY_OK;
}

void surety_fit_report_destroy(struct surety_fit_report *report)
{
    if (report == NULL)
        return;
    for (size_t p = 0; report->providers != NULL && p < report->n; p++)
        surety_record_episodes_destroy(report->providers[p].episodes);
    surety_arena_finish(&report->arena);
    free(report);
}
