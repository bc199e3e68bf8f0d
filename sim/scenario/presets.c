// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/scenario/presets.h"

#include <string.h>

#define MOST_OVERRIDDEN 12 // keys that the assumption lists; the rest is counted

const struct surety_catalog_entry *surety_catalog_find(const struct surety_registry *registry, const char *name)
{
    for (const struct surety_catalog_entry *entry = registry->catalog; entry != NULL && entry->name != NULL; entry++)
        if (strcmp(entry->name, name) == 0)
            return entry;
    return NULL;
}

const struct surety_style *surety_style_find(const struct surety_registry *registry, const char *name)
{
    for (const struct surety_style *style = registry->styles; style != NULL && style->name != NULL; style++)
        if (strcmp(style->name, name) == 0)
            return style;
    return NULL;
}

// --- use -------------------------------------------------------------------------------------------------------

// Which keys of an entry the scenario overrides.
struct overridden {
    const char *list;
    size_t n;
    bool leaves_out_new; // keys that the entry does not have
};

static const struct surety_field *find_row(const struct surety_fields *fields, const char *key)
{
    for (size_t i = 0; fields != NULL && i < fields->n; i++)
        if (strcmp(fields->rows[i].name, key) == 0)
            return &fields->rows[i];
    return NULL;
}

static void drop_child(struct surety_ynode *map, const char *key)
{
    struct surety_ynode *before = NULL;
    for (struct surety_ynode *child = map->first; child != NULL; before = child, child = child->next) {
        if (strcmp(child->key, key) != 0)
            continue;
        if (before == NULL)
            map->first = child->next;
        else
            before->next = child->next;
        if (map->last == child)
            map->last = before;
        map->n--;
        return;
    }
}

static void append_copy(struct surety_reader *reader, struct surety_ynode *map, const struct surety_ynode *child)
{
    struct surety_ynode *copy = surety_arena_alloc(reader->scratch, sizeof *copy);
    if (copy == NULL) {
        reader->out_of_memory = true;
        return;
    }
    *copy = *child;
    copy->next = NULL;
    if (map->last == NULL)
        map->first = copy;
    else
        map->last->next = copy;
    map->last = copy;
    map->n++;
}

static void tell(struct surety_reader *reader, struct overridden *told, const char *path)
{
    if (told->n++ < MOST_OVERRIDDEN)
        told->list = surety_scratch_printf(reader, "%s%s%s", told->list, told->n == 1 ? "" : ", ", path);
}

// Lays the map `over` on the map `base`. `fields`: rows of the map; `names`: its keys are names, each with such a map.
// Maps of known keys and of names are merged, all else (laws, lists, weekly tables) is replaced whole: half a law would
// be another law.
static void lay_over(struct surety_reader *reader, struct surety_ynode *base, const struct surety_ynode *over,
                     const struct surety_fields *fields, bool names, const char *path, struct overridden *told)
{
    for (const struct surety_ynode *child = over->first; child != NULL; child = child->next) {
        const struct surety_field *row = names ? NULL : find_row(fields, child->key);
        const char *child_path = surety_path_join(reader, path, child->key);
        struct surety_ynode *below = surety_ynode_get(base, child->key);
        bool is_map = names || (row != NULL && (row->kind == SURETY_KIND_MAP || row->kind == SURETY_KIND_NAMED));
        if (row != NULL && row->displaces != NULL)
            drop_child(base, row->displaces);
        if (below != NULL && is_map && below->kind == SURETY_Y_MAP && child->kind == SURETY_Y_MAP) {
            below->key_place = child->key_place;
            lay_over(reader, below, child, names ? fields : row->sub, row != NULL && row->kind == SURETY_KIND_NAMED,
                     child_path, told);
            continue;
        }
        if (strcmp(child_path, "use") != 0 && (below != NULL || !told->leaves_out_new))
            tell(reader, told, child_path);
        if (below != NULL) {
            struct surety_ynode *next = below->next;
            *below = *child;
            below->next = next;
        } else {
            append_copy(reader, base, child);
        }
    }
}

static const char *hint_entries(struct surety_reader *reader, const char *word)
{
    const struct surety_catalog_entry *catalog = reader->registry->catalog;
    size_t n = 0;
    while (catalog != NULL && catalog[n].name != NULL)
        n++;
    return surety_scratch_printf(reader, "%s; `surety catalog` tells what each is",
                                 surety_hint_words(reader, word, catalog, n, sizeof *catalog));
}

