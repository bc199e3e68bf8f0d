// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/walk_prices.h"

#include "sim/engine/walk_cost.h"

#include <math.h>

// --- measuring -------------------------------------------------------------------------------------------------

// Runs at 0, every_us, 2 every_us, ... in [a, b).
static double n_runs(int64_t every_us, int64_t a_us, int64_t b_us)
{
    if (every_us == SURETY_NEVER)
        return 0;
    return (double)((b_us + every_us - 1) / every_us - (a_us + every_us - 1) / every_us);
}

// A request of the workload that the provider answers beyond what its units carry, at the start's prices.
static double on_demand(const struct surety_plan *plan, size_t provider, size_t demand)
{
    const uint32_t r = plan->n_reserved > 0 ? plan->providers[provider].reserved : SURETY_NOT_RESERVED;
    return plan->demands[demand].cost_per_request[provider] +
           (r != SURETY_NOT_RESERVED && !plan->reserved[r].rejects ? plan->reserved[r].token_cost[demand] : 0);
}

static bool has_provider(const struct surety_walk *walk, size_t provider)
{
    return walk->first_leaf[provider] < walk->first_leaf[provider + 1];
}

static size_t payer(const struct surety_plan_suite *suite)
{
    return suite->demand != UINT32_MAX ? suite->demand : 0;
}

// What the evals of models at the provider cost in [a, b); they are on the first workload's bill.
static double evals(const struct surety_walk *walk, size_t provider, size_t demand, int64_t a_us, int64_t b_us)
{
    const struct surety_plan *plan = walk->plan;
    double cost = 0;
    for (size_t i = 0; i < plan->quality.n_changes && demand == 0; i++) {
        const struct surety_plan_model_changes *c = &plan->quality.changes[i];
        if (c->has_evals && c->provider == provider && has_provider(walk, provider))
            cost += n_runs(c->every_us, a_us, b_us) * (double)c->n_cases * on_demand(plan, provider, 0);
    }
    return cost;
}

// Cases of suites in [a, b) that are billed as requests of the workload.
static double cases(const struct surety_plan *plan, size_t demand, int64_t a_us, int64_t b_us)
{
    double n = 0;
    for (size_t s = 0; s < plan->quality.n_suites; s++) {
        const struct surety_plan_suite *suite = &plan->quality.suites[s];
        if (payer(suite) == demand && isnan(suite->per_case))
            n += n_runs(suite->every_us, a_us, b_us) * (double)suite->n_checks * (double)suite->n_cases;
    }
    return n;
}

// Cases with a price of their own, and probes.
static double priced_apart(const struct surety_plan *plan, size_t demand, int64_t a_us, int64_t b_us)
{
    double cost = 0;
    for (size_t s = 0; s < plan->quality.n_suites; s++) {
        const struct surety_plan_suite *suite = &plan->quality.suites[s];
        if (payer(suite) == demand && !isnan(suite->per_case))
            cost += n_runs(suite->every_us, a_us, b_us) * (double)suite->n_checks * (double)suite->n_cases *
                    suite->per_case;
    }
    if (demand == 0 && plan->price_per_probe > 0)
        cost += (double)(b_us - a_us) / (double)plan->measures.interval_us * (double)plan->measures.sites *
                plan->price_per_probe;
    return cost;
}

void surety_walk_add_measuring(struct surety_walk *walk)
{
    const struct surety_plan *plan = walk->plan;
    struct surety_ledger *ledger = &walk->ledger;
    for (size_t d = 0; d < plan->n_demands; d++) {
        double per_case = ledger->normal[d];
        for (size_t r = 0; walk->reserves_any && r < plan->n_reserved; r++)
            if (!plan->reserved[r].rejects)
                per_case += ledger->normal[ledger->n_rows + r] * plan->reserved[r].token_cost[d];
        for (size_t w = 0; w < plan->n_windows; w++) {
            const int64_t a_us = plan->window_us[w], b_us = plan->window_us[w + 1];
            double cost = priced_apart(plan, d, a_us, b_us) + cases(plan, d, a_us, b_us) * per_case;
            for (size_t p = 0; p < plan->n_providers; p++)
                cost += evals(walk, p, d, a_us, b_us);
            ledger->all[w * plan->n_demands + d] += cost;
        }
    }
}

// --- prices that change ----------------------------------------------------------------------------------------

// A price of a provider: on demand (term_us 0), or of units, which is agreed until their term is over.
struct price {
    uint32_t provider;
    int64_t term_us;
    enum surety_prices prices;
};

