// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/walk_cost.h"

#include "models/credit.h"
#include "sim/base/fmath.h"
#include "sim/base/rng.h"
#include "sim/engine/provider_down.h"
#include "sim/engine/walk_prices.h"
#include "sim/engine/walk_tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_EVENTS 10000 // changes of prices in a term

// --- life ------------------------------------------------------------------------------------------------------

enum surety_err surety_walk_cost_create(const struct surety_plan *plan,
                                        const struct surety_plan_architecture *architecture,
                                        struct surety_walk_cost **out)
{
    const struct surety_plan_cost *p = &plan->cost;
    *out = NULL;
    if (!plan->has_costs || (p->n_targets == 0 && p->n_changes == 0 && !p->recovers))
        return SURETY_OK;
    struct surety_walk_cost *c = calloc(1, sizeof *c);
    if (c == NULL)
        return SURETY_E_MEMORY;
    const size_t n_rows = plan->n_providers * plan->n_demands;
    *c = (struct surety_walk_cost){.plan = plan,
                                   .architecture = architecture,
                                   .has_answers = p->has_answers,
                                   .has_bills = p->recovers,
                                   .factor = calloc(plan->n_providers, sizeof *c->factor),
                                   .answered = calloc(plan->n_providers, sizeof *c->answered),
                                   .answered_normal = calloc(plan->n_providers, sizeof *c->answered_normal),
                                   .row = calloc(n_rows, sizeof *c->row),
                                   .target_missed = calloc(plan->n_windows * p->n_targets + 1, 1),
                                   .missed = calloc(plan->n_windows * plan->n_tiers, 1),
                                   .recovered = calloc(plan->n_windows, sizeof *c->recovered)};
    if (c->factor == NULL || c->answered == NULL || c->answered_normal == NULL || c->row == NULL ||
        c->target_missed == NULL || c->missed == NULL || c->recovered == NULL) {
        surety_walk_cost_destroy(c);
        return SURETY_E_MEMORY;
    }
    for (size_t i = 0; i < plan->n_providers; i++)
        c->factor[i] = 1;
    *out = c;
    return SURETY_OK;
}

void surety_walk_cost_destroy(struct surety_walk_cost *c)
{
    if (c == NULL)
        return;
    surety_ledger_finish(&c->answers);
    surety_ledger_finish(&c->bills);
    void *const arrays[] = {c->factor, c->answered, c->answered_normal, c->row,
                            c->events, c->missed,   c->target_missed,   c->recovered};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        free(arrays[i]);
    free(c);
}

// --- rates of the further ledgers ------------------------------------------------------------------------------

static const double *answer_rates(struct surety_walk_cost *c)
{
    const size_t n = c->plan->n_demands;
    for (size_t p = 0; p < c->plan->n_providers; p++)
        for (size_t d = 0; d < n; d++)
            c->row[p * n + d] = c->answered[p];
    return c->row;
}

static const double *bill_rates(struct surety_walk_cost *c)
{
    const size_t n = c->plan->n_demands;
    for (size_t p = 0; p < c->plan->n_providers; p++)
        for (size_t d = 0; d < n; d++)
            c->row[p * n + d] = c->answered[p] * c->factor[p] * c->plan->demands[d].cost_per_request[p];
    return c->row;
}

enum surety_err surety_walk_cost_normal(struct surety_walk *walk)
{
    struct surety_walk_cost *c = walk->cost;
    const size_t n_rows = c->plan->n_providers * c->plan->n_demands;
    enum surety_err err = SURETY_OK;
    memcpy(c->answered_normal, c->answered, c->plan->n_providers * sizeof *c->answered);
    if (c->has_answers)
        err = surety_ledger_init(&c->answers, c->plan, n_rows, answer_rates(c), NULL);
    if (err == SURETY_OK && c->has_bills)
        err = surety_ledger_init(&c->bills, c->plan, n_rows, bill_rates(c), NULL);
    return err;
}

// --- prices that change ----------------------------------------------------------------------------------------

static int by_time(const void *a, const void *b)
{
    const struct surety_price_event *x = a, *y = b;
    return x->at_us != y->at_us ? (x->at_us < y->at_us ? -1 : 1)
                                : (x->provider > y->provider) - (x->provider < y->provider);
}

static void add_event(struct surety_walk *walk, const struct surety_plan_price_change *change, int64_t at_us)
{
    struct surety_walk_cost *c = walk->cost;
    const int64_t notice_us = c->plan->cost.notice_us;
    if (c->n_events == c->room_events) {
        const size_t room = 2 * c->room_events + 16;
        struct surety_price_event *more = realloc(c->events, room * sizeof *more);
        if (more == NULL) {
            walk->err = SURETY_E_MEMORY;
            return;
        }
        c->events = more;
        c->room_events = room;
    }
    int64_t passed_us = SURETY_NEVER;
    if (notice_us != SURETY_NEVER) // told at_us - change->notice_us; never before the bill itself
        passed_us = notice_us > change->notice_us ? at_us + (notice_us - change->notice_us) : at_us;
    c->events[c->n_events++] = (struct surety_price_event){at_us, passed_us, change->provider, change->factor};
}

