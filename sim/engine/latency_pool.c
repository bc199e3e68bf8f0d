// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/latency_pool.h"

#include <pthread.h>
#include <stdlib.h>

#define MOST_KEPT 64
#define MOST_STATES 8192                // of one: larger ones are not kept
#define MOST_CACHED ((size_t)192 << 20) // bytes

struct kept {
    uint64_t content;
    size_t architecture;
    bool no_tables;
    struct surety_latency_states states;
};

struct surety_latency_pool {
    pthread_mutex_t lock;
    struct kept kept[MOST_KEPT];
    size_t n;
    struct surety_latency_cache *cache;
};

struct surety_latency_pool *surety_latency_pool_create(void)
{
    struct surety_latency_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL)
        return NULL;
    pthread_mutex_init(&pool->lock, NULL);
    pool->cache = surety_latency_cache_create(MOST_CACHED); // without one all is composed, and the same
    return pool;
}

void surety_latency_pool_destroy(struct surety_latency_pool *pool)
{
    if (pool == NULL)
        return;
    for (size_t i = 0; i < pool->n; i++)
        surety_latency_states_finish(&pool->kept[i].states);
    surety_latency_cache_destroy(pool->cache);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

struct surety_latency_cache *surety_latency_pool_cache(struct surety_latency_pool *pool)
{
    return pool != NULL ? pool->cache : NULL;
}

bool surety_latency_pool_take(struct surety_latency_pool *pool, const struct surety_plan *plan,
                              const struct surety_plan_architecture *architecture, struct surety_latency_states *out)
{
    const size_t index = (size_t)(architecture - plan->architectures);
    bool found = false;
    if (pool == NULL)
        return false;
    pthread_mutex_lock(&pool->lock);
    for (size_t i = 0; !found && i < pool->n; i++) {
        if (pool->kept[i].content != plan->latency.content || pool->kept[i].architecture != index ||
            pool->kept[i].no_tables != plan->latency.no_tables)
            continue;
        *out = pool->kept[i].states;
        out->plan = plan;
        out->architecture = architecture;
        pool->kept[i] = pool->kept[--pool->n];
        found = true;
    }
    pthread_mutex_unlock(&pool->lock);
    return found;
}

void surety_latency_pool_give(struct surety_latency_pool *pool, struct surety_latency_states *states)
{
    bool kept = false;
    if (pool != NULL && !states->out_of_memory && states->n > 0 && states->n <= MOST_STATES) {
        pthread_mutex_lock(&pool->lock);
        if (pool->n < MOST_KEPT) {
            pool->kept[pool->n++] = (struct kept){
                .content = states->plan->latency.content,
                .architecture = (size_t)(states->architecture - states->plan->architectures),
                .no_tables = states->plan->latency.no_tables,
                .states = *states,
            };
            kept = true;
        }
        pthread_mutex_unlock(&pool->lock);
    }
    if (!kept)
        surety_latency_states_finish(states);
    *states = (struct surety_latency_states){0};
}
