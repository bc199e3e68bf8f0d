// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/stat/reference.h"

#include <math.h>

#define HOUR_US INT64_C(3600000000)

// "f is evaluated in double, then rounded to 1e-9"
static int64_t rounded(double f)
{
    return (int64_t)llround(f * 1e9);
}

static bool is_on(const struct ref_outage *outage, int64_t now)
{
    for (const int64_t *b = outage->boundaries; b[0] != REF_NEVER; b += 2)
        if (b[0] <= now && now < b[1])
            return true;
    return false;
}

static double provider_f(const struct ref_provider *p, int64_t now)
{
    double works = 1;
    for (int i = 0; i < p->n; i++)
        if (is_on(&p->outages[i], now))
            works *= 1 - p->outages[i].failing;
    const double f = 1 - works;
    return 1 - (1 - f) * (1 - p->request_errors);
}

// --- failover --------------------------------------------------------------------------------------------------

static int first_healthy(const struct ref_node *node)
{
    for (int i = 0; i < node->n; i++)
        if (node->healthy_us[i] != REF_NEVER)
            return i;
    return -1;
}

static int smallest_f(const struct ref_node *node, const double *f)
{
    int best = 0;
    for (int i = 1; i < node->n; i++)
        if (rounded(f[i]) < rounded(f[best]))
            best = i;
    return best;
}

static void settle_on(struct ref_node *node, int route)
{
    node->active = route;
    node->following = false;
    node->failed_us = node->attempt_us = REF_NEVER;
}

static void go_where_least_fails(struct ref_node *node, const double *f)
{
    settle_on(node, smallest_f(node, f));
    node->following = true;
}

static void try_to_switch(const struct ref_world *world, struct ref_node *node, const double *f, int64_t now)
{
    const int to = first_healthy(node);
    if (to < 0) { // "none is drawn"
        go_where_least_fails(node, f);
        return;
    }
    bool works = node->success >= 1;
    if (!works) {
        struct surety_rng rng = {world->key, node->stream, node->n_draws++, world->replication};
        works = surety_rng_uniform(&rng) < node->success;
    }
    if (works)
        settle_on(node, to);
    else
        node->attempt_us = node->retry_us == REF_NEVER ? REF_NEVER : now + node->retry_us;
}

// Everything that a controller does at one instant, given its routes' f.
static void control(const struct ref_world *world, struct ref_node *node, const double *f, int64_t now, bool at_start)
{
    for (int i = 0; i < node->n; i++) {
        if (rounded(f[i]) >= node->trip_ppb)
            node->healthy_us[i] = REF_NEVER;
        else if (at_start || node->healthy_us[i] == REF_NEVER)
            node->healthy_us[i] = now;
    }
    if (at_start)
        node->n_draws = 0;
    if (at_start || node->following) {
        const int to = first_healthy(node);
        if (to >= 0)
            settle_on(node, to);
        else
            go_where_least_fails(node, f);
        return;
    }
    if (node->healthy_us[node->active] != REF_NEVER) { // recovered or never failed: nothing pending
        settle_on(node, node->active);
    } else if (node->failed_us == REF_NEVER) {
        node->failed_us = now;
        node->attempt_us = now + node->detect_us + node->switch_us;
    }
    for (int i = 0; i < node->active; i++)
        if (node->failback_us != REF_NEVER && node->healthy_us[i] != REF_NEVER &&
            now - node->healthy_us[i] >= node->failback_us) {
            settle_on(node, i);
            break;
        }
    if (node->attempt_us == now)
        try_to_switch(world, node, f, now);
}

// When the controller wants to act next if nothing else happens.
static int64_t due(const struct ref_node *node)
{
    int64_t at = node->attempt_us;
    for (int i = 0; !node->following && node->failback_us != REF_NEVER && i < node->active; i++)
        if (node->healthy_us[i] != REF_NEVER && node->healthy_us[i] + node->failback_us < at)
            at = node->healthy_us[i] + node->failback_us;
    return at;
}

// --- balance ---------------------------------------------------------------------------------------------------

// Each route for itself: leaves after `detect` of ill health, comes back after `failback` of good health.
static void come_and_go(struct ref_node *node, const double *f, int64_t now, bool at_start)
{
    for (int i = 0; i < node->n; i++) {
        const bool ill = rounded(f[i]) >= node->trip_ppb, was_ill = node->ill_us[i] != REF_NEVER;
        if (at_start) {
            node->left[i] = ill; // settled
            node->ill_us[i] = ill ? now : REF_NEVER;
            node->healthy_us[i] = ill ? REF_NEVER : now;
        } else if (ill != was_ill) {
            node->ill_us[i] = ill ? now : REF_NEVER;
            node->healthy_us[i] = ill ? REF_NEVER : now;
        }
        if (ill && now - node->ill_us[i] >= node->detect_us)
            node->left[i] = true;
        if (!ill && node->failback_us != REF_NEVER && now - node->healthy_us[i] >= node->failback_us)
            node->left[i] = false;
    }
}

static double over_the_pool(const struct ref_node *node, const double *f)
{
    double failing = 0, taken = 0;
    bool all_left = true;
    for (int i = 0; i < node->n; i++)
        all_left = all_left && node->left[i];
    for (int i = 0; i < node->n; i++)
        if (all_left || !node->left[i]) {
            failing += (double)node->share_ppb[i] / 1e9 * f[i];
            taken += (double)node->share_ppb[i] / 1e9;
        }
    return failing / taken;
}

