// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_COMBINE_H
#define SURETY_MODELS_COMBINE_H

#include "sim/base/registry.h"

// Nodes without memory: their f is a function of the children's f at the same instant. Attempts fail independently
// given the state. Each has an `update` (never sets a timer) and a `route` as surety_node_type wants them.

struct surety_parallel_params {
    int64_t trip_ppb; // a member is healthy when its f is below; settled to the contract's down_at
};

struct surety_k_of_n_params {
    int64_t k; // 1..n
};

struct surety_cache_params {
    double share_hit; // of the requests, served by the cache
};

enum surety_counts_as { SURETY_COUNTS_UP, SURETY_COUNTS_DEGRADED, SURETY_COUNTS_DOWN };

struct surety_degrade_params {
    int64_t trip_ppb; // `normal` is healthy below; < 0: settled to the contract's down_at
    int counts_as;    // enum surety_counts_as: the time in which `to` serves
};

// 1 - prod(1 - f_i): {0.1, 0.2} -> 0.28. Every member takes every request.
double surety_series_update(const struct surety_node_view *view, int64_t now_us, int64_t *timer_us);
void surety_series_route(const struct surety_node_view *view, double *load);

// prod f_i: {0.1, 0.2} -> 0.02. A bound, not a design: the first healthy member (else the one with the smallest f)
// takes the requests.
double surety_parallel_update(const struct surety_node_view *view, int64_t now_us, int64_t *timer_us);
void surety_parallel_route(const struct surety_node_view *view, double *load);
bool surety_parallel_settle(void *params, size_t n_children, int64_t down_at_ppb, const char **key,
                            const char **problem);

// P(fewer than k of the n succeed), Poisson-binomial by the O(n k) recursion; k = 2 of f = {0.1, 0.2, 0.3}: 0.098.
// All n take every request.
double surety_k_of_n_update(const struct surety_node_view *view, int64_t now_us, int64_t *timer_us);
void surety_k_of_n_route(const struct surety_node_view *view, double *load);
bool surety_k_of_n_settle(void *params, size_t n_children, int64_t down_at_ppb, const char **key, const char **problem);

// (1 - hit) f: a hit of 12 % and f = 0.5 -> 0.44. What hits costs nothing and cannot fail.
double surety_cache_update(const struct surety_node_view *view, int64_t now_us, int64_t *timer_us);
void surety_cache_route(const struct surety_node_view *view, double *load);
void surety_cache_explain(const struct surety_node_view *view, struct surety_explanation *explanation);

// Children `normal` and `to`. While `normal` is healthy its f, else that of `to`, which then takes all requests;
// counted as down it stays the f of `normal`: f = {0.3, 0} -> 0, or 0.3. Degraded is not down: it is for quality.
double surety_degrade_update(const struct surety_node_view *view, int64_t now_us, int64_t *timer_us);
void surety_degrade_route(const struct surety_node_view *view, double *load);
void surety_degrade_explain(const struct surety_node_view *view, struct surety_explanation *explanation);
bool surety_degrade_settle(void *params, size_t n_children, int64_t down_at_ppb, const char **key,
                           const char **problem);

// The member with the largest f is asked why; the causes lie with all members.
void surety_series_explain(const struct surety_node_view *view, struct surety_explanation *explanation);

// Pass rates: every member has to be right, prod q_i: {0.9, 0.8} -> 0.72.
double surety_series_blend(size_t n_children, const double *load, const double *const *child_f,
                           const double *const *rate);

// A hedge's answer comes from one of those that were asked and answer, the worst of them (nobody says which is faster):
// of the load[k] - load[k + 1] requests that asked k routes the smallest rate of these k.
double surety_hedge_blend(size_t n_children, const double *load, const double *const *child_f,
                          const double *const *rate);

// Parallel, k_of_n and fallback fail only when no route is left.
void surety_combined_explain(const struct surety_node_view *view, struct surety_explanation *explanation);

#endif
