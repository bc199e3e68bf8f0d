// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/scenario/plan.h"

#include "sim/base/calendar.h"
#include "sim/base/fmath.h"
#include "sim/base/ppb.h"
#include "sim/base/tz.h"
#include "sim/scenario/plan_builder.h"
#include "sim/scenario/plan_hash.h"
#include "sim/scenario/uncertain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TERM_US (INT64_C(200) * 366 * SURETY_US_PER_DAY)
#define MAX_WINDOWS 2400

enum surety_err surety_plan_out_of_memory(struct surety_plan_builder *b)
{
    surety_diag_add(b->diags, SURETY_D_MEMORY, (struct surety_place){0, 0}, NULL, NULL, "out of memory");
    return SURETY_E_MEMORY;
}

enum surety_err surety_plan_too_large(struct surety_plan_builder *b, struct surety_place place, const char *path,
                                      const char *hint, const char *what)
{
    surety_diag_add(b->diags, SURETY_D_TOO_LARGE, place, path, hint, "%s", what);
    return SURETY_E_INPUT;
}

// --- time ------------------------------------------------------------------------------------------------------

static enum surety_err fixed_windows(struct surety_plan_builder *b, int64_t length_us)
{
    struct surety_plan *plan = b->plan;
    for (size_t w = 0; w <= plan->n_windows; w++)
        plan->window_us[w] = (int64_t)w * length_us;
    return SURETY_OK;
}

int64_t surety_plan_day_us(const struct surety_plan_builder *b, struct surety_date date)
{
    const struct surety_term *term = &b->scenario->term;
    return (surety_tz_day_start_s(term->zone, date) - surety_tz_day_start_s(term->zone, term->start)) * SURETY_US_PER_S;
}

// From Monday 00:00 of the zone's standard time to the term's start.
static int64_t week_offset_us(const struct surety_term *term, const struct surety_tz *zone)
{
    const int64_t start_s = surety_tz_day_start_s(term->zone, term->start), monday_s = 4 * 86400; // 1970-01-05
    const int64_t into_us =
        (start_s + surety_tz_standard_offset_s(zone, start_s) - monday_s) * SURETY_US_PER_S % SURETY_US_PER_WEEK;
    return into_us >= 0 ? into_us : into_us + SURETY_US_PER_WEEK;
}

int64_t surety_plan_week_offset(const struct surety_plan_builder *b, const struct surety_profile *profile)
{
    return profile->zone != NULL ? week_offset_us(&b->scenario->term, profile->zone) : b->plan->week_offset_us;
}

// Calendar months or quarters; a start after the 1st cuts the first and the last window.
static enum surety_err calendar_windows(struct surety_plan_builder *b, const struct surety_term *term)
{
    struct surety_plan *plan = b->plan;
    struct surety_date end = surety_date_month_start(term->start, term->months);
    const int last_day = surety_days_in_month(end.year, end.month);
    end.day = term->start.day < last_day ? term->start.day : last_day;
    plan->window_us[0] = 0;
    for (size_t w = 1; w < plan->n_windows; w++)
        plan->window_us[w] = surety_plan_day_us(
            b, surety_date_month_start(term->start, (int64_t)w * b->scenario->contract.window_months));
    plan->window_us[plan->n_windows] = surety_plan_day_us(b, end);
    return SURETY_OK;
}

static enum surety_err plan_time(struct surety_plan_builder *b)
{
    const struct surety_term *term = &b->scenario->term;
    const double window_s = b->scenario->contract.window_s;
    struct surety_plan *plan = b->plan;
    const bool cut = window_s == 0 && term->start.day > 1;
    if (term->months + cut > MAX_WINDOWS || (double)term->months * window_s * 1e6 > (double)MAX_TERM_US)
        return surety_plan_too_large(b, term->place.line > 0 ? term->place : b->scenario->contract.place, "term.months",
                                     "at most 2400 windows and 200 years", "the term is too long");
    const size_t step = window_s > 0 ? 1 : (size_t)b->scenario->contract.window_months;
    plan->n_windows = ((size_t)term->months + cut + step - 1) / step;
    plan->window_us = surety_arena_calloc(&plan->arena, plan->n_windows + 1, sizeof *plan->window_us);
    if (plan->window_us == NULL)
        return surety_plan_out_of_memory(b);
    plan->week_offset_us = week_offset_us(term, term->zone);
    const enum surety_err err =
        window_s > 0 ? fixed_windows(b, (int64_t)(window_s * 1e6 + 0.5)) : calendar_windows(b, term);
    plan->term_us = plan->window_us[plan->n_windows];
    return err;
}

