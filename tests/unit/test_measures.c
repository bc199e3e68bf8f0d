// SPDX-License-Identifier: GPL-3.0-or-later
// Every measure on small worlds, fed as stretches and worked out by hand.
#include "models/hours.h"
#include "models/measurement.h"
#include "models/registry.h"
#include "tests/stat/worlds.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define S INT64_C(1000000)
#define MIN (60 * S)
#define H (60 * MIN)

static struct world world;
static struct surety_meter meter;

// A plan with the given term, demand and contract, and its meter for an architecture without request errors.
static void open_meter(const char *term, const char *workload, const char *contract)
{
    world_open(&world,
               "surety: 1\nterm: %s\nworkloads: {w: %s}\nproviders: {a: {outages: none}}\n"
               "architectures: {alone: a}\ncontract: %s\n",
               term, workload, contract);
    const struct surety_plan *plan = world.plan;
    cr_assert_eq(surety_meter_init(&meter, surety_meter_types[plan->measure], plan, surety_philox_key(1), 0,
                                   plan->measure == SURETY_METER_MINUTES ? plan->measures.shortest_run_us
                                                                         : plan->minimum_outage_us),
                 SURETY_OK);
    surety_meter_start(&meter, 0);
}

static void feed(int64_t a_us, int64_t b_us, double f)
{
    meter.type->stretch(&meter, a_us, b_us, f, false);
}

static void exclude(int64_t a_us, int64_t b_us)
{
    meter.type->stretch(&meter, a_us, b_us, 1, true);
}

static void reads(size_t window, int64_t bad, int64_t counted)
{
    cr_assert_eq(meter.readings[window].bad, bad, "window %zu: bad %lld, not %lld", window,
                 (long long)meter.readings[window].bad, (long long)bad);
    cr_assert_eq(meter.readings[window].counted, counted, "window %zu: counted %lld, not %lld", window,
                 (long long)meter.readings[window].counted, (long long)counted);
}

static void close_meter(void)
{
    surety_meter_finish(&meter);
    world_close(&world);
}

static const char two_days[] = "{start: 2027-01-04, months: 2}"; // from a Monday
#define DAY_WINDOWS(clause) "{window: 1d, availability: " clause "}"

Test(measures, time_excludes_and_keeps_runs)
{
    open_meter(two_days, "{demand: 1/min}", DAY_WINDOWS("{measure: time, minimum_outage: 10m}"));
    feed(1 * H, 1 * H + 9 * MIN, 1); // too short
    feed(2 * H, 2 * H + 6 * MIN, 1); // a run of 12 min, of which 4 are excluded
    exclude(2 * H + 6 * MIN, 2 * H + 10 * MIN);
    feed(2 * H + 10 * MIN, 2 * H + 12 * MIN, 0.5);
    feed(24 * H - 4 * MIN, 24 * H + 6 * MIN, 1); // over the boundary: 4 and 6
    feed(30 * H, 31 * H, 0.04);                  // below down_at
    meter.type->finish(&meter);
    reads(0, 12 * MIN, 24 * H - 4 * MIN);
    reads(1, 6 * MIN, 24 * H);
    surety_meter_start(&meter, 1); // nothing is left of it
    meter.type->finish(&meter);
    reads(0, 0, 24 * H);
    close_meter();
}

