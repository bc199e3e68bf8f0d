// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/figure_style.h"
#include "plots/figures.h"
#include "plots/gnuplot.h"
#include "plots/wording.h"

#include <math.h>
#include <string.h>

// Where downtime arises. Phases: a stacked bar an architecture, in time a month. Causes: bars of the verdict's
// architecture.

#define WIDTH 760
#define ROW 34
#define MOST_CAUSES 9
#define NAME_CHARACTERS 26
#define CHARACTER_PX 7.4

// A phase's colour is the same in every bar: its place among the names met so far.
struct palette {
    const char *names[SURETY_N_SERIES];
    size_t n;
};

static void add_place(struct palette *palette, const char *name)
{
    for (size_t i = 0; i < palette->n; i++) {
        if (strcmp(palette->names[i], name) == 0)
            return;
    }
    if (palette->n < SURETY_N_SERIES) // there are fewer phases
        palette->names[palette->n++] = name;
}

// Left margin that holds the names, in pixels.
static int margin_for(size_t n_characters)
{
    const size_t n = n_characters < NAME_CHARACTERS ? n_characters : NAME_CHARACTERS;
    return 24 + (int)((double)n * CHARACTER_PX);
}

static void put_frame(FILE *script, int left, size_t n_rows, double most, const char *label)
{
    const int height = 14 + ROW * (int)n_rows + 58;
    surety_script_head(script, WIDTH, height);
    fprintf(script, "set margins screen %.4f, screen %.4f, screen %.4f, screen %.4f\n", (double)left / WIDTH,
            1.0 - 84.0 / WIDTH, 58.0 / height, 1.0 - 14.0 / height);
    fprintf(script, "set grid noytics xtics\nset xrange [0:%.9g]\nset yrange [%g:0.5]\n", most, (double)n_rows + 0.5);
    surety_script_amount_ticks(script, 'x', most, 7);
    fputs("set xlabel ", script);
    surety_gnuplot_quote(script, label, 0);
    fprintf(script, " textcolor rgb '%s'\nset ytics (", surety_colours[SURETY_INK].hex);
}

static void put_row_name(FILE *script, const char *name, size_t row)
{
    fputs(row > 1 ? ", " : "", script);
    surety_gnuplot_quote_tick(script, name, NAME_CHARACTERS);
    fprintf(script, " %zu", row);
}

static void put_row_value(FILE *script, const char *text, double x, size_t row)
{
    fputs("set label ", script);
    surety_gnuplot_quote(script, text, 0);
    fprintf(script, " at %.9g, %zu left offset character 0.7,0 textcolor rgb '%s'\n", x, row,
            surety_colours[SURETY_INK].hex);
}

// The phase that takes the most of the verdict's architecture.
static const struct surety_share *largest(const struct surety_share *shares, size_t n)
{
    const struct surety_share *best = NULL;
    for (size_t i = 0; i < n; i++) {
        if (best == NULL || shares[i].share > best->share)
            best = &shares[i];
    }
    return best;
}

static const char *phases_title(const struct surety_result *result, struct surety_arena *arena)
{
    const struct surety_architecture_result *own = surety_wording_focus(result).architecture;
    double noticing = 0.0;
    char percent[SURETY_HUMAN_SIZE], time[SURETY_HUMAN_SIZE];
    surety_human_duration(time, own->downtime_s.mean);
    for (size_t i = 0; i < own->n_downtime_by; i++) {
        if (strcmp(own->downtime_by[i].name, "detection") == 0 || strcmp(own->downtime_by[i].name, "switching") == 0)
            noticing += own->downtime_by[i].share;
    }
    const struct surety_share *most = largest(own->downtime_by, own->n_downtime_by);
    if (noticing > 0.5) {
        snprintf(percent, sizeof percent, "%.0f %%", noticing * 100.0);
        return surety_arena_printf(arena,
                                   "With %s, %s of the downtime passes until an outage is noticed and traffic moved",
                                   own->name, percent);
    }
    if (most == NULL)
        return surety_arena_printf(arena, "Where downtime arises");
    snprintf(percent, sizeof percent, "%.0f %%", most->share * 100.0);
    return surety_arena_printf(arena, "With %s, the service is down %s a %s on average, %s of it: %s", own->name, time,
                               surety_wording_window(result), percent, surety_wording_phase(most->name));
}

