// SPDX-License-Identifier: GPL-3.0-or-later
// Each format from a few lines written here, and each way in which a file can be wrong.
#include "sim/base/calendar.h"
#include "sim/record/record.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct surety_diags diags;
static struct surety_record *record;
static bool provoked[SURETY_N_DIAG];

static enum surety_err read_text(const char *text, const struct surety_record_options *options)
{
    surety_diags_init(&diags, "x");
    record = NULL;
    const enum surety_err err = surety_record_parse("x", text, strlen(text), options, &diags, &record);
    cr_assert_eq(err == SURETY_OK, record != NULL);
    cr_assert_eq(err == SURETY_OK, diags.n_errors == 0);
    return err;
}

static void done(void)
{
    surety_record_destroy(record);
    surety_diags_finish(&diags);
}

static const struct surety_record *accept(const char *text, const struct surety_record_options *options)
{
    if (read_text(text, options) != SURETY_OK)
        surety_diags_print(&diags, stderr);
    cr_assert_not_null(record, "%.80s", text);
    return record;
}

// The first message is of this kind and stands at line:column.
static void refuse(const char *text, const struct surety_record_options *options, enum surety_diag_id id, size_t line,
                   size_t column)
{
    cr_assert_neq(read_text(text, options), SURETY_OK, "accepted: %.80s", text);
    const struct surety_diag *d = &diags.list[0];
    cr_assert_eq(d->id, id, "%s instead of %s: %s", surety_diag_kind(d->id)->id, surety_diag_kind(id)->id, d->message);
    cr_assert(d->place.line == line && d->place.column == column, "%zu:%zu instead of %zu:%zu: %s", d->place.line,
              d->place.column, line, column, d->message);
    provoked[id] = true;
    done();
}

static int64_t at(const char *text)
{
    int64_t us;
    cr_assert(surety_time_read(text, &us), "%s", text);
    return us;
}

static void assert_times(const struct surety_incident *x, const char *start, const char *end)
{
    char got[2][21];
    surety_time_write(x->start_us, got[0]);
    surety_time_write(x->end_us == SURETY_STILL_OPEN ? 0 : x->end_us, got[1]);
    cr_assert_str_eq(got[0], start);
    cr_assert_str_eq(x->end_us == SURETY_STILL_OPEN ? "open" : got[1], end);
}

// --- times ------------------------------------------------------------------------------------------------------

Test(record, times)
{
    cr_assert_eq(at("2000-03-01"), INT64_C(951868800) * 1000000);
    cr_assert_eq(at("2000-03-01T00:00:00Z"), at("2000-03-01"));
    cr_assert_eq(at("2000-03-01 02:30:00+02:30"), at("2000-03-01"));
    cr_assert_eq(at("2000-02-29T16:00:00-0800"), at("2000-03-01"));
    cr_assert_eq(at("2000-03-01T00:00"), at("2000-03-01"));
    cr_assert_eq(at("2000-03-01 00:00:00 UTC"), at("2000-03-01"));
    cr_assert_eq(at("2000-03-01T00:00:00.1234567Z"), at("2000-03-01") + 123456);
    cr_assert_eq(at("2016-12-31T23:59:60Z"), at("2017-01-01")); // a leap second
    static const char *const bad[] = {"",
                                      "2000-02-30",
                                      "2000-13-01",
                                      "10:26",
                                      "2000-03-01T24:00:00Z",
                                      "2000-03-01T00:00:00Q",
                                      "2000-03-01T0:00:00Z",
                                      "2000-03-01x",
                                      "2000-03-01T00:00:00+25:00",
                                      "1970-01-01T00:00:00+01:00",
                                      "2000-03-01T00:00:00Z ",
                                      "NaN"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t us = 7;
        cr_assert_not(surety_time_read(bad[i], &us) && us >= 0, "%s", bad[i]);
    }
}

// --- Statuspage -------------------------------------------------------------------------------------------------

