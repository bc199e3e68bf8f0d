// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/scenario/plan_quality.h"

#include "sim/base/binomial.h"
#include "sim/base/fmath.h"
#include "sim/base/ppb.h"
#include "sim/scenario/plan_builder.h"
#include "sim/scenario/plan_hash.h"

#include <math.h>
#include <string.h>

bool surety_pass_rate_of(const struct surety_provider *provider, const struct surety_suite *suite, const char *scenario,
                         double *out)
{
    const char *const names[] = {scenario, suite->name};
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; names[k] != NULL && i < provider->n_quality; i++)
            if (strcmp(provider->quality[i].name, names[k]) == 0) {
                *out = provider->quality[i].pass_rate;
                return true;
            }
    return false;
}

size_t surety_plan_n_checks(const struct surety_quality *quality)
{
    size_t n = 0;
    for (size_t i = 0; i < quality->n_suites; i++)
        n += quality->suites[i].n_scenarios > 0 ? quality->suites[i].n_scenarios : 1;
    return n;
}

static enum surety_err plan_check(struct surety_plan_builder *b, const struct surety_suite *suite, uint32_t id,
                                  const char *scenario, struct surety_plan_check *out)
{
    struct surety_plan *plan = b->plan;
    const char *path =
        surety_arena_printf(&plan->arena, "%s.quality.suites.%s%s%s", b->scenario->contract_path, suite->name,
                            scenario != NULL ? ".scenarios." : "", scenario != NULL ? scenario : "");
    *out = (struct surety_plan_check){
        .name = surety_arena_printf(&plan->arena, "%s", scenario != NULL ? scenario : suite->name),
        .suite = id,
        .rate = surety_arena_calloc(&plan->arena, plan->n_providers, sizeof *out->rate)};
    if (path == NULL || out->name == NULL || out->rate == NULL)
        return surety_plan_out_of_memory(b);
    for (size_t p = 0; p < plan->n_providers; p++)
        if (!surety_pass_rate_of(&b->scenario->providers[p], suite, scenario, &out->rate[p]))
            out->rate[p] = -1;
    out->stream = surety_plan_stream(plan, path, "judgements");
    return SURETY_OK;
}

static enum surety_err plan_suite(struct surety_plan_builder *b, const struct surety_suite *suite, uint32_t id)
{
    struct surety_plan_quality *q = &b->plan->quality;
    const bool issues = suite->kind == SURETY_SUITE_ISSUES;
    const size_t n = suite->n_scenarios > 0 ? suite->n_scenarios : 1;
    struct surety_plan_suite *to = &q->suites[id];
    *to = (struct surety_plan_suite){.name = surety_arena_printf(&b->plan->arena, "%s", suite->name),
                                     .kind = suite->kind,
                                     .n_cases = suite->n_cases,
                                     .every_us = issues ? SURETY_NEVER : (int64_t)(suite->every_s * 1e6 + 0.5),
                                     .sensitivity = issues ? 1 - suite->false_reports : suite->sensitivity,
                                     .specificity = issues ? suite->reported : suite->specificity,
                                     .adjusted = suite->adjusted == 1,
                                     .issues = issues,
                                     .demand = suite->workload == SIZE_MAX ? UINT32_MAX : (uint32_t)suite->workload,
                                     .first_check = (uint32_t)q->n_checks,
                                     .n_checks = (uint32_t)n,
                                     .per_case = suite->per_case};
    b->plan->has_costs = b->plan->has_costs || suite->per_case > 0;
    enum surety_err err = to->name != NULL ? SURETY_OK : surety_plan_out_of_memory(b);
    for (size_t i = 0; err == SURETY_OK && i < n; i++)
        err = plan_check(b, suite, id, suite->n_scenarios > 0 ? suite->scenarios[i] : NULL, &q->checks[q->n_checks++]);
    return err;
}

static void plan_target(struct surety_plan_quality *q, uint32_t tier, const struct surety_quality_target *from)
{
    const struct surety_plan_suite *suite = &q->suites[from->suite];
    const int64_t rate_ppb = suite->issues ? SURETY_PPB_ONE - from->issue_rate_ppb : from->pass_rate_ppb;
    const double bar = surety_judged((double)rate_ppb / (double)SURETY_PPB_ONE, suite->sensitivity, suite->specificity);
    q->targets[q->n_targets++] =
        (struct surety_plan_quality_target){.tier = tier,
                                            .suite = (uint32_t)from->suite,
                                            .rate_ppb = rate_ppb,
                                            .bar_ppb = suite->adjusted ? surety_ppb(bar) : rate_ppb};
}

