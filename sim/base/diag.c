// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/diag.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// Longest piece of a source line that is printed, in code points.
#define LINE_SHOWN ((size_t)100)

void surety_diags_init(struct surety_diags *diags, const char *file)
{
    *diags = (struct surety_diags){.file = file};
    surety_arena_init(&diags->arena);
}

void surety_diags_finish(struct surety_diags *diags)
{
    free(diags->list);
    surety_arena_finish(&diags->arena);
    *diags = (struct surety_diags){.file = NULL};
}

bool surety_diags_name_sets(struct surety_diags *diags, const char *const *paths, size_t n)
{
    char **copies = surety_arena_calloc(&diags->arena, n, sizeof *copies);
    if (copies == NULL)
        return false;
    for (size_t i = 0; i < n; i++) {
        copies[i] = surety_arena_strndup(&diags->arena, paths[i], strlen(paths[i]));
        if (copies[i] == NULL)
            return false;
    }
    diags->sets = copies;
    diags->n_sets = n;
    return true;
}

static char *copy(struct surety_diags *diags, const char *text)
{
    return surety_arena_strndup(&diags->arena, text, strlen(text));
}

// The same message at the same place stands in the list.
static bool is_there(const struct surety_diags *diags, const struct surety_diag *diag)
{
    for (size_t i = 0; i < diags->n; i++) {
        const struct surety_diag *other = &diags->list[i];
        if (other->id == diag->id && other->place.line == diag->place.line &&
            other->place.column == diag->place.column && strcmp(other->path, diag->path) == 0 &&
            strcmp(other->message, diag->message) == 0)
            return true;
    }
    return false;
}

void surety_diag_add(struct surety_diags *diags, enum surety_diag_id id, struct surety_place place, const char *path,
                     const char *hint, const char *format, ...)
{
    bool is_error = surety_diag_kind(id)->severity == SURETY_ERROR;
    if (is_error)
        diags->n_errors++;
    if (diags->n >= SURETY_DIAGS_MAX) {
        diags->n_dropped++;
        return;
    }
    if (diags->n == diags->capacity) {
        size_t capacity = diags->capacity == 0 ? 16 : diags->capacity * 2;
        struct surety_diag *list = realloc(diags->list, capacity * sizeof *list);
        if (list == NULL) {
            diags->out_of_memory = true;
            return;
        }
        diags->list = list;
        diags->capacity = capacity;
    }
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *message = length < 0 ? NULL : surety_arena_alloc(&diags->arena, (size_t)length + 1);
    if (message != NULL)
        vsnprintf(message, (size_t)length + 1, format, again);
    va_end(again);
    struct surety_diag diag = {.id = id, .place = place, .path = copy(diags, path == NULL ? "" : path)};
    diag.message = message;
    diag.hint = hint == NULL ? NULL : copy(diags, hint);
    if (message == NULL || diag.path == NULL || (hint != NULL && diag.hint == NULL)) {
        diags->out_of_memory = true;
        return;
    }
    if (is_error || !is_there(diags, &diag)) // several contracts read the same file several times
        diags->list[diags->n++] = diag;
}

// --- printing -------------------------------------------------------------------------------------------------

size_t surety_printable(const unsigned char *text, size_t left)
{
    static const uint32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = text[0] < 0x80 ? 1 : text[0] >> 5 == 6 ? 2 : text[0] >> 4 == 14 ? 3 : text[0] >> 3 == 30 ? 4 : 0;
    if (length == 0 || length > left)
        return 0;
    uint32_t code = length == 1 ? text[0] : text[0] & (0x7FU >> length);
    for (size_t i = 1; i < length; i++) {
        if (text[i] >> 6 != 2)
            return 0;
        code = code << 6 | (text[i] & 0x3FU);
    }
    bool control = code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x2028 && code <= 0x202E) ||
                   (code >= 0x2066 && code <= 0x2069); // line breaks and changes of the writing direction
    bool wrong = code < smallest[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF);
    return control || wrong ? 0 : length;
}

// Prints text[0..length) with control characters and broken UTF-8 as \xNN.
static void put_safe(FILE *out, const char *text, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    for (size_t i = 0; i < length;) {
        size_t n = surety_printable(bytes + i, length - i);
        if (n > 0)
            fwrite(text + i, 1, n, out);
        else
            fprintf(out, "\\x%02X", (unsigned)bytes[i]);
        i += n > 0 ? n : 1;
    }
}