// --- random streams --------------------------------------------------------------------------------------------

// A stream is the hash of what it belongs to and what it is for, so that adding a part of the scenario changes the
// draws of no other. `taken` streams are avoided by salting.
uint32_t surety_plan_stream(struct surety_plan *plan, const char *path, const char *purpose)
{
    for (uint32_t salt = 0;; salt++) {
        uint64_t h = surety_hash_text(surety_hash_text(SURETY_HASH_START, path), purpose);
        h = surety_hash_u64(h, salt);
        const uint32_t stream = (uint32_t)(h ^ h >> 32);
        bool taken = false;
        for (size_t i = 0; i < plan->n_streams; i++)
            taken |= plan->streams[i] == stream;
        if (!taken) {
            plan->streams[plan->n_streams++] = stream;
            return stream;
        }
    }
}

static size_t count_nodes(const struct surety_node *node)
{
    size_t n = 1;
    for (size_t i = 0; i < node->n_children; i++)
        n += count_nodes(node->children[i]);
    return n;
}

enum surety_err surety_plan_start_streams(struct surety_plan_builder *b)
{
    size_t n = 6; // counts, claims, three of the probes, those of latencies
    for (size_t i = 0; i < b->scenario->n_providers; i++)
        n += 3 * b->scenario->providers[i].n_outages + 2 * b->scenario->providers[i].record.n_sources + 1;
    for (size_t i = 0; i < b->scenario->n_common_causes; i++)
        n += 2 + 2 * b->scenario->common_causes[i].n_members;
    for (size_t i = 0; i < b->scenario->n_architectures; i++)
        n += count_nodes(b->scenario->architectures[i].root);
    if (b->scenario->uncertain != NULL)
        n += b->scenario->uncertain->n;
    for (size_t i = 0; i < b->scenario->n_providers; i++)
        n += b->scenario->providers[i].n_price_changes + b->scenario->providers[i].sla.given +
             4 * (size_t)b->scenario->providers[i].model_changes.given;
    n += surety_plan_n_checks(&b->scenario->contract.quality);
    b->plan->streams = surety_arena_calloc(&b->plan->arena, n, sizeof *b->plan->streams);
    if (b->plan->streams == NULL)
        return surety_plan_out_of_memory(b);
    b->plan->counts_stream = surety_plan_stream(b->plan, "contract", "counts");
    return SURETY_OK;
}

// The streams of the uncertain inputs, handed out last: the others do not depend on them. A draw needs none.
static enum surety_err plan_input_streams(struct surety_plan_builder *b)
{
    const struct surety_uncertain *uncertain = b->scenario->uncertain;
    if (uncertain == NULL)
        return SURETY_OK;
    b->plan->input_streams = surety_arena_calloc(&b->plan->arena, uncertain->n, sizeof *b->plan->input_streams);
    if (b->plan->input_streams == NULL)
        return surety_plan_out_of_memory(b);
    for (size_t i = 0; i < uncertain->n; i++)
        if (uncertain->inputs[i].path != NULL)
            b->plan->input_streams[i] = surety_plan_stream(b->plan, uncertain->inputs[i].path, "uncertain");
    return SURETY_OK;
}

// --- sources ---------------------------------------------------------------------------------------------------

// The same rhythm among the sources of this plan, or of the one that lends to a draw; NULL: there is none.
static const struct surety_plan_rhythm *known_rhythm(const struct surety_plan_builder *b, bool flat,
                                                     int64_t week_offset_us, const double *slope)
{
    const struct surety_plan *const plans[] = {b->plan, b->base};
    for (size_t k = 0; k < sizeof plans / sizeof *plans; k++)
        for (size_t i = 0; plans[k] != NULL && i < plans[k]->n_sources; i++) {
            const struct surety_plan_rhythm *r = plans[k]->sources[i].rhythm;
            if (r != NULL && r->flat == flat && r->week_offset_us == week_offset_us &&
                memcmp(r->slope, slope, sizeof r->slope) == 0)
                return r;
        }
    return NULL;
}

