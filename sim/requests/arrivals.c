// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/requests/arrivals.h"

#include "sim/base/calendar.h"
#include "sim/base/philox.h"

#include <math.h>
#include <stdlib.h>

#define HALF (SURETY_REQUESTS_BLOCK / 2)

static enum surety_err compile(const struct surety_law *law, enum surety_sampler_purpose purpose,
                               struct surety_sampler *out)
{
    const enum surety_sampler_err err = surety_sampler_compile(law, purpose, out);
    return err == SURETY_SAMPLER_OK ? SURETY_OK : err == SURETY_SAMPLER_NO_MEMORY ? SURETY_E_MEMORY : SURETY_E_NUMERIC;
}

// Mean 1, coefficient of variation cv.
static struct surety_law law_of_gaps(double cv)
{
    if (cv == 0)
        return surety_law_of(SURETY_LAW_FIXED, 1, 0);
    if (cv == 1)
        return surety_law_of(SURETY_LAW_EXPONENTIAL, 1, 0);
    return surety_law_of(SURETY_LAW_GAMMA, 1 / (cv * cv), cv * cv);
}

enum surety_err surety_arrivals_init(struct surety_arrivals *arrivals, const struct surety_plan *plan, uint32_t demand,
                                     double burstiness, const struct surety_requests_trace *trace,
                                     const struct surety_kernel *kernel, uint64_t seed)
{
    const struct surety_law gaps = law_of_gaps(burstiness);
    *arrivals = (struct surety_arrivals){.plan = plan,
                                         .kernel = kernel,
                                         .trace = trace,
                                         .key = surety_philox_key(seed),
                                         .demand = demand,
                                         .stream = surety_philox_stream(plan->demands[demand].name, 0x617272),
                                         .first_stream = surety_philox_stream(plan->demands[demand].name, 0x666972)};
    enum surety_err err = compile(&gaps, SURETY_SAMPLE_PLAIN, &arrivals->gap);
    if (err == SURETY_OK)
        err = compile(&gaps, SURETY_SAMPLE_RESIDUAL, &arrivals->first_gap);
    return err;
}

void surety_arrivals_finish(struct surety_arrivals *arrivals)
{
    surety_sampler_free(&arrivals->gap);
    surety_sampler_free(&arrivals->first_gap);
    free(arrivals->stretches);
}

// The stretch of constant rate that begins at from_us, up to to_us.
static struct surety_arrival_stretch stretch_at(const struct surety_plan *plan, uint32_t demand, size_t *window,
                                                int64_t from_us, int64_t to_us)
{
    const struct surety_plan_demand *d = &plan->demands[demand];
    const int64_t into_us = (from_us + d->week_offset_us) % SURETY_US_PER_WEEK, hour = into_us / SURETY_US_PER_HOUR;
    while (*window + 1 < plan->n_windows && plan->window_us[*window + 1] <= from_us)
        ++*window;
    int64_t end_us = from_us + (hour + 1) * SURETY_US_PER_HOUR - into_us;
    if (*window + 1 < plan->n_windows && plan->window_us[*window + 1] < end_us)
        end_us = plan->window_us[*window + 1];
    return (struct surety_arrival_stretch){.from_us = from_us,
                                           .to_us = end_us < to_us ? end_us : to_us,
                                           .rate_per_us = d->rate[hour] * d->growth[*window] * 1e-6};
}

double surety_arrivals_expected(const struct surety_plan *plan, uint32_t demand, int64_t from_us, int64_t to_us)
{
    double due = 0;
    for (size_t window = 0; from_us < to_us;) {
        const struct surety_arrival_stretch s = stretch_at(plan, demand, &window, from_us, to_us);
        due += s.rate_per_us * (double)(s.to_us - s.from_us);
        from_us = s.to_us;
    }
    return due;
}

enum surety_err surety_arrivals_begin(struct surety_arrivals *a, uint64_t world, int64_t start_us, int64_t end_us)
{
    double due = 0;
    size_t window = 0;
    a->n_stretches = 0;
    for (int64_t from_us = start_us; from_us < end_us;) {
        if (a->n_stretches == a->room) {
            const size_t room = 2 * a->room + 16;
            struct surety_arrival_stretch *more = realloc(a->stretches, room * sizeof *more);
            if (more == NULL)
                return SURETY_E_MEMORY;
            a->stretches = more;
            a->room = room;
        }
        struct surety_arrival_stretch s = stretch_at(a->plan, a->demand, &window, from_us, end_us);
        s.due_from = due;
        s.due_to = due += s.rate_per_us * (double)(s.to_us - s.from_us);
        from_us = s.to_us;
        a->stretches[a->n_stretches++] = s;
    }
    double u[2];
    surety_philox_uniforms(a->key, 0, a->first_stream, world, u);
    a->world = world;
    a->start_us = start_us;
    a->due = surety_sampler_residual(&a->first_gap, u[0], u[1]);
    a->at = 0;
    a->n_blocks = 0;
    a->n_read = 0;
    a->first = 0;
    a->n = 0;
    return SURETY_OK;
}

static void next_of_trace(struct surety_arrivals *a)
{
    const struct surety_requests_trace *t = a->trace;
    const int64_t end_us = a->n_stretches > 0 ? a->stretches[a->n_stretches - 1].to_us : a->start_us;
    while (a->n < SURETY_REQUESTS_BLOCK && a->n_read < t->n && a->start_us + t->at_us[a->n_read] < end_us) {
        a->at_us[a->n] = a->start_us + t->at_us[a->n_read];
        a->tokens[a->n++] = t->tokens != NULL ? t->tokens[a->n_read] : 0;
        a->n_read++;
    }
}

void surety_arrivals_next(struct surety_arrivals *a)
{
    double u[SURETY_REQUESTS_BLOCK], gap[SURETY_REQUESTS_BLOCK];
    a->first += (uint32_t)a->n;
    a->n = 0;
    if (a->trace != NULL) {
        next_of_trace(a);
        return;
    }
    if (a->at == a->n_stretches)
        return;
    a->kernel->uniforms(a->key, a->stream, a->world, a->n_blocks++ * HALF, HALF, u, u + HALF);
    surety_sampler_block(&a->gap, a->kernel, SURETY_REQUESTS_BLOCK, u, gap);
    const struct surety_arrival_stretch *s = &a->stretches[a->at];
    double due = a->due, per_request_us = 1 / s->rate_per_us;
    for (size_t i = 0; i < SURETY_REQUESTS_BLOCK; i++) {
        while (due >= s->due_to) {
            if (++a->at == a->n_stretches)
                return;
            s++;
            per_request_us = 1 / s->rate_per_us; // a stretch without demand is passed over: due_to is due_from
        }
        a->at_us[i] = s->from_us + (int64_t)((due - s->due_from) * per_request_us);
        due += gap[i];
        a->n++;
    }
    a->due = due;
}
