// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/figure_style.h"
#include "plots/figures.h"
#include "plots/gnuplot.h"
#include "plots/wording.h"

#include <math.h>

// The budgets of all that a tier promises, side by side: what 19 in 20 windows have left of each by each day's end.

#define WIDTH 760
#define HEIGHT 360
#define LOWEST (-0.5) // what is overspent is drawn down to half as much again
#define MOST 8

struct lines {
    const struct surety_budget *budget[MOST];
    size_t n;
};

static struct lines collect(const struct surety_architecture_result *a)
{
    struct lines lines = {.n = 0};
    if (a->budget != NULL)
        lines.budget[lines.n++] = a->budget;
    for (size_t i = 0; i < a->n_promise_budgets && lines.n < MOST; i++)
        lines.budget[lines.n++] = a->promise_budgets[i];
    return lines;
}

// The budget of which 19 in 20 windows have least by their end.
static const struct surety_budget *tightest(const struct lines *lines)
{
    const struct surety_budget *least = lines->budget[0];
    for (size_t i = 1; i < lines->n; i++)
        if (lines->budget[i]->left[lines->budget[i]->n_days][0] < least->left[least->n_days][0])
            least = lines->budget[i];
    return least;
}

static double lowest(const struct surety_budget *b)
{
    const double last = b->left[b->n_days][0];
    return last >= 0 ? 0 : fmax(LOWEST, floor(last * 4) / 4);
}

static bool put_legend(struct surety_arena *arena, struct surety_figure *figure, const struct surety_budget *b,
                       size_t i)
{
    char gone[SURETY_HUMAN_SIZE];
    surety_human_percent(gone, b->p_gone[b->n_days], 2);
    const char *name = surety_arena_printf(arena, "%s%s%s", b->dimension, *b->promise != '\0' ? ": " : "", b->promise);
    const char *note = surety_arena_printf(arena, "used up in %s", gone);
    if (name == NULL || note == NULL)
        return false;
    figure->legend[figure->n_legend++] = (struct surety_legend_entry){SURETY_STYLE_LINE + i, name, note};
    return true;
}

bool surety_figure_budgets(const struct surety_result *result, struct surety_arena *arena, struct surety_figure *figure,
                           FILE *script)
{
    const struct surety_focus focus = surety_wording_focus(result);
    const struct lines lines = collect(focus.architecture);
    const char *window = surety_wording_window(result), *comma = "plot";
    if (focus.architecture->n_promise_budgets == 0 || lines.budget[0]->n_days < 2)
        return false;
    const struct surety_budget *least = tightest(&lines);
    const double low = lowest(least), n_days = (double)least->n_days, left = least->left[least->n_days][0];
    surety_script_head(script, WIDTH, HEIGHT);
    fprintf(script, "set margins screen %.4f, screen %.4f, screen %.4f, screen %.4f\n", 92.0 / WIDTH,
            1.0 - 30.0 / WIDTH, 62.0 / HEIGHT, 1.0 - 12.0 / HEIGHT);
    fprintf(script, "set xrange [0:%g]\nset yrange [%g:105]\nset xtics %g\nset ytics 25\n", n_days, 100 * low,
            surety_script_step(n_days, 8));
    fprintf(script, "set xlabel 'day of the %s' textcolor rgb '%s'\n", window, surety_colours[SURETY_INK].hex);
    fprintf(script, "set ylabel '19 in 20 have more left (%%)' textcolor rgb '%s'\n", surety_colours[SURETY_INK].hex);
    figure->legend = surety_arena_calloc(arena, lines.n, sizeof *figure->legend);
    fputs("$left << EOD\n", script);
    for (size_t d = 0; d <= least->n_days; d++) {
        fprintf(script, "%zu", d);
        for (size_t i = 0; i < lines.n; i++)
            fprintf(script, " %.6g", 100 * fmax(low, lines.budget[i]->left[d][0]));
        fputc('\n', script);
    }
    fputs("EOD\n", script);
    bool all = figure->legend != NULL;
    for (size_t i = 0; i < lines.n; i++) {
        fprintf(script, "%s $left using 1:%zu with lines ", comma, i + 2);
        surety_script_line(script, SURETY_STYLE_LINE + i, lines.budget[i] == least ? 3.0 : 2.0);
        comma = ", ";
        all = all && put_legend(arena, figure, lines.budget[i], i);
    }
    fputs("\n", script);
    figure->title = !all ? NULL
                    : left < 0
                        ? surety_arena_printf(arena, "One %s in 20 uses up its budget of %s, or comes closer than that",
                                              window, least->dimension)
                        : surety_arena_printf(arena,
                                              "Of all budgets of %s on %s that of %s is the tightest: 19 in 20 %ss "
                                              "have at least %.0f %% of it left",
                                              focus.tier->name, focus.architecture->name, least->dimension, window,
                                              floor(100 * left));
    figure->description = surety_arena_printf(arena,
                                              "A line for each budget: the share of it (vertical, percent) that 19 in "
                                              "20 %ss have left by the end of each day of "
                                              "the %s (horizontal).",
                                              window, window);
    return true;
}
