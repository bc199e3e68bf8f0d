// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/json_writer.h"
#include "plots/replay.h"

#include <math.h>

static void put_windows(struct surety_json *json, const struct surety_story *story)
{
    surety_json_open_list(json, "windows", false);
    for (size_t w = 0; w < story->n_windows; w++) {
        const struct surety_story_window *window = &story->windows[w];
        surety_json_open_map(json, NULL, false);
        surety_json_text(json, "label", window->label);
        surety_json_number(json, "availability", window->availability);
        surety_json_number(json, "downtime_s", window->downtime_s);
        if (!isnan(window->cost))
            surety_json_number(json, "cost", window->cost);
        surety_json_open_list(json, "tiers", false);
        for (size_t t = 0; t < story->n_tiers; t++) {
            surety_json_open_map(json, NULL, true);
            surety_json_text(json, "name", story->tiers[t]);
            surety_json_bool(json, "met", window->met[t]);
            if (window->missed[t] != NULL)
                surety_json_text(json, "missed", window->missed[t]);
            if (!isnan(window->credit[t]))
                surety_json_number(json, "credit", window->credit[t]);
            surety_json_close(json);
        }
        surety_json_close(json);
        surety_json_close(json);
    }
    surety_json_close(json);
}

static void put_day(struct surety_json *json, const char *key, const char *date, const struct surety_replay_day *day)
{
    surety_json_open_map(json, key, true);
    surety_json_text(json, "date", date);
    surety_json_number(json, "down_s", day->down_s);
    surety_json_number(json, "lost_s", day->lost_s);
    surety_json_close(json);
}

static void put_architecture(struct surety_json *json, const struct surety_replay *replay,
                             const struct surety_replay_architecture *a)
{
    const struct surety_story *story = a->story;
    surety_json_open_map(json, NULL, false);
    surety_json_text(json, "name", story->architecture);
    surety_json_number(json, "availability", story->availability);
    surety_json_number(json, "downtime_s", story->downtime_s);
    surety_json_open_list(json, "tiers", false);
    for (size_t t = 0; t < story->n_tiers; t++) {
        surety_json_open_map(json, NULL, true);
        surety_json_text(json, "name", story->tiers[t]);
        surety_json_number(json, "target", story->targets[t]);
        surety_json_integer(json, "windows_met", a->n_met[t]);
        if (!isnan(a->credits[t]))
            surety_json_number(json, "credits", a->credits[t]);
        surety_json_close(json);
    }
    surety_json_close(json);
    put_windows(json, story);
    if (a->days[a->worst_day].lost_s > 0)
        put_day(json, "worst_day", replay->dates[a->worst_day], &a->days[a->worst_day]);
    surety_json_open_list(json, "days", false); // those on which requests failed
    for (size_t d = 0; d < replay->n_days; d++)
        if (a->days[d].lost_s > 0)
            put_day(json, NULL, replay->dates[d], &a->days[d]);
    surety_json_close(json);
    surety_json_close(json);
}

void surety_replay_json(const struct surety_replay *replay, FILE *out)
{
    const struct surety_story *story = replay->architectures[0].story;
    struct surety_json json;
    surety_json_init(&json, out);
    surety_json_open_map(&json, NULL, false);
    surety_json_integer(&json, "surety", 1);
    surety_json_text(&json, "kind", "replay");
    surety_json_open_map(&json, "scenario", false);
    surety_json_text(&json, "name", story->name);
    surety_json_text(&json, "file", story->file);
    surety_json_text(&json, "sha256", story->sha256);
    surety_json_text(&json, "plan", story->plan_hash);
    surety_json_close(&json);
    surety_json_open_map(&json, "run", false);
    surety_json_text(&json, "version", story->version);
    surety_json_integer(&json, "seed", story->seed);
    surety_json_integer(&json, "windows", story->n_windows);
    surety_json_close(&json);
    surety_json_open_map(&json, "term", false);
    surety_json_text(&json, "start", story->start);
    surety_json_integer(&json, "days", replay->n_days);
    surety_json_text(&json, "timezone", replay->timezone);
    surety_json_text(&json, "measure", story->measure);
    surety_json_number(&json, "down_at", story->down_at);
    surety_json_close(&json);
    surety_json_open_list(&json, "architectures", false);
    for (size_t i = 0; i < replay->n_architectures; i++)
        put_architecture(&json, replay, &replay->architectures[i]);
    surety_json_close(&json);
    surety_json_open_list(&json, "assumptions", false);
    for (size_t i = 0; i < replay->n_notes; i++)
        surety_json_text(&json, NULL, replay->notes[i]);
    surety_json_close(&json);
    surety_json_close(&json);
}