// 08:00 to 18:00 from Monday to Friday, 60 requests an hour: an outage from Monday 17:00 to Tuesday 09:00 counts two
// hours of two times ten.
Test(measures, hours_limit_the_clock)
{
    static const char *const clauses[] = {"{measure: time}", "{measure: requests, counts: expected}",
                                          "{measure: intervals, cell: 30m}", "{measure: minutes}",
                                          "{measure: tasks, counts: expected}"};
    const int64_t hour[] = {H, 60 * S, 2 * 1000000000, 60, 60 * S / 6}; // of each unit
    for (int i = 0; i < 5; i++) {
        char contract[200];
        snprintf(contract, sizeof contract, "{window: 1d, hours: \"Mon-Fri 08:00-18:00\", availability: %s}",
                 clauses[i]);
        open_meter("{start: 2027-01-04, months: 7}", "{demand: 1/min, requests_per_task: 6}", contract);
        feed(17 * H, 33 * H, 1);
        feed(5 * 24 * H, 7 * 24 * H, 1); // the weekend does not count
        meter.type->finish(&meter);
        reads(0, hour[i], 10 * hour[i]);
        reads(1, hour[i], 10 * hour[i]);
        reads(2, 0, 10 * hour[i]);
        reads(5, 0, 0);
        reads(6, 0, 0);
        close_meter();
    }
}

Test(measures, hours_are_read)
{
    open_meter("{start: 2027-01-01, months: 1}", "{demand: 1/min}", // from a Friday
               "{hours: \"Mon-Fri 08:30-17:00, Sat 22:00-02:00, Fri 16:00-18:00\", availability: {measure: time}}");
    const struct surety_plan *plan = world.plan;
    cr_assert_eq(plan->hours.week_us, (5 * 510 + 240 + 60) * MIN);
    cr_assert_eq(surety_hours_counted(plan, 0, 24 * H), 570 * MIN); // Friday, until 18:00
    cr_assert_eq(surety_hours_counted(plan, 24 * H, 48 * H), 120 * MIN);
    cr_assert_eq(surety_hours_counted(plan, 48 * H, 72 * H), 120 * MIN);
    cr_assert_eq(surety_hours_counted(plan, 0, 14 * 24 * H), 2 * plan->hours.week_us);
    int64_t at = 0, from, to, sum = 0;
    while (surety_hours_next(plan, &at, 14 * 24 * H, &from, &to)) {
        cr_assert_lt(from, to);
        sum += to - from;
    }
    cr_assert_eq(sum, 2 * plan->hours.week_us);
    close_meter();
}

// Cells of 5 minutes: the shares of a cell are those of its requests. No request at night: such cells are good.
Test(measures, intervals_by_hand)
{
    open_meter(two_days, "{demand: 1/min}", DAY_WINDOWS("{measure: intervals, cell: 5m}"));
    feed(1 * H + 2 * MIN, 1 * H + 11 * MIN, 0.5); // 3/5, 5/5, 1/5 of a cell, times 0.5
    exclude(2 * H, 2 * H + 5 * MIN);              // a cell less
    exclude(3 * H, 3 * H + 3 * MIN);              // the rest of the cell is what counts: 1 of 2 minutes
    feed(3 * H + 3 * MIN, 3 * H + 4 * MIN, 1);
    feed(24 * H - 1 * MIN, 24 * H + 1 * MIN, 1); // 1/5 on either side
    meter.type->finish(&meter);
    reads(0, 300000000 + 500000000 + 100000000 + 500000000 + 200000000, 287 * INT64_C(1000000000));
    reads(1, 200000000, 288 * INT64_C(1000000000));
    close_meter();
}

// A window of 50 h and cells of 7 h: the eighth is cut to one hour and counts as much as the others.
Test(measures, a_cut_cell_is_a_cell)
{
    open_meter("{start: 2027-01-04, months: 1}", "{demand: 1/min}",
               "{window: 50h, availability: {measure: intervals, cell: 7h}}");
    feed(49 * H, 50 * H, 0.25);
    meter.type->finish(&meter);
    reads(0, 250000000, 8 * INT64_C(1000000000));
    close_meter();
}

