// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/scenario/law_reader.h"

#include "sim/base/law_solve.h"
#include "sim/base/ppb.h"
#include "sim/scenario/uncertain.h"
#include "sim/scenario/units.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MOST_PARAMS 8

// What a law's numbers are, as rows: an uncertain one is read by them.
static const struct surety_field duration_row = {.name = "duration", .kind = SURETY_KIND_DURATION, .example = "30m"};
static const struct surety_field count_row = {.name = "count", .kind = SURETY_KIND_COUNT, .example = "1.1k"};
static const struct surety_field number_row = {.name = "number", .kind = SURETY_KIND_NUMBER, .example = "0.77"};

static bool read_by_row(struct surety_reader *reader, const struct surety_field *row, const struct surety_ynode *node,
                        const char *path, const char *hint, double *out)
{
    if (node->kind == SURETY_Y_BROKEN)
        return false;
    if (surety_is_range(node))
        return surety_read_range(reader, row, node, path, out);
    if (node->kind != SURETY_Y_SCALAR) {
        surety_complain(reader, SURETY_D_TYPE, node, path, hint, "%s stands where a %s belongs",
                        surety_ynode_kind_name(node), row == &number_row ? "number" : "single value");
        return false;
    }
    return surety_read_bare(reader, row, node, path, true, out);
}

bool surety_read_quantity(struct surety_reader *reader, const struct surety_ynode *node, const char *path, bool counts,
                          double *out)
{
    if (reader->quantity != NULL)
        return read_by_row(reader, reader->quantity, node, path, NULL, out);
    return read_by_row(reader, counts ? &count_row : &duration_row, node, path,
                       counts ? "write a count like 1.1k" : "write a duration like 30m", out);
}

static bool read_pure_number(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                             double *out)
{
    return read_by_row(reader, &number_row, node, path, "write a number like 0.77", out);
}

static bool is_pure_number(const char *param)
{
    return strcmp(param, "shape") == 0 || strcmp(param, "cv") == 0 || strcmp(param, "sigma") == 0;
}

static bool has_param(const struct surety_law_row *row, const char *name)
{
    for (size_t i = 0; row->params[i] != NULL; i++)
        if (strcmp(row->params[i], name) == 0)
            return true;
    return false;
}

static const char *param_hint(struct surety_reader *reader, const struct surety_law_row *row, const char *word)
{
    const char *names[MOST_PARAMS + 2];
    size_t n = 0;
    while (n < MOST_PARAMS && row->params[n] != NULL) {
        names[n] = row->params[n];
        n++;
    }
    names[n++] = "shift";
    if (!has_param(row, "max"))
        names[n++] = "max";
    return surety_hint_words(reader, word, names, n, sizeof *names);
}

// `shift` or `max` of a law's map; true when the key was one of them. *good becomes false after a mistake.
static bool read_bound(struct surety_reader *reader, const struct surety_ynode *child, const char *path, bool counts,
                       double *shift, double *max, bool *good)
{
    bool is_shift = strcmp(child->key, "shift") == 0;
    if (!is_shift && strcmp(child->key, "max") != 0)
        return false;
    if (!surety_read_quantity(reader, child, path, counts, is_shift ? shift : max))
        *good = false;
    return true;
}

static bool read_params(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                        enum surety_law_kind kind, bool counts, struct surety_law *out)
{
    const struct surety_law_row *row = surety_law_row(kind);
    struct surety_law_param params[MOST_PARAMS];
    const struct surety_ynode *nodes[MOST_PARAMS];
    size_t n = 0;
    double shift = 0, max = INFINITY;
    bool good = true;
    for (const struct surety_ynode *child = node->first; child != NULL; child = child->next) {
        const char *child_path = surety_path_join(reader, path, child->key);
        if (!has_param(row, child->key)) {
            if (read_bound(reader, child, child_path, counts, &shift, &max, &good))
                continue;
            surety_diag_add(reader->diags, SURETY_D_UNKNOWN_KEY, child->key_place, child_path,
                            param_hint(reader, row, child->key), "the law '%s' has no '%s'", row->name, child->key);
            good = false;
            continue;
        }
        double value = 0;
        if (!(is_pure_number(child->key) ? read_pure_number(reader, child, child_path, &value)
                                         : surety_read_quantity(reader, child, child_path, counts, &value))) {
            good = false;
            continue;
        }
        if (n < MOST_PARAMS) {
            nodes[n] = child;
            params[n++] = (struct surety_law_param){.name = child->key, .value = value};
        }
    }
    if (!good)
        return false;
    struct surety_law law = surety_law_of(SURETY_LAW_FIXED, 0, 0);
    const char *message = NULL;
    size_t culprit = n;
    if (surety_law_solve(kind, params, n, &law, &message, &culprit) != SURETY_LAW_SOLVED) {
        bool at_param = culprit < n;
        surety_diag_add(reader->diags, SURETY_D_LAW, at_param ? nodes[culprit]->place : surety_map_place(node),
                        at_param ? surety_path_join(reader, path, params[culprit].name) : path,
                        n == 0 ? param_hint(reader, row, "") : NULL, "%s",
                        message == NULL ? "these parameters describe no law" : message);
        return false;
    }
    law.shift = shift;
    law.max = max;
    *out = law;
    return true;
}

