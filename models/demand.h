// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_DEMAND_H
#define SURETY_MODELS_DEMAND_H

#include "sim/base/registry.h"

// A kind of workload: what is taken where the scenario says nothing. The numbers are round values of the usual order
// of magnitude; the result lists each one that was used.
struct surety_workload_kind {
    const char *name, *help;
    const char *input_tokens, *output_tokens; // laws per request, as a user would write them
    const char *profile, *requests_per_task;
    double usual_s;   // what customers usually ask for at p95: the time to the first token; 0: nothing
    bool usual_whole; // the time of a whole step instead
};

// surety_workload.kind is an index.
extern const struct surety_workload_kind surety_workload_kinds[];
extern const size_t surety_n_workload_kinds;

// Rows of one workload, into struct surety_workload.
extern const struct surety_fields surety_workload_fields;

#endif
