// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/story_svg.h"

#include "plots/human.h"
#include "plots/story_drawing.h"
#include "sim/engine/story_words.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH SURETY_DRAWING_WIDTH
#define LEFT SURETY_DRAWING_LEFT
#define RIGHT SURETY_DRAWING_RIGHT
#define ROW SURETY_DRAWING_ROW
#define THICK SURETY_DRAWING_THICK
#define MAX_LANES 14 // of outages; more are counted
#define MAX_MARKS 12 // numbered events of the enlarged part
#define TEXT_SIZE 768
#define LINE_CHARS 108 // of an instant's text
#define MARK_ROW 19.0
#define MARK_ROWS 3
#define LEAST_WIDTH SURETY_DRAWING_LEAST_WIDTH
#define CHAR_WIDTH SURETY_DRAWING_CHAR_WIDTH

// Colours after Okabe and Ito; a page that has the variable decides.
static const char style[] =
    ".sst-outage{fill:var(--s5,#e69f00)}.sst-quiet{fill:none;stroke:var(--s5,#e69f00)}"
    ".sst-down{fill:var(--s2,#d55e00)}.sst-slack{fill:var(--s8,#f0e442)}.sst-met{fill:var(--s3,#009e73)}"
    ".sst-r0{fill:var(--s1,#0072b2)}.sst-r1{fill:var(--s6,#56b4e9)}.sst-r2{fill:var(--s4,#cc79a7)}"
    ".sst-r3{fill:var(--s7,#555)}"
    ".sst text{fill:currentColor}.sst-line{stroke:currentColor}";

// --- lanes -----------------------------------------------------------------------------------------------------

// A bar of the lane, or several that a reader could not tell apart.
struct run {
    double x0, x1, share;
    int64_t from_us, to_us;
    size_t n;
    bool strong; // felt; down
};

static void flush_run(struct surety_drawing *d, const struct surety_story_bar *bar, const struct run *run)
{
    char from[SURETY_SPAN_SIZE], to[SURETY_SPAN_SIZE], span[SURETY_SPAN_SIZE], share[SURETY_SPAN_SIZE];
    if (run->n == 0)
        return;
    surety_story_date(from, &d->story->clock, run->from_us);
    surety_story_date(to, &d->story->clock, run->to_us);
    surety_story_span(span, run->to_us - run->from_us);
    surety_story_percent(share, run->share);
    const double height = fmax(THICK * run->share, 4);
    const char *class = bar->is_service ? (run->strong ? "sst-down" : "sst-slack")
                        : run->strong   ? "sst-outage"
                                        : "sst-quiet";
    const char *colour = bar->is_service ? (run->strong ? "fill=\"#d55e00\"" : "fill=\"#f0e442\"")
                         : run->strong   ? "fill=\"#e69f00\""
                                         : "fill=\"none\" stroke=\"#e69f00\"";
    if (run->n == 1)
        surety_drawing_bar(d, run->x0, d->y + THICK - height, run->x1 - run->x0, height, class, colour,
                           "%s, %s to %s (%s): %s of requests fail%s", bar->lane, from, to, span, share,
                           bar->is_service && run->strong   ? ", down"
                           : bar->is_service || run->strong ? ""
                                                            : ", not felt");
    else
        surety_drawing_bar(d, run->x0, d->y + THICK - height, run->x1 - run->x0, height, class, colour,
                           "%s, %s to %s: %zu times", bar->lane, from, to, run->n);
}

// Draws bars[i], bars[i + 1], ... of one lane; returns the first of the next.
static size_t put_lane(struct surety_drawing *d, size_t i)
{
    const struct surety_story *story = d->story;
    const struct surety_story_bar *first = &story->bars[i];
    struct run run = {.n = 0};
    for (; i < story->n_bars && strcmp(story->bars[i].lane, first->lane) == 0 &&
           story->bars[i].is_service == first->is_service;
         i++) {
        const struct surety_story_bar *bar = &story->bars[i];
        if (!surety_drawing_overlaps(d, bar->from_us, bar->to_us))
            continue;
        const bool strong = bar->is_service ? bar->is_down : bar->hurt;
        const double x0 = surety_drawing_x(d, bar->from_us),
                     x1 = fmax(surety_drawing_x(d, bar->to_us), x0 + LEAST_WIDTH);
        const bool same = strong == run.strong && bar->share_failing == run.share;
        if (run.n > 0 && x0 <= run.x1 && (same || x1 <= run.x1 + LEAST_WIDTH)) {
            run.x1 = x1;
            run.to_us = bar->to_us;
            run.share = fmax(run.share, bar->share_failing);
            run.strong = run.strong || strong;
            run.n++;
            continue;
        }
        flush_run(d, first, &run);
        run = (struct run){x0, x1, bar->share_failing, bar->from_us, bar->to_us, 1, strong};
    }
    flush_run(d, first, &run);
    return i;
}

