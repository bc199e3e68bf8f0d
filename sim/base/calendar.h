// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_BASE_CALENDAR_H
#define SURETY_BASE_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SURETY_US_PER_S INT64_C(1000000)
#define SURETY_US_PER_HOUR (3600 * SURETY_US_PER_S)
#define SURETY_US_PER_DAY (24 * SURETY_US_PER_HOUR)
#define SURETY_US_PER_WEEK (7 * SURETY_US_PER_DAY)

// A day of the proleptic Gregorian calendar.
struct surety_date {
    int year, month, day; // month and day from 1
};

// True when the date exists and its year is in 1970..2200.
bool surety_date_valid(struct surety_date date);

// Days since 1970-01-01: {2000, 3, 1} -> 11017.
int64_t surety_date_days(struct surety_date date);

struct surety_date surety_date_from_days(int64_t days);

// Weekday of the date, Monday = 0: {2027, 1, 1} (a Friday) -> 4.
int surety_date_weekday(struct surety_date date);

int surety_days_in_month(int year, int month);

// The first day of the month `n` months after the date's month.
struct surety_date surety_date_month_start(struct surety_date date, int64_t n);

// "2027-01-01" -> date. False when the text is no such date, with nothing after it.
bool surety_date_parse(const char *text, size_t length, struct surety_date *out);

// Writes "2027-01-01" into out[11].
void surety_date_format(struct surety_date date, char out[11]);

#endif
