// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/figure_style.h"
#include "plots/figures.h"
#include "plots/gnuplot.h"
#include "plots/wording.h"

#include <math.h>
#include <string.h>

// Cost against P(term met): a row an architecture, cheapest on top; left the probability that every month of the term
// meets each tier, right the cost. Two panels instead of a scatter: costs that differ by little would lie on each
// other.

#define WIDTH 760
#define ROW 40
#define NAME_CHARACTERS 22
#define CHARACTER_PX 7.4
#define SORTED_MAX 64

// Indices of architectures, cheapest first; the file's order without costs.
static size_t sort(const struct surety_result *result, size_t order[SORTED_MAX])
{
    size_t n = 0;
    for (size_t a = 0; a < result->n_architectures && n < SORTED_MAX; a++) {
        const struct surety_architecture_result *own = &result->architectures[a];
        size_t at = n++;
        while (at > 0 && own->has_cost && result->architectures[order[at - 1]].has_cost &&
               result->architectures[order[at - 1]].cost_per_month.mean > own->cost_per_month.mean) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = a;
    }
    return n;
}

static void put_common(FILE *script, size_t n)
{
    fprintf(script, "set grid noytics xtics\nset yrange [%g:0.5]\n", (double)n + 0.5);
}

// Left: a mark for each tier, its interval as a line, the rule as a dashed line.
static void put_promise(FILE *script, const struct surety_result *result, const size_t *order, size_t n, double left,
                        double right, int height)
{
    const char *comma = "plot";
    fprintf(script, "set margins screen %.4f, screen %.4f, screen %.4f, screen %.4f\n", left / WIDTH, right / WIDTH,
            58.0 / height, 1.0 - 34.0 / height);
    fputs("set xrange [-2:102]\nset xtics ('0' 0, '20' 20, '40' 40, '60' 60, '80' 80, '100' 100)\nset ytics (", script);
    for (size_t i = 0; i < n; i++) {
        fputs(i > 0 ? ", " : "", script);
        surety_gnuplot_quote_tick(script, result->architectures[order[i]].name, NAME_CHARACTERS);
        fprintf(script, " %zu", i + 1);
    }
    fprintf(script, ")\nset xlabel 'probability that every %s is met (%%)' textcolor rgb '%s'\n",
            surety_wording_window(result), surety_colours[SURETY_INK].hex);
    if (!isnan(result->sign_every_month_met)) {
        char rule[SURETY_HUMAN_SIZE];
        surety_human_target(rule, result->sign_every_month_met);
        fprintf(script,
                "set arrow 1 from %.9g, graph 0 to %.9g, graph 1 nohead linecolor rgb '%s' linewidth 1.2 dashtype "
                "(3,3) back\n",
                result->sign_every_month_met * 100.0, result->sign_every_month_met * 100.0,
                surety_colours[SURETY_INK].hex);
        fprintf(
            script,
            "set label 1 'sign from %s' at %.9g, graph 1 right offset character 2,0.8 textcolor rgb '%s' font ',12'\n",
            rule, result->sign_every_month_met * 100.0, surety_colours[SURETY_INK].hex);
    }
    for (size_t t = 0; t < result->n_tiers; t++) {
        fprintf(script, "%s $t%zu using 2:1:3:4 with xerrorbars ", comma, t);
        const struct surety_series_style style = surety_series_style_of(SURETY_STYLE_TIER + t);
        fprintf(script, "linecolor rgb '%s' linewidth 2 dashtype solid pointtype %d pointsize 1.05",
                surety_colours[style.colour].hex, style.point);
        comma = ", ";
    }
    fputs("\nunset arrow 1\nunset label 1\n", script);
}

static void put_costs(FILE *script, const struct surety_result *result, const size_t *order, size_t n, double left,
                      double most, int height)
{
    fprintf(script, "set margins screen %.4f, screen %.4f, screen %.4f, screen %.4f\n", left / WIDTH,
            1.0 - 70.0 / WIDTH, 58.0 / height, 1.0 - 34.0 / height);
    fprintf(script, "set xrange [0:%.9g]\nset ytics format ''\nunset ytics\n", most);
    surety_script_amount_ticks(script, 'x', most, 3);
    char label[96];
    snprintf(label, sizeof label, "cost (%.12s/month)", result->currency);
    fputs("set xlabel ", script);
    surety_gnuplot_quote(script, label, 0);
    fprintf(script, " textcolor rgb '%s'\n", surety_colours[SURETY_INK].hex);
    for (size_t i = 0; i < n; i++) {
        const struct surety_architecture_result *own = &result->architectures[order[i]];
        char money[SURETY_HUMAN_SIZE];
        if (!own->has_cost)
            continue;
        surety_wording_money(money, own->cost_per_month.mean, "");
        money[strcspn(money, " ")] = '\0';
        fprintf(script, "set label '%s' at %.9g, %zu left offset character 0.6,0 textcolor rgb '%s'\n", money,
                own->cost_per_month.mean, i + 1, surety_colours[SURETY_INK].hex);
    }
    fprintf(script,
            "set style fill solid 1 noborder\nplot $cost using (0):1:(0):2:($1-0.2):($1+0.2) with boxxyerror linecolor "
            "rgb '%s'\n",
            surety_colours[SURETY_SERIES + 6].hex);
}