// The changes of the replication. Random ones come in a Poisson stream from the term's start.
static void draw_events(struct surety_walk *walk)
{
    struct surety_walk_cost *c = walk->cost;
    c->n_events = c->next_event = 0;
    for (size_t i = 0; i < c->plan->cost.n_changes; i++) {
        const struct surety_plan_price_change *change = &c->plan->cost.changes[i];
        if (change->at_us != SURETY_NEVER) {
            add_event(walk, change, change->at_us > 0 ? change->at_us : 0);
            continue;
        }
        struct surety_rng rng = {walk->meters[0].key, change->stream, 0, walk->meters[0].replication};
        double at_us = 0;
        for (int n = 0; n < MOST_EVENTS; n++) {
            at_us -= change->mean_gap_us * surety_log(surety_rng_uniform(&rng));
            if (!(at_us < (double)c->plan->term_us))
                break;
            add_event(walk, change, (int64_t)at_us);
        }
    }
    if (c->n_events > 1)
        qsort(c->events, c->n_events, sizeof *c->events, by_time);
}

void surety_walk_cost_begin(struct surety_walk *walk)
{
    struct surety_walk_cost *c = walk->cost;
    draw_events(walk);
    for (size_t p = 0; p < c->plan->n_providers; p++)
        c->factor[p] = 1;
    for (; c->next_event < c->n_events && c->events[c->next_event].at_us == 0; c->next_event++)
        c->factor[c->events[c->next_event].provider] *= c->events[c->next_event].factor;
}

// What does not fit into the provider's units costs another price from now_us on.
static void reprice(struct surety_walk *walk, uint32_t provider, int64_t now_us)
{
    const uint32_t r = walk->plan->n_reserved > 0 ? walk->plan->providers[provider].reserved : SURETY_NOT_RESERVED;
    if (r != SURETY_NOT_RESERVED && walk->reserves[r])
        surety_ledger_reprice(&walk->ledger, now_us, r, walk->cost->factor[provider]);
}

void surety_walk_cost_start(struct surety_walk *walk)
{
    struct surety_walk_cost *c = walk->cost;
    for (uint32_t p = 0; p < c->plan->n_providers; p++)
        if (c->factor[p] != 1)
            reprice(walk, p, 0);
    if (c->has_answers)
        surety_ledger_start(&c->answers, answer_rates(c));
    if (c->has_bills)
        surety_ledger_start(&c->bills, bill_rates(c));
}

void surety_walk_cost_turn(struct surety_walk *walk, int64_t now_us)
{
    struct surety_walk_cost *c = walk->cost;
    if (c->has_answers)
        surety_ledger_turn(&c->answers, now_us, answer_rates(c));
    if (c->has_bills)
        surety_ledger_turn(&c->bills, now_us, bill_rates(c));
}

void surety_walk_cost_pass(struct surety_walk *walk, int64_t now_us)
{
    struct surety_walk_cost *c = walk->cost;
    while (c->next_event < c->n_events && c->events[c->next_event].at_us < now_us) {
        const struct surety_price_event *event = &c->events[c->next_event++];
        c->factor[event->provider] *= event->factor;
        surety_ledger_turn(&walk->ledger, event->at_us, surety_walk_rates(walk));
        reprice(walk, event->provider, event->at_us);
        surety_walk_cost_turn(walk, event->at_us);
    }
}

// --- judging ---------------------------------------------------------------------------------------------------

// What a window costs when everything works, at the prices that the contract's ceilings know of, against the prices of
// the start: 1 as long as no change was passed on.
static double lift(struct surety_walk *walk, size_t w, uint32_t demand, double expected)
{
    const struct surety_walk_cost *c = walk->cost;
    if (c->plan->cost.notice_us == SURETY_NEVER || c->n_events == 0 || !(expected > 0))
        return 1;
    double more = 0;
    for (uint32_t d = 0; d < c->plan->n_demands; d++)
        if (demand == UINT32_MAX || demand == d)
            more += surety_walk_raised(walk, w, d, SURETY_PRICES_PASSED_ON);
    return 1 + more / expected;
}

