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

// How much of a service an incident took, as status pages grade it. The order is that of severity.
enum surety_grade {
    SURETY_GRADE_NONE,     // information only
    SURETY_GRADE_DEGRADED, // slower, not failing
    SURETY_GRADE_PARTIAL,  // some requests or customers fail
    SURETY_GRADE_MAJOR,    // all do
    SURETY_GRADE_MAINTENANCE,
    SURETY_N_GRADES
};

#define SURETY_STILL_OPEN INT64_MAX // end of an incident that the record does not close: a censored duration

// One incident as the file tells it, before filters and merging.
struct surety_incident {
    int64_t start_us, end_us; // end_us > start_us, or SURETY_STILL_OPEN
    enum surety_grade grade;
    double share_failing; // where the file says it, in [0, 1]; NAN: the profile of severities decides
    const char *id;       // "" when the file has none
    const char *const *components;
    size_t n_components;       // 0: the file names none
    struct surety_place place; // in its file
};

// A file's incidents, by start (ties: by end, then in the file's order), and the span that was watched.
struct surety_record {
    struct surety_arena arena;  // holds everything below
    const char *file, *dialect; // "incidents.json", "statuspage-atlassian"
    int64_t from_us, until_us;  // [from, until): outside nobody looked
    struct surety_incident *incidents;
    size_t n;
};

#endif
