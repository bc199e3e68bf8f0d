// SPDX-License-Identifier: GPL-3.0-or-later
// Several contracts: on the same outages credits come together, on independent ones they add up by convolution.
#include "tests/stat/worlds.h"

#include "models/registry.h"
#include "sim/engine/portfolio.h"

#include <criterion/criterion.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// One contract on one provider: 10 % of 1000 for each of the term's two windows that misses 99.9 %, so a term's
// credits are 0, 100 or 200.
static const char contract[] =
    "surety: 1\n"
    "term: {start: 2027-01-01, months: 2}\n"
    "workloads: {w: {demand: 1/min}}\n"
    "providers: {%s: {outages: {x: {time_to_failure: %s, time_to_repair: 2h}}}}\n"
    "architectures: {alone: %s}\n"
    "contract: {fee: %s USD/month, window: 730h, availability: {measure: time}, tiers: {t: {availability: 99.9%%}}, "
    "credits: {ladder: [{below: target, credit: 10%%}]}}\n";

struct customer {
    const char *name, *provider, *time_to_failure, *fee;
};

static void add(struct surety_portfolio *p, const struct customer *customer)
{
    char text[1024];
    struct surety_portfolio_contract *c = &p->contracts[p->n_contracts++];
    struct surety_diags diags;
    surety_diags_init(&diags, "world.yaml");
    snprintf(text, sizeof text, contract, customer->provider, customer->time_to_failure, customer->provider,
             customer->fee);
    c->name = customer->name;
    cr_assert_eq(
        surety_scenario_read(surety_registry_get(), "world.yaml", text, strlen(text), NULL, 0, &diags, &c->scenario),
        SURETY_OK);
    cr_assert_eq(surety_plan_create(c->scenario, &diags, &c->plan), SURETY_OK);
    surety_diags_finish(&diags);
}

static void answer(struct surety_portfolio *p, const struct customer *customers, size_t n_customers, uint64_t n,
                   unsigned n_threads)
{
    gsl_set_error_handler_off();
    *p = (struct surety_portfolio){.contracts = calloc(n_customers, sizeof *p->contracts)};
    for (size_t i = 0; i < n_customers; i++)
        add(p, &customers[i]);
    struct surety_run_options options;
    struct surety_diags diags;
    surety_diags_init(&diags, "portfolio");
    surety_run_options_default(&options);
    options.n_replications = n;
    options.n_threads = n_threads;
    cr_assert_eq(surety_portfolio_answer(p, &options, false, &diags), SURETY_OK);
    surety_diags_finish(&diags);
}

// P(the sum > x) by the curve: its points are where the sum changes.
static double exceeds(const struct surety_portfolio *p, double x)
{
    double above = 1;
    for (size_t i = 0; i < p->n_exceedance && p->exceedance[i].x <= x; i++)
        above = p->exceedance[i].p;
    return above;
}

static const struct customer one = {"one", "a", "300h", "1000"}, same = {"same", "a", "300h", "1000"},
                             other = {"other", "b", "500h", "1000"};

Test(stat_portfolio, two_identical_contracts_are_twice_one)
{
    enum { N = 20000 };
    struct surety_portfolio single, both;
    answer(&single, &one, 1, N, 1);
    answer(&both, (struct customer[]){one, same}, 2, N, 2); // and threads change nothing
    cr_assert_gt(single.credits.mean, 0);
    cr_assert_float_eq(both.credits.mean, 2 * single.credits.mean, 1e-9);
    cr_assert_float_eq(both.credits.se, 2 * single.credits.se, 1e-9);
    cr_assert_float_eq(both.cvar95, 2 * single.cvar95, 1e-9);
    cr_assert_float_eq(both.sum_of_cvar95, both.cvar95, 1e-9); // nothing is diversified
    cr_assert_eq(both.quantiles.p50, 2 * single.quantiles.p50);
    cr_assert_eq(both.quantiles.p95, 2 * single.quantiles.p95);
    cr_assert_eq(both.quantiles.p99, 2 * single.quantiles.p99);
    cr_assert_eq(both.n_exceedance, single.n_exceedance);
    for (size_t i = 0; i < single.n_exceedance; i++) {
        cr_assert_eq(both.exceedance[i].x, 2 * single.exceedance[i].x);
        cr_assert_eq(both.exceedance[i].p, single.exceedance[i].p);
    }
    for (int i = 0; i < 2; i++) {
        cr_assert_float_eq(both.contracts[i].credits_mean, single.credits.mean, 1e-9);
        cr_assert_float_eq(both.contracts[i].credits_cvar95, single.cvar95, 1e-9);
        cr_assert_float_eq(both.contracts[i].adds_cvar95, single.cvar95, 1e-9);
    }
    // the same credits as in the contract's own result, which counts them in its books
    const struct surety_tier_result *t = &single.contracts[0].result->architectures[0].tiers[0];
    cr_assert_float_eq(single.credits.mean, t->credits_per_term.mean, 1e-9);
    cr_assert_float_eq(single.credits.se, t->credits_per_term.se, 1e-9);
    cr_assert_float_eq(single.cvar95, t->credits_cvar95, 1e-3 * t->credits_cvar95);
    surety_portfolio_finish(&single);
    surety_portfolio_finish(&both);
}

