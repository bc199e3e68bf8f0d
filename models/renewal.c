// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/renewal.h"

#include "models/episodes.h"
#include "sim/base/calendar.h"

#include <math.h>
#include <stdlib.h>

#define WEEK_S 604800.0

static inline double operational(const struct surety_plan_rhythm *rhythm, int64_t week_us)
{
    const int64_t week = week_us / SURETY_US_PER_WEEK, rest = week_us % SURETY_US_PER_WEEK;
    const int64_t hour = rest / SURETY_US_PER_HOUR;
    return (double)week * WEEK_S + rhythm->cumulative_s[hour] +
           rhythm->slope[hour] * (double)(rest - hour * SURETY_US_PER_HOUR) * 1e-6;
}

double surety_rhythm_operational(const struct surety_plan_rhythm *rhythm, int64_t week_us)
{
    return operational(rhythm, week_us);
}

static inline int64_t calendar(const struct surety_plan_rhythm *rhythm, double operational_s)
{
    if (operational_s > SURETY_LONGEST_EPISODE_S)
        operational_s = SURETY_LONGEST_EPISODE_S;
    const int64_t week = (int64_t)(operational_s / WEEK_S); // never negative
    double rest = operational_s - (double)week * WEEK_S;
    // The last hour that starts at or before `rest`; hours without intensity are never the answer.
    const size_t k = (size_t)(rest / SURETY_GUIDE_S);
    size_t low = rhythm->guide[k < SURETY_N_GUIDES ? k : SURETY_N_GUIDES - 1];
    while (low + 1 < SURETY_HOURS_A_WEEK && rhythm->cumulative_s[low + 1] <= rest)
        low++;
    rest -= rhythm->cumulative_s[low];
    const double into_s = rhythm->slope[low] > 0 ? rest / rhythm->slope[low] : 0;
    return week * SURETY_US_PER_WEEK + (int64_t)low * SURETY_US_PER_HOUR + (int64_t)(into_s * 1e6 + 0.5);
}

int64_t surety_rhythm_calendar(const struct surety_plan_rhythm *rhythm, double operational_s)
{
    return calendar(rhythm, operational_s);
}

// The instant at which an up time of `up_s` operational seconds ends, by a rhythm that is not flat. It begins at
// `from_us`, in operational time `from_s`.
static inline int64_t fails_at(const struct surety_plan_rhythm *rhythm, int64_t from_us, double from_s, double up_s)
{
    const int64_t at_us = calendar(rhythm, from_s + up_s) - rhythm->week_offset_us;
    return at_us > from_us ? at_us : from_us + 1;
}

static inline double operational_at(const struct surety_plan_rhythm *rhythm, int64_t at_us)
{
    return operational(rhythm, at_us + rhythm->week_offset_us);
}

// The window in which up times of a drifting source are, and its end in operational time.
struct clock {
    size_t window;
    int64_t end_us;
    double end_s; // where the rhythm is not flat
};

static void enter_window(struct clock *clock, const struct surety_plan *plan, const struct surety_plan_rhythm *rhythm,
                         size_t window)
{
    clock->window = window;
    clock->end_us = plan->window_us[window + 1];
    clock->end_s = rhythm->flat ? 0 : operational_at(rhythm, clock->end_us);
}

// The same where the rate of failures differs from window to window: operational time runs factor[w] times as fast in
// window w. The clock stands where `from_us` lies or before it, and moves on.
static __attribute__((noinline)) int64_t drifting_fails_at(const struct surety_plan *plan,
                                                           const struct surety_plan_source *source, int64_t from_us,
                                                           double up_s, struct clock *clock)
{
    const struct surety_plan_rhythm *rhythm = source->rhythm;
    int64_t at_us = from_us;
    size_t w = clock->window;
    while (w + 1 < plan->n_windows && plan->window_us[w + 1] <= at_us)
        w++;
    if (w != clock->window)
        enter_window(clock, plan, rhythm, w);
    for (double at_s = rhythm->flat ? 0 : operational_at(rhythm, at_us);;) {
        const double left_s = rhythm->flat ? (double)(clock->end_us - at_us) * 1e-6 : clock->end_s - at_s;
        const double wanted_s = up_s / source->drift_factor[w];
        if (wanted_s < left_s)
            return rhythm->flat ? at_us + surety_us_of(wanted_s) : fails_at(rhythm, at_us, at_s, wanted_s);
        up_s -= left_s * source->drift_factor[w];
        up_s = up_s > 0 ? up_s : 0;
        at_us = clock->end_us;
        at_s = clock->end_s;
        if (++w == plan->n_windows)
            return plan->term_us;
        enter_window(clock, plan, rhythm, w);
    }
}

