// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/json_writer.h"
#include "plots/story_text.h"

#include <math.h>

// Times are seconds from the term's start, as doubles with microseconds.

static const char *const kinds[SURETY_N_STORY_KINDS] = {
    [SURETY_STORY_OUTAGE_BEGINS] = "outage_begins",
    [SURETY_STORY_OUTAGE_ENDS] = "outage_ends",
    [SURETY_STORY_DOWN] = "down",
    [SURETY_STORY_UP] = "up",
    [SURETY_STORY_DETECTED] = "detected",
    [SURETY_STORY_SWITCHED] = "switched",
    [SURETY_STORY_SWITCH_FAILED] = "switch_failed",
    [SURETY_STORY_NO_ROUTE] = "no_route",
    [SURETY_STORY_FAILBACK] = "failback",
    [SURETY_STORY_LEFT] = "left",
    [SURETY_STORY_REJOINED] = "rejoined",
    [SURETY_STORY_DEGRADED] = "degraded",
    [SURETY_STORY_NORMAL] = "normal",
    [SURETY_STORY_WINDOW] = "window",
};

static void put_time(struct surety_json *json, const char *key, int64_t us)
{
    surety_json_number(json, key, (double)us * 1e-6);
}

static void put_origin(struct surety_json *json, const struct surety_story *story)
{
    surety_json_open_map(json, "scenario", false);
    surety_json_text(json, "name", story->name);
    surety_json_text(json, "file", story->file);
    surety_json_text(json, "sha256", story->sha256);
    surety_json_text(json, "plan", story->plan_hash);
    surety_json_close(json);

    surety_json_open_map(json, "run", false);
    surety_json_text(json, "version", story->version);
    surety_json_integer(json, "seed", story->seed);
    surety_json_integer(json, "replication", story->replication);
    if (story->because != NULL)
        surety_json_text(json, "because", story->because);
    surety_json_close(json);
}

static void put_windows(struct surety_json *json, const struct surety_story *story)
{
    surety_json_open_list(json, "windows", false);
    for (size_t w = 0; w < story->n_windows; w++) {
        const struct surety_story_window *window = &story->windows[w];
        surety_json_open_map(json, NULL, false);
        surety_json_text(json, "label", window->label);
        put_time(json, "from_s", window->from_us);
        put_time(json, "to_s", window->to_us);
        surety_json_number(json, "availability", window->availability);
        surety_json_number(json, "downtime_s", window->downtime_s);
        surety_json_open_list(json, "tiers", false);
        for (size_t t = 0; t < story->n_tiers; t++) {
            surety_json_open_map(json, NULL, true);
            surety_json_text(json, "name", story->tiers[t]);
            surety_json_bool(json, "met", window->met[t]);
            if (window->missed[t] != NULL)
                surety_json_text(json, "missed", window->missed[t]);
            if (!isnan(window->budget_s[t]))
                surety_json_number(json, "budget_s", window->budget_s[t]);
            if (!isnan(window->credit[t]))
                surety_json_number(json, "credit", window->credit[t]);
            surety_json_close(json);
        }
        surety_json_close(json);
        if (!isnan(window->cost))
            surety_json_number(json, "cost", window->cost);
        surety_json_close(json);
    }
    surety_json_close(json);
}

static void put_bars(struct surety_json *json, const struct surety_story *story, const char *key, bool service)
{
    surety_json_open_list(json, key, false);
    for (size_t i = 0; i < story->n_bars; i++) {
        const struct surety_story_bar *bar = &story->bars[i];
        if (bar->is_service != service)
            continue;
        surety_json_open_map(json, NULL, true);
        if (!service)
            surety_json_text(json, "name", bar->lane);
        put_time(json, "from_s", bar->from_us);
        put_time(json, "to_s", bar->to_us);
        surety_json_number(json, "failing", bar->share_failing);
        surety_json_bool(json, service ? "down" : "felt", service ? bar->is_down : bar->hurt);
        surety_json_close(json);
    }
    surety_json_close(json);
}

void surety_story_json(const struct surety_story *story, FILE *out)
{
    struct surety_json json;
    surety_json_init(&json, out);
    surety_json_open_map(&json, NULL, false);
    surety_json_integer(&json, "surety", 1);
    surety_json_text(&json, "kind", "show");
    put_origin(&json, story);
    surety_json_open_map(&json, "term", false);
    surety_json_text(&json, "architecture", story->architecture);
    surety_json_text(&json, "start", story->start);
    surety_json_text(&json, "timezone", story->timezone);
    put_time(&json, "length_s", story->term_us);
    surety_json_text(&json, "measure", story->measure);
    surety_json_number(&json, "down_at", story->down_at);
    if (story->minimum_outage_s > 0)
        surety_json_number(&json, "minimum_outage_s", story->minimum_outage_s);
    surety_json_number(&json, "availability", story->availability);
    surety_json_number(&json, "downtime_s", story->downtime_s);
    surety_json_close(&json);

    put_windows(&json, story);
    surety_json_open_list(&json, "events", false);
    for (size_t i = 0; i < story->n_events; i++) {
        surety_json_open_map(&json, NULL, true);
        put_time(&json, "at_s", story->events[i].at_us);
        surety_json_text(&json, "when", story->events[i].when);
        surety_json_text(&json, "kind", kinds[story->events[i].kind]);
        surety_json_bool(&json, "felt", story->events[i].hurt);
        surety_json_text(&json, "text", story->events[i].text);
        surety_json_close(&json);
    }
    surety_json_close(&json);
    put_bars(&json, story, "outages", false);
    put_bars(&json, story, "service", true);
    surety_json_open_list(&json, "routes", false);
    for (size_t i = 0; i < story->n_routes; i++) {
        surety_json_open_map(&json, NULL, true);
        surety_json_text(&json, "name", story->routes[i].name);
        put_time(&json, "from_s", story->routes[i].from_us);
        put_time(&json, "to_s", story->routes[i].to_us);
        surety_json_close(&json);
    }
    surety_json_close(&json);
    surety_json_close(&json);
}
