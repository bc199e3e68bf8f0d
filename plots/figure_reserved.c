// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/figure_style.h"
#include "plots/figures.h"
#include "plots/gnuplot.h"
#include "plots/reserved.h"
#include "plots/wording.h"

#include <math.h>

// Reserved units over the week: on top what comes, as a share of what they carry, below what overflows; a step an hour.
// For each provider with all routes working, and with the most that came after a failure.

#define WIDTH 760
#define HEIGHT 430
#define HOURS 168
#define MOST_SERIES 6

struct subject {
    const struct surety_architecture_result *architecture;
    const struct surety_reserved_result *reserved;
};

// The verdict's architecture, else the first one with reserved units; there the provider with the largest fee.
static struct subject choose(const struct surety_result *result)
{
    struct subject subject = {NULL, NULL};
    for (size_t i = 0; i < result->n_architectures && subject.reserved == NULL; i++) {
        const struct surety_architecture_result *a = &result->architectures[surety_wording_order(result, i)];
        for (size_t r = 0; r < a->n_reserved; r++)
            if (subject.reserved == NULL || a->reserved[r].fee_per_month > subject.reserved->fee_per_month)
                subject = (struct subject){a, &a->reserved[r]};
    }
    return subject;
}

// A line in both panels.
struct series {
    const struct surety_reserved_hour *hours;
    const char *name;
};

// Of each provider that normally answers its usual hours, and those with the most that came after a failure.
static size_t collect(const struct surety_architecture_result *a, struct surety_arena *arena, struct series *out)
{
    size_t n = 0;
    for (size_t r = 0; r < a->n_reserved && n + 2 <= MOST_SERIES; r++) {
        const struct surety_reserved_result *reserved = &a->reserved[r];
        if (reserved->normal_share > 0)
            out[n++] = (struct series){reserved->normal,
                                       surety_arena_printf(arena, "%s, all routes working:", reserved->provider)};
        if (reserved->most_share > reserved->normal_share + 1e-3)
            out[n++] = (struct series){
                reserved->most,
                surety_arena_printf(arena, "%s, the most that came after a failure:", reserved->provider)};
    }
    return n;
}

static void put_data(FILE *script, const struct series *series, size_t n)
{
    fputs("$w << EOD\n", script);
    for (size_t h = 0; h <= HOURS; h++) { // the last hour's step needs an end
        const size_t of = h < HOURS ? h : HOURS - 1;
        fprintf(script, "%zu", h);
        for (size_t i = 0; i < n; i++)
            fprintf(script, " %.6g %.6g", 100 * series[i].hours[of].offered, 100 * series[i].hours[of].overflow);
        fputs("\n", script);
    }
    fputs("EOD\n", script);
}

static void put_panel(FILE *script, double bottom, double top, const char *label, double most)
{
    fprintf(script, "set margins screen %.4f, screen %.4f, screen %.4f, screen %.4f\n", 76.0 / WIDTH,
            1.0 - 18.0 / WIDTH, bottom / HEIGHT, top / HEIGHT);
    fprintf(script, "set xrange [0:%d]\nset yrange [0:%.6g]\n", HOURS, most);
    fputs("set xtics 24 format ''\n", script);
    surety_script_amount_ticks(script, 'y', most, 5);
    fprintf(script, "set ylabel '%s' textcolor rgb '%s'\n", label, surety_colours[SURETY_INK].hex);
}

// column: 2 what comes, 3 what overflows
static void put_curves(FILE *script, size_t n, size_t column)
{
    for (size_t i = n; i-- > 0;) { // the first is drawn last, on top
        fprintf(script, "%s $w using 1:%zu with steps ", i + 1 == n ? "plot" : ",", 2 * i + column);
        surety_script_line(script, SURETY_STYLE_LINE + i, i == 0 ? 2.4 : 1.8);
    }
    fputs("\n", script);
}

static const char *note_of(const struct surety_reserved_hour hours[HOURS], struct surety_arena *arena)
{
    double offered = 0, busiest = 0, over = 0;
    char mean[SURETY_HUMAN_SIZE], top[SURETY_HUMAN_SIZE], overflow[SURETY_HUMAN_SIZE];
    for (size_t h = 0; h < HOURS; h++) {
        offered += hours[h].offered;
        over += hours[h].offered * hours[h].overflow;
        busiest = fmax(busiest, hours[h].offered);
    }
    surety_human_percent(overflow, offered > 0 ? over / offered : 0, 2);
    snprintf(mean, sizeof mean, "%.3g %%", 100 * offered / HOURS);
    snprintf(top, sizeof top, "%.3g %%", 100 * busiest);
    return surety_arena_printf(arena, "%s of what the units carry, %s in the busiest hour; %s of the tokens overflow",
                               mean, top, overflow);
}

bool surety_figure_reserved(const struct surety_result *result, struct surety_arena *arena,
                            struct surety_figure *figure, FILE *script)
{
    const struct subject subject = choose(result);
    const struct surety_reserved_result *r = subject.reserved;
    if (r == NULL)
        return false;
    struct series series[MOST_SERIES];
    const size_t n = collect(subject.architecture, arena, series);
    double most = 1.1, most_over = 0.05;
    for (size_t i = 0; i < n; i++)
        for (size_t h = 0; h < HOURS; h++) {
            most = fmax(most, 1.08 * series[i].hours[h].offered);
            most_over = fmax(most_over, 1.08 * series[i].hours[h].overflow);
        }
    if (n == 0) // nothing ever comes
        return false;
    surety_script_head(script, WIDTH, HEIGHT);
    put_data(script, series, n);
    fputs("set multiplot\n", script);
    put_panel(script, 208, HEIGHT - 14, "load (% of the units)", 100 * most);
    fprintf(
        script,
        "set arrow 1 from graph 0, first 100 to graph 1, first 100 nohead linecolor rgb '%s' linewidth 1.2 dashtype "
        "(3,3) back\n",
        surety_colours[SURETY_INK].hex);
    put_curves(script, n, 2);
    fputs("unset arrow 1\n", script);
    put_panel(script, 40, 178, "overflow (%)", fmin(100, 100 * most_over));
    surety_script_week_days(script);
    put_curves(script, n, 3);
    fputs("unset multiplot\n", script);
    char used[SURETY_HUMAN_SIZE], break_even[SURETY_BREAK_EVEN_SIZE];
    surety_human_percent(used, r->utilisation, 2);
    surety_reserved_break_even(break_even, r);
    figure->title = surety_arena_printf(arena, "With %s, %s of the units at %s are used; %s",
                                        subject.architecture->name, used, r->provider, break_even);
    figure->description = surety_arena_printf(
        arena,
        "Two panels over the hours of a week, means over the term. Above: the tokens that come, as a percentage of "
        "what "
        "the reserved units carry, whose 100 %% is a dashed line. Below: the percentage of them that does not fit into "
        "its minute.");
    figure->legend = surety_arena_calloc(arena, n, sizeof *figure->legend);
    for (size_t i = 0; figure->legend != NULL && i < n; i++) {
        const char *note = note_of(series[i].hours, arena);
        if (note == NULL || series[i].name == NULL)
            figure->title = NULL;
        else
            figure->legend[figure->n_legend++] =
                (struct surety_legend_entry){SURETY_STYLE_LINE + i, series[i].name, note};
    }
    if (figure->legend == NULL)
        figure->title = NULL;
    return true;
}
