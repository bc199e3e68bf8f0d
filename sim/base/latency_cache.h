// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_BASE_LATENCY_CACHE_H
#define SURETY_BASE_LATENCY_CACHE_H

#include "sim/base/latency.h"

/* Latencies by their content, so that what was computed once, by any thread and for any draw of uncertain inputs, is not
 * computed again. What comes out of a cache is what would have been computed, to the bit. Thread-safe. */
struct surety_latency_cache;

/** NULL when memory is out. room: bytes of moments and edges that are kept at most; what comes later is not kept. */
struct surety_latency_cache *surety_latency_cache_create(size_t room);

/** No latency that came from it may be in use any more. Accepts NULL. */
void surety_latency_cache_destroy(struct surety_latency_cache *cache);

/** The latency with this content on a grid of n cells, its arrays the cache's; false when it is not there. */
bool surety_latency_cache_find(struct surety_latency_cache *cache, uint64_t id, size_t n, struct surety_latency *out);

/** Copies a latency of content x->id into the cache, if there is room; *x is the copy then. */
void surety_latency_cache_keep(struct surety_latency_cache *cache, size_t n, struct surety_latency *x);

#endif
