// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/queue.h"

#include <assert.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>

// --- Erlang ----------------------------------------------------------------------------------------------------

double surety_erlang_b(int64_t c, double a)
{
    double b = 1;
    for (int64_t k = 1; k <= c; k++)
        b = a * b / ((double)k + a * b);
    return b;
}

double surety_erlang_c(int64_t c, double a)
{
    const double b = surety_erlang_b(c, a), rho = a / (double)c;
    return b / (1 - rho * (1 - b));
}

double surety_mmc_wait_s(int64_t c, double a, double service_s)
{
    return surety_erlang_c(c, a) * service_s / ((double)c - a);
}

double surety_mmc_later(int64_t c, double a, double service_s, double t_s)
{
    return t_s < 0 ? 1 : surety_erlang_c(c, a) * exp(-((double)c - a) * t_s / service_s);
}

double surety_mmc_percentile_s(int64_t c, double a, double service_s, double p)
{
    const double waits = surety_erlang_c(c, a);
    return 1 - p >= waits ? 0 : log(waits / (1 - p)) * service_s / ((double)c - a);
}

// --- M/M/c/K ---------------------------------------------------------------------------------------------------

struct surety_mmck surety_mmck(int64_t c, int64_t queue, double a, double service_s)
{
    struct surety_mmck q = {.c = c, .queue = queue, .a = a, .service_s = service_s};
    const double rho = a / (double)c, b = surety_erlang_b(c, a);
    // relative to p_c: p_0 + ... + p_(c-1), then rho^j for the j waiting
    const double below = 1 / b - 1;
    double sum = 0, waiting = 0, positions = 0, power = 1;
    for (int64_t j = 0; j < queue; j++, power *= rho) {
        waiting += power; // a request that comes now waits for j + 1 departures
        positions += power * (double)(j + 1);
    }
    sum = below + waiting + power;
    q.p_refused = power / sum;
    q.p_waits = waiting / (below + waiting);
    q.wait_s = positions / (below + waiting) * service_s / (double)c;
    return q;
}

double surety_mmck_later(const struct surety_mmck *q, double t_s)
{
    if (t_s < 0)
        return 1;
    // P(Erlang(j + 1) > t) = exp(-x) (1 + x + ... + x^j / j!), x = c t / S
    const double rho = q->a / (double)q->c, x = (double)q->c * t_s / q->service_s;
    double term = exp(-x), tail = term, power = 1, later = 0, waiting = 0;
    for (int64_t j = 0; j < q->queue; j++) {
        later += power * tail;
        waiting += power;
        power *= rho;
        term *= x / (double)(j + 1);
        tail += term;
    }
    return waiting > 0 ? q->p_waits * later / waiting : 0;
}

double surety_mmck_percentile_s(const struct surety_mmck *q, double p)
{
    if (1 - p >= q->p_waits)
        return 0;
    double low = 0, high = q->service_s;
    while (surety_mmck_later(q, high) > 1 - p)
        high *= 2;
    for (int i = 0; i < 200 && high - low > 1e-15 * high; i++) {
        const double mid = 0.5 * (low + high);
        *(surety_mmck_later(q, mid) > 1 - p ? &low : &high) = mid;
    }
    return high;
}

// --- M/G/1, M/D/c, M/G/c -----------------------------------------------------------------------------------------

double surety_mg1_wait_s(double lambda_per_s, double service_s, double service_second)
{
    return lambda_per_s * service_second / (2 * (1 - lambda_per_s * service_s));
}

// Mean wait of M/D/c relative to that of M/M/c (Cosmetatos, Naval Research Logistics Quarterly 22 (1975) 615-620).
static double cosmetatos(double c, double rho)
{
    return 0.5 * (1 + (1 - rho) * (c - 1) * (sqrt(4 + 5 * c) - 2) / (16 * rho * c));
}

#define MOST_TERMS 20000

// E[max(0, A - n)], A ~ Poisson(mean): mean P(A >= n) - n P(A > n).
static double excess(double mean, double n)
{
    const double above = gsl_sf_gamma_inc_P(n + 1, mean); // P(A >= n + 1)
    const double at = exp(n * log(mean) - mean - gsl_sf_lngamma(n + 1));
    return (mean - n) * above + mean * at;
}

double surety_mdc_wait_s(int64_t c, double a, double service_s)
{
    const double rho = a / (double)c, decay = (double)c * (rho - 1 - log(rho)); // terms fall by exp(-decay)
    if (!(a > 0))
        return 0;
    if (decay * MOST_TERMS < 30)
        return cosmetatos((double)c, rho) * surety_mmc_wait_s(c, a, service_s);
    double sum = 0;
    for (int k = 1; k <= MOST_TERMS; k++) {
        const double term = excess((double)k * a, (double)k * (double)c) / (double)k;
        if (!(term > 1e-14 * sum))
            break;
        sum += term;
    }
    return sum * service_s / a;
}

