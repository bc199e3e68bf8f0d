// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_FIT_RHYTHM_H
#define SURETY_FIT_RHYTHM_H

#include "sim/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// When in the week outages start: three classes of hours (inside a window Monday to Friday, Monday to Friday outside
// it, weekend), each with one weight. Nobody asks in which zone the people work whose changes break things: the window
// is looked for, and the day's border lies opposite its middle.

#define SURETY_WEEK_HOURS 168

enum surety_hour_class { SURETY_HOURS_WORK, SURETY_HOURS_WEEKDAY, SURETY_HOURS_WEEKEND, SURETY_N_HOUR_CLASSES };

struct surety_rhythm {
    bool flat;         // nothing speaks for a rhythm: all weights are 1
    int border, width; // the day begins `border` hours after 00:00 UTC (-12..11); the window is `width` hours around
                       // its middle
    size_t counts[SURETY_N_HOUR_CLASSES];  // starts
    double weights[SURETY_N_HOUR_CLASSES]; // mean 1 over the week, shrunk
    double hours[SURETY_WEEK_HOURS];       // the weight of each hour of the UTC week, from Monday 00:00
    double ratio;                          // twice the gain in log-likelihood over flat
    double p;                              // of so large a gain under a flat week; NAN: too few starts to ask
    size_t n;                              // starts
};

#define SURETY_RHYTHM_LEAST ((size_t)30) // starts below which the week is taken as flat
#define SURETY_RHYTHM_PRIOR 10.0         // starts' worth of the pooled week (or a flat one) mixed into each
#define SURETY_RHYTHM_P 0.05             // the test's level

// The week of starts_us (Unix time, rising). Window by maximum likelihood, widths of 4 to 16 hours. The test against
// flat draws `n_replicates` weeks in which every cluster of starts (less than 12 hours from one to the next) is moved
// by its own uniform time, so that aftershocks do not pass for a rhythm, and looks for the best window in each: the
// p-value pays for the search. Weights are shrunk towards 1. SURETY_E_MEMORY.
enum surety_err surety_rhythm_fit(const int64_t *starts_us, size_t n, size_t n_replicates, uint64_t seed,
                                  struct surety_rhythm *out);

// The week of one provider by the window of the pooled one, its weights shrunk towards the pooled ones; flat when those
// are.
void surety_rhythm_shrink(const struct surety_rhythm *pooled, const int64_t *starts_us, size_t n,
                          struct surety_rhythm *out);

// All hours alike.
struct surety_rhythm surety_rhythm_flat(void);

// Operational seconds between two instants: the integral of the week's weight.
double surety_rhythm_between(const struct surety_rhythm *rhythm, int64_t from_us, int64_t to_us);

#endif
