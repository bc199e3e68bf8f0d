// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/figure_latency.h"

#include "plots/figure_style.h"
#include "plots/figures.h"
#include "plots/gnuplot.h"
#include "plots/wording.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// How long customers wait: the share of the answered requests that take longer than each time, both axes logarithmic,
// one curve an architecture, the targets of the tiers as flags. The months' 95th percentiles and what latency costs each
// tier in probability stand in the legend.

#define WIDTH 760
#define LEAST_SHARE 1e-3
#define FLAG_PX 19

const struct surety_latency_metric *surety_latency_subject_metric(const struct surety_architecture_result *a,
                                                                  const struct surety_latency_subject *subject)
{
    if (subject->workload >= a->n_latency)
        return NULL;
    const struct surety_latency_result *l = &a->latency[subject->workload];
    const struct surety_latency_metric *m = subject->whole ? &l->end_to_end : &l->first_token;
    return m->given && m->n_cdf > 0 ? m : NULL;
}

bool surety_latency_subject_choose(const struct surety_result *result, struct surety_latency_subject *subject)
{
    *subject = (struct surety_latency_subject){.metric = "first_token"};
    bool found = false;
    for (size_t a = 0; a < result->n_architectures; a++) {
        const struct surety_architecture_result *architecture = &result->architectures[a];
        for (size_t t = 0; t < result->n_tiers && !found; t++)
            for (size_t d = 0; architecture->tiers[t].n_promises > 0 && d < architecture->n_latency && !found; d++)
                if (strcmp(architecture->latency[d].workload, architecture->tiers[t].promises[0].workload) == 0) {
                    const char *metric = architecture->tiers[t].promises[0].metric;
                    *subject = (struct surety_latency_subject){.workload = d,
                                                               .whole = strcmp(metric, "first_token") != 0 &&
                                                                        architecture->latency[d].end_to_end.given,
                                                               .metric = metric};
                    found = true;
                }
    }
    for (size_t a = 0; a < result->n_architectures; a++)
        if (surety_latency_subject_metric(&result->architectures[a], subject) != NULL)
            return true;
    return false;
}

size_t surety_latency_subject_targets(const struct surety_result *result, const struct surety_latency_subject *subject,
                                      struct surety_latency_flag flags[SURETY_MOST_LATENCY_FLAGS + 1])
{
    const struct surety_architecture_result *a = surety_wording_focus(result).architecture;
    size_t n = 0;
    for (size_t t = 0; t < result->n_tiers; t++)
        for (size_t i = 0; i < a->tiers[t].n_promises && n < SURETY_MOST_LATENCY_FLAGS; i++) {
            const struct surety_promise_result *p = &a->tiers[t].promises[i];
            size_t at = n;
            if (strcmp(p->metric, subject->metric) != 0 || subject->workload >= a->n_latency ||
                strcmp(p->workload, a->latency[subject->workload].workload) != 0)
                continue;
            while (at > 0 && flags[at - 1].target_s < p->target_s)
                at--;
            memmove(&flags[at + 1], &flags[at], (n - at) * sizeof flags[0]);
            flags[at] = (struct surety_latency_flag){p->target_s, a->tiers[t].name, p->percentile};
            n++;
        }
    return n;
}

// As the flags of figure_downtime.c: the longest, rightmost, has the shortest pole.
static void put_flags(FILE *script, const struct surety_latency_flag *flags, size_t n, double plot_px)
{
    for (size_t i = 0; i < n; i++) {
        char target[SURETY_HUMAN_SIZE], text[256];
        surety_human_latency(target, flags[i].target_s);
        const double top = 1.0 + ((double)i + 1.0) * FLAG_PX / plot_px;
        fprintf(script,
                "set arrow from %.9g, graph 0 to %.9g, graph %.4f nohead linecolor rgb '%s' linewidth 1.2 dashtype "
                "(3,3) front\n",
                flags[i].target_s, flags[i].target_s, top, surety_colours[SURETY_INK].hex);
        char *name = surety_wording_clean(flags[i].tier, 20);
        snprintf(text, sizeof text, "%.120s p%g %s", name != NULL ? name : "?", flags[i].percentile, target);
        free(name);
        fputs("set label ", script);
        surety_gnuplot_quote(script, text, 0);
        fprintf(script,
                " at %.9g, graph %.4f left offset character 0.4, character -0.55 textcolor rgb '%s' font ',12'\n",
                flags[i].target_s, top, surety_colours[SURETY_INK].hex);
    }
}

