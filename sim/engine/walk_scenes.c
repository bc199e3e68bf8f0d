// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/walk_scenes.h"

#include "sim/base/arena.h"
#include "sim/base/ppb.h"
#include "sim/engine/walk_latency.h"
#include "sim/engine/walk_tree.h"

#include <stdlib.h>
#include <string.h>

#define KEY_BITS 64
#define MOST_SCENES 16384 // then all are forgotten: a tree that meets so many gains little
#define FIRST_SLOTS 256

struct scene {
    uint64_t effects, modes; // the key: effects that are on, the controllers' modes
    double f;                // share failing at the root, as the contract counts it
    bool is_excluded, is_down;
    uint32_t latency;   // state of the root
    const double *rate; // a rate of the ledger; NULL: nothing has a price
    // why it is down
    enum surety_phase phase;
    const uint32_t *causes, *clocks;
    size_t n_causes, n_clocks;
};

struct surety_scenes {
    uint64_t effects, modes; // that are on now, a bit for each cursor; of the controllers now
    size_t next;             // the cursor that is due first,
    int64_t next_us;         // when, and
    int64_t others_us;       // the first of the others
    uint8_t *mode_shift;     // of each controller
    bool *feeds;             // of each provider: a controller hangs on it
    struct scene *list;      // `most` at most
    size_t n, room, most;
    uint32_t *slots; // open addressing: index + 1
    size_t n_slots;
    uint32_t *clocks; // scratch, n_nodes
    struct surety_arena arena;
};

// --- life ------------------------------------------------------------------------------------------------------

// Nodes that are not a controller and below none.
static void find_lazy(struct surety_walk *walk, struct surety_scenes *s)
{
    const struct surety_plan_architecture *a = walk->architecture;
    for (uint32_t i = a->n_nodes; i-- > 0;) { // parents before children
        const struct surety_plan_node *node = &a->nodes[i];
        walk->lazy[i] = walk->state_size[i] == 0 && (node->parent == UINT32_MAX || walk->lazy[node->parent]);
        if (node->type == NULL && !walk->lazy[i])
            s->feeds[node->provider] = true;
    }
}

enum surety_err surety_scenes_create(struct surety_walk *walk, struct surety_scenes **out)
{
    const struct surety_plan_architecture *a = walk->architecture;
    unsigned bits = 0;
    *out = NULL;
    if (walk->n_cursors > KEY_BITS || walk->n_controllers > KEY_BITS)
        return SURETY_OK;
    struct surety_scenes *s = calloc(1, sizeof *s);
    if (s == NULL)
        return SURETY_E_MEMORY;
    surety_arena_init(&s->arena);
    s->n_slots = FIRST_SLOTS;
    s->slots = calloc(s->n_slots, sizeof *s->slots);
    s->mode_shift = calloc(walk->n_controllers + 1, sizeof *s->mode_shift);
    s->feeds = calloc(walk->plan->n_providers, sizeof *s->feeds);
    s->clocks = calloc(a->n_nodes, sizeof *s->clocks);
    if (s->slots == NULL || s->mode_shift == NULL || s->feeds == NULL || s->clocks == NULL) {
        surety_scenes_destroy(s);
        return SURETY_E_MEMORY;
    }
    for (size_t i = 0; i < walk->n_controllers && bits <= KEY_BITS; i++) {
        const struct surety_plan_node *node = &a->nodes[walk->controllers[i]];
        s->mode_shift[i] = (uint8_t)bits;
        bits += node->type->mode_bits(node->n_children);
    }
    if (bits > KEY_BITS) {
        surety_scenes_destroy(s);
        return SURETY_OK;
    }
    find_lazy(walk, s);
    s->most = MOST_SCENES;
    *out = s;
    return SURETY_OK;
}

void surety_scenes_destroy(struct surety_scenes *s)
{
    if (s == NULL)
        return;
    surety_arena_finish(&s->arena);
    free(s->list);
    free(s->slots);
    free(s->mode_shift);
    free(s->feeds);
    free(s->clocks);
    free(s);
}

void surety_scenes_limit(struct surety_scenes *scenes, size_t most)
{
    scenes->most = most;
}

// --- the table -------------------------------------------------------------------------------------------------

static inline size_t slot_of(const struct surety_scenes *s, uint64_t effects, uint64_t modes)
{
    const uint64_t h = effects * UINT64_C(0x9e3779b97f4a7c15) + modes * UINT64_C(0xc2b2ae3d27d4eb4f);
    return (size_t)(h ^ h >> 32) & (s->n_slots - 1);
}

static void insert(struct surety_scenes *s, uint32_t index)
{
    size_t at = slot_of(s, s->list[index].effects, s->list[index].modes);
    while (s->slots[at] != 0)
        at = (at + 1) & (s->n_slots - 1);
    s->slots[at] = index + 1;
}

