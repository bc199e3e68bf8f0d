// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/fmath.h"
#include "sim/scenario/plan_builder.h"
#include "sim/scenario/plan_hash.h"

#include <math.h>
#include <string.h>

// The grid's limits: cells enough for the narrowest law, few enough for a convolution in milliseconds.
#define LEAST_CELLS 1024
#define MOST_CELLS 16384
#define CELLS_A_SCALE 4.0       // a law's standard deviation, by its quartiles, is so many steps
#define LEAST_CELLS_A_SCALE 2.0 // the same where promises and timeouts ask for a long reach
#define LEAST_WEIGHT 1e-3       // of a component of a law that has to be resolved
#define REACH 0.999             // this quantile of each law is on the grid; what lies beyond is known to be later

static struct surety_law *copy_law(struct surety_arena *arena, const struct surety_law *law)
{
    struct surety_law *copy = surety_arena_alloc(arena, sizeof *copy);
    if (copy == NULL)
        return NULL;
    *copy = *law;
    if (law->kind == SURETY_LAW_EMPIRICAL) {
        double *values = surety_arena_calloc(arena, law->n, sizeof *values);
        if (values != NULL)
            memcpy(values, law->values, law->n * sizeof *values);
        copy->values = values;
        return values != NULL ? copy : NULL;
    }
    if (law->kind != SURETY_LAW_MIXTURE)
        return copy;
    struct surety_law_part *parts = surety_arena_calloc(arena, law->n, sizeof *parts);
    for (size_t i = 0; parts != NULL && i < law->n; i++) {
        const struct surety_law *part = copy_law(arena, &law->parts[i].of);
        if (part == NULL)
            return NULL;
        parts[i] = (struct surety_law_part){law->parts[i].weight, *part};
    }
    copy->parts = parts;
    return parts != NULL ? copy : NULL;
}

// --- targets ---------------------------------------------------------------------------------------------------

static enum surety_err plan_targets(struct surety_plan_builder *b)
{
    const struct surety_contract *contract = &b->scenario->contract;
    struct surety_plan_latency *l = &b->plan->latency;
    size_t n = 0;
    for (size_t t = 0; t < contract->n_tiers; t++)
        n += contract->tiers[t].n_latency;
    l->targets = surety_arena_calloc(&b->plan->arena, n, sizeof *l->targets);
    if (l->targets == NULL)
        return surety_plan_out_of_memory(b);
    for (size_t t = 0; t < contract->n_tiers; t++)
        for (size_t i = 0; i < contract->tiers[t].n_latency; i++) {
            const struct surety_latency_target *from = &contract->tiers[t].latency[i];
            struct surety_plan_target *to = &l->targets[l->n_targets++];
            *to = (struct surety_plan_target){.tier = (uint32_t)t,
                                              .demand = (uint32_t)from->workload,
                                              .metric = from->metric,
                                              .whole = from->metric != SURETY_METRIC_FIRST_TOKEN,
                                              .share = surety_round40(from->percentile / 100),
                                              .percentile = from->percentile,
                                              .target_s = from->target_s,
                                              .failed_infinite = from->failed_as == SURETY_FAILED_INFINITE,
                                              .over_cells = from->over == SURETY_OVER_INTERVALS,
                                              .cells_met_ppb = from->cells_met_ppb,
                                              .n_probes = from->n_probes};
        }
    return SURETY_OK;
}

// --- the grid --------------------------------------------------------------------------------------------------

// The largest factor that an outage puts on the provider's latency.
static double worst_factor(const struct surety_plan *plan, uint32_t provider)
{
    const struct surety_plan_provider *p = &plan->providers[provider];
    double worst = 1;
    for (uint32_t e = 0; e < p->n_effects; e++)
        worst = fmax(worst, plan->effects[p->first_effect + e].latency_factor);
    return worst;
}

