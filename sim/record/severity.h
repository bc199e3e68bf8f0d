// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_RECORD_SEVERITY_H
#define SURETY_RECORD_SEVERITY_H

#include "sim/record/record.h"

// What share of the requests fails under each grade: a page does not say it, so a named profile assumes it, with the
// range in which the truth may lie.

struct surety_grade_share {
    double share, low, high; // of requests failing, low <= share <= high
    double slow_down;        // factor on response times, 1: none. Nothing measures it yet
};

struct surety_severity_profile {
    const char *name, *help;
    struct surety_grade_share grade[SURETY_N_GRADES];
};

extern const struct surety_severity_profile
    surety_severity_profiles[]; // the first is the default; name NULL at the end

// The profile of this name; NULL: there is none. name NULL: the default.
const struct surety_severity_profile *surety_severity_find(const char *name);

// What fails under the grade of that name; NULL: there is none.
const struct surety_grade_share *surety_severity_share(const struct surety_severity_profile *profile,
                                                       const char *grade);

// "partial 30 % (10 % to 60 %), major 100 %, ...": for reports. Returns what snprintf does.
int surety_severity_print(const struct surety_severity_profile *profile, char *out, size_t size);

#endif
