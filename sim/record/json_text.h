// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_RECORD_JSON_TEXT_H
#define SURETY_RECORD_JSON_TEXT_H

#include "sim/record/record_import.h"

#include <jansson.h>

// JSON of untrusted files with the places of its values: jansson reads and checks, a cursor over the same text finds
// where a value stands. Used inside sim/record only.

#define SURETY_JSON_MOST_VALUES ((size_t)4000000) // a value takes some 100 bytes once it is read

struct surety_json_in_cursor {
    const char *at; // first byte of a value
    struct surety_place place;
};

// Reads one value from text[0..n), NUL-terminated, whose first line is `first_line` of the file. NULL after a message.
json_t *surety_json_in_read(struct surety_import *import, const char *text, size_t n, size_t first_line);

// The cursor at the text's value. All below are for text that surety_json_in_read accepted.
struct surety_json_in_cursor surety_json_in_start(const char *text, size_t first_line);

// At the value of `key` of the object at the cursor; the object itself when it has no such key (or escapes in it).
struct surety_json_in_cursor surety_json_in_member(struct surety_json_in_cursor cursor, const char *key);

// At the first element of the array at the cursor, and from an element to the next one. Past the last one the cursor
// stands at the bracket.
struct surety_json_in_cursor surety_json_in_first(struct surety_json_in_cursor cursor);
struct surety_json_in_cursor surety_json_in_next(struct surety_json_in_cursor cursor);

// The text of a key; NULL when absent, null, empty or no text.
const char *surety_json_in_text(const json_t *object, const char *key);

// The time of a key into *us; SURETY_NO_TIME when absent or null. False after a message; *go_on as of
// surety_import_complain.
bool surety_json_in_time(struct surety_import *import, const json_t *object, struct surety_json_in_cursor cursor,
                         const char *key, int64_t *us, bool *go_on);

#endif
