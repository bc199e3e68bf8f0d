// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/record/responses.h"

#include "sim/record/csv_rows.h"
#include "sim/record/json_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MOST_BYTES ((size_t)64 << 20) // as in responses_load.c
#define LONGEST_S 86400.0
#define MOST_FILTERS 16

enum column { FIRST, PER_TOKEN, WHOLE, TOKENS, FAILED, N_COLUMNS };

static const char *const usual[N_COLUMNS][10] = {
    [FIRST] = {"ttft_s", "first_token_s", "time_to_first_token_s", "ttft_ms", "first_token_ms",
               "time_to_first_token_ms", "ttft", "first_token", "time_to_first_token", NULL},
    [PER_TOKEN] = {"per_output_token_s", "tpot_s", "time_per_output_token_s", "per_output_token_ms", "tpot_ms",
                   "time_per_output_token_ms", "per_output_token", "tpot", NULL},
    [WHOLE] = {"end_to_end_latency_s", "e2e_latency_s", "end_to_end_s", "total_s", "end_to_end_ms", "e2e_ms",
               "total_ms", "end_to_end", NULL},
    [TOKENS] = {"number_output_tokens", "output_tokens", "n_output_tokens", NULL},
    [FAILED] = {"error_code", "error", NULL},
};

// One request as it was read. NAN: the cell is empty.
struct row {
    double value[FAILED];
    struct surety_place place[FAILED];
    bool failed, kept;
};

struct reading {
    struct surety_import import;
    struct surety_record record; // of it only the arena and the names are used
    const struct surety_responses_options *options;
    struct surety_responses *out;
    const char *name[N_COLUMNS]; // NULL: there is none
    size_t room[SURETY_N_TIMES];
    bool wants_per_token; // a column has it
};

static double unit_of(const char *name)
{
    const size_t n = strlen(name);
    if (n > 3 && strcasecmp(name + n - 3, "_ms") == 0)
        return 1e-3;
    return n > 3 && strcasecmp(name + n - 3, "_us") == 0 ? 1e-6 : 1;
}

static bool keep_time(struct reading *r, enum surety_response_time which, double value_s)
{
    struct surety_response_sample *s = &r->out->times[which];
    if (s->n == r->room[which]) {
        const size_t room = 2 * r->room[which] + 256;
        double *more = realloc(s->values_s, room * sizeof *more);
        if (more == NULL)
            return false;
        s->values_s = more;
        r->room[which] = room;
    }
    s->values_s[s->n++] = value_s;
    return true;
}

// A time must be positive and shorter than a day. *go_on false: enough mistakes.
static bool is_time(struct reading *r, const struct row *row, enum column c, double value_s, bool *go_on)
{
    if (value_s > 0 && value_s <= LONGEST_S)
        return true;
    *go_on = surety_import_complain(&r->import, SURETY_D_RECORD_VALUE, row->place[c], r->name[c],
                                    "a time lies above 0 and is at most a day; name a column that ends in _ms or _us "
                                    "where it is not seconds",
                                    "%.6g s is no time of a request", value_s);
    return false;
}

// SURETY_E_INPUT: enough mistakes were told.
static enum surety_err take_row(struct reading *r, const struct row *row)
{
    bool go_on = true;
    double of[SURETY_N_TIMES] = {NAN, NAN};
    r->out->n_rows++;
    r->out->n_filtered += !row->kept;
    r->out->n_failed += row->kept && row->failed;
    if (!row->kept || row->failed)
        return SURETY_OK;
    const double first = row->value[FIRST], whole = row->value[WHOLE], tokens = row->value[TOKENS];
    if (!isnan(first) && is_time(r, row, FIRST, first, &go_on))
        of[SURETY_TIME_FIRST_TOKEN] = first;
    if (go_on && r->wants_per_token) {
        if (!isnan(row->value[PER_TOKEN]) && is_time(r, row, PER_TOKEN, row->value[PER_TOKEN], &go_on))
            of[SURETY_TIME_PER_OUTPUT_TOKEN] = row->value[PER_TOKEN];
    } else if (go_on && !isnan(first) && !isnan(whole) && tokens >= 1 && whole > first) {
        of[SURETY_TIME_PER_OUTPUT_TOKEN] = (whole - first) / tokens;
    } else if (go_on && whole < first) {
        go_on =
            surety_import_complain(&r->import, SURETY_D_RECORD_VALUE, row->place[WHOLE], r->name[WHOLE],
                                   "name the right columns, --end-to-end and --first-token",
                                   "the answer is complete before its first token, %.6g s and %.6g s", whole, first);
    }
    for (size_t i = 0; i < SURETY_N_TIMES; i++)
        if (!isnan(of[i]) && !keep_time(r, (enum surety_response_time)i, of[i]))
            return surety_import_no_memory(&r->import);
    return go_on ? SURETY_OK : SURETY_E_INPUT;
}

