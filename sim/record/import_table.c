// SPDX-License-Identifier: GPL-3.0-or-later
// A table with one incident a row. The columns are named by the caller or recognised by their usual names.
#include "sim/base/calendar.h"
#include "sim/record/csv_rows.h"

#include <math.h>
#include <string.h>

// What pages and collections call their columns, best first: the downtime is nearer to an outage than the time that the
// page was open.
static const char *const start_names[] = {
    "downtime_start_utc", "downtime_start", "start_utc", "started_utc", "begin_utc",  "opened_utc", "start",
    "started_at",         "start_time",     "begin",     "opened",      "created_at", NULL};
static const char *const end_names[] = {"downtime_end_utc", "downtime_end", "end_utc",     "close_utc", "closed_utc",
                                        "resolved_utc",     "end",          "resolved_at", "end_time",  "close",
                                        "closed",           "resolved",     NULL};
static const char *const severity_names[] = {"status_impact", "impact", "impact_level", "severity", "grade", NULL};
static const char *const component_names[] = {"components", "component",    "services", "service",
                                              "product",    "service_name", NULL};
static const char *const provider_names[] = {"provider", "company", "vendor", NULL};
static const char *const id_names[] = {"incident_id", "id", NULL};
static const char *const share_names[] = {"share_failing", "share", NULL};
static const char *const status_as_share[] = {"status", NULL}; // only where nothing else tells the severity
static const char *const stage_names[SURETY_N_STAGES][3] = {
    {"investigating_utc", "investigating", NULL}, {"identified_utc", "identified", NULL},
    {"monitoring_utc", "monitoring", NULL},       {"resolved_utc", "resolved", NULL},
    {"postmortem_utc", "postmortem", NULL},
};

struct columns {
    int start, end, severity, component, provider, id, share, stage[SURETY_N_STAGES];
};

static bool missing(struct surety_csv *csv, const char *what)
{
    surety_import_complain(csv->import, SURETY_D_RECORD_FORMAT, (struct surety_place){1, 1}, NULL,
                           surety_csv_columns(csv), "no column is known as %s", what);
    return false;
}

static bool find_columns(struct surety_csv *csv, struct columns *c)
{
    const struct surety_record_options *o = csv->import->options;
    bool good = true;
    c->start = surety_csv_column(csv, o->start, start_names, &good);
    c->end = surety_csv_column(csv, o->end, end_names, &good);
    c->severity = surety_csv_column(csv, o->severity, severity_names, &good);
    c->component = surety_csv_column(csv, o->component, component_names, &good);
    c->provider = surety_csv_column(csv, o->provider, provider_names, &good);
    c->id = surety_csv_column(csv, o->id, id_names, &good);
    c->share = surety_csv_column(csv, o->share, share_names, &good);
    if (c->severity < 0 && c->share < 0 && o->share == NULL && o->severity == NULL)
        c->share = surety_csv_column(csv, NULL, status_as_share, &good);
    for (int i = 0; i < SURETY_N_STAGES; i++)
        c->stage[i] = surety_csv_column(csv, NULL, stage_names[i], &good);
    if (!good)
        return false;
    if (c->start < 0)
        return missing(csv, "the start (--start NAME; in a scenario `columns: {start: NAME}`)");
    if (c->end < 0)
        return missing(csv, "the end (--end NAME; in a scenario `columns: {end: NAME}`)");
    if (c->severity < 0 && c->share < 0 && o->severity == NULL)
        return missing(csv, "the severity (--severity NAME; \"\" takes every incident as a major outage)");
    return true;
}

// Bare seconds: of Unix time, or relative ones, see surety_record_options.
static bool from_seconds(struct surety_import *import, double s, int64_t *us)
{
    const double first_unix_s = 1e9, last_s = 7.2e9; // 2001; 2198
    int64_t origin_us = 0;
    if (!(s >= 0 && s <= last_s))
        return false;
    if (s < first_unix_s) {
        origin_us = import->options->has_origin ? import->options->origin_us : 4 * SURETY_US_PER_DAY;
        import->record->undated |= !import->options->has_origin;
    }
    *us = origin_us + (int64_t)(s * 1e6 + 0.5);
    return true;
}

