// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_QUEUE_H
#define SURETY_MODELS_QUEUE_H

#include <stdint.h>

// Queues in the steady state, closed forms and approximations. Requests come at lambda a second, each takes one of c
// places for a time of mean S and squared coefficient of variation cs2; a = lambda S is the offered load, rho = a / c.
// Plan-time code: GSL and libm inside.

// Erlang B, the share that finds all of c places taken and leaves, a >= 0: B(0) = 1, B(k) = a B(k-1) / (k + a B(k-1)).
// Holds for any law of S (Sevastyanov 1957). {c = 10, a = 5}: 0.018385.
double surety_erlang_b(int64_t c, double a);

// Erlang C, the share that has to wait when all wait, a < c: C = B / (1 - rho (1 - B)). {10, 5}: 0.036105.
double surety_erlang_c(int64_t c, double a);

// M/M/c. Mean wait of all, C S / (c - a); P(W > t) = C exp(-(c - a) t / S); the smallest t with P(W <= t) >= p.
double surety_mmc_wait_s(int64_t c, double a, double service_s);
double surety_mmc_later(int64_t c, double a, double service_s, double t_s);
double surety_mmc_percentile_s(int64_t c, double a, double service_s, double p);

// M/M/c with room for `queue` that wait: p_n as in M/M/c up to n = c + queue. Of those that are not refused: the share
// that waits, the mean wait of all, P(W > t) and its percentiles, W a sum of n - c + 1 exponential times of mean S / c.
struct surety_mmck {
    int64_t c, queue;
    double a, service_s;
    double p_refused, p_waits, wait_s;
};
struct surety_mmck surety_mmck(int64_t c, int64_t queue, double a, double service_s);
double surety_mmck_later(const struct surety_mmck *q, double t_s);
double surety_mmck_percentile_s(const struct surety_mmck *q, double p);

// M/G/1, mean wait: lambda E[S^2] / (2 (1 - rho)) (Pollaczek 1930, Khinchine 1932).
double surety_mg1_wait_s(double lambda_per_s, double service_s, double service_second);

// M/D/c, mean wait, exact. The number waiting at times D apart is Q' = max(0, Q + A - c), A ~ Poisson(a) (Crommelin 1932),
// so E[Q] = sum over k of E[max(0, A_k - k c)] / k, A_k ~ Poisson(k a) (Spitzer 1956), and W = E[Q] / lambda. Where the sum
// would have more than 20,000 terms, at rho so close to 1 that it hardly matters, Cosmetatos' approximation (1975).
double surety_mdc_wait_s(int64_t c, double a, double service_s);

// M/G/c, mean wait, from those of M/D/c and M/M/c: (1 - cs2) W_D + cs2 W_M for cs2 <= 1 (Tijms 1986), beyond it
// (1 + cs2) / (2 cs2 / W_M + (1 - cs2) / W_D) (Kimura 1986). Exact for c = 1. Within 1 % of exact values for cs2 <= 2 and
// rho <= 0.9, see tests/stat/test_queue.c; the laws of the same cs2 differ by as much.
double surety_mgc_wait_s(int64_t c, double a, double service_s, double cs2);

// --- what a provider's places do to requests -------------------------------------------------------------------

struct surety_queue_places {
    int64_t c;
    double queue;          // that may wait; INFINITY: any number
    double lambda_per_s;   // requests that come, > 0
    double ca2;            // of the times between them: squared coefficient of variation
    double service_s, cs2; // mean > 0
};

struct surety_queue_state {
    double load;      // rho
    double p_refused; // of those that come
    double p_waits;   // of those that are not refused
    double wait_s;    // mean wait of those that wait; INFINITY: the queue grows without end
    double wait_cv2;  // its squared coefficient of variation
};

// G/G/c with a limited queue. Exact for M/M/c, M/M/c/K, M/G/c/c and M/G/1 in the mean; in general, with G the ratio of
// the mean wait to that of M/M/c (x (ca2 + cs2) / (1 + cs2), Allen-Cunneen, for other arrivals than Poisson's) and
// m = G S / (c - a) the mean wait of those that wait:
//   other arrivals make the number in service vary z times as much as its mean; with A and B those of c / z places at the
//   load a / z (Hayward, Fredericks 1980);
//   numbers of waiting fall by r = lambda m / (1 + lambda m) a step, for rho >= 1 by r = rho^(1/G), G = (ca2 + cs2) / 2;
//   refused: B r^K / (A + B (1 - rho r^K) / (1 - rho)), A = sum of a^j / j! for j < c, B = a^c / c! (Tijms' form of the
//   finite from the infinite queue, 1994, section 4.5);
//   each of n + 1 departures that a request waits for takes m (1 - r).
struct surety_queue_state surety_queue_places(const struct surety_queue_places *q);

// Share of requests that a token bucket turns away: `rate` of work a second is granted and up to `depth` saved, requests
// bring work of mean `mean` and second moment `second` at lambda_per_s, ca2 as above. The bucket as a Brownian motion
// between 0 and depth, drift d = lambda mean - rate, variance v = lambda (second - mean^2 + ca2 mean^2): what runs over is
// d / (1 - exp(-2 d depth / v)) (Harrison 1985, section 5.6). At least the fluid max(0, d).
double surety_bucket_refused(double lambda_per_s, double ca2, double mean, double second, double rate, double depth);

// --- a batch ---------------------------------------------------------------------------------------------------

struct surety_queue_batch {
    int64_t most;                 // largest batch
    double queue;                 // that may wait
    double lambda_per_s, ca2;     // as above
    double steps, steps_second;   // of a request: mean and second moment of its output tokens
    double step_s, per_request_s; // a step takes step_s + per_request_s x batch
};

struct surety_batch_state {
    struct surety_queue_state queue;
    double size;                  // mean batch
    double step_mean_s, step_cv2; // time per token that a request sees, mean over its life
};

// Requests in a batch share its steps: with n in it each gets on at 1 / (step + per_request n), so that the number in it
// is that of a processor-sharing queue, pi_n ~ prod lambda E[steps] tau(k) / k, insensitive to the law of the steps
// (Cohen 1979); from `most` on requests wait as for places of mean time E[steps] tau(most). The mean time per token is
// E[n] / (lambda' E[steps]) by Little's law. n forgets at the rate g = step_s / (E[steps] tau(n)^2), so over a life of
// T = E[steps] tau the time per token varies less than tau does, by 2 (x - 1 + exp(-x)) / x^2, x = g T.
struct surety_batch_state surety_queue_batch(const struct surety_queue_batch *q);

#endif
