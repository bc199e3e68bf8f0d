// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/figure_latency.h"
#include "plots/figure_style.h"
#include "plots/figures.h"
#include "plots/gnuplot.h"
#include "plots/wording.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// What each month's percentile reads, over the terms: in each panel a box a month from the 5 % to the 95 % quantile, the
// middle half darker, the median as a line; targets as dashed lines. p95 is always drawn, and what else tiers promise of
// the metric: then a row is an architecture and a column a percentile, with an axis of its own.

#define WIDTH 760
#define MOST_ARCHITECTURES 8
#define MOST_BANDS 3
#define COLUMNS 2 // of architectures, where there is one percentile
#define TOP 30    // above a panel: the architecture's name
#define PLOT 118  // a panel
#define FOOT 28   // below it: months
#define LEFT 72   // beside it: times
#define GAP 14

struct sheet { // what is drawn
    const struct surety_result *result;
    struct surety_latency_subject subject;
    struct surety_latency_flag flags[SURETY_MOST_LATENCY_FLAGS + 1];
    size_t n_flags;
    double percentiles[MOST_BANDS]; // rising
    double from_s[MOST_BANDS], to_s[MOST_BANDS];
    size_t n_bands, n_architectures;
};

static const struct surety_latency_months_result *months_of(const struct surety_latency_metric *m, double percentile)
{
    for (size_t i = 0; m != NULL && i < m->n_months; i++)
        if (m->months[i].percentile == percentile)
            return &m->months[i];
    return NULL;
}

static const struct surety_latency_metric *metric_at(const struct sheet *sheet, size_t architecture)
{
    const size_t a = surety_wording_order(sheet->result, architecture);
    return surety_latency_subject_metric(&sheet->result->architectures[a], &sheet->subject);
}

// The axis of a percentile, the same for all architectures.
static void look(struct sheet *sheet, size_t b)
{
    double from = INFINITY, to = 0;
    for (size_t i = 0; i < sheet->n_architectures; i++) {
        const struct surety_latency_months_result *m = months_of(metric_at(sheet, i), sheet->percentiles[b]);
        for (size_t w = 0; m != NULL && w < sheet->result->n_windows; w++) {
            from = fmin(from, m->windows[w].p05); // NAN: no number
            to = fmax(to, isfinite(m->windows[w].p95)   ? m->windows[w].p95
                          : isfinite(m->windows[w].p50) ? m->windows[w].p50
                                                        : 0);
        }
    }
    for (size_t i = 0; i < sheet->n_flags; i++)
        if (sheet->flags[i].percentile == sheet->percentiles[b]) {
            from = fmin(from, sheet->flags[i].target_s);
            to = fmax(to, sheet->flags[i].target_s);
        }
    const double room = fmax(1.04, pow(to / from, 0.12)); // above and below
    sheet->from_s[b] = from / room;
    sheet->to_s[b] = to * room * 1.02;
}

// False when there is nothing to show.
static bool collect(struct sheet *sheet, const struct surety_result *result)
{
    *sheet = (struct sheet){.result = result};
    if (result->n_windows < 2 || !surety_latency_subject_choose(result, &sheet->subject))
        return false;
    sheet->n_flags = surety_latency_subject_targets(result, &sheet->subject, sheet->flags);
    sheet->n_architectures =
        result->n_architectures < MOST_ARCHITECTURES ? result->n_architectures : MOST_ARCHITECTURES;
    const struct surety_latency_metric *any = NULL;
    for (size_t i = 0; i < sheet->n_architectures && any == NULL; i++)
        any = metric_at(sheet, i);
    for (size_t i = 0; any != NULL && i < any->n_months && sheet->n_bands < MOST_BANDS; i++) {
        sheet->percentiles[sheet->n_bands] = any->months[i].percentile;
        look(sheet, sheet->n_bands);
        sheet->n_bands +=
            isfinite(sheet->from_s[sheet->n_bands]) && sheet->to_s[sheet->n_bands] > sheet->from_s[sheet->n_bands];
    }
    return sheet->n_bands > 0;
}

