// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a trace of arrivals: refused with messages, or what trace.h promises.
#include "sim/requests/trace.h"

#include <assert.h>
#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct surety_diags diags;
    struct surety_requests_trace trace = {0};
    surety_diags_init(&diags, "fuzz");
    const enum surety_err err = surety_requests_trace_parse((const char *)data, size, &diags, &trace);
    assert((err == SURETY_OK) == (diags.n_errors == 0));
    assert((err == SURETY_OK) == (trace.n > 0));
    for (size_t i = 0; i < trace.n; i++) {
        assert(trace.at_us[i] >= (i > 0 ? trace.at_us[i - 1] : 0));
        assert(trace.tokens == NULL || (trace.tokens[i] >= 0 && trace.tokens[i] <= 1e9));
    }
    surety_requests_trace_finish(&trace);
    surety_diags_finish(&diags);
    return 0;
}