// The cheapest architecture on which the tier is safe; without one, that with the largest probability.
static const struct surety_architecture_result *best_for(const struct surety_result *result, const size_t *order,
                                                         size_t n, size_t tier, bool *is_safe)
{
    const struct surety_architecture_result *best = NULL;
    *is_safe = false;
    for (size_t i = 0; i < n; i++) {
        const struct surety_architecture_result *own = &result->architectures[order[i]];
        if (surety_wording_tier_outcome(&own->tiers[tier]) == SURETY_OUTCOME_SAFE) {
            *is_safe = true;
            return own;
        }
        if (best == NULL || own->tiers[tier].term_met.p > best->tiers[tier].term_met.p)
            best = own;
    }
    return best;
}

static const char *title_of(const struct surety_result *result, const size_t *order, size_t n,
                            struct surety_arena *arena)
{
    const struct surety_focus focus = surety_wording_focus(result);
    const char *window = surety_wording_window(result);
    char p[SURETY_HUMAN_SIZE], cost[SURETY_HUMAN_SIZE + 16] = "";
    bool is_safe;
    const struct surety_architecture_result *best = best_for(result, order, n, focus.i_tier, &is_safe);
    surety_human_percent(p, best->tiers[focus.i_tier].term_met.p, 2);
    if (best->has_cost) {
        char money[SURETY_HUMAN_SIZE];
        surety_wording_money(money, best->cost_per_month.mean, result->currency);
        snprintf(cost, sizeof cost, " at %s a month", money);
    }
    if (is_safe)
        return surety_arena_printf(arena, "%s %s: %s%s, every %s met with probability %s",
                                   best->has_cost && n > 1 ? "The cheapest way to" : "A way to", focus.tier->name,
                                   best->name, cost, window, p);
    return surety_arena_printf(arena,
                               "No architecture can sign %s; %s%s comes nearest: every %s met with probability %s",
                               focus.tier->name, best->name, cost, window, p);
}

bool surety_figure_cost(const struct surety_result *result, struct surety_arena *arena, struct surety_figure *figure,
                        FILE *script)
{
    size_t order[SORTED_MAX], longest = 0;
    const size_t n = sort(result, order);
    const int height = 34 + ROW * (int)n + 58;
    double most = 0.0;
    for (size_t i = 0; i < n; i++) {
        const struct surety_architecture_result *own = &result->architectures[order[i]];
        longest = strlen(own->name) > longest ? strlen(own->name) : longest;
        most = own->has_cost ? fmax(most, own->cost_per_month.mean) : most;
    }
    const double left = 24.0 + (double)(longest < NAME_CHARACTERS ? longest : NAME_CHARACTERS) * CHARACTER_PX;
    surety_script_head(script, WIDTH, height);
    put_common(script, n);
    for (size_t t = 0; t < result->n_tiers; t++) {
        fprintf(script, "$t%zu << EOD\n", t);
        for (size_t i = 0; i < n; i++) {
            const struct surety_probability *p = &result->architectures[order[i]].tiers[t].term_met;
            // the highest tier above, the lowest below the row's middle: equal probabilities stay apart
            const double y = (double)(i + 1) + 0.13 * ((double)t - ((double)result->n_tiers - 1.0) / 2.0) *
                                                   fmin(1.0, 4.0 / (double)result->n_tiers);
            fprintf(script, "%.4g %.6g %.6g %.6g\n", y, p->p * 100.0, p->lo * 100.0, p->hi * 100.0);
        }
        fputs("EOD\n", script);
    }
    if (most > 0.0) {
        fputs("$cost << EOD\n", script);
        for (size_t i = 0; i < n; i++) {
            const struct surety_architecture_result *own = &result->architectures[order[i]];
            if (own->has_cost)
                fprintf(script, "%zu %.9g\n", i + 1, own->cost_per_month.mean);
        }
        fputs("EOD\nset multiplot\n", script);
        put_promise(script, result, order, n, left, 500.0, height);
        put_costs(script, result, order, n, 528.0, most, height);
        fputs("unset multiplot\n", script);
    } else {
        put_promise(script, result, order, n, left, WIDTH - 30.0, height);
    }
    figure->title = title_of(result, order, n, arena);
    figure->description = surety_arena_printf(
        arena,
        "One row an architecture, cheapest on top. Marks: the probability that every %s of the term is met "
        "(horizontal, percent), one a tier, with its %g %% interval.%s",
        surety_wording_window(result), result->confidence * 100.0, most > 0.0 ? " Bars: mean cost a month." : "");
    figure->legend = surety_arena_calloc(arena, result->n_tiers, sizeof *figure->legend);
    if (figure->legend == NULL)
        figure->title = NULL;
    for (size_t t = 0; t < result->n_tiers && figure->legend != NULL; t++) {
        char target[SURETY_HUMAN_SIZE];
        surety_human_target(target, result->architectures[0].tiers[t].target);
        const char *note = surety_arena_printf(arena, "%s availability", target);
        figure->legend[figure->n_legend++] = (struct surety_legend_entry){
            SURETY_STYLE_MARK + t, result->architectures[0].tiers[t].name, note != NULL ? note : ""};
    }
    return true;
}
