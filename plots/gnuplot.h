// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_GNUPLOT_H
#define SURETY_PLOTS_GNUPLOT_H

#include "plots/tool.h"
#include "sim/base/diag.h"
#include "sim/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

// The external program that draws. It gets a script through a socket and answers through a pipe: no file, no shell, no
// start-up file of the user's. Text reaches it in single quotes only: in double quotes a back-quote would run a
// command.

// Writes `text` as a single-quoted string, ' doubled (with a space of no width before one at the beginning or behind
// another). Control characters, line breaks among them, come out as \xNN and what is no UTF-8 as U+FFFD: nothing in
// the text can end the string or the line. Longer than `most` characters: cut, with an ellipsis; 0: never.
void surety_gnuplot_quote(FILE *script, const char *text, size_t most);

// The same for the label of a tick, which gnuplot takes for a format: % is doubled.
void surety_gnuplot_quote_tick(FILE *script, const char *text, size_t most);

struct surety_gnuplot_output {
    struct surety_tool_output said; // text: what it drew
    bool script_error;              // it ran, and did not accept the script
};

// Runs `script` to its end. `what` is named in messages: "figure \"causes\"". SURETY_E_SYSTEM with one diagnostic
// (SURETY_D_TOOL) when the program is missing, fails, is ended by a signal, or takes more than a minute;
// SURETY_E_MEMORY. `output` is to be given to surety_gnuplot_output_finish in every case. About 25 ms.
enum surety_err surety_gnuplot_run(const char *script, const char *what, struct surety_diags *diags,
                                   struct surety_gnuplot_output *output);

void surety_gnuplot_output_finish(struct surety_gnuplot_output *output); // accepts a finished one

#endif
