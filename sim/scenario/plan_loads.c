// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/calendar.h"
#include "sim/base/fmath.h"
#include "sim/scenario/plan_builder.h"
#include "sim/scenario/plan_hash.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDED_LOG_STEP 0.00498754151103897 // log 1.005

// --- levels ----------------------------------------------------------------------------------------------------

// Epochs and levels while they grow; heap.
struct levels {
    const struct surety_plan *plan;
    bool rounded;
    size_t n_epochs, room_epochs, n, room;
    int64_t *from_us;
    uint32_t *level;
    double *rate;    // n x n_demands
    uint32_t *slots; // open addressing: index + 1
    size_t n_slots;
};

static void *grown(void *array, size_t n, size_t size)
{
    return realloc(array, n * size);
}

static double rate_of(const struct levels *l, size_t demand, size_t window, size_t hour)
{
    const struct surety_plan_demand *d = &l->plan->demands[demand];
    const double rate = d->rate[hour] * d->growth[window];
    if (!l->rounded || rate <= 0)
        return surety_round40(rate);
    return surety_round40(exp(ROUNDED_LOG_STEP * floor(log(rate) / ROUNDED_LOG_STEP + 0.5)));
}

// The index of the level with these rates, a new one if need be; UINT32_MAX: memory.
static uint32_t find_level(struct levels *l, const double *rates)
{
    const size_t n = l->plan->n_demands;
    uint64_t hash = SURETY_HASH_START;
    for (size_t d = 0; d < n; d++)
        hash = surety_hash_double(hash, rates[d]);
    if (2 * l->n >= l->n_slots) {
        const size_t n_slots = l->n_slots > 0 ? 2 * l->n_slots : 256;
        uint32_t *slots = calloc(n_slots, sizeof *slots);
        if (slots == NULL)
            return UINT32_MAX;
        for (size_t i = 0; i < l->n; i++) {
            uint64_t h = SURETY_HASH_START;
            for (size_t d = 0; d < n; d++)
                h = surety_hash_double(h, l->rate[i * n + d]);
            size_t at = h & (n_slots - 1);
            while (slots[at] != 0)
                at = (at + 1) & (n_slots - 1);
            slots[at] = (uint32_t)i + 1;
        }
        free(l->slots);
        l->slots = slots;
        l->n_slots = n_slots;
    }
    size_t at = hash & (l->n_slots - 1);
    for (; l->slots[at] != 0; at = (at + 1) & (l->n_slots - 1))
        if (memcmp(&l->rate[(l->slots[at] - 1) * n], rates, n * sizeof *rates) == 0)
            return l->slots[at] - 1;
    if (l->n == l->room) {
        double *more = grown(l->rate, (2 * l->room + 32) * n, sizeof *more);
        if (more == NULL)
            return UINT32_MAX;
        l->rate = more;
        l->room = 2 * l->room + 32;
    }
    memcpy(&l->rate[l->n * n], rates, n * sizeof *rates);
    l->slots[at] = (uint32_t)l->n + 1;
    return (uint32_t)l->n++;
}

static bool add_epoch(struct levels *l, int64_t from_us, uint32_t level)
{
    if (l->n_epochs > 0 && l->level[l->n_epochs - 1] == level)
        return true;
    if (l->n_epochs == l->room_epochs) {
        const size_t room = 2 * l->room_epochs + 256;
        int64_t *from = grown(l->from_us, room, sizeof *from);
        l->from_us = from != NULL ? from : l->from_us;
        uint32_t *levels = grown(l->level, room, sizeof *levels);
        l->level = levels != NULL ? levels : l->level;
        if (from == NULL || levels == NULL)
            return false;
        l->room_epochs = room;
    }
    l->from_us[l->n_epochs] = from_us;
    l->level[l->n_epochs++] = level;
    return true;
}

// Cuts the term at every hour of some workload's week and at every window.
static bool cut(struct levels *l, double *rates)
{
    const struct surety_plan *plan = l->plan;
    size_t window = 0;
    for (int64_t now_us = 0, next_us; now_us < plan->term_us; now_us = next_us) {
        while (plan->window_us[window + 1] <= now_us)
            window++;
        next_us = plan->window_us[window + 1];
        for (size_t d = 0; d < plan->n_demands; d++) {
            const int64_t week_us = (now_us + plan->demands[d].week_offset_us) % SURETY_US_PER_WEEK;
            const int64_t hour = week_us / SURETY_US_PER_HOUR;
            const int64_t end_us = now_us + (hour + 1) * SURETY_US_PER_HOUR - week_us;
            next_us = end_us < next_us ? end_us : next_us;
            rates[d] = rate_of(l, d, window, (size_t)hour);
        }
        const uint32_t level = find_level(l, rates);
        if (level == UINT32_MAX || !add_epoch(l, now_us, level))
            return false;
    }
    return true;
}

