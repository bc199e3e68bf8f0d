// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_TESTS_STAT_WORLDS_H
#define SURETY_TESTS_STAT_WORLDS_H

#include "sim/engine/runner.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What all statistical tests share: a scenario from a text, a run of it, and the rule by which a figure agrees with
// its oracle.
//
// The rule: two-sided alpha 1e-9, 6.1 standard errors, a fixed seed. Every check states the shift that it detects and
// has a twin: the truth moved by that shift, both ways, has to be found wrong. A shift of twice the bound (12.2 s.e.)
// is found whatever the draw.

#define WORLD_BOUND 6.1

struct world {
    struct surety_diags diags;
    struct surety_scenario *scenario;
    struct surety_plan *plan;
};

// Reads and plans a scenario (printf-like); a mistake in it fails the test.
void world_open(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));
void world_close(struct world *world);

// A run of n replications on one thread; to be destroyed by the caller.
struct surety_result *world_run(struct world *world, uint64_t n, uint64_t seed);

// Text of the JSON report without wall time and threads; free() it.
char *world_json(struct world *world, const struct surety_run_options *options);

// |got - truth| <= 6.1 se.
bool within(double got, double truth, double se);

// Asserts within(got, truth, se) and its twins at truth - shift and truth + shift; logs all figures.
void holds(const char *what, double got, double se, double truth, double shift);

// The same for the share p = k / n of independent trials: se from the truth.
void holds_share(const char *what, double p, uint64_t n, double truth, double shift);

// Running mean and standard error of independent values.
struct tally {
    double n, sum, sum_squared;
};
void tally_add(struct tally *tally, double x);
double tally_mean(const struct tally *tally);
double tally_se(const struct tally *tally);

#endif
