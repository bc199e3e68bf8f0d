// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/requests/limits.h"

#include <math.h>
#include <stdlib.h>

// --- buckets ---------------------------------------------------------------------------------------------------

// A bucket that could not hold what one request needs would refuse everything: it holds that much in any case.
static struct surety_bucket bucket(double rate, double burst_s, double least)
{
    const double depth = isfinite(rate) ? fmax(rate * burst_s, least) : INFINITY;
    return (struct surety_bucket){.rate = rate, .depth = depth};
}

static bool take(struct surety_bucket *b, int64_t now_us, double work)
{
    if (isinf(b->rate))
        return true;
    const double level = b->level + b->rate * 1e-6 * (double)(now_us - b->at_us);
    b->level = level < b->depth ? level : b->depth;
    b->at_us = now_us;
    if (b->level < work)
        return false;
    b->level -= work;
    return true;
}

bool surety_limit_grant(struct surety_limit *limit, int64_t now_us, double tokens)
{
    return take(&limit->requests, now_us, 1) && take(&limit->tokens, now_us, tokens);
}

// --- places ----------------------------------------------------------------------------------------------------

int64_t surety_places_start(struct surety_places *places, int64_t now_us)
{
    if (places->free_us[0] <= now_us)
        return now_us;
    if (isinf(places->most_waiting))
        return places->free_us[0];
    while (places->n_waiting > 0 && places->start_us[places->first] <= now_us) {
        places->first = (places->first + 1) % places->room;
        places->n_waiting--;
    }
    return (double)places->n_waiting < places->most_waiting ? places->free_us[0] : SURETY_LIMIT_FULL;
}

static bool grow(struct surety_places *places)
{
    const size_t room = 2 * places->room + 64;
    int64_t *more = calloc(room, sizeof *more);
    if (more == NULL)
        return false;
    for (size_t i = 0; i < places->n_waiting; i++)
        more[i] = places->start_us[(places->first + i) % places->room];
    free(places->start_us);
    places->start_us = more;
    places->first = 0;
    places->room = room;
    return true;
}

enum surety_err surety_places_take(struct surety_places *places, int64_t now_us, int64_t start_us, int64_t end_us)
{
    if (start_us > now_us && isfinite(places->most_waiting)) {
        if (places->n_waiting == places->room && !grow(places))
            return SURETY_E_MEMORY;
        places->start_us[(places->first + places->n_waiting++) % places->room] = start_us;
    }
    // the place that was free first is free again at end_us
    int64_t *heap = places->free_us;
    const size_t n = places->c;
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && heap[child + 1] < heap[child])
            child++;
        if (heap[child] >= end_us)
            break;
        heap[i] = heap[child];
    }
    heap[i] = end_us;
    return SURETY_OK;
}

// --- a provider ------------------------------------------------------------------------------------------------

enum surety_err surety_limit_init(struct surety_limit *limit, const struct surety_plan_limits *plan, size_t n_workloads)
{
    *limit = (struct surety_limit){.requests = {.rate = INFINITY}, .tokens = {.rate = INFINITY}};
    double most_tokens = 0; // of an average request
    if (plan == NULL)
        return SURETY_OK;
    for (size_t d = 0; d < n_workloads; d++)
        most_tokens = fmax(most_tokens, plan->tokens[d].mean);
    limit->requests = bucket(plan->requests_per_s, plan->burst_s, 1);
    limit->tokens = bucket(plan->tokens_per_s, plan->burst_s, most_tokens);
    limit->places = (struct surety_places){.c = (size_t)plan->concurrency, .most_waiting = plan->queue};
    if (limit->places.c == 0)
        return SURETY_OK;
    limit->places.free_us = calloc(limit->places.c, sizeof *limit->places.free_us);
    return limit->places.free_us != NULL ? SURETY_OK : SURETY_E_MEMORY;
}

void surety_limit_finish(struct surety_limit *limit)
{
    free(limit->places.free_us);
    free(limit->places.start_us);
}

void surety_limit_begin(struct surety_limit *limit, int64_t from_us)
{
    limit->requests.level = limit->requests.depth;
    limit->tokens.level = limit->tokens.depth;
    limit->requests.at_us = limit->tokens.at_us = from_us;
    limit->places.first = limit->places.n_waiting = 0;
    for (size_t i = 0; i < limit->places.c; i++)
        limit->places.free_us[i] = from_us;
}
