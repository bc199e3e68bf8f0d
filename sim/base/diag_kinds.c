// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/diag.h"

#include <assert.h>
#include <string.h>

static const struct surety_diag_kind kinds[SURETY_N_DIAG] = {
    [SURETY_D_SYNTAX] = {.id = "syntax",
                         .severity = SURETY_ERROR,
                         .text = "The file is not well-formed YAML (or JSON), or it is empty.",
                         .example = "contract: {fee: 24000 USD/month",
                         .cure = "Close every { and [, indent with spaces (never tabs), and put a space after each "
                                 "colon."},
    [SURETY_D_LIMIT] = {.id = "limit",
                        .severity = SURETY_ERROR,
                        .text = "The YAML is larger, deeper or stranger than a scenario needs: over 1 MiB, over 32 "
                                "levels, several documents, anchors, aliases, tags, merge keys.",
                        .example = "providers: {a: &x {outages: none}, b: *x}",
                        .cure = "Write the values out where they are needed, in one document."},
    [SURETY_D_DUPLICATE] = {.id = "duplicate",
                            .severity = SURETY_ERROR,
                            .text = "The same key stands twice in one map; only one of the two could count.",
                            .example = "providers: {openai: {outages: none}, openai: {outages: none}}",
                            .cure = "Delete one of them or give it another name."},
    [SURETY_D_UNKNOWN_KEY] = {.id = "unknown-key",
                              .severity = SURETY_ERROR,
                              .text = "There is no such key at this place. Nothing is ignored silently.",
                              .example = "term: {month: 12}",
                              .cure = "Use the key that is suggested; `surety explain KEY` tells what a key means."},
    [SURETY_D_MISSING_KEY] = {.id = "missing-key",
                              .severity = SURETY_ERROR,
                              .text = "A key that has no default is absent.",
                              .example = "failover: {order: [openai, anthropic]}   # no detect",
                              .cure = "Add the key. What has no default is what the answer depends on most."},
    [SURETY_D_TYPE] = {.id = "type",
                       .severity = SURETY_ERROR,
                       .text = "A map, a list or a single value stands where another of the three belongs.",
                       .example = "providers: [openai, anthropic]",
                       .cure = "Write a map as `key: value` lines (or {key: value}), a list as `- item` lines (or "
                               "[item, item])."},
    [SURETY_D_VALUE] = {.id = "value",
                        .severity = SURETY_ERROR,
                        .text = "The value cannot be read: no unit, an unknown unit, or text after it.",
                        .example = "time_to_repair: 30",
                        .cure = "Write the number directly followed by its unit: 30m, 99.9%, 40/min, 24000 USD/month."},
    [SURETY_D_RANGE] = {.id = "range",
                        .severity = SURETY_ERROR,
                        .text = "The value can be read but lies outside what is allowed.",
                        .example = "failing: 130%",
                        .cure = "Use a value within the limits that the message names."},
    [SURETY_D_CHOICE] = {.id = "choice",
                         .severity = SURETY_ERROR,
                         .text = "The word is not one of those allowed here.",
                         .example = "availability: {measure: uptime}",
                         .cure = "Use one of the words that the message lists."},
    [SURETY_D_NAME] = {.id = "name",
                       .severity = SURETY_ERROR,
                       .text = "A name starts with a letter and goes on with letters, digits, _ and -, at most 64.",
                       .example = "providers: {2nd provider: {outages: none}}",
                       .cure = "Rename it, for instance second-provider."},
    [SURETY_D_REFERENCE] =
        {.id = "reference",
         .severity = SURETY_ERROR,
         .text = "A provider is named that is not defined under `providers`, or an entry that the catalogue "
                 "does not have.",
         .example = "architectures: {alone: opnai}",
         .cure = "Correct the name, or add the provider; `surety catalog` lists the entries for "
                 "`use`."},
    [SURETY_D_CONFLICT] = {.id = "conflict",
                           .severity = SURETY_ERROR,
                           .text = "Two keys exclude each other, or two numbers contradict each other.",
                           .example = "outages: {all: {incidents: 9/year, time_to_failure: 30d, time_to_repair: 1h}}",
                           .cure = "Keep the one that you know, delete the other."},
    [SURETY_D_LAW] = {.id = "law",
                      .severity = SURETY_ERROR,
                      .text = "No distribution has these parameters, or its mean is infinite.",
                      .example = "time_to_repair: {lognormal: {median: 2h, p95: 1h}}",
                      .cure = "Check the pair of parameters; a law without a mean needs a `max`."},
    [SURETY_D_CURRENCY] = {.id = "currency",
                           .severity = SURETY_ERROR,
                           .text = "Two currencies occur in one scenario. Nothing is converted.",
                           .example = "contract: {fee: 24000 EUR/month}   # and prices in USD",
                           .cure = "Convert all amounts into one currency."},
    [SURETY_D_UNSUPPORTED] = {.id = "unsupported",
                              .severity = SURETY_ERROR,
                              .text = "This is part of scenario version 1 but not supported yet by this program. It is "
                                      "refused, never ignored.",
                              .example = "tiers: {t: {availability: 99%, cost: {per_request: 1 USD/request, "
                                         "percentile: 95}}}   # and `price_changes` of a provider",
                              .cure = "Remove the key, or say the same with keys that are supported."},
    [SURETY_D_TOO_LARGE] =
        {.id = "too-large",
         .severity = SURETY_ERROR,
         .text = "The scenario has more outage sources, routes or nodes than the engine can hold, or more "
                 "outages, probes, attempts to switch or money than it can follow.",
         .example = "providers: {...}   # with more than 4096 outages in all",
         .cure = "Split the scenario, or merge small outages into one."},
    [SURETY_D_SET] = {.id = "set",
                      .severity = SURETY_ERROR,
                      .text = "The path or the value of a --set cannot be used.",
                      .example = "surety run a.yaml --set contract.fee.x=1",
                      .cure = "Write --set PATH=VALUE; PATH is keys joined by dots, list items as [0]."},
    [SURETY_D_FILE] = {.id = "file",
                       .severity = SURETY_ERROR,
                       .text = "A file cannot be read or written.",
                       .example = "surety run no-such-file.yaml",
                       .cure = "Check the name, the folder and the permissions. Files of a scenario are looked for "
                               "beside it."},
    [SURETY_D_USAGE] = {.id = "usage",
                        .severity = SURETY_ERROR,
                        .text = "The command line cannot be understood.",
                        .example = "surety run --replications",
                        .cure = "See `surety --help`."},
    [SURETY_D_MEMORY] = {.id = "memory",
                         .severity = SURETY_ERROR,
                         .text = "The machine has no memory left for this.",
                         .example = "surety run huge.yaml --threads 4096",
                         .cure = "Use fewer threads or a smaller scenario."},
    [SURETY_D_TOOL] = {.id = "tool",
                       .severity = SURETY_ERROR,
                       .text = "An external program failed or is not installed.",
                       .example = "surety run a.yaml --plot   # without gnuplot",
                       .cure = "Install the program that the message names. Text and JSON work without it."},
    [SURETY_D_RECORD_SYNTAX] = {.id = "record-syntax",
                                .severity = SURETY_ERROR,
                                .text =
                                    "The record of incidents breaks off, is no JSON (NaN, a key twice), or a row of "
                                    "a table does not fit its first line. Nothing of it is used.",
                                .example = "{\"page\": {}, \"incidents\": [{\"id\": \"a\",",
                                .cure = "Fetch the file again; of a table, mend the line that is named."},
    [SURETY_D_RECORD_FORMAT] = {.id = "record-format",
                                .severity = SURETY_ERROR,
                                .text = "The file is no record of incidents of a kind that is known, or of another "
                                        "kind than was said, or a table without a column that is needed.",
                                .example = "surety fit outages summary.json",
                                .cure = "Fetch /api/v2/incidents.json of the status page, or name the columns of the "
                                        "table: --start, --end, --severity, --component, --id."},
    [SURETY_D_RECORD_TIME] = {.id = "record-time",
                              .severity = SURETY_ERROR,
                              .text = "A time of an incident cannot be read, or it ends before it starts.",
                              .example = "id,start,end\n7,2026-03-01T10:00:00Z,2026-03-01T09:00:00Z",
                              .cure = "Times are written 2026-03-01T10:00:00Z; correct the row or leave it out."},
    [SURETY_D_RECORD_VALUE] = {.id = "record-value",
                               .severity = SURETY_ERROR,
                               .text = "A severity, a share or a number of minutes of the record cannot be read.",
                               .example = "severity\nbananas",
                               .cure = "Say what the word means: --grade bananas=partial; grades: none, degraded, "
                                       "partial, major, maintenance."},
    [SURETY_D_RECORD_DUPLICATE] = {.id = "record-duplicate",
                                   .severity = SURETY_ERROR,
                                   .text = "One incident stands twice in the record with different times or "
                                           "severities, or a day twice. Exact repetitions are left out without a word.",
                                   .example = "id,start,end\n7,2026-03-01,2026-03-02\n7,2026-03-01,2026-03-05",
                                   .cure = "Keep the row that is right."},
    [SURETY_D_RECORD_SIZE] = {.id = "record-size",
                              .severity = SURETY_ERROR,
                              .text = "The record is larger than is read: 64 MiB of JSON, 250,000 incidents, lines and "
                                      "cells of a table within bounds.",
                              .example = "surety fit outages everything.json   # 200 MB",
                              .cure = "Fetch fewer incidents at a time, or convert to a table, which is streamed."},
    [SURETY_D_RECORD_SPAN] = {.id = "record-span",
                              .severity = SURETY_ERROR,
                              .text = "The record was watched for no time at all, or not at the time that is asked "
                                      "for.",
                              .example = "surety replay deal.yaml --incidents 2023.json   # a term in 2027",
                              .cure = "Say when it was watched with from and until, or move the term into the record."},
    [SURETY_D_UNCERTAIN] = {.id = "uncertain-value",
                            .severity = SURETY_ERROR,
                            .text = "A value is uncertain where it cannot be, or not valid throughout its range.",
                            .example = "detect: {between: [60s, 30s]}",
                            .cure =
                                "Write `{between: [30s, 60s]}` with the smaller value first, both in the unit of the "
                                "key, or a single value."},
    [SURETY_D_WARN_VARIANCE] = {.id = "infinite-variance",
                                .severity = SURETY_WARNING,
                                .text =
                                    "The law has infinite variance: estimates settle slowly and their error bars are "
                                    "too small.",
                                .example = "time_to_repair: {pareto: {shape: 1.5, scale: 10m}}",
                                .cure = "Add `max:` with the longest time that can happen."},
    [SURETY_D_WARN_PRICE] = {.id = "no-price",
                             .severity = SURETY_WARNING,
                             .text = "A provider has no price (or none for a part of its use), so that counts as free.",
                             .example = "providers: {openai: {outages: none}}",
                             .cure = "Add price: {input: 1.25 USD/Mtok, output: 10 USD/Mtok}."},
    [SURETY_D_WARN_UNUSED] = {.id = "unused",
                              .severity = SURETY_WARNING,
                              .text = "No architecture uses this provider, so it changes nothing.",
                              .example = "providers: {spare: {outages: none}}   # in no architecture",
                              .cure = "Use it in an architecture, or delete it."},
    [SURETY_D_WARN_PRECISION] = {.id = "precision",
                                 .severity = SURETY_WARNING,
                                 .text = "The run ended before --precision was reached.",
                                 .example = "surety run FILE --precision 0.01pp --replications 20k",
                                 .cure = "Allow more --replications, or ask for less precision."},
    [SURETY_D_WARN_REDRAWN] = {.id = "drawn-again",
                               .severity = SURETY_WARNING,
                               .text =
                                   "Some draws of the uncertain inputs contradicted themselves and were drawn again.",
                               .example =
                                   "incidents: {law: {lognormal: {median: 400/year, cv: 2}}}, time_to_repair: 10h",
                               .cure = "Narrow the ranges, or accept that they are conditioned on what is possible."},
    [SURETY_D_WARN_CAPACITY] = {.id = "no-capacity",
                                .severity = SURETY_WARNING,
                                .text = "Routes without a limit are taken as able to carry any load, also all of it "
                                        "after a switch.",
                                .example = "architectures: {both: {failover: {order: [a, b], detect: 60s}}}",
                                .cure = "Ask the provider in writing what it carries, and write it as its `capacity`."},
};

const struct surety_diag_kind *surety_diag_kind(enum surety_diag_id id)
{
    assert((unsigned)id < SURETY_N_DIAG);
    return &kinds[id];
}

const struct surety_diag_kind *surety_diag_find(const char *word)
{
    for (size_t i = 0; i < SURETY_N_DIAG; i++)
        if (strcmp(kinds[i].id, word) == 0)
            return &kinds[i];
    return NULL;
}
