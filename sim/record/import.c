// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/record/record_import.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static bool has(const char *head, const char *word)
{
    return strstr(head, word) != NULL;
}

static bool is_json(const char *head)
{
    head += strspn(head, " \t\r\n");
    return *head == '{' || *head == '[';
}

// A Statuspage file of either dialect; its reader tells them apart by the incidents themselves.
static bool sniff_atlassian(const char *head)
{
    return is_json(head) && has(head, "\"incidents\"") && (has(head, "\"incident_updates\"") || has(head, "\"page\""));
}

static bool sniff_never(const char *head)
{
    (void)head;
    return false;
}

static bool sniff_google(const char *head)
{
    return is_json(head) && head[strspn(head, " \t\r\n")] == '[' &&
           (has(head, "\"status_impact\"") || has(head, "\"external_desc\"") || has(head, "\"most_recent_update\""));
}

// The first line is an object by itself.
static bool sniff_lines(const char *head)
{
    head += strspn(head, " \t\r\n");
    const char *end = strchr(head, '\n');
    if (*head != '{' || end == NULL || has(head, "\"incidents\""))
        return false;
    while (end > head && (end[-1] == '\r' || end[-1] == ' '))
        end--;
    return end > head + 1 && end[-1] == '}';
}

static bool sniff_days(const char *head)
{
    const size_t n = strcspn(head, "\r\n");
    const char *partial = strstr(head, "partial_outage_min"), *major = strstr(head, "major_outage_min");
    return !is_json(head) && partial != NULL && (size_t)(partial - head) < n && major != NULL &&
           (size_t)(major - head) < n;
}

static bool sniff_table(const char *head)
{
    const size_t n = strcspn(head, "\r\n");
    return !is_json(head) && memchr(head, ',', n) != NULL;
}

const struct surety_importer surety_importers[] = {
    {"statuspage-atlassian", "incidents.json of a Statuspage (Atlassian): /api/v2/incidents.json", sniff_atlassian,
     surety_import_atlassian},
    {"statuspage-incidentio", "the same of a page by incident.io, which knows neither components nor started_at",
     sniff_never, surety_import_incidentio},
    {"google-cloud", "incidents.json of Google's status pages (status.cloud.google.com)", sniff_google,
     surety_import_google},
    {"statuspage-lines", "one Statuspage incident a line (JSON Lines)", sniff_lines, surety_import_lines},
    {"daily-minutes", "a table with a row per service and day: date, service, partial_outage_min, major_outage_min",
     sniff_days, surety_import_days},
    {"table", "a table (CSV) with a row per incident and columns for start, end, severity, component, id", sniff_table,
     surety_import_table},
    {.name = NULL},
};

const char *surety_record_format(size_t i, const char **help)
{
    const size_t n = sizeof surety_importers / sizeof *surety_importers - 1;
    if (i >= n)
        return NULL;
    *help = surety_importers[i].help;
    return surety_importers[i].name;
}

// --- bytes ----------------------------------------------------------------------------------------------------

// Fills the buffer; false at the end of the file.
static bool refill(struct surety_import *import)
{
    if (import->in == NULL)
        return false;
    import->n = fread(import->buffer, 1, SURETY_IMPORT_BUFFER, import->in);
    import->at = 0;
    import->read_failed |= ferror(import->in) != 0;
    sha256_update(&import->sha, import->n, import->buffer);
    return import->n > 0;
}

int surety_import_byte(struct surety_import *import)
{
    if (import->at == import->n && !refill(import))
        return EOF;
    return import->buffer[import->at++];
}

enum surety_err surety_import_no_memory(struct surety_import *import)
{
    surety_diag_add(import->diags, SURETY_D_MEMORY, (struct surety_place){0, 0}, NULL, NULL, "memory is out");
    return SURETY_E_MEMORY;
}

