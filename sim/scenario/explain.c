// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/scenario/explain.h"

#include "sim/base/law.h"
#include "sim/scenario/units.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define MOST_STEPS 40
#define MOST_WORDS 400
#define LONGEST_WORD 256

// A path as its steps. A step NAME stands for any name that the user chose.
struct steps {
    const char *step[MOST_STEPS];
    size_t n;
};

struct search {
    const struct steps *wanted;
    size_t n_last; // how many of its last steps have to match
    FILE *out;     // NULL: only collect words
    size_t n_found;
    const char *words[MOST_WORDS]; // all names, for "did you mean"
    size_t n_words;
};

static const char name_step[] = "NAME";

static const char *kind_text(enum surety_kind kind)
{
    switch (kind) {
    case SURETY_KIND_DURATION:
    case SURETY_KIND_DURATION_US:
        return "a duration: a number with ms, s, m, h, d or w";
    case SURETY_KIND_SHARE:
    case SURETY_KIND_PPB:
        return "a share: 99.95% or 0.9995";
    case SURETY_KIND_FACTOR:
        return "a factor: 1.6x";
    case SURETY_KIND_POINTS:
        return "a difference in percentage points: -2pp";
    case SURETY_KIND_GROWTH:
        return "a growth: 2%/month";
    case SURETY_KIND_RATE:
        return "a rate: 40/min, 9/year, 200k/month";
    case SURETY_KIND_MONEY:
        return "an amount of money";
    case SURETY_KIND_COUNT:
        return "a count: 200, 1.1k, 2M";
    case SURETY_KIND_NUMBER:
        return "a number";
    case SURETY_KIND_INTEGER:
        return "a whole number";
    case SURETY_KIND_WORD:
        return "a word";
    case SURETY_KIND_TEXT:
        return "text";
    case SURETY_KIND_DATE:
        return "a date: 2027-01-01";
    case SURETY_KIND_LAW:
        return "a duration, or a law of durations: {lognormal: {median: 1.2h, p95: 9h}}";
    case SURETY_KIND_COUNT_LAW:
        return "a count, or a law of counts: {lognormal: {mean: 1100, cv: 0.8}}";
    case SURETY_KIND_MAP:
        return "a map";
    case SURETY_KIND_NAMED:
        return "a map of names to maps";
    case SURETY_KIND_ROUTES:
        return "a list of routes";
    case SURETY_KIND_ROUTE:
        return "a route: the name of a provider, or one type of route";
    case SURETY_KIND_SHARED_ROUTES:
        return "a map of providers to shares, or a list of {share, of: route}";
    default:
        return "see the example";
    }
}

static void put_words(FILE *out, const char *title, const char *const *words)
{
    if (words == NULL || words[0] == NULL)
        return;
    fprintf(out, "  %-9s", title);
    for (size_t i = 0; words[i] != NULL; i++)
        fprintf(out, "%s%s", i == 0 ? "" : ", ", words[i]);
    fputc('\n', out);
}

static void put_limits(FILE *out, const struct surety_field *row)
{
    bool duration = row->kind == SURETY_KIND_DURATION || row->kind == SURETY_KIND_DURATION_US;
    char low[32], high[32];
    if (row->min == 0 && row->max == 0)
        return;
    snprintf(low, sizeof low, "%.10g", row->min);
    snprintf(high, sizeof high, "%.10g", row->max);
    if (duration) {
        surety_format_duration(row->min, low);
        surety_format_duration(row->max, high);
    }
    fprintf(out, "  %-9s%s %s", "allowed", row->above_min ? "more than" : "at least", low);
    if (isfinite(row->max))
        fprintf(out, ", at most %s", high);
    fputc('\n', out);
}

static void put_path(FILE *out, const struct steps *path)
{
    for (size_t i = 0; i < path->n; i++)
        fprintf(out, "%s%s", i == 0 ? "" : ".", path->step[i]);
    fputc('\n', out);
}

