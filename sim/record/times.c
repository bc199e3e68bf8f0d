// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/calendar.h"
#include "sim/record/record.h"

#include <stdio.h>
#include <string.h>

// Reads exactly two digits at *at and goes past them; -1 when they are none.
static int two_digits(const char **at)
{
    const char *s = *at;
    if (s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9')
        return -1;
    *at += 2;
    return (s[0] - '0') * 10 + (s[1] - '0');
}

// ".123456": microseconds, further digits are cut.
static int64_t fraction(const char **at)
{
    int64_t us = 0, unit = 100000;
    if (**at != '.' && **at != ',')
        return 0;
    for (++*at; **at >= '0' && **at <= '9'; ++*at, unit /= 10)
        us += (**at - '0') * unit;
    return us;
}

// "Z", " UTC", "+02:00", "+0200", "+02" or nothing: seconds ahead of UTC. False when it is something else.
static bool offset(const char *at, int64_t *ahead_s)
{
    *ahead_s = 0;
    if (*at == '\0' || strcmp(at, "Z") == 0 || strcmp(at, "z") == 0 || strcmp(at, " UTC") == 0)
        return true;
    if (*at == ' ')
        at++;
    if (*at != '+' && *at != '-')
        return false;
    const int sign = *at++ == '-' ? -1 : 1;
    const int hours = two_digits(&at);
    if (*at == ':')
        at++;
    const int minutes = *at == '\0' ? 0 : two_digits(&at);
    if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59 || *at != '\0')
        return false;
    *ahead_s = sign * ((int64_t)hours * 3600 + minutes * 60);
    return true;
}

bool surety_time_read(const char *text, int64_t *us)
{
    struct surety_date date;
    if (strnlen(text, 10) < 10 || !surety_date_parse(text, 10, &date))
        return false;
    int64_t s = surety_date_days(date) * 86400, part_us = 0, ahead_s = 0;
    const char *at = text + 10;
    if (*at != '\0') {
        if (*at != 'T' && *at != 't' && *at != ' ')
            return false;
        at++;
        const int hour = two_digits(&at);
        if (hour < 0 || hour > 23 || *at++ != ':')
            return false;
        const int minute = two_digits(&at);
        int second = 0;
        if (minute < 0 || minute > 59)
            return false;
        if (*at == ':') {
            at++;
            second = two_digits(&at);
            if (second < 0 || second > 60) // 60: a leap second counts as the next one
                return false;
            part_us = fraction(&at);
        }
        s += (int64_t)hour * 3600 + minute * 60 + second;
        if (!offset(at, &ahead_s))
            return false;
    }
    *us = (s - ahead_s) * SURETY_US_PER_S + part_us;
    return *us >= 0;
}

void surety_time_write(int64_t us, char out[21])
{
    const int64_t s = us / SURETY_US_PER_S, days = s / 86400;
    const int rest = (int)(s % 86400);
    char date[11];
    surety_date_format(surety_date_from_days(days), date);
    char text[64];
    snprintf(text, sizeof text, "%sT%02d:%02d:%02dZ", date, rest / 3600, rest / 60 % 60, rest % 60);
    memcpy(out, text, 20);
    out[20] = '\0';
}
