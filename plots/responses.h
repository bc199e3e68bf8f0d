// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_RESPONSES_H
#define SURETY_PLOTS_RESPONSES_H

#include "plots/fit.h"
#include "sim/fit/response_law.h"

// What `surety fit latency` writes.

// A provider's measured latencies and the laws for them.
struct surety_response_fit {
    const char *name;
    struct surety_responses responses;
    struct surety_response_law law[SURETY_N_TIMES];
    bool has[SURETY_N_TIMES];
};

// "first_token", "per_output_token".
extern const char *const surety_response_time_names[SURETY_N_TIMES];

// Tables for people, each line behind "# ".
void surety_responses_text(const struct surety_response_fit *fits, size_t n, FILE *out);

// The part of a scenario: providers with `note` and `latency`.
void surety_responses_yaml(const struct surety_response_fit *fits, size_t n, FILE *out);

// A document for programs, `kind: fit_latency`.
void surety_responses_json(const struct surety_response_fit *fits, size_t n, FILE *out);

// The keys of a provider that the fit knows.
enum surety_response_key { SURETY_RESPONSE_NOTE, SURETY_RESPONSE_LATENCY, SURETY_RESPONSE_N_KEYS };
extern const char *const surety_response_key_names[SURETY_RESPONSE_N_KEYS]; // "note", "latency"
#define SURETY_RESPONSE_NOTE_HEAD "Latency measured: "                      // how a note of ours begins

// The value of one key: in braces without a line end, else "key: ..." lines. `tell`: where it is from as a comment behind
// `latency`, where the provider has a note of its own.
void surety_responses_value(const struct surety_response_fit *fit, enum surety_response_key key,
                            struct surety_fit_style style, bool tell, FILE *out);

// An SVG: what was measured as steps, the laws as lines. What surety_gnuplot_run returns. *svg is heap, the caller's.
enum surety_err surety_responses_figure(const struct surety_response_fit *fits, size_t n, struct surety_diags *diags,
                                        char **svg);

#endif
