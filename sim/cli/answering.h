// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_CLI_ANSWERING_H
#define SURETY_CLI_ANSWERING_H

#include "sim/base/diag.h"
#include "sim/base/err.h"
#include "sim/engine/portfolio.h"

#include <stdbool.h>

// A scenario and its answer: one contract, or several that share the providers. What `surety run` does and
// `surety verify` repeats.
struct surety_answering {
    struct surety_scenario *scenario;  // of several contracts: with the first one selected
    bool several;                      // then `portfolio` holds the answer, else `plan` and `result`
    struct surety_plan *plan;          // one contract
    struct surety_result *result;      // one contract, after the run
    struct surety_portfolio portfolio; // several; its results are there after the run
};

// Reads and plans the scenario in the file. What is wrong is in `diags`. `out` is to be given to
// surety_answering_finish in every case.
enum surety_err surety_answering_load(const char *file, const struct surety_override *overrides, size_t n_overrides,
                                      struct surety_diags *diags, struct surety_answering *out);

// The same from `length` bytes of text; `file` is the name in messages and results.
enum surety_err surety_answering_read(const char *file, const char *text, size_t length,
                                      const struct surety_override *overrides, size_t n_overrides,
                                      struct surety_diags *diags, struct surety_answering *out);

// Simulates. `with_story` as of surety_answer. Shows its progress unless `quiet`.
enum surety_err surety_answering_run(struct surety_answering *answering, const struct surety_run_options *options,
                                     bool with_story, bool quiet, struct surety_diags *diags);

// The result of the one contract, or of the first: name, version and scenario are those of all.
const struct surety_result *surety_answering_first(const struct surety_answering *answering);

// Frees what it holds; accepts a finished one.
void surety_answering_finish(struct surety_answering *answering);

#endif
