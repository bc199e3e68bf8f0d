// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/backtest.h"

#include "plots/human.h"
#include "plots/wording.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define SENTENCE_SIZE 1024
#define NINETY (SURETY_N_LEVELS - 1) // the level that has a goal
#define LEAST_COVERAGE 0.85
#define MOST_COVERAGE 0.95
#define NAME_COLUMNS 22
#define TIER_COLUMNS 14

__attribute__((format(printf, 2, 3))) static void put_sentence(FILE *out, const char *format, ...)
{
    char text[SENTENCE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    surety_human_wrapped(out, "", text);
}

struct surety_backtest_goal surety_backtest_goal(const struct surety_backtest_group *group)
{
    const double covered = group->means[SURETY_BY_MODEL].levels[NINETY].covered;
    return (struct surety_backtest_goal){covered >= LEAST_COVERAGE && covered <= MOST_COVERAGE,
                                         group->gains[SURETY_BY_CLIMATOLOGY].gain > 0.0,
                                         group->gains[SURETY_BY_PUBLISHED].gain > 0.0};
}

void surety_backtest_month(const struct surety_backtest *backtest, size_t month, char out[8])
{
    char date[11];
    surety_date_format(surety_date_month_start(backtest->first, (int64_t)month), date);
    memcpy(out, date, 7);
    out[7] = '\0';
}

static void put_head(const struct surety_backtest *backtest, FILE *out)
{
    char from[8], to[8], n[SURETY_HUMAN_SIZE], terms[SURETY_HUMAN_SIZE], history[SURETY_HUMAN_SIZE];
    surety_backtest_month(backtest, backtest->all.first_month, from);
    surety_backtest_month(backtest, backtest->all.last_month, to);
    surety_human_count(n, backtest->all.n);
    surety_human_count(terms, backtest->n_replications);
    surety_human_duration(history, backtest->min_history_s);
    char origin[64] = "it";
    if (backtest->ahead > 1)
        snprintf(origin, sizeof origin, "the %zu months that end with it", backtest->ahead);
    put_sentence(out, "Backtest of %.200s", backtest->name);
    put_sentence(
        out,
        "%s months forecast, %s to %s, each from the record before %s alone, once that is %s long. %s simulated "
        "months each, seed %llu.",
        n, from, to, origin, history, terms, (unsigned long long)backtest->seed);
    fputs("\n", out);
}

// What the goal asks for, in words: met or not, with the figures.
static void put_verdict(const struct surety_backtest *backtest, FILE *out)
{
    const struct surety_backtest_group *all = &backtest->all;
    const struct surety_backtest_goal goal = surety_backtest_goal(all);
    const struct surety_score *model = &all->means[SURETY_BY_MODEL];
    put_sentence(
        out,
        "90 %% intervals held %.1f %% of the months (95 %% interval %.1f to %.1f %%, months that services share "
        "taken together), for which the model had said %.1f %%: %s.",
        100.0 * model->levels[NINETY].covered, 100.0 * all->coverage[NINETY].low, 100.0 * all->coverage[NINETY].high,
        100.0 * model->levels[NINETY].mass, goal.covers ? "within 85 to 95 %" : "NOT within 85 to 95 %");
    for (size_t f = SURETY_BY_CLIMATOLOGY; f < SURETY_N_FORECASTERS; f++) {
        const struct surety_score_gain *gain = &all->gains[f];
        put_sentence(out, "CRPS %.4f percentage points, by %s %.4f: %s (difference %.4f, standard error %.4f).",
                     100.0 * model->crps, surety_forecaster_names[f], 100.0 * all->means[f].crps,
                     gain->gain > 0.0 ? "better" : "NOT better", 100.0 * gain->gain, 100.0 * gain->se);
    }
    fputs("\n", out);
}

static void put_group(const struct surety_backtest_group *group, FILE *out)
{
    char *name = surety_wording_clean(group->name, NAME_COLUMNS);
    const struct surety_score *model = &group->means[SURETY_BY_MODEL];
    fprintf(out, "%-*s %6zu", NAME_COLUMNS, name != NULL ? name : "?", group->n);
    for (size_t l = 0; l < SURETY_N_LEVELS; l++)
        fprintf(out, "  %5.1f", 100.0 * model->levels[l].covered);
    fprintf(out, "  %6.3f  %6.4f", 100.0 * model->levels[NINETY].width, 100.0 * model->crps);
    fprintf(out, "  %11.4f  %9.4f\n", 100.0 * group->means[SURETY_BY_CLIMATOLOGY].crps,
            100.0 * group->means[SURETY_BY_PUBLISHED].crps);
    free(name);
}

static void put_groups(const struct surety_backtest *backtest, FILE *out)
{
    fprintf(out, "%-*s %6s  %19s  %6s  %6s  %22s\n", NAME_COLUMNS, "", "", "held, % of months", "width", "CRPS, pp",
            "CRPS of others, pp");
    fprintf(out, "%-*s %6s  %5s  %5s  %5s  %6s  %6s  %11s  %9s\n", NAME_COLUMNS, "", "months", "50 %", "80 %", "90 %",
            "90 %", "model", "climatology", "published");
    for (size_t g = 0; g < backtest->n_groups; g++)
        put_group(&backtest->groups[g], out);
    put_group(&backtest->all, out);
    fputs("\n", out);
}

static void put_tiers(const struct surety_backtest *backtest, FILE *out)
{
    fprintf(out, "%-*s %9s  %7s  %31s  %31s\n", TIER_COLUMNS, "P(month met)", "", "", "Brier score", "log score");
    fprintf(out, "%-*s %9s  %7s", TIER_COLUMNS, "tier", "target", "met");
    for (size_t k = 0; k < 2; k++)
        fprintf(out, "  %7s  %11s  %9s", "model", "climatology", "published");
    fputs("\n", out);
    for (size_t t = 0; t < backtest->n_tiers; t++) {
        char *name = surety_wording_clean(backtest->tiers[t].name, TIER_COLUMNS);
        char target[SURETY_HUMAN_SIZE];
        surety_human_target(target, backtest->tiers[t].target);
        fprintf(out, "%-*s %9s  %5.1f %%", TIER_COLUMNS, name != NULL ? name : "?", target,
                100.0 * backtest->all.means[SURETY_BY_MODEL].targets[t].happened);
        free(name);
        fprintf(out, "  %7.4f  %11.4f  %9.4f", backtest->all.means[SURETY_BY_MODEL].targets[t].brier,
                backtest->all.means[SURETY_BY_CLIMATOLOGY].targets[t].brier,
                backtest->all.means[SURETY_BY_PUBLISHED].targets[t].brier);
        fprintf(out, "  %7.4f  %11.4f  %9.4f\n", backtest->all.means[SURETY_BY_MODEL].targets[t].log,
                backtest->all.means[SURETY_BY_CLIMATOLOGY].targets[t].log,
                backtest->all.means[SURETY_BY_PUBLISHED].targets[t].log);
    }
    fputs("\n", out);
}

void surety_backtest_text(const struct surety_backtest *backtest, FILE *out)
{
    put_head(backtest, out);
    put_verdict(backtest, out);
    put_groups(backtest, out);
    put_tiers(backtest, out);
    put_sentence(out,
                 "CRPS, Brier and log score: smaller is better. Climatology: the service's own past months. Published: "
                 "%.6g %% from each provider, taken as certain. The log score keeps every probability between 1 and "
                 "99 %%.",
                 100.0 * backtest->published);
}
