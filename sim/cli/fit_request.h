// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_CLI_FIT_REQUEST_H
#define SURETY_CLI_FIT_REQUEST_H

#include "sim/cli/options.h"
#include "sim/fit/report.h"

// The files of a command line as records, and what is to be fitted to them.
struct surety_fit_inputs {
    struct surety_arena arena;
    struct surety_record **records; // n_records
    size_t n_records;
    struct surety_fit_request request;
};

// Reads files and options: all mistakes of the command line at once, then those of the files. `first`: index of the
// first file among the arguments. `rules`: how records are read beyond what the options say; may be NULL. `inputs` is
// to be given to surety_fit_inputs_finish in every case.
enum surety_err surety_fit_inputs_read(struct surety_fit_inputs *inputs, const struct surety_options *options,
                                       size_t first, const struct surety_record_options *rules,
                                       struct surety_diags *diags);
void surety_fit_inputs_finish(struct surety_fit_inputs *inputs);

#endif
