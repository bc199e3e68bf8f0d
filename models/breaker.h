// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_BREAKER_H
#define SURETY_MODELS_BREAKER_H

#include "models/fallback.h"

// How often the cooldowns of a fallback's routes have them skipped, in the long run and in one state of the world.
//
// The first route gets all requests, so its cooldowns are a renewal process with a closed form. Every further route gets
// a flood while all before it cool down and a trickle else: its cooldowns come in the floods. So route k is a Markov
// chain in steps of time (failures counted, age of the count, age of the cooldown) under a rate that alternates between
// the two, and what is asked for is its state in either.

// One route as the breaker sees it.
struct surety_breaker_route {
    double p_fails; // an attempt
    double delay_s; // mean time after which a failure is known
};

// Carried from route to route; begin with zeros. A flood: all routes so far cool down.
struct surety_breaker {
    double p_flood;     // share of the time
    double flood_s;     // mean length
    double *flood_ends; // that it ends in a step, given its age; the last one is 1
    size_t n_flood;
    double
        *begins; // that a flood begins in a step, given the age of the time since the last; the last one holds for ever
    size_t n_begins; // 0: at a constant rate
    double step_s;
    double p_reaches; // that the request whose failure begins a flood goes on to the next route
    // Requests that fail at cooling routes too, because they came before that was known: they reach the next one within
    // the flood's first late_s, at this rate beside all others.
    double late_s, late_per_s;
};

// The closed form of a route under requests that come as a Poisson stream of rate visits_per_s > 0, each with up to
// 1 + retries attempts: the share of the time that it cools down.
//
// Counting starts with a failure and ends per_s after it: the route is cooled down when allowed_fails more came until
// then. A request that fails has N failures, P(N >= j) = p^(j - 1), at once; G is the time from the first request with
// failures to the one that makes them more than allowed_fails, P(G > t) = sum over m of P(Poisson(r t) = m)
// P(N_1 + ... + N_(m + 1) <= allowed_fails), r = visits x p. The time to a cooldown is E = (1/r + E[min(G, per)]) /
// P(G <= per), and the share cooldown / (cooldown + E). What is known late counts late: E grows by the delay as far as
// the cooldown lets no failure of before it arrive. Half open, a cooldown is followed by the next visit, which leads to
// another with p: n = 1 / (1 - p) cooldowns and waits of 1 / visits in a row, and the delay of the trials that fail.
double surety_cooldown_share(const struct surety_fallback_params *p, double visits_per_s,
                             const struct surety_breaker_route *route);

// The share of requests that find a route cooling down: of those that came past cooling routes only
// (*flood) and of those that failed at another one before (*trickle; the first route has none). tried: requests that come
// to it after failures, per request of the node. Moves `breaker` on to the next route. Plan-time code: allocates.
// SURETY_E_MEMORY.
enum surety_err surety_breaker_next(struct surety_breaker *breaker, const struct surety_fallback_params *p,
                                    double requests_per_s, double tried, const struct surety_breaker_route *route,
                                    bool is_first, bool is_last, double *flood, double *trickle);

void surety_breaker_finish(struct surety_breaker *breaker);

#endif
