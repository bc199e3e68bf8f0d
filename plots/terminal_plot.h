// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_TERMINAL_PLOT_H
#define SURETY_PLOTS_TERMINAL_PLOT_H

#include "sim/engine/result.h"

#include <stdbool.h>
#include <stdio.h>

// The two essential figures as text, at most SURETY_REPORT_COLUMNS wide, without colours and without another program:
// the probability of every month met by architecture and tier as bars, and how long a month's downtime gets as a
// strip for each architecture that fades where fewer months get to. `unicode`: block characters, else ASCII.
void surety_terminal_plot(const struct surety_result *result, bool unicode, FILE *out);

#endif
