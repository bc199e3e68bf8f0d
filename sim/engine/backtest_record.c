// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/backtest_record.h"

#include "models/measurement.h"
#include "sim/base/tz.h"
#include "sim/engine/backtest_replay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NOWHERE ((struct surety_place){0, 0})
#define DAY_US INT64_C(86400000000)

static enum surety_err complain(struct surety_diags *diags, enum surety_diag_id id, const char *hint, const char *what,
                                const char *name)
{
    surety_diag_add(diags, id, NOWHERE, NULL, hint, what, name);
    return SURETY_E_INPUT;
}

// --- histories ------------------------------------------------------------------------------------------------------

static enum surety_err check_provider(const struct surety_scenario *scenario,
                                      const struct surety_backtest_binding *bindings, size_t i,
                                      struct surety_diags *diags)
{
    bool found = false;
    for (size_t p = 0; p < scenario->n_providers; p++)
        found = found || strcmp(scenario->providers[p].name, bindings[i].provider) == 0;
    if (!found) {
        const char *near = surety_did_you_mean(bindings[i].provider, &scenario->providers[0].name,
                                               scenario->n_providers, sizeof scenario->providers[0]);
        const char *hint =
            near != NULL ? surety_arena_printf(&diags->arena, "did you mean \"%s\"?", near) : "see its providers";
        return complain(diags, SURETY_D_REFERENCE, hint, "the scenario has no provider \"%s\"", bindings[i].provider);
    }
    for (size_t k = 0; k < i; k++) {
        if (strcmp(bindings[k].provider, bindings[i].provider) == 0)
            return complain(diags, SURETY_D_CONFLICT, "one file for each provider", "provider \"%s\" has two records",
                            bindings[i].provider);
    }
    return SURETY_OK;
}

static enum surety_err read_history(struct surety_backtest_records *records,
                                    const struct surety_backtest_binding *binding,
                                    const struct surety_severity_profile *profile, struct surety_diags *diags)
{
    const struct surety_episode_options options = {
        .components = binding->components, .n_components = binding->n_components, .profile = profile};
    struct surety_record_episodes *episodes = NULL;
    struct surety_history *history = &records->histories[records->n_histories];
    enum surety_err err = surety_record_episodes_create(&binding->record, 1, &options, diags, &episodes);
    if (err != SURETY_OK)
        return err;
    const char *name = surety_arena_printf(&records->arena, "%s", binding->provider);
    err = name == NULL ? SURETY_E_MEMORY : surety_history_make(&records->arena, name, episodes, profile, history);
    surety_record_episodes_destroy(episodes);
    records->n_histories += err == SURETY_OK;
    return err;
}

// --- months ---------------------------------------------------------------------------------------------------------

static int64_t month_us(const struct surety_scenario *scenario, struct surety_date first, size_t month)
{
    return surety_tz_day_start_s(scenario->term.zone, surety_date_month_start(first, (int64_t)month)) * SURETY_US_PER_S;
}

static enum surety_err find_months(const struct surety_scenario *scenario, struct surety_backtest_records *records,
                                   struct surety_diags *diags)
{
    int64_t from_us = INT64_MAX, until_us = INT64_MIN;
    for (size_t h = 0; h < records->n_histories; h++) {
        from_us = records->histories[h].from_us < from_us ? records->histories[h].from_us : from_us;
        until_us = records->histories[h].until_us > until_us ? records->histories[h].until_us : until_us;
    }
    struct surety_date first = surety_date_month_start(surety_date_from_days(from_us / DAY_US), 0);
    while (month_us(scenario, first, 0) < from_us)
        first = surety_date_month_start(first, 1);
    while (month_us(scenario, first, records->n_months + 1) <= until_us)
        records->n_months += 1;
    if (records->n_months == 0)
        return complain(diags, SURETY_D_USAGE, NULL, "the records cover no whole month%s", "");
    records->first = first;
    records->months_us = surety_arena_calloc(&records->arena, records->n_months + 1, sizeof *records->months_us);
    if (records->months_us == NULL)
        return SURETY_E_MEMORY;
    for (size_t m = 0; m <= records->n_months; m++)
        records->months_us[m] = month_us(scenario, first, m);
    return SURETY_OK;
}

// --- what came --------------------------------------------------------------------------------------------------------

