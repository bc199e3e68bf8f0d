// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cli/catalog_view.h"

#include "models/registry.h"
#include "sim/base/ppb.h"
#include "sim/scenario/presets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum surety_err surety_catalog_view(struct surety_diags *diags, struct surety_scenario **out)
{
    const struct surety_registry *registry = surety_registry_get();
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    if (stream == NULL)
        return SURETY_E_MEMORY;
    fputs("surety: 1\nworkloads: {w: {kind: chat, demand: 1/s}}\nproviders:\n", stream);
    for (const struct surety_catalog_entry *entry = registry->catalog; entry->name != NULL; entry++)
        fprintf(stream, "  %s: {use: %s}\n", entry->name, entry->name);
    fprintf(stream, "architectures: {a: %s}\ncontract: {availability: {measure: requests}}\n",
            registry->catalog[0].name);
    const bool written = fclose(stream) == 0;
    enum surety_err err = SURETY_E_MEMORY;
    if (written)
        err = surety_scenario_read(registry, "catalogue", text, length, NULL, 0, diags, out);
    free(text);
    return err;
}

static double share_down(const struct surety_outage *outage)
{
    const double up_s = surety_law_mean(&outage->time_to_failure), down_s = surety_law_mean(&outage->time_to_repair);
    return outage->p_hits * down_s / (up_s + down_s);
}

double surety_catalog_by_requests(const struct surety_provider *provider)
{
    double served = 1 - (double)provider->request_errors_ppb / (double)SURETY_PPB_ONE;
    for (size_t i = 0; i < provider->n_outages; i++)
        served *=
            1 - share_down(&provider->outages[i]) * (double)provider->outages[i].failing_ppb / (double)SURETY_PPB_ONE;
    return served;
}

double surety_catalog_by_time(const struct surety_provider *provider, double down_at)
{
    double up = 1;
    for (size_t i = 0; i < provider->n_outages; i++)
        if ((double)provider->outages[i].failing_ppb >= down_at * (double)SURETY_PPB_ONE)
            up *= 1 - share_down(&provider->outages[i]);
    return up;
}

void surety_catalog_window(const struct surety_provider *provider, char out[32])
{
    const struct surety_source_note *source = &provider->source;
    char from[11] = "?", until[11] = "?";
    if (source->has_from)
        surety_date_format(source->from, from);
    if (source->has_until)
        surety_date_format(source->until, until);
    if (source->n_incidents == 0)
        snprintf(out, 32, "assumed");
    else
        snprintf(out, 32, "%s to %s", from, until);
}

const struct surety_catalog_entry *surety_catalog_entry_of(const char *word, struct surety_diags *diags)
{
    static const char *const endings[] = {"", "-api", "-ai"};
    const struct surety_registry *registry = surety_registry_get();
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char name[80];
        if (snprintf(name, sizeof name, "%s%s", word, endings[i]) >= (int)sizeof name)
            break;
        const struct surety_catalog_entry *entry = surety_catalog_find(registry, name);
        if (entry != NULL)
            return entry;
    }
    size_t n = 0;
    while (registry->catalog[n].name != NULL)
        n++;
    const char *near = surety_did_you_mean(word, registry->catalog, n, sizeof *registry->catalog);
    for (size_t i = 0; i < n && near == NULL; i++) { // near the short form of a name
        char name[80] = "";
        const char *const start = name, *entry = registry->catalog[i].name;
        const char *dash = strrchr(entry, '-');
        if (dash != NULL && (size_t)(dash - entry) < sizeof name)
            memcpy(name, entry, (size_t)(dash - entry));
        if (name[0] != '\0' && surety_did_you_mean(word, &start, 1, sizeof start) != NULL)
            near = entry;
    }
    char hint[160] = "`surety catalog` lists them";
    if (near != NULL)
        snprintf(hint, sizeof hint, "did you mean \"%s\"? `surety catalog` lists them", near);
    surety_diag_add(diags, SURETY_D_REFERENCE, (struct surety_place){0, 0}, NULL, hint,
                    "the catalogue has no entry \"%.64s\"", word);
    return NULL;
}
