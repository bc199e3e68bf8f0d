// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_STORY_DRAWING_H
#define SURETY_PLOTS_STORY_DRAWING_H

#include "sim/base/err.h"
#include "sim/engine/story.h"

#include <stdint.h>
#include <stdio.h>

// The pieces of a timeline in SVG; used by story_svg.c only. Lengths are SVG's user units.

#define SURETY_DRAWING_WIDTH 960
#define SURETY_DRAWING_LEFT 190.0 // where the time axis begins
#define SURETY_DRAWING_RIGHT 945.0
#define SURETY_DRAWING_ROW 24.0        // from lane to lane
#define SURETY_DRAWING_THICK 14.0      // of a full bar
#define SURETY_DRAWING_LEAST_WIDTH 2.0 // of a bar: a minute must be seen in a month
#define SURETY_DRAWING_CHAR_WIDTH 6.4  // of a letter at 12 px, on average

struct surety_drawing {
    FILE *out;
    const struct surety_story *story;
    int64_t from_us, to_us; // of the panel under way
    double y;               // where the next thing is drawn
    enum surety_err err;
};

// Where at_us is, the nearer end of the axis when it is outside.
double surety_drawing_x(const struct surety_drawing *d, int64_t at_us);

// Writes a text escaped and fit for one line; at most `most` characters (0: all).
void surety_drawing_escaped(struct surety_drawing *d, const char *text, size_t most);

// A text element; `attributes` such as "text-anchor=\"end\"", "": none.
void surety_drawing_text(struct surety_drawing *d, double x, double y, const char *attributes, size_t most,
                         const char *format, ...) __attribute__((format(printf, 6, 7)));

// A bar with what it means for a pointer that rests on it. `colour`: attributes for those who do not read the style.
void surety_drawing_bar(struct surety_drawing *d, double x, double y, double width, double height, const char *class,
                        const char *colour, const char *format, ...) __attribute__((format(printf, 8, 9)));

void surety_drawing_line(struct surety_drawing *d, double x1, double y1, double x2, double y2, const char *attributes);

// The time axis at d->y, its ticks' lines up to `top`: the windows' starts where the range has several, else days,
// hours, minutes or seconds. d->y is then below the labels.
void surety_drawing_axis(struct surety_drawing *d, double top);

// The name and the base line of the lane at d->y.
void surety_drawing_lane(struct surety_drawing *d, const char *name);

// [from_us, to_us) and the panel have an instant in common.
bool surety_drawing_overlaps(const struct surety_drawing *d, int64_t from_us, int64_t to_us);

// The lane of the routes that carried the traffic, with their names below; d->y is then below both.
void surety_drawing_routes(struct surety_drawing *d);

#endif
