// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/record/csv_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum surety_err surety_csv_init(struct surety_csv *csv, struct surety_import *import)
{
    *csv = (struct surety_csv){.import = import, .line = 1, .column = 1, .ahead = EOF};
    csv->text = malloc(SURETY_CSV_ROW + 2);
    return csv->text != NULL ? SURETY_OK : surety_import_no_memory(import);
}

void surety_csv_finish(struct surety_csv *csv)
{
    free(csv->text);
    free(csv->names);
}

// --- bytes to cells ---------------------------------------------------------------------------------------------

// The next byte; \r\n and \r count as \n.
static int next_byte(struct surety_csv *csv)
{
    int byte = csv->ahead != EOF ? csv->ahead : surety_import_byte(csv->import);
    csv->ahead = EOF;
    if (byte == '\r') {
        csv->ahead = surety_import_byte(csv->import);
        if (csv->ahead == '\n')
            csv->ahead = EOF;
        byte = '\n';
    }
    if (byte == '\n') {
        csv->line++;
        csv->column = 1;
    } else if (byte != EOF && (byte & 0xC0) != 0x80) {
        csv->column++;
    }
    return byte;
}

static enum surety_err broken(struct surety_csv *csv, enum surety_diag_id id, struct surety_place place,
                              const char *hint, const char *what)
{
    surety_import_complain(csv->import, id, place, NULL, hint, "%.200s", what);
    return SURETY_E_INPUT;
}

static enum surety_err put(struct surety_csv *csv, int byte, struct surety_place place)
{
    if (byte == '\0')
        return broken(csv, SURETY_D_RECORD_SYNTAX, place, "a table is text", "a byte 0: this is no text");
    if (csv->n_text == SURETY_CSV_ROW)
        return broken(csv, SURETY_D_RECORD_SIZE, place, "look for a quote that is not closed",
                      "the row is longer than 64 KiB");
    csv->text[csv->n_text++] = (char)byte;
    return SURETY_OK;
}

// A quoted cell after its opening quote; *byte is what follows the closing one.
static enum surety_err quoted(struct surety_csv *csv, struct surety_place start, int *byte)
{
    for (;;) {
        const struct surety_place place = {csv->line, csv->column};
        *byte = next_byte(csv);
        if (*byte == EOF)
            return broken(csv, SURETY_D_RECORD_SYNTAX, start, NULL, "a quote is not closed: the file breaks off");
        if (*byte == '"' && (*byte = next_byte(csv)) != '"') {
            if (*byte == ',' || *byte == '\n' || *byte == EOF)
                return SURETY_OK;
            return broken(csv, SURETY_D_RECORD_SYNTAX, place, "a quote inside a quoted cell is written twice",
                          "text follows the closing quote");
        }
        const enum surety_err err = put(csv, *byte, place);
        if (err != SURETY_OK)
            return err;
    }
}

// One cell; *byte is the ',' or '\n' or EOF after it.
static enum surety_err read_cell(struct surety_csv *csv, int *byte)
{
    const struct surety_place start = {csv->line, csv->column};
    if (csv->n == SURETY_CSV_CELLS)
        return broken(csv, SURETY_D_RECORD_SIZE, start, NULL, "the row has more than 256 cells");
    csv->cells[csv->n].at = csv->n_text;
    csv->cells[csv->n++].place = start;
    *byte = next_byte(csv);
    enum surety_err err = SURETY_OK;
    if (*byte == '"') {
        err = quoted(csv, start, byte);
    } else {
        while (err == SURETY_OK && *byte != ',' && *byte != '\n' && *byte != EOF) {
            err = put(csv, *byte, start);
            if (err == SURETY_OK)
                *byte = next_byte(csv);
        }
    }
    // A closing 0 has its room: the row may be as long as the buffer is, and that has two bytes more.
    if (err == SURETY_OK && csv->n_text == SURETY_CSV_ROW)
        return broken(csv, SURETY_D_RECORD_SIZE, start, NULL, "the row is longer than 64 KiB");
    csv->text[csv->n_text++] = '\0';
    return err;
}

