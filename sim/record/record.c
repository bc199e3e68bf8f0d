// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/calendar.h"
#include "sim/record/record_import.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void surety_record_destroy(struct surety_record *record)
{
    if (record == NULL)
        return;
    free(record->incidents);
    surety_arena_finish(&record->arena);
    free(record);
}

struct surety_incident surety_import_blank(struct surety_place place)
{
    struct surety_incident incident = {.start_us = SURETY_NO_TIME,
                                       .end_us = SURETY_STILL_OPEN,
                                       .share_failing = NAN,
                                       .id = "",
                                       .provider = "",
                                       .place = place};
    for (int i = 0; i < SURETY_N_STAGES; i++)
        incident.stage_us[i] = SURETY_NO_TIME;
    return incident;
}

enum surety_err surety_import_components(struct surety_import *import, const char *list, char separator,
                                         struct surety_incident *incident)
{
    size_t n = 0, most = 1;
    for (const char *at = list; *at != '\0'; at++)
        most += *at == separator;
    const char **names = surety_arena_calloc(&import->record->arena, most, sizeof *names);
    if (names == NULL)
        return surety_import_no_memory(import);
    for (const char *at = list; at != NULL;) {
        const char *end = strchr(at, separator);
        size_t length = end != NULL ? (size_t)(end - at) : strlen(at);
        while (length > 0 && *at == ' ') {
            at++;
            length--;
        }
        while (length > 0 && at[length - 1] == ' ')
            length--;
        if (length > 0 && (names[n++] = surety_arena_strndup(&import->record->arena, at, length)) == NULL)
            return surety_import_no_memory(import);
        at = end != NULL ? end + 1 : NULL;
    }
    incident->components = names;
    incident->n_components = n;
    return SURETY_OK;
}

// --- adding -----------------------------------------------------------------------------------------------------

// Whether the dated stages from investigating to resolved follow each other.
static bool in_order(const struct surety_incident *incident)
{
    int64_t last = SURETY_NO_TIME;
    for (int i = 0; i <= SURETY_STAGE_RESOLVED; i++) {
        if (incident->stage_us[i] == SURETY_NO_TIME)
            continue;
        if (incident->stage_us[i] < last)
            return false;
        last = incident->stage_us[i];
    }
    return true;
}

static void apply_rules(const struct surety_record_options *o, struct surety_incident *incident)
{
    if (o->from_stages) {
        int64_t first = SURETY_STILL_OPEN;
        for (int i = 0; i <= SURETY_STAGE_MONITORING; i++)
            if (incident->stage_us[i] != SURETY_NO_TIME && incident->stage_us[i] < first)
                first = incident->stage_us[i];
        if (first != SURETY_STILL_OPEN)
            incident->start_us = first;
    }
    const int64_t fixed = incident->stage_us[SURETY_STAGE_MONITORING];
    if (o->until_monitoring && fixed != SURETY_NO_TIME && fixed >= incident->start_us && fixed < incident->end_us)
        incident->end_us = fixed;
}

static enum surety_err grow(struct surety_import *import, struct surety_place place)
{
    struct surety_record *record = import->record;
    if (record->n == SURETY_RECORD_MOST) {
        surety_import_complain(import, SURETY_D_RECORD_SIZE, place, NULL,
                               "split the file by service or by year, or leave out what is not an incident",
                               "more than %zu incidents", SURETY_RECORD_MOST);
        return SURETY_E_INPUT;
    }
    if (record->n < import->capacity)
        return SURETY_OK;
    const size_t capacity = import->capacity == 0 ? 256 : 2 * import->capacity;
    struct surety_incident *list = realloc(record->incidents, capacity * sizeof *list);
    if (list == NULL)
        return surety_import_no_memory(import);
    record->incidents = list;
    import->capacity = capacity;
    return SURETY_OK;
}

enum surety_err surety_import_add(struct surety_import *import, const struct surety_incident *incident)
{
    struct surety_incident own = *incident;
    if (import->options->drop_disordered && (!in_order(incident) || incident->end_us < incident->start_us)) {
        import->record->n_disordered++;
        return SURETY_OK;
    }
    apply_rules(import->options, &own);
    if (own.end_us < own.start_us) {
        char from[21], to[21];
        surety_time_write(own.start_us, from);
        surety_time_write(own.end_us, to);
        return surety_import_complain(
                   import, SURETY_D_RECORD_TIME, own.place, own.id,
                   "correct the row, or leave such incidents out (--drop-disordered; in a scenario `disordered: drop`)",
                   "the incident ends (%s) before it starts (%s)", to, from)
                   ? SURETY_OK
                   : SURETY_E_INPUT;
    }
    const enum surety_err err = grow(import, own.place);
    if (err == SURETY_OK)
        import->record->incidents[import->record->n++] = own;
    return err;
}

// --- closing ----------------------------------------------------------------------------------------------------

// In the file's order where times tie: places rise in a file.
static int by_time(const void *a, const void *b)
{
    const struct surety_incident *x = a, *y = b;
    if (x->start_us != y->start_us)
        return x->start_us < y->start_us ? -1 : 1;
    if (x->end_us != y->end_us)
        return x->end_us < y->end_us ? -1 : 1;
    if (x->place.line != y->place.line)
        return x->place.line < y->place.line ? -1 : 1;
    return x->place.column < y->place.column ? -1 : x->place.column > y->place.column;
}