double surety_walk_cost_spent(const struct surety_walk *walk, const struct surety_plan_cost_target *t, size_t w,
                              double *spent, double *allowed)
{
    const struct surety_walk_cost *c = walk->cost;
    const struct surety_plan *plan = c->plan;
    const size_t n = plan->n_demands;
    double cost = 0, expected = 0, tasks = 0, answers = 0, within = 0;
    for (size_t d = 0; d < n; d++) {
        if (t->demand != UINT32_MAX && t->demand != d)
            continue;
        cost += walk->ledger.cost[w * n + d];
        expected += surety_ledger_expected(&walk->ledger, w, d);
        tasks += surety_demand_of(plan, d, w, plan->window_us[w], plan->window_us[w + 1]) /
                 plan->demands[d].requests_per_task;
        for (size_t p = 0; t->within != NULL && p < plan->n_providers; p++) {
            const double answered = c->answers.cost[(w * plan->n_providers + p) * n + d];
            answers += answered;
            within += answered * t->within[p * n + d];
        }
    }
    // What is asked for again of the prices is scratch of the walk.
    const double lifted = lift((struct surety_walk *)(uintptr_t)walk, w, t->demand, expected);
    *spent = t->kind == SURETY_COST_PER_REQUEST ? answers - within : cost;
    switch (t->kind) {
    case SURETY_COST_PER_TASK:
        *allowed = t->limit * lifted * tasks;
        break;
    case SURETY_COST_PER_REQUEST:
        *allowed = (1 - t->share) * answers;
        return answers;
    case SURETY_COST_PER_MONTH:
        *allowed = t->limit * lifted * plan->months[w];
        break;
    default:
        *allowed = (1 + t->limit) * lifted * expected;
    }
    return *allowed;
}

static bool misses(const struct surety_walk *walk, const struct surety_plan_cost_target *t, size_t w)
{
    double spent, allowed;
    const double of = surety_walk_cost_spent(walk, t, w, &spent, &allowed);
    return spent > allowed + 1e-12 * of; // sums of doubles: no miss by their last bits
}

// The provider's reserved units in this architecture; NULL: none.
static const struct surety_reserved_account *account_of(const struct surety_walk *walk, uint32_t provider)
{
    const uint32_t r = walk->plan->providers[provider].reserved;
    return walk->reserves_any && r != SURETY_NOT_RESERVED && walk->reserves[r] ? &walk->ledger.reserved.accounts[r]
                                                                               : NULL;
}

// What the tokens cost in a window that did not fit into the provider's units, which the architecture has.
static double overflow_cost(const struct surety_walk *walk, uint32_t provider, size_t w)
{
    const struct surety_plan *plan = walk->plan;
    const struct surety_plan_reserved *reserved = &plan->reserved[plan->providers[provider].reserved];
    double cost = 0;
    for (size_t d = 0; d < plan->n_demands && !reserved->rejects; d++)
        cost += account_of(walk, provider)->over_priced[w * plan->n_demands + d] * reserved->token_cost[d];
    return cost;
}

// What the provider gives back of the bills of each window, by its own SLA.
static void recover(struct surety_walk *walk, uint32_t provider)
{
    struct surety_walk_cost *c = walk->cost;
    const struct surety_plan *plan = c->plan;
    const struct surety_plan_provider_sla *sla = &plan->providers[provider].sla;
    const size_t n = plan->n_demands;
    const struct surety_reserved_account *units = account_of(walk, provider);
    if (sla->credits.n_ladder == 0)
        return;
    for (size_t w = 0; w < plan->n_windows; w++) {
        double bill = 0;
        for (size_t d = 0; d < n; d++)
            bill += c->bills.cost[(w * plan->n_providers + provider) * n + d];
        if (units != NULL)
            bill += units->fee[w] + overflow_cost(walk, provider, w);
        const int64_t bill_micro = bill > 0 ? (int64_t)(bill * SURETY_MICRO + 0.5) : 0;
        if (bill_micro == 0)
            continue;
        const struct surety_reading reading = {surety_provider_down_us(walk, provider, sla->down_at_ppb, w),
                                               plan->window_us[w + 1] - plan->window_us[w]};
        int64_t credit = surety_credit(&sla->credits, sla->availability_ppb, reading, bill_micro);
        if (credit > 0 && sla->credits.p_claimed < 1) {
            struct surety_rng rng = {walk->meters[0].key, sla->credits.claims_stream, (uint32_t)w,
                                     walk->meters[0].replication};
            credit = surety_rng_uniform(&rng) < sla->credits.p_claimed ? credit : 0;
        }
        c->recovered[w] += credit;
    }
}

void surety_walk_cost_close(struct surety_walk *walk)
{
    struct surety_walk_cost *c = walk->cost;
    const struct surety_plan *plan = c->plan;
    const size_t n_targets = plan->cost.n_targets;
    if (c->has_answers)
        surety_ledger_close(&c->answers);
    if (c->has_bills)
        surety_ledger_close(&c->bills);
    memset(c->missed, 0, plan->n_windows * plan->n_tiers * sizeof *c->missed);
    memset(c->recovered, 0, plan->n_windows * sizeof *c->recovered);
    surety_walk_raise(walk);
    for (size_t w = 0; w < plan->n_windows; w++)
        for (size_t i = 0; i < n_targets; i++) {
            const bool missed = misses(walk, &plan->cost.targets[i], w);
            c->target_missed[w * n_targets + i] = missed;
            bool *tier = &c->missed[w * plan->n_tiers + plan->cost.targets[i].tier];
            *tier = *tier || missed;
        }
    for (uint32_t p = 0; c->has_bills && p < plan->n_providers; p++)
        recover(walk, p);
}
