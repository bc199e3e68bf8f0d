// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_FIGURES_H
#define SURETY_PLOTS_FIGURES_H

#include "sim/base/arena.h"
#include "sim/base/diag.h"
#include "sim/base/err.h"
#include "sim/engine/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

// The figures of a report: one row each, from the result to a gnuplot script, a title that states what the figure
// shows, and a legend that is text. A figure without data is left out.

// A line of the legend: the mark of series `style` (figure_style.h), a name and what to read off.
struct surety_legend_entry {
    size_t style;
    const char *name, *note; // note: "" for none
};

struct surety_figure {
    const char *name;        // "monthly-downtime"
    const char *title;       // its finding, a sentence without a full stop
    const char *description; // what is drawn against what, in which units: read aloud instead of the picture
    const char *note;        // a sentence below it; NULL: none
    struct surety_legend_entry *legend;
    size_t n_legend;
    char *script; // heap, owned
    char *svg;    // heap, owned; NULL: not drawn yet
};

#define SURETY_MAX_FIGURES 14

struct surety_figures {
    struct surety_arena arena;
    const char *prefix; // in front of each name where a page has several such lists: "retail."; "" alone
    struct surety_figure list[SURETY_MAX_FIGURES];
    size_t n;
    char tool[64];          // what drew them: "gnuplot 5.4 patchlevel 4"; "" before
    size_t n_failed_script; // 1 + index of the figure whose script was not accepted; 0: none
};

// A kind of figure. `make` writes the script and fills the texts, all but name; true when there is something to show.
// It returns false without data, and leaves a NULL title when memory is out.
struct surety_figure_kind {
    const char *name;
    bool (*make)(const struct surety_result *result, struct surety_arena *arena, struct surety_figure *figure,
                 FILE *script);
};

// In the order of the report, a row with name NULL at the end.
extern const struct surety_figure_kind surety_figure_kinds[];

bool surety_figure_downtime(const struct surety_result *result, struct surety_arena *arena,
                            struct surety_figure *figure, FILE *script);
bool surety_figure_cost(const struct surety_result *result, struct surety_arena *arena, struct surety_figure *figure,
                        FILE *script);
bool surety_figure_latency(const struct surety_result *result, struct surety_arena *arena, struct surety_figure *figure,
                           FILE *script);
bool surety_figure_latency_months(const struct surety_result *result, struct surety_arena *arena,
                                  struct surety_figure *figure, FILE *script);
bool surety_figure_phases(const struct surety_result *result, struct surety_arena *arena, struct surety_figure *figure,
                          FILE *script);
bool surety_figure_causes(const struct surety_result *result, struct surety_arena *arena, struct surety_figure *figure,
                          FILE *script);
bool surety_figure_credits(const struct surety_result *result, struct surety_arena *arena, struct surety_figure *figure,
                           FILE *script);
bool surety_figure_budget(const struct surety_result *result, struct surety_arena *arena, struct surety_figure *figure,
                          FILE *script);
bool surety_figure_budgets(const struct surety_result *result, struct surety_arena *arena, struct surety_figure *figure,
                           FILE *script);
bool surety_figure_reserved(const struct surety_result *result, struct surety_arena *arena,
                            struct surety_figure *figure, FILE *script);
bool surety_figure_capacity(const struct surety_result *result, struct surety_arena *arena,
                            struct surety_figure *figure, FILE *script);
bool surety_figure_waits(const struct surety_result *result, struct surety_arena *arena, struct surety_figure *figure,
                         FILE *script);
bool surety_figure_bad_month(const struct surety_result *result, struct surety_arena *arena,
                             struct surety_figure *figure, FILE *script);

// Writes the scripts of all figures that have data. SURETY_E_MEMORY. `figures` is to be given to
// surety_figures_finish in every case.
enum surety_err surety_figures_make(const struct surety_result *result, struct surety_figures *figures);

// Draws them all, a process each. What surety_gnuplot_run returns; stops at the first failure.
enum surety_err surety_figures_draw(struct surety_figures *figures, struct surety_diags *diags);

// The figure of that name, NULL when it was left out.
const struct surety_figure *surety_figures_find(const struct surety_figures *figures, const char *name);

void surety_figures_finish(struct surety_figures *figures); // accepts a finished one

#endif
