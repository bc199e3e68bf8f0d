// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_REQUESTS_TRACE_H
#define SURETY_REQUESTS_TRACE_H

#include "sim/base/diag.h"
#include "sim/base/err.h"

#include <stddef.h>
#include <stdint.h>

// Requests as they came: a CSV file whose header names the columns `timestamp` and perhaps `tokens` (output tokens; also
// `output_tokens`, `GeneratedTokens`), in any order and beside others. A timestamp is a number of seconds or
// YYYY-MM-DD HH:MM:SS[.fraction], with a T between and a Z behind if one likes; it must not fall. Times count from the
// first row.
struct surety_requests_trace {
    int64_t *at_us; // n, from the first, rising
    double *tokens; // n; NULL: not in the file
    size_t n;
};

// Reads the file. SURETY_E_SYSTEM when it cannot be read, SURETY_E_INPUT after a diagnostic for each row that is wrong
// (up to ten), SURETY_E_MEMORY. To be given to surety_requests_trace_finish on success.
enum surety_err surety_requests_trace_read(const char *path, struct surety_diags *diags,
                                           struct surety_requests_trace *out);

// The same from memory.
enum surety_err surety_requests_trace_parse(const char *text, size_t n, struct surety_diags *diags,
                                            struct surety_requests_trace *out);

void surety_requests_trace_finish(struct surety_requests_trace *trace);

#endif
