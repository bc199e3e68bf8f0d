// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/flips.h"

#include "models/failover.h"
#include "sim/base/calendar.h"
#include "sim/base/intervals.h"
#include "sim/engine/verdict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N_SEARCH 4096    // replications of one evaluation
#define MOST_OUTAGES 2e6 // drawn in one evaluation
#define FARTHEST 16.0    // factor up to which a value is looked for
#define TOLERANCE 0.01   // relative, of the value
#define MAX_STEPS 12     // of false position; where they were not enough, it is halved
#define MIN_SHARE 0.02   // causes with a smaller share of the downtime are not searched

// One what-if world: the plan with private copies of what a search changes.
struct probe {
    const struct surety_scenario *scenario;
    const struct surety_plan *plan;
    struct surety_run_options options;
    struct surety_diags *diags;
    struct surety_result *result; // of the whole run
    struct surety_plan changed;
    struct surety_plan_source *sources;
    struct surety_plan_architecture architecture;
    struct surety_plan_node *nodes;
    double offset; // P(term met) of the whole run less that of the search's replications
    double offset_month, offset_credits;
    double fees; // of a term
};

// An input that can be searched: how to set it to `scale` times today's value.
struct input {
    const char *path, *what, *unit;
    double now;
    void (*set)(struct probe *probe, size_t index, double scale);
    size_t index;
    bool more_is_worse;
};

static void set_up(struct probe *probe, size_t index, double scale)
{
    struct surety_plan_source *s = &probe->sources[index];
    s->up_scale = probe->plan->sources[index].up_scale * scale;
    s->p_up = s->start_up ? s->p_up : s->mean_up_s * scale / (s->mean_up_s * scale + s->mean_down_s);
}

static void set_down(struct probe *probe, size_t index, double scale)
{
    struct surety_plan_source *s = &probe->sources[index];
    s->down_scale = scale;
    s->p_up = s->start_up ? s->p_up : s->mean_up_s / (s->mean_up_s + s->mean_down_s * scale);
}

static void set_detect(struct probe *probe, size_t index, double scale)
{
    const struct surety_failover_params *now =
        probe->plan->architectures[probe->result->verdict.architecture].nodes[index].params;
    struct surety_failover_params *params = (struct surety_failover_params *)(uintptr_t)probe->nodes[index].params;
    params->detect_us = (int64_t)((double)now->detect_us * scale + 0.5);
    if (now->retry_us == now->detect_us) // the default follows it
        params->retry_us = params->detect_us > 0 ? params->detect_us : 1;
}

// --- evaluation ------------------------------------------------------------------------------------------------

// How far the tier is from the rules of `sign_when`, by the interval that the whole run would have: the smallest
// surplus of a lower bound. Positive: safe.
static double safe_surplus(const struct probe *probe, const struct surety_tier_result *tier)
{
    const struct surety_plan *plan = probe->plan;
    const struct surety_result *r = probe->result;
    const double n = (double)r->n_replications, n_windows = (double)r->n_windows;
    const double narrower = sqrt((double)probe->options.n_replications / n); // errors of the whole run
    double least = INFINITY;
    if (!isnan(plan->sign_every_month_met)) {
        const double p = fmin(1, fmax(0, tier->term_met.p + probe->offset));
        least = surety_interval_wilson(p, n, r->confidence).low - plan->sign_every_month_met;
    }
    if (!isnan(plan->sign_month_met)) {
        const double p = fmin(1, fmax(0, tier->month_met.p + probe->offset_month));
        const double se = tier->breaches_per_term.se / n_windows * narrower;
        const struct surety_interval interval =
            surety_interval_wilson_effective(p, se, n, n * n_windows, r->confidence);
        least = fmin(least, interval.low - plan->sign_month_met);
    }
    if (!isnan(plan->credits_at_most)) {
        const struct surety_interval credits = surety_interval_normal(
            tier->credits_per_term.mean + probe->offset_credits, tier->credits_per_term.se * narrower, r->confidence);
        least = fmin(least, tier->has_credits ? plan->credits_at_most - credits.high / probe->fees : -1);
    }
    return least;
}