char *surety_import_all(struct surety_import *import, size_t most, size_t *n)
{
    size_t capacity = SURETY_IMPORT_BUFFER, length = 0;
    char *text = malloc(capacity + 1);
    while (text != NULL && (import->at < import->n || refill(import))) {
        const size_t more = import->n - import->at;
        if (length + more > most) {
            surety_import_complain(import, SURETY_D_RECORD_SIZE, (struct surety_place){0, 0}, NULL,
                                   "fetch fewer incidents at a time, or write one incident a line (statuspage-lines) "
                                   "or a table: those are read piece by piece",
                                   "the JSON is larger than %zu MiB", most >> 20);
            free(text);
            return NULL;
        }
        if (length + more > capacity) {
            capacity = 2 * (length + more);
            char *larger = realloc(text, capacity + 1);
            if (larger == NULL) {
                free(text);
                text = NULL;
                break;
            }
            text = larger;
        }
        memcpy(text + length, import->buffer + import->at, more);
        length += more;
        import->at = import->n;
    }
    if (text == NULL) {
        surety_import_no_memory(import);
        return NULL;
    }
    text[length] = '\0';
    *n = length;
    return text;
}

// --- messages and texts -----------------------------------------------------------------------------------------

bool surety_import_complain(struct surety_import *import, enum surety_diag_id id, struct surety_place place,
                            const char *path, const char *hint, const char *format, ...)
{
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    surety_diag_add(import->diags, id, place, path, hint, "%s", message);
    return ++import->n_messages < SURETY_IMPORT_MESSAGES;
}

const char *surety_import_text(struct surety_import *import, const char *text)
{
    if (import->recent == NULL || strcmp(import->recent, text) != 0)
        import->recent = surety_arena_strndup(&import->record->arena, text, strlen(text));
    return import->recent;
}

// --- reading ----------------------------------------------------------------------------------------------------

static const struct surety_importer *named(struct surety_import *import, const char *name)
{
    const struct surety_importer *row = surety_importers;
    while (row->name != NULL && strcmp(row->name, name) != 0)
        row++;
    if (row->name != NULL)
        return row;
    const char *near =
        surety_did_you_mean(name, &surety_importers->name, sizeof surety_importers / sizeof *surety_importers - 1,
                            sizeof *surety_importers);
    char hint[256] = "formats:";
    if (near != NULL)
        snprintf(hint, sizeof hint, "did you mean \"%s\"?", near);
    for (size_t i = 0, n = strlen(hint); near == NULL && surety_importers[i].name != NULL && n < sizeof hint; i++)
        n += (size_t)snprintf(hint + n, sizeof hint - n, "%s %s", i > 0 ? "," : "", surety_importers[i].name);
    surety_import_complain(import, SURETY_D_RECORD_FORMAT, (struct surety_place){0, 0}, NULL, hint,
                           "there is no format '%.60s'", name);
    return NULL;
}

static const struct surety_importer *recognised(struct surety_import *import)
{
    const char *head = (const char *)import->buffer;
    for (const struct surety_importer *row = surety_importers; row->name != NULL; row++)
        if (row->sniff(head))
            return row;
    const char *what = import->n == 0                                 ? "the file is empty"
                       : memchr(head, '\0', import->n) != NULL        ? "the file is binary"
                       : has(head, "\"scheduled_maintenances\"")      ? "this lists scheduled maintenance, no incidents"
                       : has(head, "\"components\"") && is_json(head) ? "this lists components, no incidents"
                       : is_json(head)                                ? "this JSON is of no kind that is known"
                                       : "the first line has no comma: it is no table, and no JSON either";
    surety_import_complain(import, SURETY_D_RECORD_FORMAT, (struct surety_place){1, 1}, NULL,
                           "give incidents.json of a status page (Statuspage, incident.io, Google Cloud), a CSV with a "
                           "first line of column names, or daily minutes",
                           "%s", what);
    return NULL;
}

