// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/latency_states.h"

#include "sim/base/fmath.h"
#include "sim/engine/latency_pool.h"
#include "sim/engine/walk.h"
#include "sim/engine/walk_load.h"
#include "sim/scenario/plan_hash.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 256
#define LEAST_TABLE_SPAN 1e-4 // of the grid: where tables begin

static bool has_per_token(const struct surety_plan *plan, const struct surety_plan_architecture *a, uint32_t node)
{
    const struct surety_plan_node *n = &a->nodes[node];
    if (n->type == NULL)
        return plan->latency.laws[n->provider].per_output_token != NULL;
    for (uint32_t k = 0; k < n->n_children; k++)
        if (has_per_token(plan, a, a->children[n->first_child + k]))
            return true;
    return false;
}

// As mute_below of models/latency.c: a node above splits answers whose time to the last token is no sum.
static bool is_mute(const struct surety_plan *plan, const struct surety_plan_architecture *a, uint32_t node)
{
    if (!a->nodes[node].type->whole_is_no_sum || !has_per_token(plan, a, node))
        return false;
    for (uint32_t i = a->nodes[node].parent; i != UINT32_MAX; i = a->nodes[i].parent)
        if (a->nodes[i].type->splits_answers)
            return true;
    return false;
}

enum surety_err surety_latency_states_init(struct surety_latency_states *states, const struct surety_plan *plan,
                                           const struct surety_plan_architecture *architecture)
{
    const size_t n = architecture->n_nodes;
    struct surety_latency_states s = {.plan = plan,
                                      .architecture = architecture,
                                      .reports = true,
                                      .n_channels = 1 + (plan->latency.has_whole ? plan->n_demands : 0),
                                      .times_s = calloc(SURETY_LATENCY_POINTS, sizeof *s.times_s),
                                      .slots = calloc(FIRST_SLOTS, sizeof *s.slots),
                                      .n_slots = FIRST_SLOTS,
                                      .shares = calloc(n, sizeof *s.shares),
                                      .stale = calloc(n, sizeof *s.stale),
                                      .last = calloc(n, sizeof *s.last),
                                      .last_active = calloc(n, sizeof *s.last_active),
                                      .last_carry = calloc(n, sizeof *s.last_carry),
                                      .scratch = calloc(n, sizeof *s.scratch),
                                      .children = calloc(n, sizeof *s.children)};
    surety_arena_init(&s.arena);
    if (s.times_s == NULL || s.slots == NULL || s.shares == NULL || s.stale == NULL || s.last == NULL ||
        s.last_active == NULL || s.last_carry == NULL || s.scratch == NULL || s.children == NULL) {
        surety_latency_states_finish(&s);
        return SURETY_E_MEMORY;
    }
    for (uint32_t i = 0; i < n; i++) {
        s.last[i] = UINT32_MAX;
        const struct surety_plan_node *node = &architecture->nodes[i];
        if (node->type == NULL ? plan->latency.laws[node->provider].first_token == NULL
                               : is_mute(plan, architecture, i))
            s.reports = false;
    }
    const double end_s = architecture->latency_grid->step_s * (double)architecture->latency_grid->n;
    for (size_t k = 0; k < SURETY_LATENCY_POINTS; k++)
        s.times_s[k] =
            surety_round40(end_s * pow(LEAST_TABLE_SPAN, 1 - (double)k / (SURETY_LATENCY_POINTS - 1)) * (1 - 1e-9));
    *states = s;
    return SURETY_OK;
}

void surety_latency_states_finish(struct surety_latency_states *states)
{
    free(states->times_s);
    free(states->slots);
    free(states->shares);
    free(states->stale);
    free(states->last);
    free(states->last_active);
    free(states->last_carry);
    free(states->scratch);
    free(states->children);
    free(states->states);
    surety_arena_finish(&states->arena);
    *states = (struct surety_latency_states){0};
}

// --- keeping ---------------------------------------------------------------------------------------------------

static void *keep(struct surety_latency_states *states, const void *from, size_t n, size_t size)
{
    void *copy = surety_arena_calloc(&states->arena, n, size);
    if (copy == NULL)
        states->out_of_memory = true;
    else if (from != NULL && n > 0)
        memcpy(copy, from, n * size);
    return copy;
}

