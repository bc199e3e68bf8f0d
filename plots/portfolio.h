// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_PORTFOLIO_H
#define SURETY_PLOTS_PORTFOLIO_H

#include "plots/digest.h"
#include "sim/engine/portfolio.h"

#include <stdbool.h>
#include <stdio.h>

// Several contracts: each one's result, then the sum of their credits. Write errors stay in the FILE.

void surety_report_portfolio_text(const struct surety_portfolio *portfolio, FILE *out);
void surety_report_portfolio_json(const struct surety_portfolio *portfolio, FILE *out);

// One hash over the plans of all contracts, in their order: a chain of SHA-256, its first 16 digits.
void surety_portfolio_plan(const struct surety_portfolio *portfolio, char out[SURETY_PLAN_HASH_SIZE]);

// The fingerprint of the numbers, as surety_digest_result. False when memory is out.
bool surety_digest_portfolio(const struct surety_portfolio *portfolio, char out[SURETY_DIGEST_SIZE]);

// A table of all contracts together, as plots/csv.h.
struct surety_portfolio_table {
    const char *name; // of the file: "portfolio.csv"
    const char *help; // one line
    void (*write)(const struct surety_portfolio *portfolio, FILE *out);
};

// A row with name NULL at the end.
extern const struct surety_portfolio_table surety_portfolio_tables[];

#endif
