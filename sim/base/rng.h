// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_BASE_RNG_H
#define SURETY_BASE_RNG_H

#include "sim/base/philox.h"

#include <stdint.h>

// The keyed draws of one entity in one replication: draw `index` is a function of (seed, stream, replication, index),
// so skipping, replaying and adding entities change no other draw.
struct surety_rng {
    struct surety_philox_key key;
    uint32_t stream;
    uint32_t index; // of the next draw
    uint64_t replication;
};

// The next uniform in (0, 1), never 0 or 1. One block a draw: these draws are rare (a switch-over, a count).
static inline double surety_rng_uniform(struct surety_rng *rng)
{
    uint32_t w[4];
    surety_philox_block(rng->key, rng->index++, rng->stream, rng->replication, w);
    return surety_uniform(w[0] | (uint64_t)w[1] << 32);
}

#endif
