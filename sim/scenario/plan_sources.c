// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/calendar.h"
#include "sim/base/fmath.h"
#include "sim/base/ppb.h"
#include "sim/base/rng.h"
#include "sim/scenario/plan_builder.h"
#include "sim/scenario/uncertain.h"
#include "sim/scenario/plan_hash.h"

#include <math.h>

#define MAX_EFFECTS_A_PROVIDER 64 // bits of the set of those that are on
#define MAX_EPISODES_A_TERM 1e6   // of one source: more is a request-level question
#define MOST_DRIFT 10.0           // of the log of a rate

// --- sources ---------------------------------------------------------------------------------------------------

// The source of a plan that stands where `source` does in the one under construction; NULL: there is none.
static const struct surety_plan_source *base_of(const struct surety_plan_builder *b,
                                                const struct surety_plan_source *source)
{
    return b->base != NULL ? &b->base->sources[source - b->plan->sources] : NULL;
}

static enum surety_err compile(const struct surety_plan_builder *b, const struct surety_outage *outage,
                               struct surety_plan_source *source)
{
    const struct surety_plan_source *base = base_of(b, source);
    const struct {
        const struct surety_law *law;
        struct surety_sampler *out;
        const struct surety_sampler *borrowed;
        enum surety_sampler_purpose purpose;
        int which; // of law_hash
    } table[] = {
        {&outage->time_to_failure, &source->up, base != NULL ? &base->up : NULL, SURETY_SAMPLE_PLAIN, 0},
        {&outage->time_to_repair, &source->down, base != NULL ? &base->down : NULL, SURETY_SAMPLE_PLAIN, 1},
        {&outage->time_to_failure, &source->up_residual, base != NULL ? &base->up_residual : NULL,
         SURETY_SAMPLE_RESIDUAL, 0},
        {&outage->time_to_repair, &source->down_residual, base != NULL ? &base->down_residual : NULL,
         SURETY_SAMPLE_RESIDUAL, 1},
    };
    source->law_hash[0] = surety_hash_law(SURETY_HASH_START, &outage->time_to_failure);
    source->law_hash[1] = surety_hash_law(SURETY_HASH_START, &outage->time_to_repair);
    source->laws_hash = surety_hash_law(source->law_hash[0], &outage->time_to_repair);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        source->borrows[i] = base != NULL && base->law_hash[table[i].which] == source->law_hash[table[i].which];
        if (source->borrows[i]) {
            *table[i].out = *table[i].borrowed;
            continue;
        }
        const enum surety_sampler_err err =
            surety_sampler_compile_again(table[i].law, table[i].purpose, b->tables, table[i].out);
        if (err != SURETY_SAMPLER_OK)
            return err == SURETY_SAMPLER_NO_MEMORY ? SURETY_E_MEMORY : SURETY_E_NUMERIC;
    }
    return SURETY_OK;
}

// The wandering log rate at the middle of each window, as factors on the rate. The median of each factor is 1, its mean
// exp(sd^2 / 2) with the sd of surety_drift_sd.
static enum surety_err drift(struct surety_plan_builder *b, const struct surety_outage *outage,
                             struct surety_plan_source *s)
{
    struct surety_plan *plan = b->plan;
    const double year_us = 365.0 * (double)SURETY_US_PER_DAY;
    s->drift = outage->drift;
    s->spread = outage->spread;
    if (!(outage->drift > 0))
        return SURETY_OK;
    s->drift_stream = surety_plan_stream(plan, s->path, "drift");
    s->drift_from_years =
        (double)(surety_date_days(b->scenario->term.start) - surety_date_days(outage->drifts_from)) / 365;
    if (!b->drifts)
        return SURETY_OK;
    s->drift_factor = surety_arena_calloc(&plan->arena, plan->n_windows, sizeof *s->drift_factor);
    if (s->drift_factor == NULL)
        return surety_plan_out_of_memory(b);
    struct surety_rng rng = {b->key, s->drift_stream, 0, b->group};
    double log_rate = 0, at = 0;
    for (size_t w = 0; w < plan->n_windows; w++) {
        const double to = s->drift_from_years + (double)(plan->window_us[w] + plan->window_us[w + 1]) / 2 / year_us;
        log_rate *= surety_drift_pull(s->drift, s->spread, to - at);
        log_rate += surety_drift_sd(s->drift, s->spread, to - at) * surety_norminv(surety_rng_uniform(&rng));
        at = to;
        s->drift_factor[w] = surety_round40(surety_exp(fmin(fmax(log_rate, -MOST_DRIFT), MOST_DRIFT)));
    }
    return SURETY_OK;
}