static void put_row(FILE *out, const struct steps *path, const struct surety_field *row)
{
    put_path(out, path);
    fprintf(out, "  %s\n", row->help);
    if (row->later) {
        fputs("  This is part of scenario version 1 but not supported yet.\n", out);
        return;
    }
    fprintf(out, "  %-9s%s\n", "value", kind_text(row->kind));
    put_limits(out, row);
    put_words(out, row->kind == SURETY_KIND_WORD ? "words" : "or", row->words);
    put_words(out, "later", row->later_words);
    if (row->per != NULL)
        fprintf(out, "  %-9s%s\n", "per", row->per);
    if (row->required)
        fprintf(out, "  %-9sno: it must be given\n", "default");
    else if (row->fallback != NULL && strcmp(row->fallback, "{}") != 0)
        fprintf(out, "  %-9s%s\n", "default", row->fallback);
    if (row->sub != NULL) {
        fprintf(out, "  %-9s", "keys");
        for (size_t i = 0; i < row->sub->n; i++)
            fprintf(out, "%s%s", i == 0 ? "" : ", ", row->sub->rows[i].name);
        fputc('\n', out);
    }
    if (row->example != NULL)
        fprintf(out, "  %-9s%s: %s\n", "example", row->name, row->example);
}

// The last n_last steps of what is wanted are the last ones of the path.
static bool matches(const struct search *search, const struct steps *path)
{
    if (search->n_last > path->n)
        return false;
    for (size_t i = 0; i < search->n_last; i++) {
        const char *step = path->step[path->n - search->n_last + i];
        if (step != name_step && strcmp(step, search->wanted->step[search->wanted->n - search->n_last + i]) != 0)
            return false;
    }
    return true;
}

static void collect(struct search *search, const char *word)
{
    for (size_t i = 0; i < search->n_words; i++)
        if (strcmp(search->words[i], word) == 0)
            return;
    if (search->n_words < MOST_WORDS)
        search->words[search->n_words++] = word;
}

static void visit_rows(struct search *search, struct steps *path, const struct surety_fields *fields)
{
    for (size_t i = 0; i < fields->n && path->n + 2 < MOST_STEPS; i++) {
        const struct surety_field *row = &fields->rows[i];
        size_t n = path->n;
        path->step[path->n++] = row->name;
        collect(search, row->name);
        if (search->out != NULL && matches(search, path)) {
            search->n_found++;
            put_row(search->out, path, row);
        }
        if (row->kind == SURETY_KIND_NAMED || row->kind == SURETY_KIND_ROUTE)
            path->step[path->n++] = name_step;
        if (row->sub != NULL)
            visit_rows(search, path, row->sub);
        path->n = n;
    }
}

static void visit_nodes(struct search *search, const struct surety_node_type *const *nodes)
{
    for (size_t i = 0; nodes[i] != NULL; i++) {
        struct steps path = {.step = {"architectures", name_step, nodes[i]->name}, .n = 3};
        collect(search, nodes[i]->name);
        if (search->out != NULL && matches(search, &path)) {
            search->n_found++;
            put_path(search->out, &path);
            fprintf(search->out, "  %s\n", nodes[i]->help);
            if (nodes[i]->later)
                fputs("  This type of route is part of scenario version 1 but not supported yet.\n", search->out);
            else
                fprintf(search->out, "  %-9s%s\n", "example", nodes[i]->example);
        }
        if (nodes[i]->fields != NULL)
            visit_rows(search, &path, nodes[i]->fields);
    }
}

static void visit_laws(struct search *search)
{
    for (int kind = 0; kind < SURETY_N_LAWS; kind++) {
        const struct surety_law_row *row = surety_law_row((enum surety_law_kind)kind);
        struct steps path = {.step = {"law", row->name}, .n = 2};
        collect(search, row->name);
        if (search->out == NULL || !matches(search, &path))
            continue;
        search->n_found++;
        put_path(search->out, &path);
        if (kind == SURETY_LAW_MIXTURE)
            fputs("  A draw from one of several laws, chosen by weight: {mixture: [{weight: 70%, of: 30m}, {weight: "
                  "30%, of: "
                  "4h}]}\n",
                  search->out);
        else if (kind == SURETY_LAW_EMPIRICAL)
            fputs("  Draws again from given values: {empirical: {values: [10m, 45m, 3h]}}, or {file: repairs.csv, "
                  "column: "
                  "minutes}\n",
                  search->out);
        else
            put_words(search->out, "keys", row->params);
        if (row->canonical != NULL)
            fprintf(search->out, "  %-9s%s\n", "is", row->canonical);
        fputs("  Beside them, shift: adds to each draw; max: no value is larger.\n", search->out);
    }
}