// Weighted with the demand: in the cell from 07:00 to 09:00 one hour has weight 1, the other 5 (business-hours). And hours
// without any: all cells at night count as good.
Test(measures, cells_follow_the_demand)
{
    char hours[1024] = "[0", contract[] = "{window: 1d, availability: {measure: intervals, cell: 2h}}", workload[1200];
    open_meter(two_days, "{demand: {rate: 1/min, profile: business-hours}}", contract);
    feed(7 * H, 8 * H, 1); // the cell from 6 to 8: one half
    feed(8 * H, 9 * H, 1); // the cell from 8 to 10: one half
    meter.type->finish(&meter);
    reads(0, 1000000000, 12 * INT64_C(1000000000));
    close_meter();
    open_meter(two_days, "{demand: {rate: 1/min, profile: business-hours}}",
               "{window: 1d, availability: {measure: intervals, cell: 4h}}");
    feed(6 * H, 9 * H, 1);   // 4 to 8: 2 of 4; 8 to 12: 1 of 4
    feed(17 * H, 18 * H, 1); // 16 to 20: 5 of 12
    meter.type->finish(&meter);
    reads(0, 500000000 + 250000000 + 416666667, 6 * INT64_C(1000000000));
    close_meter();
    for (int h = 1; h < 168; h++)
        strcat(hours, h % 24 >= 6 ? ",1" : ",0");
    snprintf(workload, sizeof workload, "{demand: {rate: 1/min, profile: {hours: %s]}}}", hours);
    open_meter(two_days, workload, contract);
    feed(0, 7 * H, 1);
    meter.type->finish(&meter);
    reads(0, 500000000, 12 * INT64_C(1000000000)); // the cell from 6 to 8 alone
    close_meter();
}

// down_at 50 %. Runs of at least 3 minutes: 10:00:30 to 10:03:30 has minutes of one half, whole, whole, one half: a run of
// 4. Runs end with the window.
Test(measures, minutes_by_hand)
{
    open_meter(two_days, "{demand: 1/min}", DAY_WINDOWS("{measure: minutes, down_at: 50%, minimum_outage: 3m}"));
    feed(10 * H + 30 * S, 10 * H + 3 * MIN + 30 * S, 1);
    feed(11 * H + 31 * S, 11 * H + 3 * MIN + 29 * S, 1); // two whole ones and two of 29 s: a run of 2
    feed(12 * H, 12 * H + 10 * MIN, 0.49);
    feed(13 * H, 13 * H + 2 * MIN, 1); // 2, a minute that is excluded, 2: no run of 3
    exclude(13 * H + 2 * MIN, 13 * H + 3 * MIN);
    feed(13 * H + 3 * MIN, 13 * H + 5 * MIN, 1);
    exclude(14 * H, 14 * H + 30 * S); // half of the minute counts, and is bad; a run of 3
    feed(14 * H + 30 * S, 14 * H + 3 * MIN, 0.5);
    feed(24 * H - 2 * MIN, 24 * H + 3 * MIN, 1); // 2 do not count, 3 do
    meter.type->finish(&meter);
    reads(0, 4 + 3, 1440 - 1);
    reads(1, 3, 1440);
    close_meter();
}

// A task of three requests fails when one does: 1 - 0.5^3; 60 requests an hour are 20 tasks.
Test(measures, tasks_by_hand)
{
    open_meter(two_days, "{demand: 1/min, requests_per_task: 3}", DAY_WINDOWS("{measure: tasks, counts: expected}"));
    feed(1 * H, 2 * H, 0.5);
    feed(23 * H, 25 * H, 1);
    exclude(30 * H, 33 * H);
    meter.type->finish(&meter);
    reads(0, 17500000 + 20000000, 480000000);
    reads(1, 20000000, 420000000);
    close_meter();
}

