// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_FIGURE_STYLE_H
#define SURETY_PLOTS_FIGURE_STYLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

// How figures look: colours that differ for the colour-blind (after Okabe and Ito, https://jfly.uni-koeln.de/color/),
// with a dash and a mark each, so that a grey print still tells series apart. A script carries the light theme's
// colours; the report replaces them by its variables, which have values for light, dark and print.

struct surety_colour {
    const char *variable; // of the style sheet: "--ink"
    const char *hex;      // light theme: "#1b1f24"
};

enum surety_colour_id {
    SURETY_INK,
    SURETY_MUTED, // axes and their numbers
    SURETY_GRID,
    SURETY_PAPER,
    SURETY_BAD,    // down, not safe
    SURETY_SERIES, // the first of SURETY_N_SERIES
    SURETY_N_SERIES = 8,
    SURETY_RAMP = SURETY_SERIES + SURETY_N_SERIES, // tiers, rising: the first of SURETY_N_RAMP
    SURETY_N_RAMP = 4,
    SURETY_N_COLOURS = SURETY_RAMP + SURETY_N_RAMP
};

extern const struct surety_colour surety_colours[SURETY_N_COLOURS];

// A way to draw one series. Styles 0 to 7 are architectures in the order of the figures, SURETY_STYLE_TIER and on are
// tiers, SURETY_STYLE_FILL and on are filled pieces of a bar.
struct surety_series_style {
    enum surety_colour_id colour;
    const char *dash;  // gnuplot's: "solid", "(8,4)"
    const char *array; // the same for SVG's stroke-dasharray at width 2; NULL: solid
    int point;         // gnuplot's point type
};

#define SURETY_STYLE_TIER ((size_t)100)
#define SURETY_STYLE_FILL ((size_t)200)
#define SURETY_STYLE_MARK ((size_t)300) // tiers, marks without lines
#define SURETY_STYLE_STEP ((size_t)400) // tiers, lines without marks
#define SURETY_STYLE_LINE ((size_t)500) // series of their own, lines without marks
#define SURETY_STYLE_SUM ((size_t)600)  // the line of all together

struct surety_series_style surety_series_style_of(size_t style);

// Points a plot shares: 4 round the clock of gnuplot's point types 6 to 13 in a unit box, for legends; SVG markup.
const char *surety_style_point_svg(int point);

// The head of every script: terminal of `width` x `height`, fonts, borders, grid.
void surety_script_head(FILE *script, int width, int height);

// "lc rgb '#0072B2'" and the rest of a line style, at `width` points.
void surety_script_line(FILE *script, size_t style, double width);

// set xtics (axis 'x', 'y'): 1 s, 10 s, 1 min, 10 min, 1 h, 10 h, 1 d, 10 d, 100 d within [from, to] seconds.
void surety_script_time_ticks(FILE *script, char axis, double from, double to);

// set ytics: 100 %, 10 %, 1 %, ... down to `least`.
void surety_script_share_ticks(FILE *script, char axis, double least);

// The largest of those time ticks' decades that is at most `seconds`, and the least that is at least it.
double surety_script_time_below(double seconds);
double surety_script_time_above(double seconds);

// A unit for amounts of time up to `seconds` on a linear axis: its length in seconds and its name.
double surety_script_time_unit(double seconds, const char **name);

// The days of the week below an axis of 168 hours from Monday 00:00.
void surety_script_week_days(FILE *script);

// A step for a linear axis from 0 to `most` > 0 with at most `n_most` ticks: 1, 2 or 5 times a power of ten.
double surety_script_step(double most, int n_most);

// Ticks of a linear axis from 0 to `most`, thousands parted: 0, 5,000, 10,000.
void surety_script_amount_ticks(FILE *script, char axis, double most, int n_most);

#endif
