// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_H
#define SURETY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// libsurety: read a scenario, simulate it, read the answer.
//
//     struct surety_model *model;
//     struct surety_result *result;
//     if (surety_model_load("scenario.yaml", NULL, &model) != SURETY_STATUS_OK)
//         fputs(surety_model_messages(model), stderr);
//     else if (surety_model_run(model, NULL, &result) == SURETY_STATUS_OK)
//         printf("%g\n", surety_result_term_met(result, 0, 0).p);
//
// Different models may be used from different threads at the same time.

// The same numbers as the program's exit status.
enum surety_status {
    SURETY_STATUS_OK = 0,
    SURETY_STATUS_INPUT = 2, // the scenario is wrong: see surety_model_messages
    SURETY_STATUS_SYSTEM = 3 // a file, memory or a thread failed
};

struct surety_model;  // a scenario that was read, with its messages; it has one contract
struct surety_result; // what a run found

// How to run. Start from surety_settings_default.
struct surety_settings {
    uint64_t seed;         // default 1; the same seed gives the same answer to the last bit
    uint64_t replications; // simulated terms, >= 1, default 100,000; with `precision` the most that are run
    double precision;      // half-width asked for of every P(every month met), in [0, 0.5]; default 0: no such goal
    unsigned threads;      // default 0: one per processor; the answer does not depend on it
};

void surety_settings_default(struct surety_settings *settings);

// Reads the scenario file ("-": standard input). `sets`: "PATH=VALUE" texts that replace or add values before anything
// is checked, NULL at the end; NULL: none. *out is set in every case and given to surety_model_destroy; it is NULL
// only when memory is out.
enum surety_status surety_model_load(const char *file, const char *const *sets, struct surety_model **out);

// Errors and warnings of all calls so far, a line or more each, as the program prints them; "" when there are none.
// Owned by the model, valid until its next call. NULL-safe: "memory is out" for NULL.
const char *surety_model_messages(struct surety_model *model);

// Simulates. `settings` NULL: the defaults. SURETY_STATUS_INPUT for a model that was not read without errors and for
// settings outside their ranges. On success *out is the caller's, to be given to surety_result_destroy; it does not
// need the model any more.
enum surety_status surety_model_run(struct surety_model *model, const struct surety_settings *settings,
                                    struct surety_result **out);

void surety_model_destroy(struct surety_model *model); // accepts NULL

// --- the answer: architectures in the file's order, tiers in the contract's; indices must be below the counts -----

// A probability and the interval that bounds the error of the simulation, at 95 %.
struct surety_interval {
    double p, lo, hi;
};

size_t surety_result_n_architectures(const struct surety_result *result);
size_t surety_result_n_tiers(const struct surety_result *result);
const char *surety_result_architecture_name(const struct surety_result *result, size_t architecture);
const char *surety_result_tier_name(const struct surety_result *result, size_t tier);

// Mean availability by the contract's measure, in [0, 1]; *se, unless NULL, takes its standard error.
double surety_result_availability(const struct surety_result *result, size_t architecture, double *se);

// Share of the months in which the tier's promise held.
struct surety_interval surety_result_month_met(const struct surety_result *result, size_t architecture, size_t tier);

// Share of the terms in which it held in every month.
struct surety_interval surety_result_term_met(const struct surety_result *result, size_t architecture, size_t tier);

// True when the contract's rule `sign_when` holds.
bool surety_result_signable(const struct surety_result *result, size_t architecture, size_t tier);

void surety_result_destroy(struct surety_result *result); // accepts NULL

#ifdef __cplusplus
}
#endif

#endif
