// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/carry.h"

#include "models/queue.h"
#include "models/reserved_books.h"
#include "sim/base/fmath.h"

#include <math.h>

#define LEAST 1e-11

// What reaches a provider: all workloads together.
struct stream {
    double per_s, cv2;
};

static struct stream stream_of(const struct surety_plan *plan, uint32_t level, double attempts)
{
    const struct surety_plan_loads *loads = &plan->loads;
    struct stream s = {0};
    for (size_t d = 0; d < plan->n_demands; d++) {
        const double per_s = attempts * loads->rate_per_s[level * plan->n_demands + d];
        s.per_s += per_s;
        s.cv2 += per_s * loads->cv2_arrivals[d];
    }
    s.cv2 = s.per_s > 0 ? s.cv2 / s.per_s : 1;
    return s;
}

// A part of a stream, taken at random, is more like a Poisson process.
static struct stream thinned(struct stream s, double share)
{
    return (struct stream){s.per_s * share, 1 + share * (s.cv2 - 1)};
}

// A quantity of a request of the mixture of workloads at this level.
static struct surety_plan_moments mixture(const struct surety_plan *plan, uint32_t level,
                                          const struct surety_plan_moments *of)
{
    const double *rate = &plan->loads.rate_per_s[level * plan->n_demands];
    struct surety_plan_moments mix = {0};
    double sum = 0;
    for (size_t d = 0; d < plan->n_demands; d++) {
        mix.mean += rate[d] * of[d].mean;
        mix.second += rate[d] * of[d].second;
        sum += rate[d];
    }
    return (struct surety_plan_moments){mix.mean / sum, mix.second / sum};
}

static double cv2_of(struct surety_plan_moments x)
{
    return fmax(x.second / (x.mean * x.mean) - 1, 0);
}

static void take_queue(struct surety_carry *carry, const struct surety_queue_state *q)
{
    carry->load = fmax(carry->load, q->load);
    carry->p_refused = 1 - (1 - carry->p_refused) * (1 - q->p_refused);
    carry->p_waits = q->p_waits;
    carry->wait_s = q->wait_s;
    carry->wait_cv2 = q->wait_cv2;
}

static void find_places(struct surety_carry *carry, const struct surety_plan *plan, const struct surety_plan_limits *l,
                        uint32_t level, struct stream s, double factor)
{
    if (l->step_s > 0) {
        const struct surety_plan_moments steps = mixture(plan, level, l->steps);
        const struct surety_queue_batch batch = {.most = l->concurrency,
                                                 .queue = l->queue,
                                                 .lambda_per_s = s.per_s,
                                                 .ca2 = s.cv2,
                                                 .steps = steps.mean,
                                                 .steps_second = steps.second,
                                                 .step_s = l->step_s * factor,
                                                 .per_request_s = l->per_request_s * factor};
        if (!(steps.mean > 0))
            return;
        const struct surety_batch_state state = surety_queue_batch(&batch);
        take_queue(carry, &state.queue);
        carry->step_s = state.step_mean_s;
        carry->step_cv2 = state.step_cv2;
        return;
    }
    const struct surety_plan_moments place_s = mixture(plan, level, l->place_s);
    const struct surety_queue_places places = {.c = l->concurrency,
                                               .queue = l->queue,
                                               .lambda_per_s = s.per_s,
                                               .ca2 = s.cv2,
                                               .service_s = place_s.mean * factor,
                                               .cs2 = cv2_of(place_s)};
    if (!(place_s.mean > 0))
        return;
    const struct surety_queue_state state = surety_queue_places(&places);
    take_queue(carry, &state);
}

// Reserved units that reject what does not fit: answered is what would be without them, per request of the level.
static void fill_units(struct surety_carry *carry, const struct surety_plan *plan, uint32_t provider, uint32_t level,
                       double answered)
{
    const uint32_t reserved = plan->n_reserved > 0 ? plan->providers[provider].reserved : SURETY_NOT_RESERVED;
    if (reserved == SURETY_NOT_RESERVED || !plan->reserved[reserved].rejects)
        return;
    const struct surety_plan_reserved *r = &plan->reserved[reserved];
    const double *rate_per_s = &plan->loads.rate_per_s[level * plan->n_demands];
    carry->p_units = surety_reserved_overflow(plan, r, rate_per_s, answered);
    carry->p_refused = 1 - (1 - carry->p_refused) * (1 - carry->p_units);
    for (size_t k = 0; k < r->n_pools; k++) {
        double tokens = 0; // a minute
        for (size_t d = 0; d < plan->n_demands; d++)
            tokens += 60 * answered * rate_per_s[d] * r->pools[k].request[d].k1;
        carry->load = fmax(carry->load, tokens / r->pools[k].limit);
    }
}

struct surety_carry surety_carry(const struct surety_plan *plan, uint32_t provider, uint64_t active, uint32_t level,
                                 double attempts)
{
    const struct surety_plan_limits *l = &plan->loads.limits[provider];
    const struct surety_plan_provider *p = &plan->providers[provider];
    struct surety_carry carry = {.step_s = l->step_s > 0 ? l->step_s + l->per_request_s : 0};
    struct stream s = stream_of(plan, level, attempts);
    double works = 1 - p->request_errors, factor = 1;
    if (!(s.per_s > 0))
        return carry;
    for (; active != 0; active &= active - 1) {
        const struct surety_plan_effect *e = &plan->effects[p->first_effect + (uint32_t)__builtin_ctzll(active)];
        works *= 1 - e->failing;
        factor *= e->latency_factor;
    }
    if (isfinite(l->requests_per_s)) {
        const double refused =
            surety_bucket_refused(s.per_s, s.cv2, 1, 1, l->requests_per_s, fmax(l->requests_per_s * l->burst_s, 1));
        carry.load = s.per_s / l->requests_per_s;
        carry.p_refused = refused;
        s = thinned(s, 1 - refused);
    }
    if (isfinite(l->tokens_per_s)) {
        const struct surety_plan_moments tokens = mixture(plan, level, l->tokens);
        const double refused = surety_bucket_refused(s.per_s, s.cv2, tokens.mean, tokens.second, l->tokens_per_s,
                                                     fmax(l->tokens_per_s * l->burst_s, tokens.mean));
        carry.load = fmax(carry.load, s.per_s * tokens.mean / l->tokens_per_s);
        carry.p_refused = 1 - (1 - carry.p_refused) * (1 - refused);
        s = thinned(s, 1 - refused);
    }
    s = thinned(s, works);
    carry.p_quota = carry.p_refused;
    fill_units(&carry, plan, provider, level, attempts * (1 - carry.p_quota) * works);
    s = thinned(s, 1 - carry.p_units);
    if (l->concurrency > 0 && s.per_s > 0)
        find_places(&carry, plan, l, level, s, factor);
    double *const numbers[] = {&carry.load,   &carry.p_refused, &carry.p_quota, &carry.p_units, &carry.p_waits,
                               &carry.wait_s, &carry.wait_cv2,  &carry.step_s,  &carry.step_cv2};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        *numbers[i] = isfinite(*numbers[i]) ? surety_round40(*numbers[i]) : INFINITY;
    // What nobody could measure is none, and lets states with the same laws share them.
    carry.p_refused = carry.p_refused < LEAST ? 0 : fmin(carry.p_refused, 1);
    carry.p_waits = carry.p_waits < LEAST ? 0 : fmin(carry.p_waits, 1);
    if (carry.p_waits == 0)
        carry.wait_s = carry.wait_cv2 = 0;
    return carry;
}
