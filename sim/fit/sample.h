// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_FIT_SAMPLE_H
#define SURETY_FIT_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>

// Durations as a record shows them: seen whole, cut at their end (an incident that is still open, the up time after the
// last one), or cut at their beginning (the up time in which the record starts). Seconds, or any one unit; all > 0.
struct surety_sample {
    const double *whole; // n_whole, any order
    size_t n_whole;
    const double *cut; // n_cut, right-censored: the duration is longer than this
    size_t n_cut;
    const double *rest; // n_rest: what a record's beginning left of a running period, as long as it was seen
    size_t n_rest;
};

// What the estimators read of a sample again and again; made once. `logs` are natural logarithms.
struct surety_sums {
    struct surety_sample sample;
    double *logs;     // heap, owned: n_whole + n_cut + n_rest logarithms, in that order
    double scale;     // geometric mean of the whole ones; of the cut ones when there is none
    double sum;       // of the whole ones
    double sum_log;   // of their logarithms
    double sum_log_2; // of their squares
    double exposure;  // sum of all, whole or not
    double least, most;
};

// Reads the sample; false when memory is out. The sample's arrays must outlive it. Give it to surety_sums_finish.
bool surety_sums_init(struct surety_sums *sums, const struct surety_sample *sample);
void surety_sums_finish(struct surety_sums *sums);

// A step of the Kaplan-Meier estimate: the share of durations that are at most `x`, after x and before the next step.
struct surety_km_step {
    double x, share;
    size_t n; // whole durations of exactly x
};

// The steps of the estimate from whole and cut durations (the rest are left out), by x; at most n_whole. Returns their
// number. With nothing cut it is the empirical distribution function. `steps` has room for n_whole. A cut duration
// equal to a whole one is taken as longer. Source: Kaplan, Meier, JASA 53 (1958) 457-481. SIZE_MAX: memory is out.
size_t surety_km(const struct surety_sample *sample, struct surety_km_step *steps);

#endif
