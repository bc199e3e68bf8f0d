// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/flips_inputs.h"

#include "models/balance.h"
#include "models/combine.h"
#include "models/failover.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIN_SHARE 0.02  // causes with a smaller share of the downtime are not searched
#define MOST_VALUES 256 // of a law that is written out
#define YEAR_S (365 * 86400.0)

// --- values for --set ------------------------------------------------------------------------------------------

static void put_law(FILE *out, const struct surety_law *law, double scale);

static size_t law_size(const struct surety_law *law)
{
    size_t n = law->kind == SURETY_LAW_EMPIRICAL ? law->n : 1;
    for (size_t i = 0; law->kind == SURETY_LAW_MIXTURE && i < law->n; i++)
        n += law_size(&law->parts[i].of);
    return n;
}

// The parameters of a simple law, its times multiplied.
static void put_parameters(FILE *out, const struct surety_law *law, double scale)
{
    switch (law->kind) {
    case SURETY_LAW_FIXED:
        fprintf(out, "value: %.12gs", law->a * scale);
        break;
    case SURETY_LAW_EXPONENTIAL:
        fprintf(out, "mean: %.12gs", law->a * scale);
        break;
    case SURETY_LAW_LOGNORMAL:
        fprintf(out, "median: %.12gs, sigma: %.12g", exp(law->a) * scale, law->b);
        break;
    case SURETY_LAW_UNIFORM:
        fprintf(out, "min: %.12gs, max: %.12gs", law->a * scale, law->b * scale);
        break;
    case SURETY_LAW_EMPIRICAL:
        fputs("values: [", out);
        for (size_t i = 0; i < law->n; i++)
            fprintf(out, "%s%.12gs", i > 0 ? ", " : "", law->values[i] * scale);
        fputs("]", out);
        break;
    default: // weibull, gamma, pareto
        fprintf(out, "shape: %.12g, scale: %.12gs", law->a, law->b * scale);
    }
}

static void put_mixture(FILE *out, const struct surety_law *law, double scale)
{
    fputs("{mixture: [", out);
    for (size_t i = 0; i < law->n; i++) {
        fprintf(out, "%s{weight: %.12g, of: ", i > 0 ? ", " : "", law->parts[i].weight);
        put_law(out, &law->parts[i].of, scale);
        fputs("}", out);
    }
    fputs("]}", out);
}

static void put_law(FILE *out, const struct surety_law *law, double scale)
{
    const bool is_bare = law->shift <= 0 && isinf(law->max);
    if (law->kind == SURETY_LAW_MIXTURE)
        put_mixture(out, law, scale);
    else if (law->kind == SURETY_LAW_EXPONENTIAL && is_bare)
        fprintf(out, "%.12gs", law->a * scale);
    else if (law->kind == SURETY_LAW_FIXED && is_bare)
        fprintf(out, "{fixed: %.12gs}", law->a * scale);
    else {
        fprintf(out, "{%s: {", surety_law_row(law->kind)->name);
        put_parameters(out, law, scale);
        if (law->shift > 0)
            fprintf(out, ", shift: %.12gs", law->shift * scale);
        if (!isinf(law->max))
            fprintf(out, ", max: %.12gs", law->max * scale);
        fputs("}}", out);
    }
}

char *surety_flip_input_value(const struct surety_flip_input *input, double scale)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    if (input->kind == SURETY_FLIP_LAW)
        put_law(out, input->law, scale);
    else if (input->kind == SURETY_FLIP_INCIDENTS)
        fprintf(out, "{rate: %.9g/year, shape: %.12g}", input->now * scale, input->shape);
    else
        fprintf(out, "%.9g%s", input->now * scale, input->suffix);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

// --- the list --------------------------------------------------------------------------------------------------

struct list {
    const struct surety_scenario *scenario;
    const struct surety_plan *plan;
    struct surety_arena *arena;
    struct surety_flip_input *inputs;
    size_t n;
    bool failed;
};

static void add(struct list *list, struct surety_flip_input input)
{
    list->failed = list->failed || input.path == NULL || input.what == NULL;
    list->inputs[list->n++] = input;
}

static double cause_share(const struct surety_architecture_result *a, const char *name)
{
    for (size_t i = 0; i < a->n_causes; i++)
        if (strcmp(a->causes[i].name, name) == 0)
            return a->causes[i].share;
    return 0;
}