// Draws come in blocks of four (the narrowest vector that pays): the mean number first, then a few more at a time.
static size_t block(double n)
{
    const double most = SURETY_MAX_DRAWS;
    return n < most - 4 ? ((size_t)n + 3) / 4 * 4 : SURETY_MAX_DRAWS;
}

// A renewal process. up_scale: factor on its up times.
static enum surety_err plan_renewal(struct surety_plan_builder *b, struct surety_plan_source *s,
                                    const struct surety_outage *outage, const struct surety_profile *rhythm,
                                    double up_scale)
{
    struct surety_plan *plan = b->plan;
    const double up_s = up_scale * surety_law_mean(&outage->time_to_failure);
    const double down_s = surety_law_mean(&outage->time_to_repair);
    const double n_expected = (double)plan->term_us * 1e-6 / (up_s + down_s);
    if (n_expected > MAX_EPISODES_A_TERM)
        return surety_plan_too_large(b, outage->place, s->path, "model blips this frequent as `request_errors`",
                                     "more than a million outages in a term");
    enum surety_err err = compile(b, outage, s);
    if (err != SURETY_OK) {
        surety_diag_add(b->diags, err == SURETY_E_MEMORY ? SURETY_D_MEMORY : SURETY_D_LAW, outage->place, s->path, NULL,
                        "the law has no finite table of quantiles");
        return err == SURETY_E_MEMORY ? err : SURETY_E_INPUT;
    }
    s->stream = surety_plan_stream(plan, s->path, "outages");
    err = drift(b, outage, s);
    if (err != SURETY_OK)
        return err;
    s->start_up = b->scenario->term.initial_state == SURETY_START_UP;
    s->mean_up_s = up_s;
    s->mean_down_s = down_s;
    s->up_scale = surety_round40(up_scale);
    s->down_scale = 1;
    const double first_up_s = s->drift_factor != NULL ? up_s / s->drift_factor[0] : up_s;
    s->p_up = surety_round40(first_up_s / (first_up_s + down_s));
    s->n_guess = block(n_expected + 1);
    s->n_more = block(sqrt(n_expected) / 2 + 1);
    s->rhythm = surety_plan_rhythm(b, rhythm);
    return s->rhythm != NULL ? SURETY_OK : surety_plan_out_of_memory(b);
}

// The next source, named; NULL when memory is out.
static struct surety_plan_source *next_source(struct surety_plan_builder *b, enum surety_source_kind kind,
                                              size_t n_effects)
{
    struct surety_plan *plan = b->plan;
    struct surety_plan_source *s = &plan->sources[plan->n_sources++];
    s->kind = kind;
    s->effects = surety_arena_calloc(&plan->arena, n_effects, sizeof *s->effects);
    return s->effects != NULL && s->path != NULL && s->name != NULL ? s : NULL;
}

// The next effect, of `source` on the provider whose effects are being laid out. outage NULL: always all of it.
static enum surety_err add_effect(struct surety_plan_builder *b, struct surety_plan_source *source, uint32_t provider,
                                  int64_t failing_ppb, const struct surety_outage *outage)
{
    struct surety_plan *plan = b->plan;
    struct surety_plan_provider *p = &plan->providers[provider];
    const uint32_t id = (uint32_t)plan->n_effects++;
    if (p->n_effects == 0)
        p->first_effect = id;
    if (++p->n_effects > MAX_EFFECTS_A_PROVIDER)
        return surety_plan_too_large(b, b->scenario->providers[provider].place,
                                     surety_arena_printf(&plan->arena, "providers.%s", p->name), "at most 64",
                                     "too many outages and common causes on one provider");
    const char *path = source->kind == SURETY_SOURCE_COMMON_CAUSE
                           ? surety_arena_printf(&plan->arena, "%s.members.%s", source->path, p->name)
                           : source->path;
    if (path == NULL)
        return surety_plan_out_of_memory(b);
    plan->effects[id] = (struct surety_plan_effect){
        .source = (uint32_t)(source - plan->sources),
        .provider = provider,
        .failing = (double)failing_ppb / (double)SURETY_PPB_ONE,
        .p_hits = outage != NULL ? outage->p_hits : 1,
        .latency_factor = outage != NULL && !isnan(outage->latency_factor) ? surety_round40(outage->latency_factor) : 1,
        .quality_shift = outage != NULL && !isnan(outage->quality_shift) ? outage->quality_shift : 0,
        .hangs = outage != NULL && outage->fails == SURETY_FAILS_HANG,
        .hits_stream = surety_plan_stream(plan, path, "hits"),
        .repair_stream = source->own_repair ? surety_plan_stream(plan, path, "repairs") : 0,
    };
    ((uint32_t *)(uintptr_t)source->effects)[source->n_effects++] = id;
    return SURETY_OK;
}

