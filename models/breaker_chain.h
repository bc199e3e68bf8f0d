// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_BREAKER_CHAIN_H
#define SURETY_MODELS_BREAKER_CHAIN_H

#include "models/breaker.h"

// One route's breaker as a Markov chain in steps of time; used by breaker.c only.

#define SURETY_BREAKER_COUNT 64 // allowed_fails that the chain follows; more is a constant rate's closed form

// Cells: idle; counting m = 1 ... a at an age below n_per; cooling at an age below n_cool; due for a trial.
struct surety_chain {
    const struct surety_fallback_params *params;
    const struct surety_breaker_route *route;
    double trial_s; // mean time that it takes beside the wait for a visit until a trial is decided; 0 at first
    double step_s, law[SURETY_BREAKER_COUNT + 1], mean_clump;
    size_t a, n_per, n_cool, n_cells, n_law;
    double *now, *next;
    // of the last step: the part of it in a cooldown; cooldowns that began, and those whose request failed at all attempts
    double cooled, began, began_full;
};

// What happens in a step at one rate of visits.
struct surety_pace {
    double adds[SURETY_BREAKER_COUNT + 1];  // that so many failures come; the rest: more than allowed
    double early[SURETY_BREAKER_COUNT + 1]; // from m failures: how far into the step the cooldown begins, a share of it
    double visits, early_visit;             // that any request comes; and how far into the step
};

// P(N = j), j = 1 ... n, the failures of a visit that fails; returns n, at most SURETY_BREAKER_COUNT + 1.
size_t surety_breaker_clump(const struct surety_fallback_params *p, const struct surety_breaker_route *route,
                            double *probability);

// Failing visits per visit: where attempts count one by one (n_clump 1), all that fail.
double surety_breaker_failing(const struct surety_fallback_params *p, const struct surety_breaker_route *route,
                              size_t n_clump);

// False when memory is out; to be finished in any case.
bool surety_chain_init(struct surety_chain *c, const struct surety_fallback_params *p,
                       const struct surety_breaker_route *route, double step_s);
void surety_chain_finish(struct surety_chain *c);

// Cells of `now`: of a cooldown at an age in steps, and of what is due for a trial. Cell 0: nothing is counted.
size_t surety_chain_cool(const struct surety_chain *c, size_t age);
size_t surety_chain_due(const struct surety_chain *c);

// What a step does under so many visits a second.
struct surety_pace surety_chain_pace(const struct surety_chain *c, double visits_per_s);

// Probability of a cooldown.
double surety_chain_cooling(const struct surety_chain *c);

// One step; afterwards `next` holds the state of before.
void surety_chain_advance(struct surety_chain *c, const struct surety_pace *pace);

// One request comes at this instant, with probability q.
void surety_chain_visit(struct surety_chain *c, double q);

#endif