// How far it is from the rules of `priced_when`, in shares of the fees. Positive: at least priced.
static double priced_surplus(const struct probe *probe, const struct surety_tier_result *tier)
{
    if (!tier->has_credits || isnan(probe->plan->priced_credits_p95_at_most))
        return -1;
    const double credits = probe->plan->priced_credits_p95_at_most - tier->credits_quantiles.p95 / probe->fees;
    const double margin = tier->margin_p05 / probe->fees;
    return fmin(credits, margin > 0 ? margin : fmin(margin, -1e-9)); // a margin of nothing is not positive
}

// How far it is from another outcome: from safe, and from nothing at all also from priced.
static double surplus(const struct probe *probe, const struct surety_tier_result *tier)
{
    const double safe = safe_surplus(probe, tier);
    return probe->result->verdict.outcome == SURETY_OUTCOME_NO ? fmax(safe, priced_surplus(probe, tier)) : safe;
}

static enum surety_outcome outcome_of(const struct probe *probe, const struct surety_tier_result *tier)
{
    return safe_surplus(probe, tier) >= 0     ? SURETY_OUTCOME_SAFE
           : priced_surplus(probe, tier) >= 0 ? SURETY_OUTCOME_PRICED
                                              : SURETY_OUTCOME_NO;
}

// Runs the changed plan and gives the verdict's tier on the verdict's architecture.
static enum surety_err evaluate(struct probe *probe, struct surety_tier_result *out)
{
    struct surety_result *r;
    const enum surety_err err = surety_run(probe->scenario, &probe->changed, &probe->options, probe->diags, &r);
    if (err != SURETY_OK)
        return err;
    *out = r->architectures[0].tiers[probe->result->verdict.tier];
    surety_result_destroy(r);
    return SURETY_OK;
}

static enum surety_err evaluate_at(struct probe *probe, const struct input *input, double log_scale, double *out,
                                   enum surety_outcome *outcome)
{
    struct surety_tier_result tier;
    input->set(probe, input->index, exp(log_scale));
    const enum surety_err err = evaluate(probe, &tier);
    if (err == SURETY_OK) {
        *out = surplus(probe, &tier);
        *outcome = outcome_of(probe, &tier);
    }
    return err;
}

// The log of the factor at which the surplus changes sign, by the Illinois variant of false position; NAN when it does
// not within FARTHEST. beyond: the outcome on the other side.
static enum surety_err find_root(struct probe *probe, const struct input *input, double surplus_now, double *out,
                                 enum surety_outcome *beyond)
{
    const bool is_safe = probe->result->verdict.outcome == SURETY_OUTCOME_SAFE;
    enum surety_outcome outcome;
    const double direction = input->more_is_worse == is_safe ? 1 : -1;
    double a = 0, fa = surplus_now, b = direction * log(2), fb;
    enum surety_err err = evaluate_at(probe, input, b, &fb, beyond);
    // Outward in growing steps: far worlds have many more outages and take as much longer.
    while (err == SURETY_OK && (fb >= 0) == is_safe && fabs(b) < log(FARTHEST)) {
        if ((fa >= 0) == is_safe)
            a = b, fa = fb;
        b *= 2;
        err = evaluate_at(probe, input, b, &fb, beyond);
    }
    *out = NAN;
    if (err != SURETY_OK || (fb >= 0) == is_safe)
        return err;
    if ((fa >= 0) != is_safe) { // the search's replications differ from the whole run: it changes where it stands
        *out = 0;
        return err;
    }
    for (int step = 0, side = 0; fabs(b - a) > TOLERANCE; step++) {
        double c = (a * fb - b * fa) / (fb - fa), fc;
        if (step % 3 == 2 || step >= MAX_STEPS) // halve now and then: it is flat where everything or nothing is met
            c = (a + b) / 2;
        err = evaluate_at(probe, input, c, &fc, &outcome);
        if (err != SURETY_OK)
            return err;
        if ((fc >= 0) == (fa >= 0)) {
            a = c, fa = fc;
            fb = side == 1 ? fb / 2 : fb;
            side = 1;
        } else {
            b = c, fb = fc;
            *beyond = outcome;
            fa = side == -1 ? fa / 2 : fa;
            side = -1;
        }
    }
    *out = (a + b) / 2;
    return SURETY_OK;
}

