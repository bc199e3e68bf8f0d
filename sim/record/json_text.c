// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/record/json_text.h"

#include <string.h>

// --- the cursor -------------------------------------------------------------------------------------------------

static void step(struct surety_json_in_cursor *c)
{
    if (*c->at == '\n') {
        c->place.line++;
        c->place.column = 1;
    } else if (((unsigned char)*c->at & 0xC0U) != 0x80U) {
        c->place.column++;
    }
    c->at++;
}

static void skip_space(struct surety_json_in_cursor *c)
{
    while (*c->at == ' ' || *c->at == '\t' || *c->at == '\n' || *c->at == '\r')
        step(c);
}

static void skip_string(struct surety_json_in_cursor *c)
{
    step(c);
    while (*c->at != '\0' && *c->at != '"') {
        if (*c->at == '\\')
            step(c);
        if (*c->at != '\0')
            step(c);
    }
    if (*c->at == '"')
        step(c);
}

static void skip_value(struct surety_json_in_cursor *c)
{
    size_t depth = 0;
    do {
        skip_space(c);
        if (*c->at == '"') {
            skip_string(c);
        } else if (*c->at == '{' || *c->at == '[') {
            depth++;
            step(c);
        } else if (*c->at == '}' || *c->at == ']') {
            depth--;
            step(c);
        } else if (depth > 0) {
            step(c);
        } else {
            while (*c->at != '\0' && strchr(",]} \t\r\n", *c->at) == NULL)
                step(c);
        }
    } while (depth > 0 && *c->at != '\0');
}

struct surety_json_in_cursor surety_json_in_start(const char *text, size_t first_line)
{
    struct surety_json_in_cursor c = {text, {first_line, 1}};
    skip_space(&c);
    return c;
}

struct surety_json_in_cursor surety_json_in_member(struct surety_json_in_cursor cursor, const char *key)
{
    struct surety_json_in_cursor c = cursor;
    const size_t n = strlen(key);
    if (*c.at != '{')
        return cursor;
    step(&c);
    skip_space(&c);
    while (*c.at == '"') {
        const bool found = strncmp(c.at + 1, key, n) == 0 && c.at[n + 1] == '"';
        skip_string(&c);
        skip_space(&c);
        if (*c.at == ':')
            step(&c);
        skip_space(&c);
        if (found)
            return c;
        skip_value(&c);
        skip_space(&c);
        if (*c.at == ',')
            step(&c);
        skip_space(&c);
    }
    return cursor;
}

struct surety_json_in_cursor surety_json_in_first(struct surety_json_in_cursor cursor)
{
    if (*cursor.at == '[')
        step(&cursor);
    skip_space(&cursor);
    return cursor;
}

struct surety_json_in_cursor surety_json_in_next(struct surety_json_in_cursor cursor)
{
    skip_value(&cursor);
    skip_space(&cursor);
    if (*cursor.at == ',')
        step(&cursor);
    skip_space(&cursor);
    return cursor;
}

// --- reading ----------------------------------------------------------------------------------------------------

// Whether the text can hold more values than are read: what opens or parts values, outside of strings.
static bool too_many(const char *text, size_t n)
{
    size_t found = 0;
    bool inside = false;
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '"')
            inside = !inside;
        else if (text[i] == '\\')
            i++;
        else if (!inside)
            found += text[i] == ',' || text[i] == '[' || text[i] == '{';
    }
    return found > SURETY_JSON_MOST_VALUES;
}

json_t *surety_json_in_read(struct surety_import *import, const char *text, size_t n, size_t first_line)
{
    if (too_many(text, n)) {
        surety_import_complain(import, SURETY_D_RECORD_SIZE, (struct surety_place){first_line, 1}, NULL,
                               "fetch fewer incidents at a time", "the JSON has more than %zu values",
                               SURETY_JSON_MOST_VALUES);
        return NULL;
    }
    json_error_t error;
    json_t *root = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error);
    if (root != NULL)
        return root;
    const size_t line = error.line > 0 ? (size_t)error.line + first_line - 1 : first_line;
    surety_import_complain(import, SURETY_D_RECORD_SYNTAX,
                           (struct surety_place){line, error.column > 0 ? (size_t)error.column : 1}, NULL, NULL,
                           "no JSON: %s", error.text);
    return NULL;
}

const char *surety_json_in_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL && text[0] != '\0' ? text : NULL;
}

bool surety_json_in_time(struct surety_import *import, const json_t *object, struct surety_json_in_cursor cursor,
                         const char *key, int64_t *us, bool *go_on)
{
    const json_t *value = json_object_get(object, key);
    *us = SURETY_NO_TIME;
    if (value == NULL || json_is_null(value))
        return true;
    const char *text = json_string_value(value);
    if (text != NULL && surety_time_read(text, us))
        return true;
    *go_on = surety_import_complain(import, SURETY_D_RECORD_TIME, surety_json_in_member(cursor, key).place, key,
                                    "times are written like \"2026-08-20T14:43:00Z\"", "'%.40s' is no time",
                                    text != NULL ? text : "a value that is no text");
    return false;
}