static enum surety_err plan_model_changes(struct surety_plan_builder *b, uint32_t provider)
{
    struct surety_plan *plan = b->plan;
    const struct surety_model_changes *from = &b->scenario->providers[provider].model_changes;
    const char *path = surety_arena_printf(&plan->arena, "providers.%s.model_changes", plan->providers[provider].name);
    struct surety_sampler *drop = surety_arena_calloc(&plan->arena, 1, sizeof *drop);
    if (path == NULL || drop == NULL)
        return surety_plan_out_of_memory(b);
    const enum surety_sampler_err err = surety_sampler_compile_again(&from->drop, SURETY_SAMPLE_PLAIN, b->tables, drop);
    if (err == SURETY_SAMPLER_NO_MEMORY)
        return surety_plan_out_of_memory(b);
    if (err != SURETY_SAMPLER_OK) {
        surety_diag_add(b->diags, SURETY_D_LAW, from->place, path, NULL, "the law of `drop` has no finite table");
        return SURETY_E_INPUT;
    }
    struct surety_plan_model_changes *to = &plan->quality.changes[plan->quality.n_changes++];
    *to = (struct surety_plan_model_changes){.provider = provider,
                                             .mean_gap_us = surety_round40(1e6 / from->rate_per_s),
                                             .p_worse = from->p_worse,
                                             .drop = drop,
                                             .law_hash = surety_hash_law(SURETY_HASH_START, &from->drop),
                                             .gap_stream = surety_plan_stream(plan, path, "gaps"),
                                             .worse_stream = surety_plan_stream(plan, path, "worse"),
                                             .drop_stream = surety_plan_stream(plan, path, "drops"),
                                             .eval_stream = surety_plan_stream(plan, path, "evals"),
                                             .has_evals = from->evals.given};
    if (!from->evals.given)
        return SURETY_OK;
    to->suite = (uint32_t)from->evals.suite;
    to->check = plan->quality.suites[to->suite].first_check;
    to->n_cases = from->evals.n_cases;
    to->every_us = (int64_t)(from->evals.every_s * 1e6 + 0.5);
    to->below_ppb = from->evals.below_ppb;
    to->rollback_us = (int64_t)(from->evals.rollback_s * 1e6 + 0.5);
    return SURETY_OK;
}

enum surety_err surety_plan_qualities(struct surety_plan_builder *b)
{
    const struct surety_contract *contract = &b->scenario->contract;
    struct surety_plan *plan = b->plan;
    struct surety_plan_quality *q = &plan->quality;
    const size_t n = contract->quality.n_suites;
    size_t n_targets = 0;
    if (n == 0)
        return SURETY_OK;
    for (size_t t = 0; t < contract->n_tiers; t++)
        n_targets += contract->tiers[t].n_quality;
    q->suites = surety_arena_calloc(&plan->arena, n, sizeof *q->suites);
    q->checks = surety_arena_calloc(&plan->arena, surety_plan_n_checks(&contract->quality), sizeof *q->checks);
    q->targets = surety_arena_calloc(&plan->arena, n_targets, sizeof *q->targets);
    q->changes = surety_arena_calloc(&plan->arena, plan->n_providers, sizeof *q->changes);
    if (q->suites == NULL || q->checks == NULL || q->targets == NULL || q->changes == NULL)
        return surety_plan_out_of_memory(b);
    q->wrong_at_most = contract->quality.wrong_at_most;
    enum surety_err err = SURETY_OK;
    for (size_t i = 0; err == SURETY_OK && i < n; i++)
        err = plan_suite(b, &contract->quality.suites[i], (uint32_t)q->n_suites++);
    for (size_t t = 0; err == SURETY_OK && t < contract->n_tiers; t++)
        for (size_t i = 0; i < contract->tiers[t].n_quality; i++)
            plan_target(q, (uint32_t)t, &contract->tiers[t].quality[i]);
    for (uint32_t i = 0; err == SURETY_OK && i < plan->n_providers; i++)
        if (b->scenario->providers[i].model_changes.given)
            err = plan_model_changes(b, i);
    return err;
}

uint64_t surety_hash_quality(uint64_t hash, const struct surety_plan *plan)
{
    const struct surety_plan_quality *q = &plan->quality;
    if (q->n_suites == 0)
        return hash; // plans without suites keep their hash
    for (size_t i = 0; i < plan->n_effects; i++)
        hash = surety_hash_double(hash, plan->effects[i].quality_shift);
    for (size_t i = 0; i < q->n_suites; i++) {
        const struct surety_plan_suite *s = &q->suites[i];
        hash = surety_hash_u64(surety_hash_text(hash, s->name), (uint64_t)s->kind << 1 | s->adjusted);
        hash = surety_hash_u64(surety_hash_u64(hash, (uint64_t)s->n_cases), (uint64_t)s->every_us);
        hash = surety_hash_double(surety_hash_double(hash, s->sensitivity), s->specificity);
        hash = surety_hash_u64(hash, s->demand);
        hash = surety_hash_double(hash, isnan(s->per_case) ? -1 : s->per_case);
    }
    for (size_t i = 0; i < q->n_checks; i++) {
        hash = surety_hash_u64(surety_hash_text(hash, q->checks[i].name), q->checks[i].stream);
        for (size_t p = 0; p < plan->n_providers; p++)
            hash = surety_hash_double(hash, q->checks[i].rate[p]);
    }
    for (size_t i = 0; i < q->n_targets; i++) {
        const struct surety_plan_quality_target *t = &q->targets[i];
        hash = surety_hash_u64(surety_hash_u64(hash, (uint64_t)t->tier << 32 | t->suite), (uint64_t)t->rate_ppb);
    }
    for (size_t i = 0; i < q->n_changes; i++) {
        const struct surety_plan_model_changes *c = &q->changes[i];
        hash = surety_hash_u64(surety_hash_u64(hash, (uint64_t)c->provider << 32 | c->gap_stream), c->law_hash);
        hash = surety_hash_double(surety_hash_double(hash, c->mean_gap_us), c->p_worse);
        hash = surety_hash_u64(surety_hash_u64(hash, (uint64_t)c->has_evals << 32 | c->suite), (uint64_t)c->n_cases);
        hash = surety_hash_u64(surety_hash_u64(hash, (uint64_t)c->every_us), (uint64_t)c->below_ppb);
        hash = surety_hash_u64(hash, (uint64_t)c->rollback_us);
    }
    return surety_hash_double(hash, q->wrong_at_most);
}
