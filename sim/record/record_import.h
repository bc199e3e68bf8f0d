// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_RECORD_RECORD_IMPORT_H
#define SURETY_RECORD_RECORD_IMPORT_H

#include "sim/record/record.h"

#include <nettle/sha2.h>
#include <stdio.h>

// What the importers share; used inside sim/record only.

// A file that is being read. Bytes are hashed and counted as they pass.
struct surety_import {
    const struct surety_record_options *options;
    struct surety_diags *diags;
    struct surety_record *record; // under construction, its strings in its arena
    size_t capacity;              // of record->incidents while they grow (heap)
    size_t n_messages;            // mistakes told so far; after SURETY_IMPORT_MESSAGES the reading ends
    const char *recent;           // the text that was copied last
    FILE *in;                     // NULL: the bytes are all in the buffer
    struct sha256_ctx sha;
    unsigned char *buffer; // SURETY_IMPORT_BUFFER bytes; first those that the format is recognised by
    size_t at, n;          // next byte, number of bytes in the buffer
    bool read_failed;
};

#define SURETY_IMPORT_MESSAGES 20
#define SURETY_IMPORT_BUFFER ((size_t)1 << 16)

// The next byte, or EOF.
int surety_import_byte(struct surety_import *import);

// One importer. `sniff`: whether the file's beginning (NUL-terminated) looks like it.
struct surety_importer {
    const char *name, *help;
    bool (*sniff)(const char *head);
    enum surety_err (*read)(struct surety_import *import);
};

extern const struct surety_importer surety_importers[]; // ends with a name NULL; the first that recognises a file

// A message at a place. Returns false when enough were given: the importer should stop.
bool surety_import_complain(struct surety_import *import, enum surety_diag_id id, struct surety_place place,
                            const char *path, const char *hint, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

// Copies `text` into the record; the same text twice in a row gives the same pointer. NULL: no memory.
const char *surety_import_text(struct surety_import *import, const char *text);

// All bytes that are left, with a closing 0, to be freed; NULL after a message, also when they are more than `most`.
char *surety_import_all(struct surety_import *import, size_t most, size_t *n);

// Tells that memory is out.
enum surety_err surety_import_no_memory(struct surety_import *import);

// The components of "a;b, c" style lists, split at `separator` and trimmed.
enum surety_err surety_import_components(struct surety_import *import, const char *list, char separator,
                                         struct surety_incident *incident);

// An incident with nothing known.
struct surety_incident surety_import_blank(struct surety_place place);

// Applies the options' rules on stages to the reported start and end, checks the order of times and appends. An
// incident that the rules drop is counted. SURETY_E_INPUT after too many mistakes, SURETY_E_MEMORY.
enum surety_err surety_import_add(struct surety_import *import, const struct surety_incident *incident);

// Sorts, finds repetitions, settles the span. last_known_us: when the file was written, SURETY_NO_TIME: not known.
enum surety_err surety_import_close(struct surety_import *import, int64_t last_known_us);

// The importers' readers.
enum surety_err surety_import_atlassian(struct surety_import *import);
enum surety_err surety_import_incidentio(struct surety_import *import);
enum surety_err surety_import_google(struct surety_import *import);
enum surety_err surety_import_lines(struct surety_import *import);
enum surety_err surety_import_table(struct surety_import *import);
enum surety_err surety_import_days(struct surety_import *import);

#endif
