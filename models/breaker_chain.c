// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/breaker_chain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// --- failures of a visit ---------------------------------------------------------------------------------------

// P(N = j), j = 1 ... n, of a visit that fails; returns n. Attempts that are known to have failed only after a while are
// counted one by one.
size_t surety_breaker_clump(const struct surety_fallback_params *p, const struct surety_breaker_route *route,
                            double *probability)
{
    const bool at_once = route->delay_s < 0.5 * p->timeout_s || !isfinite(p->timeout_s);
    size_t n = at_once ? 1 + (size_t)p->retries : 1;
    n = n < SURETY_BREAKER_COUNT + 1 ? n : SURETY_BREAKER_COUNT + 1;
    double reaches = 1;
    for (size_t j = 1; j <= n; j++) {
        probability[j - 1] = j < n ? reaches * (1 - route->p_fails) : reaches;
        reaches *= route->p_fails;
    }
    return n;
}

// Failing visits per visit: where attempts count one by one, all that fail.
double surety_breaker_failing(const struct surety_fallback_params *p, const struct surety_breaker_route *route,
                              size_t n_clump)
{
    double sum = 0, reaches = 1;
    for (int64_t k = 0; k <= p->retries; k++)
        sum += reaches *= route->p_fails;
    return n_clump == 1 ? sum : route->p_fails;
}

// --- the chain -------------------------------------------------------------------------------------------------

// Mean of an exponential time of rate x, given that it is below 1.
static double mean_below_1(double x)
{
    return x > 1e-6 ? 1 / x - 1 / expm1(x) : 0.5;
}

static size_t count_cell(const struct surety_chain *c, size_t m, size_t age)
{
    return 1 + (m - 1) * c->n_per + age;
}

size_t surety_chain_cool(const struct surety_chain *c, size_t age)
{
    return 1 + c->a * c->n_per + age;
}

size_t surety_chain_due(const struct surety_chain *c)
{
    return c->n_cells - 1;
}

bool surety_chain_init(struct surety_chain *c, const struct surety_fallback_params *p,
                       const struct surety_breaker_route *route, double step_s)
{
    *c = (struct surety_chain){.params = p, .route = route, .step_s = step_s, .a = (size_t)p->allowed_fails};
    c->n_per = c->a > 0 ? (size_t)fmax(floor(p->per_s / step_s + 0.5), 1) : 0;
    c->n_cool = (size_t)fmax(floor(p->cooldown_s / step_s + 0.5), 1);
    c->n_cells = 2 + c->a * c->n_per + c->n_cool;
    c->n_law = surety_breaker_clump(p, route, c->law);
    for (size_t j = 0; j < c->n_law; j++)
        c->mean_clump += (double)(j + 1) * c->law[j];
    c->now = calloc(c->n_cells, sizeof *c->now);
    c->next = calloc(c->n_cells, sizeof *c->next);
    return c->now != NULL && c->next != NULL;
}

void surety_chain_finish(struct surety_chain *c)
{
    free(c->now);
    free(c->next);
}

// Panjer's recursion for the failures of a step (ASTIN Bulletin 12 (1981) 22-26).
struct surety_pace surety_chain_pace(const struct surety_chain *c, double visits_per_s)
{
    const double trials = c->step_s * visits_per_s / (1 + visits_per_s * c->trial_s);
    struct surety_pace pace = {.visits = 1 - exp(-trials), .early_visit = mean_below_1(trials)};
    const double mean = visits_per_s * surety_breaker_failing(c->params, c->route, c->n_law) * c->step_s;
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

double surety_chain_cooling(const struct surety_chain *c)
{
    double sum = 0;
    for (size_t age = 0; age < c->n_cool; age++)
        sum += c->now[surety_chain_cool(c, age)];
    return sum;
}

// Those that begin early in the step are taken as cooling from its beginning, the others from its end.
static void cool(struct surety_chain *c, double *to, double p, double early)
{
    c->cooled += p * (1 - early);
    c->began += p;
    to[surety_chain_cool(c, 0)] += p * early;
    to[surety_chain_cool(c, c->n_cool > 1 ? 1 : 0)] += p * (1 - early);
}

// That a request which begins a cooldown by its `needed`-th failure or a later one fails at all its attempts.
static double full(const struct surety_chain *c, size_t needed)
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
void surety_chain_advance(struct surety_chain *c, const struct surety_pace *pace)
{
    const double *from = c->now;
    double *to = c->next;
    memset(to, 0, c->n_cells * sizeof *to);
    c->cooled = surety_chain_cooling(c);
    c->began = c->began_full = 0;
    // a trial that is answered early in the step leaves the rest of it to counting
    const double due = from[surety_chain_due(c)], tried = due * pace->visits, fails = tried * c->route->p_fails;
    const double counts = (tried - fails) * (1 - pace->early_visit);
    for (size_t m = 0; m <= c->a; m++)
        for (size_t age = 0; age < (m == 0 ? 1 : c->n_per); age++) {
            const double p = m == 0 ? from[0] + counts : from[count_cell(c, m, age)];
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
        to[surety_chain_cool(c, age + 1)] += from[surety_chain_cool(c, age)];
    to[c->params->half_open ? surety_chain_due(c) : 0] += from[surety_chain_cool(c, c->n_cool - 1)];
    to[surety_chain_due(c)] += due - tried;
    to[0] += tried - fails - counts;
    cool(c, to, fails, pace->early_visit);
    c->began_full += fails * full(c, 1);
    c->next = c->now;
    c->now = to;
}

// One request comes at this instant, with probability q.
void surety_chain_visit(struct surety_chain *c, double q)
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
            to[surety_chain_cool(c, 0)] += fmax(left, 0);
        }
    to[surety_chain_due(c)] -= q * from[surety_chain_due(c)];
    to[0] += (q - fails) * from[surety_chain_due(c)];
    to[surety_chain_cool(c, 0)] += fails * from[surety_chain_due(c)];
    c->next = c->now;
    c->now = to;
}