// How many outages to draw next, at now_us: those that are left in the mean, and a few more. Says nothing of their values.
static __attribute__((noinline)) size_t next_block(const struct surety_plan *plan,
                                                   const struct surety_plan_source *source, int64_t now_us)
{
    const double left = 1 - (double)now_us / (double)plan->term_us;
    const size_t n = ((size_t)(left * (double)source->n_guess) + source->n_more + 3) / 4 * 4;
    return n < SURETY_MAX_DRAWS ? n : SURETY_MAX_DRAWS;
}

enum surety_err surety_renewal_draw(const struct surety_plan *plan, const struct surety_plan_source *source,
                                    const struct surety_kernel *kernel, struct surety_philox_key key,
                                    uint64_t replication, struct surety_renewal_scratch *scratch,
                                    struct surety_episodes *out)
{
    struct surety_renewal_scratch *x = scratch;
    int64_t now_us = 0, from_us;
    bool first = !source->start_up; // the first up time is what is left of the one under way
    double left_s = 0;
    struct clock clock = {.window = 0};
    out->n = 0;
    if (first) {
        double u0, u1;
        kernel->uniforms(key, source->stream, replication, 0, 1, &u0, &u1);
        if (u0 < source->p_up) {
            left_s = surety_sampler_residual(&source->up_residual, u0 / source->p_up, u1);
        } else {
            left_s = source->down_scale *
                     surety_sampler_residual(&source->down_residual, (u0 - source->p_up) / (1 - source->p_up), u1);
            if (surety_episodes_append(out, 0, surety_us_of(left_s)) != SURETY_OK)
                return SURETY_E_MEMORY;
            now_us = out->list[0].to_us;
            first = false;
        }
    }
    const struct surety_plan_rhythm *rhythm = source->rhythm;
    const double up_scale = source->up_scale, down_scale = source->down_scale;
    const bool is_flat = rhythm->flat, drifts = source->drift_factor != NULL;
    const int64_t term_us = plan->term_us;
    size_t n = source->n_guess;
    if (drifts)
        enter_window(&clock, plan, rhythm, 0);
    for (uint32_t index = 1; now_us < term_us; index += (uint32_t)n) {
        if (index > 1)
            n = next_block(plan, source, now_us);
        kernel->uniforms(key, source->stream, replication, index, n, x->u_up, x->u_down);
        surety_sampler_block(&source->up, kernel, n, x->u_up, x->up_s);
        surety_sampler_block(&source->down, kernel, n, x->u_down, x->down_s);
        if (first)
            x->up_s[0] = left_s;
        first = false;
        if (surety_episodes_reserve(out, n) != SURETY_OK)
            return SURETY_E_MEMORY;
        struct surety_episode *next = &out->list[out->n];
        for (size_t i = 0; i < n; i++) {
            const double up_s = x->up_s[i] * up_scale;
            from_us = drifts    ? drifting_fails_at(plan, source, now_us, up_s, &clock)
                      : is_flat ? now_us + surety_us_of(up_s)
                                : fails_at(rhythm, now_us, operational_at(rhythm, now_us), up_s);
            if (from_us >= term_us) {
                now_us = term_us;
                break;
            }
            const int64_t repair_us = surety_us_of(x->down_s[i] * down_scale);
            *next++ = (struct surety_episode){from_us, from_us + repair_us};
            now_us = from_us + repair_us;
        }
        out->n = (size_t)(next - out->list);
    }
    return surety_episodes_close(out);
}