static int64_t counts_from(const struct price *price, const struct surety_price_event *event)
{
    const int64_t at_us = price->prices == SURETY_PRICES_BILLED ? event->at_us : event->passed_us;
    if (price->term_us == 0 || at_us == SURETY_NEVER)
        return at_us;
    const int64_t renewed_us = (event->at_us + price->term_us - 1) / price->term_us * price->term_us;
    return renewed_us > at_us ? renewed_us : at_us;
}

// The factor on the price at a_us; *until_us, the end of what is looked at, moves up to where it holds.
static double factor_at(const struct surety_walk_cost *c, const struct price *price, int64_t a_us, int64_t *until_us)
{
    double factor = 1;
    for (size_t i = 0; i < c->n_events; i++) {
        if (c->events[i].provider != price->provider)
            continue;
        const int64_t from_us = counts_from(price, &c->events[i]);
        if (from_us <= a_us)
            factor *= c->events[i].factor;
        else if (from_us < *until_us)
            *until_us = from_us;
    }
    return factor;
}

// What requests and their measuring cost at the provider in [a, b) when everything works, at the start's prices; of what
// is billed only the measuring, for the ledger has the requests.
static double amount(struct surety_walk *walk, const struct price *price, size_t w, size_t d, int64_t a_us,
                     int64_t b_us)
{
    const struct surety_plan *plan = walk->plan;
    const uint32_t p = price->provider;
    const double answered = walk->cost->answered_normal[p];
    double cost = cases(plan, d, a_us, b_us) * answered * on_demand(plan, p, d) + evals(walk, p, d, a_us, b_us);
    if (price->prices == SURETY_PRICES_BILLED)
        return cost;
    cost += answered * plan->demands[d].cost_per_request[p] * surety_demand_of(plan, d, w, a_us, b_us);
    const uint32_t r = walk->reserves_any ? plan->providers[p].reserved : SURETY_NOT_RESERVED;
    if (r == SURETY_NOT_RESERVED || !walk->reserves[r] || plan->reserved[r].rejects)
        return cost;
    struct surety_reserved_books *books = &walk->ledger.reserved;
    if (!surety_reserved_books_normal(books, r, w, a_us, b_us, books->over)) {
        walk->err = SURETY_E_MEMORY;
        return cost;
    }
    return cost + books->over[d] * plan->reserved[r].token_cost[d];
}

static double raised_on_demand(struct surety_walk *walk, uint32_t provider, size_t w, size_t d,
                               enum surety_prices prices)
{
    const int64_t end_us = walk->plan->window_us[w + 1];
    const struct price price = {provider, 0, prices};
    double more = 0;
    for (int64_t a_us = walk->plan->window_us[w], b_us; a_us < end_us; a_us = b_us) {
        b_us = end_us;
        const double factor = factor_at(walk->cost, &price, a_us, &b_us);
        if (factor != 1)
            more += (factor - 1) * amount(walk, &price, w, d, a_us, b_us);
    }
    return more;
}

static double raised_fee(const struct surety_walk *walk, size_t r, size_t w, size_t d, enum surety_prices prices)
{
    const struct surety_plan_reserved *reserved = &walk->plan->reserved[r];
    const int64_t start_us = walk->plan->window_us[w], end_us = walk->plan->window_us[w + 1];
    const struct price price = {reserved->provider, reserved->term_us, prices};
    double more = 0;
    for (int64_t a_us = start_us, b_us; a_us < end_us; a_us = b_us) {
        b_us = end_us;
        const double factor = factor_at(walk->cost, &price, a_us, &b_us);
        more += (factor - 1) * (double)(b_us - a_us);
    }
    return more / (double)(end_us - start_us) * reserved->fee_of[w * walk->plan->n_demands + d];
}

double surety_walk_raised(struct surety_walk *walk, size_t w, size_t d, enum surety_prices prices)
{
    double more = 0;
    for (uint32_t p = 0; p < walk->plan->n_providers; p++)
        more += raised_on_demand(walk, p, w, d, prices);
    for (size_t r = 0; walk->reserves_any && r < walk->plan->n_reserved; r++)
        if (walk->reserves[r])
            more += raised_fee(walk, r, w, d, prices);
    return more;
}

void surety_walk_raise(struct surety_walk *walk)
{
    const struct surety_plan *plan = walk->plan;
    if (walk->cost->n_events == 0)
        return;
    for (size_t w = 0; w < plan->n_windows; w++)
        for (size_t d = 0; d < plan->n_demands; d++) {
            walk->ledger.cost[w * plan->n_demands + d] += surety_walk_raised(walk, w, d, SURETY_PRICES_BILLED);
            for (size_t r = 0; walk->reserves_any && r < plan->n_reserved; r++)
                if (walk->reserves[r])
                    walk->ledger.reserved.accounts[r].fee[w] += raised_fee(walk, r, w, d, SURETY_PRICES_BILLED);
        }
}