static void put_data(FILE *script, const struct sheet *sheet, size_t architecture, size_t b)
{
    const struct surety_latency_months_result *m = months_of(metric_at(sheet, architecture), sheet->percentiles[b]);
    const double top = sheet->to_s[b];
    bool any = false;
    fprintf(script, "$m%zu_%zu << EOD\n", architecture, b);
    for (size_t w = 0; m != NULL && w < sheet->result->n_windows; w++) {
        const struct surety_latency_quantiles *q = &m->windows[w];
        if (isnan(q->p50))
            continue;
        fprintf(script, "%zu %.6g %.6g %.6g %.6g %.6g\n", w + 1, fmin(q->p05, top), fmin(q->p25, top),
                fmin(q->p50, top), fmin(q->p75, top), fmin(q->p95, top));
        any = true;
    }
    if (!any)
        fprintf(script, "1 %1$.6g %1$.6g %1$.6g %1$.6g %1$.6g\n", top * 10); // nothing to see
    fputs("EOD\n", script);
}

static void put_ticks(FILE *script, const struct sheet *sheet, size_t b)
{
    static const double few[] = {1, 2, 5, 0}, some[] = {1, 1.5, 2, 3, 4, 6, 8, 0},
                        many[] = {1, 1.2, 1.4, 1.6, 1.8, 2,   2.5, 3,   3.5, 4,   4.5,
                                  5, 5.5, 6,   6.5, 7,   7.5, 8,   8.5, 9,   9.5, 0};
    const double ratio = sheet->to_s[b] / sheet->from_s[b];
    const double *mantissas = ratio < 2 ? many : ratio < 8 ? some : few;
    const char *comma = "";
    fputs("set ytics (", script);
    for (int e = -4; e < 5; e++)
        for (size_t i = 0; mantissas[i] > 0; i++) {
            const double y = mantissas[i] * pow(10, e);
            char text[SURETY_HUMAN_SIZE];
            if (y < sheet->from_s[b] || y > sheet->to_s[b])
                continue;
            surety_human_latency(text, y);
            fputs(comma, script);
            surety_gnuplot_quote_tick(script, text, 0);
            fprintf(script, " %.9g", y);
            comma = ", ";
        }
    fputs(")\nset xtics (", script);
    const size_t n = sheet->result->n_windows, most = sheet->n_bands > 2 ? 3 : 4, step = (n + most - 1) / most;
    for (size_t w = 0; w < n; w += step) {
        fputs(w > 0 ? ", " : "", script);
        surety_gnuplot_quote_tick(script, sheet->result->window_labels[w], 0);
        fprintf(script, " %zu", w + 1);
    }
    fputs(")\n", script);
}

static void put_targets(FILE *script, const struct sheet *sheet, size_t b)
{
    fputs("unset arrow\nunset label\n", script);
    for (size_t i = 0; i < sheet->n_flags; i++) {
        const double at = sheet->flags[i].target_s;
        char target[SURETY_HUMAN_SIZE], text[256];
        if (sheet->flags[i].percentile != sheet->percentiles[b])
            continue;
        surety_human_latency(target, at);
        char *name = surety_wording_clean(sheet->flags[i].tier, 16);
        snprintf(text, sizeof text, "%.120s %s", name != NULL ? name : "?", target);
        free(name);
        fprintf(script,
                "set arrow from graph 0, first %.9g to graph 1, first %.9g nohead linecolor rgb '%s' linewidth 1.4 "
                "dashtype (5,3) front\nset label ",
                at, at, surety_colours[SURETY_INK].hex);
        surety_gnuplot_quote(script, text, 0);
        fprintf(script,
                " at graph 1, first %.9g right offset character -0.3, character 0.5 textcolor rgb '%s' font ',11' "
                "front\n",
                at, surety_colours[SURETY_INK].hex);
    }
}