static const char *wanted(const struct reading *r, enum column c)
{
    const struct surety_responses_options *o = r->options;
    const char *const names[N_COLUMNS] = {o->first_token, o->per_output_token, o->end_to_end, o->output_tokens, NULL};
    return names[c];
}

// --- tables ------------------------------------------------------------------------------------------------------

struct filter {
    int column;
    const char *value;
};

static bool find_filters(struct reading *r, struct surety_csv *csv, struct filter *filters)
{
    static const char *const nothing[] = {NULL};
    bool good = true;
    for (size_t i = 0; i < r->options->n_filters; i++) {
        const char *text = r->options->filters[i], *equals = strchr(text, '=');
        const char *name = surety_arena_strndup(&r->record.arena, text, (size_t)(equals - text));
        if (name == NULL)
            return false;
        filters[i] = (struct filter){surety_csv_column(csv, name, nothing, &good), equals + 1};
    }
    return good;
}

static bool read_cell(struct reading *r, struct surety_csv *csv, int column, enum column c, struct row *row)
{
    const char *cell = surety_csv_cell(csv, column);
    row->value[c] = NAN;
    if (column < 0 || cell[0] == '\0')
        return true;
    row->place[c] = surety_csv_place(csv, column);
    if (surety_csv_number(cell, &row->value[c])) {
        row->value[c] *= c == TOKENS ? 1 : unit_of(r->name[c]);
        return true;
    }
    return surety_import_complain(&r->import, SURETY_D_RECORD_VALUE, row->place[c], r->name[c],
                                  "write a number; leave the cell empty where there is none", "'%.40s' is no number",
                                  cell);
}

static bool has_failed(const char *text)
{
    static const char *const nothing[] = {"", "null", "none", "0", "false"};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
        if (strcasecmp(text, nothing[i]) == 0)
            return false;
    return true;
}

static enum surety_err no_first(struct reading *r, const char *columns)
{
    surety_import_complain(&r->import, SURETY_D_RECORD_FORMAT, (struct surety_place){1, 1}, NULL, columns,
                           "no column is known as the time to the first token (--first-token COLUMN)");
    return SURETY_E_INPUT;
}

static enum surety_err read_rows(struct reading *r, struct surety_csv *csv)
{
    struct filter filters[MOST_FILTERS];
    int column[N_COLUMNS];
    bool good = true, more = true;
    for (enum column c = 0; c < N_COLUMNS; c++) {
        column[c] = surety_csv_column(csv, wanted(r, c), usual[c], &good);
        r->name[c] = column[c] >= 0 ? csv->name[column[c]] : NULL;
    }
    if (!find_filters(r, csv, filters) || !good)
        return SURETY_E_INPUT;
    if (column[FIRST] < 0 && column[PER_TOKEN] < 0)
        return no_first(r, surety_csv_columns(csv));
    r->wants_per_token = column[PER_TOKEN] >= 0;
    for (enum surety_err err = surety_csv_next(csv, &more); more || err != SURETY_OK;
         err = surety_csv_next(csv, &more)) {
        struct row row = {.failed = has_failed(surety_csv_cell(csv, column[FAILED])), .kept = true};
        if (err != SURETY_OK)
            return err;
        for (size_t i = 0; i < r->options->n_filters; i++)
            row.kept = row.kept && strcmp(surety_csv_cell(csv, filters[i].column), filters[i].value) == 0;
        for (enum column c = 0; c < FAILED; c++)
            if (row.kept && !row.failed && !read_cell(r, csv, column[c], c, &row))
                return SURETY_E_INPUT;
        err = take_row(r, &row);
        if (err != SURETY_OK)
            return err;
    }
    return SURETY_OK;
}

static const char *copy(struct reading *r, const char *text)
{
    return text != NULL ? surety_arena_strndup(&r->out->arena, text, strlen(text)) : NULL;
}

