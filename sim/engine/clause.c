// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/clause.h"

#include "models/measurement.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double percent(int64_t ppb)
{
    return (double)ppb / 1e7;
}

static const char *window_of(const struct surety_contract *contract)
{
    return contract->window_months == 1   ? "calendar month"
           : contract->window_months == 3 ? "calendar quarter"
                                          : "window";
}

static void put_duration(FILE *out, double seconds)
{
    static const struct {
        double s;
        const char *unit;
    } units[] = {{86400, "days"}, {3600, "hours"}, {60, "minutes"}, {1, "seconds"}, {1e-3, "milliseconds"}};
    size_t i = 0;
    while (i + 1 < sizeof units / sizeof *units && fabs(remainder(seconds, units[i].s)) > 1e-9 * units[i].s)
        i++;
    const double n = seconds / units[i].s;
    fprintf(out, "%.10g %.*s", n, (int)strlen(units[i].unit) - (fabs(n - 1) < 1e-9), units[i].unit);
}

// --- how availability is measured, by the scenario's word ---------------------------------------------------------

static void put_time(FILE *out, const struct surety_contract *c)
{
    fprintf(out, "the share of the time in which fewer than %g %% of the requests fail", percent(c->down_at_ppb));
}

static void put_requests(FILE *out, const struct surety_contract *c)
{
    (void)c;
    fputs("1 - failed requests / all requests", out);
}

static void put_intervals(FILE *out, const struct surety_contract *c)
{
    fputs("the mean over intervals of ", out);
    put_duration(out, c->cell_s);
    fputs(" of 1 - failed requests / requests in the interval, an interval without requests counting as 1", out);
}

static void put_minutes(FILE *out, const struct surety_contract *c)
{
    fprintf(out, "1 - bad minutes / minutes, a minute being bad when at least %g %% of its requests fail",
            percent(c->down_at_ppb));
}

static void put_tasks(FILE *out, const struct surety_contract *c)
{
    (void)c;
    fputs("1 - failed tasks / all tasks, a task failing when one of its requests does", out);
}

static void put_probes(FILE *out, const struct surety_contract *c)
{
    fprintf(out,
            "the share of the time in which a monitor sees the service up: it probes from %" PRId64 " site%s every ",
            c->sites, c->sites == 1 ? "" : "s");
    put_duration(out, c->interval_s);
    fprintf(out, ", a site reports it down from the first of %" PRId64 " failed probe%s in a row to the next answer",
            c->failures, c->failures == 1 ? "" : "s");
    if (c->sites > 1)
        fprintf(out, ", and the service is down while %" PRId64 " sites do", c->quorum);
}

static void (*const measures[SURETY_N_METERS])(FILE *out, const struct surety_contract *c) = {
    [SURETY_METER_TIME] = put_time,           [SURETY_METER_REQUESTS] = put_requests,
    [SURETY_METER_INTERVALS] = put_intervals, [SURETY_METER_MINUTES] = put_minutes,
    [SURETY_METER_TASKS] = put_tasks,         [SURETY_METER_PROBES] = put_probes,
};

// --- the rest of it ------------------------------------------------------------------------------------------------

static void put_hours(FILE *out, const struct surety_hours *hours)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    for (size_t i = 0; i < hours->n; i++) {
        const int from = hours->from_min[i], to = hours->to_min[i];
        fprintf(out, "%s%s %02d:%02d-%s%s%02d:%02d", i > 0 ? ", " : "", days[from / 1440], from % 1440 / 60, from % 60,
                (to - 1) / 1440 == from / 1440 ? "" : days[to / 1440 % 7], (to - 1) / 1440 == from / 1440 ? "" : " ",
                (to - 1) / 1440 == from / 1440 ? (to - from / 1440 * 1440) / 60 : to % 1440 / 60, to % 60);
    }
}

static void put_exclusions(FILE *out, const struct surety_contract *c)
{
    static const char *const maintenance[] = {[SURETY_MAINTENANCE_DOWN] = "counts as downtime",
                                              [SURETY_MAINTENANCE_EXCLUDED] = "does not count",
                                              [SURETY_MAINTENANCE_UP] = "counts as uptime"};
    if (c->minimum_outage_s > 0) {
        fputs(" Outages shorter than ", out);
        put_duration(out, c->minimum_outage_s);
        fputs(" do not count.", out);
    }
    fprintf(out, " Planned maintenance %s.", maintenance[c->maintenance]);
    if (c->exclude_upstream)
        fputs(" Time in which the service is down and an outage of an upstream provider is on does not count.", out);
    for (size_t i = 0; i < c->n_exclude_causes; i++)
        fprintf(out, " Time in which the service is down and %s is on does not count.", c->exclude_causes[i]);
    if (!c->exclude_upstream && c->n_exclude_causes == 0)
        fputs(" Nothing else is excluded.", out);
}

