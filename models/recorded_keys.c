// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/recorded.h"

#include "sim/record/record.h"
#include "sim/scenario/schema.h"

#include <string.h>

#define AT(member) offsetof(struct surety_provider_record, member)

// --- rows -------------------------------------------------------------------------------------------------------

#define COLUMN(key, member, what)                                                                                      \
    {                                                                                                                  \
        .name = key, .kind = SURETY_KIND_TEXT, .offset = AT(member), .help = "Column with " what ".", .example = key   \
    }

static const struct surety_field column_rows[] = {
    COLUMN("start", start_column, "the start of an incident"),
    COLUMN("end", end_column, "its end; empty where it is still open"),
    COLUMN("severity", severity_column, "its severity"),
    COLUMN("component", component_column, "the components it touched, parted by ;"),
    COLUMN("id", id_column, "its id"),
    COLUMN("provider", provider_column, "the provider's name"),
    COLUMN("share", share_column, "the share of requests that failed, 0 to 1"),
};

static const struct surety_fields column_fields = {
    .title = "the columns", .rows = column_rows, .n = sizeof column_rows / sizeof *column_rows};

#define FAILING(key, member)                                                                                           \
    {                                                                                                                  \
        .name = key, .kind = SURETY_KIND_SHARE, .offset = AT(member), .max = 1,                                        \
        .help = "Share of requests that fails under the grade " key ", in place of the profile's.", .example = "30%"   \
    }

static const struct surety_field failing_rows[] = {
    FAILING("degraded", failing_degraded),
    FAILING("partial", failing_partial),
    FAILING("major", failing_major),
    FAILING("maintenance", failing_maintenance),
};

static const struct surety_fields failing_fields = {
    .title = "the shares", .rows = failing_rows, .n = sizeof failing_rows / sizeof *failing_rows};

// In the order of surety_severity_profiles; a test compares them.
static const char *const severity_words[] = {"status-page", "cautious", "all-or-nothing", NULL};
static const char *const start_words[] = {"reported", "first-stage", NULL};
static const char *const end_words[] = {"resolved", "monitoring", NULL};
static const char *const disordered_words[] = {"refuse", "drop", NULL};
static const char *const open_words[] = {"until-end", "drop", NULL};
static const char *const shared_words[] = {"yes", "no", NULL};

// {word: grade} into the record's `words`.
static bool read_grades(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out)
{
    static const char *const names[] = {"none", "degraded", "partial", "major", "maintenance"};
    struct surety_provider_record *r = out;
    if (node->kind != SURETY_Y_MAP) {
        surety_complain(reader, SURETY_D_TYPE, node, path, "write {word: grade, ...}", "a map is needed here");
        return false;
    }
    r->words = surety_arena_calloc(reader->arena, node->n, sizeof *r->words);
    bool good = r->words != NULL;
    reader->out_of_memory |= !good;
    for (const struct surety_ynode *child = node->first; good && child != NULL; child = child->next) {
        const char *grade = child->kind == SURETY_Y_SCALAR ? child->text : "";
        size_t g = 0;
        while (g < SURETY_N_GRADES && strcmp(names[g], grade) != 0)
            g++;
        if (g == SURETY_N_GRADES) {
            surety_complain(reader, SURETY_D_CHOICE, child, surety_path_join(reader, path, child->key),
                            surety_hint_words(reader, grade, names, SURETY_N_GRADES, sizeof *names),
                            "'%.40s' is no grade", grade);
            good = false;
        }
        const char *word = surety_arena_strndup(reader->arena, child->key, strlen(child->key));
        reader->out_of_memory |= word == NULL;
        good = good && word != NULL;
        r->words[r->n_words++] = (struct surety_recorded_word){word, (int)g};
    }
    return good;
}

