// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/scenario/stand_in.h"

#include <math.h>
#include <string.h>

struct surety_stand_in {
    struct surety_provider provider;
    struct surety_stand_in *next;
};

static size_t type_names(const struct surety_reader *reader, const char *names[], size_t room)
{
    size_t n = 0;
    for (; reader->registry->nodes[n] != NULL && n < room; n++)
        names[n] = reader->registry->nodes[n]->name;
    return n;
}

bool surety_is_stand_in(const struct surety_reader *reader, const struct surety_ynode *node)
{
    const char *names[64];
    return node->kind == SURETY_Y_MAP && node->n == 1 && node->first->kind == SURETY_Y_MAP &&
           surety_did_you_mean(node->first->key, names, type_names(reader, names, 64), sizeof *names) == NULL;
}

// A copy of the node under another key.
static struct surety_ynode *rename_node(struct surety_reader *reader, const struct surety_ynode *node, const char *key)
{
    struct surety_ynode *copy = surety_arena_alloc(reader->scratch, sizeof *copy);
    if (copy == NULL) {
        reader->out_of_memory = true;
        return NULL;
    }
    *copy = *node;
    copy->key = key;
    copy->next = NULL;
    return copy;
}

// The provider {outages: none, price: {per_task: PRICE}} by the rows of every other provider.
static bool read_as_provider(struct surety_reader *reader, const struct surety_ynode *body, const char *path,
                             struct surety_provider *out)
{
    const struct surety_ynode *amount = surety_ynode_get(body, "price");
    const struct surety_ynode word = {
        .kind = SURETY_Y_SCALAR, .place = body->place, .key_place = body->key_place, .text = "none"};
    struct surety_ynode *outages = rename_node(reader, &word, "outages"), *price = NULL;
    struct surety_ynode *map = rename_node(reader, body, body->key);
    if (outages == NULL || map == NULL)
        return false;
    if (amount != NULL) {
        struct surety_ynode *per_task = rename_node(reader, amount, "per_task");
        price = rename_node(reader, amount, "price");
        if (per_task == NULL || price == NULL)
            return false;
        price->kind = SURETY_Y_MAP;
        price->first = price->last = per_task;
        price->n = 1;
    }
    outages->next = price;
    map->first = outages;
    map->last = price != NULL ? price : outages;
    map->n = price != NULL ? 2 : 1;
    const bool was = reader->in_default;
    reader->in_default = true; // its defaults are those of nobody's making
    const bool good =
        surety_read_map(reader, map, path, surety_field_row(reader->registry->scenario, "providers")->sub, out);
    reader->in_default = was;
    return good;
}

// So many tasks at a time, each for as long as it takes. Nobody waits: who finds all seats taken fails.
static bool take_seats(struct surety_reader *reader, const struct surety_ynode *body, const char *path,
                       const struct surety_stand_in_keys *keys, struct surety_provider *p)
{
    const struct surety_ynode *workloads = surety_ynode_get(reader->root, "workloads");
    p->seat_s = keys->task_s;
    if (keys->seats == 0 || keys->seats == SURETY_NEVER) {
        if (keys->seats == 0)
            surety_note_default(reader, surety_path_join(reader, path, "seats"), "unlimited");
        if (isnan(keys->task_s))
            return true;
        surety_complain(reader, SURETY_D_CONFLICT, surety_ynode_get(body, "task_time"),
                        surety_path_join(reader, path, "task_time"), "add `seats: 40`, or remove it",
                        "`task_time` has a meaning only with `seats`");
        return false;
    }
    for (const struct surety_ynode *w = workloads != NULL && workloads->kind == SURETY_Y_MAP ? workloads->first : NULL;
         isnan(keys->task_s) && w != NULL; w = w->next) {
        if (surety_ynode_get(w, "task_time") != NULL)
            continue;
        surety_complain(reader, SURETY_D_MISSING_KEY, surety_ynode_get(body, "seats"),
                        surety_path_join(reader, path, "task_time"),
                        "write `task_time: 6m` beside the seats, or in the workload",
                        "how long a task of '%.64s' takes a seat is missing", w->key);
        return false;
    }
    p->capacity = (struct surety_capacity){.given = true,
                                           .concurrency = keys->seats,
                                           .requests_per_minute = NAN,
                                           .tokens_per_minute = NAN,
                                           .overload = SURETY_OVERLOAD_FAIL,
                                           .place = surety_map_place(body)};
    return true;
}

bool surety_read_stand_in(struct surety_reader *reader, const struct surety_field *row, const struct surety_ynode *node,
                          const char *path, struct surety_node *route)
{
    const struct surety_ynode *body = node->first, *providers = surety_ynode_get(reader->root, "providers");
    const char *body_path = surety_path_join(reader, path, body->key);
    if (!surety_check_name(reader, body, body_path))
        return false;
    if (surety_ynode_get(providers, body->key) != NULL) {
        surety_diag_add(reader->diags, SURETY_D_CONFLICT, body->key_place, body_path,
                        "write only its name, or choose another name", "there is a provider '%.64s' already",
                        body->key);
        return false;
    }
    struct surety_stand_in *stand_in = surety_arena_alloc(reader->scratch, sizeof *stand_in);
    char *name = surety_arena_strndup(reader->arena, body->key, strlen(body->key));
    if (stand_in == NULL || name == NULL) {
        reader->out_of_memory = true;
        return false;
    }
    *stand_in = (struct surety_stand_in){.provider = {.name = name, .is_stand_in = true}};
    struct surety_stand_in_keys keys = {.task_s = NAN};
    if (!surety_read_map(reader, body, body_path, row->sub, &keys) ||
        !read_as_provider(reader, body, body_path, &stand_in->provider) ||
        !take_seats(reader, body, body_path, &keys, &stand_in->provider))
        return false;
    if (!stand_in->provider.price.given)
        surety_note_default(reader, surety_path_join(reader, body_path, "price"), "0");
    route->provider = (providers != NULL ? providers->n : 0) + reader->n_stand_ins++;
    if (reader->last_stand_in != NULL)
        reader->last_stand_in->next = stand_in;
    else
        reader->first_stand_in = stand_in;
    reader->last_stand_in = stand_in;
    return true;
}

void surety_add_stand_ins(struct surety_reader *reader)
{
    struct surety_scenario *scenario = reader->scenario;
    const size_t n = scenario->n_providers;
    if (reader->n_stand_ins == 0)
        return;
    struct surety_provider *all =
        surety_arena_calloc(reader->arena, n + reader->n_stand_ins, sizeof *scenario->providers);
    if (all == NULL) {
        reader->out_of_memory = true;
        return;
    }
    memcpy(all, scenario->providers, n * sizeof *all);
    scenario->providers = all;
    for (const struct surety_stand_in *at = reader->first_stand_in; at != NULL; at = at->next)
        all[scenario->n_providers++] = at->provider;
}
