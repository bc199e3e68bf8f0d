// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_RESERVED_BOOKS_H
#define SURETY_MODELS_RESERVED_BOOKS_H

#include "sim/base/err.h"
#include "sim/scenario/plan.h"

#include <stdbool.h>
#include <stdint.h>

// What an architecture's requests do to reserved units in one world: how many the units carry, how many overflow. While
// the share of the requests that a provider answers is constant, so is the share that overflows in each hour of the week
// and each class of windows (sim/base/overflow.h); sums over hours are kept for each share that occurs. Only what differs
// from the normal state is integrated.

struct surety_reserved_state;

// Of one provider's units.
struct surety_reserved_account {
    bool used;           // by this architecture
    double normal_share; // requests answered per request of the architecture when everything works
    double most_share;   // of all stretches so far, in all replications
    // Of this replication, after the ledger is closed: n_windows x n_demands requests.
    double *sent, *over;         // that come to the units; that do not fit
    double *sent_all, *over_all; // when everything works throughout
    double *sent_priced;         // each request times the factor on the provider's prices when it came
    double *over_priced;
    double *fee;   // n_windows, currency: the plan's, and what a change of prices put on it
    double factor; // on the provider's prices in the stretch under way
    // The same while more come than normally, by over a thousandth of the requests, in tokens of the first pool, and for how long.
    double moved_s, moved_sent, moved_over;
    struct surety_reserved_state **states; // n_states, open addressing by share; n_slots
    size_t n_states, n_slots;
};

struct surety_reserved_books {
    const struct surety_plan *plan;
    struct surety_reserved_account *accounts; // plan->n_reserved
    double *rates, *over, *over_normal;       // scratch: n_demands
    bool repriced;                            // some factor of this replication was not 1
    bool out_of_memory;
};

// Allocates. used: of each of plan->reserved; share: the requests that its provider answers per request of the
// architecture when everything works.
enum surety_err surety_reserved_books_init(struct surety_reserved_books *books, const struct surety_plan *plan,
                                           const bool *used, const double *share);
void surety_reserved_books_finish(struct surety_reserved_books *books);

// A new replication.
void surety_reserved_books_start(struct surety_reserved_books *books);

// The share held in [a, b) of window `window`, and the account's factor.
void surety_reserved_books_pass(struct surety_reserved_books *books, size_t reserved, double share, size_t window,
                                int64_t a_us, int64_t b_us);

// Requests of each workload that do not fit in [a, b) of a window when everything works, into over[n_demands]. False when
// memory is out.
bool surety_reserved_books_normal(struct surety_reserved_books *books, size_t reserved, size_t window, int64_t a_us,
                                  int64_t b_us, double *over);

// Share of the tokens that do not fit when the provider answers `share` of the requests, at the rates rate_per_s of the
// workloads. With two pools a request has to fit into both: 1 - (1 - o1)(1 - o2), which is pessimistic, as both
// are full at the same time.
double surety_reserved_overflow(const struct surety_plan *plan, const struct surety_plan_reserved *reserved,
                                const double *rate_per_s, double share);

#endif
