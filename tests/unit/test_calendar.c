// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/calendar.h"

#include <criterion/criterion.h>
#include <string.h>

Test(calendar, known_days)
{
    cr_assert_eq(surety_date_days((struct surety_date){1970, 1, 1}), 0);
    cr_assert_eq(surety_date_days((struct surety_date){2000, 3, 1}), 11017);
    cr_assert_eq(surety_date_days((struct surety_date){2027, 1, 1}), 20819);
    cr_assert_eq(surety_date_weekday((struct surety_date){2027, 1, 1}), 4); // a Friday
    cr_assert_eq(surety_date_weekday((struct surety_date){1970, 1, 1}), 3); // a Thursday
    cr_assert_eq(surety_date_weekday((struct surety_date){1969, 12, 29}), 0);
}

Test(calendar, every_day_to_2200)
{
    struct surety_date date = {1970, 1, 1};
    for (int64_t days = 0; date.year <= 2200; days++) {
        cr_assert_eq(surety_date_days(date), days);
        struct surety_date back = surety_date_from_days(days);
        cr_assert(back.year == date.year && back.month == date.month && back.day == date.day);
        cr_assert(surety_date_valid(date));
        cr_assert_eq(surety_date_weekday(date), (int)((days + 3) % 7));
        if (++date.day > surety_days_in_month(date.year, date.month)) {
            date.day = 1;
            if (++date.month > 12) {
                date.month = 1;
                date.year++;
            }
        }
    }
}

Test(calendar, leap_years)
{
    cr_assert_eq(surety_days_in_month(2000, 2), 29);
    cr_assert_eq(surety_days_in_month(2100, 2), 28);
    cr_assert_eq(surety_days_in_month(2028, 2), 29);
    cr_assert_eq(surety_days_in_month(2027, 12), 31);
}

Test(calendar, month_starts)
{
    struct surety_date date = surety_date_month_start((struct surety_date){2027, 11, 15}, 3);
    cr_assert(date.year == 2028 && date.month == 2 && date.day == 1);
    date = surety_date_month_start((struct surety_date){2027, 1, 31}, 0);
    cr_assert(date.year == 2027 && date.month == 1 && date.day == 1);
    date = surety_date_month_start((struct surety_date){2027, 1, 31}, -1);
    cr_assert(date.year == 2026 && date.month == 12 && date.day == 1);
}

Test(calendar, text)
{
    struct surety_date date = {0, 0, 0};
    char out[11];
    cr_assert(surety_date_parse("2027-01-01", 10, &date));
    surety_date_format(date, out);
    cr_assert_str_eq(out, "2027-01-01");
    static const char *const wrong[] = {"2027-02-29", "2027-1-1",   "2027-01-01x", "2027-13-01", "2027-00-01",
                                        "1969-12-31", "2201-01-01", "2027/01/01",  "",           "20a7-01-01"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_assert_not(surety_date_parse(wrong[i], strlen(wrong[i]), &date), "'%s' was accepted", wrong[i]);
}
