// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_CSV_H
#define SURETY_PLOTS_CSV_H

#include "sim/engine/result.h"

#include <stdbool.h>
#include <stdio.h>

// Tables for spreadsheets and notebooks: one row an observation, units in the names of columns, RFC 4180 (CRLF line
// ends, quotes where needed), numbers with 12 significant digits, nothing where a number does not exist.

struct surety_csv_table {
    const char *name; // of the file: "tiers.csv"
    const char *help; // one line
    // Writes the whole table, head first. Write errors stay in `out`.
    void (*write)(const struct surety_result *result, FILE *out);
    // Whether it has rows; a table without is not written.
    bool (*has_rows)(const struct surety_result *result);
};

// A row with name NULL at the end.
extern const struct surety_csv_table surety_csv_tables[];

// One cell: quoted when it holds a comma, a quote or a line break. A text that a spreadsheet would take for a formula
// (it starts with = + - @ or a tab) gets a ' in front.
void surety_csv_text(FILE *out, const char *text);

#endif
