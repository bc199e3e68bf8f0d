// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/ledger.h"

#include <stdlib.h>
#include <string.h>

enum surety_err surety_ledger_init(struct surety_ledger *ledger, const struct surety_plan *plan, size_t n_rows,
                                   const double *normal, const bool *reserves)
{
    const size_t n = n_rows, n_cells = plan->n_windows * n, n_rates = n + (reserves != NULL ? plan->n_reserved : 0);
    struct surety_ledger l = {.plan = plan,
                              .n_rows = n,
                              .n_rates = n_rates,
                              .normal = calloc(n_rates, sizeof *l.normal),
                              .rate = calloc(n_rates, sizeof *l.rate),
                              .all = calloc(n_cells, sizeof *l.all),
                              .cost = calloc(n_cells, sizeof *l.cost)};
    if (l.normal == NULL || l.rate == NULL || l.all == NULL || l.cost == NULL) {
        surety_ledger_finish(&l);
        return SURETY_E_MEMORY;
    }
    memcpy(l.normal, normal, n_rates * sizeof *normal);
    for (size_t w = 0; w < plan->n_windows; w++)
        for (size_t d = 0; d < plan->n_demands; d++)
            for (size_t r = d; r < n; r += plan->n_demands)
                l.all[w * n + r] = normal[r] * surety_demand_of(plan, d, w, plan->window_us[w], plan->window_us[w + 1]);
    if (reserves != NULL && surety_reserved_books_init(&l.reserved, plan, reserves, normal + n) != SURETY_OK) {
        surety_ledger_finish(&l);
        return SURETY_E_MEMORY;
    }
    *ledger = l;
    return SURETY_OK;
}

void surety_ledger_finish(struct surety_ledger *ledger)
{
    free(ledger->normal);
    free(ledger->rate);
    free(ledger->all);
    free(ledger->cost);
    surety_reserved_books_finish(&ledger->reserved);
    *ledger = (struct surety_ledger){0};
}

void surety_ledger_start(struct surety_ledger *ledger, const double *rate)
{
    const struct surety_plan *plan = ledger->plan;
    memcpy(ledger->cost, ledger->all, plan->n_windows * ledger->n_rows * sizeof *ledger->cost);
    memcpy(ledger->rate, rate, ledger->n_rates * sizeof *rate);
    if (ledger->reserved.plan != NULL)
        surety_reserved_books_start(&ledger->reserved);
    ledger->since_us = 0;
    ledger->window = 0;
    if (ledger->told != NULL)
        ledger->told(ledger->context, 0, rate);
}

