// SPDX-License-Identifier: GPL-3.0-or-later
// Daily minutes: a row per service and day. A page that shows one coloured bar a day counts minutes of partial and of
// major outage; when in the day they were is not said. A day's minutes of one grade become one outage:
//  * two days in a row are one outage when a report is open at the midnight between them, or when the first day's
//    minutes (at least an hour) reach from a report's start to that midnight within five minutes. Without reports days
//    stay apart;
//  * outages of one day or of joined days follow each other without a gap, major first, so that no minute counts twice.
//    They end at the joined midnight; on a day by itself they begin with the day's first report, else they stand in its
//    middle: the record knows no better.
#include "sim/base/calendar.h"
#include "sim/base/tz.h"
#include "sim/record/csv_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MOST_DAYS ((size_t)1000000)
#define US_PER_MIN (60 * SURETY_US_PER_S)
#define LEAST_TO_REACH_US (60 * US_PER_MIN)
#define REACHES_US (5 * US_PER_MIN)

enum { MAJOR, PARTIAL, N_GRADES };

struct day {
    int64_t days; // since 1970-01-01
    int64_t us[N_GRADES];
    const char *provider, *service;
    struct surety_place place;
};

struct table {
    struct surety_import *import;
    const struct surety_tz *zone;
    struct day *list;
    size_t n, capacity;
    int date, provider, service, minutes[N_GRADES];
    bool go_on;
};

static const char *const date_names[] = {"date", "day", NULL};
static const char *const provider_names[] = {"provider", "company", "vendor", NULL};
static const char *const service_names[] = {"service", "component", "product", NULL};
static const char *const minutes_names[N_GRADES][2] = {{"major_outage_min", NULL}, {"partial_outage_min", NULL}};

// --- reading ----------------------------------------------------------------------------------------------------

static bool find_columns(struct table *t, struct surety_csv *csv)
{
    const struct surety_record_options *o = t->import->options;
    bool good = true;
    t->date = surety_csv_column(csv, o->start, date_names, &good);
    t->provider = surety_csv_column(csv, o->provider, provider_names, &good);
    t->service = surety_csv_column(csv, o->component, service_names, &good);
    for (int i = 0; i < N_GRADES; i++)
        t->minutes[i] = surety_csv_column(csv, NULL, minutes_names[i], &good);
    if (good && (t->date < 0 || t->service < 0 || t->minutes[MAJOR] < 0 || t->minutes[PARTIAL] < 0)) {
        surety_import_complain(t->import, SURETY_D_RECORD_FORMAT, (struct surety_place){1, 1}, NULL,
                               surety_csv_columns(csv),
                               "daily minutes need the columns date, service, partial_outage_min, major_outage_min");
        good = false;
    }
    return good;
}

// The same text again is the same pointer: rows of one service mostly stand together, and there are few services.
static const char *known_text(const struct table *t, const char *text, size_t offset)
{
    for (size_t i = t->n, seen = 0; i > 0 && seen < 64; i--, seen++) {
        const char *old = *(const char *const *)(const void *)((const char *)&t->list[i - 1] + offset);
        if (strcmp(old, text) == 0)
            return old;
    }
    return surety_import_text(t->import, text);
}

static bool complain(struct table *t, const struct surety_csv *csv, enum surety_diag_id id, int column,
                     const char *hint, const char *what)
{
    t->go_on = surety_import_complain(t->import, id, surety_csv_place(csv, column), csv->name[column], hint,
                                      "'%.40s' %s", surety_csv_cell(csv, column), what);
    return false;
}

static bool read_row(struct table *t, const struct surety_csv *csv, struct day *day)
{
    struct surety_date date;
    const char *cell = surety_csv_cell(csv, t->date);
    if (!surety_date_parse(cell, strlen(cell), &date))
        return complain(t, csv, SURETY_D_RECORD_TIME, t->date, "write 2026-08-20", "is no day");
    if (surety_csv_cell(csv, t->service)[0] == '\0')
        return complain(t, csv, SURETY_D_RECORD_VALUE, t->service, NULL, "is no name of a service");
    *day = (struct day){.days = surety_date_days(date), .place = surety_csv_place(csv, t->date)};
    for (int i = 0; i < N_GRADES; i++) {
        double minutes;
        if (!surety_csv_number(surety_csv_cell(csv, t->minutes[i]), &minutes) || minutes < 0 || minutes > 25 * 60)
            return complain(t, csv, SURETY_D_RECORD_VALUE, t->minutes[i], "a day has 0 to 1440 of them",
                            "is no number of minutes of a day");
        day->us[i] = (int64_t)(minutes * (double)US_PER_MIN + 0.5);
    }
    return true;
}

