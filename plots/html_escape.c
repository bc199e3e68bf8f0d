// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/html.h"

#include "plots/wording.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

static const struct {
    char byte;
    const char *entity;
} entities[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
#define N_ENTITIES (sizeof entities / sizeof entities[0])

static const char *entity_of(char byte)
{
    for (size_t i = 0; i < N_ENTITIES; i++) {
        if (entities[i].byte == byte)
            return entities[i].entity;
    }
    return NULL;
}

void surety_html_text(FILE *out, const char *text)
{
    while (*text != '\0') {
        const size_t n = surety_wording_utf8_length(text);
        const unsigned char c = (unsigned char)*text;
        const bool is_c1 = n == 2 && c == 0xc2 && (unsigned char)text[1] < 0xa0;
        if (n == 0)
            fputs("\xef\xbf\xbd", out);
        else if (c == ' ' && text[1] == '%')
            fputs("&nbsp;", out); // a number keeps its unit when the line breaks
        else if (is_c1)
            fprintf(out, "\\x%02x", (unsigned)(unsigned char)text[1]);
        else if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7f)
            fprintf(out, "\\x%02x", (unsigned)c);
        else if (entity_of(*text) != NULL)
            fputs(entity_of(*text), out);
        else
            fwrite(text, 1, n, out);
        text += n > 0 ? n : 1;
    }
}

void surety_html_exact(FILE *out, const char *text, bool keep_lines)
{
    for (; *text != '\0'; text++) {
        const unsigned char c = (unsigned char)*text;
        if (entity_of(*text) != NULL)
            fputs(entity_of(*text), out);
        else if ((c < 0x20 && c != '\t' && !(c == '\n' && keep_lines)) || c == 0x7f)
            fprintf(out, "&#%u;", (unsigned)c);
        else
            putc(*text, out);
    }
}

// Which entity the `n` bytes at `text` begin with; N_ENTITIES: none.
static size_t entity_at(const char *text, size_t n)
{
    for (size_t k = 0; k < N_ENTITIES; k++) {
        const size_t length = strlen(entities[k].entity);
        if (length <= n && memcmp(text, entities[k].entity, length) == 0)
            return k;
    }
    return N_ENTITIES;
}

size_t surety_html_unescape(char *text, size_t n)
{
    size_t used = 0;
    for (size_t i = 0; i < n;) {
        if (text[i] != '&') {
            text[used++] = text[i++];
            continue;
        }
        const size_t k = entity_at(text + i, n - i);
        if (k < N_ENTITIES) {
            text[used++] = entities[k].byte;
            i += strlen(entities[k].entity);
            continue;
        }
        unsigned value = 0;
        size_t at = i + 2;
        if (n - i < 4 || text[i + 1] != '#')
            return SIZE_MAX;
        while (at < n && at < i + 5 && text[at] >= '0' && text[at] <= '9')
            value = value * 10 + (unsigned)(text[at++] - '0');
        if (at == n || text[at] != ';' || value == 0 || value > 0x7f)
            return SIZE_MAX;
        text[used++] = (char)value;
        i = at + 1;
    }
    return used;
}

void surety_html_put(FILE *out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    for (const char *p = format; *p != '\0'; p++) {
        if (*p != '%') {
            putc(*p, out);
            continue;
        }
        p++;
        assert(*p == 's' || *p == '%');
        if (*p == 's')
            surety_html_text(out, va_arg(args, const char *));
        else
            putc('%', out);
    }
    va_end(args);
}
