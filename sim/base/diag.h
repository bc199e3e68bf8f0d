// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_BASE_DIAG_H
#define SURETY_BASE_DIAG_H

#include "sim/base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

// Every kind of message the tool can give about its input. One row each in diag.c: id, text, example of the
// mistake, cure; `surety explain ID` prints the row, and a test provokes each one.
enum surety_diag_id {
    SURETY_D_SYNTAX,           // broken YAML
    SURETY_D_LIMIT,            // larger, deeper or stranger YAML than we read
    SURETY_D_DUPLICATE,        // the same key twice in one map
    SURETY_D_UNKNOWN_KEY,      // no such key here
    SURETY_D_MISSING_KEY,      // a required key is absent
    SURETY_D_TYPE,             // a map where a value belongs, and the like
    SURETY_D_VALUE,            // a value that cannot be read (unit, trailing text)
    SURETY_D_RANGE,            // a value that can be read but is outside what is allowed
    SURETY_D_CHOICE,           // not one of the allowed words
    SURETY_D_NAME,             // a name that is not [A-Za-z][A-Za-z0-9_-]*
    SURETY_D_REFERENCE,        // names a provider or tier that does not exist
    SURETY_D_CONFLICT,         // two keys that exclude each other, or numbers that contradict each other
    SURETY_D_LAW,              // an impossible pair of parameters, an infinite mean
    SURETY_D_CURRENCY,         // two currencies in one scenario
    SURETY_D_UNSUPPORTED,      // part of scenario v1 that is not supported yet
    SURETY_D_TOO_LARGE,        // more sources, nodes, windows than an engine can hold
    SURETY_D_SET,              // a --set whose path or value is wrong
    SURETY_D_FILE,             // a file that cannot be read or written
    SURETY_D_USAGE,            // the command line
    SURETY_D_MEMORY,           // memory is out
    SURETY_D_TOOL,             // an external program failed
    SURETY_D_UNCERTAIN,        // an uncertain value where none can be, or one that is not valid throughout
    SURETY_D_RECORD_SYNTAX,    // a record of incidents that is cut off or no JSON, no table
    SURETY_D_RECORD_FORMAT,    // another kind of file than the records that can be read
    SURETY_D_RECORD_TIME,      // a time that cannot be read, or an end before its start
    SURETY_D_RECORD_VALUE,     // another value of an incident that cannot be read
    SURETY_D_RECORD_DUPLICATE, // one incident twice with different times
    SURETY_D_RECORD_SIZE,      // a record larger than is read
    SURETY_D_RECORD_SPAN,      // a record that was watched for no time, or not at the time that is asked for
    SURETY_D_WARN_VARIANCE,    // warning: a law with infinite variance
    SURETY_D_WARN_PRICE,       // warning: a provider without a price counts as free
    SURETY_D_WARN_UNUSED,      // warning: a provider that no architecture uses
    SURETY_D_WARN_PRECISION,   // warning: --precision was not reached within the replications
    SURETY_D_WARN_REDRAWN,     // warning: draws of uncertain inputs that contradicted themselves
    SURETY_D_WARN_CAPACITY,    // warning: routes without a limit are taken as able to carry any load
    SURETY_N_DIAG
};

enum surety_severity { SURETY_ERROR, SURETY_WARNING };

// The row of one kind of message.
struct surety_diag_kind {
    const char *id; // kebab-case, printed in brackets: "unknown-key"
    enum surety_severity severity;
    const char *text;    // one sentence: what this kind means
    const char *example; // a line or two of YAML (or a command) that provokes it
    const char *cure;    // what to write instead
};

// Row of `id`; never NULL for a valid id.
const struct surety_diag_kind *surety_diag_kind(enum surety_diag_id id);

// A place in a source text. line and column count from 1, columns in code points. line 0: not in the text, then column
// k > 0 is the k-th `--set` of the command line and column 0 no place at all.
struct surety_place {
    size_t line, column;
};

// One message. All strings live in the list's arena.
struct surety_diag {
    enum surety_diag_id id;
    struct surety_place place;
    const char *path;    // keys joined by '.', list items [0]; "" at the top
    const char *message; // what is wrong
    const char *hint;    // what is allowed, did you mean; NULL: none
};

// Messages in the order they were found; printing sorts them by place.
struct surety_diags {
    struct surety_arena arena;
    struct surety_diag *list; // n of them, heap
    size_t n, capacity, n_errors;
    bool out_of_memory; // a message was lost: counts as an error
    const char *file;   // name printed before the place; borrowed
    const char *source; // source text for the caret lines, NULL: none; borrowed
    size_t source_length;
    size_t n_dropped; // messages after SURETY_DIAGS_MAX; errors among them are in n_errors
    char **sets;      // n_sets paths of `--set`, see surety_place; in the arena
    size_t n_sets;
};

// After so many messages the rest is only counted.
#define SURETY_DIAGS_MAX ((size_t)1000)

void surety_diags_init(struct surety_diags *diags, const char *file);
void surety_diags_finish(struct surety_diags *diags);

// Appends a message; a warning that is there already is not said again. `path` and `hint` are copied and may be NULL.
void surety_diag_add(struct surety_diags *diags, enum surety_diag_id id, struct surety_place place, const char *path,
                     const char *hint, const char *format, ...) __attribute__((format(printf, 6, 7)));

// Names the places {0, k}: "--set paths[k - 1]". Copies the paths. False when memory is out.
bool surety_diags_name_sets(struct surety_diags *diags, const char *const *paths, size_t n);

// Prints all messages, sorted by place, each as `file:line:col: error[id]: path: message, hint` with the source line
// and a caret, then one line that counts them. Control characters of the input come out as \xNN.
void surety_diags_print(const struct surety_diags *diags, FILE *out);

// The row whose id is `word` ("unknown-key"); NULL when there is none.
const struct surety_diag_kind *surety_diag_find(const char *word);

// Length in bytes of the UTF-8 code point at text[0..left), left >= 1; 0 when it is broken, a control character, or one
// that breaks lines or turns the writing direction: such bytes are printed as \xNN.
size_t surety_printable(const unsigned char *text, size_t left);

// The candidate nearest to `word` by edit distance (Damerau-Levenshtein, at most a third of its length and at least
// 1), or NULL. Ties: the first. candidates[i] is read at *(const char *const *)((const char *)first + i * stride).
const char *surety_did_you_mean(const char *word, const void *first, size_t n, size_t stride);

#endif
