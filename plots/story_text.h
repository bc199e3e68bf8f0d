// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_STORY_TEXT_H
#define SURETY_PLOTS_STORY_TEXT_H

#include "sim/engine/story.h"

#include <stdbool.h>
#include <stdio.h>

// One simulated term for a terminal, to be read aloud: a paragraph for each window in which something was felt, a line
// for those in which nothing was. all: outages that the service did not feel too. Write errors stay in `out`.
void surety_story_text(const struct surety_story *story, bool all, FILE *out);

// The same as JSON, kind "show": everything that the story holds, felt or not.
void surety_story_json(const struct surety_story *story, FILE *out);

#endif
