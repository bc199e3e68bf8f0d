// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/tz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIRECTORY "/usr/share/zoneinfo/"
#define MAX_BYTES 65536
#define MAX_LIST_BYTES (1 << 20)
#define MAX_NAME 64
#define MAX_KINDS 256
#define DAY_S 86400
#define NEVER_S INT64_MAX

// When in a year clocks change: Mm.w.d (week 5: the last such weekday), Jn (no leap day) or n (counted with it).
struct change {
    char form; // 'M', 'J' or 'N'
    int month, week, day;
    int64_t time_s; // of the local clock, may lie outside the day
};

// The footer: what holds after the last transition that is listed.
struct rule {
    bool given, has_dst;
    int32_t standard_s, dst_s;
    struct change start, end; // of daylight saving
};

struct kind {
    int32_t offset_s;
    bool is_dst;
};

struct surety_tz {
    size_t n;           // transitions
    int64_t *at_s;      // rising
    uint8_t *kind_of;   // from at_s[i] on
    struct kind *kinds; // kinds[0] holds before the first
    struct rule rule;
};

// --- the footer: a POSIX TZ string -----------------------------------------------------------------------------

// Reads digits; false when there are none or too many.
static bool read_number(const char **text, int most, int *out)
{
    int value = 0, n = 0;
    for (; **text >= '0' && **text <= '9' && n < 4; ++*text, n++)
        value = value * 10 + (**text - '0');
    *out = value;
    return n > 0 && value <= most;
}

// [+-]hh[:mm[:ss]]
static bool read_time(const char **text, int64_t *out_s)
{
    const int sign = **text == '-' ? -1 : 1;
    int part[3] = {0, 0, 0};
    if (**text == '-' || **text == '+')
        ++*text;
    for (int i = 0; i < 3; i++) {
        if (i > 0) {
            if (**text != ':')
                break;
            ++*text;
        }
        if (!read_number(text, i == 0 ? 167 : 59, &part[i]))
            return false;
    }
    *out_s = (int64_t)sign * (part[0] * 3600 + part[1] * 60 + part[2]);
    return true;
}

static bool skip_name(const char **text)
{
    const char *from = *text;
    if (*from == '<') {
        const char *to = strchr(from, '>');
        *text = to != NULL ? to + 1 : from;
        return to != NULL;
    }
    while ((**text >= 'A' && **text <= 'Z') || (**text >= 'a' && **text <= 'z'))
        ++*text;
    return *text - from >= 3;
}

static bool read_change(const char **text, struct change *out)
{
    *out = (struct change){.form = 'N', .time_s = 7200};
    if (**text == 'M') {
        out->form = 'M';
        ++*text;
        if (!read_number(text, 12, &out->month) || out->month < 1 || *(*text)++ != '.' ||
            !read_number(text, 5, &out->week) || out->week < 1 || *(*text)++ != '.' || !read_number(text, 6, &out->day))
            return false;
    } else {
        if (**text == 'J') {
            out->form = 'J';
            ++*text;
        }
        if (!read_number(text, 365, &out->day) || (out->form == 'J' && out->day < 1))
            return false;
    }
    if (**text != '/')
        return true;
    ++*text;
    return read_time(text, &out->time_s);
}

// "CET-1CEST,M3.5.0,M10.5.0/3". The text's offsets count westward.
static bool read_rule(const char *text, struct rule *out)
{
    int64_t offset_s;
    *out = (struct rule){.given = *text != '\0'};
    if (!out->given)
        return true;
    if (!skip_name(&text) || !read_time(&text, &offset_s))
        return false;
    out->standard_s = (int32_t)-offset_s;
    if (*text == '\0')
        return true;
    out->has_dst = true;
    out->dst_s = out->standard_s + 3600;
    if (!skip_name(&text))
        return false;
    if (*text != ',' && *text != '\0') {
        if (!read_time(&text, &offset_s))
            return false;
        out->dst_s = (int32_t)-offset_s;
    }
    return *text++ == ',' && read_change(&text, &out->start) && *text++ == ',' && read_change(&text, &out->end) &&
           *text == '\0';
}

