// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/calendar.h"
#include "sim/base/fmath.h"
#include "sim/scenario/plan_builder.h"
#include "sim/scenario/plan_hash.h"

#include <math.h>
#include <string.h>

#define MINUTE_US (60 * SURETY_US_PER_S)
#define MONTH_US (365.0 / 12 * (double)SURETY_US_PER_DAY)
#define MAX_FEE 1e11 // of a window, as for other money

// --- the week --------------------------------------------------------------------------------------------------

// The longest cell in which no workload's hour ends: zones differ by whole hours, or quarters of one.
static int64_t cell_length_us(const struct surety_plan *plan)
{
    static const int64_t lengths[] = {SURETY_US_PER_HOUR, SURETY_US_PER_HOUR / 4, MINUTE_US};
    for (size_t i = 0; i + 1 < sizeof lengths / sizeof *lengths; i++) {
        bool fits = true;
        for (size_t d = 1; d < plan->n_demands; d++)
            fits = fits && (plan->demands[d].week_offset_us - plan->demands[0].week_offset_us) % lengths[i] == 0;
        if (fits)
            return lengths[i];
    }
    return MINUTE_US;
}

static double rate_in_cell(const struct surety_plan *plan, size_t demand, size_t cell)
{
    const struct surety_plan_demand *d = &plan->demands[demand];
    const int64_t ahead_us = d->week_offset_us - plan->week.offset_us + SURETY_US_PER_WEEK; // of the week's own zone
    return d->rate[((int64_t)cell * plan->week.cell_us + ahead_us) % SURETY_US_PER_WEEK / SURETY_US_PER_HOUR];
}

// Index of the row that equals `row`, which is added to n of them when there is none.
static uint32_t find_row(double *rows, size_t *n, const double *row, size_t length)
{
    for (size_t i = *n; i-- > 0;)
        if (memcmp(&rows[i * length], row, length * sizeof *row) == 0)
            return (uint32_t)i;
    memcpy(&rows[*n * length], row, length * sizeof *row);
    return (uint32_t)(*n)++;
}

static enum surety_err plan_week(struct surety_plan_builder *b)
{
    struct surety_plan *plan = b->plan;
    struct surety_plan_week *week = &plan->week;
    const size_t n = plan->n_demands;
    week->cell_us = cell_length_us(plan);
    week->offset_us = plan->demands[0].week_offset_us;
    week->n_cells = (size_t)(SURETY_US_PER_WEEK / week->cell_us);
    week->level = surety_arena_calloc(&plan->arena, week->n_cells, sizeof *week->level);
    week->rate_per_s = surety_arena_calloc(&plan->arena, week->n_cells * n, sizeof *week->rate_per_s);
    week->window_class = surety_arena_calloc(&plan->arena, plan->n_windows, sizeof *week->window_class);
    week->growth = surety_arena_calloc(&plan->arena, plan->n_windows * n, sizeof *week->growth);
    double *row = surety_arena_calloc(&plan->arena, n, sizeof *row);
    if (week->level == NULL || week->rate_per_s == NULL || week->window_class == NULL || week->growth == NULL ||
        row == NULL)
        return surety_plan_out_of_memory(b);
    for (size_t c = 0; c < week->n_cells; c++) {
        for (size_t d = 0; d < n; d++)
            row[d] = rate_in_cell(plan, d, c);
        week->level[c] = find_row(week->rate_per_s, &week->n_levels, row, n);
    }
    for (size_t w = 0; w < plan->n_windows; w++) {
        for (size_t d = 0; d < n; d++)
            row[d] = plan->demands[d].growth[w];
        week->window_class[w] = find_row(week->growth, &week->n_classes, row, n);
    }
    return SURETY_OK;
}

// --- units -----------------------------------------------------------------------------------------------------

static struct surety_load times(struct surety_load k, double factor)
{
    return (struct surety_load){k.k1 * factor, k.k2 * factor * factor, k.k3 * factor * factor * factor};
}

static struct surety_load sum(struct surety_load a, struct surety_load b)
{
    return (struct surety_load){a.k1 + b.k1, a.k2 + b.k2, a.k3 + b.k3};
}

