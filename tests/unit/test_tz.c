// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/tz.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct surety_arena arena;

static void open_arena(void)
{
    surety_arena_init(&arena);
}

static void close_arena(void)
{
    surety_arena_finish(&arena);
}

TestSuite(tz, .init = open_arena, .fini = close_arena);

static const struct surety_tz *zone(const char *name)
{
    const struct surety_tz *tz = NULL;
    cr_assert_eq(surety_tz_load(&arena, name, &tz), SURETY_TZ_OK, "%s", name);
    return tz;
}

static int64_t month_h(const struct surety_tz *tz, int year, int month)
{
    const struct surety_date date = {year, month, 1};
    const int64_t length_s =
        surety_tz_day_start_s(tz, surety_date_month_start(date, 1)) - surety_tz_day_start_s(tz, date);
    cr_assert_eq(length_s % 1800, 0);
    return length_s / 1800; // half hours
}

// Hours of a month: the days x 24, one less where clocks go forward, one more where they go back. The years 2040 and
// 2150 lie beyond the transitions that files list: there the footer's rule speaks.
Test(tz, months_have_the_hours_of_the_zone)
{
    const struct surety_tz *berlin = zone("Europe/Berlin"), *york = zone("America/New_York"), *utc = zone("UTC");
    const int years[] = {2027, 2040, 2150};
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(month_h(berlin, years[i], 3), 2 * 743);
        cr_assert_eq(month_h(berlin, years[i], 10), 2 * 745);
        cr_assert_eq(month_h(berlin, years[i], 7), 2 * 744);
        cr_assert_eq(month_h(york, years[i], 3), 2 * 743);
        cr_assert_eq(month_h(york, years[i], 11), 2 * 721);
        cr_assert_eq(month_h(utc, years[i], 3), 2 * 744);
    }
    cr_assert_eq(month_h(zone("Australia/Sydney"), 2027, 4), 2 * 721); // south: ends in April
    cr_assert_eq(month_h(zone("Australia/Sydney"), 2027, 10), 2 * 743);
    cr_assert_eq(month_h(zone("Australia/Lord_Howe"), 2027, 4), 2 * 720 + 1); // half an hour
    cr_assert_eq(month_h(zone("Asia/Kolkata"), 2027, 3), 2 * 744);            // none
}

// 2027-03-28 01:00 UTC, the last Sunday of March, and 2027-10-31 01:00 UTC.
Test(tz, offsets_change_at_the_second)
{
    const struct surety_tz *berlin = zone("Europe/Berlin");
    const int64_t spring_s = 1806195600, autumn_s = 1824944400;
    cr_assert_eq(surety_tz_offset_s(berlin, spring_s - 1), 3600);
    cr_assert_eq(surety_tz_offset_s(berlin, spring_s), 7200);
    cr_assert_eq(surety_tz_offset_s(berlin, autumn_s - 1), 7200);
    cr_assert_eq(surety_tz_offset_s(berlin, autumn_s), 3600);
    cr_assert_eq(surety_tz_standard_offset_s(berlin, spring_s), 3600);
    cr_assert_eq(surety_tz_standard_offset_s(zone("America/New_York"), spring_s), -5 * 3600);
    cr_assert_eq(surety_tz_standard_offset_s(zone("Asia/Kolkata"), spring_s), 19800);
}

// Known instants: the epoch's day in Berlin began at 1969-12-31 23:00 UTC; Berlin's 2027-03-01; Beirut's clocks went
// forward at midnight on 2024-03-31, so that this day began at 01:00 local time, 22:00 UTC.
Test(tz, days_begin)
{
    cr_assert_eq(surety_tz_day_start_s(zone("Europe/Berlin"), (struct surety_date){1970, 1, 1}), -3600);
    cr_assert_eq(surety_tz_day_start_s(zone("Europe/Berlin"), (struct surety_date){2027, 3, 1}), 1803855600);
    cr_assert_eq(surety_tz_day_start_s(zone("Europe/Berlin"), (struct surety_date){2027, 7, 1}), 1814392800);
    cr_assert_eq(surety_tz_day_start_s(zone("Asia/Beirut"), (struct surety_date){2024, 3, 31}), 1711836000);
    cr_assert_eq(surety_tz_day_start_s(zone("UTC"), (struct surety_date){2027, 1, 1}), 1798761600);
}