const struct surety_plan_rhythm *surety_plan_rhythm(struct surety_plan_builder *b, const struct surety_profile *profile)
{
    const int64_t week_offset_us = surety_plan_week_offset(b, profile);
    double slope[SURETY_HOURS_A_WEEK], sum = 0;
    for (size_t h = 0; h < SURETY_HOURS_A_WEEK; h++)
        sum += profile->weight[h];
    for (size_t h = 0; h < SURETY_HOURS_A_WEEK; h++)
        slope[h] = profile->flat ? 1 : profile->weight[h] * SURETY_HOURS_A_WEEK / sum;
    const struct surety_plan_rhythm *known = known_rhythm(b, profile->flat, week_offset_us, slope);
    if (known != NULL)
        return known;
    struct surety_plan_rhythm *rhythm = surety_arena_alloc(&b->plan->arena, sizeof *rhythm);
    if (rhythm == NULL)
        return NULL;
    rhythm->flat = profile->flat;
    rhythm->week_offset_us = week_offset_us;
    memcpy(rhythm->slope, slope, sizeof slope);
    for (size_t h = 0; h < SURETY_HOURS_A_WEEK; h++)
        rhythm->cumulative_s[h + 1] = rhythm->cumulative_s[h] + 3600 * rhythm->slope[h];
    rhythm->cumulative_s[SURETY_HOURS_A_WEEK] = 3600.0 * SURETY_HOURS_A_WEEK; // without the sum's rounding
    for (size_t k = 0, h = 0; k < SURETY_N_GUIDES; k++) {
        while (h + 1 < SURETY_HOURS_A_WEEK && rhythm->cumulative_s[h + 1] <= SURETY_GUIDE_S * (double)k)
            h++;
        rhythm->guide[k] = (uint8_t)h;
    }
    return rhythm;
}

// --- architectures ---------------------------------------------------------------------------------------------

// Adds the node after its children. Returns its index, UINT32_MAX when memory is out.
static uint32_t plan_node(struct surety_plan_builder *b, struct surety_plan_architecture *a,
                          const struct surety_node *node, size_t *n_links)
{
    struct surety_plan *plan = b->plan;
    const size_t n = node->n_children;
    uint32_t *ids = surety_arena_calloc(&plan->arena, n, sizeof *ids);
    if (ids == NULL)
        return UINT32_MAX;
    for (size_t i = 0; i < n; i++)
        if ((ids[i] = plan_node(b, a, node->children[i], n_links)) == UINT32_MAX)
            return UINT32_MAX;
    const uint32_t id = a->n_nodes++;
    struct surety_plan_node *p = &a->nodes[id];
    *p = (struct surety_plan_node){.type = node->type,
                                   .parent = UINT32_MAX,
                                   .n_children = (uint32_t)n,
                                   .provider = (uint32_t)node->provider,
                                   .first_child = (uint32_t)*n_links};
    p->path = surety_arena_printf(&plan->arena, "%s", node->path);
    if (p->path == NULL)
        return UINT32_MAX;
    for (size_t i = 0; i < n; i++) {
        a->children[(*n_links)++] = ids[i];
        a->nodes[ids[i]].parent = id;
    }
    if (node->type == NULL)
        return id;
    void *params = surety_arena_alloc(&plan->arena, node->type->params_size);
    if (params == NULL)
        return UINT32_MAX;
    if (node->type->params_size > 0)
        memcpy(params, node->params, node->type->params_size);
    p->params = params;
    p->stream = surety_plan_stream(plan, node->path, "node");
    p->state_offset = a->state_size;
    if (node->type->state_size != NULL)
        a->state_size += (node->type->state_size(n) + 15) / 16 * 16;
    return id;
}

static enum surety_err plan_architectures(struct surety_plan_builder *b)
{
    const struct surety_scenario *scenario = b->scenario;
    struct surety_plan *plan = b->plan;
    plan->architectures = surety_arena_calloc(&plan->arena, scenario->n_architectures, sizeof *plan->architectures);
    if (plan->architectures == NULL)
        return surety_plan_out_of_memory(b);
    plan->n_architectures = scenario->n_architectures;
    for (size_t i = 0; i < scenario->n_architectures; i++) {
        struct surety_plan_architecture *a = &plan->architectures[i];
        const size_t n = count_nodes(scenario->architectures[i].root);
        size_t n_links = 0;
        a->name = surety_arena_printf(&plan->arena, "%s", scenario->architectures[i].name);
        a->nodes = surety_arena_calloc(&plan->arena, n, sizeof *a->nodes);
        a->children = surety_arena_calloc(&plan->arena, n, sizeof *a->children);
        if (a->name == NULL || a->nodes == NULL || a->children == NULL ||
            plan_node(b, a, scenario->architectures[i].root, &n_links) == UINT32_MAX)
            return surety_plan_out_of_memory(b);
    }
    return SURETY_OK;
}

