// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/rng.h"
#include "sim/scenario/plan_builder.h"
#include "sim/scenario/uncertain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Groups of replications with inputs of their own.

#define MOST_DRAWS 64 // of one group

// Reads and plans the scenario with these values. Errors are dropped but for memory.
static enum surety_err plan_with(const struct surety_plan_builder *like, const double *values,
                                 struct surety_diags *diags, struct surety_plan_draw *out)
{
    struct surety_scenario *scenario;
    struct surety_plan *plan;
    enum surety_err err = surety_scenario_redraw(like->scenario, values, diags, &scenario);
    if (err != SURETY_OK)
        return err;
    struct surety_plan_builder b = *like;
    b.scenario = scenario;
    b.diags = diags;
    err = surety_plan_build(&b, &plan);
    if (err != SURETY_OK) {
        surety_scenario_destroy(scenario);
        return err == SURETY_E_MEMORY ? err : SURETY_E_INPUT;
    }
    *out = (struct surety_plan_draw){.scenario = scenario, .plan = plan};
    return SURETY_OK;
}

// The mean factor by which the rate of each input drifts over the term, 1 for most.
static void tell_drifts(const struct surety_uncertain *uncertain, const struct surety_plan *plan, double *factors)
{
    for (size_t i = 0; i < uncertain->n; i++) {
        const struct surety_uncertain_input *in = &uncertain->inputs[i];
        factors[i] = 1;
        for (size_t s = 0; in->path != NULL && in->drift > 0 && s < plan->n_sources; s++) {
            const struct surety_plan_source *source = &plan->sources[s];
            const size_t n = strlen(source->path);
            if (source->drift_factor == NULL || strncmp(in->path, source->path, n) != 0 || in->path[n] != '.')
                continue;
            double sum = 0;
            for (size_t w = 0; w < plan->n_windows; w++)
                sum += source->drift_factor[w];
            factors[i] = sum / (double)plan->n_windows;
        }
    }
}

enum surety_err surety_plan_draw(const struct surety_scenario *scenario, const struct surety_plan *base, uint64_t seed,
                                 uint64_t group, struct surety_table_cache *tables, double *values,
                                 struct surety_plan_draw *out)
{
    const struct surety_uncertain *uncertain = scenario->uncertain;
    const struct surety_plan_builder like = {.scenario = scenario,
                                             .base = base,
                                             .records = base->records,
                                             .tables = tables,
                                             .key = surety_philox_key(seed),
                                             .group = group,
                                             .drifts = true};
    enum surety_err err = SURETY_E_INPUT;
    for (uint32_t attempt = 0; err == SURETY_E_INPUT && attempt < MOST_DRAWS; attempt++) {
        struct surety_diags diags;
        for (size_t i = 0; i < uncertain->n; i++) {
            struct surety_rng rng = {like.key, base->input_streams[i], attempt, group};
            if (uncertain->inputs[i].path != NULL)
                values[i] = surety_uncertain_draw(&uncertain->inputs[i], surety_rng_uniform(&rng));
        }
        surety_diags_init(&diags, scenario->file);
        err = plan_with(&like, values, &diags, out);
        surety_diags_finish(&diags);
        if (err == SURETY_OK) {
            out->n_refused = attempt;
            tell_drifts(uncertain, out->plan, values + uncertain->n);
        }
    }
    return err;
}

void surety_plan_draw_finish(struct surety_plan_draw *draw)
{
    surety_plan_destroy(draw->plan);
    surety_scenario_destroy(draw->scenario);
    *draw = (struct surety_plan_draw){.scenario = NULL};
}

// What is wrong at one end of a range, told there.
static void tell(struct surety_diags *diags, const struct surety_uncertain_input *in, const char *which,
                 const struct surety_diags *found)
{
    const struct surety_diag *first = NULL;
    for (size_t i = 0; i < found->n && first == NULL; i++)
        if (surety_diag_kind(found->list[i].id)->severity == SURETY_ERROR)
            first = &found->list[i];
    surety_diag_add(diags, SURETY_D_UNCERTAIN, in->place, in->path, first != NULL ? first->hint : NULL,
                    "at the %s end of this range: %s%s%s", which, first != NULL ? first->path : "",
                    first != NULL && first->path[0] != '\0' ? ": " : "",
                    first != NULL ? first->message : "the scenario is not valid");
}

enum surety_err surety_plan_try_ends(const struct surety_scenario *scenario, const struct surety_plan *plan,
                                     struct surety_diags *diags)
{
    const struct surety_uncertain *uncertain = scenario->uncertain;
    const struct surety_plan_builder like = {.scenario = scenario, .base = plan, .records = plan->records};
    double *values = calloc(uncertain->n, sizeof *values);
    enum surety_err err = values != NULL ? SURETY_OK : SURETY_E_MEMORY;
    for (size_t i = 0; err == SURETY_OK && i < uncertain->n; i++)
        values[i] = uncertain->inputs[i].mean;
    const size_t before = diags->n_errors;
    for (size_t i = 0; err != SURETY_E_MEMORY && i < uncertain->n; i++) {
        const struct surety_uncertain_input *in = &uncertain->inputs[i];
        for (int high = 0; in->path != NULL && err != SURETY_E_MEMORY && high < 2; high++) {
            struct surety_diags found;
            struct surety_plan_draw draw;
            values[i] = high ? in->high : in->low;
            if (!isfinite(values[i]) || in->law.kind != SURETY_LAW_UNIFORM)
                continue; // the tail of a law: what is impossible is drawn again
            surety_diags_init(&found, scenario->file);
            err = plan_with(&like, values, &found, &draw);
            if (err == SURETY_OK)
                surety_plan_draw_finish(&draw);
            else if (err == SURETY_E_INPUT)
                tell(diags, in, high ? "upper" : "lower", &found);
            surety_diags_finish(&found);
        }
        values[i] = in->mean;
    }
    free(values);
    return err == SURETY_E_MEMORY ? err : diags->n_errors > before ? SURETY_E_INPUT : SURETY_OK;
}