// A style of contract or a profile of a gateway: the keys that it stands for.
static void visit_styles(struct search *search, const char *step, const struct surety_style *style)
{
    for (; style != NULL && style->name != NULL; style++) {
        struct steps path = {.step = {step, style->name}, .n = 2};
        collect(search, style->name);
        if (search->out == NULL || !matches(search, &path))
            continue;
        search->n_found++;
        put_path(search->out, &path);
        fprintf(search->out, "  %s\n", style->help);
        for (size_t i = 0; i < style->n; i++)
            fprintf(search->out, "  %s: %s\n    source %s, as of %s: %s\n", style->keys[i].path, style->keys[i].value,
                    style->keys[i].source, style->keys[i].as_of, style->keys[i].seen);
    }
}

static void visit_all(struct search *search, const struct surety_registry *registry)
{
    struct steps path = {.n = 0};
    visit_rows(search, &path, registry->scenario);
    visit_nodes(search, registry->nodes);
    visit_laws(search);
    visit_styles(search, "profile", registry->profiles);
    visit_styles(search, "style", registry->styles);
}

// Splits "a.b[0].c" into a, b, c; text is changed.
static void split(char *text, struct steps *out)
{
    out->n = 0;
    while (*text != '\0' && out->n < MOST_STEPS) {
        size_t n = strcspn(text, ".[");
        if (n > 0)
            out->step[out->n++] = text;
        char end = text[n];
        text[n] = '\0';
        text += n + (end != '\0' ? 1 : 0);
        if (end == '[')
            text += strcspn(text, ".");
        if (end == '[' && *text == '.')
            text++;
    }
}

static void put_diag(FILE *out, const struct surety_diag_kind *kind)
{
    fprintf(out, "%s[%s]\n  %s\n  %-9s%s\n  %-9s%s\n", kind->severity == SURETY_ERROR ? "error" : "warning", kind->id,
            kind->text, "example", kind->example, "cure", kind->cure);
}

enum surety_err surety_explain(const struct surety_registry *registry, const char *word, struct surety_diags *diags,
                               FILE *out)
{
    const struct surety_diag_kind *kind = surety_diag_find(word);
    if (kind != NULL) {
        put_diag(out, kind);
        return SURETY_OK;
    }
    char copy[LONGEST_WORD];
    snprintf(copy, sizeof copy, "%s", word);
    struct steps wanted;
    split(copy, &wanted);
    struct search search = {.wanted = &wanted, .out = out};
    // The most exact match first: the whole path, else ever shorter ends of it.
    for (search.n_last = wanted.n; search.n_last > 0 && search.n_found == 0; search.n_last--)
        visit_all(&search, registry);
    if (search.n_found > 0)
        return SURETY_OK;
    search.out = NULL;
    visit_all(&search, registry);
    for (int id = 0; id < SURETY_N_DIAG; id++)
        collect(&search, surety_diag_kind((enum surety_diag_id)id)->id);
    const char *near = wanted.n == 0 ? NULL
                                     : surety_did_you_mean(wanted.step[wanted.n - 1], search.words, search.n_words,
                                                           sizeof *search.words);
    char hint[100] = "name a key of the scenario or the id of a message";
    if (near != NULL)
        snprintf(hint, sizeof hint, "did you mean '%.60s'?", near);
    surety_diag_add(diags, SURETY_D_USAGE, (struct surety_place){0, 0}, "", hint, "there is nothing called '%.100s'",
                    word);
    return SURETY_E_INPUT;
}