static bool phases_legend(const struct surety_result *result, const struct palette *palette, struct surety_arena *arena,
                          struct surety_figure *figure)
{
    const struct surety_architecture_result *own = surety_wording_focus(result).architecture;
    figure->legend = surety_arena_calloc(arena, palette->n, sizeof *figure->legend);
    if (figure->legend == NULL)
        return false;
    for (size_t p = 0; p < palette->n; p++) {
        const char *note = "";
        for (size_t i = 0; i < own->n_downtime_by; i++) {
            if (own->downtime_by[i].share > 0.0 && strcmp(own->downtime_by[i].name, palette->names[p]) == 0)
                note = surety_arena_printf(arena,
                                           own->downtime_by[i].share >= 0.0995 ? "%.0f %% of %s's" : "%.2g %% of %s's",
                                           own->downtime_by[i].share * 100.0, own->name);
        }
        if (note == NULL)
            return false;
        figure->legend[figure->n_legend++] =
            (struct surety_legend_entry){SURETY_STYLE_FILL + p, surety_wording_phase(palette->names[p]), note};
    }
    return true;
}

// The pieces of place `place` of all bars: from, to, row.
static void put_pieces(FILE *script, const struct surety_result *result, double unit, const struct palette *palette,
                       size_t place)
{
    size_t row = 0;
    fprintf(script, "$p%zu << EOD\n", place);
    for (size_t i = 0; i < result->n_architectures; i++) {
        const struct surety_architecture_result *a = &result->architectures[surety_wording_order(result, i)];
        double from = 0.0;
        row += a->n_downtime_by > 0;
        for (size_t k = 0; k < a->n_downtime_by; k++) {
            const double to = from + a->downtime_by[k].share * a->downtime_s.mean / unit;
            if (strcmp(palette->names[place], a->downtime_by[k].name) == 0)
                fprintf(script, "%.9g %.9g %zu\n", from, to, row);
            from = to;
        }
    }
    fputs("EOD\n", script);
}

bool surety_figure_phases(const struct surety_result *result, struct surety_arena *arena, struct surety_figure *figure,
                          FILE *script)
{
    struct palette palette = {.n = 0};
    size_t longest = 0, n_rows = 0;
    double most = 0.0;
    const char *unit_name;
    for (size_t a = 0; a < result->n_architectures; a++) {
        const struct surety_architecture_result *architecture = &result->architectures[a];
        if (architecture->n_downtime_by == 0)
            continue;
        n_rows++;
        most = fmax(most, architecture->downtime_s.mean);
        longest = strlen(architecture->name) > longest ? strlen(architecture->name) : longest;
    }
    if (surety_wording_focus(result).architecture->n_downtime_by == 0 || !(most > 0.0))
        return false;
    const double unit = surety_script_time_unit(most, &unit_name);
    const char *label =
        surety_arena_printf(arena, "mean downtime in a %s (%s)", surety_wording_window(result), unit_name);
    if (label == NULL)
        return true;
    put_frame(script, margin_for(longest), n_rows, most / unit * 1.02, label);
    size_t row = 0;
    for (size_t i = 0; i < result->n_architectures; i++) {
        const struct surety_architecture_result *a = &result->architectures[surety_wording_order(result, i)];
        if (a->n_downtime_by > 0)
            put_row_name(script, a->name, ++row);
    }
    fputs(")\n", script);
    row = 0;
    for (size_t i = 0; i < result->n_architectures; i++) {
        const struct surety_architecture_result *a = &result->architectures[surety_wording_order(result, i)];
        char time[SURETY_HUMAN_SIZE];
        if (a->n_downtime_by == 0)
            continue;
        for (size_t k = 0; k < a->n_downtime_by; k++) {
            if (a->downtime_by[k].share > 0.0)
                add_place(&palette, a->downtime_by[k].name);
        }
        row++;
        surety_human_duration(time, a->downtime_s.mean);
        put_row_value(script, time, a->downtime_s.mean / unit, row);
    }
    for (size_t p = 0; p < palette.n; p++)
        put_pieces(script, result, unit, &palette, p);
    for (size_t p = 0; p < palette.n; p++)
        fprintf(script,
                "%s $p%zu using (($1+$2)/2):3:1:2:($3-0.32):($3+0.32) with boxxyerror fillcolor rgb '%s' "
                "fillstyle solid 1 border linecolor rgb '%s' linewidth 1",
                p == 0 ? "plot" : ",", p, surety_colours[surety_series_style_of(SURETY_STYLE_FILL + p).colour].hex,
                surety_colours[SURETY_PAPER].hex);
    fputs("\n", script);
    figure->title = phases_title(result, arena);
    figure->description = surety_arena_printf(
        arena,
        "Stacked bars, one an architecture: mean downtime in a %s (horizontal, %s), parted by what the service "
        "was waiting for.",
        surety_wording_window(result), unit_name);
    if (!phases_legend(result, &palette, arena, figure))
        figure->title = NULL;
    return true;
}

