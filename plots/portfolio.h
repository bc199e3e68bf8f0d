// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_PORTFOLIO_H
#define SURETY_PLOTS_PORTFOLIO_H

#include "sim/engine/portfolio.h"

#include <stdio.h>

// Several contracts: each one's result, then the sum of their credits. Write errors stay in the FILE.
void surety_report_portfolio_text(const struct surety_portfolio *portfolio, FILE *out);
void surety_report_portfolio_json(const struct surety_portfolio *portfolio, FILE *out);

#endif
