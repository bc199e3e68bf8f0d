// SPDX-License-Identifier: GPL-3.0-or-later
// Statuspage's /api/v2/incidents.json in two dialects, and one incident a line. What is used of an incident: id,
// impact, started_at (else created_at; of maintenance scheduled_for), resolved_at, status, the components' names, and of
// each update its status and its time (display_at, else created_at). Whoever wrote the page decides what these mean.
#include "sim/record/json_text.h"

#include <stdlib.h>
#include <string.h>

#define LONGEST_LINE ((size_t)1 << 20)

struct page {
    struct surety_import *import;
    const char *name;      // of the page: the provider
    bool rich;             // some incident has components or started_at: Atlassian's dialect
    int64_t last_known_us; // when the page was written
    bool go_on;
};

static bool is_closed(const char *status)
{
    return status != NULL &&
           (strcmp(status, "resolved") == 0 || strcmp(status, "postmortem") == 0 || strcmp(status, "completed") == 0);
}

static void earlier(int64_t *stage_us, int64_t us)
{
    if (*stage_us == SURETY_NO_TIME || us < *stage_us)
        *stage_us = us;
}

// The row of an update's status; SURETY_N_STAGES for others (scheduled).
static enum surety_stage stage_of(const char *status)
{
    static const struct {
        const char *word;
        enum surety_stage stage;
    } table[] = {
        {"investigating", SURETY_STAGE_INVESTIGATING}, {"in_progress", SURETY_STAGE_INVESTIGATING},
        {"identified", SURETY_STAGE_IDENTIFIED},       {"monitoring", SURETY_STAGE_MONITORING},
        {"verifying", SURETY_STAGE_MONITORING},        {"resolved", SURETY_STAGE_RESOLVED},
        {"completed", SURETY_STAGE_RESOLVED},          {"postmortem", SURETY_STAGE_POSTMORTEM},
    };
    for (size_t i = 0; status != NULL && i < sizeof table / sizeof *table; i++)
        if (strcmp(status, table[i].word) == 0)
            return table[i].stage;
    return SURETY_N_STAGES;
}

struct update {
    enum surety_stage stage;
    int64_t us;
};

// The stages from the updates, in whatever order they stand: the first time of each; of `resolved` the last; of
// `monitoring` the first after which nobody went back to work on it.
static void settle_stages(const struct update *updates, size_t n, int64_t stage_us[SURETY_N_STAGES])
{
    int64_t last_work_us = SURETY_NO_TIME;
    for (size_t i = 0; i < n; i++) {
        const struct update *u = &updates[i];
        if (u->stage <= SURETY_STAGE_IDENTIFIED && u->us > last_work_us)
            last_work_us = u->us;
        if (u->stage == SURETY_STAGE_RESOLVED)
            stage_us[u->stage] = u->us > stage_us[u->stage] ? u->us : stage_us[u->stage];
        else if (u->stage != SURETY_STAGE_MONITORING && u->stage != SURETY_N_STAGES)
            earlier(&stage_us[u->stage], u->us);
    }
    for (size_t i = 0; i < n; i++)
        if (updates[i].stage == SURETY_STAGE_MONITORING && updates[i].us >= last_work_us)
            earlier(&stage_us[SURETY_STAGE_MONITORING], updates[i].us);
}

static enum surety_err read_updates(struct page *page, const json_t *object, struct surety_json_in_cursor cursor,
                                    struct surety_incident *incident)
{
    const json_t *list = json_object_get(object, "incident_updates");
    const size_t n = json_array_size(list);
    struct update *updates = malloc((n + 1) * sizeof *updates);
    if (updates == NULL)
        return surety_import_no_memory(page->import);
    struct surety_json_in_cursor at = surety_json_in_first(surety_json_in_member(cursor, "incident_updates"));
    size_t used = 0;
    bool good = true;
    for (size_t i = 0; good && i < n; i++, at = surety_json_in_next(at)) {
        const json_t *one = json_array_get(list, i);
        int64_t us;
        good = surety_json_in_time(page->import, one, at, "display_at", &us, &page->go_on) &&
               (us != SURETY_NO_TIME || surety_json_in_time(page->import, one, at, "created_at", &us, &page->go_on));
        if (good && us != SURETY_NO_TIME)
            updates[used++] = (struct update){stage_of(surety_json_in_text(one, "status")), us};
    }
    settle_stages(updates, used, incident->stage_us);
    free(updates);
    return good ? SURETY_OK : SURETY_E_INPUT;
}

