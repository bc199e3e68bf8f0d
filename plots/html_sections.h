// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_HTML_SECTIONS_H
#define SURETY_PLOTS_HTML_SECTIONS_H

#include "plots/figures.h"
#include "sim/engine/result.h"

#include <stdio.h>

// The parts of the report, in its order. Each writes nothing when the result has nothing for it. `level` is that of the
// part's heading: 2, or 3 inside one of several contracts; the verdict's own stands one above.

// Everything before the first part, and behind the last one.
void surety_html_open(const struct surety_result *result, FILE *out);
void surety_html_close(FILE *out);

// Opens a section with its heading; `class` may be NULL.
void surety_html_section(FILE *out, const char *class, unsigned level, const char *title);

// The sentence, why, the key numbers. `kicker` stands above them: whose verdict it is.
void surety_html_verdict(const struct surety_result *result, const char *kicker, unsigned level, FILE *out);
void surety_html_fact(FILE *out, const char *name, const char *value, const char *note); // a key number, in a dl.facts
void surety_html_warnings(const struct surety_result *result, FILE *out);
void surety_html_table(const struct surety_result *result, unsigned level, FILE *out);    // architectures x tiers
void surety_html_money(const struct surety_result *result, unsigned level, FILE *out);    // fee, cost, credits, margin
void surety_html_capacity(const struct surety_result *result, unsigned level, FILE *out); // load, hours full
void surety_html_reserved(const struct surety_result *result, unsigned level, FILE *out); // units, use, what they save
void surety_html_joint(const struct surety_result *result, unsigned level, FILE *out);    // quality, cost, all together
void surety_html_budget(const struct surety_result *result, unsigned level, FILE *out);   // what to run at, budgets
void surety_html_figure(const struct surety_figures *figures, const char *name, FILE *out);
void surety_html_flips(const struct surety_result *result, unsigned level, FILE *out); // what would change the verdict
void surety_html_bad_month(const struct surety_result *result, const struct surety_figures *figures, unsigned level,
                           FILE *out);
void surety_html_assumptions(const struct surety_result *result, FILE *out); // and the defaults used
void surety_html_reading(const struct surety_result *result, FILE *out);     // what the numbers mean
void surety_html_provenance(const struct surety_result *result, const struct surety_figures *figures,
                            const char *digest, FILE *out); // and what `surety verify` needs

#endif
