// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_RECORD_RESPONSES_H
#define SURETY_RECORD_RESPONSES_H

#include "sim/base/arena.h"
#include "sim/base/diag.h"
#include "sim/base/err.h"

#include <stddef.h>

// How long single requests took, as a load test wrote it down: the individual responses or the summary of LLMPerf, or a
// table with a row a request.

enum surety_response_time { SURETY_TIME_FIRST_TOKEN, SURETY_TIME_PER_OUTPUT_TOKEN, SURETY_N_TIMES };

struct surety_response_quantile {
    double p, value_s; // in (0, 1); seconds, > 0
};

struct surety_response_sample {
    const char *from; // the columns: "ttft_s", "(e2e_latency_s - ttft_s) / output_tokens"; NULL: there is none
    double *values_s; // n of them, rising; NULL where only quantiles are known
    size_t n;
    const struct surety_response_quantile *quantiles; // of a summary, rising in p
    size_t n_quantiles;
};

struct surety_responses {
    struct surety_arena arena; // holds all but values_s
    const char *file, *dialect;
    char sha256[65];
    size_t n_rows, n_failed, n_filtered; // read; of them failed, or of no interest: neither is in a sample
    const char *remark;                  // what was left out and why; NULL: nothing
    struct surety_response_sample times[SURETY_N_TIMES];
};

// Names of columns (of a table, or keys of each response); NULL: by their usual names. A name that ends in _ms or _us has
// that unit, every other one seconds. Without a time per output token it is (end to end - first token) / output tokens.
struct surety_responses_options {
    const char *first_token, *per_output_token, *end_to_end, *output_tokens;
    const char *const *filters; // COLUMN=VALUE: only rows with it, all of them
    size_t n_filters;
};

// Reads a file ("-": standard input) of at most 64 MiB. Rows with a text in `error_code` or `error` failed and are
// counted; empty cells are left out. SURETY_E_INPUT after messages with their places, also when no time is left;
// SURETY_E_SYSTEM, SURETY_E_MEMORY. To be finished in the case of SURETY_OK.
enum surety_err surety_responses_load(const char *file, const struct surety_responses_options *options,
                                      struct surety_diags *diags, struct surety_responses *out);

// The same from memory; `file` is the name for messages.
enum surety_err surety_responses_parse(const char *file, const char *text, size_t n,
                                       const struct surety_responses_options *options, struct surety_diags *diags,
                                       struct surety_responses *out);

void surety_responses_finish(struct surety_responses *responses);

#endif
