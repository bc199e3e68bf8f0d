// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_JSON_WRITER_H
#define SURETY_PLOTS_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

// A streaming JSON writer: keys come out in the order of the calls. Write errors stay in the FILE (ferror).
// Inside a map each call names its key; inside a list the key is NULL.

#define SURETY_JSON_DEPTH 16

struct surety_json {
    FILE *out;
    unsigned depth;
    char closing[SURETY_JSON_DEPTH]; // '}' or ']'
    bool inlined[SURETY_JSON_DEPTH]; // all on one line
    bool has_item[SURETY_JSON_DEPTH];
};

void surety_json_init(struct surety_json *json, FILE *out);

// Opens a map or a list. `inlined`: it and what it holds stand on one line. At most SURETY_JSON_DEPTH - 1 deep.
void surety_json_open_map(struct surety_json *json, const char *key, bool inlined);
void surety_json_open_list(struct surety_json *json, const char *key, bool inlined);

// Closes the innermost; after the outermost a newline is written.
void surety_json_close(struct surety_json *json);

// 12 significant digits: 1e-6 -> 1e-06; -0 comes out as 0, NaN and infinities as null.
void surety_json_number(struct surety_json *json, const char *key, double value);
void surety_json_integer(struct surety_json *json, const char *key, uint64_t value);
void surety_json_bool(struct surety_json *json, const char *key, bool value);

// Control characters are escaped, bytes that are not UTF-8 become U+FFFD; NULL comes out as null.
void surety_json_text(struct surety_json *json, const char *key, const char *text);

#endif