// Two providers of their own: P(sum > x) is the convolution of the single laws. 200,000 terms: s.e. at most 1.2e-3 with
// what the single laws' own errors add, finds 0.0145. The twin that must fail: the same contract twice.
Test(stat_portfolio, independent_providers_convolve)
{
    enum { N = 200000 };
    struct surety_portfolio p;
    answer(&p, (struct customer[]){one, other}, 2, N, 1);
    double law[2][3] = {{0}};
    for (int c = 0; c < 2; c++)
        for (uint64_t r = 0; r < N; r++)
            law[c][(int)(p.contracts[c].credits[r] / 100 + 0.5)] += 1.0 / N;
    for (int k = 0; k < 4; k++) { // P(sum > 100 k)
        double truth = 0;
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
                truth += i + j > k ? law[0][i] * law[1][j] : 0;
        // the single laws come from the same terms; the binomial s.e. is above that of the difference
        char what[32];
        snprintf(what, sizeof what, "P(> %d)", 100 * k);
        holds_share(what, exceeds(&p, 100 * k + 1), N, truth, 0.0145);
    }
    cr_assert_eq(exceeds(&p, 400), 0);
    cr_assert_lt(p.cvar95, p.sum_of_cvar95 + 1e-9); // a tail mean is at most the sum of tail means
    cr_assert_float_eq(p.credits.mean, p.contracts[0].credits_mean + p.contracts[1].credits_mean, 1e-9);
    surety_portfolio_finish(&p);

    double twice = 0; // the twin
    answer(&p, (struct customer[]){one, same}, 2, N, 1);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            twice += i + j > 1 ? law[0][i] * law[0][j] : 0;
    const double got = exceeds(&p, 101);
    cr_assert(!within(got, twice, sqrt(twice * (1 - twice) / N)), "got %g, convolution %g", got, twice);
    surety_portfolio_finish(&p);
}

// Unequal fees: what each adds to the tail sums to the whole only if nothing is diversified; a contract without fee
// has no credits and adds nothing.
Test(stat_portfolio, what_a_contract_adds)
{
    enum { N = 20000 };
    static const struct customer large = {"large", "a", "300h", "9000"};
    struct surety_portfolio p;
    answer(&p, (struct customer[]){large, other}, 2, N, 1);
    cr_assert_float_eq(p.contracts[0].adds_cvar95, p.cvar95 - p.contracts[1].credits_cvar95, 1e-9);
    cr_assert_float_eq(p.contracts[1].adds_cvar95, p.cvar95 - p.contracts[0].credits_cvar95, 1e-9);
    cr_assert(p.contracts[1].adds_cvar95 > 0 && p.contracts[1].adds_cvar95 <= p.contracts[1].credits_cvar95);
    // a hand-made sum
    double sum = 0, worst = 0;
    for (uint64_t r = 0; r < N; r++) {
        const double term = p.contracts[0].credits[r] + p.contracts[1].credits[r];
        sum += term;
        worst = term > worst ? term : worst;
    }
    cr_assert_float_eq(p.credits.mean, sum / N, 1e-9);
    cr_assert_eq(p.exceedance[p.n_exceedance - 1].x, worst);
    cr_assert_eq(p.exceedance[p.n_exceedance - 1].p, 0);
    surety_portfolio_finish(&p);
}
