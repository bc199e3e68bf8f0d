// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/portfolio.h"

#include "sim/engine/summary_money.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TAIL 0.05

static int rising(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// Nearest rank of sorted values.
static double quantile(const double *sorted, size_t n, double q)
{
    const size_t rank = (size_t)ceil(q * (double)n * (1 - 0x1p-51));
    return sorted[rank > 0 ? rank - 1 : 0];
}

// Mean of the largest TAIL of sorted values; the value at the edge counts in part.
static double tail_mean(const double *sorted, size_t n)
{
    const double n_tail = TAIL * (double)n;
    double left = n_tail, sum = 0;
    for (size_t i = n; i-- > 0 && left > 0; left -= 1)
        sum += sorted[i] * fmin(1, left);
    return sum / n_tail;
}

// The sums of the contracts' credits in each term, without contract `without`, sorted.
static void add_up(const struct surety_portfolio *p, size_t without, double *sums)
{
    memset(sums, 0, p->n_replications * sizeof *sums);
    for (size_t i = 0; i < p->n_contracts; i++)
        for (uint64_t r = 0; i != without && r < p->n_replications; r++)
            sums[r] += p->contracts[i].credits[r];
    qsort(sums, p->n_replications, sizeof *sums, rising);
}

// The point of the curve at a rank, unless it is there already.
static void add_point(struct surety_portfolio *p, const double *sorted, size_t rank)
{
    const size_t n = p->n_replications;
    if ((p->n_exceedance > 0 && p->exceedance[p->n_exceedance - 1].x == sorted[rank]) ||
        p->n_exceedance == SURETY_PORTFOLIO_POINTS)
        return;
    size_t last = rank;
    while (last + 1 < n && sorted[last + 1] == sorted[rank])
        last++;
    p->exceedance[p->n_exceedance++] = (struct surety_exceedance){sorted[rank], (double)(n - 1 - last) / (double)n};
}

// Ranks a hundredth of the terms apart, and in the last hundredth ever closer: a curve is drawn on a logarithmic axis.
static void exceedance(struct surety_portfolio *p, const double *sorted)
{
    const size_t n = p->n_replications;
    for (size_t i = 0; i < 100; i++)
        add_point(p, sorted, (size_t)((double)i / 100 * (double)(n - 1)));
    for (size_t left = n / 100; left > 0; left -= left / 16 > 0 ? left / 16 : 1)
        add_point(p, sorted, n - 1 - left);
    add_point(p, sorted, n - 1);
}

static enum surety_err answer_one(struct surety_portfolio *p, struct surety_portfolio_contract *c,
                                  const struct surety_run_options *options, bool with_story, struct surety_diags *diags)
{
    enum surety_err err = surety_answer(c->scenario, c->plan, options, with_story, diags, &c->result);
    if (err != SURETY_OK)
        return err;
    c->credits = calloc(p->n_replications, sizeof *c->credits);
    if (c->credits == NULL)
        return SURETY_E_MEMORY;
    // The same worlds once more, keeping the credits of what is to be signed.
    const struct surety_credit_record record = {c->result->verdict.architecture, c->result->verdict.tier, c->credits};
    struct surety_run_options again = *options;
    struct surety_result *ignored;
    again.record = &record;
    again.progress = NULL;
    err = surety_run(c->scenario, c->plan, &again, diags, &ignored);
    if (err == SURETY_OK)
        surety_result_destroy(ignored);
    return err;
}

static enum surety_err sum_up(struct surety_portfolio *p)
{
    const size_t n = p->n_replications;
    double *sums = calloc(n, sizeof *sums), sum = 0, squared = 0;
    if (sums == NULL)
        return SURETY_E_MEMORY;
    add_up(p, SIZE_MAX, sums);
    for (size_t r = 0; r < n; r++) {
        sum += sums[r];
        squared += sums[r] * sums[r];
    }
    p->credits = surety_summary_mean(sum, squared, (double)n);
    p->quantiles = (struct surety_quantiles){quantile(sums, n, 0.01), quantile(sums, n, 0.05), quantile(sums, n, 0.5),
                                             quantile(sums, n, 0.95), quantile(sums, n, 0.99)};
    p->cvar95 = tail_mean(sums, n);
    exceedance(p, sums);
    for (size_t i = 0; i < p->n_contracts; i++) {
        struct surety_portfolio_contract *c = &p->contracts[i];
        add_up(p, i, sums);
        c->adds_cvar95 = p->cvar95 - tail_mean(sums, n);
        memcpy(sums, c->credits, n * sizeof *sums);
        qsort(sums, n, sizeof *sums, rising);
        c->credits_cvar95 = tail_mean(sums, n);
        p->sum_of_cvar95 += c->credits_cvar95;
        for (size_t r = 0; r < n; r++)
            c->credits_mean += c->credits[r] / (double)n;
    }
    free(sums);
    return SURETY_OK;
}

enum surety_err surety_portfolio_read(const struct surety_registry *registry, const struct surety_scenario *scenario,
                                      const struct surety_override *overrides, size_t n_overrides,
                                      struct surety_diags *diags, struct surety_portfolio *portfolio)
{
    enum surety_err err = SURETY_OK;
    portfolio->contracts = calloc(scenario->n_contract_names, sizeof *portfolio->contracts);
    if (portfolio->contracts == NULL)
        return SURETY_E_MEMORY;
    for (size_t i = 0; err == SURETY_OK && i < scenario->n_contract_names; i++) {
        struct surety_portfolio_contract *c = &portfolio->contracts[portfolio->n_contracts++];
        c->name = scenario->contract_names[i];
        err = surety_scenario_read_contract(registry, scenario->file, scenario->text, strlen(scenario->text), overrides,
                                            n_overrides, c->name, diags, &c->scenario);
        if (err == SURETY_OK)
            err = surety_plan_create(c->scenario, diags, &c->plan);
    }
    return err;
}

enum surety_err surety_portfolio_answer(struct surety_portfolio *portfolio, const struct surety_run_options *options,
                                        bool with_story, struct surety_diags *diags)
{
    struct surety_run_options fixed = *options;
    fixed.precision = 0; // every contract sees the same terms
    portfolio->n_replications = options->n_replications;
    for (size_t i = 0; i < portfolio->n_contracts; i++) {
        const enum surety_err err = answer_one(portfolio, &portfolio->contracts[i], &fixed, with_story, diags);
        if (err != SURETY_OK)
            return err;
    }
    portfolio->currency = portfolio->contracts[0].result->currency;
    return sum_up(portfolio);
}

void surety_portfolio_finish(struct surety_portfolio *portfolio)
{
    for (size_t i = 0; i < portfolio->n_contracts; i++) {
        surety_result_destroy(portfolio->contracts[i].result);
        surety_plan_destroy(portfolio->contracts[i].plan);
        surety_scenario_destroy(portfolio->contracts[i].scenario);
        free(portfolio->contracts[i].credits);
    }
    free(portfolio->contracts);
    *portfolio = (struct surety_portfolio){0};
}