Test(tz, unknown_names_are_refused)
{
    static const char *const names[] = {"Europe/Berlim",
                                        "",
                                        "utc",
                                        "../etc/passwd",
                                        "Europe/../UTC",
                                        "/etc/passwd",
                                        "Europe",
                                        "Europe/",
                                        "Europe//Berlin",
                                        "EST EDT",
                                        "tzdata.zi",
                                        "CEST-2",
                                        "A234567890123456789012345678901234567890123456789012345678901234567890"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct surety_tz *tz = NULL;
        cr_assert_eq(surety_tz_load(&arena, names[i], &tz), SURETY_TZ_UNKNOWN, "%s", names[i]);
        cr_assert_null(tz);
    }
}

Test(tz, lists_its_names)
{
    const char **names = NULL;
    const size_t n = surety_tz_names(&arena, &names);
    bool berlin = false, alias = false;
    cr_assert_gt(n, 400);
    for (size_t i = 0; i < n; i++) {
        berlin = berlin || strcmp(names[i], "Europe/Berlin") == 0;
        alias = alias || strcmp(names[i], "Asia/Calcutta") == 0; // a link
    }
    cr_assert(berlin && alias);
}

// A file of version 2 without transitions, with the given footer.
static enum surety_tz_err parse(const char *footer, size_t cut, const struct surety_tz **out)
{
    unsigned char bytes[256] = {0};
    for (size_t i = 0; i < 2; i++) {
        unsigned char *header = bytes + i * 44;
        memcpy(header, "TZif2", 5);
        header[39] = (unsigned char)i; // one kind, one letter in the second block
        header[43] = (unsigned char)i;
    }
    size_t n = 2 * 44 + 6 + 1;
    n += (size_t)snprintf((char *)bytes + n, sizeof bytes - n, "\n%s\n", footer);
    return surety_tz_parse(&arena, bytes, n - cut, out);
}

Test(tz, footers)
{
    const struct surety_tz *tz = NULL;
    cr_assert_eq(parse("<+0330>-3:30", 0, &tz), SURETY_TZ_OK);
    cr_assert_eq(surety_tz_offset_s(tz, 0), 12600);
    // Day n and day Jn: the 60th day without leap days is always March 1st. 2028-03-01 is day 21975.
    cr_assert_eq(parse("AAA0BBB-2,J60/0,J61/0", 0, &tz), SURETY_TZ_OK);
    const int64_t march_s = INT64_C(21244) * 86400 + INT64_C(0); // 2028-03-01
    cr_assert_eq(surety_date_days((struct surety_date){2028, 3, 1}), 21244);
    cr_assert_eq(surety_tz_offset_s(tz, march_s - 1), 0);
    cr_assert_eq(surety_tz_offset_s(tz, march_s), 7200);
    cr_assert_eq(parse("AAA0BBB-2,59/0,60/0", 0, &tz), SURETY_TZ_OK); // 2028: day 59 is February 29th
    cr_assert_eq(surety_tz_offset_s(tz, march_s - 86400), 7200);
    cr_assert_eq(surety_tz_offset_s(tz, march_s), 0);
    cr_assert_eq(parse("EET-2EEST,M3.4.4/50,M10.4.4/50", 0, &tz), SURETY_TZ_OK); // times beyond the day: Gaza's
    static const char *const broken[] = {
        "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0/3x",
        "C-1", "<+03-3",    "CET-1CEST,J0,J1"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        cr_assert_eq(parse(broken[i], 0, &tz), SURETY_TZ_BROKEN, "%s", broken[i]);
}

Test(tz, a_cut_file_is_broken)
{
    const struct surety_tz *tz = NULL;
    for (size_t cut = 1; cut < 100; cut++)
        cr_assert_eq(parse("UTC0", cut, &tz), SURETY_TZ_BROKEN, "%d bytes less", (int)cut);
}
