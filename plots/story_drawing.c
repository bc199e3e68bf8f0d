// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/story_drawing.h"

#include "plots/wording.h"
#include "sim/engine/story_words.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_SIZE 768
#define MAX_TICKS 11

double surety_drawing_x(const struct surety_drawing *d, int64_t at_us)
{
    const double share = (double)(at_us - d->from_us) / (double)(d->to_us - d->from_us);
    return SURETY_DRAWING_LEFT + (SURETY_DRAWING_RIGHT - SURETY_DRAWING_LEFT) * (share < 0 ? 0 : share > 1 ? 1 : share);
}

void surety_drawing_escaped(struct surety_drawing *d, const char *text, size_t most)
{
    char *clean = surety_wording_clean(text, most);
    if (clean == NULL) {
        d->err = SURETY_E_MEMORY;
        return;
    }
    for (const char *c = clean; *c != '\0'; c++) {
        const char *name = *c == '&' ? "&amp;" : *c == '<' ? "&lt;" : *c == '>' ? "&gt;" : *c == '"' ? "&quot;" : NULL;
        if (name != NULL)
            fputs(name, d->out);
        else
            putc(*c, d->out);
    }
    free(clean);
}

void surety_drawing_text(struct surety_drawing *d, double x, double y, const char *attributes, size_t most,
                         const char *format, ...)
{
    char text[TEXT_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    fprintf(d->out, "<text x=\"%.1f\" y=\"%.1f\"%s%s>", x, y, attributes[0] != '\0' ? " " : "", attributes);
    surety_drawing_escaped(d, text, most);
    fputs("</text>\n", d->out);
}

void surety_drawing_bar(struct surety_drawing *d, double x, double y, double width, double height, const char *class,
                        const char *colour, const char *format, ...)
{
    char text[TEXT_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    fprintf(d->out, "<rect x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%.1f\" class=\"%s\" %s><title>", x, y, width,
            height, class, colour);
    surety_drawing_escaped(d, text, 0);
    fputs("</title></rect>\n", d->out);
}

void surety_drawing_line(struct surety_drawing *d, double x1, double y1, double x2, double y2, const char *attributes)
{
    fprintf(d->out, "<path d=\"M%.1f,%.1fL%.1f,%.1f\" class=\"sst-line\" stroke=\"#000\" fill=\"none\" %s/>\n", x1, y1,
            x2, y2, attributes);
}

// --- the axis --------------------------------------------------------------------------------------------------

static void put_tick(struct surety_drawing *d, int64_t at_us, double top, double bottom, const char *label)
{
    const double x = surety_drawing_x(d, at_us);
    surety_drawing_line(d, x, top, x, bottom, "opacity=\"0.15\"");
    surety_drawing_text(d, x, bottom + 15, at_us == d->to_us ? "text-anchor=\"end\"" : "text-anchor=\"middle\"", 0,
                        "%s", label);
}

void surety_drawing_axis(struct surety_drawing *d, double top)
{
    static const int64_t steps_s[] = {1,     2,     5,      10,     15,     30,      60,      120,
                                      300,   600,   900,    1800,   3600,   7200,    10800,   21600,
                                      43200, 86400, 172800, 432000, 864000, 2592000, 7776000, 31536000};
    const struct surety_story *story = d->story;
    const double bottom = d->y;
    const int64_t range_us = d->to_us - d->from_us;
    size_t n_windows = 0;
    for (size_t w = 0; w < story->n_windows; w++)
        n_windows += story->windows[w].from_us >= d->from_us && story->windows[w].to_us <= d->to_us;
    char when[SURETY_SPAN_SIZE], label[SURETY_SPAN_SIZE];
    surety_drawing_line(d, SURETY_DRAWING_LEFT, bottom, SURETY_DRAWING_RIGHT, bottom, "opacity=\"0.6\"");
    if (n_windows > 2) {
        const size_t every = (n_windows + MAX_TICKS) / (MAX_TICKS + 1);
        for (size_t w = 0, k = 0; w < story->n_windows; w++)
            if (story->windows[w].from_us >= d->from_us && story->windows[w].to_us <= d->to_us && k++ % every == 0)
                put_tick(d, story->windows[w].from_us, top, bottom, story->windows[w].label);
    } else {
        size_t i = 0;
        while (i + 1 < sizeof steps_s / sizeof *steps_s && range_us / (steps_s[i] * SURETY_US_PER_S) > MAX_TICKS)
            i++;
        const int64_t step_us = steps_s[i] * SURETY_US_PER_S;
        // Ticks are round on the zone's clocks. From a whole day on they count from the range's first midnight, below
        // that from the day's.
        const struct surety_story_clock *clock = &story->clock;
        const int64_t unit_us = step_us < SURETY_US_PER_DAY ? step_us : SURETY_US_PER_DAY;
        int64_t local_us = (surety_story_local_us(clock, d->from_us) + unit_us - 1) / unit_us * unit_us;
        for (;; local_us += step_us) {
            int64_t at_us = 2 * local_us - surety_story_local_us(clock, local_us); // when the clocks show it, nearly
            at_us += local_us - surety_story_local_us(clock, at_us);
            if (at_us > d->to_us)
                break;
            surety_story_date(when, clock, at_us);
            if (local_us % SURETY_US_PER_DAY != 0)
                snprintf(label, sizeof label, "%.*s", step_us < 60 * SURETY_US_PER_S ? 8 : 5, when + 11);
            else if (range_us < 300 * SURETY_US_PER_DAY && step_us >= SURETY_US_PER_DAY)
                snprintf(label, sizeof label, "%.5s", when + 5);
            else
                snprintf(label, sizeof label, "%.10s", when);
            if (at_us >= d->from_us)
                put_tick(d, at_us, top, bottom, label);
        }
    }
    d->y = bottom + 22;
}

void surety_drawing_lane(struct surety_drawing *d, const char *name)
{
    surety_drawing_text(d, SURETY_DRAWING_LEFT - 10, d->y + SURETY_DRAWING_THICK - 3, "text-anchor=\"end\"", 26, "%s",
                        name);
    surety_drawing_line(d, SURETY_DRAWING_LEFT, d->y + SURETY_DRAWING_THICK, SURETY_DRAWING_RIGHT,
                        d->y + SURETY_DRAWING_THICK, "opacity=\"0.25\"");
}

bool surety_drawing_overlaps(const struct surety_drawing *d, int64_t from_us, int64_t to_us)
{
    return from_us < d->to_us && to_us > d->from_us;
}

// --- routes ---

static const char *const route_colours[] = {"#0072b2", "#56b4e9", "#cc79a7", "#555"};
#define N_ROUTE_COLOURS (sizeof route_colours / sizeof *route_colours)

static size_t colour_of_route(const struct surety_story *story, const char *name)
{
    size_t n = 0;
    for (size_t i = 0; i < story->n_routes; i++) { // the number of names that came first before it did
        if (strcmp(story->routes[i].name, name) == 0)
            return n % N_ROUTE_COLOURS;
        bool is_new = true;
        for (size_t k = 0; is_new && k < i; k++)
            is_new = strcmp(story->routes[k].name, story->routes[i].name) != 0;
        n += is_new;
    }
    return 0;
}

static void put_route(struct surety_drawing *d, const struct surety_story_route *route)
{
    const size_t colour = colour_of_route(d->story, route->name);
    const double x0 = surety_drawing_x(d, route->from_us),
                 x1 = fmax(surety_drawing_x(d, route->to_us), x0 + SURETY_DRAWING_LEAST_WIDTH);
    char from[SURETY_SPAN_SIZE], to[SURETY_SPAN_SIZE], class[8], fill[32];
    surety_story_date(from, &d->story->clock, route->from_us);
    surety_story_date(to, &d->story->clock, route->to_us);
    snprintf(class, sizeof class, "sst-r%zu", colour);
    snprintf(fill, sizeof fill, "fill=\"%s\"", route_colours[colour]);
    // The route ahead fills the lane, each later one less: grey prints tell them apart.
    const double height = SURETY_DRAWING_THICK - 3 * (double)colour;
    surety_drawing_bar(d, x0, d->y + SURETY_DRAWING_THICK - height, x1 - x0, height, class, fill,
                       "%s carries the traffic, %s to %s", route->name, from, to);
}

// The names of the routes in sight, each with its colour, below the lane.
static void put_route_key(struct surety_drawing *d)
{
    const struct surety_story *story = d->story;
    double x = SURETY_DRAWING_LEFT;
    for (size_t i = 0; i < story->n_routes && x < SURETY_DRAWING_RIGHT - 80; i++) {
        const struct surety_story_route *route = &story->routes[i];
        bool is_new = surety_drawing_overlaps(d, route->from_us, route->to_us);
        for (size_t k = 0; is_new && k < i; k++)
            is_new = strcmp(story->routes[k].name, route->name) != 0 ||
                     !surety_drawing_overlaps(d, story->routes[k].from_us, story->routes[k].to_us);
        if (!is_new)
            continue;
        const size_t colour = colour_of_route(story, route->name), n = strlen(route->name);
        fprintf(d->out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"9\" height=\"9\" class=\"sst-r%zu\" fill=\"%s\"/>\n", x,
                d->y - 2, colour, route_colours[colour]);
        surety_drawing_text(d, x + 13, d->y + 6, "font-size=\"11\"", 40, "%s", route->name);
        x += 13 + SURETY_DRAWING_CHAR_WIDTH * (double)(n < 40 ? n : 40) + 14;
    }
}

void surety_drawing_routes(struct surety_drawing *d)
{
    const struct surety_story *story = d->story;
    surety_drawing_lane(d, "traffic goes to");
    for (size_t i = 0; i < story->n_routes; i++)
        if (surety_drawing_overlaps(d, story->routes[i].from_us, story->routes[i].to_us))
            put_route(d, &story->routes[i]);
    d->y += SURETY_DRAWING_ROW - 4;
    put_route_key(d);
    d->y += SURETY_DRAWING_ROW - 8;
}
