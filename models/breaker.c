// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/breaker.h"

#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEPS 24           // of the shorter of cooldown and `per`
#define MOST_STEPS 600     // of both together
#define MOST_COUNT 64      // allowed_fails that the chain follows; more is a constant rate's closed form
#define MOST_CYCLES 200
#define CLOSE 1e-5         // of the state, between two cycles
#define LEAST_FLOOD 1e-12  // share of the time; rarer ones change nothing
#define HAZARD_SPANS 3     // of cooldown and `per`: then a hazard has settled

// --- failures of a visit ---------------------------------------------------------------------------------------

// P(N = j), j = 1 ... n, of a visit that fails; returns n. Attempts that are known to have failed only after a while are
// counted one by one.
static size_t clump(const struct surety_fallback_params *p, const struct surety_breaker_route *route, double *probability)
{
    const bool at_once = route->delay_s < 0.5 * p->timeout_s || !isfinite(p->timeout_s);
    size_t n = at_once ? 1 + (size_t)p->retries : 1;
    n = n < MOST_COUNT + 1 ? n : MOST_COUNT + 1;
    double reaches = 1;
    for (size_t j = 1; j <= n; j++) {
        probability[j - 1] = j < n ? reaches * (1 - route->p_fails) : reaches;
        reaches *= route->p_fails;
    }
    return n;
}

// Failing visits per visit: where attempts count one by one, all that fail.
static double failing_visits(const struct surety_fallback_params *p, const struct surety_breaker_route *route,
                             size_t n_clump)
{
    double sum = 0, reaches = 1;
    for (int64_t k = 0; k <= p->retries; k++)
        sum += reaches *= route->p_fails;
    return n_clump == 1 ? sum : route->p_fails;
}

// --- the closed form -------------------------------------------------------------------------------------------

// E[min(G, per)] and P(G <= per) for failing visits at rate r.
static void first_passage(const struct surety_fallback_params *p, double r, const double *law, size_t n_law,
                          double *wait_s, double *in_time)
{
    const size_t a = (size_t)p->allowed_fails;
    const double x = r * p->per_s;
    double within[MOST_COUNT + 2] = {1}, pois = exp(-x); // within[j]: j failures of m visits
    *wait_s = 0;
    *in_time = a > 0 ? gsl_sf_gamma_inc_P((double)a, x) : 1;
    for (size_t m = 0; m < a; m++) {
        double next[MOST_COUNT + 2] = {0}, q = 0;
        for (size_t j = 0; j <= a; j++)
            for (size_t k = 1; k <= n_law && j + k <= a; k++)
                next[j + k] += within[j] * law[k - 1];
        memcpy(within, next, sizeof within);
        for (size_t j = 0; j <= a; j++)
            q += within[j];
        *wait_s += q / r * gsl_sf_gamma_inc_P((double)m + 1, x);
        *in_time += pois * (1 - q);
        pois *= x / ((double)m + 1);
    }
}

// Mean time from the end of a cooldown to the next one, without its half open trials.
static double closed_s(const struct surety_fallback_params *p, double visits_per_s,
                       const struct surety_breaker_route *route)
{
    double law[MOST_COUNT + 1], waits_s, in_time;
    if (p->allowed_fails > MOST_COUNT) { // so many failures take their mean time, if that is shorter than `per`
        const double singles = visits_per_s * failing_visits(p, route, 1), a = (double)p->allowed_fails;
        in_time = gsl_sf_gamma_inc_P(a, singles * p->per_s);
        waits_s = a / singles * gsl_sf_gamma_inc_P(a + 1, singles * p->per_s) + p->per_s * (1 - in_time);
        return in_time > 1e-300 ? (1 / singles + waits_s) / in_time : INFINITY;
    }
    const size_t n = clump(p, route, law);
    const double r = visits_per_s * failing_visits(p, route, n);
    first_passage(p, r, law, n, &waits_s, &in_time);
    if (!(in_time > 1e-300))
        return INFINITY;
    const double e_s = (1 / r + waits_s) / in_time, late_s = route->delay_s - p->cooldown_s;
    return e_s + fmin(route->delay_s, p->cooldown_s) * (late_s > 0 ? exp(-late_s / e_s) : 1);
}

