// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/load_scenes.h"

#include "sim/base/arena.h"
#include "sim/engine/saturation.h"
#include "sim/engine/walk.h"
#include "sim/engine/walk_latency.h"
#include "sim/engine/walk_load.h"
#include "sim/engine/walk_tree.h"

#include <stdlib.h>
#include <string.h>

#define KEY_BITS 64
#define MOST_SCENES 131072 // some 50 MB for a large tree; what is met beyond is computed anew
#define FIRST_SLOTS 256
#define MOST_HOMES 8 // modes in which a calm walk is told apart
#define UNKNOWN UINT32_MAX

// Calm walks whose controllers are in these modes.
struct home {
    uint64_t modes;
    uint32_t *scene;   // of each level: its scene, if a calm walk stays calm there; UNKNOWN: not seen so far
    uint32_t *alike;   // of each level: the first one seen with the same readings
    int64_t *n_passed; // of each epoch: how many more recorded walks glided over it than over the one before
    uint32_t *levels;  // those that stand for all alike
    size_t n_levels;
};

struct surety_load_scenes {
    struct surety_load_scene *list;
    size_t n, room;
    uint32_t *slots; // open addressing: index + 1
    size_t n_slots;
    uint8_t *mode_shift; // of each controller
    struct home homes[MOST_HOMES];
    size_t n_homes;
    struct home *calm_at; // where the walk was calm at the last instant; NULL: it was not
    struct surety_arena arena;
};

// --- life ------------------------------------------------------------------------------------------------------

enum surety_err surety_load_scenes_create(const struct surety_walk *walk, struct surety_load_scenes **out)
{
    unsigned bits = 0;
    *out = NULL;
    if (walk->n_cursors > KEY_BITS || walk->n_controllers > KEY_BITS)
        return SURETY_OK;
    struct surety_load_scenes *s = calloc(1, sizeof *s);
    if (s == NULL)
        return SURETY_E_MEMORY;
    surety_arena_init(&s->arena);
    s->n_slots = FIRST_SLOTS;
    s->slots = calloc(s->n_slots, sizeof *s->slots);
    s->mode_shift = calloc(walk->n_controllers + 1, sizeof *s->mode_shift);
    if (s->slots == NULL || s->mode_shift == NULL) {
        surety_load_scenes_destroy(s);
        return SURETY_E_MEMORY;
    }
    for (size_t i = 0; i < walk->n_controllers && bits <= KEY_BITS; i++) {
        const struct surety_plan_node *node = &walk->architecture->nodes[walk->controllers[i]];
        s->mode_shift[i] = (uint8_t)bits;
        bits += node->type->mode_bits(node->n_children);
    }
    if (bits > KEY_BITS) {
        surety_load_scenes_destroy(s);
        return SURETY_OK;
    }
    *out = s;
    return SURETY_OK;
}

void surety_load_scenes_destroy(struct surety_load_scenes *s)
{
    if (s == NULL)
        return;
    surety_arena_finish(&s->arena);
    free(s->list);
    free(s->slots);
    free(s->mode_shift);
    free(s);
}

// --- the table -------------------------------------------------------------------------------------------------

static uint64_t effects_of(const struct surety_walk *walk)
{
    uint64_t effects = 0;
    for (size_t c = 0; c < walk->n_cursors; c++) {
        const struct surety_cursor *cursor = &walk->cursors[c];
        effects |= (uint64_t)((walk->active[cursor->provider] & cursor->bit) != 0) << c;
    }
    return effects;
}

static uint64_t modes_of(const struct surety_walk *walk)
{
    uint64_t modes = 0;
    for (size_t i = 0; i < walk->n_controllers; i++) {
        const uint32_t node = walk->controllers[i];
        modes |= walk->architecture->nodes[node].type->mode(&walk->views[node]) << walk->carried->scenes->mode_shift[i];
    }
    return modes;
}

static inline size_t slot_of(const struct surety_load_scenes *s, uint64_t effects, uint64_t modes, uint32_t level)
{
    const uint64_t h = effects * UINT64_C(0x9e3779b97f4a7c15) + modes * UINT64_C(0xc2b2ae3d27d4eb4f) +
                       level * UINT64_C(0x165667b19e3779f9);
    return (size_t)(h ^ h >> 32) & (s->n_slots - 1);
}

static void insert(struct surety_load_scenes *s, uint32_t index)
{
    const struct surety_load_scene *scene = &s->list[index];
    size_t at = slot_of(s, scene->effects, scene->modes, scene->level);
    while (s->slots[at] != 0)
        at = (at + 1) & (s->n_slots - 1);
    s->slots[at] = index + 1;
}

