// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_HTML_H
#define SURETY_PLOTS_HTML_H

#include "plots/figures.h"
#include "sim/engine/result.h"

#include <stdio.h>

// The report as one HTML file: no scripts, nothing loaded from elsewhere, nothing that differs between two runs of the
// same scenario, seed and number of replications.

// Writes `text` with & < > " ' as entities, for text and for attributes. Control characters but tab and line feed come
// out as \xNN, bytes that are no UTF-8 as U+FFFD.
void surety_html_text(FILE *out, const char *text);

// The same without loss: control characters and line feeds as numeric references, so that surety_html_unescape gives
// the bytes back. `keep_lines`: line feeds stay as they are.
void surety_html_exact(FILE *out, const char *text, bool keep_lines);

// Undoes surety_html_exact in place on text[0..n): the new length, or SIZE_MAX when it is not such a text.
size_t surety_html_unescape(char *text, size_t n);

// Writes `format`, each %s in it replaced by the next argument through surety_html_text; %% is a percent sign, there
// is nothing else.
void surety_html_put(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Writes the whole report. `figures`: drawn ones. Write errors stay in `out`; SURETY_E_MEMORY.
enum surety_err surety_report_html(const struct surety_result *result, const struct surety_figures *figures, FILE *out);

// The style sheet.
extern const char surety_report_css[];

#endif
