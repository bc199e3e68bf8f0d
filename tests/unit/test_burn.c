// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/burn.h"

#include <criterion/criterion.h>
#include <math.h>

#define HOUR 3600.0
#define DAY (24 * HOUR)

static double fired[16];

static size_t fires(struct surety_burn_stretch *list, size_t n, double long_s, double short_s, double threshold)
{
    struct surety_burn burn = {.list = list, .n = n};
    surety_burn_prepare(&burn);
    return surety_burn_fires(&burn, long_s, short_s, threshold, 30 * DAY, fired, 16);
}

// Failures at a constant share e from day 10 on, after a time without any: the long window reaches B x (1 - T) after
// L x B x (1 - T) / e. At the burn rate itself that is L, and 2, 5, 10, 10 % of a budget of 30 days are spent then.
Test(burn, detection_times_of_constant_rates)
{
    static const struct {
        double long_s, short_s, burn, spent;
    } rows[] = {{HOUR, HOUR / 12, 14.4, 0.02},
                {6 * HOUR, HOUR / 2, 6, 0.05},
                {DAY, 2 * HOUR, 3, 0.1},
                {3 * DAY, 6 * HOUR, 1, 0.1}};
    static const double shares[] = {1, 0.1, 0.02};
    const double budget = 0.001;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const double threshold = rows[i].burn * budget;
        for (size_t k = 0; k < sizeof shares / sizeof *shares; k++) {
            struct surety_burn_stretch one[] = {{10 * DAY, 20 * DAY, shares[k], 0}};
            cr_assert_eq(fires(one, 1, rows[i].long_s, rows[i].short_s, threshold), 1);
            cr_expect_float_eq(fired[0] - 10 * DAY, rows[i].long_s * threshold / shares[k], 1e-3,
                               "row %zu, share %g: %g", i, shares[k], fired[0] - 10 * DAY);
        }
        struct surety_burn_stretch exact[] = {{10 * DAY, 20 * DAY, threshold, 0}};
        cr_assert_eq(fires(exact, 1, rows[i].long_s, rows[i].short_s, threshold), 1);
        cr_expect_float_eq(fired[0] - 10 * DAY, rows[i].long_s, 0.1, "row %zu", i);
        cr_expect_float_eq((fired[0] - 10 * DAY) * threshold / (budget * 30 * DAY), rows[i].spent, 1e-6, "row %zu", i);
        struct surety_burn_stretch less[] = {{10 * DAY, 20 * DAY, 0.99 * threshold, 0}};
        cr_expect_eq(fires(less, 1, rows[i].long_s, rows[i].short_s, threshold), 0);
    }
}

// An outage of 40 s does not reach 51.84 s of an hour; two within the hour do, the second after 11.84 s. Then the short
// window has to be burning: after a pause of six minutes an alert begins anew.
Test(burn, short_outages_add_up_and_alerts_end)
{
    struct surety_burn_stretch once[] = {{DAY, DAY + 40, 1, 0}};
    cr_expect_eq(fires(once, 1, HOUR, 300, 0.0144), 0);
    struct surety_burn_stretch twice[] = {{DAY, DAY + 40, 1, 0}, {DAY + 1800, DAY + 1840, 1, 0}};
    cr_assert_eq(fires(twice, 2, HOUR, 300, 0.0144), 1);
    cr_expect_float_eq(fired[0], DAY + 1811.84, 1e-3);
    struct surety_burn_stretch late[] = {{DAY, DAY + 40, 1, 0}, {DAY + 3700, DAY + 3740, 1, 0}};
    cr_expect_eq(fires(late, 2, HOUR, 300, 0.0144), 0);
    struct surety_burn_stretch again[] = {{DAY, DAY + 60, 1, 0}, {DAY + 1000, DAY + 1060, 1, 0}};
    cr_assert_eq(fires(again, 2, HOUR, 300, 0.0144), 2);
    cr_expect_float_eq(fired[0], DAY + 51.84, 1e-3);
    // the long window is full of it already: the short one decides, after 4.32 s
    cr_expect_float_eq(fired[1], DAY + 1004.32, 1e-3);
}

// Twice as much comes from hour 36 on: what is lost then weighs more.
static double twice_from_36(const void *context, double t_s)
{
    (void)context;
    return t_s + fmax(0, t_s - 36 * HOUR);
}

Test(burn, what_comes_weighs)
{
    struct surety_burn_stretch one[] = {{36 * HOUR, 40 * HOUR, 1, 0}};
    struct surety_burn burn = {.list = one, .n = 1, .come = twice_from_36};
    surety_burn_prepare(&burn);
    cr_expect_float_eq(surety_burn_lost(&burn, 37 * HOUR), 2 * HOUR, 1e-9);
    // 2 x lost >= 0.0144 (3600 - x + 2 x)
    cr_assert_eq(surety_burn_fires(&burn, HOUR, 300, 0.0144, 30 * DAY, fired, 16), 1);
    cr_expect_float_eq(fired[0] - 36 * HOUR, 0.0144 * 3600 / (2 - 0.0144), 1e-3);
    cr_expect_float_eq(surety_burn_reaches(&burn, HOUR, 0, 30 * DAY), 36.5 * HOUR, 1e-4);
    cr_expect(isinf(surety_burn_reaches(&burn, 8 * HOUR, 0, 30 * DAY)));
}
