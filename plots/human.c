// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/human.h"

#include "sim/base/diag.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DECIMALS 9

// Decimals of a percentage that show `digits` significant digits of its distance to 0 or 100 %, within [1, 9].
static int decimals_of(double share, int digits)
{
    double near = fmin(share, 1.0 - share) * 100.0;
    int decimals = near > 0.0 ? digits - 1 - (int)floor(log10(near)) : 1;
    return decimals < 1 ? 1 : decimals > MAX_DECIMALS ? MAX_DECIMALS : decimals;
}

// At least `decimals`, more where the share would read as certainty that it is not. Without the unit.
static void put_percent(char out[SURETY_HUMAN_SIZE], double share, int decimals)
{
    for (; decimals <= MAX_DECIMALS; decimals++) {
        snprintf(out, SURETY_HUMAN_SIZE, "%.*f", decimals, share * 100.0);
        double shown = strtod(out, NULL);
        if ((shown > 0.0 || share <= 0.0) && (shown < 100.0 || share >= 1.0))
            break;
    }
    if (share <= 0.0 || share >= 1.0)
        snprintf(out, SURETY_HUMAN_SIZE, share > 0.5 ? "100" : "0");
    else if (decimals > MAX_DECIMALS)
        snprintf(out, SURETY_HUMAN_SIZE, share > 0.5 ? "> 99.999999999" : "< 0.000000001");
}

void surety_human_percent(char out[SURETY_HUMAN_SIZE], double share, int digits)
{
    if (isnan(share)) {
        snprintf(out, SURETY_HUMAN_SIZE, "-");
        return;
    }
    put_percent(out, share, decimals_of(share, digits));
    strcat(out, " %");
}

void surety_human_interval(char out[2 * SURETY_HUMAN_SIZE], double lo, double p, double hi)
{
    char from[SURETY_HUMAN_SIZE], to[SURETY_HUMAN_SIZE];
    double guide = p > 0.0 && p < 1.0 ? p : p <= 0.0 ? hi : lo;
    int decimals = decimals_of(guide, 2);
    put_percent(from, lo, decimals);
    put_percent(to, hi, decimals);
    snprintf(out, 2 * SURETY_HUMAN_SIZE, "%.32s to %.32s %%", from, to);
}

// One end of a range, without the unit.
static void put_end(char out[SURETY_HUMAN_SIZE], double share, int decimals)
{
    const double least = pow(10, -decimals - 2);
    if (share < least)
        snprintf(out, SURETY_HUMAN_SIZE, "< %.*f", decimals, 100 * least);
    else if (share > 1 - least)
        snprintf(out, SURETY_HUMAN_SIZE, "> %.*f", decimals, 100 * (1 - least));
    else {
        const int wanted = decimals_of(share, 2);
        put_percent(out, share, wanted < decimals ? wanted : decimals);
    }
}

void surety_human_range(char out[2 * SURETY_HUMAN_SIZE], double lo, double hi, uint64_t n)
{
    char from[SURETY_HUMAN_SIZE], to[SURETY_HUMAN_SIZE];
    int decimals = 1;
    for (uint64_t power = 10000; power <= n && decimals < MAX_DECIMALS; power *= 10)
        decimals++;
    put_end(from, lo, decimals);
    put_end(to, hi, decimals);
    snprintf(out, 2 * SURETY_HUMAN_SIZE, "%.32s to %.32s %%", from, to);
}

void surety_human_target(char out[SURETY_HUMAN_SIZE], double share)
{
    snprintf(out, SURETY_HUMAN_SIZE, "%.7f", share * 100.0);
    size_t n = strlen(out);
    while (n > 0 && out[n - 1] == '0')
        n--;
    if (n > 0 && out[n - 1] == '.')
        n--;
    snprintf(out + n, SURETY_HUMAN_SIZE - n, " %%");
}

