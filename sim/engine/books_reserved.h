// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_BOOKS_RESERVED_H
#define SURETY_ENGINE_BOOKS_RESERVED_H

#include "sim/engine/books.h"

// What reserved units did in the replications of one architecture. Sums of each of plan->reserved; tokens are those of
// the first pool, by their weights, over the term.
enum surety_reserved_sum {
    SURETY_SUM_CARRIED,        // tokens that the units carry / tokens that they could
    SURETY_SUM_CARRIED_OUTPUT, // the same of units of output tokens
    SURETY_SUM_SENT,           // tokens that come
    SURETY_SUM_OVER,           // tokens that do not fit
    SURETY_SUM_OVER_COST,      // what those cost on demand
    SURETY_SUM_FEE,            // fees of all units
    SURETY_SUM_WITHOUT_COST,   // what all that come would cost on demand
    SURETY_SUM_MOVED_S,        // time in which more come than normally
    SURETY_SUM_MOVED_SENT,     // tokens that come then
    SURETY_SUM_MOVED_OVER,     // tokens that do not fit then
    SURETY_N_RESERVED_SUMS
};

// Enters the replication that `walk` has just walked; sums as in surety_books_enter.
void surety_reserved_enter(struct surety_books *books, const struct surety_walk *walk, double *sums);

// The largest share of the requests that the units saw, in any order.
void surety_reserved_merge(struct surety_books *into, const struct surety_books *from);

#endif
