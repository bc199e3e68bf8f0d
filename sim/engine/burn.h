// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_BURN_H
#define SURETY_ENGINE_BURN_H

#include <stdbool.h>
#include <stddef.h>

// Burn-rate alerts over one term, exact in time.

// A stretch in which the share `lost` of what comes is lost: [from_s, to_s), rising and apart.
struct surety_burn_stretch {
    double from_s, to_s, lost;
    double before; // what was lost before it; filled by surety_burn_prepare
};

// What happens in a term. Between stretches nothing is lost, nor before second 0.
struct surety_burn {
    struct surety_burn_stretch *list; // n
    size_t n;
    // What has come by t, rising; a line within each hour of the term. NULL: time itself.
    double (*come)(const void *context, double t_s);
    // What is lost in [a_s, b_s) of a stretch, a line within each hour too; its `lost` is then the largest share there.
    // NULL: `lost` of what comes.
    double (*spent)(const void *context, const struct surety_burn_stretch *stretch, double a_s, double b_s);
    const void *context;
};

// Sums up what is lost; the list is complete.
void surety_burn_prepare(struct surety_burn *burn);

// What has come, and what was lost of it, from the term's start to t_s.
double surety_burn_come(const struct surety_burn *burn, double t_s);
double surety_burn_lost(const struct surety_burn *burn, double t_s);

// The first instant at or after from_s and before to_s at which more than `most` is lost since the term's start;
// INFINITY: none. To a microsecond.
double surety_burn_reaches(const struct surety_burn *burn, double most, double from_s, double to_s);

// The instants in [0, end_s) at which the alert begins to fire: at least `threshold` of what came was lost over the last
// long_s and over the last short_s. At most `room` of them into fired_s; the number. Between the stretches' ends, those
// ends later by a window, and whole hours (later by a window) both sums are lines, whose roots are taken.
size_t surety_burn_fires(const struct surety_burn *burn, double long_s, double short_s, double threshold, double end_s,
                         double *fired_s, size_t room);

#endif
