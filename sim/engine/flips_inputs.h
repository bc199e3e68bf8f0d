// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_FLIPS_INPUTS_H
#define SURETY_ENGINE_FLIPS_INPUTS_H

#include "sim/engine/result.h"
#include "sim/scenario/plan.h"
#include "sim/scenario/scenario.h"

#include <stdbool.h>
#include <stddef.h>

// The inputs of a scenario whose flips are looked for, and how each is written for `--set`.

enum surety_flip_kind {
    SURETY_FLIP_NUMBER,   // a number with its unit
    SURETY_FLIP_LAW,      // a law, all its times multiplied
    SURETY_FLIP_INCIDENTS // `incidents` with a shape
};

// Where it stands.
enum surety_flip_place {
    SURETY_FLIP_AT_INCIDENTS, // of an outage or common cause
    SURETY_FLIP_AT_UP,        // its time to failure
    SURETY_FLIP_AT_DOWN,      // its time to repair
    SURETY_FLIP_AT_NODE,
    SURETY_FLIP_AT_PRICE
};

struct surety_flip_input {
    enum surety_flip_kind kind;
    enum surety_flip_place place;
    size_t provider, outage; // of an outage; provider SIZE_MAX: common cause `outage`
    const char *path, *what; // as in struct surety_flip
    const char *unit;        // likewise
    const char *suffix;      // what follows the number in a scenario: "s", " USD/Mtok"
    double now;              // in `unit`
    const struct surety_law *law;
    double shape;
    bool more_is_worse;
    bool is_price;  // changes money only
    bool is_served; // price: of a provider of the verdict's architecture
};

// The inputs worth a search, at most *n_out, in the order of the plan's sources, then nodes, then prices; strings in the
// result's arena, the array on the heap. Outages that cause less than 2 % of the downtime are left out, and laws of more
// than 256 values. False when memory is out.
bool surety_flip_inputs_list(const struct surety_scenario *scenario, const struct surety_plan *plan,
                             struct surety_result *result, struct surety_flip_input **out, size_t *n_out);

// The value that `--set PATH=` takes for `scale` times today's: "7560s", "{lognormal: {median: 3600s, sigma: 1.1}}".
// Heap, the caller's; NULL when memory is out.
char *surety_flip_input_value(const struct surety_flip_input *input, double scale);

#endif
