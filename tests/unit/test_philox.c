// SPDX-License-Identifier: GPL-3.0-or-later
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

#include "sim/base/philox.h"

#ifndef SURETY_SOURCE_ROOT
#define SURETY_SOURCE_ROOT "."
#endif

Test(philox, known_answers)
{
    FILE *f = fopen(SURETY_SOURCE_ROOT "/tests/kat/philox.txt", "r");
    char line[256];
    int n_vectors = 0;

    cr_assert_not_null(f, "tests/kat/philox.txt: run from the source root or define SURETY_SOURCE_ROOT");
    while (fgets(line, sizeof line, f)) {
        uint32_t c[4], k[2], want[4], got[4];
        if (line[0] == '#')
            continue;
        cr_assert_eq(10, sscanf(line,
                                "%" SCNx32 "%" SCNx32 "%" SCNx32 "%" SCNx32 "%" SCNx32 "%" SCNx32 "%" SCNx32 "%" SCNx32
                                "%" SCNx32 "%" SCNx32,
                                &c[0], &c[1], &c[2], &c[3], &k[0], &k[1], &want[0], &want[1], &want[2], &want[3]));
        struct surety_philox_key key = surety_philox_key((uint64_t)k[1] << 32 | k[0]);
        surety_philox_block(key, c[0], c[1], (uint64_t)c[3] << 32 | c[2], got);
        for (int i = 0; i < 4; i++)
            cr_assert_eq(want[i], got[i], "vector %d word %d: %08x != %08x", n_vectors, i, got[i], want[i]);
        n_vectors++;
    }
    fclose(f);
    cr_assert_eq(n_vectors, 3);
}

Test(philox, uniform_is_exact_and_open)
{
    cr_assert(surety_uniform(0) == 0x1p-53);
    cr_assert(surety_uniform(UINT64_MAX) == 1.0 - 0x1p-53);
    cr_assert(surety_uniform(UINT64_MAX) < 1.0);
    /* 12 lowest bits do not matter, the 13th does */
    cr_assert(surety_uniform(0xfff) == surety_uniform(0));
    cr_assert(surety_uniform(0x1000) == 0x3p-53);
    cr_assert(surety_uniform(UINT64_C(1) << 63) == 0.5 + 0x1p-53);
}

Test(philox, pair_of_uniforms_takes_words_in_order)
{
    double u[2];

    surety_philox_uniforms(surety_philox_key(0), 0, 0, 0, u);
    cr_assert(u[0] == surety_uniform(UINT64_C(0xe169c58d6627e8d5)));
    cr_assert(u[1] == surety_uniform(UINT64_C(0x9b00dbd8bc57ac4c)));
}

Test(philox, stream_hash)
{
    /* FNV-1a offset basis cbf29ce484222325 folded: cbf29ce4 ^ 84222325 */
    cr_assert_eq(surety_philox_stream("", 0), 0x4fd0bfc1u);
    cr_assert_neq(surety_philox_stream("openai.outage/up", 0), surety_philox_stream("openai.outage/down", 0));
    cr_assert_neq(surety_philox_stream("openai.outage/up", 0), surety_philox_stream("openai.outage/up", 1));
}