bool surety_figure_causes(const struct surety_result *result, struct surety_arena *arena, struct surety_figure *figure,
                          FILE *script)
{
    const struct surety_architecture_result *own = surety_wording_focus(result).architecture;
    const size_t n = own->n_causes < MOST_CAUSES + 1 ? own->n_causes : MOST_CAUSES, n_rows = n + (own->n_causes > n);
    double rest = 1.0;
    size_t longest = 0;
    if (n == 0 || !(own->causes[0].share > 0.0))
        return false;
    for (size_t i = 0; i < n; i++)
        longest = strlen(own->causes[i].name) > longest ? strlen(own->causes[i].name) : longest;
    put_frame(script, margin_for(longest), n_rows, ceil(own->causes[0].share * 10.2) * 10.0,
              "share of the downtime (%)");
    for (size_t i = 0; i < n; i++)
        put_row_name(script, own->causes[i].name, i + 1);
    if (n_rows > n)
        put_row_name(script, "all others", n + 1);
    fputs(")\n$bars << EOD\n", script);
    for (size_t i = 0; i < n; i++) {
        fprintf(script, "%.6g %zu\n", own->causes[i].share * 100.0, i + 1);
        rest -= own->causes[i].share;
    }
    if (n_rows > n)
        fprintf(script, "%.6g %zu\n", rest * 100.0, n + 1);
    fputs("EOD\n", script);
    for (size_t i = 0; i < n_rows; i++) {
        const double share = i < n ? own->causes[i].share : rest;
        char percent[SURETY_HUMAN_SIZE], time[SURETY_HUMAN_SIZE], text[2 * SURETY_HUMAN_SIZE + 8];
        snprintf(percent, sizeof percent, share >= 0.0995 ? "%.0f %%" : "%.2g %%", share * 100.0);
        surety_human_duration(time, share * own->downtime_s.mean);
        snprintf(text, sizeof text, "%s, %s", percent, time);
        put_row_value(script, text, share * 100.0, i + 1);
    }
    fprintf(script,
            "set style fill solid 1 noborder\nplot $bars using (0):2:(0):1:($2-0.32):($2+0.32) with boxxyerror "
            "linecolor rgb '%s'\n",
            surety_colours[SURETY_SERIES].hex);
    char percent[SURETY_HUMAN_SIZE];
    snprintf(percent, sizeof percent, "%.0f %%", own->causes[0].share * 100.0);
    figure->title =
        surety_arena_printf(arena, "%s of the downtime of %s comes from %s", percent, own->name, own->causes[0].name);
    figure->description = surety_arena_printf(
        arena, "Bars, one a cause: its share of the downtime of %s (horizontal, percent).", own->name);
    figure->note = surety_arena_printf(
        arena,
        "Downtime that several outages share is parted equally. The second number is the cause's mean downtime in "
        "a %s.",
        surety_wording_window(result));
    return true;
}
