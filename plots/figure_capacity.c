// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/figure_style.h"
#include "plots/figures.h"
#include "plots/human.h"
#include "plots/wording.h"

#include <math.h>

// How full the limited providers of the verdict's architecture are. `capacity`: over the week, on top the load, below
// what is refused. `waits`: by load, on top the wait for a place, below what is refused.

#define WIDTH 760
#define HEIGHT 430
#define HOURS 168
#define MOST_SERIES 6
#define MOST_LOAD 1.5 // drawn by load

static const struct surety_architecture_result *choose(const struct surety_result *result)
{
    for (size_t i = 0; i < result->n_architectures; i++) {
        const struct surety_architecture_result *a = &result->architectures[surety_wording_order(result, i)];
        if (a->n_capacity > 0)
            return a;
    }
    return NULL;
}

static size_t n_series(const struct surety_architecture_result *a)
{
    return a->n_capacity < MOST_SERIES ? a->n_capacity : MOST_SERIES;
}

static void put_panel(FILE *script, double bottom, double top, const char *label, double from, double to, double most)
{
    fprintf(script, "set margins screen %.4f, screen %.4f, screen %.4f, screen %.4f\n", 76.0 / WIDTH,
            1.0 - 18.0 / WIDTH, bottom / HEIGHT, top / HEIGHT);
    fprintf(script, "set xrange [%.6g:%.6g]\nset yrange [0:%.6g]\n", from, to, most);
    surety_script_amount_ticks(script, 'y', most, 5);
    fprintf(script, "set ylabel '%s' textcolor rgb '%s'\n", label, surety_colours[SURETY_INK].hex);
}

static void put_full_line(FILE *script, const char *from, const char *to)
{
    fprintf(script, "set arrow 1 from %s to %s nohead linecolor rgb '%s' linewidth 1.2 dashtype (3,3) back\n", from, to,
            surety_colours[SURETY_INK].hex);
}

// column: 1 of the load, 2 of what is refused, of each series
static void put_curves(FILE *script, size_t n, size_t column, const char *with)
{
    for (size_t i = n; i-- > 0;) { // the first is drawn last, on top
        fprintf(script, "%s $w using 1:%zu with %s ", i + 1 == n ? "plot" : ",", 2 * i + 1 + column, with);
        surety_script_line(script, SURETY_STYLE_LINE + i, i == 0 ? 2.4 : 1.8);
    }
    fputs("\n", script);
}

static void put_share(char text[SURETY_HUMAN_SIZE], double share)
{
    if (share > 0 && share < 1e-4)
        snprintf(text, SURETY_HUMAN_SIZE, "under 0.01 %%");
    else if (share > 0)
        surety_human_percent(text, share, 2);
    else
        snprintf(text, SURETY_HUMAN_SIZE, "nothing");
}

// Adds a line of the legend; a NULL title when memory is out.
static void put_legend(struct surety_figure *figure, size_t series, const char *name, const char *note)
{
    if (name == NULL || note == NULL || figure->legend == NULL)
        figure->title = NULL;
    else
        figure->legend[figure->n_legend++] = (struct surety_legend_entry){SURETY_STYLE_LINE + series, name, note};
}

// The most that it says of one provider: who is full for the longest time, or comes nearest to it.
static const char *week_title(const struct surety_architecture_result *a, struct surety_arena *arena)
{
    const struct surety_capacity_result *full = &a->capacity[0];
    for (size_t i = 1; i < a->n_capacity; i++)
        if (a->capacity[i].saturated_h > full->saturated_h ||
            (full->saturated_h <= 0 && a->capacity[i].load_peak > full->load_peak))
            full = &a->capacity[i];
    char hours[SURETY_HUMAN_SIZE], after[SURETY_HUMAN_SIZE];
    if (!(full->saturated_h > 0))
        return surety_arena_printf(arena,
                                   "With %s, no provider is ever full; %s has %.3g %% of its limit to carry at most",
                                   a->name, full->provider, 100 * full->load_peak);
    surety_human_duration(hours, 3600 * full->saturated_h);
    if (full->n_after == 0)
        return surety_arena_printf(arena, "With %s, %s is full for %s a month", a->name, full->provider, hours);
    surety_human_duration(after, 3600 * full->after[0].saturated_h);
    return surety_arena_printf(arena, "With %s, %s is full for %s a month, %s of it while %s is out", a->name,
                               full->provider, hours, after, full->after[0].provider);
}

