// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_RECORD_RECORD_H
#define SURETY_RECORD_RECORD_H

#include "sim/base/arena.h"
#include "sim/base/diag.h"
#include "sim/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What really happened: the dated incidents of a status page, a table or a daily count, as one kind of list whatever
// file they came from. Times are microseconds of Unix time, UTC.

// How much of a service an incident took, as status pages grade it. The order is that of severity; maintenance stands
// apart.
enum surety_grade {
    SURETY_GRADE_NONE,     // information only
    SURETY_GRADE_DEGRADED, // slower, not failing
    SURETY_GRADE_PARTIAL,  // some requests or customers fail
    SURETY_GRADE_MAJOR,    // all do
    SURETY_GRADE_MAINTENANCE,
    SURETY_N_GRADES
};

// "none", "degraded", "partial", "major", "maintenance".
const char *surety_grade_name(enum surety_grade grade);

// The steps of one incident that pages date.
enum surety_stage {
    SURETY_STAGE_INVESTIGATING,
    SURETY_STAGE_IDENTIFIED,
    SURETY_STAGE_MONITORING,
    SURETY_STAGE_RESOLVED,
    SURETY_STAGE_POSTMORTEM,
    SURETY_N_STAGES
};

#define SURETY_STILL_OPEN INT64_MAX // end of an incident that the record does not close: a censored duration
#define SURETY_NO_TIME INT64_MIN    // a stage that the record does not date

// One incident as the file tells it, before filters and merging.
struct surety_incident {
    int64_t start_us, end_us; // by the rules that were asked for; end_us >= start_us, or SURETY_STILL_OPEN. Equal: the
                              // file knows one instant only, a length is not recorded
    int64_t stage_us[SURETY_N_STAGES]; // SURETY_NO_TIME where the file has none
    enum surety_grade grade;
    double share_failing; // where the file says it, in [0, 1]; NAN: the profile of severities decides
    const char *id;       // "" when the file has none
    const char *provider; // "" when the file has none
    const char *const *components;
    size_t n_components;       // 0: the file names none
    struct surety_place place; // in its file
};

// A component that was watched for a shorter time than the file as a whole (daily counts: from its own first day).
struct surety_watch {
    const char *provider, *component;
    int64_t from_us, until_us;
};

// A file's incidents, by start (ties: by end, then in the file's order), and the span that was watched.
struct surety_record {
    struct surety_arena arena;    // holds everything below
    const char *file, *dialect;   // "incidents.json", "statuspage-atlassian"
    char sha256[65];              // of the file's bytes
    int64_t from_us, until_us;    // [from, until): outside nobody looked
    bool from_given, until_given; // by the file or the caller; else: the day of the first incident, the last known time
    bool undated;                 // times are only relative to each other: weekdays and dates mean nothing
    bool one_outage_a_day;        // a daily count: lengths are minutes, times of day are assumed
    struct surety_incident *incidents;
    size_t n;
    struct surety_watch *watches;
    size_t n_watches;
    size_t n_repeated;   // incidents left out as exact repetitions of another one
    size_t n_disordered; // left out because their stages are out of order, see surety_record_options
};

// How a file is read. All zero: by what the file itself shows, from its reported start until it is resolved.
struct surety_record_options {
    const char *format; // see surety_record_format; NULL: recognised by the file's beginning
    // Stages. `from_stages`: the outage starts with the first of investigating, identified, monitoring that the file
    // dates, not with the reported start. `until_monitoring`: it ends when the last fix was in and only watched, not
    // when the page closed it. (With both off, durations are as long as the page says: they overstate rather than
    // understate.) `drop_disordered`: an incident whose stage times go backwards is left out and counted; otherwise an
    // end before the start is an error and stages are taken as they are.
    bool from_stages, until_monitoring, drop_disordered;
    // Names of the columns of a table; NULL: recognised (import_table.c has the names). "" : not to be used.
    const char *start, *end, *severity, *component, *id, *provider, *share;
    // Words of a severity column or an impact that mean another grade than usual; n_words of them.
    const struct surety_grade_word *words;
    size_t n_words;
    bool has_from, has_until;
    int64_t from_us, until_us; // the span that was watched, where the caller knows it
    // Times that are bare seconds below 1e9 (before 2001-09): seconds from this instant. Not given: they are read as
    // seconds from 1970-01-05, a Monday, and the record is `undated`.
    bool has_origin;
    int64_t origin_us;
    // Daily minutes. `day_zone`: in which the page counts its days (IANA name; NULL: UTC). `reports`: incidents of the
    // same services that tell which outages go on over midnight and when they start; NULL: none.
    const char *day_zone;
    const struct surety_record *reports;
};

struct surety_grade_word {
    const char *word; // compared without case
    enum surety_grade grade;
};

// The usual meaning of a page's word or number for a severity; false when it is none.
bool surety_grade_read(const char *word, const struct surety_record_options *options, enum surety_grade *out);

// One line per format that can be read: its name and what it is. i from 0; NULL after the last.
const char *surety_record_format(size_t i, const char **help);

// Reads a file ("-": standard input). Mistakes go to `diags` with their place in the file; then SURETY_E_INPUT (or
// SURETY_E_SYSTEM for a file that cannot be read, SURETY_E_MEMORY) and *out is untouched. `options` may be NULL. JSON
// is at most 64 MiB; tables are streamed; at most SURETY_RECORD_MOST incidents. The caller destroys *out.
enum surety_err surety_record_load(const char *file, const struct surety_record_options *options,
                                   struct surety_diags *diags, struct surety_record **out);

// The same from memory; `file` is the name for messages.
enum surety_err surety_record_parse(const char *file, const char *text, size_t n,
                                    const struct surety_record_options *options, struct surety_diags *diags,
                                    struct surety_record **out);

void surety_record_destroy(struct surety_record *record); // accepts NULL

#define SURETY_RECORD_MOST ((size_t)250000)
#define SURETY_RECORD_MOST_JSON ((size_t)64 << 20) // bytes

// "2026-08-20T14:43:00Z", also with a blank for the T, without seconds, with a fraction, an offset (+02:00, +0200), or
// a bare date (its midnight); UTC when no zone is written. False when it is none of these. 2000-03-01 -> 951868800 s.
bool surety_time_read(const char *text, int64_t *us);

// "2026-08-20T14:43:00Z" into out[21], cut to whole seconds.
void surety_time_write(int64_t us, char out[21]);

#endif
