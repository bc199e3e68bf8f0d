// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/figure_style.h"
#include "plots/gnuplot.h"
#include "plots/html_portfolio.h"
#include "plots/wording.h"

#include <math.h>
#include <stdlib.h>

// What all contracts pay together: the share of terms whose credits exceed an amount, the sum and each contract alone.

#define NAME "portfolio-credits"
#define WIDTH 760
#define HEIGHT 360
#define MOST_ALONE ((size_t)SURETY_N_SERIES)
#define STYLE_ALONE (SURETY_STYLE_LINE + 1) // the first with dashes: the sum is solid

struct curve {
    const struct surety_exceedance *points;
    size_t n;
};

static struct curve alone(const struct surety_portfolio_contract *c)
{
    const struct surety_verdict *v = &c->result->verdict;
    const struct surety_tier_result *tier = &c->result->architectures[v->architecture].tiers[v->tier];
    return (struct curve){tier->credits, tier->has_credits ? tier->n_credits : 0};
}

static double least_share(uint64_t n)
{
    double share = 0.1;
    while (share > 1.001e-3 && share / 10.0 * (double)n >= 9.999)
        share /= 10.0;
    return share;
}

// P(credits > x) as a step function from 0 on, down to `least`.
static void put_curve(FILE *script, const char *name, size_t i, struct curve curve, double least)
{
    fprintf(script, "$%s%zu << EOD\n", name, i);
    if (curve.n > 0 && curve.points[0].x > 0.0)
        fputs("0 1\n", script);
    for (size_t k = 0; k < curve.n; k++) {
        fprintf(script, "%.9g %.6g\n", curve.points[k].x, fmax(curve.points[k].p, least / 2.0));
        if (curve.points[k].p < least)
            break;
    }
    fputs("EOD\n", script);
}

// The largest amount of the sum that is exceeded with probability `least`.
static double most_credits(const struct surety_portfolio *p, double least)
{
    double most = 0.0;
    for (size_t i = 0; i < p->n_exceedance; i++) {
        if (i == 0 || p->exceedance[i - 1].p >= least)
            most = p->exceedance[i].x;
    }
    return most;
}

static double p_any(struct curve curve)
{
    return curve.n == 0 ? 0.0 : curve.points[0].x > 0.0 ? 1.0 : curve.points[0].p;
}

// The contracts that add most to the worst terms, at most MOST_ALONE of those that have credits.
static size_t choose(const struct surety_portfolio *p, size_t chosen[MOST_ALONE])
{
    size_t n = 0;
    for (size_t i = 0; i < p->n_contracts; i++) {
        size_t at = n;
        if (!(p_any(alone(&p->contracts[i])) > 0.0))
            continue;
        while (at > 0 && p->contracts[chosen[at - 1]].adds_cvar95 < p->contracts[i].adds_cvar95)
            at--;
        if (at == MOST_ALONE)
            continue;
        n = n < MOST_ALONE ? n + 1 : n;
        for (size_t k = n - 1; k > at; k--)
            chosen[k] = chosen[k - 1];
        chosen[at] = i;
    }
    return n;
}

