// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/replay.h"

#include "plots/human.h"
#include "plots/wording.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define GAP 3
#define LABEL 10 // columns of a window's name

const struct surety_replay_level surety_replay_levels[SURETY_REPLAY_N_LEVELS] = {
    {'#', 3600, "an hour and more", "#6d1a00"},
    {'+', 600, "10 minutes", "#d55e00"},
    {'-', 60, "a minute", "#f0a640"},
    {'~', 1e-6, "less", "#f7dfb0"},
    {'.', 0, "nothing", "#e8eaed"}};

const struct surety_replay_level *surety_replay_level_of(const struct surety_replay_day *day)
{
    size_t i = 0;
    while (day->lost_s < surety_replay_levels[i].least_lost_s)
        i++;
    return &surety_replay_levels[i];
}

size_t surety_replay_end_of(const struct surety_replay *replay, const struct surety_story *story, size_t window)
{
    if (window + 1 == story->n_windows)
        return replay->n_days;
    return (size_t)((story->windows[window].to_us + INT64_C(43200000000)) / INT64_C(86400000000));
}

__attribute__((format(printf, 3, 4))) static void put_sentence(FILE *out, const char *lead, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    surety_human_wrapped(out, lead, text);
}

static void put_title(const struct surety_replay *replay, FILE *out)
{
    const struct surety_story *story = replay->architectures[0].story;
    surety_human_wrapped(out, "", story->name);
    put_sentence(out, "", "Replay of the record from %s to %s, %zu %ss, %s. Availability measured by %s.",
                 replay->dates[0], replay->dates[replay->n_days - 1], story->n_windows, story->window, replay->timezone,
                 story->measure);
}

void surety_replay_tier_cell(char *out, const struct surety_story *story, size_t w, size_t t)
{
    const struct surety_story_window *window = &story->windows[w];
    char money[SURETY_HUMAN_SIZE];
    money[0] = '\0';
    if (!isnan(window->credit[t]) && window->credit[t] > 0)
        surety_wording_money(money, window->credit[t], story->currency);
    snprintf(out, 2 * SURETY_HUMAN_SIZE, "%s%s%s", window->met[t] ? "met" : "missed", money[0] != '\0' ? " " : "",
             money);
}

static int tier_width(const struct surety_story *story, size_t t)
{
    char cell[2 * SURETY_HUMAN_SIZE];
    size_t width = strlen(story->tiers[t]);
    for (size_t w = 0; w < story->n_windows; w++) {
        surety_replay_tier_cell(cell, story, w, t);
        width = strlen(cell) > width ? strlen(cell) : width;
    }
    return (int)width;
}

static void put_windows(const struct surety_story *story, FILE *out)
{
    char a[SURETY_HUMAN_SIZE], b[SURETY_HUMAN_SIZE], cell[2 * SURETY_HUMAN_SIZE];
    fprintf(out, "  %-*s%*s%13s%*s%8s", LABEL, story->window, GAP, "", "availability", GAP, "", "down");
    for (size_t t = 0; t < story->n_tiers; t++)
        fprintf(out, "%*s%-*s", GAP, "", t + 1 < story->n_tiers ? tier_width(story, t) : 0, story->tiers[t]);
    putc('\n', out);
    for (size_t w = 0; w < story->n_windows; w++) {
        const struct surety_story_window *window = &story->windows[w];
        surety_human_percent(a, window->availability, 3);
        surety_human_duration(b, window->downtime_s);
        fprintf(out, "  %-*s%*s%13s%*s%8s", LABEL, window->label, GAP, "", a, GAP, "", b);
        for (size_t t = 0; t < story->n_tiers; t++) {
            surety_replay_tier_cell(cell, story, w, t);
            fprintf(out, "%*s%-*s", GAP, "", t + 1 < story->n_tiers ? tier_width(story, t) : 0, cell);
        }
        putc('\n', out);
    }
}

static void put_tiers(const struct surety_replay_architecture *a, FILE *out)
{
    const struct surety_story *story = a->story;
    char target[SURETY_HUMAN_SIZE], money[SURETY_HUMAN_SIZE];
    for (size_t t = 0; t < story->n_tiers; t++) {
        surety_human_target(target, story->targets[t]);
        surety_wording_money(money, a->credits[t], story->currency);
        put_sentence(out, "  ", "%s (%s): %zu of %zu %ss met%s%s%s.", story->tiers[t], target, a->n_met[t],
                     story->n_windows, story->window, isnan(a->credits[t]) ? "" : ", credits of ",
                     isnan(a->credits[t]) ? "" : money, isnan(a->credits[t]) ? "" : " in all");
    }
}

// One line a window, one character a day.
static void put_calendar(const struct surety_replay *replay, const struct surety_replay_architecture *a, FILE *out)
{
    const struct surety_story *story = a->story;
    size_t d = 0;
    for (size_t w = 0; w < story->n_windows; w++) {
        const size_t end = surety_replay_end_of(replay, story, w);
        fprintf(out, "  %-*s%*s", LABEL, story->windows[w].label, GAP, "");
        for (size_t n = 0; d < end && d < replay->n_days; d++, n++) {
            if (n > 0 && n % 70 == 0)
                fprintf(out, "\n  %*s", LABEL + GAP, "");
            putc(surety_replay_level_of(&a->days[d])->mark, out);
        }
        putc('\n', out);
    }
}

static void put_architecture(const struct surety_replay *replay, const struct surety_replay_architecture *a, FILE *out)
{
    const struct surety_story *story = a->story;
    const struct surety_replay_day *worst = &a->days[a->worst_day];
    char availability[SURETY_HUMAN_SIZE], down[SURETY_HUMAN_SIZE], day[SURETY_HUMAN_SIZE], lost[SURETY_HUMAN_SIZE];
    surety_human_percent(availability, story->availability, 3);
    surety_human_duration(down, story->downtime_s);
    putc('\n', out);
    surety_human_wrapped(out, "", story->architecture);
    put_sentence(out, "  ", "Availability %s, down for %s in all.", availability, down);
    put_windows(story, out);
    put_tiers(a, out);
    if (worst->lost_s > 0) {
        surety_human_duration(day, worst->down_s);
        surety_human_duration(lost, worst->lost_s);
        put_sentence(out, "  ", "Worst day: %s, down for %s, as much lost as in %s without any answer.",
                     replay->dates[a->worst_day], day, lost);
        put_calendar(replay, a, out);
    } else {
        put_sentence(out, "  ", "No day on which a request failed.");
    }
}

static void put_legend(FILE *out)
{
    char text[256] = "A character is a day; lost, weighted with the share of requests that failed:";
    for (size_t i = 0; i < SURETY_REPLAY_N_LEVELS; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s %c %s", i > 0 ? ";" : "",
                 surety_replay_levels[i].mark, surety_replay_levels[i].means);
    putc('\n', out);
    put_sentence(out, "", "%s.", text);
}

void surety_replay_text(const struct surety_replay *replay, FILE *out)
{
    put_title(replay, out);
    for (size_t i = 0; i < replay->n_architectures; i++)
        put_architecture(replay, &replay->architectures[i], out);
    put_legend(out);
    for (size_t i = 0; i < replay->n_notes; i++)
        surety_human_wrapped(out, "assumed: ", replay->notes[i]);
}
