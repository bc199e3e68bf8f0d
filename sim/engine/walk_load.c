// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/walk_load.h"

#include "sim/base/fmath.h"
#include "sim/engine/load_scenes.h"
#include "sim/engine/saturation.h"
#include "sim/engine/walk.h"
#include "sim/engine/walk_latency.h"
#include "sim/engine/walk_tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ROUNDS 8      // of controllers that answer to the load and the load to them, at one instant
#define MOST_STEPS 400     // of an iteration
#define MOST_DEAR_STEPS 12 // where each may compose laws
#define TOLERANCE 1e-12    // relative, of a provider's load
#define FIRST_SLOTS 256

// --- life ------------------------------------------------------------------------------------------------------

void surety_walk_load_enter(struct surety_walk_load *load, size_t epoch)
{
    const struct surety_plan_loads *loads = load->loads;
    load->epoch = epoch;
    load->level = loads->level[epoch];
    load->next_us = epoch + 1 < loads->n_epochs ? loads->from_us[epoch + 1] : SURETY_NEVER;
}

static bool is_limited(const struct surety_plan *plan, const struct surety_plan_architecture *a, bool *passes_on)
{
    bool limited = false;
    for (uint32_t i = 0; plan->loads.on && i < a->n_nodes; i++) {
        const struct surety_plan_node *node = &a->nodes[i];
        const struct surety_plan_limits *l = node->type == NULL ? &plan->loads.limits[node->provider] : NULL;
        limited = limited || (l != NULL && l->given);
        *passes_on = *passes_on || (l != NULL && l->given && l->next);
    }
    return limited;
}

enum surety_err surety_walk_load_create(const struct surety_plan *plan,
                                        const struct surety_plan_architecture *architecture,
                                        struct surety_walk_load **out)
{
    bool passes_on = false;
    *out = NULL;
    if (!is_limited(plan, architecture, &passes_on))
        return SURETY_OK;
    const size_t n = architecture->n_nodes;
    struct surety_walk_load *load = calloc(1, sizeof *load);
    if (load == NULL)
        return SURETY_E_MEMORY;
    *load = (struct surety_walk_load){.loads = &plan->loads,
                                      .passes_on = passes_on,
                                      .scene = SURETY_NO_SCENE,
                                      .attempts = calloc(n, sizeof *load->attempts),
                                      .per_request = calloc(plan->n_providers, sizeof *load->per_request),
                                      .now = calloc(plan->n_providers, sizeof *load->now),
                                      .spill = calloc(n, sizeof *load->spill),
                                      .child_spill = calloc(n, sizeof *load->child_spill),
                                      .f_before = calloc(n, sizeof *load->f_before),
                                      .slots = calloc(FIRST_SLOTS, sizeof *load->slots),
                                      .n_slots = FIRST_SLOTS};
    if (load->attempts == NULL || load->per_request == NULL || load->now == NULL || load->spill == NULL ||
        load->child_spill == NULL || load->f_before == NULL || load->slots == NULL) {
        surety_walk_load_destroy(load);
        return SURETY_E_MEMORY;
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct surety_plan_node *node = &architecture->nodes[i];
        load->coarse = load->coarse || (node->type != NULL && node->type->needs_response != NULL &&
                                        node->type->needs_response(node->params));
        for (uint32_t k = 0; k < node->n_children; k++)
            load->child_spill[node->first_child + k] = &load->spill[architecture->children[node->first_child + k]];
    }
    for (size_t p = 0; p < plan->n_providers; p++)
        load->now[p] = SURETY_NO_CARRY;
    surety_walk_load_enter(load, 0);
    *out = load;
    return SURETY_OK;
}

void surety_walk_load_destroy(struct surety_walk_load *load)
{
    if (load == NULL)
        return;
    free(load->attempts);
    free(load->per_request);
    free(load->now);
    free(load->spill);
    free((void *)load->child_spill);
    free(load->f_before);
    free(load->kept);
    free(load->keys);
    free(load->slots);
    surety_load_scenes_destroy(load->scenes);
    free(load);
}