// The outage or common cause behind a source, and its indices as in struct surety_flip_input. NULL: there is none.
static const struct surety_outage *outage_of(const struct list *list, const struct surety_plan_source *source,
                                             size_t *provider, size_t *outage)
{
    const struct surety_scenario *scenario = list->scenario;
    if (source->kind == SURETY_SOURCE_COMMON_CAUSE) {
        *provider = SIZE_MAX;
        *outage = (size_t)(source - list->plan->sources); // they stand first
        return &scenario->common_causes[*outage].outage;
    }
    *provider = list->plan->effects[source->effects[0]].provider;
    const struct surety_provider *p = &scenario->providers[*provider];
    const char *name = strrchr(source->path, '.') + 1;
    for (*outage = 0; *outage < p->n_outages; ++*outage)
        if (strcmp(p->outages[*outage].name, name) == 0)
            return &p->outages[*outage];
    return NULL;
}

static void add_law(struct list *list, const struct surety_plan_source *s, const struct surety_law *law,
                    const char *key, const char *what, struct surety_flip_input input)
{
    if (law_size(law) > MOST_VALUES)
        return;
    input.kind = SURETY_FLIP_LAW;
    input.path = surety_arena_printf(list->arena, "%s.%s", s->path, key);
    input.what = surety_arena_printf(list->arena, "%s of %s", what, s->name);
    input.unit = "s";
    input.now = surety_law_mean(law);
    input.law = law;
    add(list, input);
}

static void add_outage(struct list *list, const struct surety_plan_source *s)
{
    struct surety_flip_input input = {.more_is_worse = true};
    const struct surety_outage *outage = outage_of(list, s, &input.provider, &input.outage);
    if (outage == NULL)
        return;
    struct surety_flip_input up = input;
    if (outage->incidents_per_s > 0) {
        up.kind = isnan(outage->incidents_shape) ? SURETY_FLIP_NUMBER : SURETY_FLIP_INCIDENTS;
        up.place = SURETY_FLIP_AT_INCIDENTS;
        up.path = surety_arena_printf(list->arena, "%s.incidents", s->path);
        up.what = surety_arena_printf(list->arena, "incidents of %s", s->name);
        up.unit = "1/year";
        up.suffix = "/year";
        up.now = outage->incidents_per_s * YEAR_S;
        up.shape = outage->incidents_shape;
        add(list, up);
    } else {
        up.place = SURETY_FLIP_AT_UP;
        up.more_is_worse = false;
        add_law(list, s, &outage->time_to_failure, "time_to_failure", "mean time to failure", up);
    }
    input.place = SURETY_FLIP_AT_DOWN;
    add_law(list, s, &outage->time_to_repair, "time_to_repair", "mean time to repair", input);
}

static void add_detect(struct list *list, const struct surety_plan_node *node, int64_t detect_us)
{
    if (detect_us > 0)
        add(list, (struct surety_flip_input){
                      .place = SURETY_FLIP_AT_NODE,
                      .path = surety_arena_printf(list->arena, "%s.%s.detect", node->path, node->type->name),
                      .what = "time to detect a failed route",
                      .unit = "s",
                      .suffix = "s",
                      .now = (double)detect_us * 1e-6,
                      .more_is_worse = true});
}

static void add_trip(struct list *list, const struct surety_plan_node *node, int64_t trip_ppb)
{
    add(list,
        (struct surety_flip_input){.place = SURETY_FLIP_AT_NODE,
                                   .path = surety_arena_printf(list->arena, "%s.%s.trip", node->path, node->type->name),
                                   .what = "share of failing requests that makes a route unhealthy",
                                   .unit = "1",
                                   .suffix = "",
                                   .now = (double)trip_ppb * 1e-9,
                                   .more_is_worse = true});
}

static void add_node(struct list *list, const struct surety_plan_node *node)
{
    if (node->type->update == surety_failover_update) {
        const struct surety_failover_params *p = node->params;
        add_detect(list, node, p->detect_us);
        add_trip(list, node, p->trip_ppb);
    } else if (node->type->update == surety_balance_update) {
        const struct surety_balance_params *p = node->params;
        add_detect(list, node, p->detect_us);
        add_trip(list, node, p->trip_ppb);
    } else if (node->type->update == surety_degrade_update) {
        add_trip(list, node, ((const struct surety_degrade_params *)node->params)->trip_ppb);
    }
}

// --- prices ----------------------------------------------------------------------------------------------------

