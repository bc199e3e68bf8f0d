// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/scenario/plan_hash.h"

#include "sim/base/episode.h"

#include "sim/base/fmath.h"
#include "sim/scenario/uncertain.h"

#include <string.h>

uint64_t surety_hash_bytes(uint64_t hash, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ p[i]) * UINT64_C(0x100000001b3);
    return hash;
}

uint64_t surety_hash_text(uint64_t hash, const char *text)
{
    return surety_hash_bytes(hash, text, strlen(text) + 1);
}

uint64_t surety_hash_u64(uint64_t hash, uint64_t value)
{
    for (int i = 0; i < 8; i++, value >>= 8)
        hash = surety_hash_bytes(hash, &(unsigned char){(unsigned char)value}, 1);
    return hash;
}

uint64_t surety_hash_double(uint64_t hash, double value)
{
    uint64_t bits;
    value = value == 0 ? 0 : value;
    memcpy(&bits, &value, sizeof bits);
    return surety_hash_u64(hash, bits);
}

uint64_t surety_hash_law(uint64_t hash, const struct surety_law *law)
{
    hash = surety_hash_u64(hash, law->kind);
    const double parameters[] = {law->a, law->b, law->shift, law->max};
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++)
        hash = surety_hash_double(hash, surety_round40(parameters[i]));
    hash = surety_hash_u64(hash, law->n);
    for (size_t i = 0; i < law->n; i++) {
        if (law->kind == SURETY_LAW_MIXTURE) {
            hash = surety_hash_double(hash, surety_round40(law->parts[i].weight));
            hash = surety_hash_law(hash, &law->parts[i].of);
        } else {
            hash = surety_hash_double(hash, law->values[i]);
        }
    }
    return hash;
}

static uint64_t hash_doubles(uint64_t hash, const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        hash = surety_hash_double(hash, values[i]);
    return hash;
}

static uint64_t hash_source(uint64_t hash, const struct surety_plan *plan, const struct surety_plan_source *s)
{
    hash = surety_hash_text(hash, s->path);
    const uint64_t flags = (uint64_t)s->kind << 2 | (uint64_t)s->start_up << 1 | (uint64_t)s->own_repair;
    hash = surety_hash_u64(hash, (uint64_t)s->stream << 8 | flags);
    for (size_t i = 0; i < s->n_effects; i++) {
        const struct surety_plan_effect *e = &plan->effects[s->effects[i]];
        hash = surety_hash_u64(hash, (uint64_t)e->provider << 32 | e->hits_stream);
        hash = surety_hash_u64(hash, e->repair_stream);
        hash = hash_doubles(hash, (double[]){e->p_hits, e->failing}, 2);
    }
    if (s->kind == SURETY_SOURCE_RECORD) {
        hash = surety_hash_text(hash, s->record_sha256);
        for (size_t i = 0; i < s->n_recorded; i++)
            hash = surety_hash_u64(surety_hash_u64(hash, (uint64_t)s->recorded[i].from_us),
                                   (uint64_t)s->recorded[i].to_us);
        hash = surety_hash_u64(surety_hash_u64(hash, (uint64_t)s->circle_us), (uint64_t)s->block_us);
        return surety_hash_u64(hash, (uint64_t)s->phase_us);
    }
    if (s->kind == SURETY_SOURCE_MAINTENANCE) {
        hash = surety_hash_u64(surety_hash_u64(hash, (uint64_t)s->first_us), (uint64_t)s->every_us);
        return surety_hash_u64(hash, (uint64_t)s->lasts_us);
    }
    hash = surety_hash_u64(hash, s->laws_hash);
    hash = hash_doubles(hash, (double[]){s->p_up, s->up_scale, s->down_scale}, 3);
    if (s->drift > 0)
        hash = hash_doubles(hash, (double[]){s->drift, s->spread, s->drift_from_years}, 3);
    hash = surety_hash_u64(hash, (uint64_t)s->rhythm->week_offset_us);
    return hash_doubles(hash, s->rhythm->slope, SURETY_HOURS_A_WEEK);
}

static uint64_t hash_architecture(uint64_t hash, const struct surety_plan_architecture *a)
{
    hash = surety_hash_text(hash, a->name);
    for (uint32_t i = 0; i < a->n_nodes; i++) {
        const struct surety_plan_node *n = &a->nodes[i];
        hash = surety_hash_text(hash, n->type != NULL ? n->type->name : "leaf");
        hash = surety_hash_text(hash, n->path);
        hash = surety_hash_u64(hash, (uint64_t)n->provider << 32 | n->parent);
        hash = surety_hash_u64(hash, n->stream);
        if (n->type != NULL)
            hash = surety_hash_bytes(
                hash, n->params, n->type->hashed_size != NULL ? n->type->hashed_size(n->params) : n->type->params_size);
    }
    return hash;
}

