// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cli/fit_request.h"

#include "sim/base/calendar.h"
#include "sim/scenario/units.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define NOWHERE ((struct surety_place){0, 0})
#define MOST_PROVIDERS 64
#define RHYTHM_REPLICATES 999

struct reading {
    struct surety_fit_inputs *inputs;
    const struct surety_options *options;
    struct surety_diags *diags;
    struct surety_fit_wish *wishes;
    size_t n_wishes;
    const char **components; // of --filter
    size_t n_components;
    const char *provider;
    struct surety_grade_word *words; // of --grade
    size_t n_words;
};

static void refuse(struct surety_diags *diags, const char *option, const char *text, const char *hint)
{
    surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, hint, "\"%.60s\" is not a value for %s", text, option);
}

// --- options ----------------------------------------------------------------------------------------------------------

static void read_day(struct surety_diags *diags, const char *option, const char *text, bool *has, int64_t *us)
{
    if (text == NULL)
        return;
    *has = surety_time_read(text, us);
    if (!*has)
        refuse(diags, option, text, "write a date or a time: 2026-01-31 or 2026-01-31T12:00:00Z");
}

static void read_cap(struct reading *r, const char *text)
{
    struct surety_episode_options *cleaning = &r->inputs->request.cleaning;
    struct surety_problem problem;
    double seconds;
    int64_t ppb;
    if (text == NULL)
        return;
    if (strchr(text, '%') != NULL && surety_parse_share(text, &ppb, &problem) && ppb > 0 && ppb < 1000000000)
        cleaning->cap_quantile = (double)ppb / 1e9;
    else if (strchr(text, '%') == NULL && surety_parse_duration(text, &seconds, &problem) && seconds >= 1 &&
             seconds <= 1e10)
        cleaning->cap_us = (int64_t)(seconds * 1e6);
    else
        refuse(r->diags, "--winsorise", text, "write a duration such as 3d or a quantile such as 99%");
}

static void read_laws(struct reading *r, const char *text)
{
    unsigned mask = 0;
    for (const char *at = text; at != NULL && *at != '\0';) {
        const size_t length = strcspn(at, ",");
        const char *word = surety_arena_strndup(&r->inputs->arena, at, length);
        const enum surety_fit_kind kind = word != NULL ? surety_fit_by_name(word) : SURETY_N_FITS;
        if (kind == SURETY_N_FITS)
            refuse(r->diags, "--laws", text, "allowed: exponential, weibull, gamma, lognormal, mixture");
        else
            mask |= 1u << kind;
        at += length + (at[length] == ',');
    }
    if (mask != 0)
        r->inputs->request.fitting.laws = mask;
}

static void read_profile(struct reading *r, const char *name)
{
    r->inputs->request.cleaning.profile = surety_severity_find(name);
    if (r->inputs->request.cleaning.profile == NULL) {
        size_t n = 0;
        while (surety_severity_profiles[n].name != NULL)
            n++;
        const char *near =
            surety_did_you_mean(name, &surety_severity_profiles[0].name, n, sizeof *surety_severity_profiles);
        char hint[128] = "`--profile list` prints them";
        if (near != NULL)
            snprintf(hint, sizeof hint, "did you mean \"%s\"?", near);
        refuse(r->diags, "--profile", name, hint);
    }
}

static void read_filter(struct reading *r, const char *text)
{
    const char *value = strchr(text, '=') + 1;
    if (strncmp(text, "component=", 10) == 0) {
        r->components[r->n_components++] = value;
    } else if (strncmp(text, "provider=", 9) == 0) {
        r->provider = value;
    } else if (strncmp(text, "grade=", 6) == 0) {
        for (int g = 0; g < SURETY_N_GRADES; g++)
            if (strcmp(value, surety_grade_name((enum surety_grade)g)) == 0) {
                r->inputs->request.cleaning.grades |= 1u << g;
                return;
            }
        refuse(r->diags, "--filter", text, "grades: none, degraded, partial, major, maintenance");
    } else {
        refuse(r->diags, "--filter", text, "write component=NAME, provider=NAME or grade=NAME");
    }
}

static void read_grade(struct reading *r, const char *text)
{
    const char *equals = strrchr(text, '=');
    const char *word = surety_arena_strndup(&r->inputs->arena, text, (size_t)(equals - text));
    for (int g = 0; word != NULL && *word != '\0' && g < SURETY_N_GRADES; g++)
        if (strcmp(equals + 1, surety_grade_name((enum surety_grade)g)) == 0) {
            r->words[r->n_words++] = (struct surety_grade_word){word, (enum surety_grade)g};
            return;
        }
    refuse(r->diags, "--grade", text, "write WORD=GRADE; grades: none, degraded, partial, major, maintenance");
}