double surety_cooldown_share(const struct surety_fallback_params *p, double visits_per_s,
                             const struct surety_breaker_route *route)
{
    if (!(p->cooldown_s > 0) || !(visits_per_s * route->p_fails > 0))
        return 0;
    const double open_s = p->cooldown_s, wait_s = 1 / visits_per_s, e_s = closed_s(p, visits_per_s, route);
    if (!p->half_open)
        return open_s / (open_s + e_s);
    return open_s / (open_s + wait_s + (1 - route->p_fails) * e_s); // in a row: n cooldowns with a wait each
}

// --- the chain -------------------------------------------------------------------------------------------------

// Cells: idle; counting m = 1 ... a at an age below n_per; cooling at an age below n_cool; due for a trial.
struct chain {
    const struct surety_fallback_params *params;
    const struct surety_breaker_route *route;
    double step_s, law[MOST_COUNT + 1], mean_clump;
    size_t a, n_per, n_cool, n_cells, n_law;
    double *now, *next;
    // of the last step: the part of it in a cooldown; cooldowns that began, and those whose request failed at all attempts
    double cooled, began, began_full;
};

// What happens in a step at one rate of visits.
struct pace {
    double adds[MOST_COUNT + 1]; // that so many failures come; the rest: more than allowed
    double early[MOST_COUNT + 1]; // from m failures: how far into the step the cooldown begins, a share of it
    double visits, early_visit;   // that any request comes; and how far into the step
};

// Mean of an exponential time of rate x, given that it is below 1.
static double mean_below_1(double x)
{
    return x > 1e-6 ? 1 / x - 1 / expm1(x) : 0.5;
}

static size_t count_cell(const struct chain *c, size_t m, size_t age)
{
    return 1 + (m - 1) * c->n_per + age;
}

static size_t cool_cell(const struct chain *c, size_t age)
{
    return 1 + c->a * c->n_per + age;
}

static size_t due_cell(const struct chain *c)
{
    return c->n_cells - 1;
}

static bool init(struct chain *c, const struct surety_fallback_params *p, const struct surety_breaker_route *route,
                 double step_s)
{
    *c = (struct chain){.params = p, .route = route, .step_s = step_s, .a = (size_t)p->allowed_fails};
    c->n_per = c->a > 0 ? (size_t)fmax(floor(p->per_s / step_s + 0.5), 1) : 0;
    c->n_cool = (size_t)fmax(floor(p->cooldown_s / step_s + 0.5), 1);
    c->n_cells = 2 + c->a * c->n_per + c->n_cool;
    c->n_law = clump(p, route, c->law);
    for (size_t j = 0; j < c->n_law; j++)
        c->mean_clump += (double)(j + 1) * c->law[j];
    c->now = calloc(c->n_cells, sizeof *c->now);
    c->next = calloc(c->n_cells, sizeof *c->next);
    return c->now != NULL && c->next != NULL;
}

static void finish(struct chain *c)
{
    free(c->now);
    free(c->next);
}

// Panjer's recursion for the failures of a step (ASTIN Bulletin 12 (1981) 22-26).
static struct pace pace_of(const struct chain *c, double visits_per_s)
{
    struct pace pace = {.visits = 1 - exp(-visits_per_s * c->step_s),
                        .early_visit = mean_below_1(visits_per_s * c->step_s)};
    const double mean = visits_per_s * failing_visits(c->params, c->route, c->n_law) * c->step_s;
    pace.adds[0] = exp(-mean);
    for (size_t s = 1; s <= c->a; s++)
        for (size_t k = 1; k <= c->n_law && k <= s; k++)
            pace.adds[s] += mean / (double)s * (double)k * c->law[k - 1] * pace.adds[s - k];
    for (size_t m = 0; m <= c->a; m++) { // the failing visit that is one too many, taken as the last of an even row
        const double needed = fmax((double)(c->a + 1 - m) / c->mean_clump, 1);
        pace.early[m] = needed > 1 && mean < 2 * needed ? needed / (needed + 1) : mean_below_1(mean / needed);
    }
    return pace;
}

static double cooling(const struct chain *c)
{
    double sum = 0;
    for (size_t age = 0; age < c->n_cool; age++)
        sum += c->now[cool_cell(c, age)];
    return sum;
}

