// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_REPORTER_H
#define SURETY_PLOTS_REPORTER_H

#include "sim/engine/result.h"

#include <stdio.h>

// A way to show a result. Reporters read the result and nothing else, and print no wall time and no number of
// threads outside `run`, so that the same run gives the same bytes.
struct surety_reporter {
    const char *name; // "text"
    const char *help; // one line
    // Writes the whole report. Write errors stay in `out`: the caller checks ferror after fflush.
    void (*write)(const struct surety_result *result, FILE *out);
};

// The reporters, a row with name NULL at the end.
extern const struct surety_reporter surety_reporters[];

// The row of `name`, NULL when there is none.
const struct surety_reporter *surety_reporter_find(const char *name);

void surety_report_text(const struct surety_result *result, FILE *out);
void surety_report_json(const struct surety_result *result, FILE *out);

#endif
