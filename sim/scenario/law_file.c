// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/scenario/law_reader.h"

#include "sim/scenario/units.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MOST_BYTES ((size_t)64 << 20)
#define LONGEST_CELL ((size_t)256)

struct csv {
    const char *text; // ends with 0
    size_t line;
};

// The next cell of the line into `cell` (cut to its size), quotes removed. Returns what ended it: ',' '\n' or 0.
static char next_cell(struct csv *csv, char cell[LONGEST_CELL])
{
    size_t n = 0;
    bool quoted = *csv->text == '"';
    if (quoted)
        csv->text++;
    while (*csv->text != '\0') {
        char c = *csv->text;
        if (quoted && c == '"') {
            if (csv->text[1] != '"') {
                quoted = false;
                csv->text++;
                continue;
            }
            csv->text++;
        } else if (!quoted && (c == ',' || c == '\n')) {
            break;
        }
        if (c == '\n')
            csv->line++;
        csv->text++;
        if (n + 1 < LONGEST_CELL)
            cell[n++] = c;
    }
    while (n > 0 && (cell[n - 1] == ' ' || cell[n - 1] == '\r' || cell[n - 1] == '\t'))
        n--;
    cell[n] = '\0';
    char end = *csv->text;
    if (end != '\0')
        csv->text++;
    if (end == '\n')
        csv->line++;
    return end;
}

// The unit that the name of a column ends in, "" for none: "duration_min" -> "m".
static const char *unit_of_column(const char *column)
{
    static const char *const endings[][2] = {{"ms", "ms"}, {"s", "s"},       {"sec", "s"}, {"seconds", "s"},
                                             {"min", "m"}, {"minutes", "m"}, {"h", "h"},   {"hours", "h"},
                                             {"d", "d"},   {"days", "d"}};
    const char *last = strrchr(column, '_');
    last = last == NULL ? column : last + 1;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (strcmp(last, endings[i][0]) == 0)
            return endings[i][1];
    return "";
}

static bool parse_cell(const char *cell, const char *unit, bool counts, double *out, struct surety_problem *problem)
{
    if (counts)
        return surety_parse_count(cell, out, problem);
    size_t n = strlen(cell);
    bool bare = n > 0 && cell[n - 1] >= '0' && cell[n - 1] <= '9';
    char with_unit[LONGEST_CELL + 4];
    snprintf(with_unit, sizeof with_unit, "%s%s", cell, bare ? unit : "");
    return surety_parse_duration(with_unit, out, problem);
}

// The position of `column` in the header; false after a message.
static bool find_column(struct surety_reader *reader, struct csv *csv, const struct surety_ynode *node,
                        const char *path, const char *column, size_t *index)
{
    const char *names[100];
    char cell[LONGEST_CELL];
    size_t n = 0;
    char end;
    do {
        end = next_cell(csv, cell);
        if (strcmp(cell, column) == 0) {
            *index = n;
            while (end == ',')
                end = next_cell(csv, cell);
            return true;
        }
        if (n < 100)
            names[n] = surety_scratch_printf(reader, "%s", cell);
        n++;
    } while (end == ',');
    surety_complain(reader, SURETY_D_FILE, node, path,
                    surety_hint_words(reader, column, names, n < 100 ? n : 100, sizeof *names),
                    "the first line of the file has no column '%.60s'", column);
    return false;
}

static bool parse_rows(struct surety_reader *reader, struct csv *csv, const struct surety_ynode *node, const char *path,
                       const char *column, size_t index, bool counts, double *values, size_t *n_values)
{
    const char *unit = unit_of_column(column);
    char cell[LONGEST_CELL], found[LONGEST_CELL];
    size_t n = 0, n_empty = 0;
    while (*csv->text != '\0') {
        size_t line = csv->line, i = 0;
        char end;
        found[0] = '\0';
        do {
            end = next_cell(csv, cell);
            if (i++ == index)
                memcpy(found, cell, sizeof found);
        } while (end == ',');
        if (found[0] == '\0') {
            n_empty += i > 1 || cell[0] != '\0'; // a blank line is no row
            continue;
        }
        struct surety_problem problem = {.hint = ""};
        double value = 0;
        if (!parse_cell(found, unit, counts, &value, &problem)) {
            surety_complain(reader, SURETY_D_FILE, node, path,
                            counts
                                ? problem.hint
                                : "write values with units (45m), or end the column's name in _ms, _s, _min, _h or _d",
                            "line %zu of the file: %s", line, problem.what);
            return false;
        }
        if (n == SURETY_LAW_MAX_VALUES) {
            surety_complain(reader, SURETY_D_TOO_LARGE, node, path, "at most 1,000,000",
                            "the file has too many values");
            return false;
        }
        values[n++] = value;
    }
    if (n == 0) {
        surety_complain(reader, SURETY_D_FILE, node, path, NULL, "the column '%.60s' has no value", column);
        return false;
    }
    if (n_empty > 0)
        surety_note_assumption(reader, "%s: %zu of %zu rows of the file have no value in '%s' and were left out", path,
                               n_empty, n + n_empty, column);
    *n_values = n;
    return true;
}

// The whole file with a closing 0, or NULL after a message.
static char *read_file(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                       const char *name)
{
    const char *slash = strrchr(reader->file, '/');
    const char *full = name;
    if (name[0] != '/' && slash != NULL)
        full = surety_scratch_printf(reader, "%.*s%s", (int)(slash + 1 - reader->file), reader->file, name);
    struct stat status;
    if (stat(full, &status) != 0) {
        surety_complain(reader, SURETY_D_FILE, node, path, "files are looked for beside the scenario",
                        "cannot read '%.200s': %s", full, strerror(errno));
        return NULL;
    }
    if (!S_ISREG(status.st_mode) || status.st_size < 0 || (size_t)status.st_size > MOST_BYTES) {
        surety_complain(reader, SURETY_D_FILE, node, path, "a regular file of at most 64 MiB is needed",
                        "cannot use '%.200s'", full);
        return NULL;
    }
    FILE *file = fopen(full, "rb");
    size_t size = (size_t)status.st_size;
    char *text = file == NULL ? NULL : malloc(size + 1);
    size_t n = text == NULL ? 0 : fread(text, 1, size, file);
    bool good = text != NULL && ferror(file) == 0;
    if (file != NULL)
        fclose(file);
    if (!good) {
        surety_complain(reader, SURETY_D_FILE, node, path, NULL, "cannot read '%.200s': %s", full, strerror(errno));
        free(text);
        return NULL;
    }
    text[n] = '\0';
    return text;
}

bool surety_read_column(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                        const char *name, const char *column, bool counts, double **values, size_t *n)
{
    char *text = read_file(reader, node, path, name);
    if (text == NULL)
        return false;
    struct csv csv = {.text = strncmp(text, "\xEF\xBB\xBF", 3) == 0 ? text + 3 : text, .line = 1};
    size_t n_lines = 1, index = 0;
    for (const char *at = csv.text; (at = strchr(at, '\n')) != NULL; at++)
        n_lines++;
    if (n_lines > SURETY_LAW_MAX_VALUES)
        n_lines = SURETY_LAW_MAX_VALUES;
    double *all = surety_arena_calloc(reader->arena, n_lines, sizeof *all);
    bool good = all != NULL && find_column(reader, &csv, node, path, column, &index) &&
                parse_rows(reader, &csv, node, path, column, index, counts, all, n);
    if (all == NULL)
        reader->out_of_memory = true;
    if (good)
        *values = all;
    free(text);
    return good;
}