// f is 0 or 1, so nothing is drawn but the phase. Probes every minute.
Test(measures, probes_by_hand)
{
    open_meter(two_days, "{demand: 1/min}",
               DAY_WINDOWS("{measure: probes, interval: 1m, failures: 3, sites: 3, quorum: 2}"));
    feed(1 * H, 1 * H + 10 * MIN, 1);            // ten probes in ten minutes, whatever the phase
    feed(2 * H, 2 * H + 2 * MIN, 1);             // two: no outage
    feed(3 * H, 3 * H + 5 * MIN, 1);             // 5, of which 2 min are excluded
    exclude(3 * H + 5 * MIN, 3 * H + 7 * MIN);   // failing, too
    feed(24 * H - 5 * MIN, 24 * H + 5 * MIN, 1); // down from the first failure on, over the boundary
    feed(47 * H + 58 * MIN, 48 * H, 1);          // two at the end: not known to be down
    meter.type->finish(&meter);
    const int64_t phase = (meter.readings[0].bad - 10 * MIN - 5 * MIN - 5 * MIN);
    cr_assert(phase > -MIN && phase <= 0, "phase %lld", (long long)-phase);
    cr_assert_eq(meter.readings[0].bad + meter.readings[1].bad, (10 + 7 - 2 + 10) * MIN);
    cr_assert_eq(meter.readings[0].counted, 24 * H - 2 * MIN);
    cr_assert_eq(meter.readings[1].counted, 24 * H);
    close_meter();
    // One failure is enough: every outage that a probe meets counts from probe to probe.
    open_meter(two_days, "{demand: 1/min}", DAY_WINDOWS("{measure: probes, interval: 1h}"));
    feed(1 * H, 5 * H, 1);
    feed(10 * H, 10 * H + 1, 0.99);
    meter.type->finish(&meter);
    cr_assert_eq(meter.readings[0].bad, 4 * H);
    close_meter();
}

// The one site's short way reads what the way by single probes reads, which an excluded minute of the first day forces.
Test(measures, probes_in_runs_are_single_probes)
{
    static const char *const contracts[] = {
        DAY_WINDOWS("{measure: probes, interval: 1m}"),
        DAY_WINDOWS("{measure: probes, interval: 7m, false_positive: 1%}"),
        "{window: 1d, hours: \"Mon-Fri 08:00-18:00\", availability: {measure: probes, interval: 1m}}"};
    for (size_t c = 0; c < sizeof contracts / sizeof *contracts; c++) {
        int64_t bad[2][59], counted[2][59], failing = 0;
        for (int single = 0; single < 2; single++) {
            open_meter("{start: 2027-01-04, months: 59}", "{demand: 1/min}", contracts[c]);
            cr_assert_eq(world.plan->n_windows, 59);
            if (single)
                exclude(0, 1 * MIN);
            for (int64_t day = 1; day < 57; day++) {
                const int64_t at = day * 24 * H + 9 * H + day * 17 * S;
                feed(at, at + 3 * H, (double)day / 57);
                feed(at + 3 * H, at + 3 * H + day * S, day % 3 == 0 ? 1 : 0.5); // at once; maybe no probe in it
                feed(at + 5 * H, at + 5 * H + day * MIN, 1);
                feed(at + 7 * H, at + 18 * H, day % 4 == 0 ? 1 : 0.7); // over midnight
                feed(at + 18 * H, at + 18 * H + 30 * S, 0);
            }
            feed(57 * 24 * H + 6 * H, 57 * 24 * H + 10 * H, 1); // the last failure waits when the exclusion begins
            exclude(57 * 24 * H + 10 * H, 57 * 24 * H + 11 * H);
            feed(57 * 24 * H + 11 * H, 58 * 24 * H + 12 * H, 0.9);
            meter.type->finish(&meter);
            for (size_t w = 0; w < 59; w++) {
                bad[single][w] = meter.readings[w].bad;
                counted[single][w] = meter.readings[w].counted;
            }
            close_meter();
        }
        for (size_t w = 1; w < 59; w++) {
            cr_assert_eq(bad[0][w], bad[1][w], "%s: window %zu: %lld, not %lld", contracts[c], w, (long long)bad[0][w],
                         (long long)bad[1][w]);
            cr_assert_eq(counted[0][w], counted[1][w], "%s: window %zu", contracts[c], w);
            failing += bad[0][w] > 0;
        }
        cr_assert_gt(failing, 40);
    }
}

