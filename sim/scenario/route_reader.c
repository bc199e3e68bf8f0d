// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/scenario/route_reader.h"

#include "sim/base/ppb.h"
#include "sim/scenario/stand_in.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define MOST_ATTEMPTS 1e5 // to switch, in one outage

static struct surety_node *read_route(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                                      int depth);

static struct surety_node *new_route(struct surety_reader *reader, const struct surety_ynode *node, const char *path)
{
    struct surety_node *route = surety_arena_alloc(reader->arena, sizeof *route);
    char *copy = surety_arena_strndup(reader->arena, path, strlen(path));
    if (route == NULL || copy == NULL) {
        reader->out_of_memory = true;
        return NULL;
    }
    route->path = copy;
    route->place = node->place;
    return route;
}

// The providers' names for "did you mean"; in scratch.
static const char *hint_providers(struct surety_reader *reader, const struct surety_ynode *providers, const char *word)
{
    size_t n = providers == NULL || providers->kind != SURETY_Y_MAP ? 0 : providers->n;
    if (n > SURETY_MAX_NAMED)
        n = SURETY_MAX_NAMED;
    if (n == 0)
        return "add it under `providers`";
    const char **names = surety_arena_calloc(reader->scratch, n, sizeof *names);
    if (names == NULL) {
        reader->out_of_memory = true;
        return "";
    }
    const struct surety_ynode *child = providers->first;
    for (size_t i = 0; i < n && child != NULL; i++, child = child->next)
        names[i] = child->key;
    return surety_hint_words(reader, word, names, n, sizeof *names);
}

static struct surety_node *read_leaf(struct surety_reader *reader, const struct surety_ynode *node, const char *path)
{
    // The providers may stand below the architectures in the file, so the tree is asked and not the scenario.
    const struct surety_ynode *providers = surety_ynode_get(reader->root, "providers");
    size_t index = 0;
    if (providers != NULL && providers->kind == SURETY_Y_MAP) {
        for (const struct surety_ynode *child = providers->first; child != NULL && index < SURETY_MAX_NAMED;
             child = child->next, index++) {
            if (strcmp(child->key, node->text) != 0)
                continue;
            struct surety_node *route = new_route(reader, node, path);
            if (route != NULL)
                route->provider = index;
            return route;
        }
    }
    if (surety_ynode_is_empty(node))
        surety_complain(reader, SURETY_D_TYPE, node, path, "write the name of a provider", "nothing stands here");
    else if (providers != NULL) // else that `providers` is missing, or misspelt, has been said
        surety_complain(reader, SURETY_D_REFERENCE, node, path, hint_providers(reader, providers, node->text),
                        "there is no provider '%.64s'", node->text);
    return NULL;
}

static const struct surety_node_type *find_type(struct surety_reader *reader, const struct surety_ynode *body,
                                                const char *path)
{
    const char *names[64];
    size_t n = 0;
    for (; reader->registry->nodes[n] != NULL && n < 64; n++) {
        const struct surety_node_type *type = reader->registry->nodes[n];
        names[n] = type->name;
        if (strcmp(type->name, body->key) != 0)
            continue;
        if (!type->later)
            return type;
        surety_diag_add(reader->diags, SURETY_D_UNSUPPORTED, body->key_place, path, NULL,
                        "routes of the type '%s' are not supported yet", type->name);
        return NULL;
    }
    surety_diag_add(reader->diags, SURETY_D_UNKNOWN_KEY, body->key_place, path,
                    surety_hint_words(reader, body->key, names, n, sizeof *names), "there is no type of route '%s'",
                    body->key);
    return NULL;
}

// The same provider twice in an order is a slip of the pen: it cannot stand in for itself.
static void refuse_twice(struct surety_reader *reader, const struct surety_ynode *list, const char *path)
{
    size_t i = 0;
    for (const struct surety_ynode *a = list->first; a != NULL && i < 64; a = a->next, i++)
        for (const struct surety_ynode *b = list->first; b != a; b = b->next)
            if (a->kind == SURETY_Y_SCALAR && b->kind == SURETY_Y_SCALAR && a->text[0] != '\0' &&
                strcmp(a->text, b->text) == 0) {
                surety_complain(reader, SURETY_D_CONFLICT, a, surety_path_index(reader, path, i),
                                "a provider cannot stand in for itself", "'%.64s' stands twice in this order", a->text);
                break;
            }
}