static void put_latency(FILE *out, const struct surety_latency_target *target)
{
    static const char *const metrics[] = {[SURETY_METRIC_FIRST_TOKEN] = "first token",
                                          [SURETY_METRIC_END_TO_END] = "complete answer",
                                          [SURETY_METRIC_PER_STEP] = "complete step"};
    fprintf(out, " At least %g %% of the answered requests of %s have their %s within ", target->percentile,
            target->name, metrics[target->metric]);
    put_duration(out, target->target_s);
    if (target->over == SURETY_OVER_INTERVALS)
        fprintf(out, ", in %g %% of the 5-minute intervals", percent(target->cells_met_ppb));
    fputs(target->failed_as == SURETY_FAILED_INFINITE ? "; a failed request counts as too slow." : ".", out);
}

static void put_quality(FILE *out, const struct surety_contract *c, const struct surety_quality_target *target)
{
    const struct surety_suite *suite = &c->quality.suites[target->suite];
    if (target->has_pass_rate) {
        fprintf(
            out,
            " At least %.10g %% of the cases of the suite %s are judged to pass, all its runs of the window together: "
            "%lld cases every ",
            percent(target->pass_rate_ppb), target->name, (long long)suite->n_cases);
        put_duration(out, suite->every_s);
        fputs(suite->adjusted ? ", the reading corrected for the judge's errors." : ".", out);
    }
    if (target->has_issue_rate)
        fprintf(out, " Users report at most %.10g %% of the tasks (%s).", percent(target->issue_rate_ppb),
                target->name);
}

static void put_cost(FILE *out, const struct surety_cost_promise *cost, const char *currency)
{
    const char *of = cost->workload_name != NULL ? " of " : "";
    const char *name = cost->workload_name != NULL ? cost->workload_name : "";
    if (!cost->given)
        return;
    if (!isnan(cost->per_task))
        fprintf(out, " A task%s%s costs at most %.10g %s on average.", of, name, cost->per_task, currency);
    if (!isnan(cost->per_request))
        fprintf(out, " At least %.10g %% of the answered requests%s%s cost at most %.10g %s each.", cost->percentile,
                of, name, cost->per_request, currency);
    if (!isnan(cost->per_month))
        fprintf(out, " The cost of a month is at most %.12g %s, pro rata where a window is not a month.",
                cost->per_month, currency);
    if (!isnan(cost->over_forecast))
        fprintf(out, " The cost is at most %.10g %% above what it is when everything works.",
                100 * cost->over_forecast);
}

static void put_credits(FILE *out, const struct surety_contract *c)
{
    const struct surety_credits *credits = &c->credits;
    if (!credits->given)
        return;
    fprintf(out, " Credit on the fee of a %s: ", window_of(c));
    for (size_t i = 0; i < credits->n_ladder; i++) {
        const struct surety_credit_band *band = &credits->ladder[i];
        fprintf(out, "%s%g %% below ", i > 0 ? ", " : "", percent(band->credit_ppb));
        if (band->below_ppb == SURETY_BELOW_TARGET)
            fputs("the promise", out);
        else
            fprintf(out, "%.10g %%", percent(band->below_ppb));
    }
    if (credits->cap_ppb != INT64_MAX)
        fprintf(out, "; at most %g %%", percent(credits->cap_ppb));
    fputs(".", out);
}

const char *surety_clause_text(struct surety_arena *arena, const struct surety_scenario *scenario,
                               const struct surety_tier *tier)
{
    const struct surety_contract *c = &scenario->contract;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    fprintf(out, "In each %s ", window_of(c));
    if (c->window_months == 0) {
        fputs("of ", out);
        put_duration(out, c->window_s);
        fputs(" ", out);
    }
    fprintf(out, "the service is available for at least %.10g %%", percent(tier->availability_ppb));
    if (c->hours.n > 0) {
        fputs(", between ", out);
        put_hours(out, &c->hours);
        fputs(" only", out);
    }
    fputs(". Availability is ", out);
    measures[c->measure](out, c);
    fputs(".", out);
    put_exclusions(out, c);
    for (size_t i = 0; i < tier->n_latency; i++)
        put_latency(out, &tier->latency[i]);
    for (size_t i = 0; i < tier->n_quality; i++)
        put_quality(out, c, &tier->quality[i]);
    put_cost(out, &tier->cost, scenario->currency);
    put_credits(out, c);
    const bool written = ferror(out) == 0;
    const char *copy = fclose(out) == 0 && written ? surety_arena_printf(arena, "%s", text) : NULL;
    free(text);
    return copy;
}