static struct surety_latency keep_latency(struct surety_latency_states *states, const struct surety_latency *x)
{
    const size_t n = states->architecture->latency_grid->n;
    struct surety_latency copy = *x;
    copy.atoms = keep(states, x->atoms, x->n_atoms, sizeof *x->atoms);
    if (x->moments != NULL && !x->is_shared) { // else the plan's cache has them
        copy.moments = keep(states, x->moments, 3 * n, sizeof *x->moments);
        copy.edges = keep(states, x->edges, n + 1, sizeof *x->edges);
    }
    return states->out_of_memory ? surety_latency_none() : copy;
}

static struct surety_response keep_response(struct surety_latency_states *states, const struct surety_response *x)
{
    const size_t n_rests = states->n_channels - 1;
    struct surety_response copy = *x;
    struct surety_answer *answers = keep(states, NULL, x->n_answers, sizeof *answers);
    for (size_t i = 0; answers != NULL && i < x->n_answers; i++) {
        answers[i].first = keep_latency(states, &x->answers[i].first);
        const struct surety_latency *from = x->answers[i].all != NULL ? x->answers[i].all : x->answers[i].rest;
        if (from == NULL)
            continue;
        struct surety_latency *rest = keep(states, NULL, n_rests, sizeof *rest);
        for (size_t d = 0; rest != NULL && d < n_rests; d++)
            rest[d] = keep_latency(states, &from[d]);
        answers[i].rest = rest;
        answers[i].all = x->answers[i].all != NULL ? rest : NULL;
    }
    copy.answers = answers;
    copy.failed = keep_latency(states, &x->failed);
    return copy;
}

// --- composing -------------------------------------------------------------------------------------------------

// A law by its mean and squared coefficient of variation.
static struct surety_law law_of(double mean, double cv2)
{
    return cv2 > 1e-6 ? surety_law_of(SURETY_LAW_GAMMA, 1 / cv2, mean * cv2) : surety_law_of(SURETY_LAW_FIXED, mean, 0);
}

// `first` behind the wait for a place.
static struct surety_latency wait_first(struct surety_latency_space *space, const struct surety_carry *carry,
                                        const struct surety_latency *first)
{
    if (!(carry->p_waits > 0))
        return *first;
    struct surety_latency late = {.mass = first->mass, .weight = 1}; // longer and longer: beyond any grid
    if (isfinite(carry->wait_s)) {
        const struct surety_law law = law_of(carry->wait_s, carry->wait_cv2);
        const struct surety_latency wait = surety_latency_of(space, &law, 1);
        late = surety_latency_sum(space, &wait, first);
    }
    const struct surety_latency now = surety_latency_scaled(space, first, 1 - carry->p_waits);
    late = surety_latency_scaled(space, &late, carry->p_waits);
    return surety_latency_either(space, &now, &late);
}

// The law of the time per output token, into *law where it hangs on the load; NULL: there is none. *factor: what is still to
// come on top of it.
static const struct surety_law *per_token(const struct surety_plan *plan, uint32_t provider,
                                          const struct surety_carry *carry, struct surety_law *law, double *factor)
{
    const struct surety_plan_limits *l = plan->loads.on ? &plan->loads.limits[provider] : NULL;
    if (l == NULL || !(l->step_s > 0))
        return plan->latency.laws[provider].per_output_token;
    if (carry != NULL)
        *factor = 1;
    *law = carry != NULL ? law_of(carry->step_s, carry->step_cv2) : law_of(l->step_s + l->per_request_s, 0);
    return law;
}

// Tells laws and grids apart.
static uint64_t content_of(const struct surety_latency_states *states, const struct surety_law *law,
                           const struct surety_law *count)
{
    const struct surety_latency_grid *grid = states->architecture->latency_grid;
    uint64_t hash = surety_hash_law(surety_hash_double(surety_hash_u64(SURETY_HASH_START, grid->n), grid->step_s), law);
    if (count != NULL)
        hash = surety_hash_law(hash, count);
    return hash;
}