// Seconds since 1970 on the local clock at which a change happens in `year`.
static int64_t change_s(const struct change *change, int year)
{
    const int64_t first = surety_date_days((struct surety_date){year, 1, 1});
    int64_t days;
    if (change->form == 'M') {
        const struct surety_date month = {year, change->month, 1};
        const int weekday = (surety_date_weekday(month) + 1) % 7; // Sunday = 0
        int day = (change->day - weekday + 7) % 7 + 7 * (change->week - 1);
        while (day >= surety_days_in_month(year, change->month))
            day -= 7;
        days = surety_date_days(month) + day;
    } else {
        const bool is_leap = surety_days_in_month(year, 2) == 29;
        days = first + change->day - (change->form == 'J' && !(is_leap && change->day >= 60));
    }
    return days * DAY_S + change->time_s;
}

static int year_of(int64_t local_s)
{
    const int64_t day = local_s >= 0 ? local_s / DAY_S : -((-local_s + DAY_S - 1) / DAY_S);
    return surety_date_from_days(day).year;
}

static struct kind rule_kind(const struct rule *rule, int64_t utc_s)
{
    struct kind standard = {rule->standard_s, false}, saving = {rule->dst_s, true};
    if (!rule->has_dst)
        return standard;
    const int year = year_of(utc_s + rule->standard_s);
    const int64_t start_s = change_s(&rule->start, year) - rule->standard_s;
    const int64_t end_s = change_s(&rule->end, year) - rule->dst_s;
    const bool on = start_s < end_s ? utc_s >= start_s && utc_s < end_s : utc_s >= start_s || utc_s < end_s;
    return on ? saving : standard;
}

// --- TZif ------------------------------------------------------------------------------------------------------

static uint64_t big_endian(const unsigned char *bytes, size_t n)
{
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++)
        value = value << 8 | bytes[i];
    return value;
}

#define HEADER 44

// Numbers of a header, in the file's order.
struct counts {
    size_t is_ut, is_standard, leap, times, kinds, letters;
};

static bool read_header(const unsigned char *bytes, size_t n, struct counts *out)
{
    if (n < HEADER || memcmp(bytes, "TZif", 4) != 0 || bytes[4] < '2')
        return false;
    size_t *const fields[] = {&out->is_ut, &out->is_standard, &out->leap, &out->times, &out->kinds, &out->letters};
    for (size_t i = 0; i < 6; i++) {
        *fields[i] = (size_t)big_endian(bytes + 20 + 4 * i, 4);
        if (*fields[i] > MAX_BYTES)
            return false;
    }
    return true;
}

static size_t block_size(const struct counts *c, size_t time_size)
{
    return c->times * (time_size + 1) + c->kinds * 6 + c->letters + c->leap * (time_size + 4) + c->is_standard +
           c->is_ut;
}

