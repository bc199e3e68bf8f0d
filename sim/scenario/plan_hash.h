// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_SCENARIO_PLAN_HASH_H
#define SURETY_SCENARIO_PLAN_HASH_H

#include "sim/scenario/plan.h"

#include <stdint.h>

// FNV-1a, 64 bits (Fowler, Noll, Vo): enough to name streams and to tell two plans apart; no protection against an
// adversary.
#define SURETY_HASH_START UINT64_C(0xcbf29ce484222325)

uint64_t surety_hash_bytes(uint64_t hash, const void *bytes, size_t n);
uint64_t surety_hash_text(uint64_t hash, const char *text); // with the closing 0, so that "a","bc" is not "ab","c"
uint64_t surety_hash_u64(uint64_t hash, uint64_t value);    // low byte first on every machine
uint64_t surety_hash_double(uint64_t hash, double value);   // its bits; -0 counts as 0

// Kind and parameters, rounded to 40 bits as the samplers' constants are; parts of mixtures included.
uint64_t surety_hash_law(uint64_t hash, const struct surety_law *law);

// What hangs on latencies, into `hash`; plan_latency.c.
uint64_t surety_hash_latency(uint64_t hash, const struct surety_plan *plan);

// Reserved units, into `hash`; plan_reserved.c.
uint64_t surety_hash_reserved(uint64_t hash, const struct surety_plan *plan);
// What providers carry, into `hash`; plan_loads.c.
uint64_t surety_hash_limits(uint64_t hash, const struct surety_plan *plan);
// What hangs on quality; plan_quality.c.
uint64_t surety_hash_quality(uint64_t hash, const struct surety_plan *plan);

// What hangs on promises of cost and changes of prices; plan_cost.c.
uint64_t surety_hash_cost(uint64_t hash, const struct surety_plan *plan);

// Of everything that the numbers of a run depend on, besides seed and replications.
// Adds the laws of the uncertain inputs.
struct surety_uncertain;
uint64_t surety_plan_hash_inputs(uint64_t hash, const struct surety_uncertain *uncertain);

uint64_t surety_plan_hash(const struct surety_plan *plan);

#endif
