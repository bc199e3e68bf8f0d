// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_BACKTEST_REPLAY_H
#define SURETY_ENGINE_BACKTEST_REPLAY_H

#include "sim/engine/backtest_record.h"

// Fills records->realised by replay: each architecture's availability by the contract's measure, month by month, as the
// records of its providers have it. An architecture with a provider without a record stays NAN. The records are read
// again from their files. Errors of the replay, with diagnostics.
enum surety_err surety_backtest_replay(const struct surety_scenario *scenario,
                                       const struct surety_backtest_binding *bindings, size_t n_bindings,
                                       struct surety_backtest_records *records, struct surety_diags *diags);

#endif
