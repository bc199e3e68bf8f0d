// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_BOOKS_MONEY_H
#define SURETY_ENGINE_BOOKS_MONEY_H

#include "sim/engine/books.h"

// The money part of the books: cost, credits, margin. Functions return false when memory is out.

// Credit of one window of the term that `walk` has just walked, in millionths: claimed or not, within the term's cap.
// given: the credits of the windows before it; the tier must have a fee, the contract a ladder.
int64_t surety_money_credit(const struct surety_plan *plan, const struct surety_walk *walk, size_t tier, size_t window,
                            int64_t given, int64_t cap_term_micro);

// Most credits of a term that `priced_when` allows, in millionths.
int64_t surety_money_priced_limit(const struct surety_plan *plan, size_t tier);

// What follows is used by books.c only.

bool surety_money_init(struct surety_books *books);
bool surety_money_init_tier(const struct surety_plan *plan, size_t tier, struct surety_tier_books *books);
// readings: of a term without outages.
void surety_money_follow(struct surety_books *books, const struct surety_reading *readings);
void surety_money_enter(struct surety_books *books, const struct surety_walk *walk, double *sums);
void surety_money_merge(struct surety_books *into, const struct surety_books *from);

#endif