// Windows of whole months in Berlin: 743 h in March 2027, 745 h in October; fees are whole months' all the same.
Test(measures, months_with_a_change_of_clocks)
{
    open_meter("{start: 2027-03-01, months: 8, timezone: Europe/Berlin}", "{demand: 1/min}",
               "{fee: 100 USD/month, availability: {measure: time}}");
    const struct surety_plan *plan = world.plan;
    const int hours[] = {743, 720, 744, 720, 744, 744, 720, 745};
    for (size_t w = 0; w < 8; w++) {
        reads(w, 0, hours[w] * H);
        cr_assert_eq(plan->tiers[0].fee_micro[w], 100000000);
    }
    cr_assert_eq(plan->week_offset_us, 0); // 2027-03-01 is a Monday
    close_meter();
    // Starts in summer time: weekly tables are in standard time, Thursday 2027-07-01 00:00 is Wednesday 23:00 there.
    open_meter("{start: 2027-07-01, months: 1, timezone: Europe/Berlin}", "{demand: 1/min}",
               "{availability: {measure: time}}");
    cr_assert_eq(world.plan->week_offset_us, 3 * 24 * H - H);
    close_meter();
}

// A start in the middle of a month: n + 1 windows, the cut ones pro rata. March 15th to 31st is 17 days less an hour of
// 743 h, June 1st to 14th 14 days of 720 h.
Test(measures, a_term_that_starts_in_the_middle)
{
    open_meter("{start: 2027-03-15, months: 3, timezone: Europe/Berlin}", "{demand: 1/min}",
               "{fee: 743 USD/month, availability: {measure: time}}");
    cr_assert_eq(world.plan->n_windows, 4);
    reads(0, 0, 407 * H);
    reads(1, 0, 720 * H);
    reads(2, 0, 744 * H);
    reads(3, 0, 336 * H);
    cr_assert_eq(world.plan->tiers[0].fee_micro[0], 407000000);
    cr_assert_eq(world.plan->tiers[0].fee_micro[1], 743000000);
    cr_assert_eq(world.plan->tiers[0].fee_micro[3], 346733333); // 743 x 336 / 720
    close_meter();
}

// --- the clause as it is read ----------------------------------------------------------------------------------

// One mistake and no other: `part` is in its message or its hint, `path` its place.
static void refused(const char *contract, enum surety_diag_id id, const char *path, const char *part)
{
    struct surety_diags diags;
    struct surety_scenario *scenario = NULL;
    char text[1024];
    snprintf(text, sizeof text,
             "surety: 1\nworkloads: {w: {demand: 1/min}}\nproviders: {a: {outages: {x: {incidents: 9/year, "
             "time_to_repair: 1h}}}}\narchitectures: {alone: a}\n%s\n",
             contract);
    surety_diags_init(&diags, "test.yaml");
    cr_assert_eq(
        surety_scenario_read(surety_registry_get(), "test.yaml", text, strlen(text), NULL, 0, &diags, &scenario),
        SURETY_E_INPUT, "accepted: %s", contract);
    size_t n = 0;
    for (size_t i = 0; i < diags.n; i++) {
        const struct surety_diag *d = &diags.list[i];
        n += d->id == id && strcmp(d->path, path) == 0 &&
             (strstr(d->message, part) != NULL || (d->hint != NULL && strstr(d->hint, part) != NULL));
    }
    cr_assert_eq(n, 1, "%s", contract);
    cr_assert_eq(diags.n_errors, 1, "%zu mistakes: %s", diags.n_errors, contract);
    surety_diags_finish(&diags);
}

#define CLAUSE(text) "contract: {availability: " text "}"