static struct surety_response compose_leaf(struct surety_latency_states *states, struct surety_latency_space *space,
                                           uint32_t provider, uint64_t active, const struct surety_carry *carry)
{
    const struct surety_plan *plan = states->plan;
    const struct surety_plan_provider *p = &plan->providers[provider];
    const struct surety_plan_latency_laws *laws = &plan->latency.laws[provider];
    double no_error = 1 - p->request_errors, no_hang = 1, factor = plan->latency.scale > 0 ? plan->latency.scale : 1;
    for (; active != 0; active &= active - 1) {
        const struct surety_plan_effect *e = &plan->effects[p->first_effect + (uint32_t)__builtin_ctzll(active)];
        *(e->hangs ? &no_hang : &no_error) *= 1 - e->failing;
        factor *= e->latency_factor;
    }
    struct surety_latency first =
        laws->first_token != NULL
            ? surety_latency_known(space, content_of(states, laws->first_token, NULL), NULL, laws->first_token, factor)
            : surety_latency_at(space, 0, 1);
    struct surety_law of_batch;
    const struct surety_law *token = per_token(plan, provider, carry, &of_batch, &factor);
    if (carry != NULL) {
        no_error *= 1 - carry->p_refused;
        first = wait_first(space, carry, &first);
    }
    struct surety_latency *rest = NULL;
    const size_t n_rests = states->n_channels - 1;
    if (token != NULL && n_rests > 0 && no_error * no_hang > 0) {
        rest = surety_arena_calloc(&space->arena, n_rests, sizeof *rest);
        for (size_t d = 0; rest != NULL && d < n_rests; d++)
            rest[d] = surety_latency_known(space, content_of(states, token, plan->latency.output_tokens[d]),
                                           plan->latency.output_tokens[d], token, factor);
        if (rest == NULL)
            space->out_of_memory = true;
    }
    return surety_response_leaf(space, &first, rest, 1 - no_error, 1 - no_hang);
}

// What is read of the root's response. Probabilities are rounded to 2^-40: the last bits of GSL are not ours.
static double rounded(double p)
{
    p = p < 0 ? 0 : p > 1 ? 1 : p;
    return floor(p * 0x1p40 + 0.5) * 0x1p-40;
}

static void read_root(struct surety_latency_states *states, struct surety_latency_space *space,
                      const struct surety_response *response, struct surety_latency_state *state)
{
    const struct surety_plan_latency *l = &states->plan->latency;
    state->good = keep(states, NULL, l->n_targets, sizeof *state->good);
    if (!l->no_tables)
        state->table = keep(states, NULL, states->n_channels * SURETY_LATENCY_POINTS, sizeof *state->table);
    for (size_t c = 0; c < states->n_channels && !states->out_of_memory; c++) {
        const struct surety_latency x =
            c == 0 ? surety_response_first(space, response) : surety_response_all(space, response, c - 1);
        for (size_t k = 0; state->table != NULL && k < SURETY_LATENCY_POINTS; k++)
            state->table[c * SURETY_LATENCY_POINTS + k] =
                rounded(surety_latency_cdf(states->architecture->latency_grid, &x, states->times_s[k]));
        for (size_t i = 0; i < l->n_targets; i++) {
            const struct surety_plan_target *t = &l->targets[i];
            if (t->whole && states->n_channels > 1 ? c == 1 + t->demand : c == 0)
                state->good[i] = rounded(surety_latency_cdf(states->architecture->latency_grid, &x, t->target_s));
        }
    }
}

static void compose(struct surety_latency_states *states, uint32_t node, uint64_t active,
                    const struct surety_carry *carry, const uint32_t *children, const double *shares,
                    struct surety_latency_state *state)
{
    const struct surety_plan_node *n = &states->architecture->nodes[node];
    const struct surety_plan_latency *l = &states->plan->latency;
    struct surety_latency_space space;
    surety_latency_space_init(&space, states->architecture->latency_grid);
    space.cache = surety_latency_pool_cache(l->pool);
    struct surety_response response;
    if (n->type == NULL) {
        response = compose_leaf(states, &space, n->provider, active, carry);
    } else {
        static const struct surety_response unused = {.n_answers = 0};
        const struct surety_response **child = surety_arena_calloc(&space.arena, n->n_children, sizeof *child);
        state->load = keep(states, NULL, n->n_children, sizeof *state->load);
        if (child == NULL || state->load == NULL) {
            states->out_of_memory = true;
            surety_latency_space_finish(&space);
            return;
        }
        for (uint32_t k = 0; k < n->n_children; k++)
            child[k] = children[k] != UINT32_MAX ? &states->states[children[k]].response : &unused;
        struct surety_composition c = {.space = &space,
                                       .n_rests = states->n_channels - 1,
                                       .params = n->params,
                                       .child = child,
                                       .share = shares,
                                       .n_children = n->n_children,
                                       .rates = l->rates,
                                       .load = state->load};
        n->type->compose(&c);
        response = c.out;
        for (uint32_t k = 0; k < n->n_children; k++)
            state->load[k] = surety_round40(state->load[k]);
    }
    state->served = rounded(surety_response_served(&response));
    const bool is_root = n->parent == UINT32_MAX;
    if (is_root && states->reports)
        read_root(states, &space, &response, state);
    if (!is_root)
        state->response = keep_response(states, &response);
    states->out_of_memory = states->out_of_memory || space.out_of_memory;
    surety_latency_space_finish(&space);
}

