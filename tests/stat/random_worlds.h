// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_TESTS_STAT_RANDOM_WORLDS_H
#define SURETY_TESTS_STAT_RANDOM_WORLDS_H

#include "tests/stat/reference.h"

#include <stdbool.h>
#include <stddef.h>

// Random scenarios: the text for the engine and the same for the reference.

enum { RANDOM_MOST_NODES = 300, RANDOM_N_TREES = 3, RANDOM_MOST_TEXT = 16000 };

struct random_world {
    struct ref_world world;
    struct ref_node nodes[RANDOM_MOST_NODES];
    int n_nodes;
    struct ref_node *roots[RANDOM_N_TREES];
    char text[RANDOM_MOST_TEXT];
    size_t length;
    uint64_t state; // of the generator
    bool is_late;
};

// What a generated scenario may contain.
enum random_style {
    RANDOM_ANY,  // everything
    RANDOM_TIES, // fixed laws on a grid of 15 minutes, and so are most delays: all happens at once
    RANDOM_FLAT, // leaves and failovers over different leaves only: what the flat loop admits
    RANDOM_LATE  // everything, and latencies with a promise; the reference knows nothing of those
};

void random_world_make(struct random_world *world, uint64_t number, enum random_style style, bool requests);

#endif
