// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/model_events.h"

#include "sim/base/binomial.h"
#include "sim/base/fmath.h"
#include "sim/base/ppb.h"
#include "sim/base/rng.h"
#include "sim/base/sampler.h"

#include <stdlib.h>

#define MOST_CHANGES 10000 // of one model in a term

static double uniform(const struct surety_walk *walk, uint32_t stream, int64_t index)
{
    struct surety_rng rng = {walk->meters[0].key, stream, (uint32_t)index, walk->meters[0].replication};
    return surety_rng_uniform(&rng);
}

static void add(struct surety_walk *walk, int64_t at_us, uint32_t provider, double drop)
{
    struct surety_walk_quality *q = walk->quality;
    if (q->n_events == q->room_events) {
        const size_t room = 2 * q->room_events + 16;
        struct surety_model_event *more = realloc(q->events, room * sizeof *more);
        if (more == NULL) {
            walk->err = SURETY_E_MEMORY;
            return;
        }
        q->events = more;
        q->room_events = room;
    }
    q->events[q->n_events++] = (struct surety_model_event){at_us, provider, drop};
}

// Whether run number `run` of the evals reads too little of a model that lost `drop`.
static bool alarms(const struct surety_walk *walk, const struct surety_plan_model_changes *c, int64_t run, double drop)
{
    const struct surety_plan_quality *p = &walk->plan->quality;
    const struct surety_plan_suite *suite = &p->suites[c->suite];
    const double rate = p->checks[c->check].rate[c->provider] - drop;
    const double judged = surety_judged(rate > 0 ? rate : 0, suite->sensitivity, suite->specificity);
    const int64_t passed = surety_binomial_quantile(c->n_cases, judged, uniform(walk, c->eval_stream, run));
    return (__int128)passed * SURETY_PPB_ONE < (__int128)c->below_ppb * c->n_cases;
}

// When a drop that holds from from_us on is found, by runs before `until`; SURETY_NEVER: it is not.
static int64_t found_us(const struct surety_walk *walk, const struct surety_plan_model_changes *c, int64_t from_us,
                        int64_t until_us, double drop)
{
    if (!c->has_evals)
        return SURETY_NEVER;
    for (int64_t run = (from_us + c->every_us - 1) / c->every_us; run * c->every_us < until_us; run++)
        if (alarms(walk, c, run, drop))
            return run * c->every_us;
    return SURETY_NEVER;
}

static void draw_model(struct surety_walk *walk, const struct surety_plan_model_changes *c)
{
    const int64_t term_us = walk->plan->term_us;
    int64_t at_us = 0, back_us = SURETY_NEVER; // back: when what is known of is taken back
    double drop = 0;
    for (int64_t n = 0; n < MOST_CHANGES; n++) {
        const double gap_us = -c->mean_gap_us * surety_log(uniform(walk, c->gap_stream, n));
        const int64_t next_us = gap_us < (double)(term_us - at_us) ? at_us + (int64_t)gap_us + 1 : term_us;
        // Until the next change: is the drop found, and is it taken back?
        for (int64_t from_us = at_us; drop > 0 && from_us < next_us;) {
            if (back_us == SURETY_NEVER) {
                const int64_t alarm_us = found_us(walk, c, from_us, next_us, drop);
                if (alarm_us == SURETY_NEVER)
                    break;
                back_us = alarm_us + c->rollback_us;
            }
            if (back_us >= next_us)
                break;
            add(walk, from_us = back_us, c->provider, drop = 0);
            back_us = SURETY_NEVER;
        }
        if (next_us >= term_us)
            return;
        at_us = next_us;
        if (uniform(walk, c->worse_stream, n) >= c->p_worse)
            continue;
        drop += 0.01 * surety_sampler_one(c->drop, uniform(walk, c->drop_stream, n));
        add(walk, at_us, c->provider, drop);
    }
}

static int by_time(const void *a, const void *b)
{
    const struct surety_model_event *x = a, *y = b;
    if (x->at_us != y->at_us)
        return x->at_us < y->at_us ? -1 : 1;
    return x->provider != y->provider ? (x->provider > y->provider) - (x->provider < y->provider)
                                      : (x->drop > y->drop) - (x->drop < y->drop);
}

void surety_model_events_draw(struct surety_walk *walk)
{
    struct surety_walk_quality *q = walk->quality;
    q->n_events = q->next_event = 0;
    for (size_t i = 0; i < walk->plan->quality.n_changes; i++)
        draw_model(walk, &walk->plan->quality.changes[i]);
    if (walk->plan->quality.n_changes > 1)
        qsort(q->events, q->n_events, sizeof *q->events, by_time);
}
