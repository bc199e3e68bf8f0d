// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/scenario/units.h"

#include "sim/base/ppb.h"

#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_NUMBER 40
#define MONTH_S (365.0 * 86400 / 12)

struct unit {
    const char *name;
    double factor;
};

static const struct unit durations[] = {{"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}, {"w", 604800}};

static const struct unit rates[] = {{"s", 1},         {"sec", 1},         {"min", 60},       {"h", 3600},
                                    {"hour", 3600},   {"d", 86400},       {"day", 86400},    {"w", 604800},
                                    {"week", 604800}, {"month", MONTH_S}, {"year", 31536000}};

static const struct unit denominators[] = {{"month", 1},
                                           {"year", 12},
                                           {"tok", 1},
                                           {"ktok", 1e3},
                                           {"Mtok", 1e6},
                                           {"Gtok", 1e9},
                                           {"s", 1},
                                           {"min", 60},
                                           {"h", 3600},
                                           {"request", 1},
                                           {"task", 1},
                                           {"case", 1},
                                           {"week", 604800 / MONTH_S},
                                           {"day", 86400 / MONTH_S},
                                           {"hour", 3600 / MONTH_S}};

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

// Always false, so that a parser can `return fail(...)`.
static bool fail(struct surety_problem *problem, const char *hint, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool fail(struct surety_problem *problem, const char *hint, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(problem->what, sizeof problem->what, format, list);
    va_end(list);
    snprintf(problem->hint, sizeof problem->hint, "%s", hint);
    return false;
}

static size_t digits(const char *text)
{
    return strspn(text, "0123456789");
}

// Bytes of the decimal number at the start of the text, 0 for none.
static size_t number_length(const char *text)
{
    size_t i = text[0] == '-' || text[0] == '+' ? 1 : 0;
    size_t whole = digits(text + i), fraction = 0;
    i += whole;
    if (text[i] == '.') {
        fraction = digits(text + i + 1);
        i += 1 + fraction;
    }
    if (whole + fraction == 0)
        return 0;
    if (text[i] == 'e' || text[i] == 'E') {
        size_t sign = text[i + 1] == '-' || text[i + 1] == '+' ? 1 : 0;
        size_t exponent = digits(text + i + 1 + sign);
        if (exponent > 0)
            i += 1 + sign + exponent;
    }
    return i;
}

// The number at the start of the text; what follows it is *rest.
static bool leading_number(const char *text, double *out, const char **rest, struct surety_problem *problem)
{
    size_t n = number_length(text);
    if (text[0] == '\0')
        return fail(problem, "", "there is no value");
    if (n == 0)
        return fail(problem, "", "'%.40s' does not start with a number", text);
    if (n > LONGEST_NUMBER)
        return fail(problem, "", "the number has more than %d characters", LONGEST_NUMBER);
    if (text[n] == ',' || text[n] == '_' || text[n] == '\'')
        return fail(problem, "write numbers without separators, with a point before the decimals",
                    "'%.40s' is not a plain number", text);
    // strtod reads the decimal point of the current locale; only the characters checked above get to it.
    char copy[LONGEST_NUMBER + 32];
    const char *point = localeconv()->decimal_point;
    size_t n_point = strlen(point), at = 0;
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '.' && n_point > 0 && n_point < 16) {
            memcpy(copy + at, point, n_point);
            at += n_point;
        } else {
            copy[at++] = text[i];
        }
    }
    copy[at] = '\0';
    double value = strtod(copy, NULL);
    if (!isfinite(value))
        return fail(problem, "", "'%.40s' is too large a number", text);
    *out = value;
    *rest = text + n;
    return true;
}

static const struct unit *find_unit(const struct unit *units, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(units[i].name, name) == 0)
            return &units[i];
    return NULL;
}

// A blank before the unit is the most frequent mistake: true, with a message, when there is one and `rest` without it
// would be right. unit: what must follow exactly; NULL: one of the n units, after `before` if that is not 0.
static bool has_blank(const char *text, const char *rest, const char *unit, const struct unit *units, size_t n,
                      char before, struct surety_problem *problem)
{
    const char *after = rest + strspn(rest, " ");
    if (after == rest)
        return false;
    const char *name = before != '\0' && after[0] == before ? after + 1 : after;
    if (unit != NULL ? strcmp(after, unit) != 0
                     : (before != '\0' && name == after) || find_unit(units, n, name) == NULL)
        return false;
    char hint[100];
    snprintf(hint, sizeof hint, "write %.*s%.20s", (int)(rest - text), text, after);
    fail(problem, hint, "'%.40s' has a blank between number and unit", text);
    return true;
}

bool surety_parse_number(const char *text, double *out, struct surety_problem *problem)
{
    double value = 0;
    const char *rest = "";
    if (!leading_number(text, &value, &rest, problem))
        return false;
    if (rest[0] != '\0')
        return fail(problem, "write a plain number like 0.77", "'%.40s' has text after the number", text);
    *out = value;
    return true;
}