// --- all of it -------------------------------------------------------------------------------------------------

enum surety_err surety_plan_build(struct surety_plan_builder *b, struct surety_plan **out)
{
    struct surety_plan *plan = calloc(1, sizeof *plan);
    b->plan = plan;
    if (plan == NULL)
        return surety_plan_out_of_memory(b);
    plan->records = b->records;
    surety_arena_init(&plan->arena);
    static enum surety_err (*const steps[])(struct surety_plan_builder *) = {plan_time,
                                                                             surety_plan_start_streams,
                                                                             surety_plan_sources,
                                                                             plan_architectures,
                                                                             surety_plan_demand,
                                                                             surety_plan_contract,
                                                                             surety_plan_reservations,
                                                                             surety_plan_load,
                                                                             surety_plan_latencies,
                                                                             surety_plan_qualities,
                                                                             surety_plan_costs,
                                                                             plan_input_streams};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        const enum surety_err err = steps[i](b);
        if (err != SURETY_OK) {
            surety_plan_destroy(plan);
            return err;
        }
    }
    *out = plan;
    return SURETY_OK;
}

static enum surety_err create(const struct surety_scenario *scenario, enum surety_record_use records,
                              struct surety_diags *diags, struct surety_plan **out)
{
    struct surety_plan_builder b = {.scenario = scenario, .diags = diags, .records = records};
    struct surety_plan *plan;
    const enum surety_err err = surety_plan_build(&b, &plan);
    if (err != SURETY_OK)
        return err;
    plan->hash = surety_plan_hash(plan);
    if (scenario->uncertain != NULL)
        plan->hash = surety_plan_hash_inputs(plan->hash, scenario->uncertain);
    *out = plan;
    return SURETY_OK;
}

enum surety_err surety_plan_create_trusted(const struct surety_scenario *scenario, struct surety_diags *diags,
                                           struct surety_plan **out)
{
    return create(scenario, SURETY_RECORDS_AS_WRITTEN, diags, out);
}

enum surety_err surety_plan_create_with(const struct surety_scenario *scenario, enum surety_record_use records,
                                        struct surety_diags *diags, struct surety_plan **out)
{
    struct surety_plan *plan;
    enum surety_err err = create(scenario, records, diags, &plan);
    if (err != SURETY_OK)
        return err;
    if (scenario->uncertain != NULL)
        err = surety_plan_try_ends(scenario, plan, diags);
    if (err == SURETY_OK)
        *out = plan;
    else
        surety_plan_destroy(plan);
    return err;
}

enum surety_err surety_plan_create(const struct surety_scenario *scenario, struct surety_diags *diags,
                                   struct surety_plan **out)
{
    return surety_plan_create_with(scenario, SURETY_RECORDS_AS_WRITTEN, diags, out);
}

void surety_plan_destroy(struct surety_plan *plan)
{
    if (plan == NULL)
        return;
    for (size_t i = 0; i < plan->n_sources; i++) {
        struct surety_plan_source *s = &plan->sources[i];
        struct surety_sampler *const samplers[] = {&s->up, &s->down, &s->up_residual, &s->down_residual};
        for (size_t k = 0; k < sizeof samplers / sizeof *samplers; k++)
            if (!s->borrows[k])
                surety_sampler_free(samplers[k]);
    }
    for (size_t i = 0; i < plan->n_architectures; i++)
        if (plan->architectures[i].latency_grid != NULL && !plan->architectures[i].borrows_grid)
            surety_latency_grid_finish(plan->architectures[i].latency_grid);
    for (size_t i = 0; i < plan->quality.n_changes && !plan->quality.borrows_changes; i++)
        surety_sampler_free(plan->quality.changes[i].drop);
    surety_arena_finish(&plan->arena);
    free(plan);
}
