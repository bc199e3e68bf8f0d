// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_HTML_SECTIONS_H
#define SURETY_PLOTS_HTML_SECTIONS_H

#include "plots/figures.h"
#include "sim/engine/result.h"

#include <stdio.h>

// The parts of the report, in its order. Each writes nothing when the result has nothing for it.

void surety_html_verdict(const struct surety_result *result, FILE *out); // the sentence, why, the key numbers
void surety_html_warnings(const struct surety_result *result, FILE *out);
void surety_html_table(const struct surety_result *result, FILE *out); // architectures x tiers
void surety_html_money(const struct surety_result *result, FILE *out); // fee, cost, credits, margin
void surety_html_figure(const struct surety_figures *figures, const char *name, FILE *out);
void surety_html_flips(const struct surety_result *result, FILE *out); // what would change the verdict
void surety_html_bad_month(const struct surety_result *result, const struct surety_figures *figures, FILE *out);
void surety_html_assumptions(const struct surety_result *result, FILE *out); // and the defaults used
void surety_html_reading(const struct surety_result *result, FILE *out);     // what the numbers mean
void surety_html_provenance(const struct surety_result *result, const struct surety_figures *figures,
                            const char *digest, FILE *out); // and what `surety verify` needs

#endif
