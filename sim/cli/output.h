// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_CLI_OUTPUT_H
#define SURETY_CLI_OUTPUT_H

#include "sim/base/diag.h"
#include "sim/base/err.h"

#include <stdio.h>

// A file that appears whole or not at all: it is written beside its place under another name and renamed at the end.
// What is no regular file (a device, a pipe) is written directly; "-" is standard output.
struct surety_output {
    FILE *file;
    const char *path; // borrowed
    char *target;     // what is renamed to: the path with symbolic links resolved; NULL: written directly
    char *temporary;  // NULL: written directly
};

// Opens before the long run what is written after it. SURETY_E_SYSTEM with a diagnostic when that is impossible.
enum surety_err surety_output_open(struct surety_output *output, const char *path, struct surety_diags *diags);

// Writes everything out, checks it and moves it to its place; `output` is finished in every case. SURETY_E_SYSTEM
// with a diagnostic when something was not written: then the old file still stands.
enum surety_err surety_output_commit(struct surety_output *output, struct surety_diags *diags);

// Writes out what is buffered: 0, or the errno of the write that failed, now or before.
int surety_output_flush(FILE *file);

// Gives it up and removes the temporary. Accepts an output that was finished before.
void surety_output_abandon(struct surety_output *output);

#endif
