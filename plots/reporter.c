// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/reporter.h"

#include <stddef.h>
#include <string.h>

const struct surety_reporter surety_reporters[] = {
    {"text", "tables and sentences for a terminal, at most 100 columns", surety_report_text},
    {"json", "result v1: every number, 12 significant digits", surety_report_json},
    {NULL, NULL, NULL},
};

const struct surety_reporter *surety_reporter_find(const char *name)
{
    for (const struct surety_reporter *row = surety_reporters; row->name != NULL; row++) {
        if (strcmp(row->name, name) == 0)
            return row;
    }
    return NULL;
}
