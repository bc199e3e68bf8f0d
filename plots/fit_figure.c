// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/fit.h"

#include "plots/figure_style.h"
#include "plots/gnuplot.h"
#include "plots/human.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Survival curves: what the record shows as steps (Kaplan and Meier), the laws as lines, the chosen one thick. A panel
// for up times and one for repair times, a row for each source.

#define WIDTH 980
#define PANEL 330
#define CURVE_POINTS 200
#define MOST_ROWS 8

struct panel {
    const struct surety_fitted *fitted;
    const char *provider, *source;
    bool is_repair;
    double least, most; // seconds on the axis
};

static void survey(struct panel *panel)
{
    const struct surety_sample *s = &panel->fitted->sample;
    panel->least = INFINITY;
    panel->most = 0;
    for (size_t i = 0; i < s->n_whole + s->n_cut; i++) {
        const double x = i < s->n_whole ? s->whole[i] : s->cut[i - s->n_whole];
        panel->least = fmin(panel->least, x);
        panel->most = fmax(panel->most, x);
    }
    panel->least = surety_script_time_below(fmax(panel->least, 1));
    panel->most = surety_script_time_above(fmax(panel->most, 2 * panel->least));
}

// The chosen law and whether it can be believed: the finding.
static void put_title(FILE *script, const struct panel *panel)
{
    char text[200], p[24];
    const char *what = panel->is_repair ? "repair" : "up";
    const struct surety_fitted *f = panel->fitted;
    if (f->chosen == SURETY_N_FITS) {
        snprintf(text, sizeof text, "%.24s.%.12s: too few %s times for a law", panel->provider, panel->source, what);
    } else {
        const struct surety_fit *fit = &f->fits[f->chosen];
        const char *name = surety_fit_kinds[fit->kind].name;
        snprintf(p, sizeof p, "p = %.2g", fit->p_ad);
        if (f->sample.n_whole < 10)
            snprintf(text, sizeof text, "%.24s.%.12s: %zu %s time%s cannot tell laws apart; %s taken", panel->provider,
                     panel->source, f->sample.n_whole, what, f->sample.n_whole == 1 ? "" : "s", name);
        else if (isnan(fit->p_ad))
            snprintf(text, sizeof text, "%.24s.%.12s: %s times, %s", panel->provider, panel->source, what, name);
        else if (fit->p_ad < 0.05)
            snprintf(text, sizeof text, "%.24s.%.12s: no law suits the %s times; least bad %s (%s)", panel->provider,
                     panel->source, what, name, p);
        else
            snprintf(text, sizeof text, "%.24s.%.12s: %s times suit the %s (%s)", panel->provider, panel->source, what,
                     name, p);
    }
    fputs("set title ", script);
    surety_gnuplot_quote(script, text, 90);
    fprintf(script, " textcolor rgb '%s' font ',13'\n", surety_colours[SURETY_INK].hex);
}

static enum surety_err put_data(FILE *script, const struct panel *panel, size_t number)
{
    const struct surety_sample *s = &panel->fitted->sample;
    struct surety_km_step *steps = malloc((s->n_whole + 1) * sizeof *steps);
    const size_t n = steps == NULL ? SIZE_MAX : surety_km(s, steps);
    if (n == SIZE_MAX) {
        free(steps);
        return SURETY_E_MEMORY;
    }
    fprintf(script, "$e%zu << EOD\n%.9g 1\n", number, panel->least);
    double share = 1;
    for (size_t i = 0; i < n; i++) {
        fprintf(script, "%.9g %.6g\n", steps[i].x, share = 1 - steps[i].share);
    }
    fprintf(script, "%.9g %.6g\nEOD\n", panel->most, share);
    free(steps);
    for (enum surety_fit_kind kind = 0; kind < SURETY_N_FITS; kind++) {
        const struct surety_fit *fit = &panel->fitted->fits[kind];
        struct surety_law_part parts[2];
        if (fit->why_not != NULL)
            continue;
        const struct surety_law law = surety_fit_law(fit, parts);
        fprintf(script, "$l%zu_%d << EOD\n", number, (int)kind);
        for (int i = 0; i <= CURVE_POINTS; i++) {
            const double x = panel->least * pow(panel->most / panel->least, (double)i / CURVE_POINTS);
            fprintf(script, "%.9g %.6g\n", x, 1 - surety_law_cdf(&law, x));
        }
        fputs("EOD\n", script);
    }
    return SURETY_OK;
}

