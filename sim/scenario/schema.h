// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_SCENARIO_SCHEMA_H
#define SURETY_SCENARIO_SCHEMA_H

#include "sim/base/arena.h"
#include "sim/base/diag.h"
#include "sim/base/registry.h"
#include "sim/scenario/ytree.h"

#include <stdbool.h>
#include <stddef.h>

// The walker over field rows: from a tree to structs. It reports all mistakes of a file in one go, so every function
// goes on after a mistake and returns whether it made none.

struct surety_scenario;
struct surety_node;
struct surety_law;

// One line of a growing list of strings.
struct surety_line {
    const char *text;
    struct surety_line *next;
};

struct surety_lines {
    struct surety_line *first, *last;
    size_t n;
};

// A node of an architecture whose settings wait for the contract.
struct surety_pending_route {
    struct surety_node *route;
    const struct surety_ynode *body; // the value of the type's key
    const char *path;                // of the body
    struct surety_pending_route *next;
};

// A provider that stands under an architecture instead of under `providers`.
struct surety_stand_in;

// Most bytes of a name.
#define SURETY_MAX_NAME ((size_t)64)

// Most providers, workloads, outages of one provider, tiers, architectures, and nodes in all architectures.
#define SURETY_MAX_NAMED ((size_t)4096)

// The state of one reading.
struct surety_reader {
    const struct surety_registry *registry;
    struct surety_scenario *scenario; // being filled
    struct surety_arena *arena;       // of the scenario
    struct surety_arena *scratch;     // given back after reading
    struct surety_diags *diags;
    const struct surety_ynode *root;    // the whole file
    const char *file;                   // its name: other files are looked for beside it
    char currency[4];                   // "" until money was met
    struct surety_place currency_place; // of the key `currency` or the first amount
    struct surety_lines defaults, assumptions;
    struct surety_pending_route *pending_routes;
    struct surety_stand_in *first_stand_in, *last_stand_in;
    size_t n_stand_ins;
    size_t n_routes;                    // nodes of all architectures so far
    struct surety_uncertain *uncertain; // the scenario's uncertain inputs, being collected; NULL: a draw is read
    const struct surety_scenario *base; // a draw: the scenario at the means, whose tree is read again; else NULL
    const double *draws;                // a draw: the value of each input; NULL: means are put in, mistakes are told
    const struct surety_field
        *quantity;   // what the numbers of a law are that stands for an uncertain value; NULL: as said
    bool in_range;   // inside an uncertain value: no other can stand there
    bool in_default; // reading a default: nothing inside is recorded
    bool out_of_memory;
};

// True when `map` has a key that is no row's and that "did you mean" takes for `name`: then that key is the mistake, and
// not that `name` is missing.
bool surety_key_is_misspelt(const struct surety_ynode *map, const struct surety_fields *fields, const char *name);

// Reads the map `node` by its rows into `out`. False after a mistake.
bool surety_read_map(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                     const struct surety_fields *fields, void *out);

// Reads the value of one row into base + row->offset. `path` is the value's own.
bool surety_read_field(struct surety_reader *reader, const struct surety_field *row, const struct surety_ynode *node,
                       const char *path, void *base);

// Reads `text` as if the user had written it as the value of `row`, with messages at `at`, and records
// "path: text" as a default that was used.
bool surety_read_default(struct surety_reader *reader, const struct surety_field *row, const char *text,
                         struct surety_place at, const char *path, void *base);

// Row `name` of a table that has it; asserts that.
const struct surety_field *surety_field_row(const struct surety_fields *fields, const char *name);

// Records "path: text" among the defaults that were used.
void surety_note_default(struct surety_reader *reader, const char *path, const char *text);

// Records a sentence for the reader of a report.
void surety_note_assumption(struct surety_reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// Adds a diagnostic at the node's value.
void surety_complain(struct surety_reader *reader, enum surety_diag_id id, const struct surety_ynode *node,
                     const char *path, const char *hint, const char *format, ...) __attribute__((format(printf, 6, 7)));

// Where to point at when something is missing in a map: at its key.
struct surety_place surety_map_place(const struct surety_ynode *node);

// "a" + "b" -> "a.b", "" + "b" -> "b"; in scratch, never NULL.
const char *surety_path_join(struct surety_reader *reader, const char *path, const char *key);

// "a" + 3 -> "a[3]".
const char *surety_path_index(struct surety_reader *reader, const char *path, size_t index);

// printf into scratch, never NULL.
const char *surety_scratch_printf(struct surety_reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// True when the name is [A-Za-z][A-Za-z0-9_-]* of at most 64 characters; else a diagnostic was added.
bool surety_check_name(struct surety_reader *reader, const struct surety_ynode *node, const char *path);

// Refuses `{between: ...}`, `{law: ...}` and `{observed: ...}` where a value cannot be uncertain. True when it was one.
bool surety_refuse_range(struct surety_reader *reader, const struct surety_ynode *node, const char *path);

// With uncertain inputs: keeps a value of the first reading for the draws, by the address of what it was read from (a
// node, a default's text). recall: NULL in the first reading, or when nothing was kept.
void surety_remember(struct surety_reader *reader, const void *key, const void *value);
const void *surety_recall(const struct surety_reader *reader, const void *key);

// The hint of an unknown word: "allowed: a, b, c; did you mean 'b'?". names: see surety_did_you_mean. In scratch.
const char *surety_hint_words(struct surety_reader *reader, const char *word, const void *names, size_t n,
                              size_t stride);

// Reads the scalar kinds (all but law, map, named, routes, custom) into `out`; schema_values.c.
bool surety_read_scalar(struct surety_reader *reader, const struct surety_field *row, const struct surety_ynode *node,
                        const char *path, void *out);

// The number at the scalar `node` as a value of `row`, SI units, with its limits unless `free`. Words are no numbers.
bool surety_read_bare(struct surety_reader *reader, const struct surety_field *row, const struct surety_ynode *node,
                      const char *path, bool free, double *out);

// A duration or a law at `node` into *out. `counts`: of counts, else of durations. A bare duration is exponential with
// that mean when `bare_is_mean`, else fixed.
bool surety_read_law(struct surety_reader *reader, const struct surety_ynode *node, const char *path, bool counts,
                     bool bare_is_mean, struct surety_law *out);

#endif