// --- looking up ------------------------------------------------------------------------------------------------

static inline uint64_t mix(uint64_t hash, uint64_t value) // splitmix64's finaliser (Steele et al., 2014)
{
    uint64_t z = (hash ^ value) + UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static bool grow(struct surety_latency_states *states)
{
    const size_t room = 2 * states->room + 64;
    struct surety_latency_state *more = realloc(states->states, room * sizeof *more);
    if (more == NULL)
        return false;
    states->states = more;
    states->room = room;
    while (states->n_slots < 4 * room) {
        uint32_t *slots = calloc(2 * states->n_slots, sizeof *slots);
        if (slots == NULL)
            return false;
        free(states->slots);
        states->slots = slots;
        states->n_slots *= 2;
        for (size_t i = 0; i < states->n; i++) {
            size_t at = states->states[i].key & (states->n_slots - 1);
            while (slots[at] != 0)
                at = (at + 1) & (states->n_slots - 1);
            slots[at] = (uint32_t)i + 1;
        }
    }
    return true;
}

// The state with the key; composes it where it is new. `children`, `shares`: of an inner node.
static uint32_t find(struct surety_latency_states *states, uint64_t key, uint32_t node, uint64_t active,
                     const struct surety_carry *carry, const uint32_t *children, const double *shares)
{
    size_t at = key & (states->n_slots - 1);
    for (; states->slots[at] != 0; at = (at + 1) & (states->n_slots - 1))
        if (states->states[states->slots[at] - 1].key == key)
            return states->slots[at] - 1;
    if (states->n == states->room) {
        if (!grow(states)) {
            states->out_of_memory = true;
            return 0;
        }
        at = key & (states->n_slots - 1);
        while (states->slots[at] != 0)
            at = (at + 1) & (states->n_slots - 1);
    }
    struct surety_latency_state *state = &states->states[states->n];
    *state = (struct surety_latency_state){.key = key};
    compose(states, node, active, carry, children, shares, state);
    states->slots[at] = (uint32_t)++states->n;
    return (uint32_t)states->n - 1;
}

static uint32_t leaf_state(struct surety_latency_states *states, const struct surety_walk *walk, uint32_t node)
{
    const struct surety_plan_node *n = &states->architecture->nodes[node];
    const uint64_t active = walk->active[n->provider];
    const uint64_t carry_key = surety_walk_carry_key(walk, n->provider);
    if (states->last[node] != UINT32_MAX && states->last_active[node] == active &&
        states->last_carry[node] == carry_key)
        return states->last[node];
    const uint64_t place = n->parent == UINT32_MAX ? UINT64_MAX : n->provider; // a root is read, not kept
    states->last_active[node] = active;
    states->last_carry[node] = carry_key;
    uint64_t key = mix(mix(0x1eaf, place), active);
    key = carry_key != 0 ? mix(key, carry_key) : key;
    return states->last[node] = find(states, key, node, active,
                                     carry_key != 0 ? surety_walk_carry(walk, n->provider) : NULL, NULL, NULL);
}

uint32_t surety_latency_state_of(struct surety_latency_states *states, const struct surety_walk *walk, uint32_t node)
{
    const struct surety_plan_node *n = &states->architecture->nodes[node];
    if (!states->stale[node] && states->last[node] != UINT32_MAX)
        return states->last[node];
    states->stale[node] = false;
    if (n->type == NULL)
        return leaf_state(states, walk, node);
    // Nodes are in post-order, so this node's children are not listed where those of its subtrees are.
    uint32_t *children = &states->children[n->first_child];
    double *shares = &states->shares[n->first_child], *routed = &states->scratch[n->first_child];
    bool same = states->last[node] != UINT32_MAX;
    if (!n->type->asks_all)
        n->type->route(&walk->views[node], routed);
    for (uint32_t k = 0; k < n->n_children; k++) {
        const double share = n->type->asks_all ? 1 : routed[k];
        uint32_t child = UINT32_MAX;
        if (share > 0)
            child = surety_latency_state_of(states, walk, states->architecture->children[n->first_child + k]);
        same = same && child == children[k] && share == shares[k];
        children[k] = child;
        shares[k] = share;
    }
    if (same)
        return states->last[node];
    uint64_t key = mix(0x0de, node);
    for (uint32_t k = 0; k < n->n_children; k++)
        key = mix(mix(key, children[k] != UINT32_MAX ? states->states[children[k]].key : 0), surety_bits(shares[k]));
    return states->last[node] = find(states, key, node, 0, NULL, children, shares);
}
