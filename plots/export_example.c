// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/export_example.h"

#include "models/credit.h"
#include "models/measurement.h"
#include "plots/human.h"
#include "sim/base/calendar.h"
#include "sim/base/ppb.h"

#include <math.h>
#include <string.h>

#define N_INCIDENTS 4
#define MINUTE_US (60 * SURETY_US_PER_S)

struct incident {
    int64_t from_us, lasts_us;
    double f;
    bool is_excluded;
    const char *what;
};

// Whole minutes, so that the example can be checked with a pencil.
static int64_t minutes_up(double us)
{
    return (int64_t)ceil(us / (double)MINUTE_US - 1e-9) * MINUTE_US;
}

// Four incidents over the window: all fails for a little more than the time the target allows, a partial one, a slight
// one, and one that the contract may exclude.
static size_t make_incidents(const struct surety_export *e, struct incident list[N_INCIDENTS])
{
    const struct surety_contract *c = &e->scenario->contract;
    const int64_t window_us = e->plan->window_us[1];
    const double budget_us = (1 - (double)c->tiers[e->tier].availability_ppb / 1e9) * (double)window_us;
    const int64_t longest_us = window_us / 12, hour_us = SURETY_US_PER_HOUR;
    const struct incident all[N_INCIDENTS] = {
        {window_us / 8, minutes_up(1.2 * budget_us), 1, false, "everything fails"},
        {window_us * 3 / 8, hour_us, 0.3, false, "30 % fail"},
        {window_us * 5 / 8, 2 * hour_us, 0.03, false, "3 % fail"},
        {window_us * 6 / 8, hour_us / 2, 1, true, "everything fails, excluded"},
    };
    const bool excludes = c->exclude_upstream || c->n_exclude_causes > 0;
    size_t n = 0;
    for (size_t i = 0; i < N_INCIDENTS; i++) {
        if (all[i].is_excluded && !excludes)
            continue;
        list[n] = all[i];
        list[n].from_us -= list[n].from_us % MINUTE_US;
        list[n].lasts_us = list[n].lasts_us < longest_us ? list[n].lasts_us : minutes_up((double)longest_us / 2);
        n++;
    }
    return n;
}

// What the contract's meter reads of the window with these incidents. Requests are counted as expected: the example is
// the same for everybody.
static enum surety_err read_window(const struct surety_export *e, const struct incident *list, size_t n,
                                   struct surety_reading *out)
{
    struct surety_plan plan = *e->plan;
    struct surety_meter meter;
    plan.expected_counts = true;
    const enum surety_err err = surety_meter_init(
        &meter, surety_meter_types[plan.measure], &plan, surety_philox_key(1), 0,
        plan.measure == SURETY_METER_MINUTES ? plan.measures.shortest_run_us : plan.minimum_outage_us);
    if (err != SURETY_OK)
        return err;
    surety_meter_start(&meter, 0);
    for (size_t i = 0; i < n; i++)
        meter.type->stretch(&meter, list[i].from_us, list[i].from_us + list[i].lasts_us, list[i].f,
                            list[i].is_excluded);
    meter.type->finish(&meter);
    *out = meter.readings[0];
    surety_meter_finish(&meter);
    return SURETY_OK;
}

// "day 4, 18:00" from the window's start.
static void put_when(FILE *out, int64_t from_us)
{
    const int64_t minute = from_us / MINUTE_US;
    fprintf(out, "day %lld, %02lld:%02lld", (long long)(minute / 1440 + 1), (long long)(minute / 60 % 24),
            (long long)(minute % 60));
}

// A reading in the unit of the measure.
static void put_reading(const struct surety_export *e, int64_t value, FILE *out)
{
    const enum surety_export_unit unit = surety_export_unit_of(&e->scenario->contract);
    char text[SURETY_HUMAN_SIZE];
    if (unit == SURETY_EXPORT_REQUESTS || unit == SURETY_EXPORT_TASKS) {
        surety_human_count(text, (uint64_t)((double)value / SURETY_COUNTS_PER_REQUEST + 0.5));
        fprintf(out, "%s %s", text, unit == SURETY_EXPORT_TASKS ? "tasks" : "requests");
    } else if (e->scenario->contract.measure == SURETY_METER_MINUTES) {
        surety_human_count(text, (uint64_t)value);
        fprintf(out, "%s minutes", text);
    } else if (unit == SURETY_EXPORT_CELLS) {
        fprintf(out, "%.6f cells", (double)value * 1e-9);
    } else {
        fprintf(out, "%.0f s", (double)value * 1e-6);
    }
}

static void put_credit(const struct surety_export *e, const struct surety_reading *reading, FILE *out)
{
    const struct surety_plan_tier *tier = &e->plan->tiers[e->tier];
    if (!e->plan->credits.given || !tier->has_fee)
        return;
    const int64_t fee = tier->fee_micro[0];
    const int64_t credit = surety_credit(&e->plan->credits, tier->availability_ppb, *reading, fee);
    fprintf(out, "The window's fee is %.2f %s, the credit %.2f %s.\n", (double)fee / SURETY_MICRO,
            e->scenario->currency, (double)credit / SURETY_MICRO, e->scenario->currency);
}

enum surety_err surety_export_example(const struct surety_export *e, FILE *out)
{
    struct incident list[N_INCIDENTS];
    struct surety_reading reading, alone;
    const size_t n = make_incidents(e, list);
    const int64_t target_ppb = e->plan->tiers[e->tier].availability_ppb;
    char target[SURETY_HUMAN_SIZE], lasts[24];
    enum surety_err err = read_window(e, list, n, &reading);
    if (err != SURETY_OK)
        return err;
    fputs("## 6. A window worked out\n\nThe first window of the term, with these incidents and nothing else:\n\n"
          "| begins | lasts | what | counts by itself |\n|---|---|---|---|\n",
          out);
    for (size_t i = 0; i < n; i++) {
        err = read_window(e, &list[i], 1, &alone);
        if (err != SURETY_OK)
            return err;
        surety_export_duration(lasts, (double)list[i].lasts_us * 1e-6);
        fputs("| ", out);
        put_when(out, list[i].from_us);
        fprintf(out, " | %s | %s | ", lasts, list[i].what);
        put_reading(e, alone.bad, out);
        fputs(" |\n", out);
    }
    fputs("\n    availability = 1 - ", out);
    put_reading(e, reading.bad, out);
    fputs(" / ", out);
    put_reading(e, reading.counted, out);
    fprintf(out, " = %.6f %%\n\n", 100 * (1 - (double)reading.bad / (double)reading.counted));
    surety_human_target(target, (double)target_ppb / (double)SURETY_PPB_ONE);
    fprintf(out, "That %s %s. At most ", surety_misses(target_ppb, reading) ? "misses" : "meets", target);
    put_reading(e, surety_budget(target_ppb, reading.counted), out);
    fputs(" may be lost.\n", out);
    put_credit(e, &reading, out);
    return SURETY_OK;
}