// Puts what `text` says under the map `node`, whose own keys win. False after a mistake; *told: the keys that do.
static bool lay_under(struct surety_reader *reader, struct surety_ynode *node, const struct surety_fields *fields,
                      const char *text, struct surety_place place, const char *path, struct overridden *told)
{
    struct surety_ynode *base = NULL;
    enum surety_err err = surety_ytree_read_value(reader->scratch, text, place, path, reader->diags, &base);
    if (err == SURETY_E_MEMORY)
        reader->out_of_memory = true;
    if (err != SURETY_OK || base->kind != SURETY_Y_MAP)
        return false;
    lay_over(reader, base, node, fields, false, "", told);
    node->first = base->first;
    node->last = base->last;
    node->n = base->n;
    return true;
}

static void note_overridden(struct surety_reader *reader, const char *what, const struct overridden *told)
{
    const char *more =
        told->n > MOST_OVERRIDDEN ? surety_scratch_printf(reader, " and %zu more", told->n - MOST_OVERRIDDEN) : "";
    surety_note_assumption(reader, "%s%s%s%s", what, told->n == 0 ? ", unchanged" : ", except for ", told->list, more);
}

static void expand_provider(struct surety_reader *reader, struct surety_ynode *provider,
                            const struct surety_fields *fields)
{
    const struct surety_ynode *use = surety_ynode_get(provider, "use");
    if (use == NULL || use->kind != SURETY_Y_SCALAR)
        return; // the row complains
    const char *path = surety_path_join(reader, surety_path_join(reader, "providers", provider->key), "use");
    const struct surety_catalog_entry *entry = surety_catalog_find(reader->registry, use->text);
    if (entry == NULL) {
        surety_complain(reader, SURETY_D_REFERENCE, use, path, hint_entries(reader, use->text),
                        "the catalogue has no entry '%.64s'", use->text);
        return;
    }
    struct overridden told = {.list = ""};
    if (lay_under(reader, provider, fields, entry->text, use->place, path, &told))
        note_overridden(reader, surety_scratch_printf(reader, "%s: catalogue entry %s", provider->key, entry->name),
                        &told);
}

static void expand_offer(struct surety_reader *reader, struct surety_ynode *reserved, const char *provider,
                         const struct surety_fields *fields)
{
    const struct surety_ynode *use = surety_ynode_get(reserved, "use");
    const struct surety_unit_offer *offer = reader->registry->unit_offers;
    const char *path = surety_path_join(
        reader, surety_path_join(reader, surety_path_join(reader, "providers", provider), "reserved"), "use");
    size_t n = 0;
    if (use == NULL || use->kind != SURETY_Y_SCALAR)
        return; // the row complains
    while (offer != NULL && offer[n].name != NULL && strcmp(offer[n].name, use->text) != 0)
        n++;
    if (offer == NULL || offer[n].name == NULL) {
        const char *near = surety_did_you_mean(use->text, offer, n, sizeof *offer);
        surety_complain(
            reader, SURETY_D_REFERENCE, use, path,
            near == NULL
                ? "`surety catalog reserved` lists the offers"
                : surety_scratch_printf(reader, "did you mean '%s'? `surety catalog reserved` lists the offers", near),
            "no offer of reserved units is called '%.64s'", use->text);
        reserved->kind = SURETY_Y_BROKEN; // else its keys would be missed one by one
        return;
    }
    struct overridden told = {.list = "", .leaves_out_new = true};
    if (lay_under(reader, reserved, fields, offer[n].text, use->place, path, &told))
        note_overridden(reader,
                        surety_scratch_printf(reader, "%s: reserved units as offered under %s (%s, as of %s, %s)",
                                              provider, offer[n].name, offer[n].source, offer[n].as_of,
                                              offer[n].standing),
                        &told);
}

// --- style -----------------------------------------------------------------------------------------------------

// The node at a path of one or two keys, NULL when it is not written.
static const struct surety_ynode *find_path(const struct surety_ynode *map, const char *path)
{
    const char *dot = strchr(path, '.');
    if (dot == NULL)
        return surety_ynode_get(map, path);
    for (const struct surety_ynode *child = map->first; child != NULL; child = child->next)
        if (strlen(child->key) == (size_t)(dot - path) && strncmp(child->key, path, (size_t)(dot - path)) == 0)
            return child->kind == SURETY_Y_MAP || surety_ynode_is_empty(child) ? surety_ynode_get(child, dot + 1)
                                                                               : child;
    return NULL;
}

static bool has_fee(const struct surety_ynode *contract)
{
    if (surety_ynode_get(contract, "fee") != NULL)
        return true;
    const struct surety_ynode *tiers = surety_ynode_get(contract, "tiers");
    if (tiers == NULL || tiers->kind != SURETY_Y_MAP)
        return false;
    for (const struct surety_ynode *tier = tiers->first; tier != NULL; tier = tier->next)
        if (surety_ynode_get(tier, "fee") != NULL)
            return true;
    return false;
}