// Bytes of the line break at text[0..left): 0 for none. The breaks are YAML 1.1's, as libyaml counts lines.
static size_t break_length(const char *text, size_t left)
{
    const unsigned char *b = (const unsigned char *)text;
    if (b[0] == '\r')
        return left > 1 && b[1] == '\n' ? 2 : 1;
    if (b[0] == '\n')
        return 1;
    if (left > 1 && b[0] == 0xC2 && b[1] == 0x85)
        return 2;
    if (left > 2 && b[0] == 0xE2 && b[1] == 0x80 && (b[2] == 0xA8 || b[2] == 0xA9))
        return 3;
    return 0;
}

struct cursor {
    size_t offset, line;       // start of line `line`
    size_t in_line, n_in_line; // bytes and code points of that line that earlier messages have gone past
};

// Moves forward to the start of `line`; false when the text ends before.
static bool seek_line(const struct surety_diags *diags, struct cursor *cursor, size_t line)
{
    while (cursor->line < line) {
        size_t i = cursor->offset, n = 0;
        while (i < diags->source_length && (n = break_length(diags->source + i, diags->source_length - i)) == 0)
            i++;
        if (i >= diags->source_length)
            return false;
        *cursor = (struct cursor){.offset = i + n, .line = cursor->line + 1};
    }
    return true;
}

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xC0U) == 0x80U;
}

// Bytes of the code point at text[0..left), with broken bytes that follow it.
static size_t code_point_length(const char *text, size_t left)
{
    size_t n = 1;
    while (n < left && is_continuation(text[n]))
        n++;
    return n;
}

// Prints one code point of a source line; returns the columns it takes.
static size_t put_code_point(FILE *out, const char *text, size_t n)
{
    if (text[0] == '\t')
        fputc(' ', out);
    else if (surety_printable((const unsigned char *)text, n) == n)
        fwrite(text, 1, n, out);
    else
        put_safe(out, text, n);
    return text[0] == '\t' || surety_printable((const unsigned char *)text, n) == n ? 1 : 4 * n;
}

// The source line with a caret below `column`; of a long line only the part around it. Messages come sorted, so a line
// is gone through once, however many messages it has.
static void print_caret(const struct surety_diags *diags, struct cursor *cursor, struct surety_place place, FILE *out)
{
    if (diags->source == NULL || place.line == 0 || !seek_line(diags, cursor, place.line))
        return;
    const char *line = diags->source + cursor->offset;
    size_t left = diags->source_length - cursor->offset;
    size_t skip = place.column > LINE_SHOWN * 3 / 4 ? place.column - LINE_SHOWN * 3 / 4 : 0;
    size_t shown = skip > 0 ? 3 : 0, caret = SIZE_MAX;
    fprintf(out, "%6zu | %s", place.line, skip > 0 ? "..." : "");
    size_t i = cursor->in_line, column = cursor->n_in_line;
    for (; i < left && break_length(line + i, left - i) == 0 && column < skip + LINE_SHOWN; column++) {
        size_t n = code_point_length(line + i, left - i);
        if (column + 1 == place.column)
            caret = shown;
        if (column < skip) {
            cursor->in_line = i + n;
            cursor->n_in_line = column + 1;
        } else {
            shown += put_code_point(out, line + i, n);
        }
        i += n;
    }
    bool more = i < left && break_length(line + i, left - i) == 0;
    fprintf(out, "%s\n       | %*s^\n", more ? "..." : "", (int)(caret == SIZE_MAX ? shown : caret), "");
}

struct sorted {
    const struct surety_diag *diag;
    size_t index;
};