static void put_plot(FILE *script, const struct panel *panel, size_t number)
{
    const struct surety_fitted *f = panel->fitted;
    put_title(script, panel);
    fprintf(script, "set xrange [%g:%g]\n", panel->least, panel->most);
    surety_script_time_ticks(script, 'x', panel->least, panel->most);
    fprintf(script, "set xlabel '%s' textcolor rgb '%s'\n",
            panel->is_repair ? "repair time (logarithmic)" : "up time (logarithmic)", surety_colours[SURETY_INK].hex);
    fprintf(script, "set ylabel 'share that lasts longer (%%)' textcolor rgb '%s'\n", surety_colours[SURETY_INK].hex);
    fprintf(script, "plot $e%zu using 1:2 with steps lc rgb '%s' lw 2 title 'record (%zu)'", number,
            surety_colours[SURETY_INK].hex, f->sample.n_whole + f->sample.n_cut);
    for (enum surety_fit_kind kind = 0; kind < SURETY_N_FITS; kind++) {
        if (f->fits[kind].why_not != NULL)
            continue;
        fprintf(script, ", $l%zu_%d using 1:2 with lines ", number, (int)kind);
        fprintf(script, "lc rgb '%s' lw %g dt %s title '%s%s'", surety_colours[SURETY_SERIES + kind].hex,
                kind == f->chosen ? 3.5 : 1.2, kind == f->chosen ? "solid" : "(6,4)", surety_fit_kinds[kind].name,
                kind == f->chosen ? ", chosen" : "");
    }
    fputs("\n", script);
}

static enum surety_err put_script(FILE *script, const struct panel *panels, size_t n)
{
    enum surety_err err = SURETY_OK;
    const int height = PANEL * (int)((n + 1) / 2);
    surety_script_head(script, WIDTH, height);
    for (size_t i = 0; err == SURETY_OK && i < n; i++)
        err = put_data(script, &panels[i], i);
    fprintf(script,
            "set multiplot layout %d,2\nset logscale x\nset yrange [0:1]\n"
            "set lmargin 8\nset rmargin 3\nset tmargin 2.5\nset bmargin 3.8\n"
            "set ytics ('0' 0, '25' 0.25, '50' 0.5, '75' 0.75, '100' 1)\n"
            "set key inside left bottom Left reverse samplen 2 spacing 1.1 noenhanced textcolor rgb '%s' font ',10'\n",
            (int)((n + 1) / 2), surety_colours[SURETY_INK].hex);
    for (size_t i = 0; err == SURETY_OK && i < n; i++)
        put_plot(script, &panels[i], i);
    fputs("unset multiplot\n", script);
    return err;
}

enum surety_err surety_fit_figure(const struct surety_fit_report *report, struct surety_diags *diags, char **svg)
{
    struct panel panels[2 * MOST_ROWS];
    size_t n = 0, size = 0, left_out = 0;
    for (size_t p = 0; p < report->n; p++)
        for (size_t s = 0; s < report->providers[p].n_sources; s++) {
            const struct surety_outage_model *model = &report->providers[p].sources[s];
            for (int repair = 0; repair < 2; repair++) {
                const struct surety_fitted *fitted = repair ? &model->repair : &model->up;
                if (n == 2 * MOST_ROWS || fitted->sample.n_whole == 0) {
                    left_out++;
                    continue;
                }
                panels[n] =
                    (struct panel){fitted, report->providers[p].wish->name, model->series.name, repair == 1, 0, 0};
                survey(&panels[n++]);
            }
        }
    if (n == 0) {
        surety_diag_add(diags, SURETY_D_TOOL, (struct surety_place){0, 0}, NULL, NULL,
                        "nothing to draw: the record has no whole up or repair time");
        return SURETY_E_INPUT;
    }
    char *script = NULL;
    FILE *out = open_memstream(&script, &size);
    if (out == NULL)
        return SURETY_E_MEMORY;
    enum surety_err err = put_script(out, panels, n);
    if (fclose(out) != 0)
        err = SURETY_E_MEMORY;
    struct surety_gnuplot_output drawn = {0};
    if (err == SURETY_OK)
        err = surety_gnuplot_run(script, "the plot of the fit", diags, &drawn);
    if (err == SURETY_OK) {
        *svg = drawn.said.text;
        drawn.said.text = NULL;
    }
    surety_gnuplot_output_finish(&drawn);
    free(script);
    return err;
}
