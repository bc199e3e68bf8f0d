// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/csv.h"
#include "plots/replay.h"

#include <math.h>

static void put_text(FILE *out, const char *text)
{
    surety_csv_text(out, text != NULL ? text : "");
    putc(',', out);
}

static void put_number(FILE *out, double value, const char *end)
{
    if (isfinite(value))
        fprintf(out, "%.12g", value == 0.0 ? 0.0 : value);
    fputs(end, out);
}

static void write_windows(const struct surety_replay *replay, FILE *out)
{
    fputs("architecture,window,availability,downtime_s,cost,currency\r\n", out);
    for (size_t i = 0; i < replay->n_architectures; i++) {
        const struct surety_story *story = replay->architectures[i].story;
        for (size_t w = 0; w < story->n_windows; w++) {
            put_text(out, story->architecture);
            put_text(out, story->windows[w].label);
            put_number(out, story->windows[w].availability, ",");
            put_number(out, story->windows[w].downtime_s, ",");
            put_number(out, story->windows[w].cost, ",");
            surety_csv_text(out, story->currency != NULL ? story->currency : "");
            fputs("\r\n", out);
        }
    }
}

static void write_tiers(const struct surety_replay *replay, FILE *out)
{
    fputs("architecture,tier,target,window,met,credit,currency\r\n", out);
    for (size_t i = 0; i < replay->n_architectures; i++) {
        const struct surety_story *story = replay->architectures[i].story;
        for (size_t t = 0; t < story->n_tiers; t++)
            for (size_t w = 0; w < story->n_windows; w++) {
                put_text(out, story->architecture);
                put_text(out, story->tiers[t]);
                put_number(out, story->targets[t], ",");
                put_text(out, story->windows[w].label);
                put_text(out, story->windows[w].met[t] ? "yes" : "no");
                put_number(out, story->windows[w].credit[t], ",");
                surety_csv_text(out, story->currency != NULL ? story->currency : "");
                fputs("\r\n", out);
            }
    }
}

static void write_days(const struct surety_replay *replay, FILE *out)
{
    fputs("architecture,date,down_s,lost_s\r\n", out);
    for (size_t i = 0; i < replay->n_architectures; i++) {
        const struct surety_replay_architecture *a = &replay->architectures[i];
        for (size_t d = 0; d < replay->n_days; d++) {
            put_text(out, a->story->architecture);
            put_text(out, replay->dates[d]);
            put_number(out, a->days[d].down_s, ",");
            put_number(out, a->days[d].lost_s, "\r\n");
        }
    }
}

const struct surety_replay_table surety_replay_tables[] = {
    {"replay_windows.csv", "availability, downtime and cost of each window", write_windows},
    {"replay_tiers.csv", "what each tier met and owed in each window", write_tiers},
    {"replay_days.csv", "seconds down and lost on each day", write_days},
    {NULL, NULL, NULL},
};