// The first leaf of the provider: where a stand-in is written. NULL: no architecture has it.
static const struct surety_plan_node *leaf_of(const struct surety_plan *plan, size_t provider)
{
    for (size_t i = 0; i < plan->n_architectures; i++)
        for (uint32_t k = 0; k < plan->architectures[i].n_nodes; k++)
            if (plan->architectures[i].nodes[k].type == NULL && plan->architectures[i].nodes[k].provider == provider)
                return &plan->architectures[i].nodes[k];
    return NULL;
}

static bool is_served(const struct surety_plan_architecture *a, size_t provider)
{
    for (uint32_t k = 0; k < a->n_nodes; k++)
        if (a->nodes[k].type == NULL && a->nodes[k].provider == provider)
            return true;
    return false;
}

static bool is_cached(const struct surety_scenario *scenario)
{
    for (size_t i = 0; i < scenario->n_workloads; i++)
        if (scenario->workloads[i].share_cached_input > 0)
            return true;
    return false;
}

static void add_price(struct list *list, const struct surety_plan_architecture *a, size_t provider)
{
    const struct surety_provider *p = &list->scenario->providers[provider];
    const struct surety_price *price = &p->price;
    const struct {
        const char *key, *what, *per;
        double now;
    } table[] = {
        {"input", "input tokens", "Mtok", price->input_per_token * 1e6},
        {"cached_input", "cached input tokens", "Mtok",
         is_cached(list->scenario) && price->cached_input_per_token != price->input_per_token
             ? price->cached_input_per_token * 1e6
             : 0}, // where it follows the input's price, that one moves it
        {"output", "output tokens", "Mtok", price->output_per_token * 1e6},
        {"per_request", "a request", "request", price->per_request},
        {"per_task", "a task", "task", price->per_task},
        {"per_minute", "a minute", "min", price->per_s * 60},
    };
    const struct surety_plan_node *leaf = leaf_of(list->plan, provider);
    for (size_t i = 0; leaf != NULL && i < sizeof table / sizeof *table; i++) {
        if (!(table[i].now > 0))
            continue;
        const char *unit = surety_arena_printf(list->arena, "%s/%s", list->scenario->currency, table[i].per);
        add(list, (struct surety_flip_input){
                      .place = SURETY_FLIP_AT_PRICE,
                      .path = p->is_stand_in
                                  ? surety_arena_printf(list->arena, "%s.%s.price", leaf->path, p->name)
                                  : surety_arena_printf(list->arena, "providers.%s.price.%s", p->name, table[i].key),
                      .what = surety_arena_printf(list->arena, "price of %s of %s", table[i].what, p->name),
                      .unit = unit,
                      .suffix = unit != NULL ? surety_arena_printf(list->arena, " %s", unit) : NULL,
                      .now = table[i].now,
                      .more_is_worse = true,
                      .is_price = true,
                      .is_served = is_served(a, provider)});
        list->failed = list->failed || list->inputs[list->n - 1].suffix == NULL;
    }
}

bool surety_flip_inputs_list(const struct surety_scenario *scenario, const struct surety_plan *plan,
                             struct surety_result *result, struct surety_flip_input **out, size_t *n_out)
{
    const struct surety_plan_architecture *a = &plan->architectures[result->verdict.architecture];
    const size_t n_most = 2 * plan->n_sources + 2 * a->n_nodes + 6 * plan->n_providers + 1;
    struct list list = {
        .scenario = scenario, .plan = plan, .arena = &result->arena, .inputs = calloc(n_most, sizeof *list.inputs)};
    if (list.inputs == NULL)
        return false;
    for (size_t i = 0; i < plan->n_sources; i++)
        if (plan->sources[i].kind != SURETY_SOURCE_MAINTENANCE && plan->sources[i].kind != SURETY_SOURCE_RECORD &&
            cause_share(&result->architectures[result->verdict.architecture], plan->sources[i].name) >= MIN_SHARE)
            add_outage(&list, &plan->sources[i]);
    for (uint32_t i = 0; i < a->n_nodes; i++)
        if (a->nodes[i].type != NULL)
            add_node(&list, &a->nodes[i]);
    for (size_t i = 0; i < plan->n_providers; i++)
        add_price(&list, a, i);
    if (list.failed) {
        free(list.inputs);
        return false;
    }
    *out = list.inputs;
    *n_out = list.n;
    return true;
}
