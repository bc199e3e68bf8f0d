// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/figure_style.h"

#include "plots/human.h"

#include <math.h>

const struct surety_colour surety_colours[SURETY_N_COLOURS] = {
    [SURETY_INK] = {"--ink", "#1b1f24"},       [SURETY_MUTED] = {"--muted", "#57606a"},
    [SURETY_GRID] = {"--grid", "#dde2e7"},     [SURETY_PAPER] = {"--paper", "#fefefe"},
    [SURETY_BAD] = {"--bad", "#b3261e"},       [SURETY_SERIES + 0] = {"--s1", "#0072b2"}, // blue
    [SURETY_SERIES + 1] = {"--s2", "#d55e00"},                                            // vermilion
    [SURETY_SERIES + 2] = {"--s3", "#009e73"},                                            // green
    [SURETY_SERIES + 3] = {"--s4", "#b0609b"}, // purple, darker than theirs: 3:1 on white
    [SURETY_SERIES + 4] = {"--s5", "#c98500"}, // orange, the same
    [SURETY_SERIES + 5] = {"--s6", "#3d9bd4"}, // sky
    [SURETY_SERIES + 6] = {"--s7", "#3f4650"}, // black
    [SURETY_SERIES + 7] = {"--s8", "#8f8400"}, // yellow, darker
    [SURETY_RAMP + 0] = {"--t1", "#6ea8c9"},   [SURETY_RAMP + 1] = {"--t2", "#2b7aab"},
    [SURETY_RAMP + 2] = {"--t3", "#0c4a75"},   [SURETY_RAMP + 3] = {"--t4", "#062338"},
};

// gnuplot's dashes are in units that its SVG stretches with the line's width; the arrays stand for width 2.
static const struct {
    const char *dash, *array;
} dashes[SURETY_N_SERIES] = {
    {"solid", NULL},    {"(12,5)", "9 4"},
    {"(3,4)", "2 3"},   {"(14,4,3,4)", "10 3 2 3"},
    {"(20,5)", "15 4"}, {"(10,4,3,4,3,4)", "8 3 2 3 2 3"},
    {"(6,3)", "5 2"},   {"(2,6)", "1.5 4.5"},
};
static const int points[SURETY_N_SERIES] = {7, 5, 9, 13, 11, 6, 4, 8};

struct surety_series_style surety_series_style_of(size_t style)
{
    if (style >= SURETY_STYLE_SUM)
        return (struct surety_series_style){SURETY_INK, "solid", NULL, 7};
    if (style >= SURETY_STYLE_LINE)
        return surety_series_style_of(style - SURETY_STYLE_LINE);
    if (style >= SURETY_STYLE_MARK)
        return surety_series_style_of(SURETY_STYLE_TIER + style % SURETY_STYLE_TIER);
    if (style >= SURETY_STYLE_FILL) { // other colours than the architectures' come first
        static const size_t order[SURETY_N_SERIES] = {4, 5, 3, 6, 2, 1, 7, 0};
        const size_t i = order[(style - SURETY_STYLE_FILL) % SURETY_N_SERIES];
        return (struct surety_series_style){SURETY_SERIES + (enum surety_colour_id)i, "solid", NULL, 5};
    }
    if (style >= SURETY_STYLE_TIER) {
        const size_t i = style - SURETY_STYLE_TIER;
        return (struct surety_series_style){SURETY_RAMP + (enum surety_colour_id)(i % SURETY_N_RAMP),
                                            dashes[i % SURETY_N_SERIES].dash, dashes[i % SURETY_N_SERIES].array,
                                            points[i % SURETY_N_SERIES]};
    }
    const size_t i = style % SURETY_N_SERIES, round = (style + style / SURETY_N_SERIES) % SURETY_N_SERIES;
    return (struct surety_series_style){SURETY_SERIES + (enum surety_colour_id)i, dashes[round].dash,
                                        dashes[round].array, points[round]};
}

const char *surety_style_point_svg(int point)
{
    switch (point) {
    case 4:
        return "<path d=\"M-4,-4h8v8h-8z\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.5\"/>";
    case 5:
        return "<path d=\"M-4,-4h8v8h-8z\" fill=\"currentColor\"/>";
    case 6:
        return "<circle r=\"4\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.5\"/>";
    case 8:
        return "<path d=\"M0,-5L5,4H-5z\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.5\"/>";
    case 9:
        return "<path d=\"M0,-5L5,4H-5z\" fill=\"currentColor\"/>";
    case 11:
        return "<path d=\"M0,5L5,-4H-5z\" fill=\"currentColor\"/>";
    case 13:
        return "<path d=\"M0,-5.5L5.5,0L0,5.5L-5.5,0z\" fill=\"currentColor\"/>";
    default:
        return "<circle r=\"4\" fill=\"currentColor\"/>";
    }
}