// --- names ------------------------------------------------------------------------------------------------------------

// A name as scenarios allow it, from any text: "api.anthropic.com" -> "api-anthropic-com"; not one that stands already.
static const char *name_of(struct reading *r, const char *text, size_t length)
{
    char name[65];
    size_t n = 0;
    if (length == 0 || !isalpha((unsigned char)text[0]))
        n = (size_t)snprintf(name, sizeof name, "p");
    for (size_t i = 0; i < length && n < 60; i++) {
        const bool good = isalnum((unsigned char)text[i]) || text[i] == '_';
        if (good || (n > 0 && name[n - 1] != '-'))
            name[n++] = good ? text[i] : '-';
    }
    while (n > 1 && name[n - 1] == '-')
        n--;
    name[n] = '\0';
    const size_t bare = n;
    for (int k = 2;; k++) {
        size_t i = 0;
        while (i < r->n_wishes && strcmp(r->wishes[i].name, name) != 0)
            i++;
        if (i == r->n_wishes)
            return surety_arena_strndup(&r->inputs->arena, name, strlen(name));
        snprintf(name + bare, sizeof name - bare, "-%d", k);
    }
}

static void add_wish(struct reading *r, const char *name, size_t length, const struct surety_record *record,
                     const char *provider, const char *const *components, size_t n)
{
    if (r->n_wishes == MOST_PROVIDERS) {
        surety_diag_add(r->diags, SURETY_D_USAGE, NOWHERE, NULL, "choose some of them by --filter",
                        "more than %d providers in the records", MOST_PROVIDERS);
        return;
    }
    const char *checked = name_of(r, name, length);
    if (checked == NULL)
        r->diags->out_of_memory = true;
    else
        r->wishes[r->n_wishes++] = (struct surety_fit_wish){checked, record, provider, components, n};
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// A wish for each component (or provider) that the record names, in the order of the alphabet.
static void split(struct reading *r, const struct surety_record *record, bool by_component)
{
    size_t most = 0, n = 0;
    for (size_t i = 0; i < record->n; i++)
        most += by_component ? record->incidents[i].n_components : 1;
    const char **names = surety_arena_calloc(&r->inputs->arena, most + 1, sizeof *names);
    if (names == NULL) {
        r->diags->out_of_memory = true;
        return;
    }
    for (size_t i = 0; i < record->n; i++) {
        const struct surety_incident *incident = &record->incidents[i];
        if (r->provider != NULL && strcmp(r->provider, incident->provider) != 0)
            continue;
        for (size_t c = 0; by_component && c < incident->n_components; c++)
            names[n++] = incident->components[c];
        if (!by_component && incident->provider[0] != '\0')
            names[n++] = incident->provider;
    }
    qsort(names, n, sizeof *names, by_text);
    size_t before = r->n_wishes;
    for (size_t i = 0; i < n; i++) {
        bool wanted = i == 0 || strcmp(names[i], names[i - 1]) != 0;
        if (wanted && by_component && r->n_components > 0) {
            size_t c = 0;
            while (c < r->n_components && strcmp(r->components[c], names[i]) != 0)
                c++;
            wanted = c < r->n_components;
        }
        if (wanted && by_component)
            add_wish(r, names[i], strlen(names[i]), record, r->provider, &names[i], 1);
        else if (wanted)
            add_wish(r, names[i], strlen(names[i]), record, names[i], r->components, r->n_components);
    }
    if (r->n_wishes == before)
        surety_diag_add(r->diags, SURETY_D_RECORD_FORMAT, NOWHERE, NULL, NULL, "%s: no %s to tell apart", record->file,
                        by_component ? "component" : "provider");
}

// --- files ------------------------------------------------------------------------------------------------------------

// The same bytes twice would be two providers that always fail together.
static enum surety_err check_new(struct reading *r, const struct surety_record *record)
{
    for (size_t i = 0; i < r->inputs->n_records; i++) {
        const struct surety_record *other = r->inputs->records[i];
        if (strcmp(other->sha256, record->sha256) != 0)
            continue;
        surety_diag_add(r->diags, SURETY_D_CONFLICT, NOWHERE, NULL,
                        "give each record once; --by component or --by provider tells apart who is in one file",
                        "%s is the same record as %s, byte for byte", record->file, other->file);
        return SURETY_E_INPUT;
    }
    return SURETY_OK;
}

static enum surety_err read_file(struct reading *r, const char *argument, const struct surety_record_options *rules)
{
    const struct surety_options *o = r->options;
    const char *equals = strchr(argument, '='), *file = argument, *name = argument;
    size_t length = strspn(argument, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
    const bool named = equals != NULL && equals == argument + length && length > 0;
    if (named) {
        file = equals + 1;
    } else {
        const char *slash = strrchr(file, '/');
        name = slash != NULL ? slash + 1 : file;
        length = strcspn(name, ".");
    }
    struct surety_record_options how = rules != NULL ? *rules : (struct surety_record_options){0};
    how.format = o->format;
    how.start = o->start;
    how.end = o->end;
    how.severity = o->severity;
    how.component = o->component;
    if (r->n_words > 0) {
        how.words = r->words;
        how.n_words = r->n_words;
    }
    how.drop_disordered = how.drop_disordered || o->drop_disordered;
    const char *before = r->diags->file;
    r->diags->file = file; // places are the record's
    struct surety_record **place = &r->inputs->records[r->inputs->n_records];
    enum surety_err err = surety_record_load(file, &how, r->diags, place);
    if (err != SURETY_OK)
        return err;
    const struct surety_record *record = *place;
    err = check_new(r, record);
    r->diags->file = before;
    r->inputs->n_records++;
    if (err != SURETY_OK)
        return err;
    const bool by_component = o->by != NULL && strcmp(o->by, "component") == 0;
    if (by_component || (o->by != NULL && strcmp(o->by, "provider") == 0))
        split(r, record, by_component);
    else
        add_wish(r, name, length, record, r->provider, r->components, r->n_components);
    return SURETY_OK;
}

static void read_options(struct reading *r)
{
    const struct surety_options *o = r->options;
    struct surety_fit_request *request = &r->inputs->request;
    request->fitting = surety_outage_options_default();
    request->fitting.seed = o->seed;
    request->uncertain = o->uncertain;
    request->skip_empty = o->by != NULL;
    if (o->bootstrap > 0)
        request->fitting.n_replicates = (size_t)o->bootstrap;
    request->n_rhythm_replicates = RHYTHM_REPLICATES;
    read_day(r->diags, "--from", o->from, &request->cleaning.has_from, &request->cleaning.from_us);
    read_day(r->diags, "--until", o->until, &request->cleaning.has_until, &request->cleaning.until_us);
    read_cap(r, o->winsorise);
    read_laws(r, o->laws);
    read_profile(r, o->profile);
    for (size_t i = 0; i < o->n_filters; i++)
        read_filter(r, o->filters[i]);
    for (size_t i = 0; i < o->n_grades; i++)
        read_grade(r, o->grades[i]);
    if (o->by != NULL && strcmp(o->by, "file") != 0 && strcmp(o->by, "component") != 0 &&
        strcmp(o->by, "provider") != 0)
        refuse(r->diags, "--by", o->by, "allowed: file, component, provider");
}

enum surety_err surety_fit_inputs_read(struct surety_fit_inputs *inputs, const struct surety_options *options,
                                       size_t first, const struct surety_record_options *rules,
                                       struct surety_diags *diags)
{
    *inputs = (struct surety_fit_inputs){0};
    surety_arena_init(&inputs->arena);
    struct reading r = {.inputs = inputs, .options = options, .diags = diags};
    inputs->records = surety_arena_calloc(&inputs->arena, options->n_arguments, sizeof(struct surety_record *));
    r.wishes = surety_arena_calloc(&inputs->arena, MOST_PROVIDERS, sizeof *r.wishes);
    r.components = surety_arena_calloc(&inputs->arena, options->n_filters + 1, sizeof *r.components);
    r.words = surety_arena_calloc(&inputs->arena, options->n_grades + 1, sizeof *r.words);
    if (inputs->records == NULL || r.wishes == NULL || r.components == NULL || r.words == NULL)
        return SURETY_E_MEMORY;
    read_options(&r);
    enum surety_err err = diags->n_errors > 0 ? SURETY_E_INPUT : SURETY_OK;
    for (size_t i = first; err == SURETY_OK && i < options->n_arguments; i++)
        err = read_file(&r, options->arguments[i], rules);
    inputs->request.wishes = r.wishes;
    inputs->request.n = r.n_wishes;
    if (err == SURETY_OK && diags->out_of_memory)
        return SURETY_E_MEMORY;
    return err == SURETY_OK && diags->n_errors > 0 ? SURETY_E_INPUT : err;
}

void surety_fit_inputs_finish(struct surety_fit_inputs *inputs)
{
    for (size_t i = 0; i < inputs->n_records; i++)
        surety_record_destroy(inputs->records[i]);
    surety_arena_finish(&inputs->arena);
    *inputs = (struct surety_fit_inputs){0};
}
