// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_EMBED_H
#define SURETY_PLOTS_EMBED_H

#include "plots/digest.h"
#include "sim/engine/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

// What a report carries so that it can be run again: two blocks of text, escaped without loss.

// Writes both blocks; only the first when the result does not hold the scenario's text.
void surety_embed_write(const struct surety_result *result, const char *digest, FILE *out);

struct surety_embed {
    char *scenario; // n_scenario bytes and a 0
    size_t n_scenario;
    const char *file; // its name without folder
    const char *version, *sha256, *digest;
    uint64_t seed, n_replications;
    bool has_offers;
    const char **overrides; // "path=value"
    size_t n_overrides;
};

// Reads the blocks of `html`, `n` bytes and a 0. The texts of *out point into it and it is changed; only the list of
// overrides is on the heap, freed by surety_embed_finish. NULL, or what is wrong with it.
const char *surety_embed_read(char *html, size_t n, struct surety_embed *out);

void surety_embed_finish(struct surety_embed *embed); // accepts a finished one

#endif
