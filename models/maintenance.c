// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/maintenance.h"

#include "sim/scenario/scenario.h"
#include "sim/scenario/schema.h"

#include <stdio.h>
#include <string.h>

static const char *const weekdays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

// "Sun 02:00" -> seconds since Monday 00:00.
static bool read_window(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out)
{
    int hour = 0, minute = 0, end = 0;
    char day[4] = "";
    if (node->kind == SURETY_Y_SCALAR && sscanf(node->text, "%3[A-Za-z] %2d:%2d%n", day, &hour, &minute, &end) == 3 &&
        node->text[end] == '\0' && hour >= 0 && hour < 24 && minute >= 0 && minute < 60)
        for (int i = 0; i < 7; i++)
            if (strcmp(day, weekdays[i]) == 0) {
                *(int64_t *)out = ((int64_t)i * 24 + hour) * 3600 + minute * 60;
                return true;
            }
    surety_complain(reader, SURETY_D_VALUE, node, path,
                    "write a weekday and a time, like \"Sun 02:00\"; weekdays: Mon, Tue, "
                    "Wed, Thu, Fri, Sat, Sun",
                    "the start of the maintenance cannot be read");
    return false;
}

static const struct surety_field rows[] = {
    {.name = "window",
     .kind = SURETY_KIND_CUSTOM,
     .offset = offsetof(struct surety_maintenance, week_s),
     .required = true,
     .read = read_window,
     .schema = "{\"type\":\"string\",\"pattern\":\"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [0-2][0-9]:[0-5][0-9]$\"}",
     .help = "Weekday and time at which it starts, in the term's zone (standard time). The first one is the first such "
             "time at or after the term's start.",
     .example = "\"Sun 02:00\""},
    {.name = "lasts",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct surety_maintenance, lasts_s),
     .required = true,
     .above_min = true,
     .max = 7 * 86400.0,
     .help = "How long it lasts.",
     .example = "30m"},
    {.name = "every",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct surety_maintenance, every_s),
     .fallback = "1w",
     .min = 3600,
     .max = 10 * 365 * 86400.0,
     .help = "From start to start.",
     .example = "4w"},
    {.name = "failing",
     .kind = SURETY_KIND_PPB,
     .offset = offsetof(struct surety_maintenance, failing_ppb),
     .fallback = "100%",
     .above_min = true,
     .max = 1,
     .help = "Share of the provider's requests that fail meanwhile.",
     .example = "100%"},
};

static void check(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out,
                  bool clean)
{
    struct surety_maintenance *maintenance = out;
    maintenance->place = surety_map_place(node);
    if (clean && maintenance->lasts_s >= maintenance->every_s)
        surety_complain(reader, SURETY_D_CONFLICT, surety_ynode_get(node, "lasts"),
                        surety_path_join(reader, path, "lasts"), "write a shorter time, or a longer `every`",
                        "the maintenance lasts as long as it is from one to the next");
}

const struct surety_fields surety_maintenance_fields = {
    .title = "the maintenance", .rows = rows, .n = sizeof rows / sizeof *rows, .check = check};
