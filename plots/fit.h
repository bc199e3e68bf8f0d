// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_FIT_H
#define SURETY_PLOTS_FIT_H

#include "sim/base/err.h"
#include "sim/fit/report.h"

#include <stdbool.h>
#include <stdio.h>

// What `surety fit outages` writes. All numbers that go into a scenario have four significant digits.

// Tables for people, each line behind "# ": laws with parameters and intervals, AICc, p-values, the week, dependence,
// what was left out.
void surety_fit_text(const struct surety_fit_report *report, FILE *out);

// A document for programs, `kind: fit`.
void surety_fit_json(const struct surety_fit_report *report, FILE *out);

// How YAML is laid out: nested lines behind `indent` blanks, or all in braces on one line.
struct surety_fit_style {
    bool in_braces;
    int indent;
    bool uncertain; // ranges in the place of numbers
};

// A scenario that runs as it is: the providers and their causes as they were fitted, the rest an example that says so.
void surety_fit_scenario(const struct surety_fit_report *report, bool uncertain, FILE *out);

// The keys of a provider that a fit knows, in the order they are written.
enum surety_fit_key { SURETY_FIT_SOURCE, SURETY_FIT_NOTE, SURETY_FIT_OUTAGES, SURETY_FIT_RHYTHM, SURETY_FIT_N_KEYS };
extern const char *const surety_fit_key_names[SURETY_FIT_N_KEYS]; // "source", "note", "outages", "weekly_rhythm"

// The value of one key: in braces without a line end, else "key: ..." lines.
void surety_fit_value(const struct surety_fit_report *report, size_t provider, enum surety_fit_key key,
                      struct surety_fit_style style, FILE *out);

// Name of a cause and its map in braces: "a-b: {members: ...}" without a line end.
void surety_fit_cause(const struct surety_fit_report *report, size_t cause, FILE *out);

// A parameter or a mean as a scenario has it: "3.25d", "0.7712".
void surety_fit_number(double value, bool is_time, char out[32]);

// Which part of its record a provider is, as the file spells it: ", component api.x; chat", "" for all of it.
void surety_fit_part(const struct surety_fit_wish *wish, char *out, size_t size);

// An SVG with the empirical survival of up and repair times of every source and the laws over it. What
// surety_gnuplot_run returns. *svg is heap, the caller's.
enum surety_err surety_fit_figure(const struct surety_fit_report *report, struct surety_diags *diags, char **svg);

#endif