bool surety_figure_capacity(const struct surety_result *result, struct surety_arena *arena,
                            struct surety_figure *figure, FILE *script)
{
    const struct surety_architecture_result *a = choose(result);
    if (a == NULL)
        return false;
    const size_t n = n_series(a);
    double most = 1.1, most_refused = 0.01;
    for (size_t i = 0; i < n; i++)
        for (size_t h = 0; h < HOURS; h++) {
            most = fmax(most, 1.08 * a->capacity[i].hour_load[h]);
            most_refused = fmax(most_refused, 1.08 * a->capacity[i].hour_refused[h]);
        }
    surety_script_head(script, WIDTH, HEIGHT);
    fputs("$w << EOD\n", script);
    for (size_t h = 0; h <= HOURS; h++) { // the last hour's step needs an end
        fprintf(script, "%zu", h);
        for (size_t i = 0; i < n; i++)
            fprintf(script, " %.6g %.6g", 100 * a->capacity[i].hour_load[h < HOURS ? h : HOURS - 1],
                    100 * a->capacity[i].hour_refused[h < HOURS ? h : HOURS - 1]);
        fputs("\n", script);
    }
    fputs("EOD\nset multiplot\nset xtics 24 format ''\n", script);
    put_panel(script, 208, HEIGHT - 14, "load (% of the limit)", 0, HOURS, 100 * most);
    put_full_line(script, "graph 0, first 100", "graph 1, first 100");
    put_curves(script, n, 1, "steps");
    fputs("unset arrow 1\n", script);
    put_panel(script, 40, 178, "refused (%)", 0, HOURS, fmin(100, 100 * most_refused));
    surety_script_week_days(script);
    put_curves(script, n, 2, "steps");
    fputs("unset multiplot\n", script);
    figure->title = week_title(a, arena);
    figure->description =
        "Two panels over the hours of a week, means over all terms, outages among them. Above: what comes to each "
        "provider as a percentage of its tightest limit, whose 100 % is a dashed line. Below, as a mean over time: the "
        "percentage of it "
        "that "
        "is refused.";
    figure->legend = surety_arena_calloc(arena, n, sizeof *figure->legend);
    for (size_t i = 0; i < n; i++) {
        const struct surety_capacity_result *c = &a->capacity[i];
        char refused[SURETY_HUMAN_SIZE];
        put_share(refused, c->share_refused);
        put_legend(figure, i, surety_arena_printf(arena, "%s:", c->provider),
                   surety_arena_printf(arena, "%.3g %% of its limit on average, %.3g %% at most; %s is refused",
                                       100 * c->load_mean, 100 * c->load_peak, refused));
    }
    return true;
}

// --- by load ---------------------------------------------------------------------------------------------------

static bool waits(const struct surety_capacity_result *c)
{
    for (size_t k = 0; k < c->n_by_load; k++)
        if (c->by_load[k].wait_p95_s > 0)
            return true;
    return false;
}

// What is said of one provider: its wait at 70 %, 90 % and full.
static const char *wait_note(const struct surety_capacity_result *c, struct surety_arena *arena)
{
    const char *note = "";
    for (size_t k = 0; k < c->n_by_load && note != NULL; k++) {
        const struct surety_load_result *row = &c->by_load[k];
        char wait[SURETY_HUMAN_SIZE] = "no end to it", refused[SURETY_HUMAN_SIZE];
        if (row->load != 0.7 && row->load != 0.9 && row->load != 1)
            continue;
        if (isfinite(row->wait_p95_s))
            surety_human_latency(wait, row->wait_p95_s);
        put_share(refused, row->share_refused);
        note =
            surety_arena_printf(arena, "%s%s%s%s refused at %.0f %%", note, note[0] != '\0' ? "; " : "",
                                waits(c) ? surety_arena_printf(arena, "p95 %s, ", wait) : "", refused, 100 * row->load);
    }
    return note;
}

