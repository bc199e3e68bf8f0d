// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_LATENCY_POOL_H
#define SURETY_ENGINE_LATENCY_POOL_H

#include "sim/base/latency_cache.h"
#include "sim/engine/latency_states.h"

// Composed states that nobody uses at the moment, for the next walk of the same architecture under a plan with the same
// latencies: what changes only how often things fail composes nothing anew. Thread-safe.
struct surety_latency_pool;

// NULL when memory is out.
struct surety_latency_pool *surety_latency_pool_create(void);
void surety_latency_pool_destroy(struct surety_latency_pool *pool); // accepts NULL

// What is composed of latencies, by content; owned by the pool. NULL without a pool.
struct surety_latency_cache *surety_latency_pool_cache(struct surety_latency_pool *pool);

// Takes states that fit, linked to the plan, into *out; false when there are none. pool may be NULL.
bool surety_latency_pool_take(struct surety_latency_pool *pool, const struct surety_plan *plan,
                              const struct surety_plan_architecture *architecture, struct surety_latency_states *out);

// Gives states back, which are the pool's then; finishes them where it cannot keep them. pool may be NULL.
void surety_latency_pool_give(struct surety_latency_pool *pool, struct surety_latency_states *states);

#endif
