// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/provider.h"

#include "models/capacity.h"
#include "models/cost.h"
#include "models/latency.h"
#include "models/maintenance.h"
#include "models/outage.h"
#include "models/profile.h"
#include "models/provider_sla.h"
#include "models/quality.h"
#include "models/recorded.h"
#include "models/reserved.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/schema.h"

static const struct surety_field source_rows[] = {
    {.name = "what",
     .kind = SURETY_KIND_TEXT,
     .offset = offsetof(struct surety_source_note, what),
     .help = "Name or address of the record.",
     .example = "public status page"},
    {.name = "from",
     .kind = SURETY_KIND_DATE,
     .offset = offsetof(struct surety_source_note, from),
     .present_offset = offsetof(struct surety_source_note, has_from),
     .help = "First day of the record.",
     .example = "2023-07-11"},
    {.name = "until",
     .kind = SURETY_KIND_DATE,
     .offset = offsetof(struct surety_source_note, until),
     .present_offset = offsetof(struct surety_source_note, has_until),
     .help = "Last day of the record; a term that starts more than 12 months later gets a warning.",
     .example = "2024-08-31"},
    {.name = "incidents",
     .kind = SURETY_KIND_INTEGER,
     .offset = offsetof(struct surety_source_note, n_incidents),
     .min = 0,
     .max = 1e9,
     .help = "Number of outages that the laws were fitted to.",
     .example = "25"},
    {.name = "licence",
     .kind = SURETY_KIND_TEXT,
     .offset = offsetof(struct surety_source_note, licence),
     .help = "Licence of the record.",
     .example = "facts only"},
};

static const struct surety_fields source_fields = {
    .title = "a source", .rows = source_rows, .n = sizeof source_rows / sizeof *source_rows};

static const char *const none_words[] = {"none", NULL};

static const struct surety_field rows[] = {
    {.name = "use",
     .kind = SURETY_KIND_TEXT,
     .offset = SURETY_NOWHERE, // sim/scenario/presets.c puts the entry's keys into the tree
     .help = "An entry of the catalogue (`surety catalog` lists them), overridden key by key by what stands beside it; "
             "laws and weekly tables are replaced whole.",
     .example = "openai-api"},
    {.name = "note",
     .kind = SURETY_KIND_TEXT,
     .offset = offsetof(struct surety_provider, note),
     .help = "A remark that is printed among the assumptions.",
     .example = "list price"},
    {.name = "source",
     .kind = SURETY_KIND_MAP,
     .offset = offsetof(struct surety_provider, source),
     .sub = &source_fields,
     .help = "Where the figures come from, with dates; printed among the assumptions.",
     .example = "{what: public status page, from: 2023-07-11, until: 2024-08-31, incidents: 25}"},
    {.name = "outages",
     .kind = SURETY_KIND_NAMED,
     .offset = offsetof(struct surety_provider, outages),
     .count_offset = offsetof(struct surety_provider, n_outages),
     .item_size = sizeof(struct surety_outage),
     .sub = &surety_outage_fields,
     .words = none_words,
     .help = "Its outages by name, or `none` to claim that it never fails. Required, or a `record` in its place.",
     .example = "{all: {incidents: 9/year, time_to_repair: 1.5h}}"},
    {.name = "record",
     .kind = SURETY_KIND_MAP,
     .offset = offsetof(struct surety_provider, record),
     .sub = &surety_recorded_fields,
     .present_offset = offsetof(struct surety_provider, record.given),
     .help =
         "A file of real incidents. Without `outages` it takes their place, in random blocks or with its own dates; "
         "beside `outages` the same scenario is run with it too, and the difference is reported as model risk.",
     .example = "{file: incidents.json, bootstrap: 4w}"},
    {.name = "weekly_rhythm",
     .kind = SURETY_KIND_CUSTOM,
     .offset = offsetof(struct surety_provider, weekly_rhythm),
     .fallback = "flat",
     .read = surety_read_profile,
     .schema = surety_profile_schema,
     .sub = &surety_profile_fields,
     .help = "When in the week failures start: flat, working-hours (weight 4 Mon-Fri 09-18), business-hours, consumer, "
             "or {hours: [168 numbers]}.",
     .example = "working-hours"},
    {.name = "maintenance",
     .kind = SURETY_KIND_MAP,
     .offset = offsetof(struct surety_provider, maintenance),
     .sub = &surety_maintenance_fields,
     .present_offset = offsetof(struct surety_provider, maintenance.given),
     .help = "Planned downtime. Default: none.",
     .example = "{window: \"Sun 02:00\", lasts: 30m, every: 4w}"},
    {.name = "request_errors",
     .kind = SURETY_KIND_PPB,
     .offset = offsetof(struct surety_provider, request_errors_ppb),
     .fallback = "0%",
     .max = 1,
     .help = "Share of requests that fail at any time, outage or not.",
     .example = "0.05%"},
    {.name = "latency",
     .kind = SURETY_KIND_MAP,
     .offset = offsetof(struct surety_provider, latency),
     .sub = &surety_latency_fields,
     .present_offset = offsetof(struct surety_provider, latency.given),
     .shorthand = "first_token",
     .help = "How long it takes: laws of the time to the first token and per output token. A bare duration is the time "
             "to the first token.",
     .example = "{first_token: {lognormal: {p50: 210ms, p95: 420ms}}}"},
    {.name = "quality",
     .kind = SURETY_KIND_NAMED,
     .offset = offsetof(struct surety_provider, quality),
     .count_offset = offsetof(struct surety_provider, n_quality),
     .item_size = sizeof(struct surety_pass_rate),
     .sub = &surety_pass_rate_fields,
     .shorthand = "pass_rate",
     .help =
         "Share of the answers that pass, by suite of the contract or by named scenario of one. A bare share is the "
         "pass rate.",
     .example = "{golden: 96.5%}"},
    {.name = "model_changes",
     .kind = SURETY_KIND_MAP,
     .offset = offsetof(struct surety_provider, model_changes),
     .sub = &surety_model_changes_fields,
     .present_offset = offsetof(struct surety_provider, model_changes.given),
     .help = "New versions of its model that lower the pass rates until they are found and taken back. Default: none.",
     .example = "{rate: 4/year, drop: 3}"},
    {.name = "price",
     .kind = SURETY_KIND_MAP,
     .offset = offsetof(struct surety_provider, price),
     .sub = &surety_price_fields,
     .present_offset = offsetof(struct surety_provider, price.given),
     .help = "What it costs. Default: 0, with a warning.",
     .example = "{input: 1.25 USD/Mtok, output: 10 USD/Mtok}"},
    {.name = "capacity",
     .kind = SURETY_KIND_MAP,
     .offset = offsetof(struct surety_provider, capacity),
     .sub = &surety_capacity_fields,
     .present_offset = offsetof(struct surety_provider, capacity.given),
     .help = "What it can carry, and what happens to more. Default: any load, with a warning.",
     .example = "{requests_per_minute: 5k, tokens_per_minute: 2M}"},
    {.name = "reserved",
     .kind = SURETY_KIND_MAP,
     .offset = offsetof(struct surety_provider, reserved),
     .sub = &surety_reserved_fields,
     .present_offset = offsetof(struct surety_provider, reserved.given),
     .help = "Units of throughput that are paid for, used or not; what does not fit into a minute overflows.",
     .example = "{use: azure-ptu-gpt-5-regional, units: 50}"},
    {.name = "sla",
     .kind = SURETY_KIND_MAP,
     .offset = offsetof(struct surety_provider, sla),
     .sub = &surety_provider_sla_fields,
     .present_offset = offsetof(struct surety_provider, sla.given),
     .help = "What it promises us, and gives back of our bill when it misses that.",
     .example = "{availability: 99.9%, credits: [{below: 99.9%, credit: 10%}]}"},
    {.name = "price_changes",
     .kind = SURETY_KIND_CUSTOM,
     .offset = 0,
     .read = surety_read_price_changes,
     .sub = &surety_price_change_fields,
     .schema = "{\"type\":\"array\",\"minItems\":1,\"items\":{\"type\":\"object\",\"required\":[\"factor\"]}}",
     .help = "Changes of its prices within the term, on a date or at a rate. Default: none.",
     .example = "[{date: 2027-07-01, factor: 1.2x, notice: 30d}]"},
    {.name = "retires",
     .kind = SURETY_KIND_DATE,
     .offset = offsetof(struct surety_provider, retires),
     .present_offset = offsetof(struct surety_provider, has_retires),
     .help = "The day from which the vendor does not serve it any more. `surety check` warns when it lies inside the "
             "term; the simulation lets it serve to the end.",
     .example = "2027-10-01"},
};

