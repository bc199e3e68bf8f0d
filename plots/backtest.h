// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_BACKTEST_H
#define SURETY_PLOTS_BACKTEST_H

#include "sim/base/diag.h"
#include "sim/base/err.h"
#include "sim/engine/backtest.h"

#include <stdbool.h>
#include <stdio.h>

// Reporters of a backtest. They read it and nothing else; write errors stay in `out`.

void surety_backtest_text(const struct surety_backtest *backtest, FILE *out);

// kind "backtest" of the JSON results; CRPS and widths in shares, not in percent.
void surety_backtest_json(const struct surety_backtest *backtest, FILE *out);

// The reliability diagram as gnuplot's script: for each bin of forecast probabilities of meeting a tier the share that
// was met with its interval, of the model and of climatology.
void surety_backtest_reliability(const struct surety_backtest *backtest, FILE *script);

// What a forecaster owes: 90 % intervals that hold 85 to 95 %, a smaller mean CRPS than both others.
struct surety_backtest_goal {
    bool covers, beats_climatology, beats_published;
};
struct surety_backtest_goal surety_backtest_goal(const struct surety_backtest_group *group);

// Writes a month as "2024-08" into out[8].
void surety_backtest_month(const struct surety_backtest *backtest, size_t month, char out[8]);

#endif
