// SPDX-License-Identifier: GPL-3.0-or-later
// Google's incidents.json (status.cloud.google.com): a list of objects. Used are id, begin, end, status_impact (else
// severity), service_name, the titles of affected_products, and modified for the end of the record.
#include "sim/record/json_text.h"

#include <stdlib.h>
#include <string.h>

static bool complain(struct surety_import *import, enum surety_diag_id id, struct surety_json_in_cursor cursor,
                     const char *key, const char *hint, const char *what)
{
    return surety_import_complain(import, id, surety_json_in_member(cursor, key).place, key, hint, "%.200s", what);
}

static enum surety_err read_products(struct surety_import *import, const json_t *object,
                                     struct surety_incident *incident)
{
    const json_t *list = json_object_get(object, "affected_products");
    const size_t n = json_array_size(list);
    const char **names = surety_arena_calloc(&import->record->arena, n + 1, sizeof *names);
    if (names == NULL)
        return surety_import_no_memory(import);
    for (size_t i = 0; i <= n; i++) {
        const char *name = i == 0 ? surety_json_in_text(object, "service_name")
                                  : surety_json_in_text(json_array_get(list, i - 1), "title");
        if (name == NULL || (i > 0 && incident->n_components > 0 && strcmp(name, names[0]) == 0))
            continue;
        if ((names[incident->n_components++] = surety_import_text(import, name)) == NULL)
            return surety_import_no_memory(import);
    }
    incident->components = names;
    return SURETY_OK;
}

static enum surety_err read_incident(struct surety_import *import, const json_t *object,
                                     struct surety_json_in_cursor cursor, int64_t *last_known_us, bool *go_on)
{
    struct surety_incident incident = surety_import_blank(cursor.place);
    int64_t end_us, modified_us;
    *go_on = true;
    if (!json_is_object(object)) {
        *go_on = complain(import, SURETY_D_RECORD_FORMAT, cursor, "", NULL, "an incident is an object { }");
        return SURETY_E_INPUT;
    }
    const char *key = surety_json_in_text(object, "status_impact") != NULL ? "status_impact" : "severity";
    const char *severity = surety_json_in_text(object, key), *id = surety_json_in_text(object, "id");
    if (severity == NULL || !surety_grade_read(severity, import->options, &incident.grade)) {
        *go_on = complain(import, SURETY_D_RECORD_VALUE, cursor, key,
                          "usual are SERVICE_INFORMATION, SERVICE_DISRUPTION, SERVICE_OUTAGE; low, medium, high",
                          severity == NULL ? "the incident has no severity" : "this severity is not known");
        return SURETY_E_INPUT;
    }
    if (!surety_json_in_time(import, object, cursor, "begin", &incident.start_us, go_on) ||
        !surety_json_in_time(import, object, cursor, "end", &end_us, go_on) ||
        !surety_json_in_time(import, object, cursor, "modified", &modified_us, go_on))
        return SURETY_E_INPUT;
    if (incident.start_us == SURETY_NO_TIME) {
        *go_on = complain(import, SURETY_D_RECORD_TIME, cursor, "begin", NULL, "the incident has no begin");
        return SURETY_E_INPUT;
    }
    if (end_us != SURETY_NO_TIME)
        incident.end_us = incident.stage_us[SURETY_STAGE_RESOLVED] = end_us;
    *last_known_us = modified_us > *last_known_us ? modified_us : *last_known_us;
    incident.id = id != NULL ? surety_import_text(import, id) : "";
    incident.provider = "google-cloud";
    if (incident.id == NULL)
        return surety_import_no_memory(import);
    enum surety_err err = read_products(import, object, &incident);
    if (err == SURETY_OK) {
        err = surety_import_add(import, &incident);
        *go_on = err == SURETY_OK;
    }
    return err;
}

static enum surety_err read_list(struct surety_import *import, const char *text, const json_t *root)
{
    struct surety_json_in_cursor at = surety_json_in_start(text, 1);
    int64_t last_known_us = SURETY_NO_TIME;
    enum surety_err err = SURETY_OK;
    if (!json_is_array(root)) {
        complain(import, SURETY_D_RECORD_FORMAT, at, "", "fetch https://status.cloud.google.com/incidents.json",
                 "Google's record is a list [ ] of incidents");
        return SURETY_E_INPUT;
    }
    at = surety_json_in_first(at);
    for (size_t i = 0; i < json_array_size(root); i++, at = surety_json_in_next(at)) {
        bool go_on;
        const enum surety_err one = read_incident(import, json_array_get(root, i), at, &last_known_us, &go_on);
        err = one != SURETY_OK ? one : err;
        if (one == SURETY_E_MEMORY || !go_on)
            return one;
    }
    return err == SURETY_OK ? surety_import_close(import, last_known_us) : err;
}

enum surety_err surety_import_google(struct surety_import *import)
{
    size_t n;
    char *text = surety_import_all(import, SURETY_RECORD_MOST_JSON, &n);
    if (text == NULL)
        return SURETY_E_INPUT;
    json_t *root = surety_json_in_read(import, text, n, 1);
    const enum surety_err err = root == NULL ? SURETY_E_INPUT : read_list(import, text, root);
    json_decref(root);
    free(text);
    return err;
}