enum surety_tz_err surety_tz_parse(struct surety_arena *arena, const unsigned char *bytes, size_t n,
                                   const struct surety_tz **out)
{
    struct counts c;
    if (!read_header(bytes, n, &c))
        return SURETY_TZ_BROKEN;
    const size_t skip = HEADER + block_size(&c, 4); // the first block has 32-bit times
    if (skip > n || !read_header(bytes + skip, n - skip, &c))
        return SURETY_TZ_BROKEN;
    const unsigned char *at = bytes + skip + HEADER, *end = bytes + n;
    const size_t size = block_size(&c, 8);
    if (c.kinds == 0 || c.kinds > MAX_KINDS || size > (size_t)(end - at))
        return SURETY_TZ_BROKEN;
    struct surety_tz *tz = surety_arena_alloc(arena, sizeof *tz);
    if (tz == NULL)
        return SURETY_TZ_NO_MEMORY;
    *tz = (struct surety_tz){.n = c.times,
                             .at_s = surety_arena_calloc(arena, c.times, sizeof *tz->at_s),
                             .kind_of = surety_arena_calloc(arena, c.times, sizeof *tz->kind_of),
                             .kinds = surety_arena_calloc(arena, c.kinds, sizeof *tz->kinds)};
    if (tz->at_s == NULL || tz->kind_of == NULL || tz->kinds == NULL)
        return SURETY_TZ_NO_MEMORY;
    for (size_t i = 0; i < c.times; i++) {
        tz->at_s[i] = (int64_t)big_endian(at + 8 * i, 8);
        tz->kind_of[i] = at[8 * c.times + i];
        if (tz->kind_of[i] >= c.kinds || (i > 0 && tz->at_s[i] <= tz->at_s[i - 1]))
            return SURETY_TZ_BROKEN;
    }
    for (size_t i = 0; i < c.kinds; i++) {
        const unsigned char *kind = at + 9 * c.times + 6 * i;
        tz->kinds[i] = (struct kind){(int32_t)(uint32_t)big_endian(kind, 4), kind[4] != 0};
        if (tz->kinds[i].offset_s < -26 * 3600 || tz->kinds[i].offset_s > 26 * 3600)
            return SURETY_TZ_BROKEN;
    }
    const char *footer = (const char *)at + size;
    const char *stop = size + 2 <= (size_t)(end - at) && *footer == '\n'
                           ? memchr(footer + 1, '\n', (size_t)(end - (const unsigned char *)footer) - 1)
                           : NULL;
    char text[128];
    if (stop == NULL || (size_t)(stop - footer) > sizeof text)
        return SURETY_TZ_BROKEN;
    memcpy(text, footer + 1, (size_t)(stop - footer) - 1);
    text[stop - footer - 1] = '\0';
    if (!read_rule(text, &tz->rule))
        return SURETY_TZ_BROKEN;
    *out = tz;
    return SURETY_TZ_OK;
}

// --- files -----------------------------------------------------------------------------------------------------

// At most `most` bytes of a file; NULL when it cannot be read or is larger. The caller frees it.
static unsigned char *read_file(const char *path, size_t most, size_t *n)
{
    FILE *file = fopen(path, "rb");
    unsigned char *bytes = file != NULL ? malloc(most + 1) : NULL;
    *n = bytes != NULL ? fread(bytes, 1, most + 1, file) : 0;
    if (bytes != NULL && (ferror(file) || *n > most)) {
        free(bytes);
        bytes = NULL;
    }
    if (file != NULL)
        fclose(file);
    return bytes;
}

// Words of letters, digits, _ + - joined by single '/', the first letter a capital: nothing that leaves the directory
// or names its other files.
static bool is_name(const char *name)
{
    const size_t n = strlen(name);
    if (n == 0 || n > MAX_NAME || name[0] < 'A' || name[0] > 'Z')
        return false;
    for (size_t i = 0; i < n; i++) {
        const char c = name[i];
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '_' && c != '+' && c != '-' && !(c == '/' && name[i + 1] != '/' && name[i + 1] != '\0'))
            return false;
    }
    return true;
}

enum surety_tz_err surety_tz_load(struct surety_arena *arena, const char *name, const struct surety_tz **out)
{
    static struct kind utc_kind = {0, false};
    static const struct surety_tz utc = {.kinds = &utc_kind};
    if (strcmp(name, "UTC") == 0) {
        *out = &utc;
        return SURETY_TZ_OK;
    }
    char path[sizeof DIRECTORY + MAX_NAME];
    if (!is_name(name))
        return SURETY_TZ_UNKNOWN;
    snprintf(path, sizeof path, DIRECTORY "%s", name);
    size_t n;
    unsigned char *bytes = read_file(path, MAX_BYTES, &n);
    if (bytes == NULL) {
        bytes = read_file(DIRECTORY "Europe/London", MAX_BYTES, &n);
        free(bytes);
        return bytes == NULL ? SURETY_TZ_NO_DATABASE : SURETY_TZ_UNKNOWN;
    }
    // a directory is opened and reads as nothing
    const enum surety_tz_err err = n == 0 ? SURETY_TZ_UNKNOWN : surety_tz_parse(arena, bytes, n, out);
    free(bytes);
    return err;
}