// Room for one more scene.
static bool make_room(struct surety_scenes *s)
{
    if (s->n >= s->most) {
        memset(s->slots, 0, s->n_slots * sizeof *s->slots);
        surety_arena_finish(&s->arena);
        surety_arena_init(&s->arena);
        s->n = 0;
    }
    if (s->n < s->room)
        return true;
    const size_t room = s->room > 0 ? 2 * s->room : FIRST_SLOTS / 4;
    struct scene *list = realloc(s->list, room * sizeof *list);
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

// Reads the settled tree.
static bool read_tree(struct surety_walk *walk, int64_t now_us, struct scene *scene)
{
    const size_t n_rates = walk->plan->n_demands + walk->plan->n_reserved;
    surety_walk_evaluate_lazy(walk, now_us);
    scene->f = walk->f[walk->architecture->n_nodes - 1];
    const double *rate = surety_walk_rates(walk);
    if (rate != NULL) {
        double *kept = surety_arena_calloc(&walk->scenes->arena, n_rates, sizeof *kept);
        if (kept == NULL)
            return false;
        memcpy(kept, rate, n_rates * sizeof *kept);
        scene->rate = kept;
    }
    scene->is_excluded = surety_walk_treat(walk, &scene->f) == SURETY_EXCLUDED;
    scene->is_down = surety_reaches(scene->f, walk->plan->down_at_ppb);
    if (walk->latency != NULL)
        scene->latency = surety_walk_latency_state(walk);
    return true;
}

// Keeps what the blame has just found out about a new scene.
static void keep_reason(struct surety_walk *walk, struct scene *scene)
{
    struct surety_scenes *s = walk->scenes;
    const struct surety_blame *blame = &walk->blame;
    const size_t n_clocks = surety_blame_clocks(walk, s->clocks);
    uint32_t *kept = surety_arena_calloc(&s->arena, blame->n_present + n_clocks, sizeof *kept);
    if (kept == NULL) {
        walk->err = SURETY_E_MEMORY;
        return;
    }
    memcpy(kept, blame->present, blame->n_present * sizeof *kept);
    memcpy(kept + blame->n_present, s->clocks, n_clocks * sizeof *kept);
    scene->causes = kept;
    scene->n_causes = blame->n_present;
    scene->clocks = kept + blame->n_present;
    scene->n_clocks = n_clocks;
    scene->phase = blame->phase;
}

static void blame_turn(struct surety_walk *walk, int64_t now_us, struct scene *scene)
{
    if (!scene->is_down) {
        surety_blame_turn_to(&walk->blame, now_us, NULL, 0, scene->phase, 0);
    } else if (scene->causes == NULL) {
        surety_blame_turn(&walk->blame, walk, now_us, true);
        keep_reason(walk, scene);
    } else {
        surety_blame_turn_to(&walk->blame, now_us, scene->causes, scene->n_causes, scene->phase,
                             surety_blame_detection_until(walk, scene->clocks, scene->n_clocks));
    }
}

// The scene of the settled tree, new or not, until the next call. NULL when memory is out.
static struct scene *find_scene(struct surety_walk *walk, int64_t now_us)
{
    struct surety_scenes *s = walk->scenes;
    const uint64_t modes = s->modes;
    for (size_t at = slot_of(s, s->effects, modes); s->slots[at] != 0; at = (at + 1) & (s->n_slots - 1)) {
        struct scene *scene = &s->list[s->slots[at] - 1];
        if (scene->effects == s->effects && scene->modes == modes)
            return scene;
    }
    struct scene new = {.effects = s->effects, .modes = modes};
    if (!make_room(s) || !read_tree(walk, now_us, &new)) {
        walk->err = SURETY_E_MEMORY;
        return NULL;
    }
    s->list[s->n] = new;
    insert(s, (uint32_t)s->n);
    return &s->list[s->n++];
}

// --- the walk --------------------------------------------------------------------------------------------------

// The cursor that is due first.
static void find_next(const struct surety_walk *walk)
{
    struct surety_scenes *s = walk->scenes;
    size_t next = 0;
    int64_t next_us = SURETY_NEVER, others_us = SURETY_NEVER;
    for (size_t c = 0; c < walk->n_cursors; c++) {
        const int64_t due_us = walk->due_us[c], later_us = due_us < next_us ? next_us : due_us;
        next = due_us < next_us ? c : next;
        next_us = due_us < next_us ? due_us : next_us;
        others_us = later_us < others_us ? later_us : others_us;
    }
    s->next = next;
    s->next_us = next_us;
    s->others_us = others_us;
}

// What came into sight or left it: the set of effects that are on, and what is due.
static void look_around(struct surety_walk *walk)
{
    uint64_t effects = 0;
    for (size_t c = 0; c < walk->n_cursors; c++) {
        const struct surety_cursor *cursor = &walk->cursors[c];
        effects |= (uint64_t)((walk->active[cursor->provider] & cursor->bit) != 0) << c;
    }
    walk->scenes->effects = effects;
    walk->moved = false;
    find_next(walk);
}

static void read_modes(struct surety_walk *walk)
{
    uint64_t modes = 0;
    for (size_t i = 0; i < walk->n_controllers; i++) {
        const uint32_t node = walk->controllers[i];
        modes |= walk->architecture->nodes[node].type->mode(&walk->views[node]) << walk->scenes->mode_shift[i];
    }
    walk->scenes->modes = modes;
}

static inline void pass(struct surety_walk *walk, size_t c)
{
    struct surety_cursor *cursor = &walk->cursors[c];
    walk->scenes->effects ^= UINT64_C(1) << c;
    if (walk->scenes->feeds[cursor->provider]) {
        surety_walk_pass(walk, cursor);
        return;
    }
    walk->active[cursor->provider] ^= cursor->bit;
    walk->due_us[c] = *++cursor->next;
    walk->any_dirty = true;
}

// Passes the boundaries of this instant. What ends next is mostly what has just begun: no need to look at the others.
static inline void pass_due(struct surety_walk *walk, int64_t now_us)
{
    struct surety_scenes *s = walk->scenes;
    const size_t next = s->next;
    pass(walk, next);
    if (s->others_us > now_us && walk->due_us[next] < s->others_us) {
        s->next_us = walk->due_us[next];
        return;
    }
    for (size_t c = next + 1; s->others_us == now_us && c < walk->n_cursors; c++) // those before it are not due
        if (walk->due_us[c] == now_us)
            pass(walk, c);
    find_next(walk);
}

// Everything that happens at the next instant; false when the term is over.
static inline bool step(struct surety_walk *walk, int64_t *at_us)
{
    const struct surety_scenes *s = walk->scenes;
    const int64_t timer_us = walk->next_timer_us, now_us = timer_us < s->next_us ? timer_us : s->next_us;
    if (now_us >= walk->plan->term_us)
        return false;
    if (s->next_us == now_us)
        pass_due(walk, now_us);
    if (timer_us == now_us)
        surety_walk_ring(walk, now_us);
    *at_us = now_us;
    return true;
}

// Controllers react, where one has to.
static inline void settle(struct surety_walk *walk, int64_t now_us)
{
    uint64_t dirty = 0;
    for (size_t i = 0; i < walk->n_dirty_words; i++)
        dirty |= walk->dirty[i];
    walk->any_dirty = false;
    if (dirty == 0)
        return;
    surety_walk_settle(walk, now_us);
    read_modes(walk);
    if (walk->moved)
        look_around(walk);
}

static struct scene *begin(struct surety_walk *walk)
{
    for (size_t i = 0; i < walk->n_cursors; i++)
        walk->cursors[i].first = NULL;
    surety_walk_reset_leaves(walk);
    surety_walk_start_nodes(walk);
    read_modes(walk);
    look_around(walk);
    struct scene *scene = find_scene(walk, 0);
    if (scene == NULL)
        return NULL;
    walk->f_root = scene->f;
    walk->is_excluded = scene->is_excluded;
    walk->since_us = 0;
    surety_blame_start(&walk->blame);
    if (scene->is_down)
        blame_turn(walk, 0, scene);
    walk->blame.counts = !scene->is_excluded;
    if (scene->rate != NULL)
        surety_ledger_start(&walk->ledger, scene->rate);
    if (walk->latency != NULL)
        surety_walk_latency_start(walk, scene->latency);
    return scene;
}

void surety_walk_scenes_run(struct surety_walk *walk)
{
    const struct scene *first = begin(walk);
    if (first == NULL)
        return;
    uint64_t effects = first->effects, modes = first->modes;
    for (int64_t now_us; step(walk, &now_us);) {
        if (!walk->any_dirty)
            continue;
        settle(walk, now_us);
        struct scene *scene = find_scene(walk, now_us);
        if (scene == NULL)
            break;
        if (scene->is_down || walk->blame.is_down)
            blame_turn(walk, now_us, scene);
        walk->blame.counts = !scene->is_excluded;
        if (scene->effects == effects && scene->modes == modes)
            continue;
        if (scene->rate != NULL)
            surety_ledger_turn(&walk->ledger, now_us, scene->rate);
        surety_walk_change(walk, now_us, scene->f, scene->is_excluded);
        if (walk->latency != NULL)
            surety_walk_latency_turn(walk, now_us, scene->latency);
        effects = scene->effects;
        modes = scene->modes;
    }
}