#define PAGE(name, incidents)                                                                                          \
    "{\"page\": {\"id\": \"p\", \"name\": \"" name "\", \"updated_at\": \"2026-05-01T00:00:00Z\"},\n"                  \
    " \"incidents\": [\n" incidents "]}\n"

// Investigating 10:00, a fix at 11:00 that did not hold, identified 11:30, watched from 12:00, resolved 13:00.
#define LONG_STORY                                                                                                     \
    "\"incident_updates\": [\n"                                                                                        \
    "{\"status\": \"resolved\", \"display_at\": \"2026-04-02T13:00:00Z\"},\n"                                          \
    "{\"status\": \"monitoring\", \"display_at\": \"2026-04-02T12:00:00Z\"},\n"                                        \
    "{\"status\": \"identified\", \"display_at\": null, \"created_at\": \"2026-04-02T11:30:00Z\"},\n"                  \
    "{\"status\": \"monitoring\", \"display_at\": \"2026-04-02T11:00:00Z\"},\n"                                        \
    "{\"status\": \"investigating\", \"display_at\": \"2026-04-02T10:00:00Z\"}]"

#define ATLASSIAN                                                                                                      \
    PAGE("Acme",                                                                                                       \
         "{\"id\": \"b\", \"status\": \"resolved\", \"impact\": \"major\", \"created_at\": "                           \
         "\"2026-04-02T10:01:00Z\", \"started_at\": \"2026-04-02T09:50:00Z\", \"resolved_at\": "                       \
         "\"2026-04-02T13:00:00.5Z\", \"components\": [{\"name\": \"API\"}, {\"name\": \"Web\"}],\n" LONG_STORY        \
         "},\n{\"id\": \"a\", \"status\": \"identified\", \"impact\": \"minor\", \"created_at\": "                     \
         "\"2026-04-01T10:00:00+02:00\", \"resolved_at\": null, \"incident_updates\": [], \"components\": "            \
         "[]}")

Test(record, statuspage_of_atlassian)
{
    const struct surety_record *r = accept(ATLASSIAN, NULL);
    cr_assert_str_eq(r->dialect, "statuspage-atlassian");
    cr_assert_eq(r->n, 2);
    const struct surety_incident *a = &r->incidents[0], *b = &r->incidents[1];
    cr_assert_str_eq(a->id, "a");
    cr_assert_eq(a->grade, SURETY_GRADE_PARTIAL);
    assert_times(a, "2026-04-01T08:00:00Z", "open");
    assert_times(b, "2026-04-02T09:50:00Z", "2026-04-02T13:00:00Z");
    cr_assert_eq(b->end_us % 1000000, 500000);
    cr_assert_eq(b->grade, SURETY_GRADE_MAJOR);
    cr_assert_str_eq(b->provider, "Acme");
    cr_assert_eq(b->n_components, 2);
    cr_assert_str_eq(b->components[1], "Web");
    cr_assert(isnan(b->share_failing));
    cr_assert_eq(b->stage_us[SURETY_STAGE_INVESTIGATING], at("2026-04-02T10:00:00Z"));
    cr_assert_eq(b->stage_us[SURETY_STAGE_IDENTIFIED], at("2026-04-02T11:30:00Z"));
    cr_assert_eq(b->stage_us[SURETY_STAGE_MONITORING], at("2026-04-02T12:00:00Z")); // the fix that held
    cr_assert_eq(b->place.line, 3);
    cr_assert_eq(r->from_us, at("2026-04-01"));
    cr_assert_eq(r->until_us, at("2026-05-01"));
    cr_assert(!r->from_given && r->until_given);
    cr_assert_eq(strlen(r->sha256), 64);
    done();
}

