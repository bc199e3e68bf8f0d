// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/figure_style.h"
#include "plots/figures.h"
#include "plots/gnuplot.h"
#include "plots/human.h"
#include "plots/wording.h"

#include <math.h>
#include <string.h>

// The worst month of a bad term as a timeline: above the whole month, below its longest outage of the service from
// close by. A lane for the service, for each route that carried traffic, for each source of outages.

#define WIDTH 760
#define ROW 24
#define MOST_LANES 12
#define NAME_CHARACTERS 26
#define CHARACTER_PX 7.2
#define DAY_US INT64_C(86400000000)

enum lane_kind { SERVICE, ROUTE, SOURCE };

struct lane {
    enum lane_kind kind;
    const char *name;
};

struct span {
    int64_t from_us, to_us;
};

struct sheet { // what is drawn
    const struct surety_story *story;
    struct lane lanes[MOST_LANES];
    size_t n_lanes;
    bool cut; // there were more
};

static bool overlaps(int64_t from_us, int64_t to_us, struct span span)
{
    return from_us < span.to_us && to_us > span.from_us;
}

static void add_lane(struct sheet *sheet, enum lane_kind kind, const char *name)
{
    for (size_t i = 0; i < sheet->n_lanes; i++) {
        if (sheet->lanes[i].kind == kind && strcmp(sheet->lanes[i].name, name) == 0)
            return;
    }
    if (sheet->n_lanes == MOST_LANES)
        sheet->cut = true;
    else
        sheet->lanes[sheet->n_lanes++] = (struct lane){kind, name};
}

static void collect_lanes(struct sheet *sheet, struct span month)
{
    const struct surety_story *story = sheet->story;
    add_lane(sheet, SERVICE, "service");
    for (size_t i = 0; i < story->n_routes; i++) {
        if (overlaps(story->routes[i].from_us, story->routes[i].to_us, month))
            add_lane(sheet, ROUTE, story->routes[i].name);
    }
    for (size_t i = 0; i < story->n_bars; i++) {
        if (overlaps(story->bars[i].from_us, story->bars[i].to_us, month) && !story->bars[i].is_service)
            add_lane(sheet, SOURCE, story->bars[i].lane);
    }
}

// The longest outage of the service in the month, with the outages it came from and what followed it.
static bool find_zoom(const struct surety_story *story, struct span month, struct span *zoom)
{
    struct span longest = {0, 0};
    for (size_t i = 0; i < story->n_bars; i++) {
        const struct surety_story_bar *bar = &story->bars[i];
        if (bar->is_service && bar->is_down && overlaps(bar->from_us, bar->to_us, month) &&
            bar->to_us - bar->from_us > longest.to_us - longest.from_us)
            longest = (struct span){bar->from_us, bar->to_us};
    }
    if (longest.to_us == longest.from_us)
        return false;
    *zoom = longest;
    for (size_t i = 0; i < story->n_bars; i++) {
        const struct surety_story_bar *bar = &story->bars[i];
        const int64_t near = 3 * (longest.to_us - longest.from_us);
        if (bar->hurt && overlaps(bar->from_us, bar->to_us, longest) && bar->to_us - bar->from_us < 20 * near) {
            zoom->from_us = bar->from_us < zoom->from_us ? bar->from_us : zoom->from_us;
            zoom->to_us = bar->to_us > zoom->to_us ? bar->to_us : zoom->to_us;
        }
    }
    const int64_t edge = (zoom->to_us - zoom->from_us) / 8 + 60000000;
    zoom->from_us -= edge;
    zoom->to_us += edge;
    for (size_t i = 0; i < story->n_events; i++) { // a failback that follows soon belongs to it
        const struct surety_story_event *event = &story->events[i];
        if (event->kind == SURETY_STORY_FAILBACK && event->at_us > zoom->to_us &&
            event->at_us - zoom->to_us < (zoom->to_us - zoom->from_us) / 2)
            zoom->to_us = event->at_us + edge;
    }
    zoom->from_us = zoom->from_us < month.from_us ? month.from_us : zoom->from_us;
    zoom->to_us = zoom->to_us > month.to_us ? month.to_us : zoom->to_us;
    return true;
}

// One bar, at least so wide that it is seen.
static void put_bar(FILE *script, int64_t from_us, int64_t to_us, struct span span, double unit_us, size_t row,
                    double share, bool is_route)
{
    const double least = (double)(span.to_us - span.from_us) / unit_us * 0.0035;
    double from = (double)((from_us > span.from_us ? from_us : span.from_us) - span.from_us) / unit_us;
    double to = (double)((to_us < span.to_us ? to_us : span.to_us) - span.from_us) / unit_us;
    const double half = is_route ? 0.13 : 0.14 + 0.24 * share; // the higher the more requests fail
    if (to - from < least && !is_route) {
        const double middle = (from + to) / 2.0;
        from = fmax(middle - least / 2.0, 0.0);
        to = from + least;
    }
    fprintf(script, "%.9g %.9g %.9g %zu %.4g\n", (from + to) / 2.0, from, to, row, half);
}