static void put_panel(FILE *script, const struct sheet *sheet, size_t architecture, size_t b, int height)
{
    const size_t n_columns = sheet->n_bands > 1 ? sheet->n_bands : COLUMNS;
    const size_t row = sheet->n_bands > 1 ? architecture : architecture / COLUMNS;
    const size_t column = sheet->n_bands > 1 ? b : architecture % COLUMNS, n = sheet->result->n_windows;
    const double cell = (double)WIDTH / (double)n_columns, left = (double)column * cell + LEFT;
    const double right = (double)(column + 1) * cell - GAP, top = (double)(row * (TOP + PLOT + FOOT)) + TOP;
    fprintf(script, "set margins screen %.4f, screen %.4f, screen %.4f, screen %.4f\n", left / WIDTH, right / WIDTH,
            1 - (top + PLOT) / height, 1 - top / height);
    fprintf(script, "set xrange [0.5:%.9g]\nset yrange [%.6g:%.6g]\n", (double)n + 0.5, sheet->from_s[b],
            sheet->to_s[b]);
    put_ticks(script, sheet, b);
    put_targets(script, sheet, b);
    char text[256];
    char *name =
        surety_wording_clean(sheet->result->architectures[surety_wording_order(sheet->result, architecture)].name, 24);
    snprintf(text, sizeof text, "%.200s, p%g", name != NULL ? name : "?", sheet->percentiles[b]);
    free(name);
    fputs("set label ", script);
    surety_gnuplot_quote(script, text, 0);
    fprintf(script, " at graph 0, graph 1 left offset 0, character 0.7 textcolor rgb '%s'\n",
            surety_colours[SURETY_INK].hex);
    const char *hex = surety_colours[surety_series_style_of(SURETY_STYLE_FILL + b).colour].hex;
    static const struct {
        const char *columns, *opacity;
    } boxes[] = {{"2:6", "0.3"}, {"3:5", "0.5"}};
    for (size_t k = 0; k < 2; k++)
        fprintf(script,
                "%s $m%zu_%zu using 1:4:($1-0.42):($1+0.42):%s with boxxyerror fillcolor rgb '%s' fillstyle "
                "transparent solid %s noborder",
                k == 0 ? "plot" : ",", architecture, b, boxes[k].columns, hex, boxes[k].opacity);
    fprintf(script, ", $m%zu_%zu using ($1-0.42):4:(0.84):(0) with vectors nohead linecolor rgb '%s' linewidth 2.4\n",
            architecture, b, hex);
}

// Share of the windows in which the architecture keeps the target.
static double kept(const struct surety_result *result, const struct surety_architecture_result *a,
                   const struct sheet *sheet, const struct surety_latency_flag *flag)
{
    for (size_t t = 0; t < result->n_tiers; t++)
        for (size_t k = 0; strcmp(a->tiers[t].name, flag->tier) == 0 && k < a->tiers[t].n_promises; k++) {
            const struct surety_promise_result *p = &a->tiers[t].promises[k];
            if (p->target_s == flag->target_s && p->percentile == flag->percentile &&
                strcmp(p->metric, sheet->subject.metric) == 0)
                return p->month_met;
        }
    return NAN;
}

// "premium (850 ms) is kept in 99 % of months with failover, 98 % with single"
static const char *note_of(const struct sheet *sheet, double percentile, struct surety_arena *arena)
{
    const char *note = "";
    for (size_t i = sheet->n_flags; i-- > 0 && note != NULL;) {
        const struct surety_latency_flag *f = &sheet->flags[i];
        if (f->percentile != percentile)
            continue;
        char target[SURETY_HUMAN_SIZE];
        surety_human_latency(target, f->target_s);
        note = surety_arena_printf(arena, "%s%s%s (%s) is kept in", note, note[0] != '\0' ? "; " : "", f->tier, target);
        for (size_t k = 0; note != NULL && k < sheet->n_architectures; k++) {
            const struct surety_architecture_result *a =
                &sheet->result->architectures[surety_wording_order(sheet->result, k)];
            char share[SURETY_HUMAN_SIZE], of[64] = "";
            surety_human_percent(share, kept(sheet->result, a, sheet, f), 2);
            if (k == 0)
                snprintf(of, sizeof of, " of %ss", surety_wording_window(sheet->result));
            note = surety_arena_printf(arena, "%s%s %s%s with %s", note, k > 0 ? "," : "", share, of, a->name);
        }
    }
    return note;
}