struct axes {
    double x_from, x_to;
};

static struct axes find_axes(const struct surety_result *result, const struct surety_latency_subject *subject,
                             const struct surety_latency_flag *flags, size_t n_flags)
{
    struct axes axes = {INFINITY, 0};
    for (size_t a = 0; a < result->n_architectures; a++) {
        const struct surety_latency_metric *m = surety_latency_subject_metric(&result->architectures[a], subject);
        for (size_t k = 0; m != NULL && k < m->n_cdf; k++) {
            if (m->cdf[k].p >= 0.02)
                axes.x_from = fmin(axes.x_from, m->cdf[k].x);
            if (1 - m->cdf[k].p >= LEAST_SHARE)
                axes.x_to = fmax(axes.x_to, m->cdf[k].x);
        }
    }
    for (size_t i = 0; i < n_flags; i++) {
        axes.x_from = fmin(axes.x_from, flags[i].target_s / 1.5);
        axes.x_to = fmax(axes.x_to, flags[i].target_s * 1.5);
    }
    axes.x_to = fmax(axes.x_to, 2 * axes.x_from);
    return axes;
}

static void put_ticks(FILE *script, const struct axes *axes)
{
    static const double mantissas[] = {1, 2, 5};
    bool first = true;
    fputs("set xtics (", script);
    for (int e = -4; e < 5; e++)
        for (size_t i = 0; i < 3; i++) {
            const double x = mantissas[i] * pow(10, e);
            char text[SURETY_HUMAN_SIZE];
            if (x < axes->x_from || x > axes->x_to)
                continue;
            surety_human_latency(text, x);
            fputs(first ? "" : ", ", script);
            surety_gnuplot_quote_tick(script, text, 0);
            fprintf(script, " %.9g", x);
            first = false;
        }
    fputs(")\n", script);
}

static void put_curve(FILE *script, const struct surety_latency_metric *m, size_t index, const struct axes *axes)
{
    fprintf(script, "$a%zu << EOD\n", index);
    for (size_t k = 0; m != NULL && k < m->n_cdf; k += 2) {
        const double p = 1 - m->cdf[k].p;
        if (m->cdf[k].x < axes->x_from || m->cdf[k].x > axes->x_to)
            continue;
        fprintf(script, "%.6g %.6g\n", m->cdf[k].x, fmax(p, LEAST_SHARE / 2));
        if (p < LEAST_SHARE)
            break;
    }
    if (m == NULL)
        fprintf(script, "%.6g 2\n", axes->x_from); // nothing to see
    fputs("EOD\n", script);
}

// The months' p95 and what the latency of each tier costs.
static const char *note_of(const struct surety_result *result, const struct surety_architecture_result *a,
                           const struct surety_latency_metric *m, struct surety_arena *arena)
{
    char p95[SURETY_HUMAN_SIZE], low[SURETY_HUMAN_SIZE], high[SURETY_HUMAN_SIZE];
    if (m == NULL)
        return "not known";
    surety_human_latency(p95, m->p95_s);
    surety_human_latency(low, m->month_p05_s);
    surety_human_latency(high, m->month_p95_s);
    const char *note =
        surety_arena_printf(arena, "p95 %s, %s to %s in 90 %% of %ss", p95, low, high, surety_wording_window(result));
    for (size_t t = 0; note != NULL && t < result->n_tiers; t++) {
        char without[SURETY_HUMAN_SIZE], with[SURETY_HUMAN_SIZE];
        if (a->tiers[t].n_promises == 0)
            continue;
        surety_human_percent(without, a->tiers[t].availability.term_met.p, 2);
        surety_human_percent(with, a->tiers[t].term_met.p, 2);
        note = surety_arena_printf(arena, "%s; %s kept through the term: %s, by availability alone %s", note,
                                   a->tiers[t].name, with, without);
    }
    return note;
}