static void finish(struct levels *l)
{
    free(l->from_us);
    free(l->level);
    free(l->rate);
    free(l->slots);
}

// Copies what grew into the plan.
static bool keep(const struct levels *l, struct surety_plan *plan)
{
    struct surety_plan_loads *loads = &plan->loads;
    const size_t n = plan->n_demands;
    loads->from_us = surety_arena_calloc(&plan->arena, l->n_epochs + 1, sizeof *loads->from_us);
    loads->level = surety_arena_calloc(&plan->arena, l->n_epochs, sizeof *loads->level);
    loads->rate_per_s = surety_arena_calloc(&plan->arena, l->n * n, sizeof *loads->rate_per_s);
    if (loads->from_us == NULL || loads->level == NULL || loads->rate_per_s == NULL)
        return false;
    memcpy(loads->from_us, l->from_us, l->n_epochs * sizeof *l->from_us);
    memcpy(loads->level, l->level, l->n_epochs * sizeof *l->level);
    memcpy(loads->rate_per_s, l->rate, l->n * n * sizeof *l->rate);
    loads->from_us[l->n_epochs] = plan->term_us;
    loads->n_epochs = l->n_epochs;
    loads->n_levels = l->n;
    loads->rounded = l->rounded;
    double most = -1;
    for (size_t i = 0; i < l->n; i++) {
        double sum = 0;
        for (size_t d = 0; d < n; d++)
            sum += l->rate[i * n + d];
        if (sum > most) {
            most = sum;
            loads->peak_level = (uint32_t)i;
        }
    }
    return true;
}

static enum surety_err plan_levels(struct surety_plan_builder *b)
{
    struct surety_plan *plan = b->plan;
    double *rates = surety_arena_calloc(&plan->arena, plan->n_demands, sizeof *rates);
    bool good = rates != NULL, done = false;
    for (int rounded = 0; good && !done && rounded < 2; rounded++) {
        struct levels l = {.plan = plan, .rounded = rounded == 1};
        good = cut(&l, rates);
        done = good && (rounded == 1 || l.n <= SURETY_MOST_LEVELS);
        if (done)
            good = keep(&l, plan);
        finish(&l);
    }
    return good ? SURETY_OK : surety_plan_out_of_memory(b);
}

// --- limits ----------------------------------------------------------------------------------------------------

static struct surety_plan_moments moments(const struct surety_law *law)
{
    return (struct surety_plan_moments){surety_law_mean(law), surety_law_second_moment(law)};
}

// Of independent X and Y: X Y, X + Y.
static struct surety_plan_moments product(struct surety_plan_moments x, struct surety_plan_moments y)
{
    return (struct surety_plan_moments){x.mean * y.mean, x.second * y.second};
}

static struct surety_plan_moments sum(struct surety_plan_moments x, struct surety_plan_moments y)
{
    return (struct surety_plan_moments){x.mean + y.mean, x.second + 2 * x.mean * y.mean + y.second};
}

static struct surety_plan_moments rounded(struct surety_plan_moments x)
{
    return (struct surety_plan_moments){surety_round40(x.mean), surety_round40(x.second)};
}

// Units that reject what does not fit are a limit too.
static bool is_limited(const struct surety_provider *p)
{
    return p->used && (p->capacity.given || (p->reserved.given && p->reserved.overflow == SURETY_OVERFLOW_REJECT));
}

