// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_REQUESTS_TALLY_H
#define SURETY_REQUESTS_TALLY_H

#include "sim/base/histogram.h"
#include "sim/base/intervals.h"
#include "sim/requests/ask.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

// What became of the requests of one workload at one architecture: integers and histograms over groups of worlds, sums
// of each world.

// Longer than any request takes: 100 days.
#define SURETY_REQUESTS_LONGEST_US INT64_C(8640000000000)

struct surety_world_counts {
    uint64_t n, n_failed, n_lost; // lost: failed without a word, no timeout anywhere
    uint64_t n_attempts;          // visits to providers
    uint64_t n_refused;           // of them: turned away by limits
    uint64_t first_us;            // sum of the times to the first token of those that were answered
    double cost;
};

// Of a group of worlds; microseconds, answered requests only.
struct surety_tally {
    struct surety_histogram first, whole;
    struct surety_world_counts *worlds; // of the run, index world; borrowed
    bool has_first, has_whole;
};

bool surety_tally_init(struct surety_tally *tally, struct surety_world_counts *worlds, bool has_first, bool has_whole);
void surety_tally_finish(struct surety_tally *tally);

// Books a request of world `world`.
static inline void surety_tally_add(struct surety_tally *tally, struct surety_world_counts *counts,
                                    const struct surety_reply *reply)
{
    counts->n++;
    if (reply->first_s == INFINITY) {
        counts->n_failed++;
        counts->n_lost += reply->failed_s == INFINITY;
        return;
    }
    if (tally->has_first) {
        const int64_t first_us = (int64_t)(reply->first_s * 1e6 + 0.5);
        counts->first_us += (uint64_t)first_us;
        surety_histogram_add(&tally->first, first_us, 1);
    }
    if (tally->has_whole && reply->job == 0) // else it ends later
        surety_histogram_add(&tally->whole, (int64_t)((reply->first_s + reply->rest_s) * 1e6 + 0.5), 1);
}

// An estimate, its standard error over worlds.
struct surety_requests_mean {
    double mean, se;
};

// sum(y) / sum(x) over n worlds, with the standard error of a ratio: sqrt(n / (n - 1) sum (y - m x)^2) / sum x; INFINITY
// for a single world.
struct surety_requests_mean surety_requests_ratio(const double *y, const double *x, size_t n);

// A percentile of those that were answered, in seconds, with its interval.
struct surety_requests_quantile {
    double share, value_s, lo_s, hi_s;
};

// The quantile at `share` of n groups together. The error of the share of values below it is that of a ratio over
// groups, and at least that of independent requests; the interval is that of the quantiles at share -+ that error times
// the normal law's point, Student's for the groups.
// `all` is the histogram of all groups. All NAN when there is nothing, hi_s where it
// lies beyond the last value.
struct surety_requests_quantile surety_requests_quantile_of(const struct surety_histogram *all,
                                                            const struct surety_histogram *const *groups, size_t n,
                                                            double share, double confidence);

// Position of rank share x n inside its bucket, linear: finer than surety_histogram_quantile. Microseconds.
double surety_requests_interpolate(const struct surety_histogram *histogram, double share);

// Number of values at most x_us, linear inside the bucket of x_us.
double surety_requests_n_below(const struct surety_histogram *histogram, double x_us);

#endif