static bool has_bar(const struct surety_drawing *d, size_t i, size_t *end)
{
    const struct surety_story *story = d->story;
    const struct surety_story_bar *first = &story->bars[i];
    bool any = false;
    for (; i < story->n_bars && strcmp(story->bars[i].lane, first->lane) == 0 &&
           story->bars[i].is_service == first->is_service;
         i++)
        any = any || surety_drawing_overlaps(d, story->bars[i].from_us, story->bars[i].to_us);
    *end = i;
    return any;
}

static void put_outages(struct surety_drawing *d)
{
    size_t n = 0, n_more = 0, end;
    for (size_t i = 0; i < d->story->n_bars && !d->story->bars[i].is_service; i = end) {
        if (!has_bar(d, i, &end))
            continue;
        if (n++ >= MAX_LANES) {
            n_more++;
            continue;
        }
        surety_drawing_lane(d, d->story->bars[i].lane);
        put_lane(d, i);
        d->y += ROW;
    }
    if (n_more > 0) {
        surety_drawing_text(d, LEFT - 10, d->y + THICK - 3, "text-anchor=\"end\" opacity=\"0.7\"", 0, "and %zu more",
                            n_more);
        d->y += ROW;
    }
}

static void put_service(struct surety_drawing *d)
{
    const struct surety_story *story = d->story;
    size_t i = 0, end;
    surety_drawing_lane(d, "service");
    while (i < story->n_bars && !story->bars[i].is_service)
        i++;
    if (i < story->n_bars && has_bar(d, i, &end))
        put_lane(d, i);
    else
        surety_drawing_text(d, LEFT + 6, d->y + THICK - 4, "opacity=\"0.7\"", 0, "up all the time");
    d->y += ROW;
}

// A cell of a tier and a window: its frame is the budget, filled as far as the down time used it.
static void put_cell(struct surety_drawing *d, size_t t, const struct surety_story_window *window)
{
    const double x0 = surety_drawing_x(d, window->from_us) + 1, width = surety_drawing_x(d, window->to_us) - 1 - x0,
                 budget = window->budget_s[t];
    char used[SURETY_SPAN_SIZE], whole[SURETY_SPAN_SIZE], text[192];
    const bool met = window->met[t];
    const char *missed = window->missed[t] != NULL ? window->missed[t] : "";
    char verdict[64];
    snprintf(verdict, sizeof verdict, "%s%s%s", met ? "met" : "missed", missed[0] != '\0' ? " in " : "", missed);
    double share = met ? 0 : 1;
    if (!isnan(budget)) {
        share = budget > 0 ? fmin(window->downtime_s / budget, 1) : share;
        surety_story_span(used, (int64_t)(window->downtime_s * 1e6 + 0.5));
        surety_story_span(whole, (int64_t)(budget * 1e6 + 0.5));
        snprintf(text, sizeof text, "%s: %s down of %s allowed", verdict, used, whole);
    } else {
        snprintf(text, sizeof text, "%s: availability %.6g %%", verdict, window->availability * 100);
    }
    surety_drawing_bar(d, x0, d->y, width, THICK, met ? "sst-met" : "sst-down",
                       met ? "fill=\"#009e73\" opacity=\"0.25\"" : "fill=\"#d55e00\" opacity=\"0.25\"", "%s, %s %s",
                       window->label, d->story->tiers[t], text);
    if (share > 0)
        surety_drawing_bar(d, x0, d->y + THICK - 4, fmax(width * share, 1), 4, met ? "sst-met" : "sst-down",
                           met ? "fill=\"#009e73\"" : "fill=\"#d55e00\"", "%s", text);
    if (CHAR_WIDTH * (double)strlen(text) < width)
        surety_drawing_text(d, x0 + 5, d->y + THICK - 5, "font-size=\"10\"", 0, "%s", text);
    else if (width > 44)
        surety_drawing_text(d, x0 + 5, d->y + THICK - 5, "font-size=\"10\"", 0, "%s", met ? "met" : "missed");
    else if (width > 10)
        surety_drawing_text(d, x0 + width / 2, d->y + THICK - 5, "font-size=\"10\" text-anchor=\"middle\"", 0,
                            met ? "+" : "x");
}

