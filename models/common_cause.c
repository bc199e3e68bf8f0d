// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/common_cause.h"

#include "models/outage.h"
#include "models/profile.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/schema.h"

#include <string.h>

// Index of the provider in the file; SIZE_MAX when there is none. The providers may stand below, so the tree is asked.
static size_t find_provider(const struct surety_reader *reader, const char *name)
{
    const struct surety_ynode *providers = surety_ynode_get(reader->root, "providers");
    size_t index = 0;
    for (const struct surety_ynode *p = providers != NULL ? providers->first : NULL; p != NULL; p = p->next, index++)
        if (p->key != NULL && strcmp(p->key, name) == 0)
            return index;
    return SIZE_MAX;
}

static bool read_member(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                        struct surety_common_cause *cause)
{
    const size_t provider = node->kind == SURETY_Y_SCALAR ? find_provider(reader, node->text) : SIZE_MAX;
    if (provider == SIZE_MAX) {
        surety_complain(reader, SURETY_D_REFERENCE, node, path, "write the name of a provider of this scenario",
                        "there is no provider '%.64s'", node->kind == SURETY_Y_SCALAR ? node->text : "?");
        return false;
    }
    for (size_t i = 0; i < cause->n_members; i++)
        if (cause->members[i] == provider) {
            surety_complain(reader, SURETY_D_CONFLICT, node, path, "remove it", "'%.64s' stands twice", node->text);
            return false;
        }
    cause->members[cause->n_members++] = provider;
    return true;
}

static bool read_members(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out)
{
    struct surety_common_cause *cause = out; // the row has offset 0
    if (node->kind != SURETY_Y_LIST || node->n == 0) {
        surety_complain(reader, SURETY_D_TYPE, node, path, "write [openai, azure]",
                        "the members are a list of providers, %s stands here", surety_ynode_kind_name(node));
        return false;
    }
    cause->members = surety_arena_calloc(reader->arena, node->n, sizeof *cause->members);
    if (cause->members == NULL) {
        reader->out_of_memory = true;
        return false;
    }
    bool clean = true;
    size_t i = 0;
    for (const struct surety_ynode *member = node->first; member != NULL; member = member->next, i++)
        clean = read_member(reader, member, surety_path_index(reader, path, i), cause) && clean;
    return clean;
}

static const char *const repair_words[] = {"shared", "own", NULL};
static const char *const bool_words[] = {"false", "true", NULL};

static const struct surety_field rows[] = {
    {.name = "members",
     .kind = SURETY_KIND_CUSTOM,
     .offset = 0,
     .required = true,
     .read = read_members,
     .schema = "{\"type\":\"array\",\"minItems\":1,\"items\":{\"type\":\"string\"}}",
     .help = "The providers that it can take down.",
     .example = "[openai, azure]"},
    {.name = "repair",
     .kind = SURETY_KIND_WORD,
     .offset = offsetof(struct surety_common_cause, repair),
     .fallback = "shared",
     .words = repair_words,
     .help = "`shared`: the members it hits are up again together. `own`: each draws its own time from time_to_repair.",
     .example = "own"},
    {.name = "included",
     .kind = SURETY_KIND_WORD,
     .offset = offsetof(struct surety_common_cause, included),
     .fallback = "false",
     .words = bool_words,
     .help = "`true`: the members' own outages were counted with it in, so their own rates are lowered by its share. "
             "`false`: it comes on top.",
     .example = "true"},
    {.name = "weekly_rhythm",
     .kind = SURETY_KIND_CUSTOM,
     .offset = offsetof(struct surety_common_cause, weekly_rhythm),
     .fallback = "flat",
     .read = surety_read_profile,
     .schema = surety_profile_schema,
     .sub = &surety_profile_fields,
     .help = "When in the week it starts: flat, working-hours, business-hours, consumer, or {hours: [168 numbers]}.",
     .example = "working-hours"},
#include "models/outage_rows.inc"
};

static void check(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out,
                  bool clean)
{
    _Static_assert(offsetof(struct surety_common_cause, outage) == 0, "the outage's rows fill the cause's beginning");
    surety_outage_check(reader, node, path, out, clean);
}

const struct surety_fields surety_common_cause_fields = {
    .title = "a common cause", .rows = rows, .n = sizeof rows / sizeof *rows, .check = check};