// The last token of a full batch, 0 without one. Adds the wait for a place to *sum: behind a full queue and half as long
// again, for its law is taken as gamma and has a tail, but at most some hundred others a place.
static double reach_of_places(const struct surety_plan *plan, uint32_t provider, double *sum)
{
    const struct surety_plan_limits *l = &plan->loads.limits[provider];
    const double step_s = l->step_s + l->per_request_s * (double)l->concurrency;
    double most = 0, place_s = 0;
    for (size_t d = 0; d < plan->n_demands; d++) {
        if (l->step_s > 0)
            most = fmax(most, step_s * surety_law_quantile(plan->latency.output_tokens[d], REACH));
        place_s = fmax(place_s, l->step_s > 0 ? l->steps[d].mean * step_s : l->place_s[d].mean);
    }
    *sum += fmin(1.5 * l->queue / (double)l->concurrency, 100) * place_s;
    return most;
}

// How far the latencies below a node go.
static double reach_below(const struct surety_plan *plan, const struct surety_plan_architecture *a, uint32_t node)
{
    const struct surety_plan_node *n = &a->nodes[node];
    const struct surety_plan_latency *l = &plan->latency;
    double sum = 0, most = 0;
    if (n->type == NULL) {
        const struct surety_plan_latency_laws *laws = &l->laws[n->provider];
        if (laws->first_token == NULL)
            return 0;
        sum = surety_law_quantile(laws->first_token, REACH);
        for (size_t d = 0; laws->per_output_token != NULL && d < plan->n_demands; d++)
            most = fmax(most, surety_law_quantile(l->output_tokens[d], sqrt(REACH)) *
                                  surety_law_quantile(laws->per_output_token, sqrt(REACH)));
        if (plan->loads.on && plan->loads.limits[n->provider].concurrency > 0)
            most = fmax(most, reach_of_places(plan, n->provider, &sum));
        return (sum + most) * worst_factor(plan, n->provider);
    }
    for (uint32_t k = 0; k < n->n_children; k++) {
        const double reach = reach_below(plan, a, a->children[n->first_child + k]);
        sum += reach;
        most = fmax(most, reach);
    }
    if (n->type->delay_s != NULL)
        return n->type->delay_s(n->params, n->n_children) + most;
    return n->type->asks_all ? sum : most;
}

// The smallest scale on which a component of a law varies that has a weight worth a percentile; atoms have none.
static double scale_of(struct surety_plan_builder *b, const struct surety_law *law)
{
    double finest = INFINITY;
    struct surety_law_atom *parts = surety_arena_calloc(&b->plan->arena, surety_law_n_atoms(law), sizeof *parts);
    const size_t n = parts != NULL ? surety_law_flatten(law, parts) : 0;
    for (size_t i = 0; i < n; i++) {
        const double spread =
            (surety_law_quantile(&parts[i].of, 0.75) - surety_law_quantile(&parts[i].of, 0.25)) / 1.349;
        if (spread > 0 && parts[i].weight >= LEAST_WEIGHT)
            finest = fmin(finest, spread);
    }
    return finest;
}

static double finest_scale(struct surety_plan_builder *b, const struct surety_plan_architecture *a)
{
    double finest = INFINITY;
    for (uint32_t i = 0; i < a->n_nodes; i++) {
        const struct surety_law *law =
            a->nodes[i].type == NULL ? b->plan->latency.laws[a->nodes[i].provider].first_token : NULL;
        if (law != NULL)
            finest = fmin(finest, scale_of(b, law));
    }
    return finest;
}

// The longest time that has to lie on the grid: promises, and what nodes compare times with.
static double longest_needed(const struct surety_plan *plan, const struct surety_plan_architecture *a)
{
    double longest = 0;
    for (size_t i = 0; i < plan->latency.n_targets; i++)
        longest = fmax(longest, 1.05 * plan->latency.targets[i].target_s);
    for (uint32_t i = 0; i < a->n_nodes; i++)
        if (a->nodes[i].type != NULL && a->nodes[i].type->delay_s != NULL)
            longest = fmax(longest, 1.05 * a->nodes[i].type->delay_s(a->nodes[i].params, a->nodes[i].n_children));
    return longest;
}

