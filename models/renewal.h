// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_RENEWAL_H
#define SURETY_MODELS_RENEWAL_H

#include "sim/base/episode.h"
#include "sim/base/err.h"
#include "sim/base/kernel.h"
#include "sim/scenario/plan.h"

// The alternating renewal process of an outage source: up for a draw of its up law, down for a draw of its down law,
// independent, in the stationary regime from the first instant (or fresh, for `initial_state: up`).
//
// Draw j >= 1 of the source's stream gives the j-th up time and the j-th repair, draw 0 the state at the start:
// u0 < A = E[U] / (E[U] + E[D]) is up; the rest of that period is V x (a length-biased draw), V = u0 / A or
// (u0 - A) / (1 - A), because the age of a stationary renewal process splits the period it falls into uniformly
// (Cox, Renewal Theory, 1962, ch. 5).

struct surety_renewal_scratch {
    double u_up[SURETY_MAX_DRAWS], u_down[SURETY_MAX_DRAWS];
    double up_s[SURETY_MAX_DRAWS], down_s[SURETY_MAX_DRAWS];
};

// All episodes of the term, into `out` (emptied first). SURETY_E_MEMORY when the list cannot grow.
// Cost: about 10 ns an outage.
enum surety_err surety_renewal_draw(const struct surety_plan *plan, const struct surety_plan_source *source,
                                    const struct surety_kernel *kernel, struct surety_philox_key key,
                                    uint64_t replication, struct surety_renewal_scratch *scratch,
                                    struct surety_episodes *out);

// Operational time (seconds since the week's start) of `week_us` (us since then), and back. A week is a week in both.
double surety_rhythm_operational(const struct surety_plan_rhythm *rhythm, int64_t week_us);
int64_t surety_rhythm_calendar(const struct surety_plan_rhythm *rhythm, double operational_s);

#endif
