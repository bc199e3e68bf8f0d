// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/backtest.h"
#include "plots/figure_style.h"
#include "plots/gnuplot.h"

#include <math.h>

#define WIDTH 620
#define HEIGHT 560
#define SHIFT 0.012 // the second forecaster stands this much to the right, so that bars do not cover each other

static const char *const titles[] = {"model", "climatology"};
#define N_DRAWN (sizeof titles / sizeof *titles)

static void put_bins(FILE *script, const struct surety_backtest *backtest, size_t f)
{
    fprintf(script, "$f%zu << EOD\n", f);
    for (size_t b = 0; b < SURETY_N_BINS; b++) {
        const struct surety_reliability *bin = &backtest->bins[f][b];
        if (bin->n > 0)
            fprintf(script, "%.6f %.6f %.6f %.6f %zu\n", bin->p_mean + (f > 0 ? SHIFT : 0.0), bin->met,
                    bin->interval.low, bin->interval.high, bin->n);
    }
    fputs("EOD\n", script);
}

// The numbers of forecasts of the model, at the lower end of their bars.
static void put_counts(FILE *script, const struct surety_backtest *backtest)
{
    for (size_t b = 0; b < SURETY_N_BINS; b++) {
        const struct surety_reliability *bin = &backtest->bins[SURETY_BY_MODEL][b];
        if (bin->n == 0)
            continue;
        fprintf(script, "set label '%zu' at %.6f, -0.035 center textcolor rgb '%s' font ',12'\n", bin->n, bin->p_mean,
                surety_colours[surety_series_style_of(0).colour].hex);
    }
}

static void put_text(FILE *script, const char *text, const char *place, enum surety_colour_id colour, int size)
{
    fputs("set label ", script);
    surety_gnuplot_quote(script, text, 0);
    fprintf(script, " at %s textcolor rgb '%s' font ',%d'\n", place, surety_colours[colour].hex, size);
}

void surety_backtest_reliability(const struct surety_backtest *backtest, FILE *script)
{
    const char *ink = surety_colours[SURETY_INK].hex;
    surety_script_head(script, WIDTH, HEIGHT);
    fprintf(script, "set margins screen %.4f, screen %.4f, screen %.4f, screen %.4f\n", 84.0 / WIDTH,
            1.0 - 24.0 / WIDTH, 66.0 / HEIGHT, 1.0 - 20.0 / HEIGHT);
    fputs("set xrange [-0.02:1.02]\nset yrange [-0.06:1.02]\n", script);
    for (const char *axis = "xy"; *axis != '\0'; axis++)
        fprintf(script,
                "set %ctics ('0 %%%%' 0, '20 %%%%' 0.2, '40 %%%%' 0.4, '60 %%%%' 0.6, '80 %%%%' 0.8, '100 %%%%' 1)\n",
                *axis);
    fprintf(script, "set xlabel 'forecast probability that a month meets its tier' textcolor rgb '%s'\n", ink);
    fprintf(script, "set ylabel 'share of those months that met it' textcolor rgb '%s'\n", ink);
    for (size_t f = 0; f < N_DRAWN; f++)
        put_bins(script, backtest, f);
    put_counts(script, backtest);
    put_text(script, "calibrated", "-0.01, 0.11 left", SURETY_MUTED, 12);
    for (size_t f = 0; f < N_DRAWN; f++) {
        char place[64];
        snprintf(place, sizeof place, "0.06, %.3f left", 0.97 - 0.055 * (double)f);
        put_text(script, titles[f], place, surety_series_style_of(f).colour, 13);
        fprintf(script, "$m%zu << EOD\n0.035 %.3f\nEOD\n", f, 0.97 - 0.055 * (double)f);
    }
    put_text(script, "bars: 95 % intervals; numbers: forecasts of the model", "0.035, 0.855 left", SURETY_MUTED, 11);
    fprintf(script, "plot x with lines linecolor rgb '%s' linewidth 1.2 dashtype (3,3)",
            surety_colours[SURETY_MUTED].hex);
    for (size_t f = N_DRAWN; f-- > 0;) { // the model on top
        const struct surety_series_style style = surety_series_style_of(f);
        const char *hex = surety_colours[style.colour].hex;
        const double width = f == 0 ? 2.2 : 1.2, size = f == 0 ? 0.9 : 0.7;
        fprintf(script,
                ", $f%zu using 1:2:3:4 with yerrorbars linecolor rgb '%s' linewidth %g pointtype %d pointsize %g", f,
                hex, width, style.point, size);
        fprintf(script, ", $m%zu using 1:2 with points linecolor rgb '%s' pointtype %d pointsize %g", f, hex,
                style.point, size);
    }
    fputs("\n", script);
}