static double start_rate(const struct surety_outage *outage)
{
    return 1 / (surety_law_mean(&outage->time_to_failure) + surety_law_mean(&outage->time_to_repair));
}

static bool is_member(const struct surety_common_cause *cause, size_t provider)
{
    for (size_t i = 0; i < cause->n_members; i++)
        if (cause->members[i] == provider)
            return true;
    return false;
}

// What the provider's own start rates are multiplied by: 1 less the share of common causes that were counted with them.
static enum surety_err own_share(struct surety_plan_builder *b, size_t provider, double *out)
{
    const struct surety_scenario *scenario = b->scenario;
    const struct surety_provider *p = &scenario->providers[provider];
    double own = 0, included = 0;
    for (size_t i = 0; i < p->n_outages; i++)
        own += start_rate(&p->outages[i]);
    for (size_t i = 0; i < scenario->n_common_causes; i++) {
        const struct surety_common_cause *cause = &scenario->common_causes[i];
        if (cause->included == 1 && is_member(cause, provider))
            included += cause->outage.p_hits * start_rate(&cause->outage);
    }
    if (included > 0 && included >= own) {
        surety_diag_add(b->diags, SURETY_D_CONFLICT, p->place, p->name,
                        "give the provider more outages of its own, the causes fewer, or `included: false`",
                        "the common causes that are included happen as often as all outages of '%s'", p->name);
        return SURETY_E_INPUT;
    }
    *out = included > 0 ? 1 - included / own : 1;
    return SURETY_OK;
}

static enum surety_err plan_outage(struct surety_plan_builder *b, uint32_t provider, const struct surety_outage *outage,
                                   double share)
{
    struct surety_plan *plan = b->plan;
    const struct surety_provider *p = &b->scenario->providers[provider];
    struct surety_plan_source *next = &plan->sources[plan->n_sources];
    next->path = surety_arena_printf(&plan->arena, "providers.%s.outages.%s", p->name, outage->name);
    next->name = surety_arena_printf(&plan->arena, "%s.%s", p->name, outage->name);
    struct surety_plan_source *s = next_source(b, SURETY_SOURCE_OUTAGE, 1);
    if (s == NULL)
        return surety_plan_out_of_memory(b);
    const double up_s = surety_law_mean(&outage->time_to_failure), down_s = surety_law_mean(&outage->time_to_repair);
    const double up_scale = share < 1 ? ((up_s + down_s) / share - down_s) / up_s : 1;
    const enum surety_err err = plan_renewal(b, s, outage, &p->weekly_rhythm, up_scale);
    return err == SURETY_OK ? add_effect(b, s, provider, outage->failing_ppb, outage) : err;
}

static enum surety_err plan_record(struct surety_plan_builder *b, uint32_t provider)
{
    struct surety_plan *plan = b->plan;
    const struct surety_provider *p = &b->scenario->providers[provider];
    enum surety_err err = SURETY_OK;
    for (size_t i = 0; err == SURETY_OK && i < p->record.n_sources; i++) {
        const struct surety_recorded_source *recorded = &p->record.sources[i];
        struct surety_plan_source *next = &plan->sources[plan->n_sources];
        next->path = surety_arena_printf(&plan->arena, "providers.%s.record.%s", p->name, recorded->name);
        next->name = surety_arena_printf(&plan->arena, "%s.%s", p->name, recorded->name);
        struct surety_plan_source *s = next_source(b, SURETY_SOURCE_RECORD, 1);
        if (s == NULL)
            return surety_plan_out_of_memory(b);
        err = surety_plan_record_place(b, p, recorded, s);
        if (err == SURETY_OK)
            err = add_effect(b, s, provider, recorded->failing_ppb, NULL);
    }
    return err;
}

static enum surety_err plan_maintenance(struct surety_plan_builder *b, uint32_t provider)
{
    struct surety_plan *plan = b->plan;
    const struct surety_provider *p = &b->scenario->providers[provider];
    const struct surety_maintenance *m = &p->maintenance;
    struct surety_plan_source *next = &plan->sources[plan->n_sources];
    next->path = surety_arena_printf(&plan->arena, "providers.%s.maintenance", p->name);
    next->name = surety_arena_printf(&plan->arena, "%s.maintenance", p->name);
    struct surety_plan_source *s = next_source(b, SURETY_SOURCE_MAINTENANCE, 1);
    if (s == NULL)
        return surety_plan_out_of_memory(b);
    const int64_t wait_us = m->week_s * SURETY_US_PER_S - plan->week_offset_us;
    s->first_us = wait_us >= 0 ? wait_us : wait_us + SURETY_US_PER_WEEK;
    s->every_us = (int64_t)(m->every_s * 1e6 + 0.5);
    s->lasts_us = (int64_t)(m->lasts_s * 1e6 + 0.5);
    return add_effect(b, s, provider, m->failing_ppb, NULL);
}

