// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_TESTS_STAT_REFERENCE_H
#define SURETY_TESTS_STAT_REFERENCE_H

#include "sim/base/rng.h"

#include <stdbool.h>
#include <stdint.h>

// A second evaluator, written from design/SEMANTICS.md alone: looks at every provider, every episode and every
// controller at every instant. Slow and plain. It shares nothing with models/ and sim/engine but the episodes it is
// given and the keyed random numbers.

enum { REF_MOST_CHILDREN = 4, REF_MOST_PROVIDERS = 4, REF_MOST_OUTAGES = 4, REF_MOST_WINDOWS = 8 };

#define REF_NEVER INT64_MAX

enum ref_kind {
    REF_LEAF,
    REF_SERIES,
    REF_PARALLEL,
    REF_K_OF_N,
    REF_FAILOVER,
    REF_FALLBACK,
    REF_BALANCE,
    REF_DEGRADE,
    REF_CACHE
};

struct ref_node {
    enum ref_kind kind;
    int n;
    struct ref_node *child[REF_MOST_CHILDREN];
    int provider;                                        // leaf
    int k, retries;                                      // k_of_n, fallback
    int64_t detect_us, switch_us, failback_us, retry_us; // failover
    int64_t trip_ppb;
    double success;
    uint32_t stream;
    // state of a failover
    int active;
    bool following;                        // on the smallest f, no route was healthy
    int64_t failed_us, attempt_us;         // REF_NEVER: not failed; nothing due
    int64_t healthy_us[REF_MOST_CHILDREN]; // in good health since; REF_NEVER: is not
    // balance: shares in 1e-9; in ill health since, REF_NEVER: is not; has left
    int64_t share_ppb[REF_MOST_CHILDREN], ill_us[REF_MOST_CHILDREN];
    bool left[REF_MOST_CHILDREN];
    double hit;       // cache
    bool counts_down; // degrade
    uint32_t n_draws;
};

struct ref_outage {
    double failing;
    const int64_t *boundaries; // from, to, from, to, ..., REF_NEVER
};

struct ref_provider {
    int n;
    struct ref_outage outages[REF_MOST_OUTAGES];
    double request_errors;
};

struct ref_world {
    int n_providers;
    struct ref_provider providers[REF_MOST_PROVIDERS];
    int64_t down_at_ppb, minimum_outage_us;
    int n_windows;
    int64_t window_us[REF_MOST_WINDOWS + 1]; // boundaries, [0] = 0
    // requests per second by hour of the week; hour of the week at the start; growth a window
    double rate[168];
    int first_hour;
    double growth;
    struct surety_philox_key key;
    uint64_t replication;
};

struct ref_readings {
    int64_t down_us[REF_MOST_WINDOWS];
    double failed[REF_MOST_WINDOWS]; // requests
};

void ref_evaluate(const struct ref_world *world, struct ref_node *root, struct ref_readings *out);

#endif
