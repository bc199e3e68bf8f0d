// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/responses.h"

#include "plots/figure_style.h"
#include "plots/gnuplot.h"

#include <math.h>
#include <stdlib.h>

#define WIDTH 980
#define PANEL 330
#define CURVE_POINTS 240
#define MOST_PANELS 16

struct panel {
    const struct surety_response_fit *fit;
    size_t time;
    double least_s, most_s;
};

static void survey(struct panel *panel)
{
    const struct surety_response_sample *s = &panel->fit->responses.times[panel->time];
    const bool values = s->values_s != NULL;
    panel->least_s = 0.8 * (values ? s->values_s[0] : s->quantiles[0].value_s);
    panel->most_s = 1.25 * (values ? s->values_s[s->n - 1] : s->quantiles[s->n_quantiles - 1].value_s);
}

static void put_data(FILE *script, const struct panel *panel, size_t number)
{
    const struct surety_response_sample *s = &panel->fit->responses.times[panel->time];
    const size_t n = s->values_s != NULL ? s->n : s->n_quantiles, step = n / 2000 + 1;
    fprintf(script, "$e%zu << EOD\n", number);
    if (s->values_s != NULL)
        fprintf(script, "%.9g 0\n", panel->least_s);
    for (size_t i = 0; i < n; i += step) {
        const bool values = s->values_s != NULL;
        fprintf(script, "%.9g %.6g\n", values ? s->values_s[i] : s->quantiles[i].value_s,
                100 * (values ? (double)(i + 1) / (double)n : s->quantiles[i].p));
    }
    if (s->values_s != NULL)
        fprintf(script, "%.9g 100\n", panel->most_s);
    fprintf(script, "EOD\n$l%zu << EOD\n", number);
    for (int i = 0; i <= CURVE_POINTS; i++) {
        const double t_s = panel->least_s * pow(panel->most_s / panel->least_s, (double)i / CURVE_POINTS);
        fprintf(script, "%.9g %.6g\n", t_s, 100 * surety_response_law_cdf(&panel->fit->law[panel->time], t_s));
    }
    fputs("EOD\n", script);
}

// 1, 2 and 5 of every power of ten.
static void put_ticks(FILE *script, double least_s, double most_s)
{
    static const int steps[] = {1, 2, 5};
    const char *comma = "";
    fputs("set xtics (", script);
    for (int power = -7; power < 6; power++)
        for (size_t i = 0; i < 3; i++) {
            const double at_s = steps[i] * pow(10, power);
            if (at_s < least_s || at_s > most_s)
                continue;
            fprintf(script, at_s < 0.9995 ? "%s'%.3g ms' %.6g" : "%s'%.3g s' %.6g", comma,
                    at_s < 0.9995 ? 1e3 * at_s : at_s, at_s);
            comma = ", ";
        }
    fputs(")\n", script);
}

static void put_plot(FILE *script, const struct panel *panel, size_t number)
{
    const struct surety_response_sample *s = &panel->fit->responses.times[panel->time];
    const struct surety_response_law *law = &panel->fit->law[panel->time];
    const char *what = panel->time == SURETY_TIME_FIRST_TOKEN ? "first token" : "per output token";
    const char *ink = surety_colours[SURETY_INK].hex;
    char text[160];
    double worst = 0;
    for (size_t k = 0; k < SURETY_RESPONSE_JUDGED; k++)
        if (!isnan(law->measured_s[k]))
            worst = fmax(worst, fabs(law->fitted_s[k] / law->measured_s[k] - 1));
    snprintf(text, sizeof text, "%.24s: %s, p50 to p99 within %.1f %%", panel->fit->name, what, 100 * worst);
    fputs("set title ", script);
    surety_gnuplot_quote(script, text, 90);
    fprintf(script, " textcolor rgb '%s' font ',13'\n", ink);
    fprintf(script, "set xrange [%g:%g]\n", panel->least_s, panel->most_s);
    put_ticks(script, panel->least_s, panel->most_s);
    fprintf(script, "set xlabel 'time (logarithmic)' textcolor rgb '%s'\n", ink);
    fprintf(script, "set ylabel 'share that is as fast (%%)' textcolor rgb '%s'\n", ink);
    fprintf(script, "plot $e%zu using 1:2 with %s lc rgb '%s' %s title 'measured (%zu)', ", number,
            s->values_s != NULL ? "steps" : "points pt 7 ps 0.7", ink, s->values_s != NULL ? "lw 2" : "", s->n);
    fprintf(script, "$l%zu using 1:2 with lines lc rgb '%s' lw 2.5 title 'law'\n", number,
            surety_colours[SURETY_SERIES].hex);
}

static void put_script(FILE *script, const struct panel *panels, size_t n)
{
    const int n_columns = n == 1 ? 1 : 2, n_rows = (int)(n + 1) / 2;
    surety_script_head(script, WIDTH, PANEL * n_rows);
    for (size_t i = 0; i < n; i++)
        put_data(script, &panels[i], i);
    fprintf(script,
            "set multiplot layout %d,%d\nset logscale x\nset yrange [0:100]\n"
            "set lmargin 8\nset rmargin 3\nset tmargin 2.5\nset bmargin 3.8\n"
            "set key inside right bottom Left reverse samplen 2 spacing 1.1 noenhanced textcolor rgb '%s' font ',10'\n",
            n_rows, n_columns, surety_colours[SURETY_INK].hex);
    for (size_t i = 0; i < n; i++)
        put_plot(script, &panels[i], i);
    fputs("unset multiplot\n", script);
}

enum surety_err surety_responses_figure(const struct surety_response_fit *fits, size_t n_fits,
                                        struct surety_diags *diags, char **svg)
{
    struct panel panels[MOST_PANELS];
    size_t n = 0, size = 0;
    for (size_t i = 0; i < n_fits; i++)
        for (size_t t = 0; t < SURETY_N_TIMES; t++)
            if (fits[i].has[t] && n < MOST_PANELS) {
                panels[n] = (struct panel){&fits[i], t, 0, 0};
                survey(&panels[n++]);
            }
    char *script = NULL;
    FILE *out = open_memstream(&script, &size);
    if (out == NULL)
        return SURETY_E_MEMORY;
    put_script(out, panels, n);
    struct surety_gnuplot_output drawn = {0};
    enum surety_err err =
        fclose(out) == 0 ? surety_gnuplot_run(script, "the plot of the fit", diags, &drawn) : SURETY_E_MEMORY;
    if (err == SURETY_OK) {
        *svg = drawn.said.text;
        drawn.said.text = NULL;
    }
    surety_gnuplot_output_finish(&drawn);
    free(script);
    return err;
}