Test(record, rules_on_stages)
{
    const struct surety_record_options rules = {.from_stages = true, .until_monitoring = true};
    assert_times(&accept(ATLASSIAN, &rules)->incidents[1], "2026-04-02T10:00:00Z", "2026-04-02T12:00:00Z");
    done();
    // Stages out of order are left out and counted when that is asked for, as are reversed times.
    static const char table[] = "id,start,end,severity,investigating,identified,monitoring,resolved\n"
                                "a,2026-01-01T00:00:00Z,2026-01-01T05:00:00Z,major,2026-01-01T01:00:00Z,"
                                "2026-01-01T00:00:00Z,,2026-01-01T05:00:00Z\n"
                                "b,2026-01-03,2026-01-02,major,,,,\n"
                                "c,2026-01-04,2026-01-05,major,,2026-01-04,2026-01-04T12:00:00Z,2026-01-05\n";
    const struct surety_record_options drop = {.drop_disordered = true};
    const struct surety_record *r = accept(table, &drop);
    cr_assert(r->n == 1 && r->n_disordered == 2);
    cr_assert_str_eq(r->incidents[0].id, "c");
    done();
    refuse(table, NULL, SURETY_D_RECORD_TIME, 3, 3);
}

Test(record, statuspage_of_incidentio)
{
    const char *text = PAGE("Acme", "{\"id\": \"b\", \"status\": \"resolved\", \"impact\": \"critical\", "
                                    "\"created_at\": \"2026-04-02T10:00:00Z\", \"resolved_at\": "
                                    "\"2026-04-02T13:00:00Z\", " LONG_STORY "}");
    const struct surety_record *r = accept(text, NULL);
    cr_assert_str_eq(r->dialect, "statuspage-incidentio");
    assert_times(&r->incidents[0], "2026-04-02T10:00:00Z", "2026-04-02T13:00:00Z");
    cr_assert_eq(r->incidents[0].n_components, 0);
    done();
    struct surety_record_options said = {.format = "statuspage-atlassian"};
    refuse(text, &said, SURETY_D_RECORD_FORMAT, 1, 1);
    refuse(ATLASSIAN, &(struct surety_record_options){.format = "statuspage-incidentio"}, SURETY_D_RECORD_FORMAT, 1, 1);
    refuse(text, &(struct surety_record_options){.format = "statuspage"}, SURETY_D_RECORD_FORMAT, 0, 0);
}

Test(record, one_incident_a_line)
{
    const char *text =
        "{\"id\": \"b\", \"status\": \"resolved\", \"impact\": \"minor\", \"started_at\": "
        "\"2026-04-02T10:00:00Z\", \"resolved_at\": \"2026-04-02T13:00:00Z\"}\r\n\n"
        "{\"id\": \"c\", \"status\": \"resolved\", \"impact\": \"maintenance\", \"scheduled_for\": "
        "\"2026-04-03T10:00:00Z\", \"created_at\": \"2026-03-01\", \"resolved_at\": \"2026-04-03T13:00:00Z\"}\n";
    const struct surety_record *r = accept(text, NULL);
    cr_assert_str_eq(r->dialect, "statuspage-lines");
    cr_assert_eq(r->n, 2);
    assert_times(&r->incidents[1], "2026-04-03T10:00:00Z", "2026-04-03T13:00:00Z");
    cr_assert_eq(r->incidents[1].grade, SURETY_GRADE_MAINTENANCE);
    cr_assert_eq(r->incidents[1].place.line, 3);
    done();
    refuse("{\"id\": \"b\", \"impact\": \"minor\"}\n\n{\"id\": NaN}\n", NULL, SURETY_D_RECORD_TIME, 1, 1);
    refuse("{\"id\": \"b\", \"impact\": \"minor\", \"created_at\": \"2026-04-02\"}\n\n{\"id\": NaN}\n", NULL,
           SURETY_D_RECORD_SYNTAX, 3, 10);
}

// --- Google -----------------------------------------------------------------------------------------------------

