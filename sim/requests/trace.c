// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/requests/trace.h"

#include "sim/base/calendar.h"
#include "sim/scenario/units.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_COLUMNS 64
#define MOST_COMPLAINTS 10
#define MOST_S 1e10

struct table {
    struct surety_diags *diags;
    size_t line, n_bad;
    size_t time_column, tokens_column; // SIZE_MAX: none
    size_t room;
    double first_s; // of the first row
    bool has_first;
};

static void complain(struct table *table, const char *hint, const char *what, const char *text)
{
    if (table->n_bad++ < MOST_COMPLAINTS)
        surety_diag_add(table->diags, SURETY_D_VALUE, (struct surety_place){table->line, 1}, NULL, hint,
                        "%s: \"%.40s\"", what, text);
}

// Cuts a line at its commas, in place; quotes around a field go.
static size_t split(char *line, char *fields[MOST_COLUMNS])
{
    size_t n = 0;
    line[strcspn(line, "\r\n")] = '\0';
    for (char *at = line; at != NULL && n < MOST_COLUMNS;) {
        char *comma = strchr(at, ',');
        if (comma != NULL)
            *comma = '\0';
        at += strspn(at, " \t\"");
        size_t length = strlen(at);
        while (length > 0 && strchr(" \t\"", at[length - 1]) != NULL)
            at[--length] = '\0';
        fields[n++] = at;
        at = comma != NULL ? comma + 1 : NULL;
    }
    return n;
}

static size_t find_column(char *const fields[], size_t n, const char *const names[])
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; names[k] != NULL; k++)
            if (strcmp(fields[i], names[k]) == 0)
                return i;
    return SIZE_MAX;
}

// Seconds since 1970, or as written.
static bool read_time(const char *text, double *out_s)
{
    struct surety_problem problem;
    struct surety_date date;
    int hour, minute, end = 0;
    double seconds;
    if (surety_parse_number(text, out_s, &problem))
        return fabs(*out_s) < MOST_S;
    if (strlen(text) < 19 || !surety_date_parse(text, 10, &date) || (text[10] != ' ' && text[10] != 'T') ||
        sscanf(text + 11, "%2d:%2d:%lf%n", &hour, &minute, &seconds, &end) != 3 || end == 0)
        return false;
    const char *rest = text + 11 + end;
    if ((rest[0] != '\0' && strcmp(rest, "Z") != 0 && strcmp(rest, "+00:00") != 0) || hour < 0 || hour > 23 ||
        minute < 0 || minute > 59 || !(seconds >= 0 && seconds < 61))
        return false;
    *out_s = (double)surety_date_days(date) * 86400 + hour * 3600 + minute * 60 + seconds;
    return true;
}

static bool grow(struct table *table, struct surety_requests_trace *trace)
{
    if (trace->n < table->room)
        return true;
    const size_t room = 2 * table->room + 1024;
    int64_t *times = realloc(trace->at_us, room * sizeof *times);
    if (times == NULL)
        return false;
    trace->at_us = times;
    if (table->tokens_column != SIZE_MAX) {
        double *tokens = realloc(trace->tokens, room * sizeof *tokens);
        if (tokens == NULL)
            return false;
        trace->tokens = tokens;
    }
    table->room = room;
    return true;
}

static bool read_header(struct table *table, char *line)
{
    static const char *const times[] = {"timestamp", "TIMESTAMP", "Timestamp", NULL};
    static const char *const tokens[] = {"tokens", "output_tokens", "GeneratedTokens", NULL};
    char *fields[MOST_COLUMNS];
    const size_t n = split(line, fields);
    table->time_column = find_column(fields, n, times);
    table->tokens_column = find_column(fields, n, tokens);
    if (table->time_column == SIZE_MAX)
        complain(table, "the first line names the columns: timestamp,tokens", "there is no column \"timestamp\"",
                 n > 0 ? fields[0] : "");
    return table->time_column != SIZE_MAX;
}

