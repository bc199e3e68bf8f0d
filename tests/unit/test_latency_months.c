// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/latency_months.h"

#include <criterion/criterion.h>
#include <math.h>

static struct surety_plan_target targets[] = {
    {.demand = 1, .metric = 0, .whole = false, .percentile = 99},
    {.demand = 1, .metric = 1, .whole = true, .percentile = 50},
    {.demand = 1, .metric = 0, .whole = false, .percentile = 95}, // is there already
    {.demand = 1, .metric = 0, .whole = false, .percentile = 99}, // twice
};

static struct surety_plan plan_of(size_t n_windows)
{
    return (struct surety_plan){
        .n_windows = n_windows, .n_demands = 2, .latency = {.targets = targets, .n_targets = 4}};
}

// Series: p95 of both metrics of both workloads, then p99 and p50 of what is promised.
Test(latency_months, quantiles_by_hand)
{
    const struct surety_plan plan = plan_of(3);
    struct surety_latency_months months, other;
    struct surety_arena arena;
    surety_arena_init(&arena);
    cr_assert_eq(surety_latency_months_init(&months, &plan, 2, 100), SURETY_OK);
    cr_assert_eq(surety_latency_months_init(&other, &plan, 2, 100), SURETY_OK);
    cr_assert_eq(months.n_series, 6);
    for (size_t term = 0; term < 20; term++) { // 1 to 20 in some order, tenfold in the second window
        const double value = (double)(term * 7 % 20 + 1);
        for (size_t s = 0; s < months.n_series; s++) {
            surety_latency_months_put(&months, s, 0, value + 100 * (double)s);
            surety_latency_months_put(&months, s, 1, term < 2 ? INFINITY : term < 4 ? NAN : 10 * value);
            surety_latency_months_put(&months, s, 2, NAN);
        }
        surety_latency_months_next(&months);
    }
    surety_latency_months_merge(&other, &months);
    struct surety_latency_metric metric = {.given = true}, alone = {.given = true};
    cr_assert(surety_latency_months_report(&other, 1, 0, &arena, &metric));
    cr_assert(surety_latency_months_report(&other, 0, 1, &arena, &alone));
    cr_assert_eq(metric.n_months, 2);
    cr_assert_eq(alone.n_months, 1);
    cr_assert_eq(metric.months[0].percentile, 95);
    cr_assert_eq(metric.months[1].percentile, 99);
    cr_assert_eq(alone.months[0].windows[0].p50, 110);
    const struct surety_latency_quantiles *q = metric.months[0].windows;
    cr_assert(q[0].p05 == 201 && q[0].p25 == 205 && q[0].p50 == 210 && q[0].p75 == 215 && q[0].p95 == 219);
    cr_assert_eq(metric.months[1].windows[0].p95, 419);
    // without terms 0 to 3 (1, 8, 15, 2) 16 are left, and of them two beyond what was computed: the median is the 9th
    cr_assert(q[1].p05 == 30 && q[1].p50 == 120 && isinf(q[1].p95) && isfinite(q[1].p75));
    cr_assert(isnan(q[2].p05) && isnan(q[2].p95));
    surety_latency_months_finish(&months);
    surety_latency_months_finish(&other);
    surety_arena_finish(&arena);
}

Test(latency_months, room)
{
    const struct surety_plan plan = plan_of(SURETY_MONTHS_VALUES / 4);
    struct surety_latency_months months;
    cr_assert_eq(surety_latency_months_init(&months, &plan, 1, 4096), SURETY_OK);
    cr_assert_eq(months.room, 4);
    for (size_t term = 0; term < 9; term++) {
        surety_latency_months_put(&months, months.n_series - 1, plan.n_windows - 1, (double)term);
        surety_latency_months_next(&months);
    }
    cr_assert_eq(months.n_terms, 4);
    cr_assert_eq(months.values_s[months.n_series * months.n_windows * 4 - 1], 3);
    surety_latency_months_finish(&months);
}
