// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/fallback.h"

#include <gsl/gsl_sf_gamma.h>
#include <math.h>

// --- without latencies -----------------------------------------------------------------------------------------

static double power(double f, int64_t n)
{
    double product = 1;
    for (; n > 0; n--)
        product *= f;
    return product;
}

double surety_fallback_update(const struct surety_node_view *view, int64_t now_us, int64_t *timer_us)
{
    (void)now_us, (void)timer_us;
    const struct surety_fallback_params *p = view->params;
    double failed = 1;
    for (size_t i = 0; i < view->n_children; i++)
        failed *= power(*view->child_f[i], 1 + p->retries);
    return failed;
}

void surety_fallback_route(const struct surety_node_view *view, double *load)
{
    const struct surety_fallback_params *p = view->params;
    double reaches = 1;
    for (size_t i = 0; i < view->n_children; i++) {
        const double f = *view->child_f[i];
        double attempts = 0, reaches_attempt = reaches;
        for (int64_t k = 0; k <= p->retries; k++, reaches_attempt *= f)
            attempts += reaches_attempt;
        load[i] = attempts;
        reaches = reaches_attempt;
    }
}

double surety_hedge_update(const struct surety_node_view *view, int64_t now_us, int64_t *timer_us)
{
    (void)now_us, (void)timer_us;
    double failed = 1;
    for (size_t i = 0; i < view->n_children; i++)
        failed *= *view->child_f[i];
    return failed;
}

void surety_hedge_route(const struct surety_node_view *view, double *load)
{
    double reaches = 1;
    for (size_t i = 0; i < view->n_children; i++) {
        load[i] = reaches;
        reaches *= *view->child_f[i];
    }
}

bool surety_fallback_needs_response(const void *params)
{
    const struct surety_fallback_params *p = params;
    return isfinite(p->timeout_s) || p->cooldown_s > 0;
}

bool surety_fallback_needs_laws(const void *params)
{
    return isfinite(((const struct surety_fallback_params *)params)->timeout_s);
}

double surety_fallback_delay_s(const void *params, size_t n_children)
{
    const struct surety_fallback_params *p = params;
    const double attempts = (double)n_children * (1 + (double)p->retries);
    double wait_s = p->backoff_s, sum_s = isfinite(p->timeout_s) ? attempts * p->timeout_s : 0;
    for (double k = 1; k < attempts && p->backoff_s > 0; k++) {
        sum_s += fmin(wait_s, p->backoff_most_s);
        wait_s = fmin(wait_s * p->backoff_growth, 1e6);
    }
    return sum_s;
}

double surety_hedge_delay_s(const void *params, size_t n_children)
{
    return (double)(n_children - 1) * ((const struct surety_hedge_params *)params)->after_s;
}

bool surety_hedge_needs_response(const void *params)
{
    (void)params;
    return true;
}

// --- cooldown --------------------------------------------------------------------------------------------------

double surety_cooldown_share(const struct surety_fallback_params *p, double visits_per_s, double p_fails,
                             double fails_per_visit)
{
    const double r = visits_per_s * fails_per_visit, a = (double)p->allowed_fails;
    if (!(p->cooldown_s > 0) || !(r > 0))
        return 0;
    double in_time = 1, waits_s = 0; // of the failures after the first
    if (p->allowed_fails > 0) {
        in_time = gsl_sf_gamma_inc_P(a, r * p->per_s);
        waits_s = a / r * gsl_sf_gamma_inc_P(a + 1, r * p->per_s) + p->per_s * (1 - in_time);
    }
    if (!(in_time > 1e-300))
        return 0;
    const double closed_s = (1 / r + waits_s) / in_time;
    if (!p->half_open)
        return p->cooldown_s / (p->cooldown_s + closed_s);
    // in a row: n cooldowns with a wait for the next visit each
    const double open_s = p->cooldown_s, wait_s = 1 / visits_per_s;
    return open_s / (open_s + wait_s + (1 - p_fails) * closed_s);
}

// --- fallback --------------------------------------------------------------------------------------------------

// The wait before the k-th repeated attempt.
static struct surety_latency backoff(struct surety_latency_space *space, const struct surety_fallback_params *p,
                                     size_t k)
{
    double wait_s = p->backoff_s;
    for (size_t i = 0; i < k && wait_s < p->backoff_most_s; i++)
        wait_s *= p->backoff_growth;
    wait_s = fmin(wait_s, p->backoff_most_s);
    if (p->jitter == 0 || wait_s == 0)
        return surety_latency_at(space, wait_s, 1);
    const struct surety_law law = surety_law_of(SURETY_LAW_UNIFORM, (1 - p->jitter) * wait_s, wait_s);
    return surety_latency_of(space, &law, 1);
}

// One attempt at a route.
struct attempt {
    struct surety_answer *answers; // in time
    size_t n_answers;
    struct surety_latency fails; // time after which the gateway goes on
    double p_fails, p_hangs;     // p_hangs: it waits for ever
};