static void expand_contract(struct surety_reader *reader, struct surety_ynode *contract)
{
    const struct surety_ynode *word = surety_ynode_get(contract, "style");
    if (word == NULL || word->kind != SURETY_Y_SCALAR)
        return;
    const struct surety_style *style = surety_style_find(reader->registry, word->text);
    if (style == NULL)
        return; // the row lists what is allowed
    const struct surety_place place = word->place;
    bool take[32] = {false}; // decided before the first key is set: a key of the style is not one of the scenario
    for (size_t i = 0; i < style->n && i < sizeof take; i++) {
        const struct surety_style_key *key = &style->keys[i];
        take[i] = find_path(contract, key->path) == NULL &&
                  (key->unless == NULL || find_path(contract, key->unless) == NULL) &&
                  (!key->needs_fee || has_fee(contract));
    }
    for (size_t i = 0; i < style->n && i < sizeof take; i++) {
        const struct surety_style_key *key = &style->keys[i];
        if (!take[i])
            continue;
        if (surety_ytree_set(reader->scratch, contract, key->path, key->value, place, reader->diags) == SURETY_E_MEMORY)
            reader->out_of_memory = true;
        surety_note_assumption(reader, "contract.style %s: %s: %s - source %s, as of %s, %s", style->name, key->path,
                               key->value, key->source, key->as_of, key->seen);
    }
}

// --- profile ---------------------------------------------------------------------------------------------------

static void expand_profile(struct surety_reader *reader, struct surety_ynode *fallback, const char *path)
{
    const struct surety_ynode *word = surety_ynode_get(fallback, "profile");
    const struct surety_style *profile = reader->registry->profiles;
    if (word == NULL || word->kind != SURETY_Y_SCALAR)
        return;
    while (profile != NULL && profile->name != NULL && strcmp(profile->name, word->text) != 0)
        profile++;
    if (profile == NULL || profile->name == NULL)
        return; // the row lists what is allowed
    const struct surety_place place = word->place;
    for (size_t i = 0; i < profile->n; i++) {
        const struct surety_style_key *key = &profile->keys[i];
        if (surety_ynode_get(fallback, key->path) != NULL)
            continue;
        if (surety_ytree_set(reader->scratch, fallback, key->path, key->value, place, reader->diags) == SURETY_E_MEMORY)
            reader->out_of_memory = true;
        surety_note_assumption(reader, "%s.profile %s: %s: %s - source %s, as of %s, %s", path, profile->name,
                               key->path, key->value, key->source, key->as_of, key->seen);
    }
}

// Every map under the key `fallback`, however deep among the routes. The tree's own depth is limited.
static void expand_profiles(struct surety_reader *reader, struct surety_ynode *node, const char *path)
{
    size_t i = 0;
    for (struct surety_ynode *child = node->first; child != NULL && !reader->out_of_memory; child = child->next, i++) {
        const char *child_path = node->kind == SURETY_Y_LIST ? surety_path_index(reader, path, i)
                                                             : surety_path_join(reader, path, child->key);
        if (node->kind == SURETY_Y_MAP && child->kind == SURETY_Y_MAP && strcmp(child->key, "fallback") == 0)
            expand_profile(reader, child, child_path);
        if (child->kind == SURETY_Y_MAP || child->kind == SURETY_Y_LIST)
            expand_profiles(reader, child, child_path);
    }
}

void surety_expand_presets(struct surety_reader *reader, struct surety_ynode *root)
{
    const struct surety_field *row = find_row(reader->registry->scenario, "providers");
    struct surety_ynode *providers = surety_ynode_get(root, "providers");
    if (row != NULL && providers != NULL && providers->kind == SURETY_Y_MAP)
        for (struct surety_ynode *child = providers->first; child != NULL && !reader->out_of_memory;
             child = child->next)
            if (child->kind == SURETY_Y_MAP) {
                expand_provider(reader, child, row->sub);
                const struct surety_field *reserved_row = find_row(row->sub, "reserved");
                struct surety_ynode *reserved = surety_ynode_get(child, "reserved");
                if (reserved_row != NULL && reserved != NULL && reserved->kind == SURETY_Y_MAP)
                    expand_offer(reader, reserved, child->key, reserved_row->sub);
            }
    struct surety_ynode *architectures = surety_ynode_get(root, "architectures");
    if (architectures != NULL && architectures->kind == SURETY_Y_MAP && reader->registry->profiles != NULL)
        expand_profiles(reader, architectures, "architectures");
    struct surety_ynode *contract = surety_ynode_get(root, "contract");
    if (contract != NULL && contract->kind == SURETY_Y_MAP)
        expand_contract(reader, contract);
}
