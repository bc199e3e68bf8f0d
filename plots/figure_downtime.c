// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/figure_style.h"
#include "plots/figures.h"
#include "plots/gnuplot.h"
#include "plots/wording.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// How long a month's downtime gets: the share of months above each length, both axes logarithmic, one curve an
// architecture, the budgets of the tiers as flags.

#define WIDTH 760
#define LEAST_SHARE 1e-4 // one month in ten thousand: below are few of the months simulated, and nobody's concern
#define MOST_FLAGS 6
#define FLAG_PX 19

struct axes {
    double x_from, x_to; // seconds
    double y_from;       // share
};

// A share that enough windows stand for.
static double least_share(const struct surety_result *result)
{
    double n = (double)result->n_replications * (double)result->n_windows, share = 0.1;
    while (share > LEAST_SHARE * 1.001 && share / 10.0 * n >= 9.999)
        share /= 10.0;
    return share;
}

// Shortest and longest downtime that belong on the axes; false when no architecture is ever down.
static bool find_axes(const struct surety_result *result, struct axes *axes)
{
    double from = INFINITY, to = 0.0;
    axes->y_from = least_share(result);
    for (size_t a = 0; a < result->n_architectures; a++) {
        const struct surety_architecture_result *architecture = &result->architectures[a];
        double n = 0.0, n_up = 0.0, below = 0.0;
        for (size_t i = 0; i < architecture->n_histogram; i++) {
            n += (double)architecture->histogram[i].n_windows;
            if (architecture->histogram[i].downtime_s <= 0.0)
                n_up += (double)architecture->histogram[i].n_windows;
        }
        for (size_t i = 0; i < architecture->n_histogram; i++) {
            const struct surety_histogram_bin *bin = &architecture->histogram[i];
            below += (double)bin->n_windows;
            if (bin->downtime_s <= 0.0)
                continue;
            if (below - n_up >= 0.05 * (n - n_up)) // a curve starts where it begins to fall
                from = fmin(from, bin->downtime_s);
            if ((n - below) / n >= axes->y_from || to <= 0.0)
                to = fmax(to, bin->downtime_s);
        }
        for (size_t t = 0; t < result->n_tiers; t++) {
            double budget = architecture->tiers[t].budget_s;
            if (budget > 0.0) { // not for NAN
                from = fmin(from, budget / 4.0);
                to = fmax(to, budget * 2.0);
            }
        }
    }
    if (!(to > 0.0) || isinf(from))
        return false;
    axes->x_from = fmin(surety_script_time_below(from), 60.0);
    axes->x_to = fmax(surety_script_time_above(to), 3600.0);
    return true;
}

// The curve: P(downtime > x) after each bin, thinned to what the eye can tell apart.
static void put_curve(FILE *script, const struct surety_architecture_result *architecture, size_t index,
                      const struct axes *axes)
{
    double n = 0.0, below = 0.0, last_x = 0.0, last_p = 2.0;
    for (size_t i = 0; i < architecture->n_histogram; i++)
        n += (double)architecture->histogram[i].n_windows;
    fprintf(script, "$a%zu << EOD\n", index);
    for (size_t i = 0; i < architecture->n_histogram && n > 0.0; i++) {
        const struct surety_histogram_bin *bin = &architecture->histogram[i];
        below += (double)bin->n_windows;
        const double p = (n - below) / n, x = fmax(bin->downtime_s, axes->x_from);
        if (i == 0 && bin->downtime_s > axes->x_from)
            fprintf(script, "%.6g 1\n", axes->x_from); // nothing is shorter than the first bin
        // the next bin may lie decades away: the curve stays until there
        const double next = i + 1 < architecture->n_histogram ? architecture->histogram[i + 1].downtime_s : x;
        const bool is_gap = next > 1.05 * x;
        if (last_p <= 1.0 && x < 1.02 * last_x && p > 0.97 * last_p && p >= axes->y_from && !is_gap)
            continue;
        fprintf(script, "%.6g %.6g\n", x, fmax(p, axes->y_from / 2.0));
        if (is_gap && p >= axes->y_from)
            fprintf(script, "%.6g %.6g\n", fmax(next / 1.001, axes->x_from), p);
        if (p < axes->y_from)
            break;
        last_x = x;
        last_p = p;
    }
    fputs("EOD\n", script);
}