// The step resolves the narrowest law; how far the grid reaches comes second. What lies beyond it is known to be later,
// and percentiles there are not told.
static enum surety_err plan_grid(struct surety_plan_builder *b, struct surety_plan_architecture *a)
{
    struct surety_plan *plan = b->plan;
    const double scale_s = finest_scale(b, a), needed_s = longest_needed(plan, a);
    double reach_s = fmax(0.1, fmax(needed_s, reach_below(plan, a, a->n_nodes - 1)));
    reach_s = fmin(reach_s, fmax(needed_s, MOST_CELLS / CELLS_A_SCALE * scale_s));
    if (reach_s > MOST_CELLS / LEAST_CELLS_A_SCALE * scale_s)
        return surety_plan_too_large(
            b, (struct surety_place){0, 0}, a->name,
            "give the narrowest law of first_token as a fixed time, or shorten timeouts, waits "
            "and targets",
            "the latencies here differ too much in scale to be computed together");
    size_t n = LEAST_CELLS;
    while (n < MOST_CELLS && (double)n < reach_s / scale_s * CELLS_A_SCALE)
        n *= 2;
    a->latency_grid = surety_arena_alloc(&plan->arena, sizeof *a->latency_grid);
    if (a->latency_grid == NULL)
        return surety_plan_out_of_memory(b);
    const double step_s = surety_latency_round_step(reach_s, n);
    return surety_latency_grid_init(a->latency_grid, step_s, n) == SURETY_OK ? SURETY_OK : surety_plan_out_of_memory(b);
}

static enum surety_err plan_grids(struct surety_plan_builder *b)
{
    enum surety_err err = SURETY_OK;
    for (size_t i = 0; err == SURETY_OK && i < b->plan->n_architectures; i++) {
        struct surety_plan_architecture *a = &b->plan->architectures[i];
        a->borrows_grid = b->base != NULL; // what all draws read has one grid
        if (a->borrows_grid)
            a->latency_grid = b->base->architectures[i].latency_grid;
        else
            err = plan_grid(b, a);
    }
    if (b->base != NULL)
        b->plan->latency.pool = b->base->latency.pool;
    return err;
}

// --- all of it -------------------------------------------------------------------------------------------------

static enum surety_err plan_laws(struct surety_plan_builder *b)
{
    const struct surety_scenario *scenario = b->scenario;
    struct surety_plan *plan = b->plan;
    struct surety_plan_latency *l = &plan->latency;
    l->laws = surety_arena_calloc(&plan->arena, plan->n_providers, sizeof *l->laws);
    l->output_tokens = surety_arena_calloc(&plan->arena, plan->n_demands, sizeof *l->output_tokens);
    if (l->laws == NULL || l->output_tokens == NULL)
        return surety_plan_out_of_memory(b);
    for (size_t p = 0; p < plan->n_providers; p++) {
        const struct surety_latency_laws *laws = &scenario->providers[p].latency;
        if (!laws->given || !scenario->providers[p].used)
            continue;
        l->on = true;
        l->laws[p].first_token = copy_law(&plan->arena, &laws->first_token);
        if (laws->has_per_token)
            l->laws[p].per_output_token = copy_law(&plan->arena, &laws->per_output_token);
        l->has_whole = l->has_whole || laws->has_per_token || scenario->providers[p].capacity.batch.given;
        if (l->laws[p].first_token == NULL || (laws->has_per_token && l->laws[p].per_output_token == NULL))
            return surety_plan_out_of_memory(b);
    }
    for (size_t d = 0; d < plan->n_demands; d++) {
        l->output_tokens[d] = copy_law(&plan->arena, &scenario->workloads[d].output_tokens);
        l->rate_per_s += plan->demands[d].cumulative[SURETY_HOURS_A_WEEK] / (SURETY_HOURS_A_WEEK * 3600.0);
        if (l->output_tokens[d] == NULL)
            return surety_plan_out_of_memory(b);
    }
    return SURETY_OK;
}

// Laws and what outages do to them; not how often.
static uint64_t hash_laws(uint64_t hash, const struct surety_plan *plan)
{
    const struct surety_plan_latency *l = &plan->latency;
    for (size_t p = 0; p < plan->n_providers; p++) {
        if (l->laws[p].first_token != NULL)
            hash = surety_hash_law(surety_hash_u64(hash, p), l->laws[p].first_token);
        if (l->laws[p].per_output_token != NULL)
            hash = surety_hash_law(surety_hash_u64(hash, p), l->laws[p].per_output_token);
    }
    for (size_t d = 0; l->has_whole && d < plan->n_demands; d++)
        hash = surety_hash_law(hash, l->output_tokens[d]);
    for (size_t i = 0; i < plan->n_effects; i++)
        hash = surety_hash_u64(surety_hash_double(hash, surety_round40(plan->effects[i].latency_factor)),
                               plan->effects[i].hangs);
    for (size_t i = 0; i < plan->n_architectures; i++)
        hash = surety_hash_u64(surety_hash_double(hash, plan->architectures[i].latency_grid->step_s),
                               plan->architectures[i].latency_grid->n);
    return hash;
}

