// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/scenario/scenario.h"

#include "sim/scenario/presets.h"
#include "sim/scenario/recorded_span.h"
#include "sim/scenario/route_reader.h"
#include "sim/scenario/schema.h"
#include "sim/scenario/stand_in.h"
#include "sim/scenario/uncertain.h"
#include "sim/scenario/units.h"
#include "sim/scenario/ytree.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/sha2.h>

static void hash_text(const char *text, size_t length, char out[65])
{
    struct sha256_ctx context;
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_init(&context);
    sha256_update(&context, length, (const uint8_t *)text);
    sha256_digest(&context, SHA256_DIGEST_SIZE, digest);
    for (size_t i = 0; i < SHA256_DIGEST_SIZE; i++)
        snprintf(out + 2 * i, 3, "%02x", (unsigned)digest[i]);
}

// "dir/voice.yaml" -> "voice".
static const char *name_of_file(struct surety_arena *arena, const char *file)
{
    const char *slash = strrchr(file, '/');
    const char *base = slash == NULL ? file : slash + 1;
    const char *dot = strrchr(base, '.');
    if (strcmp(file, "-") == 0 || base[0] == '\0')
        base = "scenario";
    size_t n =
        dot == NULL || dot <= base || dot < file || strcmp(base, "scenario") == 0 ? strlen(base) : (size_t)(dot - base);
    return surety_arena_strndup(arena, base, n);
}

