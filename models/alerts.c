// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/alerts.h"

#include "sim/scenario/scenario.h"
#include "sim/scenario/schema.h"

#include <math.h>

const char *const surety_alert_severities[] = {"page", "ticket", NULL};

static const struct surety_field rows[] = {
    {.name = "long",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct surety_alert, long_s),
     .required = true,
     .min = 60,
     .max = 90 * 86400.0,
     .help = "The window over which enough of the error budget has to be spent.",
     .example = "1h"},
    {.name = "short",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct surety_alert, short_s),
     .required = true,
     .min = 60,
     .max = 90 * 86400.0,
     .help = "The window over which it has to be burning still; shorter than `long`.",
     .example = "5m"},
    {.name = "burn",
     .kind = SURETY_KIND_FACTOR,
     .offset = offsetof(struct surety_alert, burn),
     .required = true,
     .max = 1e6,
     .help = "How many times as fast as evenly over the contract's window the budget burns, over both windows.",
     .example = "14.4x"},
    {.name = "severity",
     .kind = SURETY_KIND_WORD,
     .offset = offsetof(struct surety_alert, severity),
     .fallback = "page",
     .words = surety_alert_severities,
     .help = "Whether somebody is woken (`page`) or it can wait for the day (`ticket`).",
     .example = "page"},
};

static void check(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out,
                  bool clean)
{
    const struct surety_alert *alert = out;
    if (clean && alert->short_s >= alert->long_s)
        surety_complain(reader, SURETY_D_CONFLICT, surety_ynode_get(node, "short"),
                        surety_path_join(reader, path, "short"), "a twelfth of `long` is usual",
                        "the short window is not shorter than the long one");
}

const struct surety_fields surety_alert_fields = {
    .title = "an alert", .rows = rows, .n = sizeof rows / sizeof *rows, .check = check};