Test(measures, keys_belong_to_their_measures)
{
    refused(CLAUSE("{measure: intervals, minimum_outage: 5m}"), SURETY_D_CONFLICT,
            "contract.availability.minimum_outage", "`measure: time` or `measure: minutes`");
    refused(CLAUSE("{measure: time, cell: 5m}"), SURETY_D_CONFLICT, "contract.availability.cell",
            "`measure: intervals`");
    refused(CLAUSE("{measure: minutes, counts: expected}"), SURETY_D_CONFLICT, "contract.availability.counts", "tasks");
    refused(CLAUSE("{measure: probes}"), SURETY_D_MISSING_KEY, "contract.availability.interval", "interval: 1m");
    refused(CLAUSE("{measure: time, quorum: 2}"), SURETY_D_CONFLICT, "contract.availability.quorum", "probes");
    refused(CLAUSE("{measure: probes, interval: 1m, quorum: 2}"), SURETY_D_CONFLICT, "contract.availability.quorum",
            "number of `sites`");
    refused(CLAUSE("{measure: probes, interval: 100ms}"), SURETY_D_RANGE, "contract.availability.interval", "1h");
    refused(CLAUSE("{measure: probes, interval: 1m, failures: 0}"), SURETY_D_RANGE, "contract.availability.failures",
            "1");
    refused(CLAUSE("{measure: minute}"), SURETY_D_CHOICE, "contract.availability.measure", "did you mean 'minutes'?");
    refused(CLAUSE("{measure: intervals, cels: 5m}"), SURETY_D_UNKNOWN_KEY, "contract.availability.cels", "'cell'");
}

Test(measures, exclusions_and_hours_are_checked)
{
#define WITH(text) "contract: {availability: {measure: time}, " text "}"
    refused(WITH("exclude: upstream"), SURETY_D_TYPE, "contract.exclude", "cause:NAME");
    refused(WITH("exclude: [upstraem]"), SURETY_D_CHOICE, "contract.exclude[0]", "upstraem");
    refused(WITH("exclude: [maintenance]"), SURETY_D_CHOICE, "contract.exclude[0]", "maintenance: excluded");
    refused(WITH("exclude: [upstream, \"cause:a.y\"]"), SURETY_D_REFERENCE, "contract.exclude[1]", "a.x");
    static const char *const hours[] = {"Mon-Fry 08:00-18:00",  "Mon 25:00-26:00", "Mon 08:00", "Mon 08:00-08:00",
                                        "Mon-Fri 08:00-18:00;", "08:00-18:00",     "",          "Mon 08:60-09:00"};
    for (size_t i = 0; i < sizeof hours / sizeof *hours; i++) {
        char contract[200];
        snprintf(contract, sizeof contract, WITH("hours: \"%s\""), hours[i]);
        refused(contract, SURETY_D_VALUE, "contract.hours", "Mon-Fri 08:00-18:00");
    }
    refused("term: {timezone: Europe/Berlni}\ncontract: {availability: {measure: time}}", SURETY_D_CHOICE,
            "term.timezone", "did you mean 'Europe/Berlin'?");
}

// A profile's own zone: hour 0 of the week in New York's standard time is 05:00 UTC. And presets by name.
Test(measures, weekly_tables_have_zones)
{
    open_meter("{start: 2027-01-04, months: 1}",
               "{demand: {rate: 1/min, profile: {hours: business-hours, timezone: America/New_York}}}",
               "{availability: {measure: time}}");
    const struct surety_plan *plan = world.plan;
    cr_assert_eq(plan->week_offset_us, 0);
    cr_assert_eq(plan->demands[0].week_offset_us, (7 * 24 - 5) * H);
    const double night = surety_demand_between(plan, 0, 12 * H, 13 * H),
                 day = surety_demand_between(plan, 0, 13 * H, 14 * H);
    cr_assert_float_eq(day, 5 * night, 1e-9); // from 08:00 in New York
    close_meter();
}
