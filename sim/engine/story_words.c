// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/story_words.h"

#include <inttypes.h>
#include <stdio.h>

void surety_story_span(char out[SURETY_SPAN_SIZE], int64_t us)
{
    static const struct {
        int64_t s;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    int64_t rest_s = (us + SURETY_US_PER_S / 2) / SURETY_US_PER_S;
    int used = 0;
    if (rest_s == 0) {
        snprintf(out, SURETY_SPAN_SIZE, us > 0 ? "%.2g s" : "0 s", (double)us * 1e-6);
        return;
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        const int64_t n = rest_s / units[i].s;
        rest_s %= units[i].s;
        if (n > 0)
            used += snprintf(out + used, SURETY_SPAN_SIZE - (size_t)used, "%s%" PRId64 " %s", used > 0 ? " " : "", n,
                             units[i].name);
    }
}

int64_t surety_story_local_us(const struct surety_story_clock *clock, int64_t at_us)
{
    if (clock->tz == NULL)
        return at_us;
    const int64_t utc_s = clock->start_s + at_us / SURETY_US_PER_S;
    const int64_t midnight_s = surety_date_days(clock->start) * (SURETY_US_PER_DAY / SURETY_US_PER_S);
    return at_us + (clock->start_s + surety_tz_offset_s(clock->tz, utc_s) - midnight_s) * SURETY_US_PER_S;
}

void surety_story_date(char out[SURETY_SPAN_SIZE], const struct surety_story_clock *clock, int64_t at_us)
{
    const int64_t local_us = surety_story_local_us(clock, at_us), day = local_us / SURETY_US_PER_DAY;
    const int s = (int)(local_us % SURETY_US_PER_DAY / SURETY_US_PER_S);
    char date[11];
    surety_date_format(surety_date_from_days(surety_date_days(clock->start) + day), date);
    snprintf(out, SURETY_SPAN_SIZE, "%s %02d:%02d:%02d", date, s / 3600, s / 60 % 60, s % 60);
}

void surety_story_percent(char out[SURETY_SPAN_SIZE], double share)
{
    if (share < 1 && share * 100 >= 99.95) // three digits would say all
        snprintf(out, SURETY_SPAN_SIZE, "%.6g %%", share * 100 < 99.9999 ? share * 100 : 99.9999);
    else
        snprintf(out, SURETY_SPAN_SIZE, "%.3g %%", share * 100);
}