static bool put_words(const struct sheet *sheet, struct surety_arena *arena, struct surety_figure *figure)
{
    const struct surety_focus focus = surety_wording_focus(sheet->result);
    const char *window = surety_wording_window(sheet->result), *metric = surety_wording_metric(sheet->subject.metric);
    const struct surety_latency_metric *own = surety_latency_subject_metric(focus.architecture, &sheet->subject);
    const struct surety_latency_months_result *m = months_of(own, 95);
    double most_s = 0;
    char most[SURETY_HUMAN_SIZE];
    for (size_t w = 0; m != NULL && w < sheet->result->n_windows; w++)
        most_s = fmax(most_s, m->windows[w].p95);
    surety_human_latency(most, m != NULL ? most_s : INFINITY);
    figure->title = surety_arena_printf(
        arena, "With %s, the p95 of %s of %s stays within %s in 95 %% of the terms, in any one %s",
        focus.architecture->name, metric, focus.architecture->latency[sheet->subject.workload].workload, most, window);
    figure->description = surety_arena_printf(
        arena,
        "Panels, for each architecture and percentile one. Of each %s of the term (horizontal) the percentile of %s "
        "over its answers "
        "(vertical, logarithmic), how it lies over the simulated terms: a box from the 5 %% to the 95 %% quantile, "
        "the middle half darker, the median as a line. The tiers' targets are dashed lines.",
        window, metric);
    figure->note = surety_arena_printf(
        arena, "Each box holds 90 %% of the terms, its darker part half of them, the line is the median.%s",
        sheet->n_architectures < sheet->result->n_architectures ? " Further architectures are in latency_months.csv."
                                                                : "");
    figure->legend = surety_arena_calloc(arena, sheet->n_bands, sizeof *figure->legend);
    bool all = figure->title != NULL && figure->description != NULL && figure->note != NULL && figure->legend != NULL;
    for (size_t b = 0; all && b < sheet->n_bands; b++) {
        const char *name = surety_arena_printf(arena, "p%g of a %s", sheet->percentiles[b], window);
        const char *note = note_of(sheet, sheet->percentiles[b], arena);
        figure->legend[figure->n_legend++] = (struct surety_legend_entry){SURETY_STYLE_FILL + b, name, note};
        all = name != NULL && note != NULL;
    }
    return all;
}

bool surety_figure_latency_months(const struct surety_result *result, struct surety_arena *arena,
                                  struct surety_figure *figure, FILE *script)
{
    struct sheet sheet;
    if (!collect(&sheet, result))
        return false;
    const size_t n_rows = sheet.n_bands > 1 ? sheet.n_architectures : (sheet.n_architectures + COLUMNS - 1) / COLUMNS;
    const int height = (int)n_rows * (TOP + PLOT + FOOT) + 6;
    surety_script_head(script, WIDTH, height);
    fputs("set grid ytics noxtics\nset logscale y\n", script);
    for (size_t i = 0; i < sheet.n_architectures; i++)
        for (size_t b = 0; b < sheet.n_bands; b++)
            put_data(script, &sheet, i, b);
    fputs("set multiplot\n", script);
    for (size_t i = 0; i < sheet.n_architectures; i++)
        for (size_t b = 0; b < sheet.n_bands; b++)
            put_panel(script, &sheet, i, b, height);
    fputs("unset multiplot\n", script);
    if (!put_words(&sheet, arena, figure))
        figure->title = NULL;
    return true;
}