bool surety_parse_integer(const char *text, int64_t *out, struct surety_problem *problem)
{
    double value = 0;
    if (!surety_parse_number(text, &value, problem))
        return false;
    if (value != floor(value) || fabs(value) > 9e15)
        return fail(problem, "", "'%.40s' is not a whole number", text);
    *out = (int64_t)value;
    return true;
}

bool surety_parse_duration(const char *text, double *out_s, struct surety_problem *problem)
{
    double value = 0;
    const char *rest = "";
    if (!leading_number(text, &value, &rest, problem)) {
        if (problem->hint[0] == '\0')
            snprintf(problem->hint, sizeof problem->hint, "write a duration like 350ms, 45s, 5m, 1.5h, 30d or 2w");
        return false;
    }
    if (rest[0] == '\0') {
        char hint[160];
        snprintf(hint, sizeof hint, "write %.20ss for seconds, %.20sm for minutes, %.20sh for hours, %.20sd for days",
                 text, text, text, text);
        return fail(problem, hint, "%.40s is a number without a unit", text);
    }
    const struct unit *unit = find_unit(durations, COUNT_OF(durations), rest);
    if (unit == NULL) {
        if (has_blank(text, rest, NULL, durations, COUNT_OF(durations), '\0', problem))
            return false;
        return fail(problem, "the units are ms, s, m (minutes), h, d and w; for a month write 30d, for a year 365d",
                    "'%.20s' is not a unit of time", rest);
    }
    if (value < 0)
        return fail(problem, "", "%.40s is negative", text);
    double seconds = unit->factor < 1 ? value / 1000 : value * unit->factor; // dividing gives 0.35 for 350ms
    if (seconds > SURETY_LONGEST_S)
        return fail(problem, "", "%.40s is longer than 30,000 years", text);
    *out_s = seconds;
    return true;
}

bool surety_parse_share(const char *text, int64_t *out_ppb, struct surety_problem *problem)
{
    double value = 0;
    const char *rest = "";
    if (!leading_number(text, &value, &rest, problem)) {
        if (problem->hint[0] == '\0')
            snprintf(problem->hint, sizeof problem->hint, "write a share like 99.95%% or 0.9995");
        return false;
    }
    bool percent = strcmp(rest, "%") == 0;
    if (rest[0] != '\0' && !percent) {
        if (has_blank(text, rest, "%", NULL, 0, '\0', problem))
            return false;
        return fail(problem, "write a share like 99.95% or 0.9995", "'%.40s' has text after the number", text);
    }
    double share = percent ? value / 100 : value;
    if (share < 0 || share > 1) {
        char hint[120];
        snprintf(hint, sizeof hint, "allowed: 0%% to 100%%");
        if (!percent && share > 1 && share <= 100)
            snprintf(hint, sizeof hint, "allowed: 0%% to 100%%; did you mean %.20s%%?", text);
        return fail(problem, hint, "%.40s is not a share", text);
    }
    int64_t ppb = surety_ppb(share);
    if ((ppb == 0 && share > 0) || (ppb == SURETY_PPB_ONE && share < 1))
        return fail(problem, "write 0%, 100% or at most 9 decimals", "%.40s is finer than 1e-9, the step of shares",
                    text);
    *out_ppb = ppb;
    return true;
}

bool surety_parse_factor(const char *text, double *out, struct surety_problem *problem)
{
    double value = 0;
    const char *rest = "";
    if (!leading_number(text, &value, &rest, problem))
        return false;
    if (strcmp(rest, "x") != 0) {
        if (has_blank(text, rest, "x", NULL, 0, '\0', problem))
            return false;
        return fail(problem, "write a factor like 1.6x", "'%.40s' is not a factor", text);
    }
    if (value <= 0)
        return fail(problem, "a factor is greater than 0", "%.40s is not allowed", text);
    *out = value;
    return true;
}

bool surety_parse_growth(const char *text, double *out, struct surety_problem *problem)
{
    double value = 0;
    const char *rest = "";
    if (!leading_number(text, &value, &rest, problem))
        return false;
    if (strcmp(rest, "%/month") != 0) {
        if (has_blank(text, rest, "%/month", NULL, 0, '\0', problem))
            return false;
        return fail(problem, "write a growth like 2%/month", "'%.40s' is not a growth per month", text);
    }
    if (value <= -100)
        return fail(problem, "", "%.40s would leave less than nothing", text);
    *out = value / 100;
    return true;
}

bool surety_parse_points(const char *text, double *out, struct surety_problem *problem)
{
    double value = 0;
    const char *rest = "";
    if (!leading_number(text, &value, &rest, problem))
        return false;
    if (strcmp(rest, "pp") != 0) {
        if (has_blank(text, rest, "pp", NULL, 0, '\0', problem))
            return false;
        return fail(problem, "write percentage points like -2pp", "'%.40s' is not a difference in percentage points",
                    text);
    }
    if (value < -100 || value > 100)
        return fail(problem, "allowed: -100pp to 100pp", "%.40s is more than all", text);
    *out = floor(value * 1e7 + 0.5) * 1e-9;
    return true;
}