// The key `currency` counts for the whole file, wherever it stands.
static void find_currency(struct surety_reader *reader)
{
    const struct surety_ynode *node = surety_ynode_get(reader->root, "currency");
    if (node == NULL || node->kind != SURETY_Y_SCALAR)
        return;
    if (strlen(node->text) != 3 || strspn(node->text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3) {
        surety_complain(reader, SURETY_D_VALUE, node, "currency", "write three capital letters like USD or EUR",
                        "'%.20s' is not a currency", node->text);
        return;
    }
    memcpy(reader->currency, node->text, 4);
    reader->currency_place = node->place;
}

static void mark_used(struct surety_scenario *scenario, const struct surety_node *node)
{
    if (node->type == NULL)
        scenario->providers[node->provider].used = true;
    for (size_t i = 0; i < node->n_children; i++)
        mark_used(scenario, node->children[i]);
}

// What can be said only when everything is read and right.
static void look_at_whole(struct surety_reader *reader)
{
    struct surety_scenario *scenario = reader->scenario;
    for (size_t i = 0; i < scenario->n_architectures; i++)
        mark_used(scenario, scenario->architectures[i].root);
    for (size_t i = 0; i < scenario->n_providers; i++) {
        const struct surety_provider *provider = &scenario->providers[i];
        if (!provider->used)
            surety_diag_add(reader->diags, SURETY_D_WARN_UNUSED, provider->place,
                            surety_path_join(reader, "providers", provider->name), NULL,
                            "no architecture uses this provider");
    }
    surety_settle_records(reader);
}

// The lines as an array in the scenario's arena.
static const char **freeze(struct surety_reader *reader, const struct surety_lines *lines)
{
    const char **array = surety_arena_calloc(reader->arena, lines->n, sizeof *array);
    if (array == NULL) {
        reader->out_of_memory = true;
        return NULL;
    }
    size_t i = 0;
    for (const struct surety_line *line = lines->first; line != NULL; line = line->next)
        array[i++] = line->text;
    return array;
}

static void read_tree(struct surety_reader *reader, struct surety_scenario *scenario)
{
    if (surety_ynode_get(reader->root, "name") == NULL) {
        scenario->name = name_of_file(reader->arena, reader->file);
        if (scenario->name != NULL)
            surety_note_default(reader, "name", scenario->name);
    }
    find_currency(reader);
    bool currency_given = reader->currency[0] != '\0';
    surety_read_map(reader, reader->root, "", reader->registry->scenario, scenario);
    // With a broken contract any threshold will do to find the other mistakes of the routes.
    surety_settle_routes(reader, scenario->contract.down_at_ppb > 0 ? scenario->contract.down_at_ppb : 1);
    scenario->currency = surety_arena_strndup(reader->arena, reader->currency, strlen(reader->currency));
    scenario->file = surety_arena_strndup(reader->arena, reader->file, strlen(reader->file));
    if (scenario->name == NULL || scenario->currency == NULL || scenario->file == NULL)
        reader->out_of_memory = reader->diags->n_errors == 0;
    if (!currency_given && reader->currency[0] != '\0')
        surety_note_default(reader, "currency", reader->currency);
    if (reader->uncertain != NULL)
        surety_check_ranges(reader);
    if (reader->diags->n_errors > 0 || reader->out_of_memory)
        return;
    surety_add_stand_ins(reader);
    look_at_whole(reader);
    scenario->defaults_used = freeze(reader, &reader->defaults);
    scenario->n_defaults_used = reader->defaults.n;
    scenario->assumptions = freeze(reader, &reader->assumptions);
    scenario->n_assumptions = reader->assumptions.n;
}

static enum surety_err apply_overrides(struct surety_arena *scratch, struct surety_ynode *root,
                                       const struct surety_override *overrides, size_t n, struct surety_diags *diags)
{
    if (n == 0)
        return SURETY_OK;
    const char **paths = surety_arena_calloc(scratch, n, sizeof *paths);
    if (paths == NULL)
        return SURETY_E_MEMORY;
    for (size_t i = 0; i < n; i++)
        paths[i] = overrides[i].path;
    if (!surety_diags_name_sets(diags, paths, n))
        return SURETY_E_MEMORY;
    for (size_t i = 0; i < n; i++) {
        struct surety_place place = {.line = 0, .column = i + 1};
        enum surety_err err = surety_ytree_set(scratch, root, overrides[i].path, overrides[i].value, place, diags);
        if (err == SURETY_E_MEMORY)
            return err;
    }
    return SURETY_OK; // mistakes are in the list, and the rest of the file is looked at too
}

// The copy of the text that caret lines are printed from, without its byte-order mark.
static bool keep_source(struct surety_diags *diags, const char *text, size_t length)
{
    size_t skip = length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    if (length > SURETY_YAML_MAX_BYTES)
        return true;
    diags->source = surety_arena_strndup(&diags->arena, text + skip, length - skip);
    diags->source_length = diags->source == NULL ? 0 : length - skip;
    return diags->source != NULL;
}

// What was read, so that a report can embed it and be run again.
static bool keep_input(struct surety_scenario *scenario, const char *text, size_t length,
                       const struct surety_override *overrides, size_t n)
{
    scenario->text = surety_arena_strndup(&scenario->arena, text, length);
    scenario->overrides = surety_arena_calloc(&scenario->arena, n, sizeof *scenario->overrides);
    if (scenario->text == NULL || scenario->overrides == NULL)
        return false;
    for (size_t i = 0; i < n; i++) {
        scenario->overrides[i] = surety_arena_printf(&scenario->arena, "%s=%s", overrides[i].path, overrides[i].value);
        if (scenario->overrides[i] == NULL)
            return false;
    }
    scenario->n_overrides = n;
    return true;
}

// Takes one of several `contracts` for the `contract`: the others leave the tree. False after a mistake.
static bool select_contract(struct surety_reader *reader, struct surety_ynode *root, const char *name)
{
    struct surety_ynode *contracts = surety_ynode_get(root, "contracts"), *chosen;
    struct surety_scenario *scenario = reader->scenario;
    scenario->contract_path = "contract";
    if (contracts == NULL)
        return true;
    if (contracts->kind != SURETY_Y_MAP || contracts->n == 0) {
        surety_complain(reader, SURETY_D_TYPE, contracts, "contracts",
                        "write {retail: {fee: ..., availability: ...}, ...}",
                        "several contracts are a map of names, %s stands here", surety_ynode_kind_name(contracts));
        return false;
    }
    if (surety_ynode_get(root, "contract") != NULL) {
        surety_complain(reader, SURETY_D_CONFLICT, contracts, "contracts", "move `contract` into the map, under a name",
                        "`contract` and `contracts` exclude each other");
        return false;
    }
    scenario->contract_names = surety_arena_calloc(reader->arena, contracts->n, sizeof *scenario->contract_names);
    if (scenario->contract_names == NULL) {
        reader->out_of_memory = true;
        return false;
    }
    for (struct surety_ynode *c = contracts->first; c != NULL; c = c->next) {
        if (!surety_check_name(reader, c, surety_path_join(reader, "contracts", c->key)))
            return false;
        scenario->contract_names[scenario->n_contract_names++] =
            surety_arena_strndup(reader->arena, c->key, strlen(c->key));
    }
    chosen = name != NULL ? surety_ynode_get(contracts, name) : contracts->first;
    assert(chosen != NULL);
    scenario->contract_path = surety_arena_printf(reader->arena, "contracts.%s", chosen->key);
    if (scenario->contract_path == NULL)
        reader->out_of_memory = true;
    // The map's node becomes the chosen contract's.
    struct surety_ynode *next = contracts->next;
    const struct surety_place key_place = chosen->key_place;
    *contracts = *chosen;
    contracts->key = "contract";
    contracts->key_place = key_place;
    contracts->next = next;
    return true;
}

// Of several contracts the one that was taken stands under `contract` in the tree: messages name its own place. first:
// the first message since then.
static void name_contract(struct surety_reader *reader, size_t first)
{
    static const char taken[] = "contract";
    const size_t n = sizeof taken - 1;
    const char *own = reader->scenario->contract_path;
    for (size_t i = first; strcmp(own, taken) != 0 && i < reader->diags->n; i++) {
        struct surety_diag *diag = &reader->diags->list[i];
        if (strncmp(diag->path, taken, n) != 0 || (diag->path[n] != '.' && diag->path[n] != '\0'))
            continue;
        const char *path = surety_arena_printf(&reader->diags->arena, "%s%s", own, diag->path + n);
        reader->diags->out_of_memory = reader->diags->out_of_memory || path == NULL;
        diag->path = path != NULL ? path : diag->path;
    }
}

// Room for what may be uncertain. The tree stays as it is from here on.
static void find_ranges(struct surety_reader *reader, struct surety_ynode *root)
{
    const size_t n = surety_number_ranges(root);
    struct surety_uncertain *all = surety_arena_alloc(reader->arena, sizeof *all);
    if (n > 0 && all != NULL) {
        *all = (struct surety_uncertain){.n = n,
                                         .inputs = surety_arena_calloc(reader->arena, n, sizeof *all->inputs),
                                         .root = root,
                                         .registry = reader->registry};
        reader->uncertain = all;
    }
    if (all == NULL || (n > 0 && all->inputs == NULL))
        reader->out_of_memory = true;
}

// With an uncertain input the tree outlives the reading.
static void keep_tree(struct surety_scenario *scenario, struct surety_reader *reader)
{
    if (reader->uncertain == NULL || reader->uncertain->n_used == 0)
        return;
    scenario->uncertain = reader->uncertain;
    scenario->uncertain->arena = *reader->scratch;
    surety_arena_init(reader->scratch);
}

enum surety_err surety_scenario_redraw(const struct surety_scenario *base, const double *values,
                                       struct surety_diags *diags, struct surety_scenario **out)
{
    struct surety_scenario *scenario = calloc(1, sizeof *scenario);
    if (scenario == NULL)
        return SURETY_E_MEMORY;
    struct surety_arena scratch;
    const size_t before = diags->n_errors;
    surety_arena_init(&scratch);
    surety_arena_init(&scenario->arena);
    scenario->contract_path = base->contract_path;
    struct surety_reader reader = {.registry = base->uncertain->registry,
                                   .scenario = scenario,
                                   .arena = &scenario->arena,
                                   .scratch = &scratch,
                                   .diags = diags,
                                   .root = base->uncertain->root,
                                   .file = base->file,
                                   .base = base,
                                   .draws = values};
    read_tree(&reader, scenario);
    surety_arena_finish(&scratch);
    enum surety_err err = reader.out_of_memory || diags->out_of_memory ? SURETY_E_MEMORY
                          : diags->n_errors > before                   ? SURETY_E_INPUT
                                                                       : SURETY_OK;
    if (err == SURETY_OK)
        *out = scenario;
    else
        surety_scenario_destroy(scenario);
    return err;
}

enum surety_err surety_scenario_read(const struct surety_registry *registry, const char *file, const char *text,
                                     size_t length, const struct surety_override *overrides, size_t n_overrides,
                                     struct surety_diags *diags, struct surety_scenario **out)
{
    return surety_scenario_read_contract(registry, file, text, length, overrides, n_overrides, NULL, diags, out);
}

enum surety_err surety_scenario_read_contract(const struct surety_registry *registry, const char *file,
                                              const char *text, size_t length, const struct surety_override *overrides,
                                              size_t n_overrides, const char *contract, struct surety_diags *diags,
                                              struct surety_scenario **out)
{
    struct surety_scenario *scenario = calloc(1, sizeof *scenario);
    if (scenario == NULL || !keep_source(diags, text, length)) {
        free(scenario);
        return SURETY_E_MEMORY;
    }
    surety_arena_init(&scenario->arena);
    struct surety_arena scratch;
    surety_arena_init(&scratch);
    struct surety_ynode *root = NULL;
    size_t before = diags->n_errors;
    enum surety_err err = surety_ytree_read(&scratch, text, length, diags, &root);
    if (err == SURETY_OK)
        err = apply_overrides(&scratch, root, overrides, n_overrides, diags);
    if (err == SURETY_OK) {
        struct surety_reader reader = {.registry = registry,
                                       .scenario = scenario,
                                       .arena = &scenario->arena,
                                       .scratch = &scratch,
                                       .diags = diags,
                                       .root = root,
                                       .file = file};
        hash_text(text, length, scenario->sha256);
        if (!keep_input(scenario, text, length, overrides, n_overrides))
            reader.out_of_memory = true;
        const size_t n_diags = diags->n;
        if (select_contract(&reader, root, contract)) {
            surety_expand_presets(&reader, root);
            find_ranges(&reader, root);
            read_tree(&reader, scenario);
            keep_tree(scenario, &reader);
            name_contract(&reader, n_diags);
        }
        if (reader.out_of_memory || diags->out_of_memory)
            err = SURETY_E_MEMORY;
        else if (diags->n_errors > before)
            err = SURETY_E_INPUT;
    }
    surety_arena_finish(&scratch);
    if (err == SURETY_OK)
        *out = scenario;
    else
        surety_scenario_destroy(scenario);
    return err;
}

// At most `room` bytes of the file into `buffer`; SIZE_MAX after a mistake.
static size_t read_bytes(const char *name, char *buffer, size_t room)
{
    FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");
    if (file == NULL)
        return SIZE_MAX;
    errno = 0;
    size_t n = fread(buffer, 1, room, file);
    int problem = ferror(file) ? (errno == 0 ? EIO : errno) : 0;
    if (file != stdin)
        fclose(file);
    errno = problem;
    return problem == 0 ? n : SIZE_MAX;
}

enum surety_err surety_scenario_load(const struct surety_registry *registry, const char *file,
                                     const struct surety_override *overrides, size_t n_overrides,
                                     struct surety_diags *diags, struct surety_scenario **out)
{
    const size_t room = SURETY_YAML_MAX_BYTES + 1; // one more shows that the file is too large
    char *text = malloc(room);
    if (text == NULL)
        return SURETY_E_MEMORY;
    size_t n = read_bytes(file, text, room);
    enum surety_err err = SURETY_E_INPUT;
    if (n == SIZE_MAX)
        surety_diag_add(diags, SURETY_D_FILE, (struct surety_place){0, 0}, "", NULL, "cannot read the file: %s",
                        strerror(errno));
    else
        err = surety_scenario_read(registry, file, text, n, overrides, n_overrides, diags, out);
    free(text);
    return err;
}

void surety_scenario_destroy(struct surety_scenario *scenario)
{
    if (scenario == NULL)
        return;
    if (scenario->uncertain != NULL)
        surety_arena_finish(&scenario->uncertain->arena);
    surety_arena_finish(&scenario->arena);
    free(scenario);
}
