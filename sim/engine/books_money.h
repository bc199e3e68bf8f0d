// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_BOOKS_MONEY_H
#define SURETY_ENGINE_BOOKS_MONEY_H

#include "sim/engine/books.h"

// The money part of the books: cost, credits, margin; used by books.c only. Functions return false when memory is out.

bool surety_money_init(struct surety_books *books);
bool surety_money_init_tier(const struct surety_plan *plan, size_t tier, struct surety_tier_books *books);
void surety_money_enter(struct surety_books *books, const struct surety_walk *walk, double *sums);
void surety_money_merge(struct surety_books *into, const struct surety_books *from);

#endif
