// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/figure_style.h"
#include "plots/figures.h"
#include "plots/gnuplot.h"
#include "plots/wording.h"

#include <math.h>

// What missing a tier costs: the share of terms whose credits exceed an amount, one curve a tier, on the verdict's
// architecture.

#define WIDTH 760
#define HEIGHT 360

static double least_share(const struct surety_result *result)
{
    double share = 0.1;
    while (share > 1.001e-3 && share / 10.0 * (double)result->n_replications >= 9.999)
        share /= 10.0;
    return share;
}

// The largest amount that still is exceeded with probability `least` on any tier; 0: no credits at all.
static double most_credits(const struct surety_architecture_result *architecture, size_t n_tiers, double least)
{
    double most = 0.0;
    for (size_t t = 0; t < n_tiers; t++) {
        const struct surety_tier_result *tier = &architecture->tiers[t];
        for (size_t i = 0; i < tier->n_credits; i++) {
            if (i == 0 || tier->credits[i - 1].p >= least)
                most = fmax(most, tier->credits[i].x);
        }
    }
    return most;
}

// P(credits > x) as a step function from 0 on.
static void put_curve(FILE *script, const struct surety_tier_result *tier, size_t t, double least)
{
    fprintf(script, "$t%zu << EOD\n", t);
    if (tier->n_credits > 0 && tier->credits[0].x > 0.0)
        fprintf(script, "0 1\n");
    for (size_t i = 0; i < tier->n_credits; i++) {
        fprintf(script, "%.9g %.6g\n", tier->credits[i].x, fmax(tier->credits[i].p, least / 2.0));
        if (tier->credits[i].p < least)
            break;
    }
    fputs("EOD\n", script);
}

// P(credits > 0): after the point at 0, or 1 when the curve starts later.
static double p_any(const struct surety_tier_result *tier)
{
    return tier->n_credits == 0 ? 0.0 : tier->credits[0].x > 0.0 ? 1.0 : tier->credits[0].p;
}

static const char *title_of(const struct surety_result *result, struct surety_arena *arena)
{
    const struct surety_focus focus = surety_wording_focus(result);
    char any[SURETY_HUMAN_SIZE], p95[SURETY_HUMAN_SIZE], mean[SURETY_HUMAN_SIZE];
    surety_human_percent(any, p_any(focus.tier), 2);
    surety_wording_money(p95, focus.tier->credits_quantiles.p95, result->currency);
    surety_wording_money(mean, focus.tier->credits_per_term.mean, result->currency);
    if (!(p_any(focus.tier) > 0.0))
        return surety_arena_printf(arena, "Credits for %s on %s never fell due in the simulated terms",
                                   focus.tier->name, focus.architecture->name);
    if (!(focus.tier->credits_quantiles.p95 > 0.0))
        return surety_arena_printf(arena, "Credits for %s on %s fall due in %s of terms: %s a term on average",
                                   focus.tier->name, focus.architecture->name, any, mean);
    return surety_arena_printf(arena, "Credits for %s on %s fall due in %s of terms; 95 %% of terms pay at most %s",
                               focus.tier->name, focus.architecture->name, any, p95);
}

static bool make_legend(const struct surety_result *result, struct surety_arena *arena, struct surety_figure *figure)
{
    const struct surety_focus focus = surety_wording_focus(result);
    figure->legend = surety_arena_calloc(arena, result->n_tiers, sizeof *figure->legend);
    if (figure->legend == NULL)
        return false;
    for (size_t t = 0; t < result->n_tiers; t++) {
        const struct surety_tier_result *tier = &focus.architecture->tiers[t];
        char mean[SURETY_HUMAN_SIZE], p95[SURETY_HUMAN_SIZE], any[SURETY_HUMAN_SIZE];
        if (!tier->has_credits || tier->n_credits == 0)
            continue;
        surety_human_percent(any, p_any(tier), 2);
        surety_wording_money(mean, tier->credits_per_term.mean, result->currency);
        surety_wording_money(p95, tier->credits_quantiles.p95, result->currency);
        const char *note =
            surety_arena_printf(arena, "any in %s of terms, mean %s, 95 %% of terms at most %s", any, mean, p95);
        if (note == NULL)
            return false;
        figure->legend[figure->n_legend++] = (struct surety_legend_entry){SURETY_STYLE_STEP + t, tier->name, note};
    }
    return true;
}

bool surety_figure_credits(const struct surety_result *result, struct surety_arena *arena, struct surety_figure *figure,
                           FILE *script)
{
    const struct surety_focus focus = surety_wording_focus(result);
    const double least = least_share(result);
    const double most = most_credits(focus.architecture, result->n_tiers, least);
    const char *comma = "plot";
    if (!(most > 0.0) || !focus.tier->has_credits)
        return false;
    surety_script_head(script, WIDTH, HEIGHT);
    fprintf(script, "set margins screen %.4f, screen %.4f, screen %.4f, screen %.4f\n", 92.0 / WIDTH,
            1.0 - 30.0 / WIDTH, 62.0 / HEIGHT, 1.0 - 12.0 / HEIGHT);
    fprintf(script, "set logscale y\nset xrange [0:%g]\nset yrange [%g:1]\n", most * 1.04, least);
    surety_script_amount_ticks(script, 'x', most, 6);
    surety_script_share_ticks(script, 'y', least);
    char text[128];
    snprintf(text, sizeof text, "credits paid in a term (%.12s)", result->currency);
    fputs("set xlabel ", script);
    surety_gnuplot_quote(script, text, 0);
    fprintf(script, " textcolor rgb '%s'\n", surety_colours[SURETY_INK].hex);
    fprintf(script, "set ylabel 'share of terms with more (%%; logarithmic)' textcolor rgb '%s'\n",
            surety_colours[SURETY_INK].hex);
    for (size_t t = 0; t < result->n_tiers; t++)
        put_curve(script, &focus.architecture->tiers[t], t, least);
    for (size_t t = 0; t < result->n_tiers; t++) {
        const struct surety_tier_result *tier = &focus.architecture->tiers[t];
        if (!tier->has_credits || tier->n_credits == 0)
            continue;
        fprintf(script, "%s $t%zu using 1:2 with steps ", comma, t);
        surety_script_line(script, SURETY_STYLE_TIER + t, t == focus.i_tier ? 3.0 : 1.8);
        comma = ", ";
    }
    fputs("\n", script);
    figure->title = title_of(result, arena);
    figure->description = surety_arena_printf(
        arena,
        "Curves, one a tier, for %s: the share of terms (vertical, percent, logarithmic) whose credits exceed an "
        "amount (horizontal, %s).",
        focus.architecture->name, result->currency);
    if (!make_legend(result, arena, figure))
        figure->title = NULL;
    return true;
}