Test(record, google_cloud)
{
    const char *text =
        "[{\"id\": \"x\", \"begin\": \"2022-06-16T08:11:00+00:00\", \"end\": \"2022-06-16T09:44:00+00:00\", "
        "\"modified\": \"2022-06-17T00:10:46+00:00\", \"status_impact\": \"SERVICE_DISRUPTION\", \"severity\": "
        "\"high\", "
        "\"service_name\": \"Vertex AI\", \"affected_products\": [{\"title\": \"Vertex AI\"}, {\"title\": "
        "\"AutoML\"}]},\n"
        "{\"id\": \"y\", \"begin\": \"2022-06-17T00:00:00+00:00\", \"severity\": \"high\"}]";
    const struct surety_record *r = accept(text, NULL);
    cr_assert_str_eq(r->dialect, "google-cloud");
    assert_times(&r->incidents[0], "2022-06-16T08:11:00Z", "2022-06-16T09:44:00Z");
    cr_assert_eq(r->incidents[0].grade, SURETY_GRADE_PARTIAL);
    cr_assert_eq(r->incidents[0].n_components, 2);
    cr_assert_str_eq(r->incidents[0].components[1], "AutoML");
    assert_times(&r->incidents[1], "2022-06-17T00:00:00Z", "open");
    cr_assert_eq(r->until_us, at("2022-06-17T00:10:46Z"));
    done();
    const struct surety_record_options google = {.format = "google-cloud"};
    refuse("[\n {\"begin\": \"2022\", \"severity\": \"low\"}]", &google, SURETY_D_RECORD_TIME, 2, 12);
    refuse("[{\"severity\": \"awful\", \"begin\": \"2022-01-01\"}]", &google, SURETY_D_RECORD_VALUE, 1, 15);
    refuse("{}", &google, SURETY_D_RECORD_FORMAT, 1, 1);
}

// --- tables -----------------------------------------------------------------------------------------------------

Test(record, tables)
{
    const char *text =
        "\xEF\xBB\xBFincident_id,Impact,started_utc,resolved_utc,downtime_start_utc,downtime_end_utc,components\r\n"
        "2,minor,2026-01-01T00:00:00Z,2026-01-01T09:00:00Z,2026-01-01T01:00:00Z,2026-01-01T02:00:00Z,API; Web ;\r\n"
        "\r\n"
        "1,none,2026-01-01T00:00:00Z,,2026-01-01T00:30:00Z,,\"a \"\"b\"\", c\"";
    const struct surety_record *r = accept(text, NULL);
    cr_assert_str_eq(r->dialect, "table");
    cr_assert_eq(r->n, 2);
    assert_times(&r->incidents[0], "2026-01-01T00:30:00Z", "open"); // the downtime, not the time that the page was open
    cr_assert_str_eq(r->incidents[0].components[0], "a \"b\", c");
    cr_assert_eq(r->incidents[1].n_components, 2);
    cr_assert_str_eq(r->incidents[1].components[1], "Web");
    cr_assert_eq(r->incidents[1].stage_us[SURETY_STAGE_RESOLVED], at("2026-01-01T09:00:00Z"));
    done();
    const struct surety_grade_word words[] = {{"minor", SURETY_GRADE_DEGRADED}};
    const struct surety_record_options named = {
        .start = "started_utc", .end = "RESOLVED_UTC", .component = "", .words = words, .n_words = 1};
    r = accept(text, &named);
    assert_times(&r->incidents[1], "2026-01-01T00:00:00Z", "open");
    cr_assert_eq(r->incidents[0].grade, SURETY_GRADE_DEGRADED);
    cr_assert_eq(r->incidents[0].n_components, 0);
    done();
}