static enum surety_err add_row(struct table *t, const struct surety_csv *csv, struct day *day)
{
    day->provider = known_text(t, surety_csv_cell(csv, t->provider), offsetof(struct day, provider));
    day->service = known_text(t, surety_csv_cell(csv, t->service), offsetof(struct day, service));
    if (day->provider == NULL || day->service == NULL)
        return surety_import_no_memory(t->import);
    if (t->n == MOST_DAYS) {
        surety_import_complain(t->import, SURETY_D_RECORD_SIZE, day->place, NULL, "split the table by service",
                               "more than %zu days", MOST_DAYS);
        return SURETY_E_INPUT;
    }
    if (t->n == t->capacity) {
        const size_t capacity = t->capacity == 0 ? 1024 : 2 * t->capacity;
        struct day *list = realloc(t->list, capacity * sizeof *list);
        if (list == NULL)
            return surety_import_no_memory(t->import);
        t->list = list;
        t->capacity = capacity;
    }
    t->list[t->n++] = *day;
    return SURETY_OK;
}

static enum surety_err read_rows(struct table *t)
{
    struct surety_csv csv;
    bool more = true;
    enum surety_err err = surety_csv_init(&csv, t->import);
    if (err == SURETY_OK)
        err = surety_csv_first(&csv);
    if (err == SURETY_OK && !find_columns(t, &csv))
        err = SURETY_E_INPUT;
    while (err == SURETY_OK && t->go_on && (err = surety_csv_next(&csv, &more)) == SURETY_OK && more) {
        struct day day;
        if (read_row(t, &csv, &day))
            err = add_row(t, &csv, &day);
    }
    surety_csv_finish(&csv);
    return err == SURETY_OK && t->import->n_messages > 0 ? SURETY_E_INPUT : err;
}

// --- days to outages --------------------------------------------------------------------------------------------

static int by_service_and_day(const void *a, const void *b)
{
    const struct day *x = a, *y = b;
    int order = strcmp(x->provider, y->provider);
    if (order == 0)
        order = strcmp(x->service, y->service);
    return order != 0 ? order : x->days < y->days ? -1 : x->days > y->days;
}

static bool same_service(const struct day *a, const struct day *b)
{
    return strcmp(a->service, b->service) == 0 && strcmp(a->provider, b->provider) == 0;
}

// The instant at which the page's day begins.
static int64_t day_start_us(const struct table *t, int64_t days)
{
    return surety_tz_day_start_s(t->zone, surety_date_from_days(days)) * SURETY_US_PER_S;
}

static bool is_report_of(const struct surety_incident *report, const char *service)
{
    for (size_t i = 0; i < report->n_components; i++)
        if (strcasecmp(report->components[i], service) == 0)
            return report->grade != SURETY_GRADE_MAINTENANCE;
    return false;
}

static int64_t total_us(const struct day *day)
{
    return day->us[MAJOR] + day->us[PARTIAL];
}

static bool goes_on(const struct table *t, const struct day *day)
{
    const struct surety_record *reports = t->import->options->reports;
    const int64_t begin_us = day_start_us(t, day->days), end_us = day_start_us(t, day->days + 1);
    for (size_t i = 0; reports != NULL && i < reports->n && reports->incidents[i].start_us < end_us; i++) {
        const struct surety_incident *r = &reports->incidents[i];
        if (!is_report_of(r, day->service))
            continue;
        const int64_t missing_us = end_us - r->start_us - total_us(day);
        if (r->end_us > end_us || (r->start_us >= begin_us && total_us(day) >= LEAST_TO_REACH_US &&
                                   missing_us <= REACHES_US && missing_us >= -REACHES_US))
            return true;
    }
    return false;
}

// Where the outages of a day by itself begin.
static int64_t place_alone(const struct table *t, const struct day *day)
{
    const struct surety_record *reports = t->import->options->reports;
    const int64_t begin_us = day_start_us(t, day->days), end_us = day_start_us(t, day->days + 1);
    const int64_t free_us = end_us - begin_us - total_us(day);
    if (free_us <= 0)
        return begin_us;
    for (size_t i = 0; reports != NULL && i < reports->n && reports->incidents[i].start_us < end_us; i++) {
        const struct surety_incident *r = &reports->incidents[i];
        if (r->end_us <= begin_us || !is_report_of(r, day->service))
            continue;
        const int64_t start_us = r->start_us > begin_us ? r->start_us : begin_us;
        return start_us < begin_us + free_us ? start_us : begin_us + free_us;
    }
    return begin_us + free_us / 2;
}

// An outage of days list[first..] in one grade, as long as they have minutes of it.
static enum surety_err add_run(struct table *t, size_t first, size_t end, int grade, int64_t *at_us)
{
    struct surety_import *import = t->import;
    struct surety_incident incident = surety_import_blank(t->list[first].place);
    const char **names = surety_arena_alloc(&import->record->arena, sizeof *names);
    if (names == NULL)
        return surety_import_no_memory(import);
    names[0] = t->list[first].service;
    incident.components = names;
    incident.n_components = 1;
    incident.provider = t->list[first].provider;
    incident.grade = grade == MAJOR ? SURETY_GRADE_MAJOR : SURETY_GRADE_PARTIAL;
    incident.start_us = *at_us;
    for (size_t i = first; i < end && t->list[i].us[grade] > 0; i++)
        *at_us += t->list[i].us[grade];
    incident.end_us = *at_us;
    return surety_import_add(import, &incident);
}

