// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/json_writer.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stddef.h>

void surety_json_init(struct surety_json *json, FILE *out)
{
    *json = (struct surety_json){.out = out};
}

// Length of the UTF-8 sequence at `text` (shortest form, no surrogates), 0 when there is none.
static size_t utf8_length(const unsigned char *text)
{
    unsigned char c = text[0];
    size_t n = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
    for (size_t i = 1; i < n; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    }
    if ((c == 0xe0 && text[1] < 0xa0) || (c == 0xed && text[1] > 0x9f) || (c == 0xf0 && text[1] < 0x90) ||
        (c == 0xf4 && text[1] > 0x8f))
        return 0;
    return n;
}

static void put_string(FILE *out, const char *text)
{
    putc('"', out);
    const unsigned char *p = (const unsigned char *)text;
    while (*p != 0) {
        size_t n = utf8_length(p);
        if (n == 0) {
            fputs("\xef\xbf\xbd", out);
            p++;
            continue;
        }
        if (*p == '"' || *p == '\\')
            fprintf(out, "\\%c", *p);
        else if (*p == '\n')
            fputs("\\n", out);
        else if (*p == '\t')
            fputs("\\t", out);
        else if (*p < 0x20 || *p == 0x7f)
            fprintf(out, "\\u%04x", (unsigned)*p);
        else
            fwrite(p, 1, n, out);
        p += n;
    }
    putc('"', out);
}

// Everything before a value: comma, line break, indentation, key.
static void begin(struct surety_json *json, const char *key)
{
    if (json->depth == 0)
        return;
    unsigned top = json->depth - 1;
    assert((key != NULL) == (json->closing[top] == '}'));
    if (json->has_item[top])
        putc(',', json->out);
    if (!json->inlined[top])
        fprintf(json->out, "\n%*s", (int)(2 * json->depth), "");
    else if (json->has_item[top])
        putc(' ', json->out);
    json->has_item[top] = true;
    if (key != NULL) {
        put_string(json->out, key);
        fputs(": ", json->out);
    }
}

static void open_container(struct surety_json *json, const char *key, bool inlined, char opening, char closing)
{
    assert(json->depth < SURETY_JSON_DEPTH);
    begin(json, key);
    putc(opening, json->out);
    unsigned top = json->depth++;
    json->closing[top] = closing;
    json->inlined[top] = inlined || (top > 0 && json->inlined[top - 1]);
    json->has_item[top] = false;
}

void surety_json_open_map(struct surety_json *json, const char *key, bool inlined)
{
    open_container(json, key, inlined, '{', '}');
}

void surety_json_open_list(struct surety_json *json, const char *key, bool inlined)
{
    open_container(json, key, inlined, '[', ']');
}

void surety_json_close(struct surety_json *json)
{
    assert(json->depth > 0);
    unsigned top = --json->depth;
    if (json->has_item[top] && !json->inlined[top])
        fprintf(json->out, "\n%*s", (int)(2 * top), "");
    putc(json->closing[top], json->out);
    if (top == 0)
        putc('\n', json->out);
}

void surety_json_number(struct surety_json *json, const char *key, double value)
{
    begin(json, key);
    if (isfinite(value))
        fprintf(json->out, "%.12g", value == 0.0 ? 0.0 : value);
    else
        fputs("null", json->out);
}

void surety_json_integer(struct surety_json *json, const char *key, uint64_t value)
{
    begin(json, key);
    fprintf(json->out, "%" PRIu64, value);
}

void surety_json_bool(struct surety_json *json, const char *key, bool value)
{
    begin(json, key);
    fputs(value ? "true" : "false", json->out);
}

void surety_json_text(struct surety_json *json, const char *key, const char *text)
{
    begin(json, key);
    if (text != NULL)
        put_string(json->out, text);
    else
        fputs("null", json->out);
}
