// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_BACKTEST_GROUPS_H
#define SURETY_ENGINE_BACKTEST_GROUPS_H

#include "sim/engine/backtest.h"

// From the forecasts of a backtest to what they come to.

// Fills all of *group but its name from n >= 1 forecasts. SURETY_E_MEMORY.
enum surety_err surety_backtest_group_make(const struct surety_backtest_forecast *forecasts, size_t n, size_t n_targets,
                                           struct surety_backtest_group *group);

// Fills `all` but its name, `bins` and `parts`. SURETY_E_MEMORY.
enum surety_err surety_backtest_total_make(struct surety_backtest *backtest);

#endif