// A few doubles: a call would cost more than the comparison.
static inline bool same(const double *a, const double *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

// Adds what [a, b), inside window w, cost beyond the normal state.
static inline void add(struct surety_ledger *ledger, size_t w, int64_t a_us, int64_t b_us)
{
    const struct surety_plan *plan = ledger->plan;
    for (size_t d = 0; d < plan->n_demands; d++) {
        const double n = surety_demand_of(plan, d, w, a_us, b_us);
        ledger->cost[w * ledger->n_rows + d] += (ledger->rate[d] - ledger->normal[d]) * n;
        for (size_t r = d + plan->n_demands; r < ledger->n_rows; r += plan->n_demands)
            ledger->cost[w * ledger->n_rows + r] += (ledger->rate[r] - ledger->normal[r]) * n;
    }
    for (size_t r = 0; ledger->reserved.plan != NULL && r < plan->n_reserved; r++)
        if (ledger->rate[ledger->n_rows + r] != ledger->normal[ledger->n_rows + r] ||
            (ledger->reserved.accounts[r].used && ledger->reserved.accounts[r].factor != 1))
            surety_reserved_books_pass(&ledger->reserved, r, ledger->rate[ledger->n_rows + r], w, a_us, b_us);
}

// Adds the stretch up to now_us.
static inline void book(struct surety_ledger *ledger, int64_t now_us)
{
    const int64_t *boundary = ledger->plan->window_us;
    int64_t a_us = ledger->since_us;
    size_t w = ledger->window;
    while (boundary[w + 1] <= a_us)
        w++;
    ledger->window = w;
    for (; boundary[w + 1] < now_us; a_us = boundary[++w])
        add(ledger, w, a_us, boundary[w + 1]);
    add(ledger, w, a_us, now_us);
}

// Whether the stretch under way costs what it does when everything works, at the start's prices.
static inline bool is_normal(const struct surety_ledger *ledger)
{
    return same(ledger->rate, ledger->normal, ledger->n_rates) && !ledger->reserved.repriced;
}

// One workload, as most scenarios have: without loops, which are not worth their beginning then.
static inline void turn_one(struct surety_ledger *ledger, int64_t now_us, double rate)
{
    const double before = ledger->rate[0];
    if (rate == before)
        return;
    if (now_us > ledger->since_us && before != ledger->normal[0])
        book(ledger, now_us);
    ledger->rate[0] = rate;
    ledger->since_us = now_us;
}

static void turn_all(struct surety_ledger *ledger, int64_t now_us, const double *rate)
{
    const size_t n = ledger->n_rates;
    if (same(rate, ledger->rate, n))
        return;
    if (now_us > ledger->since_us && !is_normal(ledger))
        book(ledger, now_us);
    for (size_t i = 0; i < n; i++)
        ledger->rate[i] = rate[i];
    ledger->since_us = now_us;
}

void surety_ledger_turn(struct surety_ledger *ledger, int64_t now_us, const double *rate)
{
    if (ledger->told != NULL)
        ledger->told(ledger->context, now_us, rate);
    if (ledger->n_rates == 1)
        turn_one(ledger, now_us, *rate);
    else
        turn_all(ledger, now_us, rate);
}

void surety_ledger_reprice(struct surety_ledger *ledger, int64_t now_us, size_t reserved, double factor)
{
    if (now_us > ledger->since_us && !is_normal(ledger))
        book(ledger, now_us);
    ledger->since_us = now_us;
    ledger->reserved.accounts[reserved].factor = factor;
    ledger->reserved.repriced = true;
}

double surety_ledger_expected(const struct surety_ledger *ledger, size_t window, size_t demand)
{
    const struct surety_plan *plan = ledger->plan;
    const size_t at = window * plan->n_demands + demand;
    double cost = ledger->all[window * ledger->n_rows + demand];
    for (size_t r = 0; ledger->reserved.plan != NULL && r < plan->n_reserved; r++) {
        const struct surety_plan_reserved *reserved = &plan->reserved[r];
        const struct surety_reserved_account *account = &ledger->reserved.accounts[r];
        if (account->used)
            cost +=
                reserved->fee_of[at] + (reserved->rejects ? 0 : account->over_all[at] * reserved->token_cost[demand]);
    }
    return cost;
}

// Fees, and what the tokens cost that did not fit.
static void add_reserved(struct surety_ledger *ledger)
{
    const struct surety_plan *plan = ledger->plan;
    for (size_t r = 0; r < plan->n_reserved; r++) {
        const struct surety_reserved_account *account = &ledger->reserved.accounts[r];
        const struct surety_plan_reserved *reserved = &plan->reserved[r];
        for (size_t i = 0; account->used && i < plan->n_windows * plan->n_demands; i++)
            ledger->cost[i] +=
                reserved->fee_of[i] +
                (reserved->rejects ? 0 : account->over_priced[i] * reserved->token_cost[i % plan->n_demands]);
    }
}

bool surety_ledger_close(struct surety_ledger *ledger)
{
    if (!is_normal(ledger))
        book(ledger, ledger->plan->term_us);
    if (ledger->reserved.plan == NULL)
        return true;
    add_reserved(ledger);
    return !ledger->reserved.out_of_memory;
}