// Those that begin early in the step are taken as cooling from its beginning, the others from its end.
static void cool(struct chain *c, double *to, double p, double early)
{
    c->cooled += p * (1 - early);
    c->began += p;
    to[cool_cell(c, 0)] += p * early;
    to[cool_cell(c, c->n_cool > 1 ? 1 : 0)] += p * (1 - early);
}

// That a request which begins a cooldown by its `needed`-th failure or a later one fails at all its attempts.
static double full(const struct chain *c, size_t needed)
{
    const size_t n = 1 + (size_t)c->params->retries;
    double p = 1;
    if (c->n_law < n) { // its attempts count one by one: any of them may be the one
        double sum = 0;
        for (size_t k = 0; k < n; k++)
            sum += p *= c->route->p_fails;
        return sum > 0 ? (double)n * p / sum : 0;
    }
    for (size_t k = needed <= n ? needed : 1; k < n; k++)
        p *= c->route->p_fails;
    return p;
}

// One step.
static void advance(struct chain *c, const struct pace *pace)
{
    const double *from = c->now;
    double *to = c->next;
    memset(to, 0, c->n_cells * sizeof *to);
    c->cooled = cooling(c);
    c->began = c->began_full = 0;
    for (size_t m = 0; m <= c->a; m++)
        for (size_t age = 0; age < (m == 0 ? 1 : c->n_per); age++) {
            const double p = from[m == 0 ? 0 : count_cell(c, m, age)];
            double left = p;
            if (p == 0)
                continue;
            for (size_t s = 0; m + s <= c->a; s++) {
                const double share = p * pace->adds[s];
                left -= share;
                if (m + s == 0 || (m > 0 && age + 1 == c->n_per)) {
                    to[0] += share;
                } else if (m == 0) { // the count began within the step
                    to[count_cell(c, s, 0)] += 0.5 * share;
                    to[count_cell(c, s, c->n_per > 1 ? 1 : 0)] += 0.5 * share;
                } else {
                    to[count_cell(c, m + s, age + 1)] += share;
                }
            }
            left = fmax(left, 0);
            cool(c, to, left, pace->early[m]);
            c->began_full += left * full(c, c->a + 1 - m);
        }
    for (size_t age = 0; age + 1 < c->n_cool; age++)
        to[cool_cell(c, age + 1)] += from[cool_cell(c, age)];
    to[c->params->half_open ? due_cell(c) : 0] += from[cool_cell(c, c->n_cool - 1)];
    const double due = from[due_cell(c)], tried = due * pace->visits, fails = tried * c->route->p_fails;
    to[due_cell(c)] += due - tried;
    to[0] += tried - fails;
    cool(c, to, fails, pace->early_visit);
    c->began_full += fails * full(c, 1);
    c->next = c->now;
    c->now = to;
}

// One request comes at this instant, with probability q.
static void visit(struct chain *c, double q)
{
    const double *from = c->now;
    double *to = c->next;
    memcpy(to, from, c->n_cells * sizeof *to);
    const double fails = q * c->route->p_fails;
    for (size_t m = 0; m <= c->a; m++)
        for (size_t age = 0; age < (m == 0 ? 1 : c->n_per); age++) {
            const size_t cell = m == 0 ? 0 : count_cell(c, m, age);
            double left = fails * from[cell];
            to[cell] -= left;
            for (size_t k = 1; k <= c->n_law && m + k <= c->a; k++) {
                const double share = fails * from[cell] * c->law[k - 1];
                to[count_cell(c, m + k, age)] += share;
                left -= share;
            }
            to[cool_cell(c, 0)] += fmax(left, 0);
        }
    to[due_cell(c)] -= q * from[due_cell(c)];
    to[0] += (q - fails) * from[due_cell(c)];
    to[cool_cell(c, 0)] += fails * from[due_cell(c)];
    c->next = c->now;
    c->now = to;
}

// --- the first route -------------------------------------------------------------------------------------------

static double step_for(const struct surety_fallback_params *p)
{
    const double per_s = p->allowed_fails > 0 ? p->per_s : p->cooldown_s;
    return fmax(fmin(per_s, p->cooldown_s) / STEPS, (per_s + p->cooldown_s) / MOST_STEPS);
}

