// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_BASE_PHILOX_H
#define SURETY_BASE_PHILOX_H

#include <stdint.h>
#include <string.h>

/* Philox4x32-10: a random number is a function of (seed, stream, replication, index), never of what was drawn
 * before. Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011). */

#define SURETY_PHILOX_M0 0xD2511F53u
#define SURETY_PHILOX_M1 0xCD9E8D57u
#define SURETY_PHILOX_W0 0x9E3779B9u
#define SURETY_PHILOX_W1 0xBB67AE85u
#define SURETY_PHILOX_ROUNDS 10

/** The key of a run. `k[0]` is the low, `k[1]` the high half of a 64-bit seed; any value is as good as any other. */
struct surety_philox_key {
    uint32_t k[2];
};

/** A key from a 64-bit seed. Example: seed 0x299f31d0a4093822 gives k = {0xa4093822, 0x299f31d0}. */
static inline struct surety_philox_key surety_philox_key(uint64_t seed)
{
    struct surety_philox_key key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
    return key;
}

/** One block of 128 random bits.
 *
 * key: the seed; index: draw index within the stream; stream: hash of entity and purpose; replication: 0-based.
 * The counter is (index, stream, replication low, replication high). out: four words, each uniform on 32 bits.
 * Cost: about 7 ns, scalar; whole blocks come cheaper from struct surety_kernel.
 * Example: key, index, stream and replication all 0 give out[0] = 0x6627e8d5. */
static inline void surety_philox_block(struct surety_philox_key key, uint32_t index, uint32_t stream,
                                       uint64_t replication, uint32_t out[4])
{
    uint32_t c0 = index, c1 = stream, c2 = (uint32_t)replication, c3 = (uint32_t)(replication >> 32);
    uint32_t k0 = key.k[0], k1 = key.k[1];

    for (int round = 0; round < SURETY_PHILOX_ROUNDS; round++) {
        uint64_t p0 = (uint64_t)SURETY_PHILOX_M0 * c0;
        uint64_t p1 = (uint64_t)SURETY_PHILOX_M1 * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += SURETY_PHILOX_W0;
        k1 += SURETY_PHILOX_W1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

/** 64 random bits to a uniform: ((bits >> 12) + 0.5) * 2^-52, exact, in [2^-53, 1 - 2^-53], never 0 or 1, and
 * 1 - u is exact as well. Example: surety_uniform(0) = 0x1p-53. */
static inline double surety_uniform(uint64_t bits)
{
    /* Filling the mantissa of 2^52 converts without an int64 -> double instruction, which AVX2 does not have. */
    uint64_t filled = (bits >> 12) | 0x4330000000000000u;
    double d;

    memcpy(&d, &filled, sizeof d);
    return (d - 0x1p52 + 0.5) * 0x1p-52;
}

/** Two uniforms from one block: u[0] from words 0 (low) and 1 (high), u[1] from words 2 and 3.
 * Parameters as surety_philox_block. The same numbers as struct surety_kernel's `uniforms`. */
void surety_philox_uniforms(struct surety_philox_key key, uint32_t index, uint32_t stream, uint64_t replication,
                            double u[2]);

/** Hash of a text to a stream number: FNV-1a on 64 bits, folded to 32. Collisions are the caller's to detect and
 * to salt. text: zero-terminated. Example: surety_philox_stream("") = 0x4fd0bfc1. */
uint32_t surety_philox_stream(const char *text, uint32_t salt);

#endif