// What one request a minute adds to units that count an input token `input` times and an output token `output` times.
static struct surety_load request(const struct surety_workload *workload, double input, double output)
{
    const struct surety_load in = times(surety_cumulants(&workload->input_tokens), input),
                             outgoing = times(surety_cumulants(&workload->output_tokens), output),
                             all = sum(in, outgoing), load = surety_load_of_request(&all, workload->burstiness);
    return (struct surety_load){surety_round40(load.k1), surety_round40(load.k2), surety_round40(load.k3)};
}

static enum surety_err plan_pool(struct surety_plan_builder *b, const struct surety_units *units, double input,
                                 double cached, double output, struct surety_plan_pool *pool)
{
    struct surety_plan *plan = b->plan;
    pool->limit = surety_round40(units->units * units->tokens_per_minute);
    pool->request = surety_arena_calloc(&plan->arena, plan->n_demands, sizeof *pool->request);
    if (pool->request == NULL)
        return surety_plan_out_of_memory(b);
    for (size_t d = 0; d < plan->n_demands; d++) {
        const struct surety_workload *w = &b->scenario->workloads[d];
        pool->request[d] = request(w, input * (1 - w->share_cached_input) + cached * w->share_cached_input, output);
    }
    return SURETY_OK;
}

// Terms are paid whole; a rest of at most a thirtieth of the contract's term is paid by time. Returns what is paid for as a
// multiple of the contract's term, at least 1. A price by calendar months has terms of months: 30 days are one.
static double paid_terms(const struct surety_plan *plan, const struct surety_units *units, double term_s)
{
    double contract = (double)plan->term_us, term = term_s * 1e6;
    if (!(term > 0))
        return 1;
    if (!units->priced_by_time) {
        const double months = term / MONTH_US, whole = floor(months + 0.5);
        term = fabs(months - whole) < 0.04 * whole ? whole : months;
        contract = 0;
        for (size_t w = 0; w < plan->n_windows; w++)
            contract += plan->months[w];
    }
    return fmax(1, ceil(contract * (1 - 1.0 / 30) / term) * term / contract);
}

static double window_fee(const struct surety_plan *plan, const struct surety_units *units, size_t w)
{
    const double months =
        units->priced_by_time ? (double)(plan->window_us[w + 1] - plan->window_us[w]) / MONTH_US : plan->months[w];
    return units->units * units->price_per_month * months;
}

// Requests of a window, at the mean over a week: what fees are shared out by.
static double requests(const struct surety_plan *plan, size_t demand, size_t w)
{
    const struct surety_plan_demand *d = &plan->demands[demand];
    return d->growth[w] * d->cumulative[SURETY_HOURS_A_WEEK] * (double)(plan->window_us[w + 1] - plan->window_us[w]);
}

// The fee of a window falls on each workload by its tokens.
static void share_fee(const struct surety_plan *plan, const struct surety_plan_pool *pool, double fee, size_t w,
                      double *fee_of)
{
    double all = 0;
    for (size_t d = 0; d < plan->n_demands; d++)
        all += requests(plan, d, w) * pool->request[d].k1;
    for (size_t d = 0; d < plan->n_demands; d++)
        fee_of[w * plan->n_demands + d] += surety_round40(
            fee * (all > 0 ? requests(plan, d, w) * pool->request[d].k1 / all : 1.0 / (double)plan->n_demands));
}

static enum surety_err plan_fees(struct surety_plan_builder *b, const struct surety_provider *provider,
                                 struct surety_plan_reserved *out)
{
    struct surety_plan *plan = b->plan;
    const struct surety_units *units[] = {&provider->reserved.units, &provider->reserved.output};
    out->fee = surety_arena_calloc(&plan->arena, plan->n_windows, sizeof *out->fee);
    out->fee_of = surety_arena_calloc(&plan->arena, plan->n_windows * plan->n_demands, sizeof *out->fee_of);
    if (out->fee == NULL || out->fee_of == NULL)
        return surety_plan_out_of_memory(b);
    for (size_t w = 0; w < plan->n_windows; w++) {
        for (size_t k = 0; k < out->n_pools; k++)
            share_fee(plan, &out->pools[k],
                      paid_terms(plan, units[k], provider->reserved.term_s) * window_fee(plan, units[k], w), w,
                      out->fee_of);
        for (size_t d = 0; d < plan->n_demands; d++)
            out->fee[w] += out->fee_of[w * plan->n_demands + d];
        if (out->fee[w] > MAX_FEE)
            return surety_plan_too_large(b, provider->reserved.place,
                                         surety_arena_printf(&plan->arena, "providers.%s.reserved", provider->name),
                                         "check `units` and `price`", "reserved units for more than 1e11 a window");
    }
    return SURETY_OK;
}