static bool read_row(struct table *table, char *line, struct surety_requests_trace *trace)
{
    char *fields[MOST_COLUMNS];
    const size_t n = split(line, fields);
    struct surety_problem problem;
    double time_s, tokens = 0;
    if (n == 1 && fields[0][0] == '\0')
        return true;
    if (table->time_column >= n || !read_time(fields[table->time_column], &time_s)) {
        complain(table, "write seconds, or a time like 2023-11-16 18:01:51.16", "not a timestamp",
                 table->time_column < n ? fields[table->time_column] : "");
        return true;
    }
    if (table->tokens_column != SIZE_MAX &&
        (table->tokens_column >= n || !surety_parse_number(fields[table->tokens_column], &tokens, &problem) ||
         tokens < 0 || tokens > 1e9)) {
        complain(table, "write a number from 0 to 1e9", "not a number of tokens",
                 table->tokens_column < n ? fields[table->tokens_column] : "");
        return true;
    }
    if (!grow(table, trace))
        return false;
    if (!table->has_first)
        table->first_s = time_s;
    table->has_first = true;
    const int64_t at_us = (int64_t)floor((time_s - table->first_s) * 1e6 + 0.5);
    if (trace->n > 0 ? at_us < trace->at_us[trace->n - 1] : at_us < 0) {
        complain(table, "sort the rows by their timestamps", "the time falls", fields[table->time_column]);
        return true;
    }
    if (trace->tokens != NULL)
        trace->tokens[trace->n] = tokens;
    trace->at_us[trace->n++] = at_us;
    return true;
}

static enum surety_err read_rows(FILE *file, struct table *table, struct surety_requests_trace *trace)
{
    char *line = NULL;
    size_t size = 0;
    bool memory = true;
    for (table->line = 1; memory && getline(&line, &size, file) >= 0; table->line++) {
        if (table->line > 1)
            memory = read_row(table, line, trace);
        else if (!read_header(table, line))
            break;
    }
    free(line);
    if (!memory)
        return SURETY_E_MEMORY;
    if (table->n_bad == 0 && trace->n == 0)
        complain(table, "one request a line below the names of the columns", "there is no request", "");
    return table->n_bad == 0 ? SURETY_OK : SURETY_E_INPUT;
}

static enum surety_err read_file(FILE *file, const char *name, struct surety_diags *diags,
                                 struct surety_requests_trace *out)
{
    struct table table = {.diags = diags, .time_column = SIZE_MAX, .tokens_column = SIZE_MAX};
    struct surety_requests_trace trace = {0};
    enum surety_err err = read_rows(file, &table, &trace);
    if (ferror(file) && err != SURETY_E_MEMORY) {
        surety_diag_add(diags, SURETY_D_FILE, (struct surety_place){0, 0}, NULL, NULL, "cannot read %s", name);
        err = SURETY_E_SYSTEM;
    }
    if (err == SURETY_OK)
        *out = trace;
    else
        surety_requests_trace_finish(&trace);
    return err;
}

enum surety_err surety_requests_trace_read(const char *path, struct surety_diags *diags,
                                           struct surety_requests_trace *out)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        surety_diag_add(diags, SURETY_D_FILE, (struct surety_place){0, 0}, NULL, NULL, "cannot read %s: %s", path,
                        strerror(errno));
        return SURETY_E_SYSTEM;
    }
    const enum surety_err err = read_file(file, path, diags, out);
    fclose(file);
    return err;
}

enum surety_err surety_requests_trace_parse(const char *text, size_t n, struct surety_diags *diags,
                                            struct surety_requests_trace *out)
{
    FILE *file = fmemopen((void *)(uintptr_t)(n > 0 ? text : "\n"), n > 0 ? n : 1, "rb");
    if (file == NULL)
        return SURETY_E_MEMORY;
    const enum surety_err err = read_file(file, "memory", diags, out);
    fclose(file);
    return err;
}

void surety_requests_trace_finish(struct surety_requests_trace *trace)
{
    free(trace->at_us);
    free(trace->tokens);
    *trace = (struct surety_requests_trace){0};
}