static void put_tiers(struct surety_drawing *d)
{
    const struct surety_story *story = d->story;
    for (size_t t = 0; t < story->n_tiers; t++) {
        char name[SURETY_HUMAN_SIZE], target[SURETY_HUMAN_SIZE];
        surety_human_target(target, story->targets[t]);
        snprintf(name, sizeof name, "%.30s %.14s", story->tiers[t], target);
        surety_drawing_text(d, LEFT - 10, d->y + THICK - 3, "text-anchor=\"end\"", 26, "%s", name);
        for (size_t w = 0; w < story->n_windows; w++)
            if (story->windows[w].from_us >= d->from_us && story->windows[w].to_us <= d->to_us)
                put_cell(d, t, &story->windows[w]);
        d->y += ROW;
    }
}

// --- the enlarged part -----------------------------------------------------------------------------------------

// The longest down time in the range; false when there is none, or it fills too much of the range to be enlarged.
static bool find_longest(const struct surety_drawing *d, int64_t *from_us, int64_t *to_us)
{
    const struct surety_story *story = d->story;
    int64_t best_us = 0, run_from_us = 0, run_to_us = -1;
    for (size_t i = 0; i < story->n_bars; i++) {
        const struct surety_story_bar *bar = &story->bars[i];
        if (!bar->is_service || !bar->is_down || !surety_drawing_overlaps(d, bar->from_us, bar->to_us))
            continue;
        if (bar->from_us != run_to_us)
            run_from_us = bar->from_us;
        run_to_us = bar->to_us;
        if (run_to_us - run_from_us > best_us) {
            best_us = run_to_us - run_from_us;
            *from_us = run_from_us;
            *to_us = run_to_us;
        }
    }
    return best_us > 0 && best_us < (d->to_us - d->from_us) / 4;
}

static bool is_marked(const struct surety_drawing *d, const struct surety_story_event *event)
{
    return event->kind != SURETY_STORY_WINDOW && event->hurt && event->at_us >= d->from_us && event->at_us < d->to_us;
}

// The end of the events that happen in the instant of events[i].
static size_t end_of_instant(const struct surety_story *story, size_t i)
{
    size_t end = i;
    while (end < story->n_events && story->events[end].at_us == story->events[i].at_us)
        end++;
    return end;
}

// The text of an instant, its events in one line; false when it has none to be marked.
static bool join_instant(const struct surety_drawing *d, size_t i, char *text, size_t size)
{
    text[0] = '\0';
    for (size_t end = end_of_instant(d->story, i); i < end; i++) {
        const size_t used = strlen(text);
        if (is_marked(d, &d->story->events[i]))
            snprintf(text + used, size - used, "%s%s", used > 0 ? "; " : "", d->story->events[i].text);
    }
    return text[0] != '\0';
}

// A numbered mark over the lanes.
struct mark {
    size_t event; // the first of its instant
    double x, at; // of its instant; where the number stands
    size_t row;
};

