// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_FALLBACK_H
#define SURETY_MODELS_FALLBACK_H

#include "models/response.h"
#include "sim/base/registry.h"

// Gateways that act on single requests: fallback tries routes one after another, hedge races them.

struct surety_fallback_params {
    int64_t retries;  // further attempts at each route, >= 0
    double timeout_s; // longest wait for the first token of an attempt; INFINITY: none
    // Before the k-th repeated attempt (k = 0, 1, ...) it waits min(backoff_s x growth^k, most), of which the share
    // jitter is uniform: between (1 - jitter) and 1 of it.
    double backoff_s, backoff_growth, backoff_most_s, jitter;
    int backoff_before; // enum surety_backoff_before
    // A route is skipped for cooldown_s once more than allowed_fails of its attempts failed within per_s of the first of
    // them. 0: never.
    double cooldown_s, per_s;
    int64_t allowed_fails;
    int half_open; // 1: after a cooldown the first attempt alone decides whether another follows
};

enum surety_backoff_before { SURETY_BACKOFF_RETRY, SURETY_BACKOFF_ATTEMPT }; // at the same route; at any

struct surety_hedge_params {
    double after_s; // without a first token a copy goes to the next route
};

// prod f_i^(1 + retries): {0.1, 0.2} with one retry -> 0.0004; without timeout and cooldown. Route i gets what all
// routes before it failed, and attempts each of those 1 + f_i + ... + f_i^retries times on average. With a timeout or a
// cooldown the walk takes both from the composed response.
double surety_fallback_update(const struct surety_node_view *view, int64_t now_us, int64_t *timer_us);
void surety_fallback_route(const struct surety_node_view *view, double *load);

// An attempt fails when the route says so, or at the timeout; its time passes for the request that goes on. A request
// that finds no route left fails.
void surety_fallback_compose(struct surety_composition *c);

// f and load depend on more than the routes' f.
bool surety_fallback_needs_response(const void *params);

// With a timeout it matters how long routes take.
bool surety_fallback_needs_laws(const void *params);

// All attempts time out, all waits are the longest.
double surety_fallback_delay_s(const void *params, size_t n_children);

// prod f_i. A copy goes to route k when k x after passed without a first token; here, without latencies, only after
// failures.
double surety_hedge_update(const struct surety_node_view *view, int64_t now_us, int64_t *timer_us);
void surety_hedge_route(const struct surety_node_view *view, double *load);

// The first of all copies, min(X, after + Y, ...); the others go on and are billed.
void surety_hedge_compose(struct surety_composition *c);
bool surety_hedge_needs_response(const void *params);
double surety_hedge_delay_s(const void *params, size_t n_children);

// Answers that grow, parts with the same rest united; used by response.c and fallback.c.
struct surety_answers {
    struct surety_answer *list;
    size_t n, room;
};
void surety_answers_add(struct surety_latency_space *space, struct surety_answers *answers,
                        const struct surety_latency *first, const struct surety_latency *rest);

#endif