// Share of requests that fails at an instant, and the next at which that may change.
static double failing_at(const struct surety_history *history, int64_t at_us, int64_t *next_us)
{
    double works = 1.0;
    for (size_t s = 0; s < history->n_sources; s++) {
        const struct surety_history_source *source = &history->sources[s];
        for (size_t i = 0; i < source->n; i++) {
            const struct surety_history_outage *outage = &source->outages[i];
            if (outage->start_us > at_us)
                *next_us = outage->start_us < *next_us ? outage->start_us : *next_us;
            else if (outage->end_us > at_us) {
                *next_us = outage->end_us < *next_us ? outage->end_us : *next_us;
                works *= 1.0 - source->failing;
            }
        }
    }
    return 1.0 - works;
}

static double availability(const struct surety_history *history, int64_t from_us, int64_t to_us)
{
    double lost_us = 0.0;
    if (history->from_us > from_us || history->until_us < to_us)
        return (double)NAN;
    for (int64_t at = from_us, next; at < to_us; at = next) {
        next = to_us;
        const double failing = failing_at(history, at, &next);
        lost_us += failing * (double)(next - at);
    }
    return 1.0 - lost_us / (double)(to_us - from_us);
}

// Where the months that passed can be read off the record by themselves: one provider, requests at an even rate, all
// hours. Else they are replayed, which comes to the same.
static bool is_readable(const struct surety_scenario *scenario)
{
    bool flat = scenario->contract.measure == SURETY_METER_REQUESTS && scenario->contract.expected_counts &&
                scenario->contract.hours.n == 0 && !scenario->contract.exclude_upstream &&
                scenario->contract.n_exclude_causes == 0;
    for (size_t w = 0; w < scenario->n_workloads; w++)
        flat = flat && scenario->workloads[w].profile.flat && !(scenario->workloads[w].growth > 0.0);
    for (size_t p = 0; p < scenario->n_providers; p++)
        flat = flat && !scenario->providers[p].maintenance.given && scenario->providers[p].request_errors_ppb == 0;
    for (size_t a = 0; a < scenario->n_architectures; a++)
        flat = flat && scenario->architectures[a].root->type == NULL;
    return flat;
}

static void read_realised(const struct surety_scenario *scenario, struct surety_backtest_records *records)
{
    for (size_t a = 0; a < scenario->n_architectures; a++) {
        const char *provider = scenario->providers[scenario->architectures[a].root->provider].name;
        const struct surety_history *history = NULL;
        for (size_t h = 0; h < records->n_histories; h++) {
            if (strcmp(records->histories[h].provider, provider) == 0)
                history = &records->histories[h];
        }
        for (size_t m = 0; m < records->n_months; m++)
            records->realised[a * records->n_months + m] =
                history == NULL ? (double)NAN : availability(history, records->months_us[m], records->months_us[m + 1]);
    }
}

static enum surety_err find_realised(const struct surety_scenario *scenario,
                                     const struct surety_backtest_binding *bindings, size_t n_bindings,
                                     struct surety_backtest_records *records, struct surety_diags *diags)
{
    records->realised =
        surety_arena_calloc(&records->arena, scenario->n_architectures * records->n_months, sizeof(double));
    if (records->realised == NULL)
        return SURETY_E_MEMORY;
    if (!is_readable(scenario))
        return surety_backtest_replay(scenario, bindings, n_bindings, records, diags);
    read_realised(scenario, records);
    return SURETY_OK;
}

enum surety_err surety_backtest_records_make(const struct surety_scenario *scenario,
                                             const struct surety_backtest_binding *bindings, size_t n_bindings,
                                             const struct surety_severity_profile *profile, struct surety_diags *diags,
                                             struct surety_backtest_records **out)
{
    struct surety_backtest_records *records = calloc(1, sizeof *records);
    if (records == NULL)
        return SURETY_E_MEMORY;
    surety_arena_init(&records->arena);
    records->histories = surety_arena_calloc(&records->arena, n_bindings + 1, sizeof *records->histories);
    enum surety_err err = records->histories == NULL ? SURETY_E_MEMORY : SURETY_OK;
    for (size_t i = 0; i < n_bindings && err == SURETY_OK; i++) {
        err = check_provider(scenario, bindings, i, diags);
        if (err == SURETY_OK)
            err = read_history(records, &bindings[i], profile != NULL ? profile : surety_severity_find(NULL), diags);
    }
    if (err == SURETY_OK)
        err = find_months(scenario, records, diags);
    if (err == SURETY_OK)
        err = find_realised(scenario, bindings, n_bindings, records, diags);
    if (err == SURETY_OK)
        *out = records;
    else
        surety_backtest_records_destroy(records);
    return err;
}

void surety_backtest_records_destroy(struct surety_backtest_records *records)
{
    if (records == NULL)
        return;
    surety_arena_finish(&records->arena);
    free(records);
}