static enum surety_err read_all(struct surety_import *import)
{
    const struct surety_record_options *o = import->options;
    if (import->n > 0 && import->n >= 3 && memcmp(import->buffer, "\xEF\xBB\xBF", 3) == 0)
        import->at = 3;
    if (import->read_failed)
        return SURETY_E_SYSTEM;
    const struct surety_importer *row = o->format != NULL ? named(import, o->format) : recognised(import);
    if (row == NULL)
        return SURETY_E_INPUT;
    import->record->dialect = row->name;
    const enum surety_err err = row->read(import);
    if (import->read_failed)
        return SURETY_E_SYSTEM;
    return err == SURETY_OK && import->n_messages > 0 ? SURETY_E_INPUT : err;
}

static void write_digest(struct surety_import *import)
{
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_digest(&import->sha, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(import->record->sha256 + 2 * i, 3, "%02x", digest[i]);
}

// Reads from `in`, or what stands in the buffer already.
static enum surety_err import_from(struct surety_import *import, const char *file,
                                   const struct surety_record_options *options, struct surety_diags *diags,
                                   struct surety_record **out)
{
    static const struct surety_record_options plain = {.format = NULL};
    import->options = options != NULL ? options : &plain;
    import->diags = diags;
    import->record = calloc(1, sizeof *import->record);
    if (import->record == NULL)
        return surety_import_no_memory(import);
    surety_arena_init(&import->record->arena);
    import->record->file = surety_arena_strndup(&import->record->arena, file, strlen(file));
    if (import->in != NULL)
        refill(import);
    else
        sha256_update(&import->sha, import->n, import->buffer);
    const enum surety_err err = import->record->file == NULL ? surety_import_no_memory(import) : read_all(import);
    if (err != SURETY_OK) {
        surety_record_destroy(import->record);
        return err;
    }
    while (import->in != NULL && refill(import)) // what the format does not need is hashed all the same
        ;
    write_digest(import);
    *out = import->record;
    return SURETY_OK;
}

enum surety_err surety_record_load(const char *file, const struct surety_record_options *options,
                                   struct surety_diags *diags, struct surety_record **out)
{
    const bool standard = strcmp(file, "-") == 0;
    struct surety_import import = {.in = fopen(standard ? "/dev/stdin" : file, "rb")};
    // One byte more: what is looked at as a text ends with a 0.
    import.buffer = import.in == NULL ? NULL : calloc(1, SURETY_IMPORT_BUFFER + 1);
    enum surety_err err = SURETY_E_SYSTEM;
    sha256_init(&import.sha);
    if (import.in == NULL)
        surety_diag_add(diags, SURETY_D_FILE, (struct surety_place){0, 0}, NULL, NULL, "cannot read '%.200s': %s", file,
                        strerror(errno));
    else if (import.buffer == NULL)
        surety_diag_add(diags, SURETY_D_MEMORY, (struct surety_place){0, 0}, NULL, NULL, "memory is out");
    else
        err = import_from(&import, standard ? "standard input" : file, options, diags, out);
    if (import.read_failed)
        surety_diag_add(diags, SURETY_D_FILE, (struct surety_place){0, 0}, NULL, NULL, "reading '%.200s' failed", file);
    if (import.in != NULL)
        fclose(import.in);
    free(import.buffer);
    return err;
}

enum surety_err surety_record_parse(const char *file, const char *text, size_t n,
                                    const struct surety_record_options *options, struct surety_diags *diags,
                                    struct surety_record **out)
{
    struct surety_import import = {.n = n, .buffer = malloc(n + 1)};
    sha256_init(&import.sha);
    if (import.buffer == NULL) {
        surety_diag_add(diags, SURETY_D_MEMORY, (struct surety_place){0, 0}, NULL, NULL, "memory is out");
        return SURETY_E_MEMORY;
    }
    memcpy(import.buffer, text, n);
    import.buffer[n] = '\0';
    const enum surety_err err = import_from(&import, file, options, diags, out);
    free(import.buffer);
    return err;
}
