// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/renewal.h"

#include "models/episodes.h"
#include "sim/base/calendar.h"

#include <math.h>
#include <stdlib.h>

#define WEEK_S 604800.0

double surety_rhythm_operational(const struct surety_plan_rhythm *rhythm, int64_t week_us)
{
    const int64_t week = week_us / SURETY_US_PER_WEEK, rest = week_us % SURETY_US_PER_WEEK;
    const int64_t hour = rest / SURETY_US_PER_HOUR;
    return (double)week * WEEK_S + rhythm->cumulative_s[hour] +
           rhythm->slope[hour] * (double)(rest - hour * SURETY_US_PER_HOUR) * 1e-6;
}

int64_t surety_rhythm_calendar(const struct surety_plan_rhythm *rhythm, double operational_s)
{
    if (operational_s > SURETY_LONGEST_EPISODE_S)
        operational_s = SURETY_LONGEST_EPISODE_S;
    const double week = floor(operational_s / WEEK_S);
    double rest = operational_s - week * WEEK_S;
    // The last hour that starts at or before `rest`; hours without intensity are never the answer.
    const size_t k = (size_t)(rest / 3600);
    size_t low = rhythm->guide[k < SURETY_HOURS_A_WEEK ? k : SURETY_HOURS_A_WEEK - 1];
    while (low + 1 < SURETY_HOURS_A_WEEK && rhythm->cumulative_s[low + 1] <= rest)
        low++;
    rest -= rhythm->cumulative_s[low];
    const double into_s = rhythm->slope[low] > 0 ? rest / rhythm->slope[low] : 0;
    return (int64_t)week * SURETY_US_PER_WEEK + (int64_t)low * SURETY_US_PER_HOUR + (int64_t)(into_s * 1e6 + 0.5);
}

// The instant at which an up time that begins at `from_us` ends, by a rhythm that is not flat.
static int64_t fails_at(const struct surety_plan_rhythm *rhythm, int64_t from_us, double up_s)
{
    const double operational = surety_rhythm_operational(rhythm, from_us + rhythm->week_offset_us) + up_s;
    const int64_t at_us = surety_rhythm_calendar(rhythm, operational) - rhythm->week_offset_us;
    return at_us > from_us ? at_us : from_us + 1;
}

// The same where the rate of failures differs from window to window: operational time runs factor[w] times as fast in
// window w. *window is where `from_us` lies or before it, and moves on.
static int64_t drifting_fails_at(const struct surety_plan *plan, const struct surety_plan_source *source,
                                 int64_t from_us, double up_s, size_t *window)
{
    int64_t at_us = from_us;
    while (*window + 1 < plan->n_windows && plan->window_us[*window + 1] <= at_us)
        ++*window;
    for (size_t w = *window; w < plan->n_windows; w++) {
        const struct surety_plan_rhythm *rhythm = source->rhythm;
        const int64_t end_us = plan->window_us[w + 1], shift_us = rhythm->week_offset_us;
        const double left_s = rhythm->flat ? (double)(end_us - at_us) * 1e-6
                                           : surety_rhythm_operational(rhythm, end_us + shift_us) -
                                                 surety_rhythm_operational(rhythm, at_us + shift_us);
        const double wanted_s = up_s / source->drift_factor[w];
        if (wanted_s < left_s)
            return rhythm->flat ? at_us + surety_us_of(wanted_s) : fails_at(rhythm, at_us, wanted_s);
        up_s -= left_s * source->drift_factor[w];
        up_s = up_s > 0 ? up_s : 0;
        at_us = end_us;
    }
    return plan->term_us;
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
    size_t window = 0;
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
    for (uint32_t index = 1; now_us < term_us; index += (uint32_t)n, n = source->n_more) {
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
            from_us = drifts    ? drifting_fails_at(plan, source, now_us, up_s, &window)
                      : is_flat ? now_us + surety_us_of(up_s)
                                : fails_at(rhythm, now_us, up_s);
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