static uint64_t hash_measures(uint64_t hash, const struct surety_plan *plan)
{
    const struct surety_plan_measures *m = &plan->measures;
    const int64_t integers[] = {m->cell_us, m->shortest_run_us, m->interval_us, m->failures, m->sites, m->quorum};
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++)
        hash = surety_hash_u64(hash, (uint64_t)integers[i]);
    hash = surety_hash_double(hash, surety_round40(m->false_positive));
    for (size_t i = 0; i < plan->hours.n; i++)
        hash = surety_hash_u64(surety_hash_u64(hash, (uint64_t)plan->hours.from_us[i]), (uint64_t)plan->hours.to_us[i]);
    for (size_t i = 0; i < plan->n_sources; i++)
        hash = surety_hash_u64(hash, (uint64_t)plan->sources[i].treatment);
    return hash;
}

uint64_t surety_plan_hash(const struct surety_plan *plan)
{
    uint64_t hash = surety_hash_u64(SURETY_HASH_START, (uint64_t)plan->week_offset_us);
    for (size_t w = 0; w <= plan->n_windows; w++)
        hash = surety_hash_u64(hash, (uint64_t)plan->window_us[w]);
    for (size_t i = 0; i < plan->n_sources; i++)
        hash = hash_source(hash, plan, &plan->sources[i]);
    for (size_t i = 0; i < plan->n_providers; i++)
        hash = surety_hash_double(surety_hash_text(hash, plan->providers[i].name), plan->providers[i].request_errors);
    for (size_t i = 0; i < plan->n_architectures; i++)
        hash = hash_architecture(hash, &plan->architectures[i]);
    for (size_t i = 0; i < plan->n_demands; i++) {
        hash = surety_hash_u64(hash, (uint64_t)plan->demands[i].week_offset_us);
        hash = hash_doubles(hash, plan->demands[i].rate, SURETY_HOURS_A_WEEK);
        hash = hash_doubles(hash, plan->demands[i].growth, plan->n_windows);
        hash = hash_doubles(hash, plan->demands[i].cost_per_request, plan->n_providers);
        hash = surety_hash_double(hash, plan->demands[i].requests_per_task);
    }
    for (size_t i = 0; i < plan->n_tiers; i++) {
        hash = surety_hash_u64(surety_hash_text(hash, plan->tiers[i].name), (uint64_t)plan->tiers[i].availability_ppb);
        for (size_t w = 0; w < plan->n_windows; w++)
            hash = surety_hash_u64(hash, (uint64_t)plan->tiers[i].fee_micro[w]);
    }
    for (size_t i = 0; i < plan->credits.n_ladder; i++)
        hash = surety_hash_u64(surety_hash_u64(hash, (uint64_t)plan->credits.ladder[i].below_ppb),
                               (uint64_t)plan->credits.ladder[i].credit_ppb);
    hash =
        surety_hash_u64(surety_hash_u64(hash, (uint64_t)plan->credits.cap_ppb), (uint64_t)plan->credits.cap_term_ppb);
    hash = surety_hash_double(hash, plan->credits.p_claimed);
    hash = hash_doubles(hash,
                        (double[]){plan->sign_every_month_met, plan->sign_month_met, plan->credits_at_most,
                                   plan->priced_credits_p95_at_most},
                        4);
    hash = surety_hash_u64(hash, (uint64_t)plan->measure << 1 | plan->expected_counts);
    hash = surety_hash_u64(hash, (uint64_t)plan->down_at_ppb);
    hash = hash_measures(surety_hash_u64(hash, (uint64_t)plan->minimum_outage_us), plan);
    hash = surety_hash_reserved(surety_hash_limits(surety_hash_latency(hash, plan), plan), plan);
    return surety_hash_cost(surety_hash_quality(hash, plan), plan);
}

uint64_t surety_plan_hash_inputs(uint64_t hash, const struct surety_uncertain *uncertain)
{
    for (size_t i = 0; i < uncertain->n; i++) {
        const struct surety_uncertain_input *in = &uncertain->inputs[i];
        if (in->path == NULL)
            continue;
        hash = surety_hash_law(surety_hash_text(hash, in->path), &in->law);
        hash = hash_doubles(hash, (double[]){in->low, in->high}, 2);
    }
    return hash;
}
