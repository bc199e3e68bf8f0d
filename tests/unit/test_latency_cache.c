// SPDX-License-Identifier: GPL-3.0-or-later
// The cache of latencies: what comes out is what went in, as long as there is room.
#include "sim/base/latency_cache.h"

#include <criterion/criterion.h>
#include <string.h>

#define N 16 // cells of the grid
#define SIZE ((4 * N + 1) * sizeof(double))
#define MOST 2048 // that are kept at all

static double moments[3 * N], edges[N + 1];

static struct surety_latency latency(uint64_t id)
{
    for (size_t i = 0; i < 3 * N; i++)
        moments[i] = 1e-3 * (double)i + (double)id;
    for (size_t i = 0; i <= N; i++)
        edges[i] = -1e-3 * (double)i - (double)id;
    return (struct surety_latency){.id = id, .mass = 0.5, .weight = 0.25, .moments = moments, .edges = edges};
}

static void is_kept(struct surety_latency_cache *cache, uint64_t id)
{
    struct surety_latency found;
    const struct surety_latency want = latency(id);
    cr_assert(surety_latency_cache_find(cache, id, N, &found), "%d", (int)id);
    cr_assert(found.is_shared && found.id == id && found.mass == want.mass && found.weight == want.weight);
    cr_assert(found.moments != want.moments && found.edges != want.edges);
    cr_assert_arr_eq(found.moments, want.moments, sizeof moments);
    cr_assert_arr_eq(found.edges, want.edges, sizeof edges);
}

Test(latency_cache, gives_what_it_got)
{
    struct surety_latency_cache *cache = surety_latency_cache_create(100 * SIZE);
    struct surety_latency x = latency(7), found;
    const struct surety_latency_atom atoms[] = {{.at_s = 0.5, .p = 0.125}, {.at_s = 2, .p = 0.5}};
    cr_assert_not(surety_latency_cache_find(cache, 7, N, &found));
    surety_latency_cache_keep(cache, N, &x);
    cr_assert(x.is_shared && x.moments != moments);
    // same slot, other content; and the same content on another grid
    x = latency(7 + 4096);
    surety_latency_cache_keep(cache, N, &x);
    is_kept(cache, 7 + 4096);
    is_kept(cache, 7);
    cr_assert_not(surety_latency_cache_find(cache, 7, N + 1, &found));
    cr_assert_not(surety_latency_cache_find(cache, 0, N, &found));
    // what is there stays
    x = latency(8);
    x.id = 7;
    surety_latency_cache_keep(cache, N, &x);
    cr_assert_eq(x.moments[0], 7);
    is_kept(cache, 7);
    x = (struct surety_latency){.id = 9, .mass = 0.625, .atoms = atoms, .n_atoms = 2};
    surety_latency_cache_keep(cache, N, &x);
    cr_assert(surety_latency_cache_find(cache, 9, N, &found) && found.n_atoms == 2 && found.atoms != atoms);
    cr_assert(found.atoms[1].at_s == 2 && found.atoms[1].p == 0.5 && found.moments == NULL);
    // without content or cache nothing happens
    x = latency(0);
    surety_latency_cache_keep(cache, N, &x);
    surety_latency_cache_keep(NULL, N, &x);
    cr_assert(!x.is_shared && !surety_latency_cache_find(NULL, 7, N, &found));
    surety_latency_cache_destroy(cache);
    surety_latency_cache_destroy(NULL);
}

Test(latency_cache, is_limited)
{
    struct surety_latency_cache *cache = surety_latency_cache_create(3 * SIZE);
    for (uint64_t id = 1; id <= 4; id++) {
        struct surety_latency x = latency(id);
        surety_latency_cache_keep(cache, N, &x);
        cr_assert_eq(x.is_shared, id <= 3);
    }
    is_kept(cache, 3);
    surety_latency_cache_destroy(cache);
    cache = surety_latency_cache_create(SIZE_MAX);
    for (uint64_t id = 1; id <= MOST + 9; id++) {
        struct surety_latency x = latency(id);
        surety_latency_cache_keep(cache, N, &x);
        cr_assert_eq(x.is_shared, id <= MOST, "%d", (int)id);
    }
    is_kept(cache, MOST);
    struct surety_latency found;
    cr_assert_not(surety_latency_cache_find(cache, MOST + 1, N, &found));
    surety_latency_cache_destroy(cache);
}
