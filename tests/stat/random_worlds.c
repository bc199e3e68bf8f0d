// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/stat/random_worlds.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))

// splitmix64 (Steele, Lea, Flood 2014): nothing that the engine uses.
static uint64_t below(struct random_world *w, uint64_t n)
{
    uint64_t z = w->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (z ^ z >> 31) % n;
}

static void write(struct random_world *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void write(struct random_world *w, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    w->length += (size_t)vsnprintf(w->text + w->length, sizeof w->text - w->length, format, arguments);
    va_end(arguments);
    if (w->length >= sizeof w->text)
        abort();
}

struct choice {
    const char *text;
    int64_t value; // microseconds or 1e-9
};

#define S(s) ((s)*INT64_C(1000000))
static const struct choice delays[] = {{"0s", 0}, {"15m", S(900)}, {"30m", S(1800)}, {"45s", S(45)}, {"7m", S(420)}};
static const struct choice failbacks[] = {{"0s", 0},       {"15m", S(900)}, {"1h", S(3600)}, {"never", REF_NEVER},
                                          {"10m", S(600)}, {"90s", S(90)}};
static const struct choice retries[] = {
    {"detect", -1}, {"never", REF_NEVER}, {"15m", S(900)}, {"1ms", 1000}, {"20m", S(1200)}};
static const struct choice successes[] = {{"100%", 1000000000}, {"50%", 500000000}, {"0%", 0}, {"90%", 900000000}};
static const struct choice trips[] = {
    {"down_at", -1}, {"5%", 50000000}, {"10%", 100000000}, {"30%", 300000000}, {"100%", 1000000000}};
static const struct choice thresholds[] = {
    {"5%", 50000000}, {"10%", 100000000}, {"28%", 280000000}, {"50%", 500000000}, {"100%", 1000000000}};
static const struct choice minima[] = {{"0s", 0}, {"0s", 0}, {"15m", S(900)}, {"20m", S(1200)}, {"1h", S(3600)}};
static const struct choice shares[] = {{"100%", 1000000000}, {"100%", 1000000000}, {"10%", 100000000},
                                       {"20%", 200000000},   {"30%", 300000000},   {"60%", 600000000}};
static const struct choice errors[] = {{"0%", 0},        {"0%", 0},        {"0%", 0},
                                       {"1%", 10000000}, {"6%", 60000000}, {"10%", 100000000}};

static const struct choice *pick(struct random_world *w, const struct choice *table, size_t n)
{
    return &table[below(w, n)];
}

// --- providers -------------------------------------------------------------------------------------------------

static void write_law(struct random_world *w, int mean_quarters, bool ties)
{
    const int minutes = 15 * mean_quarters;
    switch (ties ? 0 : below(w, 4)) {
    case 0:
        write(w, "{fixed: %dm}", minutes);
        break;
    case 1:
        write(w, "{uniform: {min: %dm, max: %dm}}", minutes / 2, minutes + minutes / 2);
        break;
    case 2:
        write(w, "{mixture: [{weight: 1, of: {fixed: %dm}}, {weight: 1, of: {exponential: {mean: %dm}}}]}", minutes,
              minutes);
        break;
    default:
        write(w, "{exponential: {mean: %dm}}", minutes);
    }
}

// Times of their own, so that sums and races are composed of atoms, in no time.
static void write_latency(struct random_world *w, int p)
{
    write(w,
          "    latency: {first_token: {mixture: [{weight: 90%%, of: {fixed: %dms}}, {weight: 10%%, of: {fixed: "
          "%dms}}]}}\n",
          100 + 37 * p, 400 + 91 * p);
}

static void make_provider(struct random_world *w, int p, bool ties)
{
    struct ref_provider *provider = &w->world.providers[p];
    provider->n = 1 + (int)below(w, REF_MOST_OUTAGES - 1); // a place is left for the common cause
    write(w, "  p%d:\n    outages:\n", p);
    for (int i = 0; i < provider->n; i++) {
        const struct choice *failing = pick(w, shares, LENGTH(shares));
        provider->outages[i].failing = (double)failing->value / 1e9;
        write(w, "      o%d: {failing: %s, hits: %s, ", i, failing->text, below(w, 4) > 0 ? "100%" : "50%");
        if (w->is_late)
            write(w, "latency: %s, fails: %s, ", below(w, 2) > 0 ? "2x" : "1x", below(w, 3) > 0 ? "error" : "hang");
        write(w, "time_to_failure: ");
        write_law(w, 4 + (int)below(w, 30), ties);
        write(w, ", time_to_repair: ");
        write_law(w, 1 + (int)below(w, 12), ties);
        write(w, "}\n");
    }
    const struct choice *e = pick(w, errors, LENGTH(errors));
    provider->request_errors = (double)e->value / 1e9;
    write(w, "    request_errors: %s\n", e->text);
    if (w->is_late)
        write_latency(w, p);
}

// A common cause that touches the first two providers, as one more outage of each: after their own.
static void make_cause(struct random_world *w, bool ties)
{
    const struct choice *failing = pick(w, shares, LENGTH(shares));
    write(w, "common_causes:\n  region: {members: [p0, p1], failing: %s, hits: %s, repair: %s, time_to_failure: ",
          failing->text, below(w, 2) > 0 ? "100%" : "60%", below(w, 2) > 0 ? "shared" : "own");
    write_law(w, 10 + (int)below(w, 40), ties);
    write(w, ", time_to_repair: ");
    write_law(w, 1 + (int)below(w, 8), ties);
    write(w, "}\n");
    for (int p = 0; p < 2; p++)
        w->world.providers[p].outages[w->world.providers[p].n++].failing = (double)failing->value / 1e9;
}

// --- trees -----------------------------------------------------------------------------------------------------

static struct ref_node *make_node(struct random_world *w, int depth);

static struct ref_node *make_leaf(struct random_world *w, int provider)
{
    struct ref_node *node = &w->nodes[w->n_nodes++];
    *node = (struct ref_node){.kind = REF_LEAF, .provider = provider};
    write(w, "p%d", provider);
    return node;
}

// order: the providers of the children, all leaves; NULL: any trees.

static void make_children(struct random_world *w, struct ref_node *node, int depth, const int *order)
{
    uint64_t seen = 0; // leaves of this list
    write(w, "[");
    for (int i = 0; i < node->n; i++) {
        write(w, i > 0 ? ", " : "");
        if (order != NULL) {
            node->child[i] = make_leaf(w, order[i]);
            continue;
        }
        const size_t start = w->length;
        struct ref_node *child = make_node(w, depth - 1);
        if (child->kind == REF_LEAF && seen >> child->provider & 1) { // no provider twice in an order: wrap it
            w->length = start;
            write(w, "{series: [");
            *child = (struct ref_node){.kind = REF_SERIES, .n = 1, .child = {make_leaf(w, child->provider)}};
            write(w, "]}");
        } else if (child->kind == REF_LEAF) {
            seen |= UINT64_C(1) << child->provider;
        }
        node->child[i] = child;
    }
    write(w, "]");
}

static void make_failover(struct random_world *w, struct ref_node *node, int depth, const int *order)
{
    node->n = node->n < 2 ? 2 : node->n;
    write(w, "{failover: {order: ");
    make_children(w, node, depth, order);
    const struct choice *detect = pick(w, delays, LENGTH(delays)), *switching = pick(w, delays, LENGTH(delays));
    const struct choice *failback = pick(w, failbacks, LENGTH(failbacks)), *retry = pick(w, retries, LENGTH(retries));
    const struct choice *success = pick(w, successes, LENGTH(successes)), *trip = pick(w, trips, LENGTH(trips));
    if (retry->value == -1 && detect->value == 0) // would be tried for ever at one instant: refused
        retry = &retries[2];
    if (retry->value == 1000 && success->value == 0) // a million attempts
        retry = &retries[4];
    node->detect_us = detect->value;
    node->switch_us = switching->value;
    node->failback_us = failback->value;
    node->retry_us = retry->value == -1 ? detect->value : retry->value;
    node->success = (double)success->value / 1e9;
    node->trip_ppb = trip->value == -1 ? w->world.down_at_ppb : trip->value;
    write(w, ", detect: %s, switch: %s, failback: %s, retry_switch: %s, success: %s, trip: %s}}", detect->text,
          switching->text, failback->text, retry->text, success->text, trip->text);
}

// Providers by name, or a list with shares.
static void make_balance(struct random_world *w, struct ref_node *node, int depth)
{
    static const int percent[REF_MOST_CHILDREN][REF_MOST_CHILDREN] = {{100}, {70, 30}, {60, 30, 10}, {40, 30, 20, 10}};
    const bool by_name = below(w, 3) == 0 && node->n <= w->world.n_providers;
    node->kind = REF_BALANCE;
    write(w, "{balance: {shares: %s", by_name ? "{" : "[");
    for (int i = 0; i < node->n; i++) {
        const int share = percent[node->n - 1][i];
        node->share_ppb[i] = share * INT64_C(10000000);
        write(w, i > 0 ? ", " : "");
        if (!by_name)
            write(w, "{share: %d%%, of: ", share);
        node->child[i] = by_name ? make_leaf(w, i) : make_node(w, depth - 1);
        if (by_name)
            write(w, ": %d%%", share);
        else
            write(w, "}");
    }
    const struct choice *detect = pick(w, delays, LENGTH(delays)), *failback = pick(w, failbacks, LENGTH(failbacks));
    const struct choice *trip = pick(w, trips, LENGTH(trips));
    node->detect_us = detect->value;
    node->failback_us = failback->value;
    node->trip_ppb = trip->value == -1 ? w->world.down_at_ppb : trip->value;
    write(w, "%s, detect: %s, failback: %s, trip: %s}}", by_name ? "}" : "]", detect->text, failback->text, trip->text);
}

static void make_degrade(struct random_world *w, struct ref_node *node, int depth)
{
    static const char *const words[] = {"up", "degraded", "down"};
    const struct choice *trip = pick(w, trips, LENGTH(trips));
    const uint64_t counts_as = below(w, 3);
    node->kind = REF_DEGRADE;
    node->n = 2;
    write(w, "{degrade: {normal: ");
    node->child[0] = make_node(w, depth - 1);
    write(w, ", to: ");
    node->child[1] = make_node(w, depth - 1);
    node->trip_ppb = trip->value == -1 ? w->world.down_at_ppb : trip->value;
    node->counts_down = counts_as == 2;
    write(w, ", counts_as: %s, trip: %s}}", words[counts_as], trip->text);
}

static void make_cache(struct random_world *w, struct ref_node *node, int depth)
{
    const uint64_t hit = below(w, 101);
    node->kind = REF_CACHE;
    node->n = 1;
    node->hit = (double)hit / 100;
    write(w, "{cache: {hit: %d%%, of: ", (int)hit);
    node->child[0] = make_node(w, depth - 1);
    write(w, "}}");
}

static struct ref_node *make_node(struct random_world *w, int depth)
{
    if (depth == 0 || below(w, 4) == 0)
        return make_leaf(w, (int)below(w, (uint64_t)w->world.n_providers));
    struct ref_node *node = &w->nodes[w->n_nodes++];
    *node = (struct ref_node){.kind = REF_FAILOVER, .n = 1 + (int)below(w, REF_MOST_CHILDREN)};
    const uint64_t kind = below(w, 12);
    switch (w->is_late && kind == 2 ? 1 : kind) { // k_of_n has no latency
    case 0:
        node->kind = REF_SERIES;
        write(w, "{series: ");
        make_children(w, node, depth, NULL);
        write(w, "}");
        break;
    case 1:
        node->kind = REF_PARALLEL;
        write(w, "{parallel: ");
        make_children(w, node, depth, NULL);
        write(w, "}");
        break;
    case 2:
        node->kind = REF_K_OF_N;
        node->k = 1 + (int)below(w, (uint64_t)node->n);
        write(w, "{k_of_n: {k: %d, of: ", node->k);
        make_children(w, node, depth, NULL);
        write(w, "}}");
        break;
    case 3:
        node->kind = REF_FALLBACK;
        node->retries = (int)below(w, 3);
        write(w, "{fallback: {retries: %d, order: ", node->retries);
        make_children(w, node, depth, NULL);
        write(w, "%s}}", w->is_late && below(w, 2) > 0 ? ", timeout: 300ms" : "");
        break;
    case 4:
    case 5:
        make_balance(w, node, depth);
        break;
    case 6:
        make_degrade(w, node, depth);
        break;
    case 7:
        make_cache(w, node, depth);
        break;
    default:
        make_failover(w, node, depth, NULL);
    }
    return node;
}

// A leaf, or a failover over different providers in any order.
static struct ref_node *make_flat(struct random_world *w)
{
    int order[REF_MOST_PROVIDERS] = {0, 1, 2, 3};
    for (int i = REF_MOST_PROVIDERS - 1; i > 0; i--) {
        const int k = (int)below(w, (uint64_t)i + 1), kept = order[i];
        order[i] = order[k];
        order[k] = kept;
    }
    if (below(w, 10) == 0)
        return make_leaf(w, order[0]);
    struct ref_node *node = &w->nodes[w->n_nodes++];
    *node = (struct ref_node){.kind = REF_FAILOVER, .n = 2 + (int)below(w, REF_MOST_CHILDREN - 1)};
    make_failover(w, node, 1, order);
    return node;
}

// --- the scenario ----------------------------------------------------------------------------------------------

// 2027-01-01 is a Friday: hour 96 of the week.
#define FIRST_HOUR 96

static void make_demand(struct random_world *w)
{
    const bool working = below(w, 2) == 0;
    for (int hour = 0; hour < 168; hour++) {
        // business-hours: weight 5 Mon-Fri 08-18 and 1 else, scaled to mean 1
        const double weight = hour / 24 < 5 && hour % 24 >= 8 && hour % 24 < 18 ? 5 : 1, mean = (50 * 5 + 118) / 168.0;
        w->world.rate[hour] = 100 / 60.0 * (working ? weight / mean : 1);
    }
    w->world.first_hour = FIRST_HOUR;
    w->world.growth = below(w, 2) == 0 ? 0.02 : 0;
    write(w, "workloads: {w: {demand: {rate: 100/min, profile: %s, growth: %s}}}\n",
          working ? "business-hours" : "flat", w->world.growth > 0 ? "2%/month" : "0%/month");
}

void random_world_make(struct random_world *w, uint64_t number, enum random_style style, bool requests)
{
    *w = (struct random_world){.state = number * 1000003 + (uint64_t)style * 77 + requests,
                               .is_late = style == RANDOM_LATE};
    const bool ties = style == RANDOM_TIES || below(w, 8) == 0;
    const struct choice *down_at = pick(w, thresholds, LENGTH(thresholds)), *minimum = pick(w, minima, LENGTH(minima));
    const int window_h = 20 + (int)below(w, 30);
    w->world.n_windows = 1 + (int)below(w, 4);
    for (int i = 0; i <= w->world.n_windows; i++)
        w->world.window_us[i] = i * window_h * S(3600);
    w->world.down_at_ppb = down_at->value;
    w->world.minimum_outage_us = requests ? 0 : minimum->value;
    write(w, "surety: 1\nterm: {start: 2027-01-01, months: %d, initial_state: %s}\n", w->world.n_windows,
          ties || below(w, 2) == 0 ? "up" : "stationary");
    make_demand(w);
    w->world.n_providers = style == RANDOM_FLAT ? REF_MOST_PROVIDERS : 2 + (int)below(w, REF_MOST_PROVIDERS - 1);
    write(w, "providers:\n");
    for (int p = 0; p < w->world.n_providers; p++) {
        make_provider(w, p, ties);
        if (number % 2 == 1) // half of the worlds cost something
            write(w, "    price: {per_request: 0.0%d USD/request}\n", p + 1);
    }
    if (below(w, 3) == 0)
        make_cause(w, ties);
    write(w, "architectures:\n");
    for (int i = 0; i < RANDOM_N_TREES; i++) {
        write(w, "  t%d: ", i);
        w->roots[i] = style == RANDOM_FLAT ? make_flat(w) : make_node(w, 3);
        write(w, "\n");
    }
    write(w, "contract: {window: %dh, availability: {down_at: %s, ", window_h, down_at->text);
    if (requests)
        write(w, "measure: requests, counts: expected}");
    else
        write(w, "measure: time, minimum_outage: %s}", minimum->text);
    write(w,
          w->is_late ? ", tiers: {t: {availability: 90%%, latency: {w: {metric: first_token, percentile: 80, target: "
                       "300ms%s}}}}}\n"
                     : "%s}\n",
          w->is_late && number % 3 == 0 ? ", over: intervals, cells_met: 90%" : "");
}
