// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/scenario/schema.h"

#include "sim/base/calendar.h"
#include "sim/base/ppb.h"
#include "sim/scenario/uncertain.h"
#include "sim/scenario/units.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// A value as read, before it is stored.
struct scalar {
    double number;   // SI units; also of the integer kinds, for the limits
    int64_t integer; // PPB, DURATION_US, INTEGER
};

static void format_value(const struct surety_field *row, double value, char out[48])
{
    char duration[32];
    switch (row->kind) {
    case SURETY_KIND_DURATION:
    case SURETY_KIND_DURATION_US:
        surety_format_duration(value, duration);
        snprintf(out, 48, "%s", duration);
        break;
    case SURETY_KIND_SHARE:
    case SURETY_KIND_PPB:
        snprintf(out, 48, "%.10g%%", value * 100);
        break;
    case SURETY_KIND_FACTOR:
        snprintf(out, 48, "%.6gx", value);
        break;
    case SURETY_KIND_POINTS:
        snprintf(out, 48, "%.10gpp", value * 100);
        break;
    case SURETY_KIND_GROWTH:
        snprintf(out, 48, "%.6g%%/month", value * 100);
        break;
    case SURETY_KIND_RATE:
        snprintf(out, 48, "%.6g/s", value);
        break;
    default:
        snprintf(out, 48, "%.10g", value);
        break;
    }
}

static bool within_limits(struct surety_reader *reader, const struct surety_field *row, const struct surety_ynode *node,
                          const char *path, double value)
{
    if (row->min == 0 && row->max == 0 && !row->above_min)
        return true;
    bool has_max = row->max > row->min || (row->max == row->min && !row->above_min);
    bool low = row->above_min ? value <= row->min : value < row->min;
    if (!low && !(has_max && value > row->max))
        return true;
    char least[48], most[48], hint[160];
    format_value(row, row->min, least);
    format_value(row, row->max, most);
    if (has_max && row->max == row->min)
        snprintf(hint, sizeof hint, "allowed: %s", least);
    else if (has_max && isfinite(row->max))
        snprintf(hint, sizeof hint, "allowed: %s%s to %s", row->above_min ? "above " : "", least, most);
    else
        snprintf(hint, sizeof hint, "allowed: %s %s", row->above_min ? "more than" : "at least", least);
    surety_complain(reader, SURETY_D_RANGE, node, path, hint, "%.60s is %s", node->text,
                    low ? "too small" : "too large");
    return false;
}

static bool same_currency(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                          const char *currency)
{
    if (reader->currency[0] == '\0') {
        memcpy(reader->currency, currency, 4);
        reader->currency_place = node->place;
        return true;
    }
    if (strcmp(reader->currency, currency) == 0)
        return true;
    char hint[100];
    snprintf(hint, sizeof hint, "all amounts must be in %s, as at line %zu", reader->currency,
             reader->currency_place.line);
    surety_complain(reader, SURETY_D_CURRENCY, node, path, hint, "%.60s is in another currency", node->text);
    return false;
}

static bool parse(const struct surety_field *row, const char *text, struct scalar *out, char currency[4],
                  struct surety_problem *problem)
{
    switch (row->kind) {
    case SURETY_KIND_DURATION:
        return surety_parse_duration(text, &out->number, problem);
    case SURETY_KIND_DURATION_US:
        if (!surety_parse_duration(text, &out->number, problem))
            return false;
        out->integer = (int64_t)(out->number * 1e6 + 0.5);
        return true;
    case SURETY_KIND_SHARE:
    case SURETY_KIND_PPB:
        if (!surety_parse_share(text, &out->integer, problem))
            return false;
        out->number = (double)out->integer / 1e9;
        return true;
    case SURETY_KIND_FACTOR:
        return surety_parse_factor(text, &out->number, problem);
    case SURETY_KIND_POINTS:
        return surety_parse_points(text, &out->number, problem);
    case SURETY_KIND_GROWTH:
        return surety_parse_growth(text, &out->number, problem);
    case SURETY_KIND_RATE:
        return surety_parse_rate(text, &out->number, problem);
    case SURETY_KIND_COUNT:
        return surety_parse_count(text, &out->number, problem);
    case SURETY_KIND_NUMBER:
        return surety_parse_number(text, &out->number, problem);
    case SURETY_KIND_MONEY:
        return surety_parse_money(text, row->per, &out->number, currency, problem);
    default:
        if (!surety_parse_integer(text, &out->integer, problem))
            return false;
        out->number = (double)out->integer;
        return true;
    }
}

static bool is_integer_kind(enum surety_kind kind)
{
    return kind == SURETY_KIND_DURATION_US || kind == SURETY_KIND_PPB || kind == SURETY_KIND_INTEGER;
}

static size_t count_words(const char *const *words)
{
    size_t n = 0;
    while (words != NULL && words[n] != NULL)
        n++;
    return n;
}

static bool is_one_of(const char *const *words, const char *text)
{
    for (size_t i = 0; words != NULL && words[i] != NULL; i++)
        if (strcmp(words[i], text) == 0)
            return true;
    return false;
}

