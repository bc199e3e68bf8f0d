// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_CLI_EXPORTS_H
#define SURETY_CLI_EXPORTS_H

#include "sim/base/diag.h"
#include "sim/base/err.h"
#include "sim/cli/answering.h"
#include "sim/cli/options.h"

#include <stdio.h>

// What `run` writes beside text and JSON: --report, --csv, --plot, --keep-plots. Of several contracts, --csv makes a
// folder each, beside the tables of all together.

// Finds what cannot be written before the run: SURETY_E_INPUT for names that are no place for it, SURETY_E_SYSTEM,
// with a diagnostic.
enum surety_err surety_exports_check(const struct surety_options *options, struct surety_diags *diags);

// Writes all that was asked for. What can be written is, whatever fails; SURETY_E_SYSTEM, SURETY_E_MEMORY as the first
// failure, with a diagnostic. A drawing script that was refused is shown on standard error with line numbers.
enum surety_err surety_exports_write(const struct surety_options *options, const struct surety_answering *answering,
                                     struct surety_diags *diags);

// Makes a folder, or finds that it is there and can be written into. SURETY_E_SYSTEM with a diagnostic.
enum surety_err surety_exports_folder(const char *path, struct surety_diags *diags);

// The whole report to `out`. `keep`: a folder for the figures' scripts, NULL: not kept.
enum surety_err surety_exports_html(const struct surety_answering *answering, const char *keep, FILE *out,
                                    struct surety_diags *diags);

#endif
