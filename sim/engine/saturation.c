// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/saturation.h"

#include "sim/base/calendar.h"
#include "models/carry.h"

#include <math.h>
#include <stdlib.h>

#define MOST_LOAD 1e6 // times what it can carry; only to stay within integers

enum surety_err surety_saturation_init(struct surety_saturation *saturation, const struct surety_plan *plan)
{
    const size_t n = plan->n_providers;
    *saturation = (struct surety_saturation){.n_providers = 0};
    if (!plan->loads.on)
        return SURETY_OK;
    *saturation = (struct surety_saturation){
        .n_providers = n,
        .saturated_us = calloc(n, sizeof *saturation->saturated_us),
        .alone_us = calloc(n, sizeof *saturation->alone_us),
        .while_us = calloc(n * n, sizeof *saturation->while_us),
        .bins_us = calloc(n * SURETY_LOAD_BINS, sizeof *saturation->bins_us),
        .load_us = calloc(n, sizeof *saturation->load_us),
        .arrived = calloc(n, sizeof *saturation->arrived),
        .refused = calloc(n, sizeof *saturation->refused),
        .hour_us = calloc(SURETY_HOURS_A_WEEK, sizeof *saturation->hour_us),
        .hour_load_us = calloc(n * SURETY_HOURS_A_WEEK, sizeof *saturation->hour_load_us),
        .hour_refused_us = calloc(n * SURETY_HOURS_A_WEEK, sizeof *saturation->hour_refused_us),
        .peak = calloc(n, sizeof *saturation->peak)};
    if (saturation->saturated_us != NULL && saturation->alone_us != NULL && saturation->while_us != NULL &&
        saturation->bins_us != NULL && saturation->load_us != NULL && saturation->arrived != NULL &&
        saturation->refused != NULL && saturation->hour_us != NULL && saturation->hour_load_us != NULL &&
        saturation->hour_refused_us != NULL && saturation->peak != NULL)
        return SURETY_OK;
    surety_saturation_finish(saturation);
    return SURETY_E_MEMORY;
}

void surety_saturation_finish(struct surety_saturation *saturation)
{
    free(saturation->saturated_us);
    free(saturation->alone_us);
    free(saturation->while_us);
    free(saturation->bins_us);
    free(saturation->load_us);
    free(saturation->arrived);
    free(saturation->refused);
    free(saturation->hour_us);
    free(saturation->hour_load_us);
    free(saturation->hour_refused_us);
    free(saturation->peak);
    *saturation = (struct surety_saturation){.n_providers = 0};
}

void surety_saturation_merge(struct surety_saturation *into, const struct surety_saturation *from)
{
    const size_t n = into->n_providers;
    if (n == 0 || from->n_providers != n)
        return;
    into->total_us += from->total_us;
    for (size_t i = 0; i < n; i++) {
        into->saturated_us[i] += from->saturated_us[i];
        into->alone_us[i] += from->alone_us[i];
        into->load_us[i] += from->load_us[i];
        into->arrived[i] += from->arrived[i];
        into->refused[i] += from->refused[i];
        into->peak[i] = from->peak[i] > into->peak[i] ? from->peak[i] : into->peak[i];
    }
    for (size_t i = 0; i < n * n; i++)
        into->while_us[i] += from->while_us[i];
    for (size_t h = 0; h < SURETY_HOURS_A_WEEK; h++)
        into->hour_us[h] += from->hour_us[h];
    for (size_t i = 0; i < n * SURETY_HOURS_A_WEEK; i++) {
        into->hour_load_us[i] += from->hour_load_us[i];
        into->hour_refused_us[i] += from->hour_refused_us[i];
    }
    for (size_t i = 0; i < n * SURETY_LOAD_BINS; i++)
        into->bins_us[i] += from->bins_us[i];
}

static uint64_t in_millionths(double x)
{
    return (uint64_t)((x < MOST_LOAD ? x : MOST_LOAD) * 1e6 + 0.5);
}

