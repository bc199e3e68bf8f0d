// SPDX-License-Identifier: GPL-3.0-or-later
#include "philox.h"

void surety_philox_uniforms(struct surety_philox_key key, uint32_t index, uint32_t stream, uint64_t replication,
                            double u[2])
{
    uint32_t w[4];

    surety_philox_block(key, index, stream, replication, w);
    u[0] = surety_uniform(w[0] | (uint64_t)w[1] << 32);
    u[1] = surety_uniform(w[2] | (uint64_t)w[3] << 32);
}

uint32_t surety_philox_stream(const char *text, uint32_t salt)
{
    uint64_t hash = 0xcbf29ce484222325u ^ salt;

    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        hash = (hash ^ *c) * 0x100000001b3u;
    return (uint32_t)(hash ^ hash >> 32);
}
