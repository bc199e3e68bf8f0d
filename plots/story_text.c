// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/story_text.h"

#include "plots/human.h"
#include "plots/wording.h"
#include "sim/engine/story_words.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#define SENTENCE_SIZE 1024
#define LEAD_SIZE 40

__attribute__((format(printf, 3, 4))) static void put(FILE *out, const char *lead, const char *format, ...)
{
    char text[SENTENCE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    surety_human_wrapped(out, lead, text);
}

static void put_span(char out[SURETY_SPAN_SIZE], double seconds)
{
    surety_story_span(out, (int64_t)(seconds * 1e6 + 0.5));
}

// --- what is told ----------------------------------------------------------------------------------------------

static bool is_told(const struct surety_story_event *event, bool all)
{
    return event->kind != SURETY_STORY_WINDOW && (event->hurt || all);
}

// The events of a window are events[first..end): those of earlier windows come before.
static size_t end_of_window(const struct surety_story *story, size_t w, size_t first)
{
    size_t end = first;
    while (end < story->n_events && story->events[end].at_us < story->windows[w].to_us)
        end++;
    return end;
}

static bool is_quiet(const struct surety_story *story, size_t w, size_t first, size_t end, bool all)
{
    if (story->windows[w].downtime_s > 0)
        return false;
    for (size_t t = 0; t < story->n_tiers; t++)
        if (!story->windows[w].met[t])
            return false;
    for (size_t i = first; i < end; i++)
        if (is_told(&story->events[i], all))
            return false;
    return true;
}

// --- paragraphs ------------------------------------------------------------------------------------------------

static void put_header(const struct surety_story *story, FILE *out)
{
    char down_at[SURETY_HUMAN_SIZE], minimum[2 * SURETY_SPAN_SIZE] = "";
    surety_human_target(down_at, story->down_at);
    put(out, "", "%s: one simulated term on %s", story->name, story->architecture);
    if (story->minimum_outage_s > 0) {
        char span[SURETY_SPAN_SIZE];
        put_span(span, story->minimum_outage_s);
        snprintf(minimum, sizeof minimum, " for at least %s", span);
    }
    put(out, "",
        "Term of %zu %ss from %s, dates in %s. Availability measured by %s; down when at least %s of requests "
        "fail%s. Replication %" PRIu64 " of seed %" PRIu64 "%s%s.",
        story->n_windows, story->window, story->start, story->timezone, story->measure, down_at, minimum,
        story->replication, story->seed, story->because != NULL ? ", " : "",
        story->because != NULL ? story->because : "");
}

// What one tier says of the window: "met, 31 min of its 44 min left".
static void put_tier(const struct surety_story *story, const struct surety_story_window *window, size_t t, int width,
                     FILE *out)
{
    char target[SURETY_HUMAN_SIZE], budget[SURETY_SPAN_SIZE], rest[SURETY_SPAN_SIZE], credit[SURETY_HUMAN_SIZE] = "",
                                                                                      lead[SENTENCE_SIZE];
    surety_human_target(target, story->targets[t]);
    snprintf(lead, sizeof lead, "  %-*s  %-11s  ", width, story->tiers[t], target);
    if (!isnan(window->credit[t]) && window->credit[t] > 0)
        surety_wording_money(credit, window->credit[t], story->currency);
    const char *owed = credit[0] != '\0' ? "; credit " : "";
    char verdict[SENTENCE_SIZE];
    snprintf(verdict, sizeof verdict, "%s%s%s", window->met[t] ? "met" : "MISSED",
             window->missed[t] != NULL ? ": " : "", window->missed[t] != NULL ? window->missed[t] : "");
    if (isnan(window->budget_s[t])) {
        put(out, lead, "%s%s%s", verdict, owed, credit);
        return;
    }
    put_span(budget, window->budget_s[t]);
    put_span(rest, fabs(window->budget_s[t] - window->downtime_s));
    if (window->downtime_s <= window->budget_s[t])
        put(out, lead, "%s, %s left of a budget of %s%s%s", verdict, rest, budget, owed, credit);
    else if (window->missed[t] != NULL)
        put(out, lead, "%s; down for %s more than the budget of %s%s%s", verdict, rest, budget, owed, credit);
    else
        put(out, lead, "MISSED by %s, the budget is %s%s%s", rest, budget, owed, credit);
}

static void put_window(const struct surety_story *story, size_t w, size_t first, size_t end, bool all, FILE *out)
{
    const struct surety_story_window *window = &story->windows[w];
    char span[SURETY_SPAN_SIZE], availability[SURETY_HUMAN_SIZE], lead[LEAD_SIZE], cost[SURETY_HUMAN_SIZE];
    int width = 0;
    put_span(span, window->downtime_s);
    surety_human_percent(availability, window->availability, 3);
    putc('\n', out);
    put(out, "", "%s: %s down, availability %s", window->label, span, availability);
    for (size_t i = first; i < end; i++) {
        char text[SENTENCE_SIZE] = "";
        const size_t at = i;
        for (; i < end && story->events[i].at_us == story->events[at].at_us; i++) {
            const size_t used = strlen(text);
            if (is_told(&story->events[i], all))
                snprintf(text + used, sizeof text - used, "%s%s%s", used > 0 ? "; " : "", story->events[i].text,
                         story->events[i].hurt ? "" : " (not felt)");
        }
        i--;
        snprintf(lead, sizeof lead, "  %s  ", story->events[at].when);
        if (text[0] != '\0') // what happens in one instant stands on one line
            surety_human_wrapped(out, lead, text);
    }
    for (size_t t = 0; t < story->n_tiers; t++)
        width = (int)strlen(story->tiers[t]) > width ? (int)strlen(story->tiers[t]) : width;
    for (size_t t = 0; t < story->n_tiers; t++)
        put_tier(story, window, t, width, out);
    if (!isnan(window->cost)) {
        surety_wording_money(cost, window->cost, story->currency);
        put(out, "  ", "The providers bill %s.", cost);
    }
}

// Windows [w, end) in which nothing was felt.
static void put_quiet(const struct surety_story *story, size_t w, size_t end, size_t n_outages, FILE *out)
{
    char outages[SENTENCE_SIZE / 4] = "", label[SENTENCE_SIZE / 4];
    if (n_outages > 0)
        snprintf(outages, sizeof outages, " %zu outage%s of a provider %s not felt.", n_outages,
                 n_outages == 1 ? "" : "s", n_outages == 1 ? "was" : "were");
    if (end == w + 1)
        snprintf(label, sizeof label, "%s", story->windows[w].label);
    else
        snprintf(label, sizeof label, "%s %s %s", story->windows[w].label, end == w + 2 ? "and" : "to",
                 story->windows[end - 1].label);
    putc('\n', out);
    put(out, "", "%s: no down time%s.%s", label, story->n_tiers > 0 ? ", every tier met" : "", outages);
}

static void put_term(const struct surety_story *story, FILE *out)
{
    const char *word = story->window;
    char span[SURETY_SPAN_SIZE], availability[SURETY_HUMAN_SIZE], money[SURETY_HUMAN_SIZE];
    double cost = 0;
    put_span(span, story->downtime_s);
    surety_human_percent(availability, story->availability, 3);
    putc('\n', out);
    put(out, "", "The whole term: %s down, availability %s.", span, availability);
    for (size_t t = 0; t < story->n_tiers; t++) {
        size_t n_missed = 0;
        double credit = 0;
        for (size_t w = 0; w < story->n_windows; w++) {
            n_missed += !story->windows[w].met[t];
            credit += story->windows[w].credit[t];
        }
        const bool owes = !isnan(credit) && credit > 0;
        if (owes)
            surety_wording_money(money, credit, story->currency);
        if (n_missed == 0)
            put(out, "  ", "%s is met in every %s.", story->tiers[t], word);
        else
            put(out, "  ", "%s is missed in %zu of %zu %ss%s%s.", story->tiers[t], n_missed, story->n_windows, word,
                owes ? "; credits " : "", owes ? money : "");
    }
    for (size_t w = 0; w < story->n_windows; w++)
        cost += story->windows[w].cost;
    if (!isnan(cost)) {
        surety_wording_money(money, cost, story->currency);
        put(out, "  ", "The providers bill %s.", money);
    }
}

static size_t count_outages(const struct surety_story *story, size_t first, size_t end)
{
    size_t n = 0;
    for (size_t i = first; i < end; i++)
        n += story->events[i].kind == SURETY_STORY_OUTAGE_BEGINS;
    return n;
}

void surety_story_text(const struct surety_story *story, bool all, FILE *out)
{
    put_header(story, out);
    size_t n_quiet = 0, first_of_quiet = 0;
    for (size_t w = 0, first = 0; w < story->n_windows; w++) {
        const size_t end = end_of_window(story, w, first);
        const bool quiet = is_quiet(story, w, first, end, all);
        if (quiet && n_quiet++ == 0)
            first_of_quiet = first;
        if (!quiet && n_quiet > 0)
            put_quiet(story, w - n_quiet, w, count_outages(story, first_of_quiet, first), out);
        if (!quiet) {
            put_window(story, w, first, end, all, out);
            n_quiet = 0;
        }
        first = end;
    }
    if (n_quiet > 0)
        put_quiet(story, story->n_windows - n_quiet, story->n_windows,
                  count_outages(story, first_of_quiet, story->n_events), out);
    put_term(story, out);
}