// The hazard of the next cooldown after one, by the chain at a constant rate.
static enum surety_err settle_begins(struct surety_breaker *b, struct chain *c, double visits_per_s)
{
    const struct pace pace = pace_of(c, visits_per_s);
    const size_t most = HAZARD_SPANS * (c->n_per + c->n_cool) + 2;
    double left = 1, all = 0, reaches = 0;
    b->begins = malloc(most * sizeof *b->begins);
    b->flood_ends = calloc(c->n_cool, sizeof *b->flood_ends);
    b->n_flood = c->n_cool;
    if (b->begins == NULL || b->flood_ends == NULL)
        return SURETY_E_MEMORY;
    b->flood_ends[c->n_cool - 1] = 1;
    memset(c->now, 0, c->n_cells * sizeof *c->now);
    c->now[c->params->half_open ? due_cell(c) : 0] = 1;
    for (b->n_begins = 0; b->n_begins < most; b->n_begins++) {
        advance(c, &pace);
        b->begins[b->n_begins] = left > 1e-14 ? fmin(c->began / left, 1) : 1;
        all += c->began;
        reaches += c->began_full;
        for (size_t age = 0; age < c->n_cool; age++) // gone into the cooldown
            c->now[cool_cell(c, age)] = 0;
        left = fmax(left - c->began, 0);
    }
    b->p_reaches = all > 0 ? reaches / all : 1;
    return SURETY_OK;
}

// --- the others ------------------------------------------------------------------------------------------------

// One cycle, from the beginning of a flood to that of the next.
struct cycle {
    double *start, *ended;              // the chain's state there, and where the flood ended
    double *length;                     // floods of the next route by their length in steps, up to n_flood
    double flood, flood_cool;           // steps, and those of them in which the route cools down
    double trickle, trickle_cool;
    double began, reaches;              // cooldowns that begin within the flood, and their requests that go on
};

// A flood of the next route lasts until this one ends or the cooldown does.
static void run_flood(struct chain *c, const struct surety_breaker *b, const struct pace *on, struct cycle *y)
{
    double left = 1;
    for (size_t age = 0; age < c->n_cool; age++) {
        const size_t rest = c->n_cool - age;
        y->length[rest < b->n_flood ? rest : b->n_flood] += c->now[cool_cell(c, age)];
    }
    const double before = cooling(c);
    visit(c, b->p_reaches);
    const double at_once = cooling(c) - before;
    y->length[c->n_cool < b->n_flood ? c->n_cool : b->n_flood] += at_once;
    y->began = at_once;
    y->reaches = at_once; // as good as all of them
    for (size_t i = 0; i < b->n_flood && left > 1e-14; i++) {
        const size_t rest = b->n_flood - i - 1;
        advance(c, on);
        y->flood += left;
        y->flood_cool += c->cooled;
        y->began += c->began;
        y->reaches += c->began_full;
        y->length[c->n_cool < rest ? c->n_cool : rest] += c->began;
        for (size_t k = 0; k < c->n_cells; k++) {
            y->ended[k] += b->flood_ends[i] * c->now[k];
            c->now[k] *= 1 - b->flood_ends[i];
        }
        left *= 1 - b->flood_ends[i];
    }
}

static void run_trickle(struct chain *c, const struct surety_breaker *b, const struct pace *off, struct cycle *y)
{
    const size_t n = b->n_begins > 0 ? b->n_begins : HAZARD_SPANS * (c->n_per + c->n_cool) + 2;
    const double constant = b->n_begins > 0 ? b->begins[b->n_begins - 1]
                                            : 1 - exp(-c->step_s / fmax(b->flood_s * (1 / b->p_flood - 1), c->step_s));
    double left = 1;
    memcpy(c->now, y->ended, c->n_cells * sizeof *y->ended);
    memset(y->start, 0, c->n_cells * sizeof *y->start);
    for (size_t i = 0; i < n && left > 1e-12; i++) {
        const double ends = b->n_begins > 0 ? b->begins[i] : constant;
        advance(c, off);
        y->trickle_cool += c->cooled * (1 - ends / 2); // what ends, ends half way on average
        y->trickle += left * (1 - ends / 2);
        for (size_t k = 0; k < c->n_cells; k++) {
            y->start[k] += ends * (c->next[k] + c->now[k]) / 2; // `next` holds the step's beginning
            c->now[k] *= 1 - ends;
        }
        left *= 1 - ends;
    }
    if (!(left > 1e-12))
        return;
    for (size_t k = 0; k < c->n_cells; k++) // the chain has settled, floods begin at a constant rate
        y->start[k] += c->now[k];
    y->trickle_cool += cooling(c) / fmax(constant, 1e-300);
    y->trickle += left / fmax(constant, 1e-300);
}

