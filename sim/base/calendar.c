// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/calendar.h"

#include <assert.h>
#include <stdio.h>

#define FIRST_YEAR 1970
#define LAST_YEAR 2200

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int surety_days_in_month(int year, int month)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    assert(month >= 1 && month <= 12);
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

bool surety_date_valid(struct surety_date date)
{
    return date.year >= FIRST_YEAR && date.year <= LAST_YEAR && date.month >= 1 && date.month <= 12 && date.day >= 1 &&
           date.day <= surety_days_in_month(date.year, date.month);
}

// Howard Hinnant's days_from_civil: years begin in March, so that the leap day is the last of its year.
int64_t surety_date_days(struct surety_date date)
{
    int64_t year = date.month <= 2 ? (int64_t)date.year - 1 : date.year;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t month = (date.month + 9) % 12; // March = 0
    int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct surety_date surety_date_from_days(int64_t days)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; // March = 0
    struct surety_date date;
    date.day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    date.month = (int)(month < 10 ? month + 3 : month - 9);
    date.year = (int)(year_of_era + era * 400 + (date.month <= 2 ? 1 : 0));
    return date;
}

int surety_date_weekday(struct surety_date date)
{
    int64_t day = (surety_date_days(date) + 3) % 7; // 1970-01-01 was a Thursday
    return (int)(day < 0 ? day + 7 : day);
}

struct surety_date surety_date_month_start(struct surety_date date, int64_t n)
{
    int64_t month = (int64_t)date.year * 12 + date.month - 1 + n;
    int64_t year = month / 12, rest = month % 12;
    if (rest < 0) {
        rest += 12;
        year -= 1;
    }
    return (struct surety_date){.year = (int)year, .month = (int)rest + 1, .day = 1};
}

// Reads `n` digits; -1 when one of them is none.
static int digits(const char *text, int n)
{
    int value = 0;
    for (int i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

bool surety_date_parse(const char *text, size_t length, struct surety_date *out)
{
    if (length != 10 || text[4] != '-' || text[7] != '-')
        return false;
    struct surety_date date = {.year = digits(text, 4), .month = digits(text + 5, 2), .day = digits(text + 8, 2)};
    if (!surety_date_valid(date))
        return false;
    *out = date;
    return true;
}

void surety_date_format(struct surety_date date, char out[11])
{
    // The moduli change nothing for a valid date; they tell the compiler that 11 bytes are enough.
    snprintf(out, 11, "%04u-%02u-%02u", (unsigned)date.year % 10000U, (unsigned)date.month % 100U,
             (unsigned)date.day % 100U);
}
