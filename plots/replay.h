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

// The calendar as a drawing: for each architecture a strip a window, a square a day, and what each tier met and owed. One
// svg element that stands alone as a file; it takes on the colour of a page's text. Write errors stay in `out`.
void surety_replay_svg(const struct surety_replay *replay, FILE *out);

// Tables for spreadsheets, spelt as those of csv.h; the last row has no name.
struct surety_replay_table {
    const char *name; // of the file: "replay_days.csv"
    const char *help;
    void (*write)(const struct surety_replay *replay, FILE *out);
};
extern const struct surety_replay_table surety_replay_tables[];

// How bad a day was, by what was lost: its seconds weighted with the share of requests that failed. The worst first, the
// last is a day without a failure.
struct surety_replay_level {
    char mark;
    double least_lost_s;
    const char *means, *colour; // colours differ in grey too
};
#define SURETY_REPLAY_N_LEVELS 5
extern const struct surety_replay_level surety_replay_levels[SURETY_REPLAY_N_LEVELS];
const struct surety_replay_level *surety_replay_level_of(const struct surety_replay_day *day);

// The day after the last one of a window: a day belongs to the window in which its noon lies.
size_t surety_replay_end_of(const struct surety_replay *replay, const struct surety_story *story, size_t window);

// "met", or "missed" and what it costs. out: 2 x SURETY_HUMAN_SIZE.
void surety_replay_tier_cell(char *out, const struct surety_story *story, size_t window, size_t tier);

#endif
