// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/latency_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define N_SLOTS 4096 // a power of two; at most half of them are taken

struct surety_latency_cache {
    pthread_mutex_t lock;
    size_t room, used, n_kept;
    struct surety_latency slots[N_SLOTS]; // id 0: free
    size_t n_cells[N_SLOTS];
    struct surety_arena arena;
};

struct surety_latency_cache *surety_latency_cache_create(size_t room)
{
    struct surety_latency_cache *cache = calloc(1, sizeof *cache);
    if (cache == NULL)
        return NULL;
    pthread_mutex_init(&cache->lock, NULL);
    surety_arena_init(&cache->arena);
    cache->room = room;
    return cache;
}

void surety_latency_cache_destroy(struct surety_latency_cache *cache)
{
    if (cache == NULL)
        return;
    surety_arena_finish(&cache->arena);
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

// The slot of the content, or the free one where it belongs.
static size_t slot_of(const struct surety_latency_cache *cache, uint64_t id, size_t n)
{
    size_t at = id & (N_SLOTS - 1);
    while (cache->slots[at].id != 0 && (cache->slots[at].id != id || cache->n_cells[at] != n))
        at = (at + 1) & (N_SLOTS - 1);
    return at;
}

bool surety_latency_cache_find(struct surety_latency_cache *cache, uint64_t id, size_t n, struct surety_latency *out)
{
    if (cache == NULL || id == 0)
        return false;
    pthread_mutex_lock(&cache->lock);
    const size_t at = slot_of(cache, id, n);
    const bool found = cache->slots[at].id == id;
    if (found)
        *out = cache->slots[at];
    pthread_mutex_unlock(&cache->lock);
    return found;
}

static void *copy(struct surety_latency_cache *cache, const void *from, size_t n, size_t size)
{
    void *to = surety_arena_calloc(&cache->arena, n, size);
    if (to != NULL && n > 0)
        memcpy(to, from, n * size);
    return to;
}

void surety_latency_cache_keep(struct surety_latency_cache *cache, size_t n, struct surety_latency *x)
{
    const size_t size = x->n_atoms * sizeof *x->atoms + (x->moments != NULL ? (4 * n + 1) * sizeof *x->moments : 0);
    if (cache == NULL || x->id == 0 || x->is_shared)
        return;
    pthread_mutex_lock(&cache->lock);
    const size_t at = slot_of(cache, x->id, n);
    if (cache->slots[at].id == 0 && cache->used + size <= cache->room && 2 * cache->n_kept < N_SLOTS) {
        struct surety_latency kept = *x;
        kept.atoms = copy(cache, x->atoms, x->n_atoms, sizeof *x->atoms);
        kept.moments = x->moments != NULL ? copy(cache, x->moments, 3 * n, sizeof *x->moments) : NULL;
        kept.edges = x->moments != NULL ? copy(cache, x->edges, n + 1, sizeof *x->edges) : NULL;
        kept.is_shared = true;
        if (kept.atoms != NULL && (x->moments == NULL || (kept.moments != NULL && kept.edges != NULL))) {
            cache->slots[at] = kept;
            cache->n_cells[at] = n;
            cache->used += size;
            cache->n_kept++;
        }
    }
    if (cache->slots[at].id == x->id)
        *x = cache->slots[at];
    pthread_mutex_unlock(&cache->lock);
}
