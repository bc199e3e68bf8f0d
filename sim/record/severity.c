// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/record/severity.h"

#include <stdio.h>
#include <string.h>

// 30 % for a partial outage is the weight that the collection of Chu et al. (ICPE 2025) gives its minutes ("scaled
// minutes"); 10 % to 60 % is our judgement of what "some users" can mean. Maintenance is planned in the scenario.
const struct surety_severity_profile surety_severity_profiles[] = {
    {"status-page",
     "degraded service answers slowly, a partial outage fails 30 % of the requests, a major one all",
     {{0, 0, 0, 1}, {0, 0, 0.05, 1.5}, {0.3, 0.1, 0.6, 1}, {1, 1, 1, 1}, {0, 0, 0, 1}}},
    {"cautious",
     "the upper end of what is likely: partial 60 %, degraded 5 %, maintenance is downtime",
     {{0, 0, 0, 1}, {0.05, 0, 0.05, 1.5}, {0.6, 0.3, 1, 1}, {1, 1, 1, 1}, {1, 0, 1, 1}}},
    {"all-or-nothing",
     "every partial or major outage fails all requests: what a contract counts with `down_at` below the share",
     {{0, 0, 0, 1}, {0, 0, 0.05, 1.5}, {1, 0.1, 1, 1}, {1, 1, 1, 1}, {0, 0, 0, 1}}},
    {.name = NULL},
};

const struct surety_severity_profile *surety_severity_find(const char *name)
{
    const struct surety_severity_profile *row = surety_severity_profiles;
    if (name == NULL)
        return row;
    while (row->name != NULL && strcmp(row->name, name) != 0)
        row++;
    return row->name != NULL ? row : NULL;
}

int surety_severity_print(const struct surety_severity_profile *profile, char *out, size_t size)
{
    int n = 0;
    for (int i = SURETY_GRADE_DEGRADED; i < SURETY_N_GRADES; i++) {
        const struct surety_grade_share *s = &profile->grade[i];
        char *at = (size_t)n < size ? out + n : NULL;
        const size_t left = (size_t)n < size ? size - (size_t)n : 0;
        n += snprintf(at, left, "%s%s %.4g %%", n > 0 ? ", " : "", surety_grade_name((enum surety_grade)i),
                      100 * s->share);
        at = (size_t)n < size ? out + n : NULL;
        if (s->low < s->high)
            n += snprintf(at, (size_t)n < size ? size - (size_t)n : 0, " (%.4g %% to %.4g %%)", 100 * s->low,
                          100 * s->high);
    }
    return n;
}

const struct surety_grade_share *surety_severity_share(const struct surety_severity_profile *profile, const char *grade)
{
    for (int g = 0; g < SURETY_N_GRADES; g++)
        if (strcmp(surety_grade_name((enum surety_grade)g), grade) == 0)
            return &profile->grade[g];
    return NULL;
}