static void run_cycle(struct chain *c, const struct surety_breaker *b, const struct pace *on, const struct pace *off,
                      struct cycle *y)
{
    memcpy(c->now, y->start, c->n_cells * sizeof *y->start);
    memset(y->ended, 0, c->n_cells * sizeof *y->ended);
    memset(y->length, 0, (b->n_flood + 1) * sizeof *y->length);
    y->flood = y->flood_cool = y->trickle = y->trickle_cool = 0;
    run_flood(c, b, on, y);
    run_trickle(c, b, off, y);
}

static enum surety_err settle_cycles(struct surety_breaker *b, struct chain *c, double on_per_s, double off_per_s,
                                     struct cycle *y)
{
    const struct pace on = pace_of(c, on_per_s), off = pace_of(c, off_per_s);
    double *before = calloc(c->n_cells, sizeof *before);
    y->start = calloc(c->n_cells, sizeof *y->start);
    y->ended = calloc(c->n_cells, sizeof *y->ended);
    y->length = calloc(b->n_flood + 1, sizeof *y->length);
    if (before == NULL || y->start == NULL || y->ended == NULL || y->length == NULL) {
        free(before);
        return SURETY_E_MEMORY;
    }
    y->start[0] = 1;
    for (int i = 0; i < MOST_CYCLES; i++) {
        double moved = 0;
        memcpy(before, y->start, c->n_cells * sizeof *before);
        run_cycle(c, b, &on, &off, y);
        for (size_t k = 0; k < c->n_cells; k++)
            moved += fabs(y->start[k] - before[k]);
        if (moved < CLOSE)
            break;
    }
    free(before);
    return SURETY_OK;
}

static void finish_cycle(struct cycle *y)
{
    free(y->start);
    free(y->ended);
    free(y->length);
}

// Mean number of steps to the first event of hazards that are multiplied.
static double mean_steps(const double *hazard, size_t n, double times)
{
    double left = 1, sum = 0;
    for (size_t i = 0; i < n; i++) {
        const double h = fmin(hazard[i] * times, 1);
        sum += left * (i + 1 < n ? 1 - h / 2 : 1 / fmax(h, 1e-12));
        left *= 1 - h;
    }
    return sum;
}

// The next route's floods begin as this route's cooldowns do in a flood without end, but so much later that they are as
// frequent as they are.
static enum surety_err next_begins(struct chain *c, double on_per_s, double gap_steps, struct surety_breaker *next)
{
    struct surety_breaker alone = {.step_s = c->step_s};
    const enum surety_err err = settle_begins(&alone, c, on_per_s);
    free(alone.flood_ends);
    next->begins = alone.begins;
    next->n_begins = alone.n_begins;
    if (err != SURETY_OK)
        return err;
    double low = 1e-12, high = 1e6;
    for (int i = 0; i < 60; i++) {
        const double middle = sqrt(low * high);
        *(mean_steps(next->begins, next->n_begins, middle) > gap_steps ? &low : &high) = middle;
    }
    for (size_t i = 0; i < next->n_begins; i++)
        next->begins[i] = fmin(next->begins[i] * high, 1);
    return SURETY_OK;
}

