// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/reserved_books.h"

#include "models/measurement.h"
#include "sim/base/calendar.h"

#include <stdlib.h>
#include <string.h>

#define MOST_STATES 2048 // kept of one provider's units; then they are forgotten and found again
#define FEW_CELLS 24     // of the week: added up one by one
#define LEAST_MOVED 1e-3 // of the requests: what a few retries bring is not worth a word

// What a share of the requests does to the units.
struct surety_reserved_state {
    double share;
    double *overflow;    // n_classes x n_levels: share of the tokens; negative: not known yet
    double **cumulative; // n_classes: n_demands x (n_cells + 1) requests that do not fit since the week's start; NULL:
                         // not known yet
};

double surety_reserved_overflow(const struct surety_plan *plan, const struct surety_plan_reserved *reserved,
                                const double *rate_per_s, double share)
{
    double fits = 1;
    for (size_t k = 0; k < reserved->n_pools; k++) {
        const struct surety_plan_pool *pool = &reserved->pools[k];
        struct surety_load load = {0, 0, 0};
        for (size_t d = 0; d < plan->n_demands; d++) {
            const double a_minute = 60 * share * rate_per_s[d];
            load.k1 += a_minute * pool->request[d].k1;
            load.k2 += a_minute * pool->request[d].k2;
            load.k3 += a_minute * pool->request[d].k3;
        }
        if (load.k1 > 0)
            fits *= 1 - surety_excess(&load, pool->limit) / load.k1;
    }
    return 1 - fits;
}

// --- states ----------------------------------------------------------------------------------------------------

static void destroy_state(const struct surety_plan *plan, struct surety_reserved_state *state)
{
    if (state == NULL)
        return;
    for (size_t c = 0; state->cumulative != NULL && c < plan->week.n_classes; c++)
        free(state->cumulative[c]);
    free(state->cumulative);
    free(state->overflow);
    free(state);
}

static struct surety_reserved_state *create_state(const struct surety_plan *plan, double share)
{
    const struct surety_plan_week *week = &plan->week;
    struct surety_reserved_state *state = calloc(1, sizeof *state);
    if (state == NULL)
        return NULL;
    state->share = share;
    state->overflow = malloc(week->n_classes * week->n_levels * sizeof *state->overflow);
    state->cumulative = calloc(week->n_classes, sizeof *state->cumulative);
    if (state->overflow == NULL || state->cumulative == NULL) {
        destroy_state(plan, state);
        return NULL;
    }
    for (size_t i = 0; i < week->n_classes * week->n_levels; i++)
        state->overflow[i] = -1;
    return state;
}

static size_t slot_of(double share, size_t n_slots)
{
    uint64_t h;
    memcpy(&h, &share, sizeof h);
    h *= UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(h >> 32) & (n_slots - 1);
}

static void forget(const struct surety_plan *plan, struct surety_reserved_account *account)
{
    for (size_t i = 0; i < account->n_slots; i++) {
        destroy_state(plan, account->states[i]);
        account->states[i] = NULL;
    }
    account->n_states = 0;
}

// The state of a share, NULL when memory is out.
static struct surety_reserved_state *find_state(const struct surety_plan *plan, struct surety_reserved_account *account,
                                                double share)
{
    if (account->n_states == MOST_STATES)
        forget(plan, account);
    if (2 * account->n_states >= account->n_slots) {
        const size_t n = account->n_slots > 0 ? 2 * account->n_slots : 16;
        struct surety_reserved_state **slots = calloc(n, sizeof(struct surety_reserved_state *));
        if (slots == NULL)
            return NULL;
        for (size_t i = 0; i < account->n_slots; i++) {
            struct surety_reserved_state *state = account->states[i];
            if (state == NULL)
                continue;
            size_t at = slot_of(state->share, n);
            while (slots[at] != NULL)
                at = (at + 1) & (n - 1);
            slots[at] = state;
        }
        free((void *)account->states);
        account->states = slots;
        account->n_slots = n;
    }
    size_t at = slot_of(share, account->n_slots);
    for (; account->states[at] != NULL; at = (at + 1) & (account->n_slots - 1))
        if (account->states[at]->share == share)
            return account->states[at];
    account->states[at] = create_state(plan, share);
    account->n_states += account->states[at] != NULL;
    return account->states[at];
}

// --- integrals -------------------------------------------------------------------------------------------------

// Requests a second of a workload in a cell of the week.
static double rate(const struct surety_plan *plan, size_t class, size_t cell, size_t demand)
{
    const struct surety_plan_week *week = &plan->week;
    return week->growth[class * plan->n_demands + demand] *
           week->rate_per_s[week->level[cell] * plan->n_demands + demand];
}

