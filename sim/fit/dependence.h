// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_FIT_DEPENDENCE_H
#define SURETY_FIT_DEPENDENCE_H

#include "sim/base/arena.h"
#include "sim/base/episode.h"
#include "sim/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Do outages come together? What two records share by the week (both break on Tuesday mornings) is the weekly rhythm's;
// what they share beyond it is a common cause.

// A record's outages, rising and disjoint, in Unix microseconds.
struct surety_track {
    const struct surety_episode *list;
    size_t n;
    const double *shares;      // of requests that fail in each; NULL: all
    int64_t from_us, until_us; // what was watched
};

// Two tracks a < b of the list.
struct surety_pair {
    size_t a, b;
    int64_t from_us, until_us; // watched in both, cut to whole weeks
    size_t n_shifts;
    size_t together;  // stretches in which both are out
    double expected;  // their mean number over the shifts
    double p;         // share of the shifts with at least as many, (1 + k) / (1 + n); where none has, the tail of a
                      // negative binomial with their mean and variance, which tells more; NAN: too short to ask
    bool significant; // among all pairs, by Benjamini and Hochberg at 5 %
};

// Shifts one record of each pair circularly by -52 to 52 whole weeks (fewer in a shorter record; the nearest, so that
// the drift of years stays out of it): the weekly rhythm stays, what is common goes. pairs: room for n (n - 1) / 2;
// returns their number. Source of the selection: Benjamini, Hochberg, JRSS B 57 (1995) 289-300. SIZE_MAX: memory.
size_t surety_dependence_pairs(const struct surety_track *tracks, size_t n, struct surety_pair *pairs);

// A cause that several tracks have in common.
struct surety_cause {
    const size_t *members; // indices of tracks, rising; in the arena
    size_t n_members;
    size_t together;           // events that hit at least two of them
    double expected;           // of these by chance
    int64_t from_us, until_us; // watched in all of them, whole weeks
    double seconds;            // the same
    double hits;               // probability that an event hits a member
    double rate_per_s;         // events, those included that hit one member or none
    bool included;             // the members' own rates hold these events already
    const double *lengths;     // seconds in which at least two are out, one a common event; in the arena
    const double *shares;      // the largest share of the requests that failed in it; in the arena
};

// One cause for each group of tracks that significant pairs connect. Two members: every event hits both. More: `hits`
// is such that a binomial number of members hit, given at least two, has the mean that was seen. What is expected by
// chance (each member shifted by its own number of weeks, 200 times) is taken off. At most n / 2. SURETY_E_MEMORY.
enum surety_err surety_dependence_causes(const struct surety_track *tracks, size_t n, const struct surety_pair *pairs,
                                         size_t n_pairs, uint64_t seed, struct surety_arena *arena,
                                         struct surety_cause *causes, size_t *n_causes);

// Events a second that hit two or more members.
double surety_cause_events_per_s(const struct surety_cause *cause);

// Gives a cause as many events that hit two or more, and takes care that it hits a member at most most_per_s >=
// events_per_s times a second: where it would more often, events come less often and hit more members each.
void surety_cause_fit_in(struct surety_cause *cause, double events_per_s, double most_per_s);

#endif