struct flag {
    double budget_s;
    const char *tier;
};

// The budgets, longest first, each once; how many there are.
static size_t collect_flags(const struct surety_result *result, struct flag flags[MOST_FLAGS])
{
    const struct surety_architecture_result *architecture = surety_wording_focus(result).architecture;
    size_t n = 0;
    for (size_t t = 0; t < result->n_tiers && n < MOST_FLAGS; t++) {
        const struct surety_tier_result *tier = &architecture->tiers[t];
        size_t at = n;
        if (!(tier->budget_s > 0.0))
            continue;
        while (at > 0 && flags[at - 1].budget_s < tier->budget_s)
            at--;
        memmove(&flags[at + 1], &flags[at], (n - at) * sizeof flags[0]);
        flags[at] = (struct flag){tier->budget_s, tier->name};
        n++;
    }
    return n;
}

// Flags above the plot: the longest budget, rightmost, has the shortest pole, so that no text crosses a pole.
static void put_flags(FILE *script, const struct flag *flags, size_t n, double plot_px)
{
    for (size_t i = 0; i < n; i++) {
        char budget[SURETY_HUMAN_SIZE];
        surety_human_duration(budget, flags[i].budget_s);
        const double top = 1.0 + ((double)i + 1.0) * FLAG_PX / plot_px;
        fprintf(script,
                "set arrow from %.9g, graph 0 to %.9g, graph %.4f nohead linecolor rgb '%s' linewidth 1.2 dashtype "
                "(3,3) front\n",
                flags[i].budget_s, flags[i].budget_s, top, surety_colours[SURETY_INK].hex);
        char *name = surety_wording_clean(flags[i].tier, 20);
        char text[256];
        snprintf(text, sizeof text, "%.120s %s", name != NULL ? name : "?", budget);
        free(name);
        fputs("set label ", script);
        surety_gnuplot_quote(script, text, 0);
        fprintf(script,
                " at %.9g, graph %.4f left offset character 0.4, character -0.55 textcolor rgb '%s' font ',12'\n",
                flags[i].budget_s, top, surety_colours[SURETY_INK].hex);
    }
}

// The other architecture that differs most from the first in how often the tier's month is met.
static const struct surety_architecture_result *other(const struct surety_result *result)
{
    const struct surety_focus focus = surety_wording_focus(result);
    const double own = focus.tier->month_met.p;
    const struct surety_architecture_result *best = NULL;
    double most = 0.0;
    for (size_t a = 0; a < result->n_architectures; a++) {
        const struct surety_architecture_result *architecture = &result->architectures[a];
        const double difference = fabs(architecture->tiers[focus.i_tier].month_met.p - own);
        if (a != focus.i_architecture && difference > most) {
            best = architecture;
            most = difference;
        }
    }
    return best;
}

static const char *title_of(const struct surety_result *result, struct surety_arena *arena)
{
    const struct surety_focus focus = surety_wording_focus(result);
    const char *window = surety_wording_window(result);
    const struct surety_architecture_result *rival = other(result);
    char kept[SURETY_HUMAN_SIZE], rivals[SURETY_HUMAN_SIZE], budget[SURETY_HUMAN_SIZE];
    const double share_up = 1.0 - surety_wording_exceedance(focus.architecture, 0.0);
    if (!(focus.tier->budget_s > 0.0) && share_up >= 0.5) {
        surety_human_percent(kept, share_up, 2);
        return surety_arena_printf(arena, "With %s, %s of %ss pass without any downtime", focus.architecture->name,
                                   kept, window);
    }
    if (!(focus.tier->budget_s > 0.0)) {
        surety_human_duration(kept, focus.architecture->downtime_quantiles_s.p95);
        return surety_arena_printf(arena, "With %s, the service is down for at most %s in 95 %% of %ss",
                                   focus.architecture->name, kept, window);
    }
    surety_human_duration(budget, focus.tier->budget_s);
    surety_human_percent(kept, focus.tier->month_met.p, 2);
    if (rival == NULL)
        return surety_arena_printf(arena, "With %s, %s of %ss stay within the %s budget of %s",
                                   focus.architecture->name, kept, window, focus.tier->name, budget);
    surety_human_percent(rivals, rival->tiers[focus.i_tier].month_met.p, 2);
    return surety_arena_printf(arena, "With %s, %s of %ss stay within the %s budget of %s; with %s, %s do",
                               focus.architecture->name, kept, window, focus.tier->name, budget, rival->name, rivals);
}