// Room for n more children.
static bool make_room(struct surety_reader *reader, struct surety_node *route, const struct surety_ynode *at,
                      const char *path, size_t n)
{
    if (reader->n_routes + n > SURETY_MAX_NAMED) {
        surety_complain(reader, SURETY_D_TOO_LARGE, at, path, NULL, "more than %zu routes in all architectures",
                        SURETY_MAX_NAMED);
        return false;
    }
    struct surety_node **children = surety_arena_calloc(reader->arena, route->n_children + n, sizeof(void *));
    if (children == NULL) {
        reader->out_of_memory = true;
        return false;
    }
    if (route->n_children > 0)
        memcpy(children, route->children, route->n_children * sizeof(void *));
    route->children = children;
    return true;
}

static bool add_child(struct surety_node *route, struct surety_node *child)
{
    route->children[route->n_children++] = child;
    return child != NULL;
}

// The value of a row of routes is no list, or too short a one.
static bool refuse_children(struct surety_reader *reader, const struct surety_node_type *type,
                            const struct surety_ynode *list, const char *path, const char *what)
{
    const bool empty = list->kind == SURETY_Y_LIST || list->kind == SURETY_Y_MAP;
    surety_complain(reader, empty ? SURETY_D_RANGE : SURETY_D_TYPE, list, path,
                    surety_scratch_printf(reader, "for example %s", type->example),
                    "%s of at least %zu %s belongs here", what, type->min_children,
                    type->min_children == 1 ? "route" : "routes");
    return false;
}

static bool read_children(struct surety_reader *reader, struct surety_node *route, const struct surety_ynode *list,
                          const char *path, int depth)
{
    const struct surety_node_type *type = route->type;
    if (list->kind != SURETY_Y_LIST || list->n < type->min_children)
        return refuse_children(reader, type, list, path, "a list");
    if (!make_room(reader, route, list, path, list->n))
        return false;
    bool good = true;
    for (const struct surety_ynode *item = list->first; item != NULL; item = item->next)
        good =
            add_child(route, read_route(reader, item, surety_path_index(reader, path, route->n_children), depth + 1)) &&
            good;
    if (type->children_key != NULL && strcmp(type->children_key, "order") == 0)
        refuse_twice(reader, list, path);
    return good;
}

// --- routes with shares ----------------------------------------------------------------------------------------

// One of them: `name: share` in a map, {share, of} in a list.
static struct surety_node *read_shared(struct surety_reader *reader, const struct surety_field *row,
                                       const struct surety_ynode *item, const char *path, int depth, int64_t *share)
{
    if (item->key == NULL) {
        const struct surety_ynode *of = surety_ynode_get(item, "of");
        const bool good = surety_read_map(reader, item, path, row->sub, share);
        struct surety_node *child =
            of == NULL ? NULL : read_route(reader, of, surety_path_join(reader, path, "of"), depth + 1);
        return good ? child : NULL;
    }
    const struct surety_ynode name = {.kind = SURETY_Y_SCALAR, .place = item->key_place, .text = item->key};
    const bool good = surety_read_field(reader, surety_field_row(row->sub, "share"), item, path, share);
    struct surety_node *child = read_route(reader, &name, path, depth + 1);
    return good ? child : NULL;
}

static bool read_shares(struct surety_reader *reader, struct surety_node *route, const struct surety_field *row,
                        const struct surety_ynode *list, const char *path, int depth)
{
    const size_t most = (size_t)row->max;
    int64_t *shares = (void *)((char *)route->params + row->offset), sum = 0;
    if ((list->kind != SURETY_Y_LIST && list->kind != SURETY_Y_MAP) || list->n < route->type->min_children)
        return refuse_children(reader, route->type, list, path, "a map or a list");
    if (list->n > most) {
        surety_complain(reader, SURETY_D_TOO_LARGE, list, path, NULL, "%zu routes are too many, allowed: %zu", list->n,
                        most);
        return false;
    }
    if (!make_room(reader, route, list, path, list->n))
        return false;
    bool good = true;
    for (const struct surety_ynode *item = list->first; item != NULL; item = item->next) {
        const size_t i = route->n_children;
        const char *item_path =
            item->key == NULL ? surety_path_index(reader, path, i) : surety_path_join(reader, path, item->key);
        good = add_child(route, read_shared(reader, row, item, item_path, depth, &shares[i])) && good;
        sum += shares[i];
    }
    const int64_t n = (int64_t)route->n_children, excess = sum - SURETY_PPB_ONE;
    if (good && (excess > n || excess < -n)) { // each may be rounded
        surety_complain(reader, SURETY_D_CONFLICT, list, path, "they must sum to 100%", "the shares sum to %.10g%%",
                        (double)sum * 1e-7);
        return false;
    }
    return good;
}

