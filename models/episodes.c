// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/episodes.h"

#include "sim/base/rng.h"

#include <stdlib.h>

enum surety_err surety_episodes_reserve(struct surety_episodes *episodes, size_t n)
{
    if (episodes->n + n < episodes->capacity)
        return SURETY_OK;
    const size_t capacity = 2 * (episodes->n + n) + 64;
    struct surety_episode *list = realloc(episodes->list, capacity * sizeof *list);
    if (list == NULL)
        return SURETY_E_MEMORY;
    episodes->list = list;
    episodes->capacity = capacity;
    return SURETY_OK;
}

enum surety_err surety_episodes_append(struct surety_episodes *episodes, int64_t from_us, int64_t to_us)
{
    if (surety_episodes_reserve(episodes, 1) != SURETY_OK)
        return SURETY_E_MEMORY;
    episodes->list[episodes->n++] = (struct surety_episode){from_us, to_us};
    return SURETY_OK;
}

enum surety_err surety_episodes_close(struct surety_episodes *episodes)
{
    if (surety_episodes_reserve(episodes, 0) != SURETY_OK)
        return SURETY_E_MEMORY;
    episodes->list[episodes->n] = (struct surety_episode){SURETY_NEVER, SURETY_NEVER};
    return SURETY_OK;
}

void surety_episodes_keep_hits(const struct surety_plan_effect *effect, struct surety_philox_key key,
                               uint64_t replication, struct surety_episodes *episodes)
{
    if (effect->p_hits >= 1)
        return;
    struct surety_rng rng = {key, effect->hits_stream, 0, replication};
    size_t kept = 0;
    for (size_t i = 0; i < episodes->n; i++)
        if (surety_rng_uniform(&rng) < effect->p_hits)
            episodes->list[kept++] = episodes->list[i];
    episodes->n = kept;
}

enum surety_err surety_episodes_of_member(const struct surety_plan_source *source,
                                          const struct surety_plan_effect *effect, struct surety_philox_key key,
                                          uint64_t replication, const struct surety_episodes *clock,
                                          struct surety_episodes *out)
{
    struct surety_rng hits = {key, effect->hits_stream, 0, replication};
    struct surety_rng repairs = {key, effect->repair_stream, 0, replication};
    out->n = 0;
    for (size_t i = 0; i < clock->n; i++) {
        const int64_t from_us = clock->list[i].from_us;
        int64_t to_us = clock->list[i].to_us;
        if (source->own_repair) {
            const double repair_s =
                source->down_scale * surety_sampler_one(&source->down, surety_rng_uniform(&repairs));
            to_us = from_us + surety_us_of(repair_s);
        }
        if (effect->p_hits < 1 && surety_rng_uniform(&hits) >= effect->p_hits)
            continue;
        struct surety_episode *last = out->n > 0 ? &out->list[out->n - 1] : NULL;
        if (last != NULL && from_us <= last->to_us) {
            last->to_us = to_us > last->to_us ? to_us : last->to_us;
            continue;
        }
        if (surety_episodes_append(out, from_us, to_us) != SURETY_OK)
            return SURETY_E_MEMORY;
    }
    return surety_episodes_close(out);
}

enum surety_err surety_episodes_of_schedule(const struct surety_plan_source *source, int64_t term_us,
                                            struct surety_episodes *out)
{
    out->n = 0;
    for (int64_t from_us = source->first_us; from_us < term_us; from_us += source->every_us)
        if (surety_episodes_append(out, from_us, from_us + source->lasts_us) != SURETY_OK)
            return SURETY_E_MEMORY;
    return surety_episodes_close(out);
}
