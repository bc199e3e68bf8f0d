// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_OFFER_KINDS_H
#define SURETY_ENGINE_OFFER_KINDS_H

#include "sim/engine/result.h"
#include "sim/scenario/plan.h"
#include "sim/scenario/scenario.h"

#include <stdbool.h>
#include <stddef.h>

// What a counter-offer may change in the whole contract or in its architectures. One row a kind, each in steps.

#define SURETY_MAX_OFFER_SETS 16

// A step: what is set and how it is called.
struct surety_offer_step {
    const char *sets[SURETY_MAX_OFFER_SETS]; // "path=value"
    size_t n_sets;
    const char *change;
};

// What the steps are made from.
struct surety_offer_base {
    const struct surety_scenario *scenario;
    const struct surety_plan *plan;
    struct surety_result *result; // its arena takes the texts
};

struct surety_offer_kind {
    const char *name;
    bool is_choice; // steps are equals, each an offer of its own; else each goes further than the one before
    // The step with this number, from 0; false: there is none, or memory is out and change is NULL.
    bool (*step)(const struct surety_offer_base *base, size_t number, struct surety_offer_step *out);
};

// A row with name NULL at the end, the mildest for the customer first.
extern const struct surety_offer_kind surety_offer_kinds[];

// The next lower promise of availability that contracts write (99.95 %, 99.9 %, 99.8 %, ...); 0: none above 80 %.
int64_t surety_offer_lower(int64_t availability_ppb);

// The next longer round time (250 ms, 300 ms, 400 ms, ...), in seconds.
double surety_offer_longer(double seconds);

#endif