// --- inner nodes -----------------------------------------------------------------------------------------------

static struct surety_node *read_single(struct surety_reader *reader, const struct surety_field *row,
                                       const struct surety_ynode *node, const char *path, int depth)
{
    if (row->sub == NULL || !surety_is_stand_in(reader, node))
        return read_route(reader, node, path, depth + 1);
    reader->n_routes++;
    struct surety_node *route = new_route(reader, node, path);
    return route != NULL && surety_read_stand_in(reader, row, node, path, route) ? route : NULL;
}

// The children that one row of the node's map holds; true for other rows.
static bool read_row_of_routes(struct surety_reader *reader, struct surety_node *route, const struct surety_field *row,
                               const struct surety_ynode *node, const char *path, int depth)
{
    if (node == NULL)
        return !row->required; // reported by the row
    if (node->kind == SURETY_Y_BROKEN)
        return false;
    switch (row->kind) {
    case SURETY_KIND_ROUTES:
        return read_children(reader, route, node, path, depth);
    case SURETY_KIND_ROUTE:
        return make_room(reader, route, node, path, 1) && add_child(route, read_single(reader, row, node, path, depth));
    case SURETY_KIND_SHARED_ROUTES:
        return read_shares(reader, route, row, node, path, depth);
    default:
        return true;
    }
}

static void remember(struct surety_reader *reader, struct surety_node *route, const struct surety_ynode *body,
                     const char *path)
{
    struct surety_pending_route *pending = surety_arena_alloc(reader->scratch, sizeof *pending);
    if (pending == NULL) {
        reader->out_of_memory = true;
        return;
    }
    *pending =
        (struct surety_pending_route){.route = route, .body = body, .path = path, .next = reader->pending_routes};
    reader->pending_routes = pending;
}

static struct surety_node *read_inner(struct surety_reader *reader, const struct surety_ynode *node,
                                      const struct surety_ynode *body, const char *path, int depth)
{
    const char *body_path = surety_path_join(reader, path, body->key);
    const struct surety_node_type *type = find_type(reader, body, body_path);
    struct surety_node *route = type == NULL || body->kind == SURETY_Y_BROKEN ? NULL : new_route(reader, node, path);
    if (route == NULL)
        return NULL;
    route->type = type;
    route->params = surety_arena_alloc(reader->arena, type->params_size);
    if (route->params == NULL) {
        reader->out_of_memory = true;
        return NULL;
    }
    bool good = true;
    if (type->fields == NULL) {
        good = read_children(reader, route, body, body_path, depth);
    } else {
        if (body->kind != SURETY_Y_MAP) {
            surety_complain(reader, SURETY_D_TYPE, body, body_path,
                            surety_scratch_printf(reader, "for example %s", type->example),
                            "%s stands where the map of %s belongs", surety_ynode_kind_name(body), type->fields->title);
            return NULL;
        }
        good = surety_read_map(reader, body, body_path, type->fields, route->params);
        for (size_t i = 0; i < type->fields->n; i++) {
            const struct surety_field *row = &type->fields->rows[i];
            good = read_row_of_routes(reader, route, row, surety_ynode_get(body, row->name),
                                      surety_path_join(reader, body_path, row->name), depth) &&
                   good;
        }
    }
    if (good)
        remember(reader, route, body, body_path);
    return good ? route : NULL;
}

static struct surety_node *read_route(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                                      int depth)
{
    if (node->kind == SURETY_Y_BROKEN)
        return NULL;
    if (depth > SURETY_ROUTE_MAX_DEPTH) {
        surety_complain(reader, SURETY_D_TOO_LARGE, node, path, NULL, "routes are nested deeper than %d levels",
                        SURETY_ROUTE_MAX_DEPTH);
        return NULL;
    }
    reader->n_routes++;
    if (node->kind == SURETY_Y_SCALAR)
        return read_leaf(reader, node, path);
    if (node->kind == SURETY_Y_MAP && node->n == 1)
        return read_inner(reader, node, node->first, path, depth);
    surety_complain(reader, SURETY_D_TYPE, node, path,
                    "write the name of a provider, or one type like {failover: {order: [a, b], detect: 60s}}",
                    node->kind == SURETY_Y_MAP ? "a route has exactly one type, here are %zu keys"
                                               : "a list of %zu items is no route",
                    node->n);
    return NULL;
}