static bool make_legend(const struct surety_result *result, const struct surety_latency_subject *subject,
                        struct surety_arena *arena, struct surety_figure *figure)
{
    figure->legend = surety_arena_calloc(arena, result->n_architectures, sizeof *figure->legend);
    if (figure->legend == NULL)
        return false;
    for (size_t i = 0; i < result->n_architectures; i++) {
        const struct surety_architecture_result *a = &result->architectures[surety_wording_order(result, i)];
        const char *note = note_of(result, a, surety_latency_subject_metric(a, subject), arena);
        if (note == NULL)
            return false;
        figure->legend[figure->n_legend++] = (struct surety_legend_entry){i, a->name, note};
    }
    return true;
}

bool surety_figure_latency(const struct surety_result *result, struct surety_arena *arena, struct surety_figure *figure,
                           FILE *script)
{
    struct surety_latency_subject subject;
    struct surety_latency_flag flags[SURETY_MOST_LATENCY_FLAGS + 1];
    if (!surety_latency_subject_choose(result, &subject))
        return false;
    const struct surety_focus focus = surety_wording_focus(result);
    const size_t n_flags = surety_latency_subject_targets(result, &subject, flags);
    const struct axes axes = find_axes(result, &subject, flags, n_flags);
    const int top = 12 + (int)n_flags * FLAG_PX, plot = 300, height = top + plot + 62;
    surety_script_head(script, WIDTH, height);
    fprintf(script, "set margins screen %.4f, screen %.4f, screen %.4f, screen %.4f\n", 92.0 / WIDTH,
            1.0 - 18.0 / WIDTH, 62.0 / height, 1.0 - (double)top / height);
    fprintf(script, "set logscale xy\nset xrange [%.6g:%.6g]\nset yrange [%g:1]\n", axes.x_from, axes.x_to,
            LEAST_SHARE);
    put_ticks(script, &axes);
    surety_script_share_ticks(script, 'y', LEAST_SHARE);
    fprintf(script, "set xlabel 'time to %s (logarithmic)' textcolor rgb '%s'\n", surety_wording_metric(subject.metric),
            surety_colours[SURETY_INK].hex);
    fprintf(script, "set ylabel 'share of answers that take longer (%%; logarithmic)' textcolor rgb '%s'\n",
            surety_colours[SURETY_INK].hex);
    put_flags(script, flags, n_flags, plot);
    for (size_t i = 0; i < result->n_architectures; i++)
        put_curve(script,
                  surety_latency_subject_metric(&result->architectures[surety_wording_order(result, i)], &subject), i,
                  &axes);
    for (size_t i = result->n_architectures; i-- > 0;) { // the verdict's is drawn last, on top
        fprintf(script, "%s $a%zu using 1:2 with linespoints ", i + 1 == result->n_architectures ? "plot" : ", ", i);
        surety_script_line(script, i, i == 0 ? 3.0 : 1.8);
        fprintf(script, " pointtype %d pointsize 0.55 pointinterval %d", surety_series_style_of(i).point,
                23 + 4 * (int)i % 17);
    }
    fputs("\n", script);
    const struct surety_latency_metric *own = surety_latency_subject_metric(focus.architecture, &subject);
    char p95[SURETY_HUMAN_SIZE];
    surety_human_latency(p95, own != NULL ? own->p95_s : INFINITY);
    figure->title = surety_arena_printf(arena, "With %s, 95 %% of %s have %s within %s", focus.architecture->name,
                                        result->architectures[0].n_latency > subject.workload
                                            ? result->architectures[0].latency[subject.workload].workload
                                            : "requests",
                                        surety_wording_metric(subject.metric), p95);
    figure->description = surety_arena_printf(
        arena,
        "Curves, one an architecture: the share of answered requests (vertical, percent, logarithmic) for which %s "
        "takes longer than a time (horizontal, logarithmic). The tiers' targets are vertical lines.",
        surety_wording_metric(subject.metric));
    return figure->title != NULL && figure->description != NULL && make_legend(result, &subject, arena, figure);
}
