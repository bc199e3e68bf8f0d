// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_CARRY_H
#define SURETY_MODELS_CARRY_H

#include "sim/scenario/plan.h"

// What becomes of the requests that reach a provider at a load, in the steady state.

struct surety_carry {
    double load;      // of its tightest limit: 1 is all that it can carry
    double p_refused; // of the requests that no outage fails: refused, by quota, for want of units or of a place
    double p_quota;   // of the same: by quota alone
    double p_units;   // of those that pass the quotas: for want of reserved units
    double p_waits;   // of those that are answered
    double wait_s;    // mean wait of those that wait; INFINITY: longer and longer
    double wait_cv2;  // its squared coefficient of variation
    double step_s;    // a batch: mean time per output token; 0: no batch
    double step_cv2;
};

// The provider has limits, `active` of its effects are on (the set of struct surety_walk), and `attempts` of all requests
// of the level reach it, > 0. First the quotas, which all attempts use up; then what an outage fails, which takes no
// place; then reserved units that reject, then the places, in each for as long as the outages' factors say. GSL inside; all results are rounded to 40 bits.
// Cost: 10 us to 1 ms.
struct surety_carry surety_carry(const struct surety_plan *plan, uint32_t provider, uint64_t active, uint32_t level,
                                 double attempts);

#endif
