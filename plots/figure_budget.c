// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/figure_style.h"
#include "plots/figures.h"
#include "plots/gnuplot.h"
#include "plots/wording.h"

#include <math.h>

// How the error budget burns down over a window: what is left by each day's end, in the median window, in the worse
// quarter and in the worst twentieth.

#define WIDTH 760
#define HEIGHT 360
#define LOWEST (-1.0) // what is overspent is drawn down to twice the budget
#define N_LINES 3

static const struct {
    size_t quantile; // of surety_budget.left
    const char *name;
} lines[N_LINES] = {{2, "half of the windows have more"}, {1, "three in four have more"}, {0, "19 in 20 have more"}};

static double lowest(const struct surety_budget *b)
{
    const double last = b->left[b->n_days][0];
    return last >= 0 ? 0 : fmax(LOWEST, floor(last * 4) / 4);
}

bool surety_figure_budget(const struct surety_result *result, struct surety_arena *arena, struct surety_figure *figure,
                          FILE *script)
{
    const struct surety_focus focus = surety_wording_focus(result);
    const struct surety_budget *b = focus.architecture->budget;
    const char *window = surety_wording_window(result), *comma = "plot";
    char gone[SURETY_HUMAN_SIZE];
    if (b == NULL || b->n_days < 2)
        return false;
    const double low = lowest(b), n_days = (double)b->n_days;
    surety_script_head(script, WIDTH, HEIGHT);
    fprintf(script, "set margins screen %.4f, screen %.4f, screen %.4f, screen %.4f\n", 92.0 / WIDTH,
            1.0 - 30.0 / WIDTH, 62.0 / HEIGHT, 1.0 - 12.0 / HEIGHT);
    fprintf(script, "set xrange [0:%g]\nset yrange [%g:105]\nset xtics %g\nset ytics 25\n", n_days, 100 * low,
            surety_script_step(n_days, 8));
    fprintf(script, "set xlabel 'day of the %s' textcolor rgb '%s'\n", window, surety_colours[SURETY_INK].hex);
    fprintf(script, "set ylabel 'error budget that is left (%%)' textcolor rgb '%s'\n", surety_colours[SURETY_INK].hex);
    fputs("$left << EOD\n", script);
    for (size_t d = 0; d <= b->n_days; d++)
        fprintf(script, "%zu %.6g %.6g %.6g\n", d, 100 * fmax(low, b->left[d][lines[0].quantile]),
                100 * fmax(low, b->left[d][lines[1].quantile]), 100 * fmax(low, b->left[d][lines[2].quantile]));
    fputs("EOD\n", script);
    figure->legend = surety_arena_calloc(arena, N_LINES, sizeof *figure->legend);
    for (size_t i = 0; i < N_LINES; i++) {
        fprintf(script, "%s $left using 1:%zu with lines ", comma, i + 2);
        surety_script_line(script, SURETY_STYLE_LINE + i, i == 0 ? 3.0 : 2.0);
        comma = ", ";
        if (figure->legend != NULL)
            figure->legend[figure->n_legend++] = (struct surety_legend_entry){SURETY_STYLE_LINE + i, lines[i].name, ""};
    }
    fputs("\n", script);
    surety_human_percent(gone, b->p_gone[b->n_days], 2);
    figure->title = figure->legend == NULL
                        ? NULL
                        : surety_arena_printf(arena, "The error budget of %s on %s is used up in %s of the %ss",
                                              focus.tier->name, focus.architecture->name, gone, window);
    figure->description = surety_arena_printf(
        arena,
        "Three lines: the share of the error budget (vertical, percent) that is left by the end of each day of the %s "
        "(horizontal), in the median %s and for the worse quarter and twentieth of them.",
        window, window);
    return true;
}