// One mark for each instant of the range, in as few rows as keep them apart; those that do not fit are counted.
static size_t place_marks(const struct surety_drawing *d, struct mark marks[MAX_MARKS], size_t *n_rows, size_t *n_more)
{
    const struct surety_story *story = d->story;
    char text[TEXT_SIZE];
    double last[MARK_ROWS];
    size_t n = 0;
    *n_rows = *n_more = 0;
    for (size_t row = 0; row < MARK_ROWS; row++)
        last[row] = -100;
    for (size_t i = 0; i < story->n_events; i = end_of_instant(story, i)) {
        if (!join_instant(d, i, text, sizeof text))
            continue;
        if (n == MAX_MARKS) {
            (*n_more)++;
            continue;
        }
        const double x = surety_drawing_x(d, story->events[i].at_us);
        size_t row = 0;
        while (row < MARK_ROWS - 1 && x - last[row] < MARK_ROW)
            row++;
        last[row] = fmax(x, last[row] + MARK_ROW); // the last row's marks move aside
        marks[n++] = (struct mark){i, x, last[row], row};
        *n_rows = row + 1 > *n_rows ? row + 1 : *n_rows;
    }
    return n;
}

static void put_marks(struct surety_drawing *d, const struct mark *marks, size_t n, double bottom)
{
    for (size_t i = 0; i < n; i++) {
        const double y = d->y + 9 + MARK_ROW * (double)marks[i].row;
        surety_drawing_line(d, marks[i].x, y + 8, marks[i].x, bottom, "stroke-dasharray=\"2 3\" opacity=\"0.6\"");
        fprintf(d->out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"8\" class=\"sst-line\" stroke=\"#000\" fill=\"none\"/>\n",
                marks[i].at, y);
        surety_drawing_text(d, marks[i].at, y + 4, "text-anchor=\"middle\" font-size=\"11\"", 0, "%zu", i + 1);
    }
}

// What the numbers stand for; a long line goes on below, between two events.
static void put_legend_of_marks(struct surety_drawing *d, const struct mark *marks, size_t n, size_t n_more)
{
    char text[TEXT_SIZE];
    d->y += 6;
    for (size_t i = 0; i < n; i++) {
        join_instant(d, marks[i].event, text, sizeof text);
        surety_drawing_text(d, 30, d->y + 10, "text-anchor=\"end\" font-weight=\"bold\"", 0, "%zu", i + 1);
        surety_drawing_text(d, 42, d->y + 10, "opacity=\"0.8\"", 0, "%s", d->story->events[marks[i].event].when);
        for (char *rest = text; rest != NULL;) {
            char *cut = strlen(rest) > LINE_CHARS ? strstr(rest, "; ") : NULL;
            for (char *next = cut; next != NULL && next - rest <= LINE_CHARS; next = strstr(next + 1, "; "))
                cut = next;
            if (cut != NULL)
                *cut = '\0';
            surety_drawing_text(d, LEFT, d->y + 10, "", 0, "%s", rest);
            rest = cut != NULL ? cut + 2 : NULL;
            d->y += 17;
        }
    }
    if (n_more > 0) {
        surety_drawing_text(d, 42, d->y + 10, "", 0, "and %zu more", n_more);
        d->y += 17;
    }
}

static void put_enlarged(struct surety_drawing *d, int64_t from_us, int64_t to_us)
{
    const int64_t minute_us = 60 * SURETY_US_PER_S;
    int64_t around_us = (to_us - from_us) * 3 / 5;
    around_us = around_us < minute_us / 2 ? minute_us / 2 : around_us;
    char when[SURETY_SPAN_SIZE], span[SURETY_SPAN_SIZE];
    d->from_us = from_us > around_us ? from_us - around_us : 0;
    d->to_us = to_us + around_us < d->story->term_us ? to_us + around_us : d->story->term_us;
    surety_story_date(when, &d->story->clock, from_us);
    surety_story_span(span, to_us - from_us);
    d->y += 14;
    surety_drawing_text(d, 12, d->y + 12, "font-weight=\"bold\"", 0, "Enlarged: the longest down time, %s from %s",
                        span, when);
    d->y += 24;
    // The marks' lines reach down to the route's lane; all lanes have one height.
    size_t n_lanes = 0, n_rows, n_more, end;
    struct mark marks[MAX_MARKS];
    for (size_t i = 0; i < d->story->n_bars && !d->story->bars[i].is_service; i = end)
        n_lanes += has_bar(d, i, &end);
    n_lanes = n_lanes > MAX_LANES ? MAX_LANES + 1 : n_lanes;
    const size_t n = place_marks(d, marks, &n_rows, &n_more);
    const double top = d->y + MARK_ROW * (double)n_rows + 3;
    put_marks(d, marks, n, top + ROW * (double)n_lanes + ROW + THICK);
    d->y = top;
    put_outages(d);
    put_service(d);
    surety_drawing_routes(d);
    surety_drawing_axis(d, top - 3);
    put_legend_of_marks(d, marks, n, n_more);
}