static enum surety_err plan_limits(struct surety_plan_builder *b, size_t provider)
{
    const struct surety_scenario *scenario = b->scenario;
    const struct surety_provider *p = &scenario->providers[provider];
    const struct surety_capacity *c = &p->capacity;
    struct surety_plan *plan = b->plan;
    struct surety_plan_moments *all = surety_arena_calloc(&plan->arena, 3 * plan->n_demands, sizeof *all);
    if (all == NULL)
        return surety_plan_out_of_memory(b);
    struct surety_plan_moments *tokens = all, *place_s = all + plan->n_demands, *steps = all + 2 * plan->n_demands;
    for (size_t d = 0; d < plan->n_demands; d++) {
        const struct surety_plan_moments in = moments(&scenario->workloads[d].input_tokens),
                                         outgoing = moments(&scenario->workloads[d].output_tokens);
        tokens[d] = rounded(sum(in, outgoing));
        steps[d] = rounded(outgoing);
        if (p->is_stand_in && c->concurrency > 0) { // of a task's time the part of one request: the same load
            const struct surety_workload *w = &scenario->workloads[d];
            const double seat_s = (isnan(p->seat_s) ? w->task_s : p->seat_s) / w->requests_per_task;
            place_s[d] = rounded((struct surety_plan_moments){seat_s, 2 * seat_s * seat_s}); // of the exponential law
            continue;
        }
        if (!p->latency.given)
            continue;
        struct surety_plan_moments time_s = moments(&p->latency.first_token);
        if (p->latency.has_per_token)
            time_s = sum(time_s, product(outgoing, moments(&p->latency.per_output_token)));
        place_s[d] = rounded(time_s);
        if (c->concurrency > 0 && !isfinite(time_s.second) && !c->batch.given)
            return surety_plan_too_large(b, c->place,
                                         surety_arena_printf(&plan->arena, "providers.%s.capacity", p->name),
                                         "give the latency a `max`, or another law",
                                         "the times in a place have no finite variance, so waiting has no mean");
    }
    plan->loads.limits[provider] = (struct surety_plan_limits){
        .given = true,
        .next = c->overload == SURETY_OVERLOAD_NEXT,
        .requests_per_s =
            !c->given || isnan(c->requests_per_minute) ? INFINITY : surety_round40(c->requests_per_minute / 60),
        .tokens_per_s = !c->given || isnan(c->tokens_per_minute) ? INFINITY : surety_round40(c->tokens_per_minute / 60),
        .burst_s = c->burst_s,
        .concurrency = c->concurrency,
        .queue = c->queue,
        .step_s = c->batch.given ? c->batch.step_s : 0,
        .per_request_s = c->batch.given ? c->batch.per_request_s : 0,
        .tokens = tokens,
        .place_s = place_s,
        .steps = steps,
    };
    return SURETY_OK;
}

enum surety_err surety_plan_load(struct surety_plan_builder *b)
{
    const struct surety_scenario *scenario = b->scenario;
    struct surety_plan *plan = b->plan;
    struct surety_plan_loads *loads = &plan->loads;
    for (size_t p = 0; p < plan->n_providers; p++)
        loads->on = loads->on || (is_limited(&scenario->providers[p]));
    if (!loads->on)
        return SURETY_OK;
    loads->limits = surety_arena_calloc(&plan->arena, plan->n_providers, sizeof *loads->limits);
    loads->cv2_arrivals = surety_arena_calloc(&plan->arena, plan->n_demands, sizeof *loads->cv2_arrivals);
    if (loads->limits == NULL || loads->cv2_arrivals == NULL)
        return surety_plan_out_of_memory(b);
    for (size_t d = 0; d < plan->n_demands; d++)
        loads->cv2_arrivals[d] = scenario->workloads[d].burstiness * scenario->workloads[d].burstiness;
    enum surety_err err = plan_levels(b);
    for (size_t p = 0; err == SURETY_OK && p < plan->n_providers; p++)
        if (is_limited(&scenario->providers[p]))
            err = plan_limits(b, p);
    return err;
}

// --- hash ------------------------------------------------------------------------------------------------------

uint64_t surety_hash_limits(uint64_t hash, const struct surety_plan *plan)
{
    for (size_t p = 0; plan->loads.on && p < plan->n_providers; p++) {
        const struct surety_plan_limits *l = &plan->loads.limits[p];
        if (!l->given)
            continue;
        const double numbers[] = {l->requests_per_s, l->tokens_per_s,           surety_round40(l->burst_s),
                                  l->queue,          surety_round40(l->step_s), surety_round40(l->per_request_s)};
        hash = surety_hash_u64(hash, p << 1 | l->next);
        hash = surety_hash_u64(hash, (uint64_t)l->concurrency);
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
            hash = surety_hash_double(hash, numbers[i]);
        for (size_t d = 0; d < plan->n_demands; d++) {
            hash = surety_hash_double(surety_hash_double(hash, l->tokens[d].mean), l->tokens[d].second);
            hash = surety_hash_double(surety_hash_double(hash, l->place_s[d].mean), l->place_s[d].second);
            hash = surety_hash_double(surety_hash_double(hash, l->steps[d].mean), l->steps[d].second);
            hash = surety_hash_double(hash, surety_round40(plan->loads.cv2_arrivals[d]));
        }
    }
    return hash;
}