// The floods of the next route, out of the lengths in a cycle.
static enum surety_err next_floods(const struct surety_breaker *b, const struct cycle *y, struct surety_breaker *next)
{
    double all = 0, steps = 0, left = 1;
    next->flood_ends = calloc(b->n_flood, sizeof *next->flood_ends);
    if (next->flood_ends == NULL)
        return SURETY_E_MEMORY;
    for (size_t k = 1; k <= b->n_flood; k++) {
        all += y->length[k];
        steps += y->length[k] * (double)k;
    }
    for (next->n_flood = 0; next->n_flood < b->n_flood && all > 0 && left > 1e-12; next->n_flood++) {
        const double share = y->length[next->n_flood + 1] / all;
        next->flood_ends[next->n_flood] = fmin(share / left, 1);
        left -= share;
    }
    if (next->n_flood > 0)
        next->flood_ends[next->n_flood - 1] = 1;
    next->flood_s = all > 0 ? steps / all * b->step_s : b->flood_s;
    next->p_reaches = y->began > 0 ? fmin(y->reaches / y->began, 1) : 1;
    return SURETY_OK;
}

// --- from route to route ---------------------------------------------------------------------------------------

static enum surety_err first_route(struct surety_breaker *b, const struct surety_fallback_params *p,
                                   double requests_per_s, const struct surety_breaker_route *route, double *flood)
{
    struct chain chain;
    *flood = surety_cooldown_share(p, requests_per_s, route);
    *b = (struct surety_breaker){.p_flood = *flood,
                                 .flood_s = p->cooldown_s,
                                 .step_s = step_for(p)};
    if (b->p_flood < LEAST_FLOOD || p->allowed_fails > MOST_COUNT)
        return SURETY_OK;
    enum surety_err err = init(&chain, p, route, b->step_s) ? SURETY_OK : SURETY_E_MEMORY;
    if (err == SURETY_OK)
        err = settle_begins(b, &chain, requests_per_s);
    finish(&chain);
    return err;
}

enum surety_err surety_breaker_next(struct surety_breaker *breaker, const struct surety_fallback_params *p,
                                    double requests_per_s, double tried, const struct surety_breaker_route *route,
                                    bool is_first, bool is_last, double *flood, double *trickle)
{
    *flood = *trickle = 0;
    if (!(p->cooldown_s > 0)) {
        *breaker = (struct surety_breaker){.flood_s = 0};
        return SURETY_OK;
    }
    if (is_first)
        return first_route(breaker, p, requests_per_s, route, flood);
    struct surety_breaker b = *breaker, next = {.step_s = b.step_s};
    const double quiet_s = b.p_flood > 0 ? b.flood_s * (1 / b.p_flood - 1) : INFINITY; // mean length of a trickle
    if (b.p_flood < LEAST_FLOOD || b.n_flood == 0 || !(route->p_fails > 0)) {
        *flood = *trickle = surety_cooldown_share(p, fmax(requests_per_s * (b.p_flood + tried), 1e-300), route);
        next.p_flood = b.p_flood * *flood;
        next.flood_s = fmin(b.flood_s, p->cooldown_s);
        surety_breaker_finish(breaker);
        *breaker = next;
        return SURETY_OK;
    }
    // the request that begins a flood comes with it, the others of the trickle as a Poisson stream
    const double off_per_s =
        fmax(requests_per_s * tried / (1 - b.p_flood) - b.p_reaches / quiet_s, 0);
    struct chain chain;
    struct cycle cycle = {0};
    enum surety_err err = init(&chain, p, route, b.step_s) ? SURETY_OK : SURETY_E_MEMORY;
    if (err == SURETY_OK)
        err = settle_cycles(&b, &chain, requests_per_s, off_per_s, &cycle);
    if (err == SURETY_OK)
        err = next_floods(&b, &cycle, &next);
    if (err == SURETY_OK) {
        *flood = fmin(cycle.flood_cool / cycle.flood, 1);
        *trickle = cycle.trickle > 0 ? fmin(cycle.trickle_cool / cycle.trickle, 1) : 0;
        next.p_flood = b.p_flood * *flood;
        if (!is_last && next.p_flood > LEAST_FLOOD)
            err = next_begins(&chain, requests_per_s, next.flood_s * (1 / next.p_flood - 1) / b.step_s, &next);
    }
    finish(&chain);
    finish_cycle(&cycle);
    surety_breaker_finish(breaker);
    *breaker = next;
    return err;
}

void surety_breaker_finish(struct surety_breaker *breaker)
{
    free(breaker->begins);
    free(breaker->flood_ends);
    *breaker = (struct surety_breaker){.flood_s = 0};
}
