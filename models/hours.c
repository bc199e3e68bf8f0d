// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/hours.h"

#include "sim/base/calendar.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/schema.h"

#include <string.h>

#define DAY_MIN 1440
#define WEEK_MIN (7 * DAY_MIN)

static const char hint[] = "write days and times like \"Mon-Fri 08:00-18:00\", several joined by a comma";

// --- reading ---------------------------------------------------------------------------------------------------

static int read_day(const char **text)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    for (int i = 0; i < 7; i++)
        if (strncmp(*text, days[i], 3) == 0) {
            *text += 3;
            return i;
        }
    return -1;
}

// "08:00" -> 480; -1 when it is none. 24:00 is the end of the day.
static int read_minute(const char **text)
{
    const char *t = *text;
    for (int i = 0; i < 5; i++)
        if (i == 2 ? t[i] != ':' : t[i] < '0' || t[i] > '9')
            return -1;
    const int hour = (t[0] - '0') * 10 + (t[1] - '0'), minute = (t[3] - '0') * 10 + (t[4] - '0');
    *text += 5;
    return minute < 60 && hour * 60 + minute <= DAY_MIN ? hour * 60 + minute : -1;
}

// One "DAY[-DAY] HH:MM-HH:MM"; marks the minutes of the week.
static bool read_part(const char **text, bool *open)
{
    const int first = read_day(text);
    int last = first;
    if (**text == '-') {
        ++*text;
        last = read_day(text);
    }
    if (first < 0 || last < 0 || **text != ' ')
        return false;
    *text += strspn(*text, " ");
    const int from = read_minute(text);
    if (from < 0 || *(*text)++ != '-')
        return false;
    int to = read_minute(text);
    if (to < 0 || from == to)
        return false;
    to += to < from ? DAY_MIN : 0;
    for (int day = first;; day = (day + 1) % 7) {
        for (int m = from; m < to; m++)
            open[(day * DAY_MIN + m) % WEEK_MIN] = true;
        if (day == last)
            return true;
    }
}

bool surety_read_hours(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out)
{
    struct surety_hours hours = {.n = 0};
    bool open[WEEK_MIN + 1] = {false};
    const char *text = node->kind == SURETY_Y_SCALAR ? node->text : "";
    for (;;) {
        text += strspn(text, " ");
        if (!read_part(&text, open)) {
            surety_complain(reader, node->kind == SURETY_Y_SCALAR ? SURETY_D_VALUE : SURETY_D_TYPE, node, path, hint,
                            "these are no hours of a week");
            return false;
        }
        text += strspn(text, " ");
        if (*text == '\0')
            break;
        if (*text++ != ',') {
            surety_complain(reader, SURETY_D_VALUE, node, path, hint, "'%.40s' follows the hours", text - 1);
            return false;
        }
    }
    for (int m = 0; m < WEEK_MIN; m++)
        hours.n += open[m] && !open[m + 1];
    hours.from_min = surety_arena_calloc(reader->arena, hours.n, sizeof *hours.from_min);
    hours.to_min = surety_arena_calloc(reader->arena, hours.n, sizeof *hours.to_min);
    if (hours.from_min == NULL || hours.to_min == NULL) {
        reader->out_of_memory = true;
        return false;
    }
    size_t n = 0;
    for (int m = 0; m < WEEK_MIN; m++) {
        if (open[m] && (m == 0 || !open[m - 1]))
            hours.from_min[n] = m;
        if (open[m] && !open[m + 1])
            hours.to_min[n++] = m + 1;
    }
    if (n == 1 && hours.to_min[0] - hours.from_min[0] == WEEK_MIN)
        hours.n = 0; // all of the week: no limit
    *(struct surety_hours *)out = hours;
    return true;
}

// --- the clock -------------------------------------------------------------------------------------------------

// Counted microseconds since the Monday before the term; at_us likewise.
static int64_t since_monday(const struct surety_plan_hours *hours, int64_t at_us)
{
    const int64_t week = at_us / SURETY_US_PER_WEEK, rest_us = at_us % SURETY_US_PER_WEEK;
    int64_t counted_us = week * hours->week_us;
    for (size_t i = 0; i < hours->n && hours->from_us[i] < rest_us; i++)
        counted_us += (rest_us < hours->to_us[i] ? rest_us : hours->to_us[i]) - hours->from_us[i];
    return counted_us;
}

int64_t surety_hours_counted_of_week(const struct surety_plan *plan, int64_t a_us, int64_t b_us)
{
    const struct surety_plan_hours *hours = &plan->hours;
    return since_monday(hours, b_us + plan->week_offset_us) - since_monday(hours, a_us + plan->week_offset_us);
}

bool surety_hours_next(const struct surety_plan *plan, int64_t *a_us, int64_t b_us, int64_t *from_us, int64_t *to_us)
{
    const struct surety_plan_hours *hours = &plan->hours;
    if (*a_us >= b_us)
        return false;
    if (hours->n == 0) {
        *from_us = *a_us;
        *a_us = *to_us = b_us;
        return true;
    }
    const int64_t week_us = (*a_us + plan->week_offset_us) / SURETY_US_PER_WEEK * SURETY_US_PER_WEEK;
    const int64_t monday_us = week_us - plan->week_offset_us, rest_us = *a_us - monday_us;
    size_t i = 0;
    while (i < hours->n && hours->to_us[i] <= rest_us)
        i++;
    const int64_t base_us = monday_us + (i < hours->n ? 0 : SURETY_US_PER_WEEK); // else next week's first
    i = i < hours->n ? i : 0;
    const int64_t from = base_us + hours->from_us[i], to = base_us + hours->to_us[i];
    *from_us = from > *a_us ? from : *a_us;
    *to_us = to < b_us ? to : b_us;
    *a_us = *to_us;
    return *from_us < *to_us;
}

double surety_hours_demand_of_week(const struct surety_plan *plan, size_t demand, size_t window, int64_t a_us,
                                   int64_t b_us)
{
    double sum = 0;
    for (int64_t from_us, to_us; surety_hours_next(plan, &a_us, b_us, &from_us, &to_us);)
        sum += surety_demand_of(plan, demand, window, from_us, to_us);
    return sum;
}

double surety_hours_demand_of_all_week(const struct surety_plan *plan, size_t window, int64_t a_us, int64_t b_us)
{
    double sum = 0;
    for (int64_t from_us, to_us; surety_hours_next(plan, &a_us, b_us, &from_us, &to_us);)
        sum += surety_demand_between(plan, window, from_us, to_us);
    return sum;
}