double surety_mgc_wait_s(int64_t c, double a, double service_s, double cs2)
{
    const double random = surety_mmc_wait_s(c, a, service_s), fixed = surety_mdc_wait_s(c, a, service_s);
    if (cs2 <= 1)
        return (1 - cs2) * fixed + cs2 * random;
    return fixed > 0 ? (1 + cs2) / (2 * cs2 / random + (1 - cs2) / fixed) : 0;
}

// --- places ----------------------------------------------------------------------------------------------------

// The squared coefficient of variation of the time of one of the departures that a request waits for, from the conditional
// wait of M/G/c without a limit: the first departure, then as many residual times S_e / c as wait ahead (third moment: that
// of a gamma law). ratio: mean wait of M/G/c to that of M/M/c.
static double departure_cv2(const struct surety_queue_places *q, double ratio)
{
    const double c = (double)q->c, a = q->lambda_per_s * q->service_s, rho = a / c, waiting = ratio * rho / (1 - rho);
    const double r = waiting / (1 + waiting), n = rho / (1 - rho), m = ratio * q->service_s / (c - a);
    const double e1 = q->service_s * (1 + q->cs2) / 2 / c;
    const double e2 = q->service_s * q->service_s * (1 + q->cs2) * (1 + 2 * q->cs2) / 3 / c / c;
    const double cv2 = e2 / e1 / e1 - 1, first = fmax(m - n * e1, 0), first_cv2 = cv2 + (1 - cv2) * (1 - 1 / c);
    const double variance = first * first * first_cv2 + n * (e2 - e1 * e1) + n * (1 + n) * e1 * e1;
    const double mean = first + n * e1;
    return fmax((variance / mean / mean - r) / (1 - r), 0);
}

// Variance by mean of the number in service when there are places for all: 1 + (ca2 - 1) E[min(S, S')] / E[S], S and S'
// alike (Eckberg 1983); of a gamma law the ratio is 1 - Gamma(k + 1/2) / (sqrt(pi) Gamma(k + 1)), k = 1 / cs2.
static double peakedness(double ca2, double cs2)
{
    double overlap = 1;
    if (cs2 > 1e-6) {
        const double k = 1 / cs2;
        overlap = 1 - exp(gsl_sf_lngamma(k + 0.5) - gsl_sf_lngamma(k + 1)) / sqrt(M_PI);
    }
    return fmax(1 + (ca2 - 1) * overlap, 0.2);
}

// Erlang B for any c > 0: a^c exp(-a) / Gamma(c + 1, a).
static double erlang_b_real(double c, double a)
{
    const double q = gsl_sf_gamma_inc_Q(c + 1, a);
    return q > 0 ? exp(c * log(a) - a - gsl_sf_lngamma(c + 1)) / q : 1;
}

// What a limited queue behind c places does. below: probability that a place is free, relative to that of c taken and
// nobody waiting.
static struct surety_queue_state behind(const struct surety_queue_places *q, double below)
{
    const double c = (double)q->c, a = q->lambda_per_s * q->service_s, rho = a / c;
    struct surety_queue_state s = {.load = rho};
    if (rho > 1 - 1e-9 && isinf(q->queue)) { // at 1 itself too, as near as doubles come to it
        s.p_refused = fmax(1 - 1 / rho, 0);
        s.p_waits = 1;
        s.wait_s = INFINITY;
        return s;
    }
    const double busy = (q->ca2 + q->cs2) / (1 + q->cs2); // what other arrivals than Poisson's do
    double ratio = 0.5 * (q->ca2 + q->cs2);               // G
    double r, per_departure_s, of_one = q->cs2;           // cv2 of a departure
    if (rho < 1) {
        const double random = surety_mmc_wait_s(q->c, a, q->service_s);
        const double exact = surety_mgc_wait_s(q->c, a, q->service_s, q->cs2);
        if (random > 1e-290 && exact > 0) { // else waits are too rare for doubles
            ratio = exact / random * busy;
            of_one = departure_cv2(q, exact / random);
        }
        const double waiting = ratio * rho / (1 - rho); // lambda m
        r = waiting / (1 + waiting);
        per_departure_s = ratio * q->service_s / c / (1 - rho) / (1 + waiting);
    } else {
        r = ratio > 0 ? exp(log(rho) / ratio) : INFINITY;
        per_departure_s = q->service_s / c;
    }
    // refused, and the share that waits
    const double k = q->queue, power = r > 0 ? exp(k * log(r)) : (k > 0 ? 0 : 1); // r^K
    double positions, spread; // departures waited for: mean, variance
    if (fabs(1 - rho) < 1e-9) {
        s.p_refused = 1 / (below + 1 + (ratio > 0 ? k / ratio : k));
        s.p_waits = k > 0 ? k / ratio / (below + k / ratio) : 0;
    } else if (rho < 1) {
        s.p_refused = power / (below + (1 - rho * power) / (1 - rho));
        s.p_waits = (1 - power) / (1 - rho) / (below + (1 - power) / (1 - rho));
    } else {
        const double inverse = 1 / power;
        s.p_refused = 1 / (below * inverse + (rho - inverse) / (rho - 1));
        s.p_waits = (1 - inverse) / (rho - 1) / (below * inverse + (1 - inverse) / (rho - 1));
    }
    if (!(k > 0) || !(s.p_waits > 0)) {
        s.p_waits = 0;
        return s;
    }
    if (isinf(k)) {
        positions = 1 / (1 - r);
        spread = r / (1 - r) / (1 - r);
    } else if (fabs(1 - r) * k < 1e-4) {
        positions = (k + 1) / 2;
        spread = (k * k - 1) / 12;
    } else {
        const double g = r < 1 ? r : 1 / r, top = exp(k * log(g)); // geometric from the front or from the back
        positions = 1 / (1 - g) - k * top / (1 - top);
        positions = r < 1 ? positions : k + 1 - positions;
        spread = g / (1 - g) / (1 - g) - k * k * top / (1 - top) / (1 - top);
    }
    s.wait_s = positions * per_departure_s;
    s.wait_cv2 = fmax(positions * of_one + spread, 0) / positions / positions;
    return s;
}

