// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_RESPONSE_H
#define SURETY_MODELS_RESPONSE_H

#include "sim/base/latency.h"
#include "sim/base/registry.h"
#include "sim/scenario/plan_latency.h"

// How a route answers while the state of the world stays as it is: the law of the time to the first token, of what
// follows it, and of the time after which a request is known to have failed. Nodes of an architecture compose the
// responses of their routes; all routes of one response draw independently.

// A part of the answers.
struct surety_answer {
    struct surety_latency first;       // improper: mass is the share of the requests that are answered so
    const struct surety_latency *rest; // from the first token to the last, of each workload; NULL: nothing follows
    const struct surety_latency *all; // to the last token, where that is no sum of the two; of each workload; else NULL
};

struct surety_response {
    const struct surety_answer *answers;
    size_t n_answers;
    struct surety_latency failed; // requests that fail, by the time after which that is known
    double p_hangs;               // requests of which nothing is ever heard
};

// What a node's compose sees and gives.
struct surety_composition {
    struct surety_latency_space *space; // of all that is made
    size_t n_rests;                     // length of each `rest`
    const void *params;
    const struct surety_response *const *child; // of each route
    const double *share;                        // of each route: what the node's route function says
    size_t n_children;
    struct surety_rates rates;  // at which requests come to the node
    struct surety_response out; // the node's
    double *load;               // of each route: attempts per request of the node
};

// A provider: its own time to the first token, the share f_error of whose requests fails at once and f_hang of whose
// others are never answered. rest may be NULL.
struct surety_response surety_response_leaf(struct surety_latency_space *space, const struct surety_latency *first,
                                            const struct surety_latency *rest, double f_error, double f_hang);

// Share of the requests that are answered: 1 - f.
double surety_response_served(const struct surety_response *response);

// Time to the first token of those that are answered.
struct surety_latency surety_response_first(struct surety_latency_space *space, const struct surety_response *response);

// Time to the last token of workload `rest`.
struct surety_latency surety_response_all(struct surety_latency_space *space, const struct surety_response *response,
                                          size_t rest);

// compose of the node types: --------------------------------------------------------------------------------------

// One after the other: times add; a request fails with the first that fails.
void surety_series_compose(struct surety_composition *c);

// One of the routes by its share; what is left of 1 is answered at once, from a cache.
void surety_choice_compose(struct surety_composition *c);

// All are asked at once; the k-th first token counts, and the k-th last one. Of routes with times per output token the
// latter is no sum of the former and a rest: only series and choices may stand above (models/latency.c sees to it).
void surety_k_of_n_compose(struct surety_composition *c);

// The first that answers, each asked as soon as the one before it has failed: a bound.
void surety_parallel_compose(struct surety_composition *c);

#endif