void surety_script_head(FILE *script, int width, int height)
{
    fprintf(script,
            "set terminal svg size %d,%d dynamic noenhanced font 'sans-serif,13' linewidth 1 butt\n"
            "set encoding utf8\n"
            "unset key\n"
            "set border 1 linecolor rgb '%s'\n"
            "set tics nomirror scale 0 textcolor rgb '%s'\n"
            "set grid linecolor rgb '%s' linewidth 1 dashtype solid, linecolor rgb '%s' linewidth 0.5 dashtype solid\n",
            width, height, surety_colours[SURETY_MUTED].hex, surety_colours[SURETY_MUTED].hex,
            surety_colours[SURETY_GRID].hex, surety_colours[SURETY_GRID].hex);
}

void surety_script_line(FILE *script, size_t style, double width)
{
    const struct surety_series_style s = surety_series_style_of(style);
    fprintf(script, "linecolor rgb '%s' linewidth %g dashtype %s", surety_colours[s.colour].hex, width, s.dash);
}

static const struct {
    double seconds;
    const char *name;
} times[] = {{1e-3, "1 ms"},  {1e-2, "10 ms"}, {0.1, "0.1 s"},  {1, "1 s"},     {10, "10 s"},     {60, "1 min"},
             {600, "10 min"}, {3600, "1 h"},   {36000, "10 h"}, {86400, "1 d"}, {864000, "10 d"}, {8640000, "100 d"}};
#define N_TIMES (sizeof times / sizeof times[0])

void surety_script_time_ticks(FILE *script, char axis, double from, double to)
{
    const char *comma = "";
    fprintf(script, "set %ctics (", axis);
    for (size_t i = 0; i < N_TIMES; i++) {
        if (times[i].seconds < from * 0.999 || times[i].seconds > to * 1.001)
            continue;
        if (times[i].seconds == 36000 && to > 86400.0 * 30.0) // 10 h would touch 1 d
            continue;
        fprintf(script, "%s'%s' %g", comma, times[i].name, times[i].seconds);
        comma = ", ";
    }
    fputs(")\n", script);
}

void surety_script_share_ticks(FILE *script, char axis, double least)
{
    const char *comma = "";
    fprintf(script, "set %ctics (", axis);
    for (double share = 1.0; share > least * 0.999; share /= 10.0) {
        fprintf(script, "%s'%g %%%%' %.12g", comma, share * 100.0, share);
        comma = ", ";
    }
    fputs(")\n", script);
}

double surety_script_time_below(double seconds)
{
    size_t i = N_TIMES - 1;
    while (i > 0 && times[i].seconds > seconds)
        i--;
    return times[i].seconds;
}

double surety_script_time_above(double seconds)
{
    size_t i = 0;
    while (i + 1 < N_TIMES && times[i].seconds < seconds)
        i++;
    return times[i].seconds;
}

double surety_script_time_unit(double seconds, const char **name)
{
    const bool is_s = seconds < 120.0, is_min = seconds < 7200.0, is_h = seconds < 3 * 86400.0;
    *name = is_s ? "s" : is_min ? "min" : is_h ? "h" : "d";
    return is_s ? 1.0 : is_min ? 60.0 : is_h ? 3600.0 : 86400.0;
}

double surety_script_step(double most, int n_most)
{
    const double raw = most / n_most, base = pow(10.0, floor(log10(raw)));
    return raw <= base ? base : raw <= 2 * base ? 2 * base : raw <= 5 * base ? 5 * base : 10 * base;
}

void surety_script_amount_ticks(FILE *script, char axis, double most, int n_most)
{
    const double step = surety_script_step(most, n_most);
    const char *comma = "";
    fprintf(script, "set %ctics (", axis);
    for (int i = 0; (double)i * step <= most * 1.0001; i++) {
        char text[SURETY_HUMAN_SIZE];
        if (step >= 1.0)
            surety_human_count(text, (uint64_t)((double)i * step + 0.5));
        else
            snprintf(text, sizeof text, "%.10g", (double)i * step);
        fprintf(script, "%s'%s' %.9g", comma, text, (double)i * step);
        comma = ", ";
    }
    fputs(")\n", script);
}

void surety_script_week_days(FILE *script)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    for (int d = 0; d < 7; d++)
        fprintf(script, "set label %d '%s' at %d, graph 0 center offset 0, character -0.9 textcolor rgb '%s'\n", d + 1,
                days[d], 24 * d + 12, surety_colours[SURETY_MUTED].hex);
}
