// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/response.h"

#include "models/combine.h"
#include "models/fallback.h"

#include <math.h>

static struct surety_answer *allocate(struct surety_latency_space *space, size_t n)
{
    struct surety_answer *answers = surety_arena_calloc(&space->arena, n, sizeof *answers);
    if (answers == NULL)
        space->out_of_memory = true;
    return answers;
}

// One of the answers, in a response of its own.
static const struct surety_answer *one(struct surety_latency_space *space, struct surety_answer answer)
{
    struct surety_answer *answers = allocate(space, 1);
    if (answers != NULL)
        *answers = answer;
    return answers;
}

struct surety_response surety_response_leaf(struct surety_latency_space *space, const struct surety_latency *first,
                                            const struct surety_latency *rest, double f_error, double f_hang)
{
    const double served = (1 - f_error) * (1 - f_hang);
    const struct surety_answer answer = {.first = surety_latency_scaled(space, first, served), .rest = rest};
    const struct surety_answer *answers = one(space, answer);
    return (struct surety_response){.answers = answers,
                                    .n_answers = answers != NULL && served > 0,
                                    .failed = surety_latency_at(space, 0, f_error),
                                    .p_hangs = (1 - f_error) * f_hang};
}

double surety_response_served(const struct surety_response *response)
{
    double served = 0;
    for (size_t i = 0; i < response->n_answers; i++)
        served += response->answers[i].first.mass;
    return served;
}

struct surety_latency surety_response_first(struct surety_latency_space *space, const struct surety_response *response)
{
    struct surety_latency sum = surety_latency_none();
    for (size_t i = 0; i < response->n_answers; i++)
        sum = i == 0 ? response->answers[i].first : surety_latency_either(space, &sum, &response->answers[i].first);
    return sum;
}

struct surety_latency surety_response_all(struct surety_latency_space *space, const struct surety_response *response,
                                          size_t rest)
{
    struct surety_latency sum = surety_latency_none();
    for (size_t i = 0; i < response->n_answers; i++) {
        const struct surety_answer *answer = &response->answers[i];
        struct surety_latency all = answer->first;
        if (answer->all != NULL)
            all = answer->all[rest];
        else if (answer->rest != NULL)
            all = surety_latency_sum(space, &all, &answer->rest[rest]);
        sum = i == 0 ? all : surety_latency_either(space, &sum, &all);
    }
    return sum;
}

void surety_answers_add(struct surety_latency_space *space, struct surety_answers *answers,
                        const struct surety_latency *first, const struct surety_latency *rest)
{
    if (first->mass <= 0)
        return;
    for (size_t i = 0; i < answers->n; i++)
        if (answers->list[i].rest == rest) {
            answers->list[i].first = surety_latency_either(space, &answers->list[i].first, first);
            return;
        }
    if (answers->list == NULL || answers->n == answers->room) {
        struct surety_answer *more = allocate(space, 2 * answers->room + 4);
        if (more == NULL)
            return;
        for (size_t i = 0; i < answers->n; i++)
            more[i] = answers->list[i];
        answers->list = more;
        answers->room = 2 * answers->room + 4;
    }
    answers->list[answers->n++] = (struct surety_answer){.first = *first, .rest = rest};
}

// --- series ----------------------------------------------------------------------------------------------------

// What follows the first tokens of both.
static const struct surety_latency *add_rests(struct surety_latency_space *space, size_t n_rests,
                                              const struct surety_latency *x, const struct surety_latency *y)
{
    if (x == NULL || y == NULL)
        return x == NULL ? y : x;
    struct surety_latency *sums = surety_arena_calloc(&space->arena, n_rests, sizeof *sums);
    if (sums == NULL) {
        space->out_of_memory = true;
        return x;
    }
    for (size_t i = 0; i < n_rests; i++)
        sums[i] = surety_latency_sum(space, &x[i], &y[i]);
    return sums;
}

static struct surety_latency *wholes(struct surety_latency_space *space, size_t n)
{
    struct surety_latency *all = surety_arena_calloc(&space->arena, n + 1, sizeof *all);
    if (all == NULL)
        space->out_of_memory = true;
    return all;
}

static struct surety_latency whole_of(struct surety_latency_space *space, const struct surety_answer *x, size_t rest)
{
    if (x->all != NULL)
        return x->all[rest];
    return x->rest != NULL ? surety_latency_sum(space, &x->first, &x->rest[rest]) : x->first;
}

// One after the other, to the last token of both.
static struct surety_latency *add_wholes(struct surety_latency_space *space, size_t n_rests,
                                         const struct surety_answer *x, const struct surety_answer *y)
{
    struct surety_latency *all = wholes(space, n_rests);
    for (size_t i = 0; all != NULL && i < n_rests; i++) {
        const struct surety_latency a = whole_of(space, x, i), b = whole_of(space, y, i);
        all[i] = surety_latency_sum(space, &a, &b);
    }
    return all;
}

static struct surety_latency *scale_wholes(struct surety_latency_space *space, size_t n_rests,
                                           const struct surety_latency *of, double share)
{
    struct surety_latency *all = wholes(space, n_rests);
    for (size_t i = 0; all != NULL && i < n_rests; i++)
        all[i] = surety_latency_scaled(space, &of[i], share);
    return all;
}

// An answer with a law of its own to the last token; its `rest` is a key that nobody else has.
static void add_whole(struct surety_latency_space *space, struct surety_answers *answers,
                      const struct surety_latency *first, const struct surety_latency *all)
{
    const size_t n = answers->n;
    if (all == NULL)
        return;
    surety_answers_add(space, answers, first, all);
    if (answers->n > n)
        answers->list[n].all = all;
}

