// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_STORY_WORDS_H
#define SURETY_ENGINE_STORY_WORDS_H

#include "sim/engine/story.h"

// The words of a story: dates, lengths of time, clauses. Used by the story's own files and its reporters.

#define SURETY_SPAN_SIZE 48

// A length of time to the second: 4515 s -> "1 h 15 min 15 s"; below a second "0.25 s"; zero parts are left out.
void surety_story_span(char out[SURETY_SPAN_SIZE], int64_t us);

// What the zone's clocks show at_us after the start, as time since the first day's midnight.
int64_t surety_story_local_us(const struct surety_story_clock *clock, int64_t at_us);

// The same as a date, to the second below: "2027-03-09 14:02:15".
void surety_story_date(char out[SURETY_SPAN_SIZE], const struct surety_story_clock *clock, int64_t at_us);

// A share as percent, for clauses: 0.3 -> "30 %", 0.3333 -> "33.3 %".
void surety_story_percent(char out[SURETY_SPAN_SIZE], double share);

#endif