static const struct surety_carry *carry_of(const struct surety_stand *stand, uint32_t provider)
{
    return stand->now[provider] == SURETY_NO_CARRY ? NULL : &stand->kept[stand->now[provider]];
}

static void add_hour(struct surety_saturation *s, const struct surety_stand *stand, size_t hour, uint64_t us)
{
    s->hour_us[hour] += us;
    for (uint32_t p = 0; p < s->n_providers; p++) {
        const struct surety_carry *carry = carry_of(stand, p);
        if (carry == NULL)
            continue;
        const size_t at = p * SURETY_HOURS_A_WEEK + hour;
        s->hour_load_us[at] += (unsigned __int128)us * in_millionths(carry->load);
        s->hour_refused_us[at] += (unsigned __int128)us * in_millionths(carry->p_refused);
    }
}

// Spreads [a, b) over the hours of the week, whole weeks at once.
static void book_hours(struct surety_saturation *s, const struct surety_plan *plan, const struct surety_stand *stand,
                       int64_t a_us, int64_t b_us, uint64_t times)
{
    const int64_t weeks = (b_us - a_us) / SURETY_US_PER_WEEK;
    for (size_t h = 0; weeks > 0 && h < SURETY_HOURS_A_WEEK; h++)
        add_hour(s, stand, h, times * (uint64_t)(weeks * SURETY_US_PER_HOUR));
    a_us += weeks * SURETY_US_PER_WEEK + plan->week_offset_us;
    b_us += plan->week_offset_us;
    while (a_us < b_us) {
        const int64_t hour = a_us / SURETY_US_PER_HOUR, end_us = (hour + 1) * SURETY_US_PER_HOUR;
        const int64_t to_us = end_us < b_us ? end_us : b_us;
        add_hour(s, stand, (size_t)(hour % SURETY_HOURS_A_WEEK), times * (uint64_t)(to_us - a_us));
        a_us = to_us;
    }
}

void surety_saturation_book(struct surety_saturation *s, const struct surety_plan *plan,
                            const struct surety_stand *stand, int64_t a_us, int64_t b_us, uint64_t times)
{
    if (b_us <= a_us)
        return;
    const uint64_t once_us = (uint64_t)(b_us - a_us), us = times * once_us;
    double per_s = 0;
    for (size_t d = 0; d < plan->n_demands; d++)
        per_s += plan->loads.rate_per_s[stand->level * plan->n_demands + d];
    s->total_us += us;
    book_hours(s, plan, stand, a_us, b_us, times);
    for (uint32_t p = 0; p < s->n_providers; p++) {
        const struct surety_carry *carry = carry_of(stand, p);
        if (carry == NULL) {
            s->bins_us[p * SURETY_LOAD_BINS] += us;
            continue;
        }
        const double full = carry->load < MOST_LOAD ? carry->load : MOST_LOAD;
        const int64_t millionths = (int64_t)in_millionths(carry->load);
        const size_t bin =
            full < SURETY_LOAD_BIN * (SURETY_LOAD_BINS - 1) ? (size_t)(full / SURETY_LOAD_BIN) : SURETY_LOAD_BINS - 1;
        s->bins_us[p * SURETY_LOAD_BINS + bin] += us;
        s->load_us[p] += (unsigned __int128)us * (uint64_t)millionths;
        s->peak[p] = millionths > s->peak[p] ? millionths : s->peak[p];
        const double arrived =
            stand->per_request[p] * per_s * (double)once_us; // us x requests/s: millionths of requests
        s->arrived[p] += (unsigned __int128)(uint64_t)(arrived + 0.5) * times;
        s->refused[p] += (unsigned __int128)(uint64_t)(arrived * carry->p_refused + 0.5) * times;
        if (millionths < 1000000)
            continue;
        s->saturated_us[p] += us;
        bool alone = true;
        for (uint32_t q = 0; stand->active != NULL && q < s->n_providers; q++)
            if (q != p && stand->active[q] != 0) {
                s->while_us[p * s->n_providers + q] += us;
                alone = false;
            }
        s->alone_us[p] += alone ? us : 0;
    }
}