static enum surety_err read_components(struct page *page, const json_t *object, struct surety_incident *incident)
{
    const json_t *list = json_object_get(object, "components");
    const size_t n = json_array_size(list);
    const char **names = surety_arena_calloc(&page->import->record->arena, n, sizeof *names);
    if (names == NULL)
        return surety_import_no_memory(page->import);
    for (size_t i = 0; i < n; i++) {
        const char *name = surety_json_in_text(json_array_get(list, i), "name");
        if (name != NULL && (names[incident->n_components++] = surety_import_text(page->import, name)) == NULL)
            return surety_import_no_memory(page->import);
    }
    incident->components = names;
    return SURETY_OK;
}

static bool complain(struct page *page, enum surety_diag_id id, struct surety_json_in_cursor cursor, const char *key,
                     const char *hint, const char *what)
{
    page->go_on =
        surety_import_complain(page->import, id, surety_json_in_member(cursor, key).place, key, hint, "%.200s", what);
    return false;
}

static bool read_times(struct page *page, const json_t *object, struct surety_json_in_cursor cursor,
                       struct surety_incident *incident)
{
    struct surety_import *import = page->import;
    int64_t resolved_us, last_us;
    const char *const keys[] = {incident->grade == SURETY_GRADE_MAINTENANCE ? "scheduled_for" : "started_at",
                                "started_at", "created_at"};
    for (size_t i = 0; incident->start_us == SURETY_NO_TIME && i < sizeof keys / sizeof *keys; i++)
        if (!surety_json_in_time(import, object, cursor, keys[i], &incident->start_us, &page->go_on))
            return false;
    if (incident->start_us == SURETY_NO_TIME)
        return complain(page, SURETY_D_RECORD_TIME, cursor, "created_at", NULL, "the incident has no start");
    if (!surety_json_in_time(import, object, cursor, "resolved_at", &resolved_us, &page->go_on) ||
        !surety_json_in_time(import, object, cursor, "updated_at", &last_us, &page->go_on))
        return false;
    int64_t *stage_us = incident->stage_us;
    if (resolved_us != SURETY_NO_TIME)
        stage_us[SURETY_STAGE_RESOLVED] = resolved_us;
    if (last_us > page->last_known_us)
        page->last_known_us = last_us;
    if (!is_closed(surety_json_in_text(object, "status")))
        return true; // still open
    incident->end_us = stage_us[SURETY_STAGE_RESOLVED];
    return incident->end_us != SURETY_NO_TIME || complain(page, SURETY_D_RECORD_TIME, cursor, "resolved_at", NULL,
                                                          "the incident is resolved, but nothing says when");
}

// One incident into the record. SURETY_E_INPUT with page->go_on: the next one may still be looked at.
static enum surety_err read_incident(struct page *page, const json_t *object, struct surety_json_in_cursor cursor)
{
    struct surety_import *import = page->import;
    struct surety_incident incident = surety_import_blank(cursor.place);
    if (!json_is_object(object)) {
        complain(page, SURETY_D_RECORD_FORMAT, cursor, "", NULL, "an incident is an object { }");
        return SURETY_E_INPUT;
    }
    page->rich |= json_object_get(object, "components") != NULL || json_object_get(object, "started_at") != NULL;
    const char *impact = surety_json_in_text(object, "impact"), *id = surety_json_in_text(object, "id");
    if (impact == NULL || !surety_grade_read(impact, import->options, &incident.grade)) {
        complain(page, SURETY_D_RECORD_VALUE, cursor, "impact",
                 "usual are none, minor, major, critical, maintenance; say what another word means (--grade "
                 "WORD=GRADE; in a scenario `grades`)",
                 impact == NULL ? "the incident has no impact" : "this impact is not known");
        return SURETY_E_INPUT;
    }
    incident.id = id != NULL ? surety_import_text(import, id) : "";
    incident.provider = page->name;
    if (incident.id == NULL)
        return surety_import_no_memory(import);
    enum surety_err err = read_updates(page, object, cursor, &incident);
    if (err == SURETY_OK)
        err = read_components(page, object, &incident);
    if (err == SURETY_OK && !read_times(page, object, cursor, &incident))
        err = SURETY_E_INPUT;
    if (err != SURETY_OK)
        return err;
    err = surety_import_add(import, &incident);
    page->go_on = err == SURETY_OK;
    return err;
}

// --- the two dialects -------------------------------------------------------------------------------------------

static const char *name_of(const struct page *page)
{
    return page->rich ? "statuspage-atlassian" : "statuspage-incidentio";
}

static enum surety_err check_dialect(struct page *page, size_t n)
{
    struct surety_import *import = page->import;
    if (n > 0 && import->options->format != NULL && strcmp(import->options->format, name_of(page)) != 0) {
        surety_import_complain(import, SURETY_D_RECORD_FORMAT, (struct surety_place){1, 1}, NULL,
                               "say --format with its own name, or leave it out: the dialect is recognised",
                               "this is %s, not %s", name_of(page), import->options->format);
        return SURETY_E_INPUT;
    }
    if (n > 0)
        import->record->dialect = name_of(page);
    return SURETY_OK;
}