static int by_id(const void *a, const void *b)
{
    const struct surety_incident *const *x = a, *const *y = b;
    const int order = strcmp((*x)->id, (*y)->id);
    return order != 0 ? order : by_time(*x, *y);
}

static bool same_components(const struct surety_incident *a, const struct surety_incident *b)
{
    if (a->n_components != b->n_components || strcmp(a->provider, b->provider) != 0)
        return false;
    for (size_t i = 0; i < a->n_components; i++)
        if (strcmp(a->components[i], b->components[i]) != 0)
            return false;
    return true;
}

// How many rows of one id are compared with each other: a repeated export has them side by side.
#define MOST_COMPARED 64

// One id may stand once per component, with its own times; the same component twice is a repetition when all agrees and
// a contradiction when it does not. Returns false when the reading should stop.
static bool check_pair(struct surety_import *import, const struct surety_incident *a, struct surety_incident *b,
                       bool *repeated)
{
    if (!same_components(a, b))
        return true;
    *repeated = a->start_us == b->start_us && a->end_us == b->end_us && a->grade == b->grade;
    return *repeated ||
           surety_import_complain(import, SURETY_D_RECORD_DUPLICATE, b->place, b->id,
                                  "keep the row that is right; one incident of several components names them",
                                  "the incident '%.60s' stands twice with different times or severities (first on "
                                  "line %zu)",
                                  b->id, a->place.line);
}

// The rows of one id, order[first..end): marks repetitions by a start that never was.
static bool check_group(struct surety_import *import, struct surety_incident **order, size_t first, size_t end)
{
    for (size_t i = first + 1; i < end; i++) {
        bool repeated = false;
        for (size_t j = i - first > MOST_COMPARED ? i - MOST_COMPARED : first; !repeated && j < i; j++)
            if (order[j]->start_us != SURETY_NO_TIME && !check_pair(import, order[j], order[i], &repeated))
                return false;
        if (repeated) {
            order[i]->start_us = SURETY_NO_TIME;
            import->record->n_repeated++;
        }
    }
    return true;
}

static enum surety_err drop_repeated(struct surety_import *import)
{
    struct surety_record *record = import->record;
    struct surety_incident **order = malloc((record->n + 1) * sizeof(struct surety_incident *));
    if (order == NULL)
        return surety_import_no_memory(import);
    for (size_t i = 0; i < record->n; i++)
        order[i] = &record->incidents[i];
    qsort(order, record->n, sizeof *order, by_id);
    for (size_t first = 0, end; first < record->n; first = end) {
        for (end = first + 1; end < record->n && strcmp(order[first]->id, order[end]->id) == 0; end++)
            ;
        if (order[first]->id[0] != '\0' && !check_group(import, order, first, end))
            break;
    }
    free(order);
    size_t kept = 0;
    for (size_t i = 0; i < record->n; i++)
        if (record->incidents[i].start_us != SURETY_NO_TIME)
            record->incidents[kept++] = record->incidents[i];
    record->n = kept;
    return import->n_messages > 0 ? SURETY_E_INPUT : SURETY_OK;
}

static int64_t day_floor(int64_t us)
{
    return us - us % SURETY_US_PER_DAY;
}

// [the day of the first incident, the last known instant): a record is watched at least so long.
static void settle_span(struct surety_import *import, int64_t last_known_us)
{
    struct surety_record *record = import->record;
    const struct surety_record_options *o = import->options;
    int64_t first = INT64_MAX, last = last_known_us;
    for (size_t i = 0; i < record->n; i++) {
        const struct surety_incident *x = &record->incidents[i];
        first = x->start_us < first ? x->start_us : first;
        last = x->start_us > last ? x->start_us : last;
        if (x->end_us != SURETY_STILL_OPEN && x->end_us > last)
            last = x->end_us;
    }
    if (!record->from_given) // the daily form sets both by itself
        record->from_us = first != INT64_MAX ? day_floor(first) : last != SURETY_NO_TIME ? last : 0;
    if (!record->until_given)
        record->until_us = last == SURETY_NO_TIME ? record->from_us : last;
    record->until_given |= last_known_us != SURETY_NO_TIME;
    if (o->has_from)
        record->from_us = o->from_us;
    if (o->has_until)
        record->until_us = o->until_us;
    record->from_given |= o->has_from;
    record->until_given |= o->has_until;
}

enum surety_err surety_import_close(struct surety_import *import, int64_t last_known_us)
{
    struct surety_record *record = import->record;
    const struct surety_place nowhere = {0, 0};
    if (import->n_messages > 0)
        return SURETY_E_INPUT;
    const enum surety_err err = drop_repeated(import);
    if (err != SURETY_OK)
        return err;
    if (record->n > 0)
        qsort(record->incidents, record->n, sizeof *record->incidents, by_time);
    settle_span(import, last_known_us);
    if (record->until_us <= record->from_us) {
        surety_import_complain(import, SURETY_D_RECORD_SPAN, nowhere, NULL,
                               "say from when until when it was watched (from, until)",
                               record->n == 0 ? "the record has no incident and does not say how long it was watched"
                                              : "the record ends before it begins");
        return SURETY_E_INPUT;
    }
    return SURETY_OK;
}