static enum surety_err plan_cause(struct surety_plan_builder *b, const struct surety_common_cause *cause,
                                  struct surety_plan_source *s)
{
    s->own_repair = cause->repair == 1;
    return plan_renewal(b, s, &cause->outage, &cause->weekly_rhythm, 1);
}

// The common causes stand first among the sources: effects are laid out provider by provider and refer to them.
static enum surety_err plan_causes(struct surety_plan_builder *b)
{
    struct surety_plan *plan = b->plan;
    for (size_t i = 0; b->records != SURETY_RECORDS_DATED && i < b->scenario->n_common_causes; i++) {
        const struct surety_common_cause *cause = &b->scenario->common_causes[i];
        struct surety_plan_source *next = &plan->sources[plan->n_sources];
        next->path = surety_arena_printf(&plan->arena, "common_causes.%s", cause->outage.name);
        next->name = surety_arena_printf(&plan->arena, "%s", cause->outage.name);
        struct surety_plan_source *s = next_source(b, SURETY_SOURCE_COMMON_CAUSE, cause->n_members);
        if (s == NULL)
            return surety_plan_out_of_memory(b);
        const enum surety_err err = plan_cause(b, cause, s);
        if (err != SURETY_OK)
            return err;
    }
    return SURETY_OK;
}

static enum surety_err plan_provider(struct surety_plan_builder *b, uint32_t id)
{
    const struct surety_scenario *scenario = b->scenario;
    const struct surety_provider *provider = &scenario->providers[id];
    const double errors = (double)provider->request_errors_ppb / (double)SURETY_PPB_ONE;
    struct surety_plan_provider *p = &b->plan->providers[id];
    *p = (struct surety_plan_provider){.name = surety_arena_printf(&b->plan->arena, "%s", provider->name),
                                       .first_effect = (uint32_t)b->plan->n_effects,
                                       .request_errors = errors,
                                       .f_normal = 1 - (1 - errors)};
    if (p->name == NULL)
        return surety_plan_out_of_memory(b);
    if (!provider->used)
        return SURETY_OK;
    const bool by_record = surety_plan_by_record(b, provider), dated = b->records == SURETY_RECORDS_DATED;
    double share = 1;
    enum surety_err err = by_record ? plan_record(b, id) : dated ? SURETY_OK : own_share(b, id, &share);
    for (size_t k = 0; err == SURETY_OK && !by_record && !dated && k < provider->n_outages; k++)
        err = plan_outage(b, id, &provider->outages[k], share);
    if (err == SURETY_OK && provider->maintenance.given)
        err = plan_maintenance(b, id);
    for (size_t i = 0; err == SURETY_OK && !dated && i < scenario->n_common_causes; i++)
        if (is_member(&scenario->common_causes[i], id))
            err = add_effect(b, &b->plan->sources[i], id, scenario->common_causes[i].outage.failing_ppb,
                             &scenario->common_causes[i].outage);
    return err;
}

enum surety_err surety_plan_sources(struct surety_plan_builder *b)
{
    const struct surety_scenario *scenario = b->scenario;
    struct surety_plan *plan = b->plan;
    size_t n_sources = scenario->n_common_causes, n_effects = 0;
    for (size_t i = 0; i < scenario->n_common_causes; i++)
        n_effects += scenario->common_causes[i].n_members;
    for (size_t i = 0; i < scenario->n_providers; i++) {
        const size_t n_own = scenario->providers[i].n_outages + scenario->providers[i].record.n_sources;
        n_sources += n_own + 1; // maintenance
        n_effects += n_own + 1;
    }
    plan->providers = surety_arena_calloc(&plan->arena, scenario->n_providers, sizeof *plan->providers);
    plan->sources = surety_arena_calloc(&plan->arena, n_sources, sizeof *plan->sources);
    plan->effects = surety_arena_calloc(&plan->arena, n_effects, sizeof *plan->effects);
    if (plan->providers == NULL || plan->sources == NULL || plan->effects == NULL)
        return surety_plan_out_of_memory(b);
    plan->n_providers = scenario->n_providers;
    enum surety_err err = plan_causes(b);
    for (uint32_t i = 0; err == SURETY_OK && i < scenario->n_providers; i++)
        err = plan_provider(b, i);
    return err;
}
