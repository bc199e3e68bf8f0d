// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/answer.h"

#include "sim/engine/flips.h"
#include "sim/engine/latency_pool.h"
#include "sim/engine/model_risk.h"
#include "sim/engine/offers.h"
#include "sim/engine/story.h"

#include <time.h>

#define STORY_SHARE 0.01  // the term that is told: as bad as the worst 1 %
#define STORY_TERMS 10000 // looked at to find it

static enum surety_err tell(const struct surety_scenario *scenario, const struct surety_plan *plan,
                            const struct surety_run_options *options, struct surety_diags *diags,
                            struct surety_result *result)
{
    const struct surety_story_choice choice = {.by = SURETY_STORY_WORST, .share = STORY_SHARE};
    const uint64_t n = result->n_replications < STORY_TERMS ? result->n_replications : STORY_TERMS;
    const size_t architecture = result->verdict.architecture;
    uint64_t replication;
    const enum surety_err err =
        surety_story_choose(scenario, plan, architecture, options->seed, n, &choice, diags, &replication);
    if (err != SURETY_OK)
        return err;
    return surety_story_tell(scenario, plan, architecture, options->seed, replication, diags, &result->bad_month);
}

static enum surety_err answer(const struct surety_scenario *scenario, const struct surety_plan *plan,
                              const struct surety_run_options *options, bool with_story, struct surety_diags *diags,
                              struct surety_result **out)
{
    struct surety_result *result;
    struct surety_run_options run = *options;
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    run.measures = true;
    enum surety_err err = surety_run(scenario, plan, &run, diags, &result);
    if (err != SURETY_OK)
        return err;
    err = surety_flips_find(scenario, plan, options, diags, result);
    if (err == SURETY_OK)
        err = surety_model_risk_find(scenario, options, diags, result);
    if (err == SURETY_OK && options->offers)
        err = surety_offers_find(scenario, plan, options, diags, result);
    if (err == SURETY_OK && with_story)
        err = tell(scenario, plan, options, diags, result);
    clock_gettime(CLOCK_MONOTONIC, &end);
    result->wall_s = (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
    if (err == SURETY_OK)
        *out = result;
    else
        surety_result_destroy(result);
    return err;
}

enum surety_err surety_answer(const struct surety_scenario *scenario, const struct surety_plan *plan,
                              const struct surety_run_options *options, bool with_story, struct surety_diags *diags,
                              struct surety_result **out)
{
    struct surety_plan pooled = *plan; // run, flips and story compose each state once
    pooled.latency.pool = plan->latency.on ? surety_latency_pool_create() : NULL;
    const enum surety_err err = answer(scenario, &pooled, options, with_story, diags, out);
    surety_latency_pool_destroy(pooled.latency.pool);
    return err;
}