static double share_over(struct surety_reserved_books *books, size_t reserved, struct surety_reserved_state *state,
                         size_t class, size_t cell)
{
    const struct surety_plan *plan = books->plan;
    double *known = &state->overflow[class * plan->week.n_levels + plan->week.level[cell]];
    if (*known < 0) {
        for (size_t d = 0; d < plan->n_demands; d++)
            books->rates[d] = rate(plan, class, cell, d);
        *known = surety_reserved_overflow(plan, &plan->reserved[reserved], books->rates, state->share);
    }
    return *known;
}

static bool accumulate(struct surety_reserved_books *books, size_t reserved, struct surety_reserved_state *state,
                       size_t class)
{
    const struct surety_plan *plan = books->plan;
    const struct surety_plan_week *week = &plan->week;
    const size_t row = week->n_cells + 1;
    double *sums = calloc(plan->n_demands * row, sizeof *sums);
    if (sums == NULL)
        return false;
    for (size_t c = 0; c < week->n_cells; c++) {
        const double o = share_over(books, reserved, state, class, c) * state->share * (double)week->cell_us * 1e-6;
        for (size_t d = 0; d < plan->n_demands; d++)
            sums[d * row + c + 1] = sums[d * row + c] + o * rate(plan, class, c, d);
    }
    state->cumulative[class] = sums;
    return true;
}

// Requests of one workload that do not fit, since the week's start.
static double since(struct surety_reserved_books *books, size_t reserved, struct surety_reserved_state *state,
                    size_t class, size_t demand, int64_t week_us)
{
    const struct surety_plan_week *week = &books->plan->week;
    const double *sums = &state->cumulative[class][demand * (week->n_cells + 1)];
    const int64_t n = week_us / SURETY_US_PER_WEEK, rest = week_us % SURETY_US_PER_WEEK;
    const size_t cell = (size_t)(rest / week->cell_us);
    const double into_s = (double)(rest - (int64_t)cell * week->cell_us) * 1e-6;
    return (double)n * sums[week->n_cells] + sums[cell] +
           share_over(books, reserved, state, class, cell) * state->share * into_s *
               rate(books->plan, class, cell, demand);
}

// Requests of each workload that do not fit in [a, b), microseconds of the week; into over[n_demands].
static bool integrate(struct surety_reserved_books *books, size_t reserved, double share, size_t class, int64_t a_us,
                      int64_t b_us, double *over)
{
    const struct surety_plan *plan = books->plan;
    const int64_t cell_us = plan->week.cell_us;
    memset(over, 0, plan->n_demands * sizeof *over);
    if (share <= 0)
        return true;
    struct surety_reserved_state *state = find_state(plan, &books->accounts[reserved], share);
    if (state == NULL)
        return false;
    if (b_us - a_us > FEW_CELLS * cell_us) {
        if (state->cumulative[class] == NULL && !accumulate(books, reserved, state, class))
            return false;
        for (size_t d = 0; d < plan->n_demands; d++)
            over[d] = since(books, reserved, state, class, d, b_us) - since(books, reserved, state, class, d, a_us);
        return true;
    }
    while (a_us < b_us) {
        const size_t cell = (size_t)(a_us % SURETY_US_PER_WEEK / cell_us);
        const int64_t end_us = a_us - a_us % cell_us + cell_us, to_us = end_us < b_us ? end_us : b_us;
        const double o = share_over(books, reserved, state, class, cell) * share * (double)(to_us - a_us) * 1e-6;
        for (size_t d = 0; d < plan->n_demands; d++)
            over[d] += o * rate(plan, class, cell, d);
        a_us = to_us;
    }
    return true;
}

// --- life ------------------------------------------------------------------------------------------------------

void surety_reserved_books_finish(struct surety_reserved_books *books)
{
    for (size_t r = 0; books->accounts != NULL && r < books->plan->n_reserved; r++) {
        struct surety_reserved_account *a = &books->accounts[r];
        forget(books->plan, a);
        free((void *)a->states);
        free(a->sent);
        free(a->over);
        free(a->sent_all);
        free(a->over_all);
        free(a->sent_priced);
        free(a->over_priced);
        free(a->fee);
    }
    free(books->accounts);
    free(books->rates);
    free(books->over);
    free(books->over_normal);
    *books = (struct surety_reserved_books){0};
}

// Requests of each workload that do not fit in [a, b) of a window.
static bool look(struct surety_reserved_books *books, size_t r, double share, size_t window, int64_t a_us, int64_t b_us,
                 double *over)
{
    const struct surety_plan_week *week = &books->plan->week;
    return integrate(books, r, share, week->window_class[window], a_us + week->offset_us, b_us + week->offset_us, over);
}