// Names the samples by their columns.
static void name_samples(struct reading *r)
{
    struct surety_responses *out = r->out;
    out->times[SURETY_TIME_FIRST_TOKEN].from = copy(r, r->name[FIRST]);
    if (r->wants_per_token)
        out->times[SURETY_TIME_PER_OUTPUT_TOKEN].from = copy(r, r->name[PER_TOKEN]);
    else if (r->name[FIRST] != NULL && r->name[WHOLE] != NULL && r->name[TOKENS] != NULL)
        out->times[SURETY_TIME_PER_OUTPUT_TOKEN].from =
            surety_arena_printf(&out->arena, "(%s - %s) / %s", r->name[WHOLE], r->name[FIRST], r->name[TOKENS]);
}

static enum surety_err read_table(struct reading *r)
{
    struct surety_csv csv;
    enum surety_err err = surety_csv_init(&csv, &r->import);
    r->out->dialect = "table";
    if (err == SURETY_OK)
        err = surety_csv_first(&csv);
    if (err == SURETY_OK)
        err = read_rows(r, &csv);
    if (err == SURETY_OK)
        name_samples(r);
    surety_csv_finish(&csv);
    return err;
}

// --- LLMPerf -----------------------------------------------------------------------------------------------------

static const char *find_key(const struct reading *r, const json_t *object, enum column c)
{
    if (wanted(r, c) != NULL)
        return wanted(r, c);
    for (size_t i = 0; usual[c][i] != NULL; i++)
        if (json_object_get(object, usual[c][i]) != NULL)
            return usual[c][i];
    return NULL;
}

static bool filter_passes(const char *filter, const json_t *response)
{
    const char *equals = strchr(filter, '=');
    char key[128], number[40];
    snprintf(key, sizeof key, "%.*s", (int)(equals - filter), filter);
    const json_t *value = json_object_get(response, key);
    if (json_is_string(value))
        return strcmp(json_string_value(value), equals + 1) == 0;
    snprintf(number, sizeof number, "%.12g", json_number_value(value));
    return json_is_number(value) && strcmp(number, equals + 1) == 0;
}

static bool read_value(struct reading *r, const json_t *response, struct surety_json_in_cursor at, enum column c,
                       struct row *row)
{
    const json_t *value = r->name[c] != NULL ? json_object_get(response, r->name[c]) : NULL;
    row->value[c] = NAN;
    if (value == NULL || json_is_null(value))
        return true;
    row->place[c] = surety_json_in_member(at, r->name[c]).place;
    if (!json_is_number(value))
        return surety_import_complain(&r->import, SURETY_D_RECORD_VALUE, row->place[c], r->name[c],
                                      "a number of seconds, or null", "this is no number");
    row->value[c] = json_number_value(value) * (c == TOKENS ? 1 : unit_of(r->name[c]));
    return true;
}

static enum surety_err read_response(struct reading *r, const json_t *response, struct surety_json_in_cursor at)
{
    struct row row = {.kept = true};
    if (!json_is_object(response)) {
        surety_import_complain(&r->import, SURETY_D_RECORD_FORMAT, at.place, NULL, "a list of responses, each {...}",
                               "this is no response");
        return SURETY_E_INPUT;
    }
    for (enum column c = 0; r->out->n_rows == 0 && c < N_COLUMNS; c++)
        r->name[c] = find_key(r, response, c);
    r->wants_per_token = r->name[PER_TOKEN] != NULL;
    for (size_t i = 0; i < r->options->n_filters; i++)
        row.kept = row.kept && filter_passes(r->options->filters[i], response);
    for (size_t i = 0; usual[FAILED][i] != NULL; i++) {
        const json_t *error = json_object_get(response, usual[FAILED][i]);
        row.failed = row.failed || (json_is_string(error) && has_failed(json_string_value(error))) ||
                     (json_is_number(error) && json_number_value(error) != 0) || json_is_true(error);
    }
    for (enum column c = 0; row.kept && !row.failed && c < FAILED; c++)
        if (!read_value(r, response, at, c, &row))
            return SURETY_E_INPUT;
    return take_row(r, &row);
}