// A row into the cells; *more false: the file has ended.
static enum surety_err read_row(struct surety_csv *csv, bool *more)
{
    int byte = EOF;
    *more = true;
    do {
        csv->n = csv->n_text = 0;
        do {
            const enum surety_err err = read_cell(csv, &byte);
            if (err != SURETY_OK)
                return err;
        } while (byte == ',');
    } while (csv->n == 1 && csv->text[0] == '\0' && byte != EOF); // blank lines are no rows
    if (csv->n == 1 && csv->text[0] == '\0')
        *more = false;
    return SURETY_OK;
}

// --- rows -------------------------------------------------------------------------------------------------------

enum surety_err surety_csv_first(struct surety_csv *csv)
{
    bool more;
    const enum surety_err err = read_row(csv, &more);
    if (err != SURETY_OK)
        return err;
    if (!more)
        return broken(csv, SURETY_D_RECORD_FORMAT, (struct surety_place){1, 1}, NULL, "the table is empty");
    csv->names = malloc(csv->n_text);
    if (csv->names == NULL)
        return surety_import_no_memory(csv->import);
    memcpy(csv->names, csv->text, csv->n_text);
    csv->n_columns = csv->n;
    for (size_t i = 0; i < csv->n; i++) {
        csv->name[i] = csv->names + csv->cells[i].at;
        for (size_t j = 0; j < i; j++)
            if (csv->name[i][0] != '\0' && strcasecmp(csv->name[i], csv->name[j]) == 0)
                return broken(csv, SURETY_D_RECORD_DUPLICATE, csv->cells[i].place, "rename one of them",
                              "two columns have the same name");
    }
    return SURETY_OK;
}

enum surety_err surety_csv_next(struct surety_csv *csv, bool *more)
{
    const enum surety_err err = read_row(csv, more);
    if (err != SURETY_OK || !*more || csv->n == csv->n_columns)
        return err;
    char what[96];
    snprintf(what, sizeof what, "the row has %zu cells, the first line names %zu columns", csv->n, csv->n_columns);
    return broken(csv, SURETY_D_RECORD_SYNTAX, csv->cells[0].place,
                  "a cell with a comma inside is written in quotes; a file that breaks off is fetched again", what);
}

static int find(const struct surety_csv *csv, const char *name)
{
    for (size_t i = 0; i < csv->n_columns; i++)
        if (strcasecmp(csv->name[i], name) == 0)
            return (int)i;
    return -1;
}

const char *surety_csv_columns(struct surety_csv *csv)
{
    char text[400] = "columns: ";
    size_t n = strlen(text);
    for (size_t i = 0; i < csv->n_columns; i++) {
        const int more = snprintf(text + n, sizeof text - n, "%s%.40s", i > 0 ? ", " : "", csv->name[i]);
        if (more < 0 || n + (size_t)more >= sizeof text - 4) {
            snprintf(text + n, sizeof text - n, "...");
            break;
        }
        n += (size_t)more;
    }
    return surety_arena_strndup(&csv->import->record->arena, text, strlen(text));
}

int surety_csv_column(struct surety_csv *csv, const char *wanted, const char *const *usual, bool *good)
{
    if (wanted != NULL) {
        const int found = wanted[0] == '\0' ? -1 : find(csv, wanted);
        if (found < 0 && wanted[0] != '\0') {
            surety_import_complain(csv->import, SURETY_D_RECORD_FORMAT, (struct surety_place){1, 1}, NULL,
                                   surety_csv_columns(csv), "the table has no column '%.60s'", wanted);
            *good = false;
        }
        return found;
    }
    for (; *usual != NULL; usual++) {
        const int found = find(csv, *usual);
        if (found >= 0)
            return found;
    }
    return -1;
}

const char *surety_csv_cell(const struct surety_csv *csv, int column)
{
    return column < 0 ? "" : csv->text + csv->cells[column].at;
}

struct surety_place surety_csv_place(const struct surety_csv *csv, int column)
{
    return csv->cells[column < 0 ? 0 : column].place;
}

bool surety_csv_number(const char *text, double *out)
{
    char *end;
    if (text[strspn(text, "+-.0123456789eE")] != '\0' || text[0] == '\0') // strtod would take nan, inf, 0x and blanks
        return false;
    const double value = strtod(text, &end);
    if (*end != '\0' || end == text || !isfinite(value))
        return false;
    *out = value;
    return true;
}
