// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/outage.h"

#include "sim/base/law_solve.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/schema.h"
#include "sim/scenario/uncertain.h"
#include "sim/scenario/units.h"

#include <math.h>

struct incidents {
    double rate_per_s, shape;
};

static const struct surety_field incident_rows[] = {
    {.name = "rate",
     .kind = SURETY_KIND_RATE,
     .offset = offsetof(struct incidents, rate_per_s),
     .observable = true,
     .sub = &surety_observable_fields, // for `explain`
     .required = true,
     .above_min = true,
     .max = INFINITY,
     .help = "Starts of outages per time, from start to start; or {observed: {...}}, a record of them.",
     .example = "9/year"},
    {.name = "shape",
     .kind = SURETY_KIND_NUMBER,
     .offset = offsetof(struct incidents, shape),
     .above_min = true,
     .max = 100,
     .help = "Weibull shape of the up times; below 1 outages come in clusters. Default 1: exponential.",
     .example = "0.7"},
};

const struct surety_fields surety_outage_incident_fields = {
    .title = "the incidents", .rows = incident_rows, .n = sizeof incident_rows / sizeof *incident_rows};

// `incidents` is kept as a law with the mean from start to start until `check` knows the time to repair.
bool surety_outage_read_incidents(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                                  void *out)
{
    static const struct surety_field row = {
        .name = "incidents", .kind = SURETY_KIND_MAP, .sub = &surety_outage_incident_fields, .shorthand = "rate"};
    struct incidents incidents;
    if (!surety_read_field(reader, &row, node, path, &incidents))
        return false;
    struct surety_outage *outage = out;
    const struct surety_uncertain_input *observed =
        surety_range_at(reader, surety_is_range(node) ? node : surety_ynode_get(node, "rate"));
    if (observed != NULL && observed->drift > 0) {
        outage->drift = observed->drift;
        outage->spread = observed->spread;
        outage->drifts_from = observed->until;
    }
    outage->incidents_per_s = incidents.rate_per_s;
    outage->incidents_shape = incidents.shape;
    outage->time_to_failure = isnan(incidents.shape)
                                  ? surety_law_of(SURETY_LAW_EXPONENTIAL, 1 / incidents.rate_per_s, 0)
                                  : surety_law_of(SURETY_LAW_WEIBULL, incidents.shape, 1 / incidents.rate_per_s);
    return true;
}

const char *const surety_outage_fails_words[] = {[SURETY_FAILS_ERROR] = "error", [SURETY_FAILS_HANG] = "hang", NULL};

static const struct surety_field rows[] = {
#include "models/outage_rows.inc"
};

const char *surety_outage_solve(struct surety_outage *outage)
{
    const double up_s = 1 / outage->incidents_per_s - surety_law_mean(&outage->time_to_repair);
    if (!(up_s > 0))
        return "no up time is left";
    if (isnan(outage->incidents_shape)) {
        outage->time_to_failure = surety_law_of(SURETY_LAW_EXPONENTIAL, up_s, 0);
        return NULL;
    }
    const struct surety_law_param params[] = {{.name = "shape", .value = outage->incidents_shape},
                                              {.name = "mean", .value = up_s}};
    const char *message = NULL;
    if (surety_law_solve(SURETY_LAW_WEIBULL, params, 2, &outage->time_to_failure, &message, NULL) == SURETY_LAW_SOLVED)
        message = surety_law_check(&outage->time_to_failure);
    return message;
}

static void solve_incidents(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                            struct surety_outage *outage)
{
    const struct surety_ynode *incidents = surety_ynode_get(node, "incidents");
    const char *incidents_path = surety_path_join(reader, path, "incidents");
    const double interval_s = 1 / outage->incidents_per_s, repair_s = surety_law_mean(&outage->time_to_repair);
    const char *message = surety_outage_solve(outage);
    if (message != NULL && !(interval_s - repair_s > 0)) {
        char interval[32], repair[32];
        surety_format_duration(interval_s, interval);
        surety_format_duration(repair_s, repair);
        surety_complain(reader, SURETY_D_CONFLICT, incidents, incidents_path,
                        "give fewer incidents, or a shorter time_to_repair",
                        "one start every %s leaves no up time beside a mean repair of %s", interval, repair);
    } else if (message != NULL) {
        surety_complain(reader, SURETY_D_LAW, incidents, incidents_path, NULL, "%s", message);
    }
}

static void require_positive(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                             const char *key, const struct surety_law *law)
{
    const struct surety_ynode *value = surety_ynode_get(node, key);
    if (value != NULL && !(surety_law_mean(law) > 0))
        surety_complain(reader, SURETY_D_RANGE, value, surety_path_join(reader, path, key), "allowed: more than 0s",
                        "the mean is 0");
}

void surety_outage_check(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out,
                         bool clean)
{
    struct surety_outage *outage = out;
    outage->place = surety_map_place(node);
    const struct surety_ynode *up = surety_ynode_get(node, "time_to_failure");
    const struct surety_ynode *incidents = surety_ynode_get(node, "incidents");
    if (up != NULL && incidents != NULL)
        surety_complain(reader, SURETY_D_CONFLICT, incidents, surety_path_join(reader, path, "incidents"),
                        "keep the one that you know", "`time_to_failure` and `incidents` exclude each other");
    else if (up == NULL && incidents == NULL)
        surety_diag_add(reader->diags, SURETY_D_MISSING_KEY, surety_map_place(node),
                        surety_path_join(reader, path, "time_to_failure"),
                        "write `incidents: 9/year` (starts per year) or `time_to_failure: 30d` (mean up time)",
                        "how often the outage happens is missing");
    else if (clean) {
        require_positive(reader, node, path, "time_to_failure", &outage->time_to_failure);
        require_positive(reader, node, path, "time_to_repair", &outage->time_to_repair);
        if (incidents != NULL)
            solve_incidents(reader, node, path, outage);
    }
}

const struct surety_fields surety_outage_fields = {
    .title = "an outage", .rows = rows, .n = sizeof rows / sizeof *rows, .check = surety_outage_check};