Test(record, seconds_from_the_first_event)
{
    const char *text = "start_time,end_time,status,service\n0.0,4042.5,0.025,s\n86400.0,90000,1,s\n100000,100060,0,s\n";
    const struct surety_record *r = accept(text, NULL);
    cr_assert(r->undated);
    assert_times(&r->incidents[1], "1970-01-06T00:00:00Z", "1970-01-06T01:00:00Z");
    cr_assert_eq(r->incidents[0].end_us - r->incidents[0].start_us, 4042500000);
    cr_assert_float_eq(r->incidents[0].share_failing, 0.025, 1e-15);
    cr_assert(r->incidents[0].grade == SURETY_GRADE_PARTIAL && r->incidents[1].grade == SURETY_GRADE_MAJOR &&
              r->incidents[2].grade == SURETY_GRADE_NONE);
    done();
    const struct surety_record_options dated = {.has_origin = true, .origin_us = at("2020-01-01")};
    r = accept(text, &dated);
    cr_assert(!r->undated);
    assert_times(&r->incidents[1], "2020-01-02T00:00:00Z", "2020-01-02T01:00:00Z");
    done();
}

// --- daily minutes ----------------------------------------------------------------------------------------------

Test(record, daily_minutes)
{
    // Two days of one outage (a report is open at Pacific midnight), then a day by itself without a report.
    const char *days = "date,provider,service,partial_outage_min,major_outage_min\n"
                       "2026-07-01,p,api,60,30\n2026-07-02,p,api,120,0\n2026-07-03,p,api,0,0\n2026-07-04,p,api,20,0\n";
    struct surety_record *reports;
    accept("start,end,severity,component\n2026-07-02T05:00:00Z,2026-07-02T09:00:00Z,major,API\n", NULL);
    reports = record;
    surety_diags_finish(&diags);
    struct surety_record_options o = {.day_zone = "America/Los_Angeles", .reports = reports};
    const struct surety_record *r = accept(days, &o);
    cr_assert_eq(r->n, 3);
    assert_times(&r->incidents[0], "2026-07-02T05:30:00Z", "2026-07-02T06:00:00Z"); // 90 minutes before midnight
    assert_times(&r->incidents[1], "2026-07-02T06:00:00Z", "2026-07-02T09:00:00Z");
    assert_times(&r->incidents[2], "2026-07-04T18:50:00Z", "2026-07-04T19:10:00Z"); // around noon, UTC-7
    cr_assert(r->incidents[0].grade == SURETY_GRADE_MAJOR && r->incidents[1].grade == SURETY_GRADE_PARTIAL);
    cr_assert_eq(r->from_us, at("2026-07-01T07:00:00Z"));
    cr_assert_eq(r->until_us, at("2026-07-05T07:00:00Z"));
    cr_assert(r->n_watches == 1 && r->one_outage_a_day && r->from_given && r->until_given);
    done();
    surety_record_destroy(reports);
    r = accept(days, NULL); // nothing tells that the outage goes on
    cr_assert_eq(r->n, 4);
    done();
    refuse("date,service,partial_outage_min,major_outage_min\n2026-07-01,a,0,1500.5\n", NULL, SURETY_D_RECORD_VALUE, 2,
           16);
    refuse("date,service,partial_outage_min,major_outage_min\n2026-07-01,a,0,1\n2026-07-03,a,0,1\n", NULL,
           SURETY_D_RECORD_TIME, 3, 1);
    refuse("date,service,partial_outage_min,major_outage_min\n2026-07-01,a,0,1\n2026-07-01,a,0,2\n", NULL,
           SURETY_D_RECORD_DUPLICATE, 3, 1);
    refuse("date,service,partial_outage_min,major_outage_min\n2026-02-30,a,0,1\n", NULL, SURETY_D_RECORD_TIME, 2, 1);
    refuse("date,service,partial_outage_min,major_outage_min\n2026-07-01,,0,1\n", NULL, SURETY_D_RECORD_VALUE, 2, 12);
    const struct surety_record_options nowhere = {.day_zone = "America/Nowhere"};
    refuse(days, &nowhere, SURETY_D_RECORD_VALUE, 0, 0);
}

// --- what is wrong ----------------------------------------------------------------------------------------------