// Multiplies by the suffix k, M or G at *rest, if there is one.
static void suffix(double *value, const char **rest)
{
    double factor = **rest == 'k' ? 1e3 : **rest == 'M' ? 1e6 : **rest == 'G' ? 1e9 : 0;
    if (factor > 0) {
        *value *= factor;
        *rest += 1;
    }
}

bool surety_parse_rate(const char *text, double *out_per_s, struct surety_problem *problem)
{
    double value = 0;
    const char *rest = "";
    if (!leading_number(text, &value, &rest, problem)) {
        if (problem->hint[0] == '\0')
            snprintf(problem->hint, sizeof problem->hint, "write a rate like 40/min, 9/year or 200k/month");
        return false;
    }
    suffix(&value, &rest);
    if (rest[0] == '\0') {
        char hint[120];
        snprintf(hint, sizeof hint, "write a rate like %.20s/min, %.20s/day or %.20s/year", text, text, text);
        return fail(problem, hint, "%.40s does not say per which time", text);
    }
    const struct unit *unit = rest[0] == '/' ? find_unit(rates, COUNT_OF(rates), rest + 1) : NULL;
    if (unit == NULL) {
        if (has_blank(text, rest, NULL, rates, COUNT_OF(rates), '/', problem))
            return false;
        return fail(problem, "write a rate like 40/min; the times are s, min, h, day, week, month and year",
                    "'%.40s' is not a rate", text);
    }
    if (value < 0)
        return fail(problem, "", "%.40s is negative", text);
    *out_per_s = value / unit->factor;
    return true;
}

bool surety_parse_count(const char *text, double *out, struct surety_problem *problem)
{
    double value = 0;
    const char *rest = "";
    if (!leading_number(text, &value, &rest, problem)) {
        if (problem->hint[0] == '\0')
            snprintf(problem->hint, sizeof problem->hint, "write a count like 200, 1.1k or 2M");
        return false;
    }
    suffix(&value, &rest);
    if (rest[0] != '\0')
        return fail(problem, "write a count like 200, 1.1k or 2M (k thousand, M million, G billion)",
                    "'%.40s' is not a count", text);
    if (value < 0)
        return fail(problem, "", "%.40s is negative", text);
    *out = value;
    return true;
}

// The word of `list` (separated by blanks) that equals `word`.
static bool is_listed(const char *list, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = list; *at != '\0';) {
        size_t length = strcspn(at, " ");
        if (length == n && strncmp(at, word, n) == 0)
            return true;
        at += length + strspn(at + length, " ");
    }
    return false;
}

bool surety_parse_money(const char *text, const char *per, double *out, char currency[4],
                        struct surety_problem *problem)
{
    double value = 0;
    const char *rest = "";
    char hint[160];
    snprintf(hint, sizeof hint, "write an amount with its currency, like 24 USD/%.*s", (int)strcspn(per, " "), per);
    if (!leading_number(text, &value, &rest, problem)) {
        if (problem->hint[0] == '\0')
            snprintf(problem->hint, sizeof problem->hint, "%s", hint);
        return false;
    }
    suffix(&value, &rest);
    if (rest[0] == '\0')
        snprintf(hint, sizeof hint, "write it with its currency, like %.20s USD/%.*s", text, (int)strcspn(per, " "),
                 per);
    rest += strspn(rest, " ");
    size_t n = strspn(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    if (n != 3)
        return fail(problem, hint, "'%.40s' names no currency (three capital letters)", text);
    if (rest[n] == '\0')
        return fail(problem, hint, "'%.40s' does not say per what", text);
    const char *denominator = rest[n] == '/' ? rest + n + 1 : "";
    const struct unit *unit = find_unit(denominators, COUNT_OF(denominators), denominator);
    if (unit == NULL || !is_listed(per, denominator)) {
        snprintf(hint, sizeof hint, "allowed here: %.3s/%.*s (of: %.100s)", rest, (int)strcspn(per, " "), per, per);
        return fail(problem, hint, "'%.40s' is not an amount that can stand here", text);
    }
    if (value < 0)
        return fail(problem, "", "%.40s is negative", text);
    *out = value / unit->factor;
    memcpy(currency, rest, 3);
    currency[3] = '\0';
    return true;
}

void surety_format_duration(double seconds, char out[32])
{
    // Up to days (14d reads better than 2w): the largest unit that is exact in three decimals and not below 1.
    const size_t n = COUNT_OF(durations) - 1;
    size_t best = n;
    for (size_t i = 0; i < n; i++) {
        double value = seconds / durations[i].factor;
        if (value >= 1 && value < 1000 && fabs(value * 1e3 - round(value * 1e3)) < 1e-6)
            best = i;
    }
    if (best == n) { // none: the largest unit, rounded
        best = seconds > 0 && seconds < 1 ? 0 : 1;
        for (size_t i = 1; i < n && seconds / durations[i].factor >= 1; i++)
            best = i;
    }
    snprintf(out, 32, "%.6g%s", seconds / durations[best].factor, durations[best].name);
}