void surety_human_duration(char out[SURETY_HUMAN_SIZE], double seconds)
{
    // largest value (rounded) shown in each unit, and the unit in seconds
    static const struct {
        double below, unit;
        const char *name;
    } units[] = {{0.9995, 1e-3, "ms"},
                 {99.5, 1.0, "s"},
                 {99.5 * 60, 60.0, "min"},
                 {47.5 * 3600, 3600.0, "h"},
                 {INFINITY, 86400.0, "d"}};
    if (isnan(seconds)) {
        snprintf(out, SURETY_HUMAN_SIZE, "-");
        return;
    }
    if (seconds <= 0.0) {
        snprintf(out, SURETY_HUMAN_SIZE, "0 s");
        return;
    }
    size_t i = 0;
    while (seconds >= units[i].below)
        i++;
    double value = seconds / units[i].unit;
    snprintf(out, SURETY_HUMAN_SIZE, value < 9.95 ? "%.1f %s" : "%.0f %s", value, units[i].name);
}

void surety_human_latency(char out[SURETY_HUMAN_SIZE], double seconds)
{
    const bool is_short = seconds < 0.9995;
    const double value = is_short ? seconds * 1e3 : seconds;
    const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    if (isinf(seconds))
        snprintf(out, SURETY_HUMAN_SIZE, "very long");
    else
        snprintf(out, SURETY_HUMAN_SIZE, "%.*f %s", value == floor(value) ? 0 : decimals, value, is_short ? "ms" : "s");
}

void surety_human_count(char out[SURETY_HUMAN_SIZE], uint64_t n)
{
    char digits[SURETY_HUMAN_SIZE];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, n);
    size_t used = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            out[used++] = ',';
        out[used++] = digits[i];
    }
    out[used] = '\0';
}

// Columns that the byte takes when printed: a control character \xNN four, a continuation byte none.
static size_t columns_of(unsigned char byte)
{
    if (byte < 0x20 || byte == 0x7f)
        return 4;
    return (byte & 0xc0) == 0x80 ? 0 : 1;
}

static void put_byte(FILE *out, unsigned char byte)
{
    if (byte < 0x20 || byte == 0x7f)
        fprintf(out, "\\x%02x", (unsigned)byte);
    else
        putc(byte, out);
}

// A line may end at this space: not between a number and what it counts.
static bool is_break(const char *text, size_t i)
{
    return text[i] == ' ' && (i == 0 || text[i - 1] < '0' || text[i - 1] > '9');
}

// A copy in which broken UTF-8, C1 controls and characters that turn the writing direction stand as \xNN. Heap.
static char *clean(const char *text)
{
    const size_t n = strlen(text);
    char *copy = malloc(4 * n + 1), *to = copy;
    for (size_t i = 0; copy != NULL && i < n;) {
        const size_t length =
            (unsigned char)text[i] < 0x80 ? 1 : surety_printable((const unsigned char *)text + i, n - i);
        if (length > 0) {
            memcpy(to, text + i, length);
            to += length;
            i += length;
        } else {
            to += sprintf(to, "\\x%02x", (unsigned)(unsigned char)text[i++]);
        }
    }
    if (copy != NULL)
        *to = '\0';
    return copy;
}

static void put_wrapped(FILE *out, const char *lead, const char *text);

void surety_human_wrapped(FILE *out, const char *lead, const char *text)
{
    char *safe = clean(text);
    put_wrapped(out, lead, safe != NULL ? safe : "(out of memory)");
    free(safe);
}

static void put_wrapped(FILE *out, const char *lead, const char *text)
{
    const int indent = (int)strlen(lead);
    fputs(lead, out);
    size_t column = (size_t)indent;
    bool line_empty = true;
    while (*text != '\0') {
        size_t width = 0, length = 0;
        for (; text[length] != '\0' && !is_break(text, length); length++)
            width += columns_of((unsigned char)text[length]);
        if (!line_empty && column + 1 + width > SURETY_REPORT_COLUMNS) {
            fprintf(out, "\n%*s", indent, "");
            column = (size_t)indent;
            line_empty = true;
        }
        if (!line_empty) {
            putc(' ', out);
            column++;
        }
        for (size_t i = 0; i < length; i++) { // a word longer than the line is cut
            if (column + columns_of((unsigned char)text[i]) > SURETY_REPORT_COLUMNS) {
                fprintf(out, "\n%*s", indent, "");
                column = (size_t)indent;
            }
            put_byte(out, (unsigned char)text[i]);
            column += columns_of((unsigned char)text[i]);
        }
        line_empty = line_empty && length == 0;
        text += length;
        while (*text == ' ')
            text++;
    }
    putc('\n', out);
}
