// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/html.h"
#include "plots/human.h"
#include "plots/replay.h"

#include <string.h>

// Lengths are SVG's user units.
#define LEFT 90 // where a strip begins
#define DAY 15  // from day to day
#define SQUARE 13
#define ROW 20
#define DAYS_A_ROW 35 // a longer window takes several rows
#define STRIP (LEFT + DAYS_A_ROW * DAY + 10)
#define CHAR_WIDTH 7.2 // of a letter at 12 px, at most
#define HEADING 44
#define LEGEND 70

static size_t rows_of(size_t n_days)
{
    return n_days > DAYS_A_ROW ? (n_days + DAYS_A_ROW - 1) / DAYS_A_ROW : 1;
}

// Rows of all strips of an architecture.
static size_t height_of(const struct surety_replay *replay, const struct surety_story *story)
{
    size_t rows = 0, day = 0;
    for (size_t w = 0; w < story->n_windows; w++) {
        const size_t end = surety_replay_end_of(replay, story, w);
        rows += rows_of(end - day);
        day = end;
    }
    return HEADING + ROW * rows;
}

static double tier_width(const struct surety_story *story, size_t t)
{
    char cell[2 * SURETY_HUMAN_SIZE];
    size_t most = strlen(story->tiers[t]);
    for (size_t w = 0; w < story->n_windows; w++) {
        surety_replay_tier_cell(cell, story, w, t);
        most = strlen(cell) > most ? strlen(cell) : most;
    }
    return CHAR_WIDTH * (double)(most + 3);
}

static double width_of(const struct surety_story *story)
{
    double width = STRIP;
    for (size_t t = 0; t < story->n_tiers; t++)
        width += tier_width(story, t);
    return width > 640 ? width : 640;
}

static void put_text(FILE *out, double x, size_t y, const char *attributes, const char *text)
{
    fprintf(out, "<text x=\"%.1f\" y=\"%zu\"%s>", x, y, attributes);
    surety_html_exact(out, text, false);
    fputs("</text>\n", out);
}

static void put_square(FILE *out, size_t x, size_t y, const struct surety_replay_level *level)
{
    fprintf(out, "<rect x=\"%zu\" y=\"%zu\" width=\"%d\" height=\"%d\" fill=\"%s\"", x, y, SQUARE, SQUARE,
            level->colour);
}

static void put_day(FILE *out, size_t x, size_t y, const char *date, const struct surety_replay_day *day)
{
    char down[SURETY_HUMAN_SIZE], lost[SURETY_HUMAN_SIZE];
    surety_human_duration(down, day->down_s);
    surety_human_duration(lost, day->lost_s);
    put_square(out, x, y, surety_replay_level_of(day));
    if (day->lost_s > 0)
        fprintf(out, "><title>%s: down for %s, lost %s</title></rect>\n", date, down, lost);
    else
        fprintf(out, "><title>%s</title></rect>\n", date);
}

static void put_tiers(FILE *out, const struct surety_story *story, size_t window, size_t y)
{
    char cell[2 * SURETY_HUMAN_SIZE];
    double x = STRIP;
    for (size_t t = 0; t < story->n_tiers; t++) {
        surety_replay_tier_cell(cell, story, window, t);
        put_text(out, x, y + SQUARE - 2, story->windows[window].met[t] ? "" : " font-weight=\"bold\"", cell);
        x += tier_width(story, t);
    }
}

// Returns where the next one begins.
static size_t put_architecture(const struct surety_replay *replay, const struct surety_replay_architecture *a, size_t y,
                               FILE *out)
{
    const struct surety_story *story = a->story;
    char heading[512], availability[SURETY_HUMAN_SIZE], down[SURETY_HUMAN_SIZE];
    size_t day = 0;
    double x = STRIP;
    surety_human_percent(availability, story->availability, 3);
    surety_human_duration(down, story->downtime_s);
    snprintf(heading, sizeof heading, "%.200s: availability %s, down for %s in all", story->architecture, availability,
             down);
    put_text(out, 0, y + 18, " font-weight=\"bold\"", heading);
    for (size_t t = 0; t < story->n_tiers; t++) {
        put_text(out, x, y + HEADING - 6, "", story->tiers[t]);
        x += tier_width(story, t);
    }
    y += HEADING;
    for (size_t w = 0; w < story->n_windows; w++) {
        const size_t end = surety_replay_end_of(replay, story, w), first = day;
        put_text(out, 0, y + SQUARE - 2, "", story->windows[w].label);
        put_tiers(out, story, w, y);
        for (; day < end && day < replay->n_days; day++) {
            const size_t n = day - first;
            put_day(out, LEFT + n % DAYS_A_ROW * DAY, y + n / DAYS_A_ROW * ROW, replay->dates[day], &a->days[day]);
        }
        y += ROW * rows_of(end - first);
    }
    return y;
}

static void put_legend(size_t y, FILE *out)
{
    size_t x = 0;
    put_text(out, 0, y + 18, "",
             "A square is a day, by what was lost: its downtime weighted with the share of requests "
             "that failed.");
    for (size_t i = 0; i < SURETY_REPLAY_N_LEVELS; i++) {
        const struct surety_replay_level *level = &surety_replay_levels[i];
        put_square(out, x, y + 28, level);
        fputs("/>\n", out);
        put_text(out, (double)x + DAY + 3, y + 28 + SQUARE - 2, "", level->means);
        x += DAY + 3 + (size_t)(CHAR_WIDTH * (double)(strlen(level->means) + 2));
    }
}

void surety_replay_svg(const struct surety_replay *replay, FILE *out)
{
    size_t height = LEGEND + 26, y = 26;
    double width = 0;
    char title[512];
    const struct surety_story *first = replay->architectures[0].story;
    for (size_t i = 0; i < replay->n_architectures; i++) {
        const double one = width_of(replay->architectures[i].story);
        height += height_of(replay, replay->architectures[i].story);
        width = one > width ? one : width;
    }
    snprintf(title, sizeof title, "%.300s: replay of the record from %s to %s", first->name, replay->dates[0],
             replay->dates[replay->n_days - 1]);
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-10 0 %.0f %zu\" width=\"%.0f\" height=\"%zu\" "
            "role=\"img\" font-family=\"sans-serif\" font-size=\"12\" fill=\"currentColor\">\n<title>",
            width + 20, height, width + 20, height);
    surety_html_exact(out, title, false);
    fputs("</title>\n", out);
    put_text(out, 0, 18, " font-size=\"15\"", title);
    for (size_t i = 0; i < replay->n_architectures; i++)
        y = put_architecture(replay, &replay->architectures[i], y, out);
    put_legend(y, out);
    fputs("</svg>\n", out);
}
