// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/term.h"

#include "models/zone.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/schema.h"

static const char *const states[] = {[SURETY_START_STATIONARY] = "stationary", [SURETY_START_UP] = "up", NULL};

static const struct surety_field rows[] = {
    {.name = "start",
     .kind = SURETY_KIND_DATE,
     .offset = offsetof(struct surety_term, start),
     .fallback = "2027-01-01",
     .help = "First day of the contract. Months have the lengths that the calendar gives them.",
     .example = "2027-01-01"},
    {.name = "months",
     .kind = SURETY_KIND_INTEGER,
     .offset = offsetof(struct surety_term, months),
     .fallback = "12",
     .min = 1,
     .max = 1200,
     .help = "Length of the term: how many months, or windows when contract.window is a duration.",
     .example = "12"},
    {.name = "timezone",
     .kind = SURETY_KIND_TEXT,
     .offset = offsetof(struct surety_term, timezone),
     .fallback = "UTC",
     .help = "Zone in which months begin, by IANA name. Weekly tables are read in its standard time all year.",
     .example = "Europe/Berlin"},
    {.name = "initial_state",
     .kind = SURETY_KIND_WORD,
     .offset = offsetof(struct surety_term, initial_state),
     .fallback = "stationary",
     .words = states,
     .help = "`stationary`: the term starts at an arbitrary moment of a running service, maybe inside an outage. `up`: "
             "all works on day one.",
     .example = "stationary"},
};

static void check(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out,
                  bool clean)
{
    struct surety_term *term = out;
    const struct surety_ynode *months = surety_ynode_get(node, "months");
    term->place = months != NULL ? months->place : surety_map_place(node);
    const struct surety_ynode *zone = surety_ynode_get(node, "timezone");
    if (clean)
        surety_find_zone(reader, zone != NULL ? zone : node, surety_path_join(reader, path, "timezone"), term->timezone,
                         &term->zone);
}

const struct surety_fields surety_term_fields = {
    .title = "the term", .rows = rows, .n = sizeof rows / sizeof *rows, .check = check};