static enum surety_err init_account(struct surety_reserved_books *books, size_t r, double share)
{
    const struct surety_plan *plan = books->plan;
    struct surety_reserved_account *a = &books->accounts[r];
    const size_t n = plan->n_windows * plan->n_demands;
    a->used = true;
    a->normal_share = a->most_share = share;
    a->sent = calloc(n, sizeof *a->sent);
    a->over = calloc(n, sizeof *a->over);
    a->sent_all = calloc(n, sizeof *a->sent_all);
    a->over_all = calloc(n, sizeof *a->over_all);
    a->sent_priced = calloc(n, sizeof *a->sent_priced);
    a->over_priced = calloc(n, sizeof *a->over_priced);
    a->fee = calloc(plan->n_windows, sizeof *a->fee);
    if (a->sent == NULL || a->over == NULL || a->sent_all == NULL || a->over_all == NULL || a->sent_priced == NULL ||
        a->over_priced == NULL || a->fee == NULL)
        return SURETY_E_MEMORY;
    for (size_t w = 0; w < plan->n_windows; w++) {
        const int64_t from_us = plan->window_us[w], to_us = plan->window_us[w + 1];
        if (!look(books, r, share, w, from_us, to_us, &a->over_all[w * plan->n_demands]))
            return SURETY_E_MEMORY;
        for (size_t d = 0; d < plan->n_demands; d++)
            a->sent_all[w * plan->n_demands + d] = share * surety_demand_of(plan, d, w, from_us, to_us);
    }
    return SURETY_OK;
}

enum surety_err surety_reserved_books_init(struct surety_reserved_books *books, const struct surety_plan *plan,
                                           const bool *used, const double *share)
{
    *books = (struct surety_reserved_books){
        .plan = plan,
        .accounts = calloc(plan->n_reserved, sizeof *books->accounts),
        .rates = calloc(plan->n_demands, sizeof *books->rates),
        .over = calloc(plan->n_demands, sizeof *books->over),
        .over_normal = calloc(plan->n_demands, sizeof *books->over_normal),
    };
    enum surety_err err = SURETY_OK;
    if (books->accounts == NULL || books->rates == NULL || books->over == NULL || books->over_normal == NULL)
        err = SURETY_E_MEMORY;
    for (size_t r = 0; err == SURETY_OK && r < plan->n_reserved; r++)
        if (used[r])
            err = init_account(books, r, share[r]);
    if (err != SURETY_OK)
        surety_reserved_books_finish(books);
    return err;
}

void surety_reserved_books_start(struct surety_reserved_books *books)
{
    const size_t n = books->plan->n_windows * books->plan->n_demands;
    books->repriced = false;
    for (size_t r = 0; r < books->plan->n_reserved; r++) {
        struct surety_reserved_account *a = &books->accounts[r];
        if (!a->used)
            continue;
        memcpy(a->sent, a->sent_all, n * sizeof *a->sent);
        memcpy(a->over, a->over_all, n * sizeof *a->over);
        memcpy(a->sent_priced, a->sent_all, n * sizeof *a->sent_priced);
        memcpy(a->over_priced, a->over_all, n * sizeof *a->over_priced);
        memcpy(a->fee, books->plan->reserved[r].fee, books->plan->n_windows * sizeof *a->fee);
        a->factor = 1;
        a->moved_s = a->moved_sent = a->moved_over = 0;
    }
}

void surety_reserved_books_pass(struct surety_reserved_books *books, size_t reserved, double share, size_t window,
                                int64_t a_us, int64_t b_us)
{
    const struct surety_plan *plan = books->plan;
    struct surety_reserved_account *a = &books->accounts[reserved];
    const struct surety_load *request = plan->reserved[reserved].pools[0].request;
    const bool is_moved = share > a->normal_share + LEAST_MOVED;
    if (!look(books, reserved, share, window, a_us, b_us, books->over) ||
        !look(books, reserved, a->normal_share, window, a_us, b_us, books->over_normal)) {
        books->out_of_memory = true;
        return;
    }
    a->most_share = share > a->most_share ? share : a->most_share;
    a->moved_s += is_moved ? (double)(b_us - a_us) * 1e-6 : 0;
    for (size_t d = 0; d < plan->n_demands; d++) {
        const double requests = surety_demand_of(plan, d, window, a_us, b_us);
        const size_t at = window * plan->n_demands + d;
        a->sent[at] += (share - a->normal_share) * requests;
        a->over[at] += books->over[d] - books->over_normal[d];
        a->sent_priced[at] += (share * a->factor - a->normal_share) * requests;
        a->over_priced[at] += books->over[d] * a->factor - books->over_normal[d];
        if (is_moved) {
            a->moved_sent += share * requests * request[d].k1;
            a->moved_over += books->over[d] * request[d].k1;
        }
    }
}

bool surety_reserved_books_normal(struct surety_reserved_books *books, size_t reserved, size_t window, int64_t a_us,
                                  int64_t b_us, double *over)
{
    return look(books, reserved, books->accounts[reserved].normal_share, window, a_us, b_us, over);
}
