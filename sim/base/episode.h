// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_BASE_EPISODE_H
#define SURETY_BASE_EPISODE_H

#include <stddef.h>
#include <stdint.h>

// One outage of one source: [from, to) in microseconds from the term's start, at least 1 us long. The last one of a
// term may end after it.
struct surety_episode {
    int64_t from_us, to_us;
};

// The episodes of one source in one replication, rising and disjoint. The list grows on the first replications and is
// then reused. After the last one stands one more that never comes, so that a merge reads
// from, to, from, to, ... without looking for the end.
struct surety_episodes {
    struct surety_episode *list;
    size_t n, capacity;
};

// Longer than any term, short enough to be added to one.
#define SURETY_LONGEST_EPISODE_S 1e11

// A drawn time to the nearest microsecond, at least 1 and at most SURETY_LONGEST_EPISODE_S.
static inline int64_t surety_us_of(double seconds)
{
    const int64_t us = (int64_t)((seconds < SURETY_LONGEST_EPISODE_S ? seconds : SURETY_LONGEST_EPISODE_S) * 1e6 + 0.5);
    return us > 0 ? us : 1;
}

#endif