static enum surety_err read_responses(struct reading *r, const json_t *list, const char *text)
{
    struct surety_json_in_cursor at = surety_json_in_first(surety_json_in_start(text, 1));
    r->out->dialect = "llmperf-responses";
    for (size_t i = 0; i < json_array_size(list); i++, at = surety_json_in_next(at)) {
        const enum surety_err err = read_response(r, json_array_get(list, i), at);
        if (err != SURETY_OK)
            return err;
    }
    if (r->out->n_rows > 0 && r->name[FIRST] == NULL && r->name[PER_TOKEN] == NULL)
        return no_first(r, "keys of a response: ttft_s, end_to_end_latency_s, number_output_tokens");
    for (enum column c = 0; c < FAILED && r->out->n_rows > 0; c++)
        if (wanted(r, c) != NULL && json_object_get(json_array_get(list, 0), wanted(r, c)) == NULL) {
            surety_import_complain(&r->import, SURETY_D_RECORD_FORMAT, (struct surety_place){1, 1}, NULL,
                                   "the keys are those of the file's first response", "no response has a key '%.60s'",
                                   wanted(r, c));
            return SURETY_E_INPUT;
        }
    name_samples(r);
    return SURETY_OK;
}

// The percentiles of `results_NAME_quantiles_pNN`.
static enum surety_err read_quantiles(struct reading *r, const json_t *summary, const char *text, const char *name,
                                      enum surety_response_time which)
{
    static const double levels[] = {25, 50, 75, 90, 95, 99};
    const size_t n_levels = sizeof levels / sizeof *levels;
    struct surety_response_sample *s = &r->out->times[which];
    struct surety_response_quantile *quantiles = surety_arena_calloc(&r->out->arena, n_levels, sizeof *quantiles);
    if (quantiles == NULL)
        return surety_import_no_memory(&r->import);
    for (size_t i = 0; i < n_levels; i++) {
        char key[160];
        snprintf(key, sizeof key, "results_%.100s_quantiles_p%g", name, levels[i]);
        const json_t *value = json_object_get(summary, key);
        const struct surety_place place = surety_json_in_member(surety_json_in_start(text, 1), key).place;
        const double value_s = json_number_value(value) * unit_of(name);
        if (value == NULL)
            continue;
        if (!json_is_number(value) || !(value_s > 0 && value_s <= LONGEST_S) ||
            (s->n_quantiles > 0 && value_s < quantiles[s->n_quantiles - 1].value_s)) {
            surety_import_complain(&r->import, SURETY_D_RECORD_VALUE, place, key,
                                   "percentiles are seconds above 0 and do not fall", "this is no such percentile");
            return SURETY_E_INPUT;
        }
        quantiles[s->n_quantiles++] = (struct surety_response_quantile){levels[i] / 100, value_s};
    }
    s->quantiles = quantiles;
    if (s->n_quantiles < 3) {
        surety_import_complain(&r->import, SURETY_D_RECORD_FORMAT, (struct surety_place){1, 1}, name,
                               "a summary of LLMPerf has results_ttft_s_quantiles_p25 to p99",
                               "fewer than three percentiles of '%.60s'", name);
        return SURETY_E_INPUT;
    }
    s->from = copy(r, name);
    return s->from != NULL ? SURETY_OK : surety_import_no_memory(&r->import);
}

static enum surety_err read_summary(struct reading *r, const json_t *summary, const char *text)
{
    const struct surety_responses_options *o = r->options;
    struct surety_responses *out = r->out;
    out->dialect = "llmperf-summary";
    out->n_rows = (size_t)fmax(json_number_value(json_object_get(summary, "results_num_requests_started")), 0);
    out->n_failed = (size_t)fmax(json_number_value(json_object_get(summary, "results_number_errors")), 0);
    if (o->n_filters > 0) {
        surety_import_complain(&r->import, SURETY_D_RECORD_FORMAT, (struct surety_place){1, 1}, NULL,
                               "give the individual responses, or leave --filter out",
                               "a summary has no rows to choose from");
        return SURETY_E_INPUT;
    }
    enum surety_err err =
        read_quantiles(r, summary, text, o->first_token != NULL ? o->first_token : "ttft_s", SURETY_TIME_FIRST_TOKEN);
    if (err == SURETY_OK && o->per_output_token != NULL)
        err = read_quantiles(r, summary, text, o->per_output_token, SURETY_TIME_PER_OUTPUT_TOKEN);
    else if (err == SURETY_OK)
        out->remark =
            "no time per output token: LLMPerf's inter_token_latency_s has the first token in it, and a summary "
            "cannot take it out; fit the individual responses";
    for (size_t i = 0; i < SURETY_N_TIMES; i++)
        out->times[i].n =
            out->times[i].n_quantiles > 0 && out->n_rows > out->n_failed ? out->n_rows - out->n_failed : 0;
    return err;
}

