// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_SCENARIO_UNCERTAIN_H
#define SURETY_SCENARIO_UNCERTAIN_H

#include "sim/base/calendar.h"
#include "sim/base/law.h"
#include "sim/base/philox.h"
#include "sim/scenario/schema.h"
#include "sim/scenario/ytree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Uncertain inputs: `{between: [a, b]}`, `{law: {...}}` in the place of a number, `{observed: {...}}` in that of a rate
// of incidents. The first reading collects them and puts their means in: that scenario is what everything sees that does
// not draw. A draw reads the same tree again with other numbers: so any number of the scenario can be uncertain, and
// what depends on it (defaults, checks, tables) follows by itself.

// One of them.
struct surety_uncertain_input {
    const char *path;      // of the value, names its random stream; NULL: a map of the file that was no number's
    const char *text;      // as written: "between 20d and 45d"
    const char *unit;      // of the numbers below: "s", "1/s", "" for shares, factors, counts, numbers; "money"
    struct surety_law law; // SI units
    double low, high;      // the law is conditioned on [low, high]: what the key allows
    double p_low, p_high;  // its distribution function there
    double mean;           // of the conditioned law
    struct surety_place place;
    // observed: the log rate wanders from `until` on
    double drift;  // sd that it gains in the first year, were there no limit; 0: none
    double spread; // what its sd tends to; 0: grows without end
    struct surety_date until;
    struct surety_place until_place;
};

struct surety_uncertain {
    struct surety_uncertain_input *inputs; // n, those with a path count
    size_t n, n_used;
    struct surety_arena arena; // of the tree
    const struct surety_ynode *root;
    const struct surety_registry *registry;
    struct surety_known *known; // what a draw need not read again, schema.c
};

// True for a map with one of the three words as its only key.
bool surety_is_range(const struct surety_ynode *node);

// "between", "law" or "observed" when `word` is nearly that, else NULL.
const char *surety_near_range(const char *word);

// Numbers all ranges of the tree. Returns how many there are.
size_t surety_number_ranges(struct surety_ynode *root);

// The value of the range `node` where a number of `row` belongs, into *out in SI units: the mean at the first reading,
// the drawn value in a draw. The first reading takes the input in; false after a mistake.
bool surety_read_range(struct surety_reader *reader, const struct surety_field *row, const struct surety_ynode *node,
                       const char *path, double *out);

// The input that stands at `node`; NULL: none.
const struct surety_uncertain_input *surety_range_at(const struct surety_reader *reader,
                                                     const struct surety_ynode *node);

// Looks at the inputs when the whole file is read: `until` after the term's start.
void surety_check_ranges(struct surety_reader *reader);

// One value by its quantile: u in (0, 1). Rounded to 40 significant bits, within [low, high].
double surety_uncertain_draw(const struct surety_uncertain_input *input, double u);

// Standard deviation of the log rate, `years` after the record's end, and its correlation with itself so much later:
// an Ornstein-Uhlenbeck process from 0 with var' = drift^2 at first, tending to spread^2; with spread 0 a random walk
// (Uhlenbeck and Ornstein, 1930). sd = spread sqrt(1 - exp(-2 k years)), pull = exp(-k years), k = drift^2 / (2 spread^2).
double surety_drift_sd(double drift, double spread, double years);
double surety_drift_pull(double drift, double spread, double years);

// Reads the observed incidents at `node` into the input's law and drift; uncertain_observed.c.
bool surety_read_observed(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                          struct surety_uncertain_input *out);

// Rows of `observed`, and for `explain` those of a rate that can be observed.
extern const struct surety_fields surety_observed_fields, surety_observable_fields;

#endif
