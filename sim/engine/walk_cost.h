// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_WALK_COST_H
#define SURETY_ENGINE_WALK_COST_H

#include "sim/engine/walk.h"

#include <stdbool.h>
#include <stdint.h>

// What promises of cost, prices that change and credits of providers ask of a walk beyond its ledger.

// A price changes at an instant.
struct surety_price_event {
    int64_t at_us;     // the bill
    int64_t passed_us; // the ceilings of the contract; SURETY_NEVER: they do not follow
    uint32_t provider;
    double factor;
};

struct surety_walk_cost {
    const struct surety_plan *plan;
    const struct surety_plan_architecture *architecture;
    double *factor;   // of each provider: on its prices, now
    double *answered; // of each provider: answers per request of the architecture, as surety_walk_rates found them
    double *answered_normal;
    double *row; // scratch: n_providers x n_demands
    bool has_answers, has_bills;
    struct surety_ledger answers;      // rows provider x workload: answers; with has_answers
    struct surety_ledger bills;        // the same: money; with has_bills
    struct surety_price_event *events; // of this replication, by at_us
    size_t n_events, room_events, next_event;
    // of this replication, after finish
    bool *target_missed; // n_windows x n_targets
    bool *missed;        // n_windows x n_tiers
    int64_t *recovered;  // of each window, in millionths: credits of the providers
};

// NULL in *out where the plan asks for nothing of it. SURETY_E_MEMORY.
enum surety_err surety_walk_cost_create(const struct surety_plan *plan,
                                        const struct surety_plan_architecture *architecture,
                                        struct surety_walk_cost **out);
void surety_walk_cost_destroy(struct surety_walk_cost *cost); // accepts NULL

// The tree stands as when everything works, and surety_walk_rates has just been called.
enum surety_err surety_walk_cost_normal(struct surety_walk *walk);

// A replication: before its first rates are asked for; the rates at its start are known; time up to now_us passed and
// the tree is still as it was; the rates from now_us on are known; the term is over and the ledger closed.
void surety_walk_cost_begin(struct surety_walk *walk);
void surety_walk_cost_start(struct surety_walk *walk);
void surety_walk_cost_pass(struct surety_walk *walk, int64_t now_us);
void surety_walk_cost_turn(struct surety_walk *walk, int64_t now_us);
void surety_walk_cost_close(struct surety_walk *walk);

// What the window spent of a promise's budget, and the budget: money; for `per_request` answers above the limit, and those
// that may be. After a walk. Returns what the budget is a part of: itself, or all answers.
double surety_walk_cost_spent(const struct surety_walk *walk, const struct surety_plan_cost_target *target,
                              size_t window, double *spent, double *allowed);

// A promise of cost of the tier was missed in the window.
static inline bool surety_walk_cost_missed(const struct surety_walk *walk, size_t tier, size_t window)
{
    const struct surety_walk_cost *c = walk->cost;
    return c != NULL && c->missed[window * c->plan->n_tiers + tier];
}

#endif