static void note_source(struct surety_reader *reader, const struct surety_provider *provider)
{
    const struct surety_source_note *source = &provider->source;
    if (source->what == NULL && !source->has_until)
        return;
    char from[11] = "?", until[11] = "?";
    if (source->has_from)
        surety_date_format(source->from, from);
    if (source->has_until)
        surety_date_format(source->until, until);
    const char *count =
        source->n_incidents == 0 ? "" : surety_scratch_printf(reader, ", %lld outages", (long long)source->n_incidents);
    surety_note_assumption(reader, "%s: data from %s, %s to %s%s%s%s", provider->name,
                           source->what != NULL ? source->what : "an unnamed record", from, until, count,
                           source->licence != NULL ? ", licence: " : "",
                           source->licence != NULL ? source->licence : "");
}

static void check(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out,
                  bool clean)
{
    struct surety_provider *provider = out;
    provider->place = surety_map_place(node);
    if (surety_ynode_get(node, "outages") == NULL && surety_ynode_get(node, "use") == NULL && !provider->record.given)
        surety_diag_add(
            reader->diags, SURETY_D_MISSING_KEY, provider->place, surety_path_join(reader, path, "outages"),
            "write `outages: {all: {incidents: 9/year, time_to_repair: 1.5h}}`, `record: {file: incidents.json, "
            "bootstrap: 4w}`, or `outages: none` to claim that it never fails",
            "'outages' is missing in a provider");
    if (!clean)
        return;
    if (provider->record.given)
        surety_recorded_check(reader, node, path, provider);
    surety_reserved_check_price(reader, node, path, provider);
    note_source(reader, provider);
    if (provider->note != NULL)
        surety_note_assumption(reader, "%s: %s", provider->name, provider->note);
    const bool reserves_all = provider->reserved.given && provider->reserved.overflow == SURETY_OVERFLOW_REJECT;
    if (!provider->price.given && !reserves_all) {
        surety_diag_add(reader->diags, SURETY_D_WARN_PRICE, provider->place, path,
                        "add `price: {input: 1.25 USD/Mtok, output: 10 USD/Mtok}`",
                        "this provider has no price and counts as free");
        surety_note_default(reader, surety_path_join(reader, path, "price"), "0");
    }
    if (!provider->capacity.given && !reserves_all)
        surety_note_default(reader, surety_path_join(reader, path, "capacity"), "unlimited");
}

const struct surety_fields surety_provider_fields = {
    .title = "a provider", .rows = rows, .n = sizeof rows / sizeof *rows, .check = check};
