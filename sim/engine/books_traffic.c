// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/books_traffic.h"

#include "models/measurement.h"
#include "sim/engine/groups.h"
#include "sim/engine/result.h"
#include "sim/engine/summary.h"
#include "sim/engine/walk_load.h"
#include "sim/engine/walk_tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N_SPANS (SURETY_TRAFFIC_SPAN / SURETY_GROUP)

static size_t row_size(const struct surety_plan *plan)
{
    return SURETY_TRAFFIC_HEAD + plan->n_providers;
}

static size_t n_sums(const struct surety_plan *plan)
{
    return 2 * plan->n_demands * row_size(plan);
}

static double *row_of(const struct surety_traffic_books *b, bool is_out, size_t demand)
{
    return b->sums + ((is_out ? b->plan->n_demands : 0) + demand) * row_size(b->plan);
}

enum surety_err surety_traffic_books_init(struct surety_traffic_books *books, const struct surety_plan *plan,
                                          const struct surety_walk *walk)
{
    *books = (struct surety_traffic_books){.plan = plan,
                                           .sums = calloc(n_sums(plan), sizeof(double)),
                                           .most = calloc(plan->n_providers, sizeof(double)),
                                           .attempts = calloc(walk->architecture->n_nodes, sizeof(double)),
                                           .now = calloc(plan->n_providers, sizeof(double)),
                                           .cost = calloc(plan->n_demands, sizeof(double))};
    return books->sums != NULL && books->most != NULL && books->attempts != NULL && books->now != NULL &&
                   books->cost != NULL
               ? SURETY_OK
               : SURETY_E_MEMORY;
}

void surety_traffic_books_finish(struct surety_traffic_books *books)
{
    free(books->sums);
    free(books->most);
    free(books->attempts);
    free(books->now);
    free(books->cost);
    *books = (struct surety_traffic_books){.plan = NULL};
}

bool surety_traffic_records(uint64_t replication, bool groups)
{
    if (replication >= SURETY_TRAFFIC_SPAN)
        return false;
    return groups ? replication % SURETY_GROUP < SURETY_TRAFFIC_TERMS / N_SPANS : replication < SURETY_TRAFFIC_TERMS;
}

// --- the walk --------------------------------------------------------------------------------------------------

// The requests that came since the tree has stood as it does.
static void book(struct surety_traffic_books *b, int64_t now_us)
{
    const struct surety_plan *plan = b->plan;
    while (b->since_us < now_us) {
        while (plan->window_us[b->window + 1] <= b->since_us)
            b->window++;
        const int64_t end_us = plan->window_us[b->window + 1], to_us = now_us < end_us ? now_us : end_us;
        for (size_t d = 0; d < plan->n_demands; d++) {
            const double requests = surety_demand_of(plan, d, b->window, b->since_us, to_us);
            double *row = row_of(b, b->is_out, d);
            struct surety_traffic_row *head = (struct surety_traffic_row *)(void *)row;
            head->requests += requests;
            head->answered += requests * b->share_served;
            head->cost += requests * b->cost[d];
            for (size_t p = 0; p < plan->n_providers; p++)
                row[SURETY_TRAFFIC_HEAD + p] += requests * b->now[p];
        }
        b->since_us = to_us;
    }
}

// Everything that hangs on the tree as it stands from now_us on.
static void look(struct surety_traffic_books *b, struct surety_walk *walk)
{
    const struct surety_plan_architecture *a = walk->architecture;
    surety_walk_attempts(walk, b->attempts);
    memset(b->now, 0, b->plan->n_providers * sizeof *b->now);
    b->is_out = false;
    for (uint32_t i = 0; i < a->n_nodes; i++) {
        if (a->nodes[i].type != NULL)
            continue;
        const uint32_t p = a->nodes[i].provider;
        b->now[p] += b->attempts[i];
        b->is_out = b->is_out || (walk->active[p] != 0 && walk->n_in_sight[p] > 0);
    }
    for (size_t p = 0; p < b->plan->n_providers; p++)
        b->most[p] = fmax(b->most[p], b->now[p]);
    const double *rates = walk->rates != NULL && walk->carried != NULL ? surety_walk_load_rates(walk) : walk->rates;
    for (size_t d = 0; rates != NULL && d < b->plan->n_demands; d++)
        b->cost[d] = rates[d];
    b->share_served = 1 - walk->f[a->n_nodes - 1];
}

static void instant(void *context, const struct surety_walk *walk, int64_t now_us)
{
    struct surety_traffic_books *b = context;
    (void)walk;
    if (now_us > 0)
        book(b, now_us);
    look(b, b->walk);
}

void surety_traffic_books_watch(struct surety_traffic_books *books, struct surety_walk *walk)
{
    books->walk = walk;
    books->observer = (struct surety_walk_observer){instant, books};
    books->since_us = 0;
    books->window = 0;
    walk->observer = &books->observer;
}

