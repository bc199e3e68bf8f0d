// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_TOOL_H
#define SURETY_PLOTS_TOOL_H

#include "sim/base/diag.h"
#include "sim/base/err.h"

#include <stdbool.h>
#include <stddef.h>

// An external program: it gets a text through a socket and answers through pipes; no shell, and a locale and time zone
// that are always the same.

struct surety_tool {
    const char *const *names; // looked for in PATH in this order, NULL at the end; the first is named in messages
    const char *package;      // Debian's, for who misses it: "gnuplot-nox"
    const char *not_done;     // "is not drawn"
    char *const *arguments;   // NULL at the end; without the program's name
};

struct surety_tool_output {
    char *text; // what it wrote on standard output, `size` bytes and a 0; heap, owned; NULL: nothing
    size_t size;
    char *messages; // what it said on standard error, "" for nothing; heap, owned
};

// Runs it to its end with `input` as its standard input. `what` is named in messages: "figure \"causes\"".
// SURETY_E_SYSTEM with one diagnostic (SURETY_D_TOOL) when it is missing, fails, is ended by a signal, or is silent for
// more than a minute; SURETY_E_MEMORY. `output` is to be given to surety_tool_output_finish in every case.
enum surety_err surety_tool_run(const struct surety_tool *tool, const char *input, const char *what,
                                struct surety_diags *diags, struct surety_tool_output *output);

// The diagnostic of a tool that ended well without what it should have done: "gnuplot ended without a drawing". Returns
// SURETY_E_SYSTEM.
enum surety_err surety_tool_fail(const struct surety_tool *tool, const char *what, const char *problem,
                                 struct surety_diags *diags, const struct surety_tool_output *output);

void surety_tool_output_finish(struct surety_tool_output *output); // accepts a finished one

#endif
