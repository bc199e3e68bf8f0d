// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/timeline.h"

#include "models/episodes.h"
#include "models/recorded_episodes.h"

#include <stdlib.h>
#include <string.h>

enum surety_err surety_timeline_init(struct surety_timeline *timeline, const struct surety_plan *plan,
                                     const struct surety_kernel *kernel, uint64_t seed)
{
    // One element more than needed: calloc(0) may be NULL.
    *timeline = (struct surety_timeline){
        .plan = plan,
        .kernel = kernel,
        .key = surety_philox_key(seed),
        .episodes = calloc(plan->n_effects + 1, sizeof *timeline->episodes),
        .drawn = calloc(plan->n_sources + 1, sizeof *timeline->drawn),
    };
    if (timeline->episodes != NULL && timeline->drawn != NULL)
        return SURETY_OK;
    surety_timeline_finish(timeline);
    return SURETY_E_MEMORY;
}

void surety_timeline_finish(struct surety_timeline *timeline)
{
    if (timeline->episodes != NULL)
        for (size_t i = 0; i < timeline->plan->n_effects; i++)
            free(timeline->episodes[i].list);
    free(timeline->episodes);
    free(timeline->clock.list);
    free(timeline->drawn);
}

void surety_timeline_begin(struct surety_timeline *timeline, uint64_t replication)
{
    timeline->replication = replication;
    memset(timeline->drawn, 0, timeline->plan->n_sources * sizeof *timeline->drawn);
}

// --- one way to draw per kind of source -------------------------------------------------------------------------

static enum surety_err draw_outage(struct surety_timeline *t, const struct surety_plan_source *source)
{
    const uint32_t effect = source->effects[0];
    const enum surety_err err =
        surety_renewal_draw(t->plan, source, t->kernel, t->key, t->replication, &t->scratch, &t->episodes[effect]);
    if (err != SURETY_OK || t->plan->effects[effect].p_hits >= 1)
        return err;
    surety_episodes_keep_hits(&t->plan->effects[effect], t->key, t->replication, &t->episodes[effect]);
    return surety_episodes_close(&t->episodes[effect]);
}

static enum surety_err draw_common_cause(struct surety_timeline *t, const struct surety_plan_source *source)
{
    enum surety_err err =
        surety_renewal_draw(t->plan, source, t->kernel, t->key, t->replication, &t->scratch, &t->clock);
    for (size_t i = 0; err == SURETY_OK && i < source->n_effects; i++)
        err = surety_episodes_of_member(source, &t->plan->effects[source->effects[i]], t->key, t->replication,
                                        &t->clock, &t->episodes[source->effects[i]]);
    return err;
}

static enum surety_err draw_maintenance(struct surety_timeline *t, const struct surety_plan_source *source)
{
    return surety_episodes_of_schedule(source, t->plan->term_us, &t->episodes[source->effects[0]]);
}

static enum surety_err draw_record(struct surety_timeline *t, const struct surety_plan_source *source)
{
    return surety_episodes_of_record(source, t->key, t->replication, t->plan->term_us,
                                     &t->episodes[source->effects[0]]);
}

static enum surety_err (*const draw[])(struct surety_timeline *, const struct surety_plan_source *) = {
    [SURETY_SOURCE_OUTAGE] = draw_outage,
    [SURETY_SOURCE_COMMON_CAUSE] = draw_common_cause,
    [SURETY_SOURCE_MAINTENANCE] = draw_maintenance,
    [SURETY_SOURCE_RECORD] = draw_record,
};

const int64_t *surety_timeline_boundaries(struct surety_timeline *timeline, uint32_t effect)
{
    if (timeline->lent != NULL && timeline->lent[effect] != NULL)
        return timeline->lent[effect];
    const uint32_t id = timeline->plan->effects[effect].source;
    if (!timeline->drawn[id]) {
        const struct surety_plan_source *source = &timeline->plan->sources[id];
        if (draw[source->kind](timeline, source) != SURETY_OK)
            return NULL;
        timeline->drawn[id] = true;
    }
    return &timeline->episodes[effect].list[0].from_us;
}
