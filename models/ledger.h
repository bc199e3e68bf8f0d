// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_LEDGER_H
#define SURETY_MODELS_LEDGER_H

#include "models/measurement.h"
#include "models/reserved_books.h"
#include "sim/base/err.h"
#include "sim/scenario/plan.h"

// What an architecture's requests cost: in each window and for each workload the integral of demand x cost per request,
// where the cost per request changes with the routes that answer. Only what differs from the normal state is
// integrated. Rows may stand for other things than all of a workload's cost: its bill with one provider, its answers.
// Reserved units come on top: their fees, and the tokens that do not fit at the price on demand.
//
// A rate is n_rows costs per request and then, with reserved units, of each of plan->reserved the requests that its
// provider answers per request of the architecture.
struct surety_ledger {
    const struct surety_plan *plan;
    size_t n_rows, n_rates; // n_rows: a multiple of n_demands, row r is about workload r % n_demands
    double *normal;         // rate when everything works
    double *rate;           // of the stretch under way
    double *all;            // n_windows x n_rows: cost when everything works throughout
    double *cost;           // n_windows x n_rows: of this replication, after finish
    int64_t since_us;       // start of the stretch under way
    size_t window;          // of the last stretch
    void (*told)(void *context, int64_t from_us, const double *rate); // of every rate and from when on; NULL: nobody is
    void *context;
    struct surety_reserved_books reserved; // plan NULL: the architecture reserves nothing
};

// Allocates; `normal`: a rate, copied. reserves: which of plan->reserved the architecture has, then n_rows is n_demands;
// NULL: none.
enum surety_err surety_ledger_init(struct surety_ledger *ledger, const struct surety_plan *plan, size_t n_rows,
                                   const double *normal, const bool *reserves);
void surety_ledger_finish(struct surety_ledger *ledger);

// A new replication: `rate` holds from the term's start.
void surety_ledger_start(struct surety_ledger *ledger, const double *rate);

// `rate` holds from now_us on.
void surety_ledger_turn(struct surety_ledger *ledger, int64_t now_us, const double *rate);

// Prices on demand of the provider of plan->reserved[reserved], which the architecture has, are `factor` times those of
// the start from now_us on. Between surety_ledger_start and _close.
void surety_ledger_reprice(struct surety_ledger *ledger, int64_t now_us, size_t reserved, double factor);

// What a workload costs in a window when everything works, at the start's prices: the row's cost with fees and what does
// not fit into reserved units. Currency.
double surety_ledger_expected(const struct surety_ledger *ledger, size_t window, size_t demand);

// The term is over: ledger->cost holds, and what the reserved units did. False when memory is out.
bool surety_ledger_close(struct surety_ledger *ledger);

#endif