static enum surety_err plan_units(struct surety_plan_builder *b, size_t provider)
{
    struct surety_plan *plan = b->plan;
    const struct surety_provider *p = &b->scenario->providers[provider];
    const struct surety_reserved *r = &p->reserved;
    struct surety_plan_reserved *out = &plan->reserved[plan->n_reserved];
    out->provider = (uint32_t)provider;
    out->term_us = (int64_t)(r->term_s * 1e6 + 0.5);
    out->rejects = r->overflow == SURETY_OVERFLOW_REJECT;
    out->n_pools = r->has_output ? 2 : 1;
    out->token_cost = surety_arena_calloc(&plan->arena, plan->n_demands, sizeof *out->token_cost);
    if (out->token_cost == NULL)
        return surety_plan_out_of_memory(b);
    for (size_t d = 0; d < plan->n_demands; d++)
        out->token_cost[d] = surety_plan_token_cost(&b->scenario->workloads[d], &p->price);
    enum surety_err err = plan_pool(b, &r->units, 1, r->cached_weight, r->output_weight, &out->pools[0]);
    if (err == SURETY_OK && r->has_output)
        err = plan_pool(b, &r->output, 0, 0, 1, &out->pools[1]);
    if (err == SURETY_OK)
        err = plan_fees(b, p, out);
    plan->providers[provider].reserved = (uint32_t)plan->n_reserved++;
    return err;
}

enum surety_err surety_plan_reservations(struct surety_plan_builder *b)
{
    const struct surety_scenario *scenario = b->scenario;
    struct surety_plan *plan = b->plan;
    size_t n = 0;
    for (size_t p = 0; p < plan->n_providers; p++) {
        plan->providers[p].reserved = SURETY_NOT_RESERVED;
        n += scenario->providers[p].used && scenario->providers[p].reserved.given;
    }
    if (n == 0)
        return SURETY_OK;
    plan->has_costs = true;
    plan->reserved = surety_arena_calloc(&plan->arena, n, sizeof *plan->reserved);
    if (plan->reserved == NULL)
        return surety_plan_out_of_memory(b);
    enum surety_err err = plan_week(b);
    for (size_t p = 0; err == SURETY_OK && p < plan->n_providers; p++)
        if (scenario->providers[p].used && scenario->providers[p].reserved.given)
            err = plan_units(b, p);
    return err;
}

static uint64_t hash_numbers(uint64_t hash, const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        hash = surety_hash_double(hash, surety_round40(x[i]));
    return hash;
}

uint64_t surety_hash_reserved(uint64_t hash, const struct surety_plan *plan)
{
    for (size_t i = 0; i < plan->n_reserved; i++) {
        const struct surety_plan_reserved *r = &plan->reserved[i];
        hash = surety_hash_u64(hash, (uint64_t)r->provider << 1 | r->rejects);
        for (size_t k = 0; k < r->n_pools; k++) {
            hash = hash_numbers(hash, &r->pools[k].limit, 1);
            for (size_t d = 0; d < plan->n_demands; d++)
                hash = hash_numbers(
                    hash, (double[]){r->pools[k].request[d].k1, r->pools[k].request[d].k2, r->pools[k].request[d].k3},
                    3);
        }
        hash = hash_numbers(hash, r->token_cost, plan->n_demands);
        if (plan->cost.n_changes > 0)
            hash = surety_hash_u64(hash, (uint64_t)r->term_us);
        hash = hash_numbers(hash, r->fee_of, plan->n_windows * plan->n_demands);
    }
    return hash;
}
