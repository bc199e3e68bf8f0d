// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/burn.h"

#include <math.h>
#include <stdlib.h>

#define HOUR_S 3600.0
#define SMALL 1e-12 // of what came: rounding of sums
#define STEPS 60    // of a bisection

double surety_burn_come(const struct surety_burn *burn, double t_s)
{
    return burn->come != NULL ? burn->come(burn->context, t_s) : t_s;
}

static double spent(const struct surety_burn *burn, const struct surety_burn_stretch *s, double a_s, double b_s)
{
    return burn->spent != NULL ? burn->spent(burn->context, s, a_s, b_s)
                               : s->lost * (surety_burn_come(burn, b_s) - surety_burn_come(burn, a_s));
}

void surety_burn_prepare(struct surety_burn *burn)
{
    double lost = 0;
    for (size_t i = 0; i < burn->n; i++) {
        struct surety_burn_stretch *s = &burn->list[i];
        s->before = lost;
        lost += spent(burn, s, s->from_s, s->to_s);
    }
}

// The last stretch that begins at or before t; NULL: none.
static const struct surety_burn_stretch *stretch_at(const struct surety_burn *burn, double t_s)
{
    size_t low = 0, high = burn->n;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (burn->list[middle].from_s <= t_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &burn->list[low - 1] : NULL;
}

double surety_burn_lost(const struct surety_burn *burn, double t_s)
{
    const struct surety_burn_stretch *s = stretch_at(burn, t_s);
    if (s == NULL)
        return 0;
    return s->before + spent(burn, s, s->from_s, fmin(t_s, s->to_s));
}

double surety_burn_reaches(const struct surety_burn *burn, double most, double from_s, double to_s)
{
    if (surety_burn_lost(burn, to_s) <= most)
        return INFINITY;
    for (int i = 0; i < STEPS && to_s - from_s > 1e-6; i++) {
        const double middle = (from_s + to_s) / 2;
        if (surety_burn_lost(burn, middle) > most)
            to_s = middle;
        else
            from_s = middle;
    }
    return to_s;
}

// How much more than the threshold was lost over the window before t; not negative: the alert's condition holds.
static double surplus(const struct surety_burn *burn, double window_s, double threshold, double t_s)
{
    const double come = surety_burn_come(burn, t_s) - surety_burn_come(burn, t_s - window_s);
    const double lost = surety_burn_lost(burn, t_s) - surety_burn_lost(burn, t_s - window_s);
    return lost - threshold * come + SMALL * come;
}

// The first instant in [a, b] at which the line from fa to fb is not negative; INFINITY: none.
static double root(double a, double fa, double b, double fb)
{
    if (fa >= 0)
        return a;
    return fb < 0 ? INFINITY : a + (b - a) * (fa / (fa - fb));
}

// The next instant after t at which one of the sums bends.
static double next_bend(const struct surety_burn *burn, const double lags[3], double t_s)
{
    double next = INFINITY;
    for (size_t k = 0; k < 3; k++) {
        const double at = t_s - lags[k];
        const struct surety_burn_stretch *s = stretch_at(burn, at);
        const struct surety_burn_stretch *after = s == NULL ? burn->list : s + 1;
        if (s != NULL && s->to_s > at)
            next = fmin(next, s->to_s + lags[k]);
        if (after < burn->list + burn->n)
            next = fmin(next, after->from_s + lags[k]);
        if (burn->come != NULL)
            next = fmin(next, (floor(at / HOUR_S) + 1) * HOUR_S + lags[k]);
    }
    return next > t_s ? next : nextafter(t_s, INFINITY);
}

size_t surety_burn_fires(const struct surety_burn *burn, double long_s, double short_s, double threshold, double end_s,
                         double *fired_s, size_t room)
{
    const double lags[3] = {0, long_s, short_s};
    size_t n = 0, i = 0;
    bool on = false;
    while (i < burn->n) {
        // A window that lost so much has a stretch that does: nothing fires far from those.
        if (burn->list[i].lost < threshold * (1 - SMALL)) {
            i++;
            continue;
        }
        double t = burn->list[i].from_s, to = burn->list[i].to_s + short_s;
        for (; i + 1 < burn->n && burn->list[i + 1].from_s <= to; i++)
            if (burn->list[i + 1].lost >= threshold * (1 - SMALL))
                to = burn->list[i + 1].to_s + short_s;
        i++;
        on = false;
        double was_long = surplus(burn, long_s, threshold, t), was_short = surplus(burn, short_s, threshold, t);
        while (t < to && t < end_s) {
            const double next = fmin(next_bend(burn, lags, t), fmin(to, end_s));
            const double is_long = surplus(burn, long_s, threshold, next);
            const double is_short = surplus(burn, short_s, threshold, next);
            if (!on) {
                const double at = fmax(root(t, was_long, next, is_long), root(t, was_short, next, is_short));
                // Both hold at `at`, unless the one that held first has ended by then.
                on = at <= next &&
                     (was_long < 0 || is_long >= 0 || at == t || root(t, -was_long, next, -is_long) > at) &&
                     (was_short < 0 || is_short >= 0 || at == t || root(t, -was_short, next, -is_short) > at);
                if (on && n < room)
                    fired_s[n] = at;
                n += on;
            }
            if (on && (is_long < 0 || is_short < 0))
                on = false;
            t = next;
            was_long = is_long;
            was_short = is_short;
        }
    }
    return n < room ? n : room;
}
