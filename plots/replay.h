// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_REPLAY_H
#define SURETY_PLOTS_REPLAY_H

#include "sim/engine/replay.h"

#include <stdio.h>

// A replay for a terminal: a table of windows with what each tier met and owed, the worst day, and a calendar with one
// character a day. Write errors stay in `out`.
void surety_replay_text(const struct surety_replay *replay, FILE *out);

// The same as JSON, kind "replay".
void surety_replay_json(const struct surety_replay *replay, FILE *out);

#endif