static struct attempt attempt(struct surety_latency_space *space, const struct surety_response *route, double timeout_s)
{
    struct attempt a = {.n_answers = route->n_answers};
    a.answers = surety_arena_calloc(&space->arena, route->n_answers, sizeof *a.answers);
    if (a.answers == NULL) {
        space->out_of_memory = true;
        return (struct attempt){0};
    }
    double served = 0;
    for (size_t i = 0; i < route->n_answers; i++) {
        a.answers[i].first = surety_latency_within(space, &route->answers[i].first, timeout_s);
        a.answers[i].rest = route->answers[i].rest;
        served += a.answers[i].first.mass;
    }
    a.fails = surety_latency_within(space, &route->failed, timeout_s);
    if (!isfinite(timeout_s)) {
        a.p_hangs = route->p_hangs;
        a.p_fails = a.fails.mass;
        return a;
    }
    const double left = 1 - served - a.fails.mass; // hanging, or too late
    if (left > 1e-15) {
        const struct surety_latency gives_up = surety_latency_at(space, timeout_s, left);
        a.fails = surety_latency_either(space, &a.fails, &gives_up);
    }
    a.p_fails = a.fails.mass;
    return a;
}

void surety_fallback_compose(struct surety_composition *c)
{
    const struct surety_fallback_params *p = c->params;
    struct surety_latency_space *space = c->space;
    struct surety_answers answers = {0};
    struct surety_latency begins = surety_latency_at(space, 0, 1); // of the attempt at hand
    double p_hangs = 0;
    size_t n_waits = 0;
    for (size_t i = 0; i < c->n_children; i++) {
        c->load[i] = 0;
        if (begins.mass <= 0)
            continue;
        const struct attempt a = attempt(space, c->child[i], p->timeout_s);
        double fails_per_visit = 0, reaches = 1;
        for (int64_t k = 0; k <= p->retries; k++)
            fails_per_visit += reaches *= a.p_fails;
        const double skipped = surety_cooldown_share(p, c->rate_per_s * begins.mass, a.p_fails, fails_per_visit);
        const struct surety_latency passes_by = surety_latency_scaled(space, &begins, skipped);
        begins = surety_latency_scaled(space, &begins, 1 - skipped);
        for (int64_t k = 0; k <= p->retries && begins.mass > 0; k++) {
            c->load[i] += begins.mass;
            for (size_t j = 0; j < a.n_answers; j++) {
                const struct surety_latency first = surety_latency_sum(space, &begins, &a.answers[j].first);
                surety_answers_add(space, &answers, &first, a.answers[j].rest);
            }
            p_hangs += begins.mass * a.p_hangs;
            begins = surety_latency_sum(space, &begins, &a.fails);
            const bool goes_on = k < p->retries || i + 1 < c->n_children;
            if (p->backoff_s > 0 && goes_on && (k < p->retries || p->backoff_before == SURETY_BACKOFF_ATTEMPT)) {
                const struct surety_latency wait = backoff(space, p, n_waits++);
                begins = surety_latency_sum(space, &begins, &wait);
            }
        }
        begins = surety_latency_either(space, &begins, &passes_by);
        n_waits = p->backoff_before == SURETY_BACKOFF_ATTEMPT ? n_waits : 0;
    }
    c->out =
        (struct surety_response){.answers = answers.list, .n_answers = answers.n, .failed = begins, .p_hangs = p_hangs};
}

// --- hedge -----------------------------------------------------------------------------------------------------

static struct surety_response later(struct surety_latency_space *space, const struct surety_response *x, double by_s)
{
    struct surety_answers answers = {0};
    for (size_t i = 0; i < x->n_answers; i++) {
        const struct surety_latency first = surety_latency_later(space, &x->answers[i].first, by_s);
        surety_answers_add(space, &answers, &first, x->answers[i].rest);
    }
    return (struct surety_response){.answers = answers.list,
                                    .n_answers = answers.n,
                                    .failed = surety_latency_later(space, &x->failed, by_s),
                                    .p_hangs = x->p_hangs};
}

// The answers of x that come before those of y.
static void add_winners(struct surety_latency_space *space, struct surety_answers *answers,
                        const struct surety_response *x, const struct surety_latency *y, bool ties)
{
    for (size_t i = 0; i < x->n_answers; i++) {
        const struct surety_latency first = surety_latency_before(space, &x->answers[i].first, y, ties);
        surety_answers_add(space, answers, &first, x->answers[i].rest);
    }
}

// The later of two failures: those of x after y's, f_x F_y = x - x before y, and the other way round.
static struct surety_latency both_failed(struct surety_latency_space *space, const struct surety_latency *x,
                                         const struct surety_latency *y)
{
    const struct surety_latency x_early = surety_latency_before(space, x, y, true),
                                y_early = surety_latency_before(space, y, x, false),
                                x_late = surety_latency_without(space, x, &x_early),
                                y_late = surety_latency_without(space, y, &y_early);
    return surety_latency_either(space, &x_late, &y_late);
}

void surety_hedge_compose(struct surety_composition *c)
{
    const struct surety_hedge_params *p = c->params;
    struct surety_latency_space *space = c->space;
    struct surety_response x = *c->child[0];
    c->load[0] = 1;
    for (size_t k = 1; k < c->n_children; k++) {
        const double delay_s = (double)k * p->after_s;
        const struct surety_response y = later(space, c->child[k], delay_s);
        const struct surety_latency x_first = surety_response_first(space, &x),
                                    y_first = surety_response_first(space, &y);
        struct surety_answers answers = {0};
        add_winners(space, &answers, &x, &y_first, true);
        add_winners(space, &answers, &y, &x_first, false);
        c->load[k] = 1 - surety_latency_cdf(space->grid, &x_first, delay_s);
        const double f_x = 1 - x_first.mass, f_y = 1 - y_first.mass;
        x = (struct surety_response){
            .answers = answers.list, .n_answers = answers.n, .failed = both_failed(space, &x.failed, &y.failed)};
        x.p_hangs = fmax(f_x * f_y - x.failed.mass, 0);
    }
    c->out = x;
}
