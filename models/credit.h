// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_CREDIT_H
#define SURETY_MODELS_CREDIT_H

#include "models/measurement.h"
#include "sim/base/registry.h"
#include "sim/scenario/plan.h"

// Service credits: what a window below target gives back of its fee.

// Rows of a band of a ladder, and the reader of a list of them into struct surety_credits.
extern const struct surety_fields surety_credit_band_fields;
struct surety_reader;
struct surety_ynode;
bool surety_read_ladder(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out);

// Rows of `contract.credits` (struct surety_credits) and of `contract.priced_when` (struct surety_contract).
extern const struct surety_fields surety_credit_fields, surety_priced_fields;

// Credit of one window in millionths of the currency, before the term's cap and before the customer claims it: the
// ladder's deepest band that the reading falls below (strictly, not cumulative) as a share of the window's fee, at
// most the window's cap. fee 1000000, ladder {target 99.9 %: 10 %, 99 %: 25 %}, availability 98.9 %: 250000.
int64_t surety_credit(const struct surety_plan_credits *credits, int64_t target_ppb, struct surety_reading reading,
                      int64_t fee_micro);

// What a window costs that misses another dimension than availability: the band `below: target`.
int64_t surety_credit_for_miss(const struct surety_plan_credits *credits, int64_t fee_micro);

// Most that a term's credits may come to, in millionths; INT64_MAX: no cap. fees: of its windows.
int64_t surety_credit_cap_term(const struct surety_plan_credits *credits, const int64_t *fee_micro, size_t n_windows);

#endif