static enum surety_err read_page(struct page *page, const char *text, const json_t *root)
{
    struct surety_import *import = page->import;
    const struct surety_json_in_cursor top = surety_json_in_start(text, 1);
    const json_t *list = json_object_get(root, "incidents"), *about = json_object_get(root, "page");
    if (!json_is_array(list)) {
        surety_import_complain(import, SURETY_D_RECORD_FORMAT, top.place, NULL,
                               "fetch /api/v2/incidents.json of the status page", "there is no list of `incidents`");
        return SURETY_E_INPUT;
    }
    const char *name = surety_json_in_text(about, "name");
    page->name = name != NULL ? surety_import_text(import, name) : "";
    if (page->name == NULL)
        return surety_import_no_memory(import);
    if (!surety_json_in_time(import, about, surety_json_in_member(top, "page"), "updated_at", &page->last_known_us,
                             &page->go_on))
        return SURETY_E_INPUT;
    struct surety_json_in_cursor at = surety_json_in_first(surety_json_in_member(top, "incidents"));
    enum surety_err err = SURETY_OK;
    for (size_t i = 0; i < json_array_size(list); i++, at = surety_json_in_next(at)) {
        page->go_on = true;
        const enum surety_err one = read_incident(page, json_array_get(list, i), at);
        err = one != SURETY_OK ? one : err;
        if (one == SURETY_E_MEMORY || !page->go_on)
            return one;
    }
    if (err == SURETY_OK)
        err = check_dialect(page, json_array_size(list));
    return err == SURETY_OK ? surety_import_close(import, page->last_known_us) : err;
}

enum surety_err surety_import_atlassian(struct surety_import *import)
{
    struct page page = {.import = import, .last_known_us = SURETY_NO_TIME};
    size_t n;
    char *text = surety_import_all(import, SURETY_RECORD_MOST_JSON, &n);
    if (text == NULL)
        return SURETY_E_INPUT;
    json_t *root = surety_json_in_read(import, text, n, 1);
    const enum surety_err err = root == NULL ? SURETY_E_INPUT : read_page(&page, text, root);
    json_decref(root);
    free(text);
    return err;
}

enum surety_err surety_import_incidentio(struct surety_import *import)
{
    return surety_import_atlassian(import);
}

// --- one incident a line ----------------------------------------------------------------------------------------

// A line and the room that it grows in.
struct line {
    char *text;
    size_t n, room;
    bool no_memory;
};

static bool put(struct line *line, char byte)
{
    if (line->n == line->room) {
        const size_t room = line->room == 0 ? 4096 : 2 * line->room;
        char *text = realloc(line->text, room);
        line->no_memory |= text == NULL;
        if (text == NULL)
            return false;
        line->text = text;
        line->room = room;
    }
    line->text[line->n++] = byte;
    return true;
}

// The next line without its end, with a closing 0 that n does not count. False at the end of the file or after a
// message.
static bool next_line(struct surety_import *import, size_t number, struct line *line)
{
    int byte = surety_import_byte(import);
    if (byte == EOF)
        return false;
    for (line->n = 0; byte != EOF && byte != '\n'; byte = surety_import_byte(import)) {
        if (line->n == LONGEST_LINE) {
            surety_import_complain(import, SURETY_D_RECORD_SIZE, (struct surety_place){number, 1}, NULL, NULL,
                                   "the line is longer than %zu MiB", LONGEST_LINE >> 20);
            return false;
        }
        if (!put(line, (char)byte))
            return false;
    }
    if (!put(line, '\0'))
        return false;
    line->n--;
    return true;
}

static enum surety_err read_line(struct page *page, const char *text, size_t n, size_t line)
{
    if (strspn(text, " \t\r") == n)
        return SURETY_OK;
    json_t *root = surety_json_in_read(page->import, text, n, line);
    page->go_on = false;
    const enum surety_err err =
        root == NULL ? SURETY_E_INPUT : read_incident(page, root, surety_json_in_start(text, line));
    json_decref(root);
    return err;
}

enum surety_err surety_import_lines(struct surety_import *import)
{
    struct page page = {.import = import, .name = "", .last_known_us = SURETY_NO_TIME};
    struct line line = {.text = NULL};
    enum surety_err err = SURETY_OK;
    for (size_t number = 1; next_line(import, number, &line); number++) {
        page.go_on = true;
        const enum surety_err one = read_line(&page, line.text, line.n, number);
        err = one != SURETY_OK ? one : err;
        if (one == SURETY_E_MEMORY || !page.go_on)
            break;
    }
    free(line.text);
    if (line.no_memory)
        return surety_import_no_memory(import);
    return err == SURETY_OK ? surety_import_close(import, page.last_known_us) : err;
}