void surety_series_compose(struct surety_composition *c)
{
    struct surety_latency_space *space = c->space;
    struct surety_response so_far = *c->child[0];
    c->load[0] = 1;
    for (size_t k = 1; k < c->n_children; k++) {
        const struct surety_response *next = c->child[k];
        const struct surety_latency begins = surety_response_first(space, &so_far);
        struct surety_answers answers = {0};
        for (size_t i = 0; i < so_far.n_answers; i++)
            for (size_t j = 0; j < next->n_answers; j++) {
                const struct surety_answer *x = &so_far.answers[i], *y = &next->answers[j];
                const struct surety_latency first = surety_latency_sum(space, &x->first, &y->first);
                if (x->all != NULL || y->all != NULL)
                    add_whole(space, &answers, &first, add_wholes(space, c->n_rests, x, y));
                else
                    surety_answers_add(space, &answers, &first, add_rests(space, c->n_rests, x->rest, y->rest));
            }
        const struct surety_latency fails = surety_latency_sum(space, &begins, &next->failed);
        so_far = (struct surety_response){.answers = answers.list,
                                          .n_answers = answers.n,
                                          .failed = surety_latency_either(space, &so_far.failed, &fails),
                                          .p_hangs = so_far.p_hangs + begins.mass * next->p_hangs};
        c->load[k] = 1; // as in surety_series_route: every member takes every request
    }
    c->out = so_far;
}

// --- choice ----------------------------------------------------------------------------------------------------

void surety_choice_compose(struct surety_composition *c)
{
    struct surety_latency_space *space = c->space;
    struct surety_answers answers = {0};
    struct surety_latency failed = surety_latency_none();
    double left = 1, p_hangs = 0, served = 0;
    for (size_t i = 0; i < c->n_children; i++) {
        c->load[i] = c->share[i];
        if (c->share[i] <= 0)
            continue;
        const struct surety_response *child = c->child[i];
        for (size_t k = 0; k < child->n_answers; k++) {
            const struct surety_latency part = surety_latency_scaled(space, &child->answers[k].first, c->share[i]);
            if (child->answers[k].all != NULL)
                add_whole(space, &answers, &part, scale_wholes(space, c->n_rests, child->answers[k].all, c->share[i]));
            else
                surety_answers_add(space, &answers, &part, child->answers[k].rest);
            served += part.mass;
        }
        const struct surety_latency fails = surety_latency_scaled(space, &child->failed, c->share[i]);
        failed = surety_latency_either(space, &failed, &fails);
        p_hangs += c->share[i] * child->p_hangs;
        left -= c->share[i];
    }
    if (left > 1e-12) {
        const struct surety_latency at_once = surety_latency_at(space, 0, left);
        surety_answers_add(space, &answers, &at_once, NULL);
    }
    // Routes that pass on what they turn away get more than all requests together: those did not fail there.
    const double passed_on = served + failed.mass + p_hangs - 1;
    if (left < -1e-12 && passed_on > 1e-12) {
        const struct surety_latency refused = surety_latency_at(space, 0, fmin(passed_on, failed.mass));
        failed = surety_latency_without(space, &failed, &refused);
    }
    c->out =
        (struct surety_response){.answers = answers.list, .n_answers = answers.n, .failed = failed, .p_hangs = p_hangs};
}

void surety_parallel_compose(struct surety_composition *c)
{
    static const struct surety_fallback_params at_once = {.timeout_s = INFINITY, .backoff_most_s = INFINITY};
    struct surety_composition tries = *c;
    tries.params = &at_once;
    surety_fallback_compose(&tries);
    c->out = tries.out;
}

// --- k of n ----------------------------------------------------------------------------------------------------

void surety_k_of_n_compose(struct surety_composition *c)
{
    const struct surety_k_of_n_params *p = c->params;
    struct surety_latency_space *space = c->space;
    const size_t n = c->n_children, k = (size_t)p->k;
    struct surety_latency *x = wholes(space, n), *all = NULL;
    struct surety_answers answers = {0};
    bool has_rest = false;
    if (x == NULL)
        return;
    for (size_t i = 0; i < n; i++) {
        c->load[i] = 1;
        x[i] = surety_response_first(space, c->child[i]);
        for (size_t a = 0; a < c->child[i]->n_answers; a++)
            has_rest = has_rest || c->child[i]->answers[a].rest != NULL;
    }
    const struct surety_latency first = surety_latency_kth(space, x, n, k);
    if (has_rest && c->n_rests > 0)
        all = wholes(space, c->n_rests);
    for (size_t d = 0; all != NULL && d < c->n_rests; d++) {
        for (size_t i = 0; i < n; i++)
            x[i] = surety_response_all(space, c->child[i], d);
        all[d] = surety_latency_kth(space, x, n, k);
    }
    if (all != NULL)
        add_whole(space, &answers, &first, all);
    else
        surety_answers_add(space, &answers, &first, NULL);
    for (size_t i = 0; i < n; i++) // it has failed when too many have
        x[i] = c->child[i]->failed;
    const struct surety_latency failed = surety_latency_kth(space, x, n, n - k + 1);
    c->out = (struct surety_response){.answers = answers.list,
                                      .n_answers = answers.n,
                                      .failed = failed,
                                      .p_hangs = fmax(1 - first.mass - failed.mass, 0)};
}