static int64_t due_to_come_or_go(const struct ref_node *node, int64_t now)
{
    int64_t at = REF_NEVER;
    for (int i = 0; i < node->n; i++) {
        int64_t mine = REF_NEVER;
        if (!node->left[i] && node->ill_us[i] != REF_NEVER)
            mine = node->ill_us[i] + node->detect_us;
        else if (node->left[i] && node->healthy_us[i] != REF_NEVER && node->failback_us != REF_NEVER)
            mine = node->healthy_us[i] + node->failback_us;
        at = mine > now && mine < at ? mine : at;
    }
    return at;
}

// --- the tree --------------------------------------------------------------------------------------------------

static double fewer_than_k(const struct ref_node *node, const double *f)
{
    double sum = 0;
    for (int set = 0; set < 1 << node->n; set++) {
        double p = 1;
        for (int i = 0; i < node->n; i++)
            p *= set >> i & 1 ? 1 - f[i] : f[i];
        if (__builtin_popcount((unsigned)set) < node->k)
            sum += p;
    }
    return sum;
}

static double evaluate(const struct ref_world *world, struct ref_node *node, int64_t now, bool at_start)
{
    double f[REF_MOST_CHILDREN] = {0}, result = 1;
    if (node->kind == REF_LEAF)
        return provider_f(&world->providers[node->provider], now);
    for (int i = 0; i < node->n; i++)
        f[i] = evaluate(world, node->child[i], now, at_start);
    switch (node->kind) {
    case REF_LEAF:
        break;
    case REF_SERIES:
        for (int i = 0; i < node->n; i++)
            result *= 1 - f[i];
        return 1 - result;
    case REF_PARALLEL:
        for (int i = 0; i < node->n; i++)
            result *= f[i];
        break;
    case REF_K_OF_N:
        return fewer_than_k(node, f);
    case REF_FALLBACK:
        for (int i = 0; i < node->n; i++)
            for (int attempt = 0; attempt <= node->retries; attempt++)
                result *= f[i];
        break;
    case REF_FAILOVER:
        control(world, node, f, now, at_start);
        return f[node->active];
    case REF_BALANCE:
        come_and_go(node, f, now, at_start);
        return over_the_pool(node, f);
    case REF_DEGRADE:
        return rounded(f[0]) >= node->trip_ppb && !node->counts_down ? f[1] : f[0];
    case REF_CACHE:
        return (1 - node->hit) * f[0];
    }
    return result;
}

static int64_t next_due(const struct ref_node *node, int64_t now)
{
    int64_t at = node->kind == REF_FAILOVER  ? due(node)
                 : node->kind == REF_BALANCE ? due_to_come_or_go(node, now)
                                             : REF_NEVER;
    for (int i = 0; i < node->n; i++) {
        const int64_t child_at = next_due(node->child[i], now);
        at = child_at < at ? child_at : at;
    }
    return at;
}

static int64_t next_boundary(const struct ref_world *world, int64_t now)
{
    int64_t at = REF_NEVER;
    for (int p = 0; p < world->n_providers; p++)
        for (int o = 0; o < world->providers[p].n; o++)
            for (const int64_t *b = world->providers[p].outages[o].boundaries; *b != REF_NEVER; b++)
                if (*b > now && *b < at)
                    at = *b;
    return at;
}

// --- the books -------------------------------------------------------------------------------------------------

// Requests in [a, b), hour by hour.
static double demand(const struct ref_world *world, int64_t a, int64_t b)
{
    double sum = 0;
    while (a < b) {
        const int64_t hour = a / HOUR_US, end = (hour + 1) * HOUR_US < b ? (hour + 1) * HOUR_US : b;
        sum += world->rate[(world->first_hour + hour) % 168] * (double)(end - a) * 1e-6;
        a = end;
    }
    return sum;
}

static int64_t overlap(int64_t a, int64_t b, int64_t from, int64_t to)
{
    a = a > from ? a : from;
    b = b < to ? b : to;
    return b > a ? b - a : 0;
}

static void book_failed(const struct ref_world *world, struct ref_readings *out, int64_t a, int64_t b, double f)
{
    for (int w = 0; w < world->n_windows; w++) {
        const int64_t from = a > world->window_us[w] ? a : world->window_us[w];
        const int64_t to = b < world->window_us[w + 1] ? b : world->window_us[w + 1];
        if (from < to)
            out->failed[w] += f * pow(1 + world->growth, w) * demand(world, from, to);
    }
}

static void book_run(const struct ref_world *world, struct ref_readings *out, int64_t a, int64_t b)
{
    if (b - a < world->minimum_outage_us)
        return;
    for (int w = 0; w < world->n_windows; w++)
        out->down_us[w] += overlap(a, b, world->window_us[w], world->window_us[w + 1]);
}

void ref_evaluate(const struct ref_world *world, struct ref_node *root, struct ref_readings *out)
{
    const int64_t end = world->window_us[world->n_windows];
    int64_t now = 0, down_since = -1;
    *out = (struct ref_readings){{0}, {0}};
    for (bool at_start = true; now < end; at_start = false) {
        const double f = evaluate(world, root, now, at_start);
        const int64_t boundary = next_boundary(world, now), timer = next_due(root, now);
        int64_t next = boundary < timer ? boundary : timer;
        next = next < end ? next : end;
        book_failed(world, out, now, next, f);
        if (rounded(f) < world->down_at_ppb) {
            if (down_since >= 0)
                book_run(world, out, down_since, now);
            down_since = -1;
        } else if (down_since < 0) {
            down_since = now;
        }
        now = next;
    }
    if (down_since >= 0)
        book_run(world, out, down_since, end);
}
