// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/record/record.h"

#include <string.h>
#include <strings.h>

static const char *const names[SURETY_N_GRADES] = {"none", "degraded", "partial", "major", "maintenance"};

const char *surety_grade_name(enum surety_grade grade)
{
    return names[grade];
}

// What pages write. An impact of `minor` counts as partial and `major` as major, like `critical`: what the page's owner
// calls minor, requests failing for some, is an outage for those; whoever knows better overrides the word.
static const struct surety_grade_word words[] = {
    {"none", SURETY_GRADE_NONE},
    {"operational", SURETY_GRADE_NONE},
    {"resolved", SURETY_GRADE_NONE},
    {"information", SURETY_GRADE_NONE},
    {"SERVICE_INFORMATION", SURETY_GRADE_NONE},
    {"degraded", SURETY_GRADE_DEGRADED},
    {"degraded_performance", SURETY_GRADE_DEGRADED},
    {"low", SURETY_GRADE_DEGRADED},
    {"minor", SURETY_GRADE_PARTIAL},
    {"partial", SURETY_GRADE_PARTIAL},
    {"partial_outage", SURETY_GRADE_PARTIAL},
    {"medium", SURETY_GRADE_PARTIAL},
    {"SERVICE_DISRUPTION", SURETY_GRADE_PARTIAL},
    {"major", SURETY_GRADE_MAJOR},
    {"critical", SURETY_GRADE_MAJOR},
    {"major_outage", SURETY_GRADE_MAJOR},
    {"full_outage", SURETY_GRADE_MAJOR},
    {"high", SURETY_GRADE_MAJOR},
    {"SERVICE_OUTAGE", SURETY_GRADE_MAJOR},
    {"maintenance", SURETY_GRADE_MAINTENANCE},
    {"under_maintenance", SURETY_GRADE_MAINTENANCE},
    {"scheduled", SURETY_GRADE_MAINTENANCE},
    // levels of impact by number
    {"0", SURETY_GRADE_NONE},
    {"1", SURETY_GRADE_PARTIAL},
    {"2", SURETY_GRADE_MAJOR},
    {"3", SURETY_GRADE_MAJOR},
    {"4", SURETY_GRADE_MAINTENANCE},
};

static bool find(const char *word, const struct surety_grade_word *list, size_t n, enum surety_grade *out)
{
    for (size_t i = 0; i < n; i++)
        if (strcasecmp(word, list[i].word) == 0) {
            *out = list[i].grade;
            return true;
        }
    return false;
}

bool surety_grade_read(const char *word, const struct surety_record_options *options, enum surety_grade *out)
{
    return (options != NULL && find(word, options->words, options->n_words, out)) ||
           find(word, words, sizeof words / sizeof *words, out);
}