Test(record, mistakes)
{
    memset(provoked, 0, sizeof provoked);
    refuse("{\"page\": {},\n \"incidents\": [{\"id\": \"a\",", NULL, SURETY_D_RECORD_SYNTAX, 2, 26);
    refuse("{\"page\": {}, \"incidents\": [{\"id\": NaN}]}", NULL, SURETY_D_RECORD_SYNTAX, 1, 37);
    refuse("{\"page\": {}, \"page\": {}, \"incidents\": []}", NULL, SURETY_D_RECORD_SYNTAX, 1, 19);
    refuse("{\"page\": {}, \"incidents\": {}}", NULL, SURETY_D_RECORD_FORMAT, 1, 1);
    refuse("{\"page\": {}, \"incidents\": []}", NULL, SURETY_D_RECORD_SPAN, 0, 0);
    refuse(PAGE("p", "{\"id\": \"a\", \"status\": \"resolved\", \"impact\": \"bananas\",\n \"created_at\": \"x\"}"),
           NULL, SURETY_D_RECORD_VALUE, 3, 45);
    refuse(PAGE("p", "{\"id\": \"a\", \"status\": \"resolved\", \"impact\": \"minor\",\n \"created_at\": \"x\"}"), NULL,
           SURETY_D_RECORD_TIME, 4, 16);
    refuse(PAGE("p",
                "{\"impact\": \"minor\",\n \"created_at\": \"2026-01-02\", \"status\": \"resolved\", \"resolved_at\": "
                "\"2026-01-01\"}"),
           NULL, SURETY_D_RECORD_TIME, 3, 1);
    refuse(PAGE("p", "{\"impact\": \"minor\", \"created_at\": \"2026-01-02\", \"status\": \"resolved\"}"), NULL,
           SURETY_D_RECORD_TIME, 3, 1);
    refuse(PAGE("p", "7"), NULL, SURETY_D_RECORD_FORMAT, 3, 1);
    refuse("", NULL, SURETY_D_RECORD_FORMAT, 1, 1);
    refuse("{\"components\": []}", NULL, SURETY_D_RECORD_FORMAT, 1, 1);
    refuse("hello", NULL, SURETY_D_RECORD_FORMAT, 1, 1);
    refuse("a,b\n1,2\n", NULL, SURETY_D_RECORD_FORMAT, 1, 1);
    refuse("start,end\n2026-01-01,2026-01-02\n", NULL, SURETY_D_RECORD_FORMAT, 1, 1);
    refuse("start,end,severity,severity\n", NULL, SURETY_D_RECORD_DUPLICATE, 1, 20);
    refuse("start,end,severity\n2026-01-01,2026-01-02,major\n2026-01-01,2026-01-", NULL, SURETY_D_RECORD_SYNTAX, 3, 1);
    refuse("start,end,severity\n\"2026-01-01,2026-01-02,major\n", NULL, SURETY_D_RECORD_SYNTAX, 2, 1);
    refuse("start,end,severity\n\"2026-01-01\"x,2026-01-02,major\n", NULL, SURETY_D_RECORD_SYNTAX, 2, 12);
    refuse("start,end,severity\n2026-01-01,2026-01-02,bananas\n", NULL, SURETY_D_RECORD_VALUE, 2, 23);
    refuse("start,end,severity\nNaN,2026-01-02,major\n", NULL, SURETY_D_RECORD_TIME, 2, 1);
    refuse("start,end,severity\n,2026-01-02,major\n", NULL, SURETY_D_RECORD_TIME, 2, 1);
    refuse("start,end,share\n2026-01-01,2026-01-02,1.5\n", NULL, SURETY_D_RECORD_VALUE, 2, 23);
    refuse("start,end,share\n2026-01-01,2026-01-02,nan\n", NULL, SURETY_D_RECORD_VALUE, 2, 23);
    refuse("id,start,end,severity\n7,2026-01-01,2026-01-02,major\n7,2026-01-01,2026-01-03,major\n", NULL,
           SURETY_D_RECORD_DUPLICATE, 3, 3);
    const struct surety_record_options column = {.start = "begun"};
    refuse("start,end,severity\n2026-01-01,2026-01-02,major\n", &column, SURETY_D_RECORD_FORMAT, 1, 1);
    // An exact repetition is no contradiction, and one id may stand once per component.
    const struct surety_record *r =
        accept("id,start,end,severity,component\n7,2026-01-01,2026-01-02,major,a\n7,2026-01-01,2026-01-03,major,b\n"
               "7,2026-01-01,2026-01-02,major,a\n7,2026-01-01,2026-01-02,major,a\n",
               NULL);
    cr_assert(r->n == 2 && r->n_repeated == 2);
    done();
}

