// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/episode.h"
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

// --- draws with one outage changed ------------------------------------------------------------------------------

// A copy of `list` with one element replaced; NULL when memory is out.
static void *with_one(struct surety_arena *arena, const void *list, size_t n, size_t size, size_t index,
                      const void *element)
{
    char *copy = surety_arena_calloc(arena, n, size);
    if (copy != NULL) {
        memcpy(copy, list, n * size);
        memcpy(copy + index * size, element, size);
    }
    return copy;
}

static bool replace_outage(struct surety_scenario *scenario, struct surety_arena *arena, size_t provider, size_t index,
                           const struct surety_outage *outage)
{
    if (provider == SIZE_MAX) {
        struct surety_common_cause cause = scenario->common_causes[index];
        cause.outage = *outage;
        scenario->common_causes =
            with_one(arena, scenario->common_causes, scenario->n_common_causes, sizeof cause, index, &cause);
        return scenario->common_causes != NULL;
    }
    struct surety_provider p = scenario->providers[provider];
    p.outages = with_one(arena, p.outages, p.n_outages, sizeof *outage, index, outage);
    scenario->providers = with_one(arena, scenario->providers, scenario->n_providers, sizeof p, provider, &p);
    return p.outages != NULL && scenario->providers != NULL;
}

enum surety_err surety_plan_draw_with(const struct surety_plan_draw *draw, uint64_t seed, uint64_t group,
                                      struct surety_table_cache *tables, size_t provider, size_t index,
                                      const struct surety_outage *outage, struct surety_plan **out)
{
    struct surety_scenario scenario = *draw->scenario;
    struct surety_plan *plan = malloc(sizeof *plan);
    struct surety_diags diags;
    if (plan == NULL)
        return SURETY_E_MEMORY;
    *plan = *draw->plan;
    surety_arena_init(&plan->arena);
    plan->n_streams = plan->n_sources = plan->n_effects = 0;
    plan->quality.borrows_changes = true;
    surety_diags_init(&diags, scenario.file);
    struct surety_plan_builder b = {.scenario = &scenario,
                                    .plan = plan,
                                    .base = draw->plan,
                                    .diags = &diags,
                                    .records = plan->records,
                                    .tables = tables,
                                    .key = surety_philox_key(seed),
                                    .group = group,
                                    .drifts = true};
    enum surety_err err = SURETY_E_MEMORY;
    if (replace_outage(&scenario, &plan->arena, provider, index, outage))
        err = surety_plan_start_streams(&b);
    if (err == SURETY_OK)
        err = surety_plan_sources(&b);
    surety_diags_finish(&diags);
    if (err != SURETY_OK) {
        surety_plan_destroy(plan);
        return err == SURETY_E_MEMORY ? err : SURETY_E_INPUT;
    }
    for (size_t i = 0; i < plan->n_sources; i++) // the contract knows those
        plan->sources[i].treatment = draw->plan->sources[i].treatment;
    for (size_t i = 0; i < plan->n_providers; i++)
        plan->providers[i].sla = draw->plan->providers[i].sla;
    *out = plan;
    return SURETY_OK;
}

static bool same_rhythm(const struct surety_plan_rhythm *a, const struct surety_plan_rhythm *b)
{
    return a == b || (a != NULL && b != NULL && a->flat == b->flat && a->week_offset_us == b->week_offset_us &&
                      memcmp(a->slope, b->slope, sizeof a->slope) == 0);
}

bool surety_plan_same_source(const struct surety_plan *a, const struct surety_plan *b, size_t source)
{
    const struct surety_plan_source *s = &a->sources[source], *t = &b->sources[source];
    const bool drifts = s->drift_factor != NULL;
    bool same = s->kind == t->kind && s->n_effects == t->n_effects && s->stream == t->stream &&
                s->laws_hash == t->laws_hash && s->up_scale == t->up_scale && s->down_scale == t->down_scale &&
                s->p_up == t->p_up && s->start_up == t->start_up && s->own_repair == t->own_repair &&
                same_rhythm(s->rhythm, t->rhythm) && drifts == (t->drift_factor != NULL) &&
                (!drifts || memcmp(s->drift_factor, t->drift_factor, a->n_windows * sizeof(double)) == 0) &&
                s->first_us == t->first_us && s->every_us == t->every_us && s->lasts_us == t->lasts_us &&
                s->n_recorded == t->n_recorded && s->circle_us == t->circle_us && s->block_us == t->block_us &&
                s->phase_us == t->phase_us &&
                (s->n_recorded == 0 || memcmp(s->recorded, t->recorded, s->n_recorded * sizeof *s->recorded) == 0);
    for (size_t i = 0; same && i < s->n_effects; i++) {
        const struct surety_plan_effect *e = &a->effects[s->effects[i]], *f = &b->effects[t->effects[i]];
        same = s->effects[i] == t->effects[i] && e->provider == f->provider && e->p_hits == f->p_hits &&
               e->hits_stream == f->hits_stream && e->repair_stream == f->repair_stream;
    }
    return same;
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