// --- the inputs ------------------------------------------------------------------------------------------------

static double cause_share(const struct surety_architecture_result *a, const char *name)
{
    for (size_t i = 0; i < a->n_causes; i++)
        if (strcmp(a->causes[i].name, name) == 0)
            return a->causes[i].share;
    return 0;
}

// The inputs of the verdict's architecture worth a search. Strings live in the result's arena. SIZE_MAX: out of memory.
static size_t list_inputs(const struct probe *probe, struct input *inputs)
{
    const struct surety_plan *plan = probe->plan;
    const struct surety_architecture_result *a = &probe->result->architectures[probe->result->verdict.architecture];
    struct surety_arena *arena = &probe->result->arena;
    size_t n = 0;
    for (size_t i = 0; i < plan->n_sources; i++) {
        const struct surety_plan_source *s = &plan->sources[i];
        if (s->kind == SURETY_SOURCE_MAINTENANCE || cause_share(a, s->name) < MIN_SHARE)
            continue;
        inputs[n++] = (struct input){.path = surety_arena_printf(arena, "%s.time_to_failure", s->path),
                                     .what = surety_arena_printf(arena, "mean time to failure of %s", s->name),
                                     .unit = "s",
                                     .now = s->mean_up_s,
                                     .set = set_up,
                                     .index = i};
        inputs[n++] = (struct input){.path = surety_arena_printf(arena, "%s.time_to_repair", s->path),
                                     .what = surety_arena_printf(arena, "mean time to repair of %s", s->name),
                                     .unit = "s",
                                     .now = s->mean_down_s,
                                     .set = set_down,
                                     .index = i,
                                     .more_is_worse = true};
    }
    for (uint32_t i = 0; i < probe->architecture.n_nodes; i++) {
        const struct surety_plan_node *node = &probe->architecture.nodes[i];
        if (node->type == NULL || node->type->update != surety_failover_update)
            continue;
        const struct surety_failover_params *params = node->params;
        if (params->detect_us > 0)
            inputs[n++] = (struct input){.path = surety_arena_printf(arena, "%s.failover.detect", node->path),
                                         .what = "time to detect a failed route",
                                         .unit = "s",
                                         .now = (double)params->detect_us * 1e-6,
                                         .set = set_detect,
                                         .index = i,
                                         .more_is_worse = true};
    }
    for (size_t i = 0; i < n; i++)
        if (inputs[i].path == NULL || inputs[i].what == NULL)
            return SIZE_MAX;
    return n;
}

// --- all of it -------------------------------------------------------------------------------------------------

static void release(struct probe *probe)
{
    for (uint32_t i = 0; probe->nodes != NULL && i < probe->architecture.n_nodes; i++)
        if (probe->nodes[i].type != NULL)
            free((void *)(uintptr_t)probe->nodes[i].params);
    free(probe->nodes);
    free(probe->sources);
}

// Copies of what the searches change: the sources, and the nodes' parameters of one architecture.
static bool prepare(struct probe *probe)
{
    const struct surety_plan *plan = probe->plan;
    const struct surety_plan_architecture *a = &plan->architectures[probe->result->verdict.architecture];
    probe->architecture = *a;
    probe->sources = calloc(plan->n_sources + 1, sizeof *probe->sources);
    probe->nodes = calloc(a->n_nodes, sizeof *probe->nodes);
    if (probe->sources == NULL || probe->nodes == NULL)
        return false;
    memcpy(probe->sources, plan->sources, plan->n_sources * sizeof *probe->sources);
    bool all = true;
    for (uint32_t i = 0; i < a->n_nodes; i++) {
        probe->nodes[i] = a->nodes[i];
        if (a->nodes[i].type == NULL)
            continue;
        void *params = calloc(1, a->nodes[i].type->params_size + 1);
        probe->nodes[i].params = params;
        if (params == NULL)
            all = false;
        else if (a->nodes[i].type->params_size > 0)
            memcpy(params, a->nodes[i].params, a->nodes[i].type->params_size);
    }
    probe->architecture.nodes = probe->nodes;
    probe->changed = *plan;
    probe->changed.sources = probe->sources;
    probe->changed.architectures = &probe->architecture;
    probe->changed.n_architectures = 1;
    return all;
}

