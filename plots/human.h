// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_HUMAN_H
#define SURETY_PLOTS_HUMAN_H

#include <stdint.h>
#include <stdio.h>

// Numbers and sentences for people.

#define SURETY_HUMAN_SIZE 48
#define SURETY_REPORT_COLUMNS 100

// A share as percent that does not lie: `digits` significant digits of the nearer distance to 0 or 100 %, at least one
// decimal, at most nine. (0.999712, 3) -> "99.9712 %"; "100 %" and "0 %" only when exact. NaN -> "-".
void surety_human_percent(char out[SURETY_HUMAN_SIZE], double share, int digits);

// The interval of a probability estimated as p, both ends with the decimals that suit p, within the same rule:
// (0.971, 0.973, 0.975) -> "97.1 to 97.5 %".
void surety_human_interval(char out[2 * SURETY_HUMAN_SIZE], double lo, double p, double hi);

// "8.7 to > 99.99 %": between which shares a probability lies, as `n` trials can tell: an end nearer to 0 or 1 than the
// power of ten above 1 / n is told as that.
void surety_human_range(char out[2 * SURETY_HUMAN_SIZE], double lo, double hi, uint64_t n);

// A share that was written down, such as a target, without trailing zeros: 0.9995 -> "99.95 %".
void surety_human_target(char out[SURETY_HUMAN_SIZE], double share);

// Two significant digits in the unit that fits: 2580 -> "43 min", 7560 -> "2.1 h", 0 -> "0 s". NaN -> "-".
void surety_human_duration(char out[SURETY_HUMAN_SIZE], double seconds);

// A latency, three significant digits: 0.3421 -> "342 ms", 1.234 -> "1.23 s"; INFINITY, beyond what was computed:
// "very long".
void surety_human_latency(char out[SURETY_HUMAN_SIZE], double seconds);

// 100000 -> "100,000".
void surety_human_count(char out[SURETY_HUMAN_SIZE], uint64_t n);

// Prints `text` broken at spaces (not after a digit: "43 min" stays together) to SURETY_REPORT_COLUMNS columns, with a newline at the end: `lead` before the first
// line, as many spaces before the others. Control characters come out as \xNN.
void surety_human_wrapped(FILE *out, const char *lead, const char *text);

#endif