static bool make_legend(const struct surety_result *result, struct surety_arena *arena, struct surety_figure *figure)
{
    const struct surety_focus focus = surety_wording_focus(result);
    figure->legend = surety_arena_calloc(arena, result->n_architectures, sizeof *figure->legend);
    if (figure->legend == NULL)
        return false;
    for (size_t i = 0; i < result->n_architectures; i++) {
        const struct surety_architecture_result *a = &result->architectures[surety_wording_order(result, i)];
        char p50[SURETY_HUMAN_SIZE], p99[SURETY_HUMAN_SIZE], kept[SURETY_HUMAN_SIZE];
        surety_human_duration(p50, a->downtime_quantiles_s.p50);
        surety_human_duration(p99, a->downtime_quantiles_s.p99);
        surety_human_percent(kept, a->tiers[focus.i_tier].month_met.p, 2);
        const char *note = focus.tier->budget_s > 0.0
                               ? surety_arena_printf(arena, "median %s, 99 %% at most %s, within %s: %s", p50, p99,
                                                     focus.tier->name, kept)
                               : surety_arena_printf(arena, "median %s, 99 %% at most %s", p50, p99);
        if (note == NULL)
            return false;
        figure->legend[figure->n_legend++] = (struct surety_legend_entry){i, a->name, note};
    }
    return true;
}

static void put_plot(FILE *script, const struct surety_result *result)
{
    for (size_t i = result->n_architectures; i-- > 0;) { // the verdict's is drawn last, on top
        fprintf(script, "%s $a%zu using 1:2 with linespoints ", i + 1 == result->n_architectures ? "plot" : ", ", i);
        surety_script_line(script, i, i == 0 ? 3.0 : 1.8);
        fprintf(script, " pointtype %d pointsize 0.55 pointinterval %d", surety_series_style_of(i).point,
                23 + 4 * (int)i % 17);
    }
    fputs("\n", script);
}

bool surety_figure_downtime(const struct surety_result *result, struct surety_arena *arena,
                            struct surety_figure *figure, FILE *script)
{
    const char *window = surety_wording_window(result);
    struct axes axes;
    struct flag flags[MOST_FLAGS + 1];
    if (!find_axes(result, &axes))
        return false;
    const size_t n_flags = collect_flags(result, flags);
    const int top = 12 + (int)n_flags * FLAG_PX, plot = 330, height = top + plot + 62;
    surety_script_head(script, WIDTH, height);
    fprintf(script, "set margins screen %.4f, screen %.4f, screen %.4f, screen %.4f\n", 92.0 / WIDTH,
            1.0 - 18.0 / WIDTH, 62.0 / height, 1.0 - (double)top / height);
    fprintf(script, "set logscale xy\nset xrange [%g:%g]\nset yrange [%g:1]\n", axes.x_from, axes.x_to, axes.y_from);
    surety_script_time_ticks(script, 'x', axes.x_from, axes.x_to);
    surety_script_share_ticks(script, 'y', axes.y_from);
    fprintf(script, "set xlabel 'downtime in a %s (s, min, h, d; logarithmic)' textcolor rgb '%s'\n", window,
            surety_colours[SURETY_INK].hex);
    fprintf(script, "set ylabel 'share of %ss with more (%%; logarithmic)' textcolor rgb '%s'\n", window,
            surety_colours[SURETY_INK].hex);
    put_flags(script, flags, n_flags, plot);
    for (size_t i = 0; i < result->n_architectures; i++)
        put_curve(script, &result->architectures[surety_wording_order(result, i)], i, &axes);
    put_plot(script, result);
    figure->title = title_of(result, arena);
    figure->description = surety_arena_printf(
        arena,
        "Curves, one an architecture: the share of %ss (vertical, percent, logarithmic) whose downtime exceeds a "
        "length (horizontal, seconds to days, logarithmic). The tiers' budgets are vertical lines.",
        window);
    if (n_flags == 0)
        figure->note =
            "Downtime here is the time with at least `down_at` of the requests failing; the contract's measure "
            "reads otherwise, so its budget is no line of this figure.";
    if (!make_legend(result, arena, figure))
        figure->title = NULL;
    return true;
}
