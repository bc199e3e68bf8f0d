// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_HTML_PORTFOLIO_H
#define SURETY_PLOTS_HTML_PORTFOLIO_H

#include "plots/figures.h"
#include "sim/engine/portfolio.h"

#include <stdio.h>

// The report of several contracts, one HTML file like that of one (plots/html.h): all together, then each contract.

// Figures of all together, then those of each contract in its order, whose names begin with "CONTRACT.".
struct surety_portfolio_figures {
    struct surety_figures *list;
    size_t n;
};

// Writes the scripts of all figures that have data. SURETY_E_MEMORY. `figures` is to be given to
// surety_portfolio_figures_finish in every case.
enum surety_err surety_portfolio_figures_make(const struct surety_portfolio *portfolio,
                                              struct surety_portfolio_figures *figures);
void surety_portfolio_figures_finish(struct surety_portfolio_figures *figures); // accepts a finished one

// The figure of the sum of credits: exceedance, with each contract alone. Nothing without credits. SURETY_E_MEMORY.
enum surety_err surety_figure_portfolio(const struct surety_portfolio *portfolio, struct surety_figures *figures);

// Writes the whole report. `figures`: drawn ones. Write errors stay in `out`; SURETY_E_MEMORY.
enum surety_err surety_report_portfolio_html(const struct surety_portfolio *portfolio,
                                             const struct surety_portfolio_figures *figures, FILE *out);

#endif