static enum surety_err search_all(struct probe *probe, const struct input *inputs, size_t n)
{
    struct surety_verdict *verdict = &probe->result->verdict;
    struct surety_tier_result tier;
    const struct surety_tier_result *whole = &probe->result->architectures[verdict->architecture].tiers[verdict->tier];
    enum surety_err err = evaluate(probe, &tier);
    if (err != SURETY_OK)
        return err;
    probe->offset = whole->term_met.p - tier.term_met.p;
    probe->offset_month = whole->month_met.p - tier.month_met.p;
    probe->offset_credits = whole->credits_per_term.mean - tier.credits_per_term.mean;
    for (size_t w = 0; probe->plan->tiers[verdict->tier].has_fee && w < probe->plan->n_windows; w++)
        probe->fees += (double)probe->plan->tiers[verdict->tier].fee_micro[w] / SURETY_MICRO;
    const double now = surplus(probe, &tier);
    for (size_t i = 0; i < n; i++) {
        double root;
        enum surety_outcome beyond;
        err = find_root(probe, &inputs[i], now, &root, &beyond);
        inputs[i].set(probe, inputs[i].index, 1);
        if (err != SURETY_OK)
            return err;
        if (isnan(root))
            beyond = verdict->outcome == SURETY_OUTCOME_SAFE ? SURETY_OUTCOME_NO : SURETY_OUTCOME_SAFE;
        verdict->flips[verdict->n_flips++] = (struct surety_flip){.input = inputs[i].path,
                                                                  .what = inputs[i].what,
                                                                  .unit = inputs[i].unit,
                                                                  .now = inputs[i].now,
                                                                  .at = isnan(root) ? NAN : inputs[i].now * exp(root),
                                                                  .outcome = surety_outcome_name(beyond)};
    }
    return SURETY_OK;
}

// Fewer terms where each has very many outages: a search is dozens of runs.
static uint64_t search_terms(const struct surety_plan *plan)
{
    double n_outages = 1;
    for (size_t i = 0; i < plan->n_sources; i++)
        if (plan->sources[i].kind != SURETY_SOURCE_MAINTENANCE)
            n_outages += (double)plan->term_us * 1e-6 / (plan->sources[i].mean_up_s + plan->sources[i].mean_down_s);
    const double n = MOST_OUTAGES / n_outages;
    return n > N_SEARCH ? N_SEARCH : n < 256 ? 256 : (uint64_t)n;
}

enum surety_err surety_flips_find(const struct surety_scenario *scenario, const struct surety_plan *plan,
                                  const struct surety_run_options *options, struct surety_diags *diags,
                                  struct surety_result *result)
{
    struct probe probe = {.scenario = scenario, .plan = plan, .options = *options, .diags = diags, .result = result};
    const uint64_t n_search = search_terms(plan);
    probe.options.n_replications = result->n_replications < n_search ? result->n_replications : n_search;
    probe.options.precision = 0;
    probe.options.central = true; // where one value moves, the others stand at their means
    probe.options.progress = NULL;
    enum surety_err err = SURETY_E_MEMORY;
    struct input *inputs = NULL;
    if (prepare(&probe)) {
        const size_t n_most = 2 * plan->n_sources + probe.architecture.n_nodes;
        inputs = calloc(n_most + 1, sizeof *inputs);
        const size_t n = inputs != NULL ? list_inputs(&probe, inputs) : SIZE_MAX;
        if (n != SIZE_MAX)
            result->verdict.flips = surety_arena_calloc(&result->arena, n, sizeof *result->verdict.flips);
        if (n != SIZE_MAX && result->verdict.flips != NULL)
            err = search_all(&probe, inputs, n);
    }
    free(inputs);
    release(&probe);
    return err;
}