// The bars of all lanes of one kind as a data block; how many there are.
static size_t put_kind(FILE *script, const struct sheet *sheet, enum lane_kind kind, const char *block,
                       struct span span, double unit_us)
{
    const struct surety_story *story = sheet->story;
    size_t n = 0;
    fprintf(script, "$%s << EOD\n", block);
    for (size_t row = 0; row < sheet->n_lanes; row++) {
        const struct lane *lane = &sheet->lanes[row];
        if (lane->kind != kind)
            continue;
        for (size_t i = 0; kind == ROUTE && i < story->n_routes; i++) {
            const struct surety_story_route *route = &story->routes[i];
            if (strcmp(route->name, lane->name) != 0 || !overlaps(route->from_us, route->to_us, span))
                continue;
            put_bar(script, route->from_us, route->to_us, span, unit_us, row + 1, 1.0, true);
            n++;
        }
        for (size_t i = 0; kind != ROUTE && i < story->n_bars; i++) {
            const struct surety_story_bar *bar = &story->bars[i];
            const bool own = bar->is_service ? kind == SERVICE : kind == SOURCE && strcmp(bar->lane, lane->name) == 0;
            if (!own || !overlaps(bar->from_us, bar->to_us, span))
                continue;
            put_bar(script, bar->from_us, bar->to_us, span, unit_us, row + 1, bar->share_failing, false);
            n++;
        }
    }
    fputs("EOD\n", script);
    return n;
}

struct panel {
    struct span span;
    double unit_us;
    double top, bottom, left; // pixels from the top
    const char *label;
    char prefix;
};

static void put_panel(FILE *script, const struct sheet *sheet, const struct panel *panel, int height)
{
    static const struct {
        enum lane_kind kind;
        const char *name;
        enum surety_colour_id colour;
    } kinds[] = {
        {SERVICE, "service", SURETY_BAD}, {ROUTE, "route", SURETY_SERIES}, {SOURCE, "source", SURETY_SERIES + 4}};
    const double most = (double)(panel->span.to_us - panel->span.from_us) / panel->unit_us;
    const char *comma = "plot";
    fprintf(script, "set margins screen %.4f, screen %.4f, screen %.4f, screen %.4f\n", panel->left / WIDTH,
            1.0 - 20.0 / WIDTH, 1.0 - panel->bottom / height, 1.0 - panel->top / height);
    fprintf(script, "set xrange [0:%.9g]\nset yrange [%g:0.5]\n", most, (double)sheet->n_lanes + 0.5);
    if (panel->prefix == 'm') { // days are numbered from 1, at their beginning
        fputs("set xtics (", script);
        for (int day = 1; (double)day - 1.0 < most - 0.2; day += most > 10.0 ? 5 : 1)
            fprintf(script, "%s'%d' %d", day > 1 ? ", " : "", day, day - 1);
        fputs(")\n", script);
    } else {
        surety_script_amount_ticks(script, 'x', most, 9);
    }
    fputs("set xlabel ", script);
    surety_gnuplot_quote(script, panel->label, 0);
    fprintf(script, " textcolor rgb '%s'\nset ytics (", surety_colours[SURETY_INK].hex);
    for (size_t i = 0; i < sheet->n_lanes; i++) {
        static const char *const words[] = {"", "on ", ""};
        char name[256];
        snprintf(name, sizeof name, "%s%.200s", words[sheet->lanes[i].kind],
                 sheet->lanes[i].kind == SERVICE ? "service fails" : sheet->lanes[i].name);
        fputs(i > 0 ? ", " : "", script);
        surety_gnuplot_quote_tick(script, name, NAME_CHARACTERS);
        fprintf(script, " %zu", i + 1);
    }
    fputs(")\n", script);
    char block[32];
    bool has[3];
    for (size_t k = 0; k < 3; k++) {
        snprintf(block, sizeof block, "%c%s", panel->prefix, kinds[k].name);
        has[k] = put_kind(script, sheet, kinds[k].kind, block, panel->span, panel->unit_us) > 0;
    }
    for (size_t k = 0; k < 3; k++) {
        if (!has[k])
            continue;
        fprintf(script,
                "%s $%c%s using 1:4:2:3:($4-$5):($4+$5) with boxxyerror fillcolor rgb '%s' fillstyle solid 1 noborder",
                comma, panel->prefix, kinds[k].name, surety_colours[kinds[k].colour].hex);
        comma = ",";
    }
    fputs("\n", script);
}