// The outages of days [first, end), which are joined at their midnights.
static enum surety_err add_joined(struct table *t, size_t first, size_t end)
{
    const struct day *day = &t->list[first];
    int64_t at_us = place_alone(t, day);
    if (end > first + 1)
        at_us = day_start_us(t, day->days + 1) - total_us(day);
    for (size_t i = first; i < end; i++)
        for (int g = 0; g < N_GRADES; g++)
            if (t->list[i].us[g] > 0 && (i == first || t->list[i - 1].us[g] == 0)) {
                const enum surety_err err = add_run(t, i, end, g, &at_us);
                if (err != SURETY_OK)
                    return err;
            }
    return SURETY_OK;
}

// The days of one service, list[first..end): each day once, none missing.
static bool check_days(struct table *t, size_t first, size_t end)
{
    for (size_t i = first + 1; i < end && t->go_on; i++) {
        const int64_t step = t->list[i].days - t->list[i - 1].days;
        if (step == 0)
            t->go_on =
                surety_import_complain(t->import, SURETY_D_RECORD_DUPLICATE, t->list[i].place, NULL,
                                       "keep the row that is right", "'%.60s' has this day twice", t->list[i].service);
        else if (step > 1)
            t->go_on = surety_import_complain(t->import, SURETY_D_RECORD_TIME, t->list[i].place, NULL,
                                              "a day without an outage has a row with 0 minutes",
                                              "'%.60s' lacks %lld days before this one", t->list[i].service,
                                              (long long)step - 1);
    }
    return t->import->n_messages == 0;
}

static enum surety_err add_service(struct table *t, size_t first, size_t end)
{
    struct surety_record *record = t->import->record;
    struct surety_watch *watch = &record->watches[record->n_watches++];
    *watch = (struct surety_watch){t->list[first].provider, t->list[first].service,
                                   day_start_us(t, t->list[first].days), day_start_us(t, t->list[end - 1].days + 1)};
    if (record->n_watches == 1 || watch->from_us < record->from_us)
        record->from_us = watch->from_us;
    if (record->n_watches == 1 || watch->until_us > record->until_us)
        record->until_us = watch->until_us;
    for (size_t i = first, next; i < end; i = next) {
        next = i + 1;
        if (total_us(&t->list[i]) == 0)
            continue;
        while (next < end && total_us(&t->list[next]) > 0 && goes_on(t, &t->list[next - 1]))
            next++;
        const enum surety_err err = add_joined(t, i, next);
        if (err != SURETY_OK)
            return err;
    }
    return SURETY_OK;
}

static enum surety_err add_all(struct table *t)
{
    struct surety_record *record = t->import->record;
    size_t n_services = t->n > 0;
    if (t->n == 0)
        return SURETY_OK;
    qsort(t->list, t->n, sizeof *t->list, by_service_and_day);
    for (size_t i = 1; i < t->n; i++)
        n_services += !same_service(&t->list[i], &t->list[i - 1]);
    record->watches = surety_arena_calloc(&record->arena, n_services, sizeof *record->watches);
    if (record->watches == NULL)
        return surety_import_no_memory(t->import);
    record->from_given = record->until_given = record->one_outage_a_day = true;
    for (size_t first = 0, end; first < t->n; first = end) {
        for (end = first + 1; end < t->n && same_service(&t->list[first], &t->list[end]); end++)
            ;
        const enum surety_err err = check_days(t, first, end) ? add_service(t, first, end) : SURETY_E_INPUT;
        if (err != SURETY_OK)
            return err;
    }
    return SURETY_OK;
}

static enum surety_err load_zone(struct table *t)
{
    const char *name = t->import->options->day_zone != NULL ? t->import->options->day_zone : "UTC";
    const enum surety_tz_err err = surety_tz_load(&t->import->record->arena, name, &t->zone);
    if (err == SURETY_TZ_OK)
        return SURETY_OK;
    if (err == SURETY_TZ_NO_MEMORY)
        return surety_import_no_memory(t->import);
    surety_import_complain(t->import, SURETY_D_RECORD_VALUE, (struct surety_place){0, 0}, NULL,
                           "names are like America/Los_Angeles; the package tzdata has them",
                           "there is no time zone '%.60s'", name);
    return SURETY_E_INPUT;
}

enum surety_err surety_import_days(struct surety_import *import)
{
    struct table t = {.import = import, .go_on = true};
    enum surety_err err = load_zone(&t);
    if (err == SURETY_OK)
        err = read_rows(&t);
    if (err == SURETY_OK)
        err = add_all(&t);
    free(t.list);
    return err == SURETY_OK ? surety_import_close(import, SURETY_NO_TIME) : err;
}