void surety_traffic_books_enter(struct surety_traffic_books *books)
{
    book(books, books->plan->term_us);
    books->walk->observer = NULL;
    books->n_terms++;
}

void surety_traffic_books_merge(struct surety_traffic_books *into, const struct surety_traffic_books *from)
{
    for (size_t i = 0; i < n_sums(into->plan); i++) // one of all workers has any
        into->sums[i] += from->sums[i];
    for (size_t p = 0; p < into->plan->n_providers; p++)
        into->most[p] = fmax(into->most[p], from->most[p]);
    into->n_terms += from->n_terms;
}

// --- the result ------------------------------------------------------------------------------------------------

// The rows of a workload, or (UINT32_MAX) of all, with all well or with an outage on.
static void add_rows(const struct surety_traffic_books *b, bool is_out, size_t demand, double *sum)
{
    for (size_t d = 0; d < b->plan->n_demands; d++)
        for (size_t i = 0; (demand == UINT32_MAX || demand == d) && i < row_size(b->plan); i++)
            sum[i] += row_of(b, is_out, d)[i];
}

static struct surety_traffic_ratios ratios(const struct surety_plan *plan, const double *row)
{
    const struct surety_traffic_row *head = (const struct surety_traffic_row *)(const void *)row;
    double sent = 0;
    for (size_t p = 0; p < plan->n_providers; p++)
        sent += row[SURETY_TRAFFIC_HEAD + p];
    const bool came = head->requests > 0;
    return (struct surety_traffic_ratios){
        .sent_per_request = came ? sent / head->requests : NAN,
        .sent_per_served = !came                ? NAN
                           : head->answered > 0 ? sent / head->answered
                                                : INFINITY,
        .cost_per_served = !came || !plan->has_costs ? NAN
                           : head->answered > 0      ? head->cost / head->answered
                                                     : INFINITY,
    };
}

// all, out: rows.
static bool list_sent(struct surety_summary *summary, const struct surety_traffic_books *b, const double *all,
                      const double *out, struct surety_sent_result **list, size_t *n)
{
    const struct surety_plan *plan = summary->plan;
    const double requests = ((const struct surety_traffic_row *)(const void *)all)->requests;
    const double requests_out = ((const struct surety_traffic_row *)(const void *)out)->requests;
    *n = 0;
    *list = surety_arena_calloc(&summary->result->arena, plan->n_providers, sizeof **list);
    for (size_t p = 0; *list != NULL && requests > 0 && p < plan->n_providers; p++) {
        if (!(b->most[p] > 0))
            continue;
        const char *name = surety_arena_printf(&summary->result->arena, "%s", summary->scenario->providers[p].name);
        if (name == NULL)
            return false;
        (*list)[(*n)++] = (struct surety_sent_result){
            .provider = name,
            .per_request = all[SURETY_TRAFFIC_HEAD + p] / requests,
            .per_request_out = requests_out > 0 ? out[SURETY_TRAFFIC_HEAD + p] / requests_out : NAN,
            .most = b->most[p],
        };
    }
    return *list != NULL;
}

bool surety_traffic_books_report(struct surety_summary *summary, const struct surety_traffic_books *b,
                                 struct surety_architecture_result *out)
{
    const size_t n = row_size(summary->plan);
    struct surety_traffic_result *t = &out->traffic;
    double *rows = calloc(3 * n, sizeof *rows);
    if (rows == NULL)
        return false;
    add_rows(b, false, UINT32_MAX, rows);
    add_rows(b, true, UINT32_MAX, rows + n);
    for (size_t i = 0; i < n; i++)
        rows[2 * n + i] = rows[i] + rows[n + i];
    t->n_terms = b->n_terms;
    t->well = ratios(summary->plan, rows);
    t->out = ratios(summary->plan, rows + n);
    t->all = ratios(summary->plan, rows + 2 * n);
    t->share_out = rows[2 * n] > 0 ? rows[n] / rows[2 * n] : NAN;
    const bool all = list_sent(summary, b, rows + 2 * n, rows + n, &t->sent, &t->n_sent);
    free(rows);
    return all;
}

bool surety_traffic_books_report_demand(struct surety_summary *summary, const struct surety_traffic_books *b,
                                        size_t demand, struct surety_sent_result **out, size_t *n_out)
{
    const size_t n = row_size(summary->plan);
    double *rows = calloc(2 * n, sizeof *rows);
    if (rows == NULL)
        return false;
    add_rows(b, true, demand, rows + n);
    memcpy(rows, rows + n, n * sizeof *rows);
    add_rows(b, false, demand, rows);
    const bool all = list_sent(summary, b, rows, rows + n, out, n_out);
    free(rows);
    return all;
}