static const struct surety_field rows[] = {
    {.name = "file",
     .kind = SURETY_KIND_TEXT,
     .offset = AT(file),
     .required = true,
     .help = "The record, beside the scenario: incidents.json of a Statuspage (Atlassian or incident.io) or of Google "
             "Cloud, one Statuspage incident a line, a table (CSV), or daily minutes.",
     .example = "incidents.json"},
    {.name = "bootstrap",
     .kind = SURETY_KIND_DURATION,
     .offset = AT(bootstrap_s),
     .min = 86400,
     .max = 10 * 365 * 86400.0,
     .help = "Length of the blocks that a simulated term is put together from: each is a stretch of the record that "
             "begins at a random week, the same weekday and time. All records with blocks of one length take the same "
             "weeks, so that what failed together fails together. Without it the record is played with its own dates.",
     .example = "4w"},
    {.name = "shared",
     .kind = SURETY_KIND_WORD,
     .offset = AT(alone),
     .words = shared_words,
     .fallback = "yes",
     .help = "`no`: blocks of this record are drawn independently of the others, which breaks what failed together.",
     .example = "no"},
    {.name = "format",
     .kind = SURETY_KIND_TEXT,
     .offset = AT(format),
     .help = "Default: recognised. statuspage-atlassian, statuspage-incidentio, statuspage-lines, google-cloud, table, "
             "daily-minutes.",
     .example = "table"},
    {.name = "component",
     .kind = SURETY_KIND_TEXT,
     .offset = AT(component),
     .help = "Only incidents that name one of these components (parted by ;). Default: all.",
     .example = "API;Webhooks"},
    {.name = "provider",
     .kind = SURETY_KIND_TEXT,
     .offset = AT(provider),
     .help = "Only incidents of this provider, as the record calls it.",
     .example = "openai"},
    {.name = "columns",
     .kind = SURETY_KIND_MAP,
     .sub = &column_fields,
     .help = "Names of a table's columns, where they are not recognised. severity: \"\" takes each incident as major.",
     .example = "{start: begun, end: over, severity: level}"},
    {.name = "grades",
     .kind = SURETY_KIND_CUSTOM,
     .offset = 0, // into the whole struct
     .read = read_grades,
     .schema = "{\"type\":\"object\",\"additionalProperties\":{\"enum\":[\"none\",\"degraded\",\"partial\",\"major\","
               "\"maintenance\"]}}",
     .help = "What words of the record's severity mean: none, degraded, partial, major or maintenance. Usual words are "
             "known; `minor` is partial.",
     .example = "{minor: degraded, sev1: major}"},
    {.name = "severities",
     .kind = SURETY_KIND_WORD,
     .offset = AT(severities),
     .words = severity_words,
     .fallback = "status-page",
     .help = "What share of requests fails under a grade: status-page (partial 30 %, major 100 %), cautious (partial "
             "60 %, degraded 5 %, maintenance 100 %), all-or-nothing (partial 100 %).",
     .example = "cautious"},
    {.name = "failing",
     .kind = SURETY_KIND_MAP,
     .sub = &failing_fields,
     .present_offset = AT(has_failing),
     .help = "Shares of single grades in place of the profile's.",
     .example = "{partial: 40%}"},
    {.name = "starts",
     .kind = SURETY_KIND_WORD,
     .offset = AT(from_stages),
     .words = start_words,
     .fallback = "reported",
     .help = "When an outage starts: as the page reports it, or with the first of investigating, identified, "
             "monitoring.",
     .example = "first-stage"},
    {.name = "ends",
     .kind = SURETY_KIND_WORD,
     .offset = AT(until_monitoring),
     .words = end_words,
     .fallback = "resolved",
     .help = "When it ends: when the page closed it, or when the fix was in and only watched (monitoring). Pages close "
             "late: `resolved` overstates.",
     .example = "monitoring"},
    {.name = "disordered",
     .kind = SURETY_KIND_WORD,
     .offset = AT(drop_disordered),
     .words = disordered_words,
     .fallback = "refuse",
     .help = "Incidents that end before they start: refuse the file, or drop them (and those whose stages are out of "
             "order).",
     .example = "drop"},
    {.name = "open",
     .kind = SURETY_KIND_WORD,
     .offset = AT(drop_open),
     .words = open_words,
     .fallback = "until-end",
     .help = "Incidents that the record does not close: last until its end, or drop them.",
     .example = "drop"},
    {.name = "longest",
     .kind = SURETY_KIND_DURATION,
     .offset = AT(longest_s),
     .above_min = true,
     .max = 10 * 365 * 86400.0,
     .help = "A longer outage ends after this time: a page that nobody closed. How many were cut is said.",
     .example = "24h"},
    {.name = "from",
     .kind = SURETY_KIND_DATE,
     .offset = AT(from),
     .present_offset = AT(has_from),
     .help = "First day that was watched (UTC). Default: the file's, else that of the first incident.",
     .example = "2024-01-01"},
    {.name = "until",
     .kind = SURETY_KIND_DATE,
     .offset = AT(until),
     .present_offset = AT(has_until),
     .help = "The day after the last that was watched (UTC). Default: the file's, else the last time in it.",
     .example = "2026-01-01"},
    {.name = "origin",
     .kind = SURETY_KIND_DATE,
     .offset = AT(origin),
     .present_offset = AT(has_origin),
     .help = "For tables that count seconds: the day of second 0.",
     .example = "2018-01-01"},
    {.name = "day_zone",
     .kind = SURETY_KIND_TEXT,
     .offset = AT(day_zone),
     .help = "Daily minutes: the zone in which the page counts its days. Default: UTC.",
     .example = "America/Los_Angeles"},
    {.name = "reports",
     .kind = SURETY_KIND_TEXT,
     .offset = AT(reports),
     .help = "Daily minutes: a record of the incidents, which tells when in the day they were and which outages go on "
             "over midnight.",
     .example = "incidents.json"},
};

static void check(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out,
                  bool clean)
{
    (void)reader;
    (void)path;
    (void)clean;
    ((struct surety_provider_record *)out)->place = surety_map_place(node);
}

const struct surety_fields surety_recorded_fields = {
    .title = "a record", .rows = rows, .n = sizeof rows / sizeof *rows, .check = check};