// The time in a column; `absent` where the cell is empty. False after a message.
static bool read_time(struct surety_csv *csv, int column, int64_t absent, int64_t *us, bool *go_on)
{
    const char *cell = surety_csv_cell(csv, column);
    double seconds;
    if (cell[0] == '\0') {
        *us = absent;
        return true;
    }
    if (surety_csv_number(cell, &seconds) ? from_seconds(csv->import, seconds, us) : surety_time_read(cell, us))
        return true;
    *go_on = surety_import_complain(csv->import, SURETY_D_RECORD_TIME, surety_csv_place(csv, column), csv->name[column],
                                    "write 2026-08-20T14:43:00Z, or seconds", "'%.40s' is no time with a date", cell);
    return false;
}

static bool read_severity(struct surety_csv *csv, const struct columns *c, struct surety_incident *incident,
                          bool *go_on)
{
    struct surety_import *import = csv->import;
    const char *share = surety_csv_cell(csv, c->share), *severity = surety_csv_cell(csv, c->severity);
    incident->grade = SURETY_GRADE_MAJOR;
    if (share[0] != '\0') {
        double value;
        if (!surety_csv_number(share, &value) || value < 0 || value > 1) {
            *go_on = surety_import_complain(import, SURETY_D_RECORD_VALUE, surety_csv_place(csv, c->share),
                                            csv->name[c->share], "a share lies between 0 and 1", "'%.40s' is no share",
                                            share);
            return false;
        }
        incident->share_failing = value;
        incident->grade = value <= 0 ? SURETY_GRADE_NONE : value < 1 ? SURETY_GRADE_PARTIAL : SURETY_GRADE_MAJOR;
    }
    if (c->severity < 0 || surety_grade_read(severity, import->options, &incident->grade))
        return true;
    *go_on = surety_import_complain(
        import, SURETY_D_RECORD_VALUE, surety_csv_place(csv, c->severity), csv->name[c->severity],
        "say what it means: none, degraded, partial, major or maintenance (--grade WORD=GRADE; in a scenario `grades`)",
        "'%.40s' is no severity", severity);
    return false;
}

// A row into the record. *go_on false: enough mistakes.
static enum surety_err read_row(struct surety_csv *csv, const struct columns *c, bool *go_on)
{
    struct surety_import *import = csv->import;
    struct surety_incident incident = surety_import_blank(surety_csv_place(csv, c->start));
    *go_on = true;
    bool good = read_time(csv, c->start, SURETY_NO_TIME, &incident.start_us, go_on) &&
                read_time(csv, c->end, SURETY_STILL_OPEN, &incident.end_us, go_on) &&
                read_severity(csv, c, &incident, go_on);
    for (int i = 0; good && i < SURETY_N_STAGES; i++)
        good = read_time(csv, c->stage[i], SURETY_NO_TIME, &incident.stage_us[i], go_on);
    if (!good)
        return SURETY_E_INPUT;
    if (incident.start_us == SURETY_NO_TIME) {
        *go_on = surety_import_complain(import, SURETY_D_RECORD_TIME, incident.place, csv->name[c->start], NULL,
                                        "the incident has no start");
        return SURETY_E_INPUT;
    }
    incident.provider = surety_import_text(import, surety_csv_cell(csv, c->provider));
    incident.id = surety_csv_cell(csv, c->id)[0] != '\0' ? surety_import_text(import, surety_csv_cell(csv, c->id)) : "";
    if (incident.provider == NULL || incident.id == NULL)
        return surety_import_no_memory(import);
    enum surety_err err = surety_import_components(import, surety_csv_cell(csv, c->component), ';', &incident);
    if (err == SURETY_OK) {
        err = surety_import_add(import, &incident);
        *go_on = err == SURETY_OK;
    }
    return err;
}

enum surety_err surety_import_table(struct surety_import *import)
{
    struct surety_csv csv;
    struct columns columns;
    bool more = true, go_on = true;
    enum surety_err err = surety_csv_init(&csv, import);
    if (err == SURETY_OK)
        err = surety_csv_first(&csv);
    if (err == SURETY_OK && !find_columns(&csv, &columns))
        err = SURETY_E_INPUT;
    if (err == SURETY_OK) {
        enum surety_err worst = SURETY_OK;
        while (go_on && (err = surety_csv_next(&csv, &more)) == SURETY_OK && more) {
            err = read_row(&csv, &columns, &go_on);
            worst = err != SURETY_OK ? err : worst;
            go_on &= err != SURETY_E_MEMORY;
        }
        err = worst != SURETY_OK ? worst : err;
    }
    surety_csv_finish(&csv);
    return err == SURETY_OK ? surety_import_close(import, SURETY_NO_TIME) : err;
}