static uint64_t hash_content(const struct surety_plan *plan)
{
    const struct surety_plan_latency *l = &plan->latency;
    uint64_t hash = hash_laws(surety_hash_u64(SURETY_HASH_START, plan->n_demands), plan);
    for (size_t p = 0; p < plan->n_providers; p++)
        hash = surety_hash_u64(surety_hash_double(hash, plan->providers[p].request_errors),
                               (uint64_t)plan->providers[p].first_effect << 32 | plan->providers[p].n_effects);
    for (size_t i = 0; i < plan->n_effects; i++)
        hash = surety_hash_double(hash, plan->effects[i].failing);
    for (size_t i = 0; i < l->n_targets; i++)
        hash = surety_hash_double(surety_hash_u64(hash, (uint64_t)l->targets[i].demand << 1 | l->targets[i].whole),
                                  l->targets[i].target_s);
    for (size_t i = 0; i < plan->n_architectures; i++)
        for (uint32_t k = 0; k < plan->architectures[i].n_nodes; k++) {
            const struct surety_plan_node *node = &plan->architectures[i].nodes[k];
            hash = surety_hash_text(hash, node->type != NULL ? node->type->name : "leaf");
            hash = surety_hash_u64(hash, (uint64_t)node->provider << 32 | node->parent);
            if (node->type == NULL || node->type->needs_response == NULL)
                continue; // what it does is in the shares of its routes
            hash = surety_hash_bytes(hash, node->params, node->type->params_size);
            hash = surety_hash_double(hash, l->rate_per_s); // cooldowns hang on it
        }
    hash = surety_hash_limits(hash, plan);
    for (size_t i = 0; plan->loads.on && i < plan->loads.n_levels * plan->n_demands; i++)
        hash = surety_hash_double(hash, plan->loads.rate_per_s[i]);
    return hash;
}

enum surety_err surety_plan_latencies(struct surety_plan_builder *b)
{
    struct surety_plan *plan = b->plan;
    enum surety_err err = plan_laws(b);
    plan->latency.probes_stream = surety_plan_stream(plan, b->scenario->contract_path, "latency probes");
    for (size_t i = 0; i < plan->n_architectures; i++)
        for (uint32_t k = 0; k < plan->architectures[i].n_nodes; k++) {
            const struct surety_plan_node *node = &plan->architectures[i].nodes[k];
            if (node->type != NULL && node->type->needs_response != NULL && node->type->needs_response(node->params))
                plan->latency.on = true;
        }
    if (err == SURETY_OK)
        err = plan_targets(b);
    if (err == SURETY_OK && plan->latency.on)
        err = plan_grids(b);
    if (err == SURETY_OK && plan->latency.on)
        plan->latency.content = hash_content(plan);
    return err;
}

uint64_t surety_hash_latency(uint64_t hash, const struct surety_plan *plan)
{
    const struct surety_plan_latency *l = &plan->latency;
    if (!l->on)
        return hash; // plans without latencies keep their hash
    hash = hash_laws(hash, plan);
    for (size_t i = 0; i < l->n_targets; i++) {
        const struct surety_plan_target *t = &l->targets[i];
        hash = surety_hash_u64(surety_hash_u64(hash, (uint64_t)t->tier << 32 | t->demand), (uint64_t)t->metric);
        hash = surety_hash_double(surety_hash_double(hash, t->share), surety_round40(t->target_s));
        hash = surety_hash_u64(hash, (uint64_t)t->failed_infinite << 1 | t->over_cells);
        hash = surety_hash_u64(surety_hash_u64(hash, (uint64_t)t->cells_met_ppb), (uint64_t)t->n_probes);
    }
    return hash;
}
