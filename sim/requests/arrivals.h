// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_REQUESTS_ARRIVALS_H
#define SURETY_REQUESTS_ARRIVALS_H

#include "sim/base/err.h"
#include "sim/base/kernel.h"
#include "sim/base/sampler.h"
#include "sim/requests/trace.h"
#include "sim/scenario/plan.h"

#include <stddef.h>
#include <stdint.h>

// When the requests of one workload come. The gaps between them are gamma variates of mean 1 and coefficient of
// variation `burstiness` on the clock of expected requests, the integral of the workload's rate, so that the hours of
// the week and the growth shape them too (burstiness 1: a Poisson process). The first gap is what is left of one at a
// random instant. With a trace they come when it says so.

// Requests of one block, what all arrays of draws hold.
#define SURETY_REQUESTS_BLOCK 512

// A stretch of constant rate.
struct surety_arrival_stretch {
    int64_t from_us, to_us;
    double rate_per_us;
    double due_from, due_to; // expected requests since the horizon's start
};

// One workload's arrivals in one world after another.
struct surety_arrivals {
    const struct surety_plan *plan;
    const struct surety_kernel *kernel;
    const struct surety_requests_trace *trace; // NULL: none
    struct surety_philox_key key;
    uint32_t stream, first_stream, demand;
    struct surety_sampler gap, first_gap;
    struct surety_arrival_stretch *stretches;
    size_t n_stretches, room;
    // the world under way
    uint64_t world;
    int64_t start_us;
    double due; // of the last request drawn, in expected requests
    size_t at;  // stretch
    uint32_t n_blocks;
    size_t n_read; // of the trace
    // the block
    uint32_t first;                       // number of its first request
    size_t n;                             // 0: there are no more
    int64_t at_us[SURETY_REQUESTS_BLOCK]; // from the term's start
    double tokens[SURETY_REQUESTS_BLOCK]; // of the trace; unused where it has none
};

// burstiness: 0 to 10. SURETY_E_MEMORY, SURETY_E_NUMERIC. trace may be NULL and must outlive the arrivals.
enum surety_err surety_arrivals_init(struct surety_arrivals *arrivals, const struct surety_plan *plan, uint32_t demand,
                                     double burstiness, const struct surety_requests_trace *trace,
                                     const struct surety_kernel *kernel, uint64_t seed);
void surety_arrivals_finish(struct surety_arrivals *arrivals);

// Begins world `world` at start_us, up to end_us. SURETY_E_MEMORY.
enum surety_err surety_arrivals_begin(struct surety_arrivals *arrivals, uint64_t world, int64_t start_us,
                                      int64_t end_us);

// The next block, rising in time; arrivals->n is 0 after the last. Cost: about 8 ns a request.
void surety_arrivals_next(struct surety_arrivals *arrivals);

// Expected number of requests of a workload in [from, to), for limits and figures.
double surety_arrivals_expected(const struct surety_plan *plan, uint32_t demand, int64_t from_us, int64_t to_us);

#endif
