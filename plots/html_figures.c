// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/figure_style.h"
#include "plots/html.h"
#include "plots/html_sections.h"
#include "plots/human.h"
#include "plots/wording.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Figures with their legends, what would change the verdict, and the story of the bad month.

#define MOST_EVENTS 40

// The mark of a series as a drawing of one line.
static void put_swatch(FILE *out, size_t style)
{
    const struct surety_series_style s = surety_series_style_of(style);
    fprintf(out, "<svg class=\"swatch\" viewBox=\"0 -7 36 14\" aria-hidden=\"true\" style=\"color:var(%s)\">",
            surety_colours[s.colour].variable);
    if (style >= SURETY_STYLE_FILL && style < SURETY_STYLE_MARK) {
        fputs("<rect x=\"8\" y=\"-6\" width=\"20\" height=\"12\" fill=\"currentColor\"/>", out);
    } else {
        if (style < SURETY_STYLE_MARK || style >= SURETY_STYLE_STEP)
            fprintf(out, "<path d=\"M1,0h34\" stroke=\"currentColor\" stroke-width=\"2\" fill=\"none\"%s%s%s/>",
                    s.array != NULL ? " stroke-dasharray=\"" : "", s.array != NULL ? s.array : "",
                    s.array != NULL ? "\"" : "");
        if (style < SURETY_STYLE_STEP)
            fprintf(out, "<g transform=\"translate(18,0)\">%s</g>", surety_style_point_svg(s.point));
    }
    fputs("</svg>", out);
}

// No line breaks between a number and its percent sign.
static void put_title(FILE *out, const char *title)
{
    for (const char *sign; (sign = strstr(title, " %")) != NULL; title = sign + 2) {
        char *head = strndup(title, (size_t)(sign - title));
        surety_html_text(out, head != NULL ? head : "");
        fputs("&nbsp;%", out);
        free(head);
    }
    surety_html_text(out, title);
}

void surety_html_figure(const struct surety_figures *figures, const char *name, FILE *out)
{
    const struct surety_figure *figure = surety_figures_find(figures, name);
    if (figure == NULL || figure->svg == NULL)
        return;
    surety_html_put(out, "<figure id=\"%s%s\">\n<figcaption>", figures->prefix, figure->name);
    put_title(out, figure->title);
    fputs("</figcaption>\n", out);
    fprintf(out, "<div class=\"scroll\">%s</div>\n", figure->svg);
    if (figure->n_legend > 0) {
        fputs("<ul class=\"legend\">\n", out);
        for (size_t i = 0; i < figure->n_legend; i++) {
            fputs("<li>", out);
            put_swatch(out, figure->legend[i].style);
            surety_html_put(out, "<span><b>%s</b> %s</span></li>\n", figure->legend[i].name, figure->legend[i].note);
        }
        fputs("</ul>\n", out);
    }
    if (figure->note != NULL)
        surety_html_put(out, "<p class=\"note\">%s</p>\n", figure->note);
    fputs("</figure>\n", out);
}

static void put_flip(const struct surety_flip *flip, FILE *out)
{
    char now[SURETY_HUMAN_SIZE], at[SURETY_HUMAN_SIZE], factor[SURETY_HUMAN_SIZE] = "-";
    char range[SURETY_WORDING_RANGE_SIZE];
    surety_wording_flip_value(now, flip->now, flip->unit);
    surety_wording_flip_value(at, flip->at, flip->unit);
    surety_wording_flip_range(range, flip);
    if (flip->now > 0.0)
        snprintf(factor, sizeof factor, "%.2g x", flip->at / flip->now);
    surety_html_put(out, "<tr><th scope=\"row\">%s<small><code>%s</code></small></th><td class=\"n\">%s</td>",
                    flip->what, flip->input, now);
    surety_html_put(out, "<td class=\"n\"><b>%s</b></td><td class=\"n\">%s</td><td class=\"n\">%s</td>", at,
                    range[0] != '\0' ? range : "-", factor);
    surety_html_put(out, "<td>%s%s%s</td></tr>\n", flip->outcome, flip->architecture != NULL ? " on " : "",
                    flip->architecture != NULL ? flip->architecture : "");
}

// Inputs that do not change the outcome: one list for all of them.
static void put_steady(const struct surety_verdict *verdict, FILE *out)
{
    if (verdict->n_steady == 0)
        return;
    fputs("<p>No value between a sixteenth of the present one and sixteen times as much changes the outcome, "
          "for:</p>\n<ul>\n",
          out);
    for (size_t i = 0; i < verdict->n_steady; i++)
        surety_html_put(out, "<li>%s</li>\n", verdict->steady[i]);
    fputs("</ul>\n", out);
}

void surety_html_flips(const struct surety_result *result, unsigned level, FILE *out)
{
    const struct surety_verdict *verdict = &result->verdict;
    if (verdict->n_flips == 0 && verdict->n_steady == 0)
        return;
    surety_html_section(out, NULL, level, "What would change our mind");
    if (verdict->n_flips > 0) {
        fputs("<div class=\"scroll\"><table class=\"flips\">\n"
              "<caption>The value of each input, moved alone, from which the verdict's tier is judged "
              "otherwise.</caption>\n"
              "<thead><tr><th scope=\"col\">input</th><th scope=\"col\" class=\"n\">now</th>"
              "<th scope=\"col\" class=\"n\">changes at</th><th scope=\"col\" class=\"n\">95 % interval</th>"
              "<th scope=\"col\" class=\"n\">factor</th>"
              "<th scope=\"col\">becomes</th></tr></thead>\n<tbody>\n",
              out);
        for (size_t i = 0; i < verdict->n_flips; i++)
            put_flip(&verdict->flips[i], out);
        fputs("</tbody>\n</table></div>\n", out);
    }
    put_steady(verdict, out);
    fputs("</section>\n", out);
}

