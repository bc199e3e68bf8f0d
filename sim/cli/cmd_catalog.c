// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/unit_offers.h"
#include "models/registry.h"
#include "plots/human.h"
#include "sim/base/fmath.h"
#include "sim/cli/catalog_view.h"
#include "sim/cli/command.h"
#include "sim/scenario/uncertain.h"

#include <stdio.h>
#include <string.h>

#define DOWN_AT 0.05 // the contract's default
#define YEAR_S (365 * 86400.0)
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
        "Long-run availability with all that is uncertain at its mean: by requests (an outage counts with the share of "
        "requests that fails in it) and by time (it counts in full from 5 % failing on). The record is "
        "of the past: `surety catalog NAME` shows laws, how uncertain they are, price and what the note says. `surety "
        "catalog reserved` lists offers of reserved units.");
    surety_scenario_destroy(scenario);
    return SURETY_OK;
}

// One uncertain value of an entry, as a comment: its mean and the middle 90 % of what it may be.
static void put_range(const char *name, const struct surety_uncertain_input *input)
{
    const double values[] = {input->mean, surety_uncertain_draw(input, 0.05), surety_uncertain_draw(input, 0.95)};
    char texts[3][32];
    for (size_t i = 0; i < 3; i++)
        if (strcmp(input->unit, "1/s") == 0)
            snprintf(texts[i], sizeof texts[i], "%.3g", values[i] * YEAR_S);
        else if (strcmp(input->unit, "s") == 0)
            snprintf(texts[i], sizeof texts[i], "%.3g", values[i] / 60);
        else
            snprintf(texts[i], sizeof texts[i], "%.3g", 100 * values[i]);
    const char *unit = strcmp(input->unit, "1/s") == 0 ? "a year" : strcmp(input->unit, "s") == 0 ? "min" : "%";
    printf("#   %s: %s %s, %s to %s", name, texts[0], unit, texts[1], texts[2]);
    if (input->drift > 0) {
        char until[11];
        surety_date_format(input->until, until);
        printf(" on %s; a year later times %.2g to %.2g", until,
               surety_exp(surety_drift_sd(input->drift, input->spread, 1) * surety_norminv(0.05)),
               surety_exp(surety_drift_sd(input->drift, input->spread, 1) * surety_norminv(0.95)));
    }
    putchar('\n');
}

static enum surety_err put_one(const struct surety_catalog_entry *entry, struct surety_diags *diags)
{
    struct surety_scenario *scenario = NULL;
    char prefix[100];
    const int length = snprintf(prefix, sizeof prefix, "providers.%s.", entry->name);
    const enum surety_err err = surety_catalog_view(diags, &scenario);
    if (err != SURETY_OK)
        return err;
    const struct surety_uncertain *uncertain = scenario->uncertain;
    printf("# In a scenario: providers: {%s: {use: %s}}\n", entry->name, entry->name);
    printf("# Uncertain values, their means and the middle 90 %% of what they may be:\n");
    for (size_t i = 0; uncertain != NULL && i < uncertain->n; i++)
        if (uncertain->inputs[i].path != NULL && strncmp(uncertain->inputs[i].path, prefix, (size_t)length) == 0)
            put_range(uncertain->inputs[i].path + length, &uncertain->inputs[i]);
    fputs(entry->text, stdout);
    surety_scenario_destroy(scenario);
    return SURETY_OK;
}

static const struct surety_unit_offer *find_offer(const char *name)
{
    for (const struct surety_unit_offer *offer = surety_unit_offers; offer->name != NULL; offer++)
        if (strcmp(offer->name, name) == 0)
            return offer;
    return NULL;
}

// Offers of reserved units, by source.
static void put_offers(void)
{
    const char *source = "";
    printf("%-46s  %-28s  %s\n", "reserved: {use: ...}", "tokens a minute; units", "price of a unit");
    for (const struct surety_unit_offer *offer = surety_unit_offers; offer->name != NULL; offer++) {
        char line[300];
        if (strcmp(offer->source, source) != 0) {
            source = offer->source;
            snprintf(line, sizeof line, "%s, as of %s (%s):", source, offer->as_of, offer->standing);
            putchar('\n');
            surety_human_wrapped(stdout, "", line);
        }
        printf("  %-44s  %-28s  %s\n", offer->name, offer->carries, offer->price);
    }
    printf("\nPrices that are told and not used; whoever believes one writes it:\n");
    for (const struct surety_hearsay *h = surety_hearsay; h->what != NULL; h++)
        printf("  %-30s  %-14s  %s: %s\n", h->what, h->price, h->standing,
               strcmp(h->source, h->standing) == 0 ? h->as_of : h->source);
    putchar('\n');
    surety_human_wrapped(
        stdout, "",
        "What an offer does not say, its price or what a unit carries, has to be written beside `use`. "
        "Offers change: look at the vendor's page before you sign. `surety catalog NAME` shows the "
        "keys of one.");
}

static void put_offer(const struct surety_unit_offer *offer)
{
    printf("# In a scenario: reserved: {use: %s, units: ..., overflow: on-demand}\n", offer->name);
    printf("# %s, as of %s (%s)\n", offer->source, offer->as_of, offer->standing);
    printf("%s\n", offer->text);
}

enum surety_err surety_cmd_catalog(const struct surety_options *options, struct surety_diags *diags)
{
    if (options->n_arguments == 0)
        return put_table(diags);
    const struct surety_unit_offer *offer = find_offer(options->arguments[0]);
    if (strcmp(options->arguments[0], "reserved") == 0)
        put_offers();
    else if (offer != NULL)
        put_offer(offer);
    if (offer != NULL || strcmp(options->arguments[0], "reserved") == 0)
        return SURETY_OK;
    const struct surety_catalog_entry *entry = surety_catalog_entry_of(options->arguments[0], diags);
    if (entry == NULL)
        return SURETY_E_INPUT;
    return put_one(entry, diags);
}