static enum surety_err read_json(struct reading *r)
{
    size_t n;
    char *text = surety_import_all(&r->import, MOST_BYTES, &n);
    if (text == NULL)
        return SURETY_E_INPUT;
    json_t *root = surety_json_in_read(&r->import, text, n, 1);
    enum surety_err err = SURETY_E_INPUT;
    if (root != NULL && json_is_array(root))
        err = read_responses(r, root, text);
    else if (root != NULL && json_is_object(root))
        err = read_summary(r, root, text);
    else if (root != NULL)
        surety_import_complain(&r->import, SURETY_D_RECORD_FORMAT, (struct surety_place){1, 1}, NULL,
                               "a list of responses, or the summary of LLMPerf", "this JSON is neither");
    json_decref(root);
    free(text);
    return err;
}

// --- all of it ---------------------------------------------------------------------------------------------------

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static enum surety_err check(struct reading *r)
{
    struct surety_responses *out = r->out;
    size_t n = 0;
    for (size_t i = 0; i < SURETY_N_TIMES; i++) {
        struct surety_response_sample *s = &out->times[i];
        if (s->values_s != NULL)
            qsort(s->values_s, s->n, sizeof *s->values_s, by_value);
        if (s->n == 0 && s->n_quantiles == 0)
            s->from = NULL;
        n += s->n + s->n_quantiles;
    }
    if (n > 0)
        return SURETY_OK;
    surety_import_complain(&r->import, SURETY_D_RECORD_FORMAT, (struct surety_place){1, 1}, NULL,
                           "a row for each request that was answered",
                           "no time is left: %zu rows, %zu failed, %zu filtered", out->n_rows, out->n_failed,
                           out->n_filtered);
    return SURETY_E_INPUT;
}

enum surety_err surety_responses_parse(const char *file, const char *text, size_t n,
                                       const struct surety_responses_options *options, struct surety_diags *diags,
                                       struct surety_responses *out)
{
    static const struct surety_record_options none;
    uint8_t digest[SHA256_DIGEST_SIZE];
    struct surety_responses found = {.file = NULL};
    struct reading r = {.options = options, .out = &found};
    surety_arena_init(&found.arena);
    surety_arena_init(&r.record.arena);
    r.import =
        (struct surety_import){.options = &none, .diags = diags, .record = &r.record, .buffer = malloc(n + 1), .n = n};
    found.file = surety_arena_strndup(&found.arena, file, strlen(file));
    enum surety_err err = SURETY_E_MEMORY;
    if (r.import.buffer == NULL || found.file == NULL || options->n_filters > MOST_FILTERS) {
        surety_import_no_memory(&r.import);
    } else {
        memcpy(r.import.buffer, text, n);
        r.import.buffer[n] = '\0';
        sha256_init(&r.import.sha);
        sha256_update(&r.import.sha, n, r.import.buffer);
        sha256_digest(&r.import.sha, sizeof digest, digest);
        for (size_t i = 0; i < sizeof digest; i++)
            snprintf(found.sha256 + 2 * i, 3, "%02x", digest[i]);
        if (n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
            r.import.at = 3;
        const char first =
            ((const char *)r.import.buffer)[r.import.at + strspn((char *)r.import.buffer + r.import.at, " \t\r\n")];
        err = first == '[' || first == '{' ? read_json(&r) : read_table(&r);
        if (err == SURETY_OK && r.import.n_messages > 0)
            err = SURETY_E_INPUT;
        if (err == SURETY_OK)
            err = check(&r);
    }
    free(r.import.buffer);
    surety_arena_finish(&r.record.arena);
    if (err == SURETY_OK)
        *out = found;
    else
        surety_responses_finish(&found);
    return err;
}

void surety_responses_finish(struct surety_responses *responses)
{
    for (size_t i = 0; i < SURETY_N_TIMES; i++)
        free(responses->times[i].values_s);
    surety_arena_finish(&responses->arena);
    *responses = (struct surety_responses){.file = NULL};
}
