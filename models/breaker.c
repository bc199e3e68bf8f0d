// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/breaker_chain.h"

#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEPS 24       // of the shorter of cooldown and `per`, at least
#define FINE_STEPS 96  // at most,
#define QUIET_STEPS 6  // for so many between two cooldowns of the first route
#define MOST_STEPS 600 // of both together
#define MOST_CYCLES 200
#define CLOSE 1e-5        // of the state, between two cycles
#define LEAST_FLOOD 1e-12 // share of the time; rarer ones change nothing
#define HAZARD_SPANS 3    // of cooldown and `per`: then a hazard has settled

// --- the closed form -------------------------------------------------------------------------------------------

// E[min(G, per)] and P(G <= per) for failing visits at rate r.
static void first_passage(const struct surety_fallback_params *p, double r, const double *law, size_t n_law,
                          double *wait_s, double *in_time)
{
    const size_t a = (size_t)p->allowed_fails;
    const double x = r * p->per_s;
    double within[SURETY_BREAKER_COUNT + 2] = {1}, pois = exp(-x); // within[j]: j failures of m visits
    *wait_s = 0;
    *in_time = a > 0 ? gsl_sf_gamma_inc_P((double)a, x) : 1;
    for (size_t m = 0; m < a; m++) {
        double next[SURETY_BREAKER_COUNT + 2] = {0}, q = 0;
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
    double law[SURETY_BREAKER_COUNT + 1], waits_s, in_time;
    if (p->allowed_fails >
        SURETY_BREAKER_COUNT) { // so many failures take their mean time, if that is shorter than `per`
        const double singles = visits_per_s * surety_breaker_failing(p, route, 1), a = (double)p->allowed_fails;
        in_time = gsl_sf_gamma_inc_P(a, singles * p->per_s);
        waits_s = a / singles * gsl_sf_gamma_inc_P(a + 1, singles * p->per_s) + p->per_s * (1 - in_time);
        return in_time > 1e-300 ? (1 / singles + waits_s) / in_time : INFINITY;
    }
    const size_t n = surety_breaker_clump(p, route, law);
    const double r = visits_per_s * surety_breaker_failing(p, route, n);
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
    // in a row: n cooldowns with a wait each, and until the trials that fail are known to
    return open_s / (open_s + wait_s + route->p_fails * route->delay_s + (1 - route->p_fails) * e_s);
}

// --- the first route -------------------------------------------------------------------------------------------

// Of the chain: a part of all times that count, but not more steps than are worth their time.
static double step_for(const struct surety_fallback_params *p, double quiet_s)
{
    const double per_s = p->allowed_fails > 0 ? p->per_s : p->cooldown_s, shorter_s = fmin(per_s, p->cooldown_s);
    const double step_s = fmin(fmax(quiet_s / QUIET_STEPS, shorter_s / FINE_STEPS), shorter_s / STEPS);
    return fmax(step_s, (per_s + p->cooldown_s) / MOST_STEPS);
}

// Moves hazards later by so many steps, within the n of them; the last one still holds for ever.
static void delay_hazards(double *hazard, size_t n, double by_steps)
{
    const size_t whole = (size_t)fmin(floor(by_steps), (double)n);
    const double part = by_steps - floor(by_steps);
    double left = 1, left_before = 1; // of the undelayed ones, at i - whole and a step earlier
    double *from = malloc(n * sizeof *from);
    if (from == NULL || by_steps == 0) {
        free(from);
        return;
    }
    memcpy(from, hazard, n * sizeof *from);
    for (size_t i = 0; i < n; i++) {
        const double h = i >= whole ? from[i - whole] : 0, h_before = i > whole ? from[i - whole - 1] : 0;
        const double survive = (1 - part) * left + part * left_before;
        hazard[i] = survive > 0 ? ((1 - part) * left * h + part * left_before * h_before) / survive : 1;
        left_before *= i > whole ? 1 - h_before : 1;
        left *= 1 - h;
    }
    free(from);
}

// The hazard of the next cooldown after one, by the chain at a constant rate.
static enum surety_err settle_begins(struct surety_breaker *b, struct surety_chain *c, double visits_per_s)
{
    const struct surety_pace pace = surety_chain_pace(c, visits_per_s);
    const size_t most = HAZARD_SPANS * (c->n_per + c->n_cool) + 2;
    double left = 1, all = 0, reaches = 0;
    b->begins = malloc(most * sizeof *b->begins);
    b->flood_ends = calloc(c->n_cool, sizeof *b->flood_ends);
    b->n_flood = c->n_cool;
    if (b->begins == NULL || b->flood_ends == NULL)
        return SURETY_E_MEMORY;
    b->flood_ends[c->n_cool - 1] = 1;
    memset(c->now, 0, c->n_cells * sizeof *c->now);
    c->now[c->params->half_open ? surety_chain_due(c) : 0] = 1;
    for (b->n_begins = 0; b->n_begins < most; b->n_begins++) {
        surety_chain_advance(c, &pace);
        b->begins[b->n_begins] = left > 1e-14 ? fmin(c->began / left, 1) : 1;
        all += c->began;
        reaches += c->began_full;
        for (size_t age = 0; age < c->n_cool; age++) // gone into the cooldown
            c->now[surety_chain_cool(c, age)] = 0;
        left = fmax(left - c->began, 0);
    }
    b->p_reaches = all > 0 ? reaches / all : 1;
    delay_hazards(b->begins, b->n_begins, fmin(c->route->delay_s, c->params->cooldown_s) / c->step_s);
    return SURETY_OK;
}

// --- the others ------------------------------------------------------------------------------------------------

// One cycle, from the beginning of a flood to that of the next.
struct cycle {
    double *start, *ended;    // the chain's state there, and where the flood ended
    double *length;           // floods of the next route by their length in steps, up to n_flood
    double flood, flood_cool; // steps, and those of them in which the route cools down
    double trickle, trickle_cool;
    double early_cool,
        late_cool;         // steps in which the route cools down at the beginning of trickle and flood, for late_s
    double began, reaches; // cooldowns that begin within the flood, and their requests that go on
};

// The paces of visits: all requests, at a flood's beginning with late ones; then nothing, then what others fail.
struct paces {
    struct surety_pace on, late, none, off;
    double late_steps;
};

// How much of the step that begins at `at` lies in the first n.
static double overlap(double at, double n)
{
    return fmax(fmin(at + 1, n) - fmax(at, 0), 0);
}

// A flood of the next route lasts until this one ends or the cooldown does.
static void run_flood(struct surety_chain *c, const struct surety_breaker *b, const struct paces *paces,
                      struct cycle *y)
{
    double left = 1;
    for (size_t age = 0; age < c->n_cool; age++) {
        const size_t rest = c->n_cool - age;
        y->length[rest < b->n_flood ? rest : b->n_flood] += c->now[surety_chain_cool(c, age)];
    }
    // Failures are known late: the chain's clock runs behind the flood's by the delay, so that the flood begins with what
    // was before, and what the chain makes of its end comes after it.
    const double before = surety_chain_cooling(c), shift = fmin(c->route->delay_s / c->step_s, (double)b->n_flood);
    y->flood_cool = shift * before;
    y->trickle_cool = -shift * before;
    y->early_cool = 0;
    y->late_cool = fmin(shift, paces->late_steps) * before;
    surety_chain_visit(c, b->p_reaches);
    const double at_once = surety_chain_cooling(c) - before;
    y->length[c->n_cool < b->n_flood ? c->n_cool : b->n_flood] += at_once;
    y->began = at_once;
    y->reaches = at_once; // as good as all of them
    for (size_t i = 0; i < b->n_flood && left > 1e-14; i++) {
        const size_t rest = b->n_flood - i - 1;
        surety_chain_advance(c, (double)i < paces->late_steps ? &paces->late : &paces->on);
        y->late_cool += overlap((double)i + shift, paces->late_steps) * c->cooled;
        y->early_cool += overlap((double)i + shift - (double)b->n_flood, paces->late_steps) * c->cooled;
        const double within = fmin(fmax((double)b->n_flood - shift - (double)i, 0), 1);
        y->flood += left;
        y->flood_cool += within * c->cooled;
        y->trickle_cool += (1 - within) * c->cooled;
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

static void run_trickle(struct surety_chain *c, const struct surety_breaker *b, const struct paces *paces,
                        struct cycle *y)
{
    const double shift = fmin(c->route->delay_s / c->step_s, (double)b->n_flood);
    const size_t n = b->n_begins > 0 ? b->n_begins : HAZARD_SPANS * (c->n_per + c->n_cool) + 2;
    const double constant = b->n_begins > 0 ? b->begins[b->n_begins - 1]
                                            : 1 - exp(-c->step_s / fmax(b->flood_s * (1 / b->p_flood - 1), c->step_s));
    double left = 1;
    memcpy(c->now, y->ended, c->n_cells * sizeof *y->ended);
    memset(y->start, 0, c->n_cells * sizeof *y->start);
    for (size_t i = 0; i < n && left > 1e-12; i++) {
        const double ends = b->n_begins > 0 ? b->begins[i] : constant;
        surety_chain_advance(c, (double)i < paces->late_steps ? &paces->none : &paces->off);
        y->early_cool += overlap((double)i + shift, paces->late_steps) * c->cooled;
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
    y->trickle_cool += surety_chain_cooling(c) / fmax(constant, 1e-300);
    y->trickle += left / fmax(constant, 1e-300);
}

static void run_cycle(struct surety_chain *c, const struct surety_breaker *b, const struct paces *paces,
                      struct cycle *y)
{
    memcpy(c->now, y->start, c->n_cells * sizeof *y->start);
    memset(y->ended, 0, c->n_cells * sizeof *y->ended);
    memset(y->length, 0, (b->n_flood + 1) * sizeof *y->length);
    y->flood = y->flood_cool = y->trickle = y->trickle_cool = 0;
    run_flood(c, b, paces, y);
    run_trickle(c, b, paces, y);
}

static enum surety_err settle_cycles(struct surety_breaker *b, struct surety_chain *c, double on_per_s,
                                     double off_per_s, struct cycle *y)
{
    const double late_steps = b->late_s / b->step_s, n_late = fmax(ceil(late_steps), 1);
    const struct paces paces = {
        .on = surety_chain_pace(c, on_per_s),
        .late = surety_chain_pace(c, on_per_s + b->late_per_s * late_steps / n_late), // even over whole steps
        .none = surety_chain_pace(c, 1e-300),
        .off = surety_chain_pace(c, off_per_s),
        .late_steps = late_steps};
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
        run_cycle(c, b, &paces, y);
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
static enum surety_err next_begins(struct surety_chain *c, double on_per_s, double gap_steps,
                                   struct surety_breaker *next)
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
    struct surety_chain chain;
    *flood = surety_cooldown_share(p, requests_per_s, route);
    *b = (struct surety_breaker){.p_flood = *flood,
                                 .flood_s = p->cooldown_s,
                                 .step_s = step_for(p, p->cooldown_s * (1 / fmax(*flood, 1e-12) - 1))};
    if (b->p_flood < LEAST_FLOOD || p->allowed_fails > SURETY_BREAKER_COUNT)
        return SURETY_OK;
    enum surety_err err = surety_chain_init(&chain, p, route, b->step_s) ? SURETY_OK : SURETY_E_MEMORY;
    if (err == SURETY_OK)
        err = settle_begins(b, &chain, requests_per_s);
    surety_chain_finish(&chain);
    b->late_s = fmin(route->delay_s, p->cooldown_s);
    b->late_per_s = requests_per_s;
    for (int64_t k = 0; k <= p->retries; k++)
        b->late_per_s *= route->p_fails;
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
    const double cycle_s = b.p_flood > 0 ? b.flood_s / b.p_flood : INFINITY;
    const double quiet_s = cycle_s - b.flood_s; // mean length of a trickle
    if (b.p_flood < LEAST_FLOOD || b.n_flood == 0 || !(route->p_fails > 0)) {
        *flood = *trickle = surety_cooldown_share(p, fmax(requests_per_s * (b.p_flood + tried), 1e-300), route);
        next.p_flood = b.p_flood * *flood;
        next.flood_s = fmin(b.flood_s, p->cooldown_s);
        surety_breaker_finish(breaker);
        *breaker = next;
        return SURETY_OK;
    }
    // the request that begins a flood comes with it, late ones soon after, the others of the trickle as a Poisson stream
    const double n_others = requests_per_s * tried * cycle_s - b.p_reaches - b.late_s * b.late_per_s;
    const double off_per_s = fmax(n_others, 0) / fmax(quiet_s - b.late_s, 1e-3 * quiet_s);
    struct surety_chain chain;
    struct cycle cycle = {0};
    enum surety_err err = surety_chain_init(&chain, p, route, b.step_s) ? SURETY_OK : SURETY_E_MEMORY;
    chain.trial_s = route->p_fails * route->delay_s;
    if (err == SURETY_OK)
        err = settle_cycles(&b, &chain, requests_per_s, off_per_s, &cycle);
    if (err == SURETY_OK)
        err = next_floods(&b, &cycle, &next);
    if (err == SURETY_OK) {
        *flood = fmin(cycle.flood_cool / cycle.flood, 1);
        // visits at random times see what the time does; theirs are those of the trickle, late_s later
        const double seen = cycle.trickle_cool - cycle.early_cool + cycle.late_cool;
        *trickle = cycle.trickle > 0 ? fmin(fmax(seen / cycle.trickle, 0), 1) : 0;
        next.p_flood = b.p_flood * *flood;
        if (!is_last && next.p_flood > LEAST_FLOOD)
            err = next_begins(&chain, requests_per_s, next.flood_s * (1 / next.p_flood - 1) / b.step_s, &next);
    }
    surety_chain_finish(&chain);
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