static int by_place(const void *a, const void *b)
{
    const struct sorted *x = a, *y = b;
    if (x->diag->place.line != y->diag->place.line)
        return x->diag->place.line < y->diag->place.line ? -1 : 1;
    if (x->diag->place.column != y->diag->place.column)
        return x->diag->place.column < y->diag->place.column ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static void print_one(const struct surety_diags *diags, const struct surety_diag *diag, struct cursor *cursor,
                      FILE *out)
{
    const struct surety_diag_kind *kind = surety_diag_kind(diag->id);
    if (diag->place.line == 0 && diag->place.column > 0 && diag->place.column <= diags->n_sets) {
        const char *set = diags->sets[diag->place.column - 1];
        fputs("--set ", out);
        put_safe(out, set, strlen(set));
        fputs(": ", out);
    } else if (diags->file != NULL) {
        put_safe(out, diags->file, strlen(diags->file));
        if (diag->place.line > 0)
            fprintf(out, ":%zu:%zu", diag->place.line, diag->place.column);
        fputs(": ", out);
    }
    fprintf(out, "%s[%s]: ", kind->severity == SURETY_ERROR ? "error" : "warning", kind->id);
    if (diag->path[0] != '\0') {
        put_safe(out, diag->path, strlen(diag->path));
        fputs(": ", out);
    }
    put_safe(out, diag->message, strlen(diag->message));
    if (diag->hint != NULL) {
        fputs(", ", out);
        put_safe(out, diag->hint, strlen(diag->hint));
    }
    fputc('\n', out);
    print_caret(diags, cursor, diag->place, out);
}

void surety_diags_print(const struct surety_diags *diags, FILE *out)
{
    struct cursor cursor = {.offset = 0, .line = 1};
    struct sorted *order = calloc(diags->n > 0 ? diags->n : 1, sizeof *order);
    size_t n_warnings = 0;
    for (size_t i = 0; i < diags->n; i++) {
        n_warnings += surety_diag_kind(diags->list[i].id)->severity == SURETY_WARNING;
        if (order != NULL)
            order[i] = (struct sorted){.diag = &diags->list[i], .index = i};
    }
    if (order != NULL)
        qsort(order, diags->n, sizeof *order, by_place);
    for (size_t i = 0; i < diags->n; i++) {
        if (order == NULL) // unsorted is better than silent
            cursor = (struct cursor){.offset = 0, .line = 1};
        print_one(diags, order == NULL ? &diags->list[i] : order[i].diag, &cursor, out);
    }
    free(order);
    if (diags->n_dropped > 0)
        fprintf(out, "... and %zu more messages that are not shown\n", diags->n_dropped);
    if (diags->out_of_memory)
        fputs("error[memory]: memory is out, some messages were lost\n", out);
    if (diags->n_errors > 0)
        fprintf(out, "%zu %s", diags->n_errors, diags->n_errors == 1 ? "error" : "errors");
    if (n_warnings > 0)
        fprintf(out, "%s%zu %s", diags->n_errors > 0 ? ", " : "", n_warnings, n_warnings == 1 ? "warning" : "warnings");
    if (diags->n_errors > 0 || n_warnings > 0)
        fputc('\n', out);
}

// --- did you mean ---------------------------------------------------------------------------------------------

#define LONGEST_WORD 48

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c == '-' ? '_' : c;
}

// Damerau-Levenshtein (optimal string alignment); case and '-' against '_' cost nothing.
static size_t distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
    size_t rows[3][LONGEST_WORD + 1];
    size_t *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= n_b; j++)
        last[j] = j;
    for (size_t i = 1; i <= n_a; i++) {
        row[0] = i;
        for (size_t j = 1; j <= n_b; j++) {
            size_t differs = lower(a[i - 1]) != lower(b[j - 1]);
            row[j] = smaller(smaller(last[j] + 1, row[j - 1] + 1), last[j - 1] + differs);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]))
                row[j] = smaller(row[j], before[j - 2] + 1);
        }
        size_t *spare = before;
        before = last;
        last = row;
        row = spare;
    }
    return last[n_b];
}

const char *surety_did_you_mean(const char *word, const void *first, size_t n, size_t stride)
{
    size_t length = strlen(word);
    if (length == 0 || length > LONGEST_WORD)
        return NULL;
    size_t allowed = length / 3 > 1 ? length / 3 : 1;
    const char *best = NULL;
    size_t best_distance = allowed + 1;
    for (size_t i = 0; i < n; i++) {
        const char *candidate = *(const char *const *)(const void *)((const char *)first + i * stride);
        size_t n_candidate = candidate == NULL ? 0 : strlen(candidate);
        if (n_candidate == 0 || n_candidate > LONGEST_WORD || n_candidate > length + allowed)
            continue;
        size_t d = distance(word, length, candidate, n_candidate);
        if (d < best_distance) {
            best = candidate;
            best_distance = d;
        }
    }
    // For a word of one letter every letter is near; only the other case is a typo.
    return length == 1 && best_distance > 0 ? NULL : best;
}