// Twenty mistakes are told, then the reading ends.
Test(record, many_mistakes)
{
    char *text = malloc(64 * 1000 + 64);
    size_t n = (size_t)sprintf(text, "start,end,severity\n");
    for (int i = 0; i < 1000; i++)
        n += (size_t)sprintf(text + n, "2026-01-01,2026-01-02,bananas\n");
    cr_assert_eq(read_text(text, NULL), SURETY_E_INPUT);
    cr_assert_eq(diags.n, 20);
    free(text);
    done();
}

// --- large files ------------------------------------------------------------------------------------------------

// Writes a file, reads it, and deletes it; returns the error.
static enum surety_err read_large(const char *head, const char *piece, size_t n, const char *tail)
{
    char name[] = "/tmp/surety-record-XXXXXX";
    const int fd = mkstemp(name);
    FILE *file = fdopen(fd, "w");
    fputs(head, file);
    for (size_t i = 0; i < n; i++)
        fputs(piece, file);
    fputs(tail, file);
    fclose(file);
    surety_diags_init(&diags, "x");
    record = NULL;
    const enum surety_err err = surety_record_load(name, NULL, &diags, &record);
    remove(name);
    return err;
}

Test(record, json_over_the_limit)
{
    char piece[1 << 16];
    memset(piece, ' ', sizeof piece);
    piece[sizeof piece - 1] = '\0';
    cr_assert_eq(read_large("{\"page\": {}, \"incidents\": [", piece, 1100, "]}"), SURETY_E_INPUT);
    cr_assert_eq(diags.list[0].id, SURETY_D_RECORD_SIZE);
    cr_assert(strstr(diags.list[0].message, "64 MiB") != NULL);
    done();
    cr_assert_eq(read_large("{\"page\": {}, \"incidents\": [0", ",[]", 4100000, "]}"), SURETY_E_INPUT);
    cr_assert_eq(diags.list[0].id, SURETY_D_RECORD_SIZE);
    done();
}

Test(record, tables_are_streamed)
{
    cr_assert_eq(read_large("start,end,severity\n", "2026-01-01,2026-01-02,major\n", 250001, ""), SURETY_E_INPUT);
    cr_assert_eq(diags.list[0].id, SURETY_D_RECORD_SIZE);
    cr_assert_eq(diags.list[0].place.line, 250002);
    done();
    char row[70000];
    memset(row, 'x', sizeof row - 1);
    row[sizeof row - 1] = '\0';
    cr_assert_eq(read_large("start,end,severity\n", row, 100, ""), SURETY_E_INPUT);
    cr_assert_eq(diags.list[0].id, SURETY_D_RECORD_SIZE);
    done();
    surety_diags_init(&diags, "x");
    record = NULL;
    cr_assert_eq(surety_record_load("/no/such/file", NULL, &diags, &record), SURETY_E_SYSTEM);
    cr_assert_eq(diags.list[0].id, SURETY_D_FILE);
    done();
}

Test(record, formats_are_listed)
{
    const char *help, *name;
    size_t n = 0;
    for (; (name = surety_record_format(n, &help)) != NULL; n++)
        cr_assert(name[0] != '\0' && help[0] != '\0');
    cr_assert_eq(n, 6);
}
