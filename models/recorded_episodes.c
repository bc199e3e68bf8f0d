// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/recorded_episodes.h"

#include "sim/base/calendar.h"
#include "sim/base/rng.h"

#include <string.h>

// The first recorded episode that ends after `at_us`; n_recorded when there is none.
static size_t first_after(const struct surety_plan_source *source, int64_t at_us)
{
    size_t low = 0, high = source->n_recorded;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (source->recorded[middle].to_us > at_us)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

// What the record shows in [at_us, end_us) of its circle, moved by shift_us.
static enum surety_err take(const struct surety_plan_source *source, int64_t at_us, int64_t end_us, int64_t shift_us,
                            struct surety_episodes *out)
{
    for (size_t i = first_after(source, at_us); i < source->n_recorded && source->recorded[i].from_us < end_us; i++) {
        const struct surety_episode *e = &source->recorded[i];
        const int64_t from_us = (e->from_us > at_us ? e->from_us : at_us) + shift_us;
        const int64_t to_us = (e->to_us < end_us ? e->to_us : end_us) + shift_us;
        if (out->n > 0 && out->list[out->n - 1].to_us == from_us)
            out->list[out->n - 1].to_us = to_us;
        else if (surety_episodes_append(out, from_us, to_us) != SURETY_OK)
            return SURETY_E_MEMORY;
    }
    return SURETY_OK;
}

enum surety_err surety_episodes_of_record(const struct surety_plan_source *source, struct surety_philox_key key,
                                          uint64_t replication, int64_t term_us, struct surety_episodes *out)
{
    const int64_t circle_us = source->circle_us, n_weeks = circle_us / SURETY_US_PER_WEEK;
    struct surety_rng rng = {key, source->stream, 0, replication};
    enum surety_err err = SURETY_OK;
    out->n = 0;
    if (circle_us == 0)
        err = take(source, 0, term_us, 0, out);
    for (int64_t t_us = 0; circle_us > 0 && err == SURETY_OK && t_us < term_us; t_us += source->block_us) {
        int64_t week = (int64_t)(surety_rng_uniform(&rng) * (double)n_weeks);
        week = week < n_weeks ? week : n_weeks - 1;
        const int64_t at_us = ((source->phase_us + t_us) % SURETY_US_PER_WEEK + week * SURETY_US_PER_WEEK) % circle_us;
        const int64_t length_us = source->block_us < term_us - t_us ? source->block_us : term_us - t_us;
        const int64_t before_end_us = length_us < circle_us - at_us ? length_us : circle_us - at_us;
        err = take(source, at_us, at_us + before_end_us, t_us - at_us, out);
        if (err == SURETY_OK && before_end_us < length_us) // on from the record's start
            err = take(source, 0, length_us - before_end_us, t_us + before_end_us, out);
    }
    return err == SURETY_OK ? surety_episodes_close(out) : err;
}