// tzdata.zi has a line "Z NAME ..." for a zone and "L TARGET NAME" for another name of it.
size_t surety_tz_names(struct surety_arena *arena, const char ***out)
{
    size_t n_bytes, n = 0, capacity = 1;
    unsigned char *bytes = read_file(DIRECTORY "tzdata.zi", MAX_LIST_BYTES, &n_bytes);
    if (bytes == NULL)
        return 0;
    bytes[n_bytes] = '\0'; // there is room for one more than the most
    for (size_t i = 0; i < n_bytes; i++)
        capacity += bytes[i] == '\n';
    const char **names = surety_arena_calloc(arena, capacity, sizeof *names);
    char *rest = (char *)bytes;
    for (char *line; names != NULL && (line = strtok_r(rest, "\n", &rest)) != NULL;) {
        if (line[0] == '\0' || line[1] != ' ' || (line[0] != 'Z' && line[0] != 'L'))
            continue;
        const char *name = line + 2;
        if (line[0] == 'L')
            name += strcspn(name, " ") + (strchr(name, ' ') != NULL);
        if ((names[n] = surety_arena_strndup(arena, name, strcspn(name, " "))) != NULL)
            n++;
    }
    free(bytes);
    *out = names;
    return n;
}

// --- questions -------------------------------------------------------------------------------------------------

// Number of listed transitions at or before utc_s.
static size_t n_passed(const struct surety_tz *tz, int64_t utc_s)
{
    size_t low = 0, high = tz->n;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (tz->at_s[middle] <= utc_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct kind kind_at(const struct surety_tz *tz, int64_t utc_s)
{
    const size_t n = n_passed(tz, utc_s);
    if (n == tz->n && tz->rule.given)
        return rule_kind(&tz->rule, utc_s);
    return tz->kinds[n > 0 ? tz->kind_of[n - 1] : 0];
}

// The next instant after utc_s at which the offset may change.
static int64_t next_change_s(const struct surety_tz *tz, int64_t utc_s)
{
    const size_t n = n_passed(tz, utc_s);
    int64_t next_s = n < tz->n ? tz->at_s[n] : NEVER_S;
    if (n < tz->n || !tz->rule.given || !tz->rule.has_dst)
        return next_s;
    const int year = year_of(utc_s + tz->rule.standard_s);
    for (int y = year - 1; y <= year + 1; y++) {
        const int64_t at_s[2] = {change_s(&tz->rule.start, y) - tz->rule.standard_s,
                                 change_s(&tz->rule.end, y) - tz->rule.dst_s};
        for (int i = 0; i < 2; i++)
            if (at_s[i] > utc_s && at_s[i] < next_s)
                next_s = at_s[i];
    }
    return next_s;
}

int32_t surety_tz_offset_s(const struct surety_tz *tz, int64_t utc_s)
{
    return kind_at(tz, utc_s).offset_s;
}

int32_t surety_tz_standard_offset_s(const struct surety_tz *tz, int64_t utc_s)
{
    const struct kind now = kind_at(tz, utc_s);
    if (!now.is_dst)
        return now.offset_s;
    size_t n = n_passed(tz, utc_s);
    if (n == tz->n && tz->rule.given)
        return tz->rule.standard_s;
    for (; n > 0; n--)
        if (!tz->kinds[tz->kind_of[n - 1]].is_dst)
            return tz->kinds[tz->kind_of[n - 1]].offset_s;
    return tz->kinds[0].offset_s;
}

int64_t surety_tz_day_start_s(const struct surety_tz *tz, struct surety_date date)
{
    // Midnight on the local clock, looked for stretch by stretch of constant offset from well before it.
    const int64_t local_s = surety_date_days(date) * DAY_S;
    for (int64_t from_s = local_s - 2 * DAY_S;;) {
        const int64_t to_s = next_change_s(tz, from_s), midnight_s = local_s - kind_at(tz, from_s).offset_s;
        if (midnight_s < to_s)
            return midnight_s > from_s ? midnight_s : from_s;
        from_s = to_s;
    }
}
