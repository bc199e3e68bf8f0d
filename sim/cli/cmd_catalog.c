// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/registry.h"
#include "plots/human.h"
#include "sim/cli/catalog_view.h"
#include "sim/cli/command.h"

#include <stdio.h>
#include <string.h>

#define DOWN_AT 0.05   // the contract's default
#define SHORT_DAYS 180 // a record shorter than this is marked

static bool is_short(const struct surety_source_note *source)
{
    return source->has_from && source->has_until &&
           surety_date_days(source->until) - surety_date_days(source->from) < SHORT_DAYS;
}

static void put_entry(const struct surety_provider *provider)
{
    const struct surety_source_note *source = &provider->source;
    char window[32], outages[24] = "-", requests[16], time[16], line[400];
    surety_catalog_window(provider, window);
    if (source->n_incidents > 0)
        snprintf(outages, sizeof outages, "%lld", (long long)source->n_incidents);
    snprintf(requests, sizeof requests, "%.3f %%", 100 * surety_catalog_by_requests(provider));
    snprintf(time, sizeof time, "%.3f %%", 100 * surety_catalog_by_time(provider, DOWN_AT));
    printf("\n%-18s  %-24s  %7s  %11s  %9s\n", provider->name, window, outages, requests, time);
    snprintf(line, sizeof line, "%s; licence: %s%s", source->what == NULL ? "?" : source->what,
             source->licence == NULL ? "?" : source->licence,
             is_short(source) ? "; SHORT WINDOW, the note tells how little is known" : "");
    surety_human_wrapped(stdout, "    ", line);
}

static enum surety_err put_table(struct surety_diags *diags)
{
    struct surety_scenario *scenario = NULL;
    const enum surety_err err = surety_catalog_view(diags, &scenario);
    if (err != SURETY_OK)
        return err;
    printf("%-18s  %-24s  %7s  %11s  %9s\n", "use:", "record", "outages", "by requests", "by time");
    for (size_t i = 0; i < scenario->n_providers; i++)
        put_entry(&scenario->providers[i]);
    putchar('\n');
    surety_human_wrapped(
        stdout, "",
        "Long-run availability as the laws have it: by requests (an outage counts with the share of "
        "requests that fails in it) and by time (it counts in full from 5 % failing on). The record is "
        "of the past: `surety catalog NAME` shows laws, price and what the note says.");
    surety_scenario_destroy(scenario);
    return SURETY_OK;
}

enum surety_err surety_cmd_catalog(const struct surety_options *options, struct surety_diags *diags)
{
    if (options->n_arguments == 0)
        return put_table(diags);
    const struct surety_catalog_entry *entry = surety_catalog_entry_of(options->arguments[0], diags);
    if (entry == NULL)
        return SURETY_E_INPUT;
    printf("# In a scenario: providers: {%s: {use: %s}}\n%s", entry->name, entry->name, entry->text);
    return SURETY_OK;
}