static const char *event_class(const struct surety_story_event *event)
{
    switch (event->kind) {
    case SURETY_STORY_DOWN:
    case SURETY_STORY_NO_ROUTE:
    case SURETY_STORY_SWITCH_FAILED:
    case SURETY_STORY_LEFT:
    case SURETY_STORY_DEGRADED:
        return "bad";
    case SURETY_STORY_UP:
    case SURETY_STORY_SWITCHED:
    case SURETY_STORY_FAILBACK:
    case SURETY_STORY_REJOINED:
    case SURETY_STORY_NORMAL:
        return "good";
    default:
        return event->hurt ? "plain" : "quiet";
    }
}

static void put_events(const struct surety_story *story, FILE *out)
{
    const struct surety_story_window *window = &story->windows[story->worst_window];
    size_t n = 0, n_left = 0;
    fputs("<ol class=\"events\">\n", out);
    for (size_t i = 0; i < story->n_events; i++) {
        const struct surety_story_event *event = &story->events[i];
        const bool ends_before = event->kind == SURETY_STORY_WINDOW && event->at_us <= window->from_us;
        if (event->at_us < window->from_us || event->at_us > window->to_us || ends_before)
            continue;
        // the window's own end is always told
        if (n >= MOST_EVENTS && event->kind != SURETY_STORY_WINDOW) {
            n_left++;
            continue;
        }
        surety_html_put(out, "<li class=\"%s\"><time>%s</time> <span>%s</span></li>\n", event_class(event), event->when,
                        event->text);
        n++;
    }
    fputs("</ol>\n", out);
    if (n_left > 0) {
        char count[SURETY_HUMAN_SIZE], replication[SURETY_HUMAN_SIZE];
        surety_human_count(count, n_left);
        snprintf(replication, sizeof replication, "%llu", (unsigned long long)story->replication);
        surety_html_put(out,
                        "<p class=\"note\">%s more events of this month are told by <code>surety show FILE "
                        "--replication %s</code>.</p>\n",
                        count, replication);
    }
}

static void put_windows(const struct surety_result *result, FILE *out)
{
    const struct surety_story *story = result->bad_month;
    fputs("<div class=\"scroll\"><table class=\"windows\">\n<caption>The whole term of that "
          "replication.</caption>\n<thead><tr>",
          out);
    surety_html_put(out,
                    "<th scope=\"col\">%s</th><th scope=\"col\" class=\"n\">availability</th>"
                    "<th scope=\"col\" class=\"n\">down</th>",
                    surety_wording_window(result));
    for (size_t t = 0; t < story->n_tiers; t++)
        surety_html_put(out, "<th scope=\"col\">%s</th>", story->tiers[t]);
    surety_html_put(out, "<th scope=\"col\" class=\"n\">cost<small>%s</small></th></tr></thead>\n<tbody>\n",
                    result->currency);
    for (size_t w = 0; w < story->n_windows; w++) {
        const struct surety_story_window *window = &story->windows[w];
        char availability[SURETY_HUMAN_SIZE], down[SURETY_HUMAN_SIZE], money[SURETY_HUMAN_SIZE];
        surety_human_percent(availability, window->availability, 2);
        surety_human_duration(down, window->downtime_s);
        fputs(w == story->worst_window ? "<tr class=\"worst\"><th scope=\"row\">" : "<tr><th scope=\"row\">", out);
        surety_html_put(out, "%s</th><td class=\"n\">%s</td><td class=\"n\">%s</td>", window->label, availability,
                        down);
        for (size_t t = 0; t < story->n_tiers; t++) {
            surety_wording_money(money, window->credit[t], result->currency);
            surety_html_put(out, window->met[t] ? "<td>met" : "<td class=\"no\">missed");
            if (window->missed[t] != NULL)
                surety_html_put(out, ": %s", window->missed[t]);
            if (window->credit[t] > 0.0)
                surety_html_put(out, ", %s", money);
            fputs("</td>", out);
        }
        surety_wording_money(money, window->cost, "");
        money[strcspn(money, " ")] = '\0';
        surety_html_put(out, "<td class=\"n\">%s</td></tr>\n", money);
    }
    fputs("</tbody>\n</table></div>\n", out);
}

void surety_html_bad_month(const struct surety_result *result, const struct surety_figures *figures, unsigned level,
                           FILE *out)
{
    const struct surety_story *story = result->bad_month;
    char replication[SURETY_HUMAN_SIZE], title[64];
    if (story == NULL || story->worst_window >= story->n_windows)
        return;
    snprintf(replication, sizeof replication, "%llu", (unsigned long long)story->replication);
    snprintf(title, sizeof title, "One bad %s, told", surety_wording_window(result));
    surety_html_section(out, NULL, level, title);
    surety_html_put(out, "<p>Replication %s on %s, %s: this is its worst %s.</p>\n", replication, story->architecture,
                    story->because != NULL ? story->because : "a term worse than ninety-nine in a hundred",
                    surety_wording_window(result));
    surety_html_figure(figures, "bad-month", out);
    put_events(story, out);
    put_windows(result, out);
    fputs("</section>\n", out);
}