// Room for one more.
static bool make_room(struct surety_load_scenes *s)
{
    if (s->n < s->room)
        return true;
    const size_t room = s->room > 0 ? 2 * s->room : FIRST_SLOTS / 4;
    struct surety_load_scene *list = realloc(s->list, room * sizeof *list);
    if (list == NULL)
        return false;
    s->list = list;
    uint32_t *slots = calloc(4 * room, sizeof *slots);
    if (slots == NULL)
        return false;
    free(s->slots);
    s->slots = slots;
    s->n_slots = 4 * room;
    s->room = room;
    for (uint32_t i = 0; i < s->n; i++)
        insert(s, i);
    return true;
}

uint32_t surety_load_scenes_find(const struct surety_walk *walk)
{
    const struct surety_load_scenes *s = walk->carried->scenes;
    const uint64_t effects = effects_of(walk), modes = modes_of(walk);
    const uint32_t level = walk->carried->level;
    for (size_t at = slot_of(s, effects, modes, level); s->slots[at] != 0; at = (at + 1) & (s->n_slots - 1)) {
        const struct surety_load_scene *scene = &s->list[s->slots[at] - 1];
        if (scene->effects == effects && scene->modes == modes && scene->level == level)
            return s->slots[at] - 1;
    }
    return SURETY_NO_SCENE;
}

static void *copy_of(struct surety_load_scenes *s, const void *from, size_t n, size_t size)
{
    void *copy = surety_arena_calloc(&s->arena, n, size);
    if (copy != NULL)
        memcpy(copy, from, n * size);
    return copy;
}

uint32_t surety_load_scenes_keep(struct surety_walk *walk)
{
    struct surety_walk_load *load = walk->carried;
    struct surety_load_scenes *s = load->scenes;
    const size_t n = walk->architecture->n_nodes, n_providers = walk->plan->n_providers;
    if (s->n >= MOST_SCENES || !make_room(s))
        return SURETY_NO_SCENE;
    struct surety_load_scene scene = {.effects = effects_of(walk),
                                      .modes = modes_of(walk),
                                      .level = load->level,
                                      .latency = UNKNOWN,
                                      .f = copy_of(s, walk->f, n, sizeof *walk->f),
                                      .spill = copy_of(s, load->spill, n, sizeof *load->spill),
                                      .attempts = copy_of(s, load->attempts, n, sizeof *load->attempts),
                                      .per_request = copy_of(s, load->per_request, n_providers, sizeof(double)),
                                      .now = copy_of(s, load->now, n_providers, sizeof *load->now)};
    if (scene.f == NULL || scene.spill == NULL || scene.attempts == NULL || scene.per_request == NULL ||
        scene.now == NULL)
        return SURETY_NO_SCENE;
    s->list[s->n] = scene;
    insert(s, (uint32_t)s->n);
    return (uint32_t)s->n++;
}

const double *surety_load_scenes_keep_rates(struct surety_walk *walk, const double *rates)
{
    return copy_of(walk->carried->scenes, rates, walk->plan->n_demands + walk->plan->n_reserved, sizeof *rates);
}

void surety_load_scenes_show(struct surety_walk *walk, uint32_t index)
{
    struct surety_walk_load *load = walk->carried;
    const struct surety_load_scene *scene = &load->scenes->list[index];
    const size_t n = walk->architecture->n_nodes, n_providers = walk->plan->n_providers;
    memcpy(walk->f, scene->f, n * sizeof *walk->f);
    memcpy(load->spill, scene->spill, n * sizeof *load->spill);
    memcpy(load->attempts, scene->attempts, n * sizeof *load->attempts);
    memcpy(load->per_request, scene->per_request, n_providers * sizeof *load->per_request);
    memcpy(load->now, scene->now, n_providers * sizeof *load->now);
    load->scene = index;
}

struct surety_load_scene *surety_load_scenes_current(const struct surety_walk *walk)
{
    const struct surety_walk_load *load = walk->carried;
    return load->scene != SURETY_NO_SCENE ? &load->scenes->list[load->scene] : NULL;
}

// --- in the calm -------------------------------------------------------------------------------------------------