static const char *title_of(const struct surety_result *result, const struct surety_story_window *window,
                            struct surety_arena *arena)
{
    const struct surety_story *story = result->bad_month;
    const size_t tier = surety_wording_focus(result).i_tier;
    char downtime[SURETY_HUMAN_SIZE], money[SURETY_HUMAN_SIZE], credit[SURETY_HUMAN_SIZE + 32] = "";
    surety_human_duration(downtime, window->downtime_s);
    if (tier >= story->n_tiers)
        return surety_arena_printf(arena, "A bad %s: %s, down %s", surety_wording_window(result), window->label,
                                   downtime);
    if (window->credit[tier] > 0.0) { // not for NAN
        surety_wording_money(money, window->credit[tier], result->currency);
        snprintf(credit, sizeof credit, ", %s of credits", money);
    }
    return surety_arena_printf(arena, "A bad %s on %s: in %s the service is down %s, %s is %s%s",
                               surety_wording_window(result), story->architecture, window->label, downtime,
                               story->tiers[tier], window->met[tier] ? "met" : "missed", credit);
}

// When the zoom begins, in words: the first event in it.
static const char *begin_of(const struct surety_story *story, struct span zoom, int64_t *at_us)
{
    for (size_t i = 0; i < story->n_events; i++) {
        if (story->events[i].at_us >= zoom.from_us && story->events[i].at_us < zoom.to_us) {
            *at_us = story->events[i].at_us;
            return story->events[i].when;
        }
    }
    return NULL;
}

bool surety_figure_bad_month(const struct surety_result *result, struct surety_arena *arena,
                             struct surety_figure *figure, FILE *script)
{
    const struct surety_story *story = result->bad_month;
    struct sheet sheet = {.story = story};
    struct span zoom;
    if (story == NULL || story->worst_window >= story->n_windows)
        return false;
    const struct surety_story_window *window = &story->windows[story->worst_window];
    const struct span month = {window->from_us, window->to_us};
    if (month.to_us <= month.from_us || !find_zoom(story, month, &zoom))
        return false;
    collect_lanes(&sheet, month);
    size_t longest = 12;
    for (size_t i = 0; i < sheet.n_lanes; i++)
        longest = strlen(sheet.lanes[i].name) + 3 > longest ? strlen(sheet.lanes[i].name) + 3 : longest;
    const double left = 24.0 + (double)(longest < NAME_CHARACTERS ? longest : NAME_CHARACTERS) * CHARACTER_PX;
    const double lanes = (double)sheet.n_lanes * ROW;
    const int height = (int)(2.0 * lanes) + 14 + 58 + 16 + 58;
    const char *unit_name;
    // The axis of the lower panel starts at the first event: its time is known in words.
    int64_t at_us = zoom.from_us;
    const char *begin = begin_of(story, zoom, &at_us);
    const int64_t before = (zoom.to_us - zoom.from_us) / 40;
    zoom.from_us = at_us - before > zoom.from_us ? at_us - before : zoom.from_us;
    const double unit_s = surety_script_time_unit((double)(zoom.to_us - zoom.from_us) / 1e6 / 1.5, &unit_name);
    const char *near =
        begin != NULL ? surety_arena_printf(arena, "its longest outage, %s from shortly before %s", unit_name, begin)
                      : surety_arena_printf(arena, "its longest outage (%s)", unit_name);
    const char *far = surety_arena_printf(arena, "day of %s (d)", window->label);
    if (near == NULL || far == NULL)
        return true;
    surety_script_head(script, WIDTH, height);
    fputs("set grid noytics xtics\nset multiplot\n", script);
    put_panel(script, &sheet, &(struct panel){month, (double)DAY_US, 14.0, 14.0 + lanes, left, far, 'm'}, height);
    put_panel(script, &sheet, &(struct panel){zoom, unit_s * 1e6, 88.0 + lanes, 88.0 + 2.0 * lanes, left, near, 'z'},
              height);
    fputs("unset multiplot\n", script);
    figure->title = title_of(result, window, arena);
    figure->description = surety_arena_printf(
        arena,
        "Two timelines of replication %llu: above %s in days, below its longest outage in %s. A lane each for the "
        "service's downtime, the route that carries traffic and every source of outages; the higher a bar, the "
        "larger the share of requests that fails.",
        (unsigned long long)story->replication, window->label, unit_name);
    figure->note = sheet.cut
                       ? "The higher a bar, the larger the share of requests that fails. Some sources without room are "
                         "left out here; the list below has their events."
                       : "The higher a bar, the larger the share of requests that fails.";
    return true;
}
