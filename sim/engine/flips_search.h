// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_FLIPS_SEARCH_H
#define SURETY_ENGINE_FLIPS_SEARCH_H

#include "sim/engine/flips_world.h"
#include "sim/engine/result.h"

// One root search: the value of an input at which the verdict's tier changes its outcome.

#define SURETY_FLIP_FARTHEST 16.0 // factor up to which a value is looked for

// What the searches of one verdict share; read-only.
struct surety_flip_probe {
    const struct surety_result *result; // of the whole run
    struct surety_flip_question question;
    double fees;                                    // of a term; NAN: none
    uint64_t n_coarse, n_fine;                      // terms of an evaluation
    struct surety_flip_sample now_coarse, now_fine; // as it is
    uint8_t *met;                                   // n_fine: whether each term is met as it is; the caller's
};

// Asks for what the searches compare with, as it is: fills now_coarse and now_fine, the rest is set.
enum surety_err surety_flip_probe_start(struct surety_flip_probe *probe);

// What was found: factor on today's value, and the outcome beyond it. factor NAN: none. se: standard error of the
// factor's logarithm from the terms of the search; NAN: not told.
struct surety_flip_found {
    double factor, se;
    enum surety_outcome outcome;
};

// Looks towards a better outcome (`better`), or a worse one. Deterministic. Thread-safe.
enum surety_err surety_flip_search(const struct surety_flip_probe *probe, const struct surety_flip_input *input,
                                   bool better, struct surety_flip_found *out);

// For a price: the nearest factor on each side of today's at which another architecture with the same outcome earns
// more, and which; architecture SIZE_MAX: none. found[0]: cheaper, found[1]: dearer.
struct surety_flip_choice {
    double factor;
    size_t architecture;
};
enum surety_err surety_flip_choose(const struct surety_flip_probe *probe, const struct surety_flip_input *input,
                                   struct surety_flip_choice found[2]);

#endif
