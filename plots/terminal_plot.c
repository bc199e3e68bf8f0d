// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/terminal_plot.h"

#include "plots/figure_style.h"
#include "plots/human.h"
#include "plots/wording.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BAR 50     // columns of a bar, fewer beside long names
#define NUMBERS 19 // columns of what follows it
#define STRIP 72
#define NAME 20

// Columns of a clean text: bytes that do not continue a character.
static int columns_of(const char *text)
{
    int n = 0;
    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

// `text` in exactly `width` columns.
static void put_name(FILE *out, const char *text, int width)
{
    char *clean = surety_wording_clean(text, (size_t)width);
    const char *shown = clean != NULL ? clean : "?";
    fprintf(out, "%s%*s", shown, width - columns_of(shown) > 0 ? width - columns_of(shown) : 0, "");
    free(clean);
}

static int widest(const struct surety_result *result, bool tiers)
{
    size_t n = 4;
    for (size_t i = 0; i < (tiers ? result->n_tiers : result->n_architectures); i++) {
        const char *name = tiers ? result->architectures[0].tiers[i].name : result->architectures[i].name;
        n = strlen(name) > n ? strlen(name) : n;
    }
    return n > NAME ? NAME : (int)n;
}

// One bar of `width` columns, in eighths of a column where the terminal has them; the rule's column is marked.
static void put_bar(FILE *out, double share, double rule, int width, bool unicode)
{
    static const char *const parts[] = {"",
                                        "\xe2\x96\x8f",
                                        "\xe2\x96\x8e",
                                        "\xe2\x96\x8d",
                                        "\xe2\x96\x8c",
                                        "\xe2\x96\x8b",
                                        "\xe2\x96\x8a",
                                        "\xe2\x96\x89"};
    const int eighths = (int)(share * width * 8.0 + 0.5), full = eighths / 8;
    const int mark = isnan(rule) ? -1 : (int)(rule * width);
    for (int i = 0; i < width; i++) {
        if (i < full)
            fputs(unicode ? "\xe2\x96\x88" : "#", out);
        else if (i == mark)
            fputs(unicode ? "\xe2\x94\x8a" : "|", out);
        else if (i == full && unicode && eighths % 8 > 0)
            fputs(parts[eighths % 8], out);
        else
            putc(' ', out);
    }
}

static void put_promises(const struct surety_result *result, bool unicode, FILE *out)
{
    const int name = widest(result, false), tier_name = widest(result, true);
    const int room = SURETY_REPORT_COLUMNS - 4 - name - tier_name - NUMBERS, width = room < BAR ? room : BAR;
    const double rule = result->sign_every_month_met;
    char text[SURETY_HUMAN_SIZE];
    fprintf(out, "\nProbability that every %s of the term is met", surety_wording_window(result));
    if (!isnan(rule)) {
        surety_human_target(text, rule);
        fprintf(out, " (%s: a tier can be signed from %s)", unicode ? "\xe2\x94\x8a" : "|", text);
    }
    fputs("\n", out);
    for (size_t a = 0; a < result->n_architectures; a++) {
        for (size_t t = 0; t < result->n_tiers; t++) {
            const struct surety_tier_result *tier = &result->architectures[a].tiers[t];
            fputs("  ", out);
            put_name(out, t == 0 ? result->architectures[a].name : "", name);
            putc(' ', out);
            put_name(out, tier->name, tier_name);
            putc(' ', out);
            put_bar(out, tier->term_met.p, rule, width, unicode);
            surety_human_percent(text, tier->term_met.p, 2);
            fprintf(out, " %10s %s\n", text, surety_wording_outcome(surety_wording_tier_outcome(tier)));
        }
    }
}

struct strip {
    double from, to; // seconds, the ends of a logarithmic axis
    int columns;
};

static int column_of(const struct strip *strip, double seconds)
{
    const double at = log(seconds / strip->from) / log(strip->to / strip->from) * strip->columns;
    return at < 0.0 ? -1 : (int)at;
}

// How many months get past a column: the blacker, the more.
static void put_shade(FILE *out, double share, bool unicode)
{
    static const struct {
        double above;
        const char *block, *ascii;
    } shades[] = {{0.5, "\xe2\x96\x88", "#"},
                  {0.1, "\xe2\x96\x93", "="},
                  {0.01, "\xe2\x96\x92", "-"},
                  {0.001, "\xe2\x96\x91", "."}};
    for (size_t i = 0; i < sizeof shades / sizeof shades[0]; i++) {
        if (share > shades[i].above) {
            fputs(unicode ? shades[i].block : shades[i].ascii, out);
            return;
        }
    }
    putc(' ', out);
}

// The tiers' budgets as a line of the marks ' at their columns; `names`: the names of the tiers in front of them.
static void put_budgets(const struct surety_result *result, const struct strip *strip, int name, bool unicode,
                        FILE *out)
{
    for (size_t t = 0; t < result->n_tiers; t++) {
        const struct surety_tier_result *tier = &result->architectures[0].tiers[t];
        const int at = tier->budget_s > 0.0 ? column_of(strip, tier->budget_s) : -1;
        if (at < 0 || at >= strip->columns)
            continue;
        char budget[SURETY_HUMAN_SIZE], *clean = surety_wording_clean(tier->name, NAME);
        surety_human_duration(budget, tier->budget_s);
        // the label stands before its mark when there is room, else behind
        const int length = columns_of(clean != NULL ? clean : "?") + 1 + (int)strlen(budget);
        fprintf(out, "  %*s ", name, "");
        if (length + 1 <= at)
            fprintf(out, "%*s%s %s %s\n", at - length - 1, "", clean != NULL ? clean : "?", budget,
                    unicode ? "\xe2\x94\x8a" : "|");
        else
            fprintf(out, "%*s%s %s %s\n", at, "", unicode ? "\xe2\x94\x8a" : "|", clean != NULL ? clean : "?", budget);
        free(clean);
    }
}

static void put_scale(const struct strip *strip, int name, FILE *out)
{
    static const struct {
        double seconds;
        const char *name;
    } ticks[] = {{1, "1 s"},    {10, "10 s"},    {60, "1 min"},  {600, "10 min"},
                 {3600, "1 h"}, {36000, "10 h"}, {86400, "1 d"}, {864000, "10 d"}};
    int column = 0;
    fprintf(out, "  %*s ", name, "");
    for (size_t i = 0; i < sizeof ticks / sizeof ticks[0]; i++) {
        const int at = column_of(strip, ticks[i].seconds);
        if (at < column || at + (int)strlen(ticks[i].name) > strip->columns + 4)
            continue;
        fprintf(out, "%*s%s", at - column, "", ticks[i].name);
        column = at + (int)strlen(ticks[i].name) + 1;
        putc(' ', out);
    }
    putc('\n', out);
}

static void put_downtimes(const struct surety_result *result, bool unicode, FILE *out)
{
    const int name = widest(result, false);
    struct strip strip = {1.0, 3600.0, STRIP};
    for (size_t a = 0; a < result->n_architectures; a++) {
        const struct surety_architecture_result *own = &result->architectures[a];
        for (size_t i = 0; i < own->n_histogram; i++) {
            const double seconds = own->histogram[i].downtime_s;
            if (seconds > strip.to && surety_wording_exceedance(own, strip.to) > 0.001)
                strip.to = surety_script_time_above(seconds);
        }
    }
    if (strip.to <= strip.from)
        return;
    fprintf(out, "\nDowntime in a %s; %ss that get past a length: ", surety_wording_window(result),
            surety_wording_window(result));
    fputs(unicode ? "\xe2\x96\x88 > 50 %  \xe2\x96\x93 > 10 %  \xe2\x96\x92 > 1 %  \xe2\x96\x91 > 0.1 %\n"
                  : "# > 50 %  = > 10 %  - > 1 %  . > 0.1 %\n",
          out);
    put_budgets(result, &strip, name, unicode, out);
    for (size_t a = 0; a < result->n_architectures; a++) {
        const struct surety_architecture_result *own = &result->architectures[a];
        uint64_t n = 0, above;
        for (size_t i = 0; i < own->n_histogram; i++)
            n += own->histogram[i].n_windows;
        fputs("  ", out);
        put_name(out, own->name, name);
        putc(' ', out);
        above = n;
        size_t bin = 0;
        for (int c = 0; c < strip.columns && n > 0; c++) {
            const double seconds = strip.from * pow(strip.to / strip.from, ((double)c + 0.5) / strip.columns);
            for (; bin < own->n_histogram && own->histogram[bin].downtime_s <= seconds; bin++)
                above -= own->histogram[bin].n_windows;
            put_shade(out, (double)above / (double)n, unicode);
        }
        putc('\n', out);
    }
    put_scale(&strip, name, out);
}

void surety_terminal_plot(const struct surety_result *result, bool unicode, FILE *out)
{
    if (result->n_architectures == 0 || result->n_tiers == 0)
        return;
    put_promises(result, unicode, out);
    put_downtimes(result, unicode, out);
}
