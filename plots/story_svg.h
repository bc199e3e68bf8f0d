// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_STORY_SVG_H
#define SURETY_PLOTS_STORY_SVG_H

#include "sim/base/err.h"
#include "sim/engine/story.h"

#include <stdint.h>
#include <stdio.h>

// Draws [from_us, to_us), whole windows, of a story as a timeline: a lane for each outage, for the service, for the
// route that carried the traffic, and for each tier with its budget; below it the longest down time of that stretch,
// enlarged, with numbered events. One svg element without a prologue, 960 wide: it stands alone as a file (the
// namespace is declared) or inside an HTML page, whose text colour and variables (--s1 ...) it takes on, for light,
// dark and print. It has no ids; its classes begin with sst. All text is escaped. SURETY_E_MEMORY; write errors stay
// in `out`.
enum surety_err surety_story_svg(FILE *out, const struct surety_story *story, int64_t from_us, int64_t to_us);

#endif