static bool read_number(struct surety_reader *reader, const struct surety_field *row, const struct surety_ynode *node,
                        const char *path, void *out)
{
    struct scalar value = {.number = 0};
    if (surety_is_range(node)) {
        if (!surety_read_range(reader, row, node, path, &value.number) ||
            !within_limits(reader, row, node, path, value.number))
            return false;
        if (row->kind == SURETY_KIND_SHARE)
            value.number = (double)(int64_t)(value.number * 1e9 + 0.5) / 1e9;
        value.integer = (int64_t)(value.number * (row->kind == SURETY_KIND_PPB ? 1e9 : 1e6) + 0.5);
    } else if (is_one_of(row->words, node->text)) {
        bool never = strcmp(node->text, "never") == 0 || strcmp(node->text, "unlimited") == 0;
        value.integer = never ? SURETY_NEVER : -1;
        value.number = never ? INFINITY : 0;
    } else {
        struct surety_problem problem = {.hint = ""};
        char currency[4] = "";
        if (!parse(row, node->text, &value, currency, &problem)) {
            const char *hint = problem.hint[0] == '\0' ? NULL : problem.hint;
            if (row->words != NULL)
                hint = surety_scratch_printf(reader, "%s%sor the word `%s`", problem.hint, hint == NULL ? "" : ", ",
                                             row->words[0]);
            // A share such as 130% reads well, it is just not allowed.
            bool range = (row->kind == SURETY_KIND_SHARE || row->kind == SURETY_KIND_PPB) &&
                         strstr(problem.what, "is not a share") != NULL;
            surety_complain(reader, range ? SURETY_D_RANGE : SURETY_D_VALUE, node, path, hint, "%s", problem.what);
            return false;
        }
        if (currency[0] != '\0' && !same_currency(reader, node, path, currency))
            return false;
        if (!within_limits(reader, row, node, path, value.number))
            return false;
    }
    if (out == NULL)
        return true;
    if (is_integer_kind(row->kind))
        memcpy(out, &value.integer, sizeof value.integer);
    else
        memcpy(out, &value.number, sizeof value.number);
    return true;
}

static bool read_word(struct surety_reader *reader, const struct surety_field *row, const struct surety_ynode *node,
                      const char *path, void *out)
{
    size_t n = count_words(row->words);
    for (int i = 0; i < (int)n; i++) {
        if (strcmp(row->words[i], node->text) == 0) {
            if (out != NULL)
                memcpy(out, &i, sizeof i);
            return true;
        }
    }
    if (is_one_of(row->later_words, node->text)) {
        const char *hint = surety_hint_words(reader, "", row->words, n, sizeof *row->words);
        surety_complain(reader, SURETY_D_UNSUPPORTED, node, path, hint, "'%s' is not supported yet", node->text);
        return false;
    }
    const char *hint = surety_hint_words(reader, node->text, row->words, n, sizeof *row->words);
    surety_complain(reader, SURETY_D_CHOICE, node, path, hint, "'%.60s' is none of the allowed words", node->text);
    return false;
}

bool surety_read_bare(struct surety_reader *reader, const struct surety_field *row, const struct surety_ynode *node,
                      const char *path, bool free, double *out)
{
    struct surety_problem problem = {.hint = ""};
    struct scalar value = {.number = 0};
    char currency[4] = "";
    if (node->kind == SURETY_Y_BROKEN)
        return false;
    if (node->kind != SURETY_Y_SCALAR || (!free && surety_ynode_is_empty(node))) {
        surety_complain(reader, SURETY_D_TYPE, node, path,
                        surety_scratch_printf(reader, "for example %s", row->example),
                        "%s stands where a single value belongs", surety_ynode_kind_name(node));
        return false;
    }
    if (!parse(row, node->text, &value, currency, &problem)) {
        surety_complain(reader, SURETY_D_VALUE, node, path, problem.hint[0] == '\0' ? NULL : problem.hint, "%s",
                        problem.what);
        return false;
    }
    if ((currency[0] != '\0' && !same_currency(reader, node, path, currency)) ||
        (!free && !within_limits(reader, row, node, path, value.number)))
        return false;
    *out = value.number;
    return true;
}

// {betwen: [...]}: nearly an uncertain value.
static const char *hint_range(struct surety_reader *reader, const struct surety_field *row,
                              const struct surety_ynode *node)
{
    const char *near = node->kind == SURETY_Y_MAP && node->n == 1 ? surety_near_range(node->first->key) : NULL;
    return near != NULL ? surety_scratch_printf(reader, "did you mean '%s'?", near)
                        : surety_scratch_printf(reader, "write `%s: %s`", row->name, row->example);
}

static bool is_text_kind(enum surety_kind kind)
{
    return kind == SURETY_KIND_WORD || kind == SURETY_KIND_TEXT || kind == SURETY_KIND_DATE;
}

bool surety_read_scalar(struct surety_reader *reader, const struct surety_field *row, const struct surety_ynode *node,
                        const char *path, void *out)
{
    const bool is_range = surety_is_range(node);
    if (is_text_kind(row->kind) && surety_refuse_range(reader, node, path))
        return false;
    if (!is_range &&
        (node->kind != SURETY_Y_SCALAR || (surety_ynode_is_empty(node) && row->kind != SURETY_KIND_TEXT))) {
        surety_complain(reader, SURETY_D_TYPE, node, path, hint_range(reader, row, node),
                        "%s stands where a single value belongs", surety_ynode_kind_name(node));
        return false;
    }
    switch (row->kind) {
    case SURETY_KIND_WORD:
        return read_word(reader, row, node, path, out);
    case SURETY_KIND_TEXT: {
        char *text = surety_arena_strndup(reader->arena, node->text, strlen(node->text));
        if (text == NULL) {
            reader->out_of_memory = true;
            return false;
        }
        if (out != NULL)
            memcpy(out, &text, sizeof text);
        return true;
    }
    case SURETY_KIND_DATE: {
        struct surety_date date;
        if (!surety_date_parse(node->text, strlen(node->text), &date)) {
            surety_complain(reader, SURETY_D_VALUE, node, path, "write year-month-day like 2027-01-01, 1970 to 2200",
                            "'%.60s' is not a date", node->text);
            return false;
        }
        if (out != NULL)
            memcpy(out, &date, sizeof date);
        return true;
    }
    default:
        return read_number(reader, row, node, path, out);
    }
}