bool surety_figure_waits(const struct surety_result *result, struct surety_arena *arena, struct surety_figure *figure,
                         FILE *script)
{
    const struct surety_architecture_result *a = choose(result);
    if (a == NULL || a->capacity[0].n_by_load == 0)
        return false;
    const size_t n = n_series(a);
    double most_s = 0, most_refused = 0.05;
    size_t n_waiting = 0;
    for (size_t i = 0; i < n; i++) {
        n_waiting += waits(&a->capacity[i]);
        for (size_t k = 0; k < a->capacity[i].n_by_load; k++) {
            const struct surety_load_result *row = &a->capacity[i].by_load[k];
            if (row->load > MOST_LOAD)
                continue;
            most_s = fmax(most_s, isfinite(row->wait_p95_s) ? 1.08 * row->wait_p95_s : 0);
            most_refused = fmax(most_refused, 1.08 * row->share_refused);
        }
    }
    const double unit = most_s < 1 ? 1e3 : 1;
    surety_script_head(script, WIDTH, HEIGHT);
    fputs("$w << EOD\n", script);
    for (size_t k = 0; k < a->capacity[0].n_by_load && a->capacity[0].by_load[k].load <= MOST_LOAD; k++) {
        fprintf(script, "%.6g", 100 * a->capacity[0].by_load[k].load);
        for (size_t i = 0; i < n; i++) {
            const struct surety_load_result *row = &a->capacity[i].by_load[k];
            if (k < a->capacity[i].n_by_load && isfinite(row->wait_p95_s) && waits(&a->capacity[i]))
                fprintf(script, " %.6g %.6g", unit * row->wait_p95_s, 100 * row->share_refused);
            else
                fprintf(script, " NaN %.6g", k < a->capacity[i].n_by_load ? 100 * row->share_refused : 0);
        }
        fputs("\n", script);
    }
    fputs("EOD\nset multiplot\nset xtics 10 format ''\n", script);
    const bool has_waits = n_waiting > 0 && most_s > 0;
    if (has_waits) {
        put_panel(script, 212, HEIGHT - 14, unit > 1 ? "p95 wait (ms)" : "p95 wait (s)", 0, 100 * MOST_LOAD,
                  unit * most_s);
        put_full_line(script, "100, graph 0", "100, graph 1");
        put_curves(script, n, 1, "lines");
    }
    put_panel(script, 62, has_waits ? 182 : HEIGHT - 14, "refused (%)", 0, 100 * MOST_LOAD,
              fmin(100, 100 * most_refused));
    put_full_line(script, "100, graph 0", "100, graph 1");
    fprintf(script, "set xtics 10 format '%%g'\nset xlabel 'load (%% of the limit)' textcolor rgb '%s'\n",
            surety_colours[SURETY_INK].hex);
    put_curves(script, n, 2, "lines");
    fputs("unset multiplot\n", script);
    figure->title = has_waits ? "How long a place is waited for, and what is refused, as the load rises"
                              : "What is refused as the load rises";
    figure->description =
        "Over the load of each provider, as a percentage of its tightest limit, in the steady state without outages: "
        "above, where places are waited for, the wait that 95 % of the answered requests do not exceed; below, the "
        "percentage that is refused. The dashed line is the limit.";
    figure->legend = surety_arena_calloc(arena, n, sizeof *figure->legend);
    for (size_t i = 0; i < n; i++)
        put_legend(figure, i, surety_arena_printf(arena, "%s:", a->capacity[i].provider),
                   wait_note(&a->capacity[i], arena));
    return true;
}