// --- states ----------------------------------------------------------------------------------------------------

static inline uint64_t mix(uint64_t hash, uint64_t value) // splitmix64's finaliser (Steele et al., 2014)
{
    uint64_t z = (hash ^ value) + UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static void place(struct surety_walk_load *load, size_t index)
{
    size_t at = load->keys[index] & (load->n_slots - 1);
    while (load->slots[at] != 0)
        at = (at + 1) & (load->n_slots - 1);
    load->slots[at] = (uint32_t)index + 1;
}

static bool grow(struct surety_walk_load *load)
{
    const size_t room = 2 * load->room + 64;
    struct surety_carry *kept = realloc(load->kept, room * sizeof *kept);
    load->kept = kept != NULL ? kept : load->kept;
    uint64_t *keys = realloc(load->keys, room * sizeof *keys);
    load->keys = keys != NULL ? keys : load->keys;
    if (kept == NULL || keys == NULL)
        return false;
    load->room = room;
    if (load->n_slots >= 2 * room)
        return true;
    uint32_t *slots = calloc(4 * load->n_slots, sizeof *slots);
    if (slots == NULL)
        return false;
    free(load->slots);
    load->slots = slots;
    load->n_slots *= 4;
    for (size_t i = 0; i < load->n; i++)
        place(load, i);
    return true;
}

static uint32_t find(struct surety_walk *walk, uint32_t provider, double attempts)
{
    struct surety_walk_load *load = walk->carried;
    const uint64_t active = walk->active[provider];
    const uint64_t key =
        mix(mix(mix(0xca4417, (uint64_t)provider << 32 | load->level), active), surety_bits(attempts)) | 1;
    for (size_t at = key & (load->n_slots - 1); load->slots[at] != 0; at = (at + 1) & (load->n_slots - 1))
        if (load->keys[load->slots[at] - 1] == key)
            return load->slots[at] - 1;
    if (load->n == load->room && !grow(load)) {
        load->out_of_memory = true;
        return SURETY_NO_CARRY;
    }
    load->keys[load->n] = key;
    load->kept[load->n] = surety_carry(walk->plan, provider, active, load->level, attempts);
    place(load, load->n);
    return (uint32_t)load->n++;
}

const struct surety_carry *surety_walk_carry(const struct surety_walk *walk, uint32_t provider)
{
    const struct surety_walk_load *load = walk->carried;
    return load == NULL || load->now[provider] == SURETY_NO_CARRY ? NULL : &load->kept[load->now[provider]];
}

uint64_t surety_walk_carry_key(const struct surety_walk *walk, uint32_t provider)
{
    const struct surety_carry *c = surety_walk_carry(walk, provider);
    if (c == NULL || (c->p_refused == 0 && c->p_waits == 0 && c->step_s == 0))
        return 0;
    const double numbers[] = {c->p_refused, c->p_waits, c->wait_s, c->wait_cv2, c->step_s, c->step_cv2};
    uint64_t key = 0xca44;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        key = mix(key, surety_bits(numbers[i]));
    return key | 1;
}

double surety_walk_load_failing(const struct surety_walk *walk, uint32_t provider, double f)
{
    const struct surety_carry *carry = surety_walk_carry(walk, provider);
    return carry == NULL || carry->p_refused <= 0 ? f : 1 - (1 - f) * (1 - carry->p_refused);
}

// --- the steady state --------------------------------------------------------------------------------------------

// Puts what each provider makes of its load into the leaves.
static void show_leaves(struct surety_walk *walk)
{
    struct surety_walk_load *load = walk->carried;
    for (uint32_t p = 0; p < walk->plan->n_providers; p++) {
        if (walk->first_leaf[p] == walk->first_leaf[p + 1] || !load->loads->limits[p].given)
            continue;
        const struct surety_carry *carry = surety_walk_carry(walk, p);
        const double base = walk->active[p] == 0 ? walk->plan->providers[p].f_normal
                                                 : surety_walk_share_failing(walk->plan, p, walk->active[p]);
        const double f = surety_walk_load_failing(walk, p, base);
        for (uint32_t i = walk->first_leaf[p]; i < walk->first_leaf[p + 1]; i++) {
            walk->f[walk->leaves[i]] = f;
            load->spill[walk->leaves[i]] =
                load->loads->limits[p].next && carry != NULL ? (1 - base) * carry->p_refused : 0;
            if (walk->latency != NULL)
                surety_latency_touch(&walk->latency->states, walk->leaves[i]);
        }
    }
}

// The tree as it stands, controllers left alone.
static void evaluate(struct surety_walk *walk, int64_t now_us)
{
    for (uint32_t i = 0; i < walk->architecture->n_nodes; i++) {
        const struct surety_node_type *type = walk->architecture->nodes[i].type;
        if (type == NULL)
            continue;
        if (walk->state_size[i] > 0)
            walk->f[i] = type->failing(&walk->views[i]);
        else
            walk->f[i] = surety_walk_evaluate(walk, i, now_us);
    }
}

// Attempts at each limited provider; never fewer than in the step before, so that the iteration comes to an end: a route
// that would be too full does not look healthy because it is left alone. True when some are more.
static bool find_attempts(struct surety_walk *walk)
{
    struct surety_walk_load *load = walk->carried;
    bool more = false;
    surety_walk_attempts(walk, load->attempts);
    for (uint32_t p = 0; p < walk->plan->n_providers; p++) {
        if (!load->loads->limits[p].given)
            continue;
        double sum = 0;
        for (uint32_t i = walk->first_leaf[p]; i < walk->first_leaf[p + 1]; i++)
            sum += load->attempts[walk->leaves[i]];
        if (load->coarse)
            sum = ceil(sum * 512 - 1e-6) / 512;
        if (sum <= load->per_request[p] * (1 + TOLERANCE))
            continue;
        load->per_request[p] = sum;
        more = true;
    }
    return more;
}

static void iterate(struct surety_walk *walk, int64_t now_us)
{
    struct surety_walk_load *load = walk->carried;
    const size_t n_providers = walk->plan->n_providers;
    for (size_t p = 0; p < n_providers; p++) {
        load->now[p] = SURETY_NO_CARRY;
        load->per_request[p] = 0;
    }
    show_leaves(walk);
    evaluate(walk, now_us);
    for (int step = 0; find_attempts(walk) && step < (load->coarse ? MOST_DEAR_STEPS : MOST_STEPS); step++) {
        for (uint32_t p = 0; p < n_providers; p++)
            if (load->loads->limits[p].given && load->per_request[p] > 0)
                load->now[p] = find(walk, p, load->per_request[p]);
        show_leaves(walk);
        evaluate(walk, now_us);
    }
}

// Marks what is above the leaves that are not as before; of a scene that was looked up only the controllers: the rest is
// up to date. True when there is such a leaf.
static bool mark_changes(struct surety_walk *walk, bool known)
{
    const struct surety_plan_node *nodes = walk->architecture->nodes;
    bool any = false;
    for (uint32_t i = 0; i < walk->architecture->n_nodes; i++) {
        if (nodes[i].type != NULL || walk->f[i] == walk->carried->f_before[i])
            continue;
        any = true;
        for (uint32_t k = nodes[i].parent; k != UINT32_MAX; k = nodes[k].parent)
            if (!known || walk->state_size[k] > 0)
                walk->dirty[k / 64] |= UINT64_C(1) << k % 64;
    }
    walk->any_dirty = walk->any_dirty || any;
    return any;
}

// Leaves whose load may be another: what is composed of their latencies is to be looked up again.
static void touch_leaves(struct surety_walk *walk)
{
    for (uint32_t p = 0; walk->latency != NULL && p < walk->plan->n_providers; p++)
        for (uint32_t i = walk->first_leaf[p]; walk->carried->loads->limits[p].given && i < walk->first_leaf[p + 1];
             i++)
            surety_latency_touch(&walk->latency->states, walk->leaves[i]);
}

// The steady state as the controllers stand. True when it was looked up.
static bool find_state(struct surety_walk *walk, int64_t now_us)
{
    struct surety_walk_load *load = walk->carried;
    if (load->scenes == NULL) {
        iterate(walk, now_us);
        return false;
    }
    const uint32_t scene = surety_load_scenes_find(walk);
    if (scene != SURETY_NO_SCENE) {
        surety_load_scenes_show(walk, scene);
        touch_leaves(walk);
        return true;
    }
    iterate(walk, now_us);
    load->scene = surety_load_scenes_keep(walk);
    return false;
}

static void settle(struct surety_walk *walk, int64_t now_us)
{
    for (int round = 0; round < MOST_ROUNDS; round++) {
        memcpy(walk->carried->f_before, walk->f, walk->architecture->n_nodes * sizeof *walk->f);
        const bool known = find_state(walk, now_us);
        if (!mark_changes(walk, known))
            return;
        surety_walk_settle(walk, now_us);
    }
    walk->carried->scene = SURETY_NO_SCENE; // the controllers have not come to rest
}

// --- the walk's calls --------------------------------------------------------------------------------------------

void surety_walk_load_reset(struct surety_walk *walk)
{
    struct surety_walk_load *load = walk->carried;
    surety_walk_load_enter(load, 0);
    for (size_t p = 0; p < walk->plan->n_providers; p++)
        load->now[p] = SURETY_NO_CARRY;
    memset(load->spill, 0, walk->architecture->n_nodes * sizeof *load->spill);
    load->scene = SURETY_NO_SCENE;
    load->since_us = 0;
}

void surety_walk_load_start(struct surety_walk *walk)
{
    settle(walk, 0);
}

bool surety_walk_load_turn(struct surety_walk *walk, int64_t now_us)
{
    if (now_us < walk->carried->next_us)
        return false;
    surety_walk_load_enter(walk->carried, walk->carried->epoch + 1);
    return true;
}

void surety_walk_load_settle(struct surety_walk *walk, int64_t now_us)
{
    settle(walk, now_us);
}

bool surety_walk_load_books(const struct surety_walk *walk)
{
    return !walk->carried->never_books && walk->meters[0].replication < SURETY_SATURATION_RECORDED;
}

void surety_walk_load_book(struct surety_walk *walk, int64_t now_us)
{
    struct surety_walk_load *load = walk->carried;
    const struct surety_stand stand = {.kept = load->kept,
                                       .now = load->now,
                                       .per_request = load->per_request,
                                       .active = walk->active,
                                       .level = load->level};
    if (surety_walk_load_books(walk))
        surety_saturation_book(&walk->blame.saturation, walk->plan, &stand, load->since_us, now_us, 1);
    load->since_us = now_us;
}

const double *surety_walk_load_rates(struct surety_walk *walk)
{
    struct surety_load_scene *scene = walk->carried->scenes != NULL ? surety_load_scenes_current(walk) : NULL;
    if (scene == NULL || walk->is_followed || walk->rates == NULL) // what follows the walk reads more than the rates
        return surety_walk_rates(walk);
    if (scene->rate == NULL)
        scene->rate = surety_load_scenes_keep_rates(walk, surety_walk_rates(walk));
    return scene->rate != NULL ? scene->rate : walk->rates;
}

uint32_t surety_walk_load_latency(struct surety_walk *walk)
{
    struct surety_load_scene *scene = walk->carried->scenes != NULL ? surety_load_scenes_current(walk) : NULL;
    if (scene == NULL)
        return surety_walk_latency_state(walk);
    if (scene->latency == UINT32_MAX)
        scene->latency = surety_walk_latency_state(walk);
    return scene->latency;
}

void surety_walk_load_close(struct surety_walk *walk)
{
    if (walk->carried->scenes != NULL)
        surety_load_scenes_book(walk);
}
