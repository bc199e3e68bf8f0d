// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_REQUESTS_DRAWS_H
#define SURETY_REQUESTS_DRAWS_H

#include "sim/requests/arrivals.h"
#include "sim/scenario/scenario.h"

// The random numbers of requests. A draw belongs to (provider, workload, request, which visit of the request to the
// provider it is), so every architecture meets the same provider on the same request, retries draw anew, and a request
// may be played again from its start. Draws of first visits come a block at a time where most requests of the last
// block wanted them, else one by one: the numbers are the same.

// One visit of a request to a provider.
struct surety_visit {
    double u;       // decides how it goes
    double first_s; // to the first token, before factors
};

// What a provider draws from; shared by threads, constant.
struct surety_provider_laws {
    bool known;                        // it has laws of latency; else all times are 0
    bool per_token;                    // and tokens take time
    bool batch;                        // which a batch says
    struct surety_sampler first, each; // seconds
    uint32_t stream;
};

struct surety_request_laws {
    struct surety_provider_laws *providers; // n_providers
    struct surety_sampler *output_tokens;   // n_workloads
    struct surety_sampler *input_tokens;    // the same
    uint32_t *input_streams;                // the same: a request's input, the same on all its visits
    uint32_t **node_streams;                // of each architecture's nodes
    size_t n_providers, n_workloads, n_architectures;
};

// From the scenario's rows. SURETY_E_MEMORY, SURETY_E_NUMERIC. To be finished in every case.
enum surety_err surety_request_laws_init(struct surety_request_laws *laws, const struct surety_scenario *scenario,
                                         const struct surety_plan *plan);
void surety_request_laws_finish(struct surety_request_laws *laws);

struct surety_draw_block {
    uint32_t first;    // request
    size_t n, n_rests; // filled: visits, times after the first token
    size_t n_wanted;   // since the block began
    bool usual;        // most requests of the block before came here
    double u[SURETY_REQUESTS_BLOCK], first_s[SURETY_REQUESTS_BLOCK], rest_s[SURETY_REQUESTS_BLOCK];
};

// The draws of one workload in one world; one thread's.
struct surety_draws {
    const struct surety_request_laws *laws;
    const struct surety_kernel *kernel;
    const struct surety_arrivals *arrivals; // whose block is at hand
    struct surety_philox_key key;
    uint32_t demand;
    uint64_t world;                   // below 2^32
    struct surety_draw_block *blocks; // of each provider
};

enum surety_err surety_draws_init(struct surety_draws *draws, const struct surety_request_laws *laws,
                                  const struct surety_arrivals *arrivals, const struct surety_kernel *kernel,
                                  uint64_t seed);
void surety_draws_finish(struct surety_draws *draws);

// The arrivals have a new block (of a new world).
void surety_draws_turn(struct surety_draws *draws, uint64_t world);

// The visit-th visit (from 0) of a request to a provider.
struct surety_visit surety_draws_visit(struct surety_draws *draws, uint32_t provider, uint32_t request, uint32_t visit);

// Time from the first token to the last, before factors: output tokens x time per token.
double surety_draws_rest(struct surety_draws *draws, uint32_t provider, uint32_t request, uint32_t visit);

// The output tokens of that visit, and the input tokens of the request, which all its visits bring.
double surety_draws_output(struct surety_draws *draws, uint32_t provider, uint32_t request, uint32_t visit);
double surety_draws_input(struct surety_draws *draws, uint32_t request);

// Both for a whole block: pointers to its arrays, request arrivals->first first. rest_s NULL: not wanted.
void surety_draws_block(struct surety_draws *draws, uint32_t provider, const double **u, const double **first_s,
                        const double **rest_s);

// The count-th uniform of a request at a node whose stream is given.
double surety_draws_node(const struct surety_draws *draws, uint32_t stream, uint32_t request, uint32_t count);

#endif