// --- the whole -------------------------------------------------------------------------------------------------

static void put_key(struct surety_drawing *d)
{
    static const struct {
        const char *class, *colour, *text;
    } items[] = {
        {"sst-outage", "fill=\"#e69f00\"", "outage, felt"},
        {"sst-quiet", "fill=\"none\" stroke=\"#e69f00\"", "outage, not felt"},
        {"sst-down", "fill=\"#d55e00\"", "service down"},
        {"sst-slack", "fill=\"#f0e442\"", "some requests fail, not down"},
    };
    double x = 12;
    d->y += 6;
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        fprintf(d->out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"14\" height=\"10\" class=\"%s\" %s/>\n", x, d->y + 1,
                items[i].class, items[i].colour);
        surety_drawing_text(d, x + 20, d->y + 10, "font-size=\"11\"", 0, "%s", items[i].text);
        x += 20 + CHAR_WIDTH * (double)strlen(items[i].text) + 18;
    }
    surety_drawing_text(d, x, d->y + 10, "font-size=\"11\" opacity=\"0.8\"", 0,
                        "height of a bar: share of requests that fail");
    d->y += 20;
}

static void put_body(struct surety_drawing *d)
{
    const struct surety_story *story = d->story;
    char from[SURETY_SPAN_SIZE], to[SURETY_SPAN_SIZE], span[SURETY_SPAN_SIZE];
    int64_t longest_from_us, longest_to_us;
    double down_s = 0;
    for (size_t w = 0; w < story->n_windows; w++)
        if (story->windows[w].from_us >= d->from_us && story->windows[w].to_us <= d->to_us)
            down_s += story->windows[w].downtime_s;
    surety_story_date(from, &d->story->clock, d->from_us);
    surety_story_date(to, &d->story->clock, d->to_us);
    surety_story_span(span, (int64_t)(down_s * 1e6 + 0.5));
    surety_drawing_text(d, 12, 22, "font-size=\"15\" font-weight=\"bold\"", 110, "%s on %s: %s down", story->name,
                        story->architecture, span);
    surety_drawing_text(d, 12, 40, "opacity=\"0.8\"", 150,
                        "%.10s to %.10s, %s; replication %" PRIu64 " of seed %" PRIu64 "%s%s", from, to,
                        story->timezone, story->replication, story->seed, story->because != NULL ? ", " : "",
                        story->because != NULL ? story->because : "");
    d->y = 56;
    put_outages(d);
    put_service(d);
    surety_drawing_routes(d);
    put_tiers(d);
    surety_drawing_axis(d, 52);
    if (find_longest(d, &longest_from_us, &longest_to_us))
        put_enlarged(d, longest_from_us, longest_to_us);
    put_key(d);
}

enum surety_err surety_story_svg(FILE *out, const struct surety_story *story, int64_t from_us, int64_t to_us)
{
    char *body = NULL;
    size_t size = 0;
    struct surety_drawing d = {.out = open_memstream(&body, &size), .story = story, .from_us = from_us, .to_us = to_us};
    if (d.out == NULL)
        return SURETY_E_MEMORY;
    put_body(&d);
    if (fclose(d.out) != 0)
        d.err = SURETY_E_MEMORY;
    if (d.err == SURETY_OK) {
        fprintf(out,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %.0f\" class=\"sst\" role=\"img\" "
                "style=\"width:100%%;max-width:%dpx;height:auto\" font-family=\"system-ui, sans-serif\" "
                "font-size=\"12\">\n<title>",
                WIDTH, d.y + 8, WIDTH);
        d.out = out;
        surety_drawing_escaped(&d, story->name, 0);
        fprintf(out, ": one simulated term on a timeline</title>\n<style>%s</style>\n%s</svg>\n", style, body);
    }
    free(body);
    return d.err;
}