static bool put_texts(const struct surety_portfolio *p, const size_t chosen[MOST_ALONE], size_t n,
                      struct surety_arena *arena, struct surety_figure *figure)
{
    const struct curve sum = {p->exceedance, p->n_exceedance};
    char any[SURETY_HUMAN_SIZE], p95[SURETY_HUMAN_SIZE], cvar[SURETY_HUMAN_SIZE], mean[SURETY_HUMAN_SIZE];
    surety_human_percent(any, p_any(sum), 2);
    surety_wording_money(p95, p->quantiles.p95, p->currency);
    surety_wording_money(cvar, p->cvar95, p->currency);
    surety_wording_money(mean, p->credits.mean, p->currency);
    figure->title = surety_arena_printf(
        arena, "Together the contracts pay credits in %s of terms; the worst 5 %% of terms cost %s on average", any,
        cvar);
    figure->description = surety_arena_printf(
        arena,
        "Curves, one for all contracts together and one for each alone: the share of terms (vertical, percent, "
        "logarithmic) whose credits exceed an amount (horizontal, %s).",
        p->currency);
    if (p->n_contracts > n)
        figure->note = surety_arena_printf(
            arena, "Drawn alone: the %zu of %zu contracts that add most to the worst terms and ever pay.", n,
            p->n_contracts);
    figure->legend = surety_arena_calloc(arena, n + 1, sizeof *figure->legend);
    if (figure->legend == NULL || (p->n_contracts > n && figure->note == NULL))
        return false;
    figure->legend[figure->n_legend++] = (struct surety_legend_entry){
        SURETY_STYLE_SUM, "all together",
        surety_arena_printf(arena, "any in %s of terms, mean %s, 95 %% of terms at most %s", any, mean, p95)};
    for (size_t i = 0; i < n; i++) {
        const struct surety_portfolio_contract *c = &p->contracts[chosen[i]];
        surety_human_percent(any, p_any(alone(c)), 2);
        surety_wording_money(mean, c->credits_mean, p->currency);
        surety_wording_money(cvar, c->adds_cvar95, p->currency);
        figure->legend[figure->n_legend++] = (struct surety_legend_entry){
            STYLE_ALONE + i, c->name,
            surety_arena_printf(arena, "any in %s of terms, mean %s, adds %s to the worst 5 %%", any, mean, cvar)};
    }
    for (size_t i = 0; i < figure->n_legend; i++) {
        if (figure->legend[i].note == NULL)
            return false;
    }
    return figure->title != NULL && figure->description != NULL;
}

static void put_script(const struct surety_portfolio *p, const size_t chosen[MOST_ALONE], size_t n, FILE *script)
{
    const double least = least_share(p->n_replications), most = most_credits(p, least);
    char text[128];
    surety_script_head(script, WIDTH, HEIGHT);
    fprintf(script, "set margins screen %.4f, screen %.4f, screen %.4f, screen %.4f\n", 92.0 / WIDTH,
            1.0 - 30.0 / WIDTH, 62.0 / HEIGHT, 1.0 - 12.0 / HEIGHT);
    fprintf(script, "set logscale y\nset xrange [0:%g]\nset yrange [%g:1]\n", most * 1.04, least);
    surety_script_amount_ticks(script, 'x', most, 6);
    surety_script_share_ticks(script, 'y', least);
    snprintf(text, sizeof text, "credits of all contracts in a term (%.12s)", p->currency);
    fputs("set xlabel ", script);
    surety_gnuplot_quote(script, text, 0);
    fprintf(script, " textcolor rgb '%s'\n", surety_colours[SURETY_INK].hex);
    fprintf(script, "set ylabel 'share of terms with more (%%; logarithmic)' textcolor rgb '%s'\n",
            surety_colours[SURETY_INK].hex);
    put_curve(script, "sum", 0, (struct curve){p->exceedance, p->n_exceedance}, least);
    for (size_t i = 0; i < n; i++)
        put_curve(script, "alone", i, alone(&p->contracts[chosen[i]]), least);
    fputs("plot $sum0 using 1:2 with steps ", script);
    surety_script_line(script, SURETY_STYLE_SUM, 3.0);
    for (size_t i = 0; i < n; i++) {
        fprintf(script, ", $alone%zu using 1:2 with steps ", i);
        surety_script_line(script, STYLE_ALONE + i, 1.8);
    }
    putc('\n', script);
}

enum surety_err surety_figure_portfolio(const struct surety_portfolio *portfolio, struct surety_figures *figures)
{
    struct surety_figure figure = {.name = NAME};
    size_t chosen[MOST_ALONE], size = 0;
    *figures = (struct surety_figures){.prefix = ""};
    surety_arena_init(&figures->arena);
    const size_t n = choose(portfolio, chosen);
    if (n == 0 || !(most_credits(portfolio, least_share(portfolio->n_replications)) > 0.0))
        return SURETY_OK;
    FILE *script = open_memstream(&figure.script, &size);
    if (script == NULL)
        return SURETY_E_MEMORY;
    put_script(portfolio, chosen, n, script);
    bool written = ferror(script) == 0;
    written = fclose(script) == 0 && written;
    if (!written || !put_texts(portfolio, chosen, n, &figures->arena, &figure)) {
        free(figure.script);
        return SURETY_E_MEMORY;
    }
    figures->list[figures->n++] = figure;
    return SURETY_OK;
}
