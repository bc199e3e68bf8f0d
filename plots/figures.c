// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/figures.h"

#include "plots/gnuplot.h"
#include "plots/svg.h"

#include <stdlib.h>
#include <string.h>

const struct surety_figure_kind surety_figure_kinds[] = {
    {"cost-and-promise", surety_figure_cost},           // what each architecture keeps, and costs
    {"monthly-downtime", surety_figure_downtime},       // how bad months get
    {"latency", surety_figure_latency},                 // how long customers wait
    {"latency-by-month", surety_figure_latency_months}, // how that differs from month to month
    {"phases", surety_figure_phases},                   // where downtime arises
    {"causes", surety_figure_causes},                   // from whom
    {"capacity", surety_figure_capacity},               // how full providers are over the week
    {"waits", surety_figure_waits},                     // what more load does
    {"credits", surety_figure_credits},                 // what it costs to miss
    {"error-budget", surety_figure_budget},             // how it burns down
    {"budgets", surety_figure_budgets},                 // and those of all other promises
    {"reserved", surety_figure_reserved},               // what reserved units are used for
    {"bad-month", surety_figure_bad_month},             // what a miss looks like
    {NULL, NULL},
};

// One row; adds it to the list when it has something to show.
static enum surety_err make(const struct surety_figure_kind *kind, const struct surety_result *result,
                            struct surety_figures *figures)
{
    struct surety_figure figure = {.name = kind->name};
    size_t size = 0;
    FILE *script = open_memstream(&figure.script, &size);
    if (script == NULL)
        return SURETY_E_MEMORY;
    bool shown = kind->make(result, &figures->arena, &figure, script);
    bool written = ferror(script) == 0;
    written = fclose(script) == 0 && written;
    if (!shown || !written || figure.title == NULL || figure.description == NULL) {
        free(figure.script);
        return shown || !written ? SURETY_E_MEMORY : SURETY_OK;
    }
    figures->list[figures->n++] = figure;
    return SURETY_OK;
}

enum surety_err surety_figures_make(const struct surety_result *result, struct surety_figures *figures)
{
    *figures = (struct surety_figures){.prefix = ""};
    surety_arena_init(&figures->arena);
    if (result->n_architectures == 0 || result->n_tiers == 0)
        return SURETY_OK;
    for (const struct surety_figure_kind *kind = surety_figure_kinds; kind->name != NULL; kind++) {
        enum surety_err err = make(kind, result, figures);
        if (err != SURETY_OK)
            return err;
    }
    return SURETY_OK;
}

enum surety_err surety_figures_draw(struct surety_figures *figures, struct surety_diags *diags)
{
    for (size_t i = 0; i < figures->n; i++) {
        struct surety_figure *figure = &figures->list[i];
        struct surety_gnuplot_output output;
        const char *name = surety_arena_printf(&figures->arena, "%s%s", figures->prefix, figure->name);
        const char *what = surety_arena_printf(&figures->arena, "figure \"%s%s\"", figures->prefix, figure->name);
        if (name == NULL || what == NULL)
            return SURETY_E_MEMORY;
        enum surety_err err = surety_gnuplot_run(figure->script, what, diags, &output);
        if (output.script_error)
            figures->n_failed_script = i + 1;
        if (err == SURETY_OK) {
            err = surety_svg_inline(output.said.text, name, figure->description, figures->tool, sizeof figures->tool,
                                    &figure->svg);
            if (err == SURETY_E_SYSTEM)
                surety_diag_add(diags, SURETY_D_TOOL, (struct surety_place){0, 0}, NULL, NULL,
                                "%s is not drawn: what gnuplot answered is no whole SVG", what);
        }
        surety_gnuplot_output_finish(&output);
        if (err != SURETY_OK)
            return err;
    }
    return SURETY_OK;
}

const struct surety_figure *surety_figures_find(const struct surety_figures *figures, const char *name)
{
    for (size_t i = 0; i < figures->n; i++) {
        if (strcmp(figures->list[i].name, name) == 0)
            return &figures->list[i];
    }
    return NULL;
}

void surety_figures_finish(struct surety_figures *figures)
{
    for (size_t i = 0; i < figures->n; i++) {
        free(figures->list[i].script);
        free(figures->list[i].svg);
    }
    surety_arena_finish(&figures->arena);
    *figures = (struct surety_figures){0};
}