bool surety_read_architectures(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                               void *out)
{
    struct surety_scenario *scenario = out;
    if (node->kind != SURETY_Y_MAP || node->n == 0) {
        surety_complain(reader, SURETY_D_TYPE, node, path, "write a map of names to routes, like {alone: openai}",
                        node->kind == SURETY_Y_MAP ? "the map is empty" : "%s stands here",
                        surety_ynode_kind_name(node));
        return false;
    }
    if (node->n > SURETY_MAX_NAMED) {
        surety_complain(reader, SURETY_D_TOO_LARGE, node, path, NULL, "too many architectures");
        return false;
    }
    scenario->n_architectures = 0;
    scenario->architectures = surety_arena_calloc(reader->arena, node->n, sizeof *scenario->architectures);
    if (scenario->architectures == NULL) {
        reader->out_of_memory = true;
        return false;
    }
    bool good = true;
    for (const struct surety_ynode *child = node->first; child != NULL; child = child->next) {
        const char *child_path = surety_path_join(reader, path, child->key);
        good = surety_check_name(reader, child, child_path) && good;
        struct surety_architecture *architecture = &scenario->architectures[scenario->n_architectures++];
        architecture->name = surety_arena_strndup(reader->arena, child->key, strlen(child->key));
        architecture->root = read_route(reader, child, child_path, 1);
        good = good && architecture->root != NULL;
        if (architecture->name == NULL)
            reader->out_of_memory = true;
    }
    return good;
}

// The longest mean repair, or maintenance, of the scenario.
static double longest_outage_s(const struct surety_scenario *scenario)
{
    double longest_s = 0;
    for (size_t i = 0; i < scenario->n_providers; i++) {
        const struct surety_provider *provider = &scenario->providers[i];
        if (provider->maintenance.given)
            longest_s = fmax(longest_s, provider->maintenance.lasts_s);
        for (size_t k = 0; k < provider->n_outages; k++)
            longest_s = fmax(longest_s, surety_law_mean(&provider->outages[k].time_to_repair));
    }
    for (size_t i = 0; i < scenario->n_common_causes; i++)
        longest_s = fmax(longest_s, surety_law_mean(&scenario->common_causes[i].outage.time_to_repair));
    return longest_s;
}

// A controller that tries again and again in vain is a run that never ends.
static void check_attempts(struct surety_reader *reader, const struct surety_pending_route *at)
{
    const struct surety_node_type *type = at->route->type;
    if (type->attempts == NULL || reader->diags->n_errors > 0)
        return;
    const double outage_s = longest_outage_s(reader->scenario), n = type->attempts(at->route->params, outage_s);
    if (!(n > MOST_ATTEMPTS))
        return;
    const struct surety_ynode *success = surety_ynode_get(at->body, "success");
    surety_diag_add(reader->diags, SURETY_D_TOO_LARGE, success != NULL ? success->place : surety_map_place(at->body),
                    at->path, "at most 100,000: a longer `retry_switch`, or a higher `success`",
                    "an outage of %.6g s makes about %.3g attempts to switch", outage_s, n);
}

void surety_settle_routes(struct surety_reader *reader, int64_t down_at_ppb)
{
    for (struct surety_pending_route *at = reader->pending_routes; at != NULL; at = at->next) {
        const struct surety_node_type *type = at->route->type;
        const char *key = NULL, *problem = NULL;
        if (type->settle == NULL ||
            type->settle(at->route->params, at->route->n_children, down_at_ppb, &key, &problem)) {
            check_attempts(reader, at);
            continue;
        }
        const struct surety_ynode *culprit = key == NULL ? NULL : surety_ynode_get(at->body, key);
        surety_diag_add(reader->diags, SURETY_D_CONFLICT, culprit != NULL ? culprit->place : surety_map_place(at->body),
                        key == NULL ? at->path : surety_path_join(reader, at->path, key), NULL, "%s",
                        problem == NULL ? "these settings contradict each other" : problem);
    }
}
