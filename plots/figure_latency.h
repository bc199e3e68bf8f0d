// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_FIGURE_LATENCY_H
#define SURETY_PLOTS_FIGURE_LATENCY_H

#include "sim/engine/result.h"

#include <stdbool.h>
#include <stddef.h>

// What figures of latency are about: one metric of one workload.
struct surety_latency_subject {
    size_t workload;
    bool whole;
    const char *metric; // "first_token"
};

// That of the first promise, else the first workload's first token. False when no architecture has it.
bool surety_latency_subject_choose(const struct surety_result *result, struct surety_latency_subject *subject);

// The subject at that architecture; NULL: not known.
const struct surety_latency_metric *surety_latency_subject_metric(const struct surety_architecture_result *a,
                                                                  const struct surety_latency_subject *subject);

// A target of the subject that a tier promises.
struct surety_latency_flag {
    double target_s;
    const char *tier;
    double percentile;
};
#define SURETY_MOST_LATENCY_FLAGS 6

// All of them, longest first; how many.
size_t surety_latency_subject_targets(const struct surety_result *result, const struct surety_latency_subject *subject,
                                      struct surety_latency_flag flags[SURETY_MOST_LATENCY_FLAGS + 1]);

#endif