struct surety_queue_state surety_queue_places(const struct surety_queue_places *q)
{
    const double a = q->lambda_per_s * q->service_s, z = peakedness(q->ca2, q->cs2);
    const double b = q->ca2 == 1 ? surety_erlang_b(q->c, a) : erlang_b_real((double)q->c / z, a / z);
    return behind(q, b > 0 ? 1 / b - 1 : INFINITY);
}

// --- token bucket ----------------------------------------------------------------------------------------------

double surety_bucket_refused(double lambda_per_s, double ca2, double mean, double second, double rate, double depth)
{
    const double work = lambda_per_s * mean, drift = work - rate;
    const double variance = lambda_per_s * (fmax(second - mean * mean, 0) + ca2 * mean * mean);
    if (!(work > 0))
        return 0;
    if (!(variance > 0))
        return fmax(drift, 0) / work;
    const double x = 2 * drift * depth / variance;
    const double over = fabs(x) < 1e-8 ? variance / (2 * depth) : x < -700 ? 0 : drift / -expm1(-x);
    return fmin(over / work, 1);
}

// --- batch -----------------------------------------------------------------------------------------------------

static double step_of(const struct surety_queue_batch *q, double n)
{
    return q->step_s + q->per_request_s * n;
}

struct surety_batch_state surety_queue_batch(const struct surety_queue_batch *q)
{
    enum { MOST = 4096 };
    assert(q->most >= 1 && q->most <= MOST);
    double p[MOST + 1]; // of n in the batch relative to the largest, for n < most; [most]: of nobody waiting
    double sum = 0, logs = 0, top = 0;
    p[0] = 0;
    for (int64_t n = 1; n <= q->most; n++) {
        logs += log(q->lambda_per_s * q->steps * step_of(q, (double)n) / (double)n);
        p[n] = logs;
        top = fmax(top, logs);
    }
    const double cs2 = fmax(q->steps_second / (q->steps * q->steps) - 1, 0), z = peakedness(q->ca2, cs2);
    for (int64_t n = 0; n <= q->most; n++) // other arrivals than Poisson's: a variance z times as large
        p[n] = exp((p[n] - top) / z);
    for (int64_t n = 0; n < q->most; n++)
        sum += p[n];
    const double most = (double)q->most;
    const struct surety_queue_places places = {.c = q->most,
                                               .queue = q->queue,
                                               .lambda_per_s = q->lambda_per_s,
                                               .ca2 = q->ca2,
                                               .service_s = q->steps * step_of(q, most),
                                               .cs2 = cs2};
    struct surety_batch_state s = {.queue = behind(&places, p[q->most] > 0 ? sum / p[q->most] : INFINITY)};
    // Requests that come and are not refused find n < most with p_n, else a full batch.
    const double taken = 1 - s.queue.p_refused, free_share = taken * (1 - s.queue.p_waits);
    double tau = 0, tau2 = 0, full = 1;
    for (int64_t n = 1; n < q->most; n++) {
        const double share = free_share * p[n] / sum, size = (double)n * share, step = step_of(q, (double)n);
        s.size += size;
        tau += size * step;
        tau2 += size * step * step;
        full -= share;
    }
    full = fmax(full - free_share * p[0] / sum, 0);
    const double step = step_of(q, most);
    s.size += most * full;
    tau += most * full * step;
    tau2 += most * full * step * step;
    s.step_mean_s = s.size / (q->lambda_per_s * taken * q->steps);
    if (s.size > 0 && tau > 0) {
        const double x = q->step_s / (tau / s.size), fades = x < 1e-4 ? 1 : 2 * (x - 1 + exp(-x)) / (x * x);
        s.step_cv2 = fades * fmax(tau2 * s.size / (tau * tau) - 1, 0);
    }
    return s;
}
