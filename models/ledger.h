// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_LEDGER_H
#define SURETY_MODELS_LEDGER_H

#include "models/measurement.h"
#include "sim/base/err.h"
#include "sim/scenario/plan.h"

// What an architecture's requests cost: in each window and for each workload the integral of demand x cost per request,
// where the cost per request changes with the routes that answer. Only what differs from the normal state is
// integrated. Rows may stand for other things than all of a workload's cost: its bill with one provider, its answers.
struct surety_ledger {
    const struct surety_plan *plan;
    size_t n_rows;    // a multiple of n_demands: row r is about workload r % n_demands
    double *normal;   // of each row: cost per request when everything works
    double *rate;     // of each row: cost per request of the stretch under way
    double *all;      // n_windows x n_rows: cost when everything works throughout
    double *cost;     // n_windows x n_rows: of this replication, after finish
    int64_t since_us; // start of the stretch under way
    size_t window;    // of the last stretch
};

// Allocates; `normal`: n_rows costs per request, copied.
enum surety_err surety_ledger_init(struct surety_ledger *ledger, const struct surety_plan *plan, size_t n_rows,
                                   const double *normal);
void surety_ledger_finish(struct surety_ledger *ledger);

// A new replication: `rate` holds from the term's start.
void surety_ledger_start(struct surety_ledger *ledger, const double *rate);

// `rate` holds from now_us on.
void surety_ledger_turn(struct surety_ledger *ledger, int64_t now_us, const double *rate);

// The term is over: ledger->cost holds.
void surety_ledger_close(struct surety_ledger *ledger);

#endif
