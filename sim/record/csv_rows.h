// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_RECORD_CSV_ROWS_H
#define SURETY_RECORD_CSV_ROWS_H

#include "sim/record/record_import.h"

// A table of comma-separated values (RFC 4180: cells may be quoted, quotes in them doubled), row by row in bounded
// memory: a row has at most 64 KiB and 256 cells. Used inside sim/record only.

#define SURETY_CSV_ROW ((size_t)1 << 16)
#define SURETY_CSV_CELLS ((size_t)256)

struct surety_csv {
    struct surety_import *import;
    size_t line, column; // of the next byte
    int ahead;           // byte read ahead; EOF: none
    char *text;          // of the row, cells with their closing 0
    size_t n_text;
    struct {
        size_t at;
        struct surety_place place;
    } cells[SURETY_CSV_CELLS];
    size_t n;         // cells of the row
    size_t n_columns; // of the first row; the others must have as many
    char *names;      // copy of the first row's text, after surety_csv_first
    const char *name[SURETY_CSV_CELLS];
};

// SURETY_E_MEMORY or SURETY_OK; finish in any case.
enum surety_err surety_csv_init(struct surety_csv *csv, struct surety_import *import);
void surety_csv_finish(struct surety_csv *csv);

// Reads the first row: the names of the columns. SURETY_E_INPUT after a message.
enum surety_err surety_csv_first(struct surety_csv *csv);

// The next row that is not blank. *more false: there is none. SURETY_E_INPUT after a message that ends the reading.
enum surety_err surety_csv_next(struct surety_csv *csv, bool *more);

// The column `wanted` (compared without case), else the first of `usual` (NULL at the end) that there is; -1: none.
// A `wanted` column that is absent is complained about, and *good becomes false; "" means that none is wanted.
int surety_csv_column(struct surety_csv *csv, const char *wanted, const char *const *usual, bool *good);

// "columns: a, b, c" for messages; in the record's arena, NULL when memory is out.
const char *surety_csv_columns(struct surety_csv *csv);

// A cell of the row and its place. column -1: "".
const char *surety_csv_cell(const struct surety_csv *csv, int column);
struct surety_place surety_csv_place(const struct surety_csv *csv, int column);

// A finite decimal number, nothing after it.
bool surety_csv_number(const char *text, double *out);

#endif