static struct home *home_of(const struct surety_walk *walk, uint64_t modes)
{
    struct surety_load_scenes *s = walk->carried->scenes;
    const size_t n_levels = walk->carried->loads->n_levels, n_epochs = walk->carried->loads->n_epochs;
    for (size_t i = 0; i < s->n_homes; i++)
        if (s->homes[i].modes == modes)
            return &s->homes[i];
    if (s->n_homes == MOST_HOMES)
        return NULL;
    const struct home home = {.modes = modes,
                              .scene = surety_arena_calloc(&s->arena, n_levels, sizeof *home.scene),
                              .alike = surety_arena_calloc(&s->arena, n_levels, sizeof *home.alike),
                              .levels = surety_arena_calloc(&s->arena, n_levels, sizeof *home.levels),
                              .n_passed = surety_arena_calloc(&s->arena, n_epochs + 1, sizeof *home.n_passed)};
    if (home.scene == NULL || home.alike == NULL || home.levels == NULL || home.n_passed == NULL)
        return NULL;
    for (size_t l = 0; l < n_levels; l++)
        home.scene[l] = home.alike[l] = UNKNOWN;
    s->homes[s->n_homes] = home;
    return &s->homes[s->n_homes++];
}

// The same to all who read the root: whoever passes from one to the other has nothing to tell.
static bool reads_alike(const struct surety_walk *walk, const struct surety_load_scene *a,
                        const struct surety_load_scene *b)
{
    const size_t root = walk->architecture->n_nodes - 1, n_rates = walk->ledger.n_rates;
    return a->f[root] == b->f[root] && a->latency == b->latency &&
           (walk->rates == NULL || memcmp(a->rate, b->rate, n_rates * sizeof *a->rate) == 0);
}

// A calm walk came to this level and stays calm.
static void learn(const struct surety_walk *walk, struct home *home)
{
    const struct surety_walk_load *load = walk->carried;
    const struct surety_load_scene *list = load->scenes->list;
    const uint32_t level = load->level;
    home->scene[level] = load->scene;
    size_t i = 0;
    while (i < home->n_levels && !reads_alike(walk, &list[load->scene], &list[home->scene[home->levels[i]]]))
        i++;
    if (i == home->n_levels)
        home->levels[home->n_levels++] = level;
    home->alike[level] = home->levels[i];
}

static inline bool is_calm(const struct surety_walk *walk)
{
    const struct surety_load_scene *scene = surety_load_scenes_current(walk);
    return scene != NULL && scene->effects == 0 && walk->next_timer_us == SURETY_NEVER && !walk->blame.is_down &&
           !walk->is_followed && walk->observer == NULL && (walk->rates == NULL || scene->rate != NULL);
}

void surety_load_scenes_glide(struct surety_walk *walk)
{
    struct surety_walk_load *load = walk->carried;
    struct surety_load_scenes *s = load->scenes;
    const struct surety_plan_loads *loads = load->loads;
    struct home *const before = s->calm_at;
    s->calm_at = NULL;
    if (!is_calm(walk))
        return;
    struct home *home = home_of(walk, s->list[load->scene].modes);
    s->calm_at = home;
    if (home == NULL)
        return;
    if (home->scene[load->level] == UNKNOWN && before == home) // it came from calm to calm: so will others
        learn(walk, home);
    const uint32_t alike = home->alike[load->level];
    if (alike == UNKNOWN)
        return;
    int64_t until_us = walk->plan->term_us;
    for (size_t c = 0; c < walk->n_cursors; c++)
        until_us = walk->due_us[c] < until_us ? walk->due_us[c] : until_us;
    size_t to = load->epoch;
    while (to + 1 < loads->n_epochs && loads->from_us[to + 1] < until_us && home->alike[loads->level[to + 1]] == alike)
        to++;
    if (to == load->epoch)
        return;
    surety_walk_load_book(walk, loads->from_us[load->epoch + 1]);
    if (surety_walk_load_books(walk)) {
        home->n_passed[load->epoch + 1]++;
        home->n_passed[to]--;
    }
    surety_walk_load_enter(load, to);
    load->since_us = loads->from_us[to];
    surety_load_scenes_show(walk, home->scene[load->level]);
}

void surety_load_scenes_book(struct surety_walk *walk)
{
    struct surety_walk_load *load = walk->carried;
    const struct surety_plan_loads *loads = load->loads;
    for (size_t h = 0; h < load->scenes->n_homes; h++) {
        struct home *home = &load->scenes->homes[h];
        int64_t n = 0;
        for (size_t e = 0; e < loads->n_epochs; e++) {
            n += home->n_passed[e];
            home->n_passed[e] = 0;
            if (n == 0)
                continue;
            const struct surety_load_scene *scene = &load->scenes->list[home->scene[loads->level[e]]];
            const struct surety_stand stand = {.kept = load->kept,
                                               .now = scene->now,
                                               .per_request = scene->per_request,
                                               .active = NULL,
                                               .level = scene->level};
            surety_saturation_book(&walk->blame.saturation, walk->plan, &stand, loads->from_us[e],
                                   loads->from_us[e + 1], (uint64_t)n);
        }
    }
}