// The one parameter of a law that can stand alone: {exponential: 30d}.
static bool read_short(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                       enum surety_law_kind kind, bool counts, struct surety_law *out)
{
    if (kind != SURETY_LAW_EXPONENTIAL && kind != SURETY_LAW_FIXED) {
        surety_complain(reader, SURETY_D_TYPE, node, path, param_hint(reader, surety_law_row(kind), ""),
                        "%s stands where the parameters of the law belong", surety_ynode_kind_name(node));
        return false;
    }
    double value = 0;
    if (!surety_read_quantity(reader, node, path, counts, &value))
        return false;
    *out = surety_law_of(kind, value, 0);
    return true;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static bool read_values(struct surety_reader *reader, const struct surety_ynode *list, const char *path, bool counts,
                        double **values, size_t *n)
{
    if (list->kind != SURETY_Y_LIST || list->n == 0) {
        surety_complain(reader, SURETY_D_TYPE, list, path, counts ? "write [900, 1.1k, 2k]" : "write [10m, 45m, 3h]",
                        "a list of values belongs here");
        return false;
    }
    double *all = surety_arena_calloc(reader->arena, list->n, sizeof *all);
    if (all == NULL) {
        reader->out_of_memory = true;
        return false;
    }
    bool good = true;
    size_t i = 0;
    for (const struct surety_ynode *item = list->first; item != NULL; item = item->next, i++)
        if (!surety_read_quantity(reader, item, surety_path_index(reader, path, i), counts, &all[i]))
            good = false;
    *values = all;
    *n = list->n;
    return good;
}

// A draw does not read the file again.
static void remember_values(struct surety_reader *reader, const struct surety_ynode *file, const struct surety_law *law)
{
    struct surety_law *copy = surety_arena_alloc(reader->scratch, sizeof *copy);
    if (copy == NULL) {
        reader->out_of_memory = true;
        return;
    }
    *copy = *law;
    surety_remember(reader, file, copy);
}

static bool read_empirical(struct surety_reader *reader, const struct surety_ynode *node, const char *path, bool counts,
                           struct surety_law *out)
{
    static const char *const keys[] = {"values", "file", "column", "shift", "max"};
    double shift = 0, max = INFINITY;
    double *values = NULL;
    size_t n = 0;
    bool good = true;
    const struct surety_ynode *file = surety_ynode_get(node, "file"), *column = surety_ynode_get(node, "column");
    const struct surety_ynode *list = surety_ynode_get(node, "values");
    for (const struct surety_ynode *child = node->first; child != NULL; child = child->next) {
        const char *child_path = surety_path_join(reader, path, child->key);
        if (child == file || child == column || child == list ||
            read_bound(reader, child, child_path, counts, &shift, &max, &good))
            continue;
        surety_diag_add(reader->diags, SURETY_D_UNKNOWN_KEY, child->key_place, child_path,
                        surety_hint_words(reader, child->key, keys, 5, sizeof *keys), "the law 'empirical' has no '%s'",
                        child->key);
        good = false;
    }
    if ((list == NULL) == (file == NULL) || (file == NULL) != (column == NULL)) {
        surety_diag_add(reader->diags, SURETY_D_LAW, surety_map_place(node), path,
                        "write {values: [10m, 45m, 3h]} or {file: repairs.csv, column: minutes}",
                        "either `values`, or `file` with `column`, is needed");
        return false;
    }
    if (list != NULL) {
        good = list->kind != SURETY_Y_BROKEN &&
               read_values(reader, list, surety_path_join(reader, path, "values"), counts, &values, &n) && good;
    } else if (surety_recall(reader, file) != NULL) {
        const struct surety_law *known = surety_recall(reader, file);
        values = (double *)(uintptr_t)known->values;
        n = known->n;
    } else if (file->kind != SURETY_Y_SCALAR || column->kind != SURETY_Y_SCALAR) {
        surety_complain(reader, SURETY_D_TYPE, file->kind == SURETY_Y_SCALAR ? column : file, path,
                        "write {file: repairs.csv, column: minutes}", "a name belongs here");
        return false;
    } else {
        good = surety_read_column(reader, file, surety_path_join(reader, path, "file"), file->text, column->text,
                                  counts, &values, &n) &&
               good;
    }
    if (!good)
        return false;
    if (reader->draws == NULL || file == NULL)
        qsort(values, n, sizeof *values, by_value);
    *out = (struct surety_law){.kind = SURETY_LAW_EMPIRICAL, .shift = shift, .max = max, .n = n, .values = values};
    if (file != NULL)
        remember_values(reader, file, out);
    return true;
}

static bool read_weight(struct surety_reader *reader, const struct surety_ynode *node, const char *path, double *out)
{
    size_t n = strlen(node->text);
    bool percent = n > 0 && node->text[n - 1] == '%';
    struct surety_problem problem = {.hint = ""};
    int64_t ppb = 0;
    double weight = 0;
    bool good = node->kind == SURETY_Y_SCALAR && (percent ? surety_parse_share(node->text, &ppb, &problem)
                                                          : surety_parse_number(node->text, &weight, &problem));
    if (percent)
        weight = (double)ppb / 1e9;
    if (node->kind == SURETY_Y_BROKEN)
        return false;
    if (!good || !(weight > 0) || weight > 1e9) {
        surety_complain(reader, good ? SURETY_D_RANGE : SURETY_D_VALUE, node, path,
                        "write a share like 70%, or a number", "'%.60s' is not a weight above 0", node->text);
        return false;
    }
    *out = weight;
    return true;
}

static bool read_law(struct surety_reader *reader, const struct surety_ynode *node, const char *path, bool counts,
                     bool bare_is_mean, struct surety_law *out);

static bool read_part(struct surety_reader *reader, const struct surety_ynode *item, const char *path, bool counts,
                      bool bare_is_mean, struct surety_law_part *part)
{
    static const char *const keys[] = {"weight", "of"};
    const struct surety_ynode *weight = surety_ynode_get(item, "weight"), *of = surety_ynode_get(item, "of");
    bool good = true;
    if (item->kind == SURETY_Y_BROKEN)
        return false;
    for (const struct surety_ynode *child = item->kind == SURETY_Y_MAP ? item->first : NULL; child != NULL;
         child = child->next) {
        if (strcmp(child->key, "weight") != 0 && strcmp(child->key, "of") != 0) {
            surety_diag_add(reader->diags, SURETY_D_UNKNOWN_KEY, child->key_place,
                            surety_path_join(reader, path, child->key),
                            surety_hint_words(reader, child->key, keys, 2, sizeof *keys),
                            "a part of a mixture has no '%s'", child->key);
            good = false;
        }
    }
    if (weight == NULL || of == NULL) {
        surety_complain(reader, SURETY_D_MISSING_KEY, item, path, "write {weight: 70%, of: {lognormal: {...}}}",
                        "a part of a mixture needs `weight` and `of`");
        return false;
    }
    good = read_weight(reader, weight, surety_path_join(reader, path, "weight"), &part->weight) && good;
    return read_law(reader, of, surety_path_join(reader, path, "of"), counts, bare_is_mean, &part->of) && good;
}

static bool read_mixture(struct surety_reader *reader, const struct surety_ynode *list, const char *path, bool counts,
                         bool bare_is_mean, struct surety_law *out)
{
    if (list->kind != SURETY_Y_LIST || list->n == 0) {
        surety_complain(reader, SURETY_D_TYPE, list, path, "write [{weight: 70%, of: 30m}, {weight: 30%, of: 4h}]",
                        "a list of parts belongs here");
        return false;
    }
    struct surety_law_part *parts = surety_arena_calloc(reader->arena, list->n, sizeof *parts);
    if (parts == NULL) {
        reader->out_of_memory = true;
        return false;
    }
    bool good = true, percent = false;
    double sum = 0;
    size_t i = 0;
    for (const struct surety_ynode *item = list->first; item != NULL; item = item->next, i++) {
        good = read_part(reader, item, surety_path_index(reader, path, i), counts, bare_is_mean, &parts[i]) && good;
        const struct surety_ynode *weight = surety_ynode_get(item, "weight");
        percent = percent || (weight != NULL && strchr(weight->text, '%') != NULL);
        sum += parts[i].weight;
    }
    if (good && percent && fabs(sum - 1) > 1e-6) {
        surety_complain(reader, SURETY_D_CONFLICT, list, path, "percentages must sum to 100%; plain numbers need not",
                        "the weights sum to %.6g%%", sum * 100);
        good = false;
    }
    *out = (struct surety_law){.kind = SURETY_LAW_MIXTURE, .max = INFINITY, .n = list->n, .parts = parts};
    return good;
}

static const char *law_hint(struct surety_reader *reader, const char *word)
{
    const char *names[SURETY_N_LAWS];
    const char *near = surety_near_range(word);
    for (int kind = 0; kind < SURETY_N_LAWS; kind++)
        names[kind] = surety_law_row((enum surety_law_kind)kind)->name;
    const char *hint = surety_hint_words(reader, word, names, SURETY_N_LAWS, sizeof *names);
    return near != NULL && strcmp(near, word) != 0 ? surety_scratch_printf(reader, "%s; did you mean '%s'?", hint, near)
                                                   : hint;
}

static bool read_law(struct surety_reader *reader, const struct surety_ynode *node, const char *path, bool counts,
                     bool bare_is_mean, struct surety_law *out)
{
    if (node->kind == SURETY_Y_BROKEN)
        return false;
    if (node->kind == SURETY_Y_SCALAR || (surety_is_range(node) && reader->quantity == NULL))
        return read_short(reader, node, path, bare_is_mean ? SURETY_LAW_EXPONENTIAL : SURETY_LAW_FIXED, counts, out);
    if (node->kind != SURETY_Y_MAP || node->n != 1) {
        surety_complain(reader, SURETY_D_TYPE, node, path, law_hint(reader, ""),
                        "a law is a single value, or a map with the law's name as its only key");
        return false;
    }
    const struct surety_ynode *body = node->first;
    const char *body_path = surety_path_join(reader, path, body->key);
    enum surety_law_kind kind = surety_law_by_name(body->key);
    if (kind == SURETY_N_LAWS) {
        surety_diag_add(reader->diags, SURETY_D_UNKNOWN_KEY, body->key_place, body_path, law_hint(reader, body->key),
                        "there is no law '%s'", body->key);
        return false;
    }
    if (body->kind == SURETY_Y_BROKEN)
        return false;
    if (kind == SURETY_LAW_MIXTURE)
        return read_mixture(reader, body, body_path, counts, bare_is_mean, out);
    if (kind == SURETY_LAW_EMPIRICAL && body->kind == SURETY_Y_MAP)
        return read_empirical(reader, body, body_path, counts, out);
    if (body->kind != SURETY_Y_MAP)
        return read_short(reader, body, body_path, kind, counts, out);
    return read_params(reader, body, body_path, kind, counts, out);
}

bool surety_read_law(struct surety_reader *reader, const struct surety_ynode *node, const char *path, bool counts,
                     bool bare_is_mean, struct surety_law *out)
{
    struct surety_law law;
    if (!read_law(reader, node, path, counts, bare_is_mean, &law))
        return false;
    const char *complaint = surety_law_check(&law);
    if (complaint != NULL) {
        surety_complain(reader, SURETY_D_LAW, node, path, NULL, "%s", complaint);
        return false;
    }
    if (surety_law_has_infinite_variance(&law))
        surety_complain(reader, SURETY_D_WARN_VARIANCE, node, path, "add `max:` with the longest value that can happen",
                        "this law has infinite variance: error bars will be too small");
    *out = law;
    return true;
}
