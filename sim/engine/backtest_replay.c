// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/backtest_replay.h"

#include "models/registry.h"
#include "sim/engine/replay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SEED 1 // of what a record does not tell: attempts to switch, the phase of probes

// The months that the records of all providers below the node cover: [*first, *end). False when one has no record.
static bool find_span(const struct surety_scenario *scenario, const struct surety_node *node,
                      const struct surety_backtest_records *records, size_t *first, size_t *end)
{
    bool all = true;
    for (size_t i = 0; i < node->n_children; i++)
        all = find_span(scenario, node->children[i], records, first, end) && all;
    if (node->type != NULL)
        return all;
    for (size_t h = 0; h < records->n_histories; h++) {
        const struct surety_history *history = &records->histories[h];
        if (strcmp(history->provider, scenario->providers[node->provider].name) != 0)
            continue;
        while (*first < *end && records->months_us[*first] < history->from_us)
            *first += 1;
        while (*end > *first && records->months_us[*end] > history->until_us)
            *end -= 1;
        return true;
    }
    return false;
}

// A text as YAML in single quotes.
static const char *quoted(struct surety_arena *arena, const char *text)
{
    char *out = surety_arena_alloc(arena, 2 * strlen(text) + 3), *at = out;
    if (out == NULL)
        return NULL;
    *at++ = '\'';
    for (; *text != '\0'; text++) {
        *at++ = *text;
        if (*text == '\'')
            *at++ = '\'';
    }
    *at++ = '\'';
    *at = '\0';
    return out;
}

// `record` of a provider: the file by its absolute path, as a scenario's paths begin beside the scenario.
static const char *record_value(struct surety_arena *arena, const struct surety_backtest_binding *binding)
{
    char *absolute = realpath(binding->record->file, NULL);
    const char *file = quoted(arena, absolute != NULL ? absolute : binding->record->file), *components = "";
    free(absolute);
    for (size_t i = 0; i < binding->n_components && components != NULL; i++)
        components = surety_arena_printf(arena, "%s%s%s", components, i > 0 ? ";" : "", binding->components[i]);
    if (file == NULL || components == NULL)
        return NULL;
    if (binding->n_components == 0)
        return surety_arena_printf(arena, "{file: %s}", file);
    const char *list = quoted(arena, components);
    return list == NULL ? NULL : surety_arena_printf(arena, "{file: %s, component: %s}", file, list);
}

// The scenario's own overrides, the term, the records.
static struct surety_override *make_overrides(struct surety_arena *arena, const struct surety_scenario *scenario,
                                              const struct surety_backtest_binding *bindings, size_t n_bindings,
                                              struct surety_date start, size_t n_months, size_t *n)
{
    struct surety_override *all = surety_arena_calloc(arena, scenario->n_overrides + 2 * n_bindings + 2, sizeof *all);
    char date[11];
    *n = 0;
    for (size_t i = 0; all != NULL && i < scenario->n_overrides; i++) {
        const char *equals = strchr(scenario->overrides[i], '=');
        all[(*n)++] = (struct surety_override){
            surety_arena_strndup(arena, scenario->overrides[i], (size_t)(equals - scenario->overrides[i])), equals + 1};
    }
    if (all == NULL)
        return NULL;
    surety_date_format(start, date);
    all[(*n)++] = (struct surety_override){"term.start", surety_arena_printf(arena, "%s", date)};
    all[(*n)++] = (struct surety_override){"term.months", surety_arena_printf(arena, "%zu", n_months)};
    for (size_t i = 0; i < n_bindings; i++) {
        // Beside a record with its dates laws are not used, and `outages: none` would contradict it.
        all[(*n)++] = (struct surety_override){surety_arena_printf(arena, "providers.%s.outages", bindings[i].provider),
                                               "{recorded: {incidents: 1/year, time_to_repair: 1h}}"};
        all[(*n)++] = (struct surety_override){surety_arena_printf(arena, "providers.%s.record", bindings[i].provider),
                                               record_value(arena, &bindings[i])};
    }
    for (size_t i = 0; i < *n; i++) {
        if (all[i].path == NULL || all[i].value == NULL)
            return NULL;
    }
    return all;
}

// Replays the months [first, end) of one architecture. Providers that are not in it may lack a record there.
static enum surety_err replay_one(const struct surety_scenario *scenario, size_t architecture,
                                  const struct surety_backtest_binding *bindings, size_t n_bindings, size_t first,
                                  size_t end, struct surety_backtest_records *records, struct surety_diags *diags)
{
    struct surety_arena arena;
    struct surety_scenario *dated = NULL;
    struct surety_replay *replay = NULL;
    size_t n;
    surety_arena_init(&arena);
    const struct surety_date start = surety_date_month_start(records->first, (int64_t)first);
    const struct surety_override *overrides =
        make_overrides(&arena, scenario, bindings, n_bindings, start, end - first, &n);
    enum surety_err err = overrides == NULL
                              ? SURETY_E_MEMORY
                              : surety_scenario_read(surety_registry_get(), scenario->file, scenario->text,
                                                     strlen(scenario->text), overrides, n, diags, &dated);
    if (err == SURETY_OK)
        err = surety_replay_create(dated, true, SEED, diags, &replay);
    for (size_t m = first; err == SURETY_OK && m < end; m++)
        records->realised[architecture * records->n_months + m] =
            replay->architectures[architecture].story->windows[m - first].availability;
    surety_replay_destroy(replay);
    surety_scenario_destroy(dated);
    surety_arena_finish(&arena);
    return err;
}

// The bindings of the providers below the node, each once.
static void collect(const struct surety_scenario *scenario, const struct surety_node *node,
                    const struct surety_backtest_binding *bindings, size_t n_bindings,
                    struct surety_backtest_binding *used, size_t *n_used)
{
    for (size_t i = 0; i < node->n_children; i++)
        collect(scenario, node->children[i], bindings, n_bindings, used, n_used);
    for (size_t b = 0; node->type == NULL && b < n_bindings; b++) {
        bool seen = strcmp(bindings[b].provider, scenario->providers[node->provider].name) != 0;
        for (size_t k = 0; k < *n_used; k++)
            seen = seen || strcmp(used[k].provider, bindings[b].provider) == 0;
        if (!seen)
            used[(*n_used)++] = bindings[b];
    }
}

enum surety_err surety_backtest_replay(const struct surety_scenario *scenario,
                                       const struct surety_backtest_binding *bindings, size_t n_bindings,
                                       struct surety_backtest_records *records, struct surety_diags *diags)
{
    enum surety_err err = SURETY_OK;
    struct surety_backtest_binding *used = calloc(n_bindings + 1, sizeof *used);
    if (used == NULL)
        return SURETY_E_MEMORY;
    for (size_t a = 0; a < scenario->n_architectures && err == SURETY_OK; a++) {
        const struct surety_node *root = scenario->architectures[a].root;
        size_t first = 0, end = records->n_months, n_used = 0;
        for (size_t m = 0; m < records->n_months; m++)
            records->realised[a * records->n_months + m] = (double)NAN;
        collect(scenario, root, bindings, n_bindings, used, &n_used);
        if (!find_span(scenario, root, records, &first, &end) || first >= end)
            continue;
        struct surety_diags quiet; // warnings were told of the scenario as it is
        surety_diags_init(&quiet, scenario->file);
        err = replay_one(scenario, a, used, n_used, first, end, records, &quiet);
        surety_diags_finish(&quiet);
        if (err != SURETY_OK)
            err = replay_one(scenario, a, used, n_used, first, end, records, diags);
    }
    free(used);
    return err;
}
