// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as measured response times: refused with messages, or samples as responses.h promises, and laws for them.
#include "sim/fit/response_law.h"

#include <assert.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct surety_responses_options options = {.first_token = size > 0 && data[0] == 'c' ? "c" : NULL};
    struct surety_diags diags;
    struct surety_responses r;
    gsl_set_error_handler_off();
    surety_diags_init(&diags, "fuzz");
    const enum surety_err err = surety_responses_parse("fuzz", (const char *)data, size, &options, &diags, &r);
    assert((err == SURETY_OK) == (diags.n_errors == 0));
    for (size_t t = 0; err == SURETY_OK && t < SURETY_N_TIMES; t++) {
        const struct surety_response_sample *s = &r.times[t];
        struct surety_response_law law;
        for (size_t i = 0; s->values_s != NULL && i < s->n; i++)
            assert(s->values_s[i] > 0 && s->values_s[i] >= s->values_s[i > 0 ? i - 1 : 0]);
        if (surety_response_law_fit(s, &law))
            assert(law.body.median_s > 0 && law.ks >= 0 && law.ks <= 1 + 1e-9 && law.stall_weight <= 0.5 + 1e-4);
    }
    if (err == SURETY_OK)
        surety_responses_finish(&r);
    surety_diags_finish(&diags);
    return 0;
}
