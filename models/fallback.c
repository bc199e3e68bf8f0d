// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/breaker.h"

#include <math.h>
#include <stdlib.h>

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

// Mean of the times on the grid.
static double mean_s(const struct surety_latency_space *space, const struct surety_latency *x)
{
    double sum = 0, mass = 0;
    for (size_t i = 0; i < x->n_atoms; i++) {
        sum += x->atoms[i].p * x->atoms[i].at_s;
        mass += x->atoms[i].p;
    }
    for (size_t j = 0; x->moments != NULL && j < space->grid->n; j++) {
        sum += x->moments[j] * ((double)j + 0.5) * space->grid->step_s;
        mass += x->moments[j];
    }
    return mass > 0 ? sum / mass : 0;
}

// What is being put together.
struct fallback {
    struct surety_composition *c;
    struct surety_answers answers;
    struct surety_latency begins; // of the attempt at hand, after failures
    double fresh;                 // requests that found all routes so far cooling down
    double p_hangs;
    size_t n_waits;
};

// All attempts at one route of the requests that are let through.
static void try_route(struct fallback *f, const struct attempt *a, size_t route)
{
    struct surety_composition *c = f->c;
    struct surety_latency_space *space = c->space;
    const struct surety_fallback_params *p = c->params;
    for (int64_t k = 0; k <= p->retries && f->begins.mass > 0; k++) {
        c->load[route] += f->begins.mass;
        for (size_t j = 0; j < a->n_answers; j++) {
            const struct surety_latency first = surety_latency_sum(space, &f->begins, &a->answers[j].first);
            surety_answers_add(space, &f->answers, &first, a->answers[j].rest);
        }
        f->p_hangs += f->begins.mass * a->p_hangs;
        f->begins = surety_latency_sum(space, &f->begins, &a->fails);
        const bool goes_on = k < p->retries || route + 1 < c->n_children;
        if (p->backoff_s > 0 && goes_on && (k < p->retries || p->backoff_before == SURETY_BACKOFF_ATTEMPT)) {
            const struct surety_latency wait = backoff(space, p, f->n_waits++);
            f->begins = surety_latency_sum(space, &f->begins, &wait);
        }
    }
}

// Of the requests that find all routes before this one cooling down, and of those that failed at one, the shares that
// find this one cooling down.
struct skipped {
    double flood, trickle;
};

// Over the rates at which requests come: each share is weighted with the requests that it is a share of, so that as many
// are let through as at all rates together.
static void find_skipped(struct surety_composition *c, const struct attempt *attempts, struct skipped *out)
{
    const struct surety_fallback_params *p = c->params;
    const size_t n_rates = p->cooldown_s > 0 ? c->rates.n : 1;
    double *sums = calloc(4 * c->n_children, sizeof *sums); // fresh, of these skipped, failed, of these skipped
    for (size_t r = 0; sums != NULL && r < n_rates; r++) {
        struct surety_breaker breaker = {.flood_s = 0};
        double fresh = 1, failed = 0;
        for (size_t i = 0; i < c->n_children; i++) {
            const struct attempt *a = &attempts[i];
            const struct surety_breaker_route route = {a->p_fails, p->cooldown_s > 0 ? mean_s(c->space, &a->fails) : 0};
            double flood = 0, trickle = 0, tried = 0;
            if (surety_breaker_next(&breaker, p, c->rates.per_s[r], failed, &route, i == 0, i + 1 == c->n_children,
                                    &flood, &trickle) != SURETY_OK)
                c->space->out_of_memory = true;
            const double of[] = {fresh, fresh * flood, failed, failed * trickle};
            for (size_t k = 0; k < 4; k++)
                sums[4 * i + k] += (n_rates > 1 ? c->rates.share[r] : 1) * of[k];
            tried = failed * (1 - trickle) + fresh * (1 - flood);
            for (int64_t k = 0; k <= p->retries; k++)
                tried *= a->p_fails;
            failed = tried + failed * trickle;
            fresh *= flood;
            if (n_rates == 1)
                out[i] = (struct skipped){flood, trickle};
        }
        surety_breaker_finish(&breaker);
    }
    for (size_t i = 0; sums != NULL && n_rates > 1 && i < c->n_children; i++) {
        const double *of = &sums[4 * i];
        out[i] = (struct skipped){of[0] > 0 ? of[1] / of[0] : 0, of[2] > 0 ? of[3] / of[2] : 0};
    }
    c->space->out_of_memory = c->space->out_of_memory || sums == NULL;
    free(sums);
}

void surety_fallback_compose(struct surety_composition *c)
{
    const struct surety_fallback_params *p = c->params;
    struct surety_latency_space *space = c->space;
    struct attempt *attempts = surety_arena_calloc(&space->arena, c->n_children, sizeof *attempts);
    struct skipped *skipped = surety_arena_calloc(&space->arena, c->n_children, sizeof *skipped);
    struct fallback f = {.c = c, .begins = surety_latency_none(), .fresh = 1};
    if (attempts == NULL || skipped == NULL) {
        space->out_of_memory = true;
        return;
    }
    for (size_t i = 0; i < c->n_children; i++)
        attempts[i] = attempt(space, c->child[i], p->timeout_s);
    find_skipped(c, attempts, skipped);
    for (size_t i = 0; i < c->n_children; i++) {
        c->load[i] = 0;
        if (f.fresh + f.begins.mass <= 0)
            continue;
        const struct surety_latency passes_by = surety_latency_scaled(space, &f.begins, skipped[i].trickle),
                                    comes = surety_latency_scaled(space, &f.begins, 1 - skipped[i].trickle),
                                    at_once = surety_latency_at(space, 0, f.fresh * (1 - skipped[i].flood));
        f.begins = surety_latency_either(space, &comes, &at_once);
        f.fresh *= skipped[i].flood;
        try_route(&f, &attempts[i], i);
        f.begins = surety_latency_either(space, &f.begins, &passes_by);
        f.n_waits = p->backoff_before == SURETY_BACKOFF_ATTEMPT ? f.n_waits : 0;
    }
    const struct surety_latency left = surety_latency_at(space, 0, f.fresh);
    c->out = (struct surety_response){.answers = f.answers.list,
                                      .n_answers = f.answers.n,
                                      .failed = surety_latency_either(space, &f.begins, &left),
                                      .p_hangs = f.p_hangs};
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
